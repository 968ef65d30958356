package app

import (
	"context"
	"errors"
	"time"

	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/text"
	"premia/internal/store"
)

// The bounds of sessions, those of OWASP ASVS 3.3 at level 2.
const (
	sessionIdle    = 30 * time.Minute
	sessionLongest = 12 * time.Hour
	// provedFor is how long whoever proved who they are may do what is dangerous.
	provedFor = 15 * time.Minute
	// touchSession is how coarse the moment of last use is.
	touchSession = calendar.Minute
	// formTakes is how long a proof must still be good for a form to be begun that needs it
	// when it is sent.
	formTakes = 5 * time.Minute
	// maxAgent bounds what a browser says of itself.
	maxAgent = 200
)

// The codes of problems with sessions.
const (
	CodeSignedOut      = "signed_out"
	CodeUnknownSession = "unknown_session"
)

// Client is the browser at the other end.
type Client struct {
	// Address is its network address, without a port.
	Address string
	Agent   string
	// Token is that of a session which the browser had before; signing in ends it.
	Token string
	// Browser is the token by which it is known as that of a user who signed in with it
	// before; empty if it is not.
	Browser string
	// ByItself tells that the browser asks without anybody having done something: that is
	// no use of a session.
	ByItself bool
}

// Session is a browser that a user is signed in with, and the user.
type Session struct {
	store.Session
	Who store.User
	// NeedsFactor tells that the workspace asks for a second factor which this user
	// does not have yet.
	NeedsFactor bool
	// ProofEnds tells that the user proved who they are so long ago that the proof may be
	// over when a form is sent that is begun now.
	ProofEnds bool
	proved    bool
}

// Actor is the user as who acts.
func (s *Session) Actor() auth.Actor {
	return auth.Actor{Kind: auth.KindUser, ID: s.Who.ID, Name: s.Who.Name, Role: auth.Role(s.Who.Role), Address: s.Address, Session: s.ID, Proved: s.proved}
}

// SignedIn is what signing in came to.
type SignedIn struct {
	// Token is for the browser's cookie, which lasts for so long; empty if a step is missing.
	Token string
	Lasts time.Duration
	User  store.User
	// Browser is the token by which the browser is known from now on; empty if it is already.
	Browser string
	// Step is the token of the second step; empty if there is none.
	Step string
}

// errSignedOut tells that a token stands for no session.
func errSignedOut() error {
	return problem(CodeSignedOut, "", "this browser is not signed in, or its session has ended; sign in")
}

// startSession makes a session of a user whose proofs were checked. It has a new token
// always, and the one that the browser had is ended, so that nobody can have slipped
// theirs in before.
func (a *App) startSession(ctx context.Context, u *store.User, method string, from Client) (SignedIn, error) {
	var out SignedIn
	row := a.audited(WithActor(ctx, auth.Actor{Kind: auth.KindUser, ID: u.ID, Address: from.Address}), "session.started", u.ID, "method", method)
	err := a.change(ctx, row, func(tx *store.Tx) (err error) {
		out, err = a.addSession(ctx, tx, u, method, from)
		return err
	})
	if err != nil {
		return out, err
	}
	out.Browser, err = a.knowBrowser(ctx, u.ID, from)
	return out, err
}

func (a *App) addSession(ctx context.Context, tx *store.Tx, u *store.User, method string, from Client) (SignedIn, error) {
	if err := a.endOld(ctx, tx, from.Token); err != nil {
		return SignedIn{}, err
	}
	now := a.wall()
	token, hash := auth.NewToken()
	x := store.Session{
		ID: auth.NewID("ses_"), Hash: hash, User: u.ID, Method: method, Address: from.Address, Agent: shortened(from.Agent),
		Created: now, Seen: now, Proved: now, Expires: now + instants(a.sessions.Longest),
	}
	return SignedIn{Token: token, Lasts: a.sessions.Longest, User: *u}, tx.AddSession(ctx, &x)
}

func (a *App) endOld(ctx context.Context, tx *store.Tx, token string) error {
	if token == "" {
		return nil
	}
	old, err := a.Store.SessionByHash(ctx, auth.TokenHash(token))
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err == nil {
		err = tx.EndSession(ctx, old.ID)
	}
	if errors.Is(err, store.ErrNotFound) {
		err = nil
	}
	return err
}

func instants(d time.Duration) calendar.Instant { return calendar.Instant(d.Microseconds()) }

func lasting(d calendar.Instant) time.Duration { return time.Duration(d) * time.Microsecond }

func shortened(agent string) string {
	if runes := []rune(agent); len(runes) > maxAgent {
		return string(runes[:maxAgent])
	}
	return agent
}

// SessionOf gives the session of a token in a browser's cookie, and notes that it was
// used, but where the browser asks by itself. The error is a *Problem with CodeSignedOut if there is none that is good, or
// its user was disabled.
func (a *App) SessionOf(ctx context.Context, token string, from Client) (*Session, error) {
	if token == "" || len(token) > 200 {
		return nil, errSignedOut()
	}
	row, err := a.Store.SessionByHash(ctx, auth.TokenHash(token))
	if errors.Is(err, store.ErrNotFound) {
		return nil, errSignedOut()
	}
	if err != nil {
		return nil, err
	}
	now := a.wall()
	if now >= row.Expires || now >= row.Seen+instants(a.sessions.Idle) {
		return nil, errSignedOut()
	}
	out := &Session{Session: row, proved: now < row.Proved+instants(provedFor), ProofEnds: now >= row.Proved+instants(provedFor-formTakes)}
	if out.Who, err = a.Store.User(ctx, row.User); errors.Is(err, store.ErrNotFound) || err == nil && out.Who.Disabled != calendar.None {
		return nil, errSignedOut()
	}
	if err != nil {
		return nil, err
	}
	if !from.ByItself && (now-row.Seen >= touchSession || row.Address != from.Address) {
		out.Address, out.Agent = from.Address, shortened(from.Agent)
		if err := a.Store.TouchSession(ctx, row.ID, now, out.Address, out.Agent); err != nil {
			return nil, err
		}
	}
	out.NeedsFactor, err = a.needsFactor(ctx, &out.Session)
	return out, err
}

// SignOut ends the session of a token; one that has ended is no error.
func (a *App) SignOut(ctx context.Context, token string) error {
	row, err := a.Store.SessionByHash(ctx, auth.TokenHash(token))
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	err = a.change(ctx, a.audited(ctx, "session.ended", row.User), func(tx *store.Tx) error { return tx.EndSession(ctx, row.ID) })
	if errors.Is(err, store.ErrNotFound) {
		err = nil
	}
	return err
}

// Sessions gives the sessions of a user that are good, the last used first. One's own
// anybody may see, those of others whoever may see users; an empty user is everybody.
func (a *App) Sessions(ctx context.Context, user string) ([]store.Session, error) {
	if who := ActorOf(ctx); user == "" || who.Kind != auth.KindUser || who.ID != user {
		if err := may(ctx, auth.UsersRead); err != nil {
			return nil, err
		}
	}
	all, err := a.Store.Sessions(ctx, user)
	if err != nil {
		return nil, err
	}
	now := a.wall()
	good := all[:0]
	for _, x := range all {
		if now < x.Expires && now < x.Seen+instants(a.sessions.Idle) {
			good = append(good, x)
		}
	}
	return good, nil
}

// RevokeSession ends a session at once, one's own or, for whoever may change users,
// anybody's.
func (a *App) RevokeSession(ctx context.Context, id string) error {
	all, err := a.Store.Sessions(ctx, "")
	if err != nil {
		return err
	}
	for _, x := range all {
		if x.ID != id {
			continue
		}
		if who := ActorOf(ctx); who.Kind != auth.KindUser || who.ID != x.User {
			if err := a.mayChange(ctx, x.User); err != nil {
				return err
			}
		}
		err := a.change(ctx, a.audited(ctx, "session.revoked", x.User, "session", id), func(tx *store.Tx) error { return tx.EndSession(ctx, id) })
		if !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	if err := may(ctx, auth.AccountUse); err != nil && ActorOf(ctx).Kind == auth.KindUser {
		return err
	}
	return problem(CodeUnknownSession, "session", "there is no such session; it may have ended", "Key", text.Quoted(id))
}

// RevokeOtherSessions ends all sessions of the user who acts but the one they act in.
func (a *App) RevokeOtherSessions(ctx context.Context) error {
	user, err := self(ctx)
	if err != nil {
		return err
	}
	return a.change(ctx, a.audited(ctx, "session.revoked", user, "session", "all others"), func(tx *store.Tx) error {
		return tx.EndSessions(ctx, user, ActorOf(ctx).Session)
	})
}

// ForgetOldAccess forgets sessions and steps that have ended, and links and codes in
// messages that are good no more; it may be called at any time.
func (a *App) ForgetOldAccess(ctx context.Context) error {
	now := a.wall()
	return errors.Join(
		a.Store.ForgetOldAccess(ctx, now, now-instants(a.sessions.Idle), now-calendar.Day),
		a.Store.ForgetBodies(ctx, now),
	)
}
