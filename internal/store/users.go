package store

import (
	"context"

	"premia/internal/core/calendar"
)

// User is somebody of the business.
type User struct {
	ID string
	// Email is in its normal form, and nobody else's.
	Email, Name, Role, Language string
	Created                     calendar.Instant
	// Disabled is calendar.None of users who may sign in.
	Disabled calendar.Instant
}

// The kinds of credentials.
const (
	PasswordCredential = "password"
	CodeCredential     = "code"     // a secret of time-based codes
	RecoveryCredential = "recovery" // a recovery code, as a hash
	PasskeyCredential  = "passkey"
	ProviderCredential = "provider" // an account at an identity provider
	PINCredential      = "pin"      // what a cashier types at the till
)

// Credential is something that a user proves who they are by.
type Credential struct {
	ID, User, Kind, Name string
	Secret               []byte
	// Counter says how far it was used: the step of the last code, the signature
	// counter of a passkey, 1 of a recovery code that is used up.
	Counter           int64
	Created, LastUsed calendar.Instant
}

const (
	userValues = `id, email, name, role, language, created, disabled`

	insertUser = `
INSERT INTO users (` + userValues + `) VALUES ($1, $2, $3, $4, $5, $6, $7)`

	listUsers = `
SELECT ` + userValues + ` FROM users ORDER BY created, id`

	userByID = `
SELECT ` + userValues + ` FROM users WHERE id = $1`

	userByEmail = `
SELECT ` + userValues + ` FROM users WHERE email = $1`

	putUser = `
UPDATE users SET email = $2, name = $3, role = $4, language = $5, disabled = $6 WHERE id = $1`

	credentialValues = `id, user_id, kind, name, secret, counter, created, last_used`

	// What one user has is never given to another.
	putCredential = `
INSERT INTO credentials (` + credentialValues + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (id) DO UPDATE SET name = excluded.name, secret = excluded.secret, counter = excluded.counter, created = excluded.created, last_used = excluded.last_used
WHERE credentials.user_id = excluded.user_id AND credentials.kind = excluded.kind`

	credentialsOf = `
SELECT ` + credentialValues + ` FROM credentials WHERE user_id = $1 ORDER BY kind, created, id`

	credentialByID = `
SELECT ` + credentialValues + ` FROM credentials WHERE id = $1`

	listCredentials = `
SELECT ` + credentialValues + ` FROM credentials ORDER BY user_id, kind, id`

	// Only who comes with a higher counter has used it for the first time.
	useCredential = `
UPDATE credentials SET counter = $2, last_used = $3 WHERE id = $1 AND counter < $2`

	touchCredential = `
UPDATE credentials SET counter = $2, secret = $3, last_used = $4 WHERE id = $1`

	deleteCredential = `
DELETE FROM credentials WHERE id = $1 AND user_id = $2`

	deleteCredentials = `
DELETE FROM credentials WHERE user_id = $1 AND kind = $2`

	deleteCredentialsOf = `
DELETE FROM credentials WHERE user_id = $1`

	deleteAllTokensOf = `
DELETE FROM tokens WHERE user_id = $1`

	// One that was open ends: a link without an address is that of the first owner.
	eraseInvitations = `
UPDATE invitations SET email = '', name = '', ended = coalesce(ended, $3) WHERE email = $2 OR user_id = $1`

	eraseMessagesTo = `
UPDATE outbox SET recipient = '', subject = '', body = '', error = '', sent = coalesce(sent, $2) WHERE recipient = $1`
)

// Users gives all users, the oldest first.
func (s *Store) Users(ctx context.Context) ([]User, error) {
	return readAll(ctx, s, listUsers, nil, scanUser)
}

// User gives a user; [ErrNotFound] if there is none.
func (s *Store) User(ctx context.Context, id string) (User, error) {
	return first(readAll(ctx, s, userByID, []any{id}, scanUser))
}

// UserByEmail gives the user with the address in its normal form; [ErrNotFound] if
// there is none.
func (s *Store) UserByEmail(ctx context.Context, email string) (User, error) {
	return first(readAll(ctx, s, userByEmail, []any{email}, scanUser))
}

// Users gives all users, the oldest first.
func (tx *Tx) Users(ctx context.Context) ([]User, error) {
	return txAll(ctx, tx, listUsers, nil, scanUser)
}

// AddUser keeps a new user. The error wraps [ErrExists] if somebody has the address.
func (tx *Tx) AddUser(ctx context.Context, u *User) error {
	_, err := tx.link.exec(ctx, insertUser, u.ID, u.Email, u.Name, u.Role, u.Language, int64(u.Created), optional(u.Disabled, calendar.None))
	if isDuplicate(err) {
		err = ErrExists
	}
	return wrong("user", err)
}

// PutUser changes all of a user but when they came.
func (tx *Tx) PutUser(ctx context.Context, u *User) error {
	return tx.one(ctx, "user", putUser, u.ID, u.Email, u.Name, u.Role, u.Language, optional(u.Disabled, calendar.None))
}

// EraseUser forgets all of a user but the id, the role and when they came: the id stands
// for the address, and nobody can sign in as them.
func (tx *Tx) EraseUser(ctx context.Context, u *User, at calendar.Instant) error {
	for _, one := range []struct {
		statement string
		values    []any
	}{
		{deleteCredentialsOf, []any{u.ID}},
		{deleteAllTokensOf, []any{u.ID}},
		{eraseInvitations, []any{u.ID, u.Email, int64(at)}},
		{eraseMessagesTo, []any{u.Email, int64(at)}},
	} {
		if err := tx.run(ctx, "user", one.statement, one.values...); err != nil {
			return err
		}
	}
	if err := tx.EndSessions(ctx, u.ID, ""); err != nil {
		return err
	}
	return tx.PutUser(ctx, &User{ID: u.ID, Email: u.ID, Role: u.Role, Created: u.Created, Disabled: at})
}

func scanUser(r row) (User, error) {
	var u User
	var created int64
	var disabled *int64
	err := r.Scan(&u.ID, &u.Email, &u.Name, &u.Role, &u.Language, &created, &disabled)
	u.Created, u.Disabled = calendar.Instant(created), orNone(disabled, calendar.None)
	return u, err
}

// Credentials gives what a user has, by kind, the oldest first.
func (s *Store) Credentials(ctx context.Context, user string) ([]Credential, error) {
	return readAll(ctx, s, credentialsOf, []any{user}, scanCredential)
}

// Credentials gives what a user has, by kind, the oldest first.
func (tx *Tx) Credentials(ctx context.Context, user string) ([]Credential, error) {
	return txAll(ctx, tx, credentialsOf, []any{user}, scanCredential)
}

// Credential gives one of anybody's; [ErrNotFound] if there is none.
func (s *Store) Credential(ctx context.Context, id string) (Credential, error) {
	return first(readAll(ctx, s, credentialByID, []any{id}, scanCredential))
}

// AllCredentials gives those of all users.
func (s *Store) AllCredentials(ctx context.Context) ([]Credential, error) {
	return readAll(ctx, s, listCredentials, nil, scanCredential)
}

// PutCredential keeps a credential, in the place of the one with its id. The error is
// [ErrNotFound] if that one is of another user.
func (tx *Tx) PutCredential(ctx context.Context, c *Credential) error {
	return tx.one(ctx, "credential", putCredential, c.ID, c.User, c.Kind, c.Name, present(c.Secret), c.Counter, int64(c.Created), optional(c.LastUsed, calendar.None))
}

// UseCredential raises a counter, and tells whether it was lower: of several who come
// with the same, one is first.
func (s *Store) UseCredential(ctx context.Context, id string, counter int64, at calendar.Instant) (first bool, err error) {
	err = s.write(ctx, func(l link) error {
		n, err := l.exec(ctx, useCredential, id, counter, int64(at))
		first = n > 0
		return err
	})
	return first, wrong("credential", err)
}

// TouchCredential keeps what the use of a credential made of it.
func (s *Store) TouchCredential(ctx context.Context, c *Credential) error {
	return wrong("credential", s.run(ctx, touchCredential, c.ID, c.Counter, present(c.Secret), int64(c.LastUsed)))
}

// DeleteCredential takes one from its user; [ErrNotFound] if the user has none such.
func (tx *Tx) DeleteCredential(ctx context.Context, user, id string) error {
	return tx.one(ctx, "credential", deleteCredential, id, user)
}

// DeleteCredentials takes all of a kind from a user.
func (tx *Tx) DeleteCredentials(ctx context.Context, user, kind string) error {
	return tx.run(ctx, "credentials", deleteCredentials, user, kind)
}

func scanCredential(r row) (Credential, error) {
	var c Credential
	var created int64
	var used *int64
	err := r.Scan(&c.ID, &c.User, &c.Kind, &c.Name, &c.Secret, &c.Counter, &created, &used)
	c.Created, c.LastUsed = calendar.Instant(created), orNone(used, calendar.None)
	return c, err
}
