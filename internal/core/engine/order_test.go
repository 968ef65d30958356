package engine_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"premia/internal/core/ledger"
)

// Purchases that become known at the same time may do so in any order, where no
// limit asks who comes first, no level is asked for and no goal waits for the last: the
// member ends with the same awards.
func TestOrderOfArrivalMakesNoDifference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawProgram(t)
		p.ladders, p.goals = nil, nil
		for i := range p.wallets {
			outlast(&p.wallets[i].expires)
		}
		for _, rules := range [][]modelRule{p.earn, p.campaigns} {
			for i := range rules {
				rules[i].limits, rules[i].above, rules[i].ladder = nil, "", ""
				outlast(rules[i].expires)
			}
		}
		compiled := load(t, p.document())
		h := newHistorian(t, p)
		h.members = 1
		first := slices.IndexFunc(h.facts, func(f fact) bool { return f.member == 1 })
		joined := h.facts[first]
		h.facts = nil
		for range rapid.IntRange(2, 8).Draw(t, "purchases") {
			f := fact{member: 1, clock: h.clock, at: h.clock - int64(rapid.IntRange(0, 9000).Draw(t, "minutes"))*60_000_000}
			h.purchase(&f)
			h.facts = append(h.facts, f)
		}
		var want string
		for _, order := range [][]fact{h.facts, rapid.Permutation(h.facts).Draw(t, "order")} {
			w := newWorld(t, compiled)
			w.tell(&joined)
			for i := range order {
				w.tell(&order[i])
			}
			if got := awards(w.state(1)); want == "" {
				want = got
			} else if got != want {
				t.Fatalf("in another order the awards are\n%s\nnot\n%s\n%s", got, want, h)
			}
		}
	})
}

// outlast makes a sliding expiry longer than purchases are late: what is gone
// when it becomes known is not renewed by what becomes known later.
func outlast(x *modelExpiry) {
	if x != nil && x.kind == "after activity" {
		x.length = modelSpan{days: 30}
	}
}

// awards lists all that a member has, whatever the numbers of the lots.
func awards(s *ledger.State) string {
	all := []string{fmt.Sprint(s.Purchases, s.Spend, s.FirstPurchaseAt, s.LastPurchaseAt)}
	for i := range s.Wallets {
		w := &s.Wallets[i]
		all = append(all, fmt.Sprint(w.Name, w.Balance(), w.Issued))
		for _, l := range w.Lots {
			l.No = 0
			all = append(all, fmt.Sprintf("%d %+v", w.Name, l))
		}
	}
	slices.Sort(all)
	return fmt.Sprint(all)
}
