package app

import (
	"context"
	"errors"
	"strings"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/contest"
	"premia/internal/core/text"
	"premia/internal/store"
)

// PrizeOf is what a ticket of a member's has won in a contest.
type PrizeOf struct {
	// Contest is the id, and Title and Prize are what the contest and the prize are
	// called.
	Contest      string
	Title, Prize text.Localized
	Ticket       string
	// State is one of package contest: Waits until it is claimed, Has, or Over when it was
	// not claimed in time, be that decided already or not.
	State string
	// Until is the first instant at which a prize that waited can't be claimed any more;
	// none for those that were given at once.
	Until calendar.Instant
	// At is when what became of it was decided.
	At calendar.Instant
}

// prizesShown is how long after a draw its prizes are shown to who won them. Prizes that
// went on to the next ticket may be claimed later than those of the draw.
const prizesShown = 120 * calendar.Day

// PrizesOf gives what a member's tickets won in contests that were drawn lately, the
// newest decision first. What the member claimed is there as well as what was not claimed
// in time. It reads no further back than to the earliest of those draws.
func (a *App) PrizesOf(ctx context.Context, ref string) ([]PrizeOf, error) {
	now, drawn := a.Journal.Now(), calendar.Never
	var lately []contest.Contested
	for _, c := range a.announced() {
		if c.DrawAt <= now && now-c.DrawAt < prizesShown {
			lately, drawn = append(lately, c), min(drawn, c.DrawAt)
		}
	}
	if len(lately) == 0 {
		return nil, nil
	}
	id, err := a.Find(ctx, ref)
	if err != nil {
		return nil, err
	}
	w := won{app: a, lately: lately, place: make(map[contestTicket]int)}
	var unread error
	a.Journal.Past().Before(ctx, id, 0, &unread)(func(past *engine.Past) bool {
		if past.Decision.At < drawn {
			// Of members who were merged into this one the rest may be newer.
			return past.Numbering != 0
		}
		for i := range past.Decision.Steps {
			w.take(&past.Decision.Steps[i], past.Decision.At)
		}
		return true
	})
	if unread != nil && !errors.Is(unread, store.ErrNotFound) {
		return nil, unread
	}
	for i := range w.prizes {
		if p := &w.prizes[i]; p.State == contest.Waits && p.Until <= now {
			p.State = contest.Over
		}
	}
	return w.prizes, nil
}

// won gathers what tickets won, from the newest decision on.
type won struct {
	app    *App
	lately []contest.Contested
	prizes []PrizeOf
	place  map[contestTicket]int
}

var stateOfStep = map[engine.Result]string{engine.WonContest: contest.Has, engine.ToClaim: contest.Waits, engine.PrizeLapsed: contest.Over}

// take adds what a step says of a ticket. Of a ticket of which a newer decision has been
// read it only says until when it could be claimed.
func (w *won) take(s *engine.Step, at calendar.Instant) {
	state, about := stateOfStep[s.Result]
	if !about {
		return
	}
	for _, c := range w.lately {
		if c.Rule != s.Rule {
			continue
		}
		key := contestTicket{c.ID, s.Read}
		i, known := w.place[key]
		if !known {
			i = len(w.prizes)
			w.place[key] = i
			w.prizes = append(w.prizes, PrizeOf{Contest: c.ID, Title: w.app.ruleTitle(s.Rule), Prize: w.app.ruleTitle(s.By), Ticket: s.Read, State: state, At: at})
		}
		if s.Result == engine.ToClaim {
			w.prizes[i].Until = calendar.Instant(s.Base)
		}
	}
}

// ruleTitle gives what a rule is called by the newest version of the program that has it,
// or its name where none has.
func (a *App) ruleTitle(rule ledger.Name) text.Localized {
	lives := a.Journal.Rules().Timeline.All()
	for i := len(lives) - 1; i >= 0; i-- {
		if r, has := lives[i].Program.Rules[rule]; has && r.Title.Texts != nil {
			return r.Title
		}
	}
	_, id, _ := strings.Cut(a.Journal.Rules().Names.Name(rule), ".")
	return text.Localized{Fallback: "en", Texts: map[string]string{"en": id}}
}
