package ledger

import (
	"slices"

	"premia/internal/core/calendar"
)

// Click is a click on an ambassador's link.
type Click struct {
	// ID is the click's number: random, never 0.
	ID ClickID
	// By is the ambassador whose link it was.
	By MemberID
	At calendar.Instant
	// Subs are the ambassador's own marks on the link, sub1 first; none at the end is
	// empty.
	Subs []string
}

// MaxSubs is how many marks a link has at most.
const MaxSubs = 5

// Ambassadorship is since and until when a member is an ambassador, by an
// operator's word; calendar.None for never, and for no end.
type Ambassadorship struct{ Since, Until calendar.Instant }

// At tells whether it holds at the instant.
func (a Ambassadorship) At(at calendar.Instant) bool {
	return a.Since != calendar.None && a.Since <= at && (a.Until == calendar.None || at < a.Until)
}

// carry joins that of another member, who is this one now.
func (a *Ambassadorship) carry(from Ambassadorship) {
	switch {
	case from.Since == calendar.None:
	case a.Since == calendar.None:
		*a = from
	default:
		a.Since = min(a.Since, from.Since)
		if a.Until == calendar.None || from.Until == calendar.None {
			a.Until = calendar.None
		} else {
			a.Until = max(a.Until, from.Until)
		}
	}
}

// Withheld is what is to remain of an ambassador's commission for a purchase of
// which goods went back before it arrived.
type Withheld struct {
	// Buyer and Purchase name the purchase: its member's number then, and its key.
	Buyer    MemberID
	Purchase string
	Kept     []Kept
}

// Kept is what a rule still owes in a wallet.
type Kept struct {
	Rule, Wallet Name
	Amount       int64
}

// Click keeps a click, if none that is kept came later.
func (s *State) Click(c Click) {
	if len(s.Clicked) == 0 || s.Clicked[0].At <= c.At {
		s.Clicked = []Click{c}
	}
}

// Withhold keeps what is to remain of a commission; the least that it was told.
func (s *State) Withhold(x Withheld) {
	if i := s.withheld(x.Buyer, x.Purchase); i >= 0 {
		x.Kept = least(s.Withheld[i].Kept, x.Kept)
		s.Withheld = slices.Delete(s.Withheld, i, i+1)
	}
	s.Withheld = append(s.Withheld, x)
}

// TakeWithheld gives what is to remain of a commission that arrives, and forgets
// it; ok is false where nothing was told of it.
func (s *State) TakeWithheld(buyer MemberID, purchase string) (x Withheld, ok bool) {
	i := s.withheld(buyer, purchase)
	if i < 0 {
		return Withheld{}, false
	}
	x = s.Withheld[i]
	s.Withheld = slices.Delete(s.Withheld, i, i+1)
	return x, true
}

func (s *State) withheld(buyer MemberID, purchase string) int {
	return slices.IndexFunc(s.Withheld, func(x Withheld) bool { return x.Buyer == buyer && x.Purchase == purchase })
}

// Left gives what is to remain of what a rule gives in a wallet: nothing where that
// is not told.
func (x *Withheld) Left(rule, wallet Name) int64 { return kept(x.Kept, rule, wallet) }

func kept(all []Kept, rule, wallet Name) int64 {
	for _, k := range all {
		if k.Rule == rule && k.Wallet == wallet {
			return k.Amount
		}
	}
	return 0
}

func least(a, b []Kept) (out []Kept) {
	for _, k := range a {
		if k.Amount = min(k.Amount, kept(b, k.Rule, k.Wallet)); k.Amount > 0 {
			out = append(out, k)
		}
	}
	return out
}

// carryClicks takes in by whose link another member came, who is this one now, and
// what that one was as an ambassador.
func (s *State) carryClicks(from *State) {
	for _, c := range from.Clicked {
		s.Click(c)
	}
	for _, x := range from.Withheld {
		s.Withhold(x)
	}
	s.Ambassador.carry(from.Ambassador)
}

// Append writes the click in its compact form.
func (c *Click) Append(w *Writer) {
	w.Uint(uint64(c.ID))
	w.Uint(uint64(c.By))
	w.Instant(c.At)
	w.Uint(uint64(len(c.Subs)))
	for _, sub := range c.Subs {
		w.Text(sub)
	}
}

// ReadClick reads what [Click.Append] wrote.
func ReadClick(r *Reader) Click {
	c := Click{ID: ClickID(r.Uint()), By: MemberID(r.Uint()), At: r.Instant()}
	for n := r.Count(); n > 0; n-- {
		c.Subs = append(c.Subs, r.Text())
	}
	return c
}

func (x *Withheld) append(w *Writer) {
	w.Uint(uint64(x.Buyer))
	w.Text(x.Purchase)
	AppendKept(w, x.Kept)
}

func readWithheld(r *Reader) Withheld {
	return Withheld{Buyer: MemberID(r.Uint()), Purchase: r.Text(), Kept: ReadKept(r)}
}

// AppendKept writes amounts in their compact form.
func AppendKept(w *Writer, all []Kept) {
	w.Uint(uint64(len(all)))
	for _, k := range all {
		w.Uint(uint64(k.Rule))
		w.Uint(uint64(k.Wallet))
		w.Int(k.Amount)
	}
}

// ReadKept reads what [AppendKept] wrote.
func ReadKept(r *Reader) (all []Kept) {
	for n := r.Count(); n > 0; n-- {
		all = append(all, Kept{Rule: Name(r.Uint()), Wallet: Name(r.Uint()), Amount: r.Int()})
	}
	return all
}
