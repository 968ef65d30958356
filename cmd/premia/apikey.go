package main

import (
	"fmt"
	"io/fs"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"premia/internal/api"
	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/web"
)

// apikeyCommand is what can be done with API keys.
type apikeyCommand struct {
	Create apikeyCreate `cmd:"" help:"Make an API key and print it, this once."`
	List   apikeyList   `cmd:"" help:"List the API keys."`
	Revoke apikeyRevoke `cmd:"" help:"Revoke an API key for good."`
}

// wordsShown are the catalogues of what the API says.
func wordsShown() []fs.FS { return append(web.Words(), api.Words()) }

// secretsOfEnvironment are the options of commands that have no flags for them.
func secretsOfEnvironment() app.SecretsConfig {
	return app.SecretsConfig{Keys: os.Getenv("PREMIA_SECRETS_KEY"), File: os.Getenv("PREMIA_SECRETS_KEY_FILE")}
}

// withApp runs fn on an open workspace.
func withApp(t *terminal, db string, fn func(*app.App) error) (err error) {
	a, err := app.Open(t.ctx, app.Config{DB: db, Secrets: secretsOfEnvironment()})
	if err != nil {
		return err
	}
	defer func() {
		if closing := a.Close(); err == nil {
			err = closing
		}
	}()
	return fn(a)
}

// apikeyCreate makes a key.
type apikeyCreate struct {
	DB      string        `name:"db" default:"sqlite:premia.db" help:"The workspace's database (${default})."`
	Name    string        `required:"" help:"What the key is for, such as \"web shop\"."`
	Scopes  string        `required:"" help:"What it may do, separated by commas: events:read, events:write, adjustments:write, members:read, members:write, members:erase, programs:read, programs:write, codes:read, codes:write, gift_cards:write, payouts:write, users:read, users:write, audit:read, webhooks:read, webhooks:write, conversions:write, metrics:read, or admin for all."`
	Expires time.Duration `help:"How long it is good, such as 8760h; for ever if not said."`
}

// Run prints the key alone on the standard output, so that scripts can take it.
func (c *apikeyCreate) Run(t *terminal) error {
	if c.Expires < 0 {
		return usagef("a key can't expire before it is made: --expires %s", c.Expires)
	}
	return withApp(t, c.DB, func(a *app.App) error {
		secret, k, err := a.CreateKey(t.ctx, c.Name, c.Scopes, c.Expires)
		if err != nil {
			return err
		}
		fmt.Fprintf(t.err, "Made the key %s (%s) for %s. It is shown this once; keep it safe:\n", k.ID, k.Scopes, k.Name)
		fmt.Fprintln(t.out, secret)
		return nil
	})
}

// apikeyList lists the keys.
type apikeyList struct {
	DB string `name:"db" default:"sqlite:premia.db" help:"The workspace's database (${default})."`
}

// Run prints a table.
func (c *apikeyList) Run(t *terminal) error {
	return withApp(t, c.DB, func(a *app.App) error {
		keys, err := a.Keys(t.ctx)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(t.out, 0, 4, 2, ' ', 0)
		fmt.Fprintln(table, "ID\tNAME\tSCOPES\tSTATE\tCREATED\tLAST USED")
		for i := range keys {
			k := &keys[i]
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", k.ID, k.Name, strings.Join(strings.Fields(k.Scopes.String()), ","), stateOf(k, a.KeyErr(k)), day(k.Created), day(k.LastUsed))
		}
		return table.Flush()
	})
}

func stateOf(k *auth.Key, err error) string {
	switch {
	case err == auth.ErrRevoked:
		return "revoked " + day(k.Revoked)
	case err == auth.ErrExpired:
		return "expired " + day(k.Expires)
	case k.Expires != calendar.None:
		return "good until " + day(k.Expires)
	}
	return "good"
}

func day(at calendar.Instant) string {
	if at == calendar.None {
		return "never"
	}
	return at.In(time.UTC).Format(time.DateOnly)
}

// apikeyRevoke ends a key.
type apikeyRevoke struct {
	DB string `name:"db" default:"sqlite:premia.db" help:"The workspace's database (${default})."`
	ID string `arg:"" name:"id" help:"The key's id, key_…, as the list shows it."`
}

// Run revokes the key.
func (c *apikeyRevoke) Run(t *terminal) error {
	return withApp(t, c.DB, func(a *app.App) error {
		if err := a.RevokeKey(t.ctx, c.ID); err != nil {
			return err
		}
		fmt.Fprintf(t.out, "The key %s is revoked; servers take it for at most %s more.\n", c.ID, auth.Remembered)
		return nil
	})
}
