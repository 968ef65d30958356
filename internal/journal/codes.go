package journal

import (
	"context"
	"errors"
	"fmt"
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
	if len(keys) == 0 {
		return nil
	}
	found, err := b.tx.Codes(ctx, keys)
	if err != nil {
		return err
	}
	for _, it := range b.items {
		if it.Event != nil {
			it.codes = b.j.keys.known(it.Event.Codes, found)
		}
	}
	return nil
}

// CodesOf gives what is known at this moment of codes as people wrote them, in their
// order; nil for none.
func (j *Journal) CodesOf(ctx context.Context, texts []string) ([]engine.Code, error) {
	if len(texts) == 0 {
		return nil, nil
	}
	found, err := j.store.Codes(ctx, j.keys.codes(texts))
	return j.keys.known(texts, found), err
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
			codes[i] = engine.Code{
				Found: true, Reward: c.Reward, Window: windowOf(key),
				From: c.From, Until: c.Until, Uses: c.Uses, Blocked: c.Blocked != 0,
			}
			if !c.Bearer {
				codes[i].Member = c.Member
			}
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
