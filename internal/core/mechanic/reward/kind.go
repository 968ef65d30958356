package reward

import (
	"slices"

	"premia/internal/core/engine"
	"premia/internal/core/text"
)

// kinds says which fields each kind needs and which others it may have.
var kinds = map[string]struct{ needs, may []string }{
	"free product":     {needs: []string{"sku"}},
	"experience":       {needs: []string{"where"}, may: []string{"date", "slots", "timetable"}},
	"service":          {needs: []string{"where"}, may: []string{"date", "slots", "timetable"}},
	"access":           {needs: []string{"date"}, may: []string{"where"}},
	"donation":         {needs: []string{"partner"}},
	"download":         {needs: []string{"link"}},
	"partner":          {needs: []string{"partner"}, may: []string{"where"}},
	"points":           {needs: []string{"gives"}},
	"virtual currency": {needs: []string{"app", "gives"}},
	"bundle":           {needs: []string{"rewards"}},
	"discount":         {needs: []string{"discount"}, may: []string{"voucher", "code", "codes"}},
	"surprise":         {needs: []string{"surprise"}},
	"gift card":        {needs: []string{"card", "amount"}},
	kindCashback:       {needs: []string{"amount"}, may: []string{"least", "most"}},
}

// nothingToHandOver are the kinds of which nobody hands anything over.
var nothingToHandOver = []string{"points", "virtual currency", "donation", "download", "gift card", "discount", "surprise", kindCashback}

func checkKind(c *engine.Compiler, path string, r *Reward) {
	kind, known := kinds[r.Kind]
	if !known {
		return
	}
	for _, f := range []struct {
		key   string
		given bool
	}{
		{"sku", r.SKU != ""}, {"where", len(r.Where) > 0}, {"date", r.Date != nil},
		{"partner", r.Partner != ""}, {"link", r.Link != ""}, {"gives", r.Gives != nil},
		{"app", r.App != ""}, {"rewards", r.Rewards.Len() > 0},
		{"card", r.Card != ""}, {"amount", r.Amount != nil}, {"least", r.Least != nil}, {"most", r.Most != nil},
		{"slots", len(r.Slots) > 0}, {"timetable", len(r.Timetable) > 0},
		{"discount", r.Discount != nil}, {"voucher", r.Voucher != nil}, {"code", r.Code != ""}, {"codes", r.Codes != nil},
		{"surprise", r.Surprise != ""},
	} {
		needed := slices.Contains(kind.needs, f.key)
		switch {
		case needed && !f.given:
			c.Problem(path, "missing", text.Say("a reward of the kind {Kind} needs {Key}", r.Kind, f.key), text.Say("write {Key}", f.key))
		case f.given && !needed && !slices.Contains(kind.may, f.key):
			c.Problem(path+"."+f.key, "never_applies", text.Say("a reward of the kind {Kind} has no {Key}", r.Kind, f.key), "remove it, or choose another kind")
		}
	}
	if r.Fulfilment != "" && r.Fulfilment != "none" && slices.Contains(nothingToHandOver, r.Kind) {
		c.Problem(path+".fulfilment", "never_applies", text.Say("there is nothing to hand over of the kind {Kind}", r.Kind), "remove fulfilment")
	}
}
