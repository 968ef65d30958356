package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// ErrCopy tells that a copy is not what it was to be a copy of.
var ErrCopy = errors.New("the copy is not whole")

// entriesOfShards counts the journal and says where each shard's ends.
const entriesOfShards = `
SELECT shard, count(*), max(seq) FROM journal GROUP BY shard`

// Backup writes a consistent copy of a SQLite database to a new file while work goes on,
// and checks it: that SQLite finds the file sound, and that it has every entry of the
// journal that was there when it began. Nobody but the file's owner reads it. It refuses a path that exists, and leaves none
// where the copy is not good. PostgreSQL has pg_dump for it.
func (s *Store) Backup(ctx context.Context, path string) error {
	if s.dialect != SQLite {
		return errors.New("a PostgreSQL database is not backed up by premia: use pg_dump, or your server's own backups")
	}
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		if err != nil {
			return fmt.Errorf("back up to %s: %w", path, err)
		}
		return fmt.Errorf("back up to %s: the file exists; choose a new one", path)
	}
	if info, err := os.Stat(filepath.Dir(path)); err != nil || !info.IsDir() {
		return fmt.Errorf("back up to %s: there is no folder %s", path, filepath.Dir(path))
	}
	before := make(map[Shard]int64)
	for _, shard := range s.Shards() {
		head, err := s.Head(ctx, shard)
		if err != nil {
			return fmt.Errorf("back up to %s: %w", path, err)
		}
		before[shard] = head.Seq
	}
	c, err := openLite(s.where, readMode(s.where, Options{ReadOnly: s.readOnly}), "cache_size(-16384)")
	if err != nil {
		return err
	}
	if err := ownFile(path, os.O_CREATE|os.O_EXCL); err != nil {
		return errors.Join(fmt.Errorf("back up to %s: %w", path, err), c.close())
	}
	_, err = c.exec(ctx, "VACUUM INTO $1", path)
	if err = errors.Join(err, c.close(), syncFile(path)); err == nil {
		err = checkCopy(ctx, path, before)
	}
	if err == nil {
		return nil
	}
	if failed := os.Remove(path); failed != nil && !errors.Is(failed, fs.ErrNotExist) {
		err = errors.Join(err, failed)
	}
	return wrong("back up to "+path, err)
}

// checkCopy reads a whole copy, which must have at least the entries of before. A shard's
// entries are numbered from 1 without gaps.
func checkCopy(ctx context.Context, path string, before map[Shard]int64) (err error) {
	c, err := openLite(path, immutable, readerPragmas...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	err = c.query(ctx, "PRAGMA quick_check(1)", nil, func(r row) error {
		var found string
		if err := r.Scan(&found); err != nil || found == "ok" {
			return err
		}
		return fmt.Errorf("%w: %s", ErrCopy, found)
	})
	if err != nil {
		return err
	}
	copied := make(map[Shard]int64)
	err = c.query(ctx, entriesOfShards, nil, func(r row) error {
		var shard, entries, last int64
		if err := r.Scan(&shard, &entries, &last); err != nil {
			return err
		}
		if copied[Shard(shard)] = last; entries != last {
			return fmt.Errorf("%w: it has %d entries of shard %d, whose last is number %d", ErrCopy, entries, shard, last)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for shard, least := range before {
		if copied[shard] < least {
			return fmt.Errorf("%w: the entries of shard %d end at %d; %d were there", ErrCopy, shard, copied[shard], least)
		}
	}
	return nil
}

// syncFile has the system write the file to the disk.
func syncFile(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}
