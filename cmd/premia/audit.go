package main

import (
	"bufio"
	"fmt"
	"time"

	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/store"
)

// auditCommand is what can be done with the audit trail.
type auditCommand struct {
	Export auditExport `cmd:"" help:"Write the audit trail as CSV or NDJSON."`
	Verify auditVerify `cmd:"" help:"Compare every row of the audit trail with its hash."`
}

// auditExport writes rows.
type auditExport struct {
	DB     string `name:"db" default:"sqlite:premia.db" help:"The workspace's database (${default})."`
	Format string `default:"csv" enum:"csv,ndjson" help:"csv or ndjson (${default})."`
	Actor  string `help:"Only what this user, key or member did, by id."`
	Action string `help:"Only this action; one that ends in a point stands for all that begin with it, such as user."`
	Target string `help:"Only what was done to this, by id."`
	From   string `help:"Only from this moment on, as 2026-05-01 or in RFC 3339."`
	Until  string `help:"Only before this moment."`
}

// Run writes the rows to the output.
func (c *auditExport) Run(t *terminal) error {
	filter := store.AuditFilter{Actor: c.Actor, Action: c.Action, Target: c.Target}
	var err error
	if filter.From, err = momentOf("--from", c.From); err != nil {
		return err
	}
	if filter.Until, err = momentOf("--until", c.Until); err != nil {
		return err
	}
	return withApp(t, c.DB, func(a *app.App) error {
		w := bufio.NewWriter(t.out)
		if err := a.ExportAudit(t.ctx, w, c.Format, filter); err != nil {
			return err
		}
		return w.Flush()
	})
}

// momentOf reads a day, which begins in UTC, or a moment.
func momentOf(flag, s string) (calendar.Instant, error) {
	if s == "" {
		return calendar.None, nil
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if at, err := time.Parse(layout, s); err == nil {
			return calendar.Of(at), nil
		}
	}
	return calendar.None, usagef("%s: write a day as 2026-05-01, or a moment as 2026-05-01T12:00:00+02:00", flag)
}

// auditVerify checks the trail.
type auditVerify struct {
	DB string `name:"db" default:"sqlite:premia.db" help:"The workspace's database (${default})."`
}

// Run checks, and says how many rows there are.
func (c *auditVerify) Run(t *terminal) error {
	return withApp(t, c.DB, func(a *app.App) error {
		rows, err := app.VerifyAudit(t.ctx, a.Store)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(t.out, "The audit trail is whole: %d rows, each following from the one before.\n", rows)
		return err
	})
}
