package app

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/journal"
	"premia/internal/store"
)

// daysPage is how many members are looked at together.
const daysPage = 500

// PlanDays sees to it that the days of members come of which the program in force
// has just begun to speak: it tells the engine the birthdays, day and month alone,
// of those who gave us their date of birth, and takes them back where no rule is
// about them any more; and it lets the engine work out when the days come. It
// answers for how many members it did. Doing it again does nothing.
func (a *App) PlanDays(ctx context.Context) (int, error) {
	p := a.program()
	if p == nil || !a.everKnewDays() {
		return 0, nil
	}
	planned := 0
	for _, shard := range a.Store.Shards() {
		for after := store.FirstMember; ; {
			var page []store.Member
			err := a.Store.Snapshots(ctx, 1, func(views []*store.Snapshot) (err error) {
				page, err = views[0].Members(ctx, shard, after, daysPage)
				return err
			})
			if err != nil {
				return planned, fmt.Errorf("read members: %w", err)
			}
			for i := range page {
				after = page[i].ID
				done, err := a.planOne(ctx, p, &page[i])
				if err != nil {
					return planned, err
				}
				if done {
					planned++
				}
			}
			if len(page) < daysPage {
				break
			}
		}
	}
	return planned, nil
}

// everKnewDays tells whether a program of the workspace has had rules about
// members' days.
func (a *App) everKnewDays() bool {
	for _, live := range a.Journal.Rules().Timeline.All() {
		if p := live.Program; p.KnowsBirthdays() || p.Anniversary != 0 || p.ProfileCompleted != 0 {
			return true
		}
	}
	return false
}

// planOne tells the engine what it lacks of one member's days.
func (a *App) planOne(ctx context.Context, p *engine.Program, row *store.Member) (bool, error) {
	var s ledger.State
	if err := ledger.DecodeState(row.State, &s); err != nil {
		return false, err
	}
	if s.Status != ledger.Active && s.Status != ledger.Blocked {
		return false, nil
	}
	_, told := s.Fact(engine.BirthdayFact)
	_, born := s.Fact("birthday_month") // there is a date of birth
	lacks := p.KnowsBirthdays() && born && !told
	unplanned := (p.Anniversary != 0 && s.Occasion(p.Anniversary) == nil) ||
		(p.Birthday != 0 && told && s.Occasion(p.Birthday) == nil) || p.Complete(&s)
	if !lacks && !unplanned && (!told || p.KnowsBirthdays()) {
		return false, nil
	}
	e := &event.Event{ID: a.Journal.PersonalID(fmt.Sprintf("days/%d/%d", p.Version, row.ID)), Type: event.Profile}
	r := journal.Request{Event: e, Member: row.ID, Stay: true}
	switch {
	case lacks:
		personal, err := a.Store.PersonalOf(ctx, row.ID)
		if err != nil {
			return false, err
		}
		for i := range personal {
			if personal[i].Kind == store.Profile {
				a.tellBirthday(personal[i].Name, personal[i].Value, &r)
			}
		}
	case told && !p.KnowsBirthdays():
		r.Derived = []event.Datum{{Name: engine.BirthdayFact, Kind: event.Text}}
	}
	_, err := a.append(ctx, r)
	if errors.Is(err, journal.ErrMergeInProgress) || errors.Is(err, journal.ErrMemberErased) || errors.Is(err, journal.ErrIDReused) {
		return false, nil // the member left meanwhile, or was told before
	}
	return err == nil, err
}

// tellBirthday adds to a change of the profile the day and month that follow from a
// date of birth, while the program in force needs to know birthdays.
func (a *App) tellBirthday(name, value string, r *journal.Request) {
	if p := a.program(); name != "birth_date" || p == nil || !p.KnowsBirthdays() {
		return
	}
	day := ""
	if born, err := time.Parse(time.DateOnly, value); err == nil {
		day = born.Format("01-02")
	}
	r.Derived = append(r.Derived, event.Datum{Name: engine.BirthdayFact, Kind: event.Text, Text: day})
}

// Days runs PlanDays when the server starts and whenever another program is in
// force.
type Days struct {
	stop    context.CancelFunc
	running sync.WaitGroup
}

// StartDays looks every so often whether another program is in force; Stop ends it.
func (a *App) StartDays(ctx context.Context, every time.Duration) *Days {
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	d := &Days{stop: stop}
	d.running.Go(func() { d.run(ctx, a, every) })
	return d
}

// Stop ends it after the member at hand.
func (d *Days) Stop() {
	d.stop()
	d.running.Wait()
}

func (d *Days) run(ctx context.Context, a *App, every time.Duration) {
	planned := uint32(0)
	for {
		if p := a.program(); p != nil && p.Version != planned {
			switch n, err := a.PlanDays(ctx); {
			case err == nil:
				planned = p.Version
				if n > 0 {
					a.Log.Info("members' days are known to the program", "members", n, "program", p.Version)
				}
			case ctx.Err() == nil:
				a.Log.Warn("members' days can't be told to the program", "error", err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(every):
		}
	}
}
