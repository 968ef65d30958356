package report

import (
	"strings"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/ledger"
)

// Ladder is how many members had which level at the report's moment: everybody else
// the lowest.
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
func (b *Builder) settle(s *ledger.State) {
	switch {
	case b.rules.Due(s) > b.asOf:
		return
	case min(s.TierDue(), s.ConversionDue(), b.rules.Renewal(s)) > b.asOf:
		b.book.Reset(s)
		b.book.Settle(b.asOf, calendar.Beginning)
		b.postings(b.book.Postings)
		b.outstanding(b.book.Postings)
		for i := range b.book.Freed {
			b.freed(&b.book.Freed[i])
		}
		return
	}
	_, d := engine.Settled(b.rules, 0, s, b.asOf)
	b.serial++
	b.postings(d.Postings)
	b.outstanding(d.Postings)
	for i := range d.Steps {
		b.level(&d.Steps[i])
		b.step(&d.Steps[i])
	}
	for _, g := range d.Grants {
		b.use(g.Quota, g.Amount)
	}
}

// level counts a change of level that was in force by the report's moment.
func (b *Builder) level(s *engine.Step) {
	if (s.Result != engine.LevelReached && s.Result != engine.LevelLost) || calendar.Instant(s.Base) > b.asOf {
		return
	}
	if s.By != 0 {
		b.sums.levels[s.By]++
	}
	before := s.Read
	if !strings.Contains(before, ".") {
		_, ladder, _ := strings.Cut(b.names.Name(s.Rule), ".")
		before = "level." + ladder + "." + before
	}
	if no, known := b.names.Find(before); known {
		b.sums.levels[no]--
	}
}

// listTiers adds the ladders of the program that is live at the report's moment.
func (b *Builder) listTiers(r *Report) {
	for _, l := range b.ladders {
		out := Ladder{Ladder: l.ID}
		lowest := b.sums.members
		for i := range l.Levels {
			n := b.sums.levels[l.Levels[i].Name]
			out.Levels = append(out.Levels, Level{l.Levels[i].ID, n})
			if i > 0 {
				lowest -= n
			}
		}
		out.Levels[0].Members = max(lowest, 0)
		r.Tiers = append(r.Tiers, out)
	}
}
