package journal_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/journal"
)

const (
	oneCup = `{"sku":"CUP","quantity":"1"}`
	oneBag = `{"sku":"BAG","quantity":"1"}`
)

// deliverAll lets follow-ups arrive until none is left.
func (f *fixture) deliverAll(t *testing.T) {
	t.Helper()
	for range 5 {
		if _, err := f.Deliver(context.Background(), journal.FollowUps{Journal: f.Journal}); err != nil {
			t.Fatal(err)
		}
	}
}

// merge merges one member into another.
func (f *fixture) merge(t *testing.T, id string, from, into ledger.MemberID) {
	t.Helper()
	f.append(journal.Request{Member: from, Event: &event.Event{ID: id, Type: event.Merge,
		Data: []event.Datum{{Name: "into", Kind: event.Whole, Whole: int64(into)}}}})
	f.deliverAll(t)
}

// TestParallelReturnsNeverTakeMoreThanTheWhole sends 64 returns of a cup and of
// everything at once: two cups were bought.
func TestParallelReturnsNeverTakeMoreThanTheWhole(t *testing.T) {
	t.Parallel()
	onEachReturning(t, func(t *testing.T, f *fixture) {
		m := f.append(basket("e1", "1")).Member
		f.clock.Advance(72 * time.Hour)
		var mu sync.Mutex
		applied := 0
		var all sync.WaitGroup
		for i := range 64 {
			all.Go(func() {
				a, err := f.Append(context.Background(), decoded("1", back(fmt.Sprint("r", i), "O-e1", oneCup)))
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				defer mu.Unlock()
				if a.Decision.Outcome == engine.Applied {
					applied++
				} else if a.Decision.Outcome != engine.MoreThanBought {
					t.Error(a.Decision.Outcome)
				}
			})
		}
		all.Wait()
		if got := f.balance(m); applied != 2 || got.Available != 67 || got.Debt != 0 {
			t.Errorf("%d cups came back and %+v stays, want 2, and 60 for the bag and 7", applied, got)
		}
	})
}

func TestReturnsRightBehindTheirPurchase(t *testing.T) {
	t.Parallel()
	onEachReturning(t, func(t *testing.T, f *fixture) {
		requests := []journal.Request{
			basket("e1", "1"), decoded("1", back("r1", "O-e1", oneBag)), decoded("", back("r2", "O-e1", oneCup)), decoded("1", back("r3", "O-e1", oneCup)),
		}
		tickets := make([]*journal.Ticket, len(requests))
		for i, r := range requests {
			var err error
			if tickets[i], err = f.Submit(context.Background(), r); err != nil {
				t.Fatal(err)
			}
		}
		m := ledger.MemberID(0)
		for i, ticket := range tickets {
			a, err := ticket.Wait(context.Background())
			if errors.Is(err, journal.ErrReturnWaits) {
				// Another writer was faster with one that waits for the purchase.
				// By now the purchase is known.
				a, err = f.append(requests[i]), nil
			}
			if err != nil {
				t.Fatal(err)
			}
			m = max(m, a.Member)
		}
		f.deliverAll(t)
		if got := f.balance(m); got != (ledger.Balance{}) {
			t.Errorf("everything came back, but %+v stays", got)
		}
	})
}

func TestReturnAfterMerge(t *testing.T) {
	t.Parallel()
	onEachReturning(t, func(t *testing.T, f *fixture) {
		old, now := f.append(basket("e1", "1")).Member, f.append(basket("e2", "2")).Member
		f.append(decoded("1", back("r1", "O-e1", oneCup)))
		f.clock.Advance(72 * time.Hour) // the points can be spent
		f.merge(t, "m1", old, now)
		if got := f.balance(now); got.Available != 97+147 {
			t.Fatalf("%+v, want what remained of both", got)
		}
		if a := f.append(decoded("2", back("r2", "O-e1", oneCup+","+oneCup))); a.Decision.Outcome != engine.MoreThanBought {
			t.Errorf("a cup that came back before the merge: %s", a.Decision.Outcome)
		}
		f.append(decoded("2", back("r3", "O-e1", oneCup)))
		f.append(decoded("", back("r4", "O-e1", oneBag)))
		if got := f.balance(now); got.Available != 147 || got.Debt != 0 {
			t.Errorf("%+v, want what the other purchase gave", got)
		}
		f.append(decoded("1", back("r5", "O-e2", "")[:len(back("r5", "O-e2", ""))-len(`,"items":[]}`)]+"}"))
		if got := f.balance(now); got != (ledger.Balance{}) {
			t.Errorf("%+v, want nothing", got)
		}
	})
}

// TestReturnWaitsAcrossAMerge lets a member be merged whose order a return
// names that came too early.
func TestReturnWaitsAcrossAMerge(t *testing.T) {
	t.Parallel()
	onEachReturning(t, func(t *testing.T, f *fixture) {
		old, now := f.append(basket("e1", "1")).Member, f.append(basket("e2", "2")).Member
		if a := f.append(decoded("1", back("r1", "O-e3", oneBag))); a.Decision.Outcome != engine.WaitsForPurchase {
			t.Fatal(a.Decision.Outcome)
		}
		f.merge(t, "m1", old, now)
		before := f.balance(now).Pending
		f.append(basket("e3", "2"))
		f.deliverAll(t)
		if got := f.balance(now).Pending - before; got != 60 {
			t.Errorf("%d points of the purchase stay, want 60 for the cups", got)
		}
	})
}

func TestWaitingReturnIsAnsweredAgain(t *testing.T) {
	t.Parallel()
	onEachReturning(t, func(t *testing.T, f *fixture) {
		f.append(basket("e0", "1"))
		waiting := decoded("1", back("r1", "O-e1", oneBag))
		first := f.append(waiting)
		for range 2 {
			if a := f.append(waiting); !a.Repeated || a.Position != first.Position {
				t.Errorf("the same return again: %+v, want the first answer", a)
			}
			f.append(basket("e1", "1"))
		}
	})
}

// TestReturnOfAnotherWaitsInVain lets a return wait for an order that turns out
// to be another customer's: it takes nothing from them.
func TestReturnOfAnotherWaitsInVain(t *testing.T) {
	t.Parallel()
	onEachReturning(t, func(t *testing.T, f *fixture) {
		f.append(basket("e0", "1"))
		f.append(decoded("1", back("r1", "O-e1", oneBag)))
		m := f.append(basket("e1", "2")).Member
		f.deliverAll(t)
		if got := f.balance(m).Pending; got != 147 {
			t.Errorf("%d points, want 147", got)
		}
	})
}

// TestReturnsOfAGuestFollowTheClaim gives goods back before and after the
// purchase, and claims it then.
func TestReturnsOfAGuestFollowTheClaim(t *testing.T) {
	t.Parallel()
	onEachReturning(t, func(t *testing.T, f *fixture) {
		m := f.append(basket("e0", "1")).Member
		before := f.balance(m).Pending
		guest := func(r journal.Request) {
			t.Helper()
			r.Unknown = engine.GuestUnknown
			if a := f.append(r); a.Member != 0 {
				t.Fatalf("%+v, want it without a member", a)
			}
		}
		guest(decoded("", back("r1", "O-e1", oneCup)))
		guest(basket("e1", "unknown"))
		guest(decoded("", back("r2", "O-e1", oneBag)))
		f.append(journal.Request{Member: m, Event: &event.Event{ID: "c1", Type: event.Claim, Order: "O-e1"}})
		f.deliverAll(t)
		if got := f.balance(m).Pending - before; got != 30 {
			t.Errorf("%d points of the claimed purchase stay, want 30 for one cup", got)
		}
		if _, err := f.Append(context.Background(), decoded("1", back("r3", "O-e1", oneCup+","+oneCup))); err != nil {
			t.Error(err)
		}
		f.append(decoded("1", back("r4", "O-e1", oneCup)))
		if got := f.balance(m).Pending - before; got != 0 {
			t.Errorf("%d points stay, want none", got)
		}
	})
}

func TestBlockedMembersReturnGoods(t *testing.T) {
	t.Parallel()
	onEachReturning(t, func(t *testing.T, f *fixture) {
		m := f.append(basket("e1", "1")).Member
		f.append(journal.Request{Member: m, Event: &event.Event{ID: "p1", Type: event.Profile, Data: []event.Datum{{Name: "blocked", Kind: event.Truth, Whole: 1}}}})
		f.append(decoded("1", back("r1", "O-e1", oneCup)))
		if got := f.balance(m).Pending; got != 97 {
			t.Errorf("%d points, want 97", got)
		}
		_, err := f.Append(context.Background(), decoded("1", back("r1", "O-e1", oneBag)))
		if !errors.Is(err, journal.ErrIDReused) {
			t.Errorf("another return under the same id: %v", err)
		}
	})
}

// TestReturnAfterMergesThereAndBack merges a member into another and that one
// back into somebody who absorbed the first: nothing is met twice.
func TestReturnAfterMergesThereAndBack(t *testing.T) {
	t.Parallel()
	onEachReturning(t, func(t *testing.T, f *fixture) {
		one, other := f.append(basket("e1", "1")).Member, f.append(basket("e2", "2")).Member
		f.append(decoded("1", back("r1", "O-e1", oneCup)))
		f.clock.Advance(72 * time.Hour)
		f.merge(t, "m1", one, other)
		f.merge(t, "m2", other, one)
		f.append(decoded("2", back("r2", "O-e1", oneCup+","+oneBag)))
		f.append(decoded("1", back("r3", "O-e2", oneBag)))
		a := f.append(decoded("1", back("r4", "O-e2", oneCup+","+oneCup)))
		if got := f.balance(a.Member); got != (ledger.Balance{}) {
			t.Errorf("%+v, want nothing", got)
		}
		if a := f.append(decoded("2", back("r5", "O-e1", oneCup))); a.Decision.Outcome != engine.MoreThanBought {
			t.Errorf("once more: %s", a.Decision.Outcome)
		}
	})
}
