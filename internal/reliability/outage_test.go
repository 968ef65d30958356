package reliability_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"testing"

	"premia/internal/testkit/postgres"
)

// TestDatabaseIsKilled kills PostgreSQL under a server that goes on.
func TestDatabaseIsKilled(t *testing.T) {
	t.Parallel()
	seed, random := seeded(t)
	cluster := postgres.StartDurable(t)
	ws := newWorkspace(t, cluster.New(t), guests, 2_000)
	s := startServer(t, ws.url)
	l := &load{ws: ws, gate: newGate(s.address), book: newBook(), merges: true, prefix: "x"}
	l.start(seed)
	for range rounds(2, 50) {
		more(t, l, 20+random.IntN(100))
		if err := cluster.Kill(); err != nil {
			t.Fatal(err)
		}
		eventually(t, "the server is not ready while the database is away", func() bool { return s.ready() == http.StatusServiceUnavailable })
		if err := cluster.Restart(); err != nil {
			t.Fatal(err)
		}
		eventually(t, "the server is ready when the database is back", func() bool { return s.ready() == http.StatusOK })
	}
	more(t, l, 50)
	finish(t, l, s)
	settleAccounts(t, ws, l.book, true)
}

// TestConnectionsAreCut cuts the connections to PostgreSQL after any number of
// bytes, so that questions, answers and acknowledgements of commits are lost, and
// lets the database be away for a while.
func TestConnectionsAreCut(t *testing.T) {
	t.Parallel()
	seed, random := seeded(t)
	ws := newWorkspace(t, postgres.New(t), enrols, 2_000)
	p, through := newProxy(t, ws.url, rand.New(rand.NewPCG(seed, 1_000)))
	s := startServer(t, through, "--sweep-every", "50ms")
	l := &load{ws: ws, gate: newGate(s.address), book: newBook(), merges: true, late: true, prefix: "x"}
	l.start(seed)
	for range rounds(2, 50) {
		p.cutWithin(300_000)
		more(t, l, 100+random.IntN(100))
		p.setAway(true)
		eventually(t, "the server is not ready while the database is away", func() bool { return s.ready() == http.StatusServiceUnavailable })
		p.setAway(false)
		p.cutWithin(0)
		eventually(t, "the server is ready when the database is back", func() bool { return s.ready() == http.StatusOK })
	}
	finish(t, l, s)
	if p.cuts < 10 {
		t.Errorf("%d connections were cut: nothing was tested", p.cuts)
	}
	settleAccounts(t, ws, l.book, true)
}

// more waits until so many more events are acknowledged.
func more(t testing.TB, l *load, n int) {
	t.Helper()
	enough := l.book.acknowledged() + n
	eventually(t, fmt.Sprintf("%d events are acknowledged", enough), func() bool { return l.book.acknowledged() >= enough })
}

// finish ends the load and the servers.
func finish(t testing.TB, l *load, servers ...*server) {
	t.Helper()
	l.finish()
	for _, s := range servers {
		if err := s.stop(); err != nil {
			t.Errorf("the server stopped with %v", err)
		}
	}
}
