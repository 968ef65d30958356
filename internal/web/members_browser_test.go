package web_test

import (
	"strings"
	"testing"

	"premia/internal/app"
	"premia/internal/core/ledger"
	"premia/internal/testkit/browser"
)

// TestMembersAreFoundAsTheyAreWritten types names without accents and in another
// script, and goes to who was found by the keyboard alone.
func TestMembersAreFoundAsTheyAreWritten(t *testing.T) {
	t.Parallel()
	c := newClub(t, onSQLite(t))
	known := map[string]ledger.MemberID{
		"lukasz": c.enrolled("2900000000001", "Łukasz", "Żółć"),
		"dvorak": c.enrolled("2900000000002", "Tomáš", "Dvořák"),
		"артем":  c.enrolled("2900000000003", "Артём", "Фёдоров"),
	}
	c.enrolled("2900000000004", "Łucja", "Nowak")
	tab := browser.Open(t, c.server.URL, "en")
	for query, id := range known {
		tab.Go("/console/members")
		tab.Press("/") // which brings the cursor into the box
		tab.See("#q:focus")
		tab.Type(query)
		tab.See(`#found [data-choice][href$="` + id.String() + `"]:only-child`)
		tab.Press("ArrowDown")
		tab.Press("Enter")
		tab.See("#timeline")
		if got := tab.Path(); got != "/console/members/"+id.String() {
			t.Errorf("%s leads to %s", query, got)
		}
	}
	tab.Clean()
}

// TestMemberInABrowser enrols a member, adjusts and undoes, merges and erases, as
// somebody at the desk does.
func TestMemberInABrowser(t *testing.T) {
	t.Parallel()
	c := newClub(t, onSQLite(t))
	other := c.busy("2900000000002", "Tomáš", "Dvořák").String()
	tab := browser.Open(t, c.server.URL, "en")
	tab.Go("/console/members/new")
	tab.Fill("#given_name", "Łukasz")
	tab.Fill("#family_name", "Dvořák")
	tab.Fill("#identity_phone", "+48 600 100 200")
	tab.Click("[name=consent_email]")
	tab.Click("main form .btn-primary")
	tab.Read("The member is enrolled.")
	id := strings.TrimPrefix(tab.Path(), "/console/members/")

	tab.Click(`a[href$="/adjust"]`)
	tab.Fill("#amount", "120")
	tab.Fill("#reason", "A warm welcome")
	tab.Click("main form .btn-primary")
	tab.Read("120 stars to be given")
	tab.Read("Worth CZK\u00a060.00")
	tab.NoOverflow()
	tab.Click("#sure [value=no]")
	tab.See("#amount")
	tab.Click("main form .btn-primary")
	tab.Click("#sure [value=yes]")
	tab.Read("Done: 120 stars.")
	tab.Read("A warm welcome")
	tab.Click(`form[action$="/undo"] button`)
	tab.Click(`#confirm [value=yes]`)
	tab.Read("The adjustment was undone.")
	if got := c.stars(id); got != 0 {
		t.Errorf("after undoing the member has %d stars", got)
	}

	tab.Go("/console/members/" + id + "/merge")
	tab.Click(`#candidates [data-choice][href$="` + other + `"]`) // the name they share found the other
	tab.Read("A merge can’t be undone.")
	tab.Read("625 stars")
	tab.Click("main form .btn-outline-danger")
	tab.Click(`#confirm [value=yes]`)
	tab.Read("The two are one member now.")
	if m, err := c.Member(t.Context(), "phone:+48600100200"); err != nil || m.ID.String() != other || m.Profile["given_name"] != "Tomáš" {
		t.Errorf("the number leads to %+v (%v)", m, err)
	}

	tab.Go("/console/members/" + other + "/erase")
	tab.Click("[name=sure]")
	tab.Click("main form .btn-outline-danger")
	tab.Click(`#confirm [value=yes]`)
	tab.Read("The member’s data is erased.")
	if _, err := c.Member(t.Context(), "phone:+48600100200"); app.AsProblem(err).Code != app.CodeUnknownIdentity {
		t.Errorf("after erasing the number leads to somebody: %v", err)
	}
	tab.Clean()
}

// TestHostileNames shows members whose names would break a page that took them for
// more than text.
func TestHostileNames(t *testing.T) {
	t.Parallel()
	c := newClub(t, onSQLite(t))
	names := []string{`<script>document.title="broken"</script>`, `"><img src=x onerror=alert(1)>`, "\u202Eevil\u202E", strings.Repeat("Ż", 200)}
	tab := browser.Open(t, c.server.URL, "en")
	tab.Width(360)
	for i, name := range names {
		id := c.busy("290000000000"+string(rune('1'+i)), name, name).String()
		for _, path := range []string{"/console/members", "/console/members/" + id, "/console/members/" + id + "/edit", "/console/members/" + id + "/erase"} {
			tab.Go(path)
			tab.NoOverflow()
			if browser.Script[bool](tab, `document.title.startsWith("broken") || document.querySelector("main script, main img") !== null`) {
				t.Errorf("%s took %.40q for more than text", path, name)
			}
			tab.Clean()
		}
	}
}

// TestMemberPagesEverywhere looks at the pages of members in each language.
func TestMemberPagesEverywhere(t *testing.T) {
	t.Parallel()
	c := newClub(t, onSQLite(t))
	id := c.busy("2900000000001", "Łukasz", "Żółć").String()
	other := c.enrolled("2900000000002", "Tomáš", "Dvořák").String()
	c.waiting(id)
	tab := browser.Open(t, c.server.URL, "en")
	tab.Everywhere("/console/members", languages...)
	tab.Everywhere("/console/members/new", languages...)
	tab.Everywhere("/console/adjustments", languages...)
	base := "/console/members/" + id
	for _, page := range []string{"", "/timeline", "/edit", "/adjust", "/rewards", "/merge", "/merge?into=" + other, "/erase"} {
		tab.Everywhere(base+page, languages...)
	}
}
