package portal

import (
	"slices"

	"premia/internal/app"
	"premia/internal/web/page"
)

func (p *Portal) welcomeRoutes() {
	p.area.Handle("GET /{$}", page.Anyone, p.home)
	p.area.Handle("GET /how", page.Anyone, p.how)
}

// rulesData is what the program gives.
type rulesData struct {
	Sections []app.Section
}

// welcomeData is what the program is, in a screen or two.
type welcomeData struct {
	// Gives are what brings something: what a rule is called, and what it comes to.
	Gives   []givesView
	Rewards []rewardView
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
var givesIcons = map[string]string{"earn.heading": "coin", "card.heading": "rubber-stamp", "challenge.heading": "target", "referral.reward": "users", "tier.heading": "crown"}

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
	return c.Page("how", rulesData{sections})
}
