package app

import (
	"context"

	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/transfer"
	"premia/internal/journal"
)

// Transfer gives value of one member, whom the event names, to another. The giver
// decides; what leaves is brought to the receiver at once or, where that is not
// possible now, by the follow-ups. With the same event id again it gives the
// first answer.
func (a *App) Transfer(ctx context.Context, e *event.Event, to string) (journal.Answer, error) {
	r, err := a.transferRequest(ctx, e, to)
	if err != nil {
		if answer, again := a.givenBefore(ctx, e); again {
			return answer, nil
		}
		return journal.Answer{}, err
	}
	answer, err := a.append(ctx, r)
	if err != nil {
		return journal.Answer{}, refused(err, e)
	}
	if answer, err = a.throughFamily(ctx, answer); err != nil {
		return journal.Answer{}, err
	}
	if len(answer.Decision.FollowUps) > 0 {
		a.bringNow(ctx, &answer)
	}
	return answer, nil
}

// bringNow brings what left a decision to the other side, and its answer back.
// Should it fail, the follow-ups do it later.
func (a *App) bringNow(ctx context.Context, answer *journal.Answer) {
	err := a.follow(ctx, answer)
	for n := 0; err == nil && n < len(answer.Decision.FollowUps); n++ {
		if answer.Decision.FollowUps[n].Type != event.GiftCardTakeBack {
			continue // nobody waits for what follows
		}
		var next journal.Answer
		at, failure := a.Journal.FollowUpPosition(ctx, answer, n)
		if err = failure; err == nil {
			if next, err = a.Journal.AnswerAt(ctx, at); err == nil {
				err = a.follow(ctx, &next)
			}
		}
	}
	if err != nil {
		a.Log.Warn("what follows from an event waits for the other side", "event", answer.Event.ID, "error", err)
	}
}

func (a *App) follow(ctx context.Context, answer *journal.Answer) error {
	entry, err := a.Store.Entry(ctx, answer.Position)
	if err != nil {
		return err
	}
	return journal.FollowUps{Journal: a.Journal}.Handle(ctx, &entry)
}

// transferRequest checks a transfer and makes the journal's request of it. Who
// receives is kept by the number that the name stands for, whatever merges come
// later, so that the same request is always the same event.
func (a *App) transferRequest(ctx context.Context, e *event.Event, to string) (journal.Request, error) {
	p := a.program()
	if p == nil {
		return journal.Request{}, refused(journal.ErrNoProgram, e)
	}
	if err := e.Check(p.Currency.Code, p.Currency.Scale); err != nil {
		return journal.Request{}, err
	}
	if err := a.checkTime(e); err != nil {
		return journal.Request{}, err
	}
	r := journal.Request{Event: e, Unknown: engine.RefuseUnknown}
	var err error
	if r.Member, r.Identity, err = a.Who(e.Member); err != nil {
		return r, err
	}
	receiver, err := a.receiver(ctx, e.Member, to)
	if err != nil {
		return r, err
	}
	if e.ID == "" {
		e.ID = NewEventID()
	}
	e.Data = []event.Datum{{Name: transfer.To, Kind: event.Whole, Whole: int64(receiver)}}
	return r, nil
}

// receiver gives the number of the member whom a transfer names. The error is a
// *Problem if nobody can receive it.
func (a *App) receiver(ctx context.Context, giver, to string) (ledger.MemberID, error) {
	from, err := a.find(ctx, giver, "member")
	if err != nil {
		return 0, err
	}
	id, err := a.takes(ctx, to)
	if err != nil {
		return 0, err
	}
	if now, err := a.Journal.Current(ctx, id); err != nil {
		return 0, err
	} else if now == from {
		return 0, problem(CodeToOneself, "to", "giver and receiver are one member")
	}
	return id, nil
}

// number gives the number that a name stands for, whatever merges came later.
func (a *App) number(ctx context.Context, ref string) (ledger.MemberID, error) {
	id, identity, err := a.Who(ref)
	if err == nil && id == 0 {
		id, err = a.Journal.Find(ctx, identity)
	}
	return id, err
}

// takes gives the number of a member who can receive something. The error is a *Problem
// if nobody can.
func (a *App) takes(ctx context.Context, to string) (ledger.MemberID, error) {
	now, err := a.find(ctx, to, "to")
	if err != nil {
		return 0, err
	}
	row, err := a.Store.Member(ctx, now)
	switch {
	case err != nil:
		return 0, err
	case ledger.Status(row.Status) == ledger.Erased:
		return 0, problem(CodeMemberErased, "to", "the member who is to receive it was erased")
	}
	return a.number(ctx, to)
}

// givenBefore gives the answer to a transfer that is sent again after its members
// were erased, or merged into one.
func (a *App) givenBefore(ctx context.Context, e *event.Event) (journal.Answer, bool) {
	if e.ID == "" {
		return journal.Answer{}, false
	}
	answer, err := a.Event(ctx, e.ID)
	if err != nil || answer.Event.Type != event.Transfer || answer.Event.Wallet != e.Wallet || answer.Event.Amount != e.Amount {
		return journal.Answer{}, false
	}
	if same, err := a.stillNames(ctx, e.Member, answer.Member); err != nil || !same {
		return journal.Answer{}, false
	}
	answer.Repeated = true
	return answer, true
}
