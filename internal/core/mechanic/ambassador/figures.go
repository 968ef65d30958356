package ambassador

import (
	"cmp"
	"slices"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
)

// Figures are what came of an ambassador's links in a period, by one of their own
// marks.
type Figures struct {
	// From is the period's first instant, and Sub the mark; empty for none.
	From calendar.Instant
	Sub  string
	// Clicks are those that are still kept.
	Clicks int64
	// Conversions are the purchases that were credited, and Reversals how often goods of
	// them went back.
	Conversions, Reversals int64
	// Commissions are in the order of the wallets' numbers.
	Commissions []Earned
}

// Earned is what commissions came to in a wallet, in its minor units.
type Earned struct {
	Wallet ledger.Name
	// Given is what was given, less what was taken back. Pending and Available are what
	// is left of it; the rest was paid out, spent or expired, or paid a debt.
	Given, Pending, Available int64
}

// Clicks are so many with the same mark, in one period.
type Clicks struct {
	ledger.Click
	Count int64
}

// FiguresOf gives the figures of the ambassador with this history and settled state,
// by the periods of the purchases and the clicks and by the n-th of the marks, from 1 to
// ledger.MaxSubs, in the order of time and mark.
func FiguresOf(history engine.History, s *ledger.State, clicks []Clicks, mark int, period func(calendar.Instant) calendar.Instant) []Figures {
	a := account{period: period, mark: mark, of: map[sale]*Figures{}}
	var back []*engine.Past
	history(func(p *engine.Past) bool {
		switch {
		case p.Decision.Outcome != engine.Applied:
		case p.Event.Type == event.CommissionBack:
			back = append(back, p)
		case p.Event.Type == event.Commission:
			a.commission(p, s)
		}
		return true
	})
	for _, p := range back {
		a.reversal(p)
	}
	for _, c := range clicks {
		a.find(period(c.At), markOf(&c.Click, a.mark)).Clicks += c.Count
	}
	slices.SortFunc(a.all, func(x, y *Figures) int {
		return cmp.Or(cmp.Compare(x.From, y.From), cmp.Compare(x.Sub, y.Sub))
	})
	out := make([]Figures, len(a.all))
	for i, f := range a.all {
		slices.SortFunc(f.Commissions, func(x, y Earned) int { return cmp.Compare(x.Wallet, y.Wallet) })
		out[i] = *f
	}
	return out
}

// sale names a purchase.
type sale struct {
	buyer    ledger.MemberID
	purchase string
}

// account is figures in the making.
type account struct {
	period func(calendar.Instant) calendar.Instant
	mark   int
	all    []*Figures
	of     map[sale]*Figures
}

func (a *account) commission(past *engine.Past, s *ledger.State) {
	p, err := Open(past.Event.Carried)
	if err != nil || !credited(past) {
		return
	}
	f := a.find(a.period(p.At), markOf(&p.Click, a.mark))
	f.Conversions++
	a.of[sale{p.Buyer, p.Purchase}] = f
	for i := range past.Decision.Postings {
		posting := &past.Decision.Postings[i]
		if posting.Kind != ledger.Issue || !p.gives(posting.Rule) {
			continue
		}
		e := f.earned(posting.Wallet)
		e.Given += posting.Amount
		e.count(s, posting.Wallet, past.Lot(posting.Lot))
	}
}

// credited tells whether an event of a commission was one to the member.
func credited(p *engine.Past) bool {
	return slices.ContainsFunc(p.Decision.Steps, func(s engine.Step) bool { return s.Result == engine.CommissionFor })
}

// gives tells whether the rule is one of the commissions that the parcel is about.
func (p *Parcel) gives(rule ledger.Name) bool {
	return slices.ContainsFunc(p.Gifts, func(g Gift) bool { return g.Rule == rule })
}

func (a *account) reversal(past *engine.Past) {
	p, err := Open(past.Event.Carried)
	if err != nil {
		return
	}
	f := a.of[sale{p.Buyer, p.Purchase}]
	if f == nil {
		return
	}
	f.Reversals++
	for i := range past.Decision.Steps {
		if s := &past.Decision.Steps[i]; s.Result == engine.TookBack {
			f.earned(s.Wallet).Given -= s.Wanted
		}
	}
}

func (a *account) find(from calendar.Instant, sub string) *Figures {
	i := slices.IndexFunc(a.all, func(f *Figures) bool { return f.From == from && f.Sub == sub })
	if i < 0 {
		i = len(a.all)
		a.all = append(a.all, &Figures{From: from, Sub: sub})
	}
	return a.all[i]
}

func (f *Figures) earned(wallet ledger.Name) *Earned {
	i := slices.IndexFunc(f.Commissions, func(e Earned) bool { return e.Wallet == wallet })
	if i < 0 {
		i = len(f.Commissions)
		f.Commissions = append(f.Commissions, Earned{Wallet: wallet})
	}
	return &f.Commissions[i]
}

// count adds what is left of a lot.
func (e *Earned) count(s *ledger.State, wallet ledger.Name, lot uint32) {
	w := s.Wallet(wallet)
	if w == nil || lot == 0 {
		return
	}
	for i := range w.Lots {
		switch l := &w.Lots[i]; {
		case l.No != lot:
		case l.Pending:
			e.Pending += l.Remaining
		default:
			e.Available += l.Remaining
		}
	}
}

// markOf gives the n-th mark of a click; empty for none.
func markOf(c *ledger.Click, n int) string {
	if n < 1 || n > len(c.Subs) {
		return ""
	}
	return c.Subs[n-1]
}
