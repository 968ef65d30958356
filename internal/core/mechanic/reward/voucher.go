package reward

import (
	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/ledger"
)

// issue issues the vouchers of a redemption that is final: one for each discount, those
// of a bundle included.
func (r *Compiled) issue(t *engine.Turn, open *ledger.Redemption) {
	number := 0
	each := func(part *Compiled, n int64) {
		d := t.Program.Discounts[part.Name]
		if d == nil || d.Voucher == nil {
			return
		}
		until := calendar.Never
		if !d.Voucher.Valid.IsZero() {
			until = calendar.Add(t.Clock, d.Voucher.Valid, t.Program.Zone)
		}
		for range n * open.Quantity {
			t.Out.Vouchers = append(t.Out.Vouchers, engine.Voucher{
				Redemption: open.ID, Number: number, Reward: part.Name, Bearer: d.Voucher.Bearer,
				From: calendar.Beginning, Until: until,
				// The code for everybody can be used as often as one likes; one's own can't.
				Uses: max(d.Voucher.Uses, 1),
			})
			number++
		}
	}
	each(r, 1)
	for i := range r.Parts {
		each(r.Parts[i].Compiled, r.Parts[i].Quantity)
	}
}

// unused tells whether none of the vouchers of a redemption was used; if one was, a
// step says so, and the decision keeps that nothing was left of its uses.
func unused(t *engine.Turn) bool {
	for i := range t.In.Codes {
		c := &t.In.Codes[i]
		if q := usesOf(t, c); c.Found && t.Left(q, c.Uses) < c.Uses {
			t.Record(q, c.Uses, 0, true)
			t.Note(engine.Step{Rule: c.Reward, Result: engine.UsedUp})
			return false
		}
	}
	return true
}

// end takes the vouchers of a redemption back, and all their uses with them: whoever
// uses one at the same moment is too late, or the refund is.
func end(t *engine.Turn, x *ledger.Redemption) {
	for i := range t.In.Codes {
		if c := &t.In.Codes[i]; c.Found {
			t.Record(usesOf(t, c), c.Uses, c.Uses, false)
			t.Out.Vouchers = append(t.Out.Vouchers, engine.Voucher{Redemption: x.ID, Number: i, Reward: c.Reward, TakenBack: true})
		}
	}
}

// usesOf names the quota of a code's uses.
func usesOf(t *engine.Turn, c *engine.Code) ledger.Quota {
	name, _ := t.Program.Names.Find("code" + t.Program.Names.Name(c.Reward)[len(Kind):])
	return ledger.Quota{Name: name, Window: c.Window}
}
