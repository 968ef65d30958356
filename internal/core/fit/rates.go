package fit

import "github.com/govalues/decimal"

// perEuro is about how much of a currency buys what one euro does, rounded to what is
// easily reckoned with. It is no rate of exchange, and needs no care: it only proposes
// amounts, which somebody looks at before they count. European Central Bank reference
// rates and prices of everyday goods of 2025, of currencies whose businesses may ask.
var perEuro = map[string]string{
	"EUR": "1", "PLN": "4", "CZK": "25", "HUF": "400", "RON": "5", "BGN": "2", "SEK": "10", "NOK": "10", "DKK": "7.5", "ISK": "150",
	"CHF": "1", "GBP": "0.8", "RUB": "100", "UAH": "40", "BYN": "4", "KZT": "500", "GEL": "3", "AMD": "400", "AZN": "2", "MDL": "20",
	"TRY": "40", "RSD": "120", "MKD": "60", "ALL": "100", "BAM": "2", "ILS": "4", "AED": "4", "SAR": "4",
	"USD": "1", "CAD": "1.6", "AUD": "1.6", "NZD": "2", "MXN": "20", "BRL": "6", "ARS": "1500", "CLP": "1000", "COP": "4000",
	"JPY": "160", "CNY": "8", "KRW": "1600", "INR": "100", "HKD": "8", "SGD": "1.5", "TWD": "35", "THB": "40", "VND": "30000", "IDR": "18000",
	"PHP": "60", "MYR": "5", "ZAR": "20",
}

// steps are what prices of a currency are multiples of, where that is coarser than its
// smallest coin.
var steps = map[string]string{
	"EUR": "0.05", "USD": "0.05", "GBP": "0.05", "CHF": "0.05", "CAD": "0.05", "AUD": "0.05", "PLN": "0.10", "RON": "0.10", "BYN": "0.10",
	"CZK": "1", "SEK": "1", "NOK": "1", "DKK": "0.50", "RUB": "1", "UAH": "1", "TRY": "1", "HUF": "5", "KZT": "10", "AMD": "10", "JPY": "1",
}

// Factor proposes by what to multiply amounts of a currency for those of another to be
// worth about as much: 1, 2, 2.5, 4 or 5, or such a number of tens, hundreds, tenths and
// so on, by which round amounts stay round. It is false where it knows nothing of one of
// the two currencies, and proposes 1.
func Factor(from, to string) (decimal.Decimal, bool) {
	if from == to {
		return decimal.One, true
	}
	a, known := perEuro[from]
	b, both := perEuro[to]
	if !known || !both {
		return decimal.One, false
	}
	ratio, err := decimal.MustParse(b).Quo(decimal.MustParse(a))
	if err != nil {
		return decimal.One, false
	}
	return round(ratio), true
}

// round is the round number that is nearest to a ratio, by how many times as large one is
// as the other.
func round(ratio decimal.Decimal) decimal.Decimal {
	best, off := decimal.One, decimal.Decimal{}
	for _, digits := range []string{"1", "2", "2.5", "4", "5"} {
		for places := -6; places <= 6; places++ {
			candidate := shifted(decimal.MustParse(digits), places)
			times, err := candidate.Quo(ratio)
			if err == nil && times.Less(decimal.One) {
				times, err = ratio.Quo(candidate)
			}
			if err == nil && (off.IsZero() || times.Less(off)) {
				best, off = candidate, times
			}
		}
	}
	return best
}

// shifted is a number with its point so many places to the right.
func shifted(d decimal.Decimal, places int) decimal.Decimal {
	ten := decimal.MustNew(10, 0)
	if places < 0 {
		ten, places = decimal.MustNew(1, 1), -places
	}
	for range places {
		d, _ = d.Mul(ten) // at most 5 and six places: nothing is too large
	}
	return d.Trim(0)
}
