package engine_test

import (
	"fmt"
	"slices"
	"strings"

	"pgregory.net/rapid"
)

// modelTransfer is what may be given of a wallet, in whole units; 0 for any.
type modelTransfer struct{ least, most, day, month int }

func drawTransfers(t *rapid.T, p *modelProgram) {
	p.transfers = map[string]modelTransfer{}
	for _, w := range p.wallets {
		if rapid.IntRange(0, 4).Draw(t, "given") == 0 {
			continue
		}
		var one modelTransfer
		if rapid.Bool().Draw(t, "bounded") {
			one = modelTransfer{least: 2, most: 200, day: rapid.SampledFrom([]int{200, 300}).Draw(t, "a day"), month: 500}
		}
		p.transfers[w.id] = one
	}
}

func (p *modelProgram) writeTransfers(b *strings.Builder) {
	if len(p.transfers) > 0 {
		b.WriteString("transfers:\n")
	}
	for _, w := range p.wallets {
		one, given := p.transfers[w.id]
		switch {
		case !given:
		case one == modelTransfer{}:
			fmt.Fprintf(b, "  %s: {}\n", w.id)
		default:
			fmt.Fprintf(b, "  %s: {least: %d, most: %d, each day: %d, each month: %d}\n", w.id, one.least, one.most, one.day, one.month)
		}
	}
}

// transfer draws that somebody gives, that something arrives, or that a member is
// forgotten.
func (h *historian) transfer(f *fact) {
	switch {
	case len(h.model().parcels) > 0 && rapid.IntRange(0, 1).Draw(h.t, "arrives") == 0:
		f.kind, f.at = "arrive", f.clock
	case len(h.program.ladders) == 0 && rapid.IntRange(0, 15).Draw(h.t, "erased") == 0:
		f.kind, f.at = "erase", f.clock
	default:
		f.kind, f.into = "transfer", rapid.IntRange(1, h.members).Draw(h.t, "to")
		f.wallet = rapid.SampledFrom(h.program.wallets).Draw(h.t, "wallet").id
		f.amount = int64(rapid.SampledFrom([]int{1, 30, 150, 1700, 20_000, 90_000}).Draw(h.t, "amount"))
	}
}

// given is value on its way from one member to another.
type given struct {
	from   *modelMember
	gift   gift
	pieces []piece
	back   bool
}

func (w *modelWorld) give(m *modelMember, f *fact) {
	rules, may := w.program.transfers[f.wallet]
	scale, rule := w.wallet(f.wallet).scale, "transfer."+f.wallet
	if to := w.members[f.into]; !may || to == m || f.amount < units(fmt.Sprint(rules.least), scale) {
		return
	}
	if (rules != modelTransfer{}) {
		day, _ := m.counted(rule, "each day", w.local(f.at))
		month, _ := m.counted(rule, "each month", w.local(f.at))
		if f.amount > units(fmt.Sprint(rules.most), scale) || day+f.amount > units(fmt.Sprint(rules.day), scale) || month+f.amount > units(fmt.Sprint(rules.month), scale) {
			return
		}
	}
	if m.balance(f.wallet).Available < f.amount {
		return
	}
	g := &given{from: m, gift: gift{rule: rule, at: w.local(f.at), amount: f.amount}}
	for left := f.amount; left > 0; {
		a := m.next(f.wallet)
		took := *a
		took.left = min(left, a.left)
		a.left -= took.left
		left -= took.left
		g.pieces = append(g.pieces, piece{a, took})
	}
	m.gifts = append(m.gifts, g.gift)
	w.parcels = append(w.parcels, parcelled{given: g, to: w.members[f.into]})
}

// receive lets what was given arrive at a member who was not merged.
func (w *modelWorld) receive(m *modelMember, g *given, clock micro) {
	w.pass(m, clock)
	switch {
	case m.erased && !g.back:
		w.parcels = append(w.parcels, parcelled{given: &given{g.from, g.gift, g.pieces, true}, to: g.from})
		return
	case g.back && m == g.from:
		m.restore(g.pieces, clock, func(*modelAward) bool { return false })
	default:
		for _, p := range g.pieces {
			w.awards++
			a := p.took
			a.no, a.expires = w.awards, max(a.expires, clock)
			m.pay(&a)
			m.awards = append(m.awards, &a)
		}
	}
	if g.back {
		i := slices.IndexFunc(m.gifts, func(x gift) bool {
			return x.rule == g.gift.rule && x.at.Equal(g.gift.at) && x.amount == g.gift.amount
		})
		if i >= 0 {
			m.gifts = slices.Delete(m.gifts, i, i+1)
		}
	}
	w.pass(m, clock)
	w.forfeit(m, clock)
}
