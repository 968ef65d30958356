package tier

import (
	"strings"

	"github.com/govalues/decimal"

	"premia/internal/core/calendar"
	"premia/internal/core/condition"
	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/rule"
	"premia/internal/core/money"
	"premia/internal/core/text"
)

// longestKeep is the most months that a level may be kept after its period.
const longestKeep = 60

// Compile checks the ladders and lets conditions read them.
func (Mechanic) Compile(c *engine.Compiler, section any) engine.Stage {
	s := &stage{}
	for id, source := range section.(*document.Map[LadderSection]).All() {
		s.ladders = append(s.ladders, compile(c, document.Join("tiers", id), id, source))
	}
	if len(s.ladders) == 0 {
		return nil
	}
	declare(c, s.ladders)
	declareAccess(c, s.ladders)
	reserve(c, s.ladders)
	return s
}

func compile(c *engine.Compiler, path, id string, source LadderSection) *Ladder {
	l := &Ladder{ID: id, Period: source.Period, source: source}
	if !fieldName(id) {
		c.Problem(path, document.CodeInvalid, text.Say("a ladder's id is small letters, digits and _, and begins with a letter: {ID}", id), "its name, for people, may be anything")
	}
	l.Title = rule.Title(c, source.Name, id)
	l.Name = c.Rule(path, Kind, id, l.Title)
	l.By = compileMeasure(c, path+".by", source.By)
	counts := "counts." + id + "." + source.By + "." + source.Period.String()
	if l.noPrizes = source.Prizes == "do not count"; l.noPrizes {
		counts += ".no prizes"
	}
	l.counts = c.Program.Names.Number(counts)
	if source.Prizes != "" && l.By.Kind != ByEarned {
		c.Problem(path+".prizes", "never_applies", "prizes can only count where what is earned in a wallet does", "remove it, or write by: earned.<wallet>")
	}
	l.oneLevel = source.Downgrade == "one level"
	l.kept = source.Returns == "keep"
	if source.Returns != "" && !c.Source.Has("returns") {
		c.Problem(path+".returns", "never_applies", "the program takes nothing back for returned goods", "add the section returns: {}, or remove this")
	}
	l.compileKeep(c, path)
	for i := range source.Levels {
		l.compileLevel(c, document.Index(path+".levels", i), &source.Levels[i])
	}
	l.checkLevels(c, path)
	l.bounds()
	if l.Period.Kind != 0 { // else reading has said what is wrong
		l.table = l.tabled(c.Program.Zone)
	}
	return l
}

func fieldName(s string) bool {
	for i, r := range s {
		letter := r >= 'a' && r <= 'z'
		if !letter && (i == 0 || (r != '_' && (r < '0' || r > '9'))) {
			return false
		}
	}
	return s != ""
}

// measures are the words for what a ladder can count.
var measures = []string{"spend", "purchases", "earned.<wallet>", "referrals", "referrals.<reward>", "events.<type>", "events.<type>.<field>"}

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
		return compileEvents(c, path, of)
	case by == "referrals" || (kind == "referrals" && of != ""):
		return compileReferrals(c, path, of)
	case by == "":
		return Measure{} // reading has said so
	}
	hint := text.Say("what can count is {Measures}", strings.Join(measures, ", "))
	if near, ok := document.Closest(by, []string{"spend", "purchases", "referrals"}); ok {
		hint = text.Say("did you mean {Near}?", near)
	}
	c.Problem(path, "unknown_measure", text.Say(`nothing that can count is called "{By}"`, by), hint)
	return Measure{}
}

func compileEvents(c *engine.Compiler, path, of string) Measure {
	e := c.EventMeasure(path, of)
	m := Measure{Kind: ByEvents, Type: e.Type, Field: e.Field, Event: e.Event}
	if e.Summed {
		m.Kind = ByField
	}
	return m
}

// compileReferrals counts friends who reached a reward, or who have bought.
func compileReferrals(c *engine.Compiler, path, reward string) Measure {
	name := engine.FriendBought
	if reward != "" {
		name = engine.ReferrerRules + reward
	}
	m := Measure{Kind: ByReferrals, Rule: c.Program.Names.Number(name)}
	c.AtEnd(func() {
		switch {
		case !c.Source.Has("referrals"):
			c.Problem(path, "never_applies", "the program has no referrals, so no friend ever counts", "write the section referrals, or count something else")
		case !c.Declared(m.Rule):
			c.Problem(path, "unknown_reward", text.Say(`referrals have no reward "{Reward}"`, reward), "name one of those under referrals.rewards, or write referrals for friends who have bought")
		}
	})
	return m
}

// minor gives how much must count, in the smallest of what counts.
func (m *Measure) minor(c *engine.Compiler, path string, d decimal.Decimal) (int64, bool) {
	if wallet, money := m.Counts(); wallet != nil {
		return rule.WalletMinor(c, path, d, wallet)
	} else if money {
		return rule.MoneyMinor(c, path, d)
	}
	return rule.Minor(c, path, d, 0)
}

// Counts tells whether what counts is money, or the unit of a wallet, which is else nil.
func (m *Measure) Counts() (wallet *engine.Wallet, money bool) {
	if m.Kind == ByEarned {
		return m.Wallet, false
	}
	return nil, m.Kind == BySpend
}

// scale gives how many decimals the measure has.
func (m *Measure) scale(p *engine.Program) int {
	switch {
	case m.Kind == BySpend:
		return p.Currency.Scale
	case m.Kind == ByEarned && m.Wallet != nil:
		return m.Wallet.Unit.Scale
	}
	return 0
}

func (l *Ladder) compileKeep(c *engine.Compiler, path string) {
	s := &l.source
	if k := s.Keep; k != nil {
		l.keepNext, l.keep = k.Next, engine.Span(k.For)
	}
	if s.Grace != nil {
		l.grace = engine.Span(*s.Grace)
	}
	if s.Period.Kind == Ever {
		for _, one := range [...]struct {
			key  string
			said bool
		}{{"keep", s.Keep != nil}, {"grace", s.Grace != nil}, {"downgrade", s.Downgrade != ""}} {
			if one.said {
				c.Problem(path+"."+one.key, "never_applies", "what counts for ever is never lost by time", "remove it, or count in a period")
			}
		}
		return
	}
	l.checkKeep(c, path)
	if monthsOf(l.grace) > longestKeep {
		c.Problem(path+".grace", document.CodeOutOfRange, "a grace of more than five years is none", "write a shorter length of time")
	}
}

func (l *Ladder) checkKeep(c *engine.Compiler, path string) {
	k := l.source.Keep
	if k == nil {
		return
	}
	unit := l.Period.Unit.String()
	if l.Period.Kind == Anniversary {
		unit = "year"
	}
	switch {
	case k.Next && l.Period.Kind == Rolling:
		c.Problem(path+".keep", "ambiguous", "what rolls has no next period", "write a length of time, such as 3mo")
	case k.Next && k.Period != "period" && k.Period != unit && unit != "":
		c.Problem(path+".keep", "ambiguous", text.Say("the ladder counts in a {Period}, not by the {PeriodB}", l.Period.String(), k.Period), text.Say("write until the end of the next {Unit}", unit))
	case monthsOf(l.keep) > longestKeep:
		c.Problem(path+".keep", document.CodeOutOfRange, "a level can be kept for five years at most", "write a shorter length of time, or count for ever")
	case !k.Next && l.keep.IsZero():
		c.Problem(path+".keep", document.CodeOutOfRange, "a level that is kept for no time is lost with its period", "remove it, or write a length of time")
	}
}

// monthsOf gives the months that a length has at most.
func monthsOf(s calendar.Span) int {
	days := s.Days + (s.Minutes+24*60-1)/(24*60)
	return s.Years*12 + s.Months + (days+27)/28
}

// bounds reckons how far back periods can matter.
func (l *Ladder) bounds() {
	if l.Period.Kind == Ever {
		return
	}
	span := monthsOf(l.keep) + monthsOf(l.grace)
	least := 2
	switch {
	case l.Period.Kind == Rolling && l.Period.Unit == calendar.ByDay:
		least, l.judged = 0, 31*span
	case l.Period.Kind == Rolling:
		least, l.judged = 0, span
	case l.Period.Unit == calendar.ByMonth:
		least, l.judged = 12, span
	case l.Period.Unit == calendar.ByQuarter:
		least, l.judged = 4, (span+2)/3
	default:
		l.judged = (span + 11) / 12
	}
	if l.keepNext {
		l.judged++
	}
	l.judged = max(l.judged, least)
	if l.oneLevel {
		l.judged = max(l.judged, l.Period.Count)
	}
	l.late = max(l.judged, l.Period.Count-1)
}

func (l *Ladder) compileLevel(c *engine.Compiler, path string, source *LevelSection) {
	v := Level{ID: source.ID, Title: rule.Title(c, source.Name, source.ID), source: source}
	v.Name = c.Rule(path, levelKind, l.ID+"."+source.ID, v.Title)
	if source.From != nil {
		v.From, _ = l.By.minor(c, path+".from", *source.From)
	}
	if source.Invitation != nil {
		v.grants = append(v.grants, compileGrant(c, path+".invitation", source.Invitation))
	}
	if source.Fee != nil {
		v.grants = append(v.grants, compileGrant(c, path+".fee", source.Fee))
	}
	if source.Invitation != nil && source.Fee != nil {
		c.Problem(path, "ambiguous", "a level is given by invitation or for a fee", "choose one of the two, or make two levels")
	}
	if source.Invitation != nil && source.From != nil {
		c.Problem(path+".from", "ambiguous", "a level by invitation is not reached by counting", "remove from, or invitation")
	}
	if b := source.Benefits; b != nil {
		l.compileGifts(c, path+".benefits", &v, b)
	}
	l.Levels = append(l.Levels, v)
}

func compileGrant(c *engine.Compiler, path string, g *Granted) grant {
	var out grant
	out.on, _ = c.EventType(path+".on", g.On)
	if g.EndedBy != "" {
		out.endedBy, _ = c.EventType(path+".ended by", g.EndedBy)
		if g.EndedBy == g.On {
			c.Problem(path+".ended by", "ambiguous", "the same event gives the level and ends it", "name another event type")
		}
	}
	if g.For != nil {
		out.length = engine.Span(*g.For)
		if out.length.IsZero() {
			c.Problem(path+".for", document.CodeOutOfRange, "a level for no time is never had", "write a length of time, such as 12mo")
		}
	}
	if out.until = g.Until; g.Until != "" && g.For != nil {
		c.Problem(path+".until", "ambiguous", "for and until say two different ends", "write one of the two")
	}
	if g.Until != "" {
		checkUntil(c, path+".until", g)
	}
	return out
}

// checkUntil checks that the event carries the text with the last day.
func checkUntil(c *engine.Compiler, path string, g *Granted) {
	if own := c.Program.EventType(g.On); own != nil {
		for _, f := range own.Fields {
			if f.ID == g.Until && f.Kind == condition.String {
				return
			}
		}
	}
	c.Problem(path, "unknown_field", text.Say(`events of the type {On} carry no text "{Until}"`, g.On, g.Until), "declare it under the type's fields, as text")
}

func (l *Ladder) compileGifts(c *engine.Compiler, path string, v *Level, b *Benefits) {
	id := l.ID + "." + v.ID
	if b.Welcome != nil {
		v.welcomeRule, v.welcome = compileGift(c, path+".welcome", welcomeKind, id, v.Title, b.Welcome)
	} else if b.WelcomeAgain != "" {
		c.Problem(path+".welcome again", "never_applies", "the level has no welcome gift", "write welcome, or remove this")
	}
	if b.Anniversary != nil {
		v.anniversaryR, v.anniversary = compileGift(c, path+".anniversary", anniversaryKind, id, v.Title, b.Anniversary)
	}
}

func compileGift(c *engine.Compiler, path, kind, id string, title text.Localized, g *rule.Give) (ledger.Name, []*engine.Giving) {
	no := c.Rule(path, kind, id, title)
	for wallet, rate := range g.Rates.All() {
		if rate.Formula != "" { // levels are compiled before there is anything that a formula could read
			c.Problem(path+"."+wallet, "never_applies", "a gift is a plain amount", "write a wallet and an amount, such as {beans: 50}")
			return no, nil
		}
	}
	givings := rule.CompileGive(c, path, no, g, money.Floor, 0)
	for _, giving := range givings {
		if giving.Measure != engine.ByEvent {
			c.Problem(path, "never_applies", "a gift is a plain amount", "write a wallet and an amount, such as {beans: 50}")
		}
		c.Program.Slide(giving)
	}
	c.Givings(no, givings)
	c.Apart(no)
	return no, givings
}

// checkLevels checks the levels together: they rise, and each can be reached.
func (l *Ladder) checkLevels(c *engine.Compiler, path string) {
	if len(l.Levels) == 1 {
		c.Problem(path+".levels", "never_applies", "a ladder of one level leads nowhere", "add a level with from, invitation or fee")
	}
	last := int64(0)
	for i := range l.Levels {
		v, here := &l.Levels[i], document.Index(path+".levels", i)
		switch {
		case i == 0 && (v.source.From != nil || len(v.grants) > 0):
			c.Problem(here, "ambiguous", "everybody has the first level, so nothing is needed for it", text.Say("remove {Needs}, or add a level below it", v.needs()))
		case i > 0 && v.source.From == nil && len(v.grants) == 0:
			c.Problem(here, document.CodeMissing, "nothing says how this level is reached", "write from, invitation or fee")
		case i > 0 && v.From > 0 && v.From <= last:
			c.Problem(here+".from", document.CodeOutOfRange, text.Say("{From} is not above what the level below needs", decimalOf(v.From, l.By.scale(c.Program))), "write thresholds that rise from level to level")
		}
		last = max(last, v.From)
	}
	if b := l.Levels; len(b) > 0 {
		l.eager = len(b[0].welcome)+len(b[0].anniversary) > 0
	}
}

// needs names what the level says is needed for it.
func (v *Level) needs() string {
	switch {
	case v.source.From != nil:
		return "from"
	case v.source.Invitation != nil:
		return "invitation"
	}
	return "fee"
}

func decimalOf(minor int64, scale int) string {
	d, err := decimal.New(minor, scale)
	if err != nil {
		return "?" // beyond what a scale allows, which no measure has
	}
	return d.Trim(0).String()
}

// declare lets conditions read the level on each ladder, by its id and by its
// place from 1.
func declare(c *engine.Compiler, ladders []*Ladder) {
	var fields []engine.Field
	for _, l := range ladders {
		if !fieldName(l.ID) || len(l.Levels) == 0 {
			continue // reported
		}
		fields = append(fields,
			engine.Field{
				Name: l.ID, Kind: condition.String, Label: l.Title, Doc: "the member's level on the ladder " + l.ID,
				Read: func(t *engine.Turn) condition.Value { return condition.StringValue(l.Levels[l.at(t.State)].ID) },
				Say:  l.say, Order: l.ids(),
			},
			engine.Field{
				Name: l.ID + "_rank", Kind: condition.Int, Label: rankLabel(l.Title), Doc: "the level's place on the ladder " + l.ID + ", 1 for the lowest",
				Read: func(t *engine.Turn) condition.Value { return condition.IntValue(int64(l.at(t.State)) + 1) },
			})
	}
	if len(fields) > 0 {
		c.Object("tier", true, fields...)
	}
}

// at gives the place of the level that is in force for a member.
func (l *Ladder) at(s *ledger.State) int {
	place := 0
	for i := range s.Tiers {
		if s.Tiers[i].Ladder == l.Name {
			place = max(place, l.place(s.Tiers[i].Level))
		}
	}
	return place
}

// LevelOf gives the level that is in force for a member, to whom time has passed.
func (l *Ladder) LevelOf(s *ledger.State) *Level { return &l.Levels[l.at(s)] }

// ids lists the levels from the lowest.
func (l *Ladder) ids() (ids []string) {
	for i := range l.Levels {
		ids = append(ids, l.Levels[i].ID)
	}
	return ids
}

// say names a level as members do.
func (l *Ladder) say(v condition.Value) any {
	for i := range l.Levels {
		if l.Levels[i].ID == v.Text() {
			return l.Levels[i].Title
		}
	}
	return nil
}

// rankLabels name the place on a ladder.
var rankLabels = map[string]string{"en": " (place)", "pl": " (miejsce)", "cs": " (pořadí)", "ru": " (ступень)"}

func rankLabel(title text.Localized) text.Localized {
	out := text.Localized{Fallback: title.Fallback, Texts: map[string]string{}}
	for lang, words := range title.Texts {
		out.Texts[lang] = words + rankLabels[lang]
	}
	return out
}
