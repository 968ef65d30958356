package reward

import (
	"slices"
	"strconv"
	"time"

	"premia/internal/core/calendar"
	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/rule"
	"premia/internal/core/text"
)

// Booking says at which times a service or an experience can be booked.
type Booking struct {
	Slots     []Slot         `doc:"slots" max_len:"1000" help:"the times at which it takes place, each with its places"`
	Timetable []Timetable    `doc:"timetable" max_len:"100" help:"the times of every week at which it takes place"`
	Closed    []Date         `doc:"closed" max_len:"1000" help:"days on which the timetable does not hold"`
	Ahead     *document.Span `doc:"ahead" help:"how long before it can be booked; for a timetable 90d if not said"`
}

// Date is a day of the calendar.
type Date = document.Date

// Slot is one time at which a reward takes place.
type Slot struct {
	At     document.Moment `doc:"at,required" help:"when it begins: 2026-05-01 18:00"`
	Places int64           `doc:"places,required" min:"1" max:"1000000" help:"for how many"`
}

// Timetable is times that come back every week.
type Timetable struct {
	Days   []string `doc:"days" enum:"mon|tue|wed|thu|fri|sat|sun" help:"on these weekdays; on all if not said"`
	Times  []string `doc:"times,required" min_len:"1" max_len:"200" pattern:"^([01][0-9]|2[0-3]):[0-5][0-9]$" help:"when it begins: [\"09:00\", \"10:30\"]"`
	Places int64    `doc:"places,required" min:"1" max:"1000000" help:"for how many each time"`
}

// Appointment is one time that can be booked.
type Appointment struct {
	At     calendar.Instant
	Places int64
}

// booking is a compiled Booking.
type booking struct {
	listed []Appointment // by instant
	weekly []week
	closed map[Date]bool
	ahead  calendar.Span // zero: as long as there are slots
	quota  ledger.Name
	zone   *time.Location
}

// week is one time of day on some weekdays.
type week struct {
	days   uint8 // a bit for each weekday from Monday
	minute int   // of the day
	places int64
}

// compileBooking checks the times; nil if the reward has none.
func compileBooking(c *engine.Compiler, path string, r *Reward) *booking {
	from := &r.Booking
	if len(from.Slots)+len(from.Timetable) == 0 {
		if len(from.Closed) > 0 || from.Ahead != nil {
			c.Problem(path, "never_applies", "there is no time that could be booked", "write slots or a timetable")
		}
		return nil
	}
	if r.Date != nil {
		c.Problem(path+".date", "ambiguous", "a reward that is booked has no date of its own", "leave out date, or slots and timetable")
	}
	b := &booking{zone: c.Program.Zone, closed: map[Date]bool{}, quota: c.Program.Names.Number("budget.reward." + r.ID + ".places")}
	for i := range from.Slots {
		s := &from.Slots[i]
		b.listed = append(b.listed, Appointment{calendar.Of(s.At.In(b.zone)), s.Places})
	}
	slices.SortFunc(b.listed, func(x, y Appointment) int { return int(max(min(x.At-y.At, 1), -1)) })
	for i := 1; i < len(b.listed); i++ {
		if b.listed[i].At == b.listed[i-1].At {
			c.Problem(path+".slots", "duplicate_id", text.Say("two slots begin at {At}", b.listed[i].At.In(b.zone).Format("2006-01-02 15:04")), "write one with the places of both")
		}
	}
	b.compileWeeks(c, path, from.Timetable)
	for _, day := range from.Closed {
		b.closed[day] = true
	}
	switch {
	case from.Ahead != nil:
		b.ahead = engine.Span(*from.Ahead)
	case len(b.weekly) > 0:
		b.ahead = calendar.Span{Days: 90}
	}
	return b
}

func (b *booking) compileWeeks(c *engine.Compiler, path string, all []Timetable) {
	for i := range all {
		days := uint8(0)
		for n, name := range engine.Weekdays {
			if len(all[i].Days) == 0 || slices.Contains(all[i].Days, name) {
				days |= 1 << n
			}
		}
		for _, at := range all[i].Times {
			clock, err := time.Parse("15:04", at)
			if err != nil {
				continue // reading has said so
			}
			w := week{days, clock.Hour()*60 + clock.Minute(), all[i].Places}
			if slices.ContainsFunc(b.weekly, func(o week) bool { return o.minute == w.minute && o.days&w.days != 0 }) {
				c.Problem(path+".timetable["+strconv.Itoa(i)+"]", "duplicate_id", text.Say("the timetable has {At} twice on one weekday", at), "write it once with the places of both")
			}
			b.weekly = append(b.weekly, w)
		}
	}
	slices.SortFunc(b.weekly, func(x, y week) int { return x.minute - y.minute })
}

// places gives for how many an appointment begins at the instant; zero if none
// does. What is listed goes before the timetable. Of an hour that the clock
// passes twice only one is meant.
func (b *booking) places(at calendar.Instant) int64 {
	for i := range b.listed {
		if b.listed[i].At == at {
			return b.listed[i].Places
		}
	}
	local := at.In(b.zone)
	year, month, day := local.Date()
	if b.closed[Date{Year: year, Month: month, Day: day}] {
		return 0
	}
	for _, w := range b.weekly {
		if w.minute == local.Hour()*60+local.Minute() && w.on(local) && w.begins(local) == at {
			return w.places
		}
	}
	return 0
}

func (w week) on(local time.Time) bool { return w.days&(1<<((int(local.Weekday())+6)%7)) != 0 }

// begins gives the instant of the time on a day; for a time that the clock skips it
// is another one, which [booking.places] does not take for it.
func (w week) begins(day time.Time) calendar.Instant {
	return calendar.Of(time.Date(day.Year(), day.Month(), day.Day(), w.minute/60, w.minute%60, 0, 0, day.Location()))
}

// between lists the appointments that begin in a time, at most limit, in order.
func (b *booking) between(from, until calendar.Instant, limit int) []Appointment {
	var out []Appointment
	for _, a := range b.listed {
		if from <= a.At && a.At < until {
			out = append(out, a)
		}
	}
	start := from.In(b.zone)
	for n := 0; len(b.weekly) > 0 && len(out) < limit+len(b.listed); n++ {
		day := time.Date(start.Year(), start.Month(), start.Day()+n, 12, 0, 0, 0, b.zone)
		if calendar.Start(calendar.Of(day), calendar.ByDay, b.zone) >= until {
			break
		}
		for _, w := range b.weekly {
			at := w.begins(day)
			if !w.on(day) || at < from || at >= until || slices.ContainsFunc(b.listed, func(a Appointment) bool { return a.At == at }) {
				continue
			}
			if places := b.places(at); places > 0 {
				out = append(out, Appointment{at, places})
			}
		}
	}
	slices.SortFunc(out, func(x, y Appointment) int { return int(max(min(x.At-y.At, 1), -1)) })
	return out[:min(len(out), limit)]
}

// Booked tells whether a redemption of the reward names its slot.
func (x *Compiled) Booked() bool { return x.booking != nil }

// Appointments lists the slots that begin in a time and that could be booked at
// the instant now if they have places left, at most limit, in order.
func (x *Compiled) Appointments(now, from, until calendar.Instant, limit int) []Appointment {
	b := x.booking
	if b == nil {
		return nil
	}
	return b.between(max(from, now+1), min(until, b.last(now)+1), limit)
}

// Places is the quota of the places of a slot.
func (x *Compiled) Places(slot calendar.Instant) ledger.Quota {
	return ledger.Quota{Name: x.booking.quota, Window: int64(slot)}
}

// last gives the latest slot that can be booked at an instant.
func (b *booking) last(now calendar.Instant) calendar.Instant {
	if b.ahead.IsZero() {
		return calendar.Never - 1
	}
	return calendar.Add(now, b.ahead, b.zone)
}

// Bookable tells whether the event names a slot that can be booked now, its
// places aside, or none where the reward has no slots; if not, a step says why.
func (x *Compiled) Bookable(t *engine.Turn) bool {
	slot, b := t.Event.Slot, x.booking
	if slot == calendar.None && b == nil {
		return true
	}
	why := engine.Result(0)
	switch {
	case slot == calendar.None || b == nil || b.places(slot) == 0:
		why = engine.NoSlot
	case slot <= t.Clock:
		why = engine.SlotOver
	case slot > b.last(t.Clock):
		why = engine.SlotFar
	default:
		return true
	}
	t.Note(engine.Step{Rule: x.Name, Result: why, Base: int64(slot)})
	return false
}

// slotOf gives the slot that a redemption has booked.
func (x *Compiled) slotOf(open *ledger.Redemption) (calendar.Instant, bool) {
	for _, u := range open.Uses {
		if x.booking != nil && u.Quota.Name == x.booking.quota {
			return calendar.Instant(u.Quota.Window), true
		}
	}
	return calendar.None, false
}

// describe tells members when it takes place.
func (b *Booking) describe(d *engine.Description) {
	var times text.List
	for i := range b.Slots {
		times.Items = append(times.Items, text.New("reward.slot", "Date", rule.MomentWords(&b.Slots[i].At, d.Program.Zone), "Count", b.Slots[i].Places))
	}
	if len(times.Items) > 0 {
		d.Say(text.New("reward.slots", "Times", times))
	}
	for i := range b.Timetable {
		t := &b.Timetable[i]
		var clock text.List
		for _, at := range t.Times {
			clock.Items = append(clock.Items, at)
		}
		said := text.New("reward.timetable", "Times", clock, "Count", t.Places)
		if len(t.Days) > 0 {
			said.Args = append(said.Args, text.Arg{Name: "Days", Value: rule.WeekdaysWords(t.Days)})
		}
		d.Say(said)
	}
	var closed text.List
	for _, day := range b.Closed {
		closed.Items = append(closed.Items, text.Date{Year: day.Year, Month: day.Month, Day: day.Day})
	}
	if len(closed.Items) > 0 {
		d.Say(text.New("reward.closed", "Dates", closed))
	}
	switch {
	case b.Ahead != nil:
		d.Say(text.New("reward.ahead", "Span", rule.SpanWords(*b.Ahead)))
	case len(b.Timetable) > 0:
		d.Say(text.New("reward.ahead", "Span", text.Span{Days: 90}))
	}
}
