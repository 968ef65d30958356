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

// sharing is a program in which members have to do with one another.
const sharing = `
program: Kin
currency: PLN
timezone: Europe/Warsaw
languages: [en]
wallets:
  points: {name: {en: {one: point, other: points}}}
  coins: {name: {en: {one: coin, other: coins}}}
  spare: {name: {en: {one: spare, other: spares}}}
  cash: {name: {en: cash}, scale: 2, worth: 1}
earn:
  - {id: spend, give: {points: 1, per: 1.00}}
  - {id: change, give: {coins: 1, per: 10.00}}
rewards:
  - {id: pack, name: {en: A pack}, kind: free product, sku: P, price: {points: 10}}
transfers: {points: {least: 5}, coins: {}, spare: {}}
families: {wallets: [coins]}
gift cards:
  - {id: birthday, name: {en: Birthday card}, into: cash}
  - {id: only, name: {en: To pay with}}
contests:
  - {id: spring, name: {en: Spring}, until: 2026-03-04, draw: 2026-03-05 12:00, per: 10.00, one prize each: true, claim: {within: 2d}, prizes: [{id: first, name: {en: A hundred}, winners: 2, give: {points: 100}}]}
`

func openSharing(t *testing.T) *fixture {
	t.Helper()
	return openProgram(t, sharing, 0, app.EmailChannel)
}

var (
	cardNumber  = regexp.MustCompile(`299\d{10}`)
	hiddenValue = regexp.MustCompile(`name="(event|gift|secret|member)" value="([^"]+)"`)
)

func (v *visitor) card() string { v.f.t.Helper(); return cardNumber.FindString(v.get("/card").body) }

// hidden gives the first value of a hidden field of a page.
func (p came) hidden(name string) string {
	for _, found := range hiddenValue.FindAllStringSubmatch(p.body, -1) {
		if found[1] == name {
			return found[2]
		}
	}
	return ""
}

// buys lets a member earn so many points.
func (v *visitor) buys(id string, points int) {
	v.f.t.Helper()
	v.f.send(fmt.Sprintf(`{"id":%q,"type":"purchase","member":"card:%s","total":"%d.00"}`, id, v.card(), points))
}

// told follows where a form led, and wants words there.
func (v *visitor) told(t *testing.T, what string, answer came, words string) {
	t.Helper()
	if answer.status != http.StatusSeeOther {
		t.Errorf("%s: %d %.400s", what, answer.status, strip(answer.body))
		return
	}
	v.get(answer.location).want(t, what, http.StatusOK, words)
}

// TestGiving gives by a card's number and by a link: it is accepted, refused, taken back,
// or not there any more, and moves when it is accepted.
func TestGiving(t *testing.T) {
	t.Parallel()
	f := openSharing(t)
	anna, ben := f.member("anna@example.com", "Anna"), f.member("ben@example.com", "Ben")
	anna.buys("a1", 100)
	give := func(amount, card string) came {
		t.Helper()
		page := anna.post("/give", "wallet", "points", "amount", amount, "card", card)
		page.want(t, "giving", http.StatusOK, "Is this right?")
		return anna.post("/give/send", "wallet", "points", "amount", amount, "card", card, "secret", page.hidden("secret"))
	}
	number := ben.card()
	anna.told(t, "by the card", give("20", number[:3]+" "+number[3:]), "It leaves your balance when they accept")
	anna.get("/").want(t, "before it is accepted", http.StatusOK, "100 points")
	home := ben.get("/")
	home.want(t, "what waits", http.StatusOK, "A. wants to give you this")
	ben.told(t, "accepting", ben.post("/give/answer", "gift", home.hidden("gift"), "answer", "accept"), "20 points are yours")
	anna.get("/").want(t, "after it was accepted", http.StatusOK, "80 points")
	ben.told(t, "accepting again", ben.post("/give/answer", "gift", home.hidden("gift"), "answer", "accept"), "no such gift any more")

	give("30", number)
	ben.told(t, "refusing", ben.post("/give/answer", "gift", ben.get("/").hidden("gift"), "answer", "refuse"), "stays with the giver")
	give("30", number)
	anna.told(t, "taking back", anna.post("/give/take-back", "gift", anna.get("/give").hidden("gift")), "nothing has left your balance")
	give("80", number)
	f.send(fmt.Sprintf(`{"id":"r1","type":"redemption","member":"card:%s","reward":"pack"}`, anna.card()))
	ben.told(t, "what is not there any more", ben.post("/give/answer", "gift", ben.get("/").hidden("gift"), "answer", "accept"), "the giver no longer has enough")
	page := anna.get("/give")
	for _, words := range []string{"Accepted, but not given", "the balance is 70 points, less than 80 points", "Nothing has left your balance"} {
		page.want(t, "what the giver reads", http.StatusOK, words)
	}
	anna.post("/give/take-back", "gift", page.hidden("gift")).want(t, "having read it", http.StatusSeeOther, "")
	if strings.Contains(anna.get("/give").body, "not given") {
		t.Error("what the giver has read still stands there")
	}
	ben.get("/").want(t, "the balance in the end", http.StatusOK, "20 points")

	link := give("15", "").location
	anna.get(link).want(t, "the link for the giver", http.StatusOK, "Send this link")
	f.visitor().get(link).want(t, "the link for a stranger", http.StatusSeeOther, "/sign-in?next=%2Fgive%2Flink%2F")
	ben.get(link).want(t, "the link", http.StatusOK, "This is for you")
	ben.told(t, "accepting by the link", ben.post(link, "answer", "accept"), "15 points are yours")
	ben.told(t, "the link again", ben.get(link), "no such gift any more")

	for _, wrong := range []struct{ amount, card, words string }{
		{"20", "12345", "aria-invalid"}, {"0", "", "a number above zero"}, {"x", "", "a number above zero"}, {"1", "", "at least 5 points"}, {"500", "", "less than"}, {"20", anna.card(), "aria-invalid"},
	} {
		anna.post("/give", "wallet", "points", "amount", wrong.amount, "card", wrong.card).want(t, wrong.amount+" to "+wrong.card, http.StatusUnprocessableEntity, wrong.words)
	}
	anna.post("/give", "wallet", "gold", "amount", "1").want(t, "no wallet", http.StatusUnprocessableEntity, "Choose what to give")
	open(t).member("eva@example.com", "Eva").get("/gift-card").want(t, "gift cards where there are none", http.StatusNotFound, "")
}

// TestFamilyOnThePortal founds a family, invites into it, and shows what came and went.
func TestFamilyOnThePortal(t *testing.T) {
	t.Parallel()
	f := openSharing(t)
	anna, ben, eva := f.member("anna@example.com", "Anna"), f.member("ben@example.com", "Ben"), f.member("eva@example.com", "Eva")
	anna.buys("a1", 100)
	begin := anna.get("/family")
	begin.want(t, "without a family", http.StatusOK, "Begin a family")
	anna.told(t, "founding", anna.post("/family", "event", begin.hidden("event")), "Invite the others")
	page := anna.get("/family")
	page.want(t, "the family", http.StatusOK, "10 coins")
	link := regexp.MustCompile(`/family/join/mem_\w+`).FindString(page.body)
	anna.post("/family/invite", "event", page.hidden("event"), "card", "123").want(t, "nobody's card", http.StatusUnprocessableEntity, "aria-invalid")
	anna.told(t, "inviting", anna.post("/family/invite", "event", page.hidden("event"), "card", ben.card()), "send them the link")

	eva.told(t, "who was not invited", eva.post(link, "event", eva.get(link).hidden("event")), "has not invited")
	ask := ben.get(link)
	ask.want(t, "the link", http.StatusOK, "see your first name")
	ben.told(t, "joining", ben.post(link, "event", ask.hidden("event")), "You belong to the family now")
	ben.buys("b1", 50)
	page = ben.get("/family")
	for _, words := range []string{"Anna", "15 coins", "+5 coins", "brought"} {
		page.want(t, "what everybody sees", http.StatusOK, words)
	}
	ben.get("/").want(t, "the first page", http.StatusOK, "15 coins")
	form := []string{"wallet", "coins", "amount", "3", "card", eva.card(), "secret", strings.Repeat("s", 24)}
	ben.post("/give/send", form...).want(t, "giving of the family's", http.StatusSeeOther, "/give")
	eva.told(t, "accepting", eva.post("/give/answer", "gift", eva.get("/").hidden("gift"), "answer", "accept"), "3 coins are yours")
	for _, words := range []string{"12 coins", "took", ">−3 coins"} {
		anna.get("/family").want(t, "what was drawn", http.StatusOK, words)
	}
	if strings.Contains(page.body, "/family/invite") {
		t.Error("who is not the head may invite")
	}
	ben.told(t, "inviting all the same", ben.post("/family/head", "event", page.hidden("event"), "member", "card:"+eva.card()), "only the head")
	ben.told(t, "leaving", ben.post("/family/leave", "event", page.hidden("event")), "You have left the family")
	eva.post("/family/leave", "event", "x").want(t, "leaving none", http.StatusNotFound, "")
}

// TestGiftCardOnThePortal shows what is on a card to whoever has its code.
func TestGiftCardOnThePortal(t *testing.T) {
	t.Parallel()
	f := openSharing(t)
	card, _, err := f.app.IssueGiftCard(f.system(), &app.NewGiftCard{Kind: "birthday", Amount: 7500})
	if err != nil {
		t.Fatal(err)
	}
	v := f.member("anna@example.com", "Anna")
	v.get("/profile").want(t, "the menu", http.StatusOK, "/gift-card")
	v.post("/gift-card", "code", strings.ToLower(card.Code)).want(t, "the card", http.StatusOK, "Birthday card")
	v.post("/gift-card", "code", card.Code).want(t, "its value", http.StatusOK, "75.00")
	v.post("/gift-card", "code", "ABCDEFGHJK").want(t, "no card", http.StatusNotFound, "aria-invalid")

	page := v.post("/gift-card", "code", card.Code)
	page.want(t, "what adding it does", http.StatusOK, "75 cash are yours")
	form := []string{"code", card.Code, "amount", "75.00", "event", page.hidden("event")}
	for range 2 {
		v.told(t, "adding it", v.post("/gift-card/add", form...), "on your balance now")
	}
	v.get("/").want(t, "the balance", http.StatusOK, "75 cash")
	history := v.get("/history")
	history.want(t, "the history", http.StatusOK, "From a gift card")
	history.want(t, "its reason", http.StatusOK, "From the gift card “Birthday card”: 75 cash.")
	v.post("/gift-card", "code", card.Code).want(t, "the card afterwards", http.StatusOK, "Everything on it is spent")
	other := f.member("ben@example.com", "Ben")
	other.post("/gift-card/add", "code", card.Code, "amount", "75.00", "event", app.NewEventID()).want(t, "adding what is gone", http.StatusUnprocessableEntity, "nothing is left on this gift card")
	other.post("/gift-card/add", "code", "ABCDEFGHJK", "amount", "75.00", "event", "x").want(t, "adding no card", http.StatusNotFound, "aria-invalid")
	only, _, err := f.app.IssueGiftCard(f.system(), &app.NewGiftCard{Kind: "only", Amount: 1000})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(other.post("/gift-card", "code", only.Code).body, "/gift-card/add") {
		t.Error("what can only be paid with can be added")
	}
	other.post("/gift-card/add", "code", only.Code, "amount", "10.00", "event", app.NewEventID()).want(t, "adding it all the same", http.StatusUnprocessableEntity, "can only be paid with")
}

// TestPrizesAreClaimedOnThePortal lets one of two winners claim in time and the other one
// come too late.
func TestPrizesAreClaimedOnThePortal(t *testing.T) {
	t.Parallel()
	f := openSharing(t)
	anna, ben, eva := f.member("anna@example.com", "Anna"), f.member("ben@example.com", "Ben"), f.member("eva@example.com", "Eva")
	anna.buys("a1", 10)
	ben.buys("b1", 10)
	anna.get("/goals").want(t, "before the draw", http.StatusOK, "There are no goals")
	f.clock.Advance(3 * 24 * time.Hour)
	if _, err := f.app.DrawContest(f.system(), "spring"); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/", "/vouchers", "/goals"} {
		anna.get(path).want(t, path, http.StatusOK, "Claim it by 8 March 2026")
		if strings.Contains(eva.get(path).body, "You won") {
			t.Errorf("who won nothing is told on %s of a prize", path)
		}
	}
	event := anna.get("/goals").hidden("event")
	for range 2 {
		anna.told(t, "claiming", anna.post("/contests/spring/claim", "event", event), "The prize is yours")
	}
	anna.get("/").want(t, "the balance", http.StatusOK, "110 points")
	anna.get("/goals").want(t, "what was claimed", http.StatusOK, "Yours since 6 March 2026")
	anna.told(t, "claiming once more", anna.post("/contests/spring/claim", "event", strings.Repeat("a", 24)), "no ticket has a prize")
	eva.told(t, "claiming nothing", eva.post("/contests/spring/claim", "event", event), "no ticket has a prize")

	f.clock.Advance(3 * 24 * time.Hour)
	ben.get("/goals").want(t, "too late", http.StatusOK, "was over on 8 March 2026")
	ben.told(t, "claiming too late", ben.post("/contests/spring/claim", "event", event), "the time to claim the prize is over")
	if strings.Contains(ben.get("/").body, "You won") {
		t.Error("what can't be claimed stands on the first page")
	}
}
