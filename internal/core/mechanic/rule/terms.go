package rule

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"premia/internal/core/calendar"
	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/text"
)

// Pending is how long an award waits before it can be spent.
type Pending struct {
	Until  string         `doc:"until" help:"the event type of the same order that makes it spendable, such as delivered"`
	AtMost *document.Span `doc:"at most" help:"the longest wait for that event; without it, for ever"`
	For    document.Span
}

// Shorthand reads a plain length of time.
func (p *Pending) Shorthand(text string) error {
	s, err := document.ParseSpan(text)
	p.For = s
	return err
}

// Expires is when an award is gone.
type Expires struct {
	After       *document.Span `doc:"after" help:"a length of time after it was earned"`
	At          string         `doc:"at" enum:"end of month|end of quarter|end of year" help:"and then to the end of that period"`
	On          *MonthDay      `doc:"on" help:"at the end of this day of the year, such as 31 December"`
	Activity    *document.Span `doc:"after activity" help:"a length of time after the member's last purchase"`
	Anniversary bool           `doc:"anniversary" help:"at the anniversary of joining"`
	Never       bool           `doc:"never"`
}

// Shorthand reads "never", "anniversary" or a length of time.
func (x *Expires) Shorthand(written string) error {
	switch written {
	case "never":
		x.Never = true
		return nil
	case "anniversary":
		x.Anniversary = true
		return nil
	}
	s, err := document.ParseSpan(written)
	if err != nil {
		return text.Advise(text.Say("{Text} is no expiry", strconv.Quote(written)), "write never, anniversary, a length of time such as 12mo, or {after: 12mo, at: end of month}")
	}
	x.After = &s
	return nil
}

// MonthDay is a day of every year, written "31 December" or "12-31".
type MonthDay struct {
	Month time.Month
	Day   int
}

var (
	monthDayWords  = regexp.MustCompile(`^([0-9]{1,2}) ([A-Za-z]+)$`)
	monthDayDigits = regexp.MustCompile(`^([0-9]{2})-([0-9]{2})$`)
)

// UnmarshalText reads "31 December" or "12-31".
func (m *MonthDay) UnmarshalText(src []byte) error {
	s := string(src)
	wrong := text.Advise(text.Say("{Text} is no day of the year", strconv.Quote(s)), "write it as 31 December, or 12-31")
	if p := monthDayDigits.FindStringSubmatch(s); p != nil {
		month, _ := strconv.Atoi(p[1])
		m.Month = time.Month(month)
		m.Day, _ = strconv.Atoi(p[2])
	} else if p := monthDayWords.FindStringSubmatch(s); p != nil {
		m.Day, _ = strconv.Atoi(p[1])
		for month := time.January; month <= time.December; month++ {
			if strings.EqualFold(month.String(), p[2]) {
				m.Month = month
			}
		}
	}
	// 2024 has every day that a year can have.
	if t := time.Date(2024, m.Month, m.Day, 0, 0, 0, 0, time.UTC); m.Month < 1 || m.Month > 12 || t.Day() != m.Day {
		return wrong
	}
	return nil
}

// String writes the day as 12-31.
func (m MonthDay) String() string { return fmt.Sprintf("%02d-%02d", int(m.Month), m.Day) }

// JSONSchema describes a day of the year to editors.
func (MonthDay) JSONSchema() map[string]any {
	return map[string]any{"type": "string", "description": "a day of every year, such as 31 December or 12-31"}
}

var periods = map[string]calendar.Unit{
	"":               0,
	"end of month":   calendar.ByMonth,
	"end of quarter": calendar.ByQuarter,
	"end of year":    calendar.ByYear,
}

// CompileTerms checks when an award matures and expires; what a rule does not
// say is as in base, the wallet's own terms.
func CompileTerms(c *engine.Compiler, path string, p *Pending, x *Expires, base engine.Terms) engine.Terms {
	terms := base
	if p != nil {
		terms.Pending, terms.Await = engine.Span(p.For), 0
		switch {
		case p.Until != "":
			terms.Await, _ = c.EventType(path+".pending.until", p.Until)
			if p.AtMost != nil {
				terms.Pending = engine.Span(*p.AtMost)
			}
		case p.AtMost != nil:
			c.Problem(path+".pending", "missing", "at most says how long to wait, but not for what", "name the event type under until")
		}
	}
	if x != nil {
		terms.Expires = compileExpiry(c, path+".expires", x)
	}
	return terms
}

func compileExpiry(c *engine.Compiler, path string, x *Expires) engine.Expiry {
	said := 0
	var out engine.Expiry
	if x.After != nil {
		said++
		out = engine.Expiry{Kind: engine.ExpiresAfter, After: engine.Span(*x.After), At: periods[x.At]}
	}
	if x.Activity != nil {
		said++
		out = engine.Expiry{Kind: engine.ExpiresSliding, After: engine.Span(*x.Activity), At: periods[x.At]}
	}
	if x.On != nil {
		said++
		out = engine.Expiry{Kind: engine.ExpiresOn, Month: x.On.Month, Day: x.On.Day}
	}
	if x.Anniversary {
		said++
		out = engine.Expiry{Kind: engine.ExpiresAnniversary}
	}
	if x.Never {
		said++
	}
	if said == 0 && x.At != "" {
		said++
		out = engine.Expiry{Kind: engine.ExpiresAfter, At: periods[x.At]}
	}
	if said != 1 {
		c.Problem(path, "ambiguous", text.Say("this says {Count} different expiries", said), "choose one of after, at, on, after activity, anniversary and never")
	}
	if x.At != "" && x.After == nil && x.Activity == nil && said != 1 {
		c.Problem(path+".at", "ambiguous", "at goes with after", "write {after: 12mo, at: end of month}")
	}
	if (x.After != nil && x.After.IsZero() && x.At == "") || (x.Activity != nil && x.Activity.IsZero()) {
		c.Problem(path, "out_of_range", "an award that expires at once can never be spent", "write a length of time above zero")
	}
	return out
}
