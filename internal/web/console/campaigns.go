package console

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/offer"
	"premia/internal/store"
	"premia/internal/web/page"
)

const (
	campaignsPath = "/console/campaigns"
	offersPath    = "/console/offers"
)

func (c *Console) campaignRoutes() {
	c.area.Handle("GET /console/campaigns", programRead, c.campaigns)
	c.area.Handle("GET /console/campaigns/{rule}", programRead, c.campaign)
	c.area.Handle("POST /console/campaigns/{rule}/{act}", programPublish, c.pauseCampaign)
	c.area.Handle("GET /console/offers", programRead, c.offerList)
	c.area.Handle("GET /console/offers/{offer}", programRead, c.offer)
}

// campaignParts are the parts of the document that are listed as campaigns.
var campaignParts = []string{"earn", "campaigns", "promotions", "offers"}

func partOf(rule *engine.Rule) string {
	part, _, inList := strings.Cut(rule.Path, "[")
	if !inList || !slices.Contains(campaignParts, part) {
		return ""
	}
	return part
}

func campaignPath(p *engine.Program, rule ledger.Name) string {
	return campaignsPath + "/" + url.PathEscape(p.Names.Name(rule))
}

// campaigns lists what gives, by the parts of the program, with the budgets.
func (c *Console) campaigns(r *page.Context) error {
	columns := []page.Column{
		{ID: "rule", Label: r.Say("console.campaign"), Sorted: true},
		{ID: "part", Label: r.Say("console.campaign.part"), Sorted: true, Filter: true},
		{ID: "window", Label: r.Say("console.list.window")},
		{ID: "times", Label: r.Say("console.campaign.times"), Sorted: true, Number: true},
		{ID: "bought", Label: r.Say("console.campaign.bought"), Sorted: true, Number: true},
		{ID: "budget", Label: r.Say("console.campaign.budget")},
		{ID: "used", Label: r.Say("console.campaign.used"), Sorted: true, Number: true},
	}
	g, err := c.app.Glance(r.Ctx())
	if err != nil {
		return err
	}
	if g.Program == nil {
		return noProgram(r, r.Say("console.campaigns"), campaignsPath, columns)
	}
	l := &page.List{
		ID: "campaigns", Path: campaignsPath, Query: r.Query(), Columns: columns,
		Search: r.Say("console.campaigns.search"), Empty: r.Say("console.campaigns.none"), StartPath: programPath,
		StartLabel: r.Say("console.list.in_program"),
	}
	for _, rule := range g.Program.Rules {
		part := partOf(&rule)
		if part == "" {
			continue
		}
		use := g.Rules[rule.Name]
		words, worst := budgetsOf(r, g, rule.Name)
		used := page.Cell{Text: "–", Sort: int64(-1)}
		if worst >= 0 {
			used = page.Cell{Text: r.Say("page.value", "Value", percent(worst)), Sort: worst}
		}
		l.Rows = append(l.Rows, page.Row{Cells: []page.Cell{
			{Text: r.Say("page.value", "Value", rule.Title), Link: campaignPath(g.Program, rule.Name)}, plainCell(r.Say("console.campaign.part." + part)),
			plainCell(windowWords(r, rule.Window)), number(r, use.Times), {Text: c.cash(r, use.Bought), Sort: use.Bought},
			plainCell(firstOf(strings.Join(words, "; "), "–")), used,
		}})
	}
	slices.SortStableFunc(l.Rows, func(x, y page.Row) int { return cmp.Compare(x.Cells[0].Text, y.Cells[0].Text) })
	l.Arrange()
	return r.List("listing", l, listing{Title: r.Say("console.campaigns"), About: r.Say("console.campaigns.about"), List: l, Acts: inProgram(r)})
}

// budgetsOf says what is used of the budgets of a rule, and the most of one in percent; -1
// without any.
func budgetsOf(r *page.Context, g *app.Glance, rule ledger.Name) (words []string, worst int64) {
	worst = -1
	for i := range g.Budgets {
		if b := &g.Budgets[i]; b.Rule == rule {
			words, worst = append(words, budgetLineOf(r, g.Program, b).Words), max(worst, b.Percent())
		}
	}
	return words, worst
}

// named finds the rule of a page.
func (c *Console) named(r *page.Context) (*app.Glance, engine.Rule, error) {
	g, err := c.app.Glance(r.Ctx())
	if err != nil || g.Program == nil {
		return g, engine.Rule{}, cmp.Or(err, error(page.ErrNotFound))
	}
	name, known := g.Program.Names.Find(r.R.PathValue("rule"))
	rule, there := g.Program.Rules[name]
	if !known || !there || partOf(&rule) == "" {
		return g, rule, page.ErrNotFound
	}
	return g, rule, nil
}

// campaign shows what one rule costs and brought, and lets it be paused.
func (c *Console) campaign(r *page.Context) error {
	g, rule, err := c.named(r)
	if err != nil {
		return err
	}
	can, paused, err := c.app.Pausable(r.Ctx(), rule)
	if err != nil {
		return err
	}
	p, part := g.Program, partOf(&rule)
	d := record{Title: r.Say("page.value", "Value", rule.Title), About: r.Say("console.campaign.about"), Facts: []recordFact{
		{r.Say("console.list.state"), campaignState(r, paused)},
		{r.Say("console.campaign.part"), plainCell(r.Say("console.campaign.part." + part))},
		{r.Say("console.list.window"), plainCell(windowWords(r, rule.Window))},
	}}
	d.Facts = append(d.Facts, c.broughtBy(r, g, rule.Name)...)
	words, _ := budgetsOf(r, g, rule.Name)
	d.Facts = append(
		d.Facts,
		recordFact{r.Say("console.campaign.budget"), plainCell(firstOf(strings.Join(words, "; "), r.Say("console.list.none")))},
		recordFact{r.Say("console.list.id"), plainCell(p.Names.Name(rule.Name))},
	)
	d.Acts = append(d.Acts, act{Label: r.Say("console.campaign.in_words"), Path: versionPath(int64(p.Version)) + "#words", Icon: "message"})
	if id, ok := strings.CutPrefix(p.Names.Name(rule.Name), "offer."); ok {
		d.Acts = append(d.Acts, act{Label: r.Say("console.offer.who"), Path: offersPath + "/" + url.PathEscape(id), Icon: "users"})
	}
	if can && r.Visitor.Meets(programPublish) {
		pause := act{
			Label: r.Say("console.campaign.pause"), Path: campaignPath(p, rule.Name) + "/pause", Icon: "player-pause",
			Post: true, Danger: true, Confirm: r.Say("console.campaign.pause.confirm", "Title", rule.Title),
		}
		if paused {
			pause = act{Label: r.Say("console.campaign.resume"), Path: campaignPath(p, rule.Name) + "/resume", Icon: "player-play", Post: true, Primary: true}
		}
		d.Acts = append(d.Acts, pause)
	}
	d.Acts = append(d.Acts, changeInProgram(r, p, rule.Path)...)
	return r.Page("record", d)
}

func campaignState(r *page.Context, paused bool) page.Cell {
	if paused {
		return page.Cell{Text: r.Say("console.campaign.paused"), Badge: "yellow"}
	}
	return page.Cell{Text: r.Say("console.campaign.live"), Badge: "green"}
}

// broughtBy says what came of a rule.
func (c *Console) broughtBy(r *page.Context, g *app.Glance, rule ledger.Name) []recordFact {
	use := g.Rules[rule]
	out := []recordFact{{r.Say("console.campaign.times"), number(r, use.Times)}, {r.Say("console.campaign.bought"), plainCell(c.cash(r, use.Bought))}}
	for i := range g.Program.Wallets {
		w := &g.Program.Wallets[i]
		if amount := use.Gave[g.Program.Names.Name(w.Name)]; amount != 0 && w.Gift == nil {
			out = append(out, recordFact{
				r.Say("console.campaign.gave", "Wallet", unitName(r, w.ID, w.Forms)),
				plainCell(r.Say("page.value", "Value", points(&w.Unit, w.Forms, amount))),
			})
		}
	}
	if use.Reduced != 0 {
		out = append(out, recordFact{r.Say("console.campaign.reduced"), plainCell(c.cash(r, use.Reduced))})
	}
	return out
}

// pauseCampaign pauses a rule at once, or lets it go on. Where the workspace asks for a
// second person it becomes a draft that waits for one.
func (c *Console) pauseCampaign(r *page.Context) error {
	_, rule, err := c.named(r)
	if err != nil {
		return err
	}
	word := r.R.PathValue("act")
	if word != "pause" && word != "resume" {
		return page.ErrNotFound
	}
	to := campaignsPath + "/" + url.PathEscape(r.R.PathValue("rule"))
	comment := r.Say("console.campaign."+word+".comment", "Title", rule.Title)
	err = c.app.Pause(r.Ctx(), rule, word == "pause", comment)
	switch {
	case err == nil:
		return r.Done(to, "console.campaign.done."+word)
	case app.AsProblem(err).Code != app.CodeSecondNeeded:
		return refuse(r, to, err)
	}
	document, err := c.app.PausedDocument(r.Ctx(), rule, word == "pause")
	if err != nil {
		return refuse(r, to, err)
	}
	draft, err := c.app.SaveDraft(r.Ctx(), "", app.DraftChange{Title: comment, Document: document, Comment: comment})
	if err != nil {
		return refuse(r, to, err)
	}
	return r.Done(draftPath(draft.ID)+"/review", "console.campaign.second")
}

// offerList lists the offers with how many members have come how far.
func (c *Console) offerList(r *page.Context) error {
	columns := []page.Column{
		{ID: "offer", Label: r.Say("console.offer"), Sorted: true},
		{ID: "for", Label: r.Say("console.offer.for"), Sorted: true, Filter: true},
		{ID: "window", Label: r.Say("console.list.window")},
		{ID: "given", Label: r.Say("console.offer.count.given"), Sorted: true, Number: true},
		{ID: "activated", Label: r.Say("console.offer.count.activated"), Sorted: true, Number: true},
		{ID: "used", Label: r.Say("console.offer.count.used"), Sorted: true, Number: true},
		{ID: "bought", Label: r.Say("console.campaign.bought"), Sorted: true, Number: true},
	}
	g, err := c.app.Glance(r.Ctx())
	if err != nil {
		return err
	}
	if g.Program == nil {
		return noProgram(r, r.Say("console.offer.all"), offersPath, columns)
	}
	l := &page.List{
		ID: "offers", Path: offersPath, Query: r.Query(), Columns: columns, Search: r.Say("console.offers.search"),
		Empty: r.Say("console.offers.none"), StartPath: programPath, StartLabel: r.Say("console.list.in_program"),
	}
	for _, x := range offer.Standings(g.Program, &ledger.State{}, g.At) {
		use, rule := g.Rules[x.Rule], g.Program.Rules[x.Rule]
		l.Rows = append(l.Rows, page.Row{Cells: []page.Cell{
			{
				Text: r.Say("page.value", "Value", rule.Title), Link: offersPath + "/" + url.PathEscape(x.ID),
			}, plainCell(offerFor(r, &x)), plainCell(windowWords(r, rule.Window)),
			number(r, use.Given), number(r, use.Activated), number(r, use.Times), {Text: c.cash(r, use.Bought), Sort: use.Bought},
		}})
	}
	l.Arrange()
	return r.List("listing", l, listing{Title: r.Say("console.offer.all"), About: r.Say("console.offers.about"), List: l, Acts: inProgram(r)})
}

// offerFor says who can have an offer.
func offerFor(r *page.Context, x *offer.Standing) string {
	switch {
	case x.Personal:
		return r.Say("console.offer.for.given")
	case x.Activate:
		return r.Say("console.offer.for.activate")
	}
	return r.Say("console.offer.for.all")
}

// offer shows who was given an offer, activated and used it.
func (c *Console) offer(r *page.Context) error {
	g, err := c.app.Glance(r.Ctx())
	if err != nil || g.Program == nil {
		return cmp.Or(err, error(page.ErrNotFound))
	}
	all, id := offer.Standings(g.Program, &ledger.State{}, g.At), r.R.PathValue("offer")
	at := slices.IndexFunc(all, func(x offer.Standing) bool { return x.ID == id })
	if at < 0 {
		return page.ErrNotFound
	}
	x := &all[at]
	use, rule := g.Rules[x.Rule], g.Program.Rules[x.Rule]
	d := record{Title: r.Say("page.value", "Value", rule.Title), Facts: []recordFact{
		{r.Say("console.offer.for"), plainCell(offerFor(r, x))},
		{r.Say("console.list.window"), plainCell(windowWords(r, rule.Window))},
	}}
	for _, term := range offer.Terms(g.Program, x.Rule) {
		d.Facts = append(d.Facts, recordFact{r.Say("console.offer.terms"), plainCell(c.app.Words.Render(r.Lang, term))})
	}
	d.Facts = append(
		d.Facts, recordFact{r.Say("console.offer.count.given"), number(r, use.Given)},
		recordFact{r.Say("console.offer.count.activated"), number(r, use.Activated)},
		recordFact{r.Say("console.offer.count.given_up"), number(r, use.GivenUp)},
	)
	d.Facts = append(d.Facts, c.broughtBy(r, g, x.Rule)...)
	d.Acts = append(
		[]act{{Label: r.Say("console.campaign"), Path: campaignPath(g.Program, x.Rule), Icon: "speakerphone"}},
		changeInProgram(r, g.Program, rule.Path)...,
	)
	q := r.Query()
	choice := app.OfferChoice{Offer: id, Step: q.Filters.Get("step"), Up: q.Sort == "changed" && !q.Down}
	if !slices.Contains(app.OfferSteps, choice.Step) {
		choice.Step = ""
	}
	rows := func(after string) ([]page.Row, string, error) { return c.offerRows(r, choice, after) }
	first, next, err := rows(q.After)
	if err != nil {
		return err
	}
	if q.Sort == "" {
		q.Sort, q.Down = "changed", true
	}
	l := &page.List{
		ID: "members", Path: offersPath + "/" + url.PathEscape(id), Query: q, Total: -1, Rows: first, Next: next,
		More: rows, Empty: r.Say("console.offer.nobody"),
		Columns: []page.Column{
			{ID: "member", Label: r.Say("console.list.member")}, {ID: "step", Label: r.Say("console.list.state")},
			{ID: "given", Label: r.Say("console.offer.when_given")}, {ID: "activated", Label: r.Say("console.offer.when_activated")},
			{ID: "used", Label: r.Say("console.offer.when_used")}, {ID: "uses", Label: r.Say("console.offer.uses"), Number: true},
			{ID: "changed", Label: r.Say("console.offer.changed"), Sorted: true},
		},
	}
	steps := page.Choice{ID: "step", Label: r.Say("console.list.state"), Value: choice.Step}
	for _, one := range app.OfferSteps {
		steps.Options = append(steps.Options, page.Option{Value: one, Label: r.Say("console.offer.step." + one)})
	}
	l.Choices = []page.Choice{steps}
	d.Lists = []titledList{titled(r.Say("console.offer.members"), l)}
	return r.List("record", l, d)
}

func (c *Console) offerRows(r *page.Context, choice app.OfferChoice, after string) ([]page.Row, string, error) {
	list, next, err := c.app.OfferMembers(r.Ctx(), choice, after)
	if err != nil {
		return nil, "", err
	}
	rows := make([]page.Row, len(list))
	for i := range list {
		x := &list[i]
		who, err := c.memberCell(r, x.Member)
		if err != nil {
			return nil, "", err
		}
		step, colour := offerStep(x)
		rows[i] = page.Row{Cells: []page.Cell{
			who,
			{Text: r.Say("console.offer.step." + step), Badge: colour},
			moment(x.Given, "–"),
			moment(x.Activated, "–"),
			moment(x.Used, "–"),
			number(r, x.Uses),
			{At: x.Changed},
		}}
	}
	return rows, next, nil
}

// offerStep is how far an offer has come with a member.
func offerStep(x *store.OfferMember) (step, colour string) {
	switch {
	case x.Uses > 0:
		return "used", "green"
	case x.GivenUp != calendar.None:
		return "given_up", "secondary"
	case x.Activated != calendar.None:
		return "active", "azure"
	}
	return "given", "yellow"
}
