package store

import (
	"context"
	"fmt"
	"math"

	"github.com/jackc/pgx/v5"

	"premia/internal/core/calendar"
	"premia/internal/core/ledger"
)

// The statements of snapshots that others don't have: whole tables, page by page.
const (
	directoryAfter = `
SELECT key, member, seq_shard, seq, digest FROM directory WHERE shard = $1 AND key > $2 ORDER BY key LIMIT $3`

	personalAfter = `
SELECT member, kind, name, value, salt, recorded FROM personal
WHERE shard = $1 AND (member, kind, name, salt) > ($2, $3, $4, $5) ORDER BY member, kind, name, salt LIMIT $6`

	postingsBetween = `
SELECT seq, n, kind, wallet, source, target, amount, lot, rule, at FROM postings
WHERE shard = $1 AND seq > $2 AND seq <= $3 ORDER BY seq, n`

	listSettings = `
SELECT key, value FROM settings ORDER BY key`

	listAllCursors = `
SELECT subscriber, shard, seq FROM cursors ORDER BY subscriber, shard`
)

// Snapshot reads the database as it was at one moment, whatever is written
// meanwhile. One goroutine uses it at a time, and only until the function that
// it was given to returns.
type Snapshot struct {
	s    *Store
	link link
	pg   pgSender
}

// Snapshots gives up to n snapshots of one and the same moment to fn. SQLite has
// one; so has PostgreSQL with Citus, whose nodes don't share snapshots.
func (s *Store) Snapshots(ctx context.Context, n int, fn func([]*Snapshot) error) error {
	if s.dialect == SQLite {
		return s.snapshotSQLite(ctx, fn)
	}
	if s.distributed {
		n = 1
	}
	return s.snapshotsPostgres(ctx, "", n, nil, fn)
}

func (s *Store) snapshotSQLite(ctx context.Context, fn func([]*Snapshot) error) error {
	return s.readSQLite(ctx, func(c *liteConn) error {
		if _, err := c.exec(ctx, "BEGIN"); err != nil {
			return wrong("begin a snapshot", err)
		}
		// The moment is that of the first statement.
		var shards int64
		err := queryRow(ctx, c, "SELECT count(*) FROM shards", nil, &shards)
		if err == nil {
			err = fn([]*Snapshot{{s: s, link: c}})
		}
		return c.rollback(err)
	})
}

// snapshotsPostgres begins one transaction more on the snapshot with the name
// (empty: a new one) and goes on with the rest.
func (s *Store) snapshotsPostgres(ctx context.Context, name string, left int, have []*Snapshot, fn func([]*Snapshot) error) error {
	if left <= 0 {
		return fn(have)
	}
	options := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	return classify(pgx.BeginTxFunc(ctx, s.readers, options, func(tx pgx.Tx) error {
		if name != "" {
			// The server itself made the name: digits, letters and dashes.
			if _, err := tx.Exec(ctx, "SET TRANSACTION SNAPSHOT '"+name+"'"); err != nil {
				return wrong("share a snapshot", err)
			}
		} else if left > 1 {
			if err := tx.QueryRow(ctx, "SELECT pg_export_snapshot()").Scan(&name); err != nil {
				return wrong("share a snapshot", err)
			}
		}
		// It waits for the work of others as long as that takes.
		if _, err := tx.Exec(ctx, "SET LOCAL idle_in_transaction_session_timeout = 0"); err != nil {
			return err
		}
		return s.snapshotsPostgres(ctx, name, left-1, append(have, &Snapshot{s: s, link: pgLink{tx}, pg: tx}), fn)
	}))
}

// snapshotAll reads all rows of one statement.
func snapshotAll[T any](ctx context.Context, v *Snapshot, text string, values []any, scan func(row) (T, error)) ([]T, error) {
	var all []T
	err := v.link.query(ctx, text, values, func(r row) error {
		one, err := scan(r)
		all = append(all, one)
		return err
	})
	return all, wrong("read "+firstLine(text), err)
}

// Head gives the last entry of a shard's journal.
func (v *Snapshot) Head(ctx context.Context, shard Shard) (Head, error) {
	head, err := headOf(ctx, v.link, shard)
	return head, wrong("read the head of the journal", err)
}

// Scan gives the shard's entries after the sequence number, at most limit.
func (v *Snapshot) Scan(ctx context.Context, shard Shard, after int64, limit int) ([]Entry, error) {
	return snapshotAll(ctx, v, scanJournal, []any{int64(shard), after, int64(limit)}, scanEntry)
}

// Postings gives the postings of the shard's entries after the one sequence number
// and up to the other.
func (v *Snapshot) Postings(ctx context.Context, shard Shard, after, upTo int64) ([]PostedAt, error) {
	return snapshotAll(ctx, v, postingsBetween, []any{int64(shard), after, upTo}, scanPosting(shard))
}

// Members gives the shard's members with numbers above after, at most limit.
func (v *Snapshot) Members(ctx context.Context, shard Shard, after ledger.MemberID, limit int) ([]Member, error) {
	return snapshotAll(ctx, v, membersAfter, []any{int64(shard), int64(after), int64(limit)}, scanMember)
}

// FirstMember stands before all members of a shard.
const FirstMember ledger.MemberID = math.MinInt64

// Keys gives the shard's bindings with keys above after, at most limit; an empty
// after stands before all.
func (v *Snapshot) Keys(ctx context.Context, shard Shard, after []byte, limit int) ([]Binding, error) {
	return snapshotAll(ctx, v, directoryAfter, []any{int64(shard), present(after), int64(limit)}, scanBinding)
}

// Personal gives the shard's personal values after the given one, at most limit;
// they are in the order of member, kind, name and salt.
func (v *Snapshot) Personal(ctx context.Context, shard Shard, after Personal, limit int) ([]Personal, error) {
	values := []any{int64(shard), int64(after.Member), after.Kind, after.Name, present(after.Salt), int64(limit)}
	return snapshotAll(ctx, v, personalAfter, values, func(r row) (Personal, error) {
		var p Personal
		var member, recorded int64
		err := r.Scan(&member, &p.Kind, &p.Name, &p.Value, &p.Salt, &recorded)
		p.Member, p.Recorded = ledger.MemberID(member), calendar.Instant(recorded)
		return p, err
	})
}

// Lookup gives the bindings of those keys that are bound.
func (v *Snapshot) Lookup(ctx context.Context, keys []Key) (map[Key]Binding, error) {
	var found []Binding
	var err error
	if lite, ok := v.link.(*liteConn); ok {
		found, err = v.s.keysSQLite(ctx, lite, keys)
	} else {
		found, err = v.s.keysPostgres(ctx, v.pg, keys)
	}
	bindings := make(map[Key]Binding, len(found))
	for _, binding := range found {
		bindings[binding.Key] = binding
	}
	return bindings, err
}

// Entries gives those of the entries that exist, by their places.
func (v *Snapshot) Entries(ctx context.Context, at []Position) (map[Position]Entry, error) {
	var found []Entry
	var err error
	if lite, ok := v.link.(*liteConn); ok {
		found, err = v.s.entriesSQLite(ctx, lite, at)
	} else {
		found, err = v.s.entriesPostgres(ctx, v.pg, at)
	}
	entries := make(map[Position]Entry, len(found))
	for _, entry := range found {
		entries[entry.Position] = entry
	}
	return entries, err
}

// MembersByID gives the rows of those members that exist.
func (v *Snapshot) MembersByID(ctx context.Context, ids []ledger.MemberID) ([]Member, error) {
	if lite, ok := v.link.(*liteConn); ok {
		return v.s.membersSQLite(ctx, lite, ids)
	}
	return v.s.membersPostgres(ctx, v.pg, ids)
}

// Programs gives all published versions, the oldest first.
func (v *Snapshot) Programs(ctx context.Context) ([]Program, error) {
	return snapshotAll(ctx, v, listPrograms, nil, scanProgram)
}

// Names gives the register of names in the order of numbers.
func (v *Snapshot) Names(ctx context.Context) ([]Named, error) {
	return snapshotAll(ctx, v, listNames, nil, scanNamed)
}

// Quotas gives all quotas that were ever used.
func (v *Snapshot) Quotas(ctx context.Context) ([]Quota, error) {
	return snapshotAll(ctx, v, listQuotas, nil, scanQuota)
}

// Settings gives all settings.
func (v *Snapshot) Settings(ctx context.Context) (map[string][]byte, error) {
	settings := make(map[string][]byte)
	err := v.link.query(ctx, listSettings, nil, func(r row) error {
		var key string
		var value []byte
		err := r.Scan(&key, &value)
		settings[key] = present(value)
		return err
	})
	return settings, wrong("read the settings", err)
}

// Cursors gives the cursors of all subscribers.
func (v *Snapshot) Cursors(ctx context.Context) ([]Cursor, error) {
	return snapshotAll(ctx, v, listAllCursors, nil, func(r row) (Cursor, error) {
		var c Cursor
		var shard int64
		err := r.Scan(&c.Subscriber, &shard, &c.Seq)
		c.Shard = Shard(shard)
		return c, err
	})
}

// Parked gives what subscribers could not do, in the order of numbers.
func (v *Snapshot) Parked(ctx context.Context) ([]Parked, error) {
	return snapshotAll(ctx, v, listParked, []any{"", int64(0), int64(math.MaxInt32)}, scanParked)
}

// APIKeys gives all keys, revoked ones too.
func (v *Snapshot) APIKeys(ctx context.Context) ([]APIKey, error) {
	return snapshotAll(ctx, v, listAPIKeys, nil, scanAPIKey)
}

// Counts counts the rows.
func (v *Snapshot) Counts(ctx context.Context) (Counts, error) {
	var c Counts
	err := queryRow(ctx, v.link, countRows, nil, &c.Members, &c.Entries, &c.Postings, &c.Keys, &c.Personal)
	if err != nil {
		err = fmt.Errorf("count rows: %w", err)
	}
	return c, err
}
