package console

import (
	"net/url"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/bank"
	"premia/internal/store"
	"premia/internal/web/page"
)

const payoutsPath = "/console/payouts"

func (c *Console) payoutRoutes() {
	need := page.Need(auth.PayoutsManage)
	c.area.Handle("GET /console/payouts", need, c.payouts)
	c.area.Handle("POST /console/payouts", need, c.makePayouts)
	c.area.Handle("GET /console/payouts/account", need, c.payoutAccount)
	c.area.Handle("POST /console/payouts/account", need, c.setPayoutAccount)
	c.area.Handle("GET /console/payouts/{batch}", need, c.payoutBatch)
	c.area.Handle("GET /console/payouts/{batch}/{format}", need, c.payoutFile)
	c.area.Handle("POST /console/payouts/{batch}/settle", need, c.settlePayouts)
	c.area.Handle("POST /console/payouts/{batch}/fail", need, c.failPayout)
}

func (c *Console) payouts(r *page.Context) error {
	ordered, err := c.app.OrderedPayouts(r.Ctx())
	if err != nil {
		return err
	}
	batches, err := c.app.PayoutBatches(r.Ctx())
	if err != nil {
		return err
	}
	sum := int64(0)
	for i := range ordered {
		sum += ordered[i].Amount
	}
	l := &page.List{ID: "payouts", Path: payoutsPath, Query: r.Query(), Empty: r.Say("console.payouts.none"), Columns: []page.Column{
		{ID: "batch", Label: r.Say("console.payout.batch"), Sorted: true},
		{ID: "created", Label: r.Say("console.list.created"), Sorted: true},
		{ID: "count", Label: r.Say("console.payout.count"), Sorted: true, Number: true},
		{ID: "sum", Label: r.Say("console.payout.sum"), Sorted: true, Number: true}, {ID: "open", Label: r.Say("console.payout.open"), Sorted: true, Number: true},
	}}
	for i := len(batches) - 1; i >= 0; i-- {
		b := &batches[i]
		n, amount := b.Sum(store.PayoutTaken, store.PayoutReady, store.PayoutSent, store.PayoutFailed)
		open, _ := b.Sum(store.PayoutTaken, store.PayoutReady)
		l.Rows = append(l.Rows, page.Row{Cells: []page.Cell{
			{Text: b.ID, Link: payoutsPath + "/" + url.PathEscape(b.ID)}, {At: b.Created}, number(r, n),
			{Text: c.cash(r, amount), Sort: amount}, number(r, open),
		}})
	}
	l.Arrange()
	about := r.Say("console.payouts.none_waiting")
	if len(ordered) > 0 {
		about = r.Say("console.payouts.waiting", "Number", int64(len(ordered)), "Sum", c.cash(r, sum))
	}
	d := listing{Title: r.Say("console.payouts"), About: about, List: l, Acts: []act{{
		Label: r.Say("console.payout.account"), Path: payoutsPath + "/account", Icon: "credit-card",
	}}}
	if len(ordered) > 0 {
		d.Acts = append(d.Acts, act{
			Label: r.Say("console.attention.payouts_ordered.do"), Path: payoutsPath, Icon: "plus", Post: true,
			Primary: true, Hidden: newID(),
		})
	}
	return r.List("listing", l, d)
}

// cash is money in the program's currency.
func (c *Console) cash(r *page.Context, minor int64) string {
	if p := c.app.Program(); p != nil {
		return r.Say("page.value", "Value", moneyOf(p, minor))
	}
	return "–"
}

func (c *Console) makePayouts(r *page.Context) error {
	form, err := r.ReadForm("id")
	if err != nil {
		return err
	}
	id := form.Get("id")
	if len(id) > 4 && id[:4] == "evt_" {
		id = id[4:]
	}
	b, err := c.app.CreatePayoutBatch(r.Ctx(), id)
	if err != nil {
		return refuse(r, payoutsPath, err)
	}
	return r.Done(payoutsPath+"/"+url.PathEscape(b.ID), "console.payout.made", "Number", int64(len(b.Payouts)))
}

var payoutStates = map[store.PayoutState]struct{ id, colour string }{
	store.PayoutOrdered: {"ordered", "azure"}, store.PayoutTaken: {"taken", "yellow"}, store.PayoutReady: {"ready", "yellow"},
	store.PayoutSent: {"sent", "green"}, store.PayoutFailed: {"failed", "red"}, store.PayoutDropped: {"dropped", "secondary"},
}

func (c *Console) payoutBatch(r *page.Context) error {
	b, err := c.app.PayoutBatch(r.Ctx(), r.R.PathValue("batch"))
	if err != nil {
		return err
	}
	path := payoutsPath + "/" + url.PathEscape(b.ID)
	open, sum := b.Sum(store.PayoutTaken, store.PayoutReady)
	d := record{Title: r.Say("console.payout.title", "Batch", b.ID), Facts: []recordFact{
		{r.Say("console.list.created"), page.Cell{At: b.Created}},
		{r.Say("console.payout.open"), number(r, open)},
		{r.Say("console.payout.sum"), plainCell(c.cash(r, sum))},
	}}
	d.Acts = []act{{Label: "pain.001", Path: path + "/pain.001", Icon: "download"}, {Label: "CSV", Path: path + "/csv", Icon: "download"}}
	if open > 0 {
		d.About = r.Say("console.payout.how")
		d.Acts = append(d.Acts, act{
			Label: r.Say("console.payout.settle.rest", "Number", open), Path: path + "/settle", Icon: "check",
			Post: true, Primary: true,
			Confirm: r.Say("console.payout.settle.sure", "Number", open, "Sum", c.cash(r, sum)),
		})
	}
	l := &page.List{ID: "payments", Path: path, Query: r.Query(), Columns: []page.Column{
		{ID: "redemption", Label: r.Say("console.redemption")},
		{ID: "member", Label: r.Say("console.list.member"), Sorted: true},
		{ID: "amount", Label: r.Say("console.payout.sum"), Sorted: true, Number: true},
		{ID: "ordered", Label: r.Say("console.list.taken"), Sorted: true},
		{ID: "state", Label: r.Say("console.list.state"), Sorted: true, Filter: true},
		{ID: "end", Label: r.Say("console.payout.end_to_end")},
		{ID: "actions"},
	}}
	for i := range b.Payouts {
		p := &b.Payouts[i]
		state := payoutStates[p.State]
		who, err := c.memberCell(r, p.Member)
		if err != nil {
			return err
		}
		row := []page.Cell{
			{Text: p.Redemption, Link: redemptionsPath + "/" + url.PathEscape(p.Redemption)}, who, {Text: c.cash(r, p.Amount), Sort: p.Amount},
			{At: p.Ordered}, {Text: r.Say("console.payout.state." + state.id), Badge: state.colour}, plainCell(app.EndToEnd(p)), {},
		}
		if p.State == store.PayoutReady {
			row[6].Actions = []page.Action{{
				Label: r.Say("console.payout.fail"), Path: path + "/fail", Icon: "alert-triangle", Post: true,
				Danger:  true,
				Confirm: r.Say("console.payout.fail.confirm", "Sum", c.cash(r, p.Amount), "Name", who.Text),
				Name:    "redemption", Value: p.Redemption,
			}}
		}
		l.Rows = append(l.Rows, page.Row{Cells: row})
	}
	l.Arrange()
	d.Lists = []titledList{titled(r.Say("console.payouts"), l)}
	return r.List("record", l, d)
}

func (c *Console) payoutFile(r *page.Context) error {
	id, format := r.R.PathValue("batch"), r.R.PathValue("format")
	if format != "csv" && format != "pain.001" {
		return page.ErrNotFound
	}
	from, err := c.app.PayoutAccount(r.Ctx())
	if err != nil {
		return refuse(r, payoutsPath+"/account", err)
	}
	order, err := c.app.PayoutOrder(r.Ctx(), id, from, "")
	if err != nil {
		return refuse(r, payoutsPath+"/"+url.PathEscape(id), err)
	}
	kind, name, write := "application/xml", "payouts.xml", order.XML
	if format == "csv" {
		kind, name, write = "text/csv; charset=utf-8", "payouts.csv", order.CSV
	}
	file, err := write()
	if err != nil {
		return err
	}
	return r.Content(kind, name, file)
}

func (c *Console) settlePayouts(r *page.Context) error {
	id := r.R.PathValue("batch")
	to := payoutsPath + "/" + url.PathEscape(id)
	if _, err := c.app.SettlePayouts(r.Ctx(), id, nil); err != nil {
		return refuse(r, to, err)
	}
	return r.Done(to, "console.payout.settled")
}

// failPayout says that the bank did not pay one of a batch.
func (c *Console) failPayout(r *page.Context) error {
	form, err := r.ReadForm("redemption")
	if err != nil {
		return err
	}
	id := r.R.PathValue("batch")
	to := payoutsPath + "/" + url.PathEscape(id)
	if _, err := c.app.FailPayout(r.Ctx(), id, form.Get("redemption")); err != nil {
		return refuse(r, to, err)
	}
	return r.Done(to, "console.payout.has_failed")
}

func (c *Console) accountForm(r *page.Context, form *page.Form) *record {
	return &record{
		Title: r.Say("console.payout.account"),
		Form: &formCard{Path: payoutsPath + "/account", Submit: r.Say("console.save"), Form: form, Fields: []field{
			{Name: "name", Label: r.Say("console.payout.account.name"), Required: true},
			{Name: "iban", Label: "IBAN", Required: true},
			{Name: "bic", Label: "BIC", Hint: r.Say("console.payout.account.bic")},
		}},
	}
}

func (c *Console) payoutAccount(r *page.Context) error {
	from, err := c.app.PayoutAccount(r.Ctx())
	if err != nil && app.AsProblem(err).Code != app.CodeNoPayoutAccount {
		return err
	}
	return r.Page("record", c.accountForm(r, page.NewForm("name", from.Name, "iban", string(from.IBAN), "bic", from.BIC)))
}

func (c *Console) setPayoutAccount(r *page.Context) error {
	form, err := r.ReadForm("name", "iban", "bic")
	if err != nil {
		return err
	}
	var from bank.Account
	if from, err = app.CheckedAccount(form.Get("name"), form.Get("iban"), form.Get("bic")); err == nil {
		err = c.app.SetPayoutAccount(r.Ctx(), from)
	}
	if err == nil {
		return r.Done(payoutsPath, "console.saved")
	}
	if !r.Refuse(form, err) {
		return err
	}
	return mend(r, c.accountForm(r, form))
}
