package money

import (
	"fmt"
	"strconv"

	"premia/internal/core/text"
)

// Rounding says what becomes of a fraction of a minor unit.
type Rounding uint8

// The ways to round. The zero value is Floor, which never gives away more than
// was earned.
const (
	Floor      Rounding = iota // toward minus infinity
	Ceiling                    // toward plus infinity
	HalfUp                     // to the nearest; a half goes away from zero
	HalfEven                   // to the nearest; a half goes to the even neighbour
	TowardZero                 // drops the fraction
)

var roundingNames = [...]string{"floor", "ceiling", "half up", "half even", "toward zero"}

// String gives the name that [ParseRounding] reads.
func (how Rounding) String() string {
	if int(how) < len(roundingNames) {
		return roundingNames[how]
	}
	return fmt.Sprintf("Rounding(%d)", uint8(how))
}

// ParseRounding reads "floor", "ceiling", "half up", "half even" or
// "toward zero".
func ParseRounding(name string) (Rounding, error) {
	for i, known := range roundingNames {
		if name == known {
			return Rounding(i), nil
		}
	}
	return 0, &Error{
		Code:   Malformed,
		Amount: name,
		reason: text.Say("{Way} is not a way to round; use floor, ceiling, half up, half even or toward zero", strconv.Quote(name)),
	}
}

// UnmarshalText reads what [ParseRounding] does.
func (how *Rounding) UnmarshalText(text []byte) error {
	parsed, err := ParseRounding(string(text))
	if err != nil {
		return err
	}
	*how = parsed
	return nil
}

// MarshalText writes what [Rounding.UnmarshalText] reads.
func (how Rounding) MarshalText() ([]byte, error) { return []byte(how.String()), nil }

// grows says whether the quotient's magnitude grows by one, given that dividing
// by the divisor left the remainder.
func (how Rounding) grows(negative bool, quotient, remainder, divisor uint64) bool {
	if remainder == 0 {
		return false
	}
	rest := divisor - remainder // remainder ≥ rest ⇔ at least a half, without doubling
	switch how {
	case Floor:
		return negative
	case Ceiling:
		return !negative
	case HalfUp:
		return remainder >= rest
	case HalfEven:
		return remainder > rest || remainder == rest && quotient%2 == 1
	default:
		return false
	}
}
