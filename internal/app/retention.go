package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/ambassador"
	"premia/internal/core/text"
	"premia/internal/journal"
	"premia/internal/store"
)

// CodeRetention is that of a problem with rules of retention.
const CodeRetention = "retention_out_of_range"

// The settings that hold the rules of retention, and when they were followed last.
const (
	retentionSetting    = "retention"
	retentionRanSetting = "retention.ran"
)

// The bounds of the rules.
const (
	MinSilentMonths, MaxSilentMonths = 6, 120
	MinMessageDays, MaxMessageDays   = 1, 7
)

const (
	// retentionEvery is how often the rules are followed.
	retentionEvery = calendar.Day
	// clicksKept is how long clicks stay that no ambassador's rule asks for any more.
	clicksKept = 366 * calendar.Day
	// silentPage is how many of a member's entries are read together.
	silentPage = 50
)

// Retention are the rules by which personal data is forgotten by itself.
type Retention struct {
	// SilentMonths is after how many months in which nothing came from or for them
	// members are erased who have nothing of value, 6 to 120; 0 is never.
	SilentMonths int `json:"silent_months,omitempty"`
	// MessageDays is how long sent messages stay in the outbox, 1 to 7.
	MessageDays int `json:"message_days,omitempty"`
}

// RetentionPreview is what the rules would forget now.
type RetentionPreview struct {
	Members int
	store.Outdated
}

// Retention gives the rules of retention.
func (a *App) Retention(ctx context.Context) (r Retention, err error) {
	src, err := a.Store.Setting(ctx, retentionSetting)
	if err == nil {
		err = json.Unmarshal(src, &r)
	}
	if errors.Is(err, store.ErrNotFound) {
		err = nil
	}
	if r.MessageDays == 0 {
		r.MessageDays = MaxMessageDays
	}
	return r, err
}

// check says what can't be a rule, by the field.
func (r Retention) check() error {
	if r.SilentMonths != 0 && (r.SilentMonths < MinSilentMonths || r.SilentMonths > MaxSilentMonths) {
		return problem(CodeRetention, "silent_months", text.Say("members are erased after {MinSilentMonths} to {Most} months, or never with 0", MinSilentMonths, MaxSilentMonths), "From", int64(MinSilentMonths), "Until", int64(MaxSilentMonths))
	}
	if r.MessageDays < MinMessageDays || r.MessageDays > MaxMessageDays {
		return problem(CodeRetention, "message_days", text.Say("messages stay for {MinMessageDays} to {Most} days", MinMessageDays, MaxMessageDays), "From", int64(MinMessageDays), "Until", int64(MaxMessageDays))
	}
	return nil
}

// SetRetention changes the rules. The error is a *Problem that names the field.
func (a *App) SetRetention(ctx context.Context, r Retention) error {
	if err := errors.Join(may(ctx, auth.SettingsWrite), may(ctx, auth.PersonalErase), proved(ctx)); err != nil {
		return firstProblem(err)
	}
	if err := r.check(); err != nil {
		return err
	}
	src, err := json.Marshal(r)
	if err != nil {
		return err
	}
	row := a.audited(ctx, "settings.changed", retentionSetting, "silent_months", r.SilentMonths, "message_days", r.MessageDays)
	return a.change(ctx, row, func(tx *store.Tx) error { return tx.SetSetting(ctx, retentionSetting, src) })
}

// PreviewRetention counts what rules would forget now, and forgets nothing.
func (a *App) PreviewRetention(ctx context.Context, r Retention) (RetentionPreview, error) {
	var out RetentionPreview
	err := errors.Join(may(ctx, auth.SettingsWrite), r.check())
	if err != nil {
		return out, firstProblem(err)
	}
	if out.Outdated, err = a.Store.CountOutdated(ctx, a.outdatedBefore(r)); err != nil {
		return out, err
	}
	err = a.eachSilent(ctx, r, func(*store.Member) error { out.Members++; return nil })
	return out, err
}

// Retain follows the rules of retention, and says what it forgot. Doing it again does
// nothing.
func (a *App) Retain(ctx context.Context) (RetentionPreview, error) {
	var out RetentionPreview
	r, err := a.Retention(ctx)
	if err != nil {
		return out, err
	}
	until := a.outdatedBefore(r)
	if out.Outdated, err = a.Store.CountOutdated(ctx, until); err != nil {
		return out, err
	}
	if out.Outdated != (store.Outdated{}) {
		if err := a.Store.ForgetOutdated(ctx, until); err != nil {
			return out, err
		}
	}
	err = a.eachSilent(ctx, r, func(row *store.Member) error {
		// What the rules were held against is the member up to this entry.
		_, err := a.eraseUnchanged(ctx, a.Journal.PersonalID(fmt.Sprintf("retention/%d/%d", row.ID, row.Seq)), row.ID.String(), row.Seq)
		switch {
		case err == nil:
			out.Members++
		case errors.Is(err, journal.ErrMemberMoved): // not silent any more
		case ctx.Err() != nil:
			return ctx.Err()
		default: // the others are none the less to be forgotten, and this one tomorrow
			a.Log.Warn("a silent member can't be erased", "member", row.ID.String(), "error", err)
		}
		return nil
	})
	if out != (RetentionPreview{}) {
		row := a.audited(ctx, "retention.followed", retentionSetting, "members", out.Members, "messages", out.Messages, "clicks", out.Clicks, "sessions", out.Sessions)
		err = errors.Join(err, a.note(ctx, row))
	}
	return out, err
}

// outdatedBefore says how long rows stay.
func (a *App) outdatedBefore(r Retention) store.Until {
	now, wall := a.Journal.Now(), a.wall()
	until := store.Until{Messages: wall - calendar.Instant(r.MessageDays)*calendar.Day, Clicks: now - clicksKept, Sessions: wall}
	if p := a.program(); p != nil {
		if links, on := ambassador.LinksOf(p); on {
			until.Clicks = links.Oldest(now)
		}
	}
	return until
}

// eachSilent calls fn for members who are to be erased by the rules.
func (a *App) eachSilent(ctx context.Context, r Retention, fn func(*store.Member) error) error {
	if r.SilentMonths == 0 {
		return nil
	}
	zone := time.UTC
	if p := a.program(); p != nil {
		zone = p.Zone
	}
	ago := func(now calendar.Instant) calendar.Instant {
		return calendar.Of(now.In(zone).AddDate(0, -r.SilentMonths, 0))
	}
	// A sandbox's members look at their cards by the machine's clock.
	since, seen := ago(a.Journal.Now()), ago(a.wall())
	for _, shard := range a.Store.Shards() {
		for after, more := store.FirstMember, true; more; {
			var page []store.Member
			err := a.Store.Snapshots(ctx, 1, func(views []*store.Snapshot) (err error) {
				page, err = views[0].Members(ctx, shard, after, daysPage)
				return err
			})
			if err != nil {
				return fmt.Errorf("read members: %w", err)
			}
			for i := range page {
				after = page[i].ID
				silent, err := a.silent(ctx, &page[i], since, seen)
				if err == nil && silent {
					err = fn(&page[i])
				}
				if err != nil {
					return err
				}
			}
			more = len(page) == daysPage
		}
	}
	return nil
}

// silent tells whether a member has nothing of value, and nothing came from or for them
// since an instant, nor did they look at their card since another one.
func (a *App) silent(ctx context.Context, row *store.Member, since, seen calendar.Instant) (bool, error) {
	if ledger.Status(row.Status) != ledger.Active || row.EnrolledAt >= since {
		return false, nil
	}
	var s ledger.State
	if err := ledger.DecodeState(row.State, &s); err != nil {
		return false, err
	}
	if s.LastPurchaseAt >= since {
		return false, nil
	}
	settled, _ := engine.Settled(a.Journal.Rules().Timeline, row.ID, &s, a.Journal.Now())
	if hasValue(settled) {
		return false, nil
	}
	sessions, err := a.Store.MemberSessions(ctx, row.ID)
	if err != nil {
		return false, err
	}
	for i := range sessions {
		if sessions[i].Seen >= seen {
			return false, nil
		}
	}
	return a.nothingSince(ctx, row.ID, since)
}

// hasValue tells whether a member has, or owes, anything that would be lost.
func hasValue(s *ledger.State) bool {
	for i := range s.Wallets {
		if w := &s.Wallets[i]; w.Debt != 0 || len(w.Lots) > 0 {
			return true
		}
	}
	return len(s.Redemptions) > 0 || s.Family.Account != 0
}

// nothingSince tells whether the journal has nothing of the member since an instant but
// what comes by itself, such as birthdays.
func (a *App) nothingSince(ctx context.Context, id ledger.MemberID, since calendar.Instant) (bool, error) {
	for before := int64(0); ; {
		entries, err := a.Store.EntriesOf(ctx, id, before, silentPage)
		if err != nil {
			return false, err
		}
		for i := range entries {
			if entries[i].Recorded < since {
				return true, nil
			}
			answer, err := a.Journal.Read(&entries[i])
			if err != nil {
				return false, err
			}
			switch answer.Event.Type {
			case event.Settle, event.Birthday, event.Anniversary:
			default:
				return false, nil
			}
			before = entries[i].Seq
		}
		if len(entries) < silentPage {
			return true, nil
		}
	}
}

// Retaining follows the rules of retention every day until it is stopped.
type Retaining struct {
	stop    context.CancelFunc
	running sync.WaitGroup
}

// StartRetention looks every so often whether a day has passed since the rules were
// followed last, on whatever server.
func (a *App) StartRetention(ctx context.Context, every time.Duration) *Retaining {
	ctx, stop := context.WithCancel(WithActor(context.WithoutCancel(ctx), auth.System("retention")))
	r := &Retaining{stop: stop}
	r.running.Go(func() {
		for {
			if _, err := a.RetainIfDue(ctx); err != nil && ctx.Err() == nil {
				a.Log.Warn("the rules of retention can't be followed", "error", err)
			}
			select {
			case <-ctx.Done():
				return
			case <-time.After(every):
			}
		}
	})
	return r
}

// Stop ends it after the member at hand.
func (r *Retaining) Stop() {
	r.stop()
	r.running.Wait()
}

// RetainIfDue follows the rules if that was not done for a day. It tells whether it did.
func (a *App) RetainIfDue(ctx context.Context) (bool, error) {
	var ran calendar.Instant
	src, err := a.Store.Setting(ctx, retentionRanSetting)
	if err == nil {
		err = json.Unmarshal(src, &ran)
	}
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return false, err
	}
	now := a.Journal.Now()
	if err == nil && ran <= now && now < ran+retentionEvery {
		return false, nil
	}
	done, err := a.Retain(ctx)
	if err != nil {
		return false, err
	}
	if done.Members > 0 {
		a.Log.Info("silent members were erased by the rules of retention", "members", done.Members)
	}
	if src, err = json.Marshal(now); err != nil {
		return false, err
	}
	return true, a.Store.SetSetting(ctx, retentionRanSetting, src)
}
