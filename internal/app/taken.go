package app

import (
	"context"
	"strconv"
	"strings"

	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/reward"
	"premia/internal/store"
)

// takenPage is how many redemptions are listed at a time.
const takenPage = 50

// timedOut is the state of a redemption whose hold ended by itself.
const timedOut = "timed_out"

// TakenChoice chooses what was taken: in a state and of a reward, where they are not
// empty, the latest first or, with Up, the earliest.
type TakenChoice struct {
	State, Reward string
	Up            bool
}

// TakenPage lists what members took and rules gave, from the place after which the page
// before ended. It follows the journal by a few seconds. Next is empty on the last page.
func (a *App) TakenPage(ctx context.Context, c TakenChoice, after string) (list []store.Taken, next string, err error) {
	if err := may(ctx, auth.RedemptionsRead); err != nil {
		return nil, "", err
	}
	if _, err := a.CatchUpFigures(ctx); err != nil {
		return nil, "", err
	}
	state := c.State
	f := store.TakenFilter{State: state, Before: calendar.Never, Up: c.Up}
	if c.Up {
		f.Before = calendar.Beginning
	}
	if c.Reward != "" {
		name, known := a.Journal.Rules().Names.Find(reward.Kind + "." + c.Reward)
		if !known {
			return nil, "", nil
		}
		f.Reward = name
	}
	if at, id, ok := strings.Cut(after, "~"); ok {
		if n, err := strconv.ParseInt(at, 10, 64); err == nil {
			f.Before, f.ID = calendar.Instant(n), id
		}
	}
	held := ledger.HeldRedemption.String()
	if state == timedOut {
		f.State = held
	}
	now := a.Journal.Now()
	// A hold that ended by itself has nobody who wrote that down.
	for len(list) < takenPage {
		page, err := a.Store.Taken(ctx, f, takenPage)
		if err != nil {
			return nil, "", err
		}
		for i := range page {
			x := &page[i]
			f.Before, f.ID = x.At, x.Redemption
			if x.State == held && x.Until <= now {
				x.State = timedOut
			}
			if state == "" || x.State == state {
				list = append(list, *x)
			}
			if len(list) == takenPage {
				return list, strconv.FormatInt(int64(x.At), 10) + "~" + x.Redemption, nil
			}
		}
		if len(page) < takenPage {
			break
		}
	}
	return list, "", nil
}
