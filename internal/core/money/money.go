// Package money counts exactly. An amount is an int64 of minor units (grosze,
// cents, hundredths of a point) whose scale, the number of decimals, stands
// beside it; a rate is an exact fraction. There are no floats, and nothing is
// rounded unless the caller names the [Rounding].
//
// The package owns reading and writing of amounts, arithmetic with bounds,
// multiplication by rates, splitting without remainder, and the digits of the
// world's currencies. What always holds: a result without an error is exact or
// rounded as asked, and its absolute value is at most [MaxAmount].
package money

import (
	"math/bits"
	"strconv"
	"strings"

	"premia/internal/core/text"
)

// MaxAmount is the largest absolute value of an amount, in minor units: a
// thousand such amounts still add up within an int64, and a JSON reader that
// knows only doubles still holds each exactly.
const MaxAmount int64 = 1_000_000_000_000_000

// MaxScale is the largest number of decimals that a unit may have.
const MaxScale = 6

// Unit is what an amount counts: a currency or a wallet's points.
type Unit struct {
	Code  string // ISO 4217 for a currency, the wallet's id for points
	Scale int    // decimals of the minor unit, 0 to MaxScale
}

// Codes of [Error].
const (
	Malformed      = "malformed"        // the text is not a decimal number
	TooPrecise     = "too_precise"      // more decimals than the scale has
	OutOfRange     = "out_of_range"     // beyond MaxAmount, or beyond what a Rate holds
	DivisionByZero = "division_by_zero" // a rate with denominator zero, or divided by zero
)

// Error says why an amount or a rate was refused.
type Error struct {
	Code   string // one of the constants above
	Amount string // the refused text, shortened; empty where a computation failed
	Scale  int    // the scale that was asked for; 0 where none was
	reason text.Sentence
}

// Error gives a sentence for people, in English.
func (e *Error) Error() string { return e.reason.String() }

// Unwrap gives the sentence, to be said in other languages.
func (e *Error) Unwrap() error { return e.reason }

func outOfRange(reason text.Sentence) error {
	return &Error{Code: OutOfRange, reason: reason}
}

// pow10 holds 10^0 to 10^19, all that fit in a uint64.
var pow10 = func() (p [20]uint64) {
	p[0] = 1
	for i := 1; i < len(p); i++ {
		p[i] = p[i-1] * 10
	}
	return p
}()

// Parse reads a decimal string such as "12.50" or "-3" into minor units of the
// scale, 0 to MaxScale. It takes an optional minus, at least one digit and,
// after a point, at least one more. Leading zeros are fine ("007" is 7), and so
// are zeros beyond the scale ("1.5000" at scale 2 is 150), because neither
// changes the value. Everything else is refused: an empty text, spaces, a plus,
// exponents, "1.", ".5", grouping, NaN and Inf. The error is an *[Error] with
// the code Malformed, TooPrecise or OutOfRange.
func Parse(s string, scale int) (int64, error) {
	if scale < 0 || scale > MaxScale {
		return 0, refuse(OutOfRange, s, scale)
	}
	whole, fraction, negative, ok := split(s)
	if !ok {
		return 0, refuse(Malformed, s, scale)
	}
	if len(fraction) > scale {
		if strings.Trim(fraction[scale:], "0") != "" {
			return 0, refuse(TooPrecise, s, scale)
		}
		fraction = fraction[:scale]
	}
	minor, ok := digits(0, whole)
	if ok {
		minor, ok = digits(minor, fraction)
	}
	if ok {
		minor, ok = digits(minor, "000000"[:scale-len(fraction)])
	}
	if !ok {
		return 0, refuse(OutOfRange, s, scale)
	}
	if negative {
		minor = -minor
	}
	return minor, nil
}

// split cuts a number into its digits before and after the point, and says
// whether it is one at all.
func split(s string) (whole, fraction string, negative, ok bool) {
	whole, negative = strings.CutPrefix(s, "-")
	whole, fraction, point := strings.Cut(whole, ".")
	return whole, fraction, negative, allDigits(whole) && (!point || allDigits(fraction))
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// digits appends the digits of s to n and says whether the result is at most
// MaxAmount; beyond it, it stops reading.
func digits(n int64, s string) (int64, bool) {
	for i := range len(s) {
		n = n*10 + int64(s[i]-'0')
		if n > MaxAmount {
			return 0, false
		}
	}
	return n, true
}

// refuse explains why a text is no amount of the scale.
func refuse(code, s string, scale int) error {
	const shown = 40
	written := s
	if len(written) > shown {
		written = written[:shown] + "…"
	}
	written = strings.ToValidUTF8(written, "\uFFFD")
	e, quoted := &Error{Code: code, Amount: written, Scale: scale}, strconv.Quote(written)
	switch {
	case code == Malformed:
		e.reason = text.Say("{Text} is not a decimal number; write digits with a point, such as 12.50 or -3", quoted)
	case code == TooPrecise && scale == 0:
		e.reason = text.Say("{Text} has decimals, but this unit has none", quoted)
	case code == TooPrecise:
		e.reason = text.Say("{Text} has more than {Count} decimals, which is what this unit has", quoted, scale)
	case scale < 0 || scale > MaxScale:
		e.reason = text.Say("a scale of {Count} decimals is not between 0 and {Most}", scale, MaxScale)
	default:
		e.reason = text.Say("{Text} is not between -{Most} and {Most}", quoted, Format(MaxAmount, scale))
	}
	return e
}

// Format writes minor units of the scale as a decimal string with exactly that
// many decimals: "12.50", "-0.05", "7". A scale below 0 counts as 0.
func Format(minor int64, scale int) string {
	var buffer [32]byte
	return string(Append(buffer[:0], minor, scale))
}

// Append appends what [Format] gives to dst, and allocates only if dst is full.
func Append(dst []byte, minor int64, scale int) []byte {
	if minor < 0 {
		dst = append(dst, '-')
	}
	start := len(dst)
	n := magnitude(minor)
	for written := 0; n > 0 || written <= scale || written == 0; written++ {
		if written == scale && scale > 0 {
			dst = append(dst, '.')
		}
		dst = append(dst, byte('0'+n%10))
		n /= 10
	}
	for i, j := start, len(dst)-1; i < j; i, j = i+1, j-1 {
		dst[i], dst[j] = dst[j], dst[i]
	}
	return dst
}

// magnitude gives |n|, also of the smallest int64.
func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

// Add gives a+b, or OutOfRange if the sum is beyond MaxAmount.
func Add(a, b int64) (int64, error) { return Sum(a, b) }

// Sub gives a−b, or OutOfRange if the difference is beyond MaxAmount.
func Sub(a, b int64) (int64, error) {
	difference := a - b
	overflow := (a < 0) != (b < 0) && (difference < 0) != (a < 0)
	if overflow || !inRange(difference) {
		return 0, outOfRange(text.Say("the difference of {One} and {Other} minor units is beyond {Most}", a, b, int64(MaxAmount)))
	}
	return difference, nil
}

// Sum adds the amounts, or gives OutOfRange if their sum is beyond MaxAmount.
// Only the final sum counts, so the order of the amounts does not matter.
func Sum(amounts ...int64) (int64, error) {
	var high, low, carry uint64 // one number of 128 bits, two's complement
	for _, amount := range amounts {
		low, carry = bits.Add64(low, uint64(amount), 0)
		high, _ = bits.Add64(high, uint64(amount>>63), carry)
	}
	sum := int64(low)
	if high != uint64(sum>>63) || !inRange(sum) {
		return 0, outOfRange(text.Say("the sum of {Count} amounts is beyond {Most} minor units", len(amounts), int64(MaxAmount)))
	}
	return sum, nil
}

func inRange(amount int64) bool { return -MaxAmount <= amount && amount <= MaxAmount }

// Rescale turns minor units of one scale into those of another. Widening is
// exact; narrowing rounds as asked. OutOfRange if the result is beyond
// MaxAmount or a scale is not between 0 and MaxScale.
func Rescale(minor int64, from, to int, how Rounding) (int64, error) {
	for _, scale := range [...]int{from, to} {
		if scale < 0 || scale > MaxScale {
			return 0, refuse(OutOfRange, "", scale)
		}
	}
	rate := Rate{num: 1, den: 1}
	if to >= from {
		rate.num = int64(pow10[to-from])
	} else {
		rate.den = int64(pow10[from-to])
	}
	return rate.Apply(minor, how)
}
