package web_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/text"
	"premia/internal/store"
	"premia/internal/web"
	"premia/internal/web/page"
	"premia/programs"
)

// people is a gate that lets in whom a header names, with the role after the colon.
type people struct{}

func (people) Visitor(r *http.Request) (page.Visitor, error) {
	name, role, _ := strings.Cut(r.Header.Get("X-Test-User"), ":")
	may := func(permission string) bool { return auth.Allows(auth.Role(role), auth.Permission(permission)) }
	return page.Visitor{UserID: name, Name: name, Role: role, Proved: true, May: may}, nil
}

// office serves the coffee program to several people.
func office(t *testing.T) (*httptest.Server, *app.App) {
	_, a := coffee(t)
	site, err := web.New(web.Config{App: a, Gate: people{}, Unaudited: unaudited(t)})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(site)
	t.Cleanup(server.Close)
	return server, a
}

// post sends a form as somebody and gives the status and where it leads.
func post(t *testing.T, server *httptest.Server, who, path string, namesAndValues ...string) (int, string) {
	t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(namesAndValues); i += 2 {
		form.Set(namesAndValues[i], namesAndValues[i+1])
	}
	answer, body := fetch(t, "POST", server.URL+path, form.Encode(), "Content-Type", "application/x-www-form-urlencoded", "X-Test-User", who)
	if to := answer.Header.Get("Location"); to != "" {
		return answer.StatusCode, to
	}
	return answer.StatusCode, body
}

func changedAt(t *testing.T, a *app.App, id string) string {
	d, err := a.Draft(owner(t), id)
	if err != nil {
		t.Fatal(err)
	}
	return strconv.FormatInt(int64(d.Changed), 10)
}

// TestASecondPersonPublishes lets one write, another publish, and nobody do both.
func TestASecondPersonPublishes(t *testing.T) {
	t.Parallel()
	server, a := office(t)
	if err := a.SetAccessSettings(proved(t), app.AccessSettings{TwoPublish: true}); err != nil {
		t.Fatal(err)
	}
	const ania, ben, cyril = "usr_ania:marketer", "usr_ben:manager", "usr_cyril:analyst"
	status, to := post(t, server, ania, "/console/program/drafts", "as", "text")
	if status != http.StatusSeeOther {
		t.Fatalf("a draft was answered %d", status)
	}
	id := strings.Split(to, "/")[4]
	base := "/console/program/drafts/" + id
	text := strings.Replace(string(programs.Coffee), "stock: 5000", "stock: 4000", 1)
	if status, body := post(t, server, ania, base+"/text", "document", text, "seen", changedAt(t, a, id)); status != http.StatusSeeOther {
		t.Fatalf("the text was answered %d: %s", status, body)
	}
	if status, _ := post(t, server, cyril, base+"/text", "document", text, "seen", changedAt(t, a, id)); status != http.StatusForbidden {
		t.Errorf("an analyst's change was answered %d", status)
	}
	if status, _ := post(t, server, ania, base+"/publish", "when", "now", "seen", changedAt(t, a, id)); status != http.StatusForbidden {
		t.Errorf("a marketer's publishing was answered %d", status)
	}
	if status, _ := post(t, server, ben, base+"/publish", "when", "now", "seen", changedAt(t, a, id)); status != http.StatusUnprocessableEntity {
		t.Errorf("publishing what nobody asked for was answered %d", status)
	}
	if status, body := post(t, server, ania, base+"/request", "when", "now", "comment", "less espresso", "seen", changedAt(t, a, id)); status != http.StatusSeeOther {
		t.Fatalf("asking was answered %d: %s", status, body)
	}
	if status, to := post(t, server, ben, base+"/back", "reason", "why?"); status != http.StatusSeeOther || to != "/console/program" {
		t.Errorf("sending back was answered %d to %s", status, to)
	}
	if _, body := fetch(t, "GET", server.URL+"/console/program", "", "X-Test-User", ania); !strings.Contains(body, "why?") {
		t.Error("the author is not told why")
	}
	if status, body := post(t, server, ania, base+"/request", "when", "now", "comment", "less espresso", "seen", changedAt(t, a, id)); status != http.StatusSeeOther {
		t.Fatalf("asking again was answered %d: %s", status, body)
	}
	if status, body := post(t, server, ben, base+"/publish", "seen", changedAt(t, a, id)); status != http.StatusSeeOther {
		t.Fatalf("the second person was answered %d: %s", status, body)
	}
	v, err := a.Version(t.Context(), 0)
	if err != nil || v.Version != 2 || string(v.Document) != text || v.Comment != "less espresso" {
		t.Errorf("version %d, %q, %v", v.Version, v.Comment, err)
	}
	if status, _ := post(t, server, ben, "/console/program/versions/1/again"); status == http.StatusSeeOther {
		t.Error("one person alone rolled back")
	}
}

// TestPublishingAtATime schedules a draft, and refuses a time that is past.
func TestPublishingAtATime(t *testing.T) {
	t.Parallel()
	server, a := office(t)
	id := begun(t, a, strings.Replace(string(programs.Coffee), "stock: 5000", "stock: 4000", 1))
	const ben = "usr_ben:owner"
	path := "/console/program/drafts/" + id + "/publish"
	for _, at := range []string{"", "soon", "2020-01-01T08:00"} {
		if status, body := post(t, server, ben, path, "when", "later", "at", at, "seen", changedAt(t, a, id)); status != http.StatusUnprocessableEntity || !strings.Contains(body, "still to come") {
			t.Errorf("the time %q was answered %d", at, status)
		}
	}
	at := a.Journal.Now().In(a.Program().Zone).AddDate(0, 1, 0)
	if status, body := post(t, server, ben, path, "when", "later", "at", at.Format("2006-01-02T15:04"), "seen", changedAt(t, a, id)); status != http.StatusSeeOther {
		t.Fatalf("a time to come was answered %d: %s", status, body)
	}
	all, err := a.Versions(t.Context())
	if err != nil || len(all) != 2 || !all[0].Live || !all[1].LiveFrom.In(at.Location()).Equal(at.Truncate(time.Minute)) {
		t.Errorf("the versions are %+v, %v", all, err)
	}
	if d, err := a.Draft(owner(t), id); err != nil || d.State != store.DraftPublished {
		t.Errorf("the draft is in state %d, %v", d.State, err)
	}
	if status, _ := post(t, server, ben, path, "when", "now", "seen", changedAt(t, a, id)); status == http.StatusSeeOther {
		t.Error("a draft was published twice")
	}
}

// TestFormsRefuseWhatOthersChanged keeps a form from writing over somebody else.
func TestFormsRefuseWhatOthersChanged(t *testing.T) {
	t.Parallel()
	server, a := office(t)
	id := begun(t, a, string(programs.Coffee))
	drawn := changedAt(t, a, id)
	if _, err := a.SaveDraft(owner(t), id, app.DraftChange{Document: []byte(string(programs.Coffee) + "# theirs\n")}); err != nil {
		t.Fatal(err)
	}
	base := "/console/program/drafts/" + id
	for _, form := range [][]string{
		{"/form", "at", "rewards[0]", "v:rewards[0].stock", "1", "seen", drawn},
		{"/part", "at", "rewards", "path", "rewards[0]", "do", "remove", "seen", drawn},
		{"/text", "document", "program: x", "seen", drawn},
		{"/form", "at", "rewards[0]", "v:rewards[0].stock", "1"},
	} {
		if status, body := post(t, server, "usr_ania:manager", base+form[0], form[1:]...); status != http.StatusUnprocessableEntity || !strings.Contains(body, "Somebody changed this draft") {
			t.Errorf("%v was answered %d", form, status)
		}
	}
	if d, err := a.Draft(owner(t), id); err != nil || !strings.HasSuffix(string(d.Document), "# theirs\n") {
		t.Errorf("the draft was written over, %v", err)
	}
}

// proved is an owner who has just said who they are.
func proved(t *testing.T) context.Context {
	return app.WithActor(t.Context(), auth.Actor{Kind: auth.KindUser, ID: "usr_test", Role: auth.Owner, Proved: true})
}

// TestWishes makes a draft of each common wish, and says at its field what does not fit.
func TestWishes(t *testing.T) {
	t.Parallel()
	server, a := office(t)
	names := []string{"name_en", "Thanks", "name_pl", "Podziękowanie", "name_cs", "Díky", "name_ru", "Спасибо"}
	for _, c := range []struct {
		kind, want string
		values     []string
	}{
		{"double", "multiply: {beans: 3}", []string{"wallet", "beans", "factor", "3", "from", "2030-06-01", "until", "2030-06-02"}},
		{"bonus", "on: survey_answered", []string{"wallet", "beans", "on", "survey_answered", "amount", "20", "each", "1"}},
		{"reward", "kind: service", []string{"wallet", "beans", "reward", "service", "place", "Rynek 1", "amount", "20", "cost", "2.50"}},
		{"coupon", "code: SPRING15", []string{"code", "spring15", "percent", "15", "each", "1"}},
	} {
		status, to := post(t, server, "usr_ania:marketer", "/console/program/make/"+c.kind, append(c.values, names...)...)
		if status != http.StatusSeeOther || !strings.HasSuffix(to, "/review") {
			t.Errorf("%s was answered %d: %s", c.kind, status, to)
			continue
		}
		d, err := a.Draft(owner(t), strings.Split(to, "/")[4])
		if err != nil || !strings.Contains(string(d.Document), c.want) || d.Title != "Thanks" {
			t.Errorf("%s: the draft %q lacks %s, %v", c.kind, d.Title, c.want, err)
		}
	}
	for field, values := range map[string][]string{
		"until":   {"wallet", "beans", "factor", "2", "from", "2030-06-03", "until", "2030-06-02"},
		"factor":  {"wallet", "beans", "factor", "lots", "from", "2030-06-01", "until", "2030-06-02"},
		"budget":  {"wallet", "beans", "factor", "2", "from", "2030-06-01", "until", "2030-06-02", "budget", "much"},
		"name_pl": {"wallet", "beans", "factor", "2", "from", "2030-06-01", "until", "2030-06-02"},
	} {
		form := append([]string{}, values...)
		if field != "name_pl" {
			form = append(form, names...)
		}
		status, body := post(t, server, "usr_ania:marketer", "/console/program/make/double", form...)
		if status != http.StatusUnprocessableEntity || !strings.Contains(body, "This does not fit") {
			t.Errorf("a wrong %s was answered %d", field, status)
		}
	}
	again := append([]string{"wallet", "beans", "factor", "4", "from", "2030-06-01", "until", "2030-06-02"}, names...)
	if status, to := post(t, server, "usr_ania:marketer", "/console/program/make/double", again...); status != http.StatusSeeOther {
		t.Errorf("a second try was answered %d: %s", status, to)
	}
	proposed := []string{
		"wallet", "beans", "factor", "3", "from", "2030-07-06", "until", "2030-07-07",
		"name_en", "Double weekend", "name_pl", "Weekend 1,5×", "name_cs", "Dvojnásobný víkend", "name_ru", "Наши выходные",
	}
	if status, to := post(t, server, "usr_boris:marketer", "/console/program/make/double", proposed...); status != http.StatusSeeOther {
		t.Errorf("a weekend of three was answered %d: %s", status, to)
	} else if d, err := a.Draft(owner(t), strings.Split(to, "/")[4]); err != nil || !strings.Contains(string(d.Document), "Triple weekend") ||
		!strings.Contains(string(d.Document), "Potrójny weekend") || !strings.Contains(string(d.Document), "Trojnásobný víkend") || !strings.Contains(string(d.Document), "Наши выходные") {
		t.Errorf("the names do not follow the factor (%v): %s", err, d.Document)
	}
	drafts, err := a.Drafts(owner(t))
	if err != nil || len(drafts) != 5 {
		t.Errorf("there are %d drafts, %v", len(drafts), err)
	}
	if !slices.ContainsFunc(drafts, func(d store.Draft) bool { return strings.Contains(string(d.Document), "multiply: {beans: 4}") }) {
		t.Error("the second try is not in the draft of the first")
	}
	if status, _ := post(t, server, "usr_cyril:analyst", "/console/program/make/double", names...); status != http.StatusForbidden {
		t.Errorf("an analyst's wish was answered %d", status)
	}
}

// TestNothingToDouble says why a program of stamp cards has nothing to double, and what
// fits instead; one with points offers factors as each language writes them.
func TestNothingToDouble(t *testing.T) {
	t.Parallel()
	cafe, _ := programs.Document("cafe")
	server, _ := serving(t, cafe)
	_, body := fetch(t, "GET", server.URL+"/console/program/make/double", "")
	if !strings.Contains(body, "there is nothing to double") || strings.Contains(body, `id="factor"`) {
		t.Errorf("a program of stamp cards offers to double: %s", body)
	}
	if _, body = fetch(t, "GET", server.URL+"/console/program/make/bonus?on=purchase", ""); !strings.Contains(body, `value="purchase" selected`) {
		t.Errorf("no present for purchases is offered: %s", body)
	}
	server, _ = coffee(t)
	for lang, want := range map[string]string{"en": "1.5×", "pl": "1,5×"} {
		if _, body = fetch(t, "GET", server.URL+"/console/program/make/double", "", "Accept-Language", lang); !strings.Contains(body, want) {
			t.Errorf("%s: no %s in %s", lang, want, body)
		}
	}
}

// TestRenaming gives an entry of the document another key.
func TestRenaming(t *testing.T) {
	t.Parallel()
	server, a := office(t)
	id := begun(t, a, string(programs.Coffee))
	page := "/console/program/drafts/" + id
	if _, body := fetch(t, "GET", server.URL+page+"/form?at=names.channel.app", "", "X-Test-User", "usr_ania:manager"); !strings.Contains(body, `value="rename"`) {
		t.Error("a code's name can't be renamed")
	}
	if _, body := fetch(t, "GET", server.URL+page+"/form?at=earn", "", "X-Test-User", "usr_ania:manager"); strings.Contains(body, `value="rename"`) {
		t.Error("a word of the outline can be renamed")
	}
	if status, body := post(t, server, "usr_ania:manager", page+"/part", "path", "names.channel.app", "at", "names.channel", "do", "rename", "key", "phone", "seen", changedAt(t, a, id)); status != http.StatusSeeOther {
		t.Fatalf("renaming was answered %d: %s", status, body)
	}
	d, err := a.Draft(owner(t), id)
	if want := strings.Replace(string(programs.Coffee), "    app:", "    phone:", 1); err != nil || string(d.Document) != want {
		t.Errorf("renaming left %v, %v", app.TextDifference(programs.Coffee, d.Document), err)
	}
}

// TestTheLiveVersionIsSaidToBeLive shows which of several versions is live, begins a change
// from that one, and knows what was scheduled from what is.
func TestTheLiveVersionIsSaidToBeLive(t *testing.T) {
	t.Parallel()
	server, a := office(t)
	publish := func(stock string, from calendar.Instant) {
		document := strings.Replace(string(programs.Coffee), "stock: 5000", "stock: "+stock, 1)
		if _, err := a.Publish(owner(t), []byte(document), from, stock); err != nil {
			t.Fatal(err)
		}
	}
	publish("4002", calendar.None)
	publish("4003", calendar.None)
	publish("4004", a.Journal.Now()+calendar.Day)
	const ania = "usr_ania:marketer"
	_, shown := fetch(t, "GET", server.URL+"/console/program", "", "X-Test-User", ania, "Accept-Language", "en")
	if !strings.Contains(shown, "Version 3 is live") {
		t.Errorf("version 3 is live, and the page says %.1500s", shown)
	}
	for state, times := range map[string]int{"live": 1 + 1, "scheduled": 1 + 1, "past": 2 + 1} { // once more in the choice of states
		if said := a.Words.Render("en", text.New("console.program.state."+state)); strings.Count(shown, ">"+said+"<") != times {
			t.Errorf("%q stands there %d times, not %d", said, strings.Count(shown, ">"+said+"<"), times)
		}
	}
	form := regexp.MustCompile(`name="version" value="(\d+)"`).FindStringSubmatch(shown)
	_, to := post(t, server, ania, "/console/program/drafts", "as", "text", "version", form[1])
	if d, err := a.Draft(owner(t), strings.Split(to, "/")[4]); err != nil || !strings.Contains(string(d.Document), "stock: 4003") {
		t.Errorf("a change of the live version begins with another one (%v)", err)
	}
}
