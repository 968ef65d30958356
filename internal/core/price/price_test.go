package price_test

import (
	"math/rand"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"premia/internal/core/money"
	"premia/internal/core/price"
)

func rate(t interface{ Fatal(...any) }, num, den int64) money.Rate {
	r, err := money.NewRate(num, den)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// basket draws a basket, with prices that pieces divide evenly or not.
func basket(t *rapid.T) price.Basket {
	b := price.Basket{Shipping: rapid.SampledFrom([]int64{0, 999}).Draw(t, "shipping")}
	for range rapid.IntRange(1, 6).Draw(t, "lines") {
		b.Lines = append(b.Lines, price.Line{
			Quantity: rapid.SampledFrom([]int64{1000, 1000, 2000, 3000, 7000, 250, 1250}).Draw(t, "quantity"),
			Total:    rapid.OneOf(rapid.Int64Range(0, 50), rapid.Int64Range(0, 30_000)).Draw(t, "total"),
		})
	}
	if rapid.Bool().Draw(t, "has ceiling") {
		b.Most = rate(t, rapid.Int64Range(1, 100).Draw(t, "ceiling"), 100)
	}
	return b
}

func marked(t *rapid.T, b *price.Basket, label string) []bool {
	return rapid.SliceOfN(rapid.Bool(), len(b.Lines), len(b.Lines)).Draw(t, label)
}

func reduction(t *rapid.T, b *price.Basket) price.Reduction {
	r := price.Reduction{
		What: rapid.SampledFrom([]price.What{price.Percent, price.Off, price.Fixed, price.BuyGet, price.Bundle}).Draw(t, "what"),
		On:   rapid.SampledFrom([]price.On{price.Order, price.Items, price.Cheapest}).Draw(t, "on"),
		Rate: rate(t, rapid.Int64Range(1, 100).Draw(t, "percent"), 100), Money: rapid.Int64Range(1, 5000).Draw(t, "money"),
		Buy: rapid.Int64Range(1, 3).Draw(t, "buy"), Get: rapid.Int64Range(1, 2).Draw(t, "get"),
		Times:    rapid.Int64Range(0, 3).Draw(t, "times"),
		Priority: rapid.IntRange(0, 2).Draw(t, "priority"),
		Group:    rapid.SampledFrom([]string{"", "", "a", "b"}).Draw(t, "group"), Best: rapid.Bool().Draw(t, "best"),
		Alone: rapid.IntRange(0, 5).Draw(t, "alone") == 0,
		Least: rapid.SampledFrom([]int64{0, 0, 1000}).Draw(t, "least"),
		Most:  rapid.SampledFrom([]int64{0, 0, 1, 700}).Draw(t, "most"),
	}
	if rapid.Bool().Draw(t, "some lines") {
		r.Marks = marked(t, b, "marks")
	}
	switch {
	case r.What == price.BuyGet:
		r.On = price.Order
		if rapid.Bool().Draw(t, "other gifts") {
			r.Gifts = marked(t, b, "gifts")
		}
	case r.What == price.Bundle:
		r.On, r.Marks = price.Order, nil
		for range rapid.IntRange(1, 3).Draw(t, "parts") {
			r.Parts = append(r.Parts, price.Part{Marks: marked(t, b, "part"), Pieces: rapid.Int64Range(1, 2).Draw(t, "pieces")})
		}
	case rapid.IntRange(0, 4).Draw(t, "shipping") == 0:
		r.On = price.Shipping
		if r.What == price.Fixed {
			r.What = price.Off
		}
	case rapid.IntRange(0, 4).Draw(t, "steps") == 0:
		r.Steps = []price.Step{{From: 500, Rate: rate(t, 1, 10), Money: 50}, {From: 5000, Rate: rate(t, 1, 5), Money: 500}}
	}
	return r
}

func reductions(t *rapid.T, b *price.Basket) []price.Reduction {
	var out []price.Reduction
	for range rapid.IntRange(1, 5).Draw(t, "reductions") {
		out = append(out, reduction(t, b))
	}
	return out
}

// What reductions take off the lines is what they take off in all; nothing costs
// less than nothing, and no cap and no ceiling is passed.
func TestBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := basket(t)
		all := reductions(t, &b)
		left, shipping, goods, taken := make([]int64, len(b.Lines)), b.Shipping, int64(0), int64(0)
		for i := range b.Lines {
			left[i] = b.Lines[i].Total
			goods += b.Lines[i].Total
		}
		groups := map[string]int{}
		for i, a := range b.Price(all) {
			sum := a.Shipping
			for j, amount := range a.Lines {
				if amount < 0 {
					t.Fatalf("reduction %d makes line %d dearer: %+v", i, j, a)
				}
				left[j] -= amount
				sum += amount
			}
			shipping -= a.Shipping
			taken += sum - a.Shipping
			switch {
			case sum != a.Total:
				t.Fatalf("reduction %d: the lines sum to %d, all is %d", i, sum, a.Total)
			case (a.Total > 0) != (a.Why == price.Taken):
				t.Fatalf("reduction %d took %d off, and says %v", i, a.Total, a.Why)
			case all[i].Most > 0 && a.Total > all[i].Most:
				t.Fatalf("reduction %d took %d off, more than %d", i, a.Total, all[i].Most)
			}
			if a.Total > 0 && all[i].Group != "" {
				if groups[all[i].Group]++; groups[all[i].Group] > 1 {
					t.Fatalf("two of the group %s apply", all[i].Group)
				}
			}
			for j := range a.Lines {
				about := all[i].Marks == nil || all[i].Marks[j]
				if all[i].What == price.BuyGet && all[i].Gifts != nil {
					about = all[i].Gifts[j]
				}
				if a.Lines[j] > 0 && !about {
					t.Fatalf("reduction %d reduces line %d, which it is not about", i, j)
				}
			}
		}
		if slices.Min(left) < 0 || shipping < 0 {
			t.Fatalf("something costs less than nothing: %v, shipping %d", left, shipping)
		}
		if !b.Most.IsZero() {
			if most, _ := b.Most.Apply(goods, money.Floor); taken > most {
				t.Fatalf("%d is taken off, above the ceiling of %d", taken, most)
			}
		}
	})
}

// The order in which a basket is written changes nothing but the order of the
// answer.
func TestOrderOfLines(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := basket(t)
		all := reductions(t, &b)
		order := rand.New(rand.NewSource(rapid.Int64().Draw(t, "seed"))).Perm(len(b.Lines))
		shuffle := func(marks []bool) []bool {
			if marks == nil {
				return nil
			}
			out := make([]bool, len(order))
			for to, from := range order {
				out[to] = marks[from]
			}
			return out
		}
		other, others := price.Basket{Shipping: b.Shipping, Most: b.Most}, slices.Clone(all)
		for _, from := range order {
			other.Lines = append(other.Lines, b.Lines[from])
		}
		for i := range others {
			r := &others[i]
			r.Marks, r.Gifts, r.Parts = shuffle(r.Marks), shuffle(r.Gifts), slices.Clone(r.Parts)
			for j := range r.Parts {
				r.Parts[j].Marks = shuffle(r.Parts[j].Marks)
			}
		}
		here, there := b.Price(all), other.Price(others)
		for i := range here {
			if here[i].Total != there[i].Total || here[i].Why != there[i].Why || here[i].Sets != there[i].Sets {
				t.Fatalf("reduction %d comes to %+v, and in the order %v to %+v", i, here[i], order, there[i])
			}
		}
	})
}

// A reduction alone takes off no less than among others of lower priority: nothing
// that comes later changes what came before.
func TestLaterReductionsLeaveEarlierOnes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := basket(t)
		first := reduction(t, &b)
		first.Priority, first.Group, first.Alone = 9, "", false
		all := append([]price.Reduction{first}, reductions(t, &b)...)
		for i := range all {
			all[i].Alone = false
		}
		alone, among := b.Price(all[:1])[0], b.Price(all)[0]
		if alone.Total != among.Total {
			t.Fatalf("alone it takes %d off, among others %d", alone.Total, among.Total)
		}
	})
}

// TestBuyGet holds free pieces against a list of all single pieces, of which the
// cheapest are free.
func TestBuyGet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var b price.Basket
		var pieces []int64
		for range rapid.IntRange(1, 6).Draw(t, "lines") {
			n, each := rapid.Int64Range(1, 9).Draw(t, "pieces"), rapid.Int64Range(1, 12).Draw(t, "price")
			b.Lines = append(b.Lines, price.Line{Quantity: n * price.PieceScale, Total: n * each})
			for range n {
				pieces = append(pieces, each)
			}
		}
		buy, get := rapid.IntRange(1, 4).Draw(t, "buy"), rapid.IntRange(1, 3).Draw(t, "get")
		times := rapid.IntRange(0, 4).Draw(t, "times")
		slices.Sort(pieces)
		sets, want := 0, int64(0)
		for paid := len(pieces); paid >= buy+get && (times == 0 || sets < times); paid -= buy + get {
			for _, each := range pieces[sets*get : (sets+1)*get] {
				want += each
			}
			sets++
		}
		got := b.Price([]price.Reduction{{What: price.BuyGet, Rate: rate(t, 1, 1), Buy: int64(buy), Get: int64(get), Times: int64(times)}})[0]
		if got.Total != want || got.Sets != int64(sets) {
			t.Fatalf("%d free in %d sets, want %d in %d: %+v", got.Total, got.Sets, want, sets, b.Lines)
		}
	})
}

func TestExamples(t *testing.T) {
	half, tenth, all := rate(t, 1, 2), rate(t, 1, 10), rate(t, 1, 1)
	lines := func(totals ...int64) price.Basket {
		b := price.Basket{Shipping: 1500}
		for _, total := range totals {
			b.Lines = append(b.Lines, price.Line{Quantity: price.PieceScale, Total: total})
		}
		return b
	}
	for _, one := range []struct {
		name  string
		b     price.Basket
		r     []price.Reduction
		total []int64
		why   []price.Why
	}{
		{"40 % and 70 % leave 18 %", lines(10_000),
			[]price.Reduction{{What: price.Percent, Rate: rate(t, 4, 10), Priority: 1}, {What: price.Percent, Rate: rate(t, 7, 10)}}, []int64{4000, 4200}, nil},
		{"the ceiling cuts what comes last", price.Basket{Lines: lines(10_000).Lines, Most: rate(t, 6, 10)},
			[]price.Reduction{{What: price.Percent, Rate: rate(t, 4, 10)}, {What: price.Percent, Rate: rate(t, 7, 10)}, {What: price.Off, Money: 1}}, []int64{4000, 2000, 0},
			[]price.Why{price.Taken, price.Taken, price.NothingLeft}},
		{"a sum of money takes no more than there is", lines(300, 200), []price.Reduction{{What: price.Off, Money: 900}}, []int64{500}, nil},
		{"a sum off each piece", lines(300, 50), []price.Reduction{{What: price.Off, On: price.Items, Money: 100}}, []int64{150}, nil},
		{"each piece costs at most so much", lines(300, 50), []price.Reduction{{What: price.Fixed, On: price.Items, Money: 100}}, []int64{200}, nil},
		{"the cheapest is half off", lines(300, 50), []price.Reduction{{What: price.Percent, On: price.Cheapest, Rate: half}}, []int64{25}, nil},
		{"the cheapest that still costs something is half off", lines(300, 200, 50),
			[]price.Reduction{{What: price.BuyGet, Rate: all, Buy: 2, Get: 1, Priority: 1}, {What: price.Percent, On: price.Cheapest, Rate: half}}, []int64{50, 100}, nil},
		{"the cheapest where all is free", lines(50),
			[]price.Reduction{{What: price.Percent, Rate: all, Priority: 1}, {What: price.Percent, On: price.Cheapest, Rate: half}}, []int64{50, 0},
			[]price.Why{price.Taken, price.NothingLeft}},
		{"free shipping", lines(300), []price.Reduction{{What: price.Percent, On: price.Shipping, Rate: all}}, []int64{1500}, nil},
		{"a threshold that is not reached", lines(300), []price.Reduction{{What: price.Percent, Rate: half, Least: 301}}, []int64{0}, []price.Why{price.BelowLeast}},
		{"the highest step that is reached", lines(2000), []price.Reduction{{What: price.Percent, Steps: []price.Step{{From: 1000, Rate: tenth}, {From: 2000, Rate: half}, {From: 3000, Rate: all}}}}, []int64{1000}, nil},
		{"the best of a group", lines(1000), []price.Reduction{{What: price.Off, Money: 50, Group: "g", Best: true, Priority: 5}, {What: price.Percent, Rate: half, Group: "g", Best: true}}, []int64{0, 500},
			[]price.Why{price.Outdone, price.Taken}},
		{"the first of a group", lines(1000), []price.Reduction{{What: price.Off, Money: 50, Group: "g", Priority: 5}, {What: price.Percent, Rate: half, Group: "g"}}, []int64{50, 0},
			[]price.Why{price.Taken, price.Outdone}},
		{"what stands alone wins", lines(1000), []price.Reduction{{What: price.Percent, Rate: tenth}, {What: price.Percent, Rate: half, Alone: true}}, []int64{0, 500},
			[]price.Why{price.NotWith, price.Taken}},
		{"what stands alone loses", lines(1000), []price.Reduction{{What: price.Percent, Rate: half}, {What: price.Percent, Rate: tenth, Alone: true}}, []int64{500, 0},
			[]price.Why{price.Taken, price.NotWith}},
		{"a bundle, twice", lines(500, 500, 300, 300),
			[]price.Reduction{{What: price.Bundle, Money: 600, Parts: []price.Part{{Marks: []bool{true, true, false, false}, Pieces: 1}, {Marks: []bool{false, false, true, true}, Pieces: 1}}}}, []int64{400}, nil},
		{"a bundle whose pieces fit both parts", lines(500, 300),
			[]price.Reduction{{What: price.Bundle, Money: 600, Parts: []price.Part{{Marks: []bool{true, true}, Pieces: 1}, {Marks: []bool{true, false}, Pieces: 1}}}}, []int64{200}, nil},
	} {
		out := one.b.Price(one.r)
		for i := range out {
			if out[i].Total != one.total[i] {
				t.Errorf("%s: reduction %d takes %d off, want %d", one.name, i, out[i].Total, one.total[i])
			}
			if one.why != nil && out[i].Why != one.why[i] {
				t.Errorf("%s: reduction %d says %v, want %v", one.name, i, out[i].Why, one.why[i])
			}
		}
	}
}
