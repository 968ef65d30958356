package transfer

import (
	"premia/internal/core/calendar"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
)

// To is the datum of a transfer that holds the receiver's number.
const To = "to"

// Receiver gives whom a transfer names; 0 if it names nobody.
func Receiver(e *event.Event) ledger.MemberID {
	for i := range e.Data {
		if d := &e.Data[i]; d.Name == To && d.Kind == event.Whole {
			return ledger.MemberID(d.Whole)
		}
	}
	return 0
}

// Parcel is what travels between two members.
type Parcel struct {
	// From gave it, and To was named by the giver.
	From, To ledger.MemberID
	// At is when it counted towards the giver's limits.
	At calendar.Instant
	// Parts are what was taken of which of the giver's lots, all in one wallet.
	Parts []ledger.Part
	// Into is the wallet that what comes from a gift card goes into, and Times how much
	// of it one of the card's becomes; 0 for what members give.
	Into  ledger.Name
	Times int64
}

// Amount is the value, in the wallet's minor units.
func (p *Parcel) Amount() int64 {
	sum := int64(0)
	for i := range p.Parts {
		sum += p.Parts[i].Lot.Remaining
	}
	return sum
}

// Wallet is the wallet of all parts.
func (p *Parcel) Wallet() ledger.Name { return p.Parts[0].Wallet }

// OfCard tells whether an event brings what was moved off a gift card.
func OfCard(e *event.Event) bool {
	if e.Type != event.TransferIn {
		return false
	}
	p, err := Open(e.Carried)
	return err == nil && p.Into != 0
}

func (p *Parcel) append() []byte {
	var w ledger.Writer
	w.Uint(uint64(p.From))
	w.Uint(uint64(p.To))
	w.Instant(p.At)
	ledger.AppendParts(&w, p.Parts)
	if p.Into != 0 {
		w.Uint(uint64(p.Into))
		w.Int(p.Times)
	}
	return w.Bytes
}

// Open reads what an event of a transfer carries. The error is
// ledger.ErrMalformed for anything else.
func Open(carried []byte) (*Parcel, error) {
	r := ledger.Reader{Bytes: carried}
	p := &Parcel{From: ledger.MemberID(r.Uint()), To: ledger.MemberID(r.Uint()), At: r.Instant(), Parts: ledger.ReadParts(&r)}
	if len(r.Bytes) > 0 {
		p.Into, p.Times = ledger.Name(r.Uint()), r.Int()
	}
	if err := r.Done(); err != nil {
		return nil, err
	}
	if len(p.Parts) == 0 || p.Into != 0 && p.Times <= 0 {
		return nil, ledger.ErrMalformed
	}
	return p, nil
}
