package i18n

import "strings"

// The characters of numbers: lines never break inside an amount.
const (
	noBreakSpace = "\u00a0"
	minusSign    = "\u2212"
)

// manners are how a language writes numbers, money and quotations, after CLDR 44
// (main/<language>.xml, numbers and delimiters).
type manners struct {
	decimal       string
	group         string
	minimumGroups int    // digits that must stand before the first group (minimumGroupingDigits)
	percent       string // between number and %
	open, close   string // quotation marks
	symbolFirst   bool   // the currency stands before the number
	symbols       map[string]string
	wholeForms    []string // plural categories that whole numbers take
	abbreviation  string   // what may end a date with a full stop of its own
}

var mannersOf = map[string]*manners{
	"en": {
		decimal: ".", group: ",", minimumGroups: 1, open: "“", close: "”", symbolFirst: true,
		symbols:    map[string]string{"GBP": "£", "EUR": "€", "USD": "$", "JPY": "¥"},
		wholeForms: []string{"one", other},
	},
	"pl": {
		decimal: ",", group: noBreakSpace, minimumGroups: 2, open: "„", close: "”",
		symbols:    map[string]string{"PLN": "zł", "EUR": "€", "GBP": "£"},
		wholeForms: []string{"one", "few", "many"},
	},
	"cs": {
		decimal: ",", group: noBreakSpace, minimumGroups: 1, percent: noBreakSpace, open: "„", close: "“",
		symbols:    map[string]string{"CZK": "Kč", "EUR": "€", "GBP": "£", "USD": "US$"},
		wholeForms: []string{"one", "few", other},
	},
	"ru": {
		decimal: ",", group: noBreakSpace, minimumGroups: 1, percent: noBreakSpace, open: "«", close: "»",
		symbols:      map[string]string{"RUB": "₽", "EUR": "€", "GBP": "£", "USD": "$"},
		wholeForms:   []string{"one", "few", "many"},
		abbreviation: "г.",
	},
}

// number writes a decimal string, "-1234.5", as the language does. A text that
// is no decimal number stays as it is.
func (m *manners) number(decimal string) string {
	digits, negative := strings.CutPrefix(decimal, "-")
	whole, fraction, point := strings.Cut(digits, ".")
	if !isDigits(whole) || point && !isDigits(fraction) {
		return decimal
	}
	var out strings.Builder
	if negative {
		out.WriteString(minusSign)
	}
	grouped := len(whole) >= 3+m.minimumGroups
	for i := range len(whole) {
		if grouped && i > 0 && (len(whole)-i)%3 == 0 {
			out.WriteString(m.group)
		}
		out.WriteByte(whole[i])
	}
	if point {
		out.WriteString(m.decimal)
		out.WriteString(fraction)
	}
	return out.String()
}

func isDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// money puts a currency to a number that may begin with a minus: the minus
// stands before a symbol that comes first.
func (m *manners) money(number, currency string) string {
	if currency == "" {
		return number
	}
	symbol, known := m.symbols[currency]
	if !known {
		symbol = currency
	}
	if !m.symbolFirst {
		return number + noBreakSpace + symbol
	}
	if !known {
		symbol += noBreakSpace
	}
	if unsigned, negative := strings.CutPrefix(number, minusSign); negative {
		return minusSign + symbol + unsigned
	}
	return symbol + number
}

// sentence makes one full stop of two where an abbreviation ends a sentence.
func (m *manners) sentence(s string) string {
	if m.abbreviation == "" {
		return s
	}
	return strings.ReplaceAll(s, m.abbreviation+".", m.abbreviation)
}

// trim drops zeros at the end of a decimal string's fraction while more
// decimals than keep remain.
func trim(decimal string, keep int) string {
	whole, fraction, _ := strings.Cut(decimal, ".")
	for len(fraction) > keep && strings.HasSuffix(fraction, "0") {
		fraction = fraction[:len(fraction)-1]
	}
	if fraction == "" {
		return whole
	}
	return whole + "." + fraction
}
