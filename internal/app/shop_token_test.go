package app_test

import (
	"encoding/base64"
	"path/filepath"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"premia/internal/app"
	"premia/internal/auth"
)

// shopKey makes the shop's key of a workspace, and gives what signs with it.
func (p *phones) shopKey() func(claims jwt.MapClaims) string {
	p.t.Helper()
	written, err := p.NewShopKey(app.WithActor(p.t.Context(), auth.System("test")))
	p.refused(err, "")
	key, err := base64.RawURLEncoding.DecodeString(written)
	p.refused(err, "")
	return func(claims jwt.MapClaims) string {
		p.t.Helper()
		token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString(key)
		p.refused(err, "")
		return token
	}
}

// TestShopTokens lets a shop hand its customer over once, within the token's time, to the
// one workspace whose key it has.
func TestShopTokens(t *testing.T) {
	t.Parallel()
	p, other := openPhones(t, "sqlite:"+filepath.Join(t.TempDir(), "premia.db")), openPhones(t, "sqlite:"+filepath.Join(t.TempDir(), "other.db"))
	anna, _ := p.member("email:anna@example.com")
	other.member("email:anna@example.com")
	sign, elsewhere := p.shopKey(), other.shopKey()
	claims := func(jti string, from, until time.Duration) jwt.MapClaims {
		now := p.clock.Now()
		return jwt.MapClaims{"member": "email:anna@example.com", "iat": now.Add(from).Unix(), "exp": now.Add(until).Unix(), "jti": jti}
	}
	enter := func(w *phones, token, problem string) {
		t.Helper()
		in, err := w.FinishShopToken(t.Context(), token, app.Client{Address: "192.0.2.9"})
		w.refused(err, problem)
		if problem != "" {
			return
		}
		if who, err := w.MemberSessionOf(t.Context(), in.Token, app.Client{}); err != nil || who.Member != anna || who.Method != "shop" {
			t.Errorf("signed in is %+v (%v)", who, err)
		}
	}
	first := sign(claims("order-1", 0, 10*time.Minute))
	enter(other, first, app.CodeShopToken)
	enter(p, elsewhere(claims("order-1", 0, 10*time.Minute)), app.CodeShopToken)
	enter(p, first, "")
	enter(p, first, app.CodeLinkOver)
	enter(p, sign(claims("order-1", 0, 5*time.Minute)), app.CodeLinkOver) // made anew under the same id
	enter(p, sign(claims("order-2", 2*time.Minute, 5*time.Minute)), app.CodeShopToken)
	enter(p, sign(claims("order-2", 0, 11*time.Minute)), app.CodeShopToken)
	nobody := claims("order-3", 0, 5*time.Minute)
	nobody["member"] = "email:ben@example.com"
	enter(p, sign(nobody), app.CodeUnknownIdentity)

	late := sign(claims("order-4", 0, 10*time.Minute))
	p.clock.Advance(11*time.Minute + time.Second) // one minute is for clocks that differ
	enter(p, late, app.CodeShopToken)
	p.clock.Advance(48 * time.Hour)
	enter(p, first, app.CodeShopToken) // long after what was used is forgotten

	before := sign(claims("order-5", 0, 5*time.Minute))
	again := p.shopKey()
	enter(p, before, app.CodeShopToken)
	enter(p, again(claims("order-5", 0, 5*time.Minute)), "")
}
