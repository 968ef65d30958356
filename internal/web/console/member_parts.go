package console

import (
	"strings"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/challenge"
	"premia/internal/core/mechanic/offer"
	"premia/internal/core/mechanic/reward"
	"premia/internal/core/mechanic/tier"
	"premia/internal/core/text"
	"premia/internal/web/page"
)

// levelView is where the member stands on a ladder: what is missing for more, and what
// will be lost and when.
type levelView struct {
	Ladder, Level string
	Since         calendar.Instant
	Counted       any
	// Next is the next level; empty if there is none to reach. Have of Want is the way
	// there, Missing the rest, and PeriodEnds the last moment at which it counts.
	Next       string
	Missing    any
	Have, Want int64
	PeriodEnds calendar.Instant
	// Falls is the level that follows after Until if nothing more counts; Needed, if it
	// is not nil, keeps the present one, before NeededBy.
	Falls           string
	Until, NeededBy calendar.Instant
	Needed          any
	Access          []string
}

// goalView is how far the member is with a challenge, a stamp card or a streak.
type goalView struct {
	Kind, Name, Words, Prize string
	Have, Want               int64
	Until                    calendar.Instant
}

type badgeView struct{ Name, Description string }

func (c *Console) goals(r *page.Context, p *engine.Program, m *app.Member, d *memberData) error {
	tiers, live, _, err := c.app.Tiers(r.Ctx(), m.ID.String())
	if err != nil {
		return err
	}
	for i := range tiers {
		d.Levels = append(d.Levels, levelViewOf(r, live, &tiers[i]))
	}
	standings, badges, _, err := c.app.Challenges(r.Ctx(), m.ID.String())
	if err != nil {
		return err
	}
	for i := range standings {
		d.Goals = append(d.Goals, c.goalView(r, p, &standings[i]))
	}
	for i := range badges {
		d.Badges = append(d.Badges, badgeView{r.Say("page.value", "Value", badges[i].Name), app.CalledIn(p, badges[i].Description, r.Lang)})
	}
	return nil
}

func levelViewOf(r *page.Context, p *engine.Program, x *tier.Standing) levelView {
	say := func(t text.Localized) string { return r.Say("page.value", "Value", t) }
	v := levelView{Ladder: say(x.Ladder.Title), Level: say(x.Level.Title), Since: x.Since, Counted: x.Ladder.Amount(p, x.Counted)}
	if x.Next != nil {
		v.Next, v.Missing, v.Have, v.Want = say(x.Next.Title), x.Ladder.Amount(p, x.Missing), x.Counted, x.Next.From
		if x.Ends != calendar.Never {
			v.PeriodEnds = x.Ends - 1
		}
	}
	if x.Until != calendar.Never && x.Falls != nil {
		v.Falls, v.Until = say(x.Falls.Title), x.Until-1
		if x.Needed > 0 {
			v.Needed, v.NeededBy = x.Ladder.Amount(p, x.Needed), x.NeededBy-1
		}
	}
	for _, right := range x.Level.Access(p) {
		v.Access = append(v.Access, say(right.Title))
	}
	return v
}

func (c *Console) goalView(r *page.Context, p *engine.Program, x *challenge.Standing) goalView {
	known := p.Rules[x.Rule]
	v := goalView{Kind: x.Kind, Name: r.Say("page.value", "Value", known.Title), Words: c.app.Words.Render(r.Lang, x.Words(p)), Have: x.Have, Want: x.Want}
	if x.Have < x.Want {
		v.Prize = r.Say("page.value", "Value", known.Goal.Prize(x.Next))
	}
	if x.Until != calendar.None && x.Until != calendar.Never {
		v.Until = x.Until - 1
	}
	return v
}

// codeView is a code that the member has.
type codeView struct {
	Code, Reward, State string
	LastDay             calendar.Instant
}

// takenView is a reward that the member took.
type takenView struct {
	ID, Reward, Status string
	Quantity           int64
	At, Until          calendar.Instant
	Prices             []text.Points
	Money              any
	// Event is the id of the event that would take it back; empty where nobody can.
	Event string
}

// mostTaken are shown of codes and of rewards.
const mostTaken = 20

func (c *Console) vouchers(r *page.Context, p *engine.Program, m *app.Member, d *memberData) error {
	codes, _, err := c.app.Vouchers(r.Ctx(), m.ID.String(), mostTaken)
	if err != nil {
		return err
	}
	seen := r.Visitor.Meets(page.Need(auth.CodesSee))
	for i := range codes {
		x := &codes[i]
		v := codeView{Code: x.Code.Code, Reward: app.RewardCalled(p, x.RewardID, r.Lang), State: x.State}
		if !seen {
			v.Code = masked("code", v.Code)
		}
		if x.Until != calendar.Never && x.Until != calendar.None {
			v.LastDay = x.Until - 1
		}
		d.Codes = append(d.Codes, v)
	}
	taken, _, err := c.app.Redemptions(r.Ctx(), m.ID.String(), mostTaken)
	if err != nil {
		return err
	}
	back, err := c.app.CanTakeBack(r.Ctx(), m.ID, taken)
	if err != nil {
		return err
	}
	for i := range taken {
		v := c.takenView(p, &taken[i], r.Lang)
		if back[i] && d.MayHandOut {
			v.Event = app.NewEventID()
		}
		d.Taken = append(d.Taken, v)
	}
	return nil
}

func (c *Console) takenView(p *engine.Program, x *app.Redemption, lang string) takenView {
	id := strings.TrimPrefix(c.app.Journal.Rules().Names.Name(x.Reward), reward.Kind+".")
	v := takenView{
		ID: x.ID, Reward: app.RewardCalled(p, id, lang), Status: x.Status, Quantity: x.Quantity, At: x.At,
		Until: x.Until, Money: localMoney(p, x.Money),
	}
	for i := range x.Price {
		if w := p.Wallet(x.Price[i].Wallet); w != nil {
			v.Prices = append(v.Prices, w.Points(x.Price[i].Amount))
		}
	}
	return v
}

// offerView is an offer as it is for the member.
type offerView struct {
	ID, Name, Status string
	// Uses is how many purchases had something of what the member has now.
	Uses          int64
	Terms, WhyNot []string
	Personal      bool
	LastDay       calendar.Instant
}

// choiceView is what the member can choose, and has chosen.
type choiceView struct {
	Name, Chosen string
	LastDay      calendar.Instant
}

func (c *Console) offers(r *page.Context, p *engine.Program, m *app.Member, d *memberData) error {
	all, err := c.app.Offers(r.Ctx(), m.ID.String())
	if err != nil {
		return err
	}
	for i := range all.Offers {
		x := &all.Offers[i]
		v := offerView{
			ID: x.ID, Uses: x.Uses, Name: r.Say("page.value", "Value", p.Rules[x.Rule].Title),
			Status: offer.Status(x.Why.Decision.Outcome), Personal: x.Personal,
		}
		for _, term := range x.Terms {
			v.Terms = append(v.Terms, c.app.Words.Render(r.Lang, term))
		}
		switch x.Why.Decision.Outcome {
		case engine.Applied, engine.AlreadyActivated, engine.AppliesByItself:
		default:
			v.WhyNot = c.app.WhyNot(&x.Why, r.Lang)
		}
		if x.Until != calendar.Never && x.Until != calendar.None {
			v.LastDay = x.Until - 1
		}
		d.Offers = append(d.Offers, v)
	}
	for _, x := range all.Choices {
		v := choiceView{Name: r.Say("page.value", "Value", p.Rules[x.Rule].Title), LastDay: x.Until - 1}
		for _, o := range x.Options {
			if o.ID == x.Chosen {
				v.Chosen = r.Say("page.value", "Value", p.Rules[o.Rule].Title)
			}
		}
		d.Choices = append(d.Choices, v)
	}
	return nil
}

// friendsView is whom the member brought.
type friendsView struct {
	Code, Link     string
	Joined, Bought int
	ReferredAt     calendar.Instant
}

// familyView is the family that the member belongs to.
type familyView struct {
	Kin      []kinView
	Balances []text.Points
}

type kinView struct {
	ID, Name, Standing string
}

// company shows whom the member is connected with.
func (c *Console) company(r *page.Context, _ *engine.Program, m *app.Member, d *memberData) error {
	x, err := c.app.Referral(r.Ctx(), m.ID.String())
	if err != nil {
		return err
	}
	if x.Active || len(x.Friends) > 0 || x.ReferredAt != calendar.None {
		f := &friendsView{Code: x.Code, Link: x.Link, Joined: len(x.Friends), ReferredAt: x.ReferredAt}
		for i := range x.Friends {
			if x.Friends[i].Bought {
				f.Bought++
			}
		}
		d.Friends = f
	}
	if m.Family == nil {
		return nil
	}
	f := &familyView{}
	for _, kin := range m.Family.Kin {
		v := kinView{ID: kin.Member.String(), Standing: kinNames[kin.Standing]}
		found, err := c.app.SearchMembers(r.Ctx(), v.ID, 1)
		if err != nil {
			return err
		}
		for i := range found {
			v.Name = found[i].Name()
		}
		f.Kin = append(f.Kin, v)
	}
	for i := range m.Family.Wallets {
		if w := &m.Family.Wallets[i]; w.Wallet.Gift == nil {
			f.Balances = append(f.Balances, w.Wallet.Points(w.Net()))
		}
	}
	d.Family = f
	return nil
}

// kinNames are how members of a family stand in it.
var kinNames = map[ledger.Standing]string{ledger.Head: "head", ledger.Belongs: "belongs", ledger.Asked: "asked"}
