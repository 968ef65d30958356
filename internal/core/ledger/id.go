package ledger

import (
	"strconv"
	"strings"

	"premia/internal/core/text"
)

// MemberPrefix begins the written form of a member's number.
const MemberPrefix = "mem_"

// crockford are the digits of Douglas Crockford's base 32 (crockford.com/base32):
// no I, L, O and U, which people misread.
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// memberDigits are needed for 63 bits.
const memberDigits = 13

// String writes the number as people and programs see it: mem_ and 13 digits of
// Crockford's base 32.
func (id MemberID) String() string { return written(MemberPrefix, uint64(id)) }

// ParseMember reads what String writes. As Crockford asks, small letters are as
// good as large ones, and I and L stand for 1, O for 0.
func ParseMember(s string) (MemberID, error) {
	n, err := number(s, MemberPrefix, "member")
	return MemberID(n), err
}

// ClickID is the number of a click on an ambassador's link: random, 63 bits.
type ClickID uint64

// ClickPrefix begins a click's number as people and programs see it.
const ClickPrefix = "clk_"

// String writes the number as [MemberID.String] does, with the prefix of clicks.
func (id ClickID) String() string { return written(ClickPrefix, uint64(id)) }

// ParseClick reads what String writes.
func ParseClick(s string) (ClickID, error) {
	n, err := number(s, ClickPrefix, "click")
	return ClickID(n), err
}

func written(prefix string, n uint64) string {
	var digits [memberDigits]byte
	for i := len(digits) - 1; i >= 0; i-- {
		digits[i] = crockford[n&31]
		n >>= 5
	}
	return prefix + string(digits[:])
}

// number reads a number that written wrote.
func number(s, prefix string, of text.Sentence) (uint64, error) {
	digits, ok := strings.CutPrefix(s, prefix)
	if !ok || len(digits) != memberDigits {
		return 0, text.Say("{Text} is no {Noun}'s id: it is {Prefix} and {Count} letters and digits", strconv.Quote(s), of, prefix, memberDigits)
	}
	n := uint64(0)
	for i := range len(digits) {
		d := strings.IndexByte(crockford, digit(digits[i]))
		if d < 0 {
			return 0, text.Say("{Text} is no {Noun}'s id: it holds {Character}", strconv.Quote(s), of, strconv.QuoteRune(rune(digits[i])))
		}
		// The first of 13 digits has room for 65 bits.
		if n>>(63-5) != 0 {
			return 0, text.Say("{Text} is no {Noun}'s id: its number is too large", strconv.Quote(s), of)
		}
		n = n<<5 | uint64(d)
	}
	if n == 0 {
		return 0, text.Say("{Text} is no {Noun}'s id: its number is zero", strconv.Quote(s), of)
	}
	return n, nil
}

func digit(c byte) byte {
	if 'a' <= c && c <= 'z' {
		c -= 'a' - 'A'
	}
	switch c {
	case 'I', 'L':
		return '1'
	case 'O':
		return '0'
	}
	return c
}
