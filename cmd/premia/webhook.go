package main

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/store"
)

// webhookCommand is what can be done with receivers of webhooks. What is to be sent is
// sent by the servers.
type webhookCommand struct {
	Create     webhookCreate     `cmd:"" help:"Make a receiver and print its secret, this once."`
	List       webhookList       `cmd:"" help:"List the receivers and how they answer."`
	Types      webhookTypes      `cmd:"" help:"List the types of messages."`
	Pause      webhookPause      `cmd:"" help:"Stop sending to a receiver; what happens meanwhile waits."`
	Resume     webhookResume     `cmd:"" help:"Go on with a receiver that was paused or disabled."`
	Rotate     webhookRotate     `cmd:"" help:"Give a receiver a new secret and print it, this once."`
	Test       webhookTest       `cmd:"" help:"Have a message sent that tries a receiver."`
	Deliveries webhookDeliveries `cmd:"" help:"List what was sent to a receiver."`
	Resend     webhookResend     `cmd:"" help:"Have a message sent once more."`
	Replay     webhookReplay     `cmd:"" help:"Have everything sent once more since a moment."`
	Remove     webhookRemove     `cmd:"" help:"Remove a receiver and its log."`
}

// webhookOf names the database and a receiver.
type webhookOf struct {
	DB string `name:"db" default:"sqlite:premia.db" help:"The workspace's database (${default})."`
	ID string `arg:"" name:"id" help:"The receiver's id, whe_…, as the list shows it."`
}

type webhookCreate struct {
	DB          string   `name:"db" default:"sqlite:premia.db" help:"The workspace's database (${default})."`
	URL         string   `arg:"" name:"url" help:"Where messages are posted, such as https://shop.example/hooks."`
	Types       []string `help:"The types of messages that it wants, separated by commas; all if not said."`
	Description string   `help:"What it is for."`
}

// Run prints the secret alone on the standard output, so that scripts can take it.
func (c *webhookCreate) Run(t *terminal) error {
	return withApp(t, c.DB, func(a *app.App) error {
		w, secret, err := a.CreateWebhook(t.ctx, app.NewWebhook{URL: c.URL, Types: c.Types, Description: c.Description})
		if err != nil {
			return err
		}
		fmt.Fprintf(t.err, "Made %s for %s. Its secret is shown this once; keep it safe:\n", w.ID, w.URL)
		fmt.Fprintln(t.out, secret)
		return nil
	})
}

type webhookList struct {
	DB string `name:"db" default:"sqlite:premia.db" help:"The workspace's database (${default})."`
}

// Run prints a table.
func (c *webhookList) Run(t *terminal) error {
	return withApp(t, c.DB, func(a *app.App) error {
		all, err := a.Webhooks(t.ctx)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(t.out, 0, 4, 2, ' ', 0)
		fmt.Fprintln(table, "ID\tURL\tTYPES\tSTATE\tLAST SUCCESS\tLAST ERROR")
		for _, w := range all {
			types := strings.Join(w.Types, ",")
			if types == "" {
				types = "all"
			}
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", w.ID, w.URL, types, webhookState(w), moment(w.LastSuccess), w.LastError)
		}
		return table.Flush()
	})
}

func webhookState(w app.Webhook) string {
	switch {
	case w.Failing():
		return "failing since " + moment(w.FailingSince)
	case w.State == store.EndpointDisabled:
		return "disabled: " + w.Reason
	case w.State == store.EndpointPaused:
		return "paused"
	}
	return "active"
}

func moment(at calendar.Instant) string {
	if at == calendar.None {
		return "never"
	}
	return at.In(time.UTC).Format("2006-01-02T15:04:05Z")
}

type webhookTypes struct{}

// Run prints a table.
func (*webhookTypes) Run(t *terminal) error {
	table := tabwriter.NewWriter(t.out, 0, 4, 2, ' ', 0)
	for _, one := range app.WebhookTypes() {
		fmt.Fprintf(table, "%s\t%s\n", one.Name, one.Doc)
	}
	return table.Flush()
}

type webhookPause struct{ webhookOf }

// Run pauses it.
func (c *webhookPause) Run(t *terminal) error { return c.set(t, true) }

type webhookResume struct{ webhookOf }

// Run lets it go on.
func (c *webhookResume) Run(t *terminal) error { return c.set(t, false) }

func (c *webhookOf) set(t *terminal, paused bool) error {
	return withApp(t, c.DB, func(a *app.App) error {
		w, err := a.ChangeWebhook(t.ctx, c.ID, app.WebhookChange{Paused: &paused})
		if err == nil {
			fmt.Fprintf(t.out, "%s is %s.\n", w.ID, webhookState(w))
		}
		return err
	})
}

type webhookRotate struct {
	webhookOf
	Overlap time.Duration `default:"24h" help:"How long the old secret signs, too (${default}); at most 720h."`
}

// Run prints the secret alone on the standard output.
func (c *webhookRotate) Run(t *terminal) error {
	return withApp(t, c.DB, func(a *app.App) error {
		w, secret, err := a.RotateWebhook(t.ctx, c.ID, c.Overlap)
		if err != nil {
			return err
		}
		fmt.Fprintf(t.err, "The new secret of %s is shown this once; the old one signs, too, for %s:\n", w.ID, c.Overlap)
		fmt.Fprintln(t.out, secret)
		return nil
	})
}

type webhookTest struct{ webhookOf }

// Run queues the message.
func (c *webhookTest) Run(t *terminal) error {
	return withApp(t, c.DB, func(a *app.App) error {
		d, err := a.TestWebhook(t.ctx, c.ID, "")
		if err == nil {
			fmt.Fprintf(t.out, "The message %s waits for a server to send it; see premia webhook deliveries %s.\n", d.Message, c.ID)
		}
		return err
	})
}

type webhookDeliveries struct {
	webhookOf
	State string `enum:"any,waiting,failing,delivered,given-up" default:"any" help:"Only those in this state: waiting, failing, delivered, given-up."`
	Limit int    `default:"20" help:"How many, at most 100 (${default})."`
}

var deliveryStates = [...]string{"any", "waiting", "failing", "delivered", "given-up"}

// Run prints a table, the newest first.
func (c *webhookDeliveries) Run(t *terminal) error {
	state := store.DeliveryState(0)
	for i, name := range deliveryStates {
		if name == c.State {
			state = store.DeliveryState(i)
		}
	}
	return withApp(t, c.DB, func(a *app.App) error {
		all, err := a.Deliveries(t.ctx, c.ID, 0, state, c.Limit)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(t.out, 0, 4, 2, ' ', 0)
		fmt.Fprintln(table, "ID\tTYPE\tSTATE\tATTEMPTS\tLAST\tSTATUS\tERROR")
		for i := range all {
			d := &all[i]
			fmt.Fprintf(table, "%d\t%s\t%s\t%d\t%s\t%d\t%s\n", d.ID, d.Type, deliveryStates[d.State], d.Attempts, moment(d.Last), d.Status, d.Error)
		}
		return table.Flush()
	})
}

type webhookResend struct {
	DB string `name:"db" default:"sqlite:premia.db" help:"The workspace's database (${default})."`
	ID int64  `arg:"" name:"delivery" help:"The delivery's number, as the log shows it."`
}

// Run queues the message.
func (c *webhookResend) Run(t *terminal) error {
	return withApp(t, c.DB, func(a *app.App) error {
		d, err := a.Resend(t.ctx, c.ID)
		if err == nil {
			fmt.Fprintf(t.out, "The message %s waits for a server to send it.\n", d.Message)
		}
		return err
	})
}

type webhookReplay struct {
	webhookOf
	From string `required:"" help:"What was recorded then or later: 2026-03-01T00:00:00Z."`
}

// Run moves the receiver's place in the journal.
func (c *webhookReplay) Run(t *terminal) error {
	from, err := time.Parse(time.RFC3339, c.From)
	if err != nil {
		return usagef("--from: %q is no moment such as 2026-03-01T00:00:00Z", c.From)
	}
	return withApp(t, c.DB, func(a *app.App) error {
		w, err := a.ReplayWebhook(t.ctx, c.ID, calendar.Of(from))
		if err == nil {
			fmt.Fprintf(t.out, "All messages to %s since %s are sent once more, under the same ids.\n", w.ID, c.From)
		}
		return err
	})
}

type webhookRemove struct{ webhookOf }

// Run removes it.
func (c *webhookRemove) Run(t *terminal) error {
	return withApp(t, c.DB, func(a *app.App) error {
		if err := a.RemoveWebhook(t.ctx, c.ID); err != nil {
			return err
		}
		fmt.Fprintf(t.out, "%s is removed.\n", c.ID)
		return nil
	})
}
