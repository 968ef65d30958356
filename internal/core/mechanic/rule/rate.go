// Package rule is what rules of all mechanics have in common: their parts in
// the document and how those are compiled. It holds no mechanic of its own.
package rule

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/govalues/decimal"

	"premia/internal/core/text"
)

// Rate is a number, a percentage, or a formula in the language of conditions.
type Rate struct {
	// Number is the number, or the percentage divided by a hundred; Formula is
	// then empty.
	Number  decimal.Decimal
	Percent bool
	Formula string
}

var (
	numberForm  = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?$`)
	percentForm = regexp.MustCompile(`^([0-9]+(?:\.[0-9]+)?) ?%$`)
	numberish   = regexp.MustCompile(`^[-+.0-9][-+.,0-9_eE]*$`)
)

// UnmarshalText reads "2", "1.5", "3%" or a formula.
func (r *Rate) UnmarshalText(src []byte) error {
	s := strings.TrimSpace(string(src))
	if m := percentForm.FindStringSubmatch(s); m != nil {
		d, err := decimal.Parse(m[1])
		if err != nil {
			return text.Advise(text.Say("{Text} has too many digits", s), "write at most 19 digits")
		}
		hundred := decimal.MustNew(1, 2)
		if d, err = d.MulExact(hundred, d.Scale()+2); err != nil {
			return text.Advise(text.Say("{Text} has too many digits", s), "write at most 17 digits")
		}
		*r = Rate{Number: d, Percent: true}
		return nil
	}
	if numberForm.MatchString(s) {
		d, err := decimal.Parse(s)
		if err != nil {
			return text.Advise(text.Say("{Text} has too many digits", s), "write at most 19 digits")
		}
		*r = Rate{Number: d}
		return nil
	}
	if s == "" || numberish.MatchString(s) {
		return text.Advise(text.Say("{Text} is no amount that can be given", strconv.Quote(s)), "write a number above zero such as 2 or 1.5, a percentage such as 3%, or a formula such as event.total * 0.05")
	}
	*r = Rate{Formula: s}
	return nil
}

// JSONSchema describes a rate to editors.
func (Rate) JSONSchema() map[string]any {
	return map[string]any{
		"description": "a number, a percentage such as 3%, or a formula",
		"anyOf": []any{
			map[string]any{"type": "number", "minimum": 0},
			map[string]any{"type": "string", "minLength": 1},
		},
	}
}

// Per is what a rate is counted by.
type Per struct {
	Items bool
	Money decimal.Decimal
}

// UnmarshalText reads "item" or an amount of money.
func (p *Per) UnmarshalText(src []byte) error {
	s := string(src)
	if s == "item" {
		*p = Per{Items: true}
		return nil
	}
	d, err := decimal.Parse(s)
	if !numberForm.MatchString(s) || err != nil || !d.IsPos() {
		return text.Advise(text.Say("{Text} is nothing to count by", strconv.Quote(s)), "write an amount of money above zero such as 1.00, or item")
	}
	*p = Per{Money: d}
	return nil
}

// JSONSchema describes what a rate can be counted by.
func (Per) JSONSchema() map[string]any {
	return map[string]any{
		"description": "an amount of money such as 1.00, or item",
		"anyOf": []any{
			map[string]any{"type": "number", "exclusiveMinimum": 0},
			map[string]any{"type": "string", "pattern": `^(item|[0-9]+(\.[0-9]+)?)$`},
		},
	}
}

// Hours is a part of the day, written "15:00-17:00"; the end is not in it. An
// end before the start goes over midnight.
type Hours struct {
	From, Until int // minutes of the day
}

var hoursForm = regexp.MustCompile(`^([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-4]):([0-5][0-9])$`)

// UnmarshalText reads "15:00-17:00".
func (h *Hours) UnmarshalText(src []byte) error {
	m := hoursForm.FindStringSubmatch(string(src))
	wrong := text.Advise(text.Say("{Text} is no part of a day", strconv.Quote(string(src))), "write from-until with two digits each, such as 15:00-17:00; 24:00 is the day's end")
	if m == nil {
		return wrong
	}
	var n [4]int
	for i := range n {
		n[i], _ = strconv.Atoi(m[i+1])
	}
	*h = Hours{From: n[0]*60 + n[1], Until: n[2]*60 + n[3]}
	if h.Until > 24*60 || h.From == h.Until {
		return wrong
	}
	return nil
}

// String writes the hours as the document does.
func (h Hours) String() string {
	return fmt.Sprintf("%02d:%02d-%02d:%02d", h.From/60, h.From%60, h.Until/60, h.Until%60)
}

// JSONSchema describes a part of the day to editors.
func (Hours) JSONSchema() map[string]any {
	return map[string]any{"type": "string", "pattern": hoursForm.String(), "description": "from-until, such as 15:00-17:00"}
}
