package demo

import (
	"cmp"
	"slices"

	"premia/internal/core/calendar"
	"premia/internal/core/event"
)

// treat is a reward as people of the demo think of it: what it costs them, how
// much they like it, and how it reaches them.
type treat struct {
	reward string
	price  int64 // beans
	liking int
	how    string
}

var treats = []treat{
	{"espresso", 120, 50, "collect"},
	{"cake", 240, 25, "collect"},
	{"soup", 100, 8, ""},
	{"mug", 400, 12, "send"},
}

const (
	// ripening is how long people leave beans alone: longer than they are pending.
	ripening = 4 * calendar.Day
	// reserve is what nobody spends, in beans: a correction may take some.
	reserve = 30
)

// redeem lets members spend what they earned, when they come anyway.
func (y *year) redeem(c chance) {
	returned := map[*draft]bool{}
	bought := map[*person][]*draft{}
	for _, d := range y.drafts {
		switch {
		case d.event.Type == event.Return:
			returned[d.of] = true
		case d.event.Type == event.Purchase && d.who != nil:
			bought[d.who] = append(bought[d.who], d)
		}
	}
	for _, p := range y.people {
		visits := bought[p]
		slices.SortStableFunc(visits, func(a, b *draft) int { return cmp.Compare(a.at, b.at) })
		spent := int64(0)
		for i, d := range visits {
			if beans := ripe(visits[:i], returned, d.at) - spent - reserve; c.in(300) {
				spent += y.treat(c, d, beans)
			}
		}
	}
}

// ripe adds up the beans that purchases surely gave and that can be spent.
func ripe(visits []*draft, returned map[*draft]bool, at calendar.Instant) int64 {
	sum := int64(0)
	for _, d := range visits {
		if d.at+ripening > at || returned[d] {
			continue
		}
		counts := -d.event.PaidWithGiftCards
		for _, item := range d.event.Items {
			if item.Category != giftCards {
				counts += item.Quantity / 1000 * item.UnitPrice / groszMillionths
			}
		}
		sum += max(counts, 0) / 100
	}
	return sum
}

// treat lets a member take a reward that they can pay, and gives what it cost.
func (y *year) treat(c chance, visit *draft, beans int64) int64 {
	weights := make([]int, len(treats))
	for i := range treats {
		if treats[i].price <= beans {
			weights[i] = treats[i].liking
		}
	}
	if !slices.ContainsFunc(weights, func(w int) bool { return w > 0 }) {
		return 0
	}
	x := treats[c.weighted(weights)]
	at := visit.at + calendar.Instant(c.between(1, 4))*calendar.Minute
	e := &event.Event{Type: event.Redemption, Channel: visit.event.Channel, Store: visit.event.Store, Reward: x.reward}
	taken := y.add(draft{at: at, who: visit.who, event: e, prefix: "reward"})
	after := func(minutes int, next *event.Event) {
		y.add(draft{at: at + calendar.Instant(minutes)*calendar.Minute, who: visit.who, event: next, prefix: "reward", of: taken})
	}
	switch {
	case x.how == "send":
		after(c.between(24*60, 3*24*60), &event.Event{Type: event.Fulfilment, Status: "sent"})
	case x.how == "collect" && e.Channel == "app":
		e.Hold = true
		switch c.weighted([]int{80, 10, 10}) {
		case 0:
			after(6, &event.Event{Type: event.Confirmation})
			after(7, &event.Event{Type: event.Fulfilment, Status: "handed_over"})
		case 1:
			after(5, &event.Event{Type: event.Cancellation, Reason: "jednak nie zdążę"})
			return 0
		default:
			return 0 // nobody comes, and the hold ends by itself
		}
	case x.how == "collect":
		after(3, &event.Event{Type: event.Fulfilment, Status: "handed_over"})
	}
	if x.reward == "espresso" && c.in(20) {
		after(60, &event.Event{Type: event.Refund, Reason: "ekspres się zepsuł"})
		return 0
	}
	return x.price
}
