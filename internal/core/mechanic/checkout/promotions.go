package checkout

import (
	"io/fs"
	"strconv"

	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/mechanic/rule"
)

// Promotion is a reduction that needs no code.
type Promotion struct {
	ID          string        `doc:"id,required" pattern:"^[a-z0-9][a-z0-9-]*$" max_len:"60" help:"the promotion's own name: small letters, digits, hyphens"`
	Name        document.Text `doc:"name,required" help:"the promotion's name for members"`
	When        string        `doc:"when" max_len:"4096" help:"who gets it: a condition on the event, the member, the wallets and the time"`
	Items       string        `doc:"items" max_len:"4096" help:"a condition on each item; only matching items are reduced, and count"`
	rule.Window `doc:",inline"`
	Paused      bool                   `doc:"paused" help:"keep the promotion and let it reduce nothing"`
	Discount    rule.Discount          `doc:"discount,required" help:"what it takes off"`
	Stacking    *rule.DiscountStacking `doc:"stacking" help:"how it goes together with other reductions"`
	Limits      *rule.DiscountLimits   `doc:"limits" help:"how often it is had, and how much it takes off"`
}

// Promotions is the door of promotions.
type Promotions struct{}

// Section gives the key promotions.
func (Promotions) Section() document.Section {
	return document.Section{Key: "promotions", Into: &[]Promotion{}, Help: "what is taken off baskets at list prices, without a code"}
}

// Words gives none: they are with those of checkouts.
func (Promotions) Words() fs.FS { return nil }

// promotions tells members of the promotions; the checkout applies them.
type promotions struct{ list []compiledPromotion }

type compiledPromotion struct {
	*engine.Discount
	source *Promotion
	window rule.CompiledWindow
}

// Compile checks the promotions.
func (Promotions) Compile(c *engine.Compiler, section any) engine.Stage {
	list := *section.(*[]Promotion)
	s := &promotions{}
	for i := range list {
		p := &list[i]
		path := "promotions[" + strconv.Itoa(i) + "]"
		name := c.Rule(path, "promotion", p.ID, rule.Title(c, p.Name, p.ID))
		d := rule.CompileDiscount(c, path+".discount", name, &p.Discount)
		d.When, d.Items = c.Condition(path+".when", p.When, false), c.Condition(path+".items", p.Items, true)
		c.Conditions(name, d.When, d.Items)
		window := rule.CompileWindow(c, path, name, &p.Window)
		d.Available = window.Check
		rule.CompileStacking(c, path+".stacking", p.Stacking, d)
		rule.CompileDiscountLimits(c, path+".limits", "promotion."+p.ID, p.Limits, d)
		if !p.Paused {
			c.Program.Promotions = append(c.Program.Promotions, d)
			s.list = append(s.list, compiledPromotion{d, p, window})
		}
	}
	return s
}

// Apply does nothing: promotions apply where a basket is priced.
func (*promotions) Apply(*engine.Turn) {}
