//go:build unix

package app_test

import (
	"log/slog"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"premia/internal/app"
	"premia/internal/core/calendar"
)

// TestFilesAreTheirOwners makes a database, copies of it and one from a copy in a process
// that gives all it makes to everybody: nobody but their owner reads any of the files.
func TestFilesAreTheirOwners(t *testing.T) { // not beside others: the mask is the process's
	defer syscall.Umask(syscall.Umask(0))
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	a, err := app.Open(t.Context(), app.Config{DB: "sqlite:" + at("premia.db"), Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	if _, err := a.Publish(t.Context(), []byte(daysProgram), calendar.None, "first"); err != nil {
		t.Fatal(err)
	}
	if err := a.Store.Backup(t.Context(), at("copy.db")); err != nil {
		t.Fatal(err)
	}
	daily, err := a.BackUpIfDue(t.Context(), app.BackupPlan{Folder: at("daily"), Every: time.Hour, Keep: 1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := app.Restore(t.Context(), at("copy.db"), at("restored.db"), slog.Default()); err != nil {
		t.Fatal(err)
	}
	again, err := app.Open(t.Context(), app.Config{DB: "sqlite:" + at("restored.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = again.Close() })
	for _, file := range []string{at("premia.db"), at("premia.db-wal"), at("premia.db-shm"), at("copy.db"), daily, at("restored.db"), at("restored.db-wal"), at("restored.db-shm")} {
		info, err := os.Stat(file)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v (%v)", file, info, err)
		}
	}
}
