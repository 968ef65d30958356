package ambassador

import (
	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/ledger"
)

// Parcel is what travels to an ambassador: what a purchase is worth, or what it
// still is after goods went back.
type Parcel struct {
	// Buyer and Purchase name the purchase: its member's number then, and its key.
	Buyer    ledger.MemberID
	Purchase string
	// Program is the version under which it was promised, and At when it was bought,
	// or went back.
	Program uint32
	At      calendar.Instant
	// Total is the purchase's, in minor units of the currency.
	Total int64
	Click ledger.Click
	Gifts []Gift
}

// Gift is what a commission comes to in one wallet, before limits; Base is what it
// was reckoned from.
type Gift struct {
	Rule, Wallet ledger.Name
	Amount, Base int64
}

func (p *Parcel) followUp(eventType, order string) engine.FollowUp {
	return engine.FollowUp{Type: eventType, Member: p.Click.By, Order: order, Carried: p.append()}
}

func (p *Parcel) append() []byte {
	var w ledger.Writer
	w.Uint(uint64(p.Buyer))
	w.Text(p.Purchase)
	w.Uint(uint64(p.Program))
	w.Instant(p.At)
	w.Int(p.Total)
	p.Click.Append(&w)
	w.Uint(uint64(len(p.Gifts)))
	for _, g := range p.Gifts {
		w.Uint(uint64(g.Rule))
		w.Uint(uint64(g.Wallet))
		w.Int(g.Amount)
		w.Int(g.Base)
	}
	return w.Bytes
}

// Open reads what an event of a commission carries. The error is
// ledger.ErrMalformed for anything else.
func Open(carried []byte) (*Parcel, error) {
	r := ledger.Reader{Bytes: carried}
	p := &Parcel{Buyer: ledger.MemberID(r.Uint()), Purchase: r.Text(), Program: uint32(r.Uint()), At: r.Instant(), Total: r.Int(), Click: ledger.ReadClick(&r)}
	for n := r.Count(); n > 0; n-- {
		p.Gifts = append(p.Gifts, Gift{Rule: ledger.Name(r.Uint()), Wallet: ledger.Name(r.Uint()), Amount: r.Int(), Base: r.Int()})
	}
	if err := r.Done(); err != nil {
		return nil, err
	}
	if len(p.Gifts) == 0 || p.Buyer == 0 {
		return nil, ledger.ErrMalformed
	}
	return p, nil
}

// about tells whether two parcels are about the same purchase.
func (p *Parcel) about(other *Parcel) bool {
	return p.Buyer == other.Buyer && p.Purchase == other.Purchase
}

// left gives what the parcel says of a rule in a wallet.
func (p *Parcel) left(rule, wallet ledger.Name) int64 {
	for _, g := range p.Gifts {
		if g.Rule == rule && g.Wallet == wallet {
			return g.Amount
		}
	}
	return 0
}

// carriedBy gives the parcel of a follow-up of the type; nil if it is none.
func carriedBy(f *engine.FollowUp, eventType string) *Parcel {
	if f.Type != eventType {
		return nil
	}
	p, err := Open(f.Carried)
	if err != nil {
		return nil
	}
	return p
}
