package challenge

import (
	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/ledger"
)

// Undo counts no longer what goods that went back had counted.
func (s *stage) Undo(t *engine.Turn, u *engine.Undone) {
	for _, x := range s.trackers {
		if x.target != nil && !x.paused {
			x.fix(t, t.Clock)
		}
		if u.Mine(x.Name) {
			x.undo(t, u)
		}
	}
}

// undo takes from each window what the purchase counted there beyond what its
// rest would count, less what earlier returns undid. Never does a return count
// anything.
func (x *tracker) undo(t *engine.Turn, u *engine.Undone) {
	mine := x.counted(u)
	now := make([]int64, len(mine)) // what is undone now
	for i := len(mine) - 1; i >= 0; i-- {
		excess := int64(0)
		for j := range mine {
			if mine[j].Value == mine[i].Value {
				excess += mine[j].Amount - now[j]
			}
		}
		for _, c := range u.Counted {
			if c.Rule == x.Name && c.Value == mine[i].Value {
				excess -= c.Amount
			}
		}
		now[i] = max(min(mine[i].Amount, excess), 0)
	}
	for i := len(mine) - 1; i >= 0; i-- {
		if since := mine[i].Since; now[i] > 0 {
			x.uncount(t, u, since, mine, now)
			for j := range mine {
				if mine[j].Since == since {
					now[j] = 0
				}
			}
		}
	}
}

// counted lists what the purchase still counts after earlier returns.
func (x *tracker) counted(u *engine.Undone) []engine.Counted {
	var mine []engine.Counted
	for _, c := range u.Decision.Counted {
		if c.Rule == x.Name && c.Goal == 0 && c.Purchase == "" {
			mine = append(mine, c)
		}
	}
	if len(mine) == 0 {
		return nil
	}
	key := u.Key()
	for _, later := range u.Later {
		for _, c := range later.Decision.Counted {
			if c.Rule != x.Name || c.Goal != 0 || c.Purchase != key {
				continue
			}
			for i := range mine {
				if mine[i].Since == c.Since && mine[i].Value == c.Value {
					mine[i].Amount += c.Amount
					break
				}
			}
		}
	}
	return mine
}

// uncount takes from one window what is undone in it, and takes back the goals
// that it reaches no more. A window that is forgotten has no goals to lose.
func (x *tracker) uncount(t *engine.Turn, u *engine.Undone, since calendar.Instant, mine []engine.Counted, now []int64) {
	p := t.State.ProgressOf(x.Name, since)
	before := make([]int64, len(x.goals))
	for i := range x.goals {
		if p != nil {
			before[i] = x.supports(p, i)
		}
	}
	sum := int64(0)
	for i, c := range mine {
		if c.Since != since || now[i] == 0 {
			continue
		}
		sum += now[i]
		t.Count(engine.Counted{Rule: x.Name, Since: since, Value: c.Value, Amount: -now[i], Purchase: u.Key()})
		switch {
		case p == nil:
		case c.Value != 0:
			p.Unmark(c.Value, now[i])
		default:
			p.Count -= now[i]
		}
	}
	if p == nil {
		return
	}
	p.Closed = x.frame == fromFirst && x.isFull(p)
	have, want, next := x.toward(p)
	t.Note(engine.Step{Rule: x.Name, Result: engine.FellBack, Amount: have, Wanted: want, Base: sum, Part: uint8(next)})
	for i := range x.goals {
		// Where two members were merged who had both reached a goal, more was
		// given than the sum supports: only what this return loses goes back.
		after := x.supports(p, i)
		if lost := min(before[i]-after, p.Times(i)-after); lost > 0 {
			x.lose(t, u, p, i, lost)
		}
	}
}

// lose takes back a goal so many times, the newest first: from the very lots that
// it gave.
func (x *tracker) lose(t *engine.Turn, u *engine.Undone, p *ledger.Progress, i int, times int64) {
	p.Reach(i, -times)
	if x.frame == fromFirst && i == len(x.goals)-1 {
		t.State.LessCount(x.total, 0, calendar.None, times)
	}
	t.Note(engine.Step{Rule: x.Name, Result: engine.NotAchieved, Amount: x.goalOf(p, i), Wanted: x.goalOf(p, i), Base: times, Part: uint8(i)})
	if badge := x.goals[i].badge; badge != 0 {
		t.State.LessCount(badge, 0, calendar.None, times)
		t.Note(engine.Step{Rule: badge, Result: engine.Undecorated})
	}
	same := func(c *engine.Counted) bool { return c.Rule == x.Name && c.Since == p.Since && c.Goal == i+1 }
	again := int64(0) // how often it was taken back since, in the order of time backwards
	for j := range t.Out.Counted {
		if c := &t.Out.Counted[j]; same(c) {
			again -= c.Amount
		}
	}
	t.Count(engine.Counted{Rule: x.Name, Since: p.Since, Goal: i + 1, Amount: -times, Purchase: u.Key()})
	var later []*engine.Past
	t.In.History(func(past *engine.Past) bool {
		for j := len(past.Decision.Counted) - 1; j >= 0 && times > 0; j-- {
			c := &past.Decision.Counted[j]
			switch {
			case !same(c):
			case c.Amount < 0:
				again -= c.Amount
			default:
				gone := min(again, c.Amount)
				again -= gone
				if take := min(c.Amount-gone, times); take > 0 {
					y := payout{tracker: x, past: past, later: later}
					y.takeBack(t, j, c.Amount-gone, take)
					times -= take
				}
			}
		}
		later = append(later, past)
		return times > 0
	})
}

// payout is a decision in which a goal was reached.
type payout struct {
	*tracker
	past  *engine.Past
	later []*engine.Past
}

// takeBack takes back what the goal gave that the counted entry tells of: take of
// the have times that are left of it.
func (y *payout) takeBack(t *engine.Turn, entry int, have, take int64) {
	times := y.past.Decision.Counted[entry].Amount
	steps, first := y.gave(entry)
	for _, s := range steps {
		if s.Amount == 0 {
			continue // a limit left nothing of it
		}
		lot := y.lot(first)
		first++
		each := s.Wanted / times
		undone := min(s.Amount, timesAmount(each, have)) - min(s.Amount, timesAmount(each, have-take))
		if undone > 0 {
			y.takeBackOne(t, s, lot, undone)
		}
	}
}

// gave finds the steps that say what the goal of the entry gave, and how many
// awards of the rule came before them in the decision.
func (y *payout) gave(entry int) (steps []*engine.Step, before int) {
	nth := 0
	for i := range y.past.Decision.Counted[:entry] {
		if c := &y.past.Decision.Counted[i]; c.Rule == y.Name && c.Goal > 0 && c.Amount > 0 {
			nth++
		}
	}
	for i := range y.past.Decision.Steps {
		s := &y.past.Decision.Steps[i]
		if s.Rule != y.Name {
			continue
		}
		switch s.Result {
		case engine.Achieved:
			nth--
		case engine.Gave, engine.LimitReached, engine.BudgetSpent:
			if nth == -1 {
				steps = append(steps, s)
			} else if nth >= 0 && s.Amount > 0 {
				before++
			}
		}
	}
	return steps, before
}

// lot gives today's number of the lot of the rule's n-th award in the decision; 0
// if it is not here.
func (y *payout) lot(n int) uint32 {
	for i := range y.past.Decision.Postings {
		p := &y.past.Decision.Postings[i]
		if p.Kind != ledger.Issue || p.Rule != y.Name {
			continue
		}
		if n == 0 {
			return y.past.Lot(p.Lot)
		}
		n--
	}
	return 0
}

// takeBackOne takes back what a goal gave in one wallet, less what had already
// expired, which nobody owes.
func (y *payout) takeBackOne(t *engine.Turn, s *engine.Step, lot uint32, undone int64) {
	_, before, dueBefore := y.history(t, s.Wallet)
	due := max(before+undone-y.expired(t, s.Wallet)-dueBefore, 0)
	taken := t.TakeBack(y.Name, s.Wallet, y.past.Decision.At, []uint32{lot}, due)
	t.State.Open(s.Wallet).Issued -= undone
	t.Note(engine.Step{Rule: y.Name, Result: engine.TookBack, Wallet: s.Wallet, Amount: taken, Wanted: undone, Base: due, Read: y.past.Key()})
	t.LostPrizes = append(t.LostPrizes, engine.LostPrize{Wallet: s.Wallet, Amount: undone, Past: y.past})
	given, gone, _ := y.history(t, 0)
	t.GiveBack(y.past, y.Name, s.Wallet, undone, gone == given)
}

// history says what the rule gave in the wallet with the decision, what was
// undone of it since, and what was due for that; for no wallet in all together,
// since a use is given back when nothing of it stays.
func (y *payout) history(t *engine.Turn, wallet ledger.Name) (given, undone, due int64) {
	for i := range y.past.Decision.Steps {
		if s := &y.past.Decision.Steps[i]; s.Rule == y.Name && (wallet == 0 || s.Wallet == wallet) && s.Result == engine.Gave {
			given += s.Amount
		}
	}
	add := func(d *engine.Decision) {
		for i := range d.Steps {
			if s := &d.Steps[i]; s.Rule == y.Name && (wallet == 0 || s.Wallet == wallet) && s.Result == engine.TookBack && s.Read == y.past.Key() {
				undone += s.Wanted
				due += s.Base
			}
		}
	}
	add(t.Out)
	for _, later := range y.later {
		add(later.Decision)
	}
	return given, undone, due
}

// expired adds up what expired of the rule's lots of the decision, at whichever member
// they were then.
func (y *payout) expired(t *engine.Turn, wallet ledger.Name) int64 {
	var lots []engine.Trace
	for i := range y.past.Decision.Postings {
		p := &y.past.Decision.Postings[i]
		if p.Kind == ledger.Issue && p.Rule == y.Name && p.Wallet == wallet {
			lots = append(lots, y.past.Trace(p.Lot))
		}
	}
	sum := y.past.Expired(wallet, lots) + t.Now().Expired(wallet, lots)
	for _, later := range y.later {
		sum += later.Expired(wallet, lots)
	}
	return sum
}
