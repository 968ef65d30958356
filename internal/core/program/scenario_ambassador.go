package program

import (
	"slices"
	"strings"

	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/ambassador"
)

// Clicked is a click of the member on another one's link.
type Clicked struct {
	Of     string `doc:"of,required" max_len:"60" help:"whose link: the name of another of the scenario's members"`
	SameAs string `doc:"same as" enum:"email|phone|card|address|device" help:"by what the two turn out to be one person"`
	Sub1   string `doc:"sub1" max_len:"64" help:"the ambassador's own mark on the link"`
}

// standing makes the event of a step in which a member becomes an ambassador, or is
// none any more.
func (k *stepChecker) standing(e *event.Event) (path string, said int) {
	if k.step.Ambassador == nil {
		return k.path, 0
	}
	d := event.Datum{Name: ambassador.Active, Kind: event.Truth}
	if *k.step.Ambassador {
		d.Whole = 1
	}
	e.Type, e.Data = event.Profile, []event.Datum{d}
	return k.path + ".ambassador", 1
}

// click keeps a click of the member until the next event that can name one.
func (r *stageRun) click(a *actor, e *event.Event, sc *scene) {
	if c := sc.click; c != nil {
		r.clicks++
		by := r.named(c.Of, ledger.Active)
		a.clicked = &ledger.Click{ID: ledger.ClickID(r.clicks), By: by.id, At: sc.at}
		if c.Sub1 != "" {
			a.clicked.Subs = []string{c.Sub1}
		}
		if a.sameAs = ""; c.SameAs != "" {
			a.sameAs = ambassador.SamePrefix + c.SameAs
		}
	}
	if a.clicked == nil || (e.Type != event.Purchase && e.Type != event.Enrolment) {
		return
	}
	e.Data = append(slices.Clone(e.Data), ambassador.DataOf(a.clicked, a.sameAs)...)
	slices.SortFunc(e.Data, func(x, y event.Datum) int { return strings.Compare(x.Name, y.Name) })
	a.clicked = nil
}
