package portal

import (
	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/core/mechanic/challenge"
	"premia/internal/web/page"
)

func (p *Portal) goalRoutes() {
	p.area.Handle("GET /goals", page.Member, p.goals)
}

// goalView is a challenge, a stamp card or a streak as a member reads it.
type goalView struct {
	Kind, Name, Words, Prize string
	Done, All                int64
	// Stamps has a truth for each place of a stamp card: whether it is stamped.
	Stamps []bool
	Until  calendar.Instant
}

// badgeView is a badge that the member has.
type badgeView struct{ Name, Description string }

// goalsData is how far the member is with everything.
type goalsData struct {
	Prizes []prizeView
	Levels []level
	Goals  []goalView
	Badges []badgeView
}

// mostStamps are drawn; a card with more shows a bar.
const mostStamps = 24

func (p *Portal) goals(c *page.Context) error {
	standings, badges, _, err := p.app.Challenges(c.Ctx(), c.Visitor.Member.String())
	if err != nil {
		return err
	}
	var d goalsData
	if d.Prizes, err = p.prizes(c, false); err != nil {
		return err
	}
	if d.Levels, err = p.levels(c); err != nil {
		return err
	}
	for i := range standings {
		d.Goals = append(d.Goals, p.goalView(c, &standings[i]))
	}
	for i := range badges {
		b := &badges[i]
		d.Badges = append(d.Badges, badgeView{c.Say("page.value", "Value", b.Name), app.CalledIn(p.app.Program(), b.Description, c.Lang)})
	}
	return c.Page("goals", d)
}

func (p *Portal) goalView(c *page.Context, x *challenge.Standing) goalView {
	rules := p.app.Program()
	rule := rules.Rules[x.Rule]
	out := goalView{
		Kind: x.Kind, Name: c.Say("page.value", "Value", rule.Title), Words: p.app.Words.Render(c.Lang, x.Words(rules)), Done: x.Have, All: x.Want,
	}
	if x.Have < x.Want {
		out.Prize = c.Say("page.value", "Value", rule.Goal.Prize(x.Next))
	}
	if x.Until != calendar.None {
		out.Until = x.Until - 1
	}
	if x.Kind == "card" && x.Scale == 0 && x.Want <= mostStamps {
		for i := range x.Want {
			out.Stamps = append(out.Stamps, i < x.Have)
		}
	}
	return out
}
