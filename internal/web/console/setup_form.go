package console

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"net/http"
	"slices"

	"premia/internal/app"
	"premia/internal/web/page"
)

// What the fields of the way offer; anything else that is one may be typed.
var (
	currencies = []string{
		"PLN", "CZK", "EUR", "USD", "GBP", "RUB", "UAH", "KZT", "BYN", "HUF", "RON", "BGN", "SEK", "NOK", "DKK", "CHF",
		"TRY", "GEL", "AMD", "CAD", "AUD", "JPY",
	}
	timezones = []string{
		"Europe/Warsaw", "Europe/Prague", "Europe/Bratislava", "Europe/Berlin", "Europe/Vienna", "Europe/London", "Europe/Dublin", "Europe/Paris",
		"Europe/Madrid", "Europe/Rome", "Europe/Vilnius", "Europe/Riga", "Europe/Tallinn", "Europe/Helsinki", "Europe/Kyiv", "Europe/Minsk",
		"Europe/Kaliningrad", "Europe/Moscow", "Europe/Samara", "Asia/Yekaterinburg", "Asia/Omsk", "Asia/Novosibirsk", "Asia/Krasnoyarsk",
		"Asia/Irkutsk", "Asia/Vladivostok", "Asia/Almaty", "Asia/Tbilisi", "Europe/Istanbul", "America/New_York",
		"America/Chicago", "America/Los_Angeles", "Australia/Sydney",
	}
	// colours are offered beside a colour of one's own.
	colours = []string{app.DefaultColour, "#1f4e9e", "#6b2fa0", "#a3174f", "#b3261e", "#8a4b08", "#3d6b1f", "#1f2933"}
)

// homes are where most speakers of a language do business, which the form proposes; the
// others are proposed what the ready program has.
var homes = map[string]struct{ currency, timezone string }{
	"pl": {"PLN", "Europe/Warsaw"}, "cs": {"CZK", "Europe/Prague"}, "ru": {"RUB", "Europe/Moscow"},
}

// nameData is the form of the name and what is beside it.
type nameData struct {
	setupHead
	Form                             *page.Form
	Currencies, Timezones, Languages []string
	First                            []option
	Was                              string // the currency of the ready program
}

func (c *Console) setupName(r *page.Context) error {
	s, h, on, err := c.at(r, "name")
	if !on || err != nil {
		return err
	}
	ready, err := app.Ready(s.Program)
	if err != nil {
		return err
	}
	f := page.NewForm("name", s.Name, "currency", s.Currency, "timezone", s.Timezone)
	chosen := s.Languages
	if !s.Named {
		home := homes[r.Lang]
		for name, own := range map[string]string{
			"name": app.Titled(ready, r.Lang), "currency": cmp.Or(home.currency, ready.Head.Currency),
			"timezone": cmp.Or(home.timezone, ready.Head.Timezone),
		} {
			if f.Get(name) == "" {
				f.Values[name] = own
			}
		}
		if len(chosen) == 0 {
			chosen = ready.Head.Languages
			f.Values["first"] = r.Lang
		}
	}
	if f.Values["first"] == "" {
		f.Values["first"] = chosen[0]
	}
	for _, lang := range chosen {
		f.Values["lang_"+lang] = "on"
	}
	return c.nameForm(r, http.StatusOK, &s, h, f)
}

func (c *Console) nameForm(r *page.Context, status int, s *app.Setup, h setupHead, f *page.Form) error {
	ready, err := app.Ready(s.Program)
	if err != nil {
		return err
	}
	d := nameData{setupHead: h, Form: f, Currencies: currencies, Timezones: timezones, Languages: ready.Head.Languages, Was: ready.Head.Currency}
	for _, lang := range d.Languages {
		d.First = append(d.First, option{lang, page.LanguageName(lang)})
	}
	return r.PageStatus(status, "setup_name", d)
}

func (c *Console) setupNamed(r *page.Context) error {
	s, h, on, err := c.at(r, "name")
	if !on || err != nil {
		return err
	}
	ready, err := app.Ready(s.Program)
	if err != nil {
		return err
	}
	names := []string{"name", "currency", "timezone", "first"}
	for _, lang := range ready.Head.Languages {
		names = append(names, "lang_"+lang)
	}
	f, err := r.ReadForm(names...)
	if err != nil {
		return err
	}
	own := app.Own{Name: f.Get("name"), Currency: f.Get("currency"), Timezone: f.Get("timezone"), Languages: languagesOf(f, ready.Head.Languages)}
	// A name that is the ready program's in some language keeps its other languages.
	if own.Name == app.Titled(ready, r.Lang) {
		own.Name = ready.Head.Program
	}
	f.Values["languages"] = ""
	if err := c.app.NameProgram(r.Ctx(), own); err != nil {
		if err := c.setupOver(r, err); err == nil {
			return nil
		}
		if !r.Refuse(f, err) {
			return err
		}
		return c.nameForm(r, http.StatusUnprocessableEntity, &s, h, f)
	}
	if s, err = c.app.Setup(r.Ctx()); err != nil {
		return err
	}
	if s.InOtherMoney() {
		return r.Redirect(setupPath + "/amounts")
	}
	return r.Redirect(setupPath + "/look")
}

// languagesOf gives the languages that were ticked, the main one first.
func languagesOf(f *page.Form, offered []string) []string {
	first := f.Get("first")
	if !slices.Contains(offered, first) {
		first = offered[0]
	}
	out := []string{first}
	for _, lang := range offered {
		if lang != first && f.Get("lang_"+lang) == "on" {
			out = append(out, lang)
		}
	}
	return out
}

// lookData is the form of colours and the logo.
type lookData struct {
	setupHead
	Form    *page.Form
	Colours []string
	Logo    bool
	Limit   int // of a logo, in megabytes
}

func (c *Console) setupLook(r *page.Context) error {
	_, h, on, err := c.at(r, "look")
	if !on || err != nil {
		return err
	}
	look, err := c.app.Appearance(r.Ctx())
	if err != nil {
		return err
	}
	f := page.NewForm("preset", look.Colour, "colour", look.Colour, "logo", "", "terms", look.Terms)
	if !slices.Contains(colours, look.Colour) {
		f.Values["preset"] = "own"
	}
	return c.lookForm(r, http.StatusOK, h, f, len(look.Logo) > 0)
}

func (c *Console) lookForm(r *page.Context, status int, h setupHead, f *page.Form, logo bool) error {
	return r.PageStatus(status, "setup_look", lookData{setupHead: h, Form: f, Colours: colours, Logo: logo, Limit: app.MaxLogo >> 20})
}

func (c *Console) setupLooked(r *page.Context) error {
	s, h, on, err := c.at(r, "look")
	if !on || err != nil {
		return err
	}
	f := page.NewForm("preset", "", "colour", "", "logo", "", "terms", "")
	picture, err := sentPicture(r, "logo", app.MaxLogo)
	if err != nil {
		f.Wrong("logo", r.Say("console.setup.look.logo.wrong", "Limit", int64(app.MaxLogo>>20)))
	}
	look, err := c.app.Appearance(r.Ctx())
	if err != nil {
		return err
	}
	for _, name := range []string{"preset", "colour", "terms"} {
		f.Values[name] = r.Form(name)
	}
	look.Colour, look.Languages, look.Terms = f.Get("preset"), s.Languages, f.Get("terms")
	if look.Colour == "own" {
		look.Colour = f.Get("colour")
	}
	if f.OK() {
		if err := c.app.SetAppearance(r.Ctx(), look); err != nil && !r.Refuse(f, err) {
			return err
		}
	}
	if f.OK() && (len(picture) > 0 || r.Form("remove") == "on") {
		if err := c.app.SetLogo(r.Ctx(), picture); err != nil {
			if app.AsProblem(err).Code == app.CodeInternal {
				return err
			}
			f.Wrong("logo", r.Say("console.setup.look.logo.wrong", "Limit", int64(app.MaxLogo>>20)))
		}
	}
	if !f.OK() {
		return c.lookForm(r, http.StatusUnprocessableEntity, h, f, len(look.Logo) > 0)
	}
	if err := c.app.LookedAt(r.Ctx()); err != nil {
		return c.setupOver(r, err)
	}
	return r.Redirect(setupPath + "/check")
}

// sentPicture reads a picture that was sent with a form under a name, if one was: at most
// one byte more than it may have, by which whoever looks at it knows. The error says that
// there is more of it than may be.
func sentPicture(r *page.Context, name string, most int64) ([]byte, error) {
	if err := r.R.ParseMultipartForm(most + page.MaxForm); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return nil, err
	}
	file, _, err := r.R.FormFile(name)
	if errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var out bytes.Buffer
	if _, err := io.Copy(&out, io.LimitReader(file, most+1)); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
