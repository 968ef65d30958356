package till

import (
	"net/url"
	"strings"

	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/core/ledger"
	"premia/internal/core/text"
	"premia/internal/web/page"
)

func (t *Till) findRoutes() {
	t.handle("GET /till", t.home)
	t.handle("POST /till/find", t.find)
	t.handle("GET /till/members/{member}", t.member)
	t.handle("GET /till/vouchers/{code}", t.voucher)
}

// homeData is the first page: whose purchase is it?
type homeData struct {
	Shell
	Form *page.Form
	// Unknown is what nobody has; Phone tells that it may be a telephone number.
	Unknown string
	Phone   bool
}

func (t *Till) home(r *request) error {
	return r.Page("home", homeData{Shell: r.shell(), Form: page.NewForm("q", "")})
}

// cardData says what a gift card has.
type cardData struct {
	Shell
	Code, Status    string
	Available, Held text.Money
}

// card shows the gift card with a code; false where there is none. Its code, which is
// money, stands in no address.
func (t *Till) card(r *request, code string) (bool, error) {
	p := t.app.Program()
	if p == nil || len(p.GiftCards) == 0 {
		return false, nil
	}
	x, err := t.app.GiftCard(r.Ctx(), code)
	switch problem := app.AsProblem(err); {
	case err != nil && (problem.Code == app.CodeInternal || problem.Code == app.CodeUnavailable):
		return false, err
	case err != nil || x.Wallet == nil:
		return false, nil
	}
	shown := func(minor int64) text.Money {
		return text.Money{Minor: minor, Scale: x.Wallet.Unit.Scale, Currency: x.Wallet.Currency}
	}
	return true, r.Page("card", cardData{r.shell(), code, x.Status, shown(x.Available), shown(x.Held)})
}

// kinds are those of identities that a cashier types or scans, without saying which.
var kinds = []string{app.Card, app.Phone, app.Email, app.Customer}

// mostTyped bounds what is looked for.
const mostTyped = 200

// find goes to what was typed or scanned: a member by their card, telephone number,
// e-mail address or customer number, a reward that somebody took, or a voucher.
func (t *Till) find(r *request) error {
	q := strings.TrimSpace(r.R.PostFormValue("q"))
	if q == "" {
		return r.Redirect("/till")
	}
	if len(q) <= mostTyped {
		to, err := t.findAny(r, q)
		if err != nil {
			return err
		}
		if to != "" {
			return r.Redirect(to)
		}
		if shown, err := t.card(r, q); shown || err != nil {
			return err
		}
	}
	shown := q
	if runes := []rune(shown); len(runes) > 60 {
		shown = string(runes[:60]) + "…"
	}
	_, err := app.ParseIdentity(app.Phone+":"+q, t.app.Country())
	return r.Page("home", homeData{Shell: r.shell(), Form: page.NewForm("q", q), Unknown: shown, Phone: err == nil && !strings.HasPrefix(q, "299")})
}

func (t *Till) findAny(r *request, q string) (string, error) {
	refs := []string{q}
	if !strings.HasPrefix(q, ledger.MemberPrefix) {
		refs = refs[:0]
		for _, kind := range kinds {
			refs = append(refs, kind+":"+q)
		}
	}
	for _, ref := range refs {
		id, err := t.app.Find(r.Ctx(), ref)
		if err == nil {
			return memberPath(id), nil
		}
		if code := app.AsProblem(err).Code; code == app.CodeInternal || code == app.CodeUnavailable {
			return "", err
		}
	}
	if x, err := t.app.Redemption(r.Ctx(), q); err == nil {
		return memberPath(x.Member) + "/taken/" + x.ID, nil
	} else if code := app.AsProblem(err).Code; code == app.CodeInternal || code == app.CodeUnavailable {
		return "", err
	}
	if _, err := t.app.Code(r.Ctx(), q); err == nil {
		return "/till/vouchers/" + escaped(q), nil
	} else if code := app.AsProblem(err).Code; code == app.CodeInternal || code == app.CodeUnavailable {
		return "", err
	}
	return "", nil
}

// memberView is a member as a cashier sees them: no more than it takes to serve them.
type memberView struct {
	ID, Path string
	// Name is the given name and the first letter of the family name.
	Name string
	// Language is the one that the member reads; empty if it is not known.
	Language string
	Blocked  bool
	Wallets  []walletView
	Levels   []string
}

// walletView is what a member can spend.
type walletView struct {
	ID                 string
	Available, Pending text.Points
	Waits              bool
	// From is when pending value can be used first, and Parts tells that the rest of it can
	// only later; none while it waits for something else.
	From  calendar.Instant
	Parts bool
}

func (t *Till) memberOf(r *request) (memberView, error) {
	m, err := t.app.Member(r.Ctx(), r.R.PathValue("member"))
	if err != nil {
		return memberView{}, err
	}
	v := memberView{ID: m.ID.String(), Path: memberPath(m.ID), Name: shortName(&m), Language: m.Language, Blocked: m.Status == ledger.Blocked}
	for i := range m.Wallets {
		w := &m.Wallets[i]
		if !t.app.Concerns(w) {
			continue
		}
		if w.Wallet.Gift != nil {
			continue
		}
		one := walletView{ID: w.Wallet.ID, Available: w.Wallet.Points(w.Net()), Pending: w.Wallet.Points(w.Pending), Waits: w.Pending != 0}
		one.From, one.Parts = pendingFrom(w.Lots, 0)
		v.Wallets = append(v.Wallets, one)
	}
	standings, _, _, err := t.app.Tiers(r.Ctx(), m.ID.String())
	for i := range standings {
		v.Levels = append(v.Levels, t.app.Words.Render(r.Lang, text.New("tier.name", "Title", standings[i].Level.Title)))
	}
	return v, err
}

// pendingFrom gives when the first of the lots after a number can be used that are pending,
// and whether others can only later; none where none has a time.
func pendingFrom(lots []ledger.Lot, after uint32) (first calendar.Instant, others bool) {
	for i := range lots {
		l := &lots[i]
		switch {
		case !l.Pending || l.No <= after || l.Remaining == 0:
		case l.ActivatesAt == calendar.Never:
			others = true
		case first == calendar.None:
			first = l.ActivatesAt
		case l.ActivatesAt != first:
			first, others = min(first, l.ActivatesAt), true
		}
	}
	return first, others
}

// shortName is how a cashier may call a member.
func shortName(m *app.Member) string {
	name := m.Profile["given_name"]
	if family := []rune(m.Profile["family_name"]); len(family) > 0 {
		name = strings.TrimSpace(name + " " + string(family[:1]) + ".")
	}
	return name
}

// memberData is the page of a member.
type memberData struct {
	Shell
	Member memberView
	Open   []takenView
	// Vouchers are those that the member can use.
	Vouchers []voucherView
	// Goals are those that the member is the nearest to.
	Goals  []goalView
	Latest []purchaseView
}

// goalView is how far the member is with a stamp card, a challenge or a streak.
type goalView struct {
	Name, HowFar string
	Done, All    int64
}

// mostGoals is how many goals a member's page shows.
const mostGoals = 3

func (t *Till) nearestGoals(r *request, member string) ([]goalView, error) {
	standings, _, _, err := t.app.Challenges(r.Ctx(), member)
	if err != nil {
		return nil, err
	}
	p := t.app.Program()
	var all []goalView
	for _, x := range app.NearestGoals(standings, mostGoals) {
		rule := p.Rules[x.Rule]
		all = append(all, goalView{
			r.Say("page.value", "Value", rule.Title),
			r.Say("till.goals.done", "Have", rule.Goal.Say(x.Have, true), "Want", rule.Goal.Say(x.Want, true)), x.Have, x.Want,
		})
	}
	return all, nil
}

// mostLatest is how many of the latest purchases a member's page shows.
const mostLatest = 3

func (t *Till) member(r *request) error {
	m, err := t.memberOf(r)
	if err != nil {
		return err
	}
	d := memberData{Shell: r.shell(), Member: m}
	if d.Open, err = t.openOf(r, m.ID); err != nil {
		return err
	}
	if d.Vouchers, err = t.vouchersOf(r, m.ID); err != nil {
		return err
	}
	if d.Goals, err = t.nearestGoals(r, m.ID); err != nil {
		return err
	}
	if d.Latest, err = t.purchasesOf(r, m.ID, mostLatest); err != nil {
		return err
	}
	return r.Page("member", d)
}

// voucherData says whether a code is good.
type voucherData struct {
	Shell
	Code, Reward, State string
	Until, From         calendar.Instant
	// Gives says what it takes off.
	Gives []string
	// Use is the page on which the member whose it is uses it; empty if that is nobody, or it
	// can't be used.
	Use string
	// Back is the page on which the voucher is given back; empty for a code that nobody
	// took for anything.
	Back string
}

func (t *Till) voucher(r *request) error {
	x, err := t.app.Code(r.Ctx(), r.R.PathValue("code"))
	if err != nil {
		return err
	}
	d := voucherData{Shell: r.shell(), Code: x.Code.Code, Reward: app.RewardCalled(t.app.Program(), x.RewardID, r.Lang), State: x.State}
	d.Until = lastMoment(x.Until)
	d.Gives = t.gives(r, t.app.Program(), x.Reward, d.Until)
	if x.State == app.CodeUsable && x.Member != 0 {
		d.Use = memberPath(x.Member) + "/purchase?codes=" + url.QueryEscape(x.Code.Code)
	}
	if x.State == app.CodeNotYet {
		d.From = x.From
	}
	if x.Redemption != "" && x.Member != 0 && x.Used == 0 {
		d.Back = memberPath(x.Member) + "/taken/" + escaped(x.Redemption) + "/back"
	}
	return r.Page("voucher", d)
}
