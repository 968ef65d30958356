package app

import (
	"context"

	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/event"
	"premia/internal/store"
)

// CodeSecondReset says that two people are no two persons for now, since one of them reset
// how the other signs in.
const CodeSecondReset = "second_person_reset"

// resetBinds is for how long somebody who reset a user's password or second factor could be
// that user: for so long neither approves what the other asked for.
const resetBinds = 7 * calendar.Day

// resets are the actions of the audit trail by which a user may come to sign in as another.
var resets = []string{"user.password_link_made", "user.factors_removed"}

// independent refuses a user as the second person of those who asked for something, where
// one reset lately how the other signs in: they may be one. Whoever asks for a new password
// of their own has nobody act, and is not concerned.
func (a *App) independent(ctx context.Context, askers ...string) error {
	who := ActorOf(ctx)
	if who.Kind != auth.KindUser {
		return nil
	}
	for _, asker := range askers {
		if asker == "" || asker == who.ID {
			continue // that is refused where it counts
		}
		for _, pair := range [][2]string{{asker, who.ID}, {who.ID, asker}} {
			reset, err := a.resetBy(ctx, pair[0], pair[1])
			if err != nil {
				return err
			}
			if reset {
				return problem(CodeSecondReset, "", "one of you two reset the other's password or second factor in the last 7 days; somebody else has to approve this")
			}
		}
	}
	return nil
}

// resetBy tells whether a user reset lately how another one signs in.
func (a *App) resetBy(ctx context.Context, by, user string) (bool, error) {
	for _, action := range resets {
		rows, err := a.Store.Audits(ctx, store.AuditFilter{Actor: by, Target: user, Action: action, From: a.wall() - resetBinds + 1}, 1)
		if err != nil || len(rows) > 0 {
			return len(rows) > 0, err
		}
	}
	return false, nil
}

// secondPerson refuses the approval of an adjustment by who may be the one that made it.
func (a *App) secondPerson(ctx context.Context, e *event.Event) error {
	if e.Type != event.Approval || ActorOf(ctx).Kind != auth.KindUser {
		return nil
	}
	asked, err := a.Event(ctx, e.About)
	if AsProblem(err).Code == CodeUnknownEvent {
		return nil // the rules refuse it
	}
	if err != nil {
		return err
	}
	return a.refusedSecond(ctx, "adjustment.approval_refused", e.About, a.independent(ctx, asked.Event.By))
}

// refusedSecond tells the audit trail of an approval that was refused so.
func (a *App) refusedSecond(ctx context.Context, action, target string, err error) error {
	if err == nil || AsProblem(err).Code != CodeSecondReset {
		return err
	}
	if failed := a.note(ctx, a.audited(ctx, action, target)); failed != nil {
		return failed
	}
	return err
}
