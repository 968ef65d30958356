package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"premia/internal/api"
	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/demo"
	"premia/internal/store"
)

// demoCommand shows Premia on a coffee chain's year.
type demoCommand struct {
	Listen string `default:"localhost:8080" help:"The address to listen on (${default})."`
	DB     string `name:"db" env:"PREMIA_DEMO_DB" default:"demo/demo.db" help:"The SQLite file that holds the demo; created where there is none (${default})."`
	Fresh  bool   `help:"Throw the demo that is there away and make a new one, whose year ends yesterday."`
}

// keyFile holds the demo's API key, beside its database.
const keyFile = "apikey.txt"

// Run fills the demo's workspace, if that was not done before, and serves it.
func (c *demoCommand) Run(t *terminal) error {
	path := strings.TrimPrefix(strings.TrimPrefix(c.DB, "sqlite:"), "//")
	if strings.HasPrefix(path, "postgres:") || strings.HasPrefix(path, "postgresql:") {
		return usagef("the demo lives in a SQLite file; name one with --db, such as demo/demo.db")
	}
	listener, err := listen(t.ctx, c.Listen)
	if err != nil {
		return err
	}
	defer listener.Close()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("make the demo's folder: %w", err)
	}
	if c.Fresh {
		if err := throwAway(t.ctx, path); err != nil {
			return err
		}
	}
	log, metrics := slog.New(slog.NewTextHandler(t.err, &slog.HandlerOptions{Level: slog.LevelWarn})), api.NewMetrics()
	a, err := app.Open(t.ctx, app.Config{
		DB: "sqlite:" + path, Migrate: true, OneWriter: true, URL: urlOf(false, listener.Addr(), c.Listen), Logger: log, Observer: metrics, Words: wordsShown(),
		Channels: []string{app.EmailChannel, app.SMSChannel}, Secrets: app.SecretsConfig{Create: true},
	})
	if err != nil {
		return err
	}
	s := &server{app: a, demo: true, log: log, listener: listener, metrics: metrics, sweepEvery: demoSweep, drain: demoDrain}
	return errors.Join(serveDemo(t, s, path, c.Listen), a.Close())
}

// How long requests under way may take when the demo stops, and how often time
// passes for its members.
const (
	demoDrain = 5 * time.Second
	demoSweep = time.Minute
)

// serveDemo fills the workspace, makes sure of a key, and serves.
func serveDemo(t *terminal, s *server, path, listen string) error {
	filled, err := fillDemo(t, s.app)
	if errors.Is(err, demo.ErrNotDemo) {
		return usagef("%s: %v with --db", path, err)
	}
	if err != nil {
		return err
	}
	file := filepath.Join(filepath.Dir(path), keyFile)
	secret, err := demoKey(t.ctx, s.app, file)
	if err != nil {
		return err
	}
	s.ready = func() {
		if err := offerOwner(t.ctx, t, s.app); err != nil {
			s.log.Error("the link for the owner could not be made", "error", err)
		}
		welcome(t, filled, urlOf(false, s.listener.Addr(), listen), secret, file)
	}
	return s.run(t.ctx)
}

// urlOf says where the server is, by the host that it was told to listen on.
func urlOf(secure bool, at net.Addr, listen string) string {
	scheme := "http://"
	if secure {
		scheme = "https://"
	}
	host, _, err := net.SplitHostPort(listen)
	_, port, portErr := net.SplitHostPort(at.String())
	if errors.Join(err, portErr) != nil {
		return scheme + at.String()
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return scheme + net.JoinHostPort(host, port)
}

// throwAway deletes a demo, and nothing else.
func throwAway(ctx context.Context, path string) error {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	s, err := store.Open(ctx, "sqlite:"+path, store.Options{ReadOnly: true})
	if err != nil {
		return fmt.Errorf("%w; if it is a demo that you don't need, delete the file", err)
	}
	ours, err := demo.IsDemo(ctx, s)
	if err := errors.Join(err, s.Close()); err != nil {
		return err
	}
	if !ours {
		return usagef("%s is no demo, and so it stays; name another file with --db", path)
	}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("delete the old demo: %w", err)
		}
	}
	return nil
}

// fillDemo fills the workspace under a bar.
func fillDemo(t *terminal, a *app.App) (demo.Filled, error) {
	bar := &demoProgress{t: t}
	filled, err := demo.Fill(t.ctx, a, bar.show)
	bar.end()
	if t.ctx.Err() != nil {
		return filled, errors.New("the demo was interrupted while it was made; the same command goes on from there")
	}
	return filled, err
}

// demoKey gives the demo's API key: the one in the file while it is good, and
// otherwise a new one.
func demoKey(ctx context.Context, a *app.App, file string) (string, error) {
	kept, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read the demo's API key: %w", err)
	}
	secret := strings.TrimSpace(string(kept))
	_, err = auth.NewKeeper(a.Store, time.Now).Check(ctx, secret)
	if err == nil {
		return secret, nil
	}
	if !errors.Is(err, auth.ErrNoKey) && !errors.Is(err, auth.ErrExpired) && !errors.Is(err, auth.ErrRevoked) {
		return "", err
	}
	if secret, _, err = a.CreateKey(ctx, "the demo", string(auth.Admin), 0); err != nil {
		return "", err
	}
	// A file of another mode keeps it when it is written over.
	if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("keep the demo's API key: %w", err)
	}
	if err := os.WriteFile(file, []byte(secret+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("keep the demo's API key: %w", err)
	}
	return secret, nil
}

// welcome says where to look.
func welcome(t *terminal, filled demo.Filled, url, secret, file string) {
	p := &printer{w: t.out}
	p.line("")
	p.line("Bean Club, a chain of four coffee bars, from %s to %s, is at", filled.First, filled.Until)
	p.line("")
	p.line("  %s          the members' pages", url)
	p.line("  %s/console  where the program is run, for whom the owner let in", url)
	p.line("  %s/till     the till", url)
	p.line("  %s/docs     the API's reference", url)
	p.line("")
	for _, s := range filled.Samples {
		if s.Email != "" {
			p.line("The first page is the members'. Sign in there as %s, and read the code that", s.Email)
			p.line("would have been sent at %s/demo/outbox.", url)
			p.line("")
			break
		}
	}
	p.line("The API key is in %s. Try:", file)
	p.line("")
	p.line("  export PREMIA_KEY=%s", secret)
	key, first := `-H "Authorization: Bearer $PREMIA_KEY"`, filled.Samples[0].Card
	p.line("  curl %s %s/v1/members/%s", key, url, first)
	p.line("  curl %s '%s/v1/members/%s/history?limit=3&lang=pl'", key, url, first)
	p.line("  curl %s '%s/v1/events?explain=en' --json '{\"type\": \"purchase\", \"member\": \"%s\", \"total\": \"64.00\"}'", key, url, first)
	p.line("")
	p.line("Members worth a look:")
	for _, s := range filled.Samples {
		p.line("  %s  %s, who %s", s.Card, s.Name, s.What)
	}
	p.line("")
	p.line("Ctrl-C stops it. What you do stays; --fresh begins anew.")
}

// demoProgress is a bar on a terminal and two lines elsewhere.
type demoProgress struct {
	t   *terminal
	bar *progressbar.ProgressBar
	at  int
}

func (p *demoProgress) show(done, total int) {
	if p.at == 0 {
		if f, ok := p.t.err.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
			p.bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(f), progressbar.OptionShowCount(),
				progressbar.OptionSetDescription("making a year"), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish())
		} else {
			fmt.Fprintf(p.t.err, "making a year of %d events …\n", total)
		}
	}
	if p.bar != nil && (done-p.at > total/500 || done == total) {
		// A bar that can't be drawn is no reason to stop.
		_ = p.bar.Set(done)
		p.at = done
	}
	p.at = max(p.at, 1)
}

func (p *demoProgress) end() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}
