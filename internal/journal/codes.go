package journal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"premia/internal/core/code"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/merge"
	"premia/internal/store"
)

// loadCodes finds the codes that the items' events name, all in one statement. An
// event without codes costs nothing.
func (b *batch) loadCodes(ctx context.Context) error {
	var keys []store.Key
	for _, it := range b.items {
		if it.Event != nil {
			keys = append(keys, b.j.keys.codes(it.Event.Codes)...)
		}
	}
	if err := b.loadVouchers(ctx); err != nil || len(keys) == 0 {
		return err
	}
	found, err := b.tx.Codes(ctx, keys)
	if err != nil {
		return err
	}
	for _, it := range b.items {
		if it.Event != nil && len(it.Event.Codes) > 0 {
			it.codes = b.j.keys.known(it.Event.Codes, found)
		}
	}
	return nil
}

// loadVouchers finds the vouchers of redemptions that are to be refunded: whether they
// were used decides about that.
func (b *batch) loadVouchers(ctx context.Context) error {
	for _, it := range b.items {
		if it.Event == nil || !b.rules.issueVouchers(it.Event) {
			continue
		}
		vouchers, err := b.j.Keys().vouchersOf(ctx, it.Event.Redemption, b.tx.Codes)
		if err != nil {
			return err
		}
		it.codes = codesOf(vouchers)
	}
	return nil
}

// issueVouchers tells whether the event undoes a redemption that may have issued
// vouchers.
func (r *Rules) issueVouchers(e *event.Event) bool {
	return (e.Type == event.Refund || e.Type == event.GiftWithdrawal) && e.Redemption != "" && len(r.Timeline.Version(r.Newest).Discounts) > 0
}

// pageOfVouchers is how many vouchers of a redemption are looked up at once.
const pageOfVouchers = 16

// vouchersOf gives the vouchers of a redemption in the order of their numbers.
func (k Keys) vouchersOf(ctx context.Context, redemption string, find func(context.Context, []store.Key) (map[store.Key]store.Code, error)) ([]store.Code, error) {
	var out []store.Code
	for more := true; more; {
		var keys []store.Key
		first := len(out)
		for number := first; number < first+pageOfVouchers; number++ {
			_, of := k.VoucherCodes(redemption, number)
			keys = append(keys, of...)
		}
		found, err := find(ctx, keys)
		if err != nil {
			return nil, err
		}
		for ; len(keys) > 0; keys = keys[voucherAttempts:] {
			at := slices.IndexFunc(keys[:voucherAttempts], func(key store.Key) bool {
				c, there := found[key]
				return there && c.Redemption == redemption
			})
			if at < 0 {
				break
			}
			out = append(out, found[keys[at]])
		}
		more = len(out) == first+pageOfVouchers
	}
	return out, nil
}

// VouchersOf gives the codes of the vouchers of a redemption in the order of their
// numbers.
func (j *Journal) VouchersOf(ctx context.Context, redemption string) ([]store.Code, error) {
	return j.Keys().vouchersOf(ctx, redemption, j.store.Codes)
}

// codesOf gives what is known of codes.
func codesOf(codes []store.Code) []engine.Code {
	var out []engine.Code
	for i := range codes {
		out = append(out, codeOf(&codes[i]))
	}
	return out
}

func codeOf(c *store.Code) engine.Code {
	out := engine.Code{
		Found: true, Reward: c.Reward, Window: windowOf(c.Key),
		From: c.From, Until: c.Until, Uses: c.Uses, Blocked: c.Blocked != 0,
	}
	if !c.Bearer {
		out.Member = c.Member
	}
	return out
}

// codesFor gives what is known at this moment of the codes that an event names or, of
// a refund, of the vouchers that it takes back; nil for none.
func (j *Journal) codesFor(ctx context.Context, rules *Rules, e *event.Event) ([]engine.Code, error) {
	if rules.issueVouchers(e) {
		vouchers, err := j.VouchersOf(ctx, e.Redemption)
		return codesOf(vouchers), err
	}
	if len(e.Codes) == 0 {
		return nil, nil
	}
	found, err := j.store.Codes(ctx, j.keys.codes(e.Codes))
	return j.keys.known(e.Codes, found), err
}

func (k keyring) codes(texts []string) []store.Key {
	keys := make([]store.Key, len(texts))
	for i, text := range texts {
		keys[i] = k.code(code.Normal(text))
	}
	return keys
}

func (k keyring) known(texts []string, found map[store.Key]store.Code) []engine.Code {
	if len(texts) == 0 {
		return nil
	}
	codes := make([]engine.Code, len(texts))
	for i, key := range k.codes(texts) {
		if c, ok := found[key]; ok {
			codes[i] = codeOf(&c)
		}
	}
	return codes
}

// issued is a voucher that a decision issued or took back.
type issued struct {
	engine.Voucher
	member ledger.MemberID
}

// noteVouchers keeps the vouchers of a decision until all are written, and lets the
// codes of a member who was merged become the other's.
func (b *batch) noteVouchers(member ledger.MemberID, e *event.Event, d *engine.Decision) {
	for _, v := range d.Vouchers {
		b.issued = append(b.issued, issued{v, member})
	}
	if e.Type != event.Absorb || d.Outcome != engine.Applied {
		return
	}
	if from, ok := merge.Origin(e.Carried); ok {
		b.writes.MoveCodes = append(b.writes.MoveCodes, store.CodeMove{From: from, To: member})
	}
}

// voucherAttempts is how many codes are tried for a voucher. One that is taken is a
// chance of one in many millions.
const voucherAttempts = 4

// errNoCode tells that all codes that a voucher could get are taken.
var errNoCode = errors.New("all codes that the voucher could get are taken")

// voucherID names a voucher for its code.
func voucherID(redemption string, number int) string {
	return redemption + "/" + strconv.Itoa(number)
}

// VoucherCodes gives the codes that a voucher may have, the likeliest first, with
// their keys.
func (k Keys) VoucherCodes(redemption string, number int) (texts []string, keys []store.Key) {
	for attempt := range voucherAttempts {
		text := code.VoucherPattern.Of(k.ring.secret, voucherID(redemption, number), attempt)
		texts, keys = append(texts, text), append(keys, k.Code(text))
	}
	return texts, keys
}

// Code is the key of a code as people write it.
func (k Keys) Code(text string) store.Key { return k.ring.code(code.Normal(text)) }

// Window is the window of the quota of a code's uses.
func (k Keys) Window(key store.Key) int64 { return windowOf(key) }

// Maker makes the codes of a pattern, which are this workspace's own.
func (k Keys) Maker(p code.Pattern) (*code.Maker, error) { return code.NewMaker(p, k.ring.secret) }

// Keys makes the workspace's keys.
func (j *Journal) Keys() Keys { return Keys{j.keys} }

// writeVouchers gives the vouchers that were issued their codes, and ends those that
// were taken back.
func (b *batch) writeVouchers(ctx context.Context) error {
	if len(b.issued) == 0 {
		return nil
	}
	var all []store.Key
	for i := range b.issued {
		_, keys := b.j.Keys().VoucherCodes(b.issued[i].Redemption, b.issued[i].Number)
		all = append(all, keys...)
	}
	known, err := b.tx.Codes(ctx, all)
	if err != nil {
		return err
	}
	for i := range b.issued {
		if err := b.writeVoucher(&b.issued[i], known); err != nil {
			return err
		}
	}
	return nil
}

func (b *batch) writeVoucher(v *issued, known map[store.Key]store.Code) error {
	texts, keys := b.j.Keys().VoucherCodes(v.Redemption, v.Number)
	for i, key := range keys {
		there, taken := known[key]
		switch {
		case v.TakenBack && taken && there.Redemption == v.Redemption:
			b.writes.BlockCodes = append(b.writes.BlockCodes, store.CodeBlock{Key: key, At: b.now})
			return nil
		case !v.TakenBack && !taken:
			c := store.Code{
				Key: key, Code: texts[i], Reward: v.Reward, Number: int64(v.Number), From: v.From, Until: v.Until,
				Uses: v.Uses, Redemption: v.Redemption, Member: v.member, Bearer: v.Bearer,
			}
			known[key] = c
			b.writes.Codes = append(b.writes.Codes, c)
			return nil
		}
	}
	if v.TakenBack {
		return nil // its code is gone, and can't be used
	}
	return fmt.Errorf("%w (redemption %s)", errNoCode, v.Redemption)
}
