package giftcard

import (
	"strconv"
	"strings"

	"premia/internal/core/code"
	"premia/internal/core/text"
)

// DefaultPattern is that of codes for kinds that say none.
const DefaultPattern = "GIFT-####-####-####-#"

// leastPlaces are how many characters of a code are made at least, the check
// character among them: 23 to the power of 12 is more than 50 bits, too many to try.
const leastPlaces = 13

// ParsePattern reads the pattern of a kind's codes. The error says what to write.
func ParsePattern(written string) (code.Pattern, error) {
	p, err := code.Parse(written)
	if err != nil {
		return p, err
	}
	if n := strings.Count(written, "#"); n < leastPlaces {
		return p, text.Say("the pattern {Text} has {Number} characters to be made (#); a code that is money needs {LeastPlaces}, so that nobody can guess one", strconv.Quote(written), n, leastPlaces)
	}
	return p, nil
}

// leastLength is how long a code in its normal form is at least.
const leastLength = 6

// ErrMalformedCode tells that a text can't be the code of a gift card.
var ErrMalformedCode error = text.Sentence("this can't be the code of a gift card: it is 6 to 64 letters and digits")

// NormalCode gives a code as it is looked up: in the form in which all writings of
// it are the same. The error is ErrMalformedCode.
func NormalCode(text string) (string, error) {
	normal := code.Normal(text)
	if !code.Acceptable(normal) || len(normal) < leastLength || strings.Trim(normal, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != "" {
		return "", ErrMalformedCode
	}
	return normal, nil
}
