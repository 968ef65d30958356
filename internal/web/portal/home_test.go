package portal_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"premia/internal/app"
)

// TestTabs marks the tab to which a page belongs.
func TestTabs(t *testing.T) {
	t.Parallel()
	f := open(t)
	v := f.member("anna@example.com", "Anna")
	marked := regexp.MustCompile(`<a href="([^"]+)" aria-current="(page|true)">`)
	for path, want := range map[string]string{
		"/": "/ page", "/card": "/ true", "/rewards": "/rewards page", "/rewards/espresso": "/rewards true", "/vouchers": "/rewards true", "/goals": "/goals page",
		"/history": "/history page", "/profile": "/profile page", "/profile/access": "/profile true", "/profile/leave": "/profile true", "/friends": "/profile true",
		"/give": "/profile true", "/how": "",
	} {
		_, nav, _ := strings.Cut(v.get(path).body, `<nav class="tabs"`)
		nav, _, _ = strings.Cut(nav, "</nav>")
		got := ""
		for _, found := range marked.FindAllStringSubmatch(nav, -1) {
			got += found[1] + " " + found[2]
		}
		if got != want {
			t.Errorf("on %s the tab %q is marked, want %q", path, got, want)
		}
	}
}

// TestHomeWithoutLevels shows the goals that are nearest, and no wallet of which nobody
// has ever had anything to know.
func TestHomeWithoutLevels(t *testing.T) {
	t.Parallel()
	card := func(id, name string, of int) string {
		return fmt.Sprintf("  - {id: %s, name: {en: %s}, stamps: events, full: %d, unit: {en: {one: visit, other: visits}}, give: {reward: pack}}\n", id, name, of)
	}
	f := openProgram(t, `
program: Stamps
currency: PLN
timezone: Europe/Warsaw
languages: [en]
wallets:
  spare: {name: {en: {one: spare, other: spares}}}
rewards:
  - {id: pack, name: {en: A pack}, kind: free product, sku: P}
stamp cards:
`+card("far", "Far", 20)+card("near", "Near", 3)+card("middle", "Middle", 9)+card("last", "Last", 24), 0, app.EmailChannel)
	v := f.member("anna@example.com", "Anna")
	f.send(fmt.Sprintf(`{"id":"b1","type":"purchase","member":"card:%s","total":"10.00"}`, v.card()))
	page := v.get("/")
	page.want(t, "the first page", http.StatusOK, "Near")
	near, middle, far := strings.Index(page.body, "Near"), strings.Index(page.body, "Middle"), strings.Index(page.body, "Far")
	if near > middle || middle > far || far < 0 || strings.Contains(page.body, "Last") || strings.Contains(page.body, "spares") {
		t.Errorf("the first page shows %s", strip(page.body))
	}
}

// TestTheFirstPageOfStrangers says what there is and leads on, rather than listing all
// rules.
func TestTheFirstPageOfStrangers(t *testing.T) {
	t.Parallel()
	f := open(t)
	page := f.visitor().get("/")
	for _, words := range []string{`href="/join"`, `href="/sign-in"`, `href="/how"`, "What you get", "Some of the rewards", "Your data stays yours"} {
		page.want(t, "the first page", http.StatusOK, words)
	}
	for _, words := range []string{"For your first purchase: 50 beans. The condition: no purchase before and", "Only these items count: product code: “OWN-CUP”"} {
		page.want(t, "the first page", http.StatusOK, words)
	}
	if whole := f.visitor().get("/how").body; len(strip(page.body)) > 2500 || len(strip(whole)) < 3*len(strip(page.body)) {
		t.Errorf("the first page has %d characters, how it works %d", len(strip(page.body)), len(strip(whole)))
	}
}

// TestWhatGoesOnNow shows strangers and members the promotion that runs now and the one that
// begins within a week, and neither what begins later nor, on any page, what is over; a
// wallet that only ambassadors fill, and what costs from it, is shown to nobody else, and no
// page shows the pattern of a link.
func TestWhatGoesOnNow(t *testing.T) {
	t.Parallel()
	day := func(days int) string { return time.Date(2026, 3, 3+days, 0, 0, 0, 0, time.UTC).Format(time.DateOnly) }
	promotion := func(id, name string, from, until int) string {
		return fmt.Sprintf("  - {id: %s, name: {en: %s}, from: %s, until: %s, multiply: {points: 2}}\n", id, name, day(from), day(until))
	}
	f := openProgram(t, `
program: Weekends
currency: PLN
timezone: UTC
languages: [en]
wallets:
  points: {name: {en: {one: point, other: points}}}
  commission: {name: {en: commission}, scale: 2}
earn:
  - {id: spend, name: {en: Spending}, give: {points: 1, per: 1.00}}
campaigns:
`+promotion("now", "Running", -2, 2)+promotion("soon", "Coming", 5, 8)+promotion("later", "Distant", 30, 40)+promotion("over", "Ended", -20, -10)+`
referrals:
  link: https://shop.example/?from={code}
  rewards: [{id: first, name: {en: A friend}, on: first purchase, friend: {give: {points: 20}}}]
ambassadors:
  to: https://shop.example/?from={code}&click={click}
  window: 30d
  commissions: [{id: sales, name: {en: Sales}, give: {commission: 5%}}]
rewards:
  - {id: pack, name: {en: A pack}, kind: free product, sku: P, price: {points: 5}}
  - {id: gone, name: {en: A relic}, kind: free product, sku: R, price: {points: 5}, until: `+day(-3)+`}
  - {id: cash, name: {en: Sack of gold}, kind: free product, sku: G, price: {commission: 5}}
`, 0, app.EmailChannel)
	member, stranger := f.member("anna@example.com", "Anna"), f.visitor()
	for _, v := range []*visitor{member, stranger} {
		first, how := v.get("/"), v.get("/how")
		for _, words := range []string{"Running", "Now, until", "wice the points", "Coming", "Begins"} {
			first.want(t, "the first page", http.StatusOK, words)
		}
		for _, words := range []string{"Running", "Distant", "The exact terms"} {
			how.want(t, "how it works", http.StatusOK, words)
		}
		for _, words := range []string{"Ended", "Distant", "relic", "gold", "0 commission"} {
			if strings.Contains(first.body, words) {
				t.Errorf("the first page shows %s: %s", words, strip(first.body))
			}
		}
		for _, words := range []string{"Ended", "relic", "{code}", "{click}"} {
			if strings.Contains(how.body, words) {
				t.Errorf("how it works shows %s", words)
			}
		}
		if own := strings.Contains(how.body, "Your own link: https://shop.example/?from="); own != (v == member) {
			t.Errorf("how it works shows a link: %t", own)
		}
	}
	rewards := member.get("/rewards")
	rewards.want(t, "the rewards", http.StatusOK, "A pack")
	for _, words := range []string{"relic", "gold", "commission"} {
		if strings.Contains(rewards.body, words) {
			t.Errorf("the rewards show %s: %s", words, strip(rewards.body))
		}
	}
}

// TestOwnActsInWords names the browser of a session, and says nothing of rules where
// somebody only changed their name.
func TestOwnActsInWords(t *testing.T) {
	t.Parallel()
	f := open(t)
	v := f.member("anna@example.com", "Anna")
	if page := v.get("/profile/access"); !strings.Contains(page.body, "Another browser or device") || strings.Contains(page.body, "Go-http-client") {
		t.Errorf("the session is called %s", strip(page.body))
	}
	v.post("/profile", "event", strings.Repeat("a", 24), "given_name", "Ania").want(t, "a new name", http.StatusSeeOther, "/profile")
	_, entry, _ := strings.Cut(v.get("/history").body, "Your data</h2>")
	entry, _, _ = strings.Cut(entry, "</article>")
	if entry == "" || strings.Contains(entry, "<details") || strings.Contains(entry, `<p class="small">`) {
		t.Errorf("of a new name the history says %s", strip(entry))
	}
}

// TestRewardsSayWhatTheyTakeOff says beside a voucher, whose name has no amount, and a gift
// card what members get, in the list and on its page.
func TestRewardsSayWhatTheyTakeOff(t *testing.T) {
	t.Parallel()
	f := openProgram(t, `
program: Vouchers
currency: PLN
timezone: Europe/Warsaw
languages: [en]
wallets:
  points: {name: {en: {one: point, other: points}}}
earn:
  - {id: spend, give: {points: 1, per: 1.00}}
gift cards:
  - {id: card, name: {en: Card}}
rewards:
  - {id: small, name: {en: A small voucher}, kind: discount, price: {points: 10}, discount: {amount: 12.50, least: 50.00}, voucher: {valid: 1mo}}
  - {id: gift, name: {en: A gift card}, kind: gift card, card: card, amount: 75, price: {points: 10}}
`, 0, app.EmailChannel)
	v := f.member("anna@example.com", "Anna")
	for path, amounts := range map[string][]string{"/rewards": {"12.50", "50.00", "75.00"}, "/rewards/small": {"12.50", "50.00"}, "/rewards/gift": {"75.00"}} {
		page := v.get(path)
		for _, amount := range amounts {
			page.want(t, path, http.StatusOK, amount)
		}
	}
}
