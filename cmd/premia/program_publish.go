package main

import (
	"fmt"
	"time"

	"premia/internal/app"
	"premia/internal/core/calendar"
)

// programPublish makes a document a workspace's program.
type programPublish struct {
	DB      string `name:"db" required:"" help:"The workspace's database: sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE."`
	From    string `help:"From when the program is live, now if not said: 2026-01-31T12:00:00Z."`
	Comment string `help:"What changes and why, for whoever reads the versions."`
	File    string `arg:"" name:"file" help:"The document; - reads standard input."`
}

// Run checks the document, runs its scenarios and publishes it as the next
// version. Servers on the database take it up with their next event.
func (c *programPublish) Run(t *terminal) error {
	src, err := t.read(c.File)
	if err != nil {
		return err
	}
	name := c.File
	if name == standardInput {
		name = shownInput
	}
	if _, err := app.CheckDocument(name, src); err != nil {
		return t.mistakes(err)
	}
	from := calendar.None
	if c.From != "" {
		at, err := time.Parse(time.RFC3339Nano, c.From)
		if err != nil {
			return usagef("--from %q is no moment: write 2026-01-31T12:00:00Z", c.From)
		}
		from = calendar.Of(at)
	}
	return withApp(t, c.DB, func(a *app.App) error {
		published, err := a.Publish(t.ctx, src, from, c.Comment)
		if err != nil {
			return t.mistakes(err)
		}
		words := "Published as version %d, live from %s.\n"
		if published.Unchanged {
			words = "Version %d is this very document already; it is live at %s.\n"
		}
		_, err = fmt.Fprintf(t.out, words, published.Version, published.LiveFrom)
		return err
	})
}
