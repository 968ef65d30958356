package console

import (
	"slices"
	"strings"
	"time"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/rule"
	"premia/internal/core/text"
	"premia/internal/web/page"
)

// memberData is all that a member's page shows. Parts that the program does not have,
// or that nothing is in, are empty.
type memberData struct {
	memberHead
	EnrolledAt, FirstPurchaseAt, LastPurchaseAt calendar.Instant
	Purchases                                   int64
	Spend                                       any
	Identities                                  []string
	Profile, Facts                              []labelled
	Consents                                    []consentView
	// Masked tells that personal values are not shown whole.
	Masked  bool
	Wallets []walletView
	Levels  []levelView
	Goals   []goalView
	Badges  []badgeView
	Codes   []codeView
	Taken   []takenView
	Offers  []offerView
	Choices []choiceView
	Ranks   []string
	Friends *friendsView
	Family  *familyView
	Entries timelineData
	// Act is the id of the event by which the page's buttons block or unblock, so that
	// it happens once.
	Act string
}

// memberHead is what stands at the top of each page about a member, with what the
// visitor may do.
type memberHead struct {
	ID, Name, Initials, Status                            string
	MayChange, MayAdjust, MayHandOut, MayExport, MayErase bool
}

// labelled is a value with its name, in words.
type labelled struct{ Label, Value string }

type consentView struct {
	Name  string
	Given bool
}

// member shows all that is known of a member now, and what happened lately.
func (c *Console) member(r *page.Context) error {
	m, err := c.app.Member(r.Ctx(), r.R.PathValue("member"))
	if err != nil && app.AsProblem(err).Code == app.CodeMemberErased {
		return c.erased(r)
	}
	if err != nil {
		return err
	}
	d := memberData{
		memberHead: headOf(r, &m), EnrolledAt: m.EnrolledAt, FirstPurchaseAt: m.FirstPurchaseAt, LastPurchaseAt: m.LastPurchaseAt,
		Purchases: m.Purchases, Masked: !seesAll(r), Act: app.NewEventID(),
	}
	p := c.app.Program()
	if p == nil {
		return r.Page("member", d)
	}
	d.Spend = localMoney(p, m.Spend)
	c.person(r, &m, &d)
	for i := range m.Wallets {
		if w := &m.Wallets[i]; w.Wallet.Gift == nil {
			d.Wallets = append(d.Wallets, c.walletView(r, p, w))
		}
	}
	for i := range m.Standings {
		d.Ranks = append(d.Ranks, c.app.Words.Render(r.Lang, m.Standings[i].Words(p)))
	}
	for _, part := range []func(*page.Context, *engine.Program, *app.Member, *memberData) error{c.goals, c.vouchers, c.offers, c.company} {
		if err := part(r, p, &m, &d); err != nil {
			return err
		}
	}
	if d.Entries, err = c.entries(r, p, m.ID.String(), nil); err != nil {
		return err
	}
	return r.Page("member", d)
}

func headOf(r *page.Context, m *app.Member) memberHead {
	may := func(p auth.Permission) bool { return r.Visitor.Meets(page.Need(p)) }
	given, family := m.Profile["given_name"], m.Profile["family_name"]
	return memberHead{
		ID: m.ID.String(), Name: strings.TrimSpace(given + " " + family), Initials: initials(given, family), Status: statusName(m.Status),
		MayChange: may(auth.MembersChange), MayAdjust: may(auth.Adjust), MayHandOut: may(auth.RedemptionsWrite),
		MayExport: may(auth.PersonalExport), MayErase: may(auth.PersonalErase),
	}
}

// head reads a member for a page about one act.
func (c *Console) head(r *page.Context) (memberHead, app.Member, error) {
	m, err := c.app.Member(r.Ctx(), r.R.PathValue("member"))
	if err != nil {
		return memberHead{}, m, err
	}
	return headOf(r, &m), m, nil
}

// personal are the profile's values that are shown whole only to those who need them;
// names and what rules may know anyway are shown to everybody who may see members.
var personal = []string{"birth_date", "email", "phone", "street", "postal_code", "device"}

// person shows who the member is.
func (c *Console) person(r *page.Context, m *app.Member, d *memberData) {
	for _, i := range m.Identities {
		d.Identities = append(d.Identities, shownIdentity(i, !d.Masked))
	}
	for _, name := range app.ProfileFields {
		value := m.Profile[name]
		if value == "" || name == "given_name" || name == "family_name" {
			continue
		}
		if d.Masked && slices.Contains(personal, name) {
			value = masked(name, value)
		}
		switch day, err := time.Parse(time.DateOnly, value); {
		case name == "language":
			value = page.LanguageName(value)
		case name == "birth_date" && err == nil:
			value = r.Say("page.value", "Value", text.Date{Year: day.Year(), Month: day.Month(), Day: day.Day()})
		}
		d.Profile = append(d.Profile, labelled{r.Say("console.profile." + name), value})
	}
	for _, name := range sortedNames(m.Facts) {
		d.Facts = append(d.Facts, labelled{name, m.Facts[name]})
	}
	for _, name := range sortedNames(m.Consents) {
		d.Consents = append(d.Consents, consentView{c.consentName(r, name), m.Consents[name]})
	}
}

func (c *Console) consentName(r *page.Context, name string) string {
	if id := "console.consent." + name; c.app.Words.Has(r.Lang, id) {
		return r.Say(id)
	}
	return name
}

func sortedNames[V any](of map[string]V) []string {
	names := make([]string, 0, len(of))
	for name := range of {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// walletView is a wallet with what it is made of.
type walletView struct {
	ID                                      string
	Balance, Pending, Held, Debt, Issued    text.Points
	HasPending, HasHeld, HasDebt, HasIssued bool
	Lots                                    []lotView
	// Others is how many lots are not shown.
	Others int
}

// lotView is what one rule gave once, with what is left of it.
type lotView struct {
	Amount text.Points
	// From is what the rule is called that gave it.
	From     string
	EarnedAt calendar.Instant
	Pending  bool
	// MaturesAt is when it can be spent; calendar.None where that waits for an event,
	// Awaits, of the order Order if that is not empty.
	MaturesAt     calendar.Instant
	Awaits, Order string
	// LastDay is the last moment at which it is good; calendar.None if it stays.
	LastDay calendar.Instant
}

// mostLots are shown of a wallet, those that end soonest.
const mostLots = 100

func (c *Console) walletView(r *page.Context, p *engine.Program, w *app.WalletOf) walletView {
	points := w.Wallet.Points
	v := walletView{
		ID: w.Wallet.ID, Balance: points(w.Net()), Pending: points(w.Pending), Held: points(w.Held), Debt: points(w.Debt), Issued: points(w.Issued),
		HasPending: w.Pending != 0, HasHeld: w.Held != 0, HasDebt: w.Debt != 0, HasIssued: w.Issued != 0,
	}
	lots := slices.Clone(w.Lots)
	slices.SortStableFunc(lots, func(x, y ledger.Lot) int {
		return int(min(max(x.ExpiresAt-y.ExpiresAt, -1), 1))
	})
	if len(lots) > mostLots {
		lots, v.Others = lots[:mostLots], len(lots)-mostLots
	}
	for i := range lots {
		v.Lots = append(v.Lots, c.lotView(r, p, w.Wallet, &lots[i]))
	}
	return v
}

func (c *Console) lotView(r *page.Context, p *engine.Program, w *engine.Wallet, l *ledger.Lot) lotView {
	v := lotView{Amount: w.Points(l.Remaining), From: c.ruleTitle(r, p, l.Rule), EarnedAt: l.EarnedAt, Pending: l.Pending, Order: l.Order}
	if l.Pending && l.ActivatesAt != calendar.Never {
		v.MaturesAt = l.ActivatesAt
	}
	if l.Pending && l.Await != 0 {
		id := strings.TrimPrefix(c.app.Journal.Rules().Names.Name(l.Await), "event.")
		v.Awaits = r.Say("page.value", "Value", rule.EventName(p, id))
	}
	if l.ExpiresAt != calendar.Never {
		v.LastDay = l.ExpiresAt - 1
	}
	return v
}

// ruleTitle is what a rule is called: by the program's words, by the catalogue's or,
// where the program no longer has it, by its id.
func (c *Console) ruleTitle(r *page.Context, p *engine.Program, no ledger.Name) string {
	name := c.app.Journal.Rules().Names.Name(no)
	known, ok := p.Rules[no]
	kind, _, _ := strings.Cut(name, ".")
	switch {
	case ok && (kind == "welcome" || kind == "anniversary"):
		return c.app.Words.Render(r.Lang, text.New("tier."+kind, "Title", known.Title))
	case ok && len(known.Title.Texts) > 0:
		return r.Say("page.value", "Value", known.Title)
	case c.app.Words.Has(r.Lang, name):
		return r.Say(name)
	}
	return name
}
