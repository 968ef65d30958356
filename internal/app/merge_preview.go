package app

import (
	"context"
	"errors"
	"slices"
	"strings"

	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/merge"
	"premia/internal/core/mechanic/tier"
	"premia/internal/journal"
	"premia/internal/store"
)

// MergePreview is what merging a member into another would come to now.
type MergePreview struct {
	// From is the member who is merged, Into the one who remains, as they are.
	From, Into Member
	// Refused is why the rules would not have it; nil if they would.
	Refused *journal.Answer
	// Wallets, Purchases, Spend and Tiers are the remaining member's afterwards.
	Wallets   []WalletOf
	Purchases int64
	Spend     int64
	Tiers     []tier.Standing
	// Identities come to the remaining member, as do the profile's values of the names
	// Gained; those of the names Lost are forgotten, since the other has its own.
	Identities   []journal.Identity
	Gained, Lost []string
}

// PreviewMerge says what [App.Merge] would do. It decides both sides on copies and
// writes nothing.
func (a *App) PreviewMerge(ctx context.Context, ref, into string) (*MergePreview, error) {
	from, target, err := a.mergeMembers(ctx, ref, into)
	if err != nil {
		return nil, err
	}
	out := &MergePreview{}
	if out.From, err = a.Member(ctx, from.String()); err != nil {
		return nil, err
	}
	if out.Into, err = a.Member(ctx, target.String()); err != nil {
		return nil, err
	}
	leaving := &event.Event{Type: event.Merge, Data: []event.Datum{{Name: merge.Into, Kind: event.Whole, Whole: int64(target)}}}
	left, err := a.Journal.Quote(ctx, from, leaving)
	if err != nil {
		return nil, previewRefused(err, leaving)
	}
	at := slices.IndexFunc(left.Decision.FollowUps, func(f engine.FollowUp) bool { return f.Type == event.Absorb })
	if left.Decision.Outcome != engine.Applied || at < 0 {
		out.Refused = &journal.Answer{Member: from, Decision: left.Decision, Event: leaving}
		return out, nil
	}
	arriving := &event.Event{Type: event.Absorb, Carried: left.Decision.FollowUps[at].Carried}
	arrived, err := a.Journal.Quote(ctx, target, arriving)
	if err != nil {
		return nil, previewRefused(err, arriving)
	}
	if arrived.Decision.Outcome != engine.Applied {
		out.Refused = &journal.Answer{Member: target, Decision: arrived.Decision, Event: arriving}
		return out, nil
	}
	out.after(a, arrived.After)
	return out, a.previewPersonal(ctx, out)
}

func previewRefused(err error, e *event.Event) error {
	if errors.Is(err, journal.ErrUnknownMember) || errors.Is(err, journal.ErrMergeInProgress) {
		return refused(err, e)
	}
	return err
}

// after takes what the remaining member would be.
func (m *MergePreview) after(a *App, state *ledger.State) {
	m.Wallets, m.Purchases, m.Spend = a.walletsOf(state), state.Purchases, state.Spend
	if p := a.program(); p != nil {
		m.Tiers = tier.Standings(p, state, a.Journal.Now())
	}
}

// previewPersonal says which personal values would come to the remaining member, as
// [App.bring] chooses them.
func (a *App) previewPersonal(ctx context.Context, m *MergePreview) error {
	leaving, err := a.Store.PersonalOf(ctx, m.From.ID)
	if err != nil {
		return err
	}
	own, err := a.Store.PersonalOf(ctx, m.Into.ID)
	if err != nil {
		return err
	}
	has := make(map[store.PersonalKey]bool, len(own))
	for i := range own {
		has[recordKey(&own[i])] = true
	}
	for i := range leaving {
		r := &leaving[i]
		switch {
		case r.Kind == store.Identity && !has[recordKey(r)]:
			m.Identities = append(m.Identities, journal.Identity{Kind: r.Name, Value: r.Value})
		case r.Kind == store.Profile && has[recordKey(r)]:
			m.Lost = append(m.Lost, r.Name)
		case r.Kind == store.Profile:
			m.Gained = append(m.Gained, r.Name)
		}
	}
	slices.SortFunc(m.Identities, func(x, y journal.Identity) int { return strings.Compare(x.String(), y.String()) })
	m.Identities = slices.Compact(m.Identities)
	slices.Sort(m.Gained)
	slices.Sort(m.Lost)
	m.Gained, m.Lost = slices.Compact(m.Gained), slices.Compact(m.Lost)
	return nil
}
