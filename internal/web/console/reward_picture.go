package console

import (
	"net/http"
	"net/url"

	"premia/internal/app"
	"premia/internal/web/page"
)

// pictureCard shows the picture of a reward, and where it comes from.
type pictureCard struct {
	Picture *app.Picture
	// Notes say what becomes of a picture that the program names.
	Notes []string
	// Remove is where the picture that was sent is removed; empty where there is none, or
	// the visitor may not.
	Remove string
}

func (c *Console) pictureRoutes() {
	c.area.Upload("POST /console/rewards/{reward}/picture", programWrite, app.MaxPicture+page.MaxForm, c.savePicture)
	c.area.Handle("POST /console/rewards/{reward}/picture/remove", programWrite, c.removePicture)
}

// picture adds the picture of a reward to its page, with the form that changes it; f has
// what was typed, nil for what is kept.
func (c *Console) picture(r *page.Context, d *record, x *app.RewardOf, f *page.Form) error {
	shown, err := c.app.RewardPicture(r.Ctx(), x.Source, r.Lang)
	if err != nil {
		return err
	}
	texts, err := c.app.PictureTexts(r.Ctx(), x.Source.ID)
	if err != nil {
		return err
	}
	path := rewardsPath + "/" + url.PathEscape(x.Source.ID) + "/picture"
	card := &pictureCard{Picture: shown}
	if app.ForeignPicture(x.Source) {
		host := x.Source.Picture.URL
		if u, err := url.Parse(host); err == nil && u.Host != "" {
			host = u.Host
		}
		note := "console.picture.foreign"
		if texts != nil {
			note = "console.picture.foreign_too"
		}
		card.Notes = append(card.Notes, r.Say(note, "Host", host))
	}
	d.Picture = card
	if !r.Visitor.Meets(programWrite) {
		return nil
	}
	if texts != nil {
		card.Remove = path + "/remove"
	}
	if f == nil {
		f = page.NewForm("picture", "")
		for _, lang := range c.app.Words.Languages() {
			f.Values["alt_"+lang] = texts[lang]
		}
	}
	d.Form = &formCard{Title: r.Say("console.picture.change"), Path: path, Submit: r.Say("console.picture.save"), Upload: true, Form: f, Fields: []field{
		{Name: "picture", Label: r.Say("console.picture.file"), Hint: r.Say("console.picture.hint", "Megabytes", int64(app.MaxPicture>>20)), Type: "file"},
	}}
	for _, lang := range c.app.Program().Languages {
		d.Form.Fields = append(d.Form.Fields, field{
			Name: "alt_" + lang, Label: r.Say("console.picture.alt", "Language", page.LanguageName(lang)),
			Hint: r.Say("console.picture.alt.hint"),
		})
	}
	return nil
}

func (c *Console) savePicture(r *page.Context) error {
	x, err := c.findReward(r)
	if err != nil {
		return err
	}
	picture, err := sentPicture(r, "picture", app.MaxPicture)
	if err != nil {
		return err
	}
	f, alt := page.NewForm("picture", ""), make(map[string]string)
	for _, lang := range c.app.Words.Languages() {
		alt[lang] = r.R.PostFormValue("alt_" + lang)
		f.Values["alt_"+lang] = alt[lang]
	}
	to := rewardsPath + "/" + url.PathEscape(x.Source.ID)
	err = c.app.SetRewardPicture(r.Ctx(), x.Source.ID, picture, alt)
	if err == nil {
		return r.Done(to, "console.picture.saved")
	}
	if !r.Refuse(f, err) {
		return err
	}
	d, err := c.rewardRecord(r, x)
	if err == nil {
		err = c.picture(r, &d, x, f)
	}
	if err != nil {
		return err
	}
	return r.PageStatus(http.StatusUnprocessableEntity, "record", d)
}

func (c *Console) removePicture(r *page.Context) error {
	x, err := c.findReward(r)
	if err != nil {
		return err
	}
	to := rewardsPath + "/" + url.PathEscape(x.Source.ID)
	if err := c.app.RemoveRewardPicture(r.Ctx(), x.Source.ID); err != nil {
		return refuse(r, to, err)
	}
	return r.Done(to, "console.picture.removed")
}
