package console

import (
	"net/url"
	"slices"
	"strings"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/web/page"
)

const redemptionsPath = "/console/redemptions"

func (c *Console) redemptionRoutes() {
	c.area.Handle("GET /console/redemptions", page.Need(auth.RedemptionsRead), c.redemptions)
	c.area.Handle("GET /console/redemptions/{redemption}", page.Need(auth.RedemptionsRead), c.redemption)
	c.area.Handle("POST /console/redemptions/{redemption}/{act}", page.Need(auth.RedemptionsWrite), c.leadRedemption)
}

// redemptionStates are those that lists can be asked for, in the order of their lives.
var redemptionStates = []string{"held", "ordered", "ready", "handed_over", "sent", "failed", "returning", "cancelled", "refunded", "timed_out"}

// stateColours are those of badges.
var stateColours = map[string]string{
	"held": "azure", "ordered": "yellow", "ready": "azure", "handed_over": "green", "sent": "green",
	"failed": "red", "returning": "yellow", "cancelled": "secondary", "refunded": "secondary", "timed_out": "secondary",
}

func stateCell(r *page.Context, state string) page.Cell {
	return page.Cell{Text: r.Say("console.redemption.state." + state), Badge: stateColours[state]}
}

// rewardTitle is how a reward is called, or its number's name where no program in force
// has it.
func (c *Console) rewardTitle(r *page.Context, name ledger.Name) string {
	if p := c.app.Program(); p != nil {
		if rule, ok := p.Rules[name]; ok {
			return r.Say("page.value", "Value", rule.Title)
		}
	}
	return c.app.RewardID(name)
}

func (c *Console) redemptions(r *page.Context) error {
	q := r.Query()
	state := q.Filters.Get("state")
	if !slices.Contains(redemptionStates, state) {
		state = ""
	}
	list, next, err := c.app.TakenPage(r.Ctx(), state, q.After)
	if err != nil {
		return err
	}
	l := &page.List{ID: "redemptions", Path: redemptionsPath, Query: q, Total: -1, Next: next, Empty: r.Say("console.redemptions.none"), Columns: []page.Column{
		{ID: "reward", Label: r.Say("console.reward")}, {ID: "quantity", Label: r.Say("console.list.quantity"), Number: true},
		{ID: "state", Label: r.Say("console.list.state")}, {ID: "at", Label: r.Say("console.list.taken")}, {ID: "member", Label: r.Say("console.list.member")},
	}}
	for _, x := range list {
		l.Rows = append(l.Rows, page.Row{Cells: []page.Cell{
			{Text: c.rewardTitle(r, x.Reward), Link: redemptionsPath + "/" + url.PathEscape(x.Redemption)}, number(r, x.Quantity),
			stateCell(r, x.State), {At: x.At}, {Text: x.Member.String(), Link: "/console/members/" + x.Member.String()},
		}})
	}
	d := listing{Title: r.Say("console.redemptions"), About: r.Say("console.redemptions.about"), List: l, Tabs: []tab{{r.Say("console.list.all"), redemptionsPath, state == ""}}}
	for _, one := range redemptionStates {
		d.Tabs = append(d.Tabs, tab{r.Say("console.redemption.state." + one), redemptionsPath + "?state=" + one, state == one})
	}
	return r.List("listing", l, d)
}

func (c *Console) redemption(r *page.Context) error {
	x, err := c.app.Redemption(r.Ctx(), r.R.PathValue("redemption"))
	if err != nil {
		return err
	}
	none := r.Say("console.list.none")
	d := record{Title: c.rewardTitle(r, x.Reward), Facts: []recordFact{
		{r.Say("console.list.state"), stateCell(r, x.Status)},
		{r.Say("console.list.quantity"), number(r, x.Quantity)},
		{r.Say("console.list.member"), page.Cell{Text: x.Member.String(), Link: "/console/members/" + x.Member.String()}},
		{r.Say("console.list.taken"), page.Cell{At: x.At}},
	}}
	if x.Until != calendar.None && x.Until != calendar.Never {
		d.Facts = append(d.Facts, recordFact{r.Say("console.redemption.until"), page.Cell{At: x.Until}})
	}
	if x.Slot != calendar.None {
		d.Facts = append(d.Facts, recordFact{r.Say("console.redemption.slot"), page.Cell{At: x.Slot}})
	}
	d.Facts = append(d.Facts, recordFact{r.Say("console.list.price"), plainCell(c.priceOf(r, &x))})
	if account := c.app.MaskedAccount(r.Ctx(), &x); account != "" {
		d.Facts = append(d.Facts, recordFact{r.Say("console.redemption.account"), plainCell(account)})
	}
	d.Facts = append(d.Facts, recordFact{r.Say("console.list.id"), plainCell(x.ID)})
	steps := &page.List{ID: "steps", Path: r.R.URL.Path, Query: r.Query(), Empty: r.Say("console.redemption.steps.none"), Columns: []page.Column{
		{ID: "state", Label: r.Say("console.list.state")}, {ID: "at", Label: r.Say("console.list.when")}, {ID: "by", Label: r.Say("console.list.by")},
	}}
	for _, s := range x.Steps {
		state := page.Cell{Text: r.Say("console.redemption.state.confirmed"), Badge: "green"}
		if s.Status != "confirmed" {
			state = stateCell(r, s.Status)
		}
		steps.Rows = append(steps.Rows, page.Row{Cells: []page.Cell{state, {At: s.At}, plainCell(firstOf(s.By, none))}})
	}
	steps.Arrange()
	d.Lists = []titledList{{r.Say("console.redemption.steps"), steps}}
	if r.Visitor.Meets(page.Need(auth.RedemptionsWrite)) {
		d.Acts = redemptionActs(r, &x, d.Title)
	}
	return r.List("record", steps, d)
}

func firstOf(all ...string) string {
	for _, one := range all {
		if one != "" {
			return one
		}
	}
	return ""
}

// priceOf says what a redemption cost.
func (c *Console) priceOf(r *page.Context, x *app.Redemption) string {
	var all []string
	p := c.app.Program()
	for i := range x.Price {
		if w := p.Wallet(x.Price[i].Wallet); w != nil && x.Price[i].Amount != 0 {
			all = append(all, r.Say("page.value", "Value", points(&w.Unit, w.Forms, x.Price[i].Amount)))
		}
	}
	if x.Money != 0 {
		all = append(all, r.Say("page.value", "Value", moneyOf(p, x.Money)))
	}
	if len(all) == 0 {
		return r.Say("console.list.nothing")
	}
	return strings.Join(all, " + ")
}

// redemptionActs are what can be done about a redemption where it stands.
func redemptionActs(r *page.Context, x *app.Redemption, title string) []act {
	post := func(word, icon string, danger bool) act {
		a := act{Label: r.Say("console.redemption.do." + word), Path: redemptionsPath + "/" + url.PathEscape(x.ID) + "/" + word, Icon: icon, Post: true, Danger: danger, Hidden: newID()}
		if danger {
			a.Confirm = r.Say("console.redemption.do."+word+".confirm", "Reward", title)
		}
		return a
	}
	switch x.Status {
	case "held":
		confirm := post("confirm", "check", false)
		confirm.Primary = true
		return []act{confirm, post("cancel", "x", true)}
	case "ordered":
		ready := post("ready", "package", false)
		ready.Primary = true
		return []act{ready, post("handed_over", "gift", false), post("sent", "truck", false), post("failed", "alert-triangle", true), post("refund", "receipt-refund", true)}
	case "ready":
		over := post("handed_over", "gift", false)
		over.Primary = true
		return []act{over, post("sent", "truck", false), post("failed", "alert-triangle", true), post("refund", "receipt-refund", true)}
	case "handed_over", "sent", "failed":
		return []act{post("refund", "receipt-refund", true)}
	}
	return nil
}

func (c *Console) leadRedemption(r *page.Context) error {
	form, err := r.ReadForm("id", "reason")
	if err != nil {
		return err
	}
	id, word := r.R.PathValue("redemption"), r.R.PathValue("act")
	e := &event.Event{ID: form.Get("id"), Redemption: id, Reason: form.Get("reason")}
	switch word {
	case "confirm":
		e.Type = event.Confirmation
	case "cancel":
		e.Type = event.Cancellation
	case "refund":
		e.Type = event.Refund
	case "ready", "handed_over", "sent", "failed":
		e.Type, e.Status = event.Fulfilment, word
	default:
		return page.ErrNotFound
	}
	return c.did(r, redemptionsPath+"/"+url.PathEscape(id), e, "console.redemption.done."+word)
}
