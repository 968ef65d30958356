package rule

import (
	"cmp"
	"math"
	"slices"
	"sort"

	"premia/internal/core/engine"
	"premia/internal/core/ledger"
	"premia/internal/core/money"
)

// Extras are those of a section, which apply together.
type Extras struct {
	list []*CompiledExtra // of highest priority first
	// groups are the places of those that exclude one another: of one group and about
	// one event type.
	groups [][]int
}

// NewExtras orders extras and finds those that exclude one another.
func NewExtras(list []*CompiledExtra) Extras {
	s := Extras{list: list}
	sort.SliceStable(s.list, func(a, b int) bool { return s.list[a].Priority > s.list[b].Priority })
	type key struct {
		group string
		kind  ledger.Name
	}
	places := map[key]int{}
	for i, x := range s.list {
		if x.Group == "" {
			continue
		}
		at, known := places[key{x.Group, x.Kind}]
		if !known {
			at = len(s.groups)
			places[key{x.Group, x.Kind}] = at
			s.groups = append(s.groups, nil)
		}
		s.groups[at] = append(s.groups[at], i)
	}
	return s
}

// All lists the extras in the order in which they are asked.
func (s *Extras) All() []*CompiledExtra { return s.list }

// proposal is what an extra would give.
type proposal struct {
	giving       *engine.Giving
	marks        []bool
	amount, base int64
}

// Apply proposes first, lets the groups choose, and then gives.
func (s *Extras) Apply(t *engine.Turn) {
	var few [4]proposal // spares memory in the heap
	for i := range s.list {
		x := s.list[i]
		if x.Kind != t.Kind || x.Group != "" {
			continue
		}
		for _, p := range x.propose(t, few[:0]) {
			t.AwardAmount(p.giving, p.marks, p.amount, p.base, false)
		}
	}
	for _, group := range s.groups {
		if s.list[group[0]].Kind == t.Kind {
			s.choose(t, group)
		}
	}
}

// candidate is an extra of a group that applies.
type candidate struct {
	extra     *CompiledExtra
	proposals []proposal
	worth     int64
}

// choose lets the group's best extra for this member give, or its first.
// Where that one's budget turns out to be spent, the next may give. The steps of
// the others name by whom they were outdone.
func (s *Extras) choose(t *engine.Turn, group []int) {
	// Room for what most groups come to, which spares memory in the heap.
	var few [8]candidate
	var parts [12]proposal
	candidates, used := few[:0], 0
	for _, i := range group {
		x := s.list[i]
		proposals := x.propose(t, parts[min(used, len(parts)):][:0])
		if proposals != nil {
			candidates = append(candidates, candidate{x, proposals, worthOf(t, proposals)})
			used += len(proposals)
		}
	}
	slices.SortStableFunc(candidates, func(a, b candidate) int {
		if !a.extra.Best {
			return 0
		}
		return cmp.Compare(b.worth, a.worth)
	})
	given, by := int64(0), ledger.Name(0)
	for _, c := range candidates {
		if given > 0 {
			t.Note(engine.Step{Rule: c.extra.Name, Result: engine.Outdone, By: by})
			continue
		}
		for _, p := range c.proposals {
			given += t.AwardAmount(p.giving, p.marks, p.amount, p.base, false)
		}
		by = c.extra.Name
	}
}

// worthOf adds up what proposals are worth to the member under the member's own
// limits: in money where wallets have a worth, and otherwise in whole units. It
// counts in millionths, so that small amounts compare too, and stops at the
// largest number.
func worthOf(t *engine.Turn, proposals []proposal) int64 {
	sum := int64(0)
	for i, p := range proposals {
		// A limit is for all that the campaign gives in the wallet.
		before := int64(0)
		for _, earlier := range proposals[:i] {
			if earlier.giving.Wallet == p.giving.Wallet {
				before += earlier.amount
			}
		}
		with, _ := t.Allowed(p.giving, before+p.amount)
		without, _ := t.Allowed(p.giving, before)
		worth, err := p.giving.Wallet.Weight.Apply(with-without, money.Floor)
		if err != nil {
			return math.MaxInt64
		}
		sum += worth
	}
	return sum
}

// propose adds what the extra would give to out, which is not nil; it gives
// nil, with a step that says why, if the extra does not apply.
func (x *CompiledExtra) propose(t *engine.Turn, out []proposal) []proposal {
	if why := x.Window.Check(t); why != 0 {
		t.Note(engine.Step{Rule: x.Name, Result: why})
		return nil
	}
	items := x.Items
	if x.Gate != nil {
		why := engine.Result(0)
		if items, why = x.Gate(t); why != 0 {
			if why != engine.NotGiven { // what others were given is not told
				t.Note(engine.Step{Rule: x.Name, Result: why})
			}
			return nil
		}
	}
	if !t.Met(x.When, x.Name) {
		return nil
	}
	marks, _, any := t.Matching(items)
	if !any {
		t.Note(engine.Step{Rule: x.Name, Result: engine.NoItems})
		return nil
	}
	for i := range x.multiply {
		out = append(out, proposal{x.multiply[i].Giving, marks, x.multiply[i].Extra(t, marks), 0})
	}
	out = appendGivings(t, out, x.bonus, marks)
	if len(x.thresholds) > 0 {
		reached := x.reached(t, marks)
		if reached == nil && len(out) == 0 {
			t.Note(engine.Step{Rule: x.Name, Result: engine.TooLittle, Base: t.Counted(x.without, marks), Wallet: x.thresholds[0].wallet()})
			return nil
		}
		if reached != nil {
			out = appendGivings(t, out, reached.givings, marks)
		}
	}
	return out
}

func (th *threshold) wallet() ledger.Name {
	if len(th.givings) == 0 {
		return 0
	}
	return th.givings[0].Wallet.Name
}

// reached gives the highest threshold that the matching items reach.
func (x *CompiledExtra) reached(t *engine.Turn, marks []bool) *threshold {
	counted := t.Counted(x.without, marks)
	var reached *threshold
	for i := range x.thresholds {
		if counted >= x.thresholds[i].from {
			reached = &x.thresholds[i]
		}
	}
	return reached
}

func appendGivings(t *engine.Turn, out []proposal, givings []*engine.Giving, marks []bool) []proposal {
	for _, g := range givings {
		amount, base, ok := t.Value(g, marks)
		if !ok {
			t.Note(engine.Step{Rule: g.Rule, Result: engine.Failed, Wallet: g.Wallet.Name})
			continue
		}
		out = append(out, proposal{g, marks, amount, base})
	}
	return out
}
