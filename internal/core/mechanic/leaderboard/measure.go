package leaderboard

import (
	"slices"
	"strings"

	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/rule"
	"premia/internal/core/text"
)

// MeasureKind is what counts on a leaderboard.
type MeasureKind uint8

// The measures of leaderboards.
const (
	BySpend     MeasureKind = iota + 1 // the totals of purchases, in minor units
	ByPurchases                        // how many there were
	ByEarned                           // what rules gave in a wallet, in its minor units
	ByEvents                           // how many events of a type there were
	ByField                            // the sum of a whole number that they carry
	ByChallenge                        // what counts towards a challenge, in its minor units
)

// Measure is what counts, of what.
type Measure struct {
	Kind   MeasureKind
	Wallet *engine.Wallet
	Event  ledger.Name
	Type   string // the event type's id
	Field  string
	// Challenge is the challenge's rule, and goal what it says of itself.
	Challenge ledger.Name
	goal      *engine.GoalWords
	title     text.Localized
}

// measures are the words for what can count.
var measures = []string{"spend", "purchases", "earned.<wallet>", "events.<type>", "events.<type>.<field>", "challenge.<id>"}

// compileMeasure reads what counts: spend, purchases, earned.<wallet>, events.<type>,
// events.<type>.<field> for the sum of a whole number, or challenge.<id>.
func compileMeasure(c *engine.Compiler, path, by string) Measure {
	kind, of, _ := strings.Cut(by, ".")
	switch {
	case by == "spend":
		return Measure{Kind: BySpend}
	case by == "purchases":
		return Measure{Kind: ByPurchases}
	case kind == "earned" && of != "":
		return Measure{Kind: ByEarned, Wallet: c.Wallet(path, of)}
	case kind == "events" && of != "":
		return measureEvents(c, path, of)
	case kind == challengeKind && of != "":
		return measureChallenge(c, path, of)
	case by == "":
		return Measure{} // reading has said so
	}
	hint := text.Say("what can count is {Measures}", strings.Join(measures, ", "))
	if near, ok := document.Closest(by, []string{"spend", "purchases"}); ok {
		hint = text.Say("did you mean {Near}?", near)
	}
	c.Problem(path, "unknown_measure", text.Say(`nothing that can count is called "{By}"`, by), hint)
	return Measure{}
}

// challengeKind begins the names of challenges among rules.
const challengeKind = "challenge"

func measureChallenge(c *engine.Compiler, path, id string) Measure {
	name, _ := c.Program.Names.Find(challengeKind + "." + id)
	known := c.Program.Rules[name]
	switch {
	case known.Goal == nil:
		var ids []string
		for rule := range c.Program.Rules {
			if other, is := strings.CutPrefix(c.Program.Names.Name(rule), challengeKind+"."); is {
				ids = append(ids, other)
			}
		}
		slices.Sort(ids)
		hint := text.Sentence("declare it under challenges")
		if near, ok := document.Closest(id, ids); ok {
			hint = text.Say(`did you mean "{Near}"?`, near)
		}
		c.Problem(path, "unknown_challenge", text.Say(`there is no challenge "{ID}"`, id), hint)
	case known.Goal.Distinct:
		c.Problem(path, "unknown_measure", text.Say("the challenge {ID} counts different values, which make no sum", id), "rank by a challenge that counts events, items, spend or what is earned")
	default:
		return Measure{Kind: ByChallenge, Challenge: name, goal: known.Goal, title: known.Title}
	}
	return Measure{}
}

func measureEvents(c *engine.Compiler, path, of string) Measure {
	e := c.EventMeasure(path, of)
	m := Measure{Kind: ByEvents, Type: e.Type, Field: e.Field, Event: e.Event}
	if e.Summed {
		m.Kind = ByField
	}
	return m
}

// Counts tells whether what counts is money, or the unit of a wallet, which is else nil.
func (m *Measure) Counts() (wallet *engine.Wallet, money bool) {
	switch m.Kind {
	case ByEarned:
		return m.Wallet, false
	case ByChallenge:
		return m.goal.Wallet, m.goal.Money
	}
	return nil, m.Kind == BySpend
}

// Scale is how many decimals the measure has.
func (m *Measure) Scale(p *engine.Program) int {
	switch {
	case m.Kind == BySpend:
		return p.Currency.Scale
	case m.Kind == ByEarned && m.Wallet != nil:
		return m.Wallet.Unit.Scale
	case m.Kind == ByChallenge:
		return m.goal.Scale
	}
	return 0
}

// counts gives what the event at hand counts, in the measure's minor units.
func (m *Measure) counts(t *engine.Turn) int64 {
	switch m.Kind {
	case BySpend:
		if t.Event.Type == event.Purchase {
			return t.Event.Total
		}
	case ByPurchases:
		if t.Event.Type == event.Purchase {
			return 1
		}
	case ByEarned:
		return m.earned(t)
	case ByEvents:
		if t.Kind == m.Event {
			return 1
		}
	case ByField:
		if t.Kind == m.Event {
			return wholeNumber(t.Event, m.Field)
		}
	case ByChallenge:
		return m.progressed(t)
	}
	return 0
}

// progressed adds up what the event counted towards the challenge.
func (m *Measure) progressed(t *engine.Turn) int64 {
	sum := int64(0)
	for i := range t.Out.Steps {
		if s := &t.Out.Steps[i]; s.Rule == m.Challenge && s.Result == engine.Progressed {
			sum += max(s.Base, 0)
		}
	}
	return sum
}

// uncounted adds up what goods of a purchase that went back had counted towards the
// challenge.
func (m *Measure) uncounted(t *engine.Turn, u *engine.Undone) int64 {
	sum, key := int64(0), u.Key()
	for i := range t.Out.Counted {
		if c := &t.Out.Counted[i]; c.Rule == m.Challenge && c.Goal == 0 && c.Amount < 0 && c.Purchase == key {
			sum -= c.Amount
		}
	}
	return sum
}

// earned adds up what rules gave for the event. What a reward gives was paid for, and
// does not count.
func (m *Measure) earned(t *engine.Turn) int64 {
	if t.Event.Type == event.Redemption || t.Event.Type == event.Confirmation {
		return 0
	}
	sum := int64(0)
	for i := range t.Awards {
		if a := &t.Awards[i]; a.Giving.Wallet.Name == m.Wallet.Name {
			sum += a.Amount
		}
	}
	return sum
}

// wholeNumber reads a whole number that an event carries; what is below zero does not
// count.
func wholeNumber(e *event.Event, field string) int64 {
	for i := range e.Data {
		if d := &e.Data[i]; d.Name == field && d.Kind == event.Whole {
			return max(d.Whole, 0)
		}
	}
	return 0
}

// undone gives what a return takes from what its purchase counted, without the prizes
// of goals, of which the engine tells by themselves.
func (m *Measure) undone(t *engine.Turn, u *engine.Undone) int64 {
	switch m.Kind {
	case BySpend:
		return u.Money
	case ByPurchases:
		if u.Whole {
			return 1
		}
	case ByEvents:
		if u.Whole && m.Type == event.Purchase {
			return 1
		}
	case ByChallenge:
		return m.uncounted(t, u)
	case ByEarned:
		sum, then := int64(0), t.Version(u.Decision.Program)
		for i := range t.Out.Steps {
			s := &t.Out.Steps[i]
			if s.Result == engine.TookBack && s.Wallet == m.Wallet.Name && s.Read == u.Key() && then.Rules[s.Rule].Goal == nil {
				sum += s.Wanted
			}
		}
		return sum
	}
	return 0
}

// Words says what counts.
func (m *Measure) Words(p *engine.Program) text.Message {
	switch m.Kind {
	case BySpend:
		return text.New("leaderboard.by.spend")
	case ByPurchases:
		return text.New("leaderboard.by.purchases")
	case ByEarned:
		return text.New("leaderboard.by.earned", "Unit", rule.Unit(m.Wallet))
	case ByChallenge:
		return text.New("leaderboard.by.challenge", "Title", m.title)
	case ByField:
		return text.New("leaderboard.by.field", "Field", m.fieldTitle(p), "Event", rule.EventName(p, m.Type))
	}
	return text.New("leaderboard.by.events", "Event", rule.EventName(p, m.Type))
}

func (m *Measure) fieldTitle(p *engine.Program) any {
	if own := p.EventType(m.Type); own != nil {
		for i := range own.Fields {
			if own.Fields[i].ID == m.Field {
				return own.Fields[i].Title
			}
		}
	}
	return text.Quoted(m.Field)
}

// Amount says an amount of what counts.
func (m *Measure) Amount(p *engine.Program, minor int64) any {
	switch m.Kind {
	case BySpend:
		return p.Money(minor)
	case ByEarned:
		return m.Wallet.Points(minor)
	case ByPurchases:
		return text.New("leaderboard.purchases", "Count", minor)
	case ByChallenge:
		return m.goal.Say(minor, false)
	case ByField:
		return text.New("leaderboard.field", "Count", minor, "Field", m.fieldTitle(p))
	}
	return text.New("leaderboard.events", "Count", minor, "Event", rule.EventName(p, m.Type))
}
