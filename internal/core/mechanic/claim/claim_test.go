package claim_test

import (
	"testing"
	"time"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/program"
)

const rules = `
program: Claims
currency: PLN
timezone: Europe/Warsaw
languages: [en]
enrolment: {unknown: guest, claim within: 30d}
wallets: {points: {name: {en: {one: p, other: p}}, expires: 12mo}}
earn: [{id: spend, give: {points: 1, per: 1.00}}]
`

const mayCampaign = `campaigns: [{id: may, from: 2026-05-01, until: 2026-05-31, multiply: {points: 2}}]`

func load(t *testing.T, src string, names *engine.Names, version uint32) *engine.Program {
	t.Helper()
	d, err := program.Load("program.yaml", []byte(src), names)
	if err != nil {
		t.Fatal(err)
	}
	d.Program.Version = version
	return d.Program
}

func day(month time.Month, day int) calendar.Instant {
	return calendar.Of(time.Date(2026, month, day, 12, 0, 0, 0, time.UTC))
}

func TestClaims(t *testing.T) {
	names := engine.NewNames()
	old, current := load(t, rules+mayCampaign, names, 1), load(t, rules, names, 2)
	timeline := engine.NewTimeline(
		engine.Live{From: calendar.Beginning, Program: old}, engine.Live{From: day(6, 1), Program: current})
	purchase := &event.Event{ID: "p", Type: event.Purchase, At: day(5, 20), Order: "A1", Total: 50_00, Given: event.GivenTotal}
	for name, c := range map[string]struct {
		at      calendar.Instant
		claimed *event.Event
		guest   bool
		outcome engine.Outcome
		points  int64
	}{
		// The campaign of May, which the later version lacks, counts in June.
		"as of the purchase": {day(6, 10), purchase, true, engine.Applied, 100},
		"on the last day":    {day(6, 19), purchase, true, engine.Applied, 100},
		"too late":           {day(6, 20), purchase, true, engine.ClaimTooLate, 0},
		"a member's order":   {day(6, 10), purchase, false, engine.NotAGuestOrder, 0},
		"no such order":      {day(6, 10), nil, false, engine.NotAGuestOrder, 0},
	} {
		state := ledger.State{Status: ledger.Active}
		claim := &event.Event{ID: "c", Type: event.Claim, Order: "A1", At: c.at}
		if c.outcome == engine.ClaimTooLate {
			claim.At++
		}
		in := engine.Inputs{Clock: claim.At, Member: 7, Claimed: c.claimed, ClaimedGuest: c.guest}
		var out engine.Decision
		new(engine.Decider).Decide(timeline, &state, claim, in, &out)
		got := int64(0)
		if w := state.Wallet(current.WalletByID("points").Name); w != nil {
			got = w.Balance().Available
		}
		if out.Outcome != c.outcome || got != c.points {
			t.Errorf("%s: %s with %d points, not %s with %d", name, out.Outcome, got, c.outcome, c.points)
		}
		if c.points == 0 {
			continue
		}
		if out.Program != 1 || out.At != purchase.At || state.Purchases != 1 || state.Spend != 50_00 || state.LastPurchaseAt != purchase.At {
			t.Errorf("%s: decided by version %d as of %s, with %d purchases of %d at %s", name, out.Program, out.At, state.Purchases, state.Spend, state.LastPurchaseAt)
		}
	}
}

// A guest's purchase is kept and gives nothing.
func TestGuestsGetNothing(t *testing.T) {
	p := load(t, rules, engine.NewNames(), 1)
	var state ledger.State
	var out engine.Decision
	e := &event.Event{ID: "p", Type: event.Purchase, At: day(5, 20), Order: "A1", Total: 50_00, Given: event.GivenTotal}
	new(engine.Decider).Decide(engine.NewTimeline(engine.Live{From: calendar.Beginning, Program: p}), &state, e, engine.Inputs{Clock: e.At}, &out)
	if out.Outcome != engine.RecordedAsGuest || len(out.Postings)+len(out.Steps)+len(state.Wallets) != 0 || state.Purchases != 0 {
		t.Errorf("the decision is %+v and the state %+v", out, state)
	}
}
