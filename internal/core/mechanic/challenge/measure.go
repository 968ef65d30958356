package challenge

import (
	"cmp"
	"time"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
)

// measure is what counts.
type measure uint8

const (
	events measure = iota
	items
	spend
	earned
	products
	categories
	brands
	stores
	days
	stamps  // a whole item is a stamp
	periods // of a streak
)

var measures = map[string]measure{
	"": events, "events": events, "items": items, "spend": spend, "earned": earned,
	"products": products, "categories": categories, "brands": brands, "stores": stores, "days": days,
}

var measureNames = [...]string{
	"events", "items", "spend", "earned", "products", "categories", "brands", "stores", "days", "stamps", "periods",
}

// distinct tells whether different values count rather than a sum.
func (m measure) distinct() bool { return m >= products && m <= days }

// counts tells whether what counts is money, or the unit of a wallet, which is else nil.
func (x *tracker) counts() (wallet *engine.Wallet, money bool) {
	if x.measure == earned {
		return x.wallet, false
	}
	return nil, x.measure == spend
}

// scale is the number of decimals of what counts.
func (x *tracker) scale() int {
	switch x.measure {
	case items:
		return event.QuantityScale
	case spend:
		return x.currency.Scale
	case earned:
		if x.wallet != nil {
			return x.wallet.Unit.Scale
		}
	}
	return 0
}

// measured adds to out what the event counts for with the marked items (nil: all
// of it): one amount, or one for each different value.
func (x *tracker) measured(t *engine.Turn, marks []bool, out []engine.Counted) []engine.Counted {
	amount := int64(0)
	switch x.measure {
	case events:
		amount = 1
	case items:
		amount = quantity(t.Event, marks)
	case stamps:
		amount = quantity(t.Event, marks) / engine.Power10(event.QuantityScale)
	case spend:
		amount = t.Counted(x.without, marks)
	case earned:
		amount = x.earned(t)
	case stores:
		return x.met(out, t.Event.Store)
	case days:
		return append(out, engine.Counted{Rule: x.Name, Value: ordinal(t.At, calendar.ByDay, t.Program.Zone), Amount: 1})
	case periods:
		return append(out, engine.Counted{Rule: x.Name, Value: ordinal(t.At, x.unit, t.Program.Zone), Amount: 1})
	default:
		for i := range t.Event.Items {
			if marks == nil || marks[i] {
				out = x.met(out, x.valueOf(&t.Event.Items[i]))
			}
		}
		return out
	}
	if amount <= 0 {
		return out
	}
	return append(out, engine.Counted{Rule: x.Name, Amount: amount})
}

// quantity adds up the marked items, in thousandths.
func quantity(e *event.Event, marks []bool) int64 {
	sum := int64(0)
	for i := range e.Items {
		if marks == nil || marks[i] {
			sum += e.Items[i].Quantity
		}
	}
	return sum
}

func (x *tracker) valueOf(i *event.Item) string {
	switch x.measure {
	case categories:
		return i.Category
	case brands:
		return i.Brand
	}
	return cmp.Or(i.SKU, i.Name)
}

// met adds a value once; an empty one is none.
func (x *tracker) met(out []engine.Counted, value string) []engine.Counted {
	if value == "" {
		return out
	}
	h := hash(value)
	for i := range out {
		if out[i].Value == h {
			return out
		}
	}
	return append(out, engine.Counted{Rule: x.Name, Value: h, Amount: 1})
}

// earned adds up what the event itself brings in the wallet; what goals and levels
// give is beside that.
func (x *tracker) earned(t *engine.Turn) int64 {
	sum := int64(0)
	for i := range t.Awards {
		if a := &t.Awards[i]; a.Giving.Wallet == x.wallet && !t.Program.Rules[a.Giving.Rule].Apart {
			sum += a.Amount
		}
	}
	return sum
}

// ordinal numbers days, weeks from Monday, and months of the zone's calendar, one
// after another.
func ordinal(at calendar.Instant, u calendar.Unit, zone *time.Location) int64 {
	year, month, day := at.In(zone).Date()
	if u == calendar.ByMonth {
		return int64(year)*12 + int64(month)
	}
	n := time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / int64(24*time.Hour/time.Second)
	if u == calendar.ByWeek {
		return (n + 3) / 7 // 1970 began on a Thursday
	}
	return n
}
