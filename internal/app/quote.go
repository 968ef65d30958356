package app

import (
	"context"
	"errors"

	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/journal"
)

// Quote says what an event would bring, and writes nothing. A member whom nobody
// knows is treated as the program says: as a new member, or as a guest, who gets
// nothing.
func (a *App) Quote(ctx context.Context, e *event.Event) (journal.Quote, ledger.MemberID, error) {
	p, err := a.checked(ctx, e)
	if err != nil {
		return journal.Quote{}, 0, err
	}
	id := ledger.MemberID(0)
	if e.Member != "" {
		id, err = a.Find(ctx, e.Member)
		if known := err == nil; !known && !mayBeNew(err, p, e) {
			return journal.Quote{}, 0, err
		}
	}
	q, err := a.Journal.Quote(ctx, id, e)
	if errors.Is(err, journal.ErrUnknownMember) {
		err = unknownMember("member", e.Member)
	}
	return q, id, err
}

// mayBeNew tells whether a member that was not found would be made, or would
// hear what joining brings.
func mayBeNew(err error, p *engine.Program, e *event.Event) bool {
	return AsProblem(err).Code == CodeUnknownIdentity && unknown(p, e) != engine.RefuseUnknown
}
