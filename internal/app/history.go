package app

import (
	"cmp"
	"context"
	"errors"

	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/merge"
	"premia/internal/journal"
	"premia/internal/store"
)

// CodeInvalidParameter says that a parameter of a question is not good.
const CodeInvalidParameter = "invalid_parameter"

// MaxPage is the most entries of one page of a list.
const MaxPage = 100

// HistoryPlace says how far a history has been read in the entries of one
// member: those before the number Seq of their shard are left, all if it is 0,
// and none if it is negative.
type HistoryPlace struct {
	Member ledger.MemberID
	Seq    int64
}

// History gives a member's entries of the journal, and those of the members who
// were merged into this one, the newest recorded first. It goes on from the
// places that the page before ended with (none for the first page), the first of
// which is the member's own, and gives the places for the next page, nil after
// the last. The error is a *Problem where the places are another member's.
func (a *App) History(ctx context.Context, ref string, from []HistoryPlace, limit int) (page []journal.Answer, id ledger.MemberID, next []HistoryPlace, err error) {
	id, err = a.Find(ctx, ref)
	if err != nil {
		return nil, 0, nil, err
	}
	if len(from) == 0 {
		from = []HistoryPlace{{Member: id}}
	}
	if err := a.ownPlaces(ctx, id, from); err != nil {
		return nil, 0, nil, err
	}
	h := &historyReader{app: a, limit: min(max(limit, 1), MaxPage)}
	for _, place := range from {
		if err := h.open(ctx, place); err != nil {
			return nil, 0, nil, err
		}
	}
	for len(page) < h.limit {
		answer, ok, err := h.next(ctx)
		if err != nil {
			return nil, 0, nil, err
		}
		if !ok {
			return page, id, nil, nil
		}
		page = append(page, answer)
	}
	return page, id, h.places(), nil
}

// ownPlaces refuses places in the history of others: beside a member's own there are only
// those of members who were merged into this one.
func (a *App) ownPlaces(ctx context.Context, id ledger.MemberID, from []HistoryPlace) error {
	for i, place := range from {
		if place.Member == id {
			continue
		}
		now, err := a.Journal.Current(ctx, place.Member)
		if err != nil && !errors.Is(err, journal.ErrUnknownMember) {
			return err
		}
		if i == 0 || now != id {
			return problem(CodeInvalidParameter, "cursor", "the cursor is of another member's history; leave it out to begin with the newest entry")
		}
	}
	return nil
}

// historyReader reads the entries of several members as one history. A merged
// member's begin to be read where the other took in their value: they are older
// than that, so that nobody has to be looked for.
type historyReader struct {
	app     *App
	limit   int
	members []*membersEntries
}

// membersEntries are the entries of one member that are still to be given.
type membersEntries struct {
	HistoryPlace
	ready []store.Entry // read ahead
	more  bool          // whether there may be others behind those
}

func (h *historyReader) open(ctx context.Context, at HistoryPlace) error {
	for _, m := range h.members {
		if m.Member == at.Member {
			return nil
		}
	}
	m := &membersEntries{HistoryPlace: at, more: at.Seq >= 0}
	h.members = append(h.members, m)
	return h.fill(ctx, m)
}

// fill reads on where all that was read ahead is given.
func (h *historyReader) fill(ctx context.Context, m *membersEntries) (err error) {
	if len(m.ready) > 0 || !m.more {
		return nil
	}
	m.ready, err = h.app.Store.EntriesOf(ctx, m.Member, m.Seq, h.limit+1)
	m.more = len(m.ready) > h.limit
	return err
}

// next gives the newest of the entries that are left; ok is false if none is.
func (h *historyReader) next(ctx context.Context) (answer journal.Answer, ok bool, err error) {
	var newest *membersEntries
	for _, m := range h.members {
		if len(m.ready) > 0 && (newest == nil || newer(&m.ready[0], &newest.ready[0])) {
			newest = m
		}
	}
	if newest == nil {
		return journal.Answer{}, false, nil
	}
	if answer, err = h.app.Journal.Read(&newest.ready[0]); err != nil {
		return journal.Answer{}, false, err
	}
	newest.Seq, newest.ready = newest.ready[0].Seq, newest.ready[1:]
	if err := h.fill(ctx, newest); err != nil {
		return journal.Answer{}, false, err
	}
	if answer.Event.Type == event.Absorb && answer.Decision.Outcome == engine.Applied {
		if origin, known := merge.Origin(answer.Event.Carried); known {
			err = h.open(ctx, HistoryPlace{Member: origin})
		}
	}
	return answer, true, err
}

func newer(a, b *store.Entry) bool {
	return cmp.Or(cmp.Compare(a.Recorded, b.Recorded), cmp.Compare(a.Shard, b.Shard), cmp.Compare(a.Seq, b.Seq)) > 0
}

// places say how far all members are read, the first the member's own; nil if
// nothing is left.
func (h *historyReader) places() []HistoryPlace {
	var out []HistoryPlace
	left := false
	for i, m := range h.members {
		switch {
		case len(m.ready) > 0:
			left = true
			out = append(out, m.HistoryPlace)
		case i == 0:
			out = append(out, HistoryPlace{m.Member, -1})
		}
	}
	if !left {
		return nil
	}
	return out
}
