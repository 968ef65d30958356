package event

import (
	"strconv"
	"strings"

	"premia/internal/core/document"
	"premia/internal/core/text"
)

// Codes of [Problem]. They are stable: callers may rely on them. Those about the
// form of the JSON are the same words as for documents.
const (
	CodeSyntax     = "syntax"        // not JSON
	CodeEncoding   = "encoding"      // not UTF-8, half of a surrogate pair, or a control character
	CodeTooLarge   = "too_large"     // longer than MaxEncodedBytes
	CodeTooLong    = "too_long"      // a text beyond its bound
	CodeUnknownKey = "unknown_key"   // a key that means nothing at its place
	CodeDuplicate  = "duplicate_key" // a key written twice
	CodeWrongType  = "wrong_type"    // a list where a text is due, null, nested data
	CodeMissing    = "missing"       // a key that this type of event needs
	CodeInvalid    = "invalid"       // a text that does not have the form it must
	CodeNotAllowed = "not_allowed"   // a type or a key that may not be sent here

	CodeAmountMalformed    = "amount_malformed"    // not a plain decimal number
	CodeAmountTooPrecise   = "amount_too_precise"  // more decimals than the unit has
	CodeAmountOutOfRange   = "amount_out_of_range" // too large, or negative where it must not be
	CodeQuantityMalformed  = "quantity_malformed"
	CodeQuantityTooPrecise = "quantity_too_precise"
	CodeQuantityOutOfRange = "quantity_out_of_range" // not above zero, or above a million
	CodeNumberMalformed    = "number_malformed"      // a number in data with an exponent
	CodeNumberTooPrecise   = "number_too_precise"    // a number in data of more than 19 digits
	CodeTimeMalformed      = "time_malformed"        // not RFC 3339 with a zone
	CodeTimeTooPrecise     = "time_too_precise"      // finer than a microsecond
	CodeTimeOutOfRange     = "time_out_of_range"     // before 1970-01-02 or after 2200-01-01
	CodeTooManyItems       = "too_many_items"        // more than MaxItems
	CodeTooManyData        = "too_many_data"         // more than MaxData
	CodeTooManyCodes       = "too_many_codes"        // more than MaxCodes
	CodeTooManyPayments    = "too_many_payments"     // more than MaxPayments
	CodeUnknownWallet      = "unknown_wallet"        // the program has no such wallet
	CodeCurrencyMismatch   = "currency_mismatch"     // not the program's currency
	CodeTotalMismatch      = "total_mismatch"        // amounts that contradict one another
)

// Problem is why an event was refused. Its sentences are safe to show to users:
// they quote at most 40 characters of what was sent.
type Problem struct {
	// Code is stable, for programs; see the Code constants.
	Code string
	// Path names the value from the event: "items[2].quantity". Empty for the
	// whole.
	Path string
	// Message says what is wrong, Hint what to do about it. Hint may be empty.
	Message, Hint text.Sentence
	// Args are the values that a sentence of a catalogue may speak of; the
	// constructor of each code says which. Most have none.
	Args []text.Arg
	// Offset is where the value begins in the JSON, in bytes from 0; -1 when an
	// event was refused that is no longer JSON.
	Offset int
}

// Error says the problem in one line, in English:
//
//	items[2].quantity: a quantity must be above zero; for goods given back send an event of type "return"
func (p *Problem) Error() string {
	line := p.Message.String()
	if p.Path != "" {
		line = p.Path + ": " + line
	}
	if p.Hint != "" {
		line += "; " + p.Hint.String()
	}
	return line
}

// problem is a Problem whose place is still to be said.
func problem(code string, message, hint text.Sentence) *Problem {
	return &Problem{Code: code, Message: message, Hint: hint, Offset: -1}
}

// about gives the values that the problem's sentence speaks of.
func (p *Problem) about(namesAndValues ...any) *Problem {
	p.Args = text.New(p.Code, namesAndValues...).Args
	return p
}

// in says where a problem is.
func (p *Problem) in(path string) *Problem {
	p.Path = path
	return p
}

// err is the problem as an error, nil when there is none.
func (p *Problem) err() error {
	if p == nil {
		return nil
	}
	return p
}

// quote shows what was sent, shortened, between quotation marks.
func quote(s string) string {
	const shown = 40
	runes := 0
	for i := range s {
		if runes == shown {
			return strconv.Quote(s[:i] + "…")
		}
		runes++
	}
	return strconv.Quote(s)
}

func missing(key string, message, hint text.Sentence) *Problem {
	return problem(CodeMissing, message, hint).in(key)
}

// tooMany says so in a sentence with a place for the bound.
func tooMany(code string, most text.Sentence, bound int) *Problem {
	return problem(code, text.Say(most.Pattern(), bound), "send the rest as another event")
}

func unknownKey(key string, known []string) *Problem {
	p := problem(CodeUnknownKey, text.Say("unknown key {Key}", quote(key)), "")
	if near, ok := document.Closest(key, known); ok {
		p.Hint = text.Say("did you mean {Near}?", strconv.Quote(near))
		return p
	}
	p.Hint = text.Say("known are {Known}", strings.Join(known, ", "))
	return p
}
