package event

import (
	"fmt"
	"strconv"
	"unicode"
	"unicode/utf8"

	"premia/internal/core/calendar"
	"premia/internal/core/document"
	"premia/internal/core/money"
	"premia/internal/core/text"
)

// The bounds of an event's time, both included.
const (
	earliest = calendar.Day          // 1970-01-02
	latest   = 84_006 * calendar.Day // 2200-01-01
)

// CheckText refuses what can't be a text of an event: control characters, invalid
// UTF-8, and more than limit characters. The error is a *[Problem] about the key.
func CheckText(key, s string, limit int) error {
	p := textProblem(s, limit)
	if p == nil {
		return nil
	}
	return p.in(key)
}

// CheckTime refuses what can't be the time of an event. The error is a *[Problem]
// about the key.
func CheckTime(key string, at calendar.Instant) error {
	p := timeProblem(at)
	if p == nil {
		return nil
	}
	return p.in(key)
}

// textProblem refuses control characters, invalid UTF-8 and more than limit
// characters.
func textProblem(s string, limit int) *Problem {
	for i := range len(s) {
		if c := s[i]; c >= utf8.RuneSelf {
			return wideTextProblem(s, limit)
		} else if c < ' ' || c == 0x7f {
			return controlCharacter(rune(c))
		}
	}
	if len(s) > limit {
		return tooLong(len(s), limit)
	}
	return nil
}

func wideTextProblem(s string, limit int) *Problem {
	count := 0
	for i, r := range s {
		if r == utf8.RuneError {
			if _, width := utf8.DecodeRuneInString(s[i:]); width == 1 {
				return problem(CodeEncoding, "the text is not valid UTF-8", "send texts in UTF-8")
			}
		}
		if unicode.IsControl(r) {
			return controlCharacter(r)
		}
		count++
	}
	if count > limit {
		return tooLong(count, limit)
	}
	return nil
}

func controlCharacter(r rune) *Problem {
	return problem(CodeEncoding, text.Say("the text holds the control character U+{Code}", fmt.Sprintf("%04X", r)),
		"send plain text on one line, without tabs")
}

func tooLong(length, limit int) *Problem {
	return problem(CodeTooLong, text.Say("the text has {Count} characters", length),
		text.Say("at most {Limit} are kept", limit))
}

// idProblem refuses what is not 1 to 128 printable ASCII characters.
func idProblem(id string) *Problem {
	if len(id) > MaxIDLength {
		return tooLong(utf8.RuneCountInString(id), MaxIDLength)
	}
	for i := range len(id) {
		if id[i] <= ' ' || id[i] > '~' {
			return problem(CodeInvalid, text.Say("{ID} is not an id", quote(id)),
				"an id is made of letters, digits and signs of ASCII, without spaces")
		}
	}
	if id == "" {
		return problem(CodeInvalid, "an id must not be empty", "leave the key out, or name the event, such as \"shop-1-order-2000\"")
	}
	return nil
}

// typeProblem refuses what is not a name in small letters.
func typeProblem(name string) *Problem {
	if isName(name, false) && len(name) <= MaxTypeLength {
		return nil
	}
	p := problem(CodeInvalid, text.Say("{Name} is not a type of event", quote(name)),
		text.Say("a type is 1 to {Count} small letters, digits and the signs _ - . such as {Example}", MaxTypeLength, strconv.Quote(Purchase)))
	if near, ok := document.Closest(name, []string{Purchase, Return, Adjustment, Claim, Checkout, Redemption, Confirmation, Cancellation, Refund, Fulfilment, Approval, Rejection, Activation, Deactivation, Choice, PersonalOffer, ContestClaim}); ok {
		p.Hint = text.Say("did you mean {Near}?", strconv.Quote(near))
	}
	return p
}

// nameProblem refuses what can not be the name of a datum.
func nameProblem(name string) *Problem {
	if isName(name, true) && len(name) <= MaxNameLength {
		return nil
	}
	return problem(CodeInvalid, text.Say("{Name} can not be the name of a field", quote(name)),
		text.Say("a name is 1 to {Count} letters, digits and the signs _ - .", MaxNameLength))
}

// isName tells whether s consists of ASCII letters, digits and _ - . and begins
// with a letter or digit.
func isName(s string, capitals bool) bool {
	for i := range len(s) {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', capitals && 'A' <= c && c <= 'Z':
		case i > 0 && (c == '_' || c == '-' || c == '.'):
		default:
			return false
		}
	}
	return s != ""
}

func currencyProblem(code string) *Problem {
	if len(code) == 3 && isCapital(code[0]) && isCapital(code[1]) && isCapital(code[2]) {
		return nil
	}
	return problem(CodeInvalid, text.Say("{Code} is not a currency", quote(code)), "write its ISO 4217 code, such as \"PLN\"")
}

func isCapital(c byte) bool { return 'A' <= c && c <= 'Z' }

func quantityProblem(thousandths int64) *Problem {
	switch {
	case thousandths <= 0:
		return problem(CodeQuantityOutOfRange, "a quantity must be above zero",
			"for goods given back send an event of type \"return\"")
	case thousandths > MaxQuantity:
		return problem(CodeQuantityOutOfRange, "a quantity must be at most 1000000", "split it over several items")
	}
	return nil
}

func wholeRewards() *Problem {
	return problem(CodeQuantityMalformed, "rewards are taken whole", "write a number without decimals")
}

// rewardsProblem refuses what is no number of rewards.
func rewardsProblem(n int64) *Problem {
	if 1 <= n && n <= MaxRewards {
		return nil
	}
	return problem(CodeQuantityOutOfRange, text.Say("the quantity must be at least 1 and at most {Count}", MaxRewards), "")
}

// amountProblem refuses an amount beyond what money counts, and a negative one
// where only zero and more has a meaning.
func amountProblem(key string, minor int64, mayBeNegative bool) *Problem {
	switch {
	case minor < 0 && !mayBeNegative:
		hint := text.Sentence("write it without a minus")
		if key == "total" || key == "unit_price" {
			hint = "for goods given back send an event of type \"return\""
		}
		return problem(CodeAmountOutOfRange, text.Say("the {Key} must not be negative", words(key)), hint)
	case minor > money.MaxAmount || minor < -money.MaxAmount:
		return problem(CodeAmountOutOfRange, text.Say("the {Key} is too large", words(key)), "")
	}
	return nil
}

func walletMissing() *Problem {
	return problem(CodeMissing, "an amount needs a wallet",
		`name the "wallet" that it changes; what a customer pays is the "total"`)
}

// words says a key in words: "unit_price" is "unit price".
func words(key string) string {
	said := []byte(key)
	for i, c := range said {
		if c == '_' {
			said[i] = ' '
		}
	}
	return string(said)
}

func timeProblem(at calendar.Instant) *Problem {
	if earliest <= at && at <= latest {
		return nil
	}
	return problem(CodeTimeOutOfRange, text.Say("{At} is not between 1970-01-02 and 2200-01-01", at.String()),
		"check the year and the unit of the clock that made it")
}
