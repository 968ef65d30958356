package referral

import (
	"slices"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/rule"
)

// Apply does this member's part of a referral.
func (s *stage) Apply(t *engine.Turn) {
	switch t.Event.Type {
	case event.Enrolment, event.Profile:
		s.name(t)
	case event.Purchase:
		if len(t.State.Referrals) > 0 && !t.Replaying() {
			s.buy(t)
		}
	case event.Return:
		if len(t.Undone) > 0 {
			for i := range t.State.Referrals {
				s.review(t, &t.State.Referrals[i])
			}
		}
	case event.Referral:
		s.arrive(t)
	case event.ReferralBack:
		s.fallBack(t)
	}
}

// name keeps who brought the member, or says why that does not count.
func (s *stage) name(t *engine.Turn) {
	n, named := namingOf(t.Event)
	if !named {
		return
	}
	notice := s.rewards[0].rule
	if why := s.whyNot(t, &n); why != "" {
		t.Note(engine.Step{Rule: notice, Result: engine.NotReferred, Read: why})
		return
	}
	t.Note(engine.Step{Rule: notice, Result: engine.Referred})
	t.State.Referrals = append(t.State.Referrals, ledger.Referral{Referrer: n.to, Friend: t.In.Member, At: t.At, Joined: t.State.EnrolledAt})
	ref := &t.State.Referrals[0]
	p := s.parcel(t, ref)
	for i := range s.rewards {
		if r := &s.rewards[i]; r.signUp {
			r.reach(t, ref, p)
		}
	}
	send(t, event.Referral, ref, p)
}

// whyNot gives the reason why the one who is named does not count; empty if they
// do.
func (s *stage) whyNot(t *engine.Turn, n *naming) string {
	state, late := t.State, t.Event.Type == event.Profile
	switch {
	case !s.on:
		return NoReferrals
	case n.by == t.In.Member || n.to == t.In.Member:
		return SameMember
	case len(state.Referrals) > 0:
		return ReferredBefore
	case state.Status == ledger.Blocked:
		return Blocked
	case n.not != "":
		return n.not
	case late && (s.within.IsZero() || t.At >= calendar.Add(state.EnrolledAt, s.within, t.Program.Zone)):
		return TooLate
	case n.to == 0 || n.since > state.EnrolledAt || (late && n.since == state.EnrolledAt):
		// Who was a member first can't have been brought by the other, and so no
		// chain of referrers comes back to where it began.
		return JoinedLater
	}
	return ""
}

// buy counts a purchase, and gives what it reaches.
func (s *stage) buy(t *engine.Turn) {
	ref := t.State.Referred()
	if ref == nil || !s.on {
		return
	}
	p, total, counted := s.parcel(t, ref), t.Event.Total, false
	for i := range s.rewards {
		r := &s.rewards[i]
		if r.signUp || !r.open(ref, t.At, t.Program) {
			continue
		}
		if !counted {
			counted = true
			t.Note(engine.Step{Rule: s.rewards[1].rule, Result: engine.CountedForReferrer, Base: total, Read: ref.Friend.String()})
		}
		if !r.counts(total, true) {
			continue
		}
		st := ref.Stage(r.rule)
		st.Count++
		st.Spend += total
		if !st.Given && r.reached(st) {
			r.reach(t, ref, p)
		}
	}
	send(t, event.Referral, ref, p)
}

// reach gives the friend's part of a reward, and adds the referrer's to what is
// sent.
func (r *reward) reach(t *engine.Turn, ref *ledger.Referral, p *Parcel) {
	st := ref.Stage(r.rule)
	st.Round++
	st.Given, st.Event = true, engine.KeyOf(t.Event)
	it := Item{Rule: r.rule, Round: st.Round}
	for _, g := range r.referrer {
		if amount, base, ok := t.Value(g, nil); ok && amount > 0 {
			it.Gifts = append(it.Gifts, Gift{g.Wallet.Name, amount, base})
		}
	}
	p.Items = append(p.Items, it)
	for _, g := range r.friend {
		t.Award(g, nil, false)
	}
}

func (s *stage) parcel(t *engine.Turn, ref *ledger.Referral) *Parcel {
	return &Parcel{Friend: ref.Friend, Program: t.Program.Version, At: t.At}
}

// send sends a parcel to the referrer, if there is anything in it.
func send(t *engine.Turn, eventType string, ref *ledger.Referral, p *Parcel) {
	if len(p.Items) > 0 {
		t.FollowUp(engine.FollowUp{Type: eventType, Member: ref.Referrer, Carried: p.append()})
	}
}

// review counts again what goods that went back had counted for a referral, and
// undoes what is not reached any more.
func (s *stage) review(t *engine.Turn, ref *ledger.Referral) {
	for i := range t.Undone {
		if x := s.back(t, ref, &t.Undone[i]); x != nil {
			x.uncount(t, ref)
		}
	}
	p := s.parcel(t, ref)
	for i := range ref.Stages {
		st := &ref.Stages[i]
		r := s.find(st.Rule)
		if r == nil {
			r = stageOf(givenUnder(t, st.Event)).find(st.Rule)
		}
		if !st.Given || r == nil || r.signUp || r.reached(st) {
			continue
		}
		st.Given = false
		p.Items = append(p.Items, Item{Rule: st.Rule, Round: st.Round})
		if len(r.friend) > 0 {
			rule.Undo(t, r.own, nil, func(past *engine.Past) (uint32, bool) {
				return past.Decision.Program, past.Event.Type == event.Purchase && past.Key() == st.Event
			})
		}
	}
	send(t, event.ReferralBack, ref, p)
}

// givenUnder gives the program under which a purchase was decided; nil if that is
// not there.
func givenUnder(t *engine.Turn, key string) (p *engine.Program) {
	t.In.History(func(past *engine.Past) bool {
		if past.Event.Type == event.Purchase && past.Key() == key {
			p = t.Version(past.Decision.Program)
			return false
		}
		return true
	})
	return p
}

// touched is a purchase of which goods went back that had counted.
type touched struct {
	*engine.Past
	// before and after are what remained of it, in minor units.
	before, after int64
	left          bool // goods remain
}

// back notes what went back of a purchase; nil if the purchase had not counted for
// the referral.
func (s *stage) back(t *engine.Turn, ref *ledger.Referral, u *engine.Undone) *touched {
	friend, key := ref.Friend.String(), u.Key()
	counted := slices.IndexFunc(u.Decision.Steps, func(s engine.Step) bool {
		return s.Result == engine.CountedForReferrer && s.Read == friend
	})
	if counted < 0 {
		return nil
	}
	x := &touched{Past: u.Past, before: u.Decision.Steps[counted].Base, left: !u.Whole}
	for _, later := range u.Later {
		for i := range later.Decision.Steps {
			if earlier := &later.Decision.Steps[i]; earlier.Result == engine.CountedForReferrer && earlier.Read == key {
				x.before += earlier.Base
			}
		}
	}
	x.after = x.before - u.Money
	t.Note(engine.Step{Rule: s.rewards[1].rule, Result: engine.CountedForReferrer, Base: -u.Money, Read: key})
	return x
}

// uncount takes back what the goods had counted, by the rules under which they
// did.
func (x *touched) uncount(t *engine.Turn, ref *ledger.Referral) {
	p := t.Version(x.Decision.Program)
	then := stageOf(p)
	for i := range then.rewards {
		r := &then.rewards[i]
		if r.signUp || !r.open(ref, x.Decision.At, p) || !r.counts(x.before, true) {
			continue
		}
		st := ref.Stage(r.rule)
		if r.counts(x.after, x.left) {
			st.Spend -= x.before - x.after
			continue
		}
		st.Count--
		st.Spend -= x.before
	}
}
