package main

import (
	"errors"
	"fmt"

	"premia/internal/app"
	"premia/internal/store"
)

// moveCommand moves a workspace into another database.
type moveCommand struct {
	From     string `required:"" help:"The workspace's database: sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE. Stop its servers first."`
	To       string `required:"" help:"The database to move to, which must be empty; a new file is created."`
	Heads    string `help:"The file of signed heads of the workspace, to be compared before it is moved. Begin a new file after the move: places in the journal change."`
	HeadsKey string `help:"The public key of the signed heads; HEADS.key.pub if not said."`
}

// Run moves all or nothing.
func (c *moveCommand) Run(t *terminal) (err error) {
	o := app.MoveOptions{}
	if o.Heads, err = readHeads(c.Heads, c.HeadsKey); err != nil {
		return err
	}
	from, err := store.Open(t.ctx, c.From, store.Options{ReadOnly: true})
	if err != nil {
		return usagef("%v", err)
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	to, err := store.Open(t.ctx, c.To, store.Options{Migrate: true})
	if err != nil {
		return usagef("%v", err)
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	shown := int64(0)
	o.Progress = func(done, total int64) {
		if tenth := done * 10 / total; tenth > shown && total >= 100_000 {
			shown = tenth
			fmt.Fprintf(t.err, "%d%% moved\n", tenth*10)
		}
	}
	m, err := app.Move(t.ctx, from, to, o)
	if err != nil {
		return err
	}
	p := &printer{w: t.out}
	p.line("Moved the workspace in %s: %s entries, %s keys, %s personal values, %s codes.", took(m.Milliseconds), grouped(m.Entries), grouped(m.Keys), grouped(m.Personal), grouped(m.Codes))
	for subscriber, n := range m.Again {
		p.line("The subscriber %s gets %s entries once more, which stand behind some that it has not had.", subscriber, grouped(n))
	}
	if p.err != nil {
		return p.err
	}
	return printVerification(t.out, m.Verification)
}
