package program

import (
	"slices"
	"strings"

	"github.com/govalues/decimal"

	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/text"
)

// ListPriced are the keys of a basket at list prices.
type ListPriced struct {
	Prices   string                        `doc:"prices" enum:"list" help:"list where the program reduces the prices"`
	Codes    []string                      `doc:"codes" max_len:"20" help:"codes that the program declares"`
	Vouchers []string                      `doc:"vouchers" max_len:"20" help:"rewards whose voucher, the last one that the member got, is used; another member's as Ann/spring"`
	Pay      document.Map[decimal.Decimal] `doc:"pay" help:"wallet: how much of it pays"`
	Checkout string                        `doc:"checkout" max_len:"128" help:"the id of the held checkout that the purchase confirms"`
}

// PriceExpect is what is to be true of a basket's prices after a step.
type PriceExpect struct {
	Prices   []decimal.Decimal `doc:"prices" help:"what each line costs, in their order"`
	ToPay    *decimal.Decimal  `doc:"to pay" help:"the money that is to be paid, without what wallets pay"`
	PaidBack *decimal.Decimal  `doc:"paid back" help:"the money that is paid back"`
}

// baskets makes the event of a step that checks out, or asks for a price.
func (k *stepChecker) baskets(e *event.Event) (path string, said int) {
	s := k.step
	for _, one := range [...]struct {
		key  string
		kind string
		of   *Bought
	}{{"checkout", event.Checkout, s.Checkout}, {"quote", event.Purchase, s.Quote}} {
		if one.of != nil {
			said++
			e.Type, path = one.kind, k.path+"."+one.key
			k.bought(e, path, one.of)
		}
	}
	if s.Checkout != nil {
		e.ID, e.Order = s.Checkout.ID, ""
		if e.ID == "" {
			k.Problem(path, "missing", "a checkout needs an id, so that a purchase can confirm it", "write id")
		}
	}
	if s.Abandon != "" {
		said++
		e.Type, e.Redemption, path = event.Cancellation, s.Abandon, k.path+".abandon"
	}
	return path, said
}

// listPriced fills what belongs to list prices.
func (k *stepChecker) listPriced(e *event.Event, path string, b *ListPriced) {
	e.Prices, e.Checkout = b.Prices, b.Checkout
	e.Codes = append(e.Codes, b.Codes...)
	for i, v := range b.Vouchers {
		_, id, of := strings.Cut(v, "/")
		if !of {
			id = v
		}
		if no, known := k.Program.Names.Find("reward." + id); !known || k.Program.Discounts[no] == nil {
			k.unknown(document.Index(path+".vouchers", i), "unknown_reward", text.Say("no reward {ID} takes something off", quoted(id)), id, k.discounts())
		}
		e.Codes = append(e.Codes, voucherMark+v)
	}
	for id, amount := range b.Pay.All() {
		if w := k.Wallet(path+".pay."+id, id); w != nil {
			e.Pay = append(e.Pay, event.Payment{Wallet: id, Amount: k.counted(path+".pay."+id, &amount, w)})
		}
	}
}

func (k *stepChecker) discounts() (ids []string) {
	for no := range k.Program.Discounts {
		ids = append(ids, strings.TrimPrefix(k.Program.Names.Name(no), "reward."))
	}
	slices.Sort(ids)
	return ids
}

// voucherMark begins the code of a scenario's voucher, whose real code nobody knows
// before it is issued.
const voucherMark = "voucher "

// issuedVoucher is a voucher that somebody got in a scenario.
type issuedVoucher struct {
	engine.Voucher
	of     ledger.MemberID
	number int64
}

// keepVouchers remembers the vouchers that a decision issued.
func (r *stageRun) keepVouchers(a *actor, d *engine.Decision) {
	for _, v := range d.Vouchers {
		if v.TakenBack {
			r.issued--
			for i := range r.vouchers {
				if there := &r.vouchers[i]; there.Redemption == v.Redemption && there.Number == v.Number {
					there.TakenBack = true
				}
			}
			continue
		}
		r.issued++
		r.vouchers = append(r.vouchers, issuedVoucher{v, a.id, int64(len(r.vouchers) + 1)})
	}
}

// codes gives what is known of an event's codes: the vouchers that were issued.
func (r *stageRun) codes(a *actor, e *event.Event) []engine.Code {
	if e.Type == event.Refund || e.Type == event.GiftWithdrawal {
		return r.vouchersOf(e.Redemption)
	}
	var out []engine.Code
	for _, text := range e.Codes {
		c := engine.Code{}
		if id, voucher := strings.CutPrefix(text, voucherMark); voucher {
			of := a.id
			if who, reward, others := strings.Cut(id, "/"); others {
				id = reward
				if other := r.actors[who]; other != nil {
					of = other.id
				}
			}
			c = r.voucher(of, id)
		}
		out = append(out, c)
	}
	return out
}

// voucher gives the last voucher of a reward that a member got.
func (r *stageRun) voucher(of ledger.MemberID, reward string) engine.Code {
	name, _ := r.document.Program.Names.Find("reward." + reward)
	for i := len(r.vouchers) - 1; i >= 0; i-- {
		v := &r.vouchers[i]
		if v.Reward != name || v.of != of {
			continue
		}
		return v.code()
	}
	return engine.Code{}
}

// code gives what is known of the voucher's code.
func (v *issuedVoucher) code() engine.Code {
	c := engine.Code{Found: true, Reward: v.Reward, Window: v.number, From: v.From, Until: v.Until, Uses: v.Uses, Blocked: v.TakenBack}
	if !v.Bearer {
		c.Member = v.of
	}
	return c
}

// vouchersOf gives the vouchers of a redemption, in the order of their numbers.
func (r *stageRun) vouchersOf(redemption string) []engine.Code {
	var out []engine.Code
	for i := range r.vouchers {
		if v := &r.vouchers[i]; v.Redemption == redemption {
			out = append(out, v.code())
		}
	}
	return out
}

// priced adds what is expected of prices.
func (k *stepChecker) priced(out []expected, path string, x *PriceExpect) []expected {
	scale := k.Program.Currency.Scale
	if len(x.Prices) > 0 {
		want := make([]string, len(x.Prices))
		for i := range x.Prices {
			want[i] = shownMinor(k.money(document.Index(path+".prices", i), &x.Prices[i]), scale)
		}
		out = append(out, expected{path: path + ".prices", key: "prices", about: aboutPrices, want: strings.Join(want, ", ")})
	}
	if x.ToPay != nil {
		k.Money(path + ".to pay")
		out = append(out, expected{path: path + ".to pay", key: "to pay", about: aboutToPay, amount: *x.ToPay})
	}
	if x.PaidBack != nil {
		k.Money(path + ".paid back")
		out = append(out, expected{path: path + ".paid back", key: "paid back", about: aboutPaidBack, amount: *x.PaidBack})
	}
	return out
}

// pricedGot gives what came of prices.
func (r *stageRun) pricedGot(x *expected, e *event.Event) string {
	scale := r.document.Program.Currency.Scale
	bought := engine.Bought(e, &r.decision)
	switch x.about {
	case aboutPrices:
		got := make([]string, len(bought.Items))
		for i := range bought.Items {
			got[i] = shownMinor(bought.Items[i].Total, scale)
		}
		return strings.Join(got, ", ")
	case aboutToPay:
		return shownMinor(bought.Total-bought.PaidWithPoints-bought.PaidWithGiftCards, scale)
	}
	back := int64(0)
	for i := range r.decision.Steps {
		if s := &r.decision.Steps[i]; s.Result == engine.PaidBack {
			back += s.Base
		}
	}
	return shownMinor(back, scale)
}

// quote decides upon the scene's event on a copy of the member's state.
func (r *stageRun) quote(a *actor, sc *scene) {
	e, state := sc.event, a.state.Clone()
	in := engine.Inputs{Clock: sc.at, Quotas: r, Member: a.id, Codes: r.codes(a, &e), Asked: true}
	r.decider.Decide(r.timeline, state, &e, in, &r.decision)
}
