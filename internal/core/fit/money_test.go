package fit_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/govalues/decimal"

	"premia/internal/core/document"
	"premia/internal/core/fit"
	"premia/internal/core/money"
	"premia/internal/core/program"
	"premia/programs"
)

// TestReadyProgramsInEveryMoney takes each ready program in other currencies: it has no
// mistakes, what it says of money has the decimals of the currency, only few scenarios do
// not hold any more, and those that are kept pass.
func TestReadyProgramsInEveryMoney(t *testing.T) {
	for _, name := range programs.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc := ready(t, name)
			for _, currency := range []string{"EUR", "CZK", "HUF", "JPY", "USD", "PLN"} {
				if currency == doc.Head.Currency {
					continue
				}
				factor, _ := fit.Factor(doc.Head.Currency, currency)
				src, amounts, err := fit.Convert(doc, currency, factor, nil)
				if err != nil {
					t.Fatalf("%s: %v", currency, err)
				}
				kept, left, err := fit.Kept(name, src)
				if err != nil {
					t.Fatalf("%s: %v\n%s", currency, err, src)
				}
				if kept.Head.Currency != currency || len(amounts) == 0 {
					t.Errorf("%s: it is in %s, with %d amounts", currency, kept.Head.Currency, len(amounts))
				}
				for _, l := range left {
					t.Logf("%s %s: %s\n%v %+v", name, currency, l.It, l.Problems, l.Failures)
				}
				if 4*len(left) > doc.Scenarios() {
					t.Errorf("%s: %d of %d scenarios are left out", currency, len(left), doc.Scenarios())
				}
				if failures := program.RunScenarios(kept); len(failures) > 0 {
					t.Errorf("%s: %+v", currency, failures)
				}
				if digits, _ := money.CurrencyDigits(currency); doc.Head.Scale == nil {
					checkDecimals(t, kept, digits)
				}
			}
		})
	}
}

// TestPercentOfMoneyInPoints takes a bonus in percent of what is paid, in points, so that it
// gives as much; one of money stays as it is.
func TestPercentOfMoneyInPoints(t *testing.T) {
	t.Parallel()
	for currency, want := range map[string]string{"CZK": "2%", "HUF": "0.1%", "EUR": "40%", "JPY": "0.25%"} {
		doc := ready(t, "coffee")
		factor, _ := fit.Factor(doc.Head.Currency, currency)
		src, _, err := fit.Convert(doc, currency, factor, nil)
		if err != nil || !strings.Contains(string(src), "bonus: {beans: "+want+"}") {
			t.Errorf("%s: a tenth of the price in beans is no %s, %v", currency, want, err)
		}
		if _, left, err := fit.Kept("coffee", src); err != nil || len(left) > 0 {
			t.Errorf("%s: %+v, %v", currency, left, err)
		}
	}
	doc := ready(t, "cashback-club")
	src, _, err := fit.Convert(doc, "PLN", decimal.MustParse("0.2"), nil)
	if err != nil || !strings.Contains(string(src), "bonus: {cashback: 4%}") || !strings.Contains(string(src), "give: {cashback: 1.5%}") {
		t.Errorf("percent of money in money became others, %v", err)
	}
}

// checkDecimals finds amounts of what one costs, which all are money, with more decimals
// than the currency has.
func checkDecimals(t *testing.T, doc *program.Document, digits int) {
	t.Helper()
	doc.Source.Scalars(func(path, text string) {
		_, key := document.Parent(path)
		d, err := decimal.Parse(text)
		if (key == "cost" || key == "least" || key == "per") && err == nil && d.Trim(0).Scale() > digits {
			t.Errorf("%s is %s in %s", path, text, doc.Head.Currency)
		}
	})
}

// TestReadyProgramsListTheirMoney finds each number with decimals before the scenarios of
// a ready program among its amounts: there is no money of which it does not know.
func TestReadyProgramsListTheirMoney(t *testing.T) {
	t.Parallel()
	decimals := regexp.MustCompile(`\b[0-9]+\.[0-9]{2}\b`)
	for _, name := range programs.Names() {
		doc := ready(t, name)
		_, amounts, err := fit.Convert(doc, "XAF", decimal.One, nil)
		if err != nil {
			t.Fatal(err)
		}
		listed := make(map[string]bool)
		for _, a := range amounts {
			listed[a.Path] = true
		}
		doc.Source.Scalars(func(path, text string) {
			parent, key := document.Parent(path)
			_, above := document.Parent(parent)
			if strings.HasPrefix(path, "scenarios") || above == "multiply" || above == "name" || key == "odds" || key == "nothing" {
				return
			}
			if decimals.MatchString(text) && !listed[path] && text != "1.00" {
				t.Errorf("%s: %s: %s is no amount", name, path, text)
			}
		})
	}
}

// TestFactor proposes round numbers, which come close to what money is worth, there and
// back.
func TestFactor(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ from, to, want string }{
		{"PLN", "EUR", "0.25"}, {"PLN", "CZK", "5"}, {"PLN", "HUF", "100"}, {"PLN", "JPY", "40"}, {"PLN", "GBP", "0.2"}, {"CZK", "EUR", "0.04"},
		{"CZK", "PLN", "0.2"}, {"EUR", "USD", "1"}, {"PLN", "RUB", "25"}, {"PLN", "UAH", "10"}, {"EUR", "EUR", "1"},
	} {
		if got, known := fit.Factor(c.from, c.to); !known || got.String() != c.want {
			t.Errorf("from %s to %s it is %s, %t, want %s", c.from, c.to, got, known, c.want)
		}
	}
	if got, known := fit.Factor("PLN", "XAF"); known || got != decimal.One {
		t.Errorf("of an unknown currency it is %s, %t", got, known)
	}
}
