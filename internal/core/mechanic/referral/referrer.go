package referral

import (
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/rule"
)

// opened gives what arrives, or ends the event where there is nobody for it here.
func opened(t *engine.Turn) *Parcel {
	p, err := Open(t.Event.Carried)
	if err != nil {
		t.Finish(engine.ReferrerGone)
		return nil
	}
	if !t.Arrives(engine.ReferrerGone) {
		return nil
	}
	return p
}

// arrive gives the referrer what a friend has reached: also where friend and
// referrer were merged meanwhile, since it was reached before.
func (s *stage) arrive(t *engine.Turn) {
	p := opened(t)
	if p == nil {
		return
	}
	t.CountFrom(p.At)
	for i := range p.Items {
		it := &p.Items[i]
		if t.State.TakeUndone(p.mark(i)) {
			t.Note(engine.Step{Rule: it.Rule, Result: engine.FriendNeverReached})
			continue
		}
		t.Note(engine.Step{Rule: it.Rule, Result: engine.FriendReached})
		t.Friends = append(t.Friends, engine.FriendReach{Rule: it.Rule, At: t.At})
		for _, gift := range it.Gifts {
			if g := t.Promised(p.Program, it.Rule, gift.Wallet); g != nil {
				t.AwardAmount(g, nil, gift.Amount, gift.Base, false)
			}
		}
	}
}

// fallBack takes back from the referrer what a friend has not reached after all.
// Where that has not arrived yet, it is remembered, and brings nothing when it
// does.
func (s *stage) fallBack(t *engine.Turn) {
	p := opened(t)
	if p == nil {
		return
	}
	for i := range p.Items {
		mark := p.mark(i)
		var arrived *engine.Past
		there := rule.Undo(t, mark.Rule, nil, func(past *engine.Past) (uint32, bool) {
			promise, found := brings(past, mark)
			arrived = past
			return promise, found
		})
		switch {
		case !there:
			t.State.Undone = append(t.State.Undone, mark)
		case arrived.Decision.Outcome == engine.Applied:
			t.Note(engine.Step{Rule: mark.Rule, Result: engine.FriendFellBack})
			t.Friends = append(t.Friends, engine.FriendReach{Rule: mark.Rule, At: arrived.Decision.At, Undone: arrived})
		}
	}
	if !t.Finished() && len(t.Out.Steps) == 0 {
		t.Finish(engine.Applied)
	}
}

// brings tells whether a decided event of a referral was about the mark, and was
// this member's to decide, and by which version of the program it was promised.
func brings(past *engine.Past, mark ledger.ReferralMark) (version uint32, found bool) {
	if past.Event.Type != event.Referral || past.Decision.Outcome.Refused() || past.Decision.Outcome == engine.ForwardedOn {
		return 0, false
	}
	p, err := Open(past.Event.Carried)
	if err != nil {
		return 0, false
	}
	for i := range p.Items {
		if p.mark(i) == mark {
			return p.Program, true
		}
	}
	return 0, false
}
