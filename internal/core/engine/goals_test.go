package engine_test

import (
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"pgregory.net/rapid"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/challenge"
	"premia/internal/core/mechanic/merge"
)

// TestGoalsAgainstTheModel plays random histories and compares after every step
// what goals gave with what the whole history gives.
func TestGoalsAgainstTheModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		randomGoals(t, func(label string, n int) int { return rapid.IntRange(0, n-1).Draw(t, label) }, 25)
	})
}

// TestGoalsLong is the same for a hundred thousand steps and more.
func TestGoalsLong(t *testing.T) {
	rounds := 40
	if os.Getenv("PREMIA_LONG") != "" {
		rounds = 4000
	}
	for seed := range uint64(rounds) {
		r := rand.New(rand.NewPCG(seed, 7))
		randomGoals(t, func(_ string, n int) int { return r.IntN(n) }, 30)
		if t.Failed() {
			t.Fatalf("with the seed %d", seed)
		}
	}
}

// joined are two members of the program of goals, whose events are decided with
// their histories.
type joined struct {
	t      *testing.T
	world  *goalWorld
	states map[ledger.MemberID]*ledger.State
	now    calendar.Instant
}

func newJoined(t *testing.T) *joined {
	j := &joined{t: t, world: newGoalWorld(t), states: map[ledger.MemberID]*ledger.State{}, now: calendar.Of(time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC))}
	for id := ledger.MemberID(1); id <= 2; id++ {
		j.states[id] = &ledger.State{Status: ledger.Active, EnrolledAt: 1}
	}
	return j
}

func (j *joined) decide(id ledger.MemberID, e event.Event) *engine.Decision {
	j.t.Helper()
	j.now += calendar.Hour
	e.At = j.now
	if err := e.Check("PLN", 2); err != nil {
		j.t.Fatal(err)
	}
	var d engine.Decision
	in := engine.Inputs{Clock: j.now, Member: id, History: j.world.past.Of(id)}
	new(engine.Decider).Decide(j.world.rules, j.states[id], &e, in, &d)
	j.world.past.Keep(id, &e, nil, &d)
	if d.Outcome.Refused() {
		j.t.Fatalf("%s is refused: %s", e.Type, d.Outcome)
	}
	return &d
}

func (j *joined) buys(id ledger.MemberID, order string, pieces int64) {
	j.t.Helper()
	j.decide(id, event.Event{ID: order, Type: event.Purchase, Order: order, Items: []event.Item{{SKU: "s", Category: "a", Quantity: pieces * 1000, Total: pieces * 100, GivenTotal: true}}})
}

func (j *joined) returns(id ledger.MemberID, order string, pieces int64) {
	j.t.Helper()
	j.decide(id, event.Event{Type: event.Return, Order: order, Items: []event.Item{{SKU: "s", Quantity: pieces * 1000}}})
}

// merge lets the first be merged into the second.
func (j *joined) merge() {
	j.t.Helper()
	d := j.decide(1, event.Event{ID: "m", Type: event.Merge, Data: []event.Datum{{Name: merge.Into, Kind: event.Whole, Whole: 2}}})
	for _, f := range d.FollowUps {
		j.decide(f.Member, event.Event{ID: "f", Type: f.Type, Carried: f.Carried})
	}
}

// has checks how often the second member was given the goal of four pieces.
func (j *joined) has(want int64) {
	j.t.Helper()
	if got := j.states[2].BalanceOf(j.world.program.WalletByID("ten").Name).Net(); got != want {
		j.t.Fatalf("the goal was given %d times, want %d", got, want)
	}
}

// TestGoalsOfMergedMembers adds the progress of two members: nothing is given
// twice, and what either bought can be returned.
func TestGoalsOfMergedMembers(t *testing.T) {
	t.Run("progress adds up", func(t *testing.T) {
		j := newJoined(t)
		j.buys(1, "A", 3)
		j.buys(2, "B", 3)
		j.merge()
		j.has(0)
		j.buys(2, "C", 1)
		j.has(1)
		j.returns(2, "A", 3)
		j.has(1)
		j.returns(2, "B", 1)
		j.has(0)
		j.buys(2, "D", 1)
		j.has(1)
	})
	t.Run("what was given goes back from the lots that came over", func(t *testing.T) {
		j := newJoined(t)
		j.buys(1, "A", 5)
		j.buys(2, "B", 4)
		j.merge()
		j.has(2)
		j.returns(2, "A", 1)
		j.has(2)
		j.returns(2, "A", 1)
		j.has(1)
		j.returns(2, "A", 3)
		j.has(1)
		j.returns(2, "B", 1)
		j.has(0)
	})
	t.Run("a goal that both reached once stays", func(t *testing.T) {
		j := newJoined(t)
		badge := func() int { return len(challenge.BadgesOf(j.world.program, j.states[2])) }
		j.buys(1, "A", 80)
		j.buys(2, "B", 80)
		j.merge()
		if badge() != 1 {
			t.Errorf("the badge got lost on the way")
		}
		j.returns(2, "A", 80)
		if badge() != 1 {
			t.Errorf("the badge that the other purchase gives is gone")
		}
		j.returns(2, "B", 80)
		if badge() != 0 {
			t.Errorf("the badge stays though everything went back")
		}
	})
}
