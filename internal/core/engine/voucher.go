package engine

import (
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
