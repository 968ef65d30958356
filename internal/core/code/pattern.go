package code

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"math"
	"math/bits"
	"strconv"
	"strings"

	"premia/internal/core/text"
)

// Bounds of patterns.
const (
	maxPattern = 40
	minPlaces  = 5
	maxPlaces  = 20
	// sparse is how many codes a pattern could make for each one that it may make,
	// so that guessing is no use: with the check character one guess in
	// sparse × 23 finds a code at best.
	sparse = 1000
)

// Pattern is how codes are made: capital letters, digits and hyphens, which stand as
// they are, and places (#) for characters of the alphabet. The last place is the
// check character's. The zero value is no pattern.
type Pattern struct {
	text   string
	normal []rune // with # for a place
	places int
}

// VoucherPattern is the pattern of codes that are made of an event's id.
var VoucherPattern = mustParse("####-####-####")

func mustParse(text string) Pattern {
	p, err := Parse(text)
	if err != nil {
		panic(err)
	}
	return p
}

// Parse reads a pattern such as SPRING-####-####. The error says what to write.
func Parse(written string) (Pattern, error) {
	p := Pattern{text: written}
	switch {
	case len(written) > maxPattern:
		return Pattern{}, text.Say("the pattern has more than {Count} characters", maxPattern)
	case strings.Trim(written, "-") != written || strings.Contains(written, "--"):
		return Pattern{}, text.Say("the pattern {Text} has a hyphen that separates nothing", strconv.Quote(written))
	}
	for _, r := range written {
		if r != '#' && r != '-' && (r < 'A' || r > 'Z') && (r < '0' || r > '9') {
			return Pattern{}, text.Say("the pattern {Text} has the character {Character}; write capital letters A–Z, digits, hyphens and # for a character that is made", strconv.Quote(written), strconv.QuoteRune(r))
		}
	}
	p.normal = []rune(Normal(written))
	p.places = strings.Count(written, "#")
	if p.places < minPlaces || p.places > maxPlaces {
		return Pattern{}, text.Say("the pattern {Text} has {Count} characters to be made (#); write {Least} to {Most} of them", strconv.Quote(written), p.places, minPlaces, maxPlaces)
	}
	return p, nil
}

// String gives the pattern as it was written.
func (p Pattern) String() string { return p.text }

// Normal gives the pattern without what is not read: patterns with the same one
// make the same codes.
func (p Pattern) Normal() string { return string(p.normal) }

// Numbers gives how many different codes the pattern could make; at most 2^63-1.
func (p Pattern) Numbers() int64 { return power(p.places - 1) }

// Capacity gives how many codes may be made of the pattern in all.
func (p Pattern) Capacity() int64 { return p.Numbers() / sparse }

// Longer gives how many places a pattern needs for so many codes; 0 if none is long
// enough.
func Longer(codes int64) int {
	for n := minPlaces; n <= maxPlaces; n++ {
		if power(n-1)/sparse >= codes {
			return n
		}
	}
	return 0
}

func power(n int) int64 {
	out := int64(1)
	for range n {
		if out > math.MaxInt64/size {
			return math.MaxInt64
		}
		out *= size
	}
	return out
}

// Fit is how a code fits a pattern.
type Fit uint8

// The ways to fit.
const (
	Foreign  Fit = iota // of another pattern
	Mistyped            // of this pattern, but a character is wrong
	Fits
)

// Fit tells whether a code in its normal form is one of the pattern's. A pattern of
// places alone takes nothing for mistyped that has more than one character which is
// in none of its codes.
func (p Pattern) Fit(normal string) Fit {
	runes := []rune(normal)
	if len(runes) != len(p.normal) || p.places == 0 {
		return Foreign
	}
	values := make([]int64, 0, maxPlaces)
	strange := 0
	for i, r := range runes {
		switch {
		case p.normal[i] == '#':
			v := valueOf(r)
			if v < 0 {
				strange++
			}
			values = append(values, v)
		case p.normal[i] != r:
			return Foreign
		}
	}
	switch {
	case strange > 1 && p.places == len(p.normal):
		return Foreign
	case strange > 0 || sum(values) != 1:
		return Mistyped
	}
	return Fits
}

// write puts the values, and the check character after them, into the pattern.
func (p Pattern) write(values []int64) string {
	values = append(values, check(values))
	out := []byte(p.text)
	at := 0
	for i := range out {
		if out[i] == '#' {
			out[i] = Alphabet[values[at]]
			at++
		}
	}
	return string(out)
}

// Of makes a code of an id, such as that of the event that issued a voucher: the
// same one each time. Codes of different ids can be the same, so seldom that the
// next attempt, from 0, finds another one.
func (p Pattern) Of(secret []byte, id string, attempt int) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte("code of\x00"))
	mac.Write(binary.BigEndian.AppendUint32(nil, uint32(attempt)))
	mac.Write([]byte(id))
	hash := mac.Sum(nil)
	high, low := binary.BigEndian.Uint64(hash), binary.BigEndian.Uint64(hash[8:])
	values := make([]int64, p.places-1, maxPlaces)
	for i := range values {
		var digit uint64
		high, low, digit = divide(high, low, uint64(size))
		values[i] = int64(digit)
	}
	return p.write(values)
}

// divide divides a number of 128 bits.
func divide(high, low, by uint64) (uint64, uint64, uint64) {
	top, rest := high/by, high%by
	bottom, rest := bits.Div64(rest, low, by)
	return top, bottom, rest
}
