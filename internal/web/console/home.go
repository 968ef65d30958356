package console

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/text"
	"premia/internal/web/page"
)

func (c *Console) homeRoutes() {
	c.area.Handle("GET /console", page.User, c.home)
	c.area.Handle("GET /console/live", page.User, c.homeLive)
	c.area.Handle("GET /console/charts", page.Need(auth.ReportsRead), c.homeCharts)
}

// homeData is what the home page shows.
type homeData struct {
	Title   text.Localized
	Version uint32
	Live    liveData
	Charts  *chartsData // nil for those who may not see figures
	// Till tells that the visitor is at home at the till: a cashier, who sees nothing of
	// how the program fares.
	Till bool
}

// liveData is what changes by the second: what wants attention, and the main figures.
type liveData struct {
	// Seen changes with all that is shown, so that what is shown already need not be
	// sent again.
	Seen       string
	Figures    []figure
	Conditions []attentionLine
	// All tells that the visitor may see to whatever there is.
	All bool
}

// figure is a number in a card.
type figure struct {
	Label, Value, More, About string
	Icon                      string
}

// Size is the class of a value that needs more room than most, or less; empty for others.
func (f figure) Size() string {
	switch n := utf8.RuneCountInString(f.Value); {
	case n > 20:
		return "figure-longest"
	case n > 12:
		return "figure-long"
	case n < 8:
		return "figure-short"
	}
	return ""
}

// attentionLine is something that wants attention, in words.
type attentionLine struct {
	Kind, Text, Do, Path, Severity, Colour, Icon string
	// May tells whether the visitor is allowed the act that settles it.
	May bool
}

func (c *Console) home(r *page.Context) error {
	if c.setsUp(r) {
		return r.Redirect(setupPath)
	}
	g, err := c.app.Glance(r.Ctx())
	if err != nil {
		return err
	}
	d := homeData{Live: c.liveOf(r, g), Till: r.Visitor.Meets(page.Need(auth.TillUse)) && !r.Visitor.Meets(page.Need(auth.HomeRead))}
	if p := g.Program; p != nil {
		d.Title, d.Version = p.Title, p.Version
		if r.Visitor.Meets(page.Need(auth.ReportsRead)) {
			d.Charts = c.chartsOf(r, g)
		}
	}
	return r.Page("home", d)
}

// homeLive answers with what changed since it was seen; with nothing if that is nothing.
func (c *Console) homeLive(r *page.Context) error {
	g, err := c.app.Glance(r.Ctx())
	if err != nil {
		return err
	}
	d := c.liveOf(r, g)
	if r.Form("seen") == d.Seen {
		r.W.WriteHeader(http.StatusNoContent)
		return nil
	}
	return r.Part("home", "live", d)
}

func (c *Console) homeCharts(r *page.Context) error {
	g, err := c.app.Glance(r.Ctx())
	if err != nil {
		return err
	}
	if g.Program == nil {
		return page.ErrNotFound
	}
	d := c.chartsOf(r, g)
	if r.Form("seen") == d.Seen {
		r.W.WriteHeader(http.StatusNoContent)
		return nil
	}
	return r.Part("home", "charts", d)
}

// severities are how conditions are shown.
var severities = map[app.Severity]attentionLine{
	app.Danger:  {Severity: "console.severity.danger", Colour: "red", Icon: "alert-circle"},
	app.Warning: {Severity: "console.severity.warning", Colour: "yellow", Icon: "alert-triangle"},
	app.Hint:    {Severity: "console.severity.hint", Colour: "azure", Icon: "info-circle"},
}

func (c *Console) liveOf(r *page.Context, g *app.Glance) liveData {
	var d liveData
	if g.Program != nil && r.Visitor.Meets(page.Need(auth.ReportsRead)) {
		d.Figures = c.figuresOf(r, g)
	}
	d.All = r.Visitor.Meets(page.Need(auth.SettingsWrite))
	for _, x := range g.Attention {
		may := r.Visitor.Meets(page.Need(x.Need))
		if !r.Visitor.Meets(page.Need(auth.HomeRead)) || !may && !r.Visitor.Meets(page.Need(x.Need.Reading())) {
			continue
		}
		one := severities[x.Severity]
		one.Kind, one.Path, one.May = x.Kind, x.Path, may
		one.Severity = r.Say(one.Severity)
		one.Text = r.Say("console.attention."+x.Kind, x.Args...)
		one.Do = r.Say("console.attention." + x.Kind + ".do")
		d.Conditions = append(d.Conditions, one)
	}
	d.Seen = seenOf(d, r.Lang)
	return d
}

// seenOf gives what changes with all that is shown; empty if that can't be told.
func seenOf(shown ...any) string {
	src, err := json.Marshal(shown)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(src)
	return hex.EncodeToString(sum[:8])
}

func (c *Console) figuresOf(r *page.Context, g *app.Glance) []figure {
	show := func(v any) string { return r.Say("page.value", "Value", v) }
	today, joined := g.Days[len(g.Days)-1], int64(0)
	for _, day := range g.Days[len(g.Days)-7:] {
		joined += day.Joined
	}
	money := func(minor int64) text.Money {
		return text.Money{Minor: minor, Scale: g.Program.Currency.Scale, Currency: g.Program.Currency.Code}
	}
	share := int64(0)
	if g.Members > 0 {
		share = g.Active * 100 / g.Members
	}
	all := []figure{
		{Label: r.Say("console.home.members"), Value: show(g.Members), More: r.Say("console.home.members.joined", "Number", joined), Icon: "users"},
		{
			Label: r.Say("console.home.active"), Value: show(g.Active),
			More:  r.Say("console.home.active.share", "Share", text.Percent(strconv.FormatInt(share, 10))),
			About: r.Say("console.home.active.about"), Icon: "flame",
		},
		{
			Label: r.Say("console.home.purchases"), Value: show(today.Purchases),
			More: r.Say("console.home.purchases.worth", "Total", money(today.Total)), Icon: "shopping-cart",
		},
	}
	liability, has := int64(0), false
	for _, w := range g.Wallets {
		liability, has = liability+w.Liability, has || w.HasWorth
	}
	worth := figure{Label: r.Say("console.home.liability"), Value: show(money(liability)), About: r.Say("console.home.liability.about"), Icon: "coins"}
	if !has {
		worth.Value, worth.About = "–", r.Say("console.home.liability.none")
	}
	return append(all, worth)
}

// chartsData are the charts, each with a table that says the same.
type chartsData struct {
	// Seen changes with all that is shown, and by the minute.
	Seen    string
	Charts  []chart
	Budgets []budgetLine
	Updated text.Moment
}

// chart is drawn by the browser from Option; Head and Rows are its table.
type chart struct {
	ID, Title string
	Option    map[string]any
	Head      []string
	Rows      [][]string
	// Small tells that it takes little room.
	Small bool
	// Empty says that there is nothing to draw, and Teach what changes that: the act Do at
	// Path, if the visitor may do it.
	Empty, Teach, Do, Path, Icon string
}

// nothing makes the chart say that there is nothing to draw.
func (c *chart) nothing(r *page.Context, kind, path, icon string, need page.Need) {
	c.Empty, c.Teach = r.Say("console.home.empty."+kind), r.Say("console.home.empty."+kind+".teach")
	if r.Visitor.Meets(need) {
		c.Do, c.Path, c.Icon = r.Say("console.home.empty."+kind+".do"), path, icon
	}
}

// budgetLine is a budget as it is shown.
type budgetLine struct {
	ID, Title, Words string
	Percent          int64
	Colour           string
}

func (c *Console) chartsOf(r *page.Context, g *app.Glance) *chartsData {
	d := &chartsData{}
	d.Charts = append(d.Charts, activityChart(r, g))
	for i := range g.Wallets {
		if w := &g.Wallets[i]; i < mostWallets {
			d.Charts = append(d.Charts, valueChart(r, g, w))
		}
	}
	for i := range g.Ladders {
		d.Charts = append(d.Charts, tierChart(r, &g.Ladders[i]))
	}
	for i := range g.Budgets {
		d.Budgets = append(d.Budgets, budgetLineOf(r, g.Program, &g.Budgets[i]))
	}
	d.Seen = seenOf(d, r.Lang, g.At/(60*calendar.Second))
	d.Updated = text.Moment(g.At.In(g.Program.Zone))
	return d
}

// mostWallets is how many wallets have a chart.
const mostWallets = 4

// chartDays is how many days the chart of activity has.
const chartDays = 30

func activityChart(r *page.Context, g *app.Glance) chart {
	c := chart{ID: "chart-activity", Title: r.Say("console.home.activity"), Head: []string{
		r.Say("console.home.day"), r.Say("console.home.activity"), r.Say("console.home.purchases"),
	}}
	c.Head[2] = r.Say("console.list.purchases")
	var days, active []any
	some, last := int64(0), len(g.Days)-1
	for i := max(0, last+1-chartDays); i <= last; i++ {
		day := &g.Days[i]
		date, at, point := r.Say("page.value", "Value", day.Date()), shortDate(r.Lang, day.Date()), any(map[string]any{"value": day.Active, "symbol": "none"})
		if i == last { // today is not over: its point stands out
			date, at = r.Say("console.home.so_far", "Day", day.Date()), r.Say("console.home.today")
			point = map[string]any{"value": day.Active, "symbol": "emptyCircle", "symbolSize": 9}
		}
		some += day.Active
		days, active = append(days, at), append(active, point)
		c.Rows = append(c.Rows, []string{date, r.Say("page.value", "Value", day.Active), r.Say("page.value", "Value", day.Purchases)})
	}
	if some == 0 {
		c.nothing(r, "activity", "/console/poster", "qrcode", page.Need(auth.HomeRead))
	}
	c.Option = axes(days, nil)
	c.Option["series"] = []any{map[string]any{
		"type": "line", "name": c.Title, "data": active, "smooth": true, "smoothMonotone": "x", "showAllSymbol": true,
		"areaStyle": map[string]any{"opacity": 0.15},
	}}
	return c
}

// axes are the option of a chart with categories along the bottom.
func axes(categories []any, legend []any) map[string]any {
	option := map[string]any{
		"grid":    map[string]any{"left": 8, "right": 16, "top": 16, "bottom": 8, "containLabel": true},
		"tooltip": map[string]any{"trigger": "axis", "renderMode": "richText"},
		"xAxis":   map[string]any{"type": "category", "data": categories},
		"yAxis":   map[string]any{"type": "value", "minInterval": 1},
	}
	if legend != nil {
		option["legend"] = map[string]any{"data": legend} // the page writes it below the chart
	}
	return option
}

// valueChart shows what was issued, spent and expired, week by week.
func valueChart(r *page.Context, g *app.Glance, w *app.GlanceWallet) chart {
	name := unitName(r, w.ID, w.Forms)
	c := chart{ID: "chart-" + w.ID, Title: r.Say("console.home.value", "Wallet", name), Head: []string{
		r.Say("console.home.week"), r.Say("console.home.issued"), r.Say("console.home.spent"), r.Say("console.home.expired"),
	}}
	var weeks []any
	columns, some := make([][]any, 3), false
	scale := float64(1)
	for range w.Unit.Scale {
		scale *= 10
	}
	for from := len(w.Days) % 7; from < len(w.Days); from += 7 {
		var sum [3]int64
		for _, day := range w.Days[from : from+7] {
			sum[0], sum[1], sum[2] = sum[0]+day.Issued, sum[1]+day.Spent, sum[2]+day.Expired
		}
		date := r.Say("page.value", "Value", g.Days[from].Date())
		row := []string{date}
		for i, amount := range sum {
			some = some || amount != 0
			// What is drawn may be rounded; the table says it exactly.
			columns[i] = append(columns[i], float64(amount)/scale)
			row = append(row, r.Say("page.value", "Value", points(&w.Unit, w.Forms, amount)))
		}
		weeks, c.Rows = append(weeks, shortDate(r.Lang, g.Days[from].Date())), append(c.Rows, row)
	}
	c.Option = axes(weeks, []any{c.Head[1], c.Head[2], c.Head[3]})
	var series []any
	for i, data := range columns {
		series = append(series, map[string]any{"type": "bar", "name": c.Head[i+1], "data": data})
	}
	c.Option["series"] = series
	if !some {
		c.nothing(r, "value", "/till", "building-store", page.Need(auth.TillUse))
	}
	return c
}

// shortDate gives a day as the axis of a chart has room for.
func shortDate(lang string, d text.Date) string {
	layout := "2.1."
	switch lang {
	case "en":
		layout = "Jan 2"
	case "pl", "ru":
		layout = "2.01"
	}
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Format(layout)
}

func tierChart(r *page.Context, l *app.GlanceLadder) chart {
	c := chart{
		ID: "chart-tier-" + l.ID, Small: true, Title: r.Say("console.home.tiers", "Ladder", l.Title),
		Head: []string{r.Say("console.home.level"), r.Say("console.home.members")},
	}
	var data []any
	some := int64(0)
	for i := range l.Levels {
		some += l.Members[i]
		name := r.Say("page.value", "Value", l.Levels[i].Title)
		data = append(data, map[string]any{"name": name, "value": l.Members[i]})
		c.Rows = append(c.Rows, []string{name, r.Say("page.value", "Value", l.Members[i])})
	}
	c.Option = map[string]any{
		"tooltip": map[string]any{"trigger": "item", "renderMode": "richText"},
		"legend":  map[string]any{},
		"series": []any{map[string]any{
			"type": "pie", "radius": []string{"55%", "85%"},
			"label": map[string]any{"show": false}, "data": data,
		}},
	}
	if some == 0 {
		c.nothing(r, "tiers", "/console/members/new", "user-plus", page.Need(auth.MembersWrite))
	}
	return c
}

// unitName gives what a wallet's unit is called where no number stands with it: by the form
// of a few where that is the plain plural, as in Polish and Czech.
func unitName(r *page.Context, id string, forms text.UnitForms) string {
	words := forms.Forms[r.Lang]
	if words == nil {
		words = forms.Forms[forms.Fallback]
	}
	order := []string{"many", "other"}
	if r.Lang == "pl" || r.Lang == "cs" {
		order = []string{"few", "many", "other"}
	}
	for _, form := range order {
		if name := strings.TrimSpace(words[form]); name != "" {
			return name
		}
	}
	return id
}
