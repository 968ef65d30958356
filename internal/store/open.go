package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5/pgxpool"
)

// Dialects of SQL, as [Store.Dialect] names them.
const (
	SQLite   = "sqlite"
	Postgres = "postgres"
)

// Options say how to open a database. The zero value opens an existing one for
// reading and writing.
type Options struct {
	// Migrate creates what is missing, the file of a SQLite database included.
	Migrate bool
	// ReadOnly writes nothing; the database must be migrated.
	ReadOnly bool
	// Shards is the number of shards of a database that is created now, at most
	// 1024; 0 is 1 on SQLite and 64 on PostgreSQL. It can't be changed later.
	Shards int
	// Logger hears of migrations; nil is silence.
	Logger *slog.Logger
	// Unfinished opens a database into which a move was begun and not finished;
	// without it that is [ErrUnfinished].
	Unfinished bool
	// MaxConns bounds the connections for reading; 0 is 4 on SQLite and 16 on
	// PostgreSQL. Writing has connections of its own.
	MaxConns int
}

// Store is the database of one workspace. Its methods may be used by several
// goroutines.
type Store struct {
	dialect  string
	where    string // the file, or the URL without its password
	readOnly bool
	log      *slog.Logger
	wanted   int // shards of a new database

	unfinished bool
	shards     []Shard // in the order of idx

	liteWriter, liteReaders *litePool

	writers, readers *pgxpool.Pool
	// distributed says that Citus spreads the tables: a statement that joins
	// rows to a list of keys must then name one shard, so that one node has all
	// that it needs.
	distributed bool
	frequent    int64 // rows of a long span of the search: [frequentRows], fewer in tests

	closing sync.Once
}

// Open opens the database at "sqlite:PATH" or "postgres://…". The errors
// [ErrNotMigrated], [ErrNewerSchema], [ErrCorrupt] and [ErrReadOnly] say what
// to do about the database.
func Open(ctx context.Context, url string, o Options) (*Store, error) {
	if o.Shards < 0 || o.Shards > maxShards {
		return nil, fmt.Errorf("%d shards: a database has 1 to %d", o.Shards, maxShards)
	}
	if o.ReadOnly && o.Migrate {
		return nil, fmt.Errorf("%w and can't be migrated", ErrReadOnly)
	}
	s := &Store{readOnly: o.ReadOnly, log: o.Logger, wanted: o.Shards, unfinished: o.Unfinished, frequent: frequentRows}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	open, err := s.opener(url)
	if err != nil {
		return nil, err
	}
	if err := open(ctx, o); err != nil {
		return nil, fmt.Errorf("open %s: %w", s.where, errors.Join(err, s.Close()))
	}
	return s, nil
}

func (s *Store) opener(url string) (func(context.Context, Options) error, error) {
	scheme, rest, _ := strings.Cut(url, ":")
	switch scheme {
	case "sqlite":
		path := strings.TrimPrefix(rest, "//")
		if path == "" || strings.HasPrefix(path, ":") {
			return nil, fmt.Errorf("%q names no file: write sqlite:PATH", url)
		}
		s.dialect, s.where = SQLite, path
		return func(ctx context.Context, o Options) error { return s.openSQLite(ctx, path, o) }, nil
	case "postgres", "postgresql":
		s.dialect, s.where = Postgres, withoutPassword(url)
		return func(ctx context.Context, o Options) error { return s.openPostgres(ctx, url, o) }, nil
	}
	return nil, fmt.Errorf("%q is no database: write sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE", url)
}

// Close ends all work and closes the database. On SQLite it waits for running
// work and moves the whole log into the file, so that the file alone is
// complete.
func (s *Store) Close() error {
	var err error
	s.closing.Do(func() {
		if s.dialect == SQLite {
			err = s.closeSQLite()
			return
		}
		for _, pool := range []*pgxpool.Pool{s.readers, s.writers} {
			if pool != nil {
				pool.Close()
			}
		}
	})
	return err
}

// Dialect is [SQLite] or [Postgres].
func (s *Store) Dialect() string { return s.dialect }

// prepare migrates if asked to, checks the schema and reads the shards.
func (s *Store) prepare(ctx context.Context, migrate bool) error {
	if migrate {
		if err := s.Migrate(ctx); err != nil {
			return err
		}
		return s.read(ctx, func(l link) error { return s.checkFinished(ctx, l) })
	}
	return s.read(ctx, func(l link) error {
		if err := s.checkVersion(ctx, l); err != nil {
			return err
		}
		if err := s.checkFinished(ctx, l); err != nil {
			return err
		}
		return s.loadShards(ctx, l)
	})
}

func (s *Store) loadShards(ctx context.Context, l link) error {
	var shards []Shard
	err := l.query(ctx, "SELECT shard FROM shards ORDER BY idx", nil, func(r row) error {
		var shard int64
		err := r.Scan(&shard)
		shards = append(shards, Shard(shard))
		return err
	})
	if err != nil {
		return wrong("read the shards", err)
	}
	if len(shards) == 0 {
		return fmt.Errorf("%w: it has no shards; run premia migrate", ErrNotMigrated)
	}
	s.shards = shards
	return nil
}
