package surprise_test

import (
	"math"
	"strconv"
	"testing"

	"premia/internal/core/calendar"
	"premia/internal/core/chance"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/testkit/mechanics"
)

const wheel = `
wallets: {points: {name: points}}
surprises:
  - id: wheel
    on: purchase
    prizes:
      - {id: a, odds: 0.0001, give: {points: 1}}
      - {id: b, odds: 0.0099, give: {points: 2}}
      - {id: c, odds: 0.05, give: {points: 3}}
      - {id: d, odds: 0.14, give: {points: 4}}
      - {id: e, odds: 0.3, give: {points: 5}}
      - {id: f, odds: 0.333333333, give: {points: 6}}
    nothing: 0.166666667
`

// draws is how many draws a test of odds makes; the odds are in the order of the
// wheel's prizes, that of nothing last.
const draws = 1_000_000

var odds = []float64{0.0001, 0.0099, 0.05, 0.14, 0.3, 0.333333333, 0.166666667}

// TestOddsAreKept draws a million times, each for an event of its own, and compares by
// Pearson's chi-squared test (K. Pearson, 1900) how often each prize was won. With six
// degrees of freedom the probability of a sum of at least x is exp(-x/2)·(1 + x/2 +
// (x/2)²/2). The events' ids and the secret are fixed, so the result is, too.
func TestOddsAreKept(t *testing.T) {
	p := mechanics.Load(t, wheel)
	rules := engine.NewTimeline(engine.Live{From: calendar.Beginning, Program: p})
	decider, out, won := &engine.Decider{}, &engine.Decision{}, make([]float64, len(odds))
	e := event.Event{Type: event.Purchase, At: mechanics.Began, Currency: "PLN", Total: 100, Given: event.GivenTotal}
	state := ledger.State{}
	for i := range draws {
		e.ID = "event-" + strconv.Itoa(i)
		seed := chance.Seed([]byte("a fixed secret"), "draw", e.ID)
		state = ledger.State{Status: ledger.Active, Wallets: state.Wallets[:0]}
		decider.Decide(rules, &state, &e, engine.Inputs{Clock: e.At, Member: 1, Draw: seed[:]}, out)
		place := len(odds) - 1
		for j := range out.Postings {
			place = int(out.Postings[j].Amount) - 1
		}
		won[place]++
	}
	x := 0.0
	for i := range odds {
		expected := odds[i] * draws
		x += (won[i] - expected) * (won[i] - expected) / expected
	}
	half := x / 2
	if p := math.Exp(-half) * (1 + half + half*half/2); p < 0.001 || p > 0.9999 {
		t.Errorf("%v of %d draws: the sum is %.2f, whose probability is %.6f", won, draws, x, p)
	}
}

// What a decision drew it draws again from what it kept, and nothing else does.
func TestDrawsAreMadeAgain(t *testing.T) {
	p := mechanics.Load(t, wheel)
	rules := engine.NewTimeline(engine.Live{From: calendar.Beginning, Program: p})
	decide := func(id string, in engine.Inputs) *engine.Decision {
		out := &engine.Decision{}
		e := event.Event{ID: id, Type: event.Purchase, At: mechanics.Began, Currency: "PLN", Total: 100, Given: event.GivenTotal}
		in.Clock, in.Member = e.At, 1
		new(engine.Decider).Decide(rules, &ledger.State{Status: ledger.Active}, &e, in, out)
		return out
	}
	for i := range 200 {
		id := strconv.Itoa(i)
		seed := chance.Seed([]byte("secret"), "draw", id)
		first := decide(id, engine.Inputs{Draw: seed[:]})
		read := &engine.Decision{}
		if err := engine.DecodeDecision(first.Append(nil), read); err != nil {
			t.Fatal(err)
		}
		again := decide(id, engine.Inputs{Draw: read.Draw, Quotas: engine.Stored(read.Grants)})
		if string(again.Append(nil)) != string(first.Append(nil)) {
			t.Errorf("event %s is decided otherwise from what was kept", id)
		}
		quoted := decide(id, engine.Inputs{Asked: true})
		if len(quoted.Draw) > 0 || len(quoted.Postings) > 0 || quoted.Steps[0].Result != engine.MayWin {
			t.Errorf("a quote draws: %+v", quoted.Steps)
		}
	}
}
