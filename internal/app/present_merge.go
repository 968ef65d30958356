package app

import (
	"context"
	"errors"

	"premia/internal/core/ledger"
	"premia/internal/store"
)

// movePresents lets presents follow a merge: those that wait for the member who was merged
// wait for the one who answers now, and those of theirs are this one's. Doing it again
// finds nothing to move. A place that is taken is left; where all are, which takes presents
// for more than seven merged members, what is left over ends by itself.
func (a *App) movePresents(ctx context.Context, from, to ledger.MemberID) error {
	if from == to {
		return nil
	}
	given, err := a.PresentsOf(ctx, from)
	if err != nil {
		return err
	}
	for i := range given {
		p := &given[i]
		before := p.hash
		p.From = to
		if err := a.movePresent(ctx, before, p); err != nil {
			return err
		}
	}
	waiting, err := a.presentsAt(ctx, from)
	if err != nil {
		return err
	}
	for i := range waiting {
		if err := a.bringPresent(ctx, &waiting[i], to); err != nil {
			return err
		}
	}
	return nil
}

// bringPresent lets a present wait for another member, in the first place that is free.
func (a *App) bringPresent(ctx context.Context, p *Present, to ledger.MemberID) error {
	before := p.hash
	p.To = to
	for slot := range presentsRoom {
		p.hash = presentSlot(to, slot)
		_, err := a.presentAt(ctx, p.hash)
		if err == nil {
			continue
		}
		if AsProblem(err).Code != CodeUnknownPresent {
			return err
		}
		if err = a.movePresent(ctx, before, p); err == nil {
			return nil
		}
		if _, taken := a.presentAt(ctx, p.hash); taken != nil {
			return err // nobody was faster, so that is not what went wrong
		}
	}
	return nil
}

// movePresent keeps a present anew, unless it was answered meanwhile.
func (a *App) movePresent(ctx context.Context, before []byte, p *Present) error {
	t, err := p.token()
	if err != nil {
		return err
	}
	if err = a.Store.MoveToken(ctx, before, t, a.wall()); errors.Is(err, store.ErrNotFound) {
		err = nil
	}
	return err
}

// afterMerge lets a present that came to wait for a member while they were merged follow.
// Where that merge is not decided yet, its own following finds the present.
func (a *App) afterMerge(ctx context.Context, to ledger.MemberID) error {
	now, err := a.home(ctx, to)
	var undecided *store.TransientError
	if errors.As(err, &undecided) || err == nil && now == to {
		return nil
	}
	if err != nil {
		return err
	}
	return a.movePresents(ctx, to, now)
}
