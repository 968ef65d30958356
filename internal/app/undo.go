package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"

	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/text"
	"premia/internal/journal"
)

// CodeNothingToUndo says that an event moved nothing that an adjustment could move back.
const CodeNothingToUndo = "nothing_to_undo"

// Adjusted gives what an adjustment, or the approval of one, moved: the wallet, and the
// amount in its minor units, negative if it was taken; 0 if nothing was moved.
func Adjusted(answer *journal.Answer) (wallet ledger.Name, amount int64) {
	if e := answer.Event; e.Type != event.Adjustment && e.Type != event.Approval || answer.Decision.Outcome != engine.Applied {
		return 0, 0
	}
	for i := range answer.Decision.Steps {
		switch s := &answer.Decision.Steps[i]; s.Result {
		case engine.Gave:
			wallet, amount = s.Wallet, amount+s.Amount
		case engine.Took:
			wallet, amount = s.Wallet, amount-s.Amount
		}
	}
	return wallet, amount
}

// mostUndoings is how often it is tried to undo what was refused before.
const mostUndoings = 100

// undoes begins the ids of adjustments that undo others.
const undoes = "undo_"

// undoing gives the id by which an event can be undone now and, where it was undone or
// that waits for a second person, the answer to that. One that was refused, as where the
// value had been spent or the second person said no, can be tried again by the next id.
func (a *App) undoing(ctx context.Context, id string) (next string, done *journal.Answer, err error) {
	for n := range mostUndoings {
		sum := sha256.Sum256(fmt.Appendf(nil, "%d %s", n, id))
		next = undoes + hex.EncodeToString(sum[:16])
		answer, err := a.Event(ctx, next)
		if AsProblem(err).Code == CodeUnknownEvent {
			return next, nil, nil
		}
		if err != nil {
			return "", nil, err
		}
		rejected := false
		if answer.Decision.Outcome == engine.WaitsForApproval {
			if rejected, err = a.rejected(ctx, next); err != nil {
				return "", nil, err
			}
		}
		if !rejected && !answer.Decision.Outcome.Refused() {
			return next, &answer, nil
		}
	}
	return next, nil, nil
}

// rejected tells whether a second person refused an adjustment that waited.
func (a *App) rejected(ctx context.Context, id string) (bool, error) {
	entries, err := a.Store.Approvals(ctx, mostApprovals)
	if err != nil {
		return false, err
	}
	for i := range entries {
		if entries[i].Mask&journal.MaskAnswered == 0 {
			continue
		}
		answer, err := a.Journal.Read(&entries[i])
		if err != nil {
			return false, err
		}
		if answer.Event.About == id {
			return answer.Event.Type == event.Rejection, nil
		}
	}
	return false, nil
}

// Undone gives the adjustment that undid an event, or waits to; nil if none does.
func (a *App) Undone(ctx context.Context, id string) (*journal.Answer, error) {
	_, done, err := a.undoing(ctx, id)
	return done, err
}

// UndoAdjustment moves back what an adjustment moved, by the opposite adjustment with
// the event's id as its reference. Above the limit for one person it waits for a
// second one, as any adjustment does. Doing it again gives the first answer. The error
// is a *Problem where the event moved nothing by hand.
func (a *App) UndoAdjustment(ctx context.Context, id, reason string) (journal.Answer, error) {
	answer, err := a.Event(ctx, id)
	if err != nil {
		return journal.Answer{}, err
	}
	name, amount := Adjusted(&answer)
	p := a.program()
	if amount == 0 || p == nil || p.Wallet(name) == nil {
		return journal.Answer{}, problem(CodeNothingToUndo, "id", text.Say("the event {ID} moved nothing by hand that could be moved back", strconv.Quote(id)), "Key", text.Quoted(id))
	}
	next, _, err := a.undoing(ctx, id)
	if err != nil {
		return journal.Answer{}, err
	}
	return a.Record(ctx, &event.Event{
		ID: next, Type: event.Adjustment, Member: answer.Member.String(), Wallet: p.Wallet(name).ID,
		Amount: -amount, Given: event.GivenAmount, Reason: reason, Reference: id,
	})
}
