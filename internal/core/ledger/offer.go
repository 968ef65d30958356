package ledger

import (
	"slices"

	"premia/internal/core/calendar"
)

// Offer is an offer that a member has: one that was given to the member, or that the
// member activated, or the option of a choice.
type Offer struct {
	// Rule is the offer, or the choice.
	Rule Name
	// Gift tells that it was given to the member, which does not activate it.
	Gift bool
	// Option is what the member chose; zero for offers.
	Option Name
	// Group is the group among whose offers it counts as chosen; zero if it counts in
	// none, or was given up.
	Group Name
	// At is when it was activated, given or chosen, and Ends the first instant at which
	// that is over; calendar.Never if it never is.
	At, Ends calendar.Instant
	// Counts is the first instant at which it counts no more in its group.
	Counts calendar.Instant
	// Uses is how many purchases had something of it, less those of which nothing
	// remains.
	Uses int64
}

// The bounds of what is kept of offers.
const (
	// OffersKept is how many a member has at most, with those that ended lately.
	OffersKept = 128
	// OfferRemembered is how long one that ended is remembered, for events that come
	// late.
	OfferRemembered = 31 * calendar.Day
)

// forgotten gives the first instant at which nobody needs the offer any more.
func (o *Offer) forgotten() calendar.Instant {
	last := max(o.Ends, o.Counts)
	if last >= calendar.Never-OfferRemembered {
		return calendar.Never
	}
	return last + OfferRemembered
}

// OfferAt gives what the member had of an offer or a choice at an instant, the latest
// if there are several; gift asks for what was given. Nil if there is none.
func (s *State) OfferAt(rule Name, gift bool, at calendar.Instant) *Offer {
	for i := len(s.Offers) - 1; i >= 0; i-- {
		if o := &s.Offers[i]; o.Rule == rule && o.Gift == gift && o.At <= at && at < o.Ends {
			return o
		}
	}
	return nil
}

// OfferBetween tells whether the member had an offer active, or something chosen, at
// any instant from from on and before to.
func (s *State) OfferBetween(rule Name, from, to calendar.Instant) bool {
	return slices.ContainsFunc(s.Offers, func(o Offer) bool {
		return o.Rule == rule && !o.Gift && o.At < to && from < o.Ends
	})
}

// KeepOffer keeps one more. Where as many are kept as may be, the one that ended
// first gives way; false, and nothing changes, if all of them still matter at now.
func (s *State) KeepOffer(o Offer, now calendar.Instant) bool {
	if len(s.Offers) >= OffersKept {
		first := 0
		for i := range s.Offers {
			if max(s.Offers[i].Ends, s.Offers[i].Counts) < max(s.Offers[first].Ends, s.Offers[first].Counts) {
				first = i
			}
		}
		if max(s.Offers[first].Ends, s.Offers[first].Counts) > now {
			return false
		}
		s.Offers = slices.Delete(s.Offers, first, first+1)
	}
	s.Offers = append(s.Offers, o)
	return true
}

// ForgetOffers forgets those that nobody needs at now any more; forgotten is told
// each.
func (s *State) ForgetOffers(now calendar.Instant, forgotten func(o *Offer)) {
	s.Offers = slices.DeleteFunc(s.Offers, func(o Offer) bool {
		gone := o.forgotten() <= now
		if gone {
			forgotten(&o)
		}
		return gone
	})
}

// carryOffers takes in another member's offers. What both have at one time stays as
// this member has it, with the uses of both.
func (s *State) carryOffers(from []Offer, now calendar.Instant) {
	for _, o := range from {
		own := slices.IndexFunc(s.Offers, func(own Offer) bool {
			return own.Rule == o.Rule && own.Gift == o.Gift && own.At < o.Ends && o.At < own.Ends
		})
		switch {
		case own < 0:
			s.KeepOffer(o, now)
		case o.Option == 0:
			kept := &s.Offers[own]
			kept.Uses += o.Uses
			kept.At, kept.Ends = min(kept.At, o.At), max(kept.Ends, o.Ends)
		}
	}
}

func (o *Offer) append(w *Writer) {
	flags := uint64(0)
	if o.Gift {
		flags |= 1
	}
	if o.Option != 0 {
		flags |= 2
	}
	if o.Group != 0 {
		flags |= 4
	}
	if o.Counts != 0 {
		flags |= 8
	}
	w.Uint(flags)
	w.Uint(uint64(o.Rule))
	if o.Option != 0 {
		w.Uint(uint64(o.Option))
	}
	if o.Group != 0 {
		w.Uint(uint64(o.Group))
	}
	w.Instant(o.At)
	w.Instant(o.Ends)
	if o.Counts != 0 {
		w.Instant(o.Counts)
	}
	w.Int(o.Uses)
}

func readOffer(r *Reader) Offer {
	flags := r.Uint()
	o := Offer{Gift: flags&1 != 0, Rule: Name(r.Uint())}
	if flags&2 != 0 {
		o.Option = Name(r.Uint())
	}
	if flags&4 != 0 {
		o.Group = Name(r.Uint())
	}
	o.At, o.Ends = r.Instant(), r.Instant()
	if flags&8 != 0 {
		o.Counts = r.Instant()
	}
	o.Uses = r.Int()
	return o
}
