package engine_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"pgregory.net/rapid"
)

// modelReward is a reward, as the model reads it.
type modelReward struct {
	id     string
	prices map[string]int // by wallet, in whole units
	hold   modelSpan
	// collect tells that it has to be handed over, which nobody does here.
	collect bool
	refund  bool
	within  modelSpan
	revive  modelSpan
	stock   int    // 0 for any number
	period  string // of the limit
	most    int    // in a period; 0 for any number
}

func drawReward(t *rapid.T, p *modelProgram, id string) modelReward {
	r := modelReward{id: id, prices: map[string]int{}, hold: drawSpan(t), collect: rapid.Bool().Draw(t, "collect")}
	for range rapid.IntRange(1, 2).Draw(t, "prices") {
		r.prices[rapid.SampledFrom(p.wallets).Draw(t, "paid from").id] = rapid.SampledFrom([]int{1, 6, 40, 150}).Draw(t, "price")
	}
	if r.refund = rapid.Bool().Draw(t, "refund"); r.refund {
		if !r.collect || rapid.Bool().Draw(t, "for a time") {
			r.within = drawSpan(t)
		}
		if rapid.Bool().Draw(t, "revives") {
			r.revive = drawSpan(t)
		}
	}
	if rapid.IntRange(0, 2).Draw(t, "stocked") == 0 {
		r.stock = rapid.IntRange(1, 3).Draw(t, "stock")
	}
	if rapid.IntRange(0, 2).Draw(t, "limited") == 0 {
		r.period = rapid.SampledFrom([]string{"each day", "each month", "each member"}).Draw(t, "period")
		r.most = rapid.IntRange(1, 2).Draw(t, "most")
	}
	return r
}

func (r *modelReward) write(b *strings.Builder) {
	fmt.Fprintf(b, "  - id: %s\n    name: %s\n    kind: service\n    where: here\n    hold: %s\n", r.id, r.id, r.hold)
	b.WriteString("    price:\n")
	for _, wallet := range slices.Sorted(maps.Keys(r.prices)) {
		price := r.prices[wallet]
		fmt.Fprintf(b, "      %s: %d\n", wallet, price)
	}
	if r.collect {
		b.WriteString("    fulfilment: collect\n")
	}
	if r.refund {
		var terms []string
		if (r.within != modelSpan{}) {
			terms = append(terms, "within: "+r.within.String())
		}
		if (r.revive != modelSpan{}) {
			terms = append(terms, "revive expired: "+r.revive.String())
		}
		fmt.Fprintf(b, "    refund: {%s}\n", strings.Join(terms, ", "))
	}
	if r.stock > 0 {
		fmt.Fprintf(b, "    stock: %d\n", r.stock)
	}
	if r.most > 0 {
		fmt.Fprintf(b, "    limits: {%s: %d}\n", r.period, r.most)
	}
}

// piece is what a redemption took of an award.
type piece struct {
	from *modelAward
	took modelAward // as it was, with what was taken
}

// modelRedemption is a reward that somebody took, as long as something can
// happen to it.
type modelRedemption struct {
	id     string
	reward *modelReward
	taken  int
	at     micro
	held   bool
	until  micro // when the hold ends, or it is forgotten
	pieces []piece
}

func (w *modelWorld) redeem(m *modelMember, f *fact) {
	i := slices.IndexFunc(w.program.rewards, func(r modelReward) bool { return r.id == f.reward })
	r := &w.program.rewards[i]
	if _, uses := m.counted("reward."+r.id, r.period, w.local(f.at)); r.most > 0 && uses+int64(f.taken) > int64(r.most) {
		return
	}
	for wallet, price := range r.prices {
		if m.balance(wallet).Available < units(fmt.Sprint(price*f.taken), w.wallet(wallet).scale) {
			return
		}
	}
	if r.stock > 0 && w.spent["stock "+r.id]+int64(f.taken) > int64(r.stock) {
		return
	}
	w.spent["stock "+r.id] += int64(f.taken)
	for range f.taken {
		m.gifts = append(m.gifts, gift{rule: "reward." + r.id, at: w.local(f.at)})
	}
	x := &modelRedemption{id: f.redemption, reward: r, taken: f.taken, at: f.at, held: f.hold}
	for wallet, price := range r.prices {
		m.takeFor(x, wallet, units(fmt.Sprint(price*f.taken), w.wallet(wallet).scale))
	}
	w.remember(m, x, f.clock)
}

// takeFor takes what a redemption costs.
func (m *modelMember) takeFor(x *modelRedemption, wallet string, amount int64) {
	for left := amount; left > 0; {
		a := m.next(wallet)
		took := *a
		took.left = min(left, a.left)
		a.left -= took.left
		left -= took.left
		x.pieces = append(x.pieces, piece{a, took})
	}
}

// remember keeps a redemption for as long as something can happen to it.
func (w *modelWorld) remember(m *modelMember, x *modelRedemption, clock micro) {
	if x.held {
		x.until = w.later(clock, x.reward.hold).UnixMicro()
	} else {
		w.finish(x)
	}
	m.redeemed = append(m.redeemed, x)
}

// finish says how long a redemption that is final is remembered.
func (w *modelWorld) finish(x *modelRedemption) {
	x.held, x.until = false, 0
	switch {
	case x.reward.collect:
		x.until = endless
	case x.reward.refund && x.reward.within != modelSpan{}:
		x.until = w.later(x.at, x.reward.within).UnixMicro()
	}
}

// lead confirms, cancels or refunds a redemption, if that can be done.
func (w *modelWorld) lead(m *modelMember, f *fact) {
	i := slices.IndexFunc(m.redeemed, func(x *modelRedemption) bool { return x.id == f.redemption })
	if i < 0 {
		return
	}
	x := m.redeemed[i]
	switch {
	case f.kind == "confirmation" && x.held:
		w.finish(x)
	case f.kind == "cancellation" && x.held:
		w.giveBack(m, x, f.clock, modelSpan{})
		m.redeemed = slices.Delete(m.redeemed, i, i+1)
	case f.kind == "refund" && !x.held && x.reward.refund:
		if (x.reward.within != modelSpan{}) && f.clock >= w.later(x.at, x.reward.within).UnixMicro() {
			return
		}
		if f.member >= firstCard {
			if w.refundPart(m, x, f) {
				m.redeemed = slices.Delete(m.redeemed, i, i+1)
			}
			return
		}
		w.giveBack(m, x, f.clock, x.reward.revive)
		m.redeemed = slices.Delete(m.redeemed, i, i+1)
	}
}

// giveBack undoes a redemption: what was taken goes back where it came from, or
// is gone if its time is over and nothing revives it.
func (w *modelWorld) giveBack(m *modelMember, x *modelRedemption, at micro, revive modelSpan) {
	w.spent["stock "+x.reward.id] -= int64(x.taken)
	for range x.taken {
		if i := slices.IndexFunc(m.gifts, func(g gift) bool {
			return g.rule == "reward."+x.reward.id && g.at.Equal(w.local(x.at))
		}); i >= 0 {
			m.gifts = slices.Delete(m.gifts, i, i+1)
		}
	}
	m.restore(x.pieces, at, func(a *modelAward) bool {
		a.expires = w.later(at, revive).UnixMicro()
		return revive != modelSpan{}
	})
}

// restore puts what was taken back where it came from; what expired meanwhile is
// gone, unless it is revived.
func (m *modelMember) restore(pieces []piece, at micro, revived func(*modelAward) bool) {
	for _, p := range pieces {
		back := p.took
		if back.expires <= at && !revived(&back) {
			p.from.expired += back.left
			continue
		}
		m.pay(&back)
		if back.left == 0 {
			continue
		}
		if p.from.left > 0 && slices.Contains(m.awards, p.from) {
			p.from.left += back.left
			p.from.expires = max(p.from.expires, back.expires)
			continue
		}
		p.from.left, p.from.expires, p.from.pending = back.left, back.expires, false
		if !slices.Contains(m.awards, p.from) {
			m.awards = append(m.awards, p.from)
			slices.SortFunc(m.awards, func(a, b *modelAward) int { return a.no - b.no })
		}
	}
}

// freeHolds ends the holds whose time is over.
func (w *modelWorld) freeHolds(m *modelMember, now micro) {
	over := func(x *modelRedemption) bool { return x.held && x.until <= now }
	for _, x := range m.redeemed {
		if over(x) {
			w.giveBack(m, x, x.until, modelSpan{})
		}
	}
	m.redeemed = slices.DeleteFunc(m.redeemed, over)
}

// renumber puts awards that arrive behind those that are here, and those of
// which only a redemption keeps something behind them.
func (w *modelWorld) renumber(what *modelMember, clock micro) {
	for _, a := range what.awards {
		w.awards++
		a.no = w.awards
	}
	seen := slices.Clone(what.awards)
	for _, x := range what.redeemed {
		x.until = max(x.until, clock)
		for _, p := range x.pieces {
			if !slices.Contains(seen, p.from) {
				w.awards++
				p.from.no = w.awards
				seen = append(seen, p.from)
			}
		}
	}
}

// held adds up what is set aside of a wallet.
func (m *modelMember) held(wallet string) int64 {
	sum := int64(0)
	for _, x := range m.redeemed {
		for _, p := range x.pieces {
			if x.held && p.took.wallet == wallet {
				sum += p.took.left
			}
		}
	}
	return sum
}

// redemption draws that somebody takes a reward, or what becomes of one.
func (h *historian) redemption(f *fact) {
	if len(h.program.rewards) == 0 {
		f.kind = "settle"
		return
	}
	if h.redeemed == 0 || rapid.IntRange(0, 4).Draw(h.t, "taken") > 1 {
		h.redeemed++
		f.kind, f.redemption = "redemption", fmt.Sprint("x", h.redeemed)
		f.reward = rapid.SampledFrom(h.program.rewards).Draw(h.t, "reward").id
		f.hold = rapid.IntRange(0, 2).Draw(h.t, "held") > 0
		f.taken = rapid.SampledFrom([]int{1, 1, 2, 3}).Draw(h.t, "taken")
		return
	}
	f.kind = rapid.SampledFrom([]string{"confirmation", "cancellation", "refund"}).Draw(h.t, "led")
	f.redemption = fmt.Sprint("x", rapid.IntRange(max(1, h.redeemed-2), h.redeemed).Draw(h.t, "which"))
	// Mostly its own member does it.
	if i := slices.IndexFunc(h.facts, func(x fact) bool { return x.kind == "redemption" && x.redemption == f.redemption }); rapid.IntRange(0, 9).Draw(h.t, "own") > 0 {
		f.member = h.facts[i].member
	}
}
