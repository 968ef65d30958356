package reliability_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"

	"premia/internal/testkit/postgres"
)

// TestTwoServersShareADatabase lets two servers on one PostgreSQL be asked the
// same and contradicting things at once.
func TestTwoServersShareADatabase(t *testing.T) {
	t.Parallel()
	seed, random := seeded(t)
	ws := newWorkspace(t, postgres.New(t), enrols, 1_000)
	a := startServer(t, ws.url, "--sweep-every", "20ms")
	b := startServer(t, ws.url, "--sweep-every", "20ms")
	account := newBook()
	l := &load{ws: ws, gate: newGate(a.address, b.address), book: account, merges: true, late: true, impatient: true, prefix: "x"}
	two := pair{&load{ws: ws, gate: newGate(a.address), book: account, prefix: "xa"}, &load{ws: ws, gate: newGate(b.address), book: account, prefix: "xb"}}
	l.start(seed)
	for range rounds(1, 50) {
		more(t, l, 300)
		two.firstPurchases(random, &l.cards)
		two.oneEventOnBoth(random, &l.cards)
		two.mergesBothWays(random, &l.cards)
	}
	publish(t, ws, a)
	two.newVersionOnBoth(t, random, &l.cards)
	more(t, l, 100)
	finish(t, l, a, b)
	if l.retried.Load() == 0 {
		t.Error("no answer was lost: nothing was tested")
	}
	settleAccounts(t, ws, account, true)
}

// pair are two loads that ask one server each.
type pair [2]*load

// both lets both do something at once.
func (p pair) both(random *rand.Rand, do func(l *load, random *rand.Rand)) {
	var running sync.WaitGroup
	for _, l := range p {
		own := rand.New(rand.NewPCG(random.Uint64(), 0))
		running.Go(func() { do(l, own) })
	}
	running.Wait()
}

type counter interface{ Add(int64) int64 }

// firstPurchases lets new cards buy on both at once: each becomes one member.
func (p pair) firstPurchases(random *rand.Rand, cards counter) {
	for range 20 {
		// The load gives each number to three of its buyers; these are beyond them.
		who := card(1_000_000 + cards.Add(1))
		p.both(random, func(l *load, random *rand.Rand) { l.send(random, l.purchase(random, who, true)) })
	}
}

// oneEventOnBoth sends the same event to both: both give the one decision.
func (p pair) oneEventOnBoth(random *rand.Rand, cards counter) {
	for range 20 {
		o := p[0].purchase(random, card(1_000_000+cards.Add(1)), true)
		p.both(random, func(l *load, random *rand.Rand) { l.send(random, o) })
	}
}

// mergesBothWays merges two members into each other, one on each server.
func (p pair) mergesBothWays(random *rand.Rand, cards counter) {
	for range 10 {
		one, other := card(1_000_000+cards.Add(1)), card(1_000_000+cards.Add(1))
		p[0].send(random, p[0].purchase(random, one, false))
		p[1].send(random, p[1].purchase(random, other, false))
		p.both(random, func(l *load, random *rand.Rand) {
			if l == p[0] {
				l.merge(random, one, other)
			} else {
				l.merge(random, other, one)
			}
			l.send(random, l.purchase(random, one, false))
			l.send(random, l.purchase(random, other, false))
		})
	}
}

// publish makes a program with one more type of event the second version, on
// one server.
func publish(t *testing.T, ws *workspace, s *server) {
	t.Helper()
	next := strings.Replace(fmt.Sprintf(document, ws.policy, ws.budget), "events:\n", "events:\n  visit: {}\n", 1)
	next = strings.Replace(next, "campaigns:\n", "  - {id: visit, on: visit, give: {points: 3}}\ncampaigns:\n", 1)
	r, err := call(context.Background(), ws.key, http.MethodPost, s.address+"/v1/programs", next)
	if err != nil || r.status != http.StatusCreated {
		t.Fatalf("publish: %v %d %s", err, r.status, r.body)
	}
}

// newVersionOnBoth sends events to both of which one is of a type that only the
// new version knows: from its publishing on, decisions are its.
func (p pair) newVersionOnBoth(t *testing.T, random *rand.Rand, cards counter) {
	t.Helper()
	for _, l := range []*load{p[1], p[0]} {
		who := card(1_000_000 + cards.Add(1))
		for _, o := range []order{
			{id: l.id(), kind: "visit", card: who, worth: 3, body: `"reference":"first"`},
			l.purchase(random, who, false),
		} {
			if d := l.send(random, o); d.Program != 2 {
				t.Errorf("%s was decided by version %d after the second was published", o.kind, d.Program)
			}
		}
	}
}
