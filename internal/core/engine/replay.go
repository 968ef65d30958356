package engine

import (
	"slices"

	"premia/internal/core/condition"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
)

// Given is what a rule gives in a wallet.
type Given struct {
	Rule, Wallet ledger.Name
	Amount       int64
}

// replay decides a purchase again: with the facts of the member that were
// recorded with it, and no more from a rule than its limits left then.
type replay struct {
	past   *Past
	pieces []int64
	// left is nil once the purchase was priced again: it then counts as any other.
	left *remaining
	caps map[award]int64 // what is left of awards that limits had cut
}

// award names what one rule gives in one wallet.
type award struct{ rule, wallet ledger.Name }

func newReplay(past *Past, pieces []int64, left *remaining) *replay {
	r := &replay{past: past, pieces: pieces, left: left, caps: map[award]int64{}}
	cut := map[award]bool{}
	for i := range past.Decision.Steps {
		s := &past.Decision.Steps[i]
		if s.Result != Gave && s.Result != LimitReached && s.Result != BudgetSpent && s.Result != SoldOut && s.Result != TakenOften {
			continue
		}
		key := award{s.Rule, s.Wallet}
		r.caps[key] += s.Amount
		cut[key] = cut[key] || s.Limit != NoLimit || s.Amount < s.Wanted
	}
	for key := range r.caps {
		if !cut[key] {
			delete(r.caps, key)
		}
	}
	return r
}

// allowed gives what the limits leave of an amount: what they left then, and
// for one event.
func (r *replay) allowed(t *Turn, g *Giving, wanted int64) int64 {
	if left, cut := r.caps[award{g.Rule, g.Wallet.Name}]; cut {
		wanted = min(wanted, left)
	}
	for i := range g.Limits {
		if l := &g.Limits[i]; l.Limit == EachEvent && !l.Times {
			wanted = min(wanted, l.fits(l.Cap-t.counted(g, l)))
		}
	}
	return wanted
}

func (r *replay) take(t *Turn, g *Giving, wanted int64) int64 {
	amount := r.allowed(t, g, wanted)
	key := award{g.Rule, g.Wallet.Name}
	if left, cut := r.caps[key]; cut {
		r.caps[key] = left - amount
	}
	return amount
}

// Remains is what a purchase would have come to had no more been bought.
type Remains struct {
	Given []Given
	// Counted is what would have counted towards goals.
	Counted []Counted
	// Event is the purchase at the prices that would have been paid; one of nothing
	// where nothing is left.
	Event *event.Event
	// Discounts are what would have been taken off.
	Discounts []Discounted
	// Owed is what would have been owed to others than the member.
	Owed []Given
}

// Replay decides what a purchase would have come to had no more been bought than
// what is left of its [Pieces]: under the program version and the facts recorded
// with it. Nothing of this turn changes.
func (t *Turn) Replay(past *Past, left []int64) *Remains {
	p := t.rules.Version(past.Decision.Program)
	if p == nil || nothing(left) {
		return &Remains{Event: &event.Event{Type: event.Purchase}}
	}
	rest := remainingOf(past.Event, left)
	again := &Turn{rules: t.rules, replay: newReplay(past, left, rest)}
	again.in = Inputs{Clock: past.Decision.At, Member: t.In.Member, Codes: past.Decision.Codes}
	again.begin(p, t.State.Clone(), rest.event, &again.in, &Decision{})
	again.At, again.Clock = past.Decision.At, past.Decision.At
	again.Kind, _ = p.Names.Find("event." + event.Purchase)
	for _, stage := range p.stages {
		if !again.Finished() {
			stage.Apply(again)
		}
	}
	out := &Remains{Event: again.Event, Discounts: again.Out.Discounts}
	for i := range again.Awards {
		g := again.Awards[i].Giving
		out.Given = append(out.Given, Given{g.Rule, g.Wallet.Name, again.Awards[i].Amount})
	}
	out.Counted, out.Owed = again.Out.Counted, again.owed
	return out
}

func nothing(left []int64) bool {
	for _, quantity := range left {
		if quantity > 0 {
			return false
		}
	}
	return true
}

// keeps tells whether what is read of the member is kept, or was.
func (t *Turn) keeps() bool {
	return t.replay != nil || (t.Program.Returns != NoReturns && t.Event.Type == event.Purchase)
}

// kept reads a field of the member and keeps it in the decision; while a
// purchase is decided again it gives what was kept then. What was not read then
// is as it is now.
func (t *Turn) kept(name ledger.Name, f condition.FieldID, index int32) condition.Value {
	facts := t.Out.Facts
	if t.replay != nil {
		facts = t.replay.past.Decision.Facts
	}
	for i := range facts {
		if facts[i].Field == name {
			return facts[i].Value
		}
	}
	v := t.Program.facts[f-1](t, index)
	if t.replay == nil {
		t.Out.Facts = append(t.Out.Facts, Fact{Field: name, Value: v})
	}
	return v
}

// Recall gives what read gives, and while a purchase is decided again what it gave
// then: that is kept under the name, where there was something.
func (t *Turn) Recall(name ledger.Name, read func() condition.Value) condition.Value {
	if t.replay == nil {
		v := read()
		known := slices.ContainsFunc(t.Out.Facts, func(f Fact) bool { return f.Field == name })
		if t.keeps() && !v.Absent() && !known {
			t.Out.Facts = append(t.Out.Facts, Fact{Field: name, Value: v})
		}
		return v
	}
	for _, f := range t.replay.past.Decision.Facts {
		if f.Field == name {
			return f.Value
		}
	}
	return condition.Value{}
}

// GiveBack returns to the budgets and limits of what a rule gave in a wallet, by
// a purchase, what goods that went back had used of them; use tells that its use
// is to be given back, too.
func (t *Turn) GiveBack(past *Past, rule, wallet ledger.Name, amount int64, use bool) {
	p := t.rules.Version(past.Decision.Program)
	if p == nil {
		return
	}
	then := Turn{At: past.Decision.At, Event: past.Event}
	then.moments.begin(p.Zone)
	for _, g := range p.Rules[rule].Givings {
		if g.Wallet.Name != wallet {
			continue
		}
		for i := range g.Limits {
			t.giveBack(&g.Limits[i], &then, amount, use)
		}
		return
	}
}

func (t *Turn) giveBack(l *LimitRule, then *Turn, amount int64, use bool) {
	amount = l.units(amount)
	if l.Times {
		amount = int64(bit(use && !l.Gone))
	}
	switch {
	case amount == 0 || l.Limit == EachEvent || l.Outstanding:
	case l.Limit.Shared():
		t.Out.Grants = append(t.Out.Grants, Grant{Quota: then.quota(l), Amount: -amount})
	default:
		t.State.LessCount(l.Counter, l.slot(), then.since(l.Limit), amount)
	}
}
