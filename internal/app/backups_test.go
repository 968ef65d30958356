package app_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/store"
	"premia/internal/testkit"
)

// TestScheduledBackups lets days pass, with members joining between the copies,
// and restores each copy: it holds who had joined by then and verifies.
func TestScheduledBackups(t *testing.T) {
	t.Parallel()
	clock := testkit.NewClock(time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC))
	dir := t.TempDir()
	a, err := app.Open(t.Context(), app.Config{DB: "sqlite:" + filepath.Join(dir, "shop.db"), Migrate: true, Clock: clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	if _, err := a.Publish(t.Context(), []byte(daysProgram), calendar.None, "first"); err != nil {
		t.Fatal(err)
	}
	plan := app.BackupPlan{Folder: filepath.Join(dir, "copies"), Every: 24 * time.Hour, Keep: 3}
	// What is left of a copy that was cut off, and a file of somebody's.
	if err := os.MkdirAll(plan.Folder, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"premia-20260301T090000Z.db.part", "notes.txt"} {
		if err := os.WriteFile(filepath.Join(plan.Folder, name), []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var made []string
	for day := range 6 {
		identity := "customer:" + string(rune('a'+day))
		if _, err := a.Enrol(t.Context(), app.Change{EventID: "join-" + identity, Identities: []string{identity}}); err != nil {
			t.Fatal(err)
		}
		for range 3 { // however often one looks
			path, err := a.BackUpIfDue(t.Context(), plan)
			if err != nil {
				t.Fatal(err)
			}
			if path != "" {
				made = append(made, path)
			}
			clock.Advance(7 * time.Hour)
		}
		clock.Advance(3 * time.Hour)
	}
	if len(made) != 6 {
		t.Fatalf("6 days made %d copies: %v", len(made), made)
	}
	left, err := filepath.Glob(filepath.Join(plan.Folder, "*"))
	if err != nil || len(left) != plan.Keep+1 {
		t.Fatalf("%v are left, %v; want %d copies and the notes", left, err, plan.Keep)
	}
	for i, path := range made[len(made)-plan.Keep:] {
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v; only its owner may read it", path, info.Mode(), err)
		}
		restored := filepath.Join(t.TempDir(), "again.db")
		v, err := app.Restore(t.Context(), path, restored, slog.New(slog.DiscardHandler))
		if err != nil || v.Difference != nil {
			t.Fatalf("restore %s: %v, %v", path, err, v)
		}
		joined := 6 - plan.Keep + i + 1
		again := reopen(t, restored)
		for day := range 6 {
			_, err := again.Find(t.Context(), "customer:"+string(rune('a'+day)))
			if known := err == nil; known != (day < joined) {
				t.Errorf("%s: member %d is known: %v", filepath.Base(path), day, known)
			}
		}
	}
	// A copy that is not whole takes no other's place.
	if _, err := rawDatabase(t, "sqlite:"+filepath.Join(dir, "shop.db")).ExecContext(t.Context(), "DELETE FROM journal WHERE seq = 2"); err != nil {
		t.Fatal(err)
	}
	clock.Advance(24 * time.Hour)
	if _, err := a.BackUpIfDue(t.Context(), plan); !errors.Is(err, store.ErrCopy) {
		t.Errorf("a copy of a journal with a gap: %v", err)
	}
	if now, err := filepath.Glob(filepath.Join(plan.Folder, "*")); err != nil || !slices.Equal(now, left) {
		t.Errorf("%v are left, not %v (%v)", now, left, err)
	}
}

func reopen(t *testing.T, path string) *app.App {
	t.Helper()
	a, err := app.Open(context.Background(), app.Config{DB: "sqlite:" + path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	return a
}

func TestBackupPlansThatMakeNoSense(t *testing.T) {
	t.Parallel()
	a, err := app.Open(t.Context(), app.Config{DB: "sqlite:" + filepath.Join(t.TempDir(), "shop.db"), Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	for _, plan := range []app.BackupPlan{{t.TempDir(), time.Second, 1}, {t.TempDir(), time.Hour, 0}} {
		if _, err := a.StartBackups(t.Context(), plan); err == nil {
			t.Errorf("%+v was taken", plan)
		}
	}
	// A folder that can't be made is told, and tried again.
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := a.BackUpIfDue(t.Context(), app.BackupPlan{Folder: filepath.Join(file, "copies"), Every: time.Hour, Keep: 1}); err == nil || !strings.Contains(err.Error(), "folder") {
		t.Errorf("a folder below a file: %v", err)
	}
}
