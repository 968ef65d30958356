package offer

import (
	"strings"

	"premia/internal/core/condition"
	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/rule"
	"premia/internal/core/text"
)

// Compile lets conditions read the offers.
func (Mechanic) Compile(c *engine.Compiler, section any) engine.Stage {
	list := *section.(*[]Offer)
	if len(list) == 0 {
		return nil
	}
	var fields []engine.Field
	seen := map[string]bool{}
	for i := range list {
		o := &list[i]
		field := strings.ReplaceAll(o.ID, "-", "_")
		if seen[field] || field == "" || field[0] < 'a' || (!o.Activate && o.Group == "" && !o.Personal) {
			continue // a name twice is reported where it is compiled
		}
		seen[field] = true
		name := c.Program.Names.Number("offer." + o.ID)
		gift := !o.Activate && o.Group == ""
		fields = append(fields, engine.Field{
			Name: field, Kind: condition.Bool, Label: rule.Title(c, o.Name, o.ID), Doc: "whether the member has the offer " + o.ID + " active",
			Read: func(t *engine.Turn) condition.Value {
				return condition.BoolValue(t.State.OfferAt(name, gift, t.At) != nil)
			},
		})
	}
	if len(fields) > 0 {
		c.Object("offer", true, fields...)
	}
	return &declaredOffers{list: list}
}

// Compile keeps the groups for the offers in them.
func (Groups) Compile(_ *engine.Compiler, section any) engine.Stage {
	groups := section.(*document.Map[Group])
	if groups.Len() == 0 {
		return nil
	}
	return &declaredGroups{groups: groups}
}

// Compile lets conditions read the choices.
func (Choices) Compile(c *engine.Compiler, section any) engine.Stage {
	list := *section.(*[]Choice)
	if len(list) == 0 {
		return nil
	}
	var fields []engine.Field
	seen := map[string]bool{}
	for i := range list {
		x := &list[i]
		if seen[x.ID] || x.ID == "" {
			continue
		}
		seen[x.ID] = true
		name := c.Program.Names.Number("choice." + x.ID)
		prefix := "choice." + x.ID + "."
		fields = append(fields, engine.Field{
			Name: x.ID, Kind: condition.String, Label: rule.Title(c, x.Name, x.ID), Doc: "what the member chose of " + x.ID,
			Read: func(t *engine.Turn) condition.Value {
				return chosen(t.Program, t.State.OfferAt(name, false, t.At), prefix)
			},
			Say: sayOption(c.Program, x),
		})
	}
	c.Object("choice", true, fields...)
	return &declaredChoices{list: list}
}

// chosen gives the id of the option that a member chose; absent if none was.
func chosen(p *engine.Program, o *ledger.Offer, prefix string) condition.Value {
	if o == nil {
		return condition.Value{}
	}
	return condition.StringValue(strings.TrimPrefix(p.Names.Name(o.Option), prefix))
}

// sayOption names options as members do.
func sayOption(p *engine.Program, x *Choice) func(condition.Value) any {
	return func(v condition.Value) any {
		if o, ok := x.option(v.Text()); ok {
			return engine.LocalizedIn(p.Languages[0], o.Name, v.Text())
		}
		return text.Quoted(v.Text())
	}
}

func (x *Choice) option(id string) (Option, bool) {
	if x.Options == nil {
		return Option{}, false
	}
	return x.Options.Get(id)
}
