package app

import (
	"context"
	"errors"
	"strconv"
	"time"

	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/ledger"
	"premia/internal/core/text"
	"premia/internal/journal"
	"premia/internal/store"
)

// The bounds of members' sessions. A card is shown on a phone that its owner locks, week
// after week; who signs in every time does not use it. What is dangerous there, to take
// a reward, costs points and no money.
const (
	memberIdle    = 60 * calendar.Day
	memberLongest = 365 * calendar.Day
	// touchMember is how coarse the moment of last use is.
	touchMember = calendar.Hour
)

// CodeMemberBlocked says that a member was blocked by the business.
const CodeMemberBlocked = "member_blocked"

// MemberSignedIn is a member's new session.
type MemberSignedIn struct {
	// Token is for the browser's cookie, which lasts for so long.
	Token  string
	Lasts  time.Duration
	Member ledger.MemberID
}

// startMemberSession makes a session of a member whose proof was checked. It has a new
// token always, and the one that the browser had is ended. The error is a *Problem if
// the member was blocked or erased.
func (a *App) startMemberSession(ctx context.Context, id ledger.MemberID, method string, from Client) (MemberSignedIn, error) {
	id, err := a.Journal.Current(ctx, id)
	if err != nil {
		return MemberSignedIn{}, err
	}
	if err := a.mayEnter(ctx, id); err != nil {
		return MemberSignedIn{}, err
	}
	now := a.wall()
	token, hash := auth.NewToken()
	x := store.MemberSession{
		ID: auth.NewID("mse_"), Hash: hash, Member: id, Method: method, Address: from.Address, Agent: shortened(from.Agent),
		Created: now, Seen: now, Expires: now + memberLongest,
	}
	err = a.Store.AddMemberSession(ctx, &x, auth.TokenHash(from.Token), now, now-memberIdle)
	return MemberSignedIn{Token: token, Lasts: lasting(memberLongest), Member: id}, err
}

// mayEnter refuses members who were blocked or erased.
func (a *App) mayEnter(ctx context.Context, id ledger.MemberID) error {
	state, _, err := a.stateNow(ctx, id.String())
	if err != nil {
		return err
	}
	if state.Status == ledger.Blocked {
		return problem(CodeMemberBlocked, "", "the member is blocked; ask the business why", "Member", text.Quoted(id.String()))
	}
	return nil
}

// MemberSessionOf gives the session of a token in a browser's cookie, and notes that it
// was used. Its member is the one into whom somebody was merged since. The error is a
// *Problem with CodeSignedOut if there is none that is good, or the member is blocked.
func (a *App) MemberSessionOf(ctx context.Context, token string, from Client) (store.MemberSession, error) {
	if token == "" || len(token) > 200 {
		return store.MemberSession{}, errSignedOut()
	}
	x, err := a.Store.MemberSession(ctx, auth.TokenHash(token))
	now := a.wall()
	if errors.Is(err, store.ErrNotFound) || err == nil && (now >= x.Expires || now >= x.Seen+memberIdle) {
		return store.MemberSession{}, errSignedOut()
	}
	if err != nil {
		return x, err
	}
	id, err := a.Journal.Current(ctx, x.Member)
	if errors.Is(err, journal.ErrUnknownMember) || errors.Is(err, journal.ErrMemberErased) {
		return store.MemberSession{}, errSignedOut()
	}
	if err != nil && !errors.Is(err, journal.ErrMergeInProgress) {
		return x, err
	}
	if err == nil {
		x.Member = id
	}
	// A sign-in may have been under way while its member was blocked.
	row, err := a.Store.Member(ctx, x.Member)
	if err == nil && ledger.Status(row.Status) == ledger.Blocked {
		err = errSignedOut()
	}
	if err != nil {
		return store.MemberSession{}, err
	}
	if now-x.Seen >= touchMember || x.Address != from.Address {
		x.Address, x.Agent = from.Address, shortened(from.Agent)
		if err := a.Store.TouchMemberSession(ctx, x.ID, now, x.Address, x.Agent); err != nil {
			return x, err
		}
	}
	return x, nil
}

// MemberSignOut ends the session of a token; one that has ended is no error.
func (a *App) MemberSignOut(ctx context.Context, token string) error {
	return a.Store.EndMemberSession(ctx, auth.TokenHash(token))
}

// EndMemberSessions ends all sessions of a member but that of a token; an empty one
// spares none.
func (a *App) EndMemberSessions(ctx context.Context, id ledger.MemberID, but string) error {
	spared := ""
	if but != "" {
		x, err := a.Store.MemberSession(ctx, auth.TokenHash(but))
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		spared = x.ID
	}
	return a.Store.EndMemberSessions(ctx, id, spared)
}

// MemberSessions gives the sessions of a member that are good, the last used first.
func (a *App) MemberSessions(ctx context.Context, id ledger.MemberID) ([]store.MemberSession, error) {
	all, err := a.Store.MemberSessions(ctx, id)
	if err != nil {
		return nil, err
	}
	now := a.wall()
	good := all[:0]
	for _, x := range all {
		if now < x.Expires && now < x.Seen+memberIdle {
			good = append(good, x)
		}
	}
	return good, nil
}

// allow counts what is done under a key, and refuses what is more than most in a time.
func (a *App) allow(ctx context.Context, key string, most int64, within calendar.Instant) error {
	wait, now := calendar.Instant(0), a.wall()
	err := a.Store.CountAttempt(ctx, auth.TokenHash(key), func(f *store.Attempts) {
		if now-f.Last >= within {
			f.Failures, f.Last = 0, now
		}
		if f.Failures++; f.Failures > most {
			wait = f.Last + within - now
		}
	})
	if err != nil || wait == 0 {
		return err
	}
	return tooManyAttempts(wait)
}

// uncount takes back what allow counted last.
func (a *App) uncount(ctx context.Context, key string) error {
	return a.Store.CountAttempt(ctx, auth.TokenHash(key), func(f *store.Attempts) { f.Failures = max(0, f.Failures-1) })
}

// once tells whether a key comes for the first time.
func (a *App) once(ctx context.Context, key string) (first bool, err error) {
	err = a.Store.CountAttempt(ctx, auth.TokenHash(key), func(f *store.Attempts) {
		f.Failures, f.Last = f.Failures+1, a.wall()
		first = f.Failures == 1
	})
	return first, err
}

// digits gives a random number of so many digits.
func digits(n int) string {
	random := make([]byte, n)
	for i := range random {
		random[i] = byte('0' + randomBelow(10))
	}
	return string(random)
}

// contactOf reads an e-mail address or a telephone number as an identity in its normal
// form. The error is a *Problem.
func (a *App) contactOf(contact string) (journal.Identity, error) {
	kind := Phone
	for _, r := range contact {
		if r == '@' {
			kind = Email
		}
	}
	identity, err := ParseIdentity(kind+":"+contact, countryOf(a.program()))
	if err != nil {
		return identity, problem(CodeInvalidContact, "contact", text.Say("{Contact} is neither an e-mail address nor a telephone number", strconv.Quote(contact)))
	}
	return identity, nil
}
