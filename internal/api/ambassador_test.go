package api_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"premia/internal/api"
	"premia/internal/core/calendar"
)

const advertising = `
program: Ambassadors
currency: PLN
timezone: Europe/Warsaw
languages: [en, pl]
enrolment: {unknown: enrol}
wallets:
  commission: {name: {en: commission, pl: prowizja}, scale: 2, debt: carry}
returns: {}
ambassadors:
  window: 30d
  to: https://shop.example/welcome?from={code}&click={click}
  commissions:
    - {id: sale, give: {commission: 10%}}
`

func withAmbassadors(t *testing.T, test func(t *testing.T, f *fixture)) {
	t.Parallel()
	onEach(t, "", func(t *testing.T, f *fixture) {
		if _, err := f.app.Publish(t.Context(), []byte(advertising), calendar.None, ""); err != nil {
			t.Fatal(err)
		}
		f.clock.Advance(1)
		test(t, f)
	})
}

// follow clicks on a link, as anybody may, and gives the click's id in the address to
// which it leads.
func (f *fixture) follow(link string) (click string, to *url.URL) {
	f.t.Helper()
	r := httptest.NewRequest(http.MethodGet, link, nil)
	w := httptest.NewRecorder()
	f.server.ServeHTTP(w, r)
	to, err := url.Parse(w.Header().Get("Location"))
	if w.Code != http.StatusFound || err != nil {
		f.t.Fatalf("%s: %d to %s: %s", link, w.Code, to, w.Body)
	}
	return to.Query().Get("click"), to
}

// TestAmbassador takes a click to a commission and back.
func TestAmbassador(t *testing.T) {
	withAmbassadors(t, func(t *testing.T, f *fixture) {
		f.member("1", "1.00")
		made := must[api.Ambassador](f, 200, http.MethodPut, "/v1/members/card:1/ambassador", `{"id":"make","active":true}`)
		if !made.Active || made.Since == nil || made.Path != "/r/"+made.Code {
			t.Fatalf("made: %+v", made)
		}
		click, to := f.follow(made.Path + "?sub1=blog&sub3=may&to=https://evil.example/")
		if to.Host != "shop.example" || to.Path != "/welcome" || to.Query().Get("from") != made.Code || !strings.HasPrefix(click, "clk_") {
			t.Fatalf("leads to %s", to)
		}
		body := `{"id":"b1","type":"purchase","member":"card:2","order":"A","items":[{"sku":"a","total":"30.00"},{"sku":"b","total":"70.00"}],"click":"` + click + `"}`
		for range 2 { // the second time it is the same request
			f.request(http.MethodPost, "/v1/events", body)
		}
		f.deliver()
		if got := f.balance("card:1"); got != "10.00" {
			t.Errorf("the commission is %s: %s", got, f.explained("b1"))
		}
		must[api.EventAnswer](f, 201, http.MethodPost, "/v1/events", `{"id":"r1","type":"return","order":"A","items":[{"sku":"a"}]}`)
		f.deliver()
		if got := f.balance("card:1"); got != "7.00" {
			t.Errorf("after a return it is %s", got)
		}
		got := must[api.Ambassador](f, 200, http.MethodGet, "/v1/members/card:1/ambassador?by=year", "").Figures
		want := []api.AmbassadorFigures{{
			From: got[0].From, Sub1: "blog", Clicks: 1, Conversions: 1, Reversals: 1,
			Commissions: []api.CommissionFigure{{Wallet: "commission", Given: "7.00", Pending: "0.00", Available: "7.00", Used: "0.00"}},
		}}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("figures are %+v, want %+v", got, want)
		}
		f.verified()
	})
}

// TestClicksThatDoNotCount sells all the same.
func TestClicksThatDoNotCount(t *testing.T) {
	withAmbassadors(t, func(t *testing.T, f *fixture) {
		must[api.MemberEvent](f, 201, http.MethodPost, "/v1/members", `{"identities":["card:1"],"profile":{"phone":"+48600100200"}}`)
		made := must[api.Ambassador](f, 200, http.MethodPut, "/v1/members/card:1/ambassador", `{"active":true}`)
		click, _ := f.follow(made.Path)
		must[api.MemberEvent](f, 201, http.MethodPost, "/v1/members", `{"identities":["card:2"],"profile":{"phone":"600 100 200","country":"PL"}}`)
		for i, x := range []struct{ member, click, why string }{
			{"card:1", click, "nobody earns by their own purchases"},
			{"card:2", click, "same phone"},
			{"card:3", "clk_0000000000001", "nothing is known of the click"},
			{"card:3", "rubbish", "nothing is known of the click"},
		} {
			id := string(rune('a' + i))
			must[api.EventAnswer](f, 201, http.MethodPost, "/v1/events", `{"id":"`+id+`","type":"purchase","member":"`+x.member+`","total":"30.00","click":"`+x.click+`"}`)
			if said := f.explained(id); !strings.Contains(said, x.why) {
				t.Errorf("%s by %s: %s", x.member, x.click, said)
			}
		}
		f.deliver()
		if got := f.balance("card:1"); got != "0.00" {
			t.Errorf("the commission is %s", got)
		}
		f.problem(422, "not_allowed", http.MethodPost, "/v1/events", `{"type":"return","member":"card:2","order":"A","click":"`+click+`"}`)
	})
}

// TestLinksOfOthers records no clicks for those who are no ambassadors, and leads
// nowhere for codes that are nobody's.
func TestLinksOfOthers(t *testing.T) {
	withAmbassadors(t, func(t *testing.T, f *fixture) {
		f.member("1", "1.00")
		none := must[api.Ambassador](f, 200, http.MethodGet, "/v1/members/card:1/ambassador", "")
		if click, to := f.follow(none.Path); click != "" || to.Host != "shop.example" || none.Active {
			t.Errorf("%+v leads to %s", none, to)
		}
		f.problem(404, "unknown_link", http.MethodGet, "/r/7K4MX-2PRT9-CHW3Y", "")
		f.problem(404, "unknown_link", http.MethodGet, "/r/x", "")
	})
}
