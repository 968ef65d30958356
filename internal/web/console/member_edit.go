package console

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"premia/internal/app"
	"premia/internal/core/event"
	"premia/internal/web/page"
)

// editData is the form by which a member is enrolled or changed.
type editData struct {
	memberHead
	Form *page.Form
	// Identities are those that the member has, in words; they are for ever.
	Identities []string
	// Kinds are the names of the fields for identities.
	Kinds     []fieldView
	Fields    []fieldView
	Languages []option
	Consents  []fieldView
	Facts     []factView
}

// fieldView is a field of the form: its name and what it is called.
type fieldView struct{ Name, Label, Type, Autocomplete, Inputmode string }

// factView are the two fields of a fact: its name and its value.
type factView struct{ Name, Value, Was string }

// identityKinds are those that the form asks for; others come by the API.
var identityKinds = []string{app.Card, app.Phone, app.Email, app.Customer}

// editedProfile are the profile's fields on the form, in its order. What tells a device
// comes from apps alone.
var editedProfile = []string{
	"given_name", "family_name", "email", "phone", "birth_date", "gender", "language", "street", "postal_code", "city",
	"country", "nickname",
}

// usualConsents are asked for even where the member said nothing of them yet.
var usualConsents = []string{"email", "sms", "leaderboard_name"}

// spareFacts is how many new facts the form has room for at once.
const spareFacts = 2

// was begins the names of the fields that have a value as it was when the form was
// drawn, so that only what was typed is changed, and a form sent twice is one change.
const was = "was_"

func fieldsOf(r *page.Context) (fields, kinds []fieldView) {
	types := map[string]string{"birth_date": "date", "email": "email", "phone": "tel"}
	for _, name := range editedProfile {
		fields = append(fields, fieldView{Name: name, Label: r.Say("console.profile." + name), Type: types[name], Autocomplete: "off"})
	}
	for _, kind := range identityKinds {
		kinds = append(kinds, fieldView{Name: "identity_" + kind, Label: r.Say("console.identity." + kind), Autocomplete: "off"})
	}
	return fields, kinds
}

func (c *Console) newMember(r *page.Context) error {
	return c.showEdit(r, http.StatusOK, c.emptyForm(), nil)
}

// emptyForm has every field of the form.
func (c *Console) emptyForm() *page.Form {
	f := page.NewForm("event", app.NewEventID(), "referred_by", "")
	for _, name := range editedProfile {
		f.Values[name], f.Values[was+name] = "", ""
	}
	for _, kind := range identityKinds {
		f.Values["identity_"+kind] = ""
	}
	return f
}

// showEdit draws the form, of nobody or of a member.
func (c *Console) showEdit(r *page.Context, status int, f *page.Form, m *app.Member) error {
	d := editData{Form: f, Languages: []option{{"", r.Say("console.profile.unknown")}}}
	d.Fields, d.Kinds = fieldsOf(r)
	for _, code := range c.app.Words.Languages() {
		d.Languages = append(d.Languages, option{code, page.LanguageName(code)})
	}
	names := slices.Clone(usualConsents)
	if m != nil {
		d.memberHead = headOf(r, m)
		for _, i := range m.Identities {
			d.Identities = append(d.Identities, shownIdentity(i, true))
		}
		for _, name := range sortedNames(m.Consents) {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	for _, name := range names {
		d.Consents = append(d.Consents, fieldView{Name: "consent_" + name, Label: c.consentName(r, name)})
	}
	for n := 0; ; n++ {
		i := strconv.Itoa(n)
		name, there := f.Values["fact_name_"+i]
		if !there {
			break
		}
		d.Facts = append(d.Facts, factView{name, f.Values["fact_"+i], f.Values[was+"fact_"+i]})
	}
	return r.PageStatus(status, "member-edit", d)
}

func (c *Console) editMember(r *page.Context) error {
	m, err := c.app.Member(r.Ctx(), r.R.PathValue("member"))
	if err != nil {
		return err
	}
	f := c.emptyForm()
	for _, name := range editedProfile {
		f.Values[name], f.Values[was+name] = m.Profile[name], m.Profile[name]
	}
	for name, given := range m.Consents {
		if given {
			f.Values["consent_"+name], f.Values[was+"consent_"+name] = "on", "on"
		}
	}
	n := 0
	for _, name := range sortedNames(m.Facts) {
		if app.DeclaredFact(name) {
			i := strconv.Itoa(n)
			f.Values["fact_name_"+i], f.Values["fact_"+i], f.Values[was+"fact_"+i] = name, m.Facts[name], m.Facts[name]
			n++
		}
	}
	for spare := range spareFacts {
		i := strconv.Itoa(n + spare)
		f.Values["fact_name_"+i], f.Values["fact_"+i], f.Values[was+"fact_"+i] = "", "", ""
	}
	return c.showEdit(r, http.StatusOK, f, &m)
}

// typed reads the form, with all fields that it had.
func (c *Console) typed(r *page.Context) (*page.Form, error) {
	if err := r.R.ParseForm(); err != nil {
		return nil, err
	}
	f := c.emptyForm()
	for name := range r.R.PostForm {
		f.Values[name] = r.R.PostFormValue(name)
	}
	return f, nil
}

// changeOfForm makes of the form what is to become of the member.
func changeOfForm(f *page.Form) app.Change {
	c := app.Change{
		EventID: f.Get("event"), Profile: map[string]string{}, Facts: map[string]string{}, Consents: map[string]bool{},
		ReferredBy: strings.TrimSpace(f.Get("referred_by")),
	}
	for _, name := range editedProfile {
		if value := strings.TrimSpace(f.Get(name)); value != f.Get(was+name) {
			c.Profile[name] = value
		}
	}
	for _, kind := range identityKinds {
		if value := strings.TrimSpace(f.Get("identity_" + kind)); value != "" {
			c.Identities = append(c.Identities, kind+":"+value)
		}
	}
	for name := range f.Values {
		// A box that is not ticked is not sent; that it was there says the other field.
		consent, ok := strings.CutPrefix(name, "asked_consent_")
		if given := f.Get("consent_"+consent) == "on"; ok && given != (f.Get(was+"consent_"+consent) == "on") {
			c.Consents[consent] = given
		}
		n, ok := strings.CutPrefix(name, "fact_name_")
		if fact := strings.TrimSpace(f.Get(name)); ok && fact != "" && strings.TrimSpace(f.Get("fact_"+n)) != f.Get(was+"fact_"+n) {
			c.Facts[fact] = strings.TrimSpace(f.Get("fact_" + n))
		}
	}
	return c
}

// enrol makes a member. What reaches them, an address or a number, is theirs for
// messages, too.
func (c *Console) enrol(r *page.Context) error {
	f, err := c.typed(r)
	if err != nil {
		return err
	}
	change := changeOfForm(f)
	change.Channel = "console"
	for _, name := range []string{app.Email, app.Phone} {
		if value := strings.TrimSpace(f.Get("identity_" + name)); value != "" && change.Profile[name] == "" {
			change.Profile[name] = value
		}
	}
	if len(change.Identities) == 0 {
		f.Problem = r.Say("console.enrol.nobody")
		return c.showEdit(r, http.StatusUnprocessableEntity, f, nil)
	}
	answer, err := c.app.Enrol(r.Ctx(), change)
	if err != nil {
		if !c.refuse(r, f, &change, err) {
			return err
		}
		return c.showEdit(r, http.StatusUnprocessableEntity, f, nil)
	}
	return r.Done(memberPath(answer.Member.String()), "console.enrol.done")
}

func (c *Console) changeMember(r *page.Context) error {
	f, err := c.typed(r)
	if err != nil {
		return err
	}
	change := changeOfForm(f)
	m, err := c.app.Member(r.Ctx(), r.R.PathValue("member"))
	if err != nil {
		return err
	}
	if len(change.Profile)+len(change.Facts)+len(change.Consents)+len(change.Identities) == 0 && change.ReferredBy == "" {
		return r.Done(memberPath(m.ID.String()), "console.edit.nothing")
	}
	answer, err := c.app.Change(r.Ctx(), m.ID.String(), change)
	if err != nil {
		if !c.refuse(r, f, &change, err) {
			return err
		}
		return c.showEdit(r, http.StatusUnprocessableEntity, f, &m)
	}
	return r.Done(memberPath(answer.Member.String()), "console.edit.done")
}

// refuse takes up why a change was refused, at the field that it is about.
func (c *Console) refuse(r *page.Context, f *page.Form, change *app.Change, err error) bool {
	p := *app.AsProblem(err)
	if name, ok := strings.CutPrefix(p.Path, "profile."); ok {
		p.Path = name
		if id := "console.profile." + name + ".wrong"; p.Code == event.CodeInvalid && c.app.Words.Has(r.Lang, id) {
			f.Wrong(name, r.Say(id))
			return true
		}
	}
	if i, ok := strings.CutPrefix(p.Path, "identities["); ok {
		n, err := strconv.Atoi(strings.TrimSuffix(i, "]"))
		if err == nil && n < len(change.Identities) {
			kind, _, _ := strings.Cut(change.Identities[n], ":")
			p.Path = "identity_" + kind
		}
	}
	if fact, ok := strings.CutPrefix(p.Path, "facts."); ok {
		f.Problem = fact + ": " + r.Problem(&p)
		return true
	}
	return r.Refuse(f, &p)
}
