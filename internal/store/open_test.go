package store

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"premia/internal/core/calendar"
	"premia/internal/testkit/postgres"
)

func init() {
	conformance["a newer schema is left alone"] = newerSchemaLeftAlone
	conformance["a database that is not migrated"] = notMigrated
	conformance["open for reading only"] = openReadOnly
	conformance["servers migrate together"] = migrateTogether
	conformance["the number of shards stays"] = shardsStay
}

func newerSchemaLeftAlone(t *testing.T, sub *subject) {
	s := sub.open(t)
	if err := s.run(t.Context(), "INSERT INTO goose_db_version (version_id, is_applied) VALUES ($1, $2)", int64(9999), int64(1)); err != nil {
		// PostgreSQL has a type for truth.
		if err := s.run(t.Context(), "INSERT INTO goose_db_version (version_id, is_applied) VALUES ($1, true)", int64(9999)); err != nil {
			t.Fatal(err)
		}
	}
	for _, migrate := range []bool{false, true} {
		_, err := Open(t.Context(), sub.url, Options{Migrate: migrate})
		if !errors.Is(err, ErrNewerSchema) || !strings.Contains(err.Error(), "use a newer premia") {
			t.Errorf("opening a newer schema (migrate: %v) gives %v, want ErrNewerSchema with what to do", migrate, err)
		}
	}
}

func notMigrated(t *testing.T, sub *subject) {
	if _, err := Open(t.Context(), sub.url, Options{}); !errors.Is(err, ErrNotMigrated) || !strings.Contains(err.Error(), "premia migrate") {
		t.Errorf("an empty database: %v, want ErrNotMigrated with what to do", err)
	}
	s := sub.open(t)
	if err := s.run(t.Context(), "DELETE FROM goose_db_version WHERE version_id > 0"); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), sub.url, Options{}); !errors.Is(err, ErrNotMigrated) {
		t.Errorf("an older schema: %v, want ErrNotMigrated", err)
	}
}

func openReadOnly(t *testing.T, sub *subject) {
	writer := sub.open(t)
	write(t, writer, &Writes{NewMembers: []Member{{ID: memberNo(1), DueAt: calendar.Never}}})
	if _, err := Open(t.Context(), sub.url, Options{ReadOnly: true, Migrate: true}); !errors.Is(err, ErrReadOnly) {
		t.Errorf("migrating for reading only: %v, want ErrReadOnly", err)
	}
	s := must[*Store](t)(Open(t.Context(), sub.url, Options{ReadOnly: true}))
	defer s.Close()
	same(t, "counts", must[Counts](t)(s.Counts(t.Context())), Counts{Members: 1})
	for name, change := range map[string]func() error{
		"batch":   func() error { return s.Batch(t.Context(), s.Shards(), func(*Batch) error { return nil }) },
		"setting": func() error { return s.SetSetting(t.Context(), "a", nil) },
		"migrate": func() error { return s.Migrate(t.Context()) },
	} {
		if err := change(); !errors.Is(err, ErrReadOnly) {
			t.Errorf("%s: %v, want ErrReadOnly", name, err)
		}
	}
}

func migrateTogether(t *testing.T, sub *subject) {
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			s, err := Open(t.Context(), sub.url, sub.options)
			if err == nil {
				err = s.Close()
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	sub.open(t)
}

func shardsStay(t *testing.T, sub *subject) {
	first := sub.open(t)
	more := *sub
	more.options.Shards = 3
	second := more.open(t)
	same(t, "shards", second.Shards(), first.Shards())
	for i := range 1000 {
		if first.ShardOf(memberNo(i)) != second.ShardOf(memberNo(i)) || first.ShardOfKey(keyNo(i)) != second.ShardOfKey(keyNo(i)) {
			t.Fatal("the same database spreads otherwise")
		}
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	folder := t.TempDir()
	file := func(name string, content []byte, mode os.FileMode) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, content, mode); err != nil {
			t.Fatal(err)
		}
		return "sqlite:" + path
	}
	good := sqliteURL(t)
	s := must[*Store](t)(Open(t.Context(), good, Options{Migrate: true}))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	content := must[[]byte](t)(os.ReadFile(strings.TrimPrefix(good, "sqlite:")))
	mangled := bytes.Clone(content)
	for i := 100; i < len(mangled); i++ {
		mangled[i] = 0xa5
	}
	for name, c := range map[string]struct {
		url     string
		options Options
		is      error
		says    string
	}{
		"text":             {file("text.db", []byte("dear diary"), 0o600), Options{Migrate: true}, ErrCorrupt, "does not begin as a SQLite file"},
		"cut short":        {file("cut.db", content[:len(content)/2], 0o600), Options{}, ErrCorrupt, "restore it from a backup"},
		"mangled":          {file("mangled.db", mangled, 0o600), Options{Migrate: true}, ErrCorrupt, "restore it from a backup"},
		"marked read-only": {file("locked.db", content, 0o400), Options{}, ErrReadOnly, "chmod u+w"},
		"missing file":     {"sqlite:" + folder + "/none.db", Options{}, ErrNotMigrated, "there is no such file"},
		"missing to read":  {"sqlite:" + folder + "/none.db", Options{ReadOnly: true}, ErrNotMigrated, "there is no such file"},
		"missing folder":   {"sqlite:" + folder + "/none/x.db", Options{Migrate: true}, nil, "there is no folder " + folder + "/none"},
		"a folder":         {"sqlite:" + folder, Options{}, nil, "is a folder"},
		"no path":          {"sqlite:", Options{}, nil, "write sqlite:PATH"},
		"in memory":        {"sqlite::memory:", Options{Migrate: true}, nil, "write sqlite:PATH"},
		"another database": {"mysql://localhost/x", Options{}, nil, "write sqlite:PATH or postgres://"},
		"too many shards":  {good, Options{Shards: 5000}, nil, "1 to 1024"},
		"nobody answers":   {"postgres://me:secret@127.0.0.1:1/x?connect_timeout=2", Options{}, nil, "PostgreSQL"},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := Open(t.Context(), c.url, c.options)
			if err == nil {
				t.Fatal("it opened", s.Close())
			}
			if c.is != nil && !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "secret") {
				t.Errorf("error %q, want one that says %q and is %v", err, c.says, c.is)
			}
		})
	}
	if _, err := os.Stat(folder + "/none.db"); err == nil {
		t.Error("opening a file that is missing made it")
	}
}

func TestReadOnlyFileIsRead(t *testing.T) {
	url := filepath.Join(t.TempDir(), "a folder? with #odd %41 name.db")
	s := must[*Store](t)(Open(t.Context(), "sqlite:"+url, Options{Migrate: true}))
	write(t, s, &Writes{NewMembers: []Member{{ID: memberNo(1), DueAt: calendar.Never}}})
	if err := errors.Join(s.Close(), os.Chmod(url, 0o400)); err != nil {
		t.Fatal(err)
	}
	s = must[*Store](t)(Open(t.Context(), "sqlite:"+url, Options{ReadOnly: true}))
	same(t, "counts", must[Counts](t)(s.Counts(t.Context())), Counts{Members: 1})
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if left := must[[]string](t)(filepath.Glob(filepath.Dir(url) + "/*")); len(left) != 1 {
		t.Errorf("reading left files behind: %q", left)
	}
}

func TestBackup(t *testing.T) {
	url := sqliteURL(t)
	s := must[*Store](t)(Open(t.Context(), url, Options{Migrate: true}))
	defer s.Close()
	written := journalOf(t, s, 4, 20)
	path := filepath.Join(t.TempDir(), "copy.db")
	if err := s.Backup(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	for _, wrongPath := range []string{path, filepath.Dir(path) + "/none/copy.db"} {
		if err := s.Backup(t.Context(), wrongPath); err == nil {
			t.Errorf("a backup to %s was made", wrongPath)
		}
	}
	backup := must[*Store](t)(Open(t.Context(), "sqlite:"+path, Options{}))
	defer backup.Close()
	for id, want := range written {
		if id != 0 {
			same(t, "history in the backup", must[[]Entry](t)(backup.EntriesOf(t.Context(), id, 0, 1000)), want)
		}
	}
}

// TestBackupsAreChecked makes copies that are not whole: of a database without some of
// its entries, and files that are cut short or written over.
func TestBackupsAreChecked(t *testing.T) {
	url := sqliteURL(t)
	s := must[*Store](t)(Open(t.Context(), url, Options{Migrate: true}))
	defer s.Close()
	journalOf(t, s, 4, 20)
	heads := map[Shard]int64{}
	for _, shard := range s.Shards() {
		heads[shard] = must[Head](t)(s.Head(t.Context(), shard)).Seq
	}
	copied := filepath.Join(t.TempDir(), "copy.db")
	if err := s.Backup(t.Context(), copied); err != nil {
		t.Fatal(err)
	}
	good := must[[]byte](t)(os.ReadFile(copied))
	bad := filepath.Join(t.TempDir(), "bad.db")
	for what, content := range map[string][]byte{
		"cut short":    good[:len(good)-8192],
		"written over": append(bytes.Repeat([]byte{0xff}, len(good)/2), good[len(good)/2:]...),
	} {
		if err := os.WriteFile(bad, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := checkCopy(t.Context(), bad, heads); err == nil {
			t.Errorf("a copy that is %s is taken for good", what)
		}
	}
	heads[s.Shards()[0]]++
	if err := checkCopy(t.Context(), copied, heads); !errors.Is(err, ErrCopy) {
		t.Errorf("a copy without the last entry: %v", err)
	}
	c := must[*liteConn](t)(openLite(strings.TrimPrefix(url, "sqlite:"), "rw"))
	must[int64](t)(c.exec(t.Context(), "DELETE FROM journal WHERE seq = 2"))
	if err := c.close(); err != nil {
		t.Fatal(err)
	}
	again := filepath.Join(t.TempDir(), "again.db")
	if err := s.Backup(t.Context(), again); !errors.Is(err, ErrCopy) {
		t.Errorf("a copy of a journal with a gap: %v", err)
	}
	if _, err := os.Stat(again); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the copy that is not whole is there: %v", err)
	}
}

func TestCleanCloseLeavesOneFile(t *testing.T) {
	url := sqliteURL(t)
	s := must[*Store](t)(Open(t.Context(), url, Options{Migrate: true}))
	journalOf(t, s, 4, 20)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if left := must[[]string](t)(filepath.Glob(strings.TrimPrefix(url, "sqlite:") + "*")); len(left) != 1 {
		t.Errorf("files after a clean stop: %q, want the database alone", left)
	}
	if err := s.SetSetting(context.Background(), "a", nil); err == nil {
		t.Error("a closed store wrote a setting")
	}
}

func TestCleanCloseEmptiesTheLogWhileOthersRead(t *testing.T) {
	url := sqliteURL(t)
	s := must[*Store](t)(Open(t.Context(), url, Options{Migrate: true}))
	reader := must[*Store](t)(Open(t.Context(), url, Options{ReadOnly: true}))
	defer reader.Close()
	journalOf(t, s, 4, 20)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if hasLog(strings.TrimPrefix(url, "sqlite:")) {
		t.Error("the log still holds something, so the file alone lacks it")
	}
}

func TestPostgresNeedsPgDump(t *testing.T) {
	s := must[*Store](t)(Open(t.Context(), postgres.New(t), Options{Migrate: true}))
	defer s.Close()
	if err := s.Backup(t.Context(), filepath.Join(t.TempDir(), "x")); err == nil || !strings.Contains(err.Error(), "pg_dump") {
		t.Errorf("a backup of PostgreSQL: %v, want an error that names pg_dump", err)
	}
	if err := s.MigrateCitus(t.Context()); err == nil || !strings.Contains(err.Error(), "CREATE EXTENSION citus") {
		t.Errorf("spreading without Citus: %v, want an error that says what to install", err)
	}
}
