package portal

import (
	"slices"
	"strings"

	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/core/mechanic/reward"
	"premia/internal/web/page"
)

func (p *Portal) welcomeRoutes() {
	p.area.Handle("GET /{$}", page.Anyone, p.home)
	p.area.Handle("GET /how", page.Anyone, p.how)
}

// rulesData is what the program gives.
type rulesData struct {
	Sections []app.Section
	// Link is the member's own, to bring friends with; empty for none.
	Link string
	// Exact tells that some sections have more for whoever reckons exactly.
	Exact bool
}

// welcomeData is what the program is, in a screen or two.
type welcomeData struct {
	// Gives are what brings something: what a rule is called, and what it comes to.
	Gives      []givesView
	Rewards    []rewardView
	Promotions []promotionView
	// Prepared tells that there is no program yet.
	Prepared bool
}

// givesView is one thing that brings something.
type givesView struct{ Icon, Name, Words string }

// home is the first page: the card of a member, and for everybody else what the program
// is, and how to join.
func (p *Portal) home(c *page.Context) error {
	if c.Visitor.Member != 0 {
		return p.memberHome(c)
	}
	c.W.Header().Set("Premia-Visitor", "nobody") // the service worker forgets the card
	if p.app.Program() == nil {
		return c.Page("welcome", welcomeData{Prepared: true})
	}
	sections, err := p.sections(c.Lang)
	if err != nil {
		return err
	}
	var d welcomeData
	d.Promotions = p.promotions(sections)
	for _, s := range app.Gains(sections) {
		d.Gives = append(d.Gives, givesView{givesIcons[s.ID], s.Heading, s.Gist})
	}
	d.Rewards, err = p.shopWindow(c)
	if err != nil {
		return err
	}
	return c.Page("welcome", d)
}

// givesIcons are the pictures beside what a program brings, by the headings of its sections.
var givesIcons = map[string]string{"earn.heading": "star", "card.heading": "rubber-stamp", "challenge.heading": "target", "referral.reward": "users", "tier.heading": "crown"}

// promotionView is a promotion of these days.
type promotionView struct {
	Name, Words string
	// Now tells that it runs. Begins is when it does, and Ends its last moment, 0 for none.
	Now          bool
	Begins, Ends calendar.Instant
}

// promotions are those of these days.
func (p *Portal) promotions(sections []app.Section) (out []promotionView) {
	now := p.app.Journal.Now()
	for _, s := range app.Promotions(sections, now) {
		v := promotionView{Name: s.Heading, Words: s.Gist, Now: s.From <= now, Begins: s.From}
		if s.Until != calendar.Never {
			v.Ends = s.Until - 1
		}
		out = append(out, v)
	}
	return out
}

// mostInWindow rewards are shown to strangers.
const mostInWindow = 4

// shopWindow are rewards that anybody who joins may get, those with pictures first.
func (p *Portal) shopWindow(c *page.Context) ([]rewardView, error) {
	all, err := p.app.Rewards(c.Ctx(), "")
	if err != nil {
		return nil, err
	}
	now := p.app.Journal.Now()
	var out []rewardView
	for i := range all {
		r := &all[i]
		if slices.ContainsFunc(r.Prices, func(price reward.Amount) bool { return !p.app.ForEverybody(price.Wallet.Name) }) {
			continue
		}
		if r.Source.Code != "" || r.When != nil || r.Left == 0 || now < r.Window.From || r.Window.Until <= now {
			continue
		}
		v, err := p.rewardView(c, r)
		if err != nil {
			p.app.Log.Error("the picture of a reward", "reward", r.Source.ID, "error", err)
		}
		out = append(out, v)
	}
	slices.SortStableFunc(out, func(x, y rewardView) int { return order(x.Picture == nil) - order(y.Picture == nil) })
	return out[:min(len(out), mostInWindow)], nil
}

func order(later bool) int {
	if later {
		return 1
	}
	return 0
}

// how says how it works, from the program that the engine runs.
func (p *Portal) how(c *page.Context) error {
	sections, err := p.sections(c.Lang)
	if err != nil {
		return err
	}
	d := rulesData{Sections: slices.Clone(sections)}
	if c.Visitor.Member != 0 {
		if d.Link, err = p.ownLink(c); err != nil {
			return err
		}
	}
	for i := range d.Sections {
		s := &d.Sections[i]
		s.Main = slices.DeleteFunc(slices.Clone(s.Main), forMachines)
		d.Exact = d.Exact || len(s.Exact) > 0
	}
	return c.Page("how", d)
}

// forMachines tells whether a sentence holds the pattern of a link, in which each member has
// something else.
func forMachines(line string) bool {
	return strings.Contains(line, "{code}") || strings.Contains(line, "{click}")
}
