package app

import (
	"context"
	"errors"

	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/member"
	"premia/internal/core/mechanic/merge"
	"premia/internal/journal"
	"premia/internal/store"
)

// Merge merges a member into another: value, history of limits and identities
// become the other's. It waits until the value has arrived. With the same event
// id again it gives the first answer.
func (a *App) Merge(ctx context.Context, eventID, ref, into string) (journal.Answer, error) {
	from, target, err := a.mergeMembers(ctx, ref, into)
	if answer, repeated, failure := a.mergedBefore(ctx, eventID, ref); repeated || failure != nil {
		return answer, failure
	}
	if err != nil {
		return journal.Answer{}, err
	}
	e := &event.Event{ID: eventID, Type: event.Merge}
	if e.ID == "" {
		e.ID = NewEventID()
	}
	e.Data = []event.Datum{{Name: merge.Into, Kind: event.Whole, Whole: int64(target)}}
	if err := e.Check("", 0); err != nil {
		return journal.Answer{}, err
	}
	answer, err := a.append(ctx, journal.Request{Event: e, Member: from})
	if errors.Is(err, journal.ErrIDReused) {
		// The same request may have been decided since it was looked for, when the
		// names stood for others than now.
		if answer, repeated, failure := a.mergedBefore(ctx, eventID, ref); repeated || failure != nil {
			return answer, failure
		}
	}
	if err != nil {
		return journal.Answer{}, refused(err, e)
	}
	a.carry(ctx, &answer)
	return answer, nil
}

func (a *App) mergeMembers(ctx context.Context, ref, into string) (from, target ledger.MemberID, err error) {
	if from, err = a.find(ctx, ref, "member"); err != nil {
		return 0, 0, err
	}
	if target, err = a.find(ctx, into, "into"); err != nil {
		return 0, 0, err
	}
	if from == target {
		return 0, 0, problem(CodeAlreadyMerged, "into", "the two are one member already")
	}
	return from, target, nil
}

// mergedBefore gives the answer to a merge that is sent again: by then both names
// stand for one member. The error tells that it is not known whether it was.
func (a *App) mergedBefore(ctx context.Context, eventID, ref string) (answer journal.Answer, repeated bool, err error) {
	if eventID == "" {
		return journal.Answer{}, false, nil
	}
	answer, err = a.Event(ctx, eventID)
	if err != nil || answer.Event.Type != event.Merge {
		return journal.Answer{}, false, unlessRefused(err)
	}
	// It was this merge if its member is the one who is named, or was.
	same, err := a.stillNames(ctx, ref, answer.Member)
	if err != nil || !same {
		return journal.Answer{}, false, unlessRefused(err)
	}
	again(ctx)
	answer.Repeated = true
	a.carry(ctx, &answer)
	return answer, true, nil
}

// stillNames tells whether a name stands for the member who answers for the given
// one now. Both are read again while merges move them in between.
func (a *App) stillNames(ctx context.Context, ref string, id ledger.MemberID) (bool, error) {
	for named := ledger.MemberID(0); ; {
		before := named
		now, err := a.Find(ctx, id.String())
		if err != nil {
			return false, err
		}
		if named, err = a.Find(ctx, ref); err != nil || named == now {
			return err == nil, err
		}
		if named == before {
			// The name stood for another before and after the member was read.
			return false, nil
		}
	}
}

// unlessRefused gives the error unless it says that what was asked for is not
// there.
func unlessRefused(err error) error {
	var p *Problem
	if errors.As(err, &p) && p.Code != CodeMergeInProgress {
		return nil
	}
	return err
}

// carry brings what leaves a decided merge to the other member now, instead of
// when the subscribers come to it. Where that can't be done now, as while two
// members are merged into each other, it is left to them.
func (a *App) carry(ctx context.Context, answer *journal.Answer) {
	entry, err := a.Store.Entry(ctx, answer.Position)
	if err == nil {
		err = (journal.FollowUps{Journal: a.Journal}).Handle(ctx, &entry)
	}
	if err == nil {
		err = PersonalMoves{a}.Handle(ctx, &entry)
	}
	if err != nil {
		a.Log.Info("what leaves a merge is left to the subscribers", "event", answer.Event.ID, "error", err)
	}
}

// PersonalMoves is the subscriber that moves the personal records of a member
// who was merged to the member who answers for them now, so that all that is
// known of a person stands in one place and is erased from there. Records of the
// remaining member win over those that arrive.
type PersonalMoves struct{ App *App }

// PersonalMovesName names the subscriber's cursors.
const PersonalMovesName = "personal-moves"

// Name gives PersonalMovesName.
func (PersonalMoves) Name() string { return PersonalMovesName }

// Mask asks for entries that follow-ups leave, which merges do.
func (PersonalMoves) Mask() uint32 { return journal.MaskFollowUps }

// Handle moves the records of a merge's member. Doing it again finds nothing to
// move.
func (m PersonalMoves) Handle(ctx context.Context, entry *store.Entry) error {
	if entry.Kind != journal.KindMerge {
		return nil
	}
	a := m.App
	answer, err := a.Journal.Read(entry)
	if err != nil {
		return err
	}
	winner, err := a.arrivedAt(ctx, answer)
	if err != nil || winner == 0 {
		return err
	}
	if winner, err = a.home(ctx, winner); err != nil {
		return err
	}
	if err := errors.Join(a.Store.MoveEndpoint(ctx, entry.Member, winner), a.moveAccess(ctx, entry.Member, winner), a.movePresents(ctx, entry.Member, winner)); err != nil {
		return err
	}
	leaving, err := a.Store.PersonalOf(ctx, entry.Member)
	if err != nil || len(leaving) == 0 {
		return err
	}
	err = a.bring(ctx, a.Journal.PersonalID(answer.Event.ID), winner, leaving)
	free := []store.Personal(nil)
	if errors.Is(err, journal.ErrMemberErased) {
		free, err = a.identitiesOf(ctx, winner, leaving)
	}
	if err != nil {
		return err
	}
	return a.forgetMerged(ctx, entry.Member, free)
}

// identitiesOf gives those of the records that are identities and lead to the
// member.
func (a *App) identitiesOf(ctx context.Context, id ledger.MemberID, records []store.Personal) ([]store.Personal, error) {
	var leading []store.Personal
	for _, p := range records {
		if p.Kind != store.Identity {
			continue
		}
		found, err := a.Journal.FindCurrent(ctx, journal.Identity{Kind: p.Name, Value: p.Value})
		switch {
		case errors.Is(err, journal.ErrUnknownMember):
		case err != nil:
			return nil, err
		case found == id:
			leading = append(leading, p)
		}
	}
	return leading, nil
}

// bring gives a member the personal records of another that it lacks itself. The
// error is journal.ErrMemberErased where there is nobody left who may have them.
func (a *App) bring(ctx context.Context, id string, to ledger.MemberID, records []store.Personal) error {
	own, err := a.Store.PersonalOf(ctx, to)
	if err != nil {
		return err
	}
	has := make(map[store.PersonalKey]bool)
	for i := range own {
		has[recordKey(&own[i])] = true
	}
	e := &event.Event{ID: id, Type: event.Profile}
	r := journal.Request{Event: e, Member: to, Stay: true}
	facts := make(map[string]string)
	for i := range records {
		p := &records[i]
		if has[recordKey(p)] {
			continue
		}
		r.Personal = append(r.Personal, store.Personal{Kind: p.Kind, Name: p.Name, Value: p.Value})
		if p.Kind == store.Profile {
			a.derive(p.Name, p.Value, facts)
			a.tellBirthday(p.Name, p.Value, &r)
		}
	}
	for name, value := range facts {
		e.Data = append(e.Data, event.Datum{Name: name, Kind: event.Text, Text: value})
	}
	if err := e.Check("", 0); err != nil {
		return err
	}
	_, err = a.append(ctx, r)
	if errors.Is(err, journal.ErrIDReused) {
		return nil // they were brought before
	}
	if errors.Is(err, journal.ErrMergeInProgress) {
		return &store.TransientError{Err: err} // it was merged just now
	}
	return err
}

// recordKey says which records are of one thing: a profile has one value of each
// name, but a person has several cards.
func recordKey(p *store.Personal) store.PersonalKey {
	key := store.PersonalKey{Kind: p.Kind, Name: p.Name}
	if p.Kind == store.Identity {
		key.Value = p.Value
	}
	return key
}

// forgetMerged removes the personal records of a member who is merged, unless
// the member came back meanwhile, as of two that were merged into each other.
// The identities to free are nobody's afterwards.
func (a *App) forgetMerged(ctx context.Context, id ledger.MemberID, free []store.Personal) error {
	return a.Store.Batch(ctx, []store.Shard{a.Store.ShardOf(id)}, func(b *store.Batch) error {
		rows, err := b.Members(ctx, []ledger.MemberID{id})
		if err != nil || len(rows) == 0 || rows[0].MergedInto == 0 {
			return err
		}
		if err := b.Unbind(ctx, a.Journal.IdentityKeys(free)); err != nil {
			return err
		}
		return b.Write(ctx, &store.Writes{ForgetPersonal: []store.PersonalKey{{Member: id}}})
	})
}

// Erase forgets who a member is: personal records with their salts, identities
// and facts. Balances expire, since nobody can spend them any more; the history stays, as
// nobody's. What was bought under the member's cards from now on is somebody else's. A
// user proves first who they are.
func (a *App) Erase(ctx context.Context, eventID, ref string) (journal.Answer, error) {
	return a.eraseUnchanged(ctx, eventID, ref, 0)
}

// eraseUnchanged erases a member whose last entry is of a number, whatever it is if 0; the
// error is journal.ErrMemberMoved where another came.
func (a *App) eraseUnchanged(ctx context.Context, eventID, ref string, last int64) (journal.Answer, error) {
	if err := proved(ctx); err != nil {
		return journal.Answer{}, err
	}
	id, err := a.Find(ctx, ref)
	if err != nil {
		return journal.Answer{}, err
	}
	records, err := a.Store.PersonalOf(ctx, id)
	if err != nil {
		return journal.Answer{}, err
	}
	e := &event.Event{ID: eventID, Type: event.Profile, Data: []event.Datum{{Name: member.Erased, Kind: event.Truth, Whole: 1}}}
	if e.ID == "" {
		e.ID = NewEventID()
	}
	if err := e.Check("", 0); err != nil {
		return journal.Answer{}, err
	}
	r := journal.Request{Event: e, Member: id, Forget: []store.PersonalKey{{}}, Unknown: engine.RefuseUnknown, Unchanged: last}
	for i := range records {
		if records[i].Kind == store.Identity {
			r.Unbind = append(r.Unbind, journal.Identity{Kind: records[i].Name, Value: records[i].Value})
		}
	}
	answer, err := a.append(ctx, r)
	if errors.Is(err, journal.ErrMemberErased) || errors.Is(err, journal.ErrIDReused) {
		// Sent again: what it would forget is forgotten.
		if before, err := a.Event(ctx, e.ID); err == nil && before.Member == id && before.Event.Type == event.Profile {
			before.Repeated = true
			return before, a.Store.ForgetAccess(ctx, id)
		}
	}
	if err != nil {
		return journal.Answer{}, refused(err, e)
	}
	return answer, a.Store.ForgetAccess(ctx, id)
}
