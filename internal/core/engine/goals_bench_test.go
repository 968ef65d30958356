package engine_test

import (
	"testing"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
)

// sixGoals are goals of all kinds, beside ten rules.
const sixGoals = tenRules + `
challenges:
  - {id: spring, count: spend, from: 2026-03-01, until: 2026-12-31, milestones: [{goal: 500, give: {points: 50}}, {goal: 1000, give: {points: 100}}]}
  - {id: monthly, each: month, goal: 5, repeat: any number, give: {points: 10}}
  - {id: shops, count: stores, each: week, goal: 3, give: {points: 10}}
  - {id: more, count: spend, each: month, target: {more: 10%, at least: 100}, give: {points: 20}}
stamp cards:
  - {id: card, stamps: events, full: 10, valid: 6mo, give: {points: 30}}
streaks:
  - {id: daily, every: day, length: 3, repeat: any number, give: {points: 5}}
`

func BenchmarkDecidePurchaseUnderTenRulesAndSixGoals(b *testing.B) {
	benchmarkEngine(b, sixGoals, plainPurchases())
}

// aBoard is a leaderboard by spend and one by what counts towards a challenge, beside ten
// rules and six goals.
const aBoard = sixGoals + `
leaderboards:
  - {id: month, by: spend, period: calendar month, group: event.store, prizes: [{places: 1, give: {points: 100}}]}
  - {id: counts, by: challenge.monthly, period: calendar week}
`

func BenchmarkDecidePurchaseUnderTenRulesSixGoalsAndBoards(b *testing.B) {
	benchmarkEngine(b, aBoard, plainPurchases())
}

// TestGoalsTakeLittleMemory bounds what goals take beside the member's state, and
// finds that a program without goals keeps nothing of them.
func TestGoalsTakeLittleMemory(t *testing.T) {
	allocations := func(document string) float64 {
		timeline := engine.NewTimeline(engine.Live{From: calendar.Beginning, Program: load(t, document)})
		w := newBenchWorld(plainPurchases())
		var d engine.Decider
		var out engine.Decision
		n := testing.AllocsPerRun(2*benchMembers*benchVisits, func() {
			s, e := w.next()
			d.Decide(timeline, s, e, engine.Inputs{Clock: e.At, Member: 1}, &out)
		})
		for i := range w.states {
			if has := w.states[i].Progress != nil; has != (document == sixGoals) {
				t.Fatalf("progress is kept: %v", has)
			}
		}
		return n
	}
	without, with := allocations(tenRules), allocations(sixGoals)
	if with > without+12 {
		t.Errorf("%.1f allocations with six goals, %.1f without", with, without)
	}
	t.Logf("%.1f allocations with six goals, %.1f without", with, without)
}
