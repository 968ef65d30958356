package app

import (
	"cmp"
	"context"
	"errors"
	"strconv"

	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/family"
	"premia/internal/core/text"
	"premia/internal/journal"
	"premia/internal/store"
)

// CodeUnknownFamily says that there is no such family.
const CodeUnknownFamily = "unknown_family"

// Family is what is known of a family now.
type Family struct {
	ID ledger.MemberID
	// Kin are its members and those whom it has invited, in the order in which they
	// came.
	Kin []ledger.Kin
	// Wallets are those that families share, settled to now.
	Wallets []WalletOf
}

// FamilyAct is what somebody wants of a family.
type FamilyAct struct {
	// EventID makes it happen once; empty for a new id.
	EventID string
	// Do is one of the acts of package family.
	Do string
	// Family is the family's id; empty where one is founded.
	Family string
	// Member founds, joins or leaves, or is whom the head, By, means.
	Member, By string
}

// Family reads a family by its id. The error is a *Problem if there is none.
func (a *App) Family(ctx context.Context, ref string) (Family, error) {
	id, err := a.findFamily(ctx, ref)
	if err != nil {
		return Family{}, err
	}
	return a.family(ctx, id)
}

func (a *App) family(ctx context.Context, id ledger.MemberID) (Family, error) {
	state, id, err := a.Journal.StateOf(ctx, id)
	if err != nil {
		return Family{}, err
	}
	state, _ = engine.Settled(a.Journal.Rules().Timeline, id, state, a.Journal.Now())
	out := Family{ID: id, Kin: state.Family.Kin}
	p := a.program()
	for _, w := range a.walletsOf(state) {
		if shared(p, w.Wallet.Name) || w.Balance != (ledger.Balance{}) {
			out.Wallets = append(out.Wallets, w)
		}
	}
	return out, nil
}

// familyOf gives the family of a member; nil if the member is in none.
func (a *App) familyOf(ctx context.Context, state *ledger.State) (*Family, error) {
	if !state.Family.In() {
		return nil, nil
	}
	f, err := a.family(ctx, state.Family.Account)
	if errors.Is(err, journal.ErrUnknownMember) {
		return nil, nil // its account begins in a moment
	}
	return &f, err
}

// FamilyOf gives the family of a member; nil if the member is in none.
func (a *App) FamilyOf(ctx context.Context, ref string) (*Family, error) {
	state, _, err := a.stateNow(ctx, ref)
	if err != nil {
		return nil, err
	}
	return a.familyOf(ctx, state)
}

func shared(p *engine.Program, wallet ledger.Name) bool {
	for _, name := range p.FamilyWallets {
		if name == wallet {
			return true
		}
	}
	return false
}

func (a *App) findFamily(ctx context.Context, ref string) (ledger.MemberID, error) {
	id, err := ledger.ParseMember(ref)
	if err == nil {
		row, failure := a.Store.Member(ctx, id)
		switch {
		case failure == nil && ledger.Status(row.Status) == ledger.FamilyAccount:
			return id, nil
		case failure != nil && !errors.Is(failure, store.ErrNotFound):
			return 0, failure
		}
	}
	return 0, problem(CodeUnknownFamily, "family", text.Say("there is no family {Name}", strconv.Quote(ref)), "Key", text.Quoted(ref))
}

// ChangeFamily founds a family or changes one, and answers with what the last side
// that was asked decided, and the family's id.
func (a *App) ChangeFamily(ctx context.Context, act FamilyAct) (journal.Answer, ledger.MemberID, error) {
	e := &event.Event{ID: act.EventID, Type: event.Family}
	if e.ID == "" {
		e.ID = NewEventID()
	}
	if a.program() == nil {
		return journal.Answer{}, 0, refused(journal.ErrNoProgram, e)
	}
	r, account, err := a.familyRequest(ctx, &act, e)
	if err != nil {
		return journal.Answer{}, 0, err
	}
	if err := e.Check("", 0); err != nil {
		return journal.Answer{}, 0, err
	}
	answer, err := a.append(ctx, r)
	if errors.Is(err, journal.ErrIDReused) {
		answer, err = a.familyBefore(ctx, &r, err)
	}
	if err != nil {
		return journal.Answer{}, 0, refused(err, e)
	}
	answer, err = a.throughFamily(ctx, answer)
	return answer, account, err
}

// familyBefore gives the answer to an event about a family that is sent again after
// members it names were merged, so that the names stand for others than then. It
// gives the error where it was another event.
func (a *App) familyBefore(ctx context.Context, r *journal.Request, reused error) (journal.Answer, error) {
	answer, err := a.Event(ctx, r.Event.ID)
	if err != nil || answer.Event.Type != event.Family || len(answer.Event.Data) != len(r.Event.Data) {
		return journal.Answer{}, cmp.Or(unlessRefused(err), reused)
	}
	then := append([]event.Datum{{Kind: event.Whole, Whole: int64(answer.Member)}}, answer.Event.Data...)
	now := append([]event.Datum{{Kind: event.Whole, Whole: int64(r.Member)}}, r.Event.Data...)
	for i := range then {
		if then[i] == now[i] {
			continue
		}
		one, err := a.Journal.Current(ctx, ledger.MemberID(then[i].Whole))
		if err != nil || one != ledger.MemberID(now[i].Whole) {
			return journal.Answer{}, reused
		}
	}
	again(ctx)
	answer.Repeated = true
	return answer, nil
}

// familyRequest makes the journal's request of what somebody wants: a member's own
// event, or one of the account.
func (a *App) familyRequest(ctx context.Context, act *FamilyAct, e *event.Event) (journal.Request, ledger.MemberID, error) {
	member, err := a.find(ctx, act.Member, "member")
	if err != nil {
		return journal.Request{}, 0, err
	}
	whole := func(name string, id ledger.MemberID) event.Datum {
		return event.Datum{Name: name, Kind: event.Whole, Whole: int64(id)}
	}
	do := event.Datum{Name: family.Do, Kind: event.Text, Text: act.Do}
	account := a.Journal.Account(e.ID)
	if act.Do != family.Found {
		if account, err = a.findFamily(ctx, act.Family); err != nil {
			return journal.Request{}, 0, err
		}
	}
	switch act.Do {
	case family.Found, family.Join, family.Leave:
		e.Data = []event.Datum{do, whole(family.Account, account)}
		return journal.Request{Event: e, Member: member}, account, nil
	}
	by, err := a.find(ctx, act.By, "by")
	if err != nil {
		return journal.Request{}, 0, err
	}
	e.Data = []event.Datum{whole(family.By, by), do, whole(family.Who, member)}
	return journal.Request{Event: e, Member: account}, account, nil
}

// throughFamily brings what left a decision to the family, and the family's answer
// back, and gives the member's decision upon that, as the answer to the event.
// Should it fail, the follow-ups do it later, and the answer says that it waits.
func (a *App) throughFamily(ctx context.Context, answer journal.Answer) (journal.Answer, error) {
	if !tellsFamily(answer.Decision) {
		return answer, nil
	}
	last, err := a.carryOn(ctx, answer, answer.Member, deepestTelling)
	if err != nil {
		a.Log.Warn("what a family is told waits", "event", answer.Event.ID, "error", err)
		return answer, nil
	}
	waited := answer.Decision.Outcome == engine.WaitsForFamily
	act, _, _ := family.Act(answer.Event)
	if last == nil || !waited && act != family.Join {
		return answer, nil
	}
	last.Event, last.Repeated, last.Enrolled = answer.Event, answer.Repeated, answer.Enrolled
	state, _, err := a.Journal.StateOf(ctx, last.Member)
	if err != nil {
		return journal.Answer{}, err
	}
	for i := range state.Wallets {
		w := state.Wallets[i].Name
		last.Balances = append(last.Balances, journal.WalletBalance{Wallet: w, Balance: state.BalanceOf(w)})
	}
	return *last, nil
}

// deepestTelling bounds how often two sides answer each other while a caller
// waits.
const deepestTelling = 4

func tellsFamily(d *engine.Decision) bool {
	for i := range d.FollowUps {
		if t := d.FollowUps[i].Type; t == event.FamilyWord || t == event.FamilyOpen || t == event.FamilyReturn {
			return true
		}
	}
	return false
}

// carryOn brings what left a decision, and what left the decisions upon that, and
// gives the member's first decision among them; nil if there is none.
func (a *App) carryOn(ctx context.Context, from journal.Answer, member ledger.MemberID, deep int) (*journal.Answer, error) {
	entry, err := a.Store.Entry(ctx, from.Position)
	if err == nil {
		err = journal.FollowUps{Journal: a.Journal}.Handle(ctx, &entry)
	}
	if err != nil || deep == 0 {
		return nil, err
	}
	var found *journal.Answer
	for n := range from.Decision.FollowUps {
		at, err := a.Journal.FollowUpPosition(ctx, &from, n)
		if err != nil {
			return nil, err
		}
		next, err := a.Journal.AnswerAt(ctx, at)
		if err != nil {
			return nil, err
		}
		if found == nil && next.Event.Type == event.FamilyWord && (next.Member == member || from.Member != member) {
			found = &next
		}
		if len(next.Decision.FollowUps) == 0 {
			continue
		}
		deeper, err := a.carryOn(ctx, next, member, deep-1)
		if err != nil {
			return nil, err
		}
		if found == nil || found.Member != member && deeper != nil {
			found = deeper
		}
	}
	return found, nil
}

// decidedAt gives the decision upon an event that had to wait for a family; the
// answer itself where it did not, or waits still.
func (a *App) decidedAt(ctx context.Context, answer journal.Answer) (journal.Answer, error) {
	if answer.Decision.Outcome != engine.WaitsForFamily {
		return answer, nil
	}
	last := answer
	for _, matter := range []engine.FamilyMatter{engine.FamilyDraw, engine.FamilyDrawn} {
		at, err := a.Journal.FollowUpPosition(ctx, &last, last.Decision.Telling(matter))
		if errors.Is(err, store.ErrNotFound) {
			return answer, nil
		}
		if err == nil {
			last, err = a.Journal.AnswerAt(ctx, at)
		}
		if err != nil {
			return journal.Answer{}, err
		}
	}
	last.Event, last.Repeated = answer.Event, answer.Repeated
	return last, nil
}
