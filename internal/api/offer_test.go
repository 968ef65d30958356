package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"premia/internal/api"
)

// TestOffersOverTheAPI shows what a member has, activates, is given and chooses.
func TestOffersOverTheAPI(t *testing.T) {
	t.Parallel()
	onEach(t, "refuse", func(t *testing.T, f *fixture) {
		f.member("1", "5.00")
		find := func(id string) *api.MemberOffer {
			all := must[api.MemberOffers](f, 200, http.MethodGet, "/v1/members/card:1/offers?lang=pl", "")
			for i := range all.Offers {
				if all.Offers[i].ID == id {
					return &all.Offers[i]
				}
			}
			return nil
		}
		if o := find("bread"); o == nil || o.Status != "open" || o.Name != "Pieczywo" || !strings.Contains(strings.Join(o.Terms, " "), "Kupony") {
			t.Fatalf("the offer is %+v", o)
		}
		if o := find("birthday-cake"); o != nil {
			t.Errorf("an offer for others is shown: %+v", o)
		}
		const path = "/v1/members/card:1/offers/bread/activate"
		must[api.EventAnswer](f, 201, http.MethodPost, path, `{"id":"a1"}`)
		must[api.EventAnswer](f, 200, http.MethodPost, path, `{"id":"a1"}`)
		if p := must[api.Problem](f, 409, http.MethodPost, path, `{"id":"a2"}`); p.Code != "already_activated" {
			t.Errorf("twice: %+v", p)
		}
		if p := must[api.Problem](f, 404, http.MethodPost, "/v1/members/card:1/offers/nothing/activate", `{"id":"a3"}`); p.Code != "unknown_offer" {
			t.Errorf("of nothing: %+v", p)
		}
		if o := find("bread"); o.Status != "active" || o.Until == nil {
			t.Errorf("after that it is %+v", o)
		}
		must[api.EventAnswer](f, 201, http.MethodPost, "/v1/members/card:1/offers", `{"id":"g1","offer":"birthday-cake"}`)
		if o := find("birthday-cake"); o == nil || o.Status != "applies" || !o.Personal {
			t.Errorf("what was given is %+v", o)
		}
		must[api.EventAnswer](f, 201, http.MethodPost, "/v1/members/card:1/choices/category", `{"id":"c1","option":"milk"}`)
		all := must[api.MemberOffers](f, 200, http.MethodGet, "/v1/members/card:1/offers", "")
		if all.Choices[0].Chosen != "milk" || all.Groups[0].Chosen != 1 || all.Groups[0].Choose != 3 {
			t.Errorf("the member has %+v", all)
		}
		if p := must[api.Problem](f, 409, http.MethodPost, "/v1/members/card:1/choices/category", `{"id":"c2","option":"bread"}`); p.Code != "already_chosen" {
			t.Errorf("a second choice: %+v", p)
		}
	})
}

// TestParallelActivations activates five offers of a group from 64 requests at once:
// never are more than three active.
func TestParallelActivations(t *testing.T) {
	t.Parallel()
	onEach(t, "refuse", func(t *testing.T, f *fixture) {
		f.member("1", "5.00")
		offers := []string{"bread", "milk", "fruit", "jam", "tea"}
		var wait sync.WaitGroup
		for i := range 64 {
			wait.Go(func() {
				f.request(http.MethodPost, "/v1/members/card:1/offers/"+offers[i%len(offers)]+"/activate", fmt.Sprintf(`{"id":"p%d"}`, i))
			})
		}
		wait.Wait()
		all := must[api.MemberOffers](f, 200, http.MethodGet, "/v1/members/card:1/offers", "")
		active := 0
		for _, o := range all.Offers {
			if o.Status == "active" {
				active++
			}
		}
		if active != 3 || all.Groups[0].Chosen != 3 {
			t.Errorf("%d are active, and %d chosen", active, all.Groups[0].Chosen)
		}
	})
}
