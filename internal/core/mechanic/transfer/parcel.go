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

func (p *Parcel) append() []byte {
	var w ledger.Writer
	w.Uint(uint64(p.From))
	w.Uint(uint64(p.To))
	w.Instant(p.At)
	ledger.AppendParts(&w, p.Parts)
	return w.Bytes
}

// Open reads what an event of a transfer carries. The error is
// ledger.ErrMalformed for anything else.
func Open(carried []byte) (*Parcel, error) {
	r := ledger.Reader{Bytes: carried}
	p := &Parcel{From: ledger.MemberID(r.Uint()), To: ledger.MemberID(r.Uint()), At: r.Instant(), Parts: ledger.ReadParts(&r)}
	if err := r.Done(); err != nil {
		return nil, err
	}
	if len(p.Parts) == 0 {
		return nil, ledger.ErrMalformed
	}
	return p, nil
}
