package journal

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/store"
)

// Quote is what an event would bring.
type Quote struct {
	Decision *engine.Decision
	// Before and After are the member's state at the quote's moment, without
	// the event and with it.
	Before, After *ledger.State
	Program       *engine.Program
}

// Account gives the number of the account that an event makes which is no
// person's, such as a family's.
func (j *Journal) Account(cause string) ledger.MemberID { return j.keys.account(cause) }

var deciders = sync.Pool{New: func() any { return new(engine.Decider) }}

// Quote decides an event on a copy of the member's state and throws the result
// away: nothing is written. A member of 0 is somebody who would be new. The
// budgets are what is left of them at this moment.
func (j *Journal) Quote(ctx context.Context, id ledger.MemberID, e *event.Event) (Quote, error) {
	rules := j.Rules()
	if rules.Newest == 0 {
		return Quote{}, ErrNoProgram
	}
	now := j.Now()
	state, id, err := j.StateOf(ctx, id)
	if err != nil {
		return Quote{}, err
	}
	before, _ := engine.Settled(rules.Timeline, id, state, now)
	left := j.quotasOf(ctx)
	decider := deciders.Get().(*engine.Decider)
	defer deciders.Put(decider)
	after, d := before.Clone(), &engine.Decision{}
	if e.Type == event.Return && id != 0 {
		// What expires now is owed by nobody: the decision must know of it, as that of the
		// event itself will.
		after = state.Clone()
	}
	if id == 0 {
		// Somebody new enrols first; the number only says that it is no guest.
		id = 1
		enrolment := &event.Event{Type: event.Enrolment, At: e.At}
		decider.Decide(rules.Timeline, after, enrolment, engine.Inputs{Clock: now, Quotas: left, Member: id}, d)
		d = &engine.Decision{}
	}
	codes, err := j.codesFor(ctx, rules, e)
	if err != nil {
		return Quote{}, err
	}
	in := engine.Inputs{Clock: now, Quotas: left, Member: id, Codes: codes, Asked: true}
	var unread error
	if engine.NeedsHistory(e) {
		in.History = j.Past().Before(ctx, id, 0, &unread)
	}
	decider.Decide(rules.Timeline, after, e, in, d)
	if unread != nil && !errors.Is(unread, store.ErrNotFound) {
		return Quote{}, unread
	}
	if d, err = j.withFamily(ctx, decider, after, in, d); err != nil {
		return Quote{}, err
	}
	return Quote{Decision: d, Before: before, After: after, Program: rules.Timeline.Version(d.Program)}, left.failure
}

// Try decides each of the events by itself on a copy of the member's state, as
// Quote does, and gives the decisions and what is left of the budgets. For member
// 0 nothing is decided.
func (j *Journal) Try(ctx context.Context, id ledger.MemberID, all []event.Event) ([]*engine.Decision, engine.Quotas, error) {
	rules := j.Rules()
	if rules.Newest == 0 {
		return nil, nil, ErrNoProgram
	}
	left := j.quotasOf(ctx)
	if id == 0 {
		return nil, left, nil
	}
	state, id, err := j.StateOf(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	now := j.Now()
	state, _ = engine.Settled(rules.Timeline, id, state, now)
	decider := deciders.Get().(*engine.Decider)
	defer deciders.Put(decider)
	out := make([]*engine.Decision, len(all))
	for i := range all {
		out[i] = &engine.Decision{}
		after, in := state.Clone(), engine.Inputs{Clock: now, Quotas: left, Member: id}
		decider.Decide(rules.Timeline, after, &all[i], in, out[i])
		if out[i], err = j.withFamily(ctx, decider, after, in, out[i]); err != nil {
			return nil, nil, err
		}
	}
	return out, left, left.failure
}

// withFamily gives what a decision comes to that waits for the member's family, on
// a copy of the family's state; any other decision as it is.
func (j *Journal) withFamily(ctx context.Context, decider *engine.Decider, member *ledger.State, in engine.Inputs, d *engine.Decision) (*engine.Decision, error) {
	if d.Outcome != engine.WaitsForFamily {
		return d, nil
	}
	ask := d.FollowUps[d.Telling(engine.FamilyDraw)]
	account, id, err := j.StateOf(ctx, ask.Member)
	if errors.Is(err, ErrUnknownMember) {
		return d, nil // its account begins in a moment
	}
	if err != nil {
		return nil, err
	}
	timeline, answer, out := j.Rules().Timeline, &engine.Decision{}, &engine.Decision{}
	decider.Decide(timeline, account, &event.Event{Type: ask.Type, Carried: ask.Carried}, engine.Inputs{Clock: in.Clock, Member: id}, answer)
	for i := range answer.FollowUps {
		back := &answer.FollowUps[i]
		decider.Decide(timeline, member, &event.Event{Type: back.Type, Carried: back.Carried}, in, out)
	}
	return out, nil
}

// StateOf gives the stored state of a member, or of the one into whom the member
// was merged; a fresh one for member 0. The error is ErrUnknownMember if there
// is none.
func (j *Journal) StateOf(ctx context.Context, id ledger.MemberID) (*ledger.State, ledger.MemberID, error) {
	state := &ledger.State{}
	for hop := 0; id != 0; hop++ {
		row, err := j.store.Member(ctx, id)
		switch {
		case errors.Is(err, store.ErrNotFound):
			return nil, 0, ErrUnknownMember
		case err != nil:
			return nil, 0, err
		case hop > maxHops:
			return nil, 0, ErrMergeInProgress
		}
		if row.MergedInto != 0 {
			id = row.MergedInto
			continue
		}
		if err := ledger.DecodeState(row.State, state); err != nil {
			return nil, 0, fmt.Errorf("member %d: %w", id, err)
		}
		break
	}
	return state, id, nil
}
