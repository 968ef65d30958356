package store

import (
	"context"

	"premia/internal/core/calendar"
)

// Till is a device at which cashiers work.
type Till struct {
	ID string
	// Hash is that of the token in the device's cookie.
	Hash []byte
	// Name and Store are for people and events: which till, in which branch.
	Name, Store string
	// User set it up. Seen is none while no device has become it.
	User                   string
	Created, Seen, Expires calendar.Instant
	// Cashier has unlocked it, and used it last at Used; empty while it is locked.
	Cashier string
	Used    calendar.Instant
}

const (
	tillValues = `id, hash, name, store, user_id, created, seen, expires, cashier, used`

	insertTill = `
INSERT INTO tills (` + tillValues + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`

	tillByHash = `
SELECT ` + tillValues + ` FROM tills WHERE hash = $1`

	listTills = `
SELECT ` + tillValues + ` FROM tills ORDER BY seen DESC, id`

	openTill = `
UPDATE tills SET hash = $2, cashier = '', used = $3, seen = $3, expires = $4 WHERE id = $1`

	unlockTill = `
UPDATE tills SET cashier = $2, used = $3, seen = $3, expires = $4 WHERE id = $1`

	// Whoever came in between has unlocked it for themselves.
	touchTill = `
UPDATE tills SET used = $3, seen = $3, expires = $4 WHERE id = $1 AND cashier = $2`

	lockTillsOf = `
UPDATE tills SET cashier = '' WHERE cashier = $1`

	deleteTill = `
DELETE FROM tills WHERE id = $1`

	deleteOldTills = `
DELETE FROM tills WHERE expires <= $1`
)

// AddTill keeps a new till.
func (tx *Tx) AddTill(ctx context.Context, t *Till) error {
	return tx.run(ctx, "till", insertTill, t.ID, present(t.Hash), t.Name, t.Store, t.User, int64(t.Created), int64(t.Seen), int64(t.Expires), t.Cashier, int64(t.Used))
}

// TillByHash gives the till of a token, whether it is still good or not; [ErrNotFound]
// if there is none.
func (s *Store) TillByHash(ctx context.Context, hash []byte) (Till, error) {
	return first(readAll(ctx, s, tillByHash, []any{present(hash)}, scanTill))
}

// Tills gives all tills, the last used first.
func (s *Store) Tills(ctx context.Context) ([]Till, error) {
	return readAll(ctx, s, listTills, nil, scanTill)
}

// OpenTill gives a till, locked, to the device that has a token; [ErrNotFound] if there is
// no such till.
func (tx *Tx) OpenTill(ctx context.Context, id string, hash []byte, at, expires calendar.Instant) error {
	return tx.one(ctx, "till", openTill, id, present(hash), int64(at), int64(expires))
}

// UnlockTill names who works at a till, which then lasts until it expires; an empty
// cashier locks it.
func (tx *Tx) UnlockTill(ctx context.Context, id, cashier string, at, expires calendar.Instant) error {
	return tx.one(ctx, "till", unlockTill, id, cashier, int64(at), int64(expires))
}

// TouchTill notes when the cashier used a till, and until when it now lasts.
func (s *Store) TouchTill(ctx context.Context, id, cashier string, at, expires calendar.Instant) error {
	return wrong("till", s.run(ctx, touchTill, id, cashier, int64(at), int64(expires)))
}

// LockTillsOf locks the tills that somebody has unlocked.
func (tx *Tx) LockTillsOf(ctx context.Context, user string) error {
	return tx.run(ctx, "tills", lockTillsOf, user)
}

// DeleteTill forgets a till; [ErrNotFound] if there is none.
func (tx *Tx) DeleteTill(ctx context.Context, id string) error {
	return tx.one(ctx, "till", deleteTill, id)
}

// DeleteOldTills forgets those that have expired.
func (tx *Tx) DeleteOldTills(ctx context.Context, now calendar.Instant) error {
	return tx.run(ctx, "tills", deleteOldTills, int64(now))
}

func scanTill(r row) (Till, error) {
	var t Till
	var created, seen, expires, used int64
	err := r.Scan(&t.ID, &t.Hash, &t.Name, &t.Store, &t.User, &created, &seen, &expires, &t.Cashier, &used)
	t.Created, t.Seen, t.Expires, t.Used = calendar.Instant(created), calendar.Instant(seen), calendar.Instant(expires), calendar.Instant(used)
	return t, err
}
