package web_test

import (
	"strings"
	"testing"

	"premia/internal/testkit/browser"
)

// TestPasskeyInABrowser makes a passkey with a device that Chromium plays, is asked for it
// after the password, which lets nobody in any more, and signs in with it alone; in a
// sandbox whose clock is far ahead, where a browser would drop a cookie that lasts until a
// moment of the sandbox.
func TestPasskeyInABrowser(t *testing.T) {
	t.Parallel()
	server, a := openSandboxDoors(t)
	becomeOwner(t, server, a)
	// Passkeys belong to a name, and an address of numbers is none.
	tab := browser.Open(t, strings.Replace(server.URL, "127.0.0.1", "localhost", 1), "en")
	tab.Authenticator()
	tab.Go("/console/sign-in?next=/console/account")
	tab.Fill("#email", "anna@example.com")
	tab.Fill("#password", words)
	tab.Click("main form button.btn-primary")
	tab.See("#passkey-name")
	tab.Fill("#passkey-name", "my phone")
	tab.Click("[data-create]")
	tab.See("form[action='/console/account/passkeys/remove']")
	tab.Click("form[action='/console/sign-out'] button")
	tab.See("#email")
	tab.Fill("#email", "anna@example.com")
	tab.Fill("#password", words)
	tab.Click("main form button.btn-primary")
	tab.See("#code")
	tab.Click("[data-passkey]")
	tab.See(".navbar-vertical")
	tab.Go("/console/account")
	tab.Click("form[action='/console/sign-out'] button")
	tab.See("#email")
	tab.Click("[data-passkey]")
	tab.See(".navbar-vertical")
	users, err := a.Users(system())
	if err != nil || len(users) != 1 || len(users[0].Passkeys) != 1 || users[0].Passkeys[0].Name != "my phone" || users[0].Passkeys[0].LastUsed == 0 {
		t.Errorf("users %+v (%v)", users, err)
	}
	sessions, err := a.Sessions(system(), users[0].ID)
	if err != nil || sessions[0].Method != "passkey" {
		t.Errorf("sessions %+v (%v)", sessions, err)
	}
	tab.Clean()
}
