package reward

import (
	"premia/internal/core/calendar"
	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/rule"
	"premia/internal/core/text"
)

// card is the gift card that a reward of that kind issues.
type card struct {
	kind   *engine.GiftCardKind
	amount int64 // in minor units of the kind's wallet; 0 for other rewards
}

// compileCard checks which gift card is issued, and with how much.
func (x *Compiled) compileCard(c *engine.Compiler, path string, r *Reward) {
	if r.Kind != "gift card" || r.Card == "" {
		return
	}
	x.card.kind = c.Program.GiftCardKind(r.Card)
	if x.card.kind == nil {
		hint := text.Sentence("declare it under gift cards")
		var ids []string
		for i := range c.Program.GiftCards {
			ids = append(ids, c.Program.GiftCards[i].ID)
		}
		if near, ok := document.Closest(r.Card, ids); ok {
			hint = text.Say("did you mean {Near}?", near)
		}
		c.Problem(path+".card", "unknown_gift_card_kind", text.Say("there is no kind of gift cards {Card}", r.Card), hint)
		return
	}
	if r.Amount == nil {
		return // which is reported with what each kind needs
	}
	amount, ok := rule.WalletMinor(c, path+".amount", *r.Amount, x.card.kind.Wallet)
	if k := x.card.kind; ok && (amount < k.Least || (k.Most > 0 && amount > k.Most)) {
		c.Problem(path+".amount", document.CodeOutOfRange, text.Say("gift cards of the kind {ID} are not issued with so much", k.ID), "write an amount from its least to its most")
	}
	x.card.amount = amount
}

// oneCard tells whether not several gift cards are taken together: each is given
// back, or not, by itself. If they are a step says so.
func (r *Compiled) oneCard(t *engine.Turn) bool {
	if r.card.amount == 0 || t.Event.Taken() == 1 {
		return true
	}
	t.Note(engine.Step{Rule: r.Name, Result: engine.TakenOften, Limit: engine.EachEvent, Base: 1})
	return false
}

// issueCard lets the gift card come into being that was taken: a follow-up issues
// it, once.
func (r *Compiled) issueCard(t *engine.Turn, open *ledger.Redemption) {
	if r.card.amount == 0 {
		return
	}
	issue := engine.IssueCard{Rule: r.card.kind.Rule, Wallet: r.card.kind.Wallet.Name, Amount: r.card.amount, For: t.In.Member, Redemption: open.ID}
	t.FollowUp(engine.FollowUp{Type: event.GiftCardIssue, Carried: issue.Append()})
}

// askCard asks the gift card of a redemption to give its value back: what was paid
// comes back only when it has. False if the redemption issued none.
func (r *Compiled) askCard(t *engine.Turn, x *ledger.Redemption) bool {
	cause, n, found := issuedBy(t, x.ID)
	if !found {
		return false
	}
	ask := engine.TakeBackCard{Cause: cause, N: n, From: t.In.Member, Redemption: x.ID}
	t.FollowUp(engine.FollowUp{Type: event.GiftCardTakeBack, Carried: ask.Append()})
	x.Status, x.Until = ledger.Returning, calendar.Never
	return true
}

// issuedBy finds the follow-up that issued the card of a redemption: it left the
// event that made the redemption final.
func issuedBy(t *engine.Turn, redemption string) (cause string, n int, found bool) {
	if t.In.History == nil {
		return "", 0, false
	}
	t.In.History(func(p *engine.Past) bool {
		for i := range p.Decision.FollowUps {
			f := &p.Decision.FollowUps[i]
			if f.Type != event.GiftCardIssue {
				continue
			}
			if issue, err := engine.OpenIssueCard(f.Carried); err == nil && issue.Redemption == redemption {
				cause, n, found = p.Event.ID, i, true
			}
		}
		return !found && p.Event.ID != redemption
	})
	return cause, n, found
}

// answer ends the refund of a gift card by what the card has answered.
func (s *stage) answer(t *engine.Turn) {
	b, err := engine.OpenTakeBackCard(t.Event.Carried)
	if err != nil {
		t.Finish(engine.NoSuchRedemption)
		return
	}
	x := t.State.Redemption(b.Redemption)
	switch {
	case x == nil || x.Status != ledger.Returning:
		t.Finish(engine.NoSuchRedemption)
	case b.Given:
		s.restore(t, s.byName(x.Reward), x)
	default:
		x.Status, x.Until = ledger.HandedOver, calendar.None
		if r := s.byName(x.Reward); r != nil {
			x.Until = r.remembered(t, x)
		}
		if x.Until == calendar.None {
			t.State.Forget(x.ID)
		}
		t.Finish(engine.GiftCardUsed)
	}
}

// cardWords say which gift card a member gets.
func (r *Compiled) cardWords(p *engine.Program) (name any, amount text.Points) {
	k := r.card.kind
	return p.Rules[k.Rule].Title, k.Wallet.Points(r.card.amount)
}
