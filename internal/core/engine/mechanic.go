package engine

import (
	"io/fs"
	"slices"
	"strings"

	"premia/internal/core/calendar"
	"premia/internal/core/condition"
	"premia/internal/core/document"
	"premia/internal/core/ledger"
	"premia/internal/core/text"
)

// Mechanic is the door through which every part of a program comes in. A
// mechanic is one folder, and one line in the pipeline.
type Mechanic interface {
	// Section gives the mechanic's key in the document and a pointer to a fresh
	// value to read it into; an empty key for mechanics that are always there.
	Section() document.Section
	// Compile checks the section that was read and gives the mechanic's stage.
	// Problems go to the compiler; the stage may then be nil, as it may where
	// the section has nothing to do.
	Compile(c *Compiler, section any) Stage
	// Words are the catalogues of what the mechanic says, words/en.yaml and so
	// on; nil if it says nothing of its own.
	Words() fs.FS
}

// Declarer is a mechanic that other mechanics' rules may name before it is compiled.
type Declarer interface {
	Mechanic
	// Declare registers what rules may name of the section that was read.
	Declare(c *Compiler, section any)
}

// Stage is a compiled mechanic in the pipeline. A stage is immutable.
type Stage interface {
	// Apply does the mechanic's part of one decision.
	Apply(t *Turn)
}

// Unblockable is a stage that does its part for blocked members, too: one that
// gives nothing.
type Unblockable interface {
	Stage
	Unblockable()
}

// ForAccounts is a stage that does its part for accounts that are no person's,
// such as a gift card or a family; no other stage is asked there.
type ForAccounts interface {
	Stage
	ForAccounts()
}

// Describer is a stage that has something to tell members about its rules.
type Describer interface {
	// Describe tells members, in words, what the mechanic does for them.
	Describe(d *Description)
}

// Compiler compiles one document. Mechanics report problems to it, all of them,
// and take from it names, conditions and wallets.
type Compiler struct {
	Program  *Program
	Source   *document.Source
	problems document.Problems
	taken    map[string]string // name → path
	atEnd    []func()
	reserved map[string]string // reward → the conditions of which one must be met
	objects  []condition.Object
	rootVars []condition.Variable
	amounts  []Amount
}

// NewCompiler begins a program whose head is set already.
func NewCompiler(p *Program, source *document.Source) *Compiler {
	p.Rules = make(map[ledger.Name]Rule)
	c := &Compiler{Program: p, Source: source, taken: make(map[string]string)}
	c.declareBuiltIn()
	return c
}

// Problem reports a mistake at a path of the document. One that is found again,
// for another of a rule's wallets, is reported once.
func (c *Compiler) Problem(path, code string, message, hint text.Sentence) {
	p := c.Source.Problem(path, code, message, hint)
	if !slices.Contains(c.problems, p) {
		c.problems = append(c.problems, p)
	}
}

// Problems are those reported so far.
func (c *Compiler) Problems() document.Problems { return c.problems }

// Add puts a compiled stage at the end of the pipeline.
func (c *Compiler) Add(s Stage) {
	c.Program.stages = append(c.Program.stages, s)
	if lasting, ok := s.(Lasting); ok {
		c.Program.lasting = lasting
	}
	if scoring, ok := s.(Scoring); ok {
		c.Program.scoring = append(c.Program.scoring, scoring)
	}
	if converting, ok := s.(Converting); ok {
		c.Program.converting = converting
	}
}

// Apart marks a rule that gives beside what the event itself brings: what it gave
// is not for the goods, and returns leave it alone.
func (c *Compiler) Apart(rule ledger.Name) {
	r := c.Program.Rules[rule]
	r.Apart = true
	c.Program.Rules[rule] = r
}

// Reserve keeps a reward for those who meet the condition, or another one for which it
// is kept. A reward that the program does not have is a problem.
func (c *Compiler) Reserve(path, reward, when string) {
	if c.reserved == nil {
		c.reserved = make(map[string]string)
	}
	if other := c.reserved[reward]; other != "" {
		when = other + " || " + when
	}
	c.reserved[reward] = when
	c.AtEnd(func() {
		if no, named := c.Program.Names.Find("reward." + reward); !named || !c.Declared(no) {
			c.Problem(path, "unknown_reward", text.Say("there is no reward {Reward}", quote(reward)), "name one of those under rewards")
		}
	})
}

// Reserved gives the condition under which a reward may be taken: its own, and that
// for which it is kept.
func (c *Compiler) Reserved(reward, when string) string {
	switch kept := c.reserved[reward]; {
	case kept == "":
		return when
	case when == "":
		return kept
	default:
		return "(" + when + ") && (" + kept + ")"
	}
}

// AtEnd lets f check what is known only once all mechanics are compiled.
func (c *Compiler) AtEnd(f func()) { c.atEnd = append(c.atEnd, f) }

// Close does what was left for the end.
func (c *Compiler) Close() {
	for _, f := range c.atEnd {
		f()
	}
}

// OnRelease says what to do, beside giving quotas their uses back, when a
// redemption comes to nothing.
func (c *Compiler) OnRelease(f func(t *Turn, r *ledger.Redemption)) {
	c.Program.released = append(c.Program.released, f)
}

// OnGoodsReturned says how to give back what was paid for goods that went back; see
// [Turn.GoodsReturned].
func (c *Compiler) OnGoodsReturned(f func(t *Turn, past *Past, later []*Past, remains *Remains) int64) {
	c.Program.paidBack = f
}

// Rule registers a named part under "kind.id" and gives its number. A second
// use of the name is a problem.
func (c *Compiler) Rule(path, kind, id string, title text.Localized) ledger.Name {
	full := kind + "." + id
	if first, twice := c.taken[full]; twice {
		c.Problem(path+".id", "duplicate_id", text.Say("the id {ID} is used twice, first at {First}", quote(id), first), text.Say("give each {Noun} an id of its own", kind))
	}
	c.taken[full] = path
	no := c.Program.Names.Number(full)
	c.Program.Rules[no] = Rule{Name: no, Path: path, Title: title}
	return no
}

// Declared tells whether the program has the rule, as far as it is compiled.
func (c *Compiler) Declared(rule ledger.Name) bool {
	_, known := c.Program.Rules[rule]
	return known
}

// Conditions attaches a rule's conditions, so that explanations can name their
// parts.
func (c *Compiler) Conditions(rule ledger.Name, when, items *condition.Expression) {
	r := c.Program.Rules[rule]
	r.When, r.Items = when, items
	c.Program.Rules[rule] = r
}

// For attaches whom a rule is for.
func (c *Compiler) For(rule ledger.Name, whom *condition.Expression) {
	r := c.Program.Rules[rule]
	r.For = whom
	c.Program.Rules[rule] = r
}

// Window attaches the sentences that say when a rule applies.
func (c *Compiler) Window(rule ledger.Name, words []text.Message) {
	r := c.Program.Rules[rule]
	r.Window = words
	c.Program.Rules[rule] = r
}

// Givings attaches what a rule can give, so that explanations can name its
// limits.
func (c *Compiler) Givings(rule ledger.Name, givings []*Giving) {
	r := c.Program.Rules[rule]
	r.Givings = givings
	c.Program.Rules[rule] = r
}

// Goal says that a rule counts towards a goal, how people read what it counts,
// and that its stage undoes it.
func (c *Compiler) Goal(rule ledger.Name, words *GoalWords) {
	r := c.Program.Rules[rule]
	r.Apart, r.Goal = true, words
	c.Program.Rules[rule] = r
}

// Wallet finds a wallet of members by its id; an unknown one is a problem, with
// a hint.
func (c *Compiler) Wallet(path, id string) *Wallet {
	if w := c.Program.WalletByID(id); w != nil && w.Currency == "" {
		return w
	}
	ids := make([]string, 0, len(c.Program.Wallets))
	for i := range c.Program.Wallets {
		if c.Program.Wallets[i].Currency == "" {
			ids = append(ids, c.Program.Wallets[i].ID)
		}
	}
	hint := text.Sentence("declare it under wallets")
	if close, ok := document.Closest(id, ids); ok {
		hint = text.Say("did you mean {Near}?", quote(close))
	}
	c.Problem(path, "unknown_wallet", text.Say("there is no wallet {ID}", quote(id)), hint)
	return nil
}

// TypeID gives the id of an event type that a document may write with spaces, such
// as "membership anniversary".
func (c *Compiler) TypeID(id string) string {
	if c.Program.EventType(id) == nil {
		if spaced := strings.ReplaceAll(id, " ", "_"); c.Program.occasion(spaced) != nil || c.Program.EventType(spaced) != nil {
			return spaced
		}
	}
	return id
}

// Occasion gives the number of what comes by itself, such as the birthday, and lets
// the program have it; ok is false for event types that do not. What a program
// declares itself under such a name is its own, and does not come by itself.
func (c *Compiler) Occasion(id string) (no ledger.Name, ok bool) {
	of := c.Program.occasion(id)
	if of == nil || c.Program.EventType(id) != nil {
		return 0, false
	}
	if *of == 0 {
		*of = c.Program.Names.Number("event." + id)
	}
	return *of, true
}

// EventTypes lists the event types that rules may name, built-in ones first.
func (c *Compiler) EventTypes() []string {
	known := append([]string(nil), RuleEvents...)
	for i := range c.Program.Types {
		if !slices.Contains(RuleEvents, c.Program.Types[i].ID) {
			known = append(known, c.Program.Types[i].ID)
		}
	}
	return known
}

// EventType checks that rules can be about the event type and gives its name.
func (c *Compiler) EventType(path, id string) (ledger.Name, bool) {
	for _, known := range c.EventTypes() {
		if known == id {
			return c.Program.Names.Number("event." + id), true
		}
	}
	if c.Program.occasion(id) != nil {
		c.Problem(path, "comes_by_itself", text.Say("only earning rules and campaigns can be about {ID}, which comes by itself", quote(id)), text.Say("write a rule under earn with on: {ID}", id))
		return 0, false
	}
	hint := text.Sentence("declare it under events")
	if close, ok := document.Closest(id, append(c.EventTypes(), ReadyNames()...)); ok {
		hint = text.Say("did you mean {Near}?", quote(close))
	}
	c.Problem(path, "unknown_event_type", text.Say("there is no event type {ID}", quote(id)), hint)
	return 0, false
}

// Condition compiles a condition over the event, the member, their wallets and
// the time; with item also over the item at hand. An empty source gives nil.
func (c *Compiler) Condition(path, src string, item bool) *condition.Expression {
	return c.expression(path, src, item, condition.Bool)
}

// ItemCondition compiles the condition of which items something consists; without one
// it would consist of nothing.
func (c *Compiler) ItemCondition(path, src string) *condition.Expression {
	if src == "" {
		c.Problem(path, document.CodeMissing, "the condition is empty", "write which items are meant, such as item.category == \"bread\"")
	}
	return c.Condition(path, src, true)
}

// TextOf compiles an expression that gives a text.
func (c *Compiler) TextOf(path, src string) *condition.Expression {
	return c.expression(path, src, false, condition.String)
}

// Formula compiles a formula that gives an exact decimal or a whole number.
func (c *Compiler) Formula(path, src string) *condition.Expression {
	return c.expression(path, src, false, condition.Decimal)
}

// Span converts a document's length.
func Span(s document.Span) calendar.Span {
	return calendar.Span{Years: s.Years, Months: s.Months, Days: s.Days, Minutes: s.Minutes + 60*s.Hours}
}

// Localized converts a document's text; where it has none, the fallback is
// shown.
func (c *Compiler) Localized(t document.Text, fallback string) text.Localized {
	return LocalizedIn(c.Program.Languages[0], t, fallback)
}

// LocalizedIn gives a text of a document whose first language is said; where it
// has no words in that, they are the fallback.
func LocalizedIn(first string, t document.Text, fallback string) text.Localized {
	out := text.Localized{Fallback: first, Texts: map[string]string{}}
	for lang, words := range t {
		if lang == "" {
			lang = first
		}
		out.Texts[lang] = words
	}
	if out.Texts[first] == "" {
		out.Texts[first] = fallback
	}
	return out
}

func quote(s string) string { return "\"" + s + "\"" }
