package challenge

import (
	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/mechanic/rule"
	"premia/internal/core/money"
	"premia/internal/core/text"
)

// Describe tells members about the goals that are not paused, a section for each.
func (s *stage) Describe(d *engine.Description) {
	for _, x := range s.trackers {
		if !x.paused {
			x.describe(d)
		}
	}
}

func (x *tracker) describe(d *engine.Description) {
	p := d.Program
	d.Section(text.New(string(x.kind)+".heading", "Title", p.Rules[x.Name].Title))
	d.During(x.window.From, x.window.Until)
	if counts := x.countsWords(p); x.clear() {
		d.Say(counts)
	} else {
		d.SayInShort(counts)
	}
	if x.measure == spend {
		rule.DescribeCounting(d, nil, x.without, money.Floor, true)
	}
	x.DescribeConditions(d)
	for i := range x.goals {
		d.SayInShort(x.goalWords(p, i))
	}
	if frame := x.frameWords(); x.frame == always && x.window.Until == calendar.Never || x.frame == inARow {
		d.Say(frame) // which the goals say
	} else {
		d.SayInShort(frame)
	}
	if x.gap > 0 {
		d.Say(text.New("streak.may_miss."+x.unit.String(), "Count", x.gap))
	}
	switch again := x.repeatWords(); {
	case again == nil:
	case x.repeat == 0:
		d.Say(*again)
	default:
		d.SayInShort(*again)
	}
	givings := p.Rules[x.Name].Givings
	rule.DescribeLimits(d, givings)
	rule.DescribeTerms(d, x.pending, x.expires)
	if p.Returns != engine.NoReturns {
		d.Say(text.New("challenge.returns"))
	}
}

// clear tells whether a goal says by itself what counts: so many coffees on a card for
// purchases.
func (x *tracker) clear() bool {
	return x.kind == aCard && (x.on == "" || x.on == event.Purchase) && x.forms != nil
}

// countsWords says what counts.
func (x *tracker) countsWords(p *engine.Program) text.Message {
	m := text.New("challenge.counts."+measureNames[x.measure], "On", rule.On(p, x.on))
	switch {
	case x.kind == aCard:
		m.ID = "card.counts." + measureNames[x.measure]
	case x.kind == aStreak:
		m.ID = "streak.counts." + x.unit.String()
	case x.measure == earned:
		m.Args = append(m.Args, text.Arg{Name: "Unit", Value: rule.Unit(x.wallet)})
	}
	return m
}

func (x *tracker) goalWords(p *engine.Program, i int) text.Message {
	goal, prize := x.say(x.goals[i].at, false), x.prizeWords(p, i)
	if x.target == nil {
		return text.New(string(x.kind)+".goal", "Goal", goal, "Prize", prize)
	}
	more, err := x.target.more.Apply(1_000_000, money.HalfUp)
	if err != nil {
		more = 0
	}
	percent := text.Percent(decimalOf(more-1_000_000, 4))
	return text.New("challenge.target."+x.unit.String(), "Percent", percent, "Goal", goal, "Prize", prize)
}

// prizeWords lists what a goal gives.
func (x *tracker) prizeWords(p *engine.Program, i int) text.List {
	var list text.List
	g := &x.goals[i]
	for _, giving := range g.gives {
		list.Items = append(list.Items, text.New("give.fixed", "Points", giving.Wallet.Points(giving.Fixed)))
	}
	if g.badge != 0 {
		list.Items = append(list.Items, text.New("badge.given", "Title", p.Rules[g.badge].Title))
	}
	return list
}

// frameWords says for which time it counts.
func (x *tracker) frameWords() text.Message {
	span := text.Span{Years: x.span.Years, Months: x.span.Months, Days: x.span.Days, Hours: x.span.Minutes / 60, Minutes: x.span.Minutes % 60}
	switch {
	case x.frame == eachPeriod:
		return text.New("challenge.each." + x.unit.String())
	case x.frame == fromJoining:
		return text.New("challenge.after_joining", "Span", span)
	case x.frame == inARow:
		return text.New("streak.breaks." + x.unit.String())
	case x.frame == always && x.kind == aCard:
		return text.New("card.always")
	case x.frame == always && x.window.Until != calendar.Never:
		return text.New("challenge.in_window")
	case x.frame == always:
		return text.New("challenge.always")
	case x.kind == aCard:
		return text.New("card.valid", "Span", span)
	}
	return text.New("challenge.within", "Span", span)
}

// repeatWords says how often it can be reached; nil where that is clear.
func (x *tracker) repeatWords() *text.Message {
	id := string(x.kind) + ".repeat"
	switch {
	case x.target != nil:
		return nil
	case x.repeat == 0:
		id += ".any"
	case x.frame == eachPeriod:
		id += ".each"
	}
	m := text.New(id, "Count", x.repeat)
	return &m
}

// decimalOf writes a number of minor units with its decimals, without zeros at the
// end.
func decimalOf(minor int64, scale int) string {
	d := engine.Exact(minor, scale).Decimal()
	return d.Trim(0).String()
}
