// Package code is what the codes of vouchers and coupons look like: the characters
// they are made of, the form in which two writings of one code are the same, the
// character that tells a mistyped code, and the patterns that codes are made from.
//
// It owns the alphabet and the order in which a pattern's codes are made; who has a
// code and what it is good for is not its business.
//
// What always holds:
//   - two characters of the alphabet are never mistaken for one another;
//   - one wrong character, and two neighbours that changed places, never make
//     another code of the same pattern;
//   - the codes that a pattern makes of different numbers are different, and without
//     the secret nobody can tell one of them from others.
package code

import (
	"strings"
	"unicode"
)

// Alphabet has the characters that codes are made of, in the order of their values.
// Of characters that look alike (0 O Q D, 1 I L, 2 Z, 5 S, 6 G, 8 B, U V) it has one
// at most, and no vowel, so that no code is a word. There are 23, a prime, which the
// check character needs.
const Alphabet = "023456789CFHJKMNPRTVWXY"

const (
	size = int64(len(Alphabet))
	// MaxLength is the most characters that a code has in its normal form, and
	// MinLength the fewest.
	MaxLength = 64
	MinLength = 4
)

// folded gives for a character the one that it is read as. Members who write on
// Cyrillic keyboards find the letters of their own that look like Latin ones.
var folded = map[rune]rune{
	'O': '0', 'I': '1', 'L': '1', 'Z': '2', 'S': '5', 'G': '6', 'B': '8', 'U': 'V',
	'А': 'A', 'В': '8', 'Е': 'E', 'З': '3', 'К': 'K', 'М': 'M', 'Н': 'H', 'О': '0', 'Р': 'P', 'С': 'C', 'Т': 'T', 'У': 'Y', 'Х': 'X',
	'І': '1', 'Ѕ': '5', 'Ј': 'J',
}

// Normal gives the form in which all writings of a code are the same: capital
// letters, without spaces, hyphens and dashes, of characters that look alike always
// the same one.
func Normal(text string) string {
	var out strings.Builder
	out.Grow(len(text))
	for _, r := range text {
		if unicode.IsSpace(r) || unicode.Is(unicode.Dash, r) {
			continue
		}
		r = unicode.ToUpper(r)
		if f, ok := folded[r]; ok {
			r = f
		}
		out.WriteRune(r)
	}
	return out.String()
}

// Acceptable tells whether the normal form is one that a code can have: long enough,
// not too long, and of characters that people see.
func Acceptable(normal string) bool {
	n := 0
	for _, r := range normal {
		if !unicode.IsGraphic(r) || r == unicode.ReplacementChar {
			return false
		}
		n++
	}
	return n >= MinLength && n <= MaxLength
}

// valueOf gives the value of a character; -1 if it is not in the alphabet.
func valueOf(r rune) int64 { return int64(strings.IndexRune(Alphabet, r)) }

// radix is a primitive root of 23: its powers, the weights of the places, differ
// from one another over 22 places.
const radix = 5

// sum adds up the weighted values of the characters, the last of which has the
// weight 1. It is the pure system of ISO/IEC 7064 with the modulus 23 and the
// radix 5: of a correct code it is 1. As the modulus is prime and the weights are not
// zero, one wrong character changes the sum; as the weights of neighbours differ, so
// do two that changed places.
func sum(values []int64) int64 {
	s := int64(0)
	for _, v := range values {
		s = (s*radix + v) % size
	}
	return s
}

// check gives the character's value that completes the values.
func check(values []int64) int64 {
	return ((1-sum(values)*radix)%size + size) % size
}
