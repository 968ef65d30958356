package ambassador

import (
	"slices"
	"strconv"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
)

// The data of events that say by whose link the member came, and of those that make
// an ambassador of the member. They are no facts of the member.
const (
	// Data begins their names.
	Data = "click_"
	// By is the number of the ambassador who answers for the link now, ID the click's
	// number, and At when it was, as an instant.
	By, ID, At = Data + "by", Data + "id", Data + "at"
	// Not says why the click does not count, where that is known before: one of
	// Reasons.
	Not = Data + "not"
	// Sub and a digit, from 1, name the ambassador's own marks.
	Sub = Data + "sub"

	// Active makes the member an ambassador, or none any more.
	Active = "ambassador_active"
)

// The reasons why a click does not count.
const (
	UnknownClick = "unknown_click"
	SameMember   = "same_member"
	SamePrefix   = "same_" // and email, phone, card, address, device
	ClickedLater = "clicked_later"
	Gone         = "ambassador_gone"
)

// DataOf gives the data of an event whose buyer came by the click.
func DataOf(c *ledger.Click, not string) []event.Datum {
	var out []event.Datum
	if not != "" {
		out = append(out, event.Datum{Name: Not, Kind: event.Text, Text: not})
	}
	if c == nil {
		return out
	}
	out = append(out,
		event.Datum{Name: At, Kind: event.Whole, Whole: int64(c.At)},
		event.Datum{Name: By, Kind: event.Whole, Whole: int64(c.By)},
		event.Datum{Name: ID, Kind: event.Whole, Whole: int64(c.ID)},
	)
	for i, sub := range c.Subs {
		if sub != "" {
			out = append(out, event.Datum{Name: Sub + strconv.Itoa(i+1), Kind: event.Text, Text: sub})
		}
	}
	return out
}

// clickOf reads by which click the event's member came.
func clickOf(e *event.Event) (c ledger.Click, not string, named bool) {
	for i := range e.Data {
		d := &e.Data[i]
		switch d.Name {
		case By:
			c.By, named = ledger.MemberID(d.Whole), true
		case ID:
			c.ID = ledger.ClickID(d.Whole)
		case At:
			c.At = calendar.Instant(d.Whole)
		case Not:
			not, named = d.Text, true
		case Sub + "1", Sub + "2", Sub + "3", Sub + "4", Sub + "5":
			place := int(d.Name[len(Sub)] - '0')
			for len(c.Subs) < place {
				c.Subs = append(c.Subs, "")
			}
			c.Subs[place-1] = d.Text
		}
	}
	return c, not, named
}

// Ambassador gives the member by whose link the event's member came; 0 if by none's.
func Ambassador(e *event.Event) ledger.MemberID {
	c, _, _ := clickOf(e)
	return c.By
}

// come keeps the click by which the member came, or says why it does not count. It
// answers the click if it counts. An event that comes by none costs nothing.
func (s *stage) come(t *engine.Turn) *ledger.Click {
	if !s.on || len(t.Event.Data) == 0 {
		return nil
	}
	return s.keepClick(t)
}

// keepClick does so for an event with data.
func (s *stage) keepClick(t *engine.Turn) *ledger.Click {
	c, not, named := clickOf(t.Event)
	switch {
	case !named:
		return nil
	case not != "":
	case c.By == t.In.Member:
		not = SameMember
	case c.At > t.At:
		not = ClickedLater
	}
	if not != "" {
		t.Note(engine.Step{Rule: s.link, Result: engine.ByNoLink, Read: not})
		return nil
	}
	t.Note(engine.Step{Rule: s.link, Result: engine.CameByLink})
	t.State.Click(c)
	return &c
}

// credited gives the click to which a purchase of now is credited: the last one
// before it, if its window is open; nil if none is. own is the purchase's own, which
// is older than one that is kept where the purchase was told of late.
func (s *stage) credited(t *engine.Turn, own *ledger.Click) *ledger.Click {
	var last *ledger.Click
	for i := range t.State.Clicked {
		if c := &t.State.Clicked[i]; c.At <= t.At {
			last = c
		}
	}
	if own != nil && (last == nil || own.At > last.At) {
		last = own
	}
	if last == nil || last.By == t.In.Member || t.At >= calendar.Add(last.At, s.window, t.Program.Zone) {
		return nil
	}
	return last
}

// standing makes the member an ambassador, or none any more.
func (s *stage) standing(t *engine.Turn) {
	i := slices.IndexFunc(t.Event.Data, func(d event.Datum) bool { return d.Name == Active })
	if i < 0 {
		return
	}
	a := &t.State.Ambassador
	is, be := a.Since != calendar.None && a.Until == calendar.None, t.Event.Data[i].Whole != 0
	switch {
	case is == be:
		t.Mattered = true
	case be:
		*a = ledger.Ambassadorship{Since: t.At}
		t.Note(engine.Step{Rule: s.link, Result: engine.MadeAmbassador})
	default:
		a.Until = t.At
		t.Note(engine.Step{Rule: s.link, Result: engine.NoMoreAmbassador})
	}
}
