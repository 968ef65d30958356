package till

import (
	"context"
	"net/http"
	"strings"

	"premia/internal/app"
	"premia/internal/core/text"
	"premia/internal/i18n"
	"premia/internal/journal"
	"premia/internal/web/barcode"
	"premia/internal/web/page"
)

func (t *Till) enrolRoutes() {
	t.handle("GET /till/enrol", t.enrolForm)
	t.handle("POST /till/enrol", t.enrol)
	t.handle("POST /till/members/{member}/phone", t.phoneLink)
}

// enrolData is the page where somebody becomes a member.
type enrolData struct {
	Shell
	Form *page.Form
	// To is the language of the new member, in which the consents are read out.
	To       string
	Consents []consentView
	Terms    string
	Event    string
}

// consentView is a consent in the member's language.
type consentView struct {
	Name, Words string
	Required    bool
}

func (t *Till) enrolForm(r *request) error {
	f := page.NewForm("phone", "", "card", "", "given_name", "", "language", "", "event", app.NewEventID())
	return t.showEnrol(r, http.StatusOK, f)
}

func (t *Till) showEnrol(r *request, status int, f *page.Form) error {
	to := r.Lang
	if chosen := f.Get("language"); chosen != "" {
		to = i18n.Match(chosen)
	}
	look, err := t.app.Appearance(r.Ctx())
	if err != nil {
		return err
	}
	d := enrolData{Shell: r.shell(), Form: f, To: to, Terms: look.Terms, Event: f.Get("event")}
	for _, name := range []string{app.TermsConsent, "sms"} {
		d.Consents = append(d.Consents, consentView{
			name, t.app.Words.Render(to, text.New("till.consent."+name, "Name", text.Quoted(t.app.Called(r.Ctx(), to)))),
			name == app.TermsConsent,
		})
	}
	return r.PageStatus(status, "enrol", d)
}

// enrol makes a member of somebody at the till, or says whose the number is already.
func (t *Till) enrol(r *request) error {
	f, err := r.ReadForm("phone", "card", "given_name", "language", "terms", "sms", "event")
	if err != nil {
		return err
	}
	f.Values["event"] = app.DrawnEventID(f.Get("event"))
	if r.R.PostFormValue("do") == "language" {
		return t.showEnrol(r, http.StatusOK, f)
	}
	again := func(words string) error {
		f.Problem = words
		return t.showEnrol(r, http.StatusUnprocessableEntity, f)
	}
	if f.Get("terms") != "on" {
		if asksByScript(r.Context) {
			return answer(r.Context, http.StatusUnprocessableEntity, outcome{State: "rejected", Words: r.Say("till.enrol.terms")})
		}
		f.Wrong("terms", r.Say("till.enrol.terms"))
		return t.showEnrol(r, http.StatusUnprocessableEntity, f)
	}
	c := app.Change{
		EventID: f.Get("event"), Channel: channel, Store: r.till.Store,
		Identities: []string{app.Phone + ":" + strings.TrimSpace(f.Get("phone"))},
		Profile:    map[string]string{"language": i18n.Match(f.Get("language"))},
		Consents:   map[string]bool{app.TermsConsent: true, "sms": f.Get("sms") == "on"},
	}
	if card := strings.TrimSpace(f.Get("card")); card != "" {
		c.Identities = append(c.Identities, app.Card+":"+card)
	}
	if name := strings.TrimSpace(f.Get("given_name")); name != "" {
		c.Profile["given_name"] = name
	}
	return t.booked(r, c.EventID, func(ctx context.Context) (journal.Answer, error) { return t.app.Enrol(ctx, c) }, again)
}

// phoneData lets a member sign in on their own phone.
type phoneData struct {
	Shell
	Member memberView
	QR     any
	// How tells the member what to do with it.
	How slip
}

// phoneLink shows a code by which the member signs in on a phone; it is good once.
func (t *Till) phoneLink(r *request) error {
	m, err := t.memberOf(r)
	if err != nil {
		return err
	}
	link, err := t.app.TillLink(r.Ctx(), m.ID)
	if err != nil {
		return err
	}
	if strings.HasPrefix(link, "/") {
		link = r.Origin() + link
	}
	d := phoneData{Shell: r.shell(), Member: m, QR: barcode.QR(link)}
	d.How.Lang = t.languageOf(r, m.Language)
	if d.How.Shown, err = r.In(d.How.Lang, "phone", "how", nil); err != nil {
		return err
	}
	return r.Page("phone", d)
}
