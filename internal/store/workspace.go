package store

import (
	"context"
	"crypto/rand"
	"fmt"

	"premia/internal/core/calendar"
	"premia/internal/core/ledger"
)

// QuotaList gives all quotas that were ever used.
func (s *Store) QuotaList(ctx context.Context) ([]Quota, error) {
	return readAll(ctx, s, listQuotas, nil, scanQuota)
}

// Used gives what is used of a quota at this moment, 0 of one that was never
// used.
func (s *Store) Used(ctx context.Context, quota ledger.Quota) (sum int64, err error) {
	err = s.read(ctx, func(l link) error {
		sum, err = used(ctx, l, quota)
		return err
	})
	return sum, err
}

// UsedBetween gives what is used of the windows from from, and before until, of a
// quota; those that were never used are left out.
func (s *Store) UsedBetween(ctx context.Context, name ledger.Name, from, until int64) ([]Quota, error) {
	return readAll(ctx, s, usedBetween, []any{int64(name), from, until}, scanQuota)
}

func scanQuota(r row) (Quota, error) {
	var q Quota
	var name int64
	err := r.Scan(&name, &q.Quota.Window, &q.Used, &q.Cap)
	q.Quota.Name = ledger.Name(name)
	return q, err
}

// Programs gives all published versions, the oldest first.
func (s *Store) Programs(ctx context.Context) ([]Program, error) {
	return readAll(ctx, s, listPrograms, nil, scanProgram)
}

func scanProgram(r row) (Program, error) {
	var p Program
	var live, published int64
	err := r.Scan(&p.Version, &p.Document, &live, &published, &p.Digest, &p.Comment)
	p.LiveFrom, p.Published = calendar.Instant(live), calendar.Instant(published)
	return p, err
}

// NewestProgram gives the number of the newest published version; 0 if there is
// none.
func (s *Store) NewestProgram(ctx context.Context) (version int64, err error) {
	var names int64
	err = s.read(ctx, func(l link) error { return queryRow(ctx, l, newestProgram, nil, &version, &names) })
	return version, wrong("read the newest program", err)
}

// Names gives the register of names in the order of numbers.
func (s *Store) Names(ctx context.Context) ([]Named, error) {
	return readAll(ctx, s, listNames, nil, scanNamed)
}

func scanNamed(r row) (Named, error) {
	var n Named
	var no int64
	err := r.Scan(&no, &n.Name)
	n.No = ledger.Name(no)
	return n, err
}

// Setting gives the value of a setting; [ErrNotFound] if it is not set.
func (s *Store) Setting(ctx context.Context, key string) (value []byte, err error) {
	err = s.read(ctx, func(l link) error { return queryRow(ctx, l, getSetting, []any{key}, &value) })
	if err != nil {
		return nil, fmt.Errorf("setting %s: %w", key, err)
	}
	return present(value), nil
}

// SetSetting sets a setting.
func (s *Store) SetSetting(ctx context.Context, key string, value []byte) error {
	return wrong("setting "+key, s.run(ctx, setSetting, key, present(value)))
}

// SetSettingIfAbsent sets a setting that was not set, and gives the value that
// it has then: the first one, whoever came with it. Rows of the audit trail are kept
// with the first.
func (s *Store) SetSettingIfAbsent(ctx context.Context, key string, value []byte, audit ...Audit) ([]byte, error) {
	var kept []byte
	err := s.writeAudited(ctx, audit, func(l link) (bool, error) {
		n, err := l.exec(ctx, setSettingIfAbsent, key, present(value))
		if err != nil {
			return false, err
		}
		return n > 0, queryRow(ctx, l, getSetting, []any{key}, &kept)
	})
	return present(kept), wrong("setting "+key, err)
}

// roomToWrite is what must fit on the disk for it to be called writable. A full
// one often has room for a page or two.
const roomToWrite = 128 << 10

// CheckWriting writes durably, as much as a batch does, and tells whether it
// could.
func (s *Store) CheckWriting(ctx context.Context) error {
	const key = "writing_checked"
	noise := make([]byte, roomToWrite) // that no database can pack
	rand.Read(noise)                   // never fails
	err := s.run(ctx, setSetting, key, noise)
	if err == nil {
		err = s.run(ctx, setSetting, key, []byte{})
	}
	return wrong("try to write", err)
}

// run runs one statement that writes.
func (s *Store) run(ctx context.Context, text string, values ...any) error {
	return s.write(ctx, func(l link) error {
		_, err := l.exec(ctx, text, values...)
		return err
	})
}

// Cursors gives the cursors of a subscriber; shards that it has not begun are
// not among them.
func (s *Store) Cursors(ctx context.Context, subscriber string) (map[Shard]int64, error) {
	cursors := make(map[Shard]int64)
	err := s.read(ctx, func(l link) error {
		return l.query(ctx, listCursors, []any{subscriber}, func(r row) error {
			var name string
			var shard, seq int64
			err := r.Scan(&name, &shard, &seq)
			cursors[Shard(shard)] = seq
			return err
		})
	})
	return cursors, wrong("cursors of "+subscriber, err)
}

// SetCursor moves a cursor outside a batch.
func (s *Store) SetCursor(ctx context.Context, cursor Cursor) error {
	return wrong("cursor of "+cursor.Subscriber, s.run(ctx, putCursor, cursor.values()...))
}

// Park keeps what a subscriber could not do, or the next attempt at it, and
// gives its number.
func (s *Store) Park(ctx context.Context, p Parked) (id int64, err error) {
	values := []any{p.Subscriber, int64(p.Shard), p.Seq, int64(p.N), int64(p.Attempts), p.Error, int64(p.Recorded), present(p.Event)}
	err = s.write(ctx, func(l link) error { return queryRow(ctx, l, addParked, values, &id) })
	return id, wrong("park for "+p.Subscriber, err)
}

// ParkedList gives what is parked for a subscriber (empty: for all) in the order
// of numbers, those after the number, at most limit.
func (s *Store) ParkedList(ctx context.Context, subscriber string, after int64, limit int) ([]Parked, error) {
	return readAll(ctx, s, listParked, []any{subscriber, after, int64(limit)}, scanParked)
}

func scanParked(r row) (Parked, error) {
	var p Parked
	var shard, n, attempts, recorded int64
	err := r.Scan(&p.ID, &p.Subscriber, &shard, &p.Seq, &n, &attempts, &p.Error, &recorded, &p.Event)
	p.Shard, p.N, p.Attempts, p.Recorded = Shard(shard), int(n), int(attempts), calendar.Instant(recorded)
	return p, err
}

// Unpark forgets what was parked under the number.
func (s *Store) Unpark(ctx context.Context, id int64) error {
	return wrong("unpark", s.run(ctx, removeParked, id))
}

// CreateAPIKey keeps a new key of the API, with what the audit trail says of it.
func (s *Store) CreateAPIKey(ctx context.Context, k APIKey, audit ...Audit) error {
	return wrong("API key "+k.ID, s.Change(ctx, func(tx *Tx) error {
		if err := tx.run(ctx, "key", insertAPIKey, k.ID, k.Name, present(k.Hash), k.Scopes, int64(k.Created), optional(k.Expires, calendar.None)); err != nil {
			return err
		}
		return tx.Audit(ctx, audit...)
	}))
}

// APIKeys gives all keys, revoked ones too, the oldest first.
func (s *Store) APIKeys(ctx context.Context) ([]APIKey, error) {
	return readAll(ctx, s, listAPIKeys, nil, scanAPIKey)
}

// APIKeyByHash gives the key with that hash, whether it is still good or not;
// [ErrNotFound] if there is none.
func (s *Store) APIKeyByHash(ctx context.Context, hash []byte) (APIKey, error) {
	found, err := readAll(ctx, s, apiKeyByHash, []any{present(hash)}, scanAPIKey)
	if err != nil {
		return APIKey{}, err
	}
	if len(found) == 0 {
		return APIKey{}, fmt.Errorf("API key: %w", ErrNotFound)
	}
	return found[0], nil
}

func scanAPIKey(r row) (APIKey, error) {
	var k APIKey
	var created int64
	var expires, revoked, used *int64
	err := r.Scan(&k.ID, &k.Name, &k.Hash, &k.Scopes, &created, &expires, &revoked, &used)
	k.Created, k.Expires = calendar.Instant(created), orNone(expires, calendar.None)
	k.Revoked, k.LastUsed = orNone(revoked, calendar.None), orNone(used, calendar.None)
	return k, err
}

// RevokeAPIKey ends a key from the instant on; one that was revoked before keeps
// its instant. [ErrNotFound] if there is no such key.
func (s *Store) RevokeAPIKey(ctx context.Context, id string, at calendar.Instant, audit ...Audit) error {
	return wrong("API key "+id, s.Change(ctx, func(tx *Tx) error {
		if err := tx.one(ctx, "key", revokeAPIKey, id, int64(at)); err != nil {
			return err
		}
		return tx.Audit(ctx, audit...)
	}))
}

// TouchAPIKey notes when a key was last used.
func (s *Store) TouchAPIKey(ctx context.Context, id string, at calendar.Instant) error {
	err := s.write(ctx, func(l link) error {
		changed, err := l.exec(ctx, touchAPIKey, id, int64(at))
		if err == nil && changed == 0 {
			err = ErrNotFound
		}
		return err
	})
	return wrong("API key "+id, err)
}

// Counts counts the rows; it reads whole indexes.
func (s *Store) Counts(ctx context.Context) (Counts, error) {
	var c Counts
	err := s.report(ctx, func(l link) error {
		return queryRow(ctx, l, countRows, nil, &c.Members, &c.Entries, &c.Postings, &c.Keys, &c.Personal)
	})
	return c, wrong("count rows", err)
}

// CountUpTo counts members, active and blocked, and entries of the journal, but no more
// of each than is asked for, so that it is quick however many there are. Who was merged
// or erased is no member, and neither are accounts that are no person's.
func (s *Store) CountUpTo(ctx context.Context, members, entries int64) (m, e int64, err error) {
	err = s.report(ctx, func(l link) error { return queryRow(ctx, l, countUpTo, []any{members, entries}, &m, &e) })
	return m, e, wrong("count rows", err)
}

// The room of tables: SQLite walks through the whole file for it.
const (
	liteSizes = `
SELECT m.tbl_name, sum(d.pgsize) FROM dbstat d JOIN sqlite_master m ON m.name = d.name
WHERE d.aggregate = TRUE GROUP BY m.tbl_name ORDER BY m.tbl_name`

	pgSizes = `
SELECT relname::text, pg_total_relation_size(oid) FROM pg_class
WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace ORDER BY relname`
)

// Sizes gives the room that each table takes.
func (s *Store) Sizes(ctx context.Context) ([]Size, error) {
	text := liteSizes
	if s.dialect == Postgres {
		text = pgSizes
	}
	return readAll(ctx, s, text, nil, func(r row) (Size, error) {
		var size Size
		err := r.Scan(&size.Table, &size.Bytes)
		return size, err
	})
}
