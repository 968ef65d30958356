package tier

import (
	"strings"

	"premia/internal/core/calendar"
	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/mechanic/rule"
	"premia/internal/core/text"
)

// Describe tells members how levels are reached and kept, and what they bring: a
// section for each ladder.
func (s *stage) Describe(d *engine.Description) {
	for _, l := range s.ladders {
		l.describe(d)
	}
}

func (l *Ladder) describe(d *engine.Description) {
	p := d.Program
	d.Section(text.New("tier.heading", "Title", l.Title))
	counts := text.New("tier.counts", "What", l.what(p), "Period", l.periodWords())
	d.Say(counts)
	l.describeInShort(d, counts)
	if l.noPrizes {
		d.Say(text.New("tier.no_prizes"))
	}
	for i := range l.Levels {
		l.describeLevel(d, i)
	}
	l.describeKeep(d)
	switch {
	case p.Returns == engine.NoReturns:
	case l.kept:
		d.Say(text.New("tier.returns.keep"))
	default:
		d.Say(text.New("tier.returns.take_back"))
	}
}

// what says what counts.
func (l *Ladder) what(p *engine.Program) text.Message {
	switch l.By.Kind {
	case BySpend:
		return text.New("tier.by.spend")
	case ByPurchases:
		return text.New("tier.by.purchases")
	case ByEarned:
		return text.New("tier.by.earned", "Unit", rule.Unit(l.By.Wallet))
	case ByReferrals:
		if reward := l.reward(); reward != "" {
			return text.New("tier.by.referred", "Title", p.Rules[l.By.Rule].Title)
		}
		return text.New("tier.by.referrals")
	case ByField:
		return text.New("tier.by.field", "Field", l.fieldTitle(p), "Event", eventTitle(p, l.By.Type))
	}
	return text.New("tier.by.events", "Event", eventTitle(p, l.By.Type))
}

// reward gives the referral reward that friends must reach to count; empty if they
// must buy.
func (l *Ladder) reward() string {
	_, reward, _ := strings.Cut(l.source.By, ".")
	return reward
}

func eventTitle(p *engine.Program, id string) any { return rule.EventName(p, id) }

func (l *Ladder) fieldTitle(p *engine.Program) any {
	if own := p.EventType(l.By.Type); own != nil {
		for i := range own.Fields {
			if own.Fields[i].ID == l.By.Field {
				return own.Fields[i].Title
			}
		}
	}
	return text.Quoted(l.By.Field)
}

func (l *Ladder) periodWords() text.Message {
	switch l.Period.Kind {
	case Anniversary:
		return text.New("tier.period.anniversary")
	case Ever:
		return text.New("tier.period.ever")
	case Rolling:
		return text.New("tier.period.rolling_"+l.Period.Unit.String(), "Count", int64(l.Period.Count))
	}
	return text.New("tier.period." + l.Period.Unit.String())
}

func (l *Ladder) describeLevel(d *engine.Description, place int) {
	p, v := d.Program, &l.Levels[place]
	if place == 0 {
		d.Say(text.New("tier.level.first", "Level", v.Title))
	}
	if v.From > 0 {
		d.Say(text.New("tier.level.from", "Level", v.Title, "Amount", l.Amount(p, v.From)))
	}
	describeGranted(d, v, "tier.level.invitation", v.source.Invitation)
	describeGranted(d, v, "tier.level.fee", v.source.Fee)
	if b := v.source.Benefits; b != nil {
		v.describeBenefits(d, b)
	}
}

// describeInShort says what counts, and what levels bring as long as somebody has them; those
// that are given by invitation are left out.
func (l *Ladder) describeInShort(d *engine.Description, counts text.Message) {
	for i := range l.Levels {
		v := &l.Levels[i]
		brings := v.lasting(d.Program)
		if v.From == 0 || len(brings.Items) == 0 {
			continue
		}
		if counts.ID != "" {
			d.InShort(counts)
			counts = text.Message{}
		}
		d.InShort(text.New("tier.in_short", "Level", v.Title, "From", l.Amount(d.Program, v.From), "Brings", brings))
	}
}

// lasting lists what a level brings as long as somebody has it.
func (v *Level) lasting(p *engine.Program) text.List {
	b := v.source.Benefits
	if b == nil {
		return text.List{}
	}
	var brings text.List
	if b.Multiply != nil {
		brings.Items = append(brings.Items, rule.MultiplyWords(p, b.Multiply).Items...)
	}
	brings.Items = append(brings.Items, v.accessTitles(p)...)
	for _, more := range b.More {
		brings.Items = append(brings.Items, engine.LocalizedIn(p.Languages[0], more, ""))
	}
	return brings
}

func describeGranted(d *engine.Description, v *Level, id string, g *Granted) {
	if g == nil {
		return
	}
	p := d.Program
	m := text.New(id, "Level", v.Title, "Event", eventTitle(p, g.On))
	add := func(name string, value any) { m.Args = append(m.Args, text.Arg{Name: name, Value: value}) }
	if g.For != nil {
		add("Span", rule.SpanWords(*g.For))
	}
	if own := p.EventType(g.On); own != nil {
		for i := range own.Fields {
			if own.Fields[i].ID == g.Until {
				add("Until", own.Fields[i].Title)
			}
		}
	}
	d.Say(m)
	if g.EndedBy != "" {
		d.Say(text.New("tier.level.ended", "Level", v.Title, "Event", eventTitle(p, g.EndedBy)))
	}
}

func (v *Level) describeBenefits(d *engine.Description, b *Benefits) {
	p := d.Program
	if b.Multiply != nil {
		d.Say(text.New("tier.benefit", "Level", v.Title, "Benefit", rule.MultiplyWords(p, b.Multiply)))
	}
	if b.Welcome != nil {
		m := text.New("tier.welcome_gift", "Level", v.Title, "Gives", rule.GiveWords(p, b.Welcome))
		switch b.WelcomeAgain {
		case "each period":
			m.ID += ".each_period"
		case "each time":
			m.ID += ".each_time"
		}
		d.Say(m)
	}
	if b.Anniversary != nil {
		d.Say(text.New("tier.anniversary_gift", "Level", v.Title, "Gives", rule.GiveWords(p, b.Anniversary)))
	}
	describeNames(d, v, "tier.benefit.rewards", "Rewards", v.rewardTitles(p))
	describeNames(d, v, "tier.benefit.prices", "Prices", v.priceTitles(p))
	describeNames(d, v, "tier.benefit.access", "Access", v.accessTitles(p))
	for _, more := range b.More {
		d.Say(text.New("tier.benefit", "Level", v.Title, "Benefit", engine.LocalizedIn(p.Languages[0], more, "")))
	}
}

// describeNames says what the level brings by its names, if it brings any.
func describeNames(d *engine.Description, v *Level, id, name string, titles []any) {
	if len(titles) > 0 {
		d.Say(text.New(id, "Level", v.Title, name, text.List{Items: titles}))
	}
}

func (v *Level) rewardTitles(p *engine.Program) (all []any) {
	for _, id := range v.source.Benefits.Rewards {
		no, _ := p.Names.Find("reward." + id)
		all = append(all, text.New("discount.name", "Title", p.Rules[no].Title))
	}
	return all
}

func (v *Level) priceTitles(p *engine.Program) (all []any) {
	for _, x := range v.prices {
		all = append(all, text.New("discount.name", "Title", p.Rules[x.Rule].Title))
	}
	return all
}

func (v *Level) accessTitles(p *engine.Program) (all []any) {
	for _, right := range v.Access(p) {
		all = append(all, text.New("tier.name", "Title", right.Title))
	}
	return all
}

func (l *Ladder) describeKeep(d *engine.Description) {
	if l.Period.Kind == Ever {
		d.Say(text.New("tier.keep.ever"))
		return
	}
	switch {
	case l.keepNext:
		d.Say(text.New("tier.keep.next"))
	case l.source.Keep != nil:
		d.Say(text.New("tier.keep.span", "Span", rule.SpanWords(l.source.Keep.For)))
	case l.Period.Kind == Rolling && l.Period.Unit == calendar.ByDay:
		d.Say(text.New("tier.keep.day"))
	case l.Period.Kind == Rolling:
		d.Say(text.New("tier.keep.month"))
	default:
		d.Say(text.New("tier.keep.period"))
	}
	if l.source.Grace != nil && *l.source.Grace != (document.Span{}) {
		d.Say(text.New("tier.grace", "Span", rule.SpanWords(*l.source.Grace)))
	}
	if l.oneLevel {
		d.Say(text.New("tier.one_level"))
	} else {
		d.Say(text.New("tier.to_earned"))
	}
}
