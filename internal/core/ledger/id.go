package ledger

import (
	"fmt"
	"strings"
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
func (id MemberID) String() string {
	b := [len(MemberPrefix) + memberDigits]byte{}
	copy(b[:], MemberPrefix)
	n := uint64(id)
	for i := len(b) - 1; i >= len(MemberPrefix); i-- {
		b[i] = crockford[n&31]
		n >>= 5
	}
	return string(b[:])
}

// ParseMember reads what String writes. As Crockford asks, small letters are as
// good as large ones, and I and L stand for 1, O for 0.
func ParseMember(s string) (MemberID, error) {
	digits, ok := strings.CutPrefix(s, MemberPrefix)
	if !ok || len(digits) != memberDigits {
		return 0, fmt.Errorf("%q is no member's id: it is %s and %d letters and digits", s, MemberPrefix, memberDigits)
	}
	n := uint64(0)
	for i := range len(digits) {
		d := strings.IndexByte(crockford, digit(digits[i]))
		if d < 0 {
			return 0, fmt.Errorf("%q is no member's id: it holds %q", s, digits[i])
		}
		// The first of 13 digits has room for 65 bits.
		if n>>(63-5) != 0 {
			return 0, fmt.Errorf("%q is no member's id: its number is too large", s)
		}
		n = n<<5 | uint64(d)
	}
	if n == 0 {
		return 0, fmt.Errorf("%q is no member's id: its number is zero", s)
	}
	return MemberID(n), nil
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
