package engine

import (
	"premia/internal/core/calendar"
	"premia/internal/core/ledger"
)

// Counted is a change of the progress towards a goal over several events. It is
// kept with a decision, so that a return can undo exactly what its purchase did.
type Counted struct {
	Rule ledger.Name
	// Since is the beginning of the window, as in [ledger.Progress].
	Since calendar.Instant
	// Value is the value that was met, where single values count.
	Value int64
	// Goal is zero for what counts, and else the number of the goal, from 1, that
	// was reached.
	Goal int
	// Amount counts, or is how often the goal was reached; negative takes back.
	Amount int64
	// Purchase is the purchase whose goods went back, and otherwise empty.
	Purchase string
}

// Undoer is a stage that keeps more of a purchase than what its rules gave, or
// gives in the name of several events ([Rule.Apart]). It undoes that itself when
// goods go back.
type Undoer interface {
	Stage
	Undo(t *Turn, u *Undone)
}

// undoApart lets the stages that keep more of a purchase undo it: those of the
// program in force and, for rules that it does not have any more, those of the
// program under which the purchase was decided.
func (t *Turn) undoApart(u Undone) {
	u.Mine = func(ledger.Name) bool { return true }
	for _, s := range t.Program.stages {
		if undoer, ok := s.(Undoer); ok {
			undoer.Undo(t, &u)
		}
	}
	then := t.rules.Version(u.Decision.Program)
	if then == nil || then == t.Program {
		return
	}
	u.Mine = func(rule ledger.Name) bool { return t.Program.Rules[rule].Goal == nil }
	for _, s := range then.stages {
		if undoer, ok := s.(Undoer); ok {
			undoer.Undo(t, &u)
		}
	}
}

// Replaying tells whether a purchase is decided again to see what would be given
// for the rest of it; nothing is then counted in the member's state.
func (t *Turn) Replaying() bool { return t.replay != nil }

// Count keeps in the decision that something counted, where returns may need it.
func (t *Turn) Count(c Counted) {
	if t.Program.Returns != NoReturns || t.replay != nil {
		t.Out.Counted = append(t.Out.Counted, c)
	}
}

// TakeBack takes back what was given: from its lots, and what is missing there
// from what else there is. It answers how much it took.
//
// Of a reward it takes back, or asks for, what the rule gave at the instant.
func (t *Turn) TakeBack(rule, wallet ledger.Name, at calendar.Instant, lots []uint32, due int64) (taken int64) {
	if gift := t.GiftOf(wallet); gift != nil {
		return gift.Reward.TakeBack(t, rule, at, due)
	}
	taken = t.Book.Withdraw(wallet, lots, due, t.Clock)
	if rest := due - taken; rest > 0 {
		taken += t.Book.Take(wallet, rest, ledger.Withdrawn, ledger.TakeBack, t.Program.Shortfall(wallet), t.Clock)
	}
	return taken
}

func (c *Counted) append(w *ledger.Writer) {
	w.Uint(uint64(c.Rule))
	w.Instant(c.Since)
	w.Int(c.Value)
	w.Uint(uint64(c.Goal)<<1 | bit(c.Purchase != ""))
	w.Int(c.Amount)
	if c.Purchase != "" {
		w.Text(c.Purchase)
	}
}

func (d *Decision) readCounted(r *ledger.Reader, n int) {
	for ; n > 0; n-- {
		c := Counted{Rule: ledger.Name(r.Uint()), Since: r.Instant(), Value: r.Int()}
		head := r.Uint()
		c.Goal, c.Amount = int(head>>1), r.Int()
		if head&1 == 1 {
			c.Purchase = r.Text()
		}
		d.Counted = append(d.Counted, c)
	}
}
