package reliability_test

import (
	"context"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
)

// TestStopUnderLoad asks a busy server to stop: what it took is decided and
// answered, and everybody else learns that there is no connection.
func TestStopUnderLoad(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, url string) {
		seed, random := seeded(t)
		ws := newWorkspace(t, url, enrols, 1_000)
		for range rounds(1, 50) {
			s := startServer(t, ws.url)
			l := &load{ws: ws, gate: newGate(s.address), book: newBook(), prefix: "x"}
			l.ids.Store(random.Int64N(1 << 50)) // the rounds' ids differ
			var running sync.WaitGroup
			for n := range clients {
				own := rand.New(rand.NewPCG(seed, uint64(n)))
				running.Go(func() {
					for buyOnce(l, own) {
					}
				})
			}
			more(t, l, 50+random.IntN(200))
			if err := s.stop(); err != nil {
				t.Errorf("the server stopped with %v", err)
			}
			running.Wait()
			settleAccounts(t, ws, l.book, false)
		}
	})
}

// buyOnce sends a purchase once, and tells whether the server is still there.
func buyOnce(l *load, random *rand.Rand) bool {
	o := l.purchase(random, card(random.Int64N(500)), random.IntN(2) == 0)
	r, err := call(context.Background(), l.ws.key, http.MethodPost, l.gate.pick(0)+"/v1/events", o.json())
	if err != nil {
		return false
	}
	var d decided
	if r.status == http.StatusServiceUnavailable {
		return false
	}
	if l.read(r, &d, http.StatusCreated) {
		l.enter(&o, d)
	}
	return true
}
