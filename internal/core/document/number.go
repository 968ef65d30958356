package document

import (
	"math"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"github.com/govalues/decimal"
	"go.yaml.in/yaml/v3"

	"premia/internal/core/text"
)

// maxDigits is how many digits a decimal may have, so that it is always exact.
const maxDigits = decimal.MaxPrec

var (
	wholeForm   = regexp.MustCompile(`^[+-]?(0|[1-9][0-9]*)$`)
	decimalForm = regexp.MustCompile(decimalPattern)
)

// decimalPattern is the one way to write a decimal.
const decimalPattern = `^[+-]?(0|[1-9][0-9]*)(\.[0-9]+)?$`

func (d *decoder) boolean(n *yaml.Node, v reflect.Value, at *place) {
	plain := n.Kind == yaml.ScalarNode && n.Style == 0
	switch {
	case plain && n.Value == "true", plain && n.Value == "false":
		v.SetBool(n.Value == "true")
		return
	}
	hint := text.Sentence("write true or false")
	switch strings.ToLower(n.Value) {
	case "yes", "on", "y", "true":
		hint = "write true, without quotes"
	case "no", "off", "n", "false":
		hint = "write false, without quotes"
	}
	d.wrongType(n, at, "true or false", hint)
}

func (d *decoder) integer(n *yaml.Node, v reflect.Value, at *place, r *rules) {
	const expected = "a whole number"
	if n.Kind != yaml.ScalarNode || n.Style != 0 || !wholeForm.MatchString(n.Value) {
		d.wrongType(n, at, expected, numberHint(n, true))
		return
	}
	value, err := strconv.ParseInt(n.Value, 10, v.Type().Bits())
	if err != nil {
		d.add(n, at, CodeOutOfRange, "the number has too many digits", text.Say("a whole number is at most {Most}", int64(math.MaxInt64)))
		return
	}
	// An int64 has at most 19 digits, as has a decimal.
	if d.inRange(n, decimal.MustNew(value, 0), at, r) {
		v.SetInt(value)
	}
}

// decimal reads an exact decimal, plain or between quotes: JSON written by a
// program keeps 1.00 only as a text.
func (d *decoder) decimal(n *yaml.Node, to *decimal.Decimal, at *place, r *rules) {
	if n.Kind != yaml.ScalarNode || n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 || !decimalForm.MatchString(n.Value) {
		d.wrongType(n, at, "a number", numberHint(n, false))
		return
	}
	value, err := parseDecimal(n.Value)
	if err != nil {
		d.add(n, at, CodeOutOfRange, text.Of(err), "round it")
		return
	}
	if d.inRange(n, value, at, r) {
		*to = value
	}
}

// parseDecimal parses a text of decimalForm, and refuses what it cannot keep
// exactly.
func parseDecimal(written string) (decimal.Decimal, error) {
	whole, fraction, _ := strings.Cut(strings.TrimLeft(written, "+-"), ".")
	if whole == "0" {
		whole = ""
	}
	if len(whole)+len(fraction) > maxDigits {
		return decimal.Decimal{}, text.Say("the number has more than {Count} digits", maxDigits)
	}
	value, err := decimal.Parse(written)
	if err != nil {
		return decimal.Decimal{}, text.Sentence("the number is too large")
	}
	return value, nil
}

func (d *decoder) inRange(n *yaml.Node, value decimal.Decimal, at *place, r *rules) bool {
	switch {
	case r.min != nil && value.Cmp(*r.min) < 0,
		r.max != nil && value.Cmp(*r.max) > 0,
		r.above != nil && value.Cmp(*r.above) <= 0:
		d.add(n, at, CodeOutOfRange, text.Say("{Value} is out of range", n.Value), r.rangeHint())
		return false
	}
	return true
}

// rangeHint says the bounds of a number in words.
func (r *rules) rangeHint() text.Sentence {
	var all text.Sentence
	add := func(bound text.Sentence) {
		if all != "" {
			bound = text.Say("{One} and {Other}", all, bound)
		}
		all = bound
	}
	if r.above != nil {
		add(text.Say("more than {Number}", r.above.String()))
	}
	if r.min != nil {
		add(text.Say("at least {Number}", r.min.String()))
	}
	if r.max != nil {
		add(text.Say("at most {Number}", r.max.String()))
	}
	if all == "" {
		return ""
	}
	return text.Say("it must be {Bounds}", all)
}

// numberMistakes are the usual ways to write a number that are refused.
var numberMistakes = []struct {
	form *regexp.Regexp
	hint text.Sentence
}{
	{regexp.MustCompile(`(?i)^[+-]?\.?(nan|inf|infinity)$`), "a number must be finite"},
	{regexp.MustCompile(`(?i)^[+-]?0[xob][0-9a-f_]+$`), "write the number with decimal digits"},
	{regexp.MustCompile(`^[+-]?0[0-9]+(\.[0-9]*)?$`), "write the number without zeros in front"},
	{regexp.MustCompile(`^[+-]?[0-9]*\.?[0-9]*[eE][+-]?[0-9]+$`), "write all digits instead of an exponent"},
	{regexp.MustCompile(`^[+-]?[0-9]+(,[0-9]{3})+(\.[0-9]+)?$|^[+-]?[0-9]+([_ '\x{a0}\x{202f}][0-9]+)+([.,][0-9]+)?$`), "write the digits without separators, and a point before decimals"},
	{regexp.MustCompile(`^[+-]?[0-9]+,[0-9]+$`), "write a point instead of the comma"},
	{regexp.MustCompile(`^[+-]?\.[0-9]+$`), "write a zero before the point"},
	{regexp.MustCompile(`^[+-]?[0-9]+\.$`), "write digits after the point, or remove it"},
	{regexp.MustCompile(`^[+-]?[0-9.,]+ ?%$`), "write the number without the sign %"},
}

// numberHint says how to write the number that n was probably meant to be.
func numberHint(n *yaml.Node, whole bool) text.Sentence {
	if n.Kind != yaml.ScalarNode {
		return ""
	}
	if n.Style != 0 && wholeForm.MatchString(n.Value) {
		return "remove the quotes"
	}
	for _, m := range numberMistakes {
		if m.form.MatchString(n.Value) {
			return m.hint
		}
	}
	if whole && decimalForm.MatchString(n.Value) {
		return "write it without a fraction"
	}
	return ""
}
