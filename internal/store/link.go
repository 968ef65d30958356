package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// link is a connection, or a transaction on one, of either database. It runs
// the statements that are the same on both, with parameters $1, $2 …; values
// are int64, string, []byte and nil.
type link interface {
	exec(ctx context.Context, statement string, values ...any) (rows int64, err error)
	// query calls each for every row; what a row scans into is only valid until
	// each returns, unless it was scanned into a *[]byte or *string.
	query(ctx context.Context, statement string, values []any, each func(row) error) error
}

// row is a row of an answer. Scan accepts *int64, **int64 (nil for NULL),
// *string and *[]byte (nil for NULL).
type row interface {
	Scan(into ...any) error
}

// queryRow scans the one row that the statement gives; ErrNotFound if none.
func queryRow(ctx context.Context, l link, statement string, values []any, into ...any) error {
	found := false
	err := l.query(ctx, statement, values, func(r row) error {
		found = true
		return r.Scan(into...)
	})
	if err == nil && !found {
		err = ErrNotFound
	}
	return err
}

// pgLink runs statements on PostgreSQL.
type pgLink struct {
	on interface {
		Exec(ctx context.Context, statement string, values ...any) (pgconn.CommandTag, error)
		Query(ctx context.Context, statement string, values ...any) (pgx.Rows, error)
	}
}

func (l pgLink) exec(ctx context.Context, statement string, values ...any) (int64, error) {
	tag, err := l.on.Exec(ctx, statement, values...)
	return tag.RowsAffected(), classify(err)
}

func (l pgLink) query(ctx context.Context, statement string, values []any, each func(row) error) error {
	rows, err := l.on.Query(ctx, statement, values...)
	if err != nil {
		return classify(err)
	}
	return eachRow(rows, each)
}

func eachRow(rows pgx.Rows, each func(row) error) error {
	defer rows.Close()
	for rows.Next() {
		if err := each(rows); err != nil {
			return classify(err)
		}
	}
	return classify(rows.Err())
}

// read runs fn on a connection for reading; what fn reads in several statements
// need not be of one moment.
func (s *Store) read(ctx context.Context, fn func(link) error) error {
	if s.dialect == Postgres {
		return fn(pgLink{s.readers})
	}
	c, err := s.liteReaders.take(ctx)
	if err != nil {
		return err
	}
	defer s.liteReaders.give(c)
	return fn(c)
}

// report runs fn on a connection for reading whole tables. What it reads is of
// one moment.
func (s *Store) report(ctx context.Context, fn func(link) error) error {
	if s.dialect != Postgres {
		return s.read(ctx, fn)
	}
	snapshot := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	return classify(pgx.BeginTxFunc(ctx, s.readers, snapshot, func(tx pgx.Tx) error {
		if _, err := tx.Conn().PgConn().Exec(ctx, reportSettings).ReadAll(); err != nil {
			return err
		}
		return fn(pgLink{tx})
	}))
}

// write runs fn in a transaction that locks no shard.
func (s *Store) write(ctx context.Context, fn func(link) error) error {
	if s.readOnly {
		return ErrReadOnly
	}
	if s.dialect == Postgres {
		return classify(pgx.BeginFunc(ctx, s.writers, func(tx pgx.Tx) error { return fn(pgLink{tx}) }))
	}
	c, err := s.liteWriter.take(ctx)
	if err != nil {
		return err
	}
	defer s.liteWriter.give(c)
	ctx = context.WithoutCancel(ctx)
	if _, err := c.exec(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	if err := fn(c); err != nil {
		return c.rollback(err)
	}
	if _, err := c.exec(ctx, "COMMIT"); err != nil {
		return c.rollback(err)
	}
	return nil
}

// optional gives NULL for a value that stands for none.
func optional[T ~int64](value, none T) any {
	if value == none {
		return nil
	}
	return int64(value)
}

func orNone[T ~int64](value *int64, none T) T {
	if value == nil {
		return none
	}
	return T(*value)
}

func wrong(what string, err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, ErrCorrupt) {
		return err // whatever was read, the file is the matter
	}
	return fmt.Errorf("%s: %w", what, err)
}
