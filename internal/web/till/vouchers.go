package till

import (
	"slices"
	"strings"

	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/core/code"
	"premia/internal/core/engine"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/reward"
	"premia/internal/core/text"
)

// voucherView is a voucher that the member can use in a purchase.
type voucherView struct {
	Code, Reward string
	// Gives says what it takes off.
	Gives []string
	// Until is the last moment at which it is good; none if it has no end.
	Until calendar.Instant
	// Applied tells that the purchase at hand uses it.
	Applied bool
}

// mostVouchersShown is how many vouchers a page offers, those that end soonest first.
const mostVouchersShown = 6

// vouchersOf lists what a member can use in a purchase now.
func (t *Till) vouchersOf(r *request, member string) ([]voucherView, error) {
	all, err := t.app.UsableVouchers(r.Ctx(), member)
	var out []voucherView
	for i := range all[:min(len(all), mostVouchersShown)] {
		out = append(out, t.viewVoucher(r, &all[i]))
	}
	return out, err
}

func (t *Till) viewVoucher(r *request, x *app.CodeState) voucherView {
	p := t.app.Program()
	until := lastMoment(x.Until)
	return voucherView{Code: x.Code.Code, Reward: app.RewardCalled(p, x.RewardID, r.Lang), Gives: t.gives(r, p, x.Code.Reward, until), Until: until}
}

// lastMoment is the last moment before something is over; none if it has no end.
func lastMoment(until calendar.Instant) calendar.Instant {
	if until == calendar.Never || until == calendar.None {
		return calendar.None
	}
	return until - 1
}

// gives says what a reward brings, to nobody in particular. Where it is known until when it
// is valid, how long that is in all is left out.
func (t *Till) gives(r *request, p *engine.Program, name ledger.Name, until calendar.Instant) []string {
	var out []string
	for _, x := range reward.Rewards(p) {
		if x.Name != name {
			continue
		}
		for _, m := range x.OfferWords(p) {
			if until == calendar.None || m.ID != reward.LastsWords {
				out = append(out, t.app.Words.Render(r.Lang, m))
			}
		}
	}
	return out
}

// use takes a code into the purchase, once however often it is asked for.
func (b *basket) use(written string) {
	b.Form.Values["codes"] = strings.Join(distinct(append(strings.Fields(b.Form.Get("codes")), strings.Fields(written)...)), " ")
}

// unuse takes a code out of the purchase.
func (b *basket) unuse(written string) {
	b.Form.Values["codes"] = strings.Join(slices.DeleteFunc(strings.Fields(b.Form.Get("codes")), func(c string) bool {
		return code.Normal(c) == code.Normal(written)
	}), " ")
}

// distinct leaves out codes that read the same as one before.
func distinct(codes []string) []string {
	var out, seen []string
	for _, c := range codes {
		if n := code.Normal(c); !slices.Contains(seen, n) {
			out, seen = append(out, c), append(seen, n)
		}
	}
	return out
}

// offerVouchers marks those that the purchase uses, and tells whether other codes were
// typed.
func (b *basket) offerVouchers(all []voucherView) {
	b.Vouchers, b.OtherCodes = all, false
	for _, c := range strings.Fields(b.Form.Get("codes")) {
		i := slices.IndexFunc(all, func(v voucherView) bool { return code.Normal(v.Code) == code.Normal(c) })
		if i < 0 {
			b.OtherCodes = true
			continue
		}
		b.Vouchers[i].Applied = true
	}
}

// offView is what a reduction takes off a purchase.
type offView struct {
	// Name is the promotion's or the voucher's, and Code the one that it needed.
	Name, Code string
	// Money is what it takes off, below zero.
	Money text.Money
}

// offs sums up what each reduction takes off, in the order in which they were decided.
func (t *Till) offs(r *request, p *engine.Program, d *engine.Decision, codes []string) []offView {
	var out []offView
	at := map[[2]int]int{}
	for _, x := range d.Discounts {
		key := [2]int{int(x.Rule), x.Code}
		i, known := at[key]
		if !known {
			i, at[key] = len(out), len(out)
			out = append(out, offView{Name: r.Say("page.value", "Value", p.Rules[x.Rule].Title), Money: p.Money(0)})
			if x.Code > 0 && x.Code <= len(codes) {
				out[i].Code = codes[x.Code-1]
			}
		}
		out[i].Money.Minor -= x.Amount
	}
	return out
}
