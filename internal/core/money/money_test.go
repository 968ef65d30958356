package money_test

import (
	"errors"
	"math"
	"math/big"
	"strings"
	"testing"

	"premia/internal/core/money"

	"pgregory.net/rapid"
)

// code gives the code of an error of this package, or "".
func code(err error) string {
	if e, ok := errors.AsType[*money.Error](err); ok {
		return e.Code
	}
	return ""
}

func TestParse(t *testing.T) {
	for _, tc := range []struct {
		text  string
		scale int
		want  int64
		code  string
	}{
		{"12.50", 2, 1250, ""},
		{"12.5", 2, 1250, ""},
		{"-3", 2, -300, ""},
		{"-0.05", 2, -5, ""},
		{"007", 0, 7, ""},
		{"-0", 2, 0, ""},
		{"1.5000", 2, 150, ""},
		{"3.000", 0, 3, ""},
		{strings.Repeat("0", 500) + "1", 6, 1_000_000, ""},
		{"1000000000000000", 0, money.MaxAmount, ""},
		{"-1000000000.000000", 6, -money.MaxAmount, ""},
		{"1000000000000001", 0, 0, money.OutOfRange},
		{"1000000000.000001", 6, 0, money.OutOfRange},
		{"1000000000000000", 6, 0, money.OutOfRange},
		{"9223372036854775808", 0, 0, money.OutOfRange},
		{strings.Repeat("9", 10_000), 2, 0, money.OutOfRange},
		{"1", 7, 0, money.OutOfRange},
		{"1", -1, 0, money.OutOfRange},
		{"1.505", 2, 0, money.TooPrecise},
		{"0.1", 0, 0, money.TooPrecise},
		{"", 2, 0, money.Malformed},
		{"-", 2, 0, money.Malformed},
		{".", 2, 0, money.Malformed},
		{"1.", 2, 0, money.Malformed},
		{".5", 2, 0, money.Malformed},
		{"-.5", 2, 0, money.Malformed},
		{"+1", 2, 0, money.Malformed},
		{"--1", 2, 0, money.Malformed},
		{" 1", 2, 0, money.Malformed},
		{"1 000", 2, 0, money.Malformed},
		{"1,5", 2, 0, money.Malformed},
		{"1.2.3", 2, 0, money.Malformed},
		{"1.5x", 0, 0, money.Malformed},
		{"1e3", 2, 0, money.Malformed},
		{"0x10", 2, 0, money.Malformed},
		{"NaN", 2, 0, money.Malformed},
		{"Inf", 2, 0, money.Malformed},
		{"１２", 2, 0, money.Malformed},
		{"\xff", 2, 0, money.Malformed},
	} {
		got, err := money.Parse(tc.text, tc.scale)
		if got != tc.want || code(err) != tc.code || (err == nil) != (tc.code == "") {
			t.Errorf("Parse(%.40q, %d) = %d, %v; want %d, code %q", tc.text, tc.scale, got, err, tc.want, tc.code)
		}
	}
}

func TestErrorsSayWhatIsWrong(t *testing.T) {
	for _, tc := range []struct {
		text  string
		scale int
		want  string
	}{
		{"1,5", 2, `"1,5" is not a decimal number; write digits with a point, such as 12.50 or -3`},
		{"1.005", 2, `"1.005" has more than 2 decimals, which is what this unit has`},
		{"0.5", 0, `"0.5" has decimals, but this unit has none`},
		{"99999999999999", 2, `"99999999999999" is not between -10000000000000.00 and 10000000000000.00`},
		{"1", 9, `a scale of 9 decimals is not between 0 and 6`},
		{strings.Repeat("ż", 30), 2, `"` + strings.Repeat("ż", 20) + `…" is not a decimal number; write digits with a point, such as 12.50 or -3`},
	} {
		_, err := money.Parse(tc.text, tc.scale)
		if err == nil || err.Error() != tc.want {
			t.Errorf("Parse(%q, %d) says %v; want %s", tc.text, tc.scale, err, tc.want)
		}
	}
}

func TestFormat(t *testing.T) {
	for _, tc := range []struct {
		minor int64
		scale int
		want  string
	}{
		{1250, 2, "12.50"}, {-5, 2, "-0.05"}, {7, 0, "7"}, {0, 2, "0.00"}, {0, 0, "0"},
		{-1_000_000, 6, "-1.000000"}, {12, -1, "12"}, {math.MinInt64, 3, "-9223372036854775.808"},
	} {
		if got := money.Format(tc.minor, tc.scale); got != tc.want {
			t.Errorf("Format(%d, %d) = %q; want %q", tc.minor, tc.scale, got, tc.want)
		}
	}
}

func amounts() *rapid.Generator[int64] {
	return rapid.OneOf(
		rapid.Int64Range(-money.MaxAmount, money.MaxAmount),
		rapid.Int64Range(-1000, 1000),
		rapid.SampledFrom([]int64{0, money.MaxAmount, -money.MaxAmount}),
	)
}

func TestParseUndoesFormat(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		scale := rapid.IntRange(0, money.MaxScale).Draw(t, "scale")
		minor := amounts().Draw(t, "minor")
		text := money.Format(minor, scale)
		if got, err := money.Parse(text, scale); err != nil || got != minor {
			t.Fatalf("Parse(%q, %d) = %d, %v; want %d", text, scale, got, err, minor)
		}
		if got := string(money.Append([]byte("x"), minor, scale)); got != "x"+text {
			t.Fatalf("Append gives %q; want %q", got, "x"+text)
		}
	})
}

func TestFormatIsTheNumber(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		scale := rapid.IntRange(0, money.MaxScale).Draw(t, "scale")
		minor := rapid.Int64().Draw(t, "minor")
		want := new(big.Rat).Quo(new(big.Rat).SetInt64(minor), power(scale)).FloatString(scale)
		if got := money.Format(minor, scale); got != want {
			t.Fatalf("Format(%d, %d) = %q; want %q", minor, scale, got, want)
		}
	})
}

func power(scale int) *big.Rat {
	return new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil))
}

// FuzzParse holds Parse against big.Rat: what is taken has the value that
// big.Rat reads, and what is refused as out of range or too precise really is.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"12.50", "-3", "1e9", "0.000001", "1000000000000000", "+1", "1.", ".5", "Inf", "00", "-0.0"} {
		f.Add(seed, 2)
	}
	f.Fuzz(func(t *testing.T, text string, scale int) {
		minor, err := money.Parse(text, scale)
		if scale < 0 || scale > money.MaxScale {
			if code(err) != money.OutOfRange {
				t.Fatalf("scale %d: %v", scale, err)
			}
			return
		}
		if code(err) == money.Malformed || len(text) > 1000 {
			return
		}
		value, ok := new(big.Rat).SetString(text)
		if !ok {
			t.Fatalf("Parse(%q, %d) = %d, %v, but it is no number", text, scale, minor, err)
		}
		value.Mul(value, power(scale))
		beyond := new(big.Rat).Abs(value).Cmp(new(big.Rat).SetInt64(money.MaxAmount)) > 0
		switch {
		case code(err) == money.TooPrecise && value.IsInt(), code(err) == money.OutOfRange && !beyond:
			t.Fatalf("Parse(%q, %d) refuses: %v", text, scale, err)
		case err == nil && value.Cmp(new(big.Rat).SetInt64(minor)) != 0:
			t.Fatalf("Parse(%q, %d) = %d", text, scale, minor)
		}
	})
}

func TestSums(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.SliceOfN(rapid.OneOf(rapid.Int64(), amounts()), 0, 8).Draw(t, "amounts")
		want := new(big.Int)
		for _, amount := range all {
			want.Add(want, big.NewInt(amount))
		}
		sum, err := money.Sum(all...)
		same(t, "Sum", sum, err, want)
		if len(all) < 2 {
			return
		}
		sum, err = money.Add(all[0], all[1])
		same(t, "Add", sum, err, want.Add(big.NewInt(all[0]), big.NewInt(all[1])))
		difference, err := money.Sub(all[0], all[1])
		same(t, "Sub", difference, err, want.Sub(big.NewInt(all[0]), big.NewInt(all[1])))
	})
}

// same fails unless got is want, or want is beyond MaxAmount and refused so.
func same(t *rapid.T, what string, got int64, err error, want *big.Int) {
	t.Helper()
	if new(big.Int).Abs(want).Cmp(big.NewInt(money.MaxAmount)) > 0 {
		if code(err) != money.OutOfRange {
			t.Fatalf("%s = %d, %v; want out of range (%v)", what, got, err, want)
		}
		return
	}
	if err != nil || big.NewInt(got).Cmp(want) != 0 {
		t.Fatalf("%s = %d, %v; want %v", what, got, err, want)
	}
}

func TestCurrencyDigits(t *testing.T) {
	for currency, want := range map[string]int{"PLN": 2, "CZK": 2, "RUB": 2, "EUR": 2, "GBP": 2, "JPY": 0, "KWD": 3, "CLF": 4} {
		if got, ok := money.CurrencyDigits(currency); !ok || got != want {
			t.Errorf("CurrencyDigits(%s) = %d, %v; want %d", currency, got, ok, want)
		}
	}
	for _, no := range []string{"", "pln", "XXX", "XAU", "POINTS"} {
		if got, ok := money.CurrencyDigits(no); ok {
			t.Errorf("CurrencyDigits(%q) = %d; want none", no, got)
		}
	}
}
