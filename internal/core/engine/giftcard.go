package engine

import (
	"premia/internal/core/code"
	"premia/internal/core/ledger"
)

// GiftCardKind is a kind of gift cards that a program has, as those need it who
// issue cards.
type GiftCardKind struct {
	ID     string
	Rule   ledger.Name
	Wallet *Wallet
	// Least and Most a card of the kind can be issued with, in minor units; Most is
	// zero if there is no bound.
	Least, Most int64
	// Into is the wallet of members that what is on a card can be moved into, and Times
	// how many of its minor units one minor unit of the card's value becomes; nil and 0
	// where it can only be paid with.
	Into  *Wallet
	Times int64
	// Codes is the pattern of the codes of cards that are issued without one.
	Codes code.Pattern
}

// GiftCardKind gives the kind of gift cards with the id; nil if the program has
// none.
func (p *Program) GiftCardKind(id string) *GiftCardKind {
	for i := range p.GiftCards {
		if p.GiftCards[i].ID == id {
			return &p.GiftCards[i]
		}
	}
	return nil
}

// CardKindFact is the fact of a gift card that holds the id of its kind.
const CardKindFact = "kind"

// CardKind gives the kind of the gift card at hand; nil if the program has it no more.
func (t *Turn) CardKind() *GiftCardKind {
	id, _ := t.State.Fact(CardKindFact)
	return t.Program.GiftCardKind(id)
}

// MostStored is how many wallets of stored value, which members do not have, a
// program can declare.
const MostStored = 8

// StoredWallet declares a wallet that gift cards alone hold; the same id gives
// the same wallet. It answers nil, with ok false, beyond MostStored.
func (c *Compiler) StoredWallet(w Wallet) (*Wallet, bool) {
	if known := c.Program.WalletByID(w.ID); known != nil {
		return known, true
	}
	if len(c.Program.Wallets) == cap(c.Program.Wallets) {
		return nil, false // rules point at the wallets, so they must not move
	}
	c.Program.Wallets = append(c.Program.Wallets, w)
	return &c.Program.Wallets[len(c.Program.Wallets)-1], true
}

// IssueCard is what the follow-up carries that issues a gift card for a member.
type IssueCard struct {
	Rule, Wallet ledger.Name
	Amount       int64
	// For is who gets the card, and Redemption what it was taken with.
	For        ledger.MemberID
	Redemption string
}

// Append writes what the follow-up carries.
func (i *IssueCard) Append() []byte {
	var w ledger.Writer
	w.Uint(uint64(i.Rule))
	w.Uint(uint64(i.Wallet))
	w.Int(i.Amount)
	w.Uint(uint64(i.For))
	w.Text(i.Redemption)
	return w.Bytes
}

// OpenIssueCard reads what Append wrote. The error is ledger.ErrMalformed for
// anything else.
func OpenIssueCard(carried []byte) (*IssueCard, error) {
	r := ledger.Reader{Bytes: carried}
	i := &IssueCard{Rule: ledger.Name(r.Uint()), Wallet: ledger.Name(r.Uint()), Amount: r.Int(), For: ledger.MemberID(r.Uint()), Redemption: r.Text()}
	return i, r.Done()
}

// TakeBackCard is what the follow-ups carry by which a gift card that a member
// took gives its value back, and by which it answers.
type TakeBackCard struct {
	// Cause and N name the follow-up that issued the card: the N-th of the event
	// with the id Cause.
	Cause string
	N     int
	// From asked for it, for the redemption with the id.
	From       ledger.MemberID
	Redemption string
	// Given tells in the answer that the card has given its value back.
	Given bool
}

// Append writes what the follow-up carries.
func (b *TakeBackCard) Append() []byte {
	var w ledger.Writer
	w.Text(b.Cause)
	w.Uint(uint64(b.N))
	w.Uint(uint64(b.From))
	w.Text(b.Redemption)
	w.Uint(bit(b.Given))
	return w.Bytes
}

// OpenTakeBackCard reads what Append wrote. The error is ledger.ErrMalformed for
// anything else.
func OpenTakeBackCard(carried []byte) (*TakeBackCard, error) {
	r := ledger.Reader{Bytes: carried}
	b := &TakeBackCard{Cause: r.Text(), N: int(r.Uint()), From: ledger.MemberID(r.Uint()), Redemption: r.Text(), Given: r.Uint() == 1}
	return b, r.Done()
}
