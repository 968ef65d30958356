package api_test

import (
	"fmt"
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
			From: got[0].From, Sub: "blog", Clicks: 1, Conversions: 1, Reversals: 1,
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

// TestFiguresByMarks counts clicks and purchases by each of an ambassador's own marks.
func TestFiguresByMarks(t *testing.T) {
	withAmbassadors(t, func(t *testing.T, f *fixture) {
		f.member("1", "1.00")
		made := must[api.Ambassador](f, 200, http.MethodPut, "/v1/members/card:1/ambassador", `{"active":true}`)
		f.follow(made.Path + "?sub1=blog&sub2=may&sub5=x")
		for n, subs := range []string{"sub1=blog&sub2=may", "sub1=blog&sub2=june&sub4=top", "sub2=june"} {
			click, _ := f.follow(made.Path + "?" + subs)
			body := fmt.Sprintf(`{"id":"b%d","type":"purchase","member":"card:%d","total":"10.00","click":%q}`, n, n+2, click)
			must[api.EventAnswer](f, 201, http.MethodPost, "/v1/events", body)
		}
		f.deliver()
		for mark, want := range map[string]string{
			"sub1": ":1/1 blog:3/2", "sub2": "june:2/2 may:2/1", "sub3": ":4/3", "sub4": ":3/2 top:1/1", "sub5": ":3/3 x:1/0",
		} {
			var got []string
			for _, one := range must[api.Ambassador](f, 200, http.MethodGet, "/v1/members/card:1/ambassador?by=year&mark="+mark, "").Figures {
				got = append(got, fmt.Sprintf("%s:%d/%d", one.Sub, one.Clicks, one.Conversions))
			}
			if strings.Join(got, " ") != want {
				t.Errorf("by %s: %v, want %s", mark, got, want)
			}
		}
	})
}

// TestConversions takes purchases that a partner reports by clicks, each once.
func TestConversions(t *testing.T) {
	withAmbassadors(t, func(t *testing.T, f *fixture) {
		f.member("1", "1.00")
		made := must[api.Ambassador](f, 200, http.MethodPut, "/v1/members/card:1/ambassador", `{"active":true}`)
		click, _ := f.follow(made.Path)
		partner := []string{"Authorization", "Bearer " + f.newKey("conversions:write")}
		body := `{"id":"P-1","click":"` + click + `","member":"customer:77","order":"P-1","total":"120.00"}`
		for n, status := range []int{201, 200} {
			if got := must[api.EventAnswer](f, status, http.MethodPost, "/v1/conversions", body, partner...); got.Outcome != "applied" || got.Repeated != (n == 1) {
				t.Errorf("reported: %+v", got)
			}
		}
		f.deliver()
		if got := f.balance("card:1"); got != "12.00" {
			t.Errorf("the commission is %s", got)
		}
		f.problem(409, "idempotency_conflict", http.MethodPost, "/v1/conversions", strings.Replace(body, "120", "130", 1), partner...)
		f.problem(404, "unknown_click", http.MethodPost, "/v1/conversions", `{"id":"P-2","click":"clk_0000000000001","member":"customer:77","order":"P-2","total":"1.00"}`, partner...)
		f.problem(403, "forbidden", http.MethodPost, "/v1/events", `{"type":"purchase","member":"card:1","total":"1.00"}`, partner...)
		f.problem(422, "missing", http.MethodPost, "/v1/conversions", `{"click":"`+click+`","member":"customer:77","order":"P-3","total":"1.00"}`, partner...)
		must[api.EventAnswer](f, 201, http.MethodPost, "/v1/events", `{"id":"r","type":"return","order":"P-1"}`)
		f.deliver()
		if got := f.balance("card:1"); got != "0.00" {
			t.Errorf("after a return it is %s", got)
		}
		f.verified()
	})
}

// TestPostbackRoutes sets, reads and ends an ambassador's postback.
func TestPostbackRoutes(t *testing.T) {
	withAmbassadors(t, func(t *testing.T, f *fixture) {
		f.member("1", "1.00")
		const at = "/v1/members/card:1/postback"
		f.problem(404, "unknown_postback", http.MethodGet, at, "")
		f.problem(422, "invalid_address", http.MethodPut, at, `{"url":"https://{sub1}.example/"}`)
		set := must[api.Postback](f, 200, http.MethodPut, at, `{"url":"https://network.example/?c={click_id}"}`)
		if read := must[api.Postback](f, 200, http.MethodGet, at, ""); read != set || read.Method != "GET" || read.State != "active" {
			t.Errorf("read: %+v, set %+v", read, set)
		}
		if again := must[api.Postback](f, 200, http.MethodPut, at, `{"url":"https://other.example/","method":"POST"}`); again.Method != "POST" || again.URL != "https://other.example/" {
			t.Errorf("set again: %+v", again)
		}
		if w := f.request(http.MethodDelete, at, ""); w.Code != 204 {
			t.Errorf("ended: %d %s", w.Code, w.Body)
		}
		f.problem(404, "unknown_postback", http.MethodDelete, at, "")
	})
}

// TestConversionsOfUnknownBuyers reports purchases of people whom nobody knows, under
// each policy of the program: they join, stay guests until they claim what they bought,
// or are refused. The ambassador has a commission once the buyer is a member.
func TestConversionsOfUnknownBuyers(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		policy                      string
		named, unnamed              int
		atOnce, claimed, afterwards string
	}{
		{"{unknown: enrol}", 201, 422, "12.00", "", "12.00"},
		{"{unknown: guest, claim within: 30d}", 201, 201, "0.00", `{"id":"k","type":"claim","member":"card:9","order":"P-1"}`, "12.00"},
		{"{unknown: refuse}", 404, 422, "0.00", "", "0.00"},
	} {
		t.Run(x.policy, func(t *testing.T) {
			t.Parallel()
			f := open(t, sqlite(t), "")
			if _, err := f.app.Publish(t.Context(), []byte(advertising), calendar.None, ""); err != nil {
				t.Fatal(err)
			}
			f.clock.Advance(1)
			f.member("1", "1.00")
			if x.claimed != "" {
				f.member("9", "1.00")
			}
			if _, err := f.app.Publish(t.Context(), []byte(strings.Replace(advertising, "{unknown: enrol}", x.policy, 1)), calendar.None, ""); err != nil {
				t.Fatal(err)
			}
			f.clock.Advance(1)
			made := must[api.Ambassador](f, 200, http.MethodPut, "/v1/members/card:1/ambassador", `{"active":true}`)
			click, _ := f.follow(made.Path)
			report := func(id, member string) int {
				return f.request(http.MethodPost, "/v1/conversions", `{"id":"`+id+`","click":"`+click+`",`+member+`"order":"`+id+`","total":"120.00"}`).Code
			}
			if got := report("P-1", `"member":"customer:77",`); got != x.named {
				t.Errorf("a named buyer: %d, want %d", got, x.named)
			}
			if got := report("P-2", ""); got != x.unnamed {
				t.Errorf("a buyer without a name: %d, want %d", got, x.unnamed)
			}
			f.deliver()
			if got := f.balance("card:1"); got != x.atOnce {
				t.Errorf("at once the commission is %s, want %s", got, x.atOnce)
			}
			if x.claimed != "" {
				must[api.EventAnswer](f, 201, http.MethodPost, "/v1/events", x.claimed)
				f.deliver()
			}
			if got := f.balance("card:1"); got != x.afterwards {
				t.Errorf("afterwards the commission is %s, want %s", got, x.afterwards)
			}
			f.verified()
		})
	}
}
