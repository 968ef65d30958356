package demo

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"time"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/journal"
)

// Seed is the seed of the year that `premia demo` shows.
const Seed = 2026

const (
	// Days is how long the year is, its last day included.
	Days = 365
	// people is how many join, in the year and before it.
	people = 480
	// guestVisits is how many visits of guests an ordinary day brings to the whole
	// chain, in hundredths.
	guestVisits = 900
	// before is how many days before the year the first members joined.
	before = 730

	zoneName = "Europe/Warsaw"
	currency = "PLN"
	wallet   = "beans"
)

// Happening is one event of the year, with the request that takes it to the
// journal: an import, in which an unknown card enrols nobody who did not join.
type Happening struct {
	journal.Request
	// Into is the identity of the member into whom this one is merged; its number,
	// which only the journal knows, goes into the event's data.
	Into journal.Identity
}

// Year gives a chain's year whose last day is the one of the instant in Warsaw,
// in the order of time. Some enrolments lie in the two years before it.
func Year(seed uint64, until time.Time) iter.Seq[Happening] {
	return slices.Values(newYear(seed, until).happenings())
}

func newYear(seed uint64, until time.Time) *year {
	zone, err := calendar.Zone(zoneName)
	if err != nil {
		panic("demo: " + err.Error()) // the zones are embedded
	}
	y := &year{last: dayOf(until, zone)}
	y.first = y.last.plus(1 - Days)
	y.join(newChance(seed, streamPeople))
	y.visit(newChance(seed, streamVisits))
	y.guests(newChance(seed, streamGuests))
	y.redeem(newChance(seed, streamRewards))
	y.office(newChance(seed, streamOffice))
	return y
}

// year is a year in the making.
type year struct {
	first, last day
	people      []*person
	drafts      []*draft
}

// draft is an event whose number is not known yet: orders are numbered in the
// order of time, and what refers to an order is told its number then.
type draft struct {
	at     calendar.Instant
	who    *person // nil for a guest
	event  *event.Event
	prefix string // of the event's id
	of     *draft // the purchase that it returns or claims, or the redemption that it leads on
	store  int
	enrols bool
	into   *person
}

func (y *year) add(d draft) *draft {
	d.event.At = d.at
	y.drafts = append(y.drafts, &d)
	return &d
}

// join lets people become members.
func (y *year) join(c chance) {
	for no := range people {
		p := c.person(no + 1)
		switch p.habit.kind {
		case newcomer:
			p.joins, p.last = y.last.plus(-c.between(0, 42)), y.last
		case lapsed:
			p.joins = y.first.plus(c.between(-before, 120))
			p.last = y.first.plus(c.between(150, 270))
		default:
			p.joins, p.last = y.first.plus(c.between(-before, Days-43)), y.last
		}
		for p.joins.busy() == 0 {
			p.joins = p.joins.plus(-1)
		}
		p.joined, _ = p.joins.moment(c)
		y.people = append(y.people, p)
		y.enrol(c, p)
	}
}

// enrol adds the enrolment, and what comes with it for some.
func (y *year) enrol(c chance, p *person) {
	e := &event.Event{Type: event.Enrolment, Channel: "till", Store: bars[p.home].id}
	if c.in(p.app) {
		e.Channel, e.Store = "app", ""
	}
	y.add(draft{at: p.joined, who: p, event: e, prefix: "join", enrols: true})
	if p.email != "" && c.in(550) {
		signed := p.joined + calendar.Instant(c.between(2, 20*24*60))*calendar.Minute
		y.add(draft{at: signed, who: p, event: &event.Event{Type: "newsletter", Channel: "web"}, prefix: "newsletter"})
	}
	if p.habit.kind == newcomer && c.in(400) {
		y.claim(c, p)
	}
}

// claim lets a new member claim a purchase made as a guest some days before.
func (y *year) claim(c chance, p *person) {
	day := p.joins.plus(-c.between(1, 9))
	if day.busy() == 0 {
		return
	}
	at, hour := day.moment(c)
	bought := y.purchase(c, nil, p.home, at, hour, "till")
	claimed := p.joined + calendar.Instant(c.between(3, 600))*calendar.Minute
	y.add(draft{at: claimed, who: p, event: &event.Event{Type: event.Claim, Channel: "app"}, prefix: "claim", of: bought})
}

// visit lets members come and buy, each with their own habit.
func (y *year) visit(c chance) {
	for _, p := range y.people {
		for d := y.first; !y.after(d, p.last); d = d.plus(1) {
			if !y.after(d, p.joins) || !c.in(p.visits*d.busy()/1000) {
				continue
			}
			at, hour := d.moment(c)
			y.come(c, p, at, hour)
		}
		y.firstVisit(c, p)
	}
}

// firstVisit is the purchase with which most people who join in the year begin.
func (y *year) firstVisit(c chance, p *person) {
	if y.after(y.first, p.joins) || c.in(150) {
		return
	}
	at := p.joined + calendar.Instant(c.between(1, 8))*calendar.Minute
	if hour := at.In(p.joins.zone).Hour(); hour < closing {
		y.purchase(c, p, p.home, at, hour, "till")
	}
}

// come is one visit of a member: a purchase, and now and then more.
func (y *year) come(c chance, p *person, at calendar.Instant, hour int) {
	where := p.home
	if c.in(130) {
		where = c.store()
	}
	channel := "till"
	if c.in(p.app) {
		channel = "app"
	}
	if c.in(p.habit.check) {
		y.add(draft{at: at - calendar.Instant(c.between(1, 6))*calendar.Minute, who: p, prefix: "visit",
			event: &event.Event{Type: "check-in", Channel: "app", Store: bars[where].id}})
	}
	bought := y.purchase(c, p, where, at, hour, channel)
	if c.in(14) {
		y.giveBack(c, bought)
	}
	if c.in(p.habit.reviews) {
		y.review(c, p, at)
	}
}

// purchase adds a purchase; nobody is a guest.
func (y *year) purchase(c chance, p *person, where int, at calendar.Instant, hour int, channel string) *draft {
	e := &event.Event{Type: event.Purchase, Channel: channel, Store: bars[where].id}
	c.basket(e, hour)
	return y.add(draft{at: at, who: p, event: e, prefix: "till", store: where})
}

// giveBack returns one line of a purchase, within two days.
func (y *year) giveBack(c chance, bought *draft) {
	item := bought.event.Items[c.IntN(len(bought.event.Items))]
	at := bought.at + calendar.Instant(c.between(4, 2*24*60))*calendar.Minute
	e := &event.Event{Type: event.Return, Channel: "till", Store: bought.event.Store, Items: []event.Item{item},
		Reason: one(c, []string{"nie takie, jak zamówione", "za zimna kawa", "pomyłka przy zamówieniu", "towar uszkodzony"})}
	y.add(draft{at: at, who: bought.who, event: e, prefix: "return", of: bought, store: bought.store})
}

func (y *year) review(c chance, p *person, at calendar.Instant) {
	e := &event.Event{Type: "review", Channel: "app", Data: []event.Datum{
		{Name: "photo", Kind: event.Truth, Whole: int64(c.weighted([]int{70, 30}))},
		{Name: "rating", Kind: event.Whole, Whole: int64(5 - c.weighted([]int{52, 30, 11, 5, 2}))},
	}}
	y.add(draft{at: at + calendar.Instant(c.between(15, 30*60))*calendar.Minute, who: p, event: e, prefix: "review"})
}

// guests buy without a card.
func (y *year) guests(c chance) {
	for d := y.first; !y.after(d, y.last); d = d.plus(1) {
		for range guestVisits * d.busy() / 100_000 {
			at, hour := d.moment(c)
			bought := y.purchase(c, nil, c.store(), at, hour, "till")
			if c.in(10) {
				y.giveBack(c, bought)
			}
		}
	}
}

// office is what the chain's people do: they apologise with beans, correct
// mistakes, and on the last day merge the memberships of those who have two.
func (y *year) office(c chance) {
	for range 24 {
		p := one(c, y.people)
		d := y.first.plus(c.between(30, Days-2))
		if !y.after(d, p.joins) || y.after(d, p.last) {
			continue
		}
		amount, reason := int64(c.between(2, 8)*5), "przeprosiny za długie czekanie"
		if c.in(250) {
			amount, reason = -int64(c.between(1, 4)*5), "ziarnka za zamówienie, które zwrócono"
		}
		y.add(draft{at: d.at(c.between(9, 16), c.IntN(60), 0), who: p, prefix: "office",
			event: &event.Event{Type: event.Adjustment, Wallet: wallet, Amount: amount, Given: event.GivenAmount, Reason: reason}})
	}
	for i := range 3 {
		y.twice(c, i)
	}
}

// twice lets a loyal member who lost the card join again, come a few times with
// the new one, and have both made one.
func (y *year) twice(c chance, i int) {
	loyals := slices.DeleteFunc(slices.Clone(y.people), func(p *person) bool {
		return p.habit.kind != loyal || p.no > people || y.after(p.joins, y.first)
	})
	first := loyals[(i*7+3)%len(loyals)]
	again := *first
	again.no, again.card = people+1+i, card(people+1+i)
	again.email, again.phone = "", ""
	again.joins = y.last.plus(-c.between(20, 60))
	y.people = append(y.people, &again)
	y.add(draft{at: again.joins.at(9, 30+i, 0), who: &again, enrols: true, prefix: "join",
		event: &event.Event{Type: event.Enrolment, Channel: "till", Store: bars[again.home].id}})
	for n := range c.between(3, 8) {
		if d := again.joins.plus(1 + 2*n); d.busy() > 0 {
			at, hour := d.moment(c)
			y.purchase(c, &again, again.home, at, hour, "till")
		}
	}
	y.add(draft{at: y.last.at(17, 10+i, 0), who: &again, into: first, prefix: "merge",
		event: &event.Event{Type: event.Merge, Reason: "druga karta tej samej osoby"}})
}

// after tells whether a day comes after another.
func (y *year) after(d, other day) bool { return d.at(12, 0, 0) > other.at(12, 0, 0) }

// happenings puts the drafts in order, numbers them and makes them requests.
func (y *year) happenings() []Happening {
	end := y.last.plus(1).at(0, 0, 0)
	drafts := slices.DeleteFunc(y.drafts, func(d *draft) bool { return d.at >= end })
	slices.SortStableFunc(drafts, func(a, b *draft) int { return cmp.Compare(a.at, b.at) })
	all := make([]Happening, 0, len(drafts))
	numbers := map[string]int{}
	for _, d := range drafts {
		number(d, numbers)
		if err := d.event.Check(currency, 2); err != nil {
			panic(fmt.Sprintf("demo: event %s: %v", d.event.ID, err))
		}
		all = append(all, d.happening())
	}
	return all
}

// number gives the event its id and, where it has one, its order.
func number(d *draft, numbers map[string]int) {
	zone := zoneOf(d.at)
	switch {
	case d.event.Type == event.Purchase:
		series := bars[d.store].code + zone.Format("-060102")
		numbers[series]++
		d.event.Order = fmt.Sprintf("%s-%03d", series, numbers[series])
		d.event.ID = d.prefix + "-" + d.event.Order
		return
	case d.of != nil && d.of.event.Type == event.Redemption:
		d.event.Redemption = d.of.event.ID
	case d.of != nil:
		d.event.Order = d.of.event.Order
	}
	series := d.prefix + zone.Format("-060102")
	numbers[series]++
	d.event.ID = fmt.Sprintf("%s-%03d", series, numbers[series])
}

func zoneOf(at calendar.Instant) time.Time {
	zone, err := calendar.Zone(zoneName)
	if err != nil {
		panic("demo: " + err.Error())
	}
	return at.In(zone)
}

func (d *draft) happening() Happening {
	h := Happening{Request: journal.Request{Event: d.event}}
	switch {
	case d.enrols:
		h.Request = d.who.enrol(d.event)
	case d.who != nil:
		h.Identity = d.who.identity()
	}
	h.Import = true
	h.Unknown = engine.EnrolUnknown
	if d.who == nil {
		h.Unknown = engine.GuestUnknown
	}
	if d.into != nil {
		h.Into = d.into.identity()
	}
	return h
}
