package rule

import (
	"time"

	"premia/internal/core/calendar"
	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/ledger"
)

// Window is when a rule applies.
type Window struct {
	From  *document.Moment `doc:"from" help:"the first day, or moment"`
	Until *document.Moment `doc:"until" help:"the last day, included, or the moment at which it ends"`
	Days  []string         `doc:"days" enum:"mon|tue|wed|thu|fri|sat|sun" help:"only on these weekdays"`
	Hours *Hours           `doc:"hours" help:"only in this part of the day, such as 15:00-17:00"`
}

// CompiledWindow is a window in instants.
type CompiledWindow struct {
	From, Until calendar.Instant // Until is the first instant after it
	Days        uint8            // a bit for each weekday from Monday; 0 means every day
	Hours       *Hours
}

// CompileWindow checks the rule's window and lets explanations name it.
func CompileWindow(c *engine.Compiler, path string, rule ledger.Name, w *Window) CompiledWindow {
	c.Window(rule, w.words(c.Program.Zone))
	out := CompiledWindow{From: calendar.Beginning, Until: calendar.Never, Hours: w.Hours}
	if w.From != nil {
		out.From = calendar.Of(w.From.In(c.Program.Zone))
	}
	if w.Until != nil {
		out.Until = calendar.Of(w.Until.In(c.Program.Zone))
		if !w.Until.HasTime {
			out.Until = calendar.End(out.Until, calendar.ByDay, c.Program.Zone)
		}
	}
	if out.From >= out.Until {
		c.Problem(path+".until", "never_applies", "it ends before it begins, so it can never apply", "write a later day under until")
	}
	for _, day := range w.Days {
		for i, name := range engine.Weekdays {
			if name == day {
				out.Days |= 1 << i
			}
		}
	}
	if out.neverOpens(c.Program.Zone) {
		key := ".days"
		if len(w.Days) == 0 {
			key = ".hours"
		}
		c.Problem(path+key, "never_applies", "nothing of this is between from and until, so it can never apply", "write other days or hours, or a longer time")
	}
	return out
}

// neverOpens tells whether no moment between from and until is of the weekdays and
// hours. In more than eight days there is one of each.
func (w *CompiledWindow) neverOpens(zone *time.Location) bool {
	if w.Days == 0 && w.Hours == nil || w.From >= w.Until || w.Until-w.From > 8*calendar.Day {
		return false
	}
	for at := w.From; at < w.Until; at += calendar.Minute {
		if w.inside(at, zone) {
			return false
		}
	}
	return true
}

// Always tells whether the window has no bounds at all.
func (w *CompiledWindow) Always() bool {
	return w.From == calendar.Beginning && w.Until == calendar.Never && w.Days == 0 && w.Hours == nil
}

// Edges lists the instants from from until before until at which the window may
// open or close; those of weekdays and hours only from recent on.
func (w *CompiledWindow) Edges(from, recent, until calendar.Instant, zone *time.Location) []calendar.Instant {
	var out []calendar.Instant
	add := func(at calendar.Instant) {
		if from <= at && at < until {
			out = append(out, at)
		}
	}
	add(w.From)
	add(w.Until)
	if w.Days == 0 && w.Hours == nil {
		return out
	}
	for day := calendar.Start(max(from, recent, w.From), calendar.ByDay, zone); day < min(until, w.Until); day = calendar.End(day, calendar.ByDay, zone) {
		add(day)
		if w.Hours != nil {
			for _, minute := range [...]int{w.Hours.From, w.Hours.Until} {
				year, month, date := day.In(zone).Date()
				add(calendar.Of(time.Date(year, month, date, minute/60, minute%60, 0, 0, zone)))
			}
		}
	}
	return out
}

// Check gives zero inside the window, and otherwise why the rule does not apply
// at the event's moment.
func (w *CompiledWindow) Check(t *engine.Turn) engine.Result {
	switch {
	case t.At < w.From:
		return engine.NotYet
	case t.At >= w.Until:
		return engine.Over
	case w.Days == 0 && w.Hours == nil, w.inside(t.At, t.Program.Zone):
		return 0
	}
	return engine.WrongTime
}

// inside tells whether an instant is of the weekdays and hours.
func (w *CompiledWindow) inside(instant calendar.Instant, zone *time.Location) bool {
	at := instant.In(zone)
	minute := at.Hour()*60 + at.Minute()
	day := (int(at.Weekday()) + 6) % 7
	if w.Hours != nil && w.Hours.From > w.Hours.Until && minute < w.Hours.Until {
		// After midnight the hours still belong to the day on which they began.
		day, minute = (day+6)%7, minute+24*60
	}
	if w.Days != 0 && w.Days&(1<<day) == 0 {
		return false
	}
	if w.Hours == nil {
		return true
	}
	until := w.Hours.Until
	if w.Hours.From > until {
		until += 24 * 60
	}
	return minute >= w.Hours.From && minute < until
}
