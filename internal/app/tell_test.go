package app_test

import (
	"strings"
	"testing"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/store"
)

// told gives the subjects and texts of the messages that were put into the outbox since
// it was asked before, as the system reads them.
func (h *house) told(after int64) (messages []store.Message, last int64) {
	h.t.Helper()
	all, err := h.Messages(h.as(auth.System("test")), 0, 100)
	h.does(err, "")
	for _, m := range all {
		if m.ID > after {
			messages = append(messages, m)
		}
		last = max(last, m.ID)
	}
	return messages, last
}

// TestChangesOfCredentialsAreTold changes everything by which a user proves who they are
// and finds one message each, in their language, that has no secret in it.
func TestChangesOfCredentialsAreTold(t *testing.T) {
	t.Parallel()
	h := sqliteHouse(t)
	owner := h.owner() // who reads Polish
	me := h.inside(owner.Token)
	last := int64(0)
	expect := func(what string, words ...string) {
		t.Helper()
		var messages []store.Message
		if messages, last = h.told(last); len(messages) != 1 {
			t.Fatalf("%s: %d messages, want one: %+v", what, len(messages), messages)
		}
		m := messages[0]
		for _, word := range append(words, "Zmiana w Twoim dostępie", "https://club.example/console/account", "192.0.2.7") {
			if !strings.Contains(m.Subject+m.Body, word) {
				t.Errorf("%s: the message lacks %q: %s\n%s", what, word, m.Subject, m.Body)
			}
		}
		if m.Recipient != "anna@example.com" || strings.Contains(m.Body, "⟦") {
			t.Errorf("%s: %+v", what, m)
		}
	}
	h.does(h.ChangePassword(me, secretWords, "another good secret"), "")
	expect("a password", "Twoje hasło zostało zmienione")
	_, secret, token, err := h.BeginCode(me)
	h.does(err, "")
	recovery, err := h.FinishCode(me, token, codeAt(t, secret, h.clock.Now()))
	h.does(err, "")
	if expect("codes", "kody z aplikacji"); len(recovery) == 0 {
		t.Error("there are no recovery codes")
	}
	_, err = h.NewRecovery(me)
	h.does(err, "")
	expect("recovery codes", "kody zapasowe")
	h.does(h.RemoveCode(me), "")
	expect("no codes", "nie są już")
	_, _, err = h.CreateKey(me, "shop", "events:write", 0)
	h.does(err, "")
	expect("a key", "klucz API")
	h.does(h.SetAccessSettings(me, app.AccessSettings{TwoPublish: true}), "")
	expect("rules", "zasady logowania")
	// What changes nothing is not told.
	h.does(h.SetAccessSettings(me, app.AccessSettings{TwoPublish: true}), "")
	if messages, _ := h.told(last); len(messages) != 0 {
		t.Errorf("told of nothing: %+v", messages)
	}
}

// withPasskey gives a user a passkey that nobody has.
func (h *house) withPasskey(user string) {
	h.t.Helper()
	c := store.Credential{ID: "passkey:" + user, User: user, Kind: store.PasskeyCredential, Name: "key", Secret: []byte("{}"), Created: calendar.Of(h.clock.Now())}
	h.does(h.Store.Change(h.t.Context(), func(tx *store.Tx) error { return tx.PutCredential(h.t.Context(), &c) }), "")
}

// TestFactorsThatAreLost takes the passkey from somebody who has lost it, by who may
// change them alone.
func TestFactorsThatAreLost(t *testing.T) {
	t.Parallel()
	h := sqliteHouse(t)
	owner := h.owner()
	me := h.inside(owner.Token)
	jan := h.join(me, "jan@example.com", auth.Manager)
	h.withPasskey(jan.User.ID)
	h.does(h.SetAccessSettings(me, app.AccessSettings{SecondFactor: true}), "")
	in, err := h.SignIn(t.Context(), "jan@example.com", secretWords, phone)
	if h.does(err, ""); in.Token != "" || in.Step == "" {
		t.Error("a password alone began a session")
	}
	// Who lost the passkey is let in again by somebody who may change them.
	support := h.inside(h.join(me, "support@example.com", auth.Supporter).Token)
	h.does(h.RemoveFactors(support, jan.User.ID), app.CodeNotPermitted)
	h.does(h.RemoveFactors(h.inside(jan.Token), owner.User.ID), app.CodeNotPermitted)
	h.does(h.RemoveFactors(me, jan.User.ID), "")
	h.signedOut(jan.Token)
	again, err := h.SignIn(t.Context(), "jan@example.com", secretWords, phone)
	h.does(err, "")
	s, err := h.SessionOf(t.Context(), again.Token, phone)
	if h.does(err, ""); !s.NeedsFactor {
		t.Error("nobody asks for a new second factor")
	}
	// A manager can't let go of the rule.
	_, secret, token, err := h.BeginCode(h.as(s.Actor()))
	h.does(err, "")
	_, err = h.FinishCode(h.as(s.Actor()), token, codeAt(t, secret, h.clock.Now()))
	h.does(err, "")
	h.does(h.SetAccessSettings(h.as(s.Actor()), app.AccessSettings{}), app.CodeOwnerNeeded)
	h.does(h.SetAccessSettings(me, app.AccessSettings{}), "")
}
