package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/event"
	"premia/internal/core/money"
	"premia/internal/store"
)

// NewPrices are prices that a shop tells.
type NewPrices struct {
	Prices []NewPrice `json:"prices" minItems:"1" maxItems:"1000"`
}

// NewPrice is what a product costs from a time on, until the next price of the same
// product and channel.
type NewPrice struct {
	SKU      string     `json:"sku,omitempty" example:"TEA-100"`
	Channel  string     `json:"channel,omitempty" doc:"where it costs that; without it, wherever there is no price of its own" example:"web"`
	Time     *time.Time `json:"time,omitempty" doc:"from when on, in the past or in the future; from now on if not said"`
	Regular  string     `json:"regular_price,omitempty" doc:"what it costs without a reduction; the price if not said" example:"49.90"`
	Price    string     `json:"price,omitempty" doc:"what it costs" example:"39.90"`
	Currency string     `json:"currency,omitempty" doc:"the program's if not said" example:"PLN"`
}

// PriceResults answer each price, in their order.
type PriceResults struct {
	Results []PriceResult `json:"results"`
}

// PriceResult is what became of one price.
type PriceResult struct {
	Status  int      `json:"status" doc:"200, or that of the problem"`
	Changed bool     `json:"changed" doc:"false where the same was known already"`
	Problem *Problem `json:"problem,omitempty"`
}

// Price is what a product costs.
type Price struct {
	SKU       string     `json:"sku" example:"TEA-100"`
	Channel   string     `json:"channel,omitempty" doc:"absent where the price holds wherever there is none of its own"`
	Time      string     `json:"time" format:"date-time" doc:"from when on"`
	Regular   Money      `json:"regular_price" doc:"what it costs without a reduction"`
	Price     Money      `json:"price" doc:"what it costs"`
	Reduction *Reduction `json:"reduction,omitempty" doc:"absent where the price is not reduced"`
}

// Reduction is what a shop must say of a reduced price.
type Reduction struct {
	Since   string   `json:"since" format:"date-time" doc:"when it was first applied, in its first step"`
	Lowest  *Money   `json:"lowest_price_30_days,omitempty" doc:"the lowest price of the 30 days before; absent where there is no earlier price"`
	From    *string  `json:"from,omitempty" format:"date-time" doc:"when these days begin: 30 days before, or when the product was first offered"`
	History string   `json:"history" enum:"full,short,none" doc:"short if the product was offered for less than 30 days before, none if it was reduced from its first day"`
	Words   []string `json:"words" doc:"what the shop shows, in the language asked for"`
}

// PriceHistory is what a product has cost.
type PriceHistory struct {
	SKU    string       `json:"sku" example:"TEA-100"`
	Prices []KnownPrice `json:"prices" doc:"the newest first"`
}

// KnownPrice is one price of a history.
type KnownPrice struct {
	Channel  string `json:"channel,omitempty"`
	Time     string `json:"time" format:"date-time" doc:"from when on"`
	Regular  Money  `json:"regular_price"`
	Price    Money  `json:"price"`
	Recorded string `json:"recorded" format:"date-time" doc:"when it was told"`
}

// SKUPath names a product.
type SKUPath struct {
	SKU     string `path:"sku" maxLength:"500" doc:"the product"`
	Channel string `query:"channel" maxLength:"500" doc:"where"`
}

func (s *Server) priceRoutes() {
	put := operation(http.MethodPut, "/v1/prices", "put-prices", "Prices", "Tell what products cost", auth.EventsWrite)
	put.MaxBodyBytes = maxBatchBody
	register(s, withExample(put, examplePrices), auth.EventsWrite, s.putPrices)
	one := operation(http.MethodGet, "/v1/prices/{sku}", "read-price", "Prices", "Read what a product costs and, where that is reduced, the lowest price of the 30 days before", auth.EventsRead)
	register(s, one, auth.EventsRead, s.readPrice)
	history := operation(http.MethodGet, "/v1/prices/{sku}/history", "list-prices", "Prices", "List what a product has cost", auth.EventsRead)
	register(s, history, auth.EventsRead, s.listPrices)
}

// putPrices keeps the prices that can be kept and says of each of the others why it
// can't.
func (s *Server) putPrices(ctx context.Context, in *struct {
	AcceptLanguage string `header:"Accept-Language"`
	Body           NewPrices
}) (*struct{ Body PriceResults }, error) {
	out := PriceResults{Results: make([]PriceResult, len(in.Body.Prices))}
	var kept []store.Price
	var places []int
	for i, n := range in.Body.Prices {
		price := app.NewPrice{SKU: n.SKU, Channel: n.Channel, Regular: n.Regular, Price: n.Price, Currency: n.Currency}
		if n.Time != nil {
			price.At = calendar.Of(*n.Time)
		}
		checked, err := s.app.CheckPrice(price)
		if err == nil {
			kept, places = append(kept, checked), append(places, i)
			continue
		}
		p := problemOf(err)
		if p.Code == app.CodeProgramMissing {
			return nil, err
		}
		s.metrics.refused(p.Code)
		out.Results[i] = PriceResult{Status: p.Status, Problem: s.say(p, in.AcceptLanguage)}
	}
	changed, err := s.app.PutPrices(ctx, kept)
	if err != nil {
		return nil, err
	}
	for k, i := range places {
		out.Results[i] = PriceResult{Status: http.StatusOK, Changed: changed[k]}
	}
	return &struct{ Body PriceResults }{out}, nil
}

func (s *Server) money(minor int64) Money {
	c := s.app.Program().Currency
	return Money{money.Format(minor, c.Scale), c.Code}
}

func (s *Server) readPrice(ctx context.Context, in *struct {
	SKUPath
	Category       string    `query:"category" maxLength:"500" doc:"the product's category, for promotions that ask for it"`
	Brand          string    `query:"brand" maxLength:"500" doc:"the product's brand, for promotions that ask for it"`
	Time           time.Time `query:"time" doc:"when; now if not said"`
	Lang           string    `query:"lang" enum:"en,pl,cs,ru" doc:"the language; that of Accept-Language if not said"`
	AcceptLanguage string    `header:"Accept-Language"`
}) (*struct{ Body Price }, error) {
	at := calendar.None
	if !in.Time.IsZero() {
		at = calendar.Of(in.Time)
	}
	p, err := s.app.Price(ctx, event.Item{SKU: in.SKU, Category: in.Category, Brand: in.Brand}, in.Channel, at, languageOf(in.Lang, in.AcceptLanguage))
	if err != nil {
		return nil, err
	}
	out := Price{
		SKU: in.SKU, Channel: p.Channel, Time: rfc3339(p.At), Regular: s.money(p.Regular), Price: s.money(p.Entry.Price),
		Reduction: s.reduction(&p),
	}
	return &struct{ Body Price }{out}, nil
}

// ItemPrice is what a shop must say of an item whose price is reduced.
type ItemPrice struct {
	Item      int       `json:"item" doc:"the item's place in the event, from 0"`
	SKU       string    `json:"sku"`
	Regular   Money     `json:"regular_price" doc:"what one costs without a reduction"`
	Price     Money     `json:"price" doc:"what one costs, with the promotions that anybody gets"`
	Reduction Reduction `json:"reduction"`
}

// itemPrices says of an event's items what a shop must say of reduced prices; nothing
// of products whose prices nobody has told.
func (s *Server) itemPrices(ctx context.Context, e *event.Event, lang string) ([]ItemPrice, error) {
	prices, err := s.app.ItemPrices(ctx, e.Items, e.Channel, e.At, lang)
	if err != nil {
		return nil, err
	}
	var out []ItemPrice
	for i, p := range prices {
		if p == nil {
			continue
		}
		if r := s.reduction(p); r != nil {
			out = append(out, ItemPrice{i, e.Items[i].SKU, s.money(p.Regular), s.money(p.Entry.Price), *r})
		}
	}
	return out, nil
}

// reduction is what is said of a reduced price; nil of one that is not.
func (s *Server) reduction(p *app.PriceOf) *Reduction {
	if p.Since == calendar.None {
		return nil
	}
	out := &Reduction{Since: rfc3339(p.Since), History: "none", Words: p.Says}
	if p.New {
		return out
	}
	lowest, from := s.money(p.Lowest), rfc3339(p.From)
	out.Lowest, out.From, out.History = &lowest, &from, "full"
	if p.Short {
		out.History = "short"
	}
	return out
}

func (s *Server) listPrices(ctx context.Context, in *struct {
	SKUPath
	Before time.Time `query:"before" doc:"those from before this time; all if not said"`
	Limit  int       `query:"limit" minimum:"1" maximum:"1000" default:"100" doc:"the most prices of the list"`
}) (*struct{ Body PriceHistory }, error) {
	all, err := s.app.Prices(ctx, in.SKU, in.Channel)
	if err != nil {
		return nil, err
	}
	out := PriceHistory{SKU: in.SKU, Prices: []KnownPrice{}}
	for _, p := range slices.Backward(all) {
		if len(out.Prices) < in.Limit && (in.Before.IsZero() || p.At < calendar.Of(in.Before)) {
			out.Prices = append(out.Prices, KnownPrice{p.Channel, rfc3339(p.At), s.money(p.Regular), s.money(p.Entry.Price), rfc3339(p.Recorded)})
		}
	}
	return &struct{ Body PriceHistory }{out}, nil
}
