package webhook_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"premia/internal/app"
	"premia/internal/channel/webhook"
	"premia/internal/core/calendar"
	"premia/internal/testkit/postgres"
)

// One of two servers sends. Where it ends without a word the other one goes on after a
// minute, and the first, when it comes back, does not send beside it. A third that was told
// not to wait a second waits 20, since a request may still be under way.
func TestTakeOver(t *testing.T) {
	t.Parallel()
	x := newShop(t, postgres.New(t), 2)
	r := newReceiver(t)
	x.endpoint(r, "purchase.decided")
	first, second := x.sender(0), x.sender(1)
	x.buy("card:1", 10_00)
	if n, m := x.step(first), x.step(second); n != 1 || m != 0 {
		t.Fatalf("the first sent %d, the second %d", n, m)
	}
	x.buy("card:1", 10_00)
	x.takesOver(second, 60)
	x.buy("card:1", 10_00)
	if n, m := x.step(first), x.step(second); n != 0 || m != 1 {
		t.Errorf("the first sent %d, the second %d", n, m)
	}
	x.buy("card:1", 10_00)
	third := x.senderAfter(0, time.Second)
	x.takesOver(third, 20)
	x.buy("card:1", 10_00)
	if n, m := x.step(second), x.step(third); n != 0 || m != 1 {
		t.Errorf("the second sent %d, the third %d", n, m)
	}
	if got := orders(r.taken("")); len(r.heard) != 5 || !slices.Equal(got, []string{"o-1", "o-2", "o-3", "o-4", "o-5"}) {
		t.Errorf("heard %d: %v", len(r.heard), got)
	}
}

// takesOver lets seconds pass until a sender sends the one message that there is.
func (x *shop) takesOver(s *webhook.Sender, after int) {
	x.t.Helper()
	for second := range after {
		if n := x.step(s); n != 0 {
			x.t.Fatalf("it took over after %d seconds", second)
		}
		x.clock.Advance(time.Second)
	}
	if n := x.step(s); n != 1 {
		x.t.Fatalf("it sent %d after %d seconds", n, after)
	}
}

// What was sent when a server ends, and not noted, is sent again under the same id,
// before what follows it.
func TestSentAndNotNoted(t *testing.T) {
	t.Parallel()
	onEach(t, 2, func(t *testing.T, x *shop) {
		r, s := newReceiver(t), x.sender(0)
		w := x.endpoint(r, "purchase.decided")
		x.buy("card:1", 10_00)
		x.buy("card:1", 20_00)
		var once sync.Once
		r.set(func(*app.WebhookMessage) int {
			// Whoever replays meanwhile takes the endpoint from the sender, as the end
			// of its server would.
			once.Do(func() {
				if _, err := x.of[1].ReplayWebhook(x.ctx(), w.ID, calendar.Of(x.clock.Now())); err != nil {
					t.Error(err)
				}
			})
			return http.StatusOK
		})
		x.step(s)
		if all, err := x.of[0].Deliveries(x.ctx(), w.ID, 0, 0, 10); err != nil || len(all) != 0 {
			t.Fatalf("noted: %+v %v", all, err)
		}
		sent := len(r.heard)
		x.step(s)
		if len(r.heard) != sent+2 || r.heard[sent].ID != r.heard[0].ID || len(r.taken("")) != 2 {
			t.Errorf("heard %d, then %d", sent, len(r.heard)-sent)
		}
		x.inOrder(r)
	})
}

// Whatever fails, and whichever of two servers comes first, each member's messages come
// in order and none is missing.
func TestOrder(t *testing.T) {
	t.Parallel()
	x := map[string]*shop{
		"sqlite":   newShop(t, "sqlite:"+filepath.Join(t.TempDir(), "premia.db"), 1),
		"postgres": newShop(t, postgres.New(t), 2),
	}
	for name, x := range x {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// Each run on PostgreSQL looks at 64 shards many times.
			left := map[string]int{"sqlite": 100, "postgres": 12}[name]
			rapid.Check(t, func(rt *rapid.T) {
				if left--; left >= 0 || os.Getenv("PREMIA_LONG") != "" {
					x.order(t, rt)
				}
			})
		})
	}
}

func (x *shop) order(t *testing.T, rt *rapid.T) {
	r := newReceiver(t)
	w := x.endpoint(r, "purchase.decided")
	defer func() {
		if err := x.of[0].RemoveWebhook(x.ctx(), w.ID); err != nil {
			rt.Fatal(err)
		}
	}()
	// What fails is drawn before, since requests come side by side.
	fails := rapid.SliceOfN(rapid.SampledFrom([]int{200, 200, 500, 503, 404}), 16, 16).Draw(rt, "answers")
	n := 0
	r.set(func(*app.WebhookMessage) int {
		n++
		return fails[n%len(fails)]
	})
	var senders []*webhook.Sender
	for i := range x.of {
		senders = append(senders, x.sender(i))
	}
	var sent []string
	for range rapid.IntRange(1, 15).Draw(rt, "steps") {
		for range rapid.IntRange(0, 4).Draw(rt, "purchases") {
			member := fmt.Sprintf("card:%d", rapid.IntRange(1, 3).Draw(rt, "member"))
			sent = append(sent, x.buy(member, 10_00))
		}
		var all sync.WaitGroup
		for i, s := range senders {
			if rapid.Bool().Draw(rt, fmt.Sprintf("server %d sends", i)) {
				all.Go(func() {
					if _, err := s.Step(t.Context()); err != nil {
						t.Error(err)
					}
				})
			}
		}
		all.Wait()
		x.clock.Advance(time.Duration(rapid.SampledFrom([]int{0, 1, 6, 61, 400}).Draw(rt, "seconds")) * time.Second)
	}
	r.set(nil)
	for range 4 {
		x.clock.Advance(time.Hour)
		for _, s := range senders {
			x.step(s)
		}
	}
	got := orders(r.taken(""))
	slices.SortFunc(got, byNumber)
	if !slices.Equal(got, sent) {
		rt.Fatalf("taken %v of %v", got, sent)
	}
	last := map[string]string{}
	for _, h := range r.taken("") {
		if before := last[h.Data.Member]; before != "" && byNumber(before, h.Data.Order) > 0 {
			rt.Fatalf("%s came after %s", h.Data.Order, before)
		}
		last[h.Data.Member] = h.Data.Order
	}
}

// A running sender sends what is written by itself, and stops.
func TestRunning(t *testing.T) {
	t.Parallel()
	x := newShop(t, "sqlite:"+filepath.Join(t.TempDir(), "premia.db"), 1)
	r, s := newReceiver(t), x.sender(0)
	x.endpoint(r, "purchase.decided")
	heard := make(chan string, 10)
	r.set(func(m *app.WebhookMessage) int {
		heard <- m.Data.Order
		return http.StatusOK
	})
	s.Start(t.Context())
	for range 3 {
		if order := x.buy("card:1", 10_00); <-heard != order {
			t.Errorf("%s was not sent next", order)
		}
	}
	s.Stop()
	all, err := x.of[0].Store.EndpointsToServe(t.Context())
	if err != nil || len(all) != 1 || all[0].Owner != "" {
		t.Errorf("after it stopped: %+v %v", all, err)
	}
}
