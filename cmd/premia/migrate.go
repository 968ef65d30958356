package main

import (
	"errors"
	"fmt"
	"log/slog"

	"premia/internal/store"
)

// migrateCommand creates a workspace's tables, or brings them up to date.
type migrateCommand struct {
	DB    string `name:"db" required:"" help:"The workspace's database: sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE. A new file is created."`
	Citus bool   `help:"Spread the tables over the nodes of a Citus cluster."`
}

// Run migrates; doing it again changes nothing.
func (c *migrateCommand) Run(t *terminal) (err error) {
	log := slog.New(slog.NewTextHandler(t.err, nil))
	s, err := store.Open(t.ctx, c.DB, store.Options{Migrate: true, Logger: log})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if c.Citus {
		if err := s.MigrateCitus(t.ctx); err != nil {
			return err
		}
	}
	shards := "1 shard"
	if n := len(s.Shards()); n != 1 {
		shards = fmt.Sprintf("%d shards", n)
	}
	_, err = fmt.Fprintf(t.out, "The database is ready, with %s.\n", shards)
	return err
}
