package page

import (
	"errors"
	"strings"

	"premia/internal/core/money"
)

var errNoAmount = errors.New("no amount above zero")

// AmountOf reads an amount above zero that somebody typed, with a point or a comma before its
// decimals and spaces wherever they like, in minor units of a scale. The error is for what
// is none; it is not for people.
func AmountOf(said string, scale int) (int64, error) {
	said = strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "", ",", ".").Replace(strings.TrimSpace(said))
	if said == "" {
		return 0, errNoAmount
	}
	amount, err := money.Parse(said, scale)
	if err == nil && amount <= 0 {
		err = errNoAmount
	}
	return amount, err
}
