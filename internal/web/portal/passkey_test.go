package portal_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"premia/internal/testkit/browser"
)

// TestMemberSignsInWithThisPhone makes a passkey with a device that Chromium plays, signs
// in with it by the button, and takes it away again.
func TestMemberSignsInWithThisPhone(t *testing.T) {
	t.Parallel()
	f := open(t)
	numbers := browser.Open(t, f.URL, "en")
	numbers.Go("/sign-in")
	if said := numbers.See("[data-passkey-insecure]"); !strings.Contains(said, "only where this page comes by HTTPS") {
		t.Errorf("at an address of numbers it says %q", said)
	}
	// A passkey belongs to a name, and an address of numbers is none.
	tab := browser.Open(t, strings.Replace(f.URL, "127.0.0.1", "localhost", 1), "en")
	tab.Authenticator()
	f.join(tab, "anna@example.com", "Anna")
	number := tab.See(".digits")
	tab.Everywhere("/profile/access", languages...)
	tab.Go("/profile?lang=en")
	tab.Click("a[href='/profile/access']")
	tab.Fill("#passkey-name", "Anna’s <phone>")
	tab.Click("[data-create]")
	tab.See("form[action='/profile/passkeys/remove']")
	tab.Read("Anna’s <phone>")
	tab.Go("/profile")
	tab.Click("form[action='/sign-out'] button")
	tab.See(".hero")

	tab.Go("/sign-in?next=/history")
	tab.Click("[data-passkey]")
	tab.Read("Joined")
	if tab.Path() != "/history" {
		t.Errorf("signed in, it shows %s", tab.Path())
	}
	tab.Go("/")
	if got := tab.See(".digits"); got != number {
		t.Errorf("the card is %s, want %s", got, number)
	}

	f.clock.Advance(20 * time.Minute)
	tab.Go("/profile/access")
	tab.Click("form[action='/profile/passkeys/remove'] button")
	tab.Click("#confirm button[value=yes]")
	tab.See("form[action='/profile/prove']")
	tab.Everywhere("/profile/prove", languages...)
	tab.Go("/profile/prove?lang=en&next=/profile/access")
	tab.Click("[data-passkey]")
	tab.See("[data-create]")
	tab.Click("form[action='/profile/passkeys/remove'] button")
	tab.Click("#confirm button[value=yes]")
	tab.Read("It is removed.")
	if tab.Has("form[action='/profile/passkeys/remove']") {
		t.Error("the passkey is still listed")
	}
	tab.Clean()
}

// TestMembersProveThemselvesByACode changes nothing without a session that began lately.
func TestMembersProveThemselvesByACode(t *testing.T) {
	t.Parallel()
	f := open(t)
	f.URL = strings.Replace(f.URL, "127.0.0.1", "localhost", 1) // a name, which passkeys need
	v := f.member("anna@example.com", "Anna")
	f.clock.Advance(20 * time.Minute)
	v.post("/profile/passkeys/ask").want(t, "a passkey, late", http.StatusForbidden, "Confirm that it is you")
	v.post("/profile/passkeys/remove", "passkey", "x").want(t, "removing, late", http.StatusSeeOther, "/profile/prove?next=%2Fprofile%2Faccess")
	v.post("/profile/prove", "contact", "ben@example.com").want(t, "somebody else's contact", http.StatusNotFound, "")
	before := f.messages()
	v.post("/profile/prove", "contact", "anna@example.com", "next", "/profile/access").want(t, "a code", http.StatusSeeOther, "/sign-in/code")
	v.post("/sign-in/code", "code", f.code("anna@example.com", before)).want(t, "the code", http.StatusSeeOther, "/profile/access")
	v.post("/profile/passkeys/ask").want(t, "a passkey", http.StatusOK, "challenge")
	v.post("/profile/passkeys/remove", "passkey", "x").want(t, "one that is not there", http.StatusNotFound, "no such passkey")
	v.post("/sign-in/passkey").want(t, "an answer that is none", http.StatusUnprocessableEntity, "took too long")
	f.visitor().post("/sign-in/passkey").want(t, "an answer without a challenge", http.StatusUnprocessableEntity, "took too long")
}
