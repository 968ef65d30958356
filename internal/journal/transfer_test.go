package journal_test

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/journal"
	"premia/internal/store"
	"premia/internal/testkit/postgres"
)

const transferring = `
program: Test
currency: PLN
timezone: Europe/Warsaw
languages: [en]
enrolment: {unknown: enrol}
wallets:
  points: {name: {en: points}, expires: 12mo, debt: carry}
earn:
  - {id: spend, give: {points: 1, per: 1.00}}
transfers:
  points: {}
`

func onEachTransferring(t *testing.T, test func(t *testing.T, f *fixture)) {
	publish := func(t *testing.T, f *fixture) {
		if _, err := f.Publish(context.Background(), []byte(transferring), calendar.None, ""); err != nil {
			t.Fatal(err)
		}
		f.clock.Advance(time.Hour)
		test(t, f)
	}
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		publish(t, open(t, "sqlite:"+filepath.Join(t.TempDir(), "premia.db"), journal.Options{}))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		publish(t, open(t, postgres.New(t), journal.Options{}))
	})
}

func give(id string, from, to ledger.MemberID, amount int64) journal.Request {
	return journal.Request{Member: from, Event: &event.Event{
		ID: id, Type: event.Transfer, Wallet: "points", Amount: amount, Given: event.GivenAmount,
		Data: []event.Datum{{Name: "to", Kind: event.Whole, Whole: int64(to)}},
	}}
}

func mergeInto(id string, from, into ledger.MemberID) journal.Request {
	return journal.Request{Member: from, Event: &event.Event{ID: id, Type: event.Merge, Data: []event.Datum{{Name: "into", Kind: event.Whole, Whole: int64(into)}}}}
}

func erase(id string, m ledger.MemberID) journal.Request {
	return journal.Request{Member: m, Event: &event.Event{ID: id, Type: event.Profile, Data: []event.Datum{{Name: "erased", Kind: event.Truth, Whole: 1}}}, Forget: []store.PersonalKey{{}}}
}

// forgetCursors lets a subscriber begin anew, as after a crash that lost them.
func (f *fixture) forgetCursors() {
	f.t.Helper()
	for _, shard := range f.store.Shards() {
		if err := f.store.SetCursor(context.Background(), store.Cursor{Subscriber: journal.FollowUpsName, Shard: shard}); err != nil {
			f.t.Fatal(err)
		}
	}
}

// One wallet is given away twenty times at once: only what is there leaves.
func TestOneWalletGivenAwayTwentyTimes(t *testing.T) {
	t.Parallel()
	onEachTransferring(t, func(t *testing.T, f *fixture) {
		giver := f.append(purchase("e0", "0", "70.00")).Member
		var receivers []ledger.MemberID
		for n := range 20 {
			receivers = append(receivers, f.append(purchase(fmt.Sprint("r", n), fmt.Sprint("r", n), "1.00")).Member)
		}
		outcomes := make([]engine.Outcome, 20)
		var all sync.WaitGroup
		for n := range 20 {
			all.Go(func() {
				a, err := f.Append(context.Background(), give(fmt.Sprint("t", n), giver, receivers[n], 30))
				if err != nil {
					t.Error(err)
					return
				}
				outcomes[n] = a.Decision.Outcome
			})
		}
		all.Wait()
		f.deliverAll(t)
		given := 0
		for n, o := range outcomes {
			want := int64(1)
			switch o {
			case engine.Applied:
				given++
				want = 31
			case engine.Insufficient:
			default:
				t.Errorf("transfer %d: %s", n, o)
			}
			if got := f.balance(receivers[n]); got != (ledger.Balance{Available: want}) {
				t.Errorf("after %s receiver %d has %+v, want %d", o, n, got, want)
			}
		}
		if got := f.balance(giver); given != 2 || got != (ledger.Balance{Available: 10}) {
			t.Errorf("30 of 70 left %d times, and %+v are left; want twice, and 10", given, got)
		}
	})
}

// However often a follow-up is delivered, it arrives once.
func TestTransferArrivesOnce(t *testing.T) {
	t.Parallel()
	onEachTransferring(t, func(t *testing.T, f *fixture) {
		from, to := f.append(purchase("e0", "0", "70.00")).Member, f.append(purchase("e1", "1", "5.00")).Member
		f.append(give("t1", from, to, 50))
		if again := f.append(give("t1", from, to, 50)); !again.Repeated {
			t.Error("the transfer was decided twice")
		}
		if got := f.balance(to); got.Available != 5 {
			t.Errorf("before it arrives: %+v", got)
		}
		for range 3 {
			f.deliverAll(t)
			f.forgetCursors()
		}
		if from, to := f.balance(from), f.balance(to); from.Available != 20 || to.Available != 55 {
			t.Errorf("giver %+v, receiver %+v; want 20 and 55", from, to)
		}
	})
}

func TestTransferFollowsTheMergeOfItsReceiver(t *testing.T) {
	t.Parallel()
	for _, when := range []string{"before", "after", "after it arrived"} {
		t.Run(when, func(t *testing.T) {
			t.Parallel()
			onEachTransferring(t, func(t *testing.T, f *fixture) {
				from, to := f.append(purchase("e0", "0", "70.00")).Member, f.append(purchase("e1", "1", "5.00")).Member
				winner := f.append(purchase("e2", "2", "1.00")).Member
				if when == "before" {
					f.append(mergeInto("m1", to, winner))
				}
				f.append(give("t1", from, to, 50))
				if when == "after it arrived" {
					f.deliverAll(t)
				}
				if when != "before" {
					f.append(mergeInto("m1", to, winner))
				}
				f.deliverAll(t)
				if from, winner := f.balance(from), f.balance(winner); from.Available != 20 || winner.Available != 56 {
					t.Errorf("giver %+v, who remains %+v; want 20 and 56", from, winner)
				}
			})
		})
	}
}

// A receiver who was erased refuses under the follow-up's id, and the giver gets
// all back, once; so does one who was never there, and a giver who was merged or
// erased meanwhile.
func TestTransferComesBack(t *testing.T) {
	t.Parallel()
	for _, giverIs := range []string{"there", "merged", "erased"} {
		t.Run(giverIs, func(t *testing.T) {
			t.Parallel()
			onEachTransferring(t, func(t *testing.T, f *fixture) {
				from, to := f.append(purchase("e0", "0", "70.00")).Member, f.append(purchase("e1", "1", "5.00")).Member
				winner := f.append(purchase("e2", "2", "1.00")).Member
				left := f.append(give("t1", from, to, 50))
				nobody := f.append(give("t2", from, to+1, 15))
				f.append(erase("x1", to))
				back := map[string]ledger.MemberID{"there": from, "merged": winner, "erased": from}[giverIs]
				// What comes back to one who is gone expires at once.
				want := map[string]int64{"there": 70, "merged": 71, "erased": 0}[giverIs]
				switch giverIs {
				case "merged":
					f.append(mergeInto("m1", from, winner))
				case "erased":
					f.append(erase("x2", from))
				}
				for range 3 {
					f.deliverAll(t)
					f.forgetCursors()
				}
				if got := f.balance(back); got != (ledger.Balance{Available: want}) {
					t.Errorf("back are %+v, want %d", got, want)
				}
				for _, gone := range []journal.Answer{left, nobody} {
					at, err := f.FollowUpPosition(context.Background(), &gone, 0)
					if err != nil {
						t.Fatal(err)
					}
					if a, err := f.AnswerAt(context.Background(), at); err != nil || a.Decision.Outcome != engine.ReceiverGone {
						t.Errorf("the receiver's answer: %+v (%v), want a refusal", a.Decision, err)
					}
				}
				if parked, err := f.store.ParkedList(context.Background(), "", 0, 10); len(parked) > 0 || err != nil {
					t.Errorf("parked: %+v (%v)", parked, err)
				}
			})
		})
	}
}
