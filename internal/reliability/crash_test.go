package reliability_test

import (
	"testing"

	"premia/internal/testkit/postgres"
)

// TestServerIsKilled kills the server under load at any moment, again and again.
// Clients send what was not answered again, with the same ids.
func TestServerIsKilled(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, policy string
		url          func(testing.TB) string
	}{
		{"sqlite/enrol", enrols, sqliteURL},
		{"sqlite/guest", guests, sqliteURL},
		{"postgres/enrol", enrols, postgres.New},
	} {
		t.Run(c.name, func(t *testing.T) {
			seed, random := seeded(t)
			ws := newWorkspace(t, c.url(t), c.policy, 2_000)
			s := startServer(t, ws.url)
			l := &load{ws: ws, gate: newGate(s.address), book: newBook(), merges: true, prefix: "x"}
			l.start(seed)
			for range rounds(3, 100) {
				more(t, l, 20+random.IntN(150))
				l.gate.set()
				s.kill()
				s = startServer(t, ws.url)
				l.gate.set(s.address)
			}
			finish(t, l, s)
			if l.retried.Load() == 0 {
				t.Error("no request was cut off: nothing was tested")
			}
			if long() {
				l.book.spent(t)
			}
			settleAccounts(t, ws, l.book, true)
		})
	}
}
