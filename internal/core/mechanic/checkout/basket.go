package checkout

import (
	"math"
	"slices"

	"premia/internal/core/calendar"
	"premia/internal/core/code"
	"premia/internal/core/condition"
	"premia/internal/core/engine"
	"premia/internal/core/ledger"
	"premia/internal/core/price"
)

// basket is a basket at list prices that is being priced.
type basket struct {
	t *engine.Turn
	// at is the moment as of which it is priced.
	at     calendar.Instant
	offers []offer
	priced []price.Applied
	// steps say why reductions were not considered, and refused that a code is among
	// them.
	steps   []engine.Step
	refused bool
	// off is what is taken off each line, shipping what off the shipping.
	off      []int64
	shipping int64
	payments []payment
	// freed are the uses that the confirmed checkout held.
	freed []ledger.Use
}

// offer is a reduction that may apply.
type offer struct {
	*engine.Discount
	// code is the place of the code among the event's, from 1; 0 if none is needed.
	code  int
	known engine.Code
	// reduction is the discount's with the marks of this basket.
	reduction price.Reduction
	// budget is what is left of the money that it may take off over all members, and
	// bounding are the quotas that may bound it.
	budget   int64
	bounding []ledger.Quota
}

// bounds tells whether the quota may bound what the offer takes off.
func (o *offer) bounds(q ledger.Quota) bool { return slices.Contains(o.bounding, q) }

func newBasket(t *engine.Turn, at calendar.Instant) *basket {
	return &basket{t: t, at: at, off: make([]int64, len(t.Event.Items))}
}

// lines gives the basket for arithmetic.
func (b *basket) lines() price.Basket {
	out := price.Basket{Shipping: b.t.Event.Shipping, Most: b.t.Program.Checkout.Most}
	for i := range b.t.Event.Items {
		item := &b.t.Event.Items[i]
		out.Lines = append(out.Lines, price.Line{Quantity: item.Quantity, Total: item.Total})
	}
	return out
}

// price finds what applies. It answers false if a code can't be used, which then
// ends the event.
func (b *basket) price() bool {
	now := b.t.At
	b.t.At = b.at
	b.promotions()
	b.codes()
	b.t.At = now
	lines := b.lines()
	b.priced = lines.Price(b.reductions(false))
	b.unused()
	if b.refused && !b.t.In.Asked {
		b.refuse(engine.CodeRefused)
		return false
	}
	if b.bounded() {
		b.priced = lines.Price(b.reductions(true))
	}
	b.sum()
	return true
}

// refuse ends the event and explains why, by the codes alone.
func (b *basket) refuse(o engine.Outcome) {
	for _, s := range b.steps {
		if b.ofCode(s.Rule) || s.Rule == b.t.Program.Checkout.Rule {
			b.t.Note(s)
		}
	}
	b.t.Finish(o)
}

func (b *basket) ofCode(rule ledger.Name) bool { return b.t.Program.Discounts[rule] != nil }

func (b *basket) note(s engine.Step) { b.steps = append(b.steps, s) }

// refuseCode says why a code can't be used.
func (b *basket) refuseCode(s engine.Step) {
	b.refused = true
	b.note(s)
}

// promotions offers what the program reduces by itself.
func (b *basket) promotions() {
	for _, d := range b.t.Program.Promotions {
		if s, ok := b.can(d); !ok {
			if s.Result != engine.NotGiven { // what others were given is not told
				b.note(s)
			}
			continue
		}
		b.offer(offer{Discount: d})
	}
}

// can tells whether a discount can be had at this moment, its codes and the basket's
// goods aside; if not, the step says why.
func (b *basket) can(d *engine.Discount) (engine.Step, bool) {
	step := engine.Step{Rule: d.Rule}
	if d.Available != nil {
		if step.Result = d.Available(b.t); step.Result != 0 {
			return step, false
		}
	}
	if s, met := b.met(d); !met {
		return s, false
	}
	for i := range d.Uses {
		l := &d.Uses[i]
		if l.Limit.Shared() {
			if q := b.t.Quota(l); b.left(q, l.Cap) < 1 {
				b.spent(q, l.Cap)
				step.Result, step.Limit = engine.BudgetSpent, l.Limit
				return step, false
			}
			continue
		}
		if stranger(b.t) {
			step.Result = engine.NeedsMember
			return step, false
		}
		if b.t.Used(l)+b.held(d.UsesQuota) >= l.Cap {
			step.Result, step.Limit, step.Base = engine.TakenOften, l.Limit, l.Cap
			return step, false
		}
	}
	return step, true
}

// met evaluates the discount's condition; if it is not met, the step says why.
func (b *basket) met(d *engine.Discount) (engine.Step, bool) {
	before := len(b.t.Out.Steps)
	if b.t.Met(d.When, d.Rule) {
		return engine.Step{}, true
	}
	step := b.t.Out.Steps[before]
	b.t.Out.Steps = b.t.Out.Steps[:before]
	return step, false
}

// held gives what the member's other checkouts hold of a quota.
func (b *basket) held(quota ledger.Name) int64 {
	sum := int64(0)
	for i := range b.t.State.Redemptions {
		r := &b.t.State.Redemptions[i]
		if r.Status != ledger.HeldRedemption || r.Reward != b.t.Program.Checkout.Rule {
			continue
		}
		for _, u := range r.Uses {
			if u.Quota.Name == quota {
				sum += u.Amount
			}
		}
	}
	return sum
}

// left gives what is left of a quota: at least what the confirmed checkout held.
func (b *basket) left(q ledger.Quota, limit int64) int64 {
	left := b.t.Left(q, limit)
	for _, u := range b.freed {
		if u.Quota == q {
			left = max(left, u.Amount)
		}
	}
	return left
}

// spent keeps in the decision that nothing was left of a quota.
func (b *basket) spent(q ledger.Quota, limit int64) { b.t.Record(q, limit, 0, true) }

// codes offers what the event's codes stand for.
func (b *basket) codes() {
	seen := map[string]bool{}
	for i, written := range b.t.Event.Codes {
		normal := normal(written)
		if seen[normal] {
			b.refuseCode(b.codeStep(0, written, engine.GivenTwice))
			continue
		}
		seen[normal] = true
		b.code(i, written, normal)
	}
}

func (b *basket) codeStep(rule ledger.Name, written string, why engine.Result) engine.Step {
	if rule == 0 {
		rule = b.t.Program.Checkout.Rule
	}
	return engine.Step{Rule: rule, Result: why, Read: engine.Shown(condition.StringValue(written))}
}

// code offers what one code stands for, or says why it can't be used.
func (b *basket) code(i int, written, normal string) {
	known := engine.Code{}
	if i < len(b.t.Out.Codes) {
		known = b.t.Out.Codes[i]
	}
	reward, declared := b.t.Program.DeclaredCodes[normal]
	if declared {
		known = engine.Code{Found: true, Reward: reward, Until: calendar.Never, From: calendar.Beginning}
		if v := b.t.Program.Discounts[reward]; v != nil {
			known.Uses = v.Voucher.Uses
		}
	}
	d := b.t.Program.Discounts[known.Reward]
	if !known.Found || d == nil {
		b.refuseCode(b.codeStep(0, written, b.unknown(normal)))
		return
	}
	if why := b.codeWhy(d, &known); why != 0 {
		b.refuseCode(b.codeStep(d.Rule, written, why))
		return
	}
	when := *d
	if !declared {
		// What was issued was got in its time; its own dates say when it can be used.
		when.Available = nil
	}
	if s, ok := b.can(&when); !ok {
		b.refuseCode(s)
		return
	}
	b.offer(offer{Discount: d, code: i + 1, known: known})
}

// unknown says of a code that nobody knows whether it is one with a typing error.
func (b *basket) unknown(normal string) engine.Result {
	for _, p := range b.t.Program.CodePatterns {
		if p.Fit(normal) == code.Mistyped {
			return engine.MalformedCode
		}
	}
	if code.VoucherPattern.Fit(normal) == code.Mistyped {
		return engine.MalformedCode
	}
	return engine.UnknownCode
}

// codeWhy says why a code that is known can't be used; 0 if it can.
func (b *basket) codeWhy(d *engine.Discount, c *engine.Code) engine.Result {
	switch {
	case c.Blocked:
		return engine.CodeBlocked
	case c.From > b.at:
		return engine.NotYet
	case c.Until <= b.at && c.Until != calendar.None:
		return engine.Over
	case c.Member != 0 && stranger(b.t):
		return engine.NeedsMember
	case c.Member != 0 && c.Member != b.t.In.Member:
		return engine.AnothersCode
	}
	if q := (ledger.Quota{Name: codeQuota(b.t.Program, d), Window: c.Window}); c.Uses > 0 && b.left(q, c.Uses) < 1 {
		b.spent(q, c.Uses)
		return engine.UsedUp
	}
	return 0
}

func normal(written string) string { return code.Normal(written) }

// codeQuota names the quota of the uses of a reward's codes.
func codeQuota(p *engine.Program, d *engine.Discount) ledger.Name {
	quota, _ := p.Names.Find("code." + rewardID(p, d.Rule))
	return quota
}

// offer adds a discount whose goods are in the basket.
func (b *basket) offer(o offer) {
	o.reduction = o.Reduction
	r := &o.reduction
	any := true
	r.Marks, _, any = b.t.Matching(o.Items)
	if o.Gifts != nil {
		r.Gifts, _, _ = b.t.Matching(o.Gifts)
	}
	for _, part := range o.Parts {
		marks, _, _ := b.t.Matching(part.Items)
		r.Parts = append(r.Parts[:len(r.Parts):len(r.Parts)], price.Part{Marks: marks, Pieces: part.Pieces})
	}
	switch {
	case !any && o.code > 0:
		b.refuseCode(engine.Step{Rule: o.Rule, Result: engine.NoItems})
	case !any:
		b.note(engine.Step{Rule: o.Rule, Result: engine.NoItems})
	default:
		b.budgets(&o)
	}
}

// budgets caps what an offer takes off by what is left of its money.
func (b *basket) budgets(o *offer) {
	o.budget = math.MaxInt64
	for i := range o.Money {
		l := &o.Money[i]
		left := int64(0)
		if l.Limit.Shared() {
			q := b.t.Quota(l)
			left = b.left(q, l.Cap)
			o.budget = min(o.budget, left)
			if left < b.t.Event.Total {
				o.bounding = append(o.bounding, q)
			}
		} else if !stranger(b.t) {
			if left = l.Cap - b.t.Used(l) - b.held(o.MoneyQuota); left > 0 && (o.reduction.Most == 0 || left < o.reduction.Most) {
				o.reduction.Most = left
			}
		}
		if left > 0 {
			continue
		}
		step := engine.Step{Rule: o.Rule, Result: engine.TakenOften, Limit: l.Limit}
		if l.Limit.Shared() {
			b.spent(b.t.Quota(l), l.Cap)
			step.Result = engine.BudgetSpent
		}
		if o.code > 0 {
			b.refuseCode(step)
		} else {
			b.note(step)
		}
		return
	}
	b.offers = append(b.offers, *o)
}

func (b *basket) bounded() bool {
	for i := range b.offers {
		if len(b.offers[i].bounding) > 0 {
			return true
		}
	}
	return false
}

// reductions gives the offers for arithmetic, capped or not by what is left of the
// budgets that span members.
func (b *basket) reductions(capped bool) []price.Reduction {
	out := make([]price.Reduction, len(b.offers))
	for i := range b.offers {
		o := &b.offers[i]
		out[i] = o.reduction
		if capped && len(o.bounding) > 0 && (out[i].Most == 0 || o.budget < out[i].Most) {
			out[i].Most = o.budget
		}
	}
	return out
}

// unused says of the offers that take nothing off why. What codes stand for is
// judged without the budgets that span members, so that a refusal does not depend on
// how much others used of them.
func (b *basket) unused() {
	for i := range b.priced {
		a := &b.priced[i]
		if a.Why == price.Taken {
			continue
		}
		if b.offers[i].code > 0 {
			b.refuseCode(b.whyNot(i, a))
		} else {
			b.note(b.whyNot(i, a))
		}
	}
}

func (b *basket) whyNot(i int, a *price.Applied) engine.Step {
	step := engine.Step{Rule: b.offers[i].Rule}
	switch a.Why {
	case price.NoLines:
		step.Result = engine.NoItems
	case price.BelowLeast:
		step.Result, step.Base = engine.BasketTooSmall, a.Base
		step.Wanted = a.Least
	case price.TooFew:
		step.Result = engine.TooFewPieces
	case price.Outdone:
		step.Result, step.By = engine.Outdone, b.offers[a.By].Rule
	case price.NotWith:
		step.Result = engine.NotCombined
		if a.By >= 0 {
			step.By = b.offers[a.By].Rule
		}
	default:
		step.Result = engine.NothingToReduce
	}
	return step
}

// sum adds up what is taken off.
func (b *basket) sum() {
	for i := range b.priced {
		a := &b.priced[i]
		b.shipping += a.Shipping
		for line, amount := range a.Lines {
			b.off[line] += amount
		}
	}
}

// explain keeps in the decision what was taken off, and why other reductions were
// not.
func (b *basket) explain() {
	for i := range b.priced {
		a, o := &b.priced[i], &b.offers[i]
		if a.Total == 0 {
			continue
		}
		for line, amount := range a.Lines {
			if amount > 0 {
				b.t.Out.Discounts = append(b.t.Out.Discounts, engine.Discounted{Rule: o.Rule, Code: o.code, Item: line, Amount: amount})
			}
		}
		if a.Shipping > 0 {
			b.t.Out.Discounts = append(b.t.Out.Discounts, engine.Discounted{Rule: o.Rule, Code: o.code, Item: engine.Shipping, Amount: a.Shipping})
		}
		b.t.Note(engine.Step{Rule: o.Rule, Result: engine.Reduced, Base: a.Total})
	}
	for _, s := range b.steps {
		b.t.Note(s)
	}
}

// instead lets the rest of the decision be upon the basket as it is paid.
func (b *basket) instead() {
	points := int64(0)
	for i := range b.payments {
		points += b.payments[i].worth
	}
	b.t.Instead(engine.AtPrices(b.t.Event, b.off, b.shipping, points))
}
