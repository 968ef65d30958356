package portal_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/store"
)

// scans is a browser that was signed in by what a till shows.
func (f *fixture) scans(ref string) *visitor {
	f.t.Helper()
	link, err := f.app.TillLink(f.system(), ref)
	if err != nil {
		f.t.Fatal(err)
	}
	v := f.visitor()
	v.post(strings.TrimPrefix(link, f.URL)).want(f.t, "the till's link", http.StatusSeeOther, "/")
	return v
}

// audited gives who did something to a member last, by the audit trail.
func (f *fixture) audited(action, member string) string {
	f.t.Helper()
	rows, _, err := f.app.AuditPage(f.system(), store.AuditFilter{Action: action}, 1)
	if err != nil {
		f.t.Fatal(err)
	}
	if len(rows) == 0 || rows[0].Target != member {
		return ""
	}
	return rows[0].Kind + " " + rows[0].Actor
}

// TestWhatATillOpensIsNoProof signs in by what a till shows, as a cashier may on any
// device: the card and rewards are there, and nothing by which somebody else's membership
// could be taken, given away or ended, until its own mailbox gives the proof.
func TestWhatATillOpensIsNoProof(t *testing.T) {
	cash := strings.Replace(sharing, "rewards:\n", "rewards:\n  - {id: cash, name: {en: Pay-out}, kind: cashback, amount: 5.00, price: {points: 100}, refund: {}}\n", 1)
	f := openProgram(t, cash, 0, app.EmailChannel)
	anna := f.member("anna@example.com", "Anna")
	anna.buys("a1", 500)
	id, err := f.app.Find(t.Context(), "email:anna@example.com")
	if err != nil {
		t.Fatal(err)
	}
	before := f.messages()
	cashier := f.scans("email:anna@example.com")
	cashier.get("/card").want(t, "the card", http.StatusOK, "299")
	prove := "/profile/prove?next="
	for _, one := range [][]string{
		{"GET", "/profile/data"}, {"GET", "/profile/leave"}, {"POST", "/profile/leave", "sure", "on"},
		{"POST", "/profile/contacts", "contact", "cashier@example.com"}, {"POST", "/profile/contacts/code", "code", "123456"},
		{"POST", "/profile/contacts/remove", "contact", "anna@example.com", "sure", "on"}, {"POST", "/profile/passkeys/remove", "passkey", "x"},
		{"POST", "/rewards/cash", "event", "e1", "iban", "PL61109010140000071219812874", "holder", "A Cashier"},
		{"POST", "/give", "wallet", "points", "amount", "20"}, {"POST", "/give/send", "wallet", "points", "amount", "20", "secret", strings.Repeat("s", 24)},
		{"POST", "/family", "event", "e2"}, {"POST", "/family/join/" + id.String(), "event", "e3"},
	} {
		answer := cashier.get
		if one[0] == "POST" {
			answer = func(path string) came { return cashier.post(path, one[2:]...) }
		}
		if got := answer(one[1]); got.status != http.StatusSeeOther || !strings.HasPrefix(got.location, prove) {
			t.Errorf("%s %s: %d to %q", one[0], one[1], got.status, got.location)
		}
	}
	cashier.post("/profile/passkeys/ask").want(t, "a passkey", http.StatusForbidden, "Confirm that it is you")
	cashier.get("/rewards/cash").want(t, "a pay-out", http.StatusOK, "Confirm that it is you")
	if page := cashier.get("/rewards/cash").body; strings.Contains(page, `name="iban"`) {
		t.Error("an account is asked for without a proof")
	}
	cashier.get(prove+"%2Fprofile").want(t, "the proof", http.StatusOK, "Send a code to anna@example.com")
	f.told("anna@example.com", before, "a till of")

	before = f.messages()
	cashier.post("/profile/prove", "contact", "anna@example.com", "next", "/profile/leave").want(t, "a code", http.StatusSeeOther, "/sign-in/code")
	cashier.post("/sign-in/code", "code", f.code("anna@example.com", before)).want(t, "the code", http.StatusSeeOther, "/profile/leave")
	cashier.get("/rewards/cash").want(t, "a pay-out after it", http.StatusOK, `name="iban"`)
	cashier.get("/profile/data").want(t, "the data", http.StatusOK, "anna@example.com")
	if got := f.audited("personal.exported", id.String()); got != "member "+id.String() {
		t.Errorf("the export was audited as of %q", got)
	}
	anna.post("/give", "wallet", "points", "amount", "20").want(t, "giving", http.StatusOK, "Is this right?")
	cashier.post("/profile/leave", "sure", "on").want(t, "leaving", http.StatusSeeOther, "/")
	if got := f.audited("personal.erased", id.String()); got != "member "+id.String() {
		t.Errorf("leaving was audited as of %q", got)
	}
}

// TestPayingOut turns as much into money as a member says, of a reward that pays no less
// than several of its prices.
func TestPayingOut(t *testing.T) {
	t.Parallel()
	cash := strings.Replace(sharing, "rewards:\n", "rewards:\n  - {id: cash, name: {en: Pay-out}, kind: cashback, amount: 0.50, price: {points: 10}, least: 10.00, most: 20.00}\n", 1)
	f := openProgram(t, cash, 0, app.EmailChannel)
	anna := f.member("anna@example.com", "Anna")
	account := []string{"iban", "PL61109010140000071219812874", "holder", "Anna"}
	anna.buys("a1", 150)
	anna.get("/rewards/cash").want(t, "too little", http.StatusOK, "you have 150 points")
	anna.buys("a2", 100)
	anna.get("/rewards/cash").want(t, "all that there is", http.StatusOK, `name="amount" type="text" value="250"`)
	for amount, want := range map[string]string{"": "a number above zero", "x": "a number above zero", "199": "less than can be given at once"} {
		anna.post("/rewards/cash", append([]string{"event", "e" + amount, "amount", amount}, account...)...).want(t, "the amount "+amount, http.StatusUnprocessableEntity, want)
	}
	anna.post("/rewards/cash", append([]string{"event", "e1", "amount", "210"}, account...)...).want(t, "the pay-out", http.StatusSeeOther, "/vouchers/")
	anna.buys("a3", 600)
	anna.get("/rewards/cash").want(t, "as much as is paid at once", http.StatusOK, `value="400"`)
	if m, err := f.app.Member(f.system(), "email:anna@example.com"); err != nil || m.Wallets[0].Net() != 640 {
		t.Errorf("there is left %+v (%v)", m.Wallets[0].Balance, err)
	}
}

// told waits until somebody was written what has words.
func (f *fixture) told(to string, before int, words string) {
	f.t.Helper()
	for range 3000 { // a minute: the machine may be busy
		all, err := f.app.Messages(f.system(), 0, 50)
		if err != nil {
			f.t.Fatal(err)
		}
		if len(all) > before && all[0].Recipient == to && strings.Contains(all[0].Body, words) {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	f.t.Errorf("%s was not told %q", to, words)
}

// TestWhoHasNothingToProveBy is told that the shop does it, but for whoever joined on this
// very phone where nothing can be sent; and tills make no more links than are needed.
func TestWhoHasNothingToProveBy(t *testing.T) {
	f := openWith(t, 0)
	anna := f.visitor()
	anna.post("/join", "secret", anna.get("/join").hidden("secret"), "given_name", "Anna", "terms", "on").want(t, "joining", http.StatusSeeOther, "/")
	number := cardNumber.FindString(anna.get("/card").body)
	phone := f.scans("card:" + number)
	phone.get("/profile/data").want(t, "the data by the till's link", http.StatusSeeOther, "/profile/prove")
	phone.get("/profile/prove").want(t, "the proof", http.StatusOK, "so the shop does this for you")
	f.clock.Advance(time.Hour)
	anna.get("/profile/data").want(t, "the data where they joined", http.StatusOK, number)

	id, err := f.app.Find(t.Context(), "card:"+number)
	if err != nil {
		t.Fatal(err)
	}
	cashier := app.WithActor(t.Context(), auth.Actor{Kind: auth.KindUser, ID: "usr_1", Role: auth.Cashier})
	for n := range 6 {
		_, err := f.app.TillLink(cashier, id.String())
		if over := n == 5; (err != nil) != over || over && app.AsProblem(err).Code != app.CodeTooManyAttempts {
			t.Errorf("link %d of a member in an hour: %v", n+1, err)
		}
	}
	for n := range 36 {
		answer, err := f.app.Enrol(f.system(), app.Change{})
		if err != nil {
			t.Fatal(err)
		}
		_, err = f.app.TillLink(cashier, answer.Member.String())
		if over := n == 34; n < 34 && err != nil || over && app.AsProblem(err).Code != app.CodeTooManyAttempts {
			t.Errorf("link %d of a cashier in an hour: %v", n+6, err)
		}
	}
}
