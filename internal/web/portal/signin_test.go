package portal_test

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/testkit/browser"
)

// visitor is a browser without scripts.
type visitor struct {
	f      *fixture
	client *http.Client
}

func (f *fixture) visitor() *visitor {
	jar, err := cookiejar.New(nil)
	if err != nil {
		f.t.Fatal(err)
	}
	return &visitor{f, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// came is what a visitor is answered.
type came struct {
	status   int
	location string
	body     string
}

func (v *visitor) do(method, path string, form url.Values) came {
	v.f.t.Helper()
	r, err := http.NewRequest(method, v.f.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		v.f.t.Fatal(err)
	}
	r.Header.Set("Accept-Language", "en")
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	answer, err := v.client.Do(r)
	if err != nil {
		v.f.t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		v.f.t.Fatal(err)
	}
	return came{answer.StatusCode, answer.Header.Get("Location"), string(body)}
}

func (v *visitor) get(path string) came { v.f.t.Helper(); return v.do(http.MethodGet, path, nil) }

func (v *visitor) post(path string, namesAndValues ...string) came {
	v.f.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(namesAndValues); i += 2 {
		form.Set(namesAndValues[i], namesAndValues[i+1])
	}
	return v.do(http.MethodPost, path, form)
}

// want fails the test where a page is not what it should be.
func (p came) want(t *testing.T, what string, status int, words string) {
	t.Helper()
	if p.status != status || !strings.Contains(p.body+p.location, words) {
		t.Errorf("%s: %d to %q, want %d with %q; it says %.600s", what, p.status, p.location, status, words, strip(p.body))
	}
}

func strip(body string) string {
	if _, main, found := strings.Cut(body, "<main"); found {
		body = main
	}
	return regexp.MustCompile(`<[^>]*>|\s+`).ReplaceAllString(body, " ")
}

// member lets somebody join and gives their browser.
func (f *fixture) member(email, name string) *visitor {
	f.t.Helper()
	v, before := f.visitor(), f.messages()
	v.post("/join", "contact", email, "given_name", name, "terms", "on").want(f.t, "joining", http.StatusSeeOther, "/sign-in/code")
	v.post("/sign-in/code", "code", f.code(email, before)).want(f.t, "the code", http.StatusSeeOther, "/")
	return v
}

func TestCodesAreGoodFiveTimesForTenMinutes(t *testing.T) {
	t.Parallel()
	f := open(t)
	v := f.member("anna@example.com", "Anna")
	v.get("/card").want(t, "the card", http.StatusOK, "299")
	v.post("/sign-out").want(t, "signing out", http.StatusSeeOther, "/")
	v.get("/card").want(t, "the card of a stranger", http.StatusSeeOther, "/sign-in?next=%2Fcard")

	before := f.messages()
	v.post("/sign-in", "contact", "ANNA@example.com", "next", "//elsewhere.example").want(t, "asking for a code", http.StatusSeeOther, "/sign-in/code")
	code := f.code("anna@example.com", before)
	wrong := strings.Repeat("0", 6)
	if code == wrong {
		wrong = strings.Repeat("1", 6)
	}
	for range 4 {
		v.post("/sign-in/code", "code", wrong).want(t, "a wrong code", http.StatusUnprocessableEntity, "This is not the code that was sent")
	}
	in := v.post("/sign-in/code", "code", code[:3]+" "+code[3:])
	if in.want(t, "the fifth try", http.StatusSeeOther, "/"); in.location != "/" {
		t.Errorf("the code leads to %q", in.location)
	}
	v.post("/sign-in/code", "code", code).want(t, "the code again", http.StatusSeeOther, "/sign-in")

	before = f.messages()
	late := f.visitor()
	late.post("/sign-in", "contact", "anna@example.com")
	code = f.code("anna@example.com", before)
	for range 5 {
		late.post("/sign-in/code", "code", wrong)
	}
	late.post("/sign-in/code", "code", code).want(t, "the sixth try", http.StatusSeeOther, "/sign-in")
	late.get("/").want(t, "after six tries", http.StatusOK, "Join")

	before = f.messages()
	late.post("/sign-in", "contact", "anna@example.com")
	code = f.code("anna@example.com", before)
	f.clock.Advance(11 * time.Minute)
	late.post("/sign-in/code", "code", code).want(t, "a code after eleven minutes", http.StatusSeeOther, "/sign-in")
	late.get("/sign-in").want(t, "the next page", http.StatusOK, "Begin again")
}

// TestAnotherLanguageAsksForTheSame finds in the choice of a language what the address of
// the page says, and no choice where a form was answered.
func TestAnotherLanguageAsksForTheSame(t *testing.T) {
	t.Parallel()
	f := open(t)
	v := f.visitor()
	const kept = `name="click" value="&lt;clk_1&gt;"`
	if page := v.get("/join?click=%3Cclk_1%3E&lang=pl").body; strings.Count(page, kept) != 2 || !strings.Contains(page, `id="lang"`) {
		t.Errorf("the click of the address does not stand in the form and in the choice of a language: %s", page)
	}
	if page := v.post("/join", "contact", "nobody", "click", "<clk_1>").body; strings.Count(page, kept) != 1 || strings.Contains(page, `id="lang"`) {
		t.Errorf("the answer of a form offers other languages: %s", page)
	}
}

// TestJoiningWhereNothingCanBeSent gives a card at once, one for each form, and lets
// nobody come back by a form that is old.
func TestJoiningWhereNothingCanBeSent(t *testing.T) {
	t.Parallel()
	f := openWith(t, 0)
	v := f.visitor()
	form := v.get("/join")
	if strings.Contains(form.body, `name="contact"`) || strings.Contains(form.body, `name="email"`) {
		t.Errorf("who joins is asked for what can't be used: %s", strip(form.body))
	}
	v.get("/sign-in").want(t, "signing in", http.StatusOK, "Ask at the till")
	secret := regexp.MustCompile(`name="secret" value="([^"]+)"`).FindStringSubmatch(form.body)[1]
	v.post("/join", "secret", secret, "given_name", "Anna").want(t, "joining without the terms", http.StatusUnprocessableEntity, "tick this box")
	card := func(v *visitor) string {
		return regexp.MustCompile(`299\d{10}`).FindString(v.get("/card").body)
	}
	v.post("/join", "secret", secret, "given_name", "Anna", "terms", "on").want(t, "joining", http.StatusSeeOther, "/")
	first := card(v)
	v.post("/join", "secret", secret, "given_name", "Anna", "terms", "on").want(t, "the form sent twice", http.StatusSeeOther, "/")
	if second := card(v); first == "" || second != first {
		t.Errorf("a form sent twice gives the cards %q and %q", first, second)
	}
	other := f.visitor()
	secret = regexp.MustCompile(`name="secret" value="([^"]+)"`).FindStringSubmatch(other.get("/join").body)[1]
	other.post("/join", "secret", secret, "terms", "on").want(t, "another one", http.StatusSeeOther, "/")
	if card(other) == first {
		t.Error("two forms give the same card")
	}
	f.clock.Advance(11 * time.Minute)
	late := f.visitor()
	late.post("/join", "secret", secret, "terms", "on").want(t, "an old form", http.StatusUnprocessableEntity, "Begin again")
	late.post("/join", "secret", "short", "terms", "on").want(t, "a secret that one could guess", http.StatusUnprocessableEntity, "")
	for range 70 {
		secret += "x"
		other.post("/join", "secret", secret, "terms", "on")
	}
	other.post("/join", "secret", secret+"y", "terms", "on").want(t, "the seventieth from one address", http.StatusUnprocessableEntity, "")

	f = openWith(t, 0, app.SMSChannel)
	f.visitor().post("/join", "secret", secret, "terms", "on").want(t, "joining without a contact where there are messages", http.StatusUnprocessableEntity, "")
	f.visitor().get("/join").want(t, "the form for telephones alone", http.StatusOK, "Telephone number")
}

// TestNothingTellsWhoIsAMember compares what strangers are told of a member's address
// and of another, and sends neither more than five messages in an hour.
func TestNothingTellsWhoIsAMember(t *testing.T) {
	t.Parallel()
	f := open(t)
	f.member("anna@example.com", "Anna").post("/sign-out")
	sent := f.messages()
	var answers [2][]came
	for range 7 {
		for i, contact := range []string{"anna@example.com", "nobody@example.com"} {
			v := f.visitor()
			p := v.post("/sign-in", "contact", contact)
			p.body = strings.ReplaceAll(p.body, contact, "CONTACT")
			q := v.post("/sign-in/code", "code", "x")
			answers[i] = append(answers[i], p, q)
		}
	}
	for i := range answers[0] {
		if i < 8 && answers[0][i] != answers[1][i] { // Anna's joining counts as well
			t.Errorf("step %d: a member is answered %v, a stranger %v", i, answers[0][i].status, answers[1][i].status)
		}
	}
	last := answers[1][12]
	last.want(t, "the seventh request", http.StatusUnprocessableEntity, "too many attempts")
	if n := f.messages() - sent; n > 5 {
		t.Errorf("%d messages were sent", n)
	}
	f.visitor().post("/sign-in", "contact", "no contact").want(t, "no contact", http.StatusUnprocessableEntity, "neither an e-mail address")
	f.visitor().post("/join", "contact", "eva@example.com").want(t, "joining without the terms", http.StatusUnprocessableEntity, "accepts the terms")
}

func TestLinksAreTakenOnceByAClick(t *testing.T) {
	t.Parallel()
	f := open(t)
	f.member("anna@example.com", "Anna").post("/sign-out")
	before := f.messages()
	v := f.visitor()
	v.post("/sign-in", "contact", "anna@example.com")
	code := f.code("anna@example.com", before)
	all, err := f.app.Messages(f.system(), 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	link := regexp.MustCompile(regexp.QuoteMeta(f.URL) + `(/sign-in/link/\S+)`).FindStringSubmatch(all[0].Body)
	if link == nil {
		t.Fatalf("the message has no link: %s", all[0].Body)
	}
	scanner := f.visitor()
	for range 3 {
		scanner.get(link[1]).want(t, "looking at the link", http.StatusOK, "Sign in on this device?")
	}
	phone := f.visitor()
	phone.post(link[1]).want(t, "the click", http.StatusSeeOther, "/")
	phone.get("/card").want(t, "the card", http.StatusOK, "299")
	scanner.post(link[1]).want(t, "a second click", http.StatusUnprocessableEntity, "used already")
	v.post("/sign-in/code", "code", code).want(t, "the code of the same message", http.StatusSeeOther, "/sign-in")
}

// TestTillsAndShopsHandOver signs in by a code, by what the till shows and by a shop's
// token, in a sandbox too, whose clock the browser and the shop know nothing of.
func TestTillsAndShopsHandOver(t *testing.T) {
	t.Parallel()
	for _, ahead := range []calendar.Instant{0, 31 * calendar.Day} {
		tillsAndShopsHandOver(t, openAhead(t, ahead))
	}
}

func tillsAndShopsHandOver(t *testing.T, f *fixture) {
	v := f.member("anna@example.com", "Anna")
	till, err := f.app.TillLink(f.system(), "email:anna@example.com")
	if err != nil {
		t.Fatal(err)
	}
	phone, path := f.visitor(), strings.TrimPrefix(till, f.URL)
	phone.post(path).want(t, "the till's code", http.StatusSeeOther, "/")
	phone.get("/card").want(t, "the card", http.StatusOK, "299")
	phone.post(path).want(t, "the till's code again", http.StatusUnprocessableEntity, "used already")

	written, err := f.app.NewShopKey(f.system())
	if err != nil {
		t.Fatal(err)
	}
	key, err := base64.RawURLEncoding.DecodeString(written)
	if err != nil {
		t.Fatal(err)
	}
	sign := func(method jwt.SigningMethod, key any, change func(jwt.MapClaims)) string {
		now := f.clock.Now()
		claims := jwt.MapClaims{"member": "email:anna@example.com", "iat": now.Unix(), "exp": now.Add(5 * time.Minute).Unix(), "jti": "order-1"}
		change(claims)
		token, err := jwt.NewWithClaims(method, claims).SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	same := func(jwt.MapClaims) {}
	for what, token := range map[string]string{
		"another key":  sign(jwt.SigningMethodHS256, []byte("another key of thirty-two bytes!"), same),
		"no signature": sign(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, same),
		"over":         sign(jwt.SigningMethodHS256, key, func(c jwt.MapClaims) { c["iat"], c["exp"] = 1, 2 }),
		"a long life":  sign(jwt.SigningMethodHS256, key, func(c jwt.MapClaims) { c["exp"] = f.clock.Now().Add(time.Hour).Unix() }),
		"no id":        sign(jwt.SigningMethodHS256, key, func(c jwt.MapClaims) { delete(c, "jti") }),
		"no end":       sign(jwt.SigningMethodHS256, key, func(c jwt.MapClaims) { delete(c, "exp") }),
		"nobody":       sign(jwt.SigningMethodHS256, key, func(c jwt.MapClaims) { delete(c, "member") }),
		"no token":     "x",
	} {
		f.visitor().post("/sign-in/shop", "token", token).want(t, what, http.StatusUnprocessableEntity, "The shop could not hand you over")
	}
	good := sign(jwt.SigningMethodHS256, key, same)
	customer := f.visitor()
	customer.get("/sign-in/shop?token="+good+"&next=/rewards").want(t, "the shop's link", http.StatusOK, "Sign in on this device?")
	customer.post("/sign-in/shop", "token", good, "next", "/rewards").want(t, "the click", http.StatusSeeOther, "/rewards")
	customer.get("/card").want(t, "the card", http.StatusOK, "299")
	f.visitor().post("/sign-in/shop", "token", good).want(t, "the token again", http.StatusUnprocessableEntity, "used already")

	v.post("/profile/sign-out-others").want(t, "ending the others", http.StatusSeeOther, "/profile/access")
	customer.get("/card").want(t, "an ended session", http.StatusSeeOther, "/sign-in")
	v.get("/card").want(t, "one's own session", http.StatusOK, "299")
	blocked := true
	if _, err := f.app.Change(f.system(), "email:anna@example.com", app.Change{Blocked: &blocked}); err != nil {
		t.Fatal(err)
	}
	v.get("/card").want(t, "a blocked member", http.StatusSeeOther, "/sign-in")
}

// TestSessionsEnd looks at what ends a session by itself, and that nobody can slip a
// token in before.
func TestSessionsEnd(t *testing.T) {
	t.Parallel()
	f := open(t)
	token := func(v *visitor) string {
		u, err := url.Parse(f.URL)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range v.client.Jar.Cookies(u) {
			if c.Name == "premia-member" {
				return c.Value
			}
		}
		return ""
	}
	v := f.member("anna@example.com", "Anna")
	first := token(v)
	before := f.messages()
	v.get("/sign-in").want(t, "who is signed in", http.StatusSeeOther, "/")
	v.post("/sign-in", "contact", "anna@example.com")
	v.post("/sign-in/code", "code", f.code("anna@example.com", before))
	if first == "" || token(v) == first {
		t.Error("signing in again keeps the token")
	}
	if _, err := f.app.MemberSessionOf(t.Context(), first, app.Client{}); err == nil {
		t.Error("the session before goes on")
	}
	for range 5 {
		f.clock.Advance(59 * 24 * time.Hour)
		v.get("/card").want(t, "used within sixty days", http.StatusOK, "299")
	}
	f.clock.Advance(61 * 24 * time.Hour)
	v.get("/card").want(t, "not used for sixty days", http.StatusSeeOther, "/sign-in")
}

func TestDataIsTakenAwayAndErased(t *testing.T) {
	t.Parallel()
	f := open(t)
	v := f.member("anna@example.com", "Anna")
	f.send(`{"id":"b1","type":"purchase","member":"email:anna@example.com","total":"64.00"}`)
	v.post("/profile/consents", "event", "evt_"+strings.Repeat("a", 32), "consent_email", "on").want(t, "a consent", http.StatusSeeOther, "/profile")
	v.get("/profile").want(t, "the profile", http.StatusOK, "Agreed on 3 March 2026")
	var data app.MemberData
	if err := json.Unmarshal([]byte(v.get("/profile/data").body), &data); err != nil {
		t.Fatal(err)
	}
	if data.Profile["given_name"] != "Anna" || len(data.Identities) != 2 || len(data.History) < 2 || len(data.Sessions) != 1 || len(data.Wallets) != 1 || len(data.Consents) != 3 {
		t.Errorf("the data is %+v", data)
	}
	v.post("/profile/leave").want(t, "leaving without the tick", http.StatusUnprocessableEntity, "Tick the box")
	v.post("/profile/leave", "sure", "on").want(t, "leaving", http.StatusSeeOther, "/")
	v.get("/card").want(t, "the card of who left", http.StatusSeeOther, "/sign-in")
	if _, err := f.app.Find(t.Context(), "email:anna@example.com"); err == nil {
		t.Error("the address is still somebody's")
	}
}

// TestHostileNames shows names that would run a script, turn the page's order round or
// break out of it.
func TestHostileNames(t *testing.T) {
	t.Parallel()
	f := open(t)
	name := `"><script>document.title="hacked"</script>` + "\u202e" + strings.Repeat("Ł", 100)
	tab := browser.Open(t, f.URL, "en")
	tab.Width(360)
	tab.Go("/sign-in")
	f.join(tab, "anna@example.com", name)
	for _, path := range []string{"/", "/card", "/profile"} {
		tab.Go(path)
		tab.Check()
		if browser.Script[string](tab, "document.title") == "hacked" {
			t.Errorf("%s runs a script of a name", path)
		}
	}
	long := f.visitor().post("/join", "contact", "eva@example.com", "given_name", strings.Repeat("x", 10_000), "terms", "on")
	long.want(t, "a name of 10,000 characters", http.StatusUnprocessableEntity, "at most 200 characters")
}

// firstPage is the most that the first page may weigh on the wire, in bytes.
const firstPage = 100 << 10

func TestTheFirstPageIsLight(t *testing.T) {
	t.Parallel()
	f := open(t)
	tab := browser.Open(t, f.URL, "en")
	tab.Go("/")
	tab.See(".hero")
	if n := tab.Received(); n < 5_000 || n > firstPage {
		t.Errorf("the first page of a stranger weighs %d bytes", n)
	}
	f.join(tab, "anna@example.com", "Anna")
	fresh := browser.Open(t, f.URL, "en") // with nothing kept
	before := f.messages()
	fresh.Go("/sign-in")
	fresh.Fill("#contact", "anna@example.com")
	fresh.Click("form[action='/sign-in'] button")
	fresh.See("#code")
	fresh.Fill("#code", f.code("anna@example.com", before))
	fresh.Click("form[action='/sign-in/code'] button")
	fresh.See(".card")
	if n := fresh.Received(); n < 5_000 || n > firstPage {
		t.Errorf("all from signing in to the card weighs %d bytes", n)
	}
}

// TestTheCardOpensWithoutAConnection takes the server away.
func TestTheCardOpensWithoutAConnection(t *testing.T) {
	t.Parallel()
	f := open(t)
	tab := browser.Open(t, f.URL, "en")
	f.join(tab, "anna@example.com", "Anna")
	number := tab.See(".digits")
	kept := `new Promise(function (done) { (function look() { caches.match("/card").then(function (c) { c ? done(true) : setTimeout(look, 50); }); })(); })`
	if !browser.Script[bool](tab, kept) {
		t.Fatal("the card is not kept")
	}
	tab.Clean()
	tab.Go("/profile")
	tab.Click("form[action='/sign-out'] button")
	tab.See(".hero")
	if browser.Script[bool](tab, `caches.match("/card").then(function (c) { return c !== undefined; })`) {
		t.Error("the card is kept after signing out")
	}
	before := f.messages()
	tab.Go("/sign-in")
	tab.Fill("#contact", "anna@example.com")
	tab.Click("form[action='/sign-in'] button")
	tab.See("#code")
	tab.Fill("#code", f.code("anna@example.com", before))
	tab.Click("form[action='/sign-in/code'] button")
	tab.See(".card")
	browser.Script[bool](tab, kept)

	// Whoever chooses another language has the shell in it, and no other.
	tab.Go("/profile?lang=pl")
	polish := `new Promise(function (done) { (function look() { caches.keys().then(function (names) {
		const shells = names.filter(function (n) { return n.startsWith("shell-"); });
		if (shells.length !== 1 || !shells[0].startsWith("shell-pl-")) { setTimeout(look, 50); return; }
		caches.match("/offline").then(function (answer) { return answer.text(); }).then(done);
	}); })(); })`
	if offline := browser.Script[string](tab, polish); !strings.Contains(offline, `lang="pl"`) {
		t.Errorf("the shell is %.200s", offline)
	}
	tab.Expect("ERR_")
	f.CloseClientConnections()
	f.Close()
	for _, path := range []string{"/console", "/console/members", "/till", "/docs"} {
		if !tab.Fails(path) {
			t.Errorf("without a connection something answers for %s", path)
		}
	}
	for _, path := range []string{"/", "/history"} {
		tab.Go(path)
		if got := tab.See(".digits"); got != number {
			t.Errorf("without a connection %s shows the card %q, not %q", path, got, number)
		}
	}
}
