package app_test

import (
	"testing"
	"time"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/testkit/postgres"
)

// TestTills runs a till's life on both databases.
func TestTills(t *testing.T) {
	for _, kind := range []string{"sqlite", "postgres"} {
		t.Run(kind, func(t *testing.T) {
			var h *house
			if kind == "postgres" {
				h = openHouse(t, postgres.New(t))
			} else {
				h = sqliteHouse(t)
			}
			tillLife(t, h)
		})
	}
}

func tillLife(t *testing.T, h *house) {
	owner := h.inside(h.owner().Token)
	anna := h.join(owner, "maja@example.com", auth.Cashier)
	ewa := h.join(owner, "ewa@example.com", auth.Analyst)
	as := h.inside(anna.Token)
	h.does(h.SetPIN(as, anna.User.ID, "123"), app.CodePINDigits)
	h.does(h.SetPIN(as, anna.User.ID, "1111"), app.CodePINEasy)
	h.does(h.SetPIN(as, ewa.User.ID, "2580"), app.CodeNotPermitted)
	h.does(h.SetPIN(as, anna.User.ID, "2580"), "")
	if _, _, err := h.OpenTill(h.inside(ewa.Token), "Till", ""); app.AsProblem(err).Code != app.CodeNotPermitted {
		t.Fatalf("an analyst opened a till: %v", err)
	}
	token, _, err := h.OpenTill(as, "Till 1", "WAW-1")
	h.does(err, "")
	unlocked := func(want bool) {
		t.Helper()
		x, err := h.TillOf(t.Context(), token)
		if err != nil || (x.Who != nil) != want {
			t.Fatalf("unlocked is %v, not %v (%v)", x != nil && x.Who != nil, want, err)
		}
	}
	unlocked(true)
	h.does(h.LockTill(as, token), "")
	unlocked(false)

	// Who has no PIN, or may not use tills, can't unlock it; five wrong ones cost time.
	h.does(h.SetPIN(owner, ewa.User.ID, "9513"), "")
	h.does(h.UnlockTill(t.Context(), token, ewa.User.ID, "9513", "192.0.2.9"), app.CodeWrongPIN)
	for range 5 {
		h.does(h.UnlockTill(t.Context(), token, anna.User.ID, "0852", "192.0.2.7"), app.CodeWrongPIN)
	}
	h.does(h.UnlockTill(t.Context(), token, anna.User.ID, "2580", "192.0.2.8"), app.CodeTooManyAttempts)
	h.clock.Advance(31 * time.Second)
	h.does(h.UnlockTill(t.Context(), token, anna.User.ID, "2580", "192.0.2.7"), "")
	unlocked(true)

	// It stays so while it is used, and not longer.
	for range 3 {
		h.clock.Advance(4 * time.Minute)
		unlocked(true)
	}
	h.clock.Advance(5 * time.Minute)
	unlocked(false)

	// A new PIN locks the tills that were unlocked by the old one.
	h.does(h.UnlockTill(t.Context(), token, anna.User.ID, "2580", "192.0.2.7"), "")
	long := h.as(auth.Actor{Kind: auth.KindUser, ID: "usr_owner", Role: auth.Owner}) // who signed in a while ago
	h.does(h.SetPIN(long, anna.User.ID, "7391"), app.CodeProveAgain)
	machine := h.as(auth.System("test"))
	h.does(h.SetPIN(machine, anna.User.ID, "7391"), "")
	unlocked(false)
	h.does(h.UnlockTill(t.Context(), token, anna.User.ID, "7391", "192.0.2.7"), "")

	// Whoever is disabled works at no till, and the tills that they set up are none.
	h.does(h.DisableUser(machine, anna.User.ID), "")
	_, err = h.TillOf(t.Context(), token)
	h.does(err, app.CodeNoTill)
	h.does(h.EnableUser(machine, anna.User.ID), "")
	all, err := h.Tills(machine)
	if err != nil || len(all) != 1 || all[0].Name != "Till 1" || all[0].Store != "WAW-1" {
		t.Fatalf("tills: %+v (%v)", all, err)
	}
	h.does(h.CloseTill(machine, all[0].ID), "")
	h.does(h.CloseTill(machine, all[0].ID), app.CodeNoTill)
	_, err = h.TillOf(t.Context(), token)
	h.does(err, app.CodeNoTill)

	// A till ends by itself.
	last, _, err := h.OpenTill(h.as(auth.Actor{Kind: auth.KindUser, ID: anna.User.ID, Role: auth.Cashier}), "Till 2", "")
	h.does(err, "")
	h.clock.Advance(91 * 24 * time.Hour)
	_, err = h.TillOf(t.Context(), last)
	h.does(err, app.CodeNoTill)
	if _, err := app.VerifyAudit(t.Context(), h.Store); err != nil {
		t.Fatal(err)
	}
}
