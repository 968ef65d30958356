package engine_test

import (
	"fmt"
	"math/big"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// modelPurchase is what a purchase gave, and what is left of it.
type modelPurchase struct {
	fact   fact
	left   int64 // pieces
	issues []*modelIssue
}

// modelIssue is what one rule gave for a purchase.
type modelIssue struct {
	rule  *modelRule
	name  string
	award *modelAward
	gift  gift
	// undone is what returns have undone of it, and due what was to be taken back
	// for that: what had expired is owed by nobody.
	given, undone, due int64
}

// goodsBack draws that some or all goods of a purchase come back.
func (h *historian) goodsBack(f *fact) {
	if h.orders == 0 {
		f.kind = "settle"
		return
	}
	f.kind, f.order = "return", fmt.Sprintf("o%d", rapid.IntRange(max(1, h.orders-3), h.orders).Draw(h.t, "order"))
	f.pieces = int64(rapid.IntRange(0, 4).Draw(h.t, "back")) // 0 is all that is left
	if i := slices.IndexFunc(h.facts, func(x fact) bool { return x.kind == "purchase" && x.order == f.order }); i >= 0 {
		f.member = h.facts[i].member
	}
}

// takeGoodsBack undoes what a purchase gave beyond what the rest of it would give.
func (w *modelWorld) takeGoodsBack(m *modelMember, f *fact) {
	i := slices.IndexFunc(m.bought, func(p *modelPurchase) bool { return p.fact.order == f.order })
	if i < 0 {
		return
	}
	p, back := m.bought[i], f.pieces
	if back == 0 {
		back = p.left
	}
	if back == 0 || back > p.left {
		return
	}
	backed := w.backed(m, p)
	p.left -= back
	for _, one := range p.issues {
		rest := int64(0)
		if p.left > 0 {
			rest = min(w.worthOf(one.rule, w.wallet(one.rule.wallet), p.rest(one.rule), p.left), one.given)
		}
		if undone := one.given - rest - one.undone; undone > 0 {
			w.undo(m, one, undone)
		}
	}
	w.lose(m, p, backed)
}

// rest is the money that counts of what is left, each part of it rounded half up.
func (p *modelPurchase) rest(r *modelRule) int64 {
	f := &p.fact
	total := share(f.total, p.left, f.pieces)
	excluded := f.points
	if slices.Contains(r.without, "tax") {
		excluded += f.tax
	}
	return max(total-share(excluded, total, f.total), 0)
}

// share gives amount × part ÷ whole, halves up.
func share(amount, part, whole int64) int64 {
	if whole == 0 {
		return 0
	}
	r := new(big.Rat).Mul(new(big.Rat).SetInt64(amount), big.NewRat(part, whole))
	return rounded(r, "half up")
}

// undo takes back what is undone of an award: from it, then from what else there is,
// and then by the wallet's rule for debt.
func (w *modelWorld) undo(m *modelMember, one *modelIssue, undone int64) {
	one.undone += undone
	due := max(one.undone-one.award.expired-one.due, 0)
	one.due += due
	if slices.Contains(m.awards, one.award) {
		part := min(due, one.award.left)
		one.award.left -= part
		due -= part
	}
	for a := m.next(one.rule.wallet); a != nil && due > 0; a = m.next(one.rule.wallet) {
		part := min(due, a.left)
		a.left -= part
		due -= part
	}
	if w.wallet(one.rule.wallet).debt == "carry" {
		m.debt[one.rule.wallet] += due
	}
	w.free(m, one, undone)
}

// free gives limits and budgets back what is undone.
func (w *modelWorld) free(m *modelMember, one *modelIssue, undone int64) {
	whole := one.undone == one.given
	i := slices.IndexFunc(m.gifts, func(g gift) bool {
		return g.rule == one.gift.rule && g.at.Equal(one.gift.at) && g.amount == one.gift.amount
	})
	one.gift.amount -= undone
	switch {
	case i < 0:
	case whole:
		m.gifts = slices.Delete(m.gifts, i, i+1)
	default:
		m.gifts[i].amount -= undone
	}
	if _, limited := one.rule.limits["in total"]; limited {
		w.spent[one.name] -= undone
	}
	if _, limited := one.rule.limits["times in total"]; limited && whole {
		w.spent[one.name+" uses"]--
	}
}

// What expired at one member, before its value went to another and on to a third, is
// owed by none of them when the goods come back.
func TestWhatExpiredBeforeMergesIsNotOwed(t *testing.T) {
	p := &modelProgram{
		wallets: []modelWallet{{id: "w0", debt: "carry", expires: modelExpiry{kind: "after", length: modelSpan{days: 10}}}},
		earn:    []modelRule{{id: "r0", on: "purchase", wallet: "w0", rate: "1", per: "1.00"}},
		card:    &modelCard{expires: modelExpiry{kind: "never"}, reward: modelReward{hold: modelSpan{days: 1}}},
		goals:   []modelGoal{{id: "pieces", pieces: true, goal: 2, wallet: "w0", gives: 15}},
		ladders: []modelLadder{{id: "earned", wallet: "w0", from: [3]int64{0, 60, 400}, next: true}},
	}
	compiled := load(t, p.document())
	for pause := int64(1); pause <= 12; pause++ {
		w, h := newWorld(t, compiled), &historian{program: p, members: 3, zone: compiled.Zone}
		at := time.Date(2026, time.January, 20, 12, 0, 0, 0, time.UTC).UnixMicro()
		for _, f := range []fact{
			{kind: "enrolment", member: 1}, {kind: "enrolment", member: 2}, {kind: "enrolment", member: 3},
			{kind: "purchase", member: 1, order: "o1", total: 100_00, pieces: 4}, {kind: "return", member: 1, order: "o1", pieces: 1},
			{kind: "merge", member: 1, into: 2}, {kind: "arrive"}, {kind: "settle", member: 2},
			{kind: "merge", member: 2, into: 3}, {kind: "arrive"},
			{kind: "purchase", member: 3, order: "o2", total: 50_00, pieces: 1}, {kind: "return", member: 1, order: "o1"},
		} {
			f.clock, f.at = at, at
			h.facts = append(h.facts, f)
			w.tell(&f)
			if problem := w.differs(h, at); problem != "" {
				t.Fatalf("with %d days between: %s\n%s", pause, problem, h)
			}
			at += pause * 86_400_000_000
		}
	}
}
