package console

import (
	"errors"
	"io"
	"net/http"
	"slices"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/web/page"
)

const settingsPath = "/console/settings"

func (c *Console) settingsRoutes() {
	need := page.Need(auth.SettingsWrite)
	c.area.Handle("GET /console/settings", need, c.settings)
	c.area.Handle("POST /console/settings", need, c.saveSettings)
	c.area.Upload("POST /console/settings/logo", need, app.MaxLogo+page.MaxForm, c.saveLogo)
	c.area.Handle("POST /console/settings/logo/remove", need, c.removeLogo)
}

// settingsForm is the form of how the workspace looks.
func (c *Console) settingsForm(r *page.Context, form *page.Form) *formCard {
	f := &formCard{Title: r.Say("console.settings.look"), Path: settingsPath, Submit: r.Say("console.save"), Form: form, Fields: []field{
		{Name: "name", Label: r.Say("console.settings.name"), Hint: r.Say("console.settings.name.hint")},
		{Name: "colour", Label: r.Say("console.settings.colour"), Type: "color"},
		{Name: "sender", Label: r.Say("console.settings.sender"), Hint: r.Say("console.settings.sender.hint")},
		{Name: "terms", Label: r.Say("console.settings.terms"), Type: "url", Hint: r.Say("console.settings.terms.hint")},
	}}
	for _, lang := range c.app.Words.Languages() {
		f.Fields = append(f.Fields, field{Name: "language_" + lang, Type: "check", Label: r.Say("console.settings.language", "Language", page.LanguageName(lang))})
	}
	return f
}

func (c *Console) settingsPage(r *page.Context, form *page.Form) *settingsData {
	return &settingsData{Look: c.settingsForm(r, form), Logo: &formCard{
		Title: r.Say("console.settings.logo"), Path: settingsPath + "/logo", Submit: r.Say("console.settings.logo.do"),
		Upload: true, Form: page.NewForm(),
		Fields: []field{{Name: "logo", Type: "file", Label: r.Say("console.settings.logo.file"), Hint: r.Say("console.settings.logo.hint")}},
	}}
}

// settingsData is the page of the settings.
type settingsData struct {
	Look, Logo *formCard
	HasLogo    bool
}

func (c *Console) settings(r *page.Context) error {
	x, err := c.app.Appearance(r.Ctx())
	if err != nil {
		return err
	}
	form := page.NewForm("name", x.Name, "colour", x.Colour, "sender", x.Sender, "terms", x.Terms)
	for _, lang := range c.app.Words.Languages() {
		if len(x.Languages) == 0 || slices.Contains(x.Languages, lang) {
			form.Values["language_"+lang] = "on"
		}
	}
	d := c.settingsPage(r, form)
	d.HasLogo = len(x.Logo) > 0
	return r.Page("settings", d)
}

func (c *Console) saveSettings(r *page.Context) error {
	names := []string{"name", "colour", "sender", "terms"}
	for _, lang := range c.app.Words.Languages() {
		names = append(names, "language_"+lang)
	}
	form, err := r.ReadForm(names...)
	if err != nil {
		return err
	}
	x := app.Appearance{Name: form.Get("name"), Colour: form.Get("colour"), Sender: form.Get("sender"), Terms: form.Get("terms")}
	for _, lang := range c.app.Words.Languages() {
		if form.Get("language_"+lang) == "on" {
			x.Languages = append(x.Languages, lang)
		}
	}
	if err := c.app.SetAppearance(r.Ctx(), x); err != nil {
		if !r.Refuse(form, err) {
			return err
		}
		return r.PageStatus(http.StatusUnprocessableEntity, "settings", c.settingsPage(r, form))
	}
	return r.Done(settingsPath, "console.saved")
}

func (c *Console) saveLogo(r *page.Context) error {
	file, _, err := r.R.FormFile("logo")
	if err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return err
		}
		r.Notify("danger", r.Say("console.settings.logo.none"))
		return r.Redirect(settingsPath)
	}
	defer file.Close()
	picture, err := io.ReadAll(io.LimitReader(file, app.MaxLogo+1))
	if err != nil {
		return err
	}
	if err := c.app.SetLogo(r.Ctx(), picture); err != nil {
		return refuse(r, settingsPath, err)
	}
	return r.Done(settingsPath, "console.saved")
}

func (c *Console) removeLogo(r *page.Context) error {
	if err := c.app.SetLogo(r.Ctx(), nil); err != nil {
		return err
	}
	return r.Done(settingsPath, "console.saved")
}
