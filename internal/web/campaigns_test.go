package web_test

import (
	"net/http"
	"strings"
	"testing"

	"premia/internal/app"
	"premia/internal/testkit/browser"
)

// TestCampaignInABrowser looks at what an offer brought and who has it, pauses it, and lets
// it go on.
func TestCampaignInABrowser(t *testing.T) {
	t.Parallel()
	w := openWork(t, workProgram)
	w.hostileMembers(2)
	w.happens(`{"id":"o1","type":"activation","member":"card:1","offer":"cake"}`, `{"id":"o2","type":"purchase","member":"card:1","total":"40.00"}`)
	tab := browser.Open(t, w.server.URL, "en")
	tab.Go("/console/campaigns")
	tab.Click(`a[href="/console/campaigns/offer.cake"]`)
	tab.Read("40.00")
	tab.Click(`form[action="/console/campaigns/offer.cake/pause"] button`)
	tab.Read("gives nothing from now on")
	tab.Click(`#confirm button[value="yes"]`)
	tab.Read("Paused. It gives nothing until you resume it.")
	if versions, err := w.Versions(t.Context()); err != nil || len(versions) != 2 || !strings.Contains(string(versions[1].Document), "paused: true") {
		t.Errorf("there are %d versions (%v)", len(versions), err)
	}
	tab.Everywhere("/console/campaigns/offer.cake", languages...)
	tab.Go("/console/campaigns/offer.cake?lang=en")
	tab.Click(`form[action="/console/campaigns/offer.cake/resume"] button`)
	tab.Read("Resumed. It gives again.")
	tab.Click(`form[action="/console/program/drafts"] button`) // the form of this very offer
	tab.See(`a[href$="/review"]`)
	if path := tab.Path(); !strings.HasSuffix(path, "/form?at=offers%5B0%5D") {
		t.Errorf("changing it leads to %s", path)
	}
	tab.Go("/console/campaigns/offer.cake")
	tab.Click(`a[href="/console/offers/cake"]`)
	tab.Read("Members with this offer")
	tab.Everywhere("/console/offers/cake", languages...)
	tab.Everywhere("/console/offers", languages...)
	m, err := w.Member(t.Context(), "card:1")
	w.does(err)
	if text := w.get("/console/members/" + m.ID.String()); !strings.Contains(text, `href="/console/offers/cake"`) || !strings.Contains(text, "Purchases that used it: 1") {
		t.Error("the member's page does not say that the offer was used")
	}
}

// TestPausingWaitsForASecondPerson pauses where the workspace asks for two: a draft comes
// of it, and nothing is published.
func TestPausingWaitsForASecondPerson(t *testing.T) {
	t.Parallel()
	w := openWork(t, workProgram)
	w.does(w.SetAccessSettings(system(), app.AccessSettings{TwoPublish: true}))
	answer, _ := fetch(t, "POST", w.server.URL+"/console/campaigns/promotion.tea/pause", "")
	if to := answer.Header.Get("Location"); answer.StatusCode != http.StatusSeeOther || !strings.HasPrefix(to, "/console/program/drafts/drf_") {
		t.Errorf("pausing is answered %d to %q", answer.StatusCode, to)
	}
	if versions, err := w.Versions(t.Context()); err != nil || len(versions) != 1 {
		t.Errorf("there are %d versions (%v)", len(versions), err)
	}
	for path, want := range map[string]int{"promotion.tea/stop": http.StatusNotFound, "reward.mug/pause": http.StatusNotFound, "nothing/pause": http.StatusNotFound} {
		if answer, _ := fetch(t, "POST", w.server.URL+"/console/campaigns/"+path, ""); answer.StatusCode != want {
			t.Errorf("%s is answered %d", path, answer.StatusCode)
		}
	}
	if answer, _ := fetch(t, "POST", w.server.URL+"/console/campaigns/earn.spend/pause", ""); answer.Header.Get("Location") != "/console/campaigns/earn.spend" {
		t.Errorf("what can't be paused leads to %q", answer.Header.Get("Location"))
	}
}
