package ambassador

import (
	"slices"

	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
)

// Apply does this member's part, as buyer or as ambassador.
func (s *stage) Apply(t *engine.Turn) {
	switch t.Event.Type {
	case event.Enrolment, event.Profile:
		s.standing(t)
		s.come(t)
	case event.Purchase:
		if t.Replaying() {
			s.owe(t)
			return
		}
		own := s.come(t)
		if s.on && (own != nil || len(t.State.Clicked) > 0) {
			s.buy(t, own)
		}
	case event.Return:
		for i := range t.Undone {
			s.goBack(t, &t.Undone[i])
		}
	case event.Commission:
		s.arrive(t)
	case event.CommissionBack:
		s.lessen(t)
	}
}

// worth gives what a commission comes to for the purchase, in each of its wallets.
// The buyer need not know why it comes to nothing.
func (c *commission) worth(t *engine.Turn, each func(Gift)) {
	if c.When != nil && !c.When.Test(t).Met {
		return
	}
	marks, _, any := t.Matching(c.Items)
	if !any {
		return
	}
	for _, g := range c.givings {
		if amount, base, ok := t.Value(g, marks); ok && amount > 0 {
			each(Gift{Rule: c.Name, Wallet: g.Wallet.Name, Amount: amount, Base: base})
		}
	}
}

// buy credits a purchase to whoever's link the member came by.
func (s *stage) buy(t *engine.Turn, own *ledger.Click) {
	click := s.credited(t, own)
	if click == nil {
		return
	}
	p := Parcel{Buyer: t.In.Member, Purchase: engine.KeyOf(t.Event), Program: t.Program.Version, At: t.At, Total: t.Event.Total, Click: *click}
	for i := range s.commissions {
		s.commissions[i].worth(t, func(g Gift) { p.Gifts = append(p.Gifts, g) })
	}
	if len(p.Gifts) == 0 {
		return
	}
	t.Note(engine.Step{Rule: s.link, Result: engine.CountedByLink, Base: t.Event.Total, Read: click.ID.String()})
	t.FollowUp(p.followUp(event.Commission, t.Event.Order))
}

// owe says what a purchase that is decided again would be worth to an ambassador.
func (s *stage) owe(t *engine.Turn) {
	for i := range s.commissions {
		s.commissions[i].worth(t, func(g Gift) {
			t.Owe(engine.Given{Rule: g.Rule, Wallet: g.Wallet, Amount: g.Amount})
		})
	}
}

// goBack tells the ambassador to whom a purchase was credited what it is worth
// without the goods that went back.
func (s *stage) goBack(t *engine.Turn, u *engine.Undone) {
	for i := range u.Decision.FollowUps {
		p := carriedBy(&u.Decision.FollowUps[i], event.Commission)
		if p == nil {
			continue
		}
		told := lastTold(p, u.Later)
		now := *p
		now.At, now.Total, now.Gifts = t.At, u.Money, slices.Clone(p.Gifts)
		less := false
		for j := range now.Gifts {
			g := &now.Gifts[j]
			before := told.left(g.Rule, g.Wallet)
			g.Amount = min(before, owed(u.Owed, g))
			less = less || g.Amount < before
		}
		if less {
			t.Note(engine.Step{Rule: s.link, Result: engine.CountedByLink, Base: -u.Money, Read: p.Click.ID.String()})
			t.FollowUp(now.followUp(event.CommissionBack, u.Event.Order))
		}
	}
}

// lastTold gives what the ambassador was told last of what a purchase is worth.
func lastTold(p *Parcel, later []*engine.Past) *Parcel {
	for _, past := range later {
		for i := range past.Decision.FollowUps {
			if told := carriedBy(&past.Decision.FollowUps[i], event.CommissionBack); told != nil && told.about(p) {
				return told
			}
		}
	}
	return p
}

func owed(all []engine.Given, g *Gift) int64 {
	for _, x := range all {
		if x.Rule == g.Rule && x.Wallet == g.Wallet {
			return x.Amount
		}
	}
	return 0
}
