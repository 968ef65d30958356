package document

import (
	"regexp"
	"strconv"
	"strings"

	"premia/internal/core/text"
)

// Span is a length of calendar time, such as 14d, 12mo or 1y6mo. Its parts are
// not converted into one another, since a month or a day has no fixed length;
// only a week is always seven days. Every part is zero or more.
type Span struct {
	Years, Months, Days, Hours, Minutes int
}

const (
	spanPattern = `^([0-9]{1,6}y)?([0-9]{1,6}mo)?([0-9]{1,6}w)?([0-9]{1,6}d)?([0-9]{1,6}h)?([0-9]{1,6}m)?$`
	spanHint    = "write a number with a unit: 1y, 12mo, 2w, 14d, 36h or 90m, or several from the longest to the shortest, such as 1y6mo"
	// maxSpanYears bounds a span, part by part, so that adding one to a date
	// stays within the calendar.
	maxSpanYears = 100
)

var spanForm = regexp.MustCompile(spanPattern)

// ParseSpan reads a span: numbers with the units y, mo, w, d, h, m, the longest
// first, each at most once, and each part at most 100 years.
func ParseSpan(written string) (Span, error) {
	parts := spanForm.FindStringSubmatch(written)
	if parts == nil || written == "" {
		return Span{}, text.Advise(text.Say("{Text} is not a length of time", quoteShort(written)), spanHint)
	}
	var n [7]int
	for i, part := range parts[1:] {
		if part == "" {
			continue
		}
		// The form admits six digits, which always fit.
		n[i], _ = strconv.Atoi(strings.TrimRight(part, "ymowdh"))
	}
	s := Span{Years: n[0], Months: n[1], Days: n[2]*7 + n[3], Hours: n[4], Minutes: n[5]}
	if s.Years > maxSpanYears || s.Months > maxSpanYears*12 || s.Days > maxSpanYears*366 ||
		s.Hours > maxSpanYears*366*24 || s.Minutes > maxSpanYears*366*24*60 {
		return Span{}, text.Advise(text.Say("{Text} is too long", written), text.Say("a span is at most {Count} years", maxSpanYears))
	}
	return s, nil
}

// String is the canonical form, which [ParseSpan] reads back: 1y6mo, 14d. The
// zero Span is 0d.
func (s Span) String() string {
	var b strings.Builder
	for _, part := range []struct {
		n    int
		unit string
	}{{s.Years, "y"}, {s.Months, "mo"}, {s.Days, "d"}, {s.Hours, "h"}, {s.Minutes, "m"}} {
		if part.n != 0 {
			b.WriteString(strconv.Itoa(part.n) + part.unit)
		}
	}
	if b.Len() == 0 {
		return "0d"
	}
	return b.String()
}

// IsZero tells whether the span has no length.
func (s Span) IsZero() bool { return s == Span{} }

// UnmarshalText reads a span as [ParseSpan] does.
func (s *Span) UnmarshalText(text []byte) (err error) {
	*s, err = ParseSpan(string(text))
	return err
}

// MarshalText writes the canonical form.
func (s Span) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// JSONSchema describes a span to editors.
func (Span) JSONSchema() map[string]any {
	return map[string]any{"type": "string", "minLength": 2, "pattern": spanPattern, "examples": []any{"14d", "12mo", "1y6mo", "36h"}}
}
