package store

import (
	"context"
	"path/filepath"
	"testing"

	"premia/internal/testkit/postgres"
)

// subject is one database under test; open opens it, again and again.
type subject struct {
	url     string
	options Options
	// oneShard has PostgreSQL use the statements that name one shard each.
	oneShard bool
}

func (sub *subject) open(t testing.TB) *Store {
	t.Helper()
	s, err := Open(t.Context(), sub.url, sub.options)
	if err != nil {
		t.Fatal(err)
	}
	s.distributed = sub.oneShard
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func sqliteURL(t testing.TB) string { return "sqlite:" + filepath.Join(t.TempDir(), "premia.db") }

// subjects are the databases that the whole suite runs on.
var subjects = map[string]func(t testing.TB) *subject{
	"sqlite": func(t testing.TB) *subject {
		return &subject{url: sqliteURL(t), options: Options{Migrate: true}}
	},
	"sqlite with seven shards": func(t testing.TB) *subject {
		return &subject{url: sqliteURL(t), options: Options{Migrate: true, Shards: 7}}
	},
	"postgres": func(t testing.TB) *subject {
		return &subject{url: postgres.New(t), options: Options{Migrate: true}}
	},
}

// conformance is what holds on every database, by name.
var conformance = map[string]func(t *testing.T, sub *subject){}

func TestConformance(t *testing.T) {
	for database, start := range subjects {
		t.Run(database, func(t *testing.T) {
			t.Parallel()
			for name, check := range conformance {
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					check(t, start(t))
				})
			}
		})
	}
}

// The statements for tables that Citus spreads are used nowhere else in tests.
func TestShardByShard(t *testing.T) {
	for _, name := range []string{"a batch writes all kinds of rows", "heads follow the journal of each shard", "a binding is permanent", "large lists", "one key, many writers", "codes", "codes in a batch of events", "the list of members", "personal values of many"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conformance[name](t, &subject{url: postgres.New(t), options: Options{Migrate: true, Shards: 8}, oneShard: true})
		})
	}
}

func must[T any](t testing.TB) func(T, error) T {
	return func(value T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

// batch runs fn over all shards and expects it to be kept.
func batch(t testing.TB, s *Store, fn func(ctx context.Context, b *Batch) error) {
	t.Helper()
	ctx := t.Context()
	if err := s.Batch(ctx, s.Shards(), func(b *Batch) error { return fn(ctx, b) }); err != nil {
		t.Fatal(err)
	}
}

func write(t testing.TB, s *Store, w *Writes) {
	t.Helper()
	batch(t, s, func(ctx context.Context, b *Batch) error { return b.Write(ctx, w) })
}
