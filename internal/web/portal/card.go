package portal

import (
	"cmp"
	"html/template"
	"slices"

	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/core/ledger"
	"premia/internal/core/text"
	"premia/internal/web/barcode"
	"premia/internal/web/page"
)

func (p *Portal) cardRoutes() {
	p.area.Handle("GET /card", page.Member, p.card)
}

// cardData is a member's card.
type cardData struct {
	Name, Number string
	Bars, QR     template.HTML
}

func (p *Portal) cardOf(c *page.Context, m *app.Member) (cardData, error) {
	number, err := p.app.CardOf(c.Ctx(), m.ID)
	if err != nil {
		return cardData{}, err
	}
	return cardData{Name: m.Profile["given_name"], Number: number, Bars: barcode.Card(number), QR: barcode.QR(number)}, nil
}

// card is the page that opens without a connection: it has nothing but the card.
func (p *Portal) card(c *page.Context) error {
	m, err := p.member(c)
	if err != nil {
		return err
	}
	d, err := p.cardOf(c, &m)
	if err != nil {
		return err
	}
	return c.Page("card", d)
}

// member is the signed-in member.
func (p *Portal) member(c *page.Context) (app.Member, error) {
	return p.app.Member(c.Ctx(), c.Visitor.Member.String())
}

// homeData is the member's first page.
type homeData struct {
	Card cardData
	// Prizes are those that wait to be claimed, and Goals those that are the nearest.
	Prizes []prizeView
	Goals  []goalView
	// Gifts are presents of others that wait for the member.
	Gifts []giftView
	// Balances are the member's own, and Family those of the family; nil for none.
	Balances []balance
	Family   []balance
	Levels   []level
	Invites  bool
	// Promotions are those of these days.
	Promotions []promotionView
}

// balance is a wallet as a member reads it.
type balance struct {
	Net, Pending, Held text.Points
	// Ends are the next amounts that expire, and Comes those that can be used soon.
	Ends, Comes []dated
	Debt        bool
}

// dated is an amount with a day.
type dated struct {
	Points text.Points
	At     calendar.Instant
}

// shownLots is how many days of lots are listed.
const shownLots = 4

// memberHome shows the card, the balances with what expires when, and the levels.
func (p *Portal) memberHome(c *page.Context) error {
	m, err := p.member(c)
	if err != nil {
		return err
	}
	d := homeData{}
	if d.Card, err = p.cardOf(c, &m); err != nil {
		return err
	}
	for i := range m.Wallets {
		if w := &m.Wallets[i]; w.Wallet.Gift == nil && p.app.Concerns(w) && !inFamily(&m, w) {
			d.Balances = append(d.Balances, balanceOf(w))
		}
	}
	if m.Family != nil {
		for i := range m.Family.Wallets {
			d.Family = append(d.Family, balanceOf(&m.Family.Wallets[i]))
		}
	}
	sections, err := p.sections(c.Lang)
	if err != nil {
		return err
	}
	d.Promotions = p.promotions(sections)
	if d.Gifts, err = p.giftsFor(c); err != nil {
		return err
	}
	if d.Prizes, err = p.prizes(c, true); err != nil {
		return err
	}
	if d.Levels, err = p.levels(c); err != nil {
		return err
	}
	if d.Goals, err = p.nearestGoals(c, len(d.Levels) > 0); err != nil {
		return err
	}
	friends, err := p.app.Referral(c.Ctx(), m.ID.String())
	d.Invites = friends.Active
	if err != nil {
		return err
	}
	return c.Page("home", d)
}

// nearestGoals are those that the first page shows: one beside levels, and more where
// there are none.
func (p *Portal) nearestGoals(c *page.Context, levels bool) ([]goalView, error) {
	standings, _, _, err := p.app.Challenges(c.Ctx(), c.Visitor.Member.String())
	if err != nil {
		return nil, err
	}
	most := 3
	if levels {
		most = 1
	}
	var all []goalView
	for _, x := range app.NearestGoals(standings, most) {
		all = append(all, p.goalView(c, &x))
	}
	return all, nil
}

// inFamily tells whether all that a member has in a wallet is with the family.
func inFamily(m *app.Member, w *app.WalletOf) bool {
	return m.Family != nil && w.Balance == (ledger.Balance{}) && slices.ContainsFunc(
		m.Family.Wallets, func(x app.WalletOf) bool { return x.Wallet.Name == w.Wallet.Name },
	)
}

func balanceOf(w *app.WalletOf) balance {
	points := func(minor int64) text.Points {
		return text.Points{Minor: minor, Scale: w.Wallet.Unit.Scale, Forms: w.Wallet.Forms, Currency: w.Wallet.Currency}
	}
	out := balance{Net: points(w.Net()), Pending: points(w.Pending), Held: points(w.Held), Debt: w.Net() < 0}
	ends, comes := make(map[calendar.Instant]int64), make(map[calendar.Instant]int64)
	for i := range w.Lots {
		l := &w.Lots[i]
		switch {
		case l.Pending && l.ActivatesAt != calendar.Never:
			comes[l.ActivatesAt] += l.Remaining
		case !l.Pending && l.ExpiresAt != calendar.Never:
			ends[l.ExpiresAt-1] += l.Remaining // the last moment at which it is there
		}
	}
	out.Ends, out.Comes = inOrder(ends, points), inOrder(comes, points)
	return out
}

// inOrder lists amounts by their days, the next first.
func inOrder(amounts map[calendar.Instant]int64, points func(int64) text.Points) []dated {
	var all []dated
	for at, minor := range amounts {
		all = append(all, dated{points(minor), at})
	}
	slices.SortFunc(all, func(x, y dated) int { return cmp.Compare(x.At, y.At) })
	if len(all) > shownLots {
		all = all[:shownLots]
	}
	return all
}

// level is where a member stands on a ladder.
type level struct {
	Title, Name string
	// Done of All is the way to the next level; All is 0 where there is none.
	Done, All int64
	Words     []string
	Access    []string
}

func (p *Portal) levels(c *page.Context) ([]level, error) {
	standings, rules, _, err := p.app.Tiers(c.Ctx(), c.Visitor.Member.String())
	if err != nil || rules == nil {
		return nil, err
	}
	say := func(m text.Message) string { return p.app.Words.Render(c.Lang, m) }
	name := func(t text.Localized) string { return say(text.New("tier.name", "Title", t)) }
	var out []level
	for i := range standings {
		x := &standings[i]
		one := level{Title: name(x.Ladder.Title), Name: name(x.Level.Title)}
		if x.Next != nil {
			one.Done, one.All = x.Counted, x.Counted+x.Missing
		}
		for _, m := range x.Words(rules) {
			one.Words = append(one.Words, say(m))
		}
		for _, right := range x.Level.Access(rules) {
			one.Access = append(one.Access, name(right.Title))
		}
		out = append(out, one)
	}
	return out, nil
}
