package store

import (
	"context"

	"premia/internal/core/calendar"
	"premia/internal/core/ledger"
)

// MemberSession is a browser that a member is signed in with.
type MemberSession struct {
	ID string
	// Hash is that of the token in the browser's cookie.
	Hash   []byte
	Member ledger.MemberID
	// Method says how the member signed in: "code", "link", "till", "shop", "passkey".
	Method string
	// Address is the network address that it was last used from, and Agent how the
	// browser named itself.
	Address, Agent         string
	Created, Seen, Expires calendar.Instant
}

const (
	memberSessionValues = `id, hash, member, method, address, agent, created, seen, expires`

	insertMemberSession = `
INSERT INTO member_sessions (` + memberSessionValues + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`

	memberSessionByHash = `
SELECT ` + memberSessionValues + ` FROM member_sessions WHERE hash = $1`

	memberSessionsOf = `
SELECT ` + memberSessionValues + ` FROM member_sessions WHERE member = $1 ORDER BY seen DESC, id`

	touchMemberSession = `
UPDATE member_sessions SET seen = $2, address = $3, agent = $4 WHERE id = $1`

	deleteMemberSession = `
DELETE FROM member_sessions WHERE hash = $1`

	deleteMemberSessionsOf = `
DELETE FROM member_sessions WHERE member = $1 AND id <> $2`

	moveMemberSessions = `
UPDATE member_sessions SET member = $2 WHERE member = $1`

	deleteOldMemberSessions = `
DELETE FROM member_sessions WHERE expires <= $1 OR seen <= $2`
)

// AddMemberSession keeps a new session, instead of one with another hash that the
// browser had, and forgets those that ended before now or were not used since idle.
func (s *Store) AddMemberSession(ctx context.Context, x *MemberSession, instead []byte, now, idle calendar.Instant) error {
	return wrong("session of a member", s.write(ctx, func(l link) error {
		if _, err := l.exec(ctx, deleteOldMemberSessions, int64(now), int64(idle)); err != nil {
			return err
		}
		if _, err := l.exec(ctx, deleteMemberSession, present(instead)); err != nil {
			return err
		}
		_, err := l.exec(ctx, insertMemberSession, x.ID, present(x.Hash), int64(x.Member), x.Method, x.Address, x.Agent, int64(x.Created), int64(x.Seen), int64(x.Expires))
		return err
	}))
}

// MemberSession gives the session of a token's hash, whether it is still good or not;
// [ErrNotFound] if there is none.
func (s *Store) MemberSession(ctx context.Context, hash []byte) (MemberSession, error) {
	return first(readAll(ctx, s, memberSessionByHash, []any{present(hash)}, scanMemberSession))
}

// MemberSessions gives those of a member, the last used first.
func (s *Store) MemberSessions(ctx context.Context, member ledger.MemberID) ([]MemberSession, error) {
	return readAll(ctx, s, memberSessionsOf, []any{int64(member)}, scanMemberSession)
}

// TouchMemberSession notes when and from where a session was used.
func (s *Store) TouchMemberSession(ctx context.Context, id string, at calendar.Instant, address, agent string) error {
	return wrong("session of a member", s.run(ctx, touchMemberSession, id, int64(at), address, agent))
}

// EndMemberSession ends the session of a token's hash; one that has ended is no error.
func (s *Store) EndMemberSession(ctx context.Context, hash []byte) error {
	return wrong("session of a member", s.run(ctx, deleteMemberSession, present(hash)))
}

// EndMemberSessions ends all of a member but one; an empty id spares none.
func (s *Store) EndMemberSessions(ctx context.Context, member ledger.MemberID, but string) error {
	return wrong("sessions of a member", s.run(ctx, deleteMemberSessionsOf, int64(member), but))
}

func scanMemberSession(r row) (MemberSession, error) {
	var x MemberSession
	var member, created, seen, expires int64
	err := r.Scan(&x.ID, &x.Hash, &member, &x.Method, &x.Address, &x.Agent, &created, &seen, &expires)
	x.Member, x.Created, x.Seen, x.Expires = ledger.MemberID(member), calendar.Instant(created), calendar.Instant(seen), calendar.Instant(expires)
	return x, err
}
