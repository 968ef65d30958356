package app

import (
	"context"
	"errors"
	"time"

	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/event"
	"premia/internal/core/text"
)

// CreateKey makes an API key and gives its secret, which is shown this once. A
// lifetime of 0 is for ever.
func (a *App) CreateKey(ctx context.Context, name, scopes string, lifetime time.Duration) (secret string, k auth.Key, err error) {
	if err := may(ctx, auth.KeysWrite); err != nil {
		return "", auth.Key{}, err
	}
	allowed, err := auth.ParseScopes(scopes)
	if err != nil {
		return "", auth.Key{}, problem(event.CodeInvalid, "scopes", text.Of(err))
	}
	if err := proved(ctx); err != nil {
		return "", auth.Key{}, err
	}
	now, expires := a.wall(), calendar.None
	if lifetime != 0 {
		expires = now + calendar.Instant(lifetime.Microseconds())
	}
	secret, k, err = auth.Create(ctx, a.Store, name, allowed, expires, now, a.audited(ctx, "key.created", "", "scopes", allowed.String()))
	var invalid *auth.InvalidKey
	if errors.As(err, &invalid) {
		err = problem(event.CodeInvalid, invalid.Field, text.Of(invalid))
	}
	if err == nil {
		a.tellOwners(ctx, "key")
	}
	return secret, k, err
}

// Keys lists the API keys, the oldest first.
func (a *App) Keys(ctx context.Context) ([]auth.Key, error) {
	if err := may(ctx, auth.KeysWrite); err != nil {
		return nil, err
	}
	return auth.List(ctx, a.Store)
}

// KeyErr tells why a key is not good now; nil if it is.
func (a *App) KeyErr(k *auth.Key) error { return k.Err(a.wall()) }

// RevokeKey ends an API key for good.
func (a *App) RevokeKey(ctx context.Context, id string) error {
	if err := may(ctx, auth.KeysWrite); err != nil {
		return err
	}
	err := auth.Revoke(ctx, a.Store, id, a.wall(), a.audited(ctx, "key.revoked", id))
	if errors.Is(err, auth.ErrNoKey) {
		return problem(CodeUnknownKeyID, "key", text.Say("there is no API key {ID}; premia apikey list shows them", id), "Key", text.Quoted(id))
	}
	return err
}
