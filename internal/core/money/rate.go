package money

import (
	"fmt"
	"math"
	"math/bits"
	"strconv"

	"github.com/govalues/decimal"

	"premia/internal/core/text"
)

// Rate is an exact fraction with an int64 numerator and a denominator above
// zero, in lowest terms, so equal rates are equal with ==. The zero value is
// the rate zero.
type Rate struct {
	num int64
	den int64 // 0 in the zero value, where it stands for 1
}

// NewRate gives num/den in lowest terms. Errors: DivisionByZero, and OutOfRange
// where a part does not fit (only with the smallest int64).
func NewRate(num, den int64) (Rate, error) {
	return newRate((num < 0) != (den < 0), magnitude(num), magnitude(den))
}

// newRate reduces num/den and checks that both parts fit.
func newRate(negative bool, num, den uint64) (Rate, error) {
	if den == 0 {
		return Rate{}, &Error{Code: DivisionByZero, reason: "a rate cannot have the denominator zero"}
	}
	if num == 0 {
		return Rate{}, nil
	}
	divisor := gcd(num, den)
	num, den = num/divisor, den/divisor
	if num > math.MaxInt64 || den > math.MaxInt64 {
		return Rate{}, outOfRange(text.Say("the rate {Rate} is too large or too precise to be kept exactly", fmt.Sprintf("%d/%d", num, den)))
	}
	r := Rate{num: int64(num), den: int64(den)}
	if negative {
		r.num = -r.num
	}
	return r, nil
}

func gcd(a, b uint64) uint64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// RateOf gives the exact value of a decimal. OutOfRange where it needs more
// than an int64 above or below the line.
func RateOf(d decimal.Decimal) (Rate, error) {
	return newRate(d.IsNeg(), d.Coef(), pow10[d.Scale()])
}

// Num is the numerator in lowest terms; it carries the sign.
func (r Rate) Num() int64 { return r.num }

// Den is the denominator in lowest terms, at least 1.
func (r Rate) Den() int64 { return max(r.den, 1) }

// IsZero says whether the rate is zero.
func (r Rate) IsZero() bool { return r.num == 0 }

// Sign is -1, 0 or 1.
func (r Rate) Sign() int {
	switch {
	case r.num < 0:
		return -1
	case r.num > 0:
		return 1
	}
	return 0
}

// Equal says whether both are the same number.
func (r Rate) Equal(other Rate) bool { return r.Cmp(other) == 0 }

// Cmp is -1, 0 or 1 as r is less than, equal to or greater than other.
func (r Rate) Cmp(other Rate) int {
	if r.Sign() != other.Sign() {
		if r.Sign() < other.Sign() {
			return -1
		}
		return 1
	}
	leftHigh, leftLow := bits.Mul64(magnitude(r.num), uint64(other.Den()))
	rightHigh, rightLow := bits.Mul64(magnitude(other.num), uint64(r.Den()))
	switch {
	case leftHigh == rightHigh && leftLow == rightLow:
		return 0
	case leftHigh < rightHigh || leftHigh == rightHigh && leftLow < rightLow:
		return -r.Sign()
	}
	return r.Sign()
}

// Mul gives r×other exactly, or OutOfRange where the product does not fit.
func (r Rate) Mul(other Rate) (Rate, error) {
	if r.IsZero() || other.IsZero() {
		return Rate{}, nil
	}
	a, b := magnitude(r.num), uint64(r.den)
	c, d := magnitude(other.num), uint64(other.den)
	// Reducing crosswise first leaves the product in lowest terms, so it
	// overflows only if the result itself does not fit.
	ad, cb := gcd(a, d), gcd(c, b)
	numHigh, num := bits.Mul64(a/ad, c/cb)
	denHigh, den := bits.Mul64(b/cb, d/ad)
	if numHigh != 0 || denHigh != 0 {
		return Rate{}, outOfRange(text.Say("the product of the rates {One} and {Other} cannot be kept exactly", r.String(), other.String()))
	}
	return newRate(r.Sign() != other.Sign(), num, den)
}

// Quo gives r÷other exactly. Errors: DivisionByZero, OutOfRange.
func (r Rate) Quo(other Rate) (Rate, error) {
	if other.IsZero() {
		return Rate{}, &Error{Code: DivisionByZero, reason: "a rate cannot be divided by zero"}
	}
	inverse := Rate{num: other.den, den: other.num}
	if other.num < 0 {
		inverse = Rate{num: -other.den, den: -other.num}
	}
	return r.Mul(inverse)
}

// maxDecimals is how many decimals String writes before it prefers a fraction.
const maxDecimals = 18

// String writes the rate exactly: as a decimal ("1.5", "-0.05", "2") where one
// with at most 18 decimals exists, and else as a fraction ("1/3").
func (r Rate) String() string {
	n, den := magnitude(r.num), uint64(r.Den())
	remainder := n % den
	text := make([]byte, 0, 40)
	if r.num < 0 {
		text = append(text, '-')
	}
	text = strconv.AppendUint(text, n/den, 10)
	for i := 0; remainder != 0; i++ {
		if i == maxDecimals {
			return strconv.FormatInt(r.num, 10) + "/" + strconv.FormatInt(r.Den(), 10)
		}
		if i == 0 {
			text = append(text, '.')
		}
		var digit uint64
		high, low := bits.Mul64(remainder, 10)
		digit, remainder = bits.Div64(high, low, den)
		text = append(text, byte('0'+digit))
	}
	return string(text)
}

// Apply gives amount×rate in minor units, rounded as asked. The product has 128
// bits, so only the result must be in range: OutOfRange beyond MaxAmount. It
// does not allocate unless it fails.
func (r Rate) Apply(amount int64, how Rounding) (int64, error) {
	if how > TowardZero {
		return 0, &Error{Code: Malformed, reason: text.Say("{Way} is not a way to round", how.String())}
	}
	negative := (amount < 0) != (r.num < 0)
	den := uint64(r.Den())
	high, low := bits.Mul64(magnitude(amount), magnitude(r.num))
	if high >= den {
		return 0, r.tooLarge(amount)
	}
	quotient, remainder := bits.Div64(high, low, den)
	if quotient > uint64(MaxAmount) {
		return 0, r.tooLarge(amount)
	}
	if how.grows(negative, quotient, remainder, den) {
		quotient++
	}
	if quotient > uint64(MaxAmount) {
		return 0, r.tooLarge(amount)
	}
	if negative {
		return -int64(quotient), nil
	}
	return int64(quotient), nil
}

func (r Rate) tooLarge(amount int64) error {
	return outOfRange(text.Say("{Count} minor units times {Rate} is beyond {Most}", amount, r.String(), int64(MaxAmount)))
}
