package store

import "context"

const (
	resealCredential = `
UPDATE credentials SET secret = $3 WHERE id = $1 AND secret = $2`

	resealEndpoint = `
UPDATE webhook_endpoints SET secret = $3, old_secret = $5 WHERE id = $1 AND secret = $2 AND old_secret = $4`

	resealSetting = `
UPDATE settings SET value = $3 WHERE key = $1 AND value = $2`

	removeSetting = `
DELETE FROM settings WHERE key = $1`
)

// ResealCredential puts a secret in the place of what it was; one that was changed
// meanwhile stays.
func (tx *Tx) ResealCredential(ctx context.Context, id string, was, now []byte) error {
	return tx.run(ctx, "credential", resealCredential, id, present(was), present(now))
}

// ResealEndpoint puts an endpoint's secrets in the place of what they were; those that
// were changed meanwhile stay.
func (tx *Tx) ResealEndpoint(ctx context.Context, was *Endpoint, secret, old []byte) error {
	return tx.run(ctx, "endpoint "+was.ID, resealEndpoint, was.ID, present(was.Secret), present(secret), present(was.OldSecret), present(old))
}

// ResealSetting puts a value in the place of what it was; one that was changed meanwhile
// stays.
func (tx *Tx) ResealSetting(ctx context.Context, key string, was, now []byte) error {
	return tx.run(ctx, "setting "+key, resealSetting, key, present(was), present(now))
}

// RemoveSetting forgets a setting.
func (tx *Tx) RemoveSetting(ctx context.Context, key string) error {
	return tx.run(ctx, "setting "+key, removeSetting, key)
}
