package main

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"premia/internal/app"
	"premia/internal/store"
)

// backupCommand copies a SQLite database while servers use it.
type backupCommand struct {
	DB   string `name:"db" required:"" help:"The workspace's database: sqlite:PATH. PostgreSQL has pg_dump for it."`
	File string `arg:"" name:"file" help:"The backup, a new file."`
}

// Run makes the backup.
func (c *backupCommand) Run(t *terminal) (err error) {
	s, err := store.Open(t.ctx, c.DB, store.Options{ReadOnly: true})
	if err != nil {
		return usagef("%v", err)
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := s.Backup(t.ctx, c.File); err != nil {
		return err
	}
	_, err = fmt.Fprintf(t.out, "The backup is in %s; premia restore puts it in the place of a database.\n", c.File)
	return err
}

// restoreCommand makes a database of a backup.
type restoreCommand struct {
	File string `arg:"" name:"file" help:"The backup that premia made."`
	DB   string `name:"db" required:"" help:"The database to make of it: sqlite:PATH, where nothing may be."`
}

// Run restores and verifies.
func (c *restoreCommand) Run(t *terminal) error {
	path, lite := strings.CutPrefix(c.DB, "sqlite:")
	if path = strings.TrimPrefix(path, "//"); !lite || path == "" {
		return usagef("%q is no SQLite database: write sqlite:PATH; backups of PostgreSQL are restored with pg_restore", c.DB)
	}
	v, err := app.Restore(t.ctx, c.File, path, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(t.out, "Restored %s.\n", path); err != nil {
		return err
	}
	if err := printVerification(t.out, v); err != nil || v.Difference == nil {
		return err
	}
	return errFailed
}
