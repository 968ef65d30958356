package leaderboard

import (
	"strings"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
)

// longestGroup is how many bytes of a group's name count.
const longestGroup = 100

// Apply gives a prize to a member whose place has one. What counts is counted when
// everything else is decided.
func (s *stage) Apply(t *engine.Turn) {
	if t.Event.Type == event.LeaderboardPrize {
		s.award(t)
	}
}

func (s *stage) award(t *engine.Turn) {
	came, err := OpenPlace(t.Event.Carried)
	b := ByCounts(t.Program, came.Counts)
	if err != nil || b == nil || !b.HasPrize(came.Place) {
		t.Finish(engine.NotAvailable)
		return
	}
	t.Note(engine.Step{Rule: b.Name, Result: engine.Placed, Amount: came.Value, Wanted: came.Value, Base: int64(came.Since), Read: came.Group, Times: came.Place})
	for _, g := range b.prizeOf(came.Place).gives {
		t.AwardAmount(g, nil, g.Fixed, 0, false)
	}
	t.Finish(engine.Applied)
}

// Score counts the event on each board: in the period and the group in which it
// happened, if its ranking is not fixed yet.
func (s *stage) Score(t *engine.Turn) {
	if t.State.Status == ledger.Blocked {
		return
	}
	for _, b := range s.boards {
		if amount := b.By.counts(t); amount > 0 {
			b.score(t, amount)
		}
	}
}

func (b *Board) score(t *engine.Turn, amount int64) {
	since, ok := b.open(t, t.At)
	if !ok {
		return
	}
	group, ok := b.groupOf(t)
	if !ok {
		return
	}
	x, more := t.State.AddScore(b.Counts, since, group, amount, t.At)
	if x == nil {
		return
	}
	t.Note(engine.Step{Rule: b.Name, Result: engine.Scored, By: b.Counts, Base: int64(since), Amount: more, Wanted: x.Value, Read: group})
}

// open gives the period around an instant if something that happened then still counts.
func (b *Board) open(t *engine.Turn, at calendar.Instant) (since calendar.Instant, ok bool) {
	var ends calendar.Instant
	if b.unit == 0 {
		since, ends, ok = b.Period(at)
	} else {
		since, ends = t.Period(at, b.unit)
		ok = true
	}
	return since, ok && t.Clock < b.Fixed(ends)
}

// groupOf gives the group in which the event counts; ok is false where it has none.
func (b *Board) groupOf(t *engine.Turn) (group string, ok bool) {
	if b.group == nil {
		return "", true
	}
	group, err := b.group.Text(t)
	if len(group) > longestGroup {
		group = strings.ToValidUTF8(group[:longestGroup], "") // no half of a letter
	}
	return group, err == nil && group != ""
}

// Unscore takes back what a purchase had counted, from the very periods and groups in
// which it did, where their rankings are not fixed yet.
func (s *stage) Unscore(t *engine.Turn, u *engine.Undone) {
	for _, b := range s.boards {
		b.unscore(t, u.Decision, b.By.undone(t, u))
	}
}

// Lose takes back what the prize of a goal had counted that is taken back.
func (s *stage) Lose(t *engine.Turn, lost *engine.LostPrize) {
	for _, b := range s.boards {
		if b.By.Kind == ByEarned && b.By.Wallet.Name == lost.Wallet {
			b.unscore(t, lost.Past.Decision, lost.Amount)
		}
	}
}

// unscore takes back some of what a decision counted.
func (b *Board) unscore(t *engine.Turn, d *engine.Decision, lost int64) {
	for i := range d.Steps {
		counted := &d.Steps[i]
		if counted.Result != engine.Scored || counted.By != b.Counts {
			continue
		}
		since := calendar.Instant(counted.Base)
		_, ends, _ := b.Period(since)
		if lost = min(lost, counted.Amount); lost <= 0 || t.Clock >= b.Fixed(ends) {
			return
		}
		x, less := t.State.AddScore(b.Counts, since, counted.Read, -lost, t.At)
		if x != nil && less < 0 {
			t.Note(engine.Step{Rule: b.Name, Result: engine.ScoredLess, By: b.Counts, Base: counted.Base, Amount: -less, Wanted: x.Value, Read: counted.Read})
		}
		return
	}
}

// Place is what the event carries that gives a member the prize of a place.
type Place struct {
	Counts ledger.Name
	Since  calendar.Instant
	Group  string
	Place  int64
	Value  int64
}

// Append writes what the event carries.
func (p *Place) Append() []byte {
	var w ledger.Writer
	w.Uint(uint64(p.Counts))
	w.Instant(p.Since)
	w.Text(p.Group)
	w.Int(p.Place)
	w.Int(p.Value)
	return w.Bytes
}

// OpenPlace reads what Append wrote. The error is ledger.ErrMalformed for anything else.
func OpenPlace(carried []byte) (Place, error) {
	r := ledger.Reader{Bytes: carried}
	p := Place{Counts: ledger.Name(r.Uint()), Since: r.Instant(), Group: r.Text(), Place: r.Int(), Value: r.Int()}
	return p, r.Done()
}
