package app

import (
	"context"

	"premia/internal/auth"
	"premia/internal/journal"
	"premia/internal/store"
)

// StateCheck is one of the things that a server needs, and whether it has it.
type StateCheck struct {
	Check
	// Off tells that nobody asked for it.
	Off bool
}

// Checks says how the server is: what [App.Ready] checks, and the backups.
func (a *App) Checks(ctx context.Context) []StateCheck {
	watched := a.watched.Load()
	if watched == nil {
		watched = &Watched{}
	}
	var out []StateCheck
	for _, one := range a.Ready(ctx, watched.Sweeper) {
		out = append(out, StateCheck{Check: one})
	}
	return append(out, StateCheck{Check: Check{"backups", watched.backupsErr()}, Off: watched.Backups == nil})
}

// mostParked is how many parked entries are listed.
const mostParked = 500

// Parked lists what subscribers could not do, the oldest first.
func (a *App) Parked(ctx context.Context) ([]store.Parked, error) {
	if err := may(ctx, auth.SettingsWrite); err != nil {
		return nil, err
	}
	return a.Store.ParkedList(ctx, "", 0, mostParked)
}

// RetryParked tries again what subscribers could not do, and gives how much of it could
// be done now.
func (a *App) RetryParked(ctx context.Context) (int, error) {
	if err := may(ctx, auth.SettingsWrite); err != nil {
		return 0, err
	}
	done := 0
	for _, sub := range []journal.Subscriber{journal.FollowUps{Journal: a.Journal}, PersonalMoves{App: a}, Payouts{App: a}, Postbacks{App: a}} {
		n, err := a.Journal.Retry(ctx, sub)
		done += n
		if err != nil {
			return done, err
		}
	}
	return done, a.note(ctx, a.audited(ctx, "upkeep.retried", "", "done", int64(done)))
}
