package engine_test

import (
	"testing"

	"pgregory.net/rapid"

	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
)

const transferRules = `
program: Transfers
currency: PLN
timezone: Europe/Warsaw
languages: [en]
wallets:
  points: {name: {en: {one: p, other: p}}, debt: carry}
transfers:
  points: {most: 60, each day: 90}
`

func giving(to ledger.MemberID, amount int64) event.Event {
	return event.Event{
		Type: event.Transfer, Wallet: "points", Amount: amount, Given: event.GivenAmount,
		Data: []event.Datum{{Name: "to", Kind: event.Whole, Whole: int64(to)}},
	}
}

func adding(amount int64) event.Event {
	return event.Event{Type: event.Adjustment, Wallet: "points", Amount: amount, Given: event.GivenAmount, Reason: "a test"}
}

// transit is what stands between members by all postings of the world.
func (w *world) transit() int64 {
	sum := int64(0)
	for _, all := range w.postings {
		for _, p := range all {
			if p.From == ledger.Transit {
				sum -= p.Amount
			}
			if p.To == ledger.Transit {
				sum += p.Amount
			}
		}
	}
	return sum
}

// Whatever is given to whomever, while members are merged, blocked and erased,
// and in whatever order things arrive: in the end nothing is on its way, nothing
// is lost and nothing is made, and whoever was erased has forfeited what they had.
func TestTransfersLoseNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, load(t, transferRules))
		clock := instant(1_767_225_600_000_000)
		const members = 4
		total := int64(0)
		for m := ledger.MemberID(1); m <= members; m++ {
			w.decide(m, event.Event{Type: event.Enrolment}, clock)
		}
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			clock += instant(int64(rapid.IntRange(0, 9000).Draw(t, "seconds")) * 1_000_000)
			m := ledger.MemberID(rapid.IntRange(1, members).Draw(t, "member"))
			other := ledger.MemberID(rapid.IntRange(1, members).Draw(t, "other"))
			switch kind := rapid.IntRange(0, 9).Draw(t, "kind"); {
			case kind <= 1:
				amount := rapid.Int64Range(-50, 100).Draw(t, "amount")
				if amount == 0 || w.state(w.resolve(m)).Status == ledger.Merged {
					continue
				}
				total += amount
				w.decide(w.resolve(m), adding(amount), clock)
			case kind <= 3 && len(w.waiting) > 0:
				w.deliver(rapid.IntRange(0, len(w.waiting)-1).Draw(t, "which"), clock)
			case kind == 4:
				w.decide(m, event.Event{Type: event.Merge, Data: []event.Datum{{Name: "into", Kind: event.Whole, Whole: int64(other)}}}, clock)
			case kind == 5:
				name := rapid.SampledFrom([]string{"blocked", "erased"}).Draw(t, "standing")
				if w.state(m).Status != ledger.Merged {
					w.decide(m, event.Event{Type: event.Profile, Data: []event.Datum{{Name: name, Kind: event.Truth, Whole: 1}}}, clock)
				}
			default:
				if giver := w.resolve(m); w.state(giver).Status == ledger.Active {
					w.decide(giver, giving(other, rapid.Int64Range(1, 70).Draw(t, "given")), clock)
				}
			}
		}
		for rounds := 0; len(w.waiting) > 0; rounds++ {
			if rounds > 300 {
				t.Fatal("value goes round for ever")
			}
			w.deliver(rapid.IntRange(0, len(w.waiting)-1).Draw(t, "which"), clock)
		}
		sum := int64(0)
		for m, s := range w.states {
			for i := range s.Wallets {
				b := s.Wallets[i].Balance()
				if sum += b.Net(); s.Status == ledger.Erased && b.Pending+b.Available != 0 {
					t.Fatalf("member %d, who was erased, has %+v", m, b)
				}
			}
		}
		for _, all := range w.postings {
			for _, p := range all {
				if p.To == ledger.Expired {
					sum += p.Amount
				}
			}
		}
		if transit := w.transit(); sum != total || transit != 0 {
			t.Fatalf("of %d in all %d are there, %d are on the way", total, sum, transit)
		}
	})
}

// What is given keeps its dates, pays the receiver's debt first, and takes only
// what is available; a limit that a transfer used is free again when it comes back.
func TestTransferMovesLots(t *testing.T) {
	p := load(t, `
program: Transfers
currency: PLN
timezone: Europe/Warsaw
languages: [en]
wallets:
  points: {name: {en: {one: p, other: p}}, debt: carry, expires: 30d, pending: 2d}
earn:
  - {id: spend, give: {points: 1, per: 1.00}}
transfers:
  points: {least: 5, each month: 40}
`)
	w := newWorld(t, p)
	clock := instant(1_767_225_600_000_000)
	for m := ledger.MemberID(1); m <= 2; m++ {
		w.decide(m, event.Event{Type: event.Enrolment}, clock)
	}
	w.decide(1, adding(40), clock)
	w.decide(1, event.Event{Type: event.Purchase, Total: 9_00, Given: event.GivenTotal}, clock)
	w.decide(2, adding(-8), clock)
	clock += 24 * 3600 * 1_000_000
	if d := w.decide(1, giving(2, 45), clock); d.Outcome != engine.OverLimit {
		t.Errorf("45 of 40 in a month: %s", d.Outcome)
	}
	if d := w.decide(1, giving(2, 4), clock); d.Outcome != engine.BelowMinimum {
		t.Errorf("4 where 5 is the least: %s", d.Outcome)
	}
	if d := w.decide(1, giving(1, 5), clock); d.Outcome != engine.GivenToOneself {
		t.Errorf("to oneself: %s", d.Outcome)
	}
	w.decide(1, adding(-10), clock)
	if d := w.decide(1, giving(2, 31), clock); d.Outcome != engine.Insufficient {
		t.Errorf("31 of 30, with 9 pending: %s", d.Outcome)
	}
	if d := w.decide(1, giving(2, 30), clock); d.Outcome != engine.Applied {
		t.Errorf("30 of 30: %s", d.Outcome)
	}
	w.decide(2, event.Event{Type: event.Profile, Data: []event.Datum{{Name: "blocked", Kind: event.Truth, Whole: 1}}}, clock)
	w.deliver(0, clock+60_000_000)
	if b := w.balance(2, "points", clock+60_000_000); b != (ledger.Balance{Available: 22}) {
		t.Errorf("the receiver, blocked, has %+v, want 30 less a debt of 8", b)
	}
	received := w.states[2].Wallet(p.WalletByID("points").Name).Lots
	if len(received) != 1 || received[0].ExpiresAt != instant(1_767_225_600_000_000)+30*24*3600*1_000_000 {
		t.Errorf("received %+v, which should expire 30 days after it was earned", received)
	}
	if d := w.decide(2, giving(1, 5), clock); d.Outcome != engine.GiverBlocked {
		t.Errorf("given by one who is blocked: %s", d.Outcome)
	}
}

// What nobody is there to receive comes back into the very lots, once, and with it
// the limit.
func TestTransferComesBackToItsLots(t *testing.T) {
	w := newWorld(t, load(t, transferRules))
	clock := instant(1_767_225_600_000_000)
	for m := ledger.MemberID(1); m <= 2; m++ {
		w.decide(m, event.Event{Type: event.Enrolment}, clock)
	}
	w.decide(1, adding(40), clock)
	w.decide(1, adding(50), clock)
	w.decide(1, giving(2, 60), clock)
	before := len(w.states[1].Wallets[0].Lots)
	w.decide(2, event.Event{Type: event.Profile, Data: []event.Datum{{Name: "erased", Kind: event.Truth, Whole: 1}}}, clock)
	if d := w.deliver(0, clock); d.Outcome != engine.ReceiverGone || len(d.Postings) != 0 {
		t.Errorf("an erased receiver: %s, %v", d.Outcome, d.Postings)
	}
	w.deliver(0, clock)
	lots := w.states[1].Wallets[0].Lots
	if before != 1 || len(lots) != 2 || lots[0].No != 1 || lots[0].Remaining != 40 || lots[1].No != 2 || lots[1].Remaining != 50 {
		t.Errorf("back in %+v, want 40 in lot 1 and 50 in lot 2", lots)
	}
	if w.transit() != 0 {
		t.Errorf("%d are on the way", w.transit())
	}
	if d := w.decide(1, giving(2, 60), clock); d.Outcome != engine.Applied {
		t.Errorf("given again: %s, though the limit of the day is free again", d.Outcome)
	}
}
