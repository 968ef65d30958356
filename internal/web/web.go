// Package web is what people see: the console for those who run a program, the
// portal for members, the till for cashiers. It owns no rules; its pages call
// package app, as the API does.
package web

import (
	"context"
	"io/fs"
	"log/slog"
	"time"

	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/web/access"
	"premia/internal/web/asset"
	"premia/internal/web/console"
	"premia/internal/web/docform"
	"premia/internal/web/page"
	"premia/internal/web/portal"
	"premia/internal/web/till"
)

// Config says how to serve a workspace's pages.
type Config struct {
	App *app.App
	// API answers programs; nil where there is none.
	API page.API
	// Gate says who visits.
	Gate page.Gate
	Log  *slog.Logger
	// Costs replays drafts of the program over the history; nil where nothing can.
	Costs console.CostOf
	// Demo shows everybody what messages would have been sent.
	Demo bool
	// Secure tells that visitors come by TLS only.
	Secure bool
	// PerMinute is how much a network address may send within a minute without being
	// signed in; 0 is 300.
	PerMinute int
	// Unaudited hears of a request that did something and left no row in the audit trail,
	// and of routes that do not declare what they leave; nil logs it.
	Unaudited func(pattern string)
	// Bounds are how often one visitor may ask for pages; a server gives [Bounds], nil is
	// without. Clock tells the time for them; nil is the machine's.
	Bounds map[string]page.Bound
	Clock  func() time.Time
}

// New makes the site.
func New(c Config) (*page.Site, error) {
	files, err := asset.Load(portal.Files())
	if err != nil {
		return nil, err
	}
	site := page.New(page.Config{
		Words: c.App.Words, Files: files, Log: c.Log, Gate: portal.Gate{
			Gate: till.Gate{Gate: c.Gate, App: c.App, Secure: c.Secure}, App: c.App, Secure: c.Secure,
		}, Secure: c.Secure,
		Acts: acts, Unaudited: c.Unaudited, PerMinute: c.PerMinute, Bounds: c.Bounds, Clock: c.Clock,
		Zone: func() *time.Location {
			if p := c.App.Program(); p != nil {
				return p.Zone
			}
			return time.UTC
		},
		Sandbox: func() calendar.Instant {
			if c.App.Sandbox() {
				return c.App.Journal.Now()
			}
			return calendar.None
		},
		Name: func(lang string) string { return c.App.Called(context.Background(), lang) },
	})
	console.Add(site, c.App).Costs(c.Costs)
	members := portal.Add(site, c.App)
	if c.Demo {
		members.Demo()
	}
	access.Add(site, c.App)
	till.Add(site, c.App)
	site.Else(c.API)
	for _, pattern := range site.Undeclared() {
		site.Unaudited(pattern)
	}
	return site, nil
}

// Words are the catalogues of all pages.
func Words() []fs.FS {
	return []fs.FS{page.Words(), docform.Catalog(), console.Words(), portal.Words(), access.Words(), till.Words()}
}
