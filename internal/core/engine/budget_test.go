package engine_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
)

const budgeted = `
program: Budgets
currency: EUR
timezone: Europe/Warsaw
languages: [en]
wallets:
  points: {name: {en: {one: point, other: points}}, pending: 1d, expires: {after: 5d}, worth: 0.10, debt: carry}
earn:
  - {id: spend, give: {points: 1, per: 1.00}, limits: {points: {in total each day: 70}, liability: {in total: 12.00}}}
  - {id: extra, give: {points: 7}, limits: {money: {each store: 3.00, in total each week: 5.00, each day: 1.40}, times: {each store each day: 3}}}
rewards:
  - {id: cake, name: cake, kind: service, where: here, price: {points: 15}, hold: 2d, refund: {within: 4d, revive expired: 1d}}
transfers:
  points: {}
`

// What a budget for outstanding value says is used is what members have of the
// rule's lots, whatever became of them, and no budget gives more than it has.
func TestBudgetsOfStoresPeriodsMoneyAndLiability(t *testing.T) {
	p := load(t, budgeted)
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, p)
		for m := range ledger.MemberID(3) {
			w.state(m+1).Status, w.state(m+1).EnrolledAt = ledger.Active, 1
		}
		at := 20_000 * calendar.Day
		var taken []string
		for i := range rapid.IntRange(5, 40).Draw(t, "events") {
			at += calendar.Instant(rapid.IntRange(0, 40).Draw(t, "hours")) * calendar.Hour
			m := ledger.MemberID(rapid.IntRange(1, 3).Draw(t, "member"))
			e := event.Event{ID: fmt.Sprint("e", i), At: at, Type: event.Purchase}
			switch rapid.IntRange(0, 7).Draw(t, "what") {
			case 0:
				e.Type, e.Reward, e.Hold = event.Redemption, "cake", rapid.Bool().Draw(t, "hold")
				taken = append(taken, e.ID)
			case 1:
				if len(taken) == 0 {
					continue
				}
				e.Redemption = rapid.SampledFrom(taken).Draw(t, "of")
				e.Type = rapid.SampledFrom([]string{event.Confirmation, event.Cancellation, event.Refund}).Draw(t, "then")
			case 2:
				e.Type, e.Wallet, e.Reason = event.Adjustment, "points", "a mistake"
				e.Amount, e.Given = int64(rapid.SampledFrom([]int{-30, -5, 5}).Draw(t, "amount")), event.GivenAmount
			case 3:
				e.Type = event.Settle
			default:
				e.Total, e.Given = int64(rapid.IntRange(1, 6000).Draw(t, "total")), event.GivenTotal
				e.Store = rapid.SampledFrom([]string{"", "north", "south"}).Draw(t, "store")
			}
			w.decide(m, e, at)
			w.outstanding()
		}
	})
}

// outstanding compares the budget of the rule spend with the members' lots.
func (w *world) outstanding() {
	w.t.Helper()
	rule, _ := w.program.Names.Find("earn.spend")
	quota, _ := w.program.Names.Find(engine.OutstandingBudget("earn.spend", "points"))
	sum := int64(0)
	for _, s := range w.states {
		for i := range s.Wallets {
			for _, lot := range s.Wallets[i].Lots {
				if lot.Rule == rule {
					sum += lot.Remaining
				}
			}
		}
		for _, r := range s.Redemptions {
			for _, part := range r.Parts {
				if r.Status == ledger.HeldRedemption && part.Lot.Rule == rule {
					sum += part.Lot.Remaining
				}
			}
		}
	}
	if used := w.used[ledger.Quota{Name: quota}]; used != sum {
		w.t.Fatalf("the budget says that %d are outstanding, and members have %d", used, sum)
	}
}
