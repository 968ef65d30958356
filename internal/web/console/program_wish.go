package console

import (
	"net/http"
	"slices"
	"time"

	"premia/internal/app"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/text"
	"premia/internal/web/page"
)

func (c *Console) wishRoutes() {
	c.area.Handle("GET /console/program/make/{wish}", programWrite, c.wish)
	c.area.Handle("POST /console/program/make/{wish}", programWrite, c.fulfil)
}

// wishCard is a common wish on the program's first page.
type wishCard struct{ Kind, Icon, Path string }

var wishIcons = map[string]string{app.WishDouble: "stars", app.WishBonus: "confetti", app.WishReward: "gift", app.WishCoupon: "ticket"}

func wishCards() (out []wishCard) {
	for _, kind := range app.Wishes() {
		out = append(out, wishCard{kind, wishIcons[kind], programPath + "/make/" + kind})
	}
	return out
}

// wishData is what the form of a wish shows.
type wishData struct {
	Kind      string
	Icon      string
	Form      *page.Form
	Languages []string
	Wallets   []option
	Factors   []option
	Rewards   []option
	Events    []option
	Currency  string
}

type option struct{ Value, Label string }

// wishFields are the fields of all wishes beside the names.
var wishFields = []string{
	"wallet", "factor", "amount", "from", "until", "channels", "stores", "where", "budget", "each", "on", "stock",
	"cost", "reward", "place", "code", "percent", "least",
}

func (c *Console) wish(r *page.Context) error {
	d, err := c.wishForm(r, page.NewForm())
	if err != nil {
		return err
	}
	from, until := weekend(c.app.Journal.Now().In(c.zone()))
	values := d.Form.Values
	for _, lang := range d.Languages {
		values["name_"+lang] = ""
		if d.Kind == app.WishDouble {
			values["name_"+lang] = c.weekendName(lang, twice)
		}
	}
	values["factor"], values["each"], values["on"] = twice, "", r.R.URL.Query().Get("on")
	if d.Kind == app.WishDouble {
		values["from"], values["until"] = from.Format(time.DateOnly), until.Format(time.DateOnly)
	}
	if d.Kind == app.WishBonus || d.Kind == app.WishCoupon {
		values["each"] = "1"
	}
	return r.Page("program_wish", d)
}

// twice is the factor that is proposed, of wishFactors.
const twice = "2"

var wishFactors = []string{twice, "3", "1.5", "4", "5"}

// weekendName is what a weekend of a factor is called where nobody names it otherwise.
func (c *Console) weekendName(lang, factor string) string {
	switch factor {
	case twice:
		return c.app.Words.Render(lang, text.New("console.program.wish.double.example"))
	case "3":
		return c.app.Words.Render(lang, text.New("console.program.wish.triple.example"))
	}
	return c.app.Words.Render(lang, text.New("console.program.wish.factor.example", "Factor", text.Factor(factor)))
}

// nameByFactor lets a name that was proposed follow the factor that was chosen: members
// read it.
func (c *Console) nameByFactor(d *wishData) {
	chosen := d.Form.Get("factor")
	if d.Kind != app.WishDouble || !slices.Contains(wishFactors, chosen) {
		return
	}
	for _, lang := range d.Languages {
		for _, factor := range wishFactors {
			if name := "name_" + lang; d.Form.Get(name) == c.weekendName(lang, factor) {
				d.Form.Values[name] = c.weekendName(lang, chosen)
				break
			}
		}
	}
}

// weekend is the next Saturday, or today's, and the Sunday after it.
func weekend(now time.Time) (saturday, sunday time.Time) {
	saturday = now.AddDate(0, 0, (int(time.Saturday)-int(now.Weekday())+7)%7)
	return saturday, saturday.AddDate(0, 0, 1)
}

func (c *Console) wishForm(r *page.Context, f *page.Form) (wishData, error) {
	kind := r.R.PathValue("wish")
	p := c.app.Program()
	if !slices.Contains(app.Wishes(), kind) || p == nil {
		return wishData{}, page.ErrNotFound
	}
	d := wishData{Kind: kind, Icon: wishIcons[kind], Form: f, Languages: p.Languages, Currency: p.Currency.Code}
	for i := range p.Wallets {
		w := &p.Wallets[i]
		if w.Currency == "" && (kind != app.WishDouble || slices.Contains(app.Doubled(p), w)) {
			d.Wallets = append(d.Wallets, option{w.ID, unitName(r, w.ID, w.Forms)})
		}
	}
	for _, factor := range wishFactors {
		d.Factors = append(d.Factors, option{factor, r.Say("page.value", "Value", text.Factor(factor))})
	}
	for _, kind := range []string{"free product", "service", "access"} {
		d.Rewards = append(d.Rewards, option{
			kind,
			r.Say("document.choice." + map[string]string{"free product": "free_product", "service": "service", "access": "access"}[kind]),
		})
	}
	for _, on := range append([]string{"purchase"}, append(engine.ReadyNames(), event.Enrolment)...) {
		d.Events = append(d.Events, option{on, r.Say("console.program.wish.on." + on)})
	}
	return d, nil
}

func (c *Console) fulfil(r *page.Context) error {
	d, err := c.wishForm(r, nil)
	if err != nil {
		return err
	}
	fields := slices.Clone(wishFields)
	for _, lang := range d.Languages {
		fields = append(fields, "name_"+lang)
	}
	if d.Form, err = r.ReadForm(fields...); err != nil {
		return err
	}
	c.nameByFactor(&d)
	live, err := c.app.Version(r.Ctx(), 0)
	if err != nil {
		return err
	}
	wish := wishOf(d)
	document, err := c.app.Fulfil(live.Document, wish)
	if err != nil {
		if !c.refuseWish(r, &d, wish, err) {
			return err
		}
		return r.PageStatus(http.StatusUnprocessableEntity, "program_wish", d)
	}
	draft, err := c.app.SaveWish(r.Ctx(), live, wish, title(d, r), document)
	if err != nil {
		return err
	}
	return r.Redirect(draftPath(draft.ID) + "/review")
}

// maxTitle bounds what a draft is called after its first name, in characters.
const maxTitle = 100

func title(d wishData, r *page.Context) string {
	for _, lang := range append([]string{r.Lang}, d.Languages...) {
		if name := []rune(d.Form.Get("name_" + lang)); len(name) > 0 {
			return string(name[:min(len(name), maxTitle)])
		}
	}
	return r.Say("console.program.wish." + d.Kind)
}

func wishOf(d wishData) app.Wish {
	f := d.Form
	w := app.Wish{
		Kind: d.Kind, Names: map[string]string{}, Wallet: f.Get("wallet"), Factor: f.Get("factor"), Amount: f.Get("amount"),
		From: f.Get("from"), Until: f.Get("until"), Channels: f.Get("channels"), Stores: f.Get("stores"), Budget: f.Get("budget"), Each: f.Get("each"),
		On: f.Get("on"), Stock: f.Get("stock"), Cost: f.Get("cost"), Reward: f.Get("reward"), Place: f.Get("place"),
		Code: f.Get("code"), Percent: f.Get("percent"), Least: f.Get("least"),
	}
	for _, lang := range d.Languages {
		w.Names[lang] = f.Get("name_" + lang)
	}
	return w
}

// refuseWish shows a document's mistakes at the fields that they come from.
func (c *Console) refuseWish(r *page.Context, d *wishData, wish app.Wish, err error) bool {
	p := app.AsProblem(err)
	if p == nil || p.Code != app.CodeProgramInvalid {
		return r.Refuse(d.Form, err)
	}
	for _, one := range p.Errors {
		field := wish.Field(one.Path)
		if field == "name" {
			field = "name_" + d.Languages[0]
		}
		if _, has := d.Form.Values[field]; has && field != "" {
			d.Form.Wrong(field, r.Say("console.program.wish.wrong", "What", text.Quoted(r.Sentence(one.Message))))
			continue
		}
		d.Form.Problem = r.Say("console.program.wish.wrong", "What", text.Quoted(r.Sentence(one.Message)))
	}
	return true
}
