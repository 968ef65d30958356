package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"premia/internal/core/ledger"
)

// Errors that callers tell apart with errors.Is.
var (
	// ErrNotFound says that there is no such row.
	ErrNotFound = errors.New("not found")
	// ErrNotMigrated says that the database lacks tables that this version of
	// Premia needs.
	ErrNotMigrated = errors.New("the database is not prepared for this version of premia")
	// ErrNewerSchema says that a newer version of Premia has changed the tables.
	ErrNewerSchema = errors.New("the database was written by a newer version of premia")
	// ErrCorrupt says that the file is no SQLite database, or a damaged one.
	ErrCorrupt = errors.New("the database file is damaged or is not a database")
	// ErrReadOnly says that the store was opened only for reading.
	ErrReadOnly = errors.New("the database is open for reading only")
	// ErrDisk says that the disk under a SQLite file is full, or fails. Nothing more
	// can be written until that is put right; reading goes on.
	ErrDisk = errors.New("the disk of the database is full or fails")
	// ErrUnfinished says that moving another database into this one was begun and
	// not finished.
	ErrUnfinished = errors.New("a move into this database was begun and not finished, so that it holds only a part: delete the file, or drop and create the database, and move again")
	// ErrCommitUnknown says that the answer to a COMMIT was lost: the batch may
	// be in the database or not. The caller looks for what it wrote.
	ErrCommitUnknown = errors.New("it is not known whether the database kept the batch")
	// ErrExists says that another row has what must be unique.
	ErrExists = errors.New("it is there already")
	// ErrMemberExists says that a new member's number is already taken.
	ErrMemberExists = errors.New("the number of the new member is already taken")
)

// TransientError wraps an error that may not come again: a lost connection, a
// server that is going down, a deadlock, a lock that was not free in time.
// Nothing of the batch was kept.
type TransientError struct{ Err error }

// Error gives the sentence of the error inside.
func (e *TransientError) Error() string { return e.Err.Error() }

// Unwrap gives the error inside.
func (e *TransientError) Unwrap() error { return e.Err }

// IsTransient tells whether doing the same again may succeed.
func IsTransient(err error) bool {
	var transient *TransientError
	return errors.As(err, &transient)
}

// QuotaExceeded says which quotas of a batch did not fit. Nothing of the batch
// was kept.
type QuotaExceeded struct {
	Quotas []QuotaState
}

// Error names the quotas with what was asked and what was left of each.
func (e *QuotaExceeded) Error() string {
	var b strings.Builder
	b.WriteString("quota exceeded:")
	for _, q := range e.Quotas {
		fmt.Fprintf(&b, " %d (window %d): %d asked, %d of %d used;", q.Quota.Name, q.Quota.Window, q.Amount, q.Used, q.Cap)
	}
	return strings.TrimSuffix(b.String(), ";")
}

// Left gives what remains of the quota in the error, and false if the error does
// not speak of it.
func (e *QuotaExceeded) Left(quota ledger.Quota) (int64, bool) {
	for _, q := range e.Quotas {
		if q.Quota == quota {
			return max(0, q.Cap-q.Used), true
		}
	}
	return 0, false
}

// classify gives a database error its meaning in this package.
func classify(err error) error {
	if err == nil || IsTransient(err) || errors.Is(err, ErrCorrupt) {
		return err
	}
	if errors.Is(err, pgx.ErrNoRows) {
		return ErrNotFound
	}
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		return classifySQLite(err, lite.Code())
	}
	var server *pgconn.PgError
	if errors.As(err, &server) {
		if transientState(server.Code) {
			return &TransientError{fmt.Errorf("PostgreSQL: %w", err)}
		}
		return fmt.Errorf("PostgreSQL: %w", err)
	}
	if lostConnection(err) {
		return &TransientError{fmt.Errorf("the connection to PostgreSQL is lost: %w", err)}
	}
	return err
}

func classifySQLite(err error, code int) error {
	switch code & 0xff {
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("%w: %w; restore it from a backup", ErrCorrupt, err)
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return &TransientError{fmt.Errorf("another process holds the database file: %w", err)}
	case sqlite3.SQLITE_READONLY:
		return fmt.Errorf("%w: %w", ErrReadOnly, err)
	case sqlite3.SQLITE_CANTOPEN:
		return fmt.Errorf("the file can't be opened: this account must be able to write it and its folder, and the disk must not be read-only: %w", err)
	case sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR:
		return fmt.Errorf("%w: %w", ErrDisk, err)
	}
	return fmt.Errorf("SQLite: %w", err)
}

// transientState tells of an SQLSTATE whether the same transaction may succeed
// later: connection exceptions, roll-backs for serialization and deadlocks, too
// few resources, locks not available, and servers that stop or start.
func transientState(code string) bool {
	switch {
	case strings.HasPrefix(code, "08"), strings.HasPrefix(code, "40"), strings.HasPrefix(code, "53"):
		return true
	case code == "55P03", strings.HasPrefix(code, "57P"):
		return true
	}
	return false
}

func lostConnection(err error) bool {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	var network net.Error
	var connect *pgconn.ConnectError
	return errors.As(err, &network) || errors.As(err, &connect) || pgconn.SafeToRetry(err) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		strings.Contains(err.Error(), "conn closed")
}

// isDuplicate tells whether a unique key refused the row.
func isDuplicate(err error) bool {
	var server *pgconn.PgError
	if errors.As(err, &server) {
		return server.Code == "23505"
	}
	var lite *sqlite.Error
	return errors.As(err, &lite) && (lite.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY || lite.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE)
}
