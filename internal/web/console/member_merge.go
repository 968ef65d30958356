package console

import (
	"cmp"
	"net/http"
	"strings"

	"premia/internal/app"
	"premia/internal/core/engine"
	"premia/internal/core/text"
	"premia/internal/web/page"
)

// mergeData is the page by which two members become one: first the other is looked
// for, then it says what will happen, and only then it is done.
type mergeData struct {
	memberHead
	Form  *page.Form
	Query string
	Found []foundView
	// Preview is what would happen; nil until the other is chosen.
	Preview *mergeView
}

// mergeView is what merging comes to, in words.
type mergeView struct {
	Into    memberHead
	Event   string
	Refused []string
	Wallets []mergedWallet
	// Levels are where the remaining member stands before and after.
	Levels       []mergedLevel
	Purchases    int64
	Spend        any
	Identities   []string
	Gained, Lost []string
	// Blocked tells that the one who is merged is blocked, and the other not.
	Blocked bool
}

// mergedWallet is a balance of both and what they come to.
type mergedWallet struct{ From, Into, After text.Points }

type mergedLevel struct{ Ladder, Before, After string }

// previewMerge finds the member who is to remain, and says what merging will do.
func (c *Console) previewMerge(r *page.Context) error {
	head, m, err := c.head(r)
	if err != nil {
		return err
	}
	q := r.R.URL.Query()
	d := mergeData{memberHead: head, Form: page.NewForm(), Query: strings.TrimSpace(q.Get("q"))}
	if into := q.Get("into"); into != "" {
		if d.Preview, err = c.mergeView(r, head.ID, into, app.NewEventID()); err != nil {
			if !r.Refuse(d.Form, err) {
				return err
			}
			return r.PageStatus(http.StatusUnprocessableEntity, "member-merge", d)
		}
		return r.Page("member-merge", d)
	}
	if d.Query == "" {
		d.Query = cmp.Or(m.Profile["family_name"], m.Profile["given_name"]) // the other one is most likely the same person
	}
	if d.Query != "" {
		found, err := c.app.SearchMembers(r.Ctx(), d.Query, mostMembers)
		if err != nil {
			return err
		}
		for i := range found {
			if found[i].ID != m.ID {
				d.Found = append(d.Found, foundViewOf(&found[i], seesAll(r)))
			}
		}
	}
	if r.HTMX() {
		return r.Part("member-merge", "candidates", d)
	}
	return r.Page("member-merge", d)
}

func (c *Console) mergeView(r *page.Context, from, into, event string) (*mergeView, error) {
	x, err := c.app.PreviewMerge(r.Ctx(), from, into)
	if err != nil {
		return nil, err
	}
	v := &mergeView{Into: headOf(r, &x.Into), Event: event, Blocked: x.From.Status != x.Into.Status}
	if x.Refused != nil {
		v.Refused = c.app.WhyNot(x.Refused, r.Lang)
		return v, nil
	}
	p := c.app.Program()
	if p == nil {
		return nil, page.ErrNotFound
	}
	v.Purchases, v.Spend = x.Purchases, localMoney(p, x.Spend)
	for i := range x.Wallets {
		after, w := &x.Wallets[i], x.Wallets[i].Wallet
		one := mergedWallet{w.Points(netOf(x.From.Wallets, w)), w.Points(netOf(x.Into.Wallets, w)), w.Points(after.Net())}
		if w.Gift == nil && (one.From.Minor != 0 || one.Into.Minor != 0 || one.After.Minor != 0) {
			v.Wallets = append(v.Wallets, one)
		}
	}
	for _, i := range x.Identities {
		v.Identities = append(v.Identities, shownIdentity(i, seesAll(r)))
	}
	v.Gained, v.Lost = profileNames(r, x.Gained), profileNames(r, x.Lost)
	return v, c.mergedLevels(r, v, x)
}

func (c *Console) mergedLevels(r *page.Context, v *mergeView, x *app.MergePreview) error {
	before, _, _, err := c.app.Tiers(r.Ctx(), x.Into.ID.String())
	if err != nil || len(before) != len(x.Tiers) {
		return err
	}
	say := func(t text.Localized) string { return r.Say("page.value", "Value", t) }
	for i := range x.Tiers {
		v.Levels = append(v.Levels, mergedLevel{say(x.Tiers[i].Ladder.Title), say(before[i].Level.Title), say(x.Tiers[i].Level.Title)})
	}
	return nil
}

func netOf(wallets []app.WalletOf, of *engine.Wallet) int64 {
	for i := range wallets {
		if wallets[i].Wallet.Name == of.Name {
			return wallets[i].Net()
		}
	}
	return 0
}

func profileNames(r *page.Context, names []string) []string {
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = r.Say("console.profile." + name)
	}
	return out
}

// merge makes two members one. The form's event id makes it happen once.
func (c *Console) merge(r *page.Context) error {
	f, err := r.ReadForm("event", "into")
	if err != nil {
		return err
	}
	from := r.R.PathValue("member")
	answer, err := c.app.Merge(r.Ctx(), f.Get("event"), from, f.Get("into"))
	if err != nil || !happened(&answer) {
		return c.failed(r, memberPath(from), &answer, err)
	}
	return r.Done(memberPath(f.Get("into")), "console.merge.done")
}
