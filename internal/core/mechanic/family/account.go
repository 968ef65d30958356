package family

import (
	"slices"

	"premia/internal/core/engine"
	"premia/internal/core/ledger"
)

// open begins a family's account, with its head.
func (s *stage) open(t *engine.Turn) {
	x, err := engine.OpenTelling(t.Event.Carried)
	if err != nil || t.State.Status != 0 {
		t.Finish(engine.NotInFamily)
		return
	}
	t.State.Status = ledger.FamilyAccount
	t.State.Family.Kin = []ledger.Kin{{Member: x.Member, Standing: ledger.Head, Since: x.Since}}
	t.Finish(engine.Applied)
}

// ended tells whether the last member has left.
func ended(t *engine.Turn) bool { return t.State.Family.Account != 0 }

// ask does what the head wants of the account.
func (s *stage) ask(t *engine.Turn) {
	do, _, who := Act(t.Event)
	f := &t.State.Family
	by, kin := f.Find(number(t.Event, By)), f.Find(who)
	switch {
	case by == nil || by.Standing < ledger.Belongs:
		t.Finish(engine.NotInFamily)
	case by.Standing != ledger.Head:
		t.Finish(engine.OnlyTheHead)
	case do == Invite && kin != nil && kin.Standing >= ledger.Belongs:
		t.Finish(engine.InAFamily)
	case do == Invite && kin == nil && int64(len(f.Kin)) >= 2*s.most+invitations:
		t.Finish(engine.FamilyFull)
	case do == Invite:
		if kin == nil {
			f.Kin = append(f.Kin, ledger.Kin{Member: who, Standing: ledger.Asked, Since: t.Clock})
		}
		t.Finish(engine.Applied)
	case kin == nil, do == HandOver && kin.Standing < ledger.Belongs, do == Remove && who == by.Member:
		t.Finish(engine.NotInFamily)
	case do == HandOver:
		by.Standing, kin.Standing = ledger.Belongs, ledger.Head
		t.Finish(engine.Applied)
	default:
		s.part(t, *kin, 0, true)
		t.Finish(engine.Applied)
	}
}

// invitations is how many more than twice its members a family may have invited
// and known.
const invitations = 10

// hear lets the account hear what a member says.
func (s *stage) hear(t *engine.Turn, x *engine.Telling) {
	f := &t.State.Family
	switch x.Matter {
	case engine.FamilyAsk:
		s.admit(t, x)
	case engine.FamilyLeft:
		if kin := f.Find(x.Member); kin != nil && kin.Standing >= ledger.Belongs && kin.Since == x.Since {
			s.left(t, x, *kin)
		}
		t.Finish(engine.Applied)
	case engine.FamilyValue:
		s.receive(t, x)
		t.Finish(engine.Applied)
	case engine.FamilyDraw:
		s.draw(t, x)
	default:
		t.Finish(engine.NotInFamily)
	}
}

// admit answers a member who asks to join.
func (s *stage) admit(t *engine.Turn, x *engine.Telling) {
	f := &t.State.Family
	kin := f.Find(x.Member)
	answer := engine.Telling{Matter: engine.FamilyAnswer, Account: t.In.Member, Member: x.Member, Since: x.Since, At: t.At}
	switch {
	case ended(t) || kin == nil:
		answer.Outcome = engine.NotInvited
	case kin.Standing == ledger.Asked && f.Members() >= s.most:
		answer.Outcome = engine.FamilyFull
	default:
		kin.Standing, kin.Since = max(kin.Standing, ledger.Belongs), x.Since
	}
	t.FollowUp(answer.FollowUp(x.Member))
	t.Finish(max(answer.Outcome, engine.Applied))
}

// left lets a member go, or puts in their place the one into whom they were
// merged.
func (s *stage) left(t *engine.Turn, x *engine.Telling, kin ledger.Kin) {
	f := &t.State.Family
	heir := f.Find(x.Heir)
	if x.Heir == 0 || (heir != nil && heir.Standing >= ledger.Belongs) {
		if heir != nil && kin.Standing == ledger.Head {
			heir.Standing = ledger.Head
		}
		s.part(t, kin, x.Heir, !x.Erased && x.Heir == 0)
		return
	}
	if heir != nil {
		f.Drop(x.Heir)
	}
	f.Find(x.Member).Member = x.Heir
	answer := engine.Telling{Matter: engine.FamilyAnswer, Account: t.In.Member, Member: x.Heir, Heir: x.Heir, Since: kin.Since, At: t.At}
	t.FollowUp(answer.FollowUp(x.Heir))
}

// part takes a member off the family. Who stays longest is head after the head;
// with the last one goes all that there is.
func (s *stage) part(t *engine.Turn, kin ledger.Kin, heir ledger.MemberID, gets bool) {
	f := &t.State.Family
	out := engine.Telling{Matter: engine.FamilyOut, Account: t.In.Member, Member: kin.Member, Since: kin.Since, At: t.At}
	if gets && s.share && kin.Standing >= ledger.Belongs {
		out.Value.Parts = s.shareOf(t, f.Members())
	}
	f.Drop(kin.Member)
	if kin.Standing < ledger.Belongs {
		return // only invited, who knows nothing of it
	}
	next := slices.IndexFunc(f.Kin, func(k ledger.Kin) bool { return k.Standing >= ledger.Belongs })
	switch {
	case next < 0:
		f.Kin = nil
		if gets {
			f.Account = kin.Member
			rest := t.Book.Empty(t.Clock)
			out.Value.Parts, out.Value.Debts = append(out.Value.Parts, rest.Parts...), rest.Debts
		}
	case kin.Standing == ledger.Head && !slices.ContainsFunc(f.Kin, func(k ledger.Kin) bool { return k.Standing == ledger.Head }):
		f.Kin[next].Standing = ledger.Head
	}
	note(t, engine.ToMember, &out.Value)
	if heir == 0 && gets {
		t.FollowUp(out.FollowUp(kin.Member))
	}
}

// shareOf takes an equal share of what is available, rounded down, for one of the
// members.
func (s *stage) shareOf(t *engine.Turn, members int64) (parts []ledger.Part) {
	for _, w := range s.wallets {
		share := t.State.BalanceOf(w.Name).Available / members
		if share > 0 {
			taken, _ := t.Book.TakeParts(w.Name, share, ledger.Transit, ledger.CarryOut, t.Clock)
			parts = append(parts, taken...)
		}
	}
	return parts
}

// receive takes in what a member sent. An account that has ended passes it on to
// whoever got the rest.
func (s *stage) receive(t *engine.Turn, x *engine.Telling) {
	note(t, engine.FromMember, &x.Value)
	if ended(t) {
		on := engine.Telling{Matter: engine.FamilyOut, Account: t.In.Member, Member: x.Member, At: t.At, Value: x.Value}
		t.FollowUp(on.FollowUp(t.State.Family.Account))
		return
	}
	t.Book.FromMember(&x.Value, t.In.Member, t.Clock)
	if x.Bought {
		t.At = x.At
		t.Renew()
	}
}

// draw lets value leave for an event of a member, or refuses. The member is told
// either way.
func (s *stage) draw(t *engine.Turn, x *engine.Telling) {
	out := engine.Telling{Matter: engine.FamilyDrawn, Account: t.In.Member, Member: x.Member, Since: x.Since, At: x.At, Event: x.Event}
	if out.Outcome = s.refusal(t, x); out.Outcome == engine.Insufficient {
		for _, w := range x.Wants {
			out.Has = append(out.Has, ledger.Amount{Wallet: w.Wallet, Minor: t.State.BalanceOf(w.Wallet).Net()})
		}
		out.Wants = x.Wants
	}
	if out.Outcome == 0 {
		for _, w := range x.Wants {
			parts, _ := t.Book.TakeParts(w.Wallet, w.Minor, ledger.Transit, ledger.CarryOut, t.Clock)
			out.Value.Parts = append(out.Value.Parts, parts...)
		}
		note(t, engine.ToMember, &out.Value)
	}
	t.FollowUp(out.FollowUp(x.Member))
	t.Finish(max(out.Outcome, engine.Applied))
}

// refusal gives why a member gets nothing for an event; 0 if they do.
func (s *stage) refusal(t *engine.Turn, x *engine.Telling) engine.Outcome {
	kin := t.State.Family.Find(x.Member)
	switch {
	case ended(t) || kin == nil || kin.Standing < ledger.Belongs:
		return engine.NotInFamily
	case s.head && kin.Standing != ledger.Head:
		return engine.OnlyTheHead
	}
	for _, w := range x.Wants {
		if t.State.BalanceOf(w.Wallet).Available < w.Minor {
			t.Note(engine.Step{Rule: t.Program.FamilyRule, Result: engine.NotEnough, Wallet: w.Wallet, Amount: t.State.BalanceOf(w.Wallet).Net(), Wanted: w.Minor})
			return engine.Insufficient
		}
	}
	return 0
}
