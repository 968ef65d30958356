package store

import (
	"context"
	"fmt"
	"maps"
	"net/url"

	"github.com/jackc/pgx/v5/pgxpool"
)

// Connections to PostgreSQL, unless options say otherwise.
const (
	readersOnPostgres = 16
	writersOnPostgres = 8
)

// Hot statements look up rows by their keys. They were written so that one plan
// is right for every size of the tables, and these settings keep the planner
// from choosing another by statistics of a table that was empty a minute ago.
var hotSettings = map[string]string{
	"plan_cache_mode":  "force_generic_plan",
	"enable_seqscan":   "off",
	"enable_hashjoin":  "off",
	"enable_mergejoin": "off",
	"enable_memoize":   "off",
	"jit":              "off",
	"application_name": "premia",
	"timezone":         "UTC",
	// A writer that waits for another server's batch waits no longer than this.
	"lock_timeout":                        "30s",
	"idle_in_transaction_session_timeout": "60s",
}

// reportSettings give the plan back to the server for what reads whole tables.
const reportSettings = `
SET LOCAL enable_seqscan = on; SET LOCAL enable_hashjoin = on; SET LOCAL enable_mergejoin = on;
SET LOCAL enable_memoize = on; SET LOCAL plan_cache_mode = auto`

func (s *Store) openPostgres(ctx context.Context, address string, o Options) error {
	var err error
	if s.readers, err = newPool(ctx, address, valueOr(o.MaxConns, readersOnPostgres), true); err != nil {
		return err
	}
	if !o.ReadOnly {
		if s.writers, err = newPool(ctx, address, writersOnPostgres, false); err != nil {
			return err
		}
	}
	if err := s.readers.Ping(ctx); err != nil {
		return wrong("PostgreSQL does not answer; check that it runs, and the address, account and database that you wrote", classify(err))
	}
	if s.distributed, err = s.isDistributed(ctx); err != nil {
		return err
	}
	return s.prepare(ctx, o.Migrate)
}

func newPool(ctx context.Context, address string, most int, readOnly bool) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(address)
	if err != nil {
		return nil, err
	}
	config.MaxConns = int32(most)
	maps.Copy(config.ConnConfig.RuntimeParams, hotSettings)
	if readOnly {
		config.ConnConfig.RuntimeParams["default_transaction_read_only"] = "on"
	}
	// Statements are few and constant; none should be prepared twice.
	config.ConnConfig.StatementCacheCapacity = 512
	return pgxpool.NewWithConfig(ctx, config)
}

// isDistributed tells whether Citus spreads the journal.
func (s *Store) isDistributed(ctx context.Context) (bool, error) {
	var tables int64
	if err := s.readers.QueryRow(ctx, "SELECT count(*) FROM pg_class WHERE relname = 'pg_dist_partition' AND relkind = 'r'").Scan(&tables); err != nil {
		return false, classify(err)
	}
	if tables == 0 {
		return false, nil
	}
	err := s.readers.QueryRow(ctx, "SELECT count(*) FROM pg_dist_partition WHERE logicalrelid = to_regclass('journal')").Scan(&tables)
	return tables > 0, classify(err)
}

// withoutPassword gives the URL in the form for logs and errors.
func withoutPassword(address string) string {
	parsed, err := url.Parse(address)
	if err != nil {
		return "the PostgreSQL database (its URL is malformed)"
	}
	return fmt.Sprintf("%s://%s%s", parsed.Scheme, parsed.Host, parsed.Path)
}
