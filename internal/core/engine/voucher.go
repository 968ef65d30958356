package engine

import (
	"cmp"

	"premia/internal/core/calendar"
	"premia/internal/core/ledger"
)

// Voucher is what a decision did to a voucher: it issued it to the member, or took
// it back. Its code is not the engine's business: whoever keeps codes derives it from
// the redemption's id and the number.
type Voucher struct {
	// Redemption is the id of the event that redeemed, and Number the voucher's
	// number, from 0, among those of that redemption.
	Redemption string
	Number     int
	// Reward is what the voucher stands for.
	Reward ledger.Name
	// Bearer tells that whoever has the code can use it, and not only the member.
	Bearer bool
	// From and Until bound when it can be used: not before From, and before Until.
	From, Until calendar.Instant
	// Uses is how often it can be used in all; 0 for as often as one likes.
	Uses int64
	// TakenBack tells that it can't be used any more; then only Redemption, Number
	// and Reward count.
	TakenBack bool
}

// IssueVoucher issues a voucher of a discount to the member, with the event instead
// of a redemption.
func (t *Turn) IssueVoucher(reward ledger.Name) {
	d := t.Program.Discounts[reward]
	if d == nil || d.Voucher == nil {
		return
	}
	v := Voucher{
		Redemption: cmp.Or(t.Event.ID, t.Event.Order), Reward: reward, Bearer: d.Voucher.Bearer,
		From: calendar.Beginning, Until: calendar.Never, Uses: max(d.Voucher.Uses, 1),
	}
	for i := range t.Out.Vouchers {
		if t.Out.Vouchers[i].Redemption == v.Redemption {
			v.Number++
		}
	}
	if !d.Voucher.Valid.IsZero() {
		v.Until = calendar.Add(t.Clock, d.Voucher.Valid, t.Program.Zone)
	}
	t.Out.Vouchers = append(t.Out.Vouchers, v)
}

func (v *Voucher) append(w *ledger.Writer) {
	w.Text(v.Redemption)
	w.Uint(uint64(v.Number))
	w.Uint(uint64(v.Reward))
	w.Uint(bit(v.Bearer) | bit(v.TakenBack)<<1)
	w.Instant(v.From)
	w.Instant(v.Until)
	w.Int(v.Uses)
}

func (d *Decision) readVouchers(r *ledger.Reader, n int) {
	for ; n > 0; n-- {
		v := Voucher{Redemption: r.Text(), Number: int(r.Uint()), Reward: ledger.Name(r.Uint())}
		flags := r.Uint()
		v.Bearer, v.TakenBack = flags&1 != 0, flags&2 != 0
		v.From, v.Until, v.Uses = r.Instant(), r.Instant(), r.Int()
		d.Vouchers = append(d.Vouchers, v)
	}
}
