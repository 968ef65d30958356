package rule

import (
	"embed"
	"io/fs"
	"slices"
	"time"

	"github.com/govalues/decimal"

	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/money"
	"premia/internal/core/text"
)

//go:embed words
var words embed.FS

// Words are the catalogues of what rules of all mechanics say.
func Words() fs.FS { return words }

// The plural categories, by language, in which a unit is named without a number:
// ofFive is that of the number five, which but for English is the genitive, and
// ofTwo the one nearest to the nominative.
var (
	ofFive = map[string]string{"en": "other", "pl": "many", "cs": "other", "ru": "many"}
	ofTwo  = map[string]string{"en": "other", "pl": "few", "cs": "few", "ru": "many"}
)

// Unit names a wallet's unit in the plural, in the genitive where there is one,
// without a number.
func Unit(w *engine.Wallet) text.Localized { return unit(w, ofFive) }

// Subject names a wallet's unit in the plural, without a number.
func Subject(w *engine.Wallet) text.Localized { return unit(w, ofTwo) }

func unit(w *engine.Wallet, category map[string]string) text.Localized {
	out := text.Localized{Fallback: w.Forms.Fallback, Texts: make(map[string]string, len(w.Forms.Forms))}
	for lang, forms := range w.Forms.Forms {
		out.Texts[lang] = forms["other"]
		if form := forms[category[lang]]; form != "" {
			out.Texts[lang] = form
		}
	}
	return out
}

// Amount gives a document's number as an amount of a wallet.
func Amount(w *engine.Wallet, d decimal.Decimal) text.Points {
	return text.Points{Minor: coefficient(d), Scale: d.Scale(), Forms: w.Forms}
}

// Money gives a document's number as an amount of the program's currency.
func Money(p *engine.Program, d decimal.Decimal) text.Money {
	d = d.Pad(p.Currency.Scale)
	return text.Money{Minor: coefficient(d), Scale: d.Scale(), Currency: p.Currency.Code}
}

// coefficient gives the digits of a decimal of at most 18 digits, signed.
func coefficient(d decimal.Decimal) int64 {
	if d.IsNeg() {
		return -int64(d.Coef())
	}
	return int64(d.Coef())
}

// EventName is what members call an event type: the program's words for it or,
// for types that every program has, the catalogue's.
func EventName(p *engine.Program, id string) any {
	if title, own := ownName(p, id); own {
		return title
	}
	return text.New("event." + id)
}

// ownName gives the words that the program has for an event type. A type that
// only the program knows goes by its id if it has no words.
func ownName(p *engine.Program, id string) (text.Localized, bool) {
	et := p.EventType(id)
	builtIn := slices.Contains(engine.RuleEvents, id) || (et == nil && engine.ReadyMade(id))
	switch {
	case et != nil && et.Ready:
		return et.Title, false
	case et == nil:
		return text.Localized{Fallback: "en", Texts: map[string]string{"en": id}}, !builtIn
	}
	return et.Title, !builtIn || et.Title.Texts[et.Title.Fallback] != id
}

// On says for which events a rule is.
func On(p *engine.Program, id string) text.Message {
	if id == "" {
		id = "purchase"
	}
	if title, own := ownName(p, id); own {
		return text.New("on.own", "Event", title)
	}
	return text.New("on." + id)
}

// GiveWords lists what a rule gives.
func GiveWords(p *engine.Program, g *Give) text.List {
	var list text.List
	for id, rate := range g.Rates.All() {
		list.Items = append(list.Items, rate.words(p, p.WalletByID(id), g.Per))
	}
	for _, r := range g.rewards() {
		list.Items = append(list.Items, r.rate.words(p, p.GiftByID(r.id), g.Per))
	}
	if g.Instead != nil {
		var other text.List
		for id, amount := range g.Instead.Wallets.All() {
			other.Items = append(other.Items, text.New("give.fixed", "Points", Amount(p.WalletByID(id), amount)))
		}
		list.Items = append(list.Items, text.New("give.instead", "Gives", other))
	}
	return list
}

func (r *Rate) words(p *engine.Program, w *engine.Wallet, per *Per) text.Message {
	switch {
	case r.Formula != "":
		return text.New("give.formula", "Unit", Unit(w), "Formula", text.Quoted(r.Formula))
	case r.Percent:
		percent, err := r.Number.Mul(decimal.Hundred)
		if err != nil {
			percent = r.Number
		}
		return text.New("give.percent", "Percent", text.Percent(percent.Trim(0).String()), "Unit", Unit(w))
	case per == nil:
		return text.New("give.fixed", "Points", Amount(w, r.Number))
	case per.Items:
		return text.New("give.per_item", "Points", Amount(w, r.Number))
	}
	return text.New("give.per_amount", "Points", Amount(w, r.Number), "Money", Money(p, per.Money))
}

// MultiplyWords lists the factors of a rule.
func MultiplyWords(p *engine.Program, factors *document.Map[decimal.Decimal]) text.List {
	var list text.List
	for id, factor := range factors.All() {
		list.Items = append(list.Items, factorWords(factor, Unit(p.WalletByID(id))))
	}
	return list
}

// factorWords say a factor as people do: a half more, twice as much.
func factorWords(factor decimal.Decimal, unit text.Localized) text.Message {
	shown := text.Factor(factor.Trim(0).String())
	percent, err := factor.Mul(decimal.Hundred)
	if err == nil {
		percent, err = percent.Sub(decimal.Hundred)
	}
	switch {
	case shown == "2" || shown == "3":
		return text.New("give.multiply."+string(shown), "Unit", unit)
	case err != nil || (factor.IsInt() && !percent.IsNeg()):
		return text.New("give.multiply", "Factor", shown, "Unit", unit)
	case percent.IsNeg():
		return text.New("give.multiply.less", "Percent", percentWords(percent.Neg()), "Unit", unit)
	}
	return text.New("give.multiply.more", "Percent", percentWords(percent), "Unit", unit)
}

// words says when a rule applies, in sentences; days and hours are in the zone.
func (w *Window) words(zone *time.Location) []text.Message {
	var out []text.Message
	switch {
	case w.From != nil && w.Until != nil:
		out = append(out, text.New("window.between", "From", shown(w.From, zone), "Until", shown(w.Until, zone)))
	case w.From != nil:
		out = append(out, text.New("window.from", "From", shown(w.From, zone)))
	case w.Until != nil:
		out = append(out, text.New("window.until", "Until", shown(w.Until, zone)))
	}
	if w.Until != nil && !w.Until.HasTime {
		out = append(out, text.New("window.inclusive"))
	}
	if len(w.Days) > 0 {
		out = append(out, text.New("window.days", "Days", WeekdaysWords(w.Days)))
	}
	if h := w.Hours; h != nil {
		id := "window.hours"
		if h.From > h.Until {
			id = "window.hours_overnight"
		}
		shown := h.String()
		out = append(out, text.New(id, "From", shown[:5], "Until", shown[6:]))
	}
	return out
}

// WeekdaysWords says on which weekdays, in their order; the working days by their first and
// last.
func WeekdaysWords(names []string) text.List {
	var days text.List
	if len(names) == 5 && !slices.ContainsFunc(engine.Weekdays[:5], func(name string) bool { return !slices.Contains(names, name) }) {
		return text.List{Items: []any{text.New("on_weekday.working")}}
	}
	for i, name := range engine.Weekdays {
		if slices.Contains(names, name) {
			days.Items = append(days.Items, text.New(onWeekday[i]))
		}
	}
	return days
}

var onWeekday = [...]string{
	"on_weekday.monday", "on_weekday.tuesday", "on_weekday.wednesday", "on_weekday.thursday",
	"on_weekday.friday", "on_weekday.saturday", "on_weekday.sunday",
}

// MomentWords gives a document's moment for a message: a day, or a day with its
// time in the zone.
func MomentWords(m *document.Moment, zone *time.Location) any { return shown(m, zone) }

// shown gives a moment of a document as a day, or as a day with its time.
func shown(m *document.Moment, zone *time.Location) any {
	if !m.HasTime {
		return text.Date{Year: m.Date.Year, Month: m.Date.Month, Day: m.Date.Day}
	}
	return text.Moment(m.In(zone).In(zone))
}

// DescribeConditions says on what a rule depends, in short, too.
func (x *Compiled) DescribeConditions(d *engine.Description) {
	for _, m := range d.Program.Rules[x.Name].Window {
		d.SayInShort(m)
	}
	if x.When != nil {
		d.SayInShort(text.New("rule.when", "Condition", x.When.Words()))
	}
	if x.Items != nil {
		d.SayInShort(text.New("rule.items", "Condition", x.Items.Words()))
	}
}

// DescribeCounting says what counts of the money, and how results are rounded,
// where the givings count at all. spend tells that the total matters anyway.
func DescribeCounting(d *engine.Description, givings []*engine.Giving, without engine.Without, rounding money.Rounding, spend bool) {
	rounded := false
	for _, g := range givings {
		spend = spend || g.Measure == engine.ByAmount
		// A factor has no fixed amount.
		rounded = rounded || g.Measure != engine.ByEvent || g.Fixed == 0
	}
	if spend {
		describeWithout(d, without)
	}
	if rounded {
		d.Say(text.New(roundings[rounding]))
	}
}

var roundings = map[money.Rounding]string{
	money.Floor: "rounding.floor", money.Ceiling: "rounding.ceiling", money.HalfUp: "rounding.half_up",
	money.HalfEven: "rounding.half_even", money.TowardZero: "rounding.toward_zero",
}

func describeWithout(d *engine.Description, without engine.Without) {
	var parts text.List
	for _, part := range [...]struct {
		bit engine.Without
		id  string
	}{
		{engine.WithoutTax, "without.tax"}, {engine.WithoutShipping, "without.shipping"},
		{engine.WithoutGiftCards, "without.gift_cards"}, {engine.WithoutPoints, "without.points"},
	} {
		if without&part.bit != 0 {
			parts.Items = append(parts.Items, text.New(part.id))
		}
	}
	if len(parts.Items) == 0 {
		d.Say(text.New("without.nothing"))
		return
	}
	d.Say(text.New("without.parts", "Parts", parts))
}
