package program

import (
	"premia/internal/core/calendar"
	"premia/internal/core/ledger"
	"premia/internal/core/text"
)

// movement is postings of one kind in one wallet on one day.
type movement struct {
	id     string
	wallet ledger.Name
	day    text.Date
	amount int64
}

// movements sums up what the postings did beside what the reasons say.
func (x *explainer) movements() []text.Message {
	var all []movement
	between := x.between()
	for i := range x.decision.Postings {
		p := &x.decision.Postings[i]
		id := movementOf(p)
		if id == "" || ((id == "moved.out" || id == "moved.in") && between) {
			continue
		}
		m := movement{id: id, wallet: p.Wallet, day: x.day(p.At), amount: p.Amount}
		found := false
		for j := range all {
			if same := &all[j]; same.id == m.id && same.wallet == m.wallet && same.day == m.day {
				same.amount += m.amount
				found = true
			}
		}
		if !found {
			all = append(all, m)
		}
	}
	out := make([]text.Message, len(all))
	for i, m := range all {
		points := x.points(m.wallet, m.amount)
		if m.id == "moved.below_zero" {
			points.Minor = -points.Minor
		}
		out[i] = text.New(m.id, "Points", points, "Date", m.day)
	}
	return out
}

// movementOf names what a posting does for the member; empty where the reasons
// say it already.
func movementOf(p *ledger.Posting) string {
	switch p.Kind {
	case ledger.Issue:
		if p.To == ledger.Pending {
			return "moved.pending"
		}
	case ledger.Mature:
		return "moved.available"
	case ledger.Expire:
		return "moved.expired"
	case ledger.PayDebt:
		return "moved.levelled"
	case ledger.TakeBack:
		if p.From == ledger.Debt {
			return "moved.below_zero"
		}
	case ledger.CarryOut:
		if p.To == ledger.Transit {
			return "moved.out"
		}
	case ledger.CarryIn:
		if p.From == ledger.Transit {
			return "moved.in"
		}
	}
	return ""
}

func (x *explainer) day(at calendar.Instant) text.Date {
	year, month, day := at.In(x.program.Zone).Date()
	return text.Date{Year: year, Month: month, Day: day}
}
