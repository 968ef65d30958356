package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"time"

	"premia/internal/api"
	"premia/internal/app"
	"premia/internal/channel/webhook"
	"premia/internal/journal"
	"premia/internal/outbound"
	"premia/internal/store"
	"premia/internal/web"
)

// serveCommand runs the server.
type serveCommand struct {
	DB            string         `name:"db" default:"sqlite:premia.db" help:"The workspace's database: sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE (${default})."`
	Listen        string         `default:"localhost:8080" help:"Where to listen: HOST:PORT (${default})."`
	Migrate       bool           `help:"Bring the database to this version first. A SQLite file that is not there is created without it."`
	OldestEvent   time.Duration  `default:"8784h" help:"How far back the time of an event that is sent may lie (${default}); 0 is without a bound."`
	RateLimit     int            `default:"600000" help:"How many requests a key may make in a minute (${default})."`
	SweepEvery    time.Duration  `default:"1m" help:"How often time passes for members to whom nothing else happens (${default})."`
	Heads         string         `help:"Sign the journal's heads into this file every day, with the key in HEADS.key, made at first use; premia verify --heads compares. Keep both outside the database."`
	Backups       string         `help:"Copy a SQLite database into this folder, again and again."`
	BackupEvery   time.Duration  `default:"24h" help:"How often the database is copied (${default})."`
	BackupKeep    int            `default:"14" help:"How many copies are kept (${default})."`
	Sandbox       bool           `help:"Make an empty workspace a sandbox, whose clock can be moved, for good."`
	TLS           tlsOptions     `embed:"" prefix:"tls-"`
	Secrets       secretsOptions `embed:""`
	Access        accessOptions  `embed:""`
	LogJSON       bool           `name:"log-json" help:"Log as JSON, for machines."`
	OutboundAllow []string       `name:"outbound-allow" help:"Networks that webhooks and postbacks may reach although they are not public, such as 10.1.0.0/16; in them http is good enough, too."`
	WebhookLog    time.Duration  `name:"webhook-log" default:"720h" help:"How long the log keeps deliveries of webhooks that ended (${default})."`
	TakeOver      time.Duration  `name:"webhook-takeover" default:"1m" help:"How long a server that sends to a receiver of webhooks may say nothing before this one goes on in its place (${default}); 20s or more."`
	DrainSeconds  int            `default:"20" help:"How long requests under way may take when the server stops (${default})."`
}

// collectAt is how much the heap of a server may grow before garbage is
// collected, in percent of what is in use. A server holds little and makes much
// that is soon garbage: at Go's own 100 a seventh of the processor's time under
// full load went into collecting. GOGC in the environment says otherwise.
const collectAt = 400

// figuresEvery is how often the figures of the console are added up.
const figuresEvery = 3 * time.Second

// Run serves until the command is interrupted.
func (c *serveCommand) Run(t *terminal) error {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(collectAt)
	}
	if c.SweepEvery <= 0 {
		return usagef("time must pass after some time: --sweep-every %s", c.SweepEvery)
	}
	if c.TakeOver < webhook.LeastTakeOver {
		return usagef("--webhook-takeover: %s is too short, since a request that another server began may still be under way; write %s or more", c.TakeOver, webhook.LeastTakeOver)
	}
	policy, err := outbound.ParsePolicy(c.OutboundAllow)
	if err != nil {
		return usagef("--outbound-allow: %v", err)
	}
	log := c.logger(t)
	listener, err := c.TLS.listen(t.ctx, c.Listen, log)
	if err != nil {
		return err
	}
	metrics := api.NewMetrics()
	config := app.Config{DB: c.DB, Migrate: c.Migrate || startsAnew(c.DB), Logger: log, Observer: metrics, OldestEvent: c.OldestEvent, Words: wordsShown(), Outbound: &policy}
	senders, err := c.Access.senders(policy)
	if err = errors.Join(err, c.Access.fill(&config, urlOf(c.TLS.on(), listener.Addr(), c.Listen))); err != nil {
		return errors.Join(err, listener.Close())
	}
	config.Channels, config.Secrets = slices.Sorted(maps.Keys(senders)), c.Secrets.config(true)
	a, err := app.Open(t.ctx, config)
	if err != nil {
		return errors.Join(c.openProblem(err), listener.Close())
	}
	if !a.Sealing() && a.SecretsErr() == nil {
		log.Warn("secrets in the database are not sealed, so that a backup gives them away; write a key into a file and name it by --secrets-key-file")
	}
	heads, err := c.prepare(t.ctx, a)
	if err != nil {
		return errors.Join(err, a.Close(), listener.Close())
	}
	client := outbound.New(policy)
	defer client.Close()
	s := &server{app: a, hooks: webhook.New(a, webhook.Options{Client: client, Logger: log, Observer: metrics, Retention: c.WebhookLog, TakeOver: c.TakeOver}), log: log, listener: listener, certificates: c.TLS.certificates, metrics: metrics, perMinute: c.RateLimit, sweepEvery: c.SweepEvery, heads: heads, secure: c.TLS.on() || c.Access.secure(), access: &c.Access, senders: senders, drain: time.Duration(c.DrainSeconds) * time.Second}
	if err := errors.Join(a.Serves(t.ctx), c.backUp(t.ctx, a, s), offerOwner(t.ctx, t, a)); err != nil {
		return errors.Join(err, a.Close(), listener.Close())
	}
	return errors.Join(s.run(t.ctx), a.Close())
}

// prepare makes the workspace a sandbox if that is wanted, and begins to sign heads.
func (c *serveCommand) prepare(ctx context.Context, a *app.App) (*app.Heads, error) {
	if c.Sandbox {
		if err := a.MakeSandbox(ctx); err != nil {
			return nil, err
		}
	}
	return startHeads(ctx, a, c.Heads)
}

// startsAnew tells whether the database is a SQLite file that is not there: a first start,
// which needs no flag. A database of an older version is never changed unasked.
func startsAnew(db string) bool {
	path, ok := strings.CutPrefix(db, "sqlite:")
	if !ok {
		return false
	}
	_, err := os.Lstat(strings.TrimPrefix(path, "//"))
	return errors.Is(err, fs.ErrNotExist)
}

// backUp starts the scheduled backups, if there are to be any.
func (c *serveCommand) backUp(ctx context.Context, a *app.App, s *server) (err error) {
	if c.Backups != "" {
		s.backups, err = a.StartBackups(ctx, app.BackupPlan{Folder: c.Backups, Every: c.BackupEvery, Keep: c.BackupKeep})
	}
	return err
}

func (c *serveCommand) logger(t *terminal) *slog.Logger {
	if c.LogJSON {
		return slog.New(slog.NewJSONHandler(t.err, nil))
	}
	return slog.New(slog.NewTextHandler(t.err, nil))
}

// openProblem says what to do about a database that can't be served.
func (c *serveCommand) openProblem(err error) error {
	if errors.Is(err, store.ErrNotMigrated) && !c.Migrate {
		return fmt.Errorf("%w; or start the server with --migrate", err)
	}
	return err
}

// listen takes the address, and says clearly when somebody else has it.
func listen(ctx context.Context, address string) (net.Listener, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("another program listens on %s already; stop it, or choose another address with --listen", address)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("this user may not listen on %s; choose a port above 1023 with --listen", address)
	case err != nil:
		return nil, fmt.Errorf("listen on %s: %w; write HOST:PORT, such as localhost:8080", address, err)
	}
	return listener, nil
}

// server is a workspace that is being served.
type server struct {
	app       *app.App
	log       *slog.Logger
	listener  net.Listener
	metrics   *api.Metrics
	perMinute int
	drain     time.Duration
	// sweepEvery is how often time passes for members to whom nothing else happens.
	sweepEvery time.Duration
	// heads signs the journal's heads every day; nil if nothing does.
	heads *app.Heads
	// backups copies the database on a schedule; nil if nothing does.
	backups *app.Backups
	// demo shows everybody what messages would have been sent.
	demo bool
	// secure tells that the listener speaks TLS.
	secure bool
	// certificates gives those that visitors are shown; nil without TLS.
	certificates func() []app.Certificate
	// hooks sends webhooks; nil if nothing does.
	hooks *webhook.Sender
	// access says who is believed about where requests come from; nil is nobody.
	access *accessOptions
	// senders send the messages of the outbox; channels without one keep theirs.
	senders map[string]app.Sender
	// ready is called when the server takes requests; nil does nothing.
	ready func()
}

func (s *server) scheme() string {
	if s.secure {
		return "https://"
	}
	return "http://"
}

// background starts what goes on beside requests; stop ends it.
func (s *server) background(ctx context.Context) (sweeper *journal.Sweeper, stop func()) {
	feeds := []*journal.Feed{
		s.app.Journal.Subscribe(ctx, journal.FollowUps{Journal: s.app.Journal}),
		s.app.Journal.Subscribe(ctx, app.PersonalMoves{App: s.app}),
		s.app.Journal.Subscribe(ctx, app.Postbacks{App: s.app}),
	}
	sweeper = s.app.Journal.StartSweeper(ctx, s.sweepEvery)
	days := s.app.StartDays(ctx, s.sweepEvery)
	retaining := s.app.StartRetention(ctx, s.sweepEvery)
	endings := s.app.StartEndings(ctx, s.sweepEvery)
	draws := s.app.StartDraws(ctx, s.sweepEvery)
	s.app.Watch(app.Watched{Sweeper: sweeper, Backups: s.backups, Certificates: s.certificates, Sends: !s.demo})
	figures := s.app.StartFigures(ctx, figuresEvery)
	if s.hooks != nil {
		s.hooks.Start(ctx)
	}
	outbox := s.app.StartOutbox(ctx, s.senders)
	return sweeper, func() {
		figures.Stop()
		outbox.Stop()
		if s.hooks != nil {
			s.hooks.Stop()
		}
		draws.Stop()
		endings.Stop()
		retaining.Stop()
		days.Stop()
		sweeper.Stop()
		if s.heads != nil {
			s.heads.Stop()
		}
		if s.backups != nil {
			s.backups.Stop()
		}
		for _, f := range feeds {
			f.Stop()
		}
	}
}

// run serves until ctx ends, and then lets the requests under way finish.
func (s *server) run(ctx context.Context) error {
	sweeper, stop := s.background(ctx)
	defer stop()
	answers := api.New(api.Config{App: s.app, Metrics: s.metrics, Sweeper: sweeper, PerMinute: s.perMinute, Version: strings.TrimPrefix(version(), "premia ")})
	site, err := web.New(web.Config{App: s.app, Costs: costOf(s.app.Store), API: answers, Gate: web.Gate{App: s.app, Secure: s.secure}, Log: s.log, Demo: s.demo, Secure: s.secure, Bounds: web.Bounds()})
	if err != nil {
		return err
	}
	handler, err := cmp.Or(s.access, &accessOptions{}).behind(site)
	if err != nil {
		return err
	}
	served := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
	}
	ended := make(chan error, 1)
	go func() { ended <- served.Serve(s.listener) }()
	s.log.Info("premia serves", "address", s.scheme()+s.listener.Addr().String(), "database", s.app.Store.Dialect())
	if s.ready != nil {
		s.ready()
	}
	select {
	case err := <-ended:
		return fmt.Errorf("the server ended: %w", err)
	case <-ctx.Done():
	}
	s.log.Info("premia stops", "drain", s.drain.String())
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.drain)
	defer cancel()
	if err := served.Shutdown(stopping); err != nil {
		return errors.Join(fmt.Errorf("some requests did not finish within %s: %w", s.drain, err), served.Close())
	}
	return nil
}
