package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"premia/internal/core/text"
)

// The bounds of passwords, in characters. Length counts and nothing else, as NIST SP
// 800-63B and OWASP ASVS 2.1 ask.
const (
	MinPassword = 12
	MaxPassword = 128
)

// Errors of new passwords.
var (
	ErrPasswordShort error = text.Say("a password has at least {Count} characters; several words are good", MinPassword)
	ErrPasswordLong  error = text.Say("a password has at most {Count} characters", MaxPassword)
	errNotAHash            = errors.New("what is kept of the password is no argon2id hash")
)

// cost is what one hash takes.
type cost struct {
	memory, time uint32 // memory in KiB
	threads      uint8
}

// hashCost is that of new hashes: the first choice of the OWASP Password Storage Cheat
// Sheet but for time, of which it takes half as much again.
var hashCost = cost{memory: 19 << 10, time: 3, threads: 1}

// The bounds of costs that stored hashes may ask for, so that a tampered row can't
// take the machine's memory.
const (
	maxMemory = 256 << 10
	maxTime   = 16
	saltBytes = 16
	hashBytes = 32
)

// Hasher hashes passwords, a few at a time, so that a crowd of attempts can't take all
// memory. It may be used by several goroutines.
type Hasher struct {
	cost  cost
	slots chan struct{}
	// nobody is a hash that no password has, for accounts that there are not.
	nobody string
}

// atOnce is how many passwords are hashed at the same time.
const atOnce = 4

// NewHasher makes a hasher.
func NewHasher() *Hasher {
	h := &Hasher{cost: hashCost, slots: make(chan struct{}, atOnce)}
	salt, sum := make([]byte, saltBytes), make([]byte, hashBytes)
	rand.Read(salt)
	rand.Read(sum)
	h.nobody = encodeHash(h.cost, salt, sum)
	return h
}

// CheckNewPassword tells whether a password may be chosen: ErrPasswordShort or
// ErrPasswordLong if not.
func CheckNewPassword(password string) error {
	switch n := utf8.RuneCountInString(norm.NFKC.String(password)); {
	case n < MinPassword:
		return ErrPasswordShort
	case n > MaxPassword:
		return ErrPasswordLong
	}
	return nil
}

// Hash gives what is kept of a password: its argon2id hash with the salt and the cost,
// in the PHC string format.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	if err := CheckNewPassword(password); err != nil {
		return "", err
	}
	salt := make([]byte, saltBytes)
	rand.Read(salt)
	sum, err := h.sum(ctx, password, h.cost, salt)
	return encodeHash(h.cost, salt, sum), err
}

// Check tells whether the password is the one of the hash, and whether it should be
// hashed anew because hashes cost more now. An empty hash is nobody's: no password is
// right, and finding that out takes as long.
func (h *Hasher) Check(ctx context.Context, hash, password string) (right, outdated bool, err error) {
	there := hash != ""
	if !there {
		hash = h.nobody
	}
	c, salt, want, err := decodeHash(hash)
	if err != nil {
		return false, false, err
	}
	if len(password) > 4*MaxPassword {
		password = password[:4*MaxPassword] // longer than any: it is wrong, and costs no more
	}
	got, err := h.sum(ctx, password, c, salt)
	if err != nil {
		return false, false, err
	}
	right = subtle.ConstantTimeCompare(got, want) == 1 && there
	return right, right && (c.memory < h.cost.memory || c.time < h.cost.time), nil
}

// sum hashes when there is a place for it. The same password is the same however the
// keyboard composes its characters.
func (h *Hasher) sum(ctx context.Context, password string, c cost, salt []byte) ([]byte, error) {
	select {
	case h.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-h.slots }()
	return argon2.IDKey([]byte(norm.NFKC.String(password)), salt, c.time, c.memory, c.threads, hashBytes), nil
}

func encodeHash(c cost, salt, sum []byte) string {
	encode := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.memory, c.time, c.threads, encode(salt), encode(sum))
}

func decodeHash(hash string) (c cost, salt, sum []byte, err error) {
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return c, nil, nil, errNotAHash
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.memory, &c.time, &c.threads); err != nil {
		return c, nil, nil, errNotAHash
	}
	salt, saltErr := base64.RawStdEncoding.DecodeString(parts[4])
	sum, sumErr := base64.RawStdEncoding.DecodeString(parts[5])
	if saltErr != nil || sumErr != nil || len(sum) != hashBytes || c.memory > maxMemory || c.time > maxTime || c.time == 0 || c.threads == 0 {
		return c, nil, nil, errNotAHash
	}
	return c, salt, sum, nil
}
