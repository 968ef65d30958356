package ambassador

import (
	"strings"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/ledger"
)

// placeOfClick and placeOfCode stand in the target for the click's id and the
// ambassador's code.
const (
	placeOfClick = "{click}"
	placeOfCode  = "{code}"
)

// validTarget tells whether links may lead to the address: its host is written in
// the program, so that nobody who makes a link decides where it leads.
func validTarget(to string) bool {
	rest, ok := strings.CutPrefix(to, "https://")
	if !ok {
		if rest, ok = strings.CutPrefix(to, "http://"); !ok {
			return false
		}
	}
	host, path := rest, ""
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		host, path = rest[:i], rest[i:]
	}
	return host != "" && !strings.ContainsAny(host, "{}@\\ ") && !strings.ContainsAny(path, " \\\"<>") && strings.Contains(path, placeOfClick)
}

// Links is how a program's links work.
type Links struct {
	to string
	// Anybody tells that a condition decides who is an ambassador, so that each
	// member's link may bring a commission.
	Anybody bool
	zone    *engine.Program
	keep    calendar.Span
}

// LinksOf gives how the program's links work; ok is false where it has no
// ambassadors.
func LinksOf(p *engine.Program) (l Links, ok bool) {
	s := stageOf(p)
	if !s.on {
		return Links{}, false
	}
	return Links{to: s.source.To, Anybody: s.when != nil, zone: p, keep: s.keep}, true
}

// Target gives where a click on the link with the code leads. Neither of the two
// can have a sign that means something in an address.
func (l *Links) Target(click ledger.ClickID, code string) string {
	id := ""
	if click != 0 {
		id = click.String()
	}
	return strings.NewReplacer(placeOfClick, id, placeOfCode, code).Replace(l.to)
}

// Oldest gives the instant before which clicks need not be kept any more.
func (l *Links) Oldest(now calendar.Instant) calendar.Instant {
	return now - (calendar.Add(now, l.keep, l.zone.Zone) - now)
}
