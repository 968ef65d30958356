// Package conversion turns value into something else when a period ends: points into
// vouchers each quarter. At the last instant of the period in the program's zone, so
// many whole multiples of what is available as there are, the soonest-expiring lots
// first, become a reward of the catalogue or value of another wallet; the rest stays,
// and what is held is not touched. Whenever somebody looks, it happens as of then.
// What was taken for a reward is remembered lot by lot, so that one which is given
// back unused gives it back.
//
// A rule counts from the moment at which its program comes into force, for members to
// whom nothing happens afterwards, too.
package conversion

import (
	"embed"
	"io/fs"
	"reflect"
	"slices"
	"strconv"

	"github.com/govalues/decimal"

	"premia/internal/core/calendar"
	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/rule"
	"premia/internal/core/money"
	"premia/internal/core/text"
)

//go:embed words
var words embed.FS

// most is how often value is turned into something else in a period, if the
// document does not say.
const most = 100

// Conversion is one rule of the document.
type Conversion struct {
	ID    string          `doc:"id,required" pattern:"^[a-z0-9][a-z0-9-]*$" max_len:"60" help:"the rule's own name: small letters, digits, hyphens"`
	Name  document.Text   `doc:"name" help:"the rule's name for members"`
	From  string          `doc:"from,required" help:"the wallet whose value is turned into something else"`
	Each  string          `doc:"each,required" enum:"month|quarter|year" help:"at the end of which periods"`
	Every decimal.Decimal `doc:"every,required" help:"so much at a time; what is not enough for that stays"`
	Gives rule.Give       `doc:"gives,required" help:"what it becomes: {reward: voucher-5}, or a wallet and an amount"`
	Most  int64           `doc:"most" min:"1" max:"1000" help:"how many times in a period; 100 if not said"`
}

// Mechanic is the door of conversions.
type Mechanic struct{}

// Section gives the key conversions: a list of rules.
func (Mechanic) Section() document.Section {
	return document.Section{Key: "conversions", Into: &[]Conversion{}, Help: "value that becomes something else when a period ends"}
}

// Words are the catalogues of conversions.
func (Mechanic) Words() fs.FS { return words }

// compiled is a rule that is ready to run.
type compiled struct {
	name   ledger.Name
	from   *engine.Wallet
	unit   calendar.Unit
	every  int64
	most   int64
	giving *engine.Giving
	source *Conversion
}

type stage struct{ rules []compiled }

var units = map[string]calendar.Unit{"month": calendar.ByMonth, "quarter": calendar.ByQuarter, "year": calendar.ByYear}

// Compile checks the rules.
func (Mechanic) Compile(c *engine.Compiler, section any) engine.Stage {
	all := *section.(*[]Conversion)
	if len(all) == 0 {
		return nil
	}
	s := &stage{}
	for i := range all {
		if x, ok := compile(c, "conversions["+strconv.Itoa(i)+"]", &all[i]); ok {
			s.rules = append(s.rules, x)
		}
	}
	return s
}

func compile(c *engine.Compiler, path string, r *Conversion) (compiled, bool) {
	x := compiled{name: c.Rule(path, "conversion", r.ID, rule.Title(c, r.Name, r.ID)), unit: units[r.Each], most: r.Most, source: r}
	if x.most == 0 {
		x.most = most
	}
	x.from = c.Wallet(path+".from", r.From)
	givings := rule.CompileGive(c, path+".gives", x.name, &r.Gives, money.Floor, 0)
	c.Givings(x.name, givings)
	c.Apart(x.name)
	if x.from == nil || len(givings) == 0 {
		return x, false
	}
	every, ok := rule.WalletMinor(c, path+".every", r.Every, x.from)
	x.every, x.giving = every, givings[0]
	g := x.giving
	switch {
	case len(givings) > 1 || r.Gives.Instead != nil:
		c.Problem(path+".gives", "ambiguous", "value becomes one thing", "write one reward, or one wallet")
	case g.Measure != engine.ByEvent:
		c.Problem(path+".gives", "never_applies", "what value becomes is a plain amount", "write a reward, or a wallet and an amount, such as {beans: 120}")
	case g.Wallet == x.from:
		c.Problem(path+".gives", "feeds_itself", "value can't become value of its own wallet", "name another wallet, or a reward")
	case g.Fixed > money.MaxAmount/x.most:
		c.Problem(path+".gives", document.CodeOutOfRange, "so much can't be given at once", "write a smaller number")
	default:
		c.Program.Slide(g)
		return x, ok
	}
	return x, false
}

// Apply does nothing: what a conversion does happens by time.
func (*stage) Apply(*engine.Turn) {}

// Plan tells when value is turned into something else that the member has.
func (s *stage) Plan(t *engine.Turn, yield func(ledger.Conversion)) {
	for i := range s.rules {
		if x := &s.rules[i]; x.has(t) {
			yield(ledger.Conversion{Rule: x.name, Next: x.next(t)})
		}
	}
}

// Same tells whether the stage has the same rules.
func (s *stage) Same(before engine.Stage) bool {
	other, ok := before.(*stage)
	return ok && slices.EqualFunc(s.rules, other.rules, func(a, b compiled) bool { return reflect.DeepEqual(a.source, b.source) })
}

// has tells whether there is anything in the wallet, or may be without an event.
func (x *compiled) has(t *engine.Turn) bool {
	w := t.State.Wallet(x.from.Name)
	return (w != nil && len(w.Lots) > 0) || t.State.BalanceOf(x.from.Name).Held > 0
}

// next gives the last instant of the period around Turn.At: what expires with the
// period is still there.
func (x *compiled) next(t *engine.Turn) calendar.Instant {
	_, end := t.Period(t.At, x.unit)
	return end - 1
}

// Convert turns what is available into something else.
func (s *stage) Convert(t *engine.Turn, name ledger.Name) calendar.Instant {
	i := slices.IndexFunc(s.rules, func(x compiled) bool { return x.name == name })
	if i < 0 {
		return calendar.Never
	}
	x := &s.rules[i]
	available := t.State.BalanceOf(x.from.Name).Available
	if n := min(available/x.every, x.most); n > 0 && t.State.Status == ledger.Active {
		step := t.Note(engine.Step{Rule: x.name, Result: engine.Converted, Wallet: x.from.Name})
		n = t.Pay(x.giving, x.from.Name, x.every, n)
		done := &t.Out.Steps[step]
		done.Amount, done.Wanted, done.Times = n*x.every, n*x.every, n
	}
	if !x.has(t) {
		return calendar.Never
	}
	_, end := t.Period(t.At+1, x.unit)
	return end - 1
}

// Describe tells members what becomes of their value.
func (s *stage) Describe(d *engine.Description) {
	for i := range s.rules {
		x := &s.rules[i]
		d.Section(text.New("conversion.heading", "Title", d.Program.Rules[x.name].Title))
		d.Say(text.New("conversion."+x.source.Each, "Points", x.from.Points(x.every), "Gives", rule.GiveWords(d.Program, &x.source.Gives)))
		d.Say(text.New("conversion.most", "Count", x.most))
		d.Say(text.New("conversion.rest"))
	}
}
