package app

import (
	"context"

	"premia/internal/auth"
	"premia/internal/core/text"
	"premia/internal/journal"
	"premia/internal/store"
)

// StateCheck is one of the things that a server needs, and whether it has it.
type StateCheck struct {
	Check
	// Off tells that nobody asked for it.
	Off bool
}

// Checks says how the server is: what [App.Ready] checks, its clock, the
// backups and the certificates.
func (a *App) Checks(ctx context.Context) []StateCheck {
	watched := a.watching()
	var out []StateCheck
	for _, one := range a.Ready(ctx, watched.Sweeper) {
		out = append(out, StateCheck{Check: one, Off: one.Name == secretsCheck && one.Err == nil && !a.Sealing()})
	}
	out = append(out, StateCheck{Check: Check{"clock", a.clockErr(ctx)}}, StateCheck{Check: Check{"backups", watched.backupsErr()}, Off: watched.Backups == nil})
	if watched.Certificates != nil {
		for _, c := range watched.Certificates() {
			err := c.Err
			if err == nil && c.Ends-a.wall() <= certificateEnds {
				err = text.Say("the certificate ends at {Ends}; renew it before", c.Ends)
			}
			out = append(out, StateCheck{Check: Check{c.Name, err}})
		}
	}
	return out
}

// clockErr tells that the clock stands behind what was recorded; nil if it does not.
func (a *App) clockErr(ctx context.Context) error {
	newest, err := a.newestRecorded(ctx)
	if now := a.Journal.Now(); err == nil && newest-now > clockBack {
		return text.Say("the clock says {Now}, and the journal was written at {Recorded}; set the server's clock by NTP", now, newest)
	}
	return err
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
