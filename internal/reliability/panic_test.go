package reliability_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/journal"
	"premia/internal/store"
)

// TestEventThatPanics puts an event behind all checks that makes deciding panic,
// amid a batch: it alone is refused, nothing is kept of it, and when it is mended
// it is decided under its own id.
func TestEventThatPanics(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, url string) {
		ws := newWorkspace(t, url, enrols, 1_000)
		a := ws.open(t, nil)
		ctx := context.Background()
		const each = 20
		for n := range 2 * each {
			mustRecord(t, a, buy(fmt.Sprint("first", n), fmt.Sprint("card:", n), "1.00", ""))
		}
		odd := &event.Event{ID: "odd", Type: event.Adjustment, Wallet: "points", Amount: 5, Reason: "test", Given: event.GivenAmount}
		var tickets []*journal.Ticket
		submit := func(e *event.Event, card int) {
			t.Helper()
			ticket, err := a.Journal.Submit(ctx, journal.Request{Event: e, Identity: journal.Identity{Kind: "card", Value: fmt.Sprint(card)}, Unknown: engine.RefuseUnknown})
			if err != nil {
				t.Fatal(err)
			}
			tickets = append(tickets, ticket)
		}
		purchase := func(n int) *event.Event {
			return &event.Event{ID: fmt.Sprint("second", n), Type: event.Purchase, Order: fmt.Sprint("P-", n), Total: 200, Given: event.GivenTotal}
		}
		whileWritersWait(t, ws, func() {
			for n := range 2 * each {
				if n == each {
					submit(odd, n)
					// The journal is not told: its checks have passed the event.
					odd.Wallet = "no such wallet"
				}
				submit(purchase(n), n)
			}
		})
		for i, ticket := range tickets {
			_, err := ticket.Wait(ctx)
			if failed := errors.Is(err, journal.ErrInternal); failed != (i == each) || (err != nil && !failed) {
				t.Errorf("event %d: %v", i, err)
			}
		}
		if _, err := a.Journal.EventAt(ctx, "odd"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("the refused event left a trace: %v", err)
		}
		mustRecord(t, a, fmt.Sprintf(`{"id":"odd","type":"adjustment","member":"card:%d","wallet":"points","amount":"5","reason":"test"}`, each))
		if points, _ := totals(t, a); points != 2*each*(1+2+welcome)+5 {
			t.Errorf("members hold %d points, want %d", points, 2*each*(1+2+welcome)+5)
		}
		ws.verify(t)
	})
}

// whileWritersWait holds the locks of all shards, as another server would.
func whileWritersWait(t *testing.T, ws *workspace, do func()) {
	t.Helper()
	other, err := store.Open(context.Background(), ws.url, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	err = other.Batch(context.Background(), other.Shards(), func(*store.Batch) error {
		do()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
