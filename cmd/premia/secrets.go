package main

import (
	"errors"
	"fmt"

	"premia/internal/app"
)

// secretsOptions say where the key is by which secrets are sealed.
type secretsOptions struct {
	File string `name:"secrets-key-file" help:"The file with the key by which secrets in the database are sealed; beside a SQLite database it is made by itself, as DATABASE.secrets-key."`
	Keys string `name:"secrets-key" help:"The key itself, 32 bytes in base 64; better set in the environment. Of several between commas the first seals."`
}

// config gives them to a workspace.
func (o *secretsOptions) config(create bool) app.SecretsConfig {
	return app.SecretsConfig{File: o.File, Keys: o.Keys, Create: create}
}

// secretsCommand is what can be done with the key of secrets.
type secretsCommand struct {
	Show   secretsShow   `cmd:"" help:"Say by which key the secrets are sealed, and whether it is there."`
	Rotate secretsRotate `cmd:"" help:"Seal all secrets by a new key."`
	Reset  secretsReset  `cmd:"" help:"Give up the secrets whose key is lost."`
}

// secretsPlace says which workspace, and where the key is.
type secretsPlace struct {
	DB      string         `name:"db" default:"sqlite:premia.db" help:"The workspace's database (${default})."`
	Secrets secretsOptions `embed:""`
}

func (p *secretsPlace) open(t *terminal, fn func(*app.App) error) (err error) {
	a, err := app.Open(t.ctx, app.Config{DB: p.DB, Secrets: p.Secrets.config(false)})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	return fn(a)
}

// secretsShow says which key it is.
type secretsShow struct{ secretsPlace }

// Run prints it.
func (c *secretsShow) Run(t *terminal) error {
	return c.open(t, func(a *app.App) error {
		if err := a.SecretsErr(); err != nil {
			return err
		}
		said := "The secrets are sealed by the key " + a.SecretsKey() + "."
		if a.SecretsKey() == "" {
			said = "The secrets are not sealed by a key outside the database: name a file by --secrets-key-file when the server starts."
		}
		_, err := fmt.Fprintln(t.out, said)
		return err
	})
}

// secretsRotate seals anew.
type secretsRotate struct {
	secretsPlace
	Forget bool `help:"Take the old keys out of the file afterwards; backups of before need them."`
}

// Run rotates.
func (c *secretsRotate) Run(t *terminal) error {
	return c.open(t, func(a *app.App) error {
		id, err := a.RotateSecrets(t.ctx, c.Forget)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(t.out, "The secrets are sealed by the key %s now. Keep a copy of its file, and not with the backups.\n", id)
		return err
	})
}

// secretsReset gives up what can't be read.
type secretsReset struct{ secretsPlace }

// Run resets and says what is to be done.
func (c *secretsReset) Run(t *terminal) error {
	return c.open(t, func(a *app.App) error {
		lost, err := a.ResetSecrets(t.ctx)
		if err != nil {
			return err
		}
		p := &printer{w: t.out}
		p.line("The secrets are sealed by the new key %s. Restart the servers.", a.SecretsKey())
		p.line("%d users have no codes of an app any more; they sign in by their password, and add them anew.", lost.Users)
		p.line("%d receivers of webhooks have a new secret, which premia webhook rotate shows when it gives them the next one.", lost.Webhooks)
		if lost.Shop {
			p.line("The shop's key is no more; premia shop-key makes a new one.")
		}
		return p.err
	})
}
