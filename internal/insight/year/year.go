package year

import (
	"cmp"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/mechanic/reward"
)

// days is how long a year is.
const days = 365

// Year is a year that was made up.
type Year struct {
	Events []*event.Event // in the order of time
	// Returned is what goods that came back had cost, in minor units, before the
	// program's reductions.
	Returned int64
	// End is the midnight after the last day.
	End calendar.Instant
}

// maker makes a year.
type maker struct {
	*shop
	chance
	out     Year
	rewards []reward.Compiled
	number  int
}

// Make makes up the year of a program from its folder. The error says what is wrong
// with the folder's files.
func Make(folder fs.FS, p *engine.Program, seed uint64) (*Year, error) {
	s, err := open(folder, p)
	if err != nil {
		return nil, err
	}
	m := &maker{shop: s, rewards: reward.Rewards(p)}
	m.out.End = calendar.Of(s.first().AddDate(0, 0, days))
	for no := range int(s.plan.Members) {
		// A stream of each member's own: one more leaves the others as they were.
		m.chance = newChance(seed, uint64(no)+1)
		m.member(no)
	}
	slices.SortStableFunc(m.out.Events, func(a, b *event.Event) int { return cmp.Compare(a.At, b.At) })
	for _, e := range m.out.Events {
		if err := e.Check(p.Currency.Code, p.Currency.Scale); err != nil {
			return nil, fmt.Errorf("the event %s: %w", e.ID, err)
		}
	}
	return &m.out, nil
}

// person is a member while their year is made.
type person struct {
	member string
	once   map[string]bool
}

// member makes what one member does in the year.
func (m *maker) member(no int) {
	who := &person{member: fmt.Sprintf("card:%07d", no+1), once: map[string]bool{}}
	visits := m.plan.Groups[m.group()].Visits
	from := 0
	if !m.in(m.plan.Joined) {
		from = m.IntN(days)
	}
	first := m.first()
	opens := first.AddDate(0, 0, from)
	joins := &event.Event{Type: event.Enrolment, Member: who.member, At: m.at(opens, 0)}
	if m.program.KnowsBirthdays() {
		born := first.AddDate(0, 0, m.IntN(days))
		joins.Data = []event.Datum{{Name: engine.BirthdayFact, Kind: event.Text, Text: born.Format("01-02")}}
	}
	m.add(joins)
	for d := from; d < days; d++ {
		day := first.AddDate(0, 0, d)
		busy := m.plan.Days[(int(day.Weekday())+6)%7] * m.plan.Months[day.Month()-1] // of 10,000
		for left := visits * busy / 10; left > 0; left -= days * 1000 {
			if m.Int64N(days*1000) < left {
				m.visit(who, m.at(day, 1+m.IntN(60*(m.plan.Hours.Until-m.plan.Hours.From)-1)))
			}
		}
	}
}

// group chooses how often a member comes.
func (m *maker) group() int {
	return m.weighted(m.groupWeights)
}

// at is so many minutes after the shop opens.
func (m *maker) at(day time.Time, minutes int) calendar.Instant {
	year, month, date := day.Date()
	return calendar.Of(time.Date(year, month, date, m.plan.Hours.From, minutes, 0, 0, m.program.Zone))
}

// add keeps an event of the year, and drops one after its end.
func (m *maker) add(e *event.Event) bool {
	if e.At >= m.out.End {
		return false
	}
	m.number++
	e.ID = fmt.Sprintf("year-%07d", m.number)
	m.out.Events = append(m.out.Events, e)
	return true
}

// visit is a purchase and what goes with it.
func (m *maker) visit(who *person, at calendar.Instant) {
	e := &event.Event{Type: event.Purchase, Member: who.member, At: at}
	e.Channel = m.channel()
	if len(m.plan.Stores) > 0 {
		e.Store = m.plan.Stores[m.IntN(len(m.plan.Stores))]
	}
	m.basket(e)
	e.Order = fmt.Sprintf("order-%07d", m.number+1)
	m.add(e)
	if m.in(m.plan.Rewards) {
		m.ask(who, at+2*calendar.Minute)
	}
	if m.in(m.plan.Returns) {
		m.giveBack(e)
	}
	for i := range m.plan.Events {
		m.happens(who, e, &m.plan.Events[i])
	}
}

func (m *maker) channel() string {
	if len(m.channels) == 0 {
		return ""
	}
	return m.channels[m.weighted(m.channelWeights)]
}

// basket fills a purchase.
func (m *maker) basket(e *event.Event) {
	bought := map[int]bool{}
	for range m.lines[m.weighted(m.lineWeights)] {
		at := m.weighted(m.weights)
		if bought[at] {
			continue
		}
		bought[at] = true
		p := &m.products[at]
		pieces := int64(1 + m.IntN(p.most))
		e.Items = append(e.Items, event.Item{
			SKU: p.sku, Category: p.category, Brand: p.brand,
			Quantity: pieces * engine.Power10(event.QuantityScale), GivenUnitPrice: true,
			UnitPrice: p.price * engine.Power10(event.UnitPriceScale-m.program.Currency.Scale),
		})
	}
	if m.plan.Prices == event.ListPrices {
		e.Prices = event.ListPrices
	}
	if cost, ok := m.shipping[e.Channel]; ok {
		e.Shipping = cost
		e.Given |= event.GivenShipping
	}
}

// ask is a member asking for one of the rewards, who may not have enough for it.
func (m *maker) ask(who *person, at calendar.Instant) {
	if len(m.rewards) == 0 {
		return
	}
	r := &m.rewards[m.IntN(len(m.rewards))]
	if len(r.Prices) == 0 {
		return // a code for everybody, which costs nothing
	}
	e := &event.Event{Type: event.Redemption, Member: who.member, At: at, Reward: r.Source.ID}
	if r.Booked() {
		slots := r.Appointments(at, at, at+30*calendar.Day, 100)
		if len(slots) == 0 {
			return
		}
		e.Slot = slots[m.IntN(len(slots))].At
	}
	m.add(e)
}

// giveBack returns one line of a purchase, within two weeks.
func (m *maker) giveBack(bought *event.Event) {
	item := bought.Items[m.IntN(len(bought.Items))]
	at := bought.At + calendar.Instant(1+m.IntN(14))*calendar.Day
	back := event.Item{SKU: item.SKU, Quantity: item.Quantity}
	if m.add(&event.Event{Type: event.Return, Member: bought.Member, At: at, Order: bought.Order, Items: []event.Item{back}}) {
		m.out.Returned += item.Quantity / engine.Power10(event.QuantityScale) * (item.UnitPrice / engine.Power10(event.UnitPriceScale-m.program.Currency.Scale))
	}
}

// happens adds an event that goes with a purchase.
func (m *maker) happens(who *person, bought *event.Event, h *Happens) {
	if !m.in(h.Share) || h.Once && who.once[h.Type] {
		return
	}
	e := &event.Event{Type: h.Type, Member: who.member, At: bought.At + 10*calendar.Minute, Channel: bought.Channel, Store: bought.Store}
	if h.After != nil {
		e.At = calendar.Add(bought.At, engine.Span(*h.After), m.program.Zone)
	}
	if h.Order {
		e.Order = bought.Order
	}
	for i := range h.fields {
		d, ok := m.datum(bought, &h.fields[i])
		if !ok {
			return
		}
		e.Data = append(e.Data, d)
	}
	who.once[h.Type] = true
	m.add(e)
}

// datum gives a field of an event, and whether it has a value.
func (m *maker) datum(bought *event.Event, f *field) (event.Datum, bool) {
	d := f.datum
	if f.category != "" {
		for i := range bought.Items {
			if bought.Items[i].Category == f.category {
				d.Whole += bought.Items[i].Quantity / engine.Power10(event.QuantityScale)
			}
		}
		return d, d.Whole > 0
	}
	if f.more > 0 {
		d.Whole += m.Int64N(f.more + 1)
	}
	return d, true
}
