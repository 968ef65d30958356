package app

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"premia/internal/auth"
	"premia/internal/core/text"
	"premia/internal/store"
)

// CodeShopToken says that a token by which a shop hands a customer over is not good.
const CodeShopToken = "shop_token_refused"

// shopKeySetting holds the key by which shops sign tokens.
const shopKeySetting = "shop.key"

// The bounds of shops' tokens.
const (
	shopKeyBytes  = 32
	shopTokenLife = 10 * time.Minute
	shopClockSkew = time.Minute
	maxShopToken  = 2000
)

// NewShopKey makes the key by which a shop signs the tokens with which it hands over
// its signed-in customers, and gives it in base 64 for addresses. Nobody can learn it
// again, and the one before is good no more.
func (a *App) NewShopKey(ctx context.Context) (string, error) {
	if err := errors.Join(may(ctx, auth.KeysWrite), proved(ctx)); err != nil {
		return "", firstProblem(err)
	}
	key := make([]byte, shopKeyBytes)
	rand.Read(key) // never fails
	kept, err := a.sealed(settingRow(shopKeySetting), key)
	if err != nil {
		return "", err
	}
	err = a.change(ctx, a.audited(ctx, "shop_key.made", "shop"), func(tx *store.Tx) error { return tx.SetSetting(ctx, shopKeySetting, kept) })
	if err == nil {
		a.tellOwners(ctx, "shop_key")
	}
	return base64.RawURLEncoding.EncodeToString(key), err
}

// shopClaims are what a shop's token says: whom it hands over, and its own id, by which
// it is good once.
type shopClaims struct {
	Member string `json:"member"`
	jwt.RegisteredClaims
}

// ShopToken checks the token of a shop without taking it. The error is a *Problem.
func (a *App) ShopToken(ctx context.Context, token string) error {
	_, err := a.shopClaims(ctx, token)
	return err
}

func (a *App) shopClaims(ctx context.Context, token string) (*shopClaims, error) {
	bad := func(why text.Sentence) error {
		return problem(CodeShopToken, "token", text.Say("the token of the shop is not good: {Why}", why))
	}
	key, err := a.Store.Setting(ctx, shopKeySetting)
	if errors.Is(err, store.ErrNotFound) {
		return nil, bad("this workspace has no key for shops")
	}
	if err != nil {
		return nil, err
	}
	if key, err = a.opened(settingRow(shopKeySetting), key); err != nil {
		return nil, err
	}
	if len(token) > maxShopToken {
		return nil, bad("it is too long")
	}
	var claims shopClaims
	now := func() time.Time { return a.wall().In(time.UTC) }
	_, err = jwt.ParseWithClaims(token, &claims, func(*jwt.Token) (any, error) { return key, nil },
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}), jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithLeeway(shopClockSkew), jwt.WithTimeFunc(now))
	switch {
	case err != nil:
		return nil, bad("its signature is not the key's, or its time is over")
	case claims.IssuedAt == nil || claims.ExpiresAt.Sub(claims.IssuedAt.Time) > shopTokenLife:
		return nil, bad("it says when it was made (iat), and ends at most ten minutes later (exp)")
	case claims.ID == "" || len(claims.ID) > 200:
		return nil, bad("it has an id of its own (jti)")
	case claims.Member == "":
		return nil, bad("it names nobody (member)")
	}
	return &claims, nil
}

// FinishShopToken signs in the member whom a shop hands over; a token is good once. The
// error is a *Problem.
func (a *App) FinishShopToken(ctx context.Context, token string, from Client) (MemberSignedIn, error) {
	claims, err := a.shopClaims(ctx, token)
	if err != nil {
		return MemberSignedIn{}, err
	}
	id, err := a.Find(ctx, claims.Member)
	if err != nil {
		return MemberSignedIn{}, err
	}
	first, err := a.once(ctx, "shop token:"+claims.ID)
	if err != nil {
		return MemberSignedIn{}, err
	}
	if !first {
		return MemberSignedIn{}, errLinkOver()
	}
	return a.startMemberSession(ctx, id, "shop", from)
}
