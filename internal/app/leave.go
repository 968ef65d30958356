package app

import (
	"context"
	"errors"

	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/journal"
)

// Leave gives up what was to be recorded under an id, which a broken connection may still
// bring: from now on an event that comes under it is refused as any id that is used for
// something else. Where something was recorded under it before, that stays, and is the
// answer; otherwise the answer is nil.
func (a *App) Leave(ctx context.Context, id string) (*journal.Answer, error) {
	p := a.program()
	if p == nil {
		return nil, refused(journal.ErrNoProgram, &event.Event{})
	}
	e := &event.Event{ID: id, Type: event.Withdrawn}
	if err := e.Check(p.Currency.Code, p.Currency.Scale); err != nil {
		return nil, err
	}
	_, err := a.append(ctx, journal.Request{Event: e, Unknown: engine.GuestUnknown})
	switch {
	case err == nil:
		return nil, nil
	case !errors.Is(err, journal.ErrIDReused):
		return nil, refused(err, e)
	}
	answer, err := a.Event(ctx, id)
	return &answer, err
}

// Left tells that what was to be recorded was given up instead.
func Left(answer *journal.Answer) bool {
	return answer.Event.Type == event.Withdrawn && answer.Member == 0
}
