package event

import (
	"errors"
	"strconv"
	"strings"

	"github.com/govalues/decimal"

	"premia/internal/core/money"
	"premia/internal/core/text"
)

// measure is what a number counts: how many decimals it may have, and how its
// problems are told.
type measure struct {
	what  text.Sentence // "an amount"
	owner text.Sentence // who has the decimals: "the program's currency"
	scale int

	malformed, tooPrecise, outOfRange string // codes
}

func amountOf(owner text.Sentence, scale int) measure {
	return measure{"an amount", owner, scale, CodeAmountMalformed, CodeAmountTooPrecise, CodeAmountOutOfRange}
}

var (
	unitPrices = measure{"a unit price", "a unit price", UnitPriceScale,
		CodeAmountMalformed, CodeAmountTooPrecise, CodeAmountOutOfRange}
	quantities = measure{"a quantity", "a quantity", QuantityScale,
		CodeQuantityMalformed, CodeQuantityTooPrecise, CodeQuantityOutOfRange}
)

// parse reads a decimal into units of the measure's scale.
func (m measure) parse(numeral string) (int64, *Problem) {
	value, err := money.Parse(numeral, m.scale)
	if err == nil {
		return value, nil
	}
	why := money.Malformed
	if refused, ok := errors.AsType[*money.Error](err); ok {
		why = refused.Code
	}
	return 0, m.refuse(numeral, why)
}

// refuse tells why a numeral was refused, from one of money's codes.
func (m measure) refuse(numeral, why string) *Problem {
	switch why {
	case money.TooPrecise:
		return problem(m.tooPrecise, text.Say("{Numeral} has too many decimals", quote(numeral)),
			text.Say("{Owner} has {Decimals}", m.owner, decimals(m.scale)))
	case money.OutOfRange:
		return problem(m.outOfRange, text.Say("{Numeral} is too large for {What}", quote(numeral), m.what),
			text.Say("the largest is {Largest}", money.Format(m.largest(), m.scale)))
	}
	return problem(m.malformed, text.Say("{Numeral} is not {What}", quote(numeral), m.what),
		`write plain digits with a point, such as "12.50", without exponent, spaces or grouping`)
}

func (m measure) largest() int64 {
	if m.scale == QuantityScale && m.outOfRange == CodeQuantityOutOfRange {
		return MaxQuantity
	}
	return money.MaxAmount
}

func decimals(scale int) text.Sentence {
	switch scale {
	case 0:
		return "no decimals"
	case 1:
		return "at most one decimal"
	}
	return text.Say("at most {Count} decimals", scale)
}

// isPlain tells whether a numeral is a JSON number without an exponent.
func isPlain(numeral string) bool {
	whole, fraction, point := strings.Cut(strings.TrimPrefix(numeral, "-"), ".")
	if point && !isDigits(fraction) {
		return false
	}
	return isDigits(whole) && (whole[0] != '0' || len(whole) == 1)
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// number reads a plain JSON number into a datum: Whole where an int64 holds the
// value exactly, else Decimal.
func (d *Datum) number(numeral string) *Problem {
	const digits = decimal.MaxPrec
	if !isPlain(numeral) {
		return problem(CodeNumberMalformed, text.Say("{Numeral} is not a plain number", quote(numeral)),
			"write digits with a point, such as 12.5, without exponent, or send it as a text")
	}
	whole, fraction, _ := strings.Cut(numeral, ".")
	fraction = strings.TrimRight(fraction, "0")
	if fraction == "" {
		if value, err := strconv.ParseInt(whole, 10, 64); err == nil {
			d.Kind, d.Whole = Whole, value
			return nil
		}
	} else {
		whole = numeral[:len(whole)+1+len(fraction)]
	}
	significant := len(strings.TrimLeft(whole, "-0."))
	if strings.Contains(strings.TrimLeft(whole, "-0."), ".") {
		significant--
	}
	if significant > digits || len(fraction) > decimal.MaxScale {
		return problem(CodeNumberTooPrecise, text.Say("{Numeral} has too many digits", quote(numeral)),
			text.Say("a number has at most {Digits} digits; send longer ones as a text", digits))
	}
	value, err := decimal.Parse(whole)
	if err != nil {
		return problem(CodeNumberMalformed, text.Say("{Numeral} is not a number that can be kept exactly", quote(numeral)), "send it as a text")
	}
	d.Kind, d.Decimal = Decimal, value
	return nil
}
