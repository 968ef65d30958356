package portal_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/core/ledger"
	"premia/internal/store"
	"premia/internal/web/page"
)

func TestMembersSeeNothingOfOthers(t *testing.T) {
	t.Parallel()
	f := open(t)
	anna, ben := f.member("anna@example.com", "Anna"), f.member("ben@example.com", "Ben")
	f.send(`{"id":"b1","type":"purchase","member":"email:anna@example.com","total":"640.00"}`)
	f.clock.Advance(4 * 24 * time.Hour)
	form := regexp.MustCompile(`name="event" value="(evt_[0-9a-f]+)"`).FindStringSubmatch(anna.get("/rewards/espresso").body)
	if form == nil {
		t.Fatal("the form has no event")
	}
	taken := anna.post("/rewards/espresso", "event", form[1])
	taken.want(t, "taking a reward", http.StatusSeeOther, "/vouchers/portal-mem_")
	again := anna.post("/rewards/espresso", "event", form[1])
	if again.location != taken.location {
		t.Errorf("the form sent twice leads to %q and %q", taken.location, again.location)
	}
	list, _, err := f.app.Redemptions(t.Context(), "email:anna@example.com", 10)
	if err != nil || len(list) != 1 {
		t.Errorf("sent twice it was taken %d times, %v", len(list), err)
	}
	ben.get(taken.location).want(t, "another's voucher", http.StatusNotFound, "")
	if p := ben.get("/history"); strings.Contains(p.body, "640.00") || strings.Contains(p.body, "Espresso") {
		t.Error("another's purchase is in the history")
	}
	ben.post("/rewards/espresso", "event", form[1]).want(t, "too few points", http.StatusUnprocessableEntity, "Espresso")
}

// known is all that is known of a member, for comparing.
func (f *fixture) known(id ledger.MemberID) string {
	f.t.Helper()
	data, err := f.app.MemberData(f.system(), id, "en")
	if err != nil {
		f.t.Fatal(err)
	}
	src, err := json.Marshal(data)
	if err != nil {
		f.t.Fatal(err)
	}
	return string(src)
}

// TestNoRouteReachesAnothersThings asks every route of members for another member's
// things, by the ids in its path, in its query and in its form: nothing is told of them,
// and nothing of them changes.
func TestNoRouteReachesAnothersThings(t *testing.T) {
	t.Parallel()
	f := open(t)
	anna := f.member("anna@example.com", "Annabella")
	id, err := f.app.Find(t.Context(), "email:anna@example.com")
	if err != nil {
		t.Fatal(err)
	}
	f.send(`{"id":"annas-order","type":"purchase","member":"email:anna@example.com","total":"640.00"}`)
	f.clock.Advance(4 * 24 * time.Hour)
	event := regexp.MustCompile(`name="event" value="(evt_[0-9a-f]+)"`).FindStringSubmatch(anna.get("/rewards/espresso").body)[1]
	taken := strings.TrimPrefix(anna.post("/rewards/espresso", "event", event).location, "/vouchers/")
	if err := f.app.Store.Change(t.Context(), func(tx *store.Tx) error {
		return tx.AddMemberPasskey(t.Context(), &store.MemberPasskey{ID: "annas-passkey", Handle: "h", Member: id, Name: "Annabella's phone", Record: []byte("x"), Created: f.app.Journal.Now(), LastUsed: calendar.None})
	}); err != nil {
		t.Fatal(err)
	}
	_, _, next, err := f.app.History(t.Context(), id.String(), nil, 1)
	if err != nil || next == nil {
		t.Fatalf("the history has no cursor (%v)", err)
	}
	card := regexp.MustCompile(`299\d{10}`).FindString(anna.get("/card").body)
	gift, err := f.app.MakePresent(t.Context(), &app.NewPresent{From: id, Secret: strings.Repeat("s", 24), Wallet: "beans", Amount: 20})
	if err != nil {
		t.Fatal(err)
	}
	before := f.known(id)
	if !strings.Contains(before, "Annabella's phone") || !strings.Contains(before, card) || !strings.Contains(before, taken) {
		t.Fatalf("what is looked for is not known: %s", before)
	}

	ben := f.member("ben@example.com", "Ben")
	inPath := map[string]string{"redemption": taken, "reward": "espresso", "offer": "annas", "choice": "annas", "contest": "annas", "family": id.String(), "secret": gift.ID}
	form := []string{
		"event", event, "passkey", "annas-passkey", "contact", "anna@example.com", "member", id.String(), "redemption", taken,
		"from", app.HistoryCursor(next), "id", taken, "sure", "on", "code", "123456", "gift", gift.ID, "card", "1", "amount", "1", "wallet", "beans",
	}
	query := url.Values{}
	for i := 0; i < len(form); i += 2 {
		query.Set(form[i], form[i+1])
	}
	asked := 0
	for _, route := range f.site.Routes() {
		method, path, _ := strings.Cut(route.Pattern, " ")
		if route.Need != page.Member || path == "/profile/leave" && method == http.MethodPost { // who leaves sees no more
			continue
		}
		path = regexp.MustCompile(`\{([^}]*)\}`).ReplaceAllStringFunc(path, func(place string) string {
			value, ok := inPath[strings.Trim(place, "{}")]
			if !ok {
				t.Errorf("%s: say here what another member has as %s", route.Pattern, place)
			}
			return value
		})
		asked++
		came := ben.do(method, path+"?"+query.Encode(), query)
		if came.status >= http.StatusInternalServerError || strings.Contains(route.Pattern, "{redemption}") && came.status != http.StatusNotFound {
			t.Errorf("%s answers %d", route.Pattern, came.status)
		}
		for _, word := range []string{"Annabella", card, "annas-order", "640.00"} {
			if strings.Contains(came.body, word) {
				t.Errorf("%s tells %q of another member", route.Pattern, word)
			}
		}
	}
	ben.post("/profile/leave", "sure", "on", "member", id.String()).want(t, "leaving", http.StatusSeeOther, "/")
	if asked < 15 {
		t.Errorf("only %d routes were asked", asked)
	}
	if open, err := f.app.PresentsOf(t.Context(), id); err != nil || len(open) != 1 {
		t.Errorf("%d of another's presents wait (%v)", len(open), err)
	}
	if after := f.known(id); after != before {
		t.Errorf("another member's things were\n%s\nand are\n%s", before, after)
	}
}
