package app_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/event"
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

	// Whoever is disabled works at no till; those that they set up stay, locked.
	h.does(h.DisableUser(machine, anna.User.ID), "")
	unlocked(false)
	h.does(h.UnlockTill(t.Context(), token, anna.User.ID, "7391", "192.0.2.7"), app.CodeWrongPIN)
	h.does(h.EnableUser(machine, anna.User.ID), "")
	all, err := h.Tills(machine)
	if err != nil || len(all) != 1 || all[0].Name != "Till 1" || all[0].Store != "WAW-1" {
		t.Fatalf("tills: %+v (%v)", all, err)
	}
	h.does(h.CloseTill(machine, all[0].ID), "")
	h.does(h.CloseTill(machine, all[0].ID), app.CodeNoTill)
	_, err = h.TillOf(t.Context(), token)
	h.does(err, app.CodeNoTill)

	// A till ends by itself, when nobody has unlocked it for long.
	last, _, err := h.OpenTill(h.as(auth.Actor{Kind: auth.KindUser, ID: anna.User.ID, Role: auth.Cashier}), "Till 2", "")
	h.does(err, "")
	h.clock.Advance(80 * 24 * time.Hour)
	h.does(h.UnlockTill(t.Context(), last, anna.User.ID, "7391", "192.0.2.7"), "")
	h.clock.Advance(80 * 24 * time.Hour)
	_, err = h.TillOf(t.Context(), last)
	h.does(err, "")
	h.clock.Advance(11 * 24 * time.Hour)
	_, err = h.TillOf(t.Context(), last)
	h.does(err, app.CodeNoTill)
	linkedTill(t, h, owner, anna.User.ID)
	if _, err := app.VerifyAudit(t.Context(), h.Store); err != nil {
		t.Fatal(err)
	}
}

// linkedTill makes a till by a link that a manager gave.
func linkedTill(t *testing.T, h *house, manager context.Context, cashier string) {
	t.Helper()
	_, _, err := h.MakeTill(h.as(auth.Actor{Kind: auth.KindUser, ID: cashier, Role: auth.Cashier}), "Till 3", "")
	h.does(err, app.CodeNotPermitted)
	id, link, err := h.MakeTill(manager, "Till 3", "KRK-2")
	h.does(err, "")
	token, ok := strings.CutPrefix(link, "https://club.example"+app.DeviceLinkPath)
	if !ok {
		t.Fatalf("the link is %s", link)
	}
	// The link is no till's cookie, and looking at it takes it not.
	_, err = h.TillOf(t.Context(), token)
	h.does(err, app.CodeNoTill)
	x, err := h.LinkedTill(t.Context(), token)
	if err != nil || x.ID != id || x.Store != "KRK-2" || !app.Waits(&x) {
		t.Fatalf("the link leads to %+v (%v)", x, err)
	}
	first, _, err := h.OpenLinkedTill(t.Context(), token, "192.0.2.20")
	h.does(err, "")
	_, _, err = h.OpenLinkedTill(t.Context(), token, "192.0.2.21")
	h.does(err, app.CodeStepOver)
	device, err := h.TillOf(t.Context(), first)
	if err != nil || device.Who != nil || device.Store != "KRK-2" || app.Waits(&device.Till) {
		t.Fatalf("the device is %+v (%v)", device, err)
	}
	h.does(h.UnlockTill(t.Context(), first, cashier, "7391", "192.0.2.20"), "")

	// Another link moves it to another device, within its hour.
	_, link, err = h.LinkTill(manager, id)
	h.does(err, "")
	h.clock.Advance(61 * time.Minute)
	_, _, err = h.OpenLinkedTill(t.Context(), strings.TrimPrefix(link, "https://club.example"+app.DeviceLinkPath), "192.0.2.21")
	h.does(err, app.CodeStepOver)
	_, link, err = h.LinkTill(manager, id)
	h.does(err, "")
	second, _, err := h.OpenLinkedTill(t.Context(), strings.TrimPrefix(link, "https://club.example"+app.DeviceLinkPath), "192.0.2.21")
	h.does(err, "")
	_, err = h.TillOf(t.Context(), first)
	h.does(err, app.CodeNoTill)

	// Wrong PINs of several cashiers cost the till time, and no other till.
	other, _, err := h.OpenTill(manager, "Till 4", "")
	h.does(err, "")
	third := h.join(manager, "ola@example.com", auth.Cashier)
	for i := range 10 { // none of them five times
		who := []string{cashier, "usr_nobody", third.User.ID}[i%3]
		h.does(h.UnlockTill(t.Context(), second, who, "0852", "192.0.2."+string(rune('0'+i))), app.CodeWrongPIN)
	}
	h.does(h.UnlockTill(t.Context(), second, cashier, "7391", "192.0.2.99"), app.CodeTooManyAttempts)
	h.does(h.UnlockTill(t.Context(), other, cashier, "7391", "192.0.2.99"), "")
	h.clock.Advance(31 * time.Second)
	h.does(h.UnlockTill(t.Context(), second, cashier, "7391", "192.0.2.99"), "")

	// A till that is closed is opened by no link.
	_, link, err = h.LinkTill(manager, id)
	h.does(err, "")
	h.does(h.CloseTill(manager, id), "")
	_, _, err = h.OpenLinkedTill(t.Context(), strings.TrimPrefix(link, "https://club.example"+app.DeviceLinkPath), "192.0.2.21")
	h.does(err, app.CodeNoTill)
	_, _, err = h.LinkTill(manager, id)
	h.does(err, app.CodeNoTill)
}

// TestLeaving gives up what is to be recorded, before and after it is.
func TestLeaving(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		h := newHistory(t, url)
		buy := func(id string) error {
			_, err := h.Record(t.Context(), &event.Event{ID: id, Type: event.Purchase, Member: "card:5", Total: 1000, Given: event.GivenTotal})
			return err
		}
		before := must(h.Member(t.Context(), "card:5")).Purchases
		for range 2 { // leaving twice is leaving
			if was, err := h.Leave(t.Context(), "left-1"); err != nil || was != nil {
				t.Fatalf("left in time, and there is %+v (%v)", was, err)
			}
		}
		if err := buy("left-1"); app.AsProblem(err).Code != app.CodeIDReused {
			t.Errorf("it arrived late and came to %v", err)
		}
		if answer, err := h.Event(t.Context(), "left-1"); err != nil || !app.Left(&answer) {
			t.Errorf("the event is %+v (%v)", answer.Event, err)
		}
		if err := buy("left-2"); err != nil {
			t.Fatal(err)
		}
		was, err := h.Leave(t.Context(), "left-2")
		if err != nil || was == nil || was.Event.Type != event.Purchase || app.Left(was) {
			t.Fatalf("left too late, and there is %+v (%v)", was, err)
		}
		if got := must(h.Member(t.Context(), "card:5")).Purchases; got != before+1 {
			t.Errorf("%d purchases more, not one", got-before)
		}
		wantHealthy(t, h.Store)
	})
}
