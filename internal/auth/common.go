package auth

import (
	_ "embed" // the list of passwords
	"errors"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// ErrPasswordCommon refuses what is guessed first.
var ErrPasswordCommon = errors.New("this password is among those that are guessed first; take several words that have nothing to do with one another")

// commonPasswords are those that leaked most often, in small letters and sorted: the list
// of @zxcvbn-ts/language-common 4.1.3, whose licence stands beside it.
//
//go:embed common/passwords.txt
var commonPasswords string

var commonOnes = sync.OnceValue(func() []string { return strings.Fields(commonPasswords) })

func isCommon(s string) bool {
	_, found := slices.BinarySearch(commonOnes(), s)
	return found
}

// fewest is how many characters of a password must be left beside words that anybody
// knows who knows the user, and how many different ones it must have.
const fewest = 5

// CheckCommon refuses passwords that are guessed first, with ErrPasswordCommon: those that
// leaked often, also with digits and signs before and after them or several times over;
// runs such as abcdefghijkl; few characters again and again; and what is little more than
// the words that are known of the user and the workspace.
func CheckCommon(password string, known ...string) error {
	s := strings.ToLower(strings.TrimSpace(password))
	bare := strings.TrimFunc(s, func(r rune) bool { return !unicode.IsLetter(r) })
	unit := repeated(s)
	rest := s
	for _, word := range knownWords(known) {
		rest = strings.ReplaceAll(rest, word, "")
	}
	rest = strings.TrimFunc(rest, func(r rune) bool { return !unicode.IsLetter(r) })
	switch {
	case isCommon(s), isCommon(bare), isCommon(unit), isCommon(strings.TrimFunc(unit, unicode.IsDigit)), isRun(s), isRun(bare) && bare != "",
		different(s) < fewest, rest != bare && utf8.RuneCountInString(rest) < fewest:
		return ErrPasswordCommon
	}
	return nil
}

// knownWords are the words of names and addresses that are long enough to matter.
func knownWords(known []string) (words []string) {
	for _, one := range known {
		for _, word := range strings.FieldsFunc(strings.ToLower(one), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
			if utf8.RuneCountInString(word) >= 3 {
				words = append(words, word)
			}
		}
	}
	slices.SortFunc(words, func(a, b string) int { return len(b) - len(a) })
	return words
}

// repeated gives what a text consists of several times; the text itself if of nothing.
func repeated(s string) string {
	for n := 1; n <= len(s)/2; n++ {
		if len(s)%n == 0 && strings.Repeat(s[:n], len(s)/n) == s {
			return s[:n]
		}
	}
	return s
}

// isRun tells of a text whose characters follow one another, up or down.
func isRun(s string) bool {
	if len(s) < 4 {
		return false
	}
	step := int(s[1]) - int(s[0])
	for i := 1; i < len(s); i++ {
		// Digits go round from 9 to 0.
		if d := int(s[i]) - int(s[i-1]); d != step && (d+10*step != step || s[i] < '0' || s[i] > '9') {
			return false
		}
	}
	return step == 1 || step == -1
}

func different(s string) int {
	seen := map[rune]bool{}
	for _, r := range s {
		seen[r] = true
	}
	return len(seen)
}
