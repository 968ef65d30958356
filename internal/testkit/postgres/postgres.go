// Package postgres gives tests a throw-away PostgreSQL.
//
// A [Cluster] is a PostgreSQL server of its own in a temporary folder, on a
// free port of 127.0.0.1, with a random password, run as an unprivileged
// account when the tests run as root (PostgreSQL refuses to be root). It
// belongs to the process that started it: a small guard process waits for that
// process to end, in whatever way, and then stops the server and removes the
// folder. So nothing is left behind, even by a test that is killed.
//
// [New] is what most tests want: the URL of a fresh, empty database. The
// databases of one test process live on one cluster that starts with the first
// call; when the environment variable PREMIA_TEST_POSTGRES holds the URL of a
// server, that server is used instead. The command in cmd/throwaway sets it, so
// that the packages of one `go test ./...` share a cluster.
//
// The shared cluster is fast, not durable: it may lose data when the machine
// stops. Crash tests and benchmarks take a durable one of their own, with
// [StartDurable] or [Start].
package postgres

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Variable is the environment variable with the URL of a running server, as a
// user who may create databases. When it is set, [New] starts no cluster.
const Variable = "PREMIA_TEST_POSTGRES"

// patience bounds one administrative statement, such as creating a database.
const patience = time.Minute

// shared is the cluster of this test process. It is never closed: its guard
// ends it together with the process.
var shared = sync.OnceValues(func() (*Cluster, error) { return Start(Options{}) })

// New returns the URL of a fresh, empty database (UTF-8, C collation), which is
// dropped when the test ends, together with the connections still open to it.
// It skips the test when PostgreSQL is not installed, and fails it when
// PostgreSQL is there but can't be used.
func New(t testing.TB) string {
	t.Helper()
	server := os.Getenv(Variable)
	if server == "" {
		cluster, err := shared()
		stopUnlessUsable(t, err)
		server = cluster.URL()
	}
	return newDatabase(t, server)
}

// StartDurable starts a cluster for this test alone that keeps what it has
// acknowledged even when it is killed. It ends with the test. It skips the test
// when PostgreSQL is not installed.
func StartDurable(t testing.TB) *Cluster {
	t.Helper()
	cluster, err := Start(Options{Durable: true})
	stopUnlessUsable(t, err)
	t.Cleanup(func() {
		if err := cluster.Close(); err != nil {
			t.Error(err)
		}
	})
	return cluster
}

// New returns the URL of a fresh, empty database on this cluster, dropped when
// the test ends if the cluster still runs by then.
func (c *Cluster) New(t testing.TB) string {
	t.Helper()
	name, err := createDatabase(c.URL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if !c.running() {
			return
		}
		if err := dropDatabase(c.URL(), name); err != nil {
			t.Error(err)
		}
	})
	return withDatabase(c.URL(), name)
}

func stopUnlessUsable(t testing.TB, err error) {
	t.Helper()
	if errors.Is(err, ErrNotInstalled) {
		t.Skip("skipped, it needs PostgreSQL: ", err)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func newDatabase(t testing.TB, server string) string {
	t.Helper()
	name, err := createDatabase(server)
	if err != nil {
		t.Fatalf("%v (the server is %s)", err, redacted(server))
	}
	t.Cleanup(func() {
		if err := dropDatabase(server, name); err != nil {
			t.Error(err)
		}
	})
	return withDatabase(server, name)
}

// createDatabase copies template0, to which nobody can be connected, so that
// tests in parallel don't disturb one another.
func createDatabase(server string) (name string, err error) {
	name = "test_" + strings.ToLower(rand.Text())
	statement := "CREATE DATABASE " + name + " TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'"
	quickly, err := copiesQuickly(server)
	if err != nil {
		return "", err
	}
	if quickly {
		statement += " STRATEGY file_copy"
	}
	return name, execute(server, statement)
}

// copiesQuickly tells whether files are copied at once rather than page by page through
// the log, which takes a multiple of the processor time: from PostgreSQL 15 on that can be
// chosen, and where nothing is flushed to disk it costs nothing else.
func copiesQuickly(server string) (quickly bool, err error) {
	err = connected(server, func(ctx context.Context, conn *pgx.Conn) error {
		const ask = "SELECT current_setting('fsync') = 'off' AND current_setting('server_version_num')::int >= 150000"
		return conn.QueryRow(ctx, ask).Scan(&quickly)
	})
	return quickly, err
}

func dropDatabase(server, name string) error {
	return execute(server, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
}

func execute(server, statement string) error {
	return connected(server, func(ctx context.Context, conn *pgx.Conn) error {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
		return nil
	})
}

// connected lets do use a connection of its own.
func connected(server string, do func(context.Context, *pgx.Conn) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return fmt.Errorf("connect to the PostgreSQL for tests: %w", err)
	}
	defer conn.Close(ctx)
	return do(ctx, conn)
}

// withDatabase names another database of the same server.
func withDatabase(server, name string) string {
	u, err := url.Parse(server)
	if err != nil {
		panic("postgres: a server's URL that no longer parses: " + err.Error())
	}
	u.Path = "/" + name
	return u.String()
}

func redacted(server string) string {
	u, err := url.Parse(server)
	if err != nil {
		return "not a URL"
	}
	return u.Redacted()
}
