package main

import (
	"errors"
	"time"

	"premia/internal/core/calendar"
	"premia/internal/insight/history"
	"premia/internal/journal"
	"premia/internal/store"
)

// reportCommand says what a workspace's program came to.
type reportCommand struct {
	DB      string `name:"db" required:"" help:"The workspace's database: sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE."`
	AsOf    string `name:"as-of" help:"The moment of the report, now if not said: 2026-01-31T12:00:00Z, or 2026-01-31 for the end of that day in the program's time zone."`
	KnownAt string `name:"known-at" help:"Leave out what was recorded later than this moment; nothing if not said."`
	JSON    bool   `name:"json" help:"Print the report as JSON."`
}

// Run reads the journal and writes nothing.
func (c *reportCommand) Run(t *terminal) (err error) {
	s, err := store.Open(t.ctx, c.DB, store.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	rules, err := journal.LoadRules(t.ctx, s)
	if err != nil {
		return err
	}
	if rules.Newest == 0 {
		return journal.ErrNoProgram
	}
	zone := rules.Timeline.Version(rules.Newest).Zone
	o := history.Options{AsOf: calendar.Of(time.Now()), KnownAt: calendar.Never}
	if c.AsOf != "" {
		if o.AsOf, err = parseMoment("--as-of", c.AsOf, zone); err != nil {
			return err
		}
	}
	if c.KnownAt != "" {
		if o.KnownAt, err = parseMoment("--known-at", c.KnownAt, zone); err != nil {
			return err
		}
	}
	r, err := history.Report(t.ctx, s, o)
	if err != nil {
		return err
	}
	if !c.JSON {
		return r.WriteTable(t.out)
	}
	out, err := r.JSON()
	if err == nil {
		_, err = t.out.Write(out)
	}
	return err
}

// parseMoment reads a moment: one with its zone, or a day, which stands for its
// last microsecond in the zone.
func parseMoment(flag, text string, zone *time.Location) (calendar.Instant, error) {
	if at, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return calendar.Of(at), nil
	}
	day, err := time.ParseInLocation(time.DateOnly, text, zone)
	if err != nil {
		return 0, usagef("%s %q is no moment: write 2026-01-31T12:00:00Z, or 2026-01-31 for the end of that day", flag, text)
	}
	return calendar.Of(day.AddDate(0, 0, 1)) - 1, nil
}
