package console

import (
	"net/url"
	"strings"

	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/web/page"
)

const pricesPath = "/console/prices"

func (c *Console) priceRoutes() {
	c.area.Handle("GET /console/prices", programWrite, c.prices)
	c.area.Handle("POST /console/prices", programWrite, c.setPrice)
}

// prices shows what was sold at list prices while its price is not known, and the prices
// of one product.
func (c *Console) prices(r *page.Context) error {
	form := page.NewForm("sku", strings.TrimSpace(r.Form("sku")), "channel", strings.TrimSpace(r.Form("channel")), "price", "", "regular_price", "")
	d, err := c.pricesRecord(r, form)
	if err != nil {
		return err
	}
	return r.List("record", d.Lists[len(d.Lists)-1].List, d)
}

func (c *Console) pricesRecord(r *page.Context, form *page.Form) (*record, error) {
	d := &record{
		Title: r.Say("console.prices"), About: r.Say("console.prices.about"),
		Form: &formCard{Title: r.Say("console.price.set"), Path: pricesPath, Submit: r.Say("console.save"), Form: form, Fields: []field{
			{Name: "sku", Label: r.Say("console.price.sku"), Required: true}, {
				Name: "channel", Label: r.Say("console.price.channel"), Hint: r.Say("console.price.channel.hint"),
			},
			{Name: "price", Label: r.Say("console.list.price"), Required: true, Hint: r.Say("console.price.hint")},
			{Name: "regular_price", Label: r.Say("console.price.regular"), Hint: r.Say("console.price.regular.hint")},
		}},
	}
	if sku := form.Get("sku"); sku != "" {
		history, err := c.priceHistory(r, sku, form.Get("channel"))
		if err != nil {
			return nil, err
		}
		if history != nil {
			d.Lists = append(d.Lists, titled(r.Say("console.price.history", "SKU", sku), history))
			return d, nil
		}
	}
	missing, err := c.missingPrices(r)
	d.Lists = append(d.Lists, titled(r.Say("console.prices.missing"), missing))
	return d, err
}

// priceHistory lists the prices of a product; nil where none is known.
func (c *Console) priceHistory(r *page.Context, sku, channel string) (*page.List, error) {
	all, err := c.app.Prices(r.Ctx(), sku, channel)
	switch {
	case app.AsProblem(err).Code == app.CodeUnknownPrice:
		return nil, nil
	case err != nil:
		return nil, err
	}
	l := &page.List{ID: "history", Path: pricesPath, Query: r.Query(), Columns: []page.Column{
		{ID: "from", Label: r.Say("console.price.from"), Sorted: true}, {ID: "channel", Label: r.Say("console.price.channel"), Sorted: true},
		{ID: "price", Label: r.Say("console.list.price"), Sorted: true, Number: true},
		{ID: "regular", Label: r.Say("console.price.regular"), Sorted: true, Number: true},
	}}
	for i := len(all) - 1; i >= 0; i-- {
		p := &all[i]
		l.Rows = append(l.Rows, page.Row{Cells: []page.Cell{
			moment(p.At, r.Say("console.list.always")),
			plainCell(firstOf(p.Channel, r.Say("console.price.everywhere"))),
			{Text: c.cash(r, p.Price), Sort: p.Price},
			{Text: c.cash(r, p.Regular), Sort: p.Regular},
		}})
	}
	l.Arrange()
	return l, nil
}

func (c *Console) missingPrices(r *page.Context) (*page.List, error) {
	missing, err := c.app.MissingPrices(r.Ctx())
	if err != nil {
		return nil, err
	}
	l := &page.List{
		ID: "missing", Path: pricesPath, Query: r.Query(), Search: r.Say("console.prices.search"),
		Empty: r.Say("console.prices.none"),
		Columns: []page.Column{
			{ID: "sku", Label: r.Say("console.price.sku"), Sorted: true},
			{ID: "name", Label: r.Say("console.price.product"), Sorted: true},
			{ID: "channel", Label: r.Say("console.price.channel"), Sorted: true, Filter: true},
			{ID: "sold", Label: r.Say("console.price.sold"), Sorted: true, Number: true}, {ID: "at", Label: r.Say("console.list.when"), Sorted: true}, {ID: "actions"},
		},
	}
	for i := range missing {
		m := &missing[i]
		query := url.Values{"sku": {m.SKU}, "channel": {m.Channel}}
		l.Rows = append(l.Rows, page.Row{Cells: []page.Cell{
			plainCell(m.SKU), plainCell(m.Name), plainCell(firstOf(m.Channel, r.Say("console.price.everywhere"))), {Text: c.cash(r, m.Sold), Sort: m.Sold}, {At: m.At},
			{Actions: []page.Action{{Label: r.Say("console.price.set"), Path: pricesPath + "?" + query.Encode(), Icon: "edit"}}},
		}})
	}
	l.Arrange()
	return l, nil
}

func (c *Console) setPrice(r *page.Context) error {
	form, err := r.ReadForm("sku", "channel", "price", "regular_price")
	if err != nil {
		return err
	}
	n := app.NewPrice{
		SKU: strings.TrimSpace(form.Get("sku")), Channel: strings.TrimSpace(form.Get("channel")),
		Price: decimal(form.Get("price")), Regular: decimal(form.Get("regular_price")), At: calendar.None,
	}
	err = c.app.SetPrice(r.Ctx(), n)
	if err == nil {
		return r.Done(pricesPath, "console.saved")
	}
	if !r.Refuse(form, err) {
		return err
	}
	d, err := c.pricesRecord(r, form)
	if err != nil {
		return err
	}
	return mend(r, d)
}

// decimal takes a decimal comma for a point.
func decimal(written string) string {
	return strings.Replace(strings.TrimSpace(written), ",", ".", 1)
}
