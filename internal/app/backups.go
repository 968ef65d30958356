package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"premia/internal/core/calendar"
	"premia/internal/store"
)

// BackupPlan says how often a SQLite database is copied, and where to.
type BackupPlan struct {
	// Folder holds the copies and nothing else that ends in .db.
	Folder string
	// Every is the time from one copy to the next, at least a minute.
	Every time.Duration
	// Keep is how many copies stay; older ones are deleted once a newer one is
	// whole. At least 1.
	Keep int
}

// The names of copies are premia-20261126T010203Z.db, by the moment at which each
// began, so that they sort by age.
const (
	backupPrefix = "premia-"
	backupSuffix = ".db"
	backupTime   = "20060102T150405Z"
	// unfinished ends the name of a copy that is being made.
	unfinished = ".part"
)

// check says what is wrong with a plan.
func (p BackupPlan) check(s *store.Store) error {
	switch {
	case s.Dialect() != store.SQLite:
		return errors.New("scheduled backups are for SQLite; PostgreSQL has pg_dump and continuous archiving")
	case p.Every < time.Minute:
		return fmt.Errorf("backups are at least a minute apart, not %s", p.Every)
	case p.Keep < 1:
		return fmt.Errorf("at least one backup is kept, not %d", p.Keep)
	}
	return nil
}

// copies lists the finished copies, oldest first.
func (p BackupPlan) copies() ([]string, error) {
	entries, err := os.ReadDir(p.Folder)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if _, ok := backedUpAt(e.Name()); ok {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	return names, nil
}

// backedUpAt reads the moment from a copy's name.
func backedUpAt(name string) (calendar.Instant, bool) {
	middle, ok := strings.CutPrefix(name, backupPrefix)
	middle, ended := strings.CutSuffix(middle, backupSuffix)
	at, err := time.Parse(backupTime, middle)
	return calendar.Of(at), ok && ended && err == nil
}

// BackUpIfDue copies the database if the newest copy is older than the plan
// allows, or there is none, and deletes copies beyond those to keep. It gives the
// path of the copy; empty where none was due. A copy has its name only once it is
// whole, checked and on the disk; until then no other is deleted.
func (a *App) BackUpIfDue(ctx context.Context, p BackupPlan) (string, error) {
	if err := p.check(a.Store); err != nil {
		return "", err
	}
	if err := os.MkdirAll(p.Folder, 0o700); err != nil {
		return "", fmt.Errorf("make the folder for backups: %w", err)
	}
	names, err := p.copies()
	if err != nil {
		return "", fmt.Errorf("list the backups: %w", err)
	}
	now := a.wall()
	if len(names) > 0 {
		// A copy from the future is of a clock that was wrong, and says nothing.
		if newest, _ := backedUpAt(names[len(names)-1]); newest <= now && now < newest+calendar.Instant(p.Every.Microseconds()) {
			return "", nil
		}
	}
	path := filepath.Join(p.Folder, backupPrefix+now.In(time.UTC).Format(backupTime)+backupSuffix)
	if err := a.backUp(ctx, path); err != nil {
		return "", err
	}
	names = append(names, filepath.Base(path))
	for _, old := range names[:max(0, len(names)-p.Keep)] {
		if err := os.Remove(filepath.Join(p.Folder, old)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return path, fmt.Errorf("delete an old backup: %w", err)
		}
	}
	return path, nil
}

// backUp makes one copy, readable for its owner alone.
func (a *App) backUp(ctx context.Context, path string) error {
	part := path + unfinished
	if err := os.Remove(part); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove an unfinished backup: %w", err)
	}
	if err := a.Store.Backup(ctx, part); err != nil {
		return errors.Join(err, removed(part))
	}
	if err := errors.Join(os.Chmod(part, 0o600), os.Rename(part, path)); err != nil {
		return errors.Join(fmt.Errorf("finish the backup: %w", err), removed(part))
	}
	return nil
}

func removed(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Backups copies the database by a plan until it is stopped.
type Backups struct {
	stop context.CancelFunc
	done sync.WaitGroup

	mu  sync.Mutex
	err error
}

// lookForBackups is how often the schedule is looked at.
const lookForBackups = time.Minute

// StartBackups begins to copy the database by the plan, the first copy at once if
// it is due. A failure is logged, shown by Err, and tried again.
func (a *App) StartBackups(ctx context.Context, p BackupPlan) (*Backups, error) {
	if err := p.check(a.Store); err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(ctx)
	b := &Backups{stop: stop}
	b.done.Go(func() {
		look := time.NewTicker(lookForBackups)
		defer look.Stop()
		for {
			b.once(ctx, a, p)
			select {
			case <-ctx.Done():
				return
			case <-look.C:
			}
		}
	})
	return b, nil
}

func (b *Backups) once(ctx context.Context, a *App, p BackupPlan) {
	path, err := a.BackUpIfDue(ctx, p)
	if ctx.Err() != nil {
		return
	}
	switch {
	case err != nil:
		a.Log.Error("the scheduled backup failed", "folder", p.Folder, "error", err)
	case path != "":
		a.Log.Info("the database was backed up", "file", path)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.err = err
}

// Err gives why the newest attempt failed; nil if it did not.
func (b *Backups) Err() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.err
}

// Stop ends the schedule; a copy under way is given up.
func (b *Backups) Stop() {
	b.stop()
	b.done.Wait()
}
