package portal_test

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestSentReward takes a reward that is sent: the address is asked for, kept with the
// member alone, and stands where the member waits for it; nothing speaks of a till. What
// somebody of the business gave for it has its reason in the member's history, as text.
func TestSentReward(t *testing.T) {
	t.Parallel()
	f := open(t)
	anna := f.member("anna@example.com", "Anna")
	f.send(`{"id":"sorry","type":"adjustment","member":"email:anna@example.com","wallet":"beans","amount":"500","reason":"A parcel <b>that</b> came late"}`)
	anna.get("/history").want(t, "the reason of an adjustment", http.StatusOK, "A parcel &lt;b&gt;that&lt;/b&gt; came late")
	f.send(`{"id":"more","type":"adjustment","member":"email:anna@example.com","wallet":"beans","amount":"501","reason":"A second parcel"}`)
	second, _, err := f.app.CreateKey(f.system(), "second", "admin", 0)
	if err != nil {
		t.Fatal(err)
	}
	answer, text := f.asked(http.MethodPost, "/v1/adjustments/more/approve", `{}`, "Authorization", "Bearer "+second, "Content-Type", "application/json", "Idempotency-Key", "yes")
	if answer.StatusCode >= 300 {
		t.Fatalf("%d %.500s", answer.StatusCode, text)
	}
	if said := anna.get("/history").body; strings.Count(said, "A second parcel") != 2 {
		t.Errorf("the reason does not stand with the adjustment that waited and with its approval:\n%s", strip(said))
	}

	page := anna.get("/rewards/mug")
	page.want(t, "the reward's page", http.StatusOK, `name="street"`)
	page.want(t, "what it costs", http.StatusOK, "400 beans will be taken now. To pay: PLN\u00a015.00.")
	event := page.hidden("event")
	lacking := anna.post("/rewards/mug", "event", event, "family_name", "Nowak", "city", "Kraków")
	lacking.want(t, "without a street", http.StatusUnprocessableEntity, "We need this to send it to you.")
	if strings.Count(lacking.body, "We need this") != 2 || !strings.Contains(lacking.body, `value="Kraków"`) {
		t.Errorf("what lacks is said of street and postal code:\n%s", strip(lacking.body))
	}
	sent := anna.post("/rewards/mug", "event", event, "given_name", "Anna", "family_name", "Nowak", "street", "ul. <i>Długa</i> 1", "postal_code", "31-147", "city", "Kraków")
	anna.told(t, "redeeming", sent, "We’ll send it to you.")
	mine := anna.get(sent.location)
	mine.want(t, "where it is sent", http.StatusOK, "ul. &lt;i&gt;Długa&lt;/i&gt; 1<br>31-147 Kraków")
	if strings.Contains(mine.body, "at the till") || strings.Contains(mine.body, "<svg class=\"qr") {
		t.Errorf("of what is sent it says:\n%s", strip(mine.body))
	}
	m, err := f.app.Member(f.system(), "email:anna@example.com")
	if err != nil || m.Profile["street"] != "ul. <i>Długa</i> 1" {
		t.Errorf("the profile is %v (%v)", m.Profile, err)
	}
	entries, _, _, err := f.app.History(f.system(), m.ID.String(), nil, 100)
	for i := range entries {
		if e := entries[i].Event; strings.Contains(e.Reason+e.Reference+e.ID, "Długa") {
			t.Errorf("the journal has the address in %s (%v)", e.Type, err)
		}
		for _, d := range entries[i].Event.Data {
			if strings.Contains(d.Text, "Długa") {
				t.Errorf("the journal has the address in %s", d.Name)
			}
		}
	}
	f.clock.Advance(time.Minute)
	anna.post("/profile", "street", "", "city", "Kraków", "family_name", "Nowak")
	anna.get(sent.location).want(t, "after the street was removed", http.StatusOK, "don’t know where to yet")
	anna.get("/profile/leave").want(t, "what is lost", http.StatusOK, "631 beans")
}
