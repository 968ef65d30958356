package app_test

import (
	"testing"

	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
)

// TestRejectedUndoIsNone lets a second person refuse to undo an adjustment: it is not
// undone, and can be undone by another try.
func TestRejectedUndoIsNone(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		h := openHouse(t, url)
		first := h.as(auth.Actor{Kind: auth.KindUser, ID: "usr_first", Role: auth.Owner, Proved: true})
		second := h.as(auth.Actor{Kind: auth.KindUser, ID: "usr_second", Role: auth.Owner, Proved: true})
		_, err := h.Publish(first, []byte(officeProgram+"adjustments: {alone: {points: 50}}\n"), calendar.None, "")
		h.does(err, "")
		record := func(e *event.Event, by string) engine.Outcome {
			t.Helper()
			ctx := first
			if by == "second" {
				ctx = second
			}
			answer, err := h.Record(ctx, e)
			h.does(err, "")
			return answer.Decision.Outcome
		}
		record(&event.Event{ID: "p", Type: event.Purchase, Member: "card:1", Total: 900_00, Given: event.GivenTotal}, "first")
		record(&event.Event{ID: "gift", Type: event.Adjustment, Member: "card:1", Wallet: "points", Amount: 100, Given: event.GivenAmount, Reason: "sorry"}, "first")
		if got := record(&event.Event{ID: "yes", Type: event.Approval, About: "gift"}, "second"); got != engine.Applied {
			t.Fatalf("approved: %s", got)
		}
		undo, err := h.UndoAdjustment(first, "yes", "a mistake")
		if h.does(err, ""); undo.Decision.Outcome != engine.WaitsForApproval {
			t.Fatalf("undoing: %s", undo.Decision.Outcome)
		}
		waits := undo.Event.ID
		if done, err := h.Undone(t.Context(), "yes"); err != nil || done == nil || done.Event.ID != waits {
			t.Errorf("what waits is not undone: %v", err)
		}
		if got := record(&event.Event{ID: "no", Type: event.Rejection, About: waits, Reason: "it was right"}, "second"); got != engine.Applied {
			t.Fatalf("rejected: %s", got)
		}
		if done, err := h.Undone(t.Context(), "yes"); err != nil || done != nil {
			t.Errorf("what was rejected counts as undone: %+v %v", done, err)
		}
		again, err := h.UndoAdjustment(first, "yes", "a mistake after all")
		if h.does(err, ""); again.Event.ID == waits || again.Decision.Outcome != engine.WaitsForApproval {
			t.Errorf("undone again: %+v", again)
		}
	})
}
