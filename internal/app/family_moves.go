package app

import (
	"context"
	"errors"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/journal"
	"premia/internal/store"
)

// FamilyMove is value that a member brought to the family, or drew from it.
type FamilyMove struct {
	At     calendar.Instant
	Member ledger.MemberID
	Wallet *engine.Wallet
	// Amount is in the wallet's smallest units, below zero where it was drawn.
	Amount int64
}

// FamilyMoves gives the last movements between a family and its members, the newest
// first, at most limit, in the wallets of the live program.
func (a *App) FamilyMoves(ctx context.Context, id ledger.MemberID, limit int) ([]FamilyMove, error) {
	p := a.program()
	if p == nil {
		return nil, nil
	}
	var out []FamilyMove
	var unread error
	a.Journal.Past().Before(ctx, id, 0, &unread)(func(past *engine.Past) bool {
		told, err := engine.OpenTelling(past.Event.Carried)
		if past.Event.Type != event.FamilyWord || err != nil {
			return true
		}
		for i := range past.Decision.Steps {
			s := &past.Decision.Steps[i]
			sign := int64(1)
			switch s.Result {
			case engine.FromMember:
			case engine.ToMember:
				sign = -1
			default:
				continue
			}
			if w := p.Wallet(s.Wallet); w != nil && w.Gift == nil {
				out = append(out, FamilyMove{past.Decision.At, told.Member, w, sign * s.Amount})
			}
		}
		return len(out) < limit
	})
	if errors.Is(unread, store.ErrNotFound) || errors.Is(unread, journal.ErrUnknownMember) {
		unread = nil // its account begins in a moment
	}
	return out[:min(len(out), limit)], unread
}

// GivenName gives the first name of a member, as those read it who belong together; empty
// where it is not known.
func (a *App) GivenName(ctx context.Context, id ledger.MemberID) (string, error) {
	values, err := a.Store.PersonalOf(ctx, id)
	return foundOf(&store.Member{}, values).GivenName, err
}
