package app_test

import (
	"bytes"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/store"
	"premia/internal/testkit"
)

// at opens the house's database as another server does, with a key of secrets.
func (h *house) at(url string, c app.SecretsConfig) *house {
	h.t.Helper()
	a, err := app.Open(h.t.Context(), app.Config{DB: url, Clock: h.clock.Now, Secrets: c, URL: "https://club.example"})
	h.does(err, "")
	h.t.Cleanup(func() { a.Close() })
	return &house{App: a, t: h.t, clock: h.clock}
}

// kept gives all that the database has of the secrets.
func (h *house) kept() []byte {
	h.t.Helper()
	var all []byte
	credentials, err := h.Store.AllCredentials(h.t.Context())
	h.does(err, "")
	for _, c := range credentials {
		if c.Kind == store.CodeCredential {
			all = append(all, c.Secret...)
		}
	}
	shop, err := h.Store.Setting(h.t.Context(), "shop.key")
	h.does(err, "")
	return append(all, shop...)
}

// TestSecretsAreSealed seals what was in the clear, by a key outside the database, reads
// it with two servers, and finds out that the key is another, or none.
func TestSecretsAreSealed(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		h := openHouse(t, url)
		me := h.inside(h.owner().Token)
		_, secret, token, err := h.BeginCode(me)
		h.does(err, "")
		recovery, err := h.FinishCode(me, token, codeAt(t, secret, h.clock.Now()))
		h.does(err, "")
		shop, err := h.NewShopKey(me)
		h.does(err, "")
		w, signs, err := h.CreateWebhook(me, app.NewWebhook{Key: "a", URL: "https://example.com/hook"})
		h.does(err, "")
		plain := []byte(strings.ReplaceAll(secret, " ", ""))
		if !bytes.Contains(h.kept(), plain) {
			t.Fatal("the secret is not where this test looks for it")
		}
		file := filepath.Join(t.TempDir(), "key")
		first := h.at(url, app.SecretsConfig{File: file, Create: true})
		info, err := os.Stat(file)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Fatalf("the key's file: %v %v", info, err)
		}
		if bytes.Contains(h.kept(), plain) || first.SecretsErr() != nil || first.SecretsKey() == "" {
			t.Fatalf("the secrets stand in the clear: %v", first.SecretsErr())
		}
		// Each server with the key reads all of it.
		signIn := func(h *house, code string) error {
			h.clock.Advance(time.Minute)
			in, err := h.SignIn(t.Context(), "anna@example.com", secretWords, phone)
			if err != nil || in.Step == "" {
				t.Fatalf("the password: %v", err)
			}
			_, err = h.SignInCode(t.Context(), in.Step, code, phone)
			return err
		}
		second := h.at(url, app.SecretsConfig{File: file})
		for _, server := range []*house{first, second} {
			h.clock.Advance(time.Minute)
			h.does(signIn(server, codeAt(t, secret, h.clock.Now().Add(time.Minute))), "")
			endpoint, err := server.Store.Endpoint(t.Context(), w.ID)
			h.does(err, "")
			if all, err := server.SecretsOf(&endpoint, calendar.Of(h.clock.Now())); err != nil || len(all) != 1 {
				t.Errorf("the webhook's secret: %v", err)
			}
			claims := jwt.MapClaims{"member": "card:1", "jti": "x", "iat": h.clock.Now().Unix(), "exp": h.clock.Now().Add(time.Minute).Unix()}
			signed, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString(must64(t, shop))
			h.does(err, "")
			h.does(server.ShopToken(t.Context(), signed), "")
		}
		if signs == "" {
			t.Error("the webhook has no secret")
		}
		// What is put into another row is not opened.
		h.does(h.Store.Change(t.Context(), func(tx *store.Tx) error {
			shop, err := h.Store.Setting(t.Context(), "shop.key")
			if err != nil {
				return err
			}
			endpoint, err := h.Store.Endpoint(t.Context(), w.ID)
			if err != nil {
				return err
			}
			return tx.ResealEndpoint(t.Context(), &endpoint, shop, nil)
		}), "")
		endpoint, err := h.Store.Endpoint(t.Context(), w.ID)
		h.does(err, "")
		if _, err := first.SecretsOf(&endpoint, 0); app.AsProblem(err).Code != app.CodeSecretsKey {
			t.Errorf("the secret of another row was opened: %v", err)
		}
		// A new key takes the place of the old one while another server runs.
		before := first.SecretsKey()
		id, err := first.RotateSecrets(h.as(auth.System("test")), true)
		if h.does(err, ""); id == before {
			t.Error("the key is the same")
		}
		h.does(signIn(second, codeAt(t, secret, h.clock.Now().Add(time.Minute))), "")
		// Another key, or none: passwords and recovery codes do, and the server says so.
		for name, c := range map[string]app.SecretsConfig{"another": {Keys: auth.NewSealKey()}, "none": {File: file + ".gone", Create: true}, "no key at all": {Keys: "short"}} {
			other := h.at(url, c)
			if err := other.SecretsErr(); err == nil || !strings.Contains(err.Error(), "premia secrets reset") {
				t.Errorf("%s: %v", name, err)
			}
			healthy := true
			for _, check := range other.Ready(t.Context(), nil) {
				healthy = healthy && (check.Name != "secrets" || check.Err == nil)
			}
			if healthy {
				t.Errorf("%s: the server calls itself healthy", name)
			}
			h.does(signIn(other, codeAt(t, secret, h.clock.Now().Add(time.Minute))), app.CodeSecretsKey)
			h.does(signIn(other, recovery[0]), "")
			recovery = recovery[1:]
			_, err := other.NewShopKey(h.as(auth.System("test")))
			h.does(err, app.CodeSecretsKey)
		}
		// Who lost the key gives up what it sealed, and goes on.
		lost, err := h.at(url, app.SecretsConfig{Keys: "", File: filepath.Join(t.TempDir(), "new")}).ResetSecrets(h.as(auth.System("test")))
		if h.does(err, ""); lost.Users != 1 || lost.Webhooks != 1 || !lost.Shop {
			t.Errorf("lost %+v", lost)
		}
	})
}

// TestKeyBesideADatabase makes the key where nobody names one, once.
func TestKeyBesideADatabase(t *testing.T) {
	t.Parallel()
	db := filepath.Join(t.TempDir(), "premia.db")
	clock := testkit.NewClock(time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC))
	var ids []string
	for range 2 {
		a, err := app.Open(t.Context(), app.Config{DB: "sqlite:" + db, Migrate: true, Clock: clock.Now, Secrets: app.SecretsConfig{Create: true}})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, a.SecretsKey())
		if err := a.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if ids[0] == "" || ids[0] != ids[1] {
		t.Errorf("the keys are %v", ids)
	}
	if _, err := os.Stat(app.KeyFileBeside("sqlite:" + db)); err != nil {
		t.Error(err)
	}
}

func must64(t *testing.T, written string) []byte {
	t.Helper()
	key, err := base64.RawURLEncoding.DecodeString(written)
	if err != nil {
		t.Fatal(err)
	}
	return key
}
