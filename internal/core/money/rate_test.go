package money_test

import (
	"math"
	"math/big"
	"slices"
	"testing"

	"premia/internal/core/money"

	"github.com/govalues/decimal"
	"pgregory.net/rapid"
)

func rates() *rapid.Generator[money.Rate] {
	number := rapid.OneOf(rapid.Int64(), rapid.Int64Range(-100, 100), rapid.Int64Range(-1_000_000, 1_000_000))
	return rapid.Custom(func(t *rapid.T) money.Rate {
		rate, err := money.NewRate(number.Draw(t, "num"), number.Draw(t, "den"))
		if err != nil {
			t.Skip(err)
		}
		return rate
	})
}

func rat(r money.Rate) *big.Rat { return big.NewRat(r.Num(), r.Den()) }

func mustRate(t testing.TB, num, den int64) money.Rate {
	t.Helper()
	rate, err := money.NewRate(num, den)
	if err != nil {
		t.Fatal(err)
	}
	return rate
}

// rounded is the model of rounding: the exact quotient, floored by math/big,
// and then compared with its neighbours.
func rounded(exact *big.Rat, how money.Rounding) *big.Int {
	floor := new(big.Int).Div(exact.Num(), exact.Denom())
	fraction := new(big.Rat).Sub(exact, new(big.Rat).SetInt(floor))
	ceiling := new(big.Int).Set(floor)
	if fraction.Sign() != 0 {
		ceiling.Add(ceiling, big.NewInt(1))
	}
	toZero, fromZero := floor, ceiling
	if exact.Sign() < 0 {
		toZero, fromZero = ceiling, floor
	}
	half := fraction.Cmp(big.NewRat(1, 2))
	switch {
	case how == money.Floor:
		return floor
	case how == money.Ceiling:
		return ceiling
	case how == money.TowardZero:
		return toZero
	case half < 0:
		return floor
	case half > 0:
		return ceiling
	case how == money.HalfUp:
		return fromZero
	case floor.Bit(0) == 0:
		return floor
	}
	return ceiling
}

func roundings() *rapid.Generator[money.Rounding] {
	return rapid.SampledFrom([]money.Rounding{
		money.Floor, money.Ceiling, money.HalfUp, money.HalfEven, money.TowardZero,
	})
}

func TestApplyAgreesWithBig(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rate := rates().Draw(t, "rate")
		amount := rapid.OneOf(amounts(), rapid.Int64()).Draw(t, "amount")
		how := roundings().Draw(t, "how")
		want := rounded(new(big.Rat).Mul(rat(rate), new(big.Rat).SetInt64(amount)), how)
		got, err := rate.Apply(amount, how)
		same(t, "Apply", got, err, want)
	})
}

// TestApplyAtHalves draws rates whose products often end in exactly a half,
// which random ones hardly ever do.
func TestApplyAtHalves(t *testing.T) {
	for _, how := range []money.Rounding{money.Floor, money.Ceiling, money.HalfUp, money.HalfEven, money.TowardZero} {
		for num := int64(-9); num <= 9; num++ {
			for den := int64(1); den <= 8; den++ {
				for amount := int64(-12); amount <= 12; amount++ {
					got, err := mustRate(t, num, den).Apply(amount, how)
					want := rounded(big.NewRat(num*amount, den), how)
					if err != nil || got != want.Int64() {
						t.Fatalf("%d×%d/%d %v = %d, %v; want %v", amount, num, den, how, got, err, want)
					}
				}
			}
		}
	}
}

func TestApplyRoundsAtTheBound(t *testing.T) {
	rate := mustRate(t, 2*money.MaxAmount+1, 2)
	if got, err := rate.Apply(1, money.Floor); err != nil || got != money.MaxAmount {
		t.Errorf("Floor gives %d, %v", got, err)
	}
	if _, err := rate.Apply(1, money.Ceiling); code(err) != money.OutOfRange {
		t.Errorf("Ceiling gives %v; want out of range", err)
	}
	if _, err := rate.Apply(1, money.TowardZero+1); code(err) != money.Malformed {
		t.Errorf("an unknown rounding gives %v", err)
	}
}

func TestRateArithmetic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := rates().Draw(t, "a"), rates().Draw(t, "b")
		if got, want := a.Cmp(b), rat(a).Cmp(rat(b)); got != want {
			t.Fatalf("%v.Cmp(%v) = %d; want %d", a, b, got, want)
		}
		if (a == b) != a.Equal(b) || a.Sign() != rat(a).Sign() || a.IsZero() != (rat(a).Sign() == 0) {
			t.Fatalf("%v and %v: ==, Equal, Sign or IsZero disagree", a, b)
		}
		product, err := a.Mul(b)
		sameRate(t, "Mul", product, err, new(big.Rat).Mul(rat(a), rat(b)))
		quotient, err := a.Quo(b)
		if b.IsZero() {
			if code(err) != money.DivisionByZero {
				t.Fatalf("%v/0 = %v, %v", a, quotient, err)
			}
			return
		}
		sameRate(t, "Quo", quotient, err, new(big.Rat).Quo(rat(a), rat(b)))
	})
}

// sameRate fails unless got is want in lowest terms, or want does not fit and
// is refused so.
func sameRate(t *rapid.T, what string, got money.Rate, err error, want *big.Rat) {
	t.Helper()
	if !new(big.Int).Abs(want.Num()).IsInt64() || !want.Denom().IsInt64() {
		if code(err) != money.OutOfRange {
			t.Fatalf("%s = %v, %v; want out of range", what, got, err)
		}
		return
	}
	if err != nil || got.Num() != want.Num().Int64() || got.Den() != want.Denom().Int64() {
		t.Fatalf("%s = %v, %v; want %v", what, got, err, want)
	}
}

func TestNewRate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		num, den := rapid.Int64().Draw(t, "num"), rapid.Int64().Draw(t, "den")
		if den == 0 {
			t.Skip("tested below")
		}
		rate, err := money.NewRate(num, den)
		sameRate(t, "NewRate", rate, err, new(big.Rat).SetFrac(big.NewInt(num), big.NewInt(den)))
	})
	if _, err := money.NewRate(1, 0); code(err) != money.DivisionByZero {
		t.Errorf("1/0: %v", err)
	}
	if zero := mustRate(t, 0, -7); zero != (money.Rate{}) || zero.Den() != 1 || zero.String() != "0" {
		t.Errorf("0/-7 = %v", zero)
	}
	if _, err := money.NewRate(math.MinInt64, 1); code(err) != money.OutOfRange {
		t.Errorf("the smallest int64: %v", err)
	}
}

func TestRateOf(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d, err := decimal.New(rapid.Int64().Draw(t, "value"), rapid.IntRange(0, decimal.MaxScale).Draw(t, "scale"))
		if err != nil {
			t.Skip(err)
		}
		want, _ := new(big.Rat).SetString(d.String())
		rate, err := money.RateOf(d)
		sameRate(t, "RateOf", rate, err, want)
	})
}

func TestRateString(t *testing.T) {
	for _, tc := range []struct {
		num, den int64
		want     string
	}{
		{3, 2, "1.5"}, {2, 1, "2"}, {-1, 20, "-0.05"}, {1, 3, "1/3"}, {-22, 7, "-22/7"},
		{1, 1 << 18, "0.000003814697265625"}, {1, 1 << 19, "1/524288"},
		{math.MaxInt64 - 1, math.MaxInt64, "9223372036854775806/9223372036854775807"},
	} {
		if got := mustRate(t, tc.num, tc.den).String(); got != tc.want {
			t.Errorf("%d/%d is written %q; want %q", tc.num, tc.den, got, tc.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		rate := rates().Draw(t, "rate")
		if read, ok := new(big.Rat).SetString(rate.String()); !ok || read.Cmp(rat(rate)) != 0 {
			t.Fatalf("%d/%d is written %q", rate.Num(), rate.Den(), rate)
		}
	})
}

func TestRescale(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		minor := amounts().Draw(t, "minor")
		from, to := rapid.IntRange(0, 6).Draw(t, "from"), rapid.IntRange(0, 6).Draw(t, "to")
		how := roundings().Draw(t, "how")
		exact := new(big.Rat).Mul(new(big.Rat).SetInt64(minor), new(big.Rat).Quo(power(to), power(from)))
		got, err := money.Rescale(minor, from, to, how)
		same(t, "Rescale", got, err, rounded(exact, how))
	})
	for _, scales := range [][2]int{{-1, 2}, {2, 7}} {
		if _, err := money.Rescale(1, scales[0], scales[1], money.Floor); code(err) != money.OutOfRange {
			t.Errorf("Rescale from %d to %d: %v", scales[0], scales[1], err)
		}
	}
}

func TestRoundingNames(t *testing.T) {
	for i, name := range []string{"floor", "ceiling", "half up", "half even", "toward zero"} {
		var how money.Rounding
		if err := how.UnmarshalText([]byte(name)); err != nil || how != money.Rounding(i) || how.String() != name {
			t.Errorf("%q is read as %v, %v", name, how, err)
		}
	}
	how := money.HalfEven
	if err := how.UnmarshalText([]byte("up")); code(err) != money.Malformed || how != money.HalfEven {
		t.Errorf(`"up" is read as %v, %v`, how, err)
	}
}

// shareModel is Hamilton's method by its definition, over math/big.
func shareModel(total int64, weights []int64) []int64 {
	sum := new(big.Int)
	parts := make([]*big.Int, len(weights))
	for i, weight := range weights {
		parts[i] = big.NewInt(max(weight, 0))
		sum.Add(sum, parts[i])
	}
	if sum.Sign() == 0 {
		for i := range parts {
			parts[i] = big.NewInt(1)
		}
		sum.SetInt64(int64(len(parts)))
	}
	size := new(big.Int).Abs(big.NewInt(total))
	left := new(big.Int).Set(size)
	shares, remainders := make([]*big.Int, len(parts)), make([]*big.Int, len(parts))
	for i, part := range parts {
		shares[i], remainders[i] = new(big.Int).DivMod(new(big.Int).Mul(size, part), sum, new(big.Int))
		left.Sub(left, shares[i])
	}
	for ; left.Sign() > 0; left.Sub(left, big.NewInt(1)) {
		best := 0
		for i, remainder := range remainders {
			if remainder.Cmp(remainders[best]) > 0 {
				best = i
			}
		}
		shares[best].Add(shares[best], big.NewInt(1))
		remainders[best] = big.NewInt(-1)
	}
	result := make([]int64, len(shares))
	for i, share := range shares {
		result[i] = share.Mul(share, big.NewInt(int64(big.NewInt(total).Sign()))).Int64()
	}
	return result
}

func TestShareAgreesWithModel(t *testing.T) {
	weight := rapid.OneOf(rapid.Int64Range(-2, 5), rapid.Int64Range(0, money.MaxAmount))
	rapid.Check(t, func(t *rapid.T) {
		total := rapid.OneOf(amounts(), rapid.Int64()).Draw(t, "total")
		weights := rapid.SliceOfN(weight, 1, 12).Draw(t, "weights")
		got, want := money.Share(total, weights), shareModel(total, weights)
		if !slices.Equal(got, want) {
			t.Fatalf("Share(%d, %v) = %v; want %v", total, weights, got, want)
		}
	})
}

func TestShareSumsExactly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		total := rapid.Int64().Draw(t, "total")
		weights := rapid.SliceOfN(rapid.Int64(), 1, 12).Draw(t, "weights") // their sum may pass 2^63
		sum := new(big.Int)
		for _, share := range money.Share(total, weights) {
			if share != 0 && (share < 0) != (total < 0) {
				t.Fatalf("a share of %d is %d", total, share)
			}
			sum.Add(sum, big.NewInt(share))
		}
		if sum.Cmp(big.NewInt(total)) != 0 {
			t.Fatalf("the shares of %d sum to %v", total, sum)
		}
	})
	if got := money.Share(5, nil); got != nil {
		t.Errorf("without weights: %v", got)
	}
	if got := money.Share(100, []int64{1, 1, 1}); !slices.Equal(got, []int64{34, 33, 33}) {
		t.Errorf("a tie: %v", got)
	}
}

func TestApplyDoesNotAllocate(t *testing.T) {
	rate := mustRate(t, 3, 7)
	buffer := make([]byte, 0, 32)
	if n := testing.AllocsPerRun(100, func() {
		amount, _ := rate.Apply(123_456, money.HalfEven)
		buffer = money.Append(buffer[:0], amount, 2)
	}); n != 0 {
		t.Errorf("Apply and Append allocate %v times", n)
	}
}

func BenchmarkApply(b *testing.B) {
	rate := mustRate(b, 3, 7)
	b.ReportAllocs()
	amount := int64(0)
	for b.Loop() {
		amount++
		if _, err := rate.Apply(amount, money.HalfEven); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkShare(b *testing.B) {
	weights := []int64{1250, 399, 4999, 100, 1, 7600, 320, 320}
	b.ReportAllocs()
	for b.Loop() {
		money.Share(14_989, weights)
	}
}
