package referral

import (
	"premia/internal/core/calendar"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
)

// The data of an enrolment or a profile that say who brought the member. They are
// no facts of the member.
const (
	// Data begins their names.
	Data = "referral_"
	// By is the number of the member whose code was named, and To the member who
	// answers for that one now.
	By, To = Data + "by", Data + "to"
	// Since is [ledger.State.JoinedAt] of the referrer, as an instant.
	Since = Data + "since"
	// Not says why the referrer does not count, where that is known before: one of
	// Reasons.
	Not = Data + "not"
)

// The reasons why who is named as referrer does not count.
const (
	SameMember     = "same_member"
	SamePrefix     = "same_" // and email, phone, card, address, device, identity
	Circle         = "circle"
	Gone           = "referrer_gone"
	Blocked        = "blocked"
	ReferredBefore = "referred_before"
	TooLate        = "too_late"
	JoinedLater    = "joined_later"
	NoReferrals    = "no_referrals"
)

// naming is what an event says of who brought its member.
type naming struct {
	by, to ledger.MemberID
	since  calendar.Instant
	not    string
}

func namingOf(e *event.Event) (n naming, named bool) {
	for i := range e.Data {
		d := &e.Data[i]
		switch d.Name {
		case By:
			n.by, named = ledger.MemberID(d.Whole), true
		case To:
			n.to = ledger.MemberID(d.Whole)
		case Since:
			n.since = calendar.Instant(d.Whole)
		case Not:
			n.not = d.Text
		}
	}
	return n, named
}

// Referrer gives the member who is named as having brought the event's; 0 if none
// is.
func Referrer(e *event.Event) ledger.MemberID {
	n, _ := namingOf(e)
	if n.to != 0 {
		return n.to
	}
	return n.by
}

// Parcel is what travels to a referrer: what a friend has reached, or has not any
// more.
type Parcel struct {
	// Friend is the friend's number when they came.
	Friend ledger.MemberID
	// Program is the version under which it was promised, and At when the friend
	// reached it.
	Program uint32
	At      calendar.Instant
	Items   []Item
}

// Item is one thing that a friend reached.
type Item struct {
	Rule  ledger.Name
	Round int64
	Gifts []Gift
}

// Gift is what the referrer is to get in one wallet, before limits; Base is what it
// was reckoned from.
type Gift struct {
	Wallet       ledger.Name
	Amount, Base int64
}

func (p *Parcel) mark(i int) ledger.ReferralMark {
	return ledger.ReferralMark{Friend: p.Friend, Rule: p.Items[i].Rule, Round: p.Items[i].Round}
}

func (p *Parcel) append() []byte {
	var w ledger.Writer
	w.Uint(uint64(p.Friend))
	w.Uint(uint64(p.Program))
	w.Instant(p.At)
	w.Uint(uint64(len(p.Items)))
	for i := range p.Items {
		it := &p.Items[i]
		w.Uint(uint64(it.Rule))
		w.Int(it.Round)
		w.Uint(uint64(len(it.Gifts)))
		for _, g := range it.Gifts {
			w.Uint(uint64(g.Wallet))
			w.Int(g.Amount)
			w.Int(g.Base)
		}
	}
	return w.Bytes
}

// Open reads what an event of a referral carries. The error is
// ledger.ErrMalformed for anything else.
func Open(carried []byte) (*Parcel, error) {
	r := ledger.Reader{Bytes: carried}
	p := &Parcel{Friend: ledger.MemberID(r.Uint()), Program: uint32(r.Uint()), At: r.Instant()}
	for n := r.Count(); n > 0; n-- {
		it := Item{Rule: ledger.Name(r.Uint()), Round: r.Int()}
		for g := r.Count(); g > 0; g-- {
			it.Gifts = append(it.Gifts, Gift{Wallet: ledger.Name(r.Uint()), Amount: r.Int(), Base: r.Int()})
		}
		p.Items = append(p.Items, it)
	}
	if err := r.Done(); err != nil {
		return nil, err
	}
	if len(p.Items) == 0 {
		return nil, ledger.ErrMalformed
	}
	return p, nil
}
