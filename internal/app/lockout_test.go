package app_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/store"
	"premia/internal/testkit"
)

// TestStrangersLockNobodyOut lets somebody who shares the shop's address ask for new
// passwords and guess, of many accounts and then of the owner's alone: the till opens, right
// passwords of others are taken, and the owner's own browser signs in all the while.
func TestStrangersLockNobodyOut(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		h := openHouse(t, url)
		first := h.owner()
		owner := h.inside(first.Token)
		eva := h.join(owner, "eva@example.com", auth.Manager)
		h.does(h.SetPIN(owner, first.User.ID, "2580"), "")
		till, _, err := h.OpenTill(owner, "Till 1", "WAW-1")
		h.does(err, "")
		guest := app.Client{Address: phone.Address, Agent: "guest"}

		for n := range 30 {
			h.does(h.AskPassword(t.Context(), fmt.Sprintf("nobody%d@example.com", n), guest), "")
		}
		h.does(h.AskPassword(t.Context(), "somebody@example.com", guest), app.CodeTooManyAttempts)
		_, err = h.SignIn(t.Context(), "eva@example.com", secretWords, guest)
		h.does(err, "")
		h.does(h.UnlockTill(t.Context(), till, first.User.ID, "2580", phone.Address), "")

		wrong := func(email string, from app.Client, code string) {
			t.Helper()
			_, err := h.SignIn(t.Context(), email, "a wrong password", from)
			h.does(err, code)
		}
		for n := range 30 {
			wrong(fmt.Sprintf("nobody%d@example.com", n), guest, app.CodeSignInRefused)
		}
		_, err = h.SignIn(t.Context(), "eva@example.com", secretWords, guest)
		h.does(err, app.CodeTooManyAttempts) // any browser, from an address that guesses
		h.does(h.UnlockTill(t.Context(), till, first.User.ID, "2580", phone.Address), "")
		known := app.Client{Address: phone.Address, Browser: first.Browser}
		in, err := h.SignIn(t.Context(), "anna@example.com", secretWords, known)
		h.does(err, "")
		if in.Browser != "" {
			t.Error("a browser that is known is made known once more")
		}

		// One guess whenever one may be made keeps strangers out, and the owner not.
		for range 5 {
			wrong("anna@example.com", app.Client{Address: "198.51.100.1"}, app.CodeSignInRefused)
		}
		for range 8 {
			h.clock.Advance(15 * time.Minute)
			wrong("anna@example.com", app.Client{Address: "198.51.100.2"}, app.CodeSignInRefused)
			wrong("anna@example.com", app.Client{Address: "198.51.100.3"}, app.CodeTooManyAttempts)
			_, err = h.SignIn(t.Context(), "anna@example.com", secretWords, known)
			h.does(err, "")
		}
		_, err = h.SignIn(t.Context(), "anna@example.com", secretWords, app.Client{Address: "198.51.100.4", Browser: eva.Browser})
		h.does(err, app.CodeTooManyAttempts) // somebody else's browser is a stranger's

		// A known browser guesses no more than others, and is unknown in the end.
		for range 5 {
			wrong("anna@example.com", known, app.CodeSignInRefused)
		}
		wrong("anna@example.com", known, app.CodeTooManyAttempts)
		h.does(h.AskPassword(t.Context(), "anna@example.com", known), "")
		link, err := h.PasswordLink(h.as(auth.System("test")), "anna@example.com")
		h.does(err, "")
		browser, err := h.ResetPassword(t.Context(), strings.TrimPrefix(link, "https://club.example"+app.PasswordPath), "another good one", guest)
		h.does(err, "")
		_, err = h.SignIn(t.Context(), "anna@example.com", "another good one", app.Client{Browser: first.Browser})
		h.does(err, app.CodeTooManyAttempts)
		_, err = h.SignIn(t.Context(), "anna@example.com", "another good one", app.Client{Browser: browser})
		h.does(err, "")
	})
}

// TestInvitationsEndWithTheirMaker invites as a manager who is disabled, or gets another
// role, before the invitation is taken: it is good no more, and that of somebody else is.
func TestInvitationsEndWithTheirMaker(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		h := openHouse(t, url)
		owner := h.inside(h.owner().Token)
		for n, end := range []func(id string) error{
			func(id string) error { return h.DisableUser(owner, id) },
			func(id string) error { return h.ChangeRole(owner, id, auth.Analyst) },
		} {
			manager := h.join(owner, fmt.Sprintf("manager%d@example.com", n), auth.Manager)
			_, left, err := h.Invite(h.inside(manager.Token), app.NewInvitation{Email: fmt.Sprintf("eva%d@example.com", n), Role: auth.Manager})
			h.does(err, "")
			_, kept, err := h.Invite(owner, app.NewInvitation{Email: fmt.Sprintf("ola%d@example.com", n), Role: auth.Cashier})
			h.does(err, "")
			h.does(end(manager.User.ID), "")
			_, err = h.Accept(t.Context(), left, app.Acceptance{Name: "Eva", Password: secretWords}, phone)
			h.does(err, app.CodeInvitationOver)
			_, err = h.Accept(t.Context(), kept, app.Acceptance{Name: "Ola", Password: secretWords}, phone)
			h.does(err, "")
		}
	})
}

// TestTextMessagesOfADayAreBounded has codes sent to many numbers from many addresses: no more
// go out in a day than the workspace pays for.
func TestTextMessagesOfADayAreBounded(t *testing.T) {
	t.Parallel()
	clock := testkit.NewClock(time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC))
	url := "sqlite:" + filepath.Join(t.TempDir(), "premia.db")
	a, err := app.Open(t.Context(), app.Config{
		DB: url, Migrate: true, Clock: clock.Now, Channels: []string{app.SMSChannel}, TextsADay: 2,
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Publish(t.Context(), []byte(historyProgram), calendar.None, "test"); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		for n := range 4 {
			j := app.Join{Contact: fmt.Sprintf("+4860010020%d", n), Consents: map[string]bool{app.TermsConsent: true}}
			if _, err := a.BeginJoin(t.Context(), j, app.Client{Address: fmt.Sprintf("198.51.100.%d", n)}); err != nil {
				t.Fatal(err)
			}
		}
		// Messages are sent after the answer: all of today's, before the day ends.
		for all := false; !all; time.Sleep(10 * time.Millisecond) {
			counted, err := a.Store.Attempts(t.Context(), auth.TokenHash("text messages of the day"))
			if err != nil {
				t.Fatal(err)
			}
			all = counted.Failures == 4 && counted.Last == calendar.Of(clock.Now())
		}
		clock.Advance(24 * time.Hour)
	}
	if err := a.Close(); err != nil { // what is under way ends first
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), url, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if all, err := s.Messages(t.Context(), 1<<62, 10); err != nil || len(all) != 4 {
		t.Errorf("%d messages were sent in two days, want 4 (%v)", len(all), err)
	}
}
