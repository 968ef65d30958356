package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"premia/internal/auth"
	"premia/internal/store"
)

// Some secrets have to be read again: those of time-based codes, those by which webhooks
// are signed, and the shop's key. They are sealed by a key that is not in the database,
// so that a copy of the database, such as a backup, is not enough to have them. Where
// there is no key outside, as on PostgreSQL that was given none, they stay as they are.

// CodeSecretsKey says that secrets can't be read or kept, because their key is not there.
const CodeSecretsKey = "secrets_key"

// secretsSetting names the key that seals; a database without it has nothing sealed.
const secretsSetting = "secrets.key"

// SecretsConfig says where the key is by which secrets are sealed.
type SecretsConfig struct {
	// Keys are written keys, the first of which seals; File has them, and is not looked at
	// where Keys are given. An empty File is, of a SQLite database, the one beside it.
	Keys, File string
	// Create makes a file with a new key where there is none and nothing is sealed yet.
	Create bool
}

// KeyFileBeside gives the file of keys beside a SQLite database; empty for another.
func KeyFileBeside(db string) string {
	path, ok := strings.CutPrefix(db, "sqlite:")
	if !ok {
		return ""
	}
	return strings.TrimPrefix(path, "//") + ".secrets-key"
}

// secrets is what a workspace needs for its secrets.
type secrets struct {
	mu   sync.RWMutex
	seal *auth.Seal // nil where there is no key outside
	file string     // that the keys came from; empty for none
	text string     // the keys as they were given or read
	err  error      // why what is sealed can't be opened
}

// openSecrets finds the key, and seals what is not sealed by it. That it is not the right
// one keeps nobody from anything else: the error is the database's.
func (a *App) openSecrets(ctx context.Context, c SecretsConfig, db string) error {
	used, err := a.Store.Setting(ctx, secretsSetting)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	s := &a.secrets
	text := c.Keys
	if text == "" {
		if s.file = c.File; s.file == "" {
			s.file = KeyFileBeside(db)
		}
		if text, err = keyText(s.file, c.Create && len(used) == 0); err != nil {
			s.err = err
		}
	}
	if s.text = text; s.err == nil && text != "" {
		s.seal, s.err = sealOf(text)
	}
	switch {
	case s.err != nil:
	case s.seal == nil && len(used) > 0:
		s.err = fmt.Errorf("secrets are sealed by the key %s, and no key was given: put its file at %s, or name it by --secrets-key-file", used, firstOf(s.file, "a place of its own"))
	case s.seal != nil && len(used) > 0 && !s.seal.Knows(string(used)):
		s.err = fmt.Errorf("secrets are sealed by the key %s, and the one that was given is %s: give the right one by --secrets-key-file", used, s.seal.ID())
	case s.seal != nil:
		return a.reseal(ctx, string(used))
	}
	if s.err != nil {
		s.seal = nil
		s.err = fmt.Errorf("%w; if it is lost, premia secrets reset gives up what it sealed", s.err)
		a.Log.Error("codes of apps can't be checked, nor webhooks signed", "error", s.err)
	}
	return nil
}

// keyText reads a file of keys, or makes it with a new key; empty if there is none.
func keyText(file string, create bool) (string, error) {
	if file == "" {
		return "", nil
	}
	if create {
		made, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err == nil {
			_, err = fmt.Fprintf(made, "# The key of the secrets in the database. Keep a copy, and not with the backups.\n%s\n", auth.NewSealKey())
			err = errors.Join(err, made.Sync(), made.Close())
		}
		if err != nil && !errors.Is(err, fs.ErrExist) {
			return "", fmt.Errorf("the key of secrets can't be made: %w", err)
		}
	}
	src, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return string(src), err
}

func sealOf(text string) (*auth.Seal, error) {
	keys, err := auth.ParseSealKeys(text)
	if err != nil {
		return nil, fmt.Errorf("the key of secrets can't be read: %w", err)
	}
	return auth.NewSeal(keys...)
}

// SecretsErr tells why secrets can't be read; nil if they can.
func (a *App) SecretsErr() error {
	a.secrets.mu.RLock()
	defer a.secrets.mu.RUnlock()
	return a.secrets.err
}

// SecretsKey names the key that seals; empty where none does.
func (a *App) SecretsKey() string {
	a.secrets.mu.RLock()
	defer a.secrets.mu.RUnlock()
	if a.secrets.seal == nil {
		return ""
	}
	return a.secrets.seal.ID()
}

// Sealing tells whether secrets are sealed by a key outside the database.
func (a *App) Sealing() bool { return a.SecretsKey() != "" }

func secretsAway(cause error) error {
	p := problem(CodeSecretsKey, "", "the key of the workspace's secrets is not there, so that codes of apps can't be checked: use a recovery code or a passkey, and tell whoever runs the server")
	p.Cause = cause
	return p
}

// sealed seals a secret for a row; it stays as it is where there is no key outside.
func (a *App) sealed(row string, secret []byte) ([]byte, error) {
	a.newKeys("")
	a.secrets.mu.RLock()
	defer a.secrets.mu.RUnlock()
	switch s := &a.secrets; {
	case s.err != nil:
		return nil, secretsAway(s.err)
	case s.seal == nil:
		return secret, nil
	default:
		return s.seal.Seal(row, secret), nil
	}
}

// opened gives the secret of a row, sealed or not. The error is a *Problem with
// CodeSecretsKey where the key is not there, or what is kept is not what was sealed.
func (a *App) opened(row string, kept []byte) ([]byte, error) {
	by, ok := auth.SealedBy(kept)
	if !ok {
		return kept, nil
	}
	a.secrets.mu.RLock()
	seal, cause := a.secrets.seal, a.secrets.err
	a.secrets.mu.RUnlock()
	if seal != nil && !seal.Knows(by) {
		a.newKeys(by)
		seal = a.sealNow()
	}
	if seal == nil {
		return nil, secretsAway(cause)
	}
	secret, err := seal.Open(row, kept)
	if err != nil {
		return nil, secretsAway(fmt.Errorf("%s: %w", row, err))
	}
	return secret, nil
}

func (a *App) sealNow() *auth.Seal {
	a.secrets.mu.RLock()
	defer a.secrets.mu.RUnlock()
	return a.secrets.seal
}

// newKeys takes up keys that were put into the file since, as when they are rotated while
// the server runs: if the one that seals is still among them, or the one by which something
// was sealed. What can't be read changes nothing.
func (a *App) newKeys(by string) {
	s := &a.secrets
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file == "" || s.seal == nil {
		return
	}
	text, err := keyText(s.file, false)
	if err != nil || text == "" {
		return
	}
	if seal, err := sealOf(text); err == nil && (seal.Knows(s.seal.ID()) || by != "" && seal.Knows(by)) {
		s.seal = seal
	}
}

// The rows that secrets are bound to.
func credentialRow(id string) string { return "credential " + id }
func endpointRow(id string) string   { return "endpoint " + id }
func settingRow(key string) string   { return "setting " + key }
func stepRow(user string) string     { return "step " + user }

// reseal seals by the first key what is sealed by none, or by another one.
func (a *App) reseal(ctx context.Context, used string) error {
	seal := a.secrets.seal
	count := 0
	again := func(row string, kept []byte) ([]byte, error) {
		if by, ok := auth.SealedBy(kept); len(kept) == 0 || ok && by == seal.ID() {
			return kept, nil
		}
		secret, err := a.opened(row, kept)
		if err != nil {
			a.Log.Error("a secret can't be opened", "of", row, "error", err)
			return kept, nil // the others are none the less to be sealed
		}
		count++
		return seal.Seal(row, secret), nil
	}
	write, err := a.resealing(ctx, again)
	if err != nil || count == 0 && used == seal.ID() {
		return err
	}
	row := a.audited(ctx, "secrets.sealed", seal.ID(), "secrets", int64(count))
	return a.change(ctx, row, func(tx *store.Tx) error {
		if err := write(tx); err != nil {
			return err
		}
		return tx.SetSetting(ctx, secretsSetting, []byte(seal.ID()))
	})
}

// resealing gives what writes all secrets as they are to be.
func (a *App) resealing(ctx context.Context, again func(row string, kept []byte) ([]byte, error)) (func(*store.Tx) error, error) {
	credentials, err := a.Store.AllCredentials(ctx)
	if err != nil {
		return nil, err
	}
	endpoints, err := a.Store.Endpoints(ctx, store.WebhookEndpoint)
	if err != nil {
		return nil, err
	}
	shop, err := a.Store.Setting(ctx, shopKeySetting)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	var writes []func(*store.Tx) error
	for i := range credentials {
		c := &credentials[i]
		if c.Kind != store.CodeCredential {
			continue
		}
		now, err := again(credentialRow(c.ID), c.Secret)
		if err != nil {
			return nil, err
		}
		writes = append(writes, func(tx *store.Tx) error { return tx.ResealCredential(ctx, c.ID, c.Secret, now) })
	}
	for i := range endpoints {
		e := &endpoints[i]
		secret, err := again(endpointRow(e.ID), e.Secret)
		if err != nil {
			return nil, err
		}
		old, err := again(endpointRow(e.ID), e.OldSecret)
		if err != nil {
			return nil, err
		}
		writes = append(writes, func(tx *store.Tx) error { return tx.ResealEndpoint(ctx, e, secret, old) })
	}
	if len(shop) > 0 {
		now, err := again(settingRow(shopKeySetting), shop)
		if err != nil {
			return nil, err
		}
		writes = append(writes, func(tx *store.Tx) error { return tx.ResealSetting(ctx, shopKeySetting, shop, now) })
	}
	return func(tx *store.Tx) error {
		for _, write := range writes {
			if err := write(tx); err != nil {
				return err
			}
		}
		return nil
	}, nil
}

// RotateSecrets makes a new key, which seals all secrets from now on, and puts it before
// the others into the file that they came from. Servers that use the same file take it up
// by themselves. Forget takes the old keys out of the file afterwards.
func (a *App) RotateSecrets(ctx context.Context, forget bool) (id string, err error) {
	s := &a.secrets
	if s.err != nil {
		return "", s.err
	}
	if s.file == "" || s.seal == nil {
		return "", errors.New("keys that come from no file are rotated by whoever gives them: write a new key before the old one, restart the servers, then take the old one away")
	}
	before, err := keyText(s.file, false)
	if err != nil {
		return "", err
	}
	fresh, used := auth.NewSealKey()+"\n", s.seal.ID()
	if err := replaceFile(s.file, fresh+before); err != nil {
		return "", err
	}
	if s.seal, err = sealOf(fresh + before); err != nil {
		return "", err
	}
	if err := a.reseal(ctx, used); err != nil || !forget {
		return s.seal.ID(), err
	}
	return s.seal.ID(), replaceFile(s.file, fresh)
}

// replaceFile writes a file of keys as a whole or not at all.
func replaceFile(file, text string) error {
	next, err := os.CreateTemp(filepath.Dir(file), ".premia-keys-*") // 0600
	if err != nil {
		return err
	}
	_, err = next.WriteString(text)
	if err = errors.Join(err, next.Sync(), next.Close()); err == nil {
		err = os.Rename(next.Name(), file)
	}
	if err != nil {
		return errors.Join(err, os.Remove(next.Name()))
	}
	return nil
}

// LostSecrets is what [App.ResetSecrets] gave up.
type LostSecrets struct {
	// Users have no codes of an app any more, Webhooks sign by a new secret, and Shop tells
	// that the shop's key is no more.
	Users, Webhooks int
	Shop            bool
}

// ResetSecrets gives up what was sealed by a key that is lost, and seals by a new one from
// now on: users whose codes are gone sign in by their password alone, webhooks get new
// secrets, which their receivers have to be told, and the shop has no key.
func (a *App) ResetSecrets(ctx context.Context) (lost LostSecrets, err error) {
	s := &a.secrets
	if s.err == nil {
		return lost, errors.New("nothing is lost: the key opens the workspace's secrets")
	}
	if s.seal, err = a.keyAfterLoss(); err != nil {
		return lost, err
	}
	s.err = nil
	gone := func(kept []byte) bool {
		by, ok := auth.SealedBy(kept)
		return ok && !s.seal.Knows(by)
	}
	credentials, err := a.Store.AllCredentials(ctx)
	if err != nil {
		return lost, err
	}
	endpoints, err := a.Store.Endpoints(ctx, store.WebhookEndpoint)
	if err != nil {
		return lost, err
	}
	shop, err := a.Store.Setting(ctx, shopKeySetting)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return lost, err
	}
	row := a.audited(ctx, "secrets.reset", s.seal.ID())
	err = a.change(ctx, row, func(tx *store.Tx) error {
		for i := range credentials {
			if c := &credentials[i]; c.Kind == store.CodeCredential && gone(c.Secret) {
				lost.Users++
				if err := errors.Join(tx.DeleteCredentials(ctx, c.User, store.CodeCredential), forgetRecovery(ctx, tx, c.User)); err != nil {
					return err
				}
			}
		}
		for i := range endpoints {
			e := endpoints[i]
			if !gone(e.Secret) {
				continue
			}
			lost.Webhooks++
			if _, err := a.newSecret(&e); err != nil {
				return err
			}
			if err := tx.ResealEndpoint(ctx, &endpoints[i], e.Secret, nil); err != nil {
				return err
			}
		}
		if lost.Shop = gone(shop); lost.Shop {
			if err := tx.RemoveSetting(ctx, shopKeySetting); err != nil {
				return err
			}
		}
		return tx.SetSetting(ctx, secretsSetting, []byte(s.seal.ID()))
	})
	return lost, err
}

// keyAfterLoss gives the key that was given, or makes one.
func (a *App) keyAfterLoss() (*auth.Seal, error) {
	text := a.secrets.text
	if text == "" {
		var err error
		if text, err = keyText(a.secrets.file, true); err != nil {
			return nil, err
		}
	}
	if text == "" {
		return nil, errors.New("name a file for the new key by --secrets-key-file")
	}
	return sealOf(text)
}
