package app

import (
	"context"
	"errors"
	"strconv"

	"premia/internal/core/event"
	"premia/internal/core/text"
	"premia/internal/journal"
	"premia/internal/store"
)

// CodeUnknownClick says that nothing is known of a click, or not any more.
const CodeUnknownClick = "unknown_click"

// RecordConversion decides a purchase that a partner reports by the click that brought
// the buyer. Unlike a purchase of the shop's own it is refused where nothing is known of
// the click, since then nothing speaks for it; one that was decided before is answered
// all the same. The error is a *Problem.
func (a *App) RecordConversion(ctx context.Context, e *event.Event) (journal.Answer, error) {
	if e.ID == "" {
		return journal.Answer{}, problem(event.CodeMissing, "id", "a conversion needs an id, so that it counts once")
	}
	if e.Click == "" {
		return journal.Answer{}, problem(event.CodeMissing, "click", "a conversion names the click that brought the buyer")
	}
	_, err := a.Journal.EventAt(ctx, e.ID)
	if errors.Is(err, store.ErrNotFound) {
		err = a.knownClick(ctx, e.Click)
	}
	if err != nil {
		return journal.Answer{}, err
	}
	e.Type = event.Purchase
	return a.Record(ctx, e)
}

// knownClick refuses a click of which nothing is known.
func (a *App) knownClick(ctx context.Context, written string) error {
	c, _, err := a.clickNow(ctx, written)
	if err == nil && c == nil {
		err = problem(CodeUnknownClick, "click", text.Say("nothing is known of the click {Text}, or not any more", strconv.Quote(written)), "Click", text.Quoted(written))
	}
	return err
}
