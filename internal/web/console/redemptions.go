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
	"premia/internal/core/mechanic/reward"
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
	choice := app.TakenChoice{State: q.Filters.Get("state"), Reward: q.Filters.Get("reward"), Up: q.Sort == "at" && !q.Down}
	if !slices.Contains(redemptionStates, choice.State) {
		choice.State = ""
	}
	if q.Sort == "" {
		q.Sort, q.Down = "at", true
	}
	rows := func(after string) ([]page.Row, string, error) { return c.takenRows(r, choice, after) }
	first, next, err := rows(q.After)
	if err != nil {
		return err
	}
	l := &page.List{
		ID: "redemptions", Path: redemptionsPath, Query: q, Total: -1, Rows: first, Next: next, More: rows,
		Empty: r.Say("console.redemptions.none"),
		Columns: []page.Column{
			{ID: "reward", Label: r.Say("console.reward")},
			{ID: "quantity", Label: r.Say("console.list.quantity"), Number: true},
			{ID: "state", Label: r.Say("console.list.state")},
			{ID: "at", Label: r.Say("console.list.taken"), Sorted: true},
			{ID: "member", Label: r.Say("console.list.member")},
		},
	}
	if choice := c.rewardChoice(r, choice.Reward); len(choice.Options) > 1 {
		l.Choices = []page.Choice{choice}
	}
	d := listing{Title: r.Say("console.redemptions"), About: r.Say("console.redemptions.about"), List: l}
	for _, one := range append([]string{""}, redemptionStates...) {
		of := *l
		of.Query.Filters, of.Query.After = url.Values{"reward": {choice.Reward}, "state": {one}}, ""
		label := r.Say("console.list.all")
		if one != "" {
			label = r.Say("console.redemption.state." + one)
		}
		d.Tabs = append(d.Tabs, tab{label, of.FirstPath(), choice.State == one})
	}
	return r.List("listing", l, d)
}

// takenRows are rows of what was taken, from a place on.
func (c *Console) takenRows(r *page.Context, choice app.TakenChoice, after string) ([]page.Row, string, error) {
	list, next, err := c.app.TakenPage(r.Ctx(), choice, after)
	if err != nil {
		return nil, "", err
	}
	rows := make([]page.Row, len(list))
	for i, x := range list {
		member, err := c.memberCell(r, x.Member)
		if err != nil {
			return nil, "", err
		}
		rows[i] = page.Row{Cells: []page.Cell{
			{Text: c.rewardTitle(r, x.Reward), Link: redemptionsPath + "/" + url.PathEscape(x.Redemption)},
			number(r, x.Quantity), stateCell(r, x.State), {At: x.At}, member,
		}}
	}
	return rows, next, nil
}

// memberCell leads to a member, by name where there is one; files have the number.
func (c *Console) memberCell(r *page.Context, id ledger.MemberID) (page.Cell, error) {
	cell := page.Cell{Text: id.String(), Link: "/console/members/" + id.String()}
	if r.Query().CSV {
		return cell, nil
	}
	name, err := c.app.MemberName(r.Ctx(), id)
	cell.Text = firstOf(name, cell.Text)
	return cell, err
}

// rewardChoice lets a list be narrowed to a reward.
func (c *Console) rewardChoice(r *page.Context, chosen string) page.Choice {
	choice := page.Choice{ID: "reward", Label: r.Say("console.reward"), Value: chosen}
	if p := c.app.Program(); p != nil {
		for _, x := range reward.Rewards(p) {
			choice.Options = append(choice.Options, page.Option{Value: x.Source.ID, Label: c.rewardTitle(r, x.Name)})
		}
	}
	return choice
}

func (c *Console) redemption(r *page.Context) error {
	x, err := c.app.Redemption(r.Ctx(), r.R.PathValue("redemption"))
	if err != nil {
		return err
	}
	none := r.Say("console.list.none")
	who, err := c.memberCell(r, x.Member)
	if err != nil {
		return err
	}
	d := record{Title: c.rewardTitle(r, x.Reward), Facts: []recordFact{
		{r.Say("console.list.state"), stateCell(r, x.Status)},
		{r.Say("console.list.quantity"), number(r, x.Quantity)},
		{r.Say("console.list.member"), who},
		{r.Say("console.list.taken"), page.Cell{At: x.At}},
	}}
	if x.Until != calendar.None && x.Until != calendar.Never {
		d.Facts = append(d.Facts, recordFact{r.Say("console.redemption.until"), page.Cell{At: x.Until}})
	}
	if x.Slot != calendar.None {
		d.Facts = append(d.Facts, recordFact{r.Say("console.redemption.slot"), page.Cell{At: x.Slot}})
	}
	d.Facts = append(d.Facts, recordFact{r.Say("console.list.price"), plainCell(c.priceOf(r, &x))})
	to, err := c.sendTo(r, &x)
	if err != nil {
		return err
	}
	d.Facts = append(d.Facts, to...)
	if account := c.app.MaskedAccount(r.Ctx(), &x); account != "" {
		d.Facts = append(d.Facts, recordFact{r.Say("console.redemption.account"), plainCell(account)})
	}
	d.Facts = append(d.Facts, recordFact{r.Say("console.list.id"), plainCell(x.ID)})
	steps := &page.List{ID: "steps", Path: r.R.URL.Path, Query: r.Query(), Empty: r.Say("console.redemption.steps.none"), Columns: []page.Column{
		{ID: "state", Label: r.Say("console.list.state"), Sorted: true},
		{ID: "at", Label: r.Say("console.list.when"), Sorted: true},
		{ID: "by", Label: r.Say("console.list.by"), Sorted: true},
	}}
	for _, s := range x.Steps {
		state := page.Cell{Text: r.Say("console.redemption.state.confirmed"), Badge: "green"}
		if s.Status != "confirmed" {
			state = stateCell(r, s.Status)
		}
		steps.Rows = append(steps.Rows, page.Row{Cells: []page.Cell{state, {At: s.At}, plainCell(firstOf(s.By, none))}})
	}
	steps.Arrange()
	d.Lists = []titledList{titled(r.Say("console.redemption.steps"), steps)}
	if r.Visitor.Meets(page.Need(auth.RedemptionsWrite)) {
		d.Acts = redemptionActs(r, &x, d.Title)
	}
	return r.List("record", steps, d)
}

// sendTo says how a reward reaches the member and, of one that is to be sent, to whom and
// where, to those who may change members, since others see such values shortened.
func (c *Console) sendTo(r *page.Context, x *app.Redemption) ([]recordFact, error) {
	how := c.app.Fulfils(x.Reward)
	if how == "none" {
		return nil, nil
	}
	facts := []recordFact{{r.Say("console.redemption.how"), plainCell(r.Say("console.redemption.how." + how))}}
	if how != "send" || x.Status != "held" && x.Status != "ordered" && x.Status != "ready" {
		return facts, nil
	}
	profile, err := c.app.AddressOf(r.Ctx(), x.Member)
	if err != nil {
		return nil, err
	}
	shown := r.Visitor.Meets(page.Need(auth.MembersChange))
	address := plainCell(strings.Join(app.AddressLines(profile), ", "))
	switch {
	case profile == nil:
		address = plainCell(r.Say("console.redemption.to.erased"))
	case len(app.Lacks(profile)) > 0 && shown:
		address = page.Cell{Text: r.Say("console.redemption.to.lacks"), Link: "/console/members/" + x.Member.String() + "/edit"}
	case len(app.Lacks(profile)) > 0:
		address = plainCell(r.Say("console.redemption.to.lacks"))
	case !shown:
		address = plainCell(r.Say("console.redemption.to.hidden"))
	}
	facts = append(facts, recordFact{r.Say("console.redemption.to"), address})
	for _, name := range []string{"phone", "email"} {
		if value := profile[name]; value != "" {
			if !shown {
				value = masked(name, value)
			}
			facts = append(facts, recordFact{r.Say("console.profile." + name), plainCell(value)})
		}
	}
	return facts, nil
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
		a := act{
			Label: r.Say("console.redemption.do." + word),
			Path:  redemptionsPath + "/" + url.PathEscape(x.ID) + "/" + word, Icon: icon, Post: true, Danger: danger,
			Hidden: newID(),
		}
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
		return []act{
			ready, post("handed_over", "gift", false), post("sent", "truck", false),
			post("failed", "alert-triangle", true), post("refund", "receipt-refund", true),
		}
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
