package family

import (
	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
)

// act does what a member wants of a family.
func (s *stage) act(t *engine.Turn) {
	do, account, _ := Act(t.Event)
	f := &t.State.Family
	if do == Leave {
		if f.Account == 0 || f.Account != account {
			t.Finish(engine.NotInFamily)
			return
		}
		t.LeaveFamily()
		t.Finish(engine.Applied)
		return
	}
	if why := s.mayJoin(t); why != 0 {
		t.Finish(why)
		return
	}
	told := asks(t, account)
	if do == Found {
		f.Standing, told.Type = ledger.Head, event.FamilyOpen
	}
	t.FollowUp(told)
	t.Finish(engine.Applied)
}

// asks gives the follow-up by which a member asks an account to be one of the
// family, and keeps that they did.
func asks(t *engine.Turn, account ledger.MemberID) engine.FollowUp {
	t.State.Family = ledger.Family{Account: account, Standing: ledger.Asked, Since: t.Clock}
	x := engine.Telling{Matter: engine.FamilyAsk, Member: t.In.Member, Since: t.Clock, At: t.At}
	return x.FollowUp(account)
}

// mayJoin gives why the member can't be in a family now; 0 if they can.
func (s *stage) mayJoin(t *engine.Turn) engine.Outcome {
	f := &t.State.Family
	switch {
	case !s.mayBegin:
		return engine.NoFamilies
	case t.State.Status == ledger.Blocked:
		return engine.MemberBlocked
	case f.Account != 0:
		return engine.InAFamily
	case f.Since != calendar.None && t.Clock < calendar.Add(f.Since, engine.Span(s.cool), t.Program.Zone):
		return engine.FamilyTooSoon
	}
	return 0
}

// told lets a member hear what a family's account says.
func (s *stage) told(t *engine.Turn, x *engine.Telling) {
	switch x.Matter {
	case engine.FamilyAnswer:
		s.answered(t, x)
	case engine.FamilyOut:
		if s.mine(t, x) {
			t.State.Family = ledger.Family{Since: t.At}
		}
		t.Book.TakeOver(&x.Value, t.Clock)
		note(t, engine.FromFamily, &x.Value)
		t.Finish(engine.Applied)
	case engine.FamilyDrawn:
		s.drawn(t, x)
	default:
		t.Finish(engine.NotInFamily)
	}
}

// mine tells whether word of a family is about the membership that the member has.
func (s *stage) mine(t *engine.Turn, x *engine.Telling) bool {
	f := &t.State.Family
	return x.Member == t.In.Member && f.Account == x.Account && f.Since == x.Since
}

// answered lets a member belong who asked for it, or in whose place another stood
// that was merged into them. Where the member does not want it any more, the family
// is told.
func (s *stage) answered(t *engine.Turn, x *engine.Telling) {
	f := &t.State.Family
	alive := t.State.Status == ledger.Active || t.State.Status == ledger.Blocked
	switch {
	case s.mine(t, x) && x.Outcome != 0:
		*f = ledger.Family{}
		t.Finish(x.Outcome)
		return
	case s.mine(t, x):
		f.Standing = max(f.Standing, ledger.Belongs)
	case x.Outcome != 0:
	case x.Heir == t.In.Member && f.Account == 0 && alive:
		// What the account said may be over by now, so it is asked, as anybody asks.
		t.FollowUp(asks(t, x.Account))
	default:
		left := engine.Telling{Matter: engine.FamilyLeft, Member: x.Member, Since: x.Since, At: t.At, Erased: t.State.Status == ledger.Erased}
		t.FollowUp(left.FollowUp(x.Account))
		t.Finish(engine.NotInFamily)
		return
	}
	t.Finish(engine.Applied)
}

// drawn goes on with the event for which the member drew on the family. What the
// family let go, and the event does not take, goes back at the end.
func (s *stage) drawn(t *engine.Turn, x *engine.Telling) {
	t.Book.FromFamily(x.Value.Parts, x.Account, t.Clock)
	note(t, engine.FromFamily, &x.Value)
	e, err := event.DecodeStored(x.Event, t.Program.Scales())
	switch {
	case err != nil || t.State.Status == ledger.Erased:
		t.Finish(engine.NotInFamily)
	case t.State.Status == ledger.Blocked:
		t.Finish(engine.MemberBlocked)
	case x.Outcome == engine.Insufficient && len(x.Has) == len(x.Wants):
		for i, want := range x.Wants {
			t.Note(engine.Step{Rule: t.Program.FamilyRule, Result: engine.NotEnough, Wallet: want.Wallet, Amount: x.Has[i].Minor, Wanted: want.Minor})
		}
		t.Finish(x.Outcome)
	case x.Outcome != 0:
		t.Finish(x.Outcome)
	default:
		t.Drawn(e)
	}
}
