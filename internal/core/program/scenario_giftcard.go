package program

import (
	"strings"

	"github.com/govalues/decimal"

	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/giftcard"
	"premia/internal/core/money"
	"premia/internal/core/text"
)

// Carded is what happens to a gift card in a scenario.
type Carded struct {
	Card     string           `doc:"card" max_len:"60" help:"which card: any name; one that a member took as a reward has the reward's id"`
	Issue    string           `doc:"issue" max_len:"60" help:"the kind of which the card is issued"`
	TopUp    *decimal.Decimal `doc:"top up" above:"0" help:"this much more is put on it"`
	Pay      *decimal.Decimal `doc:"pay" above:"0" help:"this much is paid with it"`
	Hold     *decimal.Decimal `doc:"hold" above:"0" help:"this much is held for a payment"`
	Confirm  bool             `doc:"confirm" help:"the card's last payment becomes final"`
	Cancel   bool             `doc:"cancel" help:"the card's last payment is given up"`
	Refund   string           `doc:"refund" max_len:"30" help:"of the card's last payment comes back: all, or this much"`
	Move     *decimal.Decimal `doc:"move" above:"0" help:"this much of it is moved to a member's balance"`
	To       string           `doc:"to" max_len:"60" help:"of what is moved: the name of the member who gets it; the step's member if not said"`
	Block    *bool            `doc:"block" help:"whether it is blocked from now on"`
	Amount   *decimal.Decimal `doc:"amount" above:"0" help:"of an issue: how much is on it"`
	Currency string           `doc:"currency" pattern:"^[A-Z]{3}$" help:"of what is paid; the program's, if not said"`
}

// cardName is the name of a gift card among a scenario's members, which no member
// has.
func cardName(card string) string { return "gift card " + card }

// giftCard makes the event of a step about a gift card.
func (k *stepChecker) giftCard(e *event.Event, path string, g *Carded) {
	e.ID = k.path
	said := 0
	one := func(given bool, eventType string) {
		if given {
			said++
			e.Type = eventType
		}
	}
	one(g.Issue != "", event.GiftCardIssue)
	one(g.TopUp != nil, event.GiftCardTopUp)
	one(g.Pay != nil, event.GiftCardPayment)
	one(g.Hold != nil, event.GiftCardPayment)
	one(g.Confirm, event.Confirmation)
	one(g.Cancel, event.Cancellation)
	one(g.Refund != "", event.Refund)
	one(g.Block != nil, event.GiftCardBlock)
	one(g.Move != nil, event.Transfer)
	if said != 1 {
		e.Type = event.Settle
		k.Problem(path, "ambiguous", text.Say("this says {Count} things that happen to a gift card", said), "write one of issue, top up, pay, hold, confirm, cancel, refund, move and block")
		return
	}
	switch e.Type {
	case event.GiftCardIssue:
		k.cardIssue(e, path, g)
	case event.GiftCardTopUp:
		k.cardAmount(e, path+".top up", g, g.TopUp)
	case event.Transfer:
		k.cardAmount(e, path+".move", g, g.Move)
	case event.GiftCardPayment:
		if e.Hold = g.Hold != nil; e.Hold {
			k.cardAmount(e, path+".hold", g, g.Hold)
		} else {
			k.cardAmount(e, path+".pay", g, g.Pay)
		}
	case event.GiftCardBlock:
		e.Data = []event.Datum{{Name: giftcard.BlockedDatum, Kind: event.Truth, Whole: map[bool]int64{true: 1}[*g.Block]}}
	default:
		e.Redemption = k.path
		k.cardRefund(e, path+".refund", g)
	}
}

func (k *stepChecker) cardIssue(e *event.Event, path string, g *Carded) {
	e.Data = []event.Datum{{Name: giftcard.KindDatum, Kind: event.Text, Text: g.Issue}}
	kind := k.Program.GiftCardKind(g.Issue)
	if kind == nil {
		var ids []string
		for i := range k.Program.GiftCards {
			ids = append(ids, k.Program.GiftCards[i].ID)
		}
		k.unknown(path+".issue", "unknown_gift_card_kind", text.Say("there is no kind of gift cards {Issue}", quoted(g.Issue)), g.Issue, ids)
		e.Type = event.Settle
		return
	}
	e.Wallet, e.Given = kind.Wallet.ID, event.GivenAmount
	e.Amount = k.counted(path+".amount", g.Amount, kind.Wallet)
}

// cardAmount sets an amount in the currency that the step says.
func (k *stepChecker) cardAmount(e *event.Event, path string, g *Carded, amount *decimal.Decimal) {
	currency := g.Currency
	if currency == "" {
		currency = k.Program.Currency.Code
	}
	e.Wallet, e.Given = giftcard.WalletID(currency), event.GivenAmount
	scale := money.MaxScale
	if w := k.Program.WalletByID(e.Wallet); w != nil {
		scale = w.Unit.Scale
		k.Counted(path, w)
	} else {
		k.Problem(path, document.CodeNotAllowed, text.Say("the program has no gift cards in {Currency}", currency), "declare a kind under gift cards")
	}
	e.Amount = k.minor(path, amount, scale)
}

// cardRefund reads how much of a payment comes back.
func (k *stepChecker) cardRefund(e *event.Event, path string, g *Carded) {
	if g.Refund == "" || g.Refund == "all" {
		return
	}
	amount, err := decimal.Parse(g.Refund)
	if err != nil {
		k.Problem(path, document.CodeWrongType, text.Say("{Refund} is no amount", quoted(g.Refund)), "write all, or an amount such as 12.50")
		return
	}
	k.cardAmount(e, path, g, &amount)
}

// pay names the payment that an event of a scene is about: the card's last one.
func (a *actor) pay(e *event.Event, sc *scene) {
	if sc.card == "" {
		return
	}
	if e.Redemption != "" && a.redeemed[sc.card] != "" {
		e.Redemption = a.redeemed[sc.card]
	}
}

// card gives the account that a follow-up is for which names no member: a new one
// for a gift card that is issued, and the one that was.
func (r *stageRun) card(f *engine.FollowUp) *actor {
	name := ""
	if f.Type == event.GiftCardIssue {
		if c, err := engine.OpenIssueCard(f.Carried); err == nil {
			name = r.rewards[c.Redemption]
		}
	} else if b, err := engine.OpenTakeBackCard(f.Carried); err == nil {
		name = r.rewards[b.Redemption]
	}
	return r.named(cardName(name), 0)
}

// isCard tells whether an actor is a gift card.
func isCard(name string) bool { return strings.HasPrefix(name, cardName("")) }

// standing gives the standing of an actor who had none before the scenario's scene.
func standing(name string) ledger.Status {
	if isCard(name) {
		return 0
	}
	return ledger.Active
}
