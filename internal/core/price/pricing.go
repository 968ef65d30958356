package price

import (
	"cmp"
	"math"
	"math/bits"
	"slices"

	"premia/internal/core/money"
)

// pricing is a basket whose lines stand in their own order.
type pricing struct {
	lines      []Line
	shipping   int64
	ceiling    int64
	reductions []Reduction
	// order are the places of the reductions in the order in which they apply.
	order []int
}

// state is what reductions have left so far.
type state struct {
	left     []int64
	shipping int64
	ceiling  int64
}

func newPricing(b *Basket, reductions []Reduction, places []int) *pricing {
	p := &pricing{lines: permuted(b.Lines, places), shipping: b.Shipping, reductions: slices.Clone(reductions)}
	for i := range p.lines {
		p.ceiling += p.lines[i].Total
	}
	if !b.Most.IsZero() {
		p.ceiling = fraction(b.Most, p.ceiling, money.Floor)
	}
	for i := range p.reductions {
		r := &p.reductions[i]
		r.Marks, r.Gifts, r.Caps = permuted(r.Marks, places), permuted(r.Gifts, places), permuted(r.Caps, places)
		r.Parts = slices.Clone(r.Parts)
		for j := range r.Parts {
			r.Parts[j].Marks = permuted(r.Parts[j].Marks, places)
		}
		p.order = append(p.order, i)
	}
	slices.SortStableFunc(p.order, func(x, y int) int { return cmp.Compare(p.reductions[y].Priority, p.reductions[x].Priority) })
	return p
}

// answer puts the lines back into the caller's order.
func (p *pricing) answer(out []Applied, places []int) []Applied {
	for i := range out {
		if out[i].Lines == nil {
			continue
		}
		lines := make([]int64, len(places))
		for j, place := range places {
			lines[place] = out[i].Lines[j]
		}
		out[i].Lines = lines
	}
	return out
}

// best applies all that go together, and each that stands alone by itself, and
// gives what takes most off; of equal ones what goes together, and then the first.
func (p *pricing) best() []Applied {
	var together []int
	for _, i := range p.order {
		if !p.reductions[i].Alone {
			together = append(together, i)
		}
	}
	out := p.apply(together)
	most, winner := total(out), -1
	for _, i := range p.order {
		if !p.reductions[i].Alone {
			continue
		}
		alone := p.apply([]int{i})
		if sum := total(alone); sum > most {
			most, winner, out[i] = sum, i, alone[i]
		} else if alone[i].Why != Taken {
			out[i] = alone[i]
		}
	}
	p.settle(out, winner)
	return out
}

// settle says of those that do not apply beside the winner, or beside the others
// where none that stands alone won, by whom they are kept out.
func (p *pricing) settle(out []Applied, winner int) {
	by := winner
	for _, i := range p.order {
		if by < 0 && !p.reductions[i].Alone && out[i].Why == Taken {
			by = i
		}
	}
	for i := range out {
		keptOut := i != winner
		if winner < 0 {
			keptOut = p.reductions[i].Alone
		}
		if keptOut && out[i].Why == Taken {
			out[i] = Applied{Why: NotWith, By: by, Base: out[i].Base}
		}
	}
}

func total(out []Applied) int64 {
	sum := int64(0)
	for i := range out {
		sum += out[i].Total
	}
	return sum
}

// apply applies the reductions at these places one after another.
func (p *pricing) apply(places []int) []Applied {
	s := &state{left: make([]int64, len(p.lines)), shipping: p.shipping, ceiling: p.ceiling}
	for i := range p.lines {
		s.left[i] = p.lines[i].Total
	}
	out := make([]Applied, len(p.reductions))
	done := map[string]bool{}
	for _, i := range places {
		switch group := p.reductions[i].Group; {
		case group == "":
			out[i] = p.take(&p.reductions[i], s)
			s.commit(&out[i])
		case !done[group]:
			done[group] = true
			p.group(group, places, s, out)
		}
	}
	return out
}

// group applies one of a group.
func (p *pricing) group(group string, places []int, s *state, out []Applied) {
	chosen := -1
	for _, i := range places {
		r := &p.reductions[i]
		if r.Group != group {
			continue
		}
		out[i] = p.take(r, s)
		if out[i].Total > 0 && (chosen < 0 || r.Best && out[i].Total > out[chosen].Total) {
			chosen = i
		}
	}
	for _, i := range places {
		if p.reductions[i].Group == group && i != chosen && out[i].Total > 0 {
			out[i] = Applied{Why: Outdone, By: chosen, Base: out[i].Base}
		}
	}
	if chosen >= 0 {
		s.commit(&out[chosen])
	}
}

// commit takes off what was reckoned.
func (s *state) commit(a *Applied) {
	s.shipping -= a.Shipping
	s.ceiling -= a.Total - a.Shipping
	for i, amount := range a.Lines {
		s.left[i] -= amount
	}
}

// take reckons what a reduction takes off what is left; nothing changes.
func (p *pricing) take(r *Reduction, s *state) Applied {
	out := Applied{}
	marked := false
	for i := range p.lines {
		if r.about(i) {
			out.Base += p.lines[i].Total
			marked = true
		}
	}
	rate, amount, least := r.Rate, r.Money, r.Least
	if len(r.Steps) > 0 {
		least = max(least, r.Steps[0].From)
		for _, step := range r.Steps {
			if out.Base >= step.From {
				rate, amount = step.Rate, step.Money
			}
		}
	}
	switch {
	case !marked && len(p.lines) > 0:
		out.Why = NoLines
	case out.Base < least:
		out.Why, out.Least = BelowLeast, least
	case r.On == Shipping:
		p.takeShipping(r, rate, amount, s, &out)
	default:
		p.takeGoods(r, rate, amount, s, &out)
	}
	return out
}

// about tells whether a line is marked, or is one of a bundle's.
func (r *Reduction) about(line int) bool {
	if r.What != Bundle {
		return marks(r.Marks, line)
	}
	return slices.ContainsFunc(r.Parts, func(p Part) bool { return marks(p.Marks, line) })
}

func marks(list []bool, i int) bool { return list == nil || list[i] }

func (p *pricing) takeShipping(r *Reduction, rate money.Rate, amount int64, s *state, out *Applied) {
	off := min(amount, s.shipping)
	if r.What == Percent {
		off = fraction(rate, s.shipping, money.HalfUp)
	}
	if r.Most > 0 {
		off = min(off, r.Most)
	}
	if r.Caps != nil {
		off = min(off, r.ShippingCap)
	}
	if out.Shipping, out.Total = off, off; off <= 0 {
		*out = Applied{Why: NothingLeft, Base: out.Base}
	}
}

func (p *pricing) takeGoods(r *Reduction, rate money.Rate, amount int64, s *state, out *Applied) {
	wanted := p.wanted(r, rate, amount, s, out)
	if out.Why != Taken {
		return
	}
	sum := int64(0)
	for _, w := range wanted {
		sum += w
	}
	most := min(sum, s.ceiling)
	if r.Most > 0 {
		most = min(most, r.Most)
	}
	if most < sum {
		wanted = money.Share(most, wanted)
	}
	for i := range wanted {
		if r.Caps != nil {
			wanted[i] = min(wanted[i], r.Caps[i])
		}
		out.Total += wanted[i]
	}
	if out.Lines = wanted; out.Total <= 0 {
		*out = Applied{Why: NothingLeft, Base: out.Base}
	}
}

// fraction gives rate × amount; rates are at most one, so it can't leave what money
// counts.
func fraction(rate money.Rate, amount int64, how money.Rounding) int64 {
	out, err := rate.Apply(amount, how)
	if err != nil {
		return 0
	}
	return out
}

// times gives amount × n, and no more than most.
func times(amount, n, most int64) int64 {
	high, low := bits.Mul64(uint64(amount), uint64(n))
	if high != 0 || low > math.MaxInt64 {
		return most
	}
	return min(int64(low), most)
}
