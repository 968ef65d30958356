package console

import (
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/mechanic/reward"
	"premia/internal/store"
	"premia/internal/web/page"
)

const codesPath = "/console/codes"

func (c *Console) codeRoutes() {
	read, write := page.Need(auth.CodesSee), page.Need(auth.CodesChange)
	c.area.Handle("GET /console/codes", read, c.codes)
	c.area.Handle("GET /console/codes/new", write, c.newCodes)
	c.area.Handle("POST /console/codes/new", write, c.makeCodes)
	c.area.Handle("GET /console/codes/find", read, c.findCode)
	c.area.Handle("POST /console/codes/block", write, c.blockCode)
	c.area.Handle("GET /console/codes/{batch}", read, c.codeBatch)
	c.area.Handle("POST /console/codes/{batch}/go-on", write, c.goOnWithCodes)
	c.area.Handle("GET /console/codes/{batch}/file", write, c.codeFile)
	c.area.Handle("GET /console/codes/import", write, c.newImport)
	c.area.Upload("POST /console/codes/import", write, mostImported+page.MaxForm, c.importCodes)
}

func (c *Console) codes(r *page.Context) error {
	all, err := c.app.CodeBatches(r.Ctx())
	if err != nil {
		return err
	}
	l := &page.List{
		ID: "codes", Path: codesPath, Query: r.Query(), Search: r.Say("console.codes.search"),
		Empty: r.Say("console.codes.none"),
		Columns: []page.Column{
			{ID: "batch", Label: r.Say("console.codes.batch"), Sorted: true},
			{ID: "reward", Label: r.Say("console.reward"), Sorted: true, Filter: true},
			{ID: "count", Label: r.Say("console.codes.count"), Sorted: true, Number: true},
			{ID: "until", Label: r.Say("console.codes.until"), Sorted: true}, {ID: "created", Label: r.Say("console.list.created"), Sorted: true},
			{ID: "state", Label: r.Say("console.list.state"), Sorted: true, Filter: true},
		},
	}
	for i := range all {
		b := &all[i]
		l.Rows = append(l.Rows, page.Row{Cells: []page.Cell{
			{Text: c.batchCalled(r, b), Link: codesPath + "/" + url.PathEscape(b.ID)}, plainCell(c.rewardTitle(r, b.Reward)), number(r, b.Made),
			moment(b.Until, r.Say("console.list.always")), {At: b.Created}, batchState(r, b, c.ended(b.Until)),
		}})
	}
	l.Arrange()
	d := listing{
		Title: r.Say("console.codes"), About: r.Say("console.codes.about"), List: l,
		Acts: []act{{Label: r.Say("console.codes.find"), Path: codesPath + "/find", Icon: "search"}},
	}
	if r.Visitor.Meets(page.Need(auth.CodesChange)) {
		d.Acts = append(
			d.Acts, act{Label: r.Say("console.codes.import"), Path: codesPath + "/import", Icon: "upload"},
			act{Label: r.Say("console.codes.new"), Path: codesPath + "/new", Icon: "plus", Primary: true},
		)
		l.StartPath, l.StartLabel = codesPath+"/new", r.Say("console.codes.new")
	}
	return r.List("listing", l, d)
}

// batchCalled says what a batch is called.
func (c *Console) batchCalled(r *page.Context, b *store.CodeBatch) string {
	return r.Say("page.value", "Value", c.app.BatchCalled(b))
}

func batchState(r *page.Context, b *store.CodeBatch, over bool) page.Cell {
	switch {
	case b.Finished == calendar.None:
		return page.Cell{Text: r.Say("console.codes.state.unfinished"), Badge: "yellow"}
	case over:
		return page.Cell{Text: r.Say("console.codes.state.over"), Badge: "secondary"}
	}
	return page.Cell{Text: r.Say("console.codes.state.usable"), Badge: "green"}
}

func (c *Console) codeBatch(r *page.Context) error {
	b, err := c.app.CodeBatch(r.Ctx(), r.R.PathValue("batch"))
	if err != nil {
		return err
	}
	always := r.Say("console.list.always")
	d := record{Title: r.Say("console.codes.batch.title", "Batch", c.batchCalled(r, &b)), Facts: []recordFact{
		{r.Say("console.list.state"), batchState(r, &b, c.ended(b.Until))}, {r.Say("console.reward"), plainCell(c.rewardTitle(r, b.Reward))},
		{r.Say("console.codes.count"), plainCell(r.Say("console.home.used_of", "Used", b.Made, "Cap", b.Wanted))},
		{r.Say("console.codes.pattern"), plainCell(firstOf(b.Pattern, r.Say("console.codes.imported")))},
		{r.Say("console.list.id"), plainCell(b.ID)},
		{r.Say("console.codes.uses"), number(r, b.Uses)},
		{r.Say("console.codes.from"), moment(b.From, always)},
		{r.Say("console.codes.until"), moment(b.Until, always)},
		{r.Say("console.list.created"), page.Cell{At: b.Created}},
	}}
	path := codesPath + "/" + url.PathEscape(b.ID)
	switch {
	case b.Finished != calendar.None && r.Visitor.Meets(page.Need(auth.CodesChange)):
		d.Acts = append(d.Acts, act{Label: r.Say("console.codes.download"), Path: path + "/file", Icon: "download", Primary: true})
	case r.Visitor.Meets(page.Need(auth.CodesChange)) && b.Pattern != "":
		d.Acts = append(d.Acts, act{Label: r.Say("console.attention.codes_unfinished.do"), Path: path + "/go-on", Icon: "player-play", Primary: true, Post: true})
	case r.Visitor.Meets(page.Need(auth.CodesChange)) && b.Pattern == "" && b.Finished == calendar.None:
		d.Acts = append(d.Acts, act{
			Label: r.Say("console.codes.import.again"), Path: codesPath + "/import?batch=" + url.QueryEscape(b.ID),
			Icon: "upload", Primary: true,
		})
	}
	exports, err := c.app.CodesExports(r.Ctx(), b.ID)
	if err != nil {
		return err
	}
	l := &page.List{ID: "exports", Path: path, Query: r.Query(), Empty: r.Say("console.codes.exports.none"), Columns: []page.Column{
		{ID: "at", Label: r.Say("console.list.when"), Sorted: true}, {ID: "by", Label: r.Say("console.list.by"), Sorted: true, Filter: true},
	}}
	for _, x := range exports {
		l.Rows = append(l.Rows, page.Row{Cells: []page.Cell{{At: x.At}, plainCell(firstOf(x.Who, r.Say("console.codes.exports.command")))}})
	}
	l.Arrange()
	d.Lists = []titledList{titled(r.Say("console.codes.exports"), l)}
	return r.List("record", l, d)
}

// goOnWithCodes makes what is missing of a batch.
func (c *Console) goOnWithCodes(r *page.Context) error {
	b, err := c.app.CodeBatch(r.Ctx(), r.R.PathValue("batch"))
	if err != nil {
		return err
	}
	n := app.NewCodes{ID: b.ID, Reward: c.app.RewardID(b.Reward), Pattern: b.Pattern, Count: b.Wanted, From: b.From, Until: b.Until, Uses: b.Uses}
	if _, err := c.app.GenerateCodes(r.Ctx(), n, nil); err != nil {
		return refuse(r, codesPath+"/"+url.PathEscape(b.ID), err)
	}
	return r.Done(codesPath+"/"+url.PathEscape(b.ID), "console.codes.made", "Number", b.Wanted)
}

func (c *Console) codeFile(r *page.Context) error {
	b, err := c.app.CodeBatch(r.Ctx(), r.R.PathValue("batch"))
	if err != nil {
		return err
	}
	if b.Finished == calendar.None {
		return page.ErrNotFound
	}
	return r.File("text/csv; charset=utf-8", "codes.csv", func(w io.Writer) error { return c.app.ExportCodes(r.Ctx(), b.ID, w) })
}

// codesForm is the form of a new batch.
func (c *Console) codesForm(r *page.Context, form *page.Form) *formCard {
	f := &formCard{
		Path: codesPath + "/new", Submit: r.Say("console.codes.make"), Form: form,
		Hidden: []hidden{{"batch", firstOf(form.Get("batch"), strings.TrimPrefix(app.NewEventID(), "evt_"))}},
		Fields: []field{
			{Name: "name", Label: r.Say("console.codes.name"), Hint: r.Say("console.codes.name.hint")},
			{Name: "reward", Label: r.Say("console.reward"), Type: "select", Required: true, Hint: r.Say("console.codes.reward.hint")},
			{Name: "count", Label: r.Say("console.codes.count"), Type: "number", Required: true},
			{Name: "uses", Label: r.Say("console.codes.uses"), Type: "number", Hint: r.Say("console.codes.uses.hint")},
			{Name: "pattern", Label: r.Say("console.codes.pattern"), Hint: r.Say("console.codes.pattern.hint")},
			{Name: "until", Label: r.Say("console.codes.until"), Type: "date", Hint: r.Say("console.codes.until.hint")},
		},
	}
	if p := c.app.Program(); p != nil {
		for _, x := range withCodes(p) {
			f.Fields[1].Options = append(f.Fields[1].Options, map[string]any{"Value": x.Source.ID, "Label": c.rewardTitle(r, x.Name)})
		}
	}
	return f
}

// withCodes gives the rewards that codes can stand for.
func withCodes(p *engine.Program) (out []reward.Compiled) {
	for _, x := range reward.Rewards(p) {
		if x.Source.Discount != nil {
			out = append(out, x)
		}
	}
	return out
}

// noCodes says what to do before codes can be made or imported: the program needs a reward
// that they stand for.
func (c *Console) noCodes(r *page.Context, title string) error {
	l := &page.List{
		ID: "codes", Path: codesPath, Query: r.Query(), Empty: r.Say("console.codes.no_reward"),
		StartPath: programPath + "/make/" + app.WishCoupon, StartLabel: r.Say("console.program.wish.coupon"),
	}
	if c.app.Program() == nil || !r.Visitor.Meets(programWrite) {
		l.StartPath, l.StartLabel = programPath, r.Say("console.program")
	}
	return r.List("listing", l, listing{Title: title, List: l})
}

func (c *Console) newCodes(r *page.Context) error {
	if p := c.app.Program(); p == nil || len(withCodes(p)) == 0 {
		return c.noCodes(r, r.Say("console.codes.new"))
	}
	form := page.NewForm("name", "", "reward", r.Form("reward"), "count", "100", "uses", "1", "pattern", "", "until", "")
	return r.Page("record", &record{Title: r.Say("console.codes.new"), Form: c.codesForm(r, form)})
}

func (c *Console) makeCodes(r *page.Context) error {
	form, err := r.ReadForm("batch", "name", "reward", "count", "uses", "pattern", "until")
	if err != nil {
		return err
	}
	n := app.NewCodes{
		ID: c.batchNamed(r, form), Reward: form.Get("reward"), Pattern: form.Get("pattern"),
		Count: wholeNumber(form.Get("count")), Uses: wholeNumber(form.Get("uses")), From: calendar.Beginning,
		Until: calendar.Never,
	}
	if n.Count <= 0 {
		form.Wrong("count", r.Say("console.codes.count.wrong"))
	}
	if written := form.Get("until"); written != "" {
		if n.Until, err = c.app.Moment(written); err != nil {
			form.Wrong("until", r.Problem(err))
		}
	}
	if form.OK() {
		_, err := c.app.CodeBatch(r.Ctx(), n.ID)
		again := err == nil
		b, err := c.app.GenerateCodes(r.Ctx(), n, nil)
		switch {
		case err == nil && again && form.Get("name") != "": // sent twice, or made long ago
			return r.Redirect(codesPath + "/" + url.PathEscape(b.ID))
		case err == nil:
			return r.Done(codesPath+"/"+url.PathEscape(b.ID), "console.codes.made", "Number", b.Made)
		}
		if !c.refuseCodes(r, form, err) {
			return err
		}
	}
	return mend(r, &record{Title: r.Say("console.codes.new"), Form: c.codesForm(r, form)})
}

// refuseCodes shows a problem with codes at the field that it is about.
func (c *Console) refuseCodes(r *page.Context, form *page.Form, err error) bool {
	p := app.AsProblem(err)
	switch {
	case p.Code == app.CodeIDReused && form.Get("name") != "":
		form.Wrong("name", r.Say("console.codes.name.taken"))
		return true
	case p.Path == "valid_until":
		p.Path = "until"
	}
	return r.Refuse(form, p)
}

// mostOfBatchName is how many characters the name of a batch may have.
const mostOfBatchName = 60

// batchNamed is the id of a batch: its name, where somebody gave it one, so that nobody
// gives it to another; else the one that was drawn with the form.
func (c *Console) batchNamed(r *page.Context, form *page.Form) string {
	name := strings.Join(strings.Fields(form.Get("name")), " ")
	if name == "" {
		return form.Get("batch")
	}
	form.Values["name"] = name
	switch {
	case utf8.RuneCountInString(name) > mostOfBatchName:
		form.Wrong("name", r.Say("console.codes.name.long", "Most", int64(mostOfBatchName)))
	case slices.Contains([]string{"new", "find", "import", "block", ".", ".."}, name):
		form.Wrong("name", r.Say("console.codes.name.taken"))
	}
	return name
}

// wholeNumber reads a number that is not negative; 0 where it is none.
func wholeNumber(s string) int64 {
	n := int64(0)
	for _, digit := range strings.TrimSpace(s) {
		if digit < '0' || digit > '9' || n > 1e12 {
			return 0
		}
		n = n*10 + int64(digit-'0')
	}
	return n
}

// findCode looks one code up.
func (c *Console) findCode(r *page.Context) error {
	written := strings.TrimSpace(r.Form("code"))
	d := record{Title: r.Say("console.codes.find"), Form: &formCard{
		Path: codesPath + "/find", Submit: r.Say("console.codes.find.do"), Form: page.NewForm("code", written),
		Fields: []field{{Name: "code", Label: r.Say("console.code"), Required: true}},
	}}
	if written == "" {
		return r.Page("code", d)
	}
	x, err := c.app.Code(r.Ctx(), written)
	if err != nil {
		if !r.Refuse(d.Form.Form, err) {
			return err
		}
		return r.PageStatus(http.StatusUnprocessableEntity, "code", d)
	}
	always := r.Say("console.list.always")
	d.Facts = []recordFact{
		{r.Say("console.list.state"), page.Cell{Text: r.Say("console.code.state." + x.State), Badge: codeColours[x.State]}},
		{r.Say("console.reward"), plainCell(c.rewardTitle(r, x.Reward))},
		{r.Say("console.codes.used"), plainCell(r.Say("console.home.used_of", "Used", x.Used, "Cap", x.Uses))},
		{r.Say("console.codes.from"), moment(x.From, always)},
		{r.Say("console.codes.until"), moment(x.Until, always)},
	}
	if x.BatchID != "" {
		d.Facts = append(d.Facts, recordFact{r.Say("console.codes.batch"), page.Cell{Text: x.BatchID, Link: codesPath + "/" + url.PathEscape(x.BatchID)}})
	}
	if x.Member != 0 {
		d.Facts = append(d.Facts, recordFact{r.Say("console.list.member"), page.Cell{Text: x.Member.String(), Link: "/console/members/" + x.Member.String()}})
	}
	if r.Visitor.Meets(page.Need(auth.CodesChange)) && !x.Declared && x.Blocked == calendar.None {
		d.Acts = []act{{
			Label: r.Say("console.code.block"), Path: codesPath + "/block", Icon: "ban", Post: true, Danger: true,
			Confirm: r.Say("console.code.block.confirm", "Code", x.Code.Code), Hidden: []hidden{{"code", written}},
		}}
	}
	return r.Page("code", d)
}

var codeColours = map[string]string{
	app.CodeUsable: "green", app.CodeNotYet: "azure", app.CodeOver: "secondary", app.CodeUsedUp: "secondary",
	app.CodeBlocked: "red",
}

func (c *Console) blockCode(r *page.Context) error {
	form, err := r.ReadForm("code")
	if err != nil {
		return err
	}
	to := codesPath + "/find?code=" + url.QueryEscape(form.Get("code"))
	if _, err := c.app.BlockCode(r.Ctx(), form.Get("code")); err != nil {
		return refuse(r, to, err)
	}
	return r.Done(to, "console.code.is_blocked")
}
