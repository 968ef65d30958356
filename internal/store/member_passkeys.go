package store

import (
	"context"

	"premia/internal/core/calendar"
	"premia/internal/core/ledger"
)

// MemberPasskey is a passkey by which a member signs in.
type MemberPasskey struct {
	// ID is that of the credential, in base 64 for addresses.
	ID string
	// Handle is what the device knows the member by.
	Handle string
	Member ledger.MemberID
	// Name is the member's own, such as "my phone".
	Name string
	// Record is the public key with what else is known of it, and Counter that of its
	// signatures.
	Record            []byte
	Counter           int64
	Created, LastUsed calendar.Instant
}

const (
	memberPasskeyValues = `id, handle, member, name, record, counter, created, last_used`

	// What one member has is never given to another.
	insertMemberPasskey = `
INSERT INTO member_passkeys (` + memberPasskeyValues + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`

	memberPasskeyByID = `
SELECT ` + memberPasskeyValues + ` FROM member_passkeys WHERE id = $1`

	memberPasskeysOf = `
SELECT ` + memberPasskeyValues + ` FROM member_passkeys WHERE member = $1 ORDER BY created, id`

	listMemberPasskeys = `
SELECT ` + memberPasskeyValues + ` FROM member_passkeys ORDER BY id`

	touchMemberPasskey = `
UPDATE member_passkeys SET record = $2, counter = $3, last_used = $4 WHERE id = $1`

	deleteMemberPasskey = `
DELETE FROM member_passkeys WHERE id = $1 AND member = $2`

	deleteMemberPasskeysOf = `
DELETE FROM member_passkeys WHERE member = $1`

	moveMemberPasskeys = `
UPDATE member_passkeys SET member = $2 WHERE member = $1`
)

// AddMemberPasskey keeps a new passkey. The error wraps [ErrExists] if somebody has it.
func (tx *Tx) AddMemberPasskey(ctx context.Context, k *MemberPasskey) error {
	_, err := tx.link.exec(ctx, insertMemberPasskey, k.ID, k.Handle, int64(k.Member), k.Name, present(k.Record), k.Counter, int64(k.Created), optional(k.LastUsed, calendar.None))
	if isDuplicate(err) {
		err = ErrExists
	}
	return wrong("passkey of a member", err)
}

// MemberPasskey gives the passkey of a credential's id, whoever has it; [ErrNotFound] if
// nobody does.
func (s *Store) MemberPasskey(ctx context.Context, id string) (MemberPasskey, error) {
	return first(readAll(ctx, s, memberPasskeyByID, []any{id}, scanMemberPasskey))
}

// MemberPasskeys gives those of a member, the oldest first.
func (s *Store) MemberPasskeys(ctx context.Context, member ledger.MemberID) ([]MemberPasskey, error) {
	return readAll(ctx, s, memberPasskeysOf, []any{int64(member)}, scanMemberPasskey)
}

// AllMemberPasskeys gives those of all members.
func (s *Store) AllMemberPasskeys(ctx context.Context) ([]MemberPasskey, error) {
	return readAll(ctx, s, listMemberPasskeys, nil, scanMemberPasskey)
}

// TouchMemberPasskey keeps what the use of a passkey made of it; one that was removed
// meanwhile stays so.
func (s *Store) TouchMemberPasskey(ctx context.Context, k *MemberPasskey) error {
	return wrong("passkey of a member", s.run(ctx, touchMemberPasskey, k.ID, present(k.Record), k.Counter, int64(k.LastUsed)))
}

// DeleteMemberPasskey takes one from its member; [ErrNotFound] if the member has none
// such.
func (tx *Tx) DeleteMemberPasskey(ctx context.Context, member ledger.MemberID, id string) error {
	return tx.one(ctx, "passkey of a member", deleteMemberPasskey, id, int64(member))
}

// ForgetAccess ends the sessions of a member and takes away the passkeys.
func (s *Store) ForgetAccess(ctx context.Context, member ledger.MemberID) error {
	return wrong("what a member signs in by", s.write(ctx, func(l link) error {
		if _, err := l.exec(ctx, deleteMemberPasskeysOf, int64(member)); err != nil {
			return err
		}
		_, err := l.exec(ctx, deleteMemberSessionsOf, int64(member), "")
		return err
	}))
}

// MoveAccess gives the sessions and passkeys of a member to another, who answers for
// them now.
func (s *Store) MoveAccess(ctx context.Context, from, to ledger.MemberID) error {
	return wrong("what a member signs in by", s.write(ctx, func(l link) error {
		for _, statement := range []string{moveMemberPasskeys, moveMemberSessions} {
			if _, err := l.exec(ctx, statement, int64(from), int64(to)); err != nil {
				return err
			}
		}
		return nil
	}))
}

func scanMemberPasskey(r row) (MemberPasskey, error) {
	var k MemberPasskey
	var member, created int64
	var used *int64
	err := r.Scan(&k.ID, &k.Handle, &member, &k.Name, &k.Record, &k.Counter, &created, &used)
	k.Member, k.Created, k.LastUsed = ledger.MemberID(member), calendar.Instant(created), orNone(used, calendar.None)
	return k, err
}
