package report

import (
	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/ledger"
)

// Ladder is how many members have which level.
type Ladder struct {
	Ladder string  `json:"ladder"`
	Levels []Level `json:"levels"`
}

// Level is how many members have a level at the report's moment.
type Level struct {
	Level   string `json:"level"`
	Members int64  `json:"members"`
}

// enrolled tells whether a member is one of those that the report counts.
func (b *Builder) enrolled(s *ledger.State) bool {
	switch s.Status {
	case ledger.Merged, ledger.Erased, ledger.GiftCard, ledger.FamilyAccount:
		return false
	}
	return s.EnrolledAt != calendar.None && s.EnrolledAt <= b.asOf
}

// settle lets time pass in a member's state up to the report's moment, and adds
// what that comes to.
func (b *Builder) settle(s *ledger.State) *ledger.State {
	switch {
	case s.Due() > b.asOf:
		return s
	case s.TierDue() > b.asOf:
		b.book.Reset(s)
		b.book.Settle(b.asOf, calendar.Beginning)
		b.postings(b.book.Postings)
		b.outstanding(b.book.Postings)
		for i := range b.book.Freed {
			b.freed(&b.book.Freed[i])
		}
		return s
	}
	settled, d := engine.Settled(b.rules, s, b.asOf)
	b.serial++
	b.postings(d.Postings)
	b.outstanding(d.Postings)
	for i := range d.Steps {
		b.step(&d.Steps[i])
	}
	for _, g := range d.Grants {
		b.use(g.Quota, g.Amount)
	}
	return settled
}

// levels counts the levels of a member to whom time has passed.
func (b *Builder) levels(s *ledger.State) {
	for _, l := range b.ladders {
		b.sums.levels[l.LevelOf(s).Name]++
	}
}

// listTiers adds the ladders of the program that is live at the report's moment.
func (b *Builder) listTiers(r *Report) {
	for _, l := range b.ladders {
		out := Ladder{Ladder: l.ID}
		for i := range l.Levels {
			out.Levels = append(out.Levels, Level{l.Levels[i].ID, b.sums.levels[l.Levels[i].Name]})
		}
		r.Tiers = append(r.Tiers, out)
	}
}
