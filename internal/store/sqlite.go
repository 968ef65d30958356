package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"sync"

	"modernc.org/sqlite"
)

// liteConn is a connection to a SQLite file that keeps its statements prepared.
// It speaks to the driver itself: database/sql costs as much again as a small
// statement does. One goroutine uses it at a time.
type liteConn struct {
	conn     driver.Conn
	prepared map[string]driver.Stmt
	named    []driver.NamedValue
	values   []any
}

// useFdatasync lets a commit wait for the data and the length of the log, not
// for its time stamps; it is as durable.
var useFdatasync = sync.OnceFunc(func() {
	// Where the system has no such call SQLite goes on with the one it has.
	_, _ = sqlite.Fdatasync(true)
})

func openLite(path, mode string, pragmas ...string) (*liteConn, error) {
	useFdatasync()
	conn, err := new(sqlite.Driver).Open(liteName(path, mode, pragmas...))
	if err != nil {
		return nil, classify(err)
	}
	return &liteConn{conn: conn, prepared: map[string]driver.Stmt{}}, nil
}

// immutable opens a file that nobody can change, without locks or a log.
const immutable = "immutable"

// liteName is the driver's name for the file with the pragmas that every
// connection has.
func liteName(path, mode string, pragmas ...string) string {
	options := url.Values{"_pragma": {"busy_timeout(10000)", "foreign_keys(0)", "temp_store(MEMORY)"}}
	if mode == immutable {
		mode = "ro"
		options.Set("immutable", "1")
	}
	options.Set("mode", mode)
	if mode == "rwc" {
		// The driver sorts pragmas; in this form the log comes after the size of
		// pages, which can't change any more with it.
		options.Set("_journal_mode", "WAL")
	}
	for _, pragma := range pragmas {
		options.Add("_pragma", pragma)
	}
	name := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: options.Encode()}
	return name.String()
}

func (c *liteConn) close() error {
	var all error
	for _, statement := range c.prepared {
		all = errors.Join(all, statement.Close())
	}
	return classify(errors.Join(all, c.conn.Close()))
}

func (c *liteConn) prepare(statement string) (driver.Stmt, error) {
	if known, ok := c.prepared[statement]; ok {
		return known, nil
	}
	made, err := c.conn.Prepare(statement)
	if err != nil {
		return nil, fmt.Errorf("prepare %q: %w", firstLine(statement), classify(err))
	}
	c.prepared[statement] = made
	return made, nil
}

func (c *liteConn) exec(ctx context.Context, statement string, values ...any) (int64, error) {
	prepared, err := c.prepare(statement)
	if err != nil {
		return 0, err
	}
	result, err := prepared.(driver.StmtExecContext).ExecContext(ctx, c.name(values))
	if err != nil {
		return 0, classify(err)
	}
	return result.RowsAffected()
}

func (c *liteConn) query(ctx context.Context, statement string, values []any, each func(row) error) (err error) {
	prepared, err := c.prepare(statement)
	if err != nil {
		return err
	}
	rows, err := prepared.(driver.StmtQueryContext).QueryContext(ctx, c.name(values))
	if err != nil {
		return classify(err)
	}
	defer func() { err = errors.Join(err, classify(rows.Close())) }()
	// The slice is the query's own: each may run another one on this connection.
	current := liteRow(make([]driver.Value, len(rows.Columns())))
	for {
		switch err := rows.Next(current); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return classify(err)
		}
		if err := each(current); err != nil {
			return err
		}
	}
}

// name puts values into the form that the driver takes, in memory used again.
func (c *liteConn) name(values []any) []driver.NamedValue {
	c.named = c.named[:0]
	for i, value := range values {
		c.named = append(c.named, driver.NamedValue{Ordinal: i + 1, Value: value})
	}
	return c.named
}

// rollback ends a transaction after an error, which it gives back.
func (c *liteConn) rollback(err error) error {
	if _, failed := c.exec(context.Background(), "ROLLBACK"); failed != nil && !strings.Contains(failed.Error(), "no transaction is active") {
		return errors.Join(err, failed)
	}
	return err
}

// liteRow is a row as the driver gives it.
type liteRow []driver.Value

// Scan copies the row's columns.
func (r liteRow) Scan(into ...any) error {
	if len(into) != len(r) {
		return fmt.Errorf("scan %d columns into %d places", len(r), len(into))
	}
	for i, place := range into {
		if err := scanValue(place, r[i]); err != nil {
			return fmt.Errorf("column %d: %w", i+1, err)
		}
	}
	return nil
}

func scanValue(place any, value driver.Value) error {
	switch place := place.(type) {
	case *int64:
		if number, ok := value.(int64); ok {
			*place = number
			return nil
		}
	case **int64:
		if number, ok := value.(int64); ok {
			*place = &number
			return nil
		}
		*place = nil
		if value == nil {
			return nil
		}
	case *string:
		if text, ok := value.(string); ok {
			*place = text
			return nil
		}
	case *[]byte:
		if data, ok := value.([]byte); ok || value == nil {
			*place = data
			return nil
		}
	}
	return fmt.Errorf("%w: a value of type %T cannot be read as %T", ErrCorrupt, value, place)
}

// litePool is a set of connections that are handed out one at a time.
type litePool struct {
	free   chan *liteConn
	all    []*liteConn
	closed chan struct{}
}

var errClosed = errors.New("the database is closed")

// newLitePool opens n connections.
func newLitePool(n int, open func() (*liteConn, error)) (*litePool, error) {
	p := &litePool{free: make(chan *liteConn, n), closed: make(chan struct{})}
	for range n {
		c, err := open()
		if err != nil {
			return nil, errors.Join(err, p.close())
		}
		p.all = append(p.all, c)
		p.free <- c
	}
	return p, nil
}

func (p *litePool) take(ctx context.Context) (*liteConn, error) {
	select {
	case c := <-p.free:
		return c, nil
	default:
	}
	select {
	case c := <-p.free:
		return c, nil
	case <-p.closed:
		return nil, errClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *litePool) give(c *liteConn) { p.free <- c }

// close waits for the connections in use.
func (p *litePool) close() error {
	if p == nil {
		return nil
	}
	close(p.closed)
	var all error
	for range p.all {
		all = errors.Join(all, (<-p.free).close())
	}
	return all
}

func firstLine(statement string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(statement), "\n")
	if len(line) > 80 {
		line = line[:80] + "…"
	}
	return line
}
