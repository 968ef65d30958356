// Package auth is who may do what: the roles of users with the table of what each
// may, the proofs of who somebody is (passwords, time-based codes, recovery codes,
// passkeys, accounts at an identity provider), and the keys of the API, which may do
// what their scopes say until they expire or are revoked. It decides nothing about
// users and sessions; package app does, and keeps them.
//
// Tokens and keys are made at random, shown once and kept as hashes. A key has 256
// random bits, so a plain SHA-256 of it can't be guessed back and needs no salt. What
// always holds: the key itself is in no database, log or error; a key that is revoked
// stops within [Remembered], on every server.
package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"premia/internal/core/calendar"
	"premia/internal/core/text"
	"premia/internal/store"
)

// KeyPrefix begins every key, so that leaked ones can be searched for.
const KeyPrefix = "pk_"

const (
	keyBytes = 32
	maxName  = 120
	// Remembered is how long a key that was looked up is taken as it was.
	Remembered = 5 * time.Second
	// touchEvery is how coarse the moment of last use is.
	touchEvery = calendar.Hour
	// maxRemembered bounds the memory of keys.
	maxRemembered = 10_000
)

// letters are those of base 32, small, without padding.
var letters = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// Errors of checking a key.
var (
	ErrNoKey   error = text.Sentence("there is no such API key")
	ErrExpired error = text.Sentence("the API key has expired")
	ErrRevoked error = text.Sentence("the API key was revoked")
)

// InvalidKey says what can't be so of a key that is to be made.
type InvalidKey struct{ Field, why string }

// Error says what is wrong.
func (e *InvalidKey) Error() string { return e.why }

// Key is an API key as it is kept.
type Key struct {
	ID   string
	Name string
	// Scopes is what it may do.
	Scopes Scopes
	// Expires, Revoked and LastUsed are calendar.None where there is no such
	// instant. LastUsed is up to an hour behind.
	Created, Expires, Revoked, LastUsed calendar.Instant
}

// Create makes a key and gives its secret, which nobody can learn again.
// Expires may be calendar.None. Rows of the audit trail are kept with it; their target
// becomes the key's id.
func Create(ctx context.Context, s *store.Store, name string, scopes Scopes, expires, now calendar.Instant, audit ...store.Audit) (secret string, k Key, err error) {
	name = strings.TrimSpace(name)
	switch {
	case name == "" || len([]rune(name)) > maxName:
		return "", Key{}, &InvalidKey{"name", fmt.Sprintf("a key needs a name of at most %d characters, such as \"web shop\"", maxName)}
	case len(scopes) == 0:
		return "", Key{}, &InvalidKey{"scopes", "a key needs a scope"}
	case expires != calendar.None && expires <= now:
		return "", Key{}, &InvalidKey{"expires", fmt.Sprintf("the key would have expired already, at %s", expires)}
	}
	random := make([]byte, keyBytes+10)
	rand.Read(random) // never fails: it ends the program rather
	secret = KeyPrefix + letters.EncodeToString(random[:keyBytes])
	k = Key{ID: "key_" + letters.EncodeToString(random[keyBytes:]), Name: name, Scopes: scopes, Created: now, Expires: expires}
	hash := sha256.Sum256([]byte(secret))
	for i := range audit {
		audit[i].Target = k.ID
	}
	err = s.CreateAPIKey(ctx, store.APIKey{ID: k.ID, Name: k.Name, Hash: hash[:], Scopes: scopes.String(), Created: now, Expires: expires}, audit...)
	if err != nil {
		return "", Key{}, err
	}
	return secret, k, nil
}

// List gives all keys, revoked and expired ones too, the oldest first.
func List(ctx context.Context, s *store.Store) ([]Key, error) {
	rows, err := s.APIKeys(ctx)
	if err != nil {
		return nil, err
	}
	keys := make([]Key, len(rows))
	for i := range rows {
		keys[i] = keyOf(&rows[i])
	}
	return keys, nil
}

// Revoke ends a key for good. The error is ErrNoKey if there is none.
func Revoke(ctx context.Context, s *store.Store, id string, now calendar.Instant, audit ...store.Audit) error {
	err := s.RevokeAPIKey(ctx, id, now, audit...)
	if errors.Is(err, store.ErrNotFound) {
		return ErrNoKey
	}
	return err
}

func keyOf(row *store.APIKey) Key {
	k := Key{ID: row.ID, Name: row.Name, Created: row.Created, Expires: row.Expires, Revoked: row.Revoked, LastUsed: row.LastUsed}
	for _, scope := range strings.Fields(row.Scopes) {
		k.Scopes = append(k.Scopes, Scope(scope))
	}
	return k
}

// Err tells why a key is not good at the instant; nil if it is.
func (k *Key) Err(now calendar.Instant) error {
	switch {
	case k.Revoked != calendar.None && k.Revoked <= now:
		return ErrRevoked
	case k.Expires != calendar.None && k.Expires <= now:
		return ErrExpired
	}
	return nil
}

// Keeper checks keys. It may be used by several goroutines.
type Keeper struct {
	store *store.Store
	clock func() time.Time

	mu    sync.Mutex
	known map[[sha256.Size]byte]remembered
}

type remembered struct {
	key  Key
	read time.Time
}

// NewKeeper makes a keeper; clock tells the time.
func NewKeeper(s *store.Store, clock func() time.Time) *Keeper {
	return &Keeper{store: s, clock: clock, known: make(map[[sha256.Size]byte]remembered)}
}

// Check gives the key of a secret if it is good now. The error is ErrNoKey,
// ErrExpired, ErrRevoked, or the database's.
func (k *Keeper) Check(ctx context.Context, secret string) (Key, error) {
	if len(secret) > 2*len(KeyPrefix)+2*keyBytes || !strings.HasPrefix(secret, KeyPrefix) {
		return Key{}, ErrNoKey
	}
	hash := sha256.Sum256([]byte(secret))
	key, err := k.find(ctx, hash)
	if err != nil {
		return Key{}, err
	}
	return key, key.Err(calendar.Of(k.clock()))
}

func (k *Keeper) find(ctx context.Context, hash [sha256.Size]byte) (Key, error) {
	now := k.clock()
	k.mu.Lock()
	found, ok := k.known[hash]
	k.mu.Unlock()
	if age := now.Sub(found.read); ok && age >= 0 && age < Remembered {
		return found.key, nil
	}
	row, err := k.store.APIKeyByHash(ctx, hash[:])
	switch {
	case errors.Is(err, store.ErrNotFound), err == nil && subtle.ConstantTimeCompare(row.Hash, hash[:]) != 1:
		return Key{}, ErrNoKey
	case err != nil:
		return Key{}, err
	}
	key := keyOf(&row)
	if at := calendar.Of(now); key.Err(at) == nil && (key.LastUsed == calendar.None || at-key.LastUsed >= touchEvery) {
		// That it can't be noted is no reason to refuse the key.
		if k.store.TouchAPIKey(ctx, key.ID, at) == nil {
			key.LastUsed = at
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.known) >= maxRemembered {
		clear(k.known)
	}
	k.known[hash] = remembered{key, now}
	return key, nil
}
