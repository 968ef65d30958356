package reliability_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// gate is where clients learn which servers take requests. While there is none
// they wait.
type gate struct {
	mu     sync.Mutex
	change *sync.Cond
	open   []string
	over   bool
}

func newGate(addresses ...string) *gate {
	g := &gate{open: addresses}
	g.change = sync.NewCond(&g.mu)
	return g
}

// set names the servers that take requests now.
func (g *gate) set(addresses ...string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.open = addresses
	g.change.Broadcast()
}

// end lets clients go home once their request at hand is answered.
func (g *gate) end() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.over = true
	g.change.Broadcast()
}

func (g *gate) ended() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.over
}

// pick waits for a server and gives one.
func (g *gate) pick(n uint64) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	for len(g.open) == 0 {
		g.change.Wait()
	}
	return g.open[n%uint64(len(g.open))]
}

// load is clients who buy, and spend what they have, without end. A request that gets no answer, or is told
// to come again, is sent again with the same ids until it is decided.
type load struct {
	ws     *workspace
	gate   *gate
	book   *book
	policy string
	// merges lets members be merged.
	merges bool
	// late gives events times in the past, so that points mature at any moment.
	late bool
	// impatient clients go away before the answer now and then, and ask another
	// server.
	impatient bool

	ids, cards atomic.Int64
	retried    atomic.Int64
	clients    sync.WaitGroup
	prefix     string

	mu    sync.Mutex
	gifts []string // the codes of gift cards
}

// clients is how many buy at once.
const clients = 16

// start sends the clients off; finish waits for them.
func (l *load) start(seed uint64) {
	for n := range clients {
		random := rand.New(rand.NewPCG(seed, uint64(n)+1))
		l.clients.Go(func() {
			for !l.gate.ended() {
				l.act(random)
			}
		})
	}
}

func (l *load) finish() {
	l.gate.end()
	l.clients.Wait()
}

// act does one thing that a client does.
func (l *load) act(random *rand.Rand) {
	known := l.book.someMember(random.Uint64())
	switch n := random.IntN(100); {
	case known == "" || n < 30:
		if l.ws.policy == guests {
			l.joinAndClaim(random)
			return
		}
		// Several clients share each new card.
		l.send(random, l.purchase(random, card(l.cards.Add(1)/3), n%2 == 0))
	case n < 50:
		l.send(random, l.purchase(random, known, n%2 == 0))
	case n < 60:
		l.sendBatch(random, known)
	case n < 82:
		l.spend(random, known)
	case n < 85:
		l.send(random, order{id: l.id(), kind: "return", card: known, body: `"order":"none","total":"5.00","items":[{"sku":"A","quantity":1,"unit_price":"5.00"}]`})
	case n < 89:
		amount := 1 + random.Int64N(30)
		if n%2 == 0 {
			amount = -amount
		}
		l.send(random, order{id: l.id(), kind: "adjustment", card: known, worth: amount, body: fmt.Sprintf(`"wallet":"points","amount":"%d","reason":"test"`, amount)})
	case n < 96 || !l.merges:
		l.send(random, order{id: l.id(), kind: "review", card: known, worth: review, body: `"data":{"stars":5}`})
	default:
		l.merge(random, known, l.book.someMember(random.Uint64()))
	}
}

// order is an event to send.
type order struct {
	id, kind, card, body string
	worth                int64
	app                  bool
	guest                bool
}

func card(n int64) string { return fmt.Sprintf("card:2900%09d", n) }

func (l *load) id() string { return fmt.Sprintf("%se%d", l.prefix, l.ids.Add(1)) }

func (l *load) purchase(random *rand.Rand, card string, inApp bool) order {
	grosze := random.Int64N(9_000)
	o := order{id: l.id(), kind: "purchase", card: card, worth: grosze / 100, app: inApp}
	o.body = fmt.Sprintf(`"order":"O-%s","total":"%d.%02d"`, o.id, grosze/100, grosze%100)
	if inApp {
		o.body += `,"channel":"app"`
	}
	if l.late && random.IntN(2) == 0 {
		ago := 48*time.Hour - time.Duration(random.Int64N(int64(10*time.Second)))
		o.body += fmt.Sprintf(`,"time":%q`, time.Now().UTC().Add(-ago).Truncate(time.Microsecond).Format(time.RFC3339Nano))
	}
	return o
}

func (o *order) json() string {
	return fmt.Sprintf(`{"id":%q,"type":%q,"member":%q,%s}`, o.id, o.kind, o.card, o.body)
}

// enter enters the answer to an event.
func (l *load) enter(o *order, d decided) {
	switch {
	case d.ID != o.id:
		l.book.refuse("event %s was answered as %s", o.id, d.ID)
	case o.guest:
		l.book.acknowledge(d, worth{})
	default:
		l.book.member(o.card)
		l.book.acknowledge(d, worth{points: o.worth, app: o.app})
	}
}

func (l *load) send(random *rand.Rand, o order) (d decided) {
	r := l.insist(random, http.MethodPost, "/v1/events", o.json())
	if l.read(r, &d, http.StatusCreated, http.StatusOK) {
		l.enter(&o, d)
	}
	return d
}

func (l *load) sendBatch(random *rand.Rand, known string) {
	orders := make([]order, 2+random.IntN(5))
	bodies := make([]string, len(orders))
	for i := range orders {
		buyer := known
		if l.ws.policy == enrols && random.IntN(3) == 0 {
			buyer = card(l.cards.Add(1) / 3)
		}
		orders[i] = l.purchase(random, buyer, random.IntN(2) == 0)
		bodies[i] = orders[i].json()
	}
	left := orders
	for len(left) > 0 {
		var parts []string
		for i := range left {
			parts = append(parts, left[i].json())
		}
		r := l.insist(random, http.MethodPost, "/v1/events/batch", `{"events":[`+strings.Join(parts, ",")+`]}`)
		var out struct {
			Results []struct {
				Status  int
				Event   *decided
				Problem json.RawMessage
			}
		}
		if !l.read(r, &out, http.StatusOK) {
			return
		}
		var again []order
		for i, one := range out.Results {
			switch {
			case one.Event != nil:
				l.enter(&left[i], *one.Event)
			case one.Status == http.StatusServiceUnavailable:
				again = append(again, left[i])
			default:
				l.book.refuse("event %s of a batch: %d %s", left[i].json(), one.Status, one.Problem)
			}
		}
		left = again
	}
}

// joinAndClaim buys as a guest, joins and claims the purchase.
func (l *load) joinAndClaim(random *rand.Rand) {
	who := card(l.cards.Add(1))
	bought := l.purchase(random, who, false)
	bought.guest = true
	l.send(random, bought)
	r := l.insist(random, http.MethodPost, "/v1/members", fmt.Sprintf(`{"id":%q,"identities":[%q]}`, l.id(), who))
	var joined struct{ Event decided }
	if !l.read(r, &joined, http.StatusCreated, http.StatusOK) {
		return
	}
	l.book.member(who)
	l.book.acknowledge(joined.Event, worth{})
	l.send(random, order{id: l.id(), kind: "claim", card: who, worth: bought.worth, body: fmt.Sprintf(`"order":"O-%s"`, bought.id)})
}

// merge merges two members, who may be one already.
func (l *load) merge(random *rand.Rand, from, into string) {
	if from == into {
		return
	}
	id := l.id()
	r := l.insist(random, http.MethodPost, "/v1/members/"+from+"/merge", fmt.Sprintf(`{"id":%q,"into":%q}`, id, into))
	if r.status == http.StatusConflict && strings.Contains(string(r.body), "already_merged") {
		l.book.oneMember(id)
		return
	}
	var merged struct{ Event decided }
	if l.read(r, &merged, http.StatusCreated, http.StatusOK) {
		l.book.acknowledge(merged.Event, worth{})
	}
}

// read decodes an answer with one of the statuses; others are noted as wrong.
func (l *load) read(r result, into any, statuses ...int) bool {
	for _, status := range statuses {
		if r.status == status {
			if err := json.Unmarshal(r.body, into); err != nil {
				l.book.refuse("an answer that can't be read: %v: %s", err, r.body)
				return false
			}
			return true
		}
	}
	l.book.refuse("status %d: %s", r.status, r.body)
	return false
}

// insist sends a request until it is answered for good.
func (l *load) insist(random *rand.Rand, method, path, body string) result {
	for deadline := time.Now().Add(patience); ; {
		ctx, cancel := context.WithCancel(context.Background())
		if l.impatient && random.IntN(8) == 0 {
			go func(after time.Duration) {
				// Who goes away does so at any moment.
				time.Sleep(after)
				cancel()
			}(time.Duration(random.Int64N(int64(20 * time.Millisecond))))
		}
		r, err := call(ctx, l.ws.key, method, l.gate.pick(random.Uint64())+path, body)
		cancel()
		switch {
		case err == nil && r.status != http.StatusServiceUnavailable && !strings.Contains(string(r.body), `"merge_in_progress"`):
			return r
		case time.Now().After(deadline):
			l.book.refuse("%s %s got no answer within %s: %v %d %s", path, body, patience, err, r.status, r.body)
			return r
		}
		l.retried.Add(1)
		time.Sleep(10 * time.Millisecond) // between two looks at whether it is back
	}
}
