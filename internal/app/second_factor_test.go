package app_test

import (
	"context"
	"testing"
	"time"

	"premia/internal/app"
	"premia/internal/store"
	"premia/internal/testkit/authenticator"
)

const consoleOrigin = "https://club.example"

// passkey makes a passkey for the user who acts.
func (h *house) passkey(me context.Context) *authenticator.Device {
	h.t.Helper()
	d := &authenticator.Device{Origin: consoleOrigin}
	options, token, err := h.BeginPasskey(me, consoleOrigin)
	h.does(err, "")
	made, err := d.Create(options)
	h.does(err, "")
	h.does(h.FinishPasskey(me, consoleOrigin, token, "my phone", made), "")
	return d
}

// signs asks a device to sign in, and gives what it signed with the token of what it was
// asked.
func (h *house) signs(d *authenticator.Device) (token string, response []byte) {
	h.t.Helper()
	options, token, err := h.AskPasskey(h.t.Context(), consoleOrigin)
	h.does(err, "")
	response, err = d.Sign(options)
	h.does(err, "")
	return token, response
}

// TestPasskeyIsASecondFactor gives a user a passkey and nothing else: their password
// alone lets nobody in, nor proves who they are, whatever the workspace asks for.
func TestPasskeyIsASecondFactor(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		h := openHouse(t, url)
		owner := h.owner()
		me := h.inside(owner.Token)
		device := h.passkey(me)
		step := h.halfway
		for _, asked := range []bool{false, true} {
			h.does(h.SetAccessSettings(me, app.AccessSettings{SecondFactor: asked}), "")
			step()
		}
		if codes, passkeys, err := h.SecondStep(t.Context(), step()); codes || !passkeys || err != nil {
			t.Errorf("the second step asks for codes %v, passkeys %v (%v)", codes, passkeys, err)
		}
		_, _, err := h.SecondStep(t.Context(), "nothing")
		h.does(err, app.CodeStepOver)
		_, err = h.SignInCode(t.Context(), step(), "", phone)
		h.does(err, app.CodeWrongCode)
		h.does(h.Prove(me, secretWords, ""), app.CodeWrongCode)
		h.clock.Advance(10 * time.Minute)
		if s, err := h.SessionOf(t.Context(), owner.Token, phone); err != nil || !s.ProofEnds || !s.Actor().Proved {
			t.Errorf("ten minutes after the proof: %+v (%v)", s, err)
		}
		token, response := h.signs(device)
		in, err := h.SignInPasskey(t.Context(), consoleOrigin, token, response, phone)
		h.does(err, "")
		h.recoveryInPlaceOfAPasskey(h.inside(in.Token), step)
	})
}

// recoveryInPlaceOfAPasskey signs in without the device, and finds recovery codes gone
// with the last factor.
func (h *house) recoveryInPlaceOfAPasskey(me context.Context, step func() string) {
	h.t.Helper()
	codes, err := h.NewRecovery(me)
	h.does(err, "")
	_, err = h.SignInCode(h.t.Context(), step(), codes[0], phone)
	h.does(err, "")
	_, err = h.SignInCode(h.t.Context(), step(), codes[0], phone)
	h.does(err, app.CodeWrongCode)
	h.does(h.Prove(me, secretWords, codes[1]), "")
	user := app.ActorOf(me).ID
	_, secret, token, err := h.BeginCode(me)
	h.does(err, "")
	codes, err = h.FinishCode(me, token, codeAt(h.t, secret, h.clock.Now()))
	h.does(err, "")
	h.does(h.RemoveCode(me), "")
	_, err = h.SignInCode(h.t.Context(), step(), codes[0], phone)
	h.does(err, "") // they stand in for the passkey now
	u, err := h.User(me, user)
	h.does(err, "")
	h.does(h.RemovePasskey(me, u.Passkeys[0].ID), "")
	all, err := h.Store.Credentials(me, user)
	h.does(err, "")
	if len(all) != 1 || all[0].Kind != store.PasswordCredential {
		h.t.Errorf("without a factor the user has %d credentials", len(all))
	}
	if in, err := h.SignIn(h.t.Context(), "anna@example.com", secretWords, phone); err != nil || in.Token == "" {
		h.t.Errorf("without a factor the password came to %+v (%v)", in, err)
	}
}
