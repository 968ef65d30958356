package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"premia/internal/store"
)

// Restore puts a backup that premia made in the place of a SQLite database that
// is not there, brings it to this version's schema, and verifies it. The
// database is in its place when the error is nil, whatever the verification
// found; otherwise nothing is there.
func Restore(ctx context.Context, backup, path string, log *slog.Logger) (v *Verification, err error) {
	if err := checkRestore(backup, path); err != nil {
		return nil, err
	}
	copied, err := copyBeside(backup, path)
	if err != nil {
		return nil, fmt.Errorf("copy the backup: %w", err)
	}
	defer func() {
		for _, suffix := range sqliteSuffixes {
			if failed := os.Remove(copied + suffix); failed != nil && !errors.Is(failed, fs.ErrNotExist) {
				err = errors.Join(err, failed)
			}
		}
	}()
	s, err := store.Open(ctx, "sqlite:"+copied, store.Options{Migrate: true, Logger: log})
	if err != nil {
		return nil, unusable(backup, err)
	}
	if err = noteSystem(ctx, s, "database.restored", filepath.Base(path), "backup", filepath.Base(backup)); err != nil {
		return nil, errors.Join(unusable(backup, err), s.Close())
	}
	v, err = Verify(ctx, s, VerifyOptions{})
	// Closing moves the log into the file, so that the file alone is complete.
	if err = errors.Join(err, s.Close()); err != nil {
		return nil, unusable(backup, err)
	}
	if err := place(copied, path, os.Link); err != nil {
		return nil, fmt.Errorf("put the database in its place: %w", err)
	}
	return v, nil
}

// place gives a file its name if nothing has it. Where the file system knows no hard
// links, as on many sticks and shares, the name is taken by an empty file first, which
// fails if there is one, and the file then takes its place.
func place(file, path string, link func(from, to string) error) error {
	err := link(file, path)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	taken, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if err := errors.Join(taken.Close(), os.Rename(file, path)); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

// unusable says why a backup can't be restored. A damaged one is named itself,
// since what SQLite found the damage in is only a copy.
func unusable(backup string, err error) error {
	if errors.Is(err, store.ErrCorrupt) {
		return fmt.Errorf("the backup %s is damaged or is no SQLite database, and nothing was restored: choose another backup", backup)
	}
	return fmt.Errorf("the backup %s: %w", backup, err)
}

// sqliteSuffixes are the database's file and those that SQLite keeps beside it.
var sqliteSuffixes = []string{"", "-wal", "-shm"}

func checkRestore(backup, path string) error {
	if info, err := os.Stat(backup + "-wal"); err == nil && info.Size() > 0 {
		return fmt.Errorf("%s has a log beside it, so that it is a database in use and no backup: make one with premia backup", backup)
	}
	for _, suffix := range sqliteSuffixes {
		switch _, err := os.Lstat(path + suffix); {
		case err == nil:
			return fmt.Errorf("%s exists, and a restore overwrites nothing: choose another path, or move it away", path+suffix)
		case !errors.Is(err, fs.ErrNotExist):
			return err
		}
	}
	return nil
}

// copyBeside copies the file to a new one in the folder of path.
func copyBeside(file, path string) (name string, err error) {
	from, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer from.Close()
	to, err := os.CreateTemp(filepath.Dir(path), ".premia-restore-*")
	if err != nil {
		return "", err
	}
	_, err = io.Copy(to, from)
	if err = errors.Join(err, to.Sync(), to.Close()); err != nil {
		return "", errors.Join(err, os.Remove(to.Name()))
	}
	return to.Name(), nil
}
