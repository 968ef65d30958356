package contest

import (
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
)

// Apply gives entries for events, and prizes to winners.
func (s *stage) Apply(t *engine.Turn) {
	switch t.Event.Type {
	case event.ContestPrize:
		s.award(t)
		return
	case event.ContestClaim:
		s.claimed(t)
		return
	case event.ContestLapse:
		s.lapse(t)
		return
	}
	for i := range s.contests {
		if x := &s.contests[i]; x.Kind == t.Kind {
			x.enter(t)
		}
	}
}

// enter gives the member the entries that the event earns.
func (x *compiled) enter(t *engine.Turn) {
	if why := x.window.Check(t); why != 0 {
		t.Note(engine.Step{Rule: x.Name, Result: why})
		return
	}
	if !t.Met(x.When, x.Name) {
		return
	}
	marks, _, any := t.Matching(x.Items)
	if !any {
		t.Note(engine.Step{Rule: x.Name, Result: engine.NoItems})
		return
	}
	entries, base := int64(1), int64(0)
	if x.per > 0 {
		base = t.Counted(x.without, marks)
		entries = base / x.per
	}
	if entries == 0 {
		t.Note(engine.Step{Rule: x.Name, Result: engine.TooLittle, Base: base})
		return
	}
	if before := t.Before(); before != nil {
		entries = min(entries, counted(before.Counted, x.Name, ""))
	} else if x.most != nil {
		if entries = min(entries, x.most.Cap-t.Used(x.most)); entries <= 0 {
			t.Note(engine.Step{Rule: x.Name, Result: engine.EnteredOften, Base: x.most.Cap})
			return
		}
		t.Use(x.most, entries)
	}
	if entries == 0 {
		return
	}
	t.Note(engine.Step{Rule: x.Name, Result: engine.Entered, Base: entries, Read: key(t.Event)})
	t.Out.Counted = append(t.Out.Counted, engine.Counted{Rule: x.Name, Amount: entries})
}

// key names the event for its entries, as returns name the purchase: by its id or, in
// a scenario, its order.
func key(e *event.Event) string {
	past := engine.Past{Event: e}
	return past.Key()
}

// Undo takes back the entries that the rest of a purchase would not have had.
func (s *stage) Undo(t *engine.Turn, u *engine.Undone) {
	for i := range s.contests {
		if x := &s.contests[i]; u.Mine(x.Name) {
			x.undo(t, u)
		}
	}
}

func (x *compiled) undo(t *engine.Turn, u *engine.Undone) {
	lost := counted(u.Decision.Counted, x.Name, "") + counted(t.Out.Counted, x.Name, u.Key()) - counted(u.Counted, x.Name, "")
	for _, later := range u.Later {
		lost += counted(later.Decision.Counted, x.Name, u.Key())
	}
	if lost <= 0 {
		return
	}
	t.Out.Counted = append(t.Out.Counted, engine.Counted{Rule: x.Name, Amount: -lost, Purchase: u.Key()})
	t.Note(engine.Step{Rule: x.Name, Result: engine.EntriesBack, Base: lost, Read: u.Key()})
	if x.most != nil {
		t.Unuse(x.most, u.Decision.At, lost)
	}
}

// counted adds up the entries that decisions counted: with their event or, below
// zero, as taken back with what went back of a purchase.
func counted(all []engine.Counted, rule ledger.Name, purchase string) (sum int64) {
	for i := range all {
		if c := &all[i]; c.Rule == rule && c.Purchase == purchase {
			sum += c.Amount
		}
	}
	return sum
}
