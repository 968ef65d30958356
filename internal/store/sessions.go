package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"premia/internal/core/calendar"
)

// Session is a browser that a user is signed in with.
type Session struct {
	ID string
	// Hash is that of the token in the browser's cookie.
	Hash []byte
	User string
	// Method says how the user signed in, such as "password+code".
	Method string
	// Address is the network address that it was last used from, and Agent how the
	// browser named itself.
	Address, Agent string
	// Proved is when the user last proved who they are.
	Created, Seen, Proved, Expires calendar.Instant
}

// Invitation lets somebody become a user, once.
type Invitation struct {
	ID string
	// Hash is that of the token in the link.
	Hash []byte
	// Email may be empty: whoever has the link says their own.
	Email, Name, Role string
	// By is who invited: a user, or empty for the command line.
	By               string
	Created, Expires calendar.Instant
	// Ended is when it was taken or taken back; User took it.
	Ended calendar.Instant
	User  string
}

// Token is a step under way that can be taken once.
type Token struct {
	Hash    []byte
	Kind    string
	User    string
	Data    []byte
	Expires calendar.Instant
}

// Attempts are the failures of an account or an address.
type Attempts struct {
	Key         []byte
	Failures    int64
	Last, Until calendar.Instant
}

const (
	sessionValues = `id, hash, user_id, method, address, agent, created, seen, proved, expires`

	insertSession = `
INSERT INTO sessions (` + sessionValues + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`

	sessionByHash = `
SELECT ` + sessionValues + ` FROM sessions WHERE hash = $1`

	sessionsOf = `
SELECT ` + sessionValues + ` FROM sessions WHERE user_id = $1 ORDER BY seen DESC, id`

	listSessions = `
SELECT ` + sessionValues + ` FROM sessions ORDER BY seen DESC, id`

	touchSession = `
UPDATE sessions SET seen = $2, address = $3, agent = $4 WHERE id = $1`

	proveSession = `
UPDATE sessions SET proved = $2 WHERE id = $1`

	deleteSession = `
DELETE FROM sessions WHERE id = $1`

	deleteSessionsOf = `
DELETE FROM sessions WHERE user_id = $1 AND id <> $2`

	deleteOldSessions = `
DELETE FROM sessions WHERE expires <= $1 OR seen <= $2`

	invitationValues = `id, hash, email, name, role, by_id, created, expires, ended, user_id`

	insertInvitation = `
INSERT INTO invitations (` + invitationValues + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`

	listInvitations = `
SELECT ` + invitationValues + ` FROM invitations ORDER BY created, id`

	invitationByHash = `
SELECT ` + invitationValues + ` FROM invitations WHERE hash = $1`

	endInvitation = `
UPDATE invitations SET ended = $2, user_id = $3 WHERE id = $1 AND ended IS NULL`

	endInvitationsOf = `
UPDATE invitations SET ended = $2 WHERE email = $1 AND ended IS NULL`

	endInvitationsBy = `
UPDATE invitations SET ended = $2 WHERE by_id = $1 AND ended IS NULL`

	insertToken = `
INSERT INTO tokens (hash, kind, user_id, data, expires) VALUES ($1, $2, $3, $4, $5)`

	tokenByHash = `
SELECT hash, kind, user_id, data, expires FROM tokens WHERE hash = $1 AND kind = $2`

	deleteToken = `
DELETE FROM tokens WHERE hash = $1`

	deleteTokensOf = `
DELETE FROM tokens WHERE user_id = $1 AND kind = $2`

	// The places are written out: so many are asked for together.
	tokensAt = `
SELECT hash, kind, user_id, data, expires FROM tokens WHERE kind = $1 AND hash IN (%s)`

	moveToken = `
UPDATE tokens SET hash = $3, user_id = $4, data = $5 WHERE hash = $1 AND kind = $2`

	tokensOf = `
SELECT hash, kind, user_id, data, expires FROM tokens WHERE user_id = $1 AND kind = $2 ORDER BY expires, hash`

	deleteOldTokens = `
DELETE FROM tokens WHERE expires <= $1`

	attemptsOf = `
SELECT key, failures, last, until FROM attempts WHERE key = $1`

	putAttempts = `
INSERT INTO attempts (key, failures, last, until) VALUES ($1, $2, $3, $4)
ON CONFLICT (key) DO UPDATE SET failures = excluded.failures, last = excluded.last, until = excluded.until`

	deleteAttempts = `
DELETE FROM attempts WHERE key = $1`

	deleteOldAttempts = `
DELETE FROM attempts WHERE last <= $1`
)

// AddSession keeps a new session.
func (tx *Tx) AddSession(ctx context.Context, x *Session) error {
	return tx.run(ctx, "session", insertSession, x.ID, present(x.Hash), x.User, x.Method, x.Address, x.Agent, int64(x.Created), int64(x.Seen), int64(x.Proved), int64(x.Expires))
}

// SessionByHash gives the session of a token, whether it is still good or not;
// [ErrNotFound] if there is none.
func (s *Store) SessionByHash(ctx context.Context, hash []byte) (Session, error) {
	return first(readAll(ctx, s, sessionByHash, []any{present(hash)}, scanSession))
}

// Sessions gives those of a user, or of all users if it is empty, the last used first.
func (s *Store) Sessions(ctx context.Context, user string) ([]Session, error) {
	if user == "" {
		return readAll(ctx, s, listSessions, nil, scanSession)
	}
	return readAll(ctx, s, sessionsOf, []any{user}, scanSession)
}

// TouchSession notes when and from where a session was used.
func (s *Store) TouchSession(ctx context.Context, id string, at calendar.Instant, address, agent string) error {
	return wrong("session", s.run(ctx, touchSession, id, int64(at), address, agent))
}

// ProveSession notes that the user proved again who they are.
func (tx *Tx) ProveSession(ctx context.Context, id string, at calendar.Instant) error {
	return tx.one(ctx, "session", proveSession, id, int64(at))
}

// EndSession ends a session; [ErrNotFound] if there is none.
func (tx *Tx) EndSession(ctx context.Context, id string) error {
	return tx.one(ctx, "session", deleteSession, id)
}

// EndSessions ends all of a user but one; an empty id spares none.
func (tx *Tx) EndSessions(ctx context.Context, user, but string) error {
	return tx.run(ctx, "sessions", deleteSessionsOf, user, but)
}

func scanSession(r row) (Session, error) {
	var x Session
	var created, seen, proved, expires int64
	err := r.Scan(&x.ID, &x.Hash, &x.User, &x.Method, &x.Address, &x.Agent, &created, &seen, &proved, &expires)
	x.Created, x.Seen = calendar.Instant(created), calendar.Instant(seen)
	x.Proved, x.Expires = calendar.Instant(proved), calendar.Instant(expires)
	return x, err
}

// AddInvitation keeps an invitation.
func (tx *Tx) AddInvitation(ctx context.Context, i *Invitation) error {
	return tx.run(ctx, "invitation", insertInvitation, i.ID, present(i.Hash), i.Email, i.Name, i.Role, i.By, int64(i.Created), int64(i.Expires), optional(i.Ended, calendar.None), i.User)
}

// Invitations gives all invitations, the oldest first.
func (s *Store) Invitations(ctx context.Context) ([]Invitation, error) {
	return readAll(ctx, s, listInvitations, nil, scanInvitation)
}

// InvitationByHash gives the invitation of a link; [ErrNotFound] if there is none.
func (s *Store) InvitationByHash(ctx context.Context, hash []byte) (Invitation, error) {
	return first(readAll(ctx, s, invitationByHash, []any{present(hash)}, scanInvitation))
}

// EndInvitation notes that an invitation was taken by a user, or by an empty name that
// it was taken back; [ErrNotFound] if it has ended already.
func (tx *Tx) EndInvitation(ctx context.Context, id string, at calendar.Instant, user string) error {
	return tx.one(ctx, "invitation", endInvitation, id, int64(at), user)
}

// EndInvitationsOf takes back those to an e-mail address; an empty one is that of the
// links to become the owner.
func (tx *Tx) EndInvitationsOf(ctx context.Context, email string, at calendar.Instant) error {
	return tx.run(ctx, "invitations", endInvitationsOf, email, int64(at))
}

// EndInvitationsBy takes back those that a user made.
func (tx *Tx) EndInvitationsBy(ctx context.Context, user string, at calendar.Instant) error {
	return tx.run(ctx, "invitations", endInvitationsBy, user, int64(at))
}

func scanInvitation(r row) (Invitation, error) {
	var i Invitation
	var created, expires int64
	var ended *int64
	err := r.Scan(&i.ID, &i.Hash, &i.Email, &i.Name, &i.Role, &i.By, &created, &expires, &ended, &i.User)
	i.Created, i.Expires, i.Ended = calendar.Instant(created), calendar.Instant(expires), orNone(ended, calendar.None)
	return i, err
}

// AddToken keeps a token, and forgets those that have expired.
func (s *Store) AddToken(ctx context.Context, t *Token, now calendar.Instant) error {
	return wrong("token", s.write(ctx, func(l link) error {
		if _, err := l.exec(ctx, deleteOldTokens, int64(now)); err != nil {
			return err
		}
		_, err := l.exec(ctx, insertToken, present(t.Hash), t.Kind, t.User, present(t.Data), int64(t.Expires))
		return err
	}))
}

// Token gives a token without taking it; [ErrNotFound] if there is none of the kind.
func (s *Store) Token(ctx context.Context, kind string, hash []byte) (Token, error) {
	return first(readAll(ctx, s, tokenByHash, []any{present(hash), kind}, scanToken))
}

// TokensOf gives the tokens of a kind that somebody has, those that end first first.
func (s *Store) TokensOf(ctx context.Context, kind, user string) ([]Token, error) {
	return readAll(ctx, s, tokensOf, []any{user, kind}, scanToken)
}

// TokensAt gives those of a kind that stand under one of the hashes, in no order.
func (s *Store) TokensAt(ctx context.Context, kind string, hashes [][]byte) ([]Token, error) {
	values, places := []any{kind}, make([]string, len(hashes))
	for i, hash := range hashes {
		values, places[i] = append(values, present(hash)), "$"+strconv.Itoa(i+2)
	}
	if len(hashes) == 0 {
		return nil, nil
	}
	return readAll(ctx, s, fmt.Sprintf(tokensAt, strings.Join(places, ", ")), values, scanToken)
}

// MoveToken lets the token that stands under a hash have the hash, the user and the data of
// another one, and forgets those that have expired; [ErrNotFound] if there is none of the
// kind any more. It fails where the new hash is taken.
func (s *Store) MoveToken(ctx context.Context, from []byte, to *Token, now calendar.Instant) error {
	return wrong("token", s.write(ctx, func(l link) error {
		if _, err := l.exec(ctx, deleteOldTokens, int64(now)); err != nil {
			return err
		}
		n, err := l.exec(ctx, moveToken, present(from), to.Kind, present(to.Hash), to.User, present(to.Data))
		if err == nil && n == 0 {
			err = ErrNotFound
		}
		return err
	}))
}

// TakeToken gives a token, this once; [ErrNotFound] if there is none of the kind, or
// somebody took it.
func (s *Store) TakeToken(ctx context.Context, kind string, hash []byte) (t Token, err error) {
	err = s.write(ctx, func(l link) error {
		if t, err = first(linkAll(ctx, l, tokenByHash, []any{present(hash), kind}, scanToken)); err != nil {
			return err
		}
		n, err := l.exec(ctx, deleteToken, present(hash))
		if err == nil && n == 0 {
			err = ErrNotFound
		}
		return err
	})
	return t, wrong("token", err)
}

// ForgetTokens forgets those of a kind that a user has.
func (tx *Tx) ForgetTokens(ctx context.Context, user, kind string) error {
	return tx.run(ctx, "tokens", deleteTokensOf, user, kind)
}

func scanToken(r row) (Token, error) {
	var t Token
	var expires int64
	err := r.Scan(&t.Hash, &t.Kind, &t.User, &t.Data, &expires)
	t.Expires = calendar.Instant(expires)
	return t, err
}

// Attempts gives the failures of an account or an address; none if there were none.
func (s *Store) Attempts(ctx context.Context, key []byte) (Attempts, error) {
	all, err := readAll(ctx, s, attemptsOf, []any{present(key)}, scanAttempts)
	if err != nil || len(all) == 0 {
		return Attempts{Key: key}, err
	}
	return all[0], nil
}

// CountAttempt lets fn change the failures under the key, one after another on all
// servers.
func (s *Store) CountAttempt(ctx context.Context, key []byte, fn func(*Attempts)) error {
	return s.Change(ctx, func(tx *Tx) error {
		a, err := first(txAll(ctx, tx, attemptsOf, []any{present(key)}, scanAttempts))
		if err != nil {
			a = Attempts{Key: key}
		}
		fn(&a)
		return tx.run(ctx, "attempts", putAttempts, present(key), a.Failures, int64(a.Last), int64(a.Until))
	})
}

// ForgetAttempts forgets the failures under a key.
func (s *Store) ForgetAttempts(ctx context.Context, key []byte) error {
	return wrong("attempts", s.run(ctx, deleteAttempts, present(key)))
}

func scanAttempts(r row) (Attempts, error) {
	var a Attempts
	var last, until int64
	err := r.Scan(&a.Key, &a.Failures, &last, &until)
	a.Last, a.Until = calendar.Instant(last), calendar.Instant(until)
	return a, err
}

// ForgetOldAccess forgets sessions that ended, or were not used since an instant,
// tokens that have expired, and failures before another instant.
func (s *Store) ForgetOldAccess(ctx context.Context, now, idle, failures calendar.Instant) error {
	return wrong("forget old sessions", s.write(ctx, func(l link) error {
		if _, err := l.exec(ctx, deleteOldSessions, int64(now), int64(idle)); err != nil {
			return err
		}
		if _, err := l.exec(ctx, deleteOldTokens, int64(now)); err != nil {
			return err
		}
		_, err := l.exec(ctx, deleteOldAttempts, int64(failures))
		return err
	}))
}
