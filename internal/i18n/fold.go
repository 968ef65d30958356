package i18n

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Fold writes a word as somebody might type it who looks for it: in small Latin
// letters without accents, whatever its script. "Łukasz" is "lukasz", "Dvořák"
// "dvorak", and "Артём" "artem", which is also what "артем" is. Other characters
// than letters and digits fall away, except those within e-mail addresses.
//
// Cyrillic is written by the letters that people type on a Latin keyboard without
// thinking (щ is "shch", х "kh"); what matters is that every spelling of one name
// comes to the same.
func Fold(s string) string {
	var out strings.Builder
	for _, r := range norm.NFKD.String(strings.ToLower(norm.NFKD.String(s))) {
		switch latin, known := folded[r]; {
		case known:
			out.WriteString(latin)
		case unicode.IsLetter(r), unicode.IsDigit(r), strings.ContainsRune("@._-+", r):
			out.WriteRune(r)
		}
	}
	return out.String()
}

// folded are letters that no decomposition makes Latin. Marks fall away after
// decomposition, so that й is и and ё is е here.
var folded = map[rune]string{
	'ł': "l", 'đ': "d", 'ø': "o", 'ß': "ss", 'æ': "ae", 'œ': "oe", 'ı': "i", 'þ': "th", 'ð': "d", 'ħ': "h", 'ŧ': "t", 'ĸ': "k", 'ŋ': "n",
	'а': "a", 'б': "b", 'в': "v", 'г': "g", 'ґ': "g", 'д': "d", 'е': "e", 'є': "e", 'ж': "zh", 'з': "z", 'и': "i", 'і': "i", 'к': "k",
	'л': "l", 'м': "m", 'н': "n", 'о': "o", 'п': "p", 'р': "r", 'с': "s", 'т': "t", 'у': "u", 'ф': "f", 'х': "kh", 'ц': "ts", 'ч': "ch",
	'ш': "sh", 'щ': "shch", 'ъ': "", 'ы': "y", 'ь': "", 'э': "e", 'ю': "yu", 'я': "ya",
	'α': "a", 'β': "v", 'γ': "g", 'δ': "d", 'ε': "e", 'ζ': "z", 'η': "i", 'θ': "th", 'ι': "i", 'κ': "k", 'λ': "l", 'μ': "m", 'ν': "n",
	'ξ': "x", 'ο': "o", 'π': "p", 'ρ': "r", 'σ': "s", 'ς': "s", 'τ': "t", 'υ': "y", 'φ': "f", 'χ': "ch", 'ψ': "ps", 'ω': "o",
}
