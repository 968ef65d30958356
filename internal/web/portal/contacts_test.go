package portal_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"premia/internal/testkit/browser"
)

// TestMemberAddsAndRemovesAContact does so on a phone, and looks at the pages on the way.
func TestMemberAddsAndRemovesAContact(t *testing.T) {
	t.Parallel()
	f := open(t)
	tab := browser.Open(t, f.URL, "en")
	f.join(tab, "anna@example.com", "Anna")
	tab.Go("/profile/access")
	tab.Click("details summary")
	before := f.messages()
	tab.Fill("#contact", "600 100 200")
	tab.Click("form[action='/profile/contacts'] button")
	tab.See("#code")
	tab.Everywhere("/profile/contacts/code", languages...)
	tab.Go("/profile/contacts/code?lang=en")
	tab.Fill("#code", f.code("+48600100200", before))
	tab.Click("form[action='/profile/contacts/code'] button")
	tab.Read("It is yours")
	tab.Read("+48600100200")
	remove := func(value string) {
		tab.Click("form[action='/profile/contacts/remove']:has([value='" + value + "']) button")
		tab.Click("#confirm button[value=yes]")
	}
	remove("anna@example.com")
	tab.Read("It is removed.")
	tab.Expect("422")
	remove("+48600100200")
	tab.Read("This is your last way in")
	tab.Accessible()
	tab.NoOverflow()
	tab.Click("input[name=sure]")
	tab.Click("form[action='/profile/contacts/remove'] button")
	tab.Read("You have no e-mail address or telephone number here.")
	tab.Everywhere("/profile/access", languages...)
	f.clock.Advance(time.Hour)
	tab.Go("/profile/prove?lang=en")
	tab.Read("so the shop does this for you")
}

// TestContactsOfOthersStayTheirs tells nothing of whose a contact is before it is proved.
func TestContactsOfOthersStayTheirs(t *testing.T) {
	t.Parallel()
	f := open(t)
	anna := f.member("anna@example.com", "Anna")
	f.member("ben@example.com", "Ben")
	before := f.messages()
	known := anna.post("/profile/contacts", "contact", "ben@example.com")
	code := f.code("ben@example.com", before)
	unknown := f.member("eva@example.com", "Eva").post("/profile/contacts", "contact", "nobody@example.com")
	if known != unknown {
		t.Errorf("a member's contact is answered %v, another %v", known, unknown)
	}
	known.want(t, "another's contact", http.StatusSeeOther, "/profile/contacts/code")
	anna.post("/profile/contacts/code", "code", code).want(t, "proved", http.StatusSeeOther, "/profile/access")
	anna.get("/profile/access").want(t, "the page after", http.StatusOK, "belongs to another membership")
	anna.get("/profile/contacts/code").want(t, "the step is over", http.StatusSeeOther, "/profile/access")
	anna.post("/profile/contacts", "contact", "no contact").want(t, "no contact", http.StatusUnprocessableEntity, "neither an e-mail address")
	anna.post("/profile/contacts/remove", "contact", "ben@example.com", "sure", "on").want(t, "removing another's", http.StatusNotFound, "no such address")
	f.clock.Advance(20 * time.Minute)
	for _, path := range []string{"/profile/contacts", "/profile/contacts/code", "/profile/contacts/remove"} {
		p := anna.post(path, "contact", "anna@example.com", "code", "123456", "sure", "on")
		if p.status != http.StatusSeeOther || !strings.HasPrefix(p.location, "/profile/prove") {
			t.Errorf("%s, long after signing in: %d to %q", path, p.status, p.location)
		}
	}
}
