package reward

import (
	"premia/internal/core/code"
	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/rule"
	"premia/internal/core/text"
)

// Discount is what a reward of the kind discount takes off a basket at list prices.
type Discount struct {
	rule.Discount `doc:",inline"`
	When          string                 `doc:"when" max_len:"4096" help:"when it can be used: a condition on the event, the member, the wallets and the time"`
	Items         string                 `doc:"items" max_len:"4096" help:"a condition on each item; only matching items are reduced, and count"`
	Stacking      *rule.DiscountStacking `doc:"stacking" help:"how it goes together with other reductions"`
	Limits        *rule.DiscountLimits   `doc:"limits" help:"how often it is used, and how much it takes off"`
}

// Voucher says how the codes of a reward can be used.
type Voucher struct {
	For         string         `doc:"for" enum:"member|bearer" help:"member: only the one who got it (if not said); bearer: whoever has the code"`
	Valid       *document.Span `doc:"valid" help:"how long it can be used after it was got; for ever if not said"`
	Uses        int64          `doc:"uses" min:"1" max:"1000000000" help:"how often a code can be used in all; once if not said, and the code for everybody as often as one likes"`
	EachMember  int64          `doc:"each member" min:"1" max:"1000000000" help:"how often one member can use codes of it"`
	Combine     *bool          `doc:"combine" help:"false: it goes with no other reduction"`
	AfterReturn string         `doc:"after return" enum:"back|gone" help:"whether its use comes back when nothing of the order remains: back if not said"`
}

// Codes says how codes are made.
type Codes struct {
	Pattern string `doc:"pattern,required" max_len:"40" help:"such as SPRING-####-####: # is a character that is made, the last one checks the others"`
}

// compileDiscount makes what codes of the reward stand for.
func (x *Compiled) compileDiscount(c *engine.Compiler, path string) {
	r := x.Source
	if r.Discount == nil {
		return
	}
	from := r.Discount
	d := rule.CompileDiscount(c, path+".discount", x.Name, &from.Discount)
	d.When, d.Items = c.Condition(path+".discount.when", from.When, false), c.Condition(path+".discount.items", from.Items, true)
	c.Conditions(x.Name, d.When, d.Items)
	d.Voucher = x.voucher(c, d)
	rule.CompileStacking(c, path+".discount.stacking", from.Stacking, d)
	if v := r.Voucher; v != nil && v.Combine != nil && !*v.Combine {
		if d.Reduction.Group != "" {
			c.Problem(path+".voucher.combine", "never_applies", "what goes with no other reduction needs no group", "remove one of the two")
		}
		d.Reduction.Alone = true
	}
	rule.CompileDiscountLimits(c, path+".discount.limits", "reward."+r.ID+".discount", from.Limits, d)
	x.eachMember(c, d)
	c.Program.Names.Number("code." + r.ID)
	if c.Program.Discounts == nil {
		c.Program.Discounts = map[ledger.Name]*engine.Discount{}
	}
	c.Program.Discounts[x.Name] = d
	x.declare(c, path)
}

// voucher reads how codes can be used.
func (x *Compiled) voucher(c *engine.Compiler, d *engine.Discount) *engine.VoucherTerms {
	out := &engine.VoucherTerms{Uses: 1}
	if x.Source.Code != "" {
		out.Uses = 0
		d.Available = func(t *engine.Turn) engine.Result {
			if why := x.Window.Check(t); why != 0 {
				return why
			}
			return 0
		}
	}
	if v := x.Source.Voucher; v != nil {
		out.Bearer, out.Gone = v.For == "bearer", v.AfterReturn == "gone"
		if v.Uses > 0 {
			out.Uses = v.Uses
		}
		if v.Valid != nil {
			out.Valid = engine.Span(*v.Valid)
		}
	}
	return out
}

// eachMember limits how often one member uses codes of the reward.
func (x *Compiled) eachMember(c *engine.Compiler, d *engine.Discount) {
	v := x.Source.Voucher
	if v == nil || v.EachMember == 0 {
		return
	}
	id := "reward." + x.Source.ID + ".discount.uses"
	if d.UsesQuota == 0 {
		d.UsesQuota = c.Program.Names.Number("budget." + id)
	}
	d.Uses = append(d.Uses, engine.LimitRule{Limit: engine.EachMember, Cap: v.EachMember, Times: true, Counter: c.Program.Names.Number("limit." + id)})
}

// declare registers the code for everybody.
func (x *Compiled) declare(c *engine.Compiler, path string) {
	r := x.Source
	if r.Codes != nil {
		pattern, err := code.Parse(r.Codes.Pattern)
		if err != nil {
			c.Problem(path+".codes.pattern", "invalid", text.Of(err), "")
		}
		c.Program.CodePatterns = append(c.Program.CodePatterns, pattern)
	}
	if r.Code == "" {
		return
	}
	normal := code.Normal(r.Code)
	if !code.Acceptable(normal) {
		c.Problem(path+".code", "invalid", "this can't be a code", "write a few letters and digits, such as SPRING15")
	}
	if other, taken := c.Program.DeclaredCodes[normal]; taken && other != x.Name {
		c.Problem(path+".code", "duplicate", "another reward has a code that reads the same", "choose another code")
	}
	if c.Program.DeclaredCodes == nil {
		c.Program.DeclaredCodes = map[string]ledger.Name{}
	}
	c.Program.DeclaredCodes[normal] = x.Name
}

// describeDiscount tells what a voucher takes off, and how its codes can be used.
func (x *Compiled) describeDiscount(d *engine.Description) {
	compiled := d.Program.Discounts[x.Name]
	if compiled == nil {
		return
	}
	r := x.Source
	x.describeTakesOff(d, compiled)
	rule.DescribeDiscountTerms(d, r.Discount.Stacking, compiled)
	if r.Code != "" {
		d.Say(text.New("voucher.code", "Code", text.Quoted(r.Code)))
	}
	if r.Codes != nil {
		d.Say(text.New("voucher.pattern", "Pattern", text.Quoted(r.Codes.Pattern)))
	}
	v := r.Voucher
	if v == nil {
		return
	}
	if v.For == "bearer" {
		d.Say(text.New("voucher.bearer"))
	}
	if v.Valid != nil {
		d.Say(text.New("voucher.valid", "Span", rule.SpanWords(*v.Valid)))
	}
	if v.Uses > 0 {
		d.Say(text.New("voucher.uses", "Count", v.Uses))
	}
	if v.AfterReturn == "gone" {
		d.Say(text.New("voucher.gone"))
	}
}

// describeTakesOff tells what a voucher takes off, and of which purchases and goods.
func (x *Compiled) describeTakesOff(d *engine.Description, compiled *engine.Discount) {
	rule.DescribeDiscount(d, &x.Source.Discount.Discount, compiled)
	if compiled.When != nil {
		d.Say(text.New("voucher.when", "Condition", compiled.When.Words()))
	}
	if compiled.Items != nil {
		d.Say(text.New("rule.items", "Condition", compiled.Items.Words()))
	}
}
