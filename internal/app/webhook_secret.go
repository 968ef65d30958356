package app

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"

	"premia/internal/core/calendar"
	"premia/internal/store"
)

// A secret must sign, so that it can't be kept as a hash. It is sealed (AES-256-GCM)
// with a key derived from the workspace's secret and bound to its endpoint: who has the
// table of endpoints alone, or puts one row's secret into another, has nothing. Where
// there is a key outside the database, that seals it once more.

// secretPrefix begins written secrets, as Standard Webhooks has them.
const secretPrefix = "whsec_"

// newSecret makes a secret of 32 random bytes, sealed in the endpoint.
func (a *App) newSecret(e *store.Endpoint) (written string, err error) {
	secret := make([]byte, 32)
	rand.Read(secret) // never fails: it ends the program rather
	seal, err := a.seal()
	if err != nil {
		return "", err
	}
	nonce := make([]byte, seal.NonceSize())
	rand.Read(nonce)
	e.Secret, err = a.sealed(endpointRow(e.ID), seal.Seal(nonce, nonce, secret, []byte(e.ID)))
	return secretPrefix + base64.StdEncoding.EncodeToString(secret), err
}

func (a *App) seal() (cipher.AEAD, error) {
	key, err := a.Journal.Subkey("webhook secrets")
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// unseal gives a secret of the endpoint as it is written.
func (a *App) unseal(e *store.Endpoint, sealed []byte) (string, error) {
	secret, err := a.open(e, sealed)
	return secretPrefix + base64.StdEncoding.EncodeToString(secret), err
}

var errSealed = errors.New("it was sealed with the secret of another workspace")

func (a *App) open(e *store.Endpoint, sealed []byte) ([]byte, error) {
	seal, err := a.seal()
	if err == nil {
		sealed, err = a.opened(endpointRow(e.ID), sealed)
	}
	if err != nil {
		return nil, err
	}
	if len(sealed) < seal.NonceSize() {
		return nil, fmt.Errorf("the secret of %s: %w", e.ID, errSealed)
	}
	nonce, rest := sealed[:seal.NonceSize()], sealed[seal.NonceSize():]
	secret, err := seal.Open(nil, nonce, rest, []byte(e.ID))
	if err != nil {
		return nil, fmt.Errorf("the secret of %s: %w", e.ID, errSealed)
	}
	return secret, nil
}

// SecretsOf gives the secrets that sign messages to an endpoint at an instant, the
// newest first.
func (a *App) SecretsOf(e *store.Endpoint, at calendar.Instant) ([][]byte, error) {
	secret, err := a.open(e, e.Secret)
	if err != nil {
		return nil, err
	}
	if e.OldUntil == calendar.None || at >= e.OldUntil {
		return [][]byte{secret}, nil
	}
	old, err := a.open(e, e.OldSecret)
	if err != nil {
		return nil, err
	}
	return [][]byte{secret, old}, nil
}
