// Package app is what people and programs can do with a workspace: one file for
// each use case, called by the API, the pages and the commands alike. It turns
// what came from outside, checked and without personal data, into requests to
// the journal, and what stands in the database into answers.
package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"premia/internal/auth"
	"premia/internal/core/engine"
	"premia/internal/core/program"
	"premia/internal/i18n"
	"premia/internal/journal"
	"premia/internal/outbound"
	"premia/internal/store"
)

// Config says which workspace to open and how.
type Config struct {
	// DB is "sqlite:PATH" or "postgres://…".
	DB string
	// Migrate brings the database to this version's schema first, and creates it
	// where there is none.
	Migrate bool
	// OneWriter decides events in the order of their arrival over all shards, as
	// an import must.
	OneWriter bool
	// Clock tells the time; nil is the machine's clock.
	Clock    func() time.Time
	Logger   *slog.Logger
	Observer journal.Observer
	// OldestEvent is how far back the time of an event that is sent may lie; 0 is
	// as far as events go at all. Imports are free of it.
	OldestEvent time.Duration
	// Words are further catalogues, those of an API or of pages.
	Words []fs.FS
	// URL is where browsers find the pages, such as https://loyalty.example.com; links
	// in messages begin with it. Where it is empty they begin with where the server was
	// last started, or, if it never was, with ElseURL.
	URL, ElseURL string
	// Channels are those by which messages can be sent: "email", "sms".
	Channels []string
	// TextsADay is how many text messages, which cost money, are sent in a day at most; 0
	// is [TextsADay].
	TextsADay int64
	// Provider is an identity provider that users may sign in with; nil for none.
	Provider *auth.ProviderConfig
	// Sessions bound the sessions of users; zero values are those of OWASP ASVS.
	Sessions SessionBounds
	// Secrets says where the key is by which secrets are sealed.
	Secrets SecretsConfig
	// Outbound says what may be called, so that addresses that never will be are refused
	// when they are written down; nil where that is not known, as for commands.
	Outbound *outbound.Policy
}

// SessionBounds say when sessions of users end by themselves.
type SessionBounds struct {
	// Idle is after how long without use, 30 minutes if zero; Longest is after how long
	// at most, 12 hours if zero.
	Idle, Longest time.Duration
}

// App is an open workspace. Its methods may be used by several goroutines.
type App struct {
	Store   *store.Store
	Journal *journal.Journal
	Log     *slog.Logger
	// Words say messages in each language.
	Words *i18n.Catalog

	oldest   time.Duration
	channels []string
	texts    int64 // how many text messages are sent in a day
	url      string
	hasher   *auth.Hasher
	provider *auth.Provider
	sessions SessionBounds
	outbound *outbound.Policy
	// outbox tells that a message waits, and background is work that goes on after its
	// request was answered.
	outbox     chan struct{}
	background sync.WaitGroup
	// appearance is how the workspace looks, as it was read last.
	appearance appearanceCache
	// pictured is which pictures there are, and drawing is held while one is drawn anew.
	pictured pictureCache
	drawing  sync.Mutex
	contests contestLog
	secrets  secrets
	clock    clock
	// glances keeps the newest figures and conditions; figuring tells that they are kept
	// fresh in the background. watched is what the server runs beside it.
	glances  glances
	figuring atomic.Bool
	watched  atomic.Pointer[Watched]
	facts    atomic.Pointer[programFacts]
	// prices has what was sold lately at list prices.
	prices missingPrices
	// folder of a SQLite database; empty on PostgreSQL.
	folder string
}

// Open opens a workspace. Close ends it.
func Open(ctx context.Context, c Config) (*App, error) {
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	words, err := i18n.Load(slices.Concat(program.Catalogs(), catalogs(), c.Words)...)
	if err != nil {
		return nil, fmt.Errorf("read the words: %w", err)
	}
	s, err := store.Open(ctx, c.DB, store.Options{Migrate: c.Migrate, Logger: c.Logger})
	if err != nil {
		return nil, err
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	a := &App{
		Store: s, Log: c.Logger, Words: words, oldest: c.OldestEvent, folder: folderOf(c.DB),
		channels: c.Channels, texts: cmp.Or(c.TextsADay, TextsADay), url: c.URL, hasher: auth.NewHasher(), sessions: c.Sessions, outbound: c.Outbound, outbox: make(chan struct{}, 1),
	}
	if a.url == "" {
		a.url = cmp.Or(servedAt(ctx, s), c.ElseURL)
	}
	a.clock.machine = c.Clock
	if err := a.clock.read(ctx, s); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	o := journal.Options{Clock: a.clock.now, Machine: c.Clock, Logger: c.Logger, Observer: c.Observer}
	if c.OneWriter {
		o.Writers = 1
	}
	if a.Journal, err = journal.Open(ctx, s, o); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if err := a.openSecrets(ctx, c.Secrets, c.DB); err != nil {
		return nil, errors.Join(err, a.Journal.Close(), s.Close())
	}
	if a.Sandbox() {
		a.clock.follow(a)
	}
	a.sessions.Idle = cmp.Or(a.sessions.Idle, sessionIdle)
	a.sessions.Longest = cmp.Or(a.sessions.Longest, sessionLongest)
	if c.Provider != nil {
		a.provider = auth.NewProvider(*c.Provider)
	}
	return a, nil
}

// servedSetting is where the server was last found by browsers.
const servedSetting = "served_at"

// servedAt gives where browsers found the server; empty if it never ran.
func servedAt(ctx context.Context, s *store.Store) string {
	at, err := s.Setting(ctx, servedSetting)
	if err != nil {
		return ""
	}
	return string(at)
}

// Serves keeps where browsers find the server, so that commands make links that lead there.
func (a *App) Serves(ctx context.Context) error {
	if servedAt(ctx, a.Store) == a.url {
		return nil
	}
	return a.Store.SetSetting(ctx, servedSetting, []byte(a.url))
}

// OnlyHere tells whether the links that Premia makes lead nowhere but on this machine.
func (a *App) OnlyHere() bool {
	u, err := url.Parse(a.url)
	if err != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}

// Close lets waiting events be decided and closes the database.
func (a *App) Close() error {
	a.clock.end()
	a.background.Wait()
	return errors.Join(a.Journal.Close(), a.Store.Close())
}

// folderOf gives the folder of a SQLite database.
func folderOf(db string) string {
	path, ok := strings.CutPrefix(db, "sqlite:")
	if !ok {
		return ""
	}
	return filepath.Dir(strings.TrimPrefix(path, "//"))
}

// program gives the program that is in force now; nil if none was published.
func (a *App) program() *engine.Program {
	rules := a.Journal.Rules()
	if rules.Newest == 0 {
		return nil
	}
	return rules.Timeline.At(a.Journal.Now())
}
