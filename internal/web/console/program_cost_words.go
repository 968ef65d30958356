package console

import (
	"time"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/money"
	"premia/internal/core/text"
	"premia/internal/web/page"
)

// costView is a comparison in words: first the one number that matters, then the figures
// behind it, then what was taken for granted.
type costView struct {
	// First is the sentence with the number; More are those that go with it.
	First string
	More  []string
	// Nothing tells that there is no past to try the draft on: then there are no figures.
	Nothing bool
	// Same tells that no figure is another under the draft.
	Same  bool
	Parts []costPart
	Chart *chart
	// Trials say on which days of the past rules were tried, and Granted the rest of what
	// was taken for granted.
	Trials, Granted []string
}

// costPart is the part of the table about money, or about one wallet.
type costPart struct {
	Name  string
	Lines []costLine
}

// costLine is one figure under the rules in force, under the draft, and the difference.
type costLine struct {
	Name  string
	Cells [3]string
	Sum   bool
}

// Days of a month, and of a past that is too short to say what a month comes to.
const (
	daysOfMonth = 30
	shortPast   = 28
)

// costWording makes words from one comparison.
type costWording struct {
	*page.Context
	of *Comparison
	// From and until are the first and the last day of the past, which has so many days.
	from, until text.Date
	days        int64
}

// costWords says what a draft would have cost beside the version in force.
func costWords(r *page.Context, of *Comparison, draft *engine.Program, live int64) (*costView, error) {
	if of.From == calendar.None {
		return &costView{Nothing: true, First: r.Say("console.program.cost.nothing"), More: []string{r.Say("console.program.cost.nothing.do")}}, nil
	}
	w := &costWording{Context: r, of: of, from: dateOf(of.From, draft.Zone), until: dateOf(of.Until, draft.Zone)}
	w.days = int64(utc(w.until).Sub(utc(w.from))/(24*time.Hour)) + 1
	v := &costView{Same: true}
	for i := range of.Wallets {
		v.Same = v.Same && of.Wallets[i].Same()
	}
	v.Same = v.Same && of.Outlays[0].Total().Minor == of.Outlays[1].Total().Minor
	for i := range of.Trials {
		v.Trials = append(v.Trials, trialWords(r, &of.Trials[i], draft))
	}
	v.First = w.first(v)
	var err error
	if v.More, err = w.more(); err != nil {
		return nil, err
	}
	v.Parts, v.Chart = w.parts(), w.chart()
	v.Granted = w.granted(live)
	return v, nil
}

// dateOf is the day of a moment.
func dateOf(at calendar.Instant, zone *time.Location) text.Date {
	year, month, day := at.In(zone).Date()
	return text.Date{Year: year, Month: month, Day: day}
}

func utc(d text.Date) time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }

// inMoney tells whether the programs cost anything in money that can be said.
func (w *costWording) inMoney() bool {
	return w.of.Outlays[0].Total().Minor != 0 || w.of.Outlays[1].Total().Minor != 0
}

// monthly is what an amount of the whole past comes to in a month.
func (w *costWording) monthly(m text.Money) text.Money {
	m.Minor = (2*m.Minor*daysOfMonth/w.days + sign(m.Minor)) / 2
	return m
}

func sign(n int64) int64 {
	switch {
	case n > 0:
		return 1
	case n < 0:
		return -1
	}
	return 0
}

// byMonth tells whether the difference is better said for a month: not where the past is
// short, nor where it comes of rules that last some days.
func (w *costWording) byMonth() bool {
	for i := range w.of.Trials {
		if !w.of.Trials[i].ForGood {
			return false
		}
	}
	return w.days >= shortPast
}

// first is the sentence that says how much more, or less, the draft costs.
func (w *costWording) first(v *costView) string {
	more := w.of.Outlays[1].Total()
	more.Minor -= w.of.Outlays[0].Total().Minor
	kind := "console.program.cost.all."
	if w.byMonth() {
		more, kind = w.monthly(more), "console.program.cost.month."
	}
	switch {
	case v.Same:
		return w.Say("console.program.cost.as_much")
	case !w.inMoney():
		return w.firstInPoints()
	case more.Minor == 0:
		return w.Say("console.program.cost.as_much_money")
	case more.Minor < 0:
		more.Minor = -more.Minor
		return w.Say(kind+"less", "Money", more)
	}
	return w.Say(kind+"more", "Money", more)
}

// firstInPoints says it of the first wallet of which the draft gives more or less.
func (w *costWording) firstInPoints() string {
	for i := range w.of.Wallets {
		switch more := w.of.Wallets[i].MoreGiven(); {
		case more.Minor > 0:
			return w.Say("console.program.cost.points.more", "Points", more)
		case more.Minor < 0:
			more.Minor = -more.Minor
			return w.Say("console.program.cost.points.less", "Points", more)
		}
	}
	return w.Say("console.program.cost.points.same")
}

// more says what the program comes to, its share of what members buy, and what they could
// still spend.
func (w *costWording) more() ([]string, error) {
	if !w.inMoney() {
		return []string{w.Say("console.program.cost.no_money")}, nil
	}
	live, draft := w.of.Outlays[0].Total(), w.of.Outlays[1].Total()
	id := "console.program.cost.comes_to_all"
	if w.days >= shortPast {
		id, live, draft = "console.program.cost.comes_to", w.monthly(live), w.monthly(draft)
	}
	out := []string{w.Say(id, "Live", live, "Draft", draft, "Count", w.days)}
	if w.of.Outlays[0].Purchases.Minor > 0 {
		shares := [2]text.Percent{}
		for i := range shares {
			var err error
			if shares[i], err = share(&w.of.Outlays[i]); err != nil {
				return nil, err
			}
		}
		out = append(out, w.Say("console.program.cost.share", "Live", shares[0], "Draft", shares[1]))
	}
	if was, is, ok := w.liability(); ok {
		out = append(out, w.Say("console.program.cost.owed", "Live", was, "Draft", is))
	}
	return out, nil
}

// share is the outlay in percent of what members buy, with one decimal.
func share(o *Outlay) (text.Percent, error) {
	if o.Purchases.Minor <= 0 {
		return "0", nil
	}
	rate, err := money.NewRate(100_0, o.Purchases.Minor)
	if err != nil {
		return "", err
	}
	tenths, err := rate.Apply(o.Total().Minor, money.HalfEven)
	return text.Percent(money.Format(tenths, 1)), err
}

// liability is what members could still spend of all wallets that are worth something.
func (w *costWording) liability() (was, is text.Money, ok bool) {
	was, is = w.of.Outlays[0].Total(), w.of.Outlays[1].Total()
	was.Minor, is.Minor = 0, 0
	for i := range w.of.Wallets {
		c := &w.of.Wallets[i]
		ok = ok || c.Worth
		was.Minor, is.Minor = was.Minor+c.Liability[0].Minor, is.Minor+c.Liability[1].Minor
	}
	return was, is, ok
}

// parts are the table: what it costs, and what each wallet gives.
func (w *costWording) parts() []costPart {
	var out []costPart
	if w.inMoney() {
		part := costPart{Name: w.Say("console.program.cost.in_money")}
		live, draft := &w.of.Outlays[0], &w.of.Outlays[1]
		for _, one := range []struct {
			id         string
			was, is    text.Money
			sum, month bool
		}{
			{id: "rewards", was: live.Rewards, is: draft.Rewards},
			{id: "reductions", was: live.Reductions, is: draft.Reductions},
			{id: "reserve", was: live.Reserve, is: draft.Reserve},
			{id: "total", was: live.Total(), is: draft.Total(), sum: true},
			{id: "a_month", was: w.monthly(live.Total()), is: w.monthly(draft.Total()), month: true},
		} {
			if one.was.Minor != 0 || one.is.Minor != 0 || one.sum {
				if !one.month || w.days >= shortPast {
					part.Lines = append(part.Lines, w.moneyLine(w.Say("console.program.cost."+one.id), one.was, one.is, one.sum))
				}
			}
		}
		out = append(out, part)
	}
	for i := range w.of.Wallets {
		c := &w.of.Wallets[i]
		name := unitName(w.Context, c.Wallet.ID, c.Wallet.Forms)
		part := costPart{Name: name, Lines: []costLine{
			w.pointsLine(w.Say("console.program.cost.given"), c.Given, c.MoreGiven()),
			w.pointsLine(w.Say("console.program.cost.outstanding"), c.Outstanding, c.MoreOutstanding()),
		}}
		if c.Worth {
			part.Lines = append(part.Lines, w.moneyLine(w.Say("console.program.cost.liability"), c.Liability[0], c.Liability[1], false))
		}
		out = append(out, part)
	}
	return out
}

func (w *costWording) moneyLine(name string, was, is text.Money, sum bool) costLine {
	more := is
	more.Minor -= was.Minor
	return costLine{Name: name, Sum: sum, Cells: [3]string{w.value(was), w.value(is), w.signed(more, more.Minor)}}
}

func (w *costWording) pointsLine(name string, of [2]text.Points, more text.Points) costLine {
	return costLine{Name: name, Cells: [3]string{w.value(of[0]), w.value(of[1]), w.signed(more, more.Minor)}}
}

func (w *costWording) value(v any) string { return w.Say("page.value", "Value", v) }

// signed shows a difference with its sign, also where it is more.
func (w *costWording) signed(v any, minor int64) string {
	if minor > 0 {
		return "+" + w.value(v)
	}
	return w.value(v)
}

// chart shows what the two cost, one bar over the other; nil where that can't be said in
// money.
func (w *costWording) chart() *chart {
	if !w.inMoney() {
		return nil
	}
	c := &chart{ID: "chart-cost", Title: w.Say("console.program.cost.chart")}
	bars := []any{w.Say("console.program.cost.draft"), w.Say("console.program.cost.live")}
	var legend, series []any
	live, draft := &w.of.Outlays[0], &w.of.Outlays[1]
	for _, part := range []struct {
		id      string
		was, is text.Money
	}{{"rewards", live.Rewards, draft.Rewards}, {"reductions", live.Reductions, draft.Reductions}, {"reserve", live.Reserve, draft.Reserve}} {
		if part.was.Minor == 0 && part.is.Minor == 0 {
			continue
		}
		name := w.Say("console.program.cost." + part.id)
		legend = append(legend, name)
		series = append(series, map[string]any{
			"type": "bar", "stack": "cost", "name": name, "barMaxWidth": 32, "data": []any{drawn(part.is), drawn(part.was)},
		})
	}
	c.Option = axes(bars, legend)
	grid := c.Option["grid"].(map[string]any)
	grid["left"], grid["right"], grid["bottom"] = 28, 32, 64 // for long names, the last number, and three lines of a legend
	c.Option["xAxis"], c.Option["yAxis"] = map[string]any{"type": "value", "splitNumber": 2}, c.Option["xAxis"]
	c.Option["series"] = series
	return c
}

// drawn is an amount as a chart takes it; what is drawn may be rounded.
func drawn(m text.Money) float64 {
	scale := float64(1)
	for range m.Scale {
		scale *= 10
	}
	return float64(m.Minor) / scale
}

// granted says what was compared, and what was taken for granted.
func (w *costWording) granted(live int64) []string {
	out := []string{
		w.Say("console.program.cost.compared", "Version", live, "From", w.from, "Until", w.until, "Count", w.of.Events),
		w.Say("console.program.cost.as_they_did"),
	}
	if w.of.Outlays[0].Reserve.Minor != 0 || w.of.Outlays[1].Reserve.Minor != 0 {
		out = append(out, w.Say("console.program.cost.in_full"))
	}
	if w.inMoney() && w.days >= shortPast {
		out = append(out, w.Say("console.program.cost.month_is"))
	}
	if n := w.of.Outlays[1].Unpriced; n > 0 {
		out = append(out, w.Say("console.program.cost.unpriced", "Count", n))
	}
	return out
}
