package app

import (
	"context"
	"errors"

	"premia/internal/core/calendar"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/journal"
)

// ErasedMember is what remains of a member who was erased, as nobody's.
type ErasedMember struct {
	Member ledger.MemberID
	// At is when the member was erased.
	At calendar.Instant
	// Purchases and Spend remain.
	Purchases int64
	Spend     int64
}

// ErasedMember gives what remains of a member who was erased. The error is a *Problem with
// CodeUnknownMember for anybody else.
func (a *App) ErasedMember(ctx context.Context, ref string) (*ErasedMember, error) {
	id, err := a.Find(ctx, ref)
	if err != nil {
		return nil, err
	}
	state, id, err := a.Journal.StateOf(ctx, id)
	switch {
	case errors.Is(err, journal.ErrUnknownMember):
		return nil, unknownMember("member", ref)
	case err != nil:
		return nil, err
	case state.Status != ledger.Erased:
		return nil, unknownMember("member", ref)
	}
	out := &ErasedMember{Member: id, Purchases: state.Purchases, Spend: state.Spend}
	out.At, err = a.erasedAt(ctx, id)
	return out, err
}

// erasedAt is when a member was erased, by the entry that says so; calendar.None where
// there is none.
func (a *App) erasedAt(ctx context.Context, id ledger.MemberID) (calendar.Instant, error) {
	for before := int64(0); ; {
		entries, err := a.Store.EntriesOf(ctx, id, before, MaxPage)
		if err != nil || len(entries) == 0 {
			return calendar.None, err
		}
		for i := range entries {
			answer, err := a.Journal.Read(&entries[i])
			if err != nil {
				return calendar.None, err
			}
			if answer.Event.Type == event.Profile && erases(answer.Event) {
				return answer.Decision.At, nil
			}
		}
		before = entries[len(entries)-1].Seq
	}
}
