package ledger

import (
	"slices"

	"premia/internal/core/calendar"
)

// Referral is who brought the member into the program, and what the member has
// done since that rewards for it look at.
type Referral struct {
	// Referrer brought the member, who had the number Friend then.
	Referrer, Friend MemberID
	// At is when the referrer was named: what is bought from then on counts.
	At calendar.Instant
	// Joined is since when the member counts as one among those who bring others:
	// nobody is brought by somebody who joined later.
	Joined calendar.Instant
	// Over tells that nothing new comes of it: after a merge with somebody whom
	// another one brought, or with the referrer.
	Over   bool
	Stages []ReferralStage
}

// ReferralStage is how far a friend is on the way to one reward.
type ReferralStage struct {
	Rule Name
	// Count and Spend are the purchases that count for it, less what was returned:
	// their number and, in the currency's minor units, their totals.
	Count, Spend int64
	// Round is how often it was reached, and Given whether it is reached now:
	// returned goods may undo it. Event is the purchase that reached it last.
	Round int64
	Given bool
	Event string
}

// ReferralMark names what a friend reached, once: the friend's number when they
// were brought, the reward's rule, and how often it had been reached.
type ReferralMark struct {
	Friend MemberID
	Rule   Name
	Round  int64
}

// Referred gives the referral of which something new may still come; nil if
// nobody brought the member, or nothing comes of it.
func (s *State) Referred() *Referral {
	for i := range s.Referrals {
		if !s.Referrals[i].Over {
			return &s.Referrals[i]
		}
	}
	return nil
}

// JoinedAt gives since when the member counts as one among those who bring
// others.
func (s *State) JoinedAt() calendar.Instant {
	if len(s.Referrals) > 0 {
		return s.Referrals[0].Joined
	}
	return s.EnrolledAt
}

// EndReferrals lets nothing new come of having been brought by one of these
// members: they are the member itself by now.
func (s *State) EndReferrals(by []MemberID) {
	for i := range s.Referrals {
		if slices.Contains(by, s.Referrals[i].Referrer) {
			s.Referrals[i].Over = true
		}
	}
}

// Stage gives the stage of a reward, made now if there was none.
func (r *Referral) Stage(rule Name) *ReferralStage {
	for i := range r.Stages {
		if r.Stages[i].Rule == rule {
			return &r.Stages[i]
		}
	}
	r.Stages = append(r.Stages, ReferralStage{Rule: rule})
	return &r.Stages[len(r.Stages)-1]
}

// carryReferrals takes in who brought another member, who is this one now. Each
// has one referrer at most, for ever: where this member has one already, nothing
// new comes of the other's.
func (s *State) carryReferrals(from *State) {
	for _, r := range from.Referrals {
		r.Over = r.Over || s.Referred() != nil
		r.Joined = earlier(r.Joined, s.EnrolledAt)
		s.Referrals = append(s.Referrals, r)
	}
	s.Undone = append(s.Undone, from.Undone...)
}

// TakeUndone tells whether a mark is among those that were undone before they
// arrived, and forgets it then.
func (s *State) TakeUndone(m ReferralMark) bool {
	i := slices.Index(s.Undone, m)
	if i < 0 {
		return false
	}
	s.Undone = slices.Delete(s.Undone, i, i+1)
	return true
}

func cloneReferrals(all []Referral) []Referral {
	out := append([]Referral(nil), all...)
	for i := range out {
		out[i].Stages = append([]ReferralStage(nil), out[i].Stages...)
	}
	return out
}

func (r *Referral) append(w *Writer) {
	w.Uint(uint64(r.Referrer))
	w.Uint(uint64(r.Friend))
	w.Instant(r.At)
	w.Instant(r.Joined)
	w.Uint(uint64(len(r.Stages))<<1 | bit(r.Over))
	for i := range r.Stages {
		s := &r.Stages[i]
		w.Uint(uint64(s.Rule))
		w.Int(s.Count)
		w.Int(s.Spend)
		w.Uint(uint64(s.Round)<<1 | bit(s.Given))
		w.Text(s.Event)
	}
}

func readReferral(r *Reader) Referral {
	out := Referral{Referrer: MemberID(r.Uint()), Friend: MemberID(r.Uint()), At: r.Instant(), Joined: r.Instant()}
	head := r.Uint()
	out.Over = head&1 == 1
	for n := min(head>>1, uint64(len(r.Bytes))); n > 0; n-- {
		s := ReferralStage{Rule: Name(r.Uint()), Count: r.Int(), Spend: r.Int()}
		round := r.Uint()
		s.Round, s.Given, s.Event = int64(round>>1), round&1 == 1, r.Text()
		out.Stages = append(out.Stages, s)
	}
	return out
}

// Append writes the mark in its compact form.
func (m *ReferralMark) Append(w *Writer) {
	w.Uint(uint64(m.Friend))
	w.Uint(uint64(m.Rule))
	w.Int(m.Round)
}

// ReadReferralMark reads what [ReferralMark.Append] wrote.
func ReadReferralMark(r *Reader) ReferralMark {
	return ReferralMark{Friend: MemberID(r.Uint()), Rule: Name(r.Uint()), Round: r.Int()}
}

func bit(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}
