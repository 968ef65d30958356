package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations
var migrationFiles embed.FS

// migrationLock is the number of the advisory lock that servers which migrate
// one PostgreSQL database take in turn: "premia" in ASCII.
const migrationLock = 0x7072656d6961

// hotTables carry the shard in their keys and live, on Citus, where it does.
var hotTables = []string{"journal", "directory", "postings", "members", "personal", "search", "codes", "leaderboard_scores"}

// allTables are the tables of a workspace.
var allTables = append([]string{"shards", "quotas", "programs", "names", "settings", "cursors", "parked", "api_keys", "code_batches", "payout_batches", "payouts", "clicks", "leaderboard_endings", "leaderboard_places", "users", "credentials", "sessions", "invitations", "tokens", "attempts", "audit", "drafts", "outbox", "webhook_endpoints", "webhook_deliveries", "member_sessions", "tills", "figures", "redemptions", "member_passkeys", "pictures"}, hotTables...)

// Migrate creates or brings up to date the tables, and creates the shards of a
// new database. Servers that start together do it one after another. A database
// of a newer version is left alone, with [ErrNewerSchema].
func (s *Store) Migrate(ctx context.Context) error {
	if s.readOnly {
		return ErrReadOnly
	}
	db, err := s.openForMigration()
	if err != nil {
		return err
	}
	defer db.Close()
	provider, err := s.provider(db)
	if err != nil {
		return err
	}
	current, newest, err := provider.GetVersions(ctx)
	if err != nil {
		return wrong("read the version of the database", classify(err))
	}
	if current > newest {
		return newerSchema(current, newest)
	}
	if err := s.up(ctx, provider, current); err != nil {
		return wrong("migrate the database", classify(err))
	}
	err = s.write(ctx, func(l link) error {
		if err := s.createShards(ctx, l); err != nil {
			return err
		}
		return s.loadShards(ctx, l)
	})
	if err != nil {
		return err
	}
	return s.fillSearch(ctx)
}

// up runs the migrations after the current version. SQLite has no lock for it:
// when another process was faster with a migration, this one fails, and goes on
// after it.
func (s *Store) up(ctx context.Context, provider *goose.Provider, current int64) error {
	for {
		done, err := provider.Up(ctx)
		for _, one := range done {
			s.log.InfoContext(ctx, "migrated the database", "to", one.Source.Version)
		}
		if err == nil {
			return nil
		}
		reached, failed := provider.GetDBVersion(ctx)
		if failed != nil || reached <= current {
			return err
		}
		current = reached
	}
}

func (s *Store) openForMigration() (*sql.DB, error) {
	if s.dialect == Postgres {
		return stdlib.OpenDBFromPool(s.writers), nil
	}
	useFdatasync()
	db, err := sql.Open("sqlite", liteName(s.where, "rwc", writerPragmas...)+"&_txlock=immediate")
	if err != nil {
		return nil, classify(err)
	}
	db.SetMaxOpenConns(1)
	return db, nil
}

func (s *Store) provider(db *sql.DB) (*goose.Provider, error) {
	files, err := fs.Sub(migrationFiles, "migrations/"+s.dialect)
	if err != nil {
		return nil, err
	}
	options := []goose.ProviderOption{goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger())}
	if s.dialect == SQLite {
		return goose.NewProvider(goose.DialectSQLite3, db, files, options...)
	}
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockID(migrationLock), lock.WithLockTimeout(1, 120))
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectPostgres, db, files, append(options, goose.WithSessionLocker(locker))...)
}

// newestVersion is the last migration that this binary knows.
func (s *Store) newestVersion() (int64, error) {
	entries, err := fs.ReadDir(migrationFiles, "migrations/"+s.dialect)
	if err != nil {
		return 0, err
	}
	var newest int64
	for _, entry := range entries {
		version, err := goose.NumericComponent(entry.Name())
		if err != nil {
			return 0, err
		}
		newest = max(newest, version)
	}
	return newest, nil
}

// checkVersion compares the database's version with the binary's.
func (s *Store) checkVersion(ctx context.Context, l link) error {
	newest, err := s.newestVersion()
	if err != nil {
		return err
	}
	has := "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'goose_db_version'"
	if s.dialect == Postgres {
		has = "SELECT count(*) FROM pg_class WHERE oid = to_regclass('goose_db_version')"
	}
	var tables, current int64
	if err := queryRow(ctx, l, has, nil, &tables); err != nil {
		return err
	}
	if tables == 0 {
		return fmt.Errorf("%w: it has no tables of premia; run premia migrate", ErrNotMigrated)
	}
	if err := queryRow(ctx, l, "SELECT coalesce(max(version_id), 0) FROM goose_db_version", nil, &current); err != nil {
		return err
	}
	switch {
	case current > newest:
		return newerSchema(current, newest)
	case current < newest:
		return fmt.Errorf("%w: its version is %d, and this premia needs %d; run premia migrate", ErrNotMigrated, current, newest)
	}
	return nil
}

func newerSchema(current, newest int64) error {
	return fmt.Errorf("%w: its version is %d, and this premia knows %d; use a newer premia", ErrNewerSchema, current, newest)
}

// createShards fills the table of shards of a new database.
func (s *Store) createShards(ctx context.Context, l link) error {
	if s.dialect == Postgres {
		if _, err := l.exec(ctx, "LOCK TABLE shards IN EXCLUSIVE MODE"); err != nil {
			return err
		}
	}
	var known int64
	if err := queryRow(ctx, l, "SELECT count(*) FROM shards", nil, &known); err != nil || known > 0 {
		return err
	}
	values := plainShards(valueOr(s.wanted, shardsOnSQLite))
	if s.dialect == Postgres {
		values = plainShards(valueOr(s.wanted, shardsOnPostgres))
	}
	return insertShards(ctx, l, values)
}

func insertShards(ctx context.Context, l link, values []Shard) error {
	for idx, shard := range values {
		if _, err := l.exec(ctx, "INSERT INTO shards (shard, idx) VALUES ($1, $2) ON CONFLICT DO NOTHING", int64(shard), int64(idx)); err != nil {
			return err
		}
	}
	return nil
}

// MigrateCitus spreads the hot tables over the nodes of a Citus cluster, shard
// by shard and all alike, so that a shard's rows are on one node. The other
// tables, with the rows that lock the shards, stay on the coordinator. While the database has no rows yet the values
// of the shards are chosen anew, so that they fill Citus's ranges evenly. Its
// tests cover the choice of values, not a cluster.
func (s *Store) MigrateCitus(ctx context.Context) error {
	if s.dialect != Postgres {
		return errors.New("only PostgreSQL with the Citus extension spreads tables")
	}
	err := s.write(ctx, func(l link) error {
		var installed, entries, ranges int64
		if err := queryRow(ctx, l, "SELECT count(*) FROM pg_extension WHERE extname = 'citus'", nil, &installed); err != nil {
			return err
		}
		if installed == 0 {
			return errors.New("the database has no Citus: run CREATE EXTENSION citus on it first")
		}
		if err := queryRow(ctx, l, "SELECT current_setting('citus.shard_count')::bigint", nil, &ranges); err != nil {
			return err
		}
		if err := queryRow(ctx, l, "SELECT (SELECT count(*) FROM journal) + (SELECT count(*) FROM directory)", nil, &entries); err != nil {
			return err
		}
		if entries == 0 && !s.distributed {
			if err := s.replaceShards(ctx, l, int(ranges)); err != nil {
				return err
			}
		}
		return distribute(ctx, l)
	})
	if err != nil {
		return wrong("spread the tables with Citus", err)
	}
	s.distributed = true
	return s.read(ctx, func(l link) error { return s.loadShards(ctx, l) })
}

func (s *Store) replaceShards(ctx context.Context, l link, ranges int) error {
	if _, err := l.exec(ctx, "DELETE FROM shards"); err != nil {
		return err
	}
	return insertShards(ctx, l, evenShards(len(s.shards), ranges))
}

// distribute spreads the hot tables that are not spread yet.
func distribute(ctx context.Context, l link) error {
	for i, table := range hotTables {
		var spread int64
		if err := queryRow(ctx, l, "SELECT count(*) FROM pg_dist_partition WHERE logicalrelid = $1::text::regclass", []any{table}, &spread); err != nil {
			return wrong(table, err)
		}
		if spread > 0 {
			continue
		}
		var colocate any = hotTables[0]
		if i == 0 {
			colocate = "default"
		}
		if _, err := l.exec(ctx, "SELECT create_distributed_table($1::text::regclass, 'shard', colocate_with => $2::text)", table, colocate); err != nil {
			return wrong(table, err)
		}
	}
	return nil
}
