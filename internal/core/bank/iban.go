// Package bank is what payments to bank accounts look like: account numbers and the
// files in which a bank takes orders. It moves nothing and knows nobody.
//
// What always holds: an IBAN that [ParseIBAN] gave has its country's length and the
// right check digits; a file has as many transactions, and as large a sum, as it says.
package bank

import (
	"strings"

	"premia/internal/core/text"
)

// IBAN is an international bank account number in its electronic form: capital
// letters and digits without spaces. It is personal data.
type IBAN string

// lengths are how long the IBANs of countries are, as the registry of ISO 13616 says
// that SWIFT keeps (IBAN Registry, release 99).
var lengths = map[string]int{
	"AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BR": 29, "BY": 28, "CH": 21,
	"CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18, "FO": 18, "FR": 27,
	"GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IS": 26,
	"IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LC": 32, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "LY": 25, "MC": 27,
	"MD": 24, "ME": 22, "MK": 19, "MR": 27, "MT": 31, "MU": 30, "NL": 18, "NO": 15, "PK": 24, "PL": 28, "PS": 29, "PT": 25,
	"QA": 29, "RO": 24, "RS": 22, "RU": 33, "SA": 24, "SC": 31, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "ST": 25, "SV": 28,
	"TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20,
}

// ParseIBAN reads an IBAN however it is spaced. The error says what is wrong and
// does not repeat the number.
func ParseIBAN(written string) (IBAN, error) {
	s := strings.ToUpper(strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '\u00a0' {
			return -1
		}
		return r
	}, written))
	if len(s) < 5 || strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != "" {
		return "", text.Sentence("an IBAN is a country, two check digits, and letters and digits, such as PL61 1090 1014 0000 0712 1981 2874")
	}
	length, known := lengths[s[:2]]
	switch {
	case !known:
		return "", text.Say("the country {Country} has no IBANs", s[:2])
	case len(s) != length:
		return "", text.Say("an IBAN of {Country} has {Length} characters, and this has {Count}", s[:2], length, len(s))
	case strings.Trim(s[2:4], "0123456789") != "" || remainder(s[4:]+s[:4]) != 1:
		return "", text.Sentence("the check digits do not fit; a character is mistyped")
	}
	return IBAN(s), nil
}

// remainder divides the number by 97, letters standing for 10 to 35: ISO/IEC 7064,
// MOD 97-10.
func remainder(s string) int {
	rest := 0
	for i := range len(s) {
		if c := s[i]; c >= 'A' {
			rest = (rest*100 + int(c-'A') + 10) % 97
		} else {
			rest = (rest*10 + int(c-'0')) % 97
		}
	}
	return rest
}

// Masked shows the country and the last four characters: enough to know one's own
// account by.
func (i IBAN) Masked() string {
	if len(i) < 8 {
		return ""
	}
	return string(i[:2]) + "…" + string(i[len(i)-4:])
}

// maxName is how long a name in a payment may be: that of SEPA, which is the
// shortest (EPC115-06, attribute AT-E001).
const maxName = 70

// ParseName gives the name of an account's holder, in the characters that banks of
// the single euro payments area take in any language (EPC217-08).
func ParseName(written string) (string, error) {
	name := strings.Join(strings.Fields(written), " ")
	n := 0
	for i, r := range name {
		letter := r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r > 0xbf
		if !letter && (i == 0 || !strings.ContainsRune("0123456789 .,-'()/&", r)) {
			return "", text.Sentence("the holder's name begins with a letter and has letters, digits, spaces and the signs . , - ' ( ) / &")
		}
		n++
	}
	if n == 0 || n > maxName {
		return "", text.Say("the holder's name has 1 to {Count} characters", maxName)
	}
	return name, nil
}
