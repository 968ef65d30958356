package engine_test

import (
	"testing"

	"pgregory.net/rapid"

	"premia/internal/core/event"
	"premia/internal/core/ledger"
)

const mergeRules = `
program: Merges
currency: PLN
timezone: Europe/Warsaw
languages: [en]
wallets:
  points: {name: {en: {one: p, other: p}}, debt: carry}
earn:
  - {id: spend, give: {points: 1, per: 1.00}}
`

// Whatever is merged into whatever, in circles and at the same time, and in
// whatever order the parcels arrive: all value ends with members who stand on
// their own, nothing stays on the way, and every member leads to one of those.
func TestMergesLoseNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, load(t, mergeRules))
		clock := instant(1_767_225_600_000_000)
		const members = 4
		total := int64(0)
		for m := ledger.MemberID(1); m <= members; m++ {
			w.decide(m, event.Event{Type: event.Enrolment}, clock)
		}
		for range rapid.IntRange(1, 25).Draw(t, "steps") {
			clock += instant(int64(rapid.IntRange(0, 90).Draw(t, "seconds")) * 1_000_000)
			m := ledger.MemberID(rapid.IntRange(1, members).Draw(t, "member"))
			switch kind := rapid.IntRange(0, 3).Draw(t, "kind"); {
			case kind == 0:
				amount := rapid.Int64Range(-50, 100).Draw(t, "amount")
				// In a circle of merges nobody answers: the journal refuses the
				// event for now.
				if amount == 0 || w.state(w.resolve(m)).Status == ledger.Merged {
					continue
				}
				total += amount
				w.decide(w.resolve(m), event.Event{Type: event.Adjustment, Wallet: "points", Amount: amount, Given: event.GivenAmount, Reason: "a test"}, clock)
			case kind == 1 && len(w.waiting) > 0:
				w.deliver(rapid.IntRange(0, len(w.waiting)-1).Draw(t, "which"), clock)
			default:
				// The journal asks the member itself, which may not know yet that
				// the other one is leaving, too.
				into := ledger.MemberID(rapid.IntRange(1, members).Draw(t, "into"))
				w.decide(m, event.Event{Type: event.Merge, Data: []event.Datum{{Name: "into", Kind: event.Whole, Whole: int64(into)}}}, clock)
			}
		}
		for rounds := 0; len(w.waiting) > 0; rounds++ {
			if rounds > 200 {
				t.Fatal("parcels go round for ever")
			}
			w.deliver(rapid.IntRange(0, len(w.waiting)-1).Draw(t, "which"), clock)
		}
		checkMerged(t, w, members, total)
	})
}

func checkMerged(t *rapid.T, w *world, members ledger.MemberID, total int64) {
	points := w.program.WalletByID("points").Name
	sum, transit := int64(0), int64(0)
	for m := ledger.MemberID(1); m <= members; m++ {
		for _, p := range w.postings[m] {
			if p.From == ledger.Transit {
				transit -= p.Amount
			}
			if p.To == ledger.Transit {
				transit += p.Amount
			}
		}
		s := w.state(m)
		own := s.Wallet(points)
		if own != nil {
			sum += own.Balance().Net()
		}
		if s.Status == ledger.Merged && own != nil && own.Balance() != (ledger.Balance{}) {
			t.Fatalf("member %d was merged into %d and has %+v", m, s.MergedInto, own.Balance())
		}
		if end := w.resolve(m); w.state(end).Status != ledger.Active {
			t.Fatalf("member %d leads to %d, who is not active: %+v", m, end, w.state(end))
		}
	}
	if sum != total || transit != 0 {
		t.Fatalf("of %d in all %d are there, %d are on the way", total, sum, transit)
	}
}
