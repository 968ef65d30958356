package app

import (
	"context"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
)

// Gift is a reward that a rule gave with a decision.
type Gift struct {
	// Redemption is the id under which it is handed over.
	Redemption string
	Reward     ledger.Name
	Quantity   int64
}

// Gifts lists the rewards that rules gave with a decision upon an event of the member.
func (a *App) Gifts(member ledger.MemberID, d *engine.Decision) []Gift {
	var out []Gift
	for i := range d.Postings {
		p := &d.Postings[i]
		if p.Kind == ledger.Spend && p.From == ledger.Available && a.isGift(d, p.Wallet) {
			out = append(out, Gift{engine.GiftID(member, p.Lot), p.Wallet, p.Amount})
		}
	}
	return out
}

// isGift tells whether the wallet of a decision counts the pieces of a reward.
func (a *App) isGift(d *engine.Decision, wallet ledger.Name) bool {
	rules := a.Journal.Rules()
	p := rules.Timeline.Version(d.Program)
	if p == nil {
		p = rules.Timeline.Version(rules.Newest)
	}
	w := p.Wallet(wallet)
	return w != nil && w.Gift != nil
}

// giftRedemption gives what became of a redemption that a rule gave, by its id; ok is
// false for other ids, and where there is no such redemption.
func (a *App) giftRedemption(ctx context.Context, id string) (out Redemption, ok bool, err error) {
	owner, given := engine.GiftOwner(id)
	if !given {
		return out, false, nil
	}
	found, err := a.redemptions(ctx, owner, func(r *Redemption) bool { return r.ID == id }, 1)
	if AsProblem(err).Code == CodeUnknownMember {
		return out, false, nil
	}
	if err != nil || len(found) == 0 {
		return out, false, err
	}
	return found[0], true, nil
}

// gifts follows the rewards that rules gave through a member's history, newest first.
type gifts struct {
	app   *App
	id    ledger.MemberID
	state *ledger.State
	last  map[string]*event.Event
	// gone has what was taken back, by lot.
	gone map[uint32]int64
}

// of lists the redemptions that a past decision gave. Those that came with another
// member are found by what is left of them.
func (g *gifts) of(p *engine.Past) []Redemption {
	var out []Redemption
	d := p.Decision
	if p.Numbering == 0 {
		for i := range d.Postings {
			if q := &d.Postings[i]; q.To == ledger.Withdrawn && g.app.isGift(d, q.Wallet) {
				g.gone[q.Lot] += q.Amount
			}
		}
	}
	for i := range d.Postings {
		q := &d.Postings[i]
		if q.Kind != ledger.Spend || q.From != ledger.Available || !g.app.isGift(d, q.Wallet) {
			continue
		}
		r := Redemption{ID: engine.GiftID(g.id, q.Lot), Member: g.id, Reward: q.Wallet, Quantity: q.Amount, At: d.At, Status: ledger.HandedOver.String()}
		if p.Numbering != 0 {
			r.ID = g.came(q, d.At)
		}
		if r.ID == "" {
			continue
		}
		switch open := g.state.Redemption(r.ID); {
		case open != nil:
			r.Status, r.Quantity = open.Status.String(), open.Quantity
		case g.last[r.ID] != nil && g.last[r.ID].Type == event.Fulfilment:
			r.Status = g.last[r.ID].Status
		case p.Numbering == 0 && g.gone[q.Lot] >= q.Amount:
			r.Status = "cancelled"
		}
		out = append(out, r)
	}
	return out
}

// came finds the open redemption of a reward that a rule had given to a member who was
// merged into this one; empty if it is not open any more.
func (g *gifts) came(q *ledger.Posting, at calendar.Instant) string {
	for i := range g.state.Redemptions {
		x := &g.state.Redemptions[i]
		owner, given := engine.GiftOwner(x.ID)
		if given && owner != g.id && x.Reward == q.Wallet && len(x.Parts) > 0 && x.Parts[0].Lot.EarnedAt == at && x.Parts[0].Lot.Rule == q.Rule {
			return x.ID
		}
	}
	return ""
}
