package api_test

import (
	"net/http"
	"strings"
	"testing"

	"premia/internal/api"
)

// TestChallengesOverTheAPI shows a stamp card on its way, in a quote before it,
// and the badge of a full one.
func TestChallengesOverTheAPI(t *testing.T) {
	t.Parallel()
	onEach(t, "refuse", func(t *testing.T, f *fixture) {
		f.member("1", "5.00")
		teas := func(order, quantity string) string {
			return `{"type":"purchase","member":"card:1","order":"` + order + `","items":[{"category":"tea","quantity":` + quantity + `,"total":"4.00"}]}`
		}
		must[api.EventAnswer](f, 201, http.MethodPost, "/v1/events", teas("T1", "1"))
		if said := f.request(http.MethodPost, "/v1/quotes?explain=en", teas("T2", "1")).Body.String(); !strings.Contains(said, "2 of 3; 1 tea more for 7") {
			t.Errorf("a quote does not say what is missing: %s", said)
		}
		now := must[api.Challenges](f, 200, http.MethodGet, "/v1/members/card:1/challenges?lang=pl", "")
		if len(now.Challenges) != 1 || len(now.Badges) != 0 {
			t.Fatalf("the member has %+v", now)
		}
		card := now.Challenges[0]
		if card.ID != "teas" || card.Kind != "card" || card.Counted != "1" || card.Want != "3" || !strings.Contains(card.Words, "jeszcze 2 herbaty") || card.Name != "Herbaty" {
			t.Errorf("the card is %+v", card)
		}
		must[api.EventAnswer](f, 201, http.MethodPost, "/v1/events", teas("T3", "3"))
		now = must[api.Challenges](f, 200, http.MethodGet, "/v1/members/card:1/challenges?lang=pl", "")
		if card = now.Challenges[0]; card.Counted != "1" || card.Reached[0] != 1 || len(now.Badges) != 1 || now.Badges[0].Name != "Gość" || now.Badges[0].Picture.Alt != "krzesło" {
			t.Errorf("after a full card: %+v with %+v", card, now.Badges)
		}
		if p := must[api.Problem](f, 404, http.MethodGet, "/v1/members/card:9/challenges", ""); p.Code != "unknown_identity" {
			t.Errorf("of nobody: %+v", p)
		}
	})
}
