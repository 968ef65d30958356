package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// Pragmas of the writer: a commit is on the disk when it returns, and the log is
// moved into the file every 3000 pages, 6 MB (more are faster on average and give
// longer pauses). Keys and members come at random places, and each change writes
// its whole page to the log: with pages of 2 KB a fifth less is written than with
// 4 KB, and smaller ones hold too few entries. A cache of 64 MB keeps the upper
// levels of the trees.
var (
	writerPragmas = []string{"page_size(2048)", "synchronous(FULL)", "wal_autocheckpoint(3000)", "cache_size(-65536)"}
	readerPragmas = []string{"query_only(1)", "cache_size(-16384)"}
)

const readersOnSQLite = 4

func (s *Store) openSQLite(ctx context.Context, path string, o Options) error {
	present, err := checkFile(path, o)
	if err != nil {
		return err
	}
	if !present && !o.Migrate {
		return fmt.Errorf("%w: there is no such file; create it with premia migrate", ErrNotMigrated)
	}
	if !present && !o.ReadOnly {
		if err := ownFile(path, os.O_CREATE); err != nil {
			return err
		}
	}
	if !o.ReadOnly {
		s.liteWriter, err = newLitePool(1, func() (*liteConn, error) { return openPatiently(ctx, path, "rwc", writerPragmas) })
		if err != nil {
			return err
		}
	}
	s.liteReaders, err = newLitePool(valueOr(o.MaxConns, readersOnSQLite), func() (*liteConn, error) {
		return openPatiently(ctx, path, readMode(path, o), readerPragmas)
	})
	if err != nil {
		return err
	}
	return s.prepare(ctx, o.Migrate)
}

// ownFile makes an empty file that nobody but its owner reads, whatever the process would
// give new files. SQLite takes it for a new database, and gives the log and its index
// beside it the same mode.
func ownFile(path string, how int) error {
	file, err := os.OpenFile(path, os.O_WRONLY|how, 0o600)
	if err != nil {
		return err
	}
	return file.Close()
}

// openPatiently opens the file again where another process is just opening it for
// the first time: for the change to a log SQLite does not wait by itself.
func openPatiently(ctx context.Context, path, mode string, pragmas []string) (*liteConn, error) {
	for began := time.Now(); ; {
		c, err := openLite(path, mode, pragmas...)
		if err == nil || !IsTransient(err) || time.Since(began) > openPatience {
			return c, err
		}
		select {
		case <-time.After(openPause):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// How long, and after which pauses, opening a file is tried again.
const (
	openPatience = 10 * time.Second
	openPause    = 20 * time.Millisecond
)

// readMode lets readers make the shared index of the log beside the file, which
// reading needs too, unless the file may not be written at all; one that nobody
// can write, and that has no log, is read as it stands.
func readMode(path string, o Options) string {
	if !o.ReadOnly {
		return "rw"
	}
	if nobodyWrites(path) && !hasLog(path) {
		return immutable
	}
	return "ro"
}

// nobodyWrites tells whether the file is marked read-only, or its disk is.
func nobodyWrites(path string) bool {
	if info, err := os.Stat(path); err == nil && info.Mode()&0o222 == 0 {
		return true
	}
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err == nil {
		err = file.Close()
	}
	return errors.Is(err, syscall.EROFS)
}

func (s *Store) closeSQLite() error {
	err := s.liteReaders.close()
	if s.liteWriter == nil {
		return err
	}
	c, taken := s.liteWriter.take(context.Background())
	if taken != nil {
		return errors.Join(err, taken)
	}
	checkpoint := c.query(context.Background(), "PRAGMA wal_checkpoint(TRUNCATE)", nil, func(row) error { return nil })
	s.liteWriter.give(c)
	return errors.Join(err, checkpoint, s.liteWriter.close())
}

// checkFile looks at the file before SQLite does, whose own words for these
// mistakes are hard to read. It tells whether the file is there.
func checkFile(path string, o Options) (present bool, err error) {
	folder := filepath.Dir(path)
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return false, fmt.Errorf("there is no folder %s: create it, or choose another path", folder)
	}
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if info.IsDir() {
		return false, fmt.Errorf("%s is a folder: name a file in it", path)
	}
	if !o.ReadOnly && info.Mode()&0o222 == 0 {
		return false, fmt.Errorf("%w: the file is marked read-only; allow writing (chmod u+w) or open it for reading", ErrReadOnly)
	}
	if info.Size() == 0 {
		return false, nil
	}
	return true, checkHeader(path, info.Size())
}

// checkHeader reads the first 100 bytes as https://sqlite.org/fileformat2.html
// describes them: a magic string, the page size at 16 and the number of pages
// at 28. Without a log beside it, a file that is shorter lacks its end.
func checkHeader(path string, size int64) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	header := make([]byte, 100)
	if _, err := io.ReadFull(file, header); err != nil || !bytes.HasPrefix(header, []byte("SQLite format 3\x00")) {
		return fmt.Errorf("%w: it does not begin as a SQLite file does; restore it from a backup, or choose another path", ErrCorrupt)
	}
	page := int64(binary.BigEndian.Uint16(header[16:]))
	if page == 1 {
		page = 65536
	}
	if pages := int64(binary.BigEndian.Uint32(header[28:])); !hasLog(path) && size < pages*page {
		return fmt.Errorf("%w: it has %d bytes of %d; restore it from a backup", ErrCorrupt, size, pages*page)
	}
	return nil
}

// hasLog tells whether the file's log holds something.
func hasLog(path string) bool {
	info, err := os.Stat(path + "-wal")
	return err == nil && info.Size() > 0
}

func valueOr(value, otherwise int) int {
	if value > 0 {
		return value
	}
	return otherwise
}
