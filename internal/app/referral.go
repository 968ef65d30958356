package app

import (
	"context"
	"errors"
	"strconv"

	"premia/internal/core/calendar"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/referral"
	"premia/internal/core/text"
	"premia/internal/journal"
	"premia/internal/store"
)

// CodeUnknownReferral says that a code is no member's.
const CodeUnknownReferral = "unknown_referral_code"

// Device is the personal value that tells which device a member uses.
const Device = "device"

// deepestChain bounds how far up it is looked for who brought whom.
const deepestChain = 64

// refer adds to an enrolment or a change who brought the member, by code: the
// number that the code stands for, and what only we can know of the two. Personal
// values are compared here; what is kept is by what the two are one person, if they
// are. friend is the member; 0 if they enrol.
func (a *App) refer(ctx context.Context, code string, friend ledger.MemberID, r *journal.Request) error {
	by, ok := a.Journal.ReferredBy(code)
	if !ok {
		return unknownReferral(code)
	}
	state, to, err := a.referrerNow(ctx, by)
	switch {
	case errors.Is(err, journal.ErrUnknownMember):
		return unknownReferral(code)
	case errors.Is(err, journal.ErrMergeInProgress):
		return problem(CodeMergeInProgress, "referred_by", text.Of(err))
	case err != nil:
		return err
	}
	r.Event.Data = append(r.Event.Data, event.Datum{Name: referral.By, Kind: event.Whole, Whole: int64(by)})
	r.Derived = append(r.Derived,
		event.Datum{Name: referral.Since, Kind: event.Whole, Whole: int64(state.JoinedAt())},
		event.Datum{Name: referral.To, Kind: event.Whole, Whole: int64(to)},
	)
	why, err := a.notReferred(ctx, state, to, friend, r)
	if err != nil || why == "" {
		return err
	}
	r.Derived = append(r.Derived, event.Datum{Name: referral.Not, Kind: event.Text, Text: why})
	return nil
}

func unknownReferral(code string) *Problem {
	return problem(CodeUnknownReferral, "referred_by", text.Say("no member has the code {Code}; compare it with the invitation", strconv.Quote(code)), "Referral", text.Quoted(code))
}

// referrerNow reads the member who answers for the number now.
func (a *App) referrerNow(ctx context.Context, by ledger.MemberID) (*ledger.State, ledger.MemberID, error) {
	to, err := a.Journal.Current(ctx, by)
	if err != nil {
		return nil, 0, err
	}
	row, err := a.Store.Member(ctx, to)
	if err != nil {
		return nil, 0, err
	}
	state := &ledger.State{}
	return state, to, ledger.DecodeState(row.State, state)
}

// notReferred finds what is against a referrer that the rules can't know.
func (a *App) notReferred(ctx context.Context, referrer *ledger.State, to, friend ledger.MemberID, r *journal.Request) (string, error) {
	switch {
	case referrer.Status == ledger.Erased:
		return referral.Gone, nil
	case referrer.Status == ledger.Blocked:
		return referral.Blocked, nil
	case to == friend:
		return referral.SameMember, nil
	}
	theirs, err := a.Store.PersonalOf(ctx, to)
	if err != nil {
		return "", err
	}
	var known []store.Personal
	if friend != 0 {
		if known, err = a.Store.PersonalOf(ctx, friend); err != nil {
			return "", err
		}
	}
	if by := personOf(known, r.Personal).same(personOf(theirs)); by != "" {
		return referral.SamePrefix + by, nil
	}
	if friend == 0 {
		return "", nil
	}
	return a.circle(ctx, referrer, friend)
}

// circle tells whether the friend brought the referrer, directly or through others.
func (a *App) circle(ctx context.Context, referrer *ledger.State, friend ledger.MemberID) (string, error) {
	for range deepestChain {
		if len(referrer.Referrals) == 0 {
			return "", nil
		}
		above, id, err := a.referrerNow(ctx, referrer.Referrals[0].Referrer)
		if err != nil {
			return "", err
		}
		if id == friend {
			return referral.Circle, nil
		}
		referrer = above
	}
	return referral.Circle, nil // so long a chain is not followed to its end
}

// Referral is how a member brings others, and what came of it.
type Referral struct {
	Member ledger.MemberID
	Code   string
	// Link is where friends join; empty if the program does not say.
	Link string
	// Active tells that the program has rewards for it.
	Active bool
	// ReferredAt is when the member said who had brought them; calendar.None if
	// nobody had.
	ReferredAt calendar.Instant
	Friends    []referral.Friend
}

// Referral reads a member's code and what became of those whom they brought.
func (a *App) Referral(ctx context.Context, ref string) (Referral, error) {
	state, id, err := a.stateNow(ctx, ref)
	if err != nil {
		return Referral{}, err
	}
	out := Referral{Member: id, Code: a.Journal.ReferralCode(id)}
	if p := a.program(); p != nil {
		out.Link, out.Active = referral.Link(p, out.Code)
	}
	if r := state.Referred(); r != nil {
		out.ReferredAt = r.At
	}
	var failure error
	out.Friends = referral.Friends(a.Journal.Rules().Names, a.Journal.Past().Before(ctx, id, 0, &failure))
	return out, failure
}
