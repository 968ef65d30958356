package app

import (
	"context"
	"errors"
	"fmt"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/reward"
	"premia/internal/core/text"
	"premia/internal/journal"
	"premia/internal/store"
)

// CodeUnknownRedemption says that there is no such redemption.
const CodeUnknownRedemption = "unknown_redemption"

// RewardOf is a reward of the live program, as it is for somebody.
type RewardOf struct {
	*reward.Compiled
	// Left is how many there are still; -1 for any number.
	Left int64
	// Why is what taking it now would come to for the member who was asked about;
	// nil if nobody was.
	Why *journal.Answer
}

// Rewards gives the live program's catalogue. With a member it says of each
// reward whether the member can have it now, and why not.
func (a *App) Rewards(ctx context.Context, ref string) ([]RewardOf, error) {
	p := a.program()
	if p == nil {
		return nil, refused(journal.ErrNoProgram, &event.Event{})
	}
	id := ledger.MemberID(0)
	if ref != "" {
		var err error
		if id, err = a.Find(ctx, ref); err != nil {
			return nil, err
		}
	}
	rewards := reward.Rewards(p)
	events := make([]event.Event, len(rewards))
	for i := range rewards {
		events[i] = event.Event{Type: event.Redemption, Reward: rewards[i].Source.ID}
	}
	try, left, err := a.Journal.Try(ctx, id, events)
	if errors.Is(err, journal.ErrUnknownMember) {
		err = unknownMember("member", ref)
	}
	if err != nil {
		return nil, err
	}
	out := make([]RewardOf, len(rewards))
	for i := range rewards {
		out[i] = RewardOf{Compiled: &rewards[i], Left: -1}
		if r := &rewards[i]; r.Stock > 0 {
			out[i].Left = max(left.Left(ledger.Quota{Name: r.Quota}, r.Stock), 0)
		}
		if ref != "" {
			out[i].Why = &journal.Answer{Member: id, Decision: try[i], Event: &events[i]}
		}
	}
	return out, nil
}

// Redemption is what became of a reward that somebody took.
type Redemption struct {
	ID     string
	Member ledger.MemberID
	Reward ledger.Name
	// Status is held, ordered, ready, handed_over, sent, failed, cancelled,
	// refunded or timed_out.
	Status string
	At     calendar.Instant
	// Until is when a hold ends or ended; none for others.
	Until calendar.Instant
	// Price is what it cost, with the decision that took it.
	Price []engine.Step
	// Quantity is how many were taken, at least 1.
	Quantity int64
	Money    int64 // to pay on top, in minor units of the currency
}

// Taken gives the redemption of a decision that took a reward.
func (a *App) Taken(answer *journal.Answer) Redemption {
	d, e := answer.Decision, answer.Event
	out := Redemption{ID: e.ID, Member: answer.Member, Quantity: e.Taken(), At: d.At, Status: ledger.HandedOver.String()}
	for i := range d.Steps {
		if s := &d.Steps[i]; s.Result == engine.Redeemed || s.Result == engine.HeldFor {
			out.Reward, out.Money = s.Rule, out.Money+s.Base
			out.Price = append(out.Price, *s)
		}
	}
	p := a.Journal.Rules().Timeline.Version(d.Program)
	for _, r := range reward.Rewards(p) {
		switch {
		case r.Name != out.Reward:
		case e.Hold:
			out.Status, out.Until = ledger.HeldRedemption.String(), calendar.Add(d.Clock, r.Hold, p.Zone)
		case r.HandsOver():
			out.Status = ledger.Ordered.String()
		}
	}
	return out
}

// Redemption gives what became of a redemption, by its id. The error is a
// *Problem if there is none.
func (a *App) Redemption(ctx context.Context, id string) (Redemption, error) {
	answer, err := a.Event(ctx, id)
	if AsProblem(err).Code == CodeUnknownEvent || (err == nil && !took(answer.Event, answer.Decision)) {
		return Redemption{}, problem(CodeUnknownRedemption, "id", fmt.Sprintf("there is no redemption %q", id), "Key", text.Quoted(id))
	}
	if err != nil {
		return Redemption{}, err
	}
	found, err := a.redemptions(ctx, answer.Member, func(r *Redemption) bool { return r.ID == id }, 1)
	if err != nil || len(found) == 0 {
		return a.Taken(&answer), err
	}
	return found[0], nil
}

func took(e *event.Event, d *engine.Decision) bool {
	return e.Type == event.Redemption && d.Outcome == engine.Applied
}

// Redemptions gives a member's redemptions, at most limit, the newest first.
func (a *App) Redemptions(ctx context.Context, ref string, limit int) ([]Redemption, ledger.MemberID, error) {
	id, err := a.Find(ctx, ref)
	if err != nil {
		return nil, 0, err
	}
	list, err := a.redemptions(ctx, id, func(*Redemption) bool { return true }, min(max(limit, 1), MaxPage))
	return list, id, err
}

// redemptions lists the redemptions of a member that are wanted: those that are
// open from the state, and the others from what happened to them last.
func (a *App) redemptions(ctx context.Context, id ledger.MemberID, wanted func(*Redemption) bool, limit int) ([]Redemption, error) {
	stored, id, err := a.Journal.StateOf(ctx, id)
	if err != nil {
		if errors.Is(err, journal.ErrUnknownMember) {
			err = unknownMember("member", id.String())
		}
		return nil, err
	}
	state, _ := engine.Settled(stored, a.Journal.Now())
	var out []Redemption
	var unread error
	last := map[string]*event.Event{}
	a.Journal.Past().Before(ctx, id, 0, &unread)(func(p *engine.Past) bool {
		if p.Decision.Outcome != engine.Applied {
			return true
		}
		if about := p.Event.Redemption; about != "" && last[about] == nil {
			last[about] = p.Event
		}
		if !took(p.Event, p.Decision) {
			return true
		}
		r := a.Taken(&journal.Answer{Member: id, Decision: p.Decision, Event: p.Event})
		r.became(state.Redemption(r.ID), last[r.ID])
		if wanted(&r) {
			out = append(out, r)
		}
		return len(out) < limit
	})
	if errors.Is(unread, store.ErrNotFound) {
		unread = nil
	}
	return out, unread
}

// became says where the redemption stands: by the state if it is open, and else
// by what happened to it last, nil if nothing did.
func (r *Redemption) became(open *ledger.Redemption, last *event.Event) {
	held := r.Status == ledger.HeldRedemption.String()
	switch {
	case open != nil:
		r.Status, r.Until = open.Status.String(), calendar.None
		if open.Status == ledger.HeldRedemption {
			r.Until = open.Until
		}
	case last == nil && held:
		r.Status = "timed_out"
	case last == nil:
		r.Status = ledger.HandedOver.String()
	case last.Type == event.Cancellation:
		r.Status = "cancelled"
	case last.Type == event.Refund:
		r.Status = "refunded"
	case last.Type == event.Fulfilment:
		r.Status = last.Status
	default:
		r.Status = ledger.HandedOver.String()
	}
	if last != nil {
		r.Until = calendar.None
	}
}
