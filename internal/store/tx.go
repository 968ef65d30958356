package store

import "context"

// Tx is a transaction on the tables of who may do what: users, sessions, keys,
// drafts and the audit trail. It is used by one goroutine and only until the
// function that it was given to returns.
type Tx struct {
	link link
}

// auditLock is the number of the advisory lock of PostgreSQL under which rows of
// the audit trail are chained: "audit" in ASCII.
const auditLock = 0x6175646974

// Change runs fn in a transaction, one such after another on all servers, and keeps
// what it wrote if fn returns nil.
func (s *Store) Change(ctx context.Context, fn func(*Tx) error) error {
	return s.write(ctx, func(l link) error {
		if err := s.lockAudit(ctx, l); err != nil {
			return err
		}
		return fn(&Tx{l})
	})
}

// lockAudit waits for others who append to the audit trail; SQLite has one writer
// anyway.
func (s *Store) lockAudit(ctx context.Context, l link) error {
	if s.dialect == SQLite {
		return nil
	}
	_, err := l.exec(ctx, "SELECT pg_advisory_xact_lock($1)", int64(auditLock))
	return wrong("lock the audit trail", err)
}

// one runs a statement that must meet a row; [ErrNotFound] if it meets none.
func (tx *Tx) one(ctx context.Context, what, statement string, values ...any) error {
	n, err := tx.link.exec(ctx, statement, values...)
	if err == nil && n == 0 {
		err = ErrNotFound
	}
	return wrong(what, err)
}

func (tx *Tx) run(ctx context.Context, what, statement string, values ...any) error {
	_, err := tx.link.exec(ctx, statement, values...)
	return wrong(what, err)
}

// txAll reads all rows of one statement within the transaction.
func txAll[T any](ctx context.Context, tx *Tx, statement string, values []any, scan func(row) (T, error)) ([]T, error) {
	return linkAll(ctx, tx.link, statement, values, scan)
}

func linkAll[T any](ctx context.Context, l link, statement string, values []any, scan func(row) (T, error)) ([]T, error) {
	var all []T
	err := l.query(ctx, statement, values, func(r row) error {
		one, err := scan(r)
		all = append(all, one)
		return err
	})
	return all, wrong("read "+firstLine(statement), err)
}

// first gives the one row that was asked for; [ErrNotFound] if it is not there.
func first[T any](all []T, err error) (T, error) {
	if err == nil && len(all) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		var none T
		return none, err
	}
	return all[0], nil
}

// SetSetting sets a setting.
func (tx *Tx) SetSetting(ctx context.Context, key string, value []byte) error {
	return tx.run(ctx, "setting "+key, setSetting, key, present(value))
}

// SetSettingIfAbsent sets a setting that was not set, and tells whether it did.
func (tx *Tx) SetSettingIfAbsent(ctx context.Context, key string, value []byte) (set bool, err error) {
	n, err := tx.link.exec(ctx, setSettingIfAbsent, key, present(value))
	return n > 0, wrong("setting "+key, err)
}
