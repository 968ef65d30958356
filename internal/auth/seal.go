package auth

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// Errors of sealed secrets.
var (
	// ErrSealKey tells that a secret was sealed by a key that is not there.
	ErrSealKey = errors.New("the secret was sealed by another key")
	// ErrSealBroken tells that what is kept is not what was sealed, or belongs elsewhere.
	ErrSealBroken = errors.New("the sealed secret was changed, or belongs to another row")
)

// sealMark begins what is sealed. No secret of Premia's begins so: they are base 32, or
// have 32 bytes, and what is sealed has more.
var sealMark = []byte("\x00PS1")

const (
	sealKeyBytes = 32
	sealIDBytes  = 8
)

// Seal keeps secrets that have to be read again, by AES-256-GCM: the first of its keys
// seals, and each of them opens. What is sealed names its key, and is bound to the row
// that it is for. It may be used by several goroutines.
type Seal struct{ keys []sealKey }

type sealKey struct {
	id   []byte
	aead cipher.AEAD
}

// NewSeal makes a seal of keys of 32 bytes each, of which there is one at least.
func NewSeal(keys ...[]byte) (*Seal, error) {
	s := &Seal{}
	for _, key := range keys {
		if len(key) != sealKeyBytes {
			return nil, fmt.Errorf("a key has %d bytes, and this one %d", sealKeyBytes, len(key))
		}
		id, err := hkdf.Key(sha256.New, key, nil, "premia secrets: id", sealIDBytes)
		if err != nil {
			return nil, err
		}
		derived, err := hkdf.Key(sha256.New, key, nil, "premia secrets: AES-256-GCM", sealKeyBytes)
		if err != nil {
			return nil, err
		}
		block, err := aes.NewCipher(derived)
		if err != nil {
			return nil, err
		}
		aead, err := cipher.NewGCMWithRandomNonce(block)
		if err != nil {
			return nil, err
		}
		s.keys = append(s.keys, sealKey{id, aead})
	}
	if len(s.keys) == 0 {
		return nil, errors.New("there is no key")
	}
	return s, nil
}

// NewSealKey makes a key as it is written: 32 random bytes in base 64.
func NewSealKey() string {
	key := make([]byte, sealKeyBytes)
	rand.Read(key) // never fails
	return base64.StdEncoding.EncodeToString(key)
}

// ParseSealKeys reads keys that stand on lines or between commas; what follows # is a
// remark.
func ParseSealKeys(written string) (keys [][]byte, err error) {
	for line := range strings.Lines(written) {
		line, _, _ = strings.Cut(line, "#")
		for _, one := range strings.FieldsFunc(line, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' || r == '\r' || r == '\t' }) {
			key, err := base64.StdEncoding.DecodeString(one)
			if err != nil || len(key) != sealKeyBytes {
				return nil, fmt.Errorf("a key is %d bytes in base 64, as openssl rand -base64 %d writes it", sealKeyBytes, sealKeyBytes)
			}
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return nil, errors.New("there is no key in it")
	}
	return keys, nil
}

// ID names the key that seals: 16 hexadecimal digits, from which the key can't be told.
func (s *Seal) ID() string { return hex.EncodeToString(s.keys[0].id) }

// Knows tells whether one of the keys has the id.
func (s *Seal) Knows(id string) bool {
	for i := range s.keys {
		if hex.EncodeToString(s.keys[i].id) == id {
			return true
		}
	}
	return false
}

// Seal seals a secret for a row.
func (s *Seal) Seal(row string, secret []byte) []byte {
	key := s.keys[0]
	return key.aead.Seal(append(bytes.Clone(sealMark), key.id...), nil, secret, []byte(row))
}

// SealedBy gives the id of the key that sealed what is kept; ok is false if nothing did.
func SealedBy(kept []byte) (id string, ok bool) {
	if len(kept) <= len(sealMark)+sealIDBytes || !bytes.HasPrefix(kept, sealMark) {
		return "", false
	}
	return hex.EncodeToString(kept[len(sealMark) : len(sealMark)+sealIDBytes]), true
}

// Open opens what was sealed for a row. The error is ErrSealKey or ErrSealBroken.
func (s *Seal) Open(row string, kept []byte) ([]byte, error) {
	id, ok := SealedBy(kept)
	if !ok {
		return nil, ErrSealBroken
	}
	for i := range s.keys {
		if hex.EncodeToString(s.keys[i].id) != id {
			continue
		}
		secret, err := s.keys[i].aead.Open(nil, nil, kept[len(sealMark)+sealIDBytes:], []byte(row))
		if err != nil {
			return nil, ErrSealBroken
		}
		return secret, nil
	}
	return nil, ErrSealKey
}
