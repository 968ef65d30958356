package web_test

import (
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"premia/internal/app"
	"premia/internal/core/event"
	"premia/internal/core/mechanic/contest"
	"premia/internal/store"
	"premia/internal/testkit/browser"
)

// hostileMembers enrols members who are called to break pages, and lets them buy.
func (w *work) hostileMembers(n int) {
	w.t.Helper()
	for i := range n {
		card := fmt.Sprint(1 + i)
		_, err := w.Enrol(w.t.Context(), app.Change{EventID: "join-" + card, Identities: []string{"card:" + card}, Profile: map[string]string{"given_name": hostileName, "family_name": "<b>x</b>"}})
		w.does(err)
		w.happens(fmt.Sprintf(`{"id":"b%s","type":"purchase","member":"card:%s","total":"100.00"}`, card, card))
	}
}

// TestHandingOutMoney turns as much of a member's value into money as is written: what is no
// amount, and less than is paid at once, is said, and nothing is taken.
func TestHandingOutMoney(t *testing.T) {
	t.Parallel()
	w := openWork(t, strings.Replace(workProgram, "amount: 1.00, price: {points: 1}}", "amount: 1.00, price: {points: 1}, least: 30.00}", 1))
	w.hostileMembers(1)
	m, err := w.Member(system(), "card:1")
	w.does(err)
	has := m.Wallets[0].Net()
	path := "/console/members/" + m.ID.String() + "/rewards"
	if page := w.get(path); !strings.Contains(page, fmt.Sprintf(`inputmode="decimal" maxlength="20" autocomplete="off" value="%d"`, has)) {
		t.Errorf("%d are not offered", has)
	}
	hand := func(id, amount string, status int, want string) {
		t.Helper()
		form := url.Values{"event": {id}, "reward": {"cash"}, "amount": {amount}, "iban": {annasIBAN}, "holder": {"Anna Nowak"}}
		answer, text := fetch(t, "POST", w.server.URL+path, form.Encode(), "Content-Type", "application/x-www-form-urlencoded")
		if answer.StatusCode != status || !strings.Contains(text, want) {
			t.Errorf("%q is answered %d, without %q", amount, answer.StatusCode, want)
		}
	}
	hand("h1", "x", http.StatusUnprocessableEntity, "as a number above zero")
	hand("h2", "29", http.StatusUnprocessableEntity, "less than can be given at once")
	hand("h3", "40", http.StatusSeeOther, "")
	if m, err = w.Member(system(), "card:1"); err != nil || m.Wallets[0].Net() != has-40 {
		t.Errorf("of %d there are left %d (%v)", has, m.Wallets[0].Net(), err)
	}
}

// TestPayoutsInABrowser batches pay-outs, looks at the batch again, takes it to the bank,
// says which one failed and that the rest was paid.
func TestPayoutsInABrowser(t *testing.T) {
	t.Parallel()
	w := openWork(t, workProgram)
	w.hostileMembers(3)
	for n := 1; n <= 3; n++ {
		_, err := w.RecordPayout(t.Context(), &event.Event{ID: fmt.Sprint("pay", n), Type: event.Redemption, Member: fmt.Sprint("card:", n), Reward: "cash"}, app.BankAccount{IBAN: annasIBAN, Name: "Anna Nowak"})
		w.does(err)
	}
	tab := browser.Open(t, w.server.URL, "en")
	tab.Go("/console/payouts")
	tab.Click(`form[action="/console/payouts"] button`)
	tab.Read("Export them for the bank.")
	batches, err := w.PayoutBatches(t.Context())
	if err != nil || len(batches) != 1 || len(batches[0].Payouts) != 3 {
		t.Fatalf("there are %+v (%v)", batches, err)
	}
	path := "/console/payouts/" + batches[0].ID
	tab.Go("/console/payouts")
	tab.Click(`a[href="` + path + `"]`) // a second look
	tab.Read("Send the file to your bank")
	if answer, _ := fetch(t, "GET", w.server.URL+path+"/pain.001", ""); answer.Header.Get("Location") != "/console/payouts/account" {
		t.Errorf("without an account of the business one is sent to %q", answer.Header.Get("Location"))
	}
	tab.Go("/console/payouts/account")
	tab.Fill("#name", "Club & Co")
	tab.Fill("#iban", "CZ65 0800 0000 1920 0014 5399")
	tab.Click(".steps-narrow form button")
	tab.Read("Saved.")
	w.bankFiles(path)
	tab.Go(path)
	tab.Click(`form[action="` + path + `/fail"] button`)
	tab.Click(`#confirm button[value="yes"]`)
	tab.Read("The pay-out counts as failed.")
	tab.Click(`form[action="` + path + `/settle"] button`)
	tab.Read("Pay-outs that then count as paid, for good: 2")
	tab.Click(`#confirm button[value="yes"]`)
	tab.Read("The batch is settled.")
	tab.Everywhere(path, languages...)
	b, err := w.PayoutBatch(t.Context(), batches[0].ID)
	w.does(err)
	if sent, _ := b.Sum(store.PayoutSent); sent != 2 {
		t.Errorf("%d were paid", sent)
	}
	if failed, _ := b.Sum(store.PayoutFailed); failed != 1 {
		t.Errorf("%d failed", failed)
	}
	for _, again := range []string{"/fail", "/settle"} { // what is settled stays
		fetch(t, "POST", w.server.URL+path+again, url.Values{"redemption": {b.Payouts[0].Redemption}}.Encode(), "Content-Type", "application/x-www-form-urlencoded")
	}
	if after, err := w.PayoutBatch(t.Context(), b.ID); err != nil || fmt.Sprint(after) != fmt.Sprint(b) {
		t.Errorf("settling again makes %+v of %+v (%v)", after, b, err)
	}
}

// bankFiles takes a batch as both files and reads them; the audit trail keeps that.
func (w *work) bankFiles(path string) {
	w.t.Helper()
	answer, text := fetch(w.t, "GET", w.server.URL+path+"/pain.001", "")
	var order struct {
		Transfers []struct {
			Amount string `xml:"Amt>InstdAmt"`
			IBAN   string `xml:"CdtrAcct>Id>IBAN"`
		} `xml:"CstmrCdtTrfInitn>PmtInf>CdtTrfTxInf"`
	}
	if err := xml.Unmarshal([]byte(text), &order); err != nil || answer.Header.Get("Content-Type") != "application/xml" || len(order.Transfers) != 3 || order.Transfers[0].Amount != "1.00" || order.Transfers[0].IBAN != strings.ReplaceAll(annasIBAN, " ", "") {
		w.t.Errorf("the order is a %s of %+v (%v)", answer.Header.Get("Content-Type"), order, err)
	}
	answer, text = fetch(w.t, "GET", w.server.URL+path+"/csv", "")
	if rows, err := csv.NewReader(strings.NewReader(text)).ReadAll(); err != nil || len(rows) != 5 { // a head and a sum
		w.t.Errorf("the table is %q (%v)", text, err)
	}
	if answer, _ = fetch(w.t, "GET", w.server.URL+path+"/exe", ""); answer.StatusCode != http.StatusNotFound {
		w.t.Errorf("another format is answered %d", answer.StatusCode)
	}
	rows, err := w.Store.Audits(w.t.Context(), store.AuditFilter{Action: "payouts.exported"}, 10)
	if err != nil || len(rows) != 2 || rows[0].Actor != "usr_test" {
		w.t.Errorf("the trail has %+v (%v)", rows, err)
	}
}

// TestContestInABrowser draws a contest among members with hostile names, lets a winner
// claim and others not, finds who stands in, and draws again from what is public. Each
// member has one ticket, so that nobody wins and claims all the prizes.
func TestContestInABrowser(t *testing.T) {
	t.Parallel()
	w := openWork(t, strings.Replace(workProgram, " per: 10.00, claim:", " claim:", 1))
	w.hostileMembers(8)
	const path = "/console/contests/spring"
	if text := w.get(path); strings.Contains(text, path+"/draw") {
		t.Error("a contest can be drawn before its moment")
	}
	w.clock.Advance(20 * 24 * time.Hour)
	tab := browser.Open(t, w.server.URL, "en")
	tab.Go(path)
	tab.Click(`form[action="` + path + `/draw"] button`)
	tab.Click(`#confirm button[value="yes"]`)
	tab.Read("Tickets among which was drawn")
	tab.Click(`a[href="` + path + `/check"]`)
	tab.Read("The same came out")
	x := w.published()
	if len(x.Winners) != 3 || x.Winners[0].State != contest.Waits {
		t.Fatalf("the winners are %+v", x.Winners)
	}
	tab.Click(`form[action="` + path + `/claim"] button`)
	tab.Click(`#confirm button[value="yes"]`)
	tab.Read("The prize is the winner’s.")
	w.clock.Advance(15 * 24 * time.Hour)
	var draws app.Draws
	if _, err := draws.DrawDue(t.Context(), w.App); err != nil {
		t.Fatal(err)
	}
	after := w.published()
	states := map[string]int{}
	for _, one := range after.Winners {
		states[one.State]++
	}
	if after.Winners[0].State != contest.Has || states[contest.Over] == 0 || states[contest.Waits] == 0 {
		t.Errorf("after the time to claim the winners are %+v", after.Winners)
	}
	tab.Click(`a[href="` + path + `/check"]`)
	tab.Read("The same came out")
	tab.Everywhere(path, languages...)
	text := html.UnescapeString(w.get(path))
	for _, word := range []string{"too late", "to claim"} {
		if !strings.Contains(text, word) {
			t.Errorf("the page does not say that a prize is %q", word)
		}
	}
}

// published reads what is public of the contest from its file, and draws again.
func (w *work) published() *contest.Published {
	w.t.Helper()
	x := &contest.Published{}
	w.does(json.Unmarshal([]byte(w.get("/console/contests/spring/file")), x))
	if err := contest.Check(x); err != nil {
		w.t.Errorf("drawn again, it is another: %v", err)
	}
	return x
}
