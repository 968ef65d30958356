package app

import (
	"context"

	"premia/internal/core/ledger"
	"premia/internal/journal"
)

// MaxPage is the most entries of one page of a list.
const MaxPage = 100

// History gives a member's entries of the journal, the newest first, before the
// sequence number that the page before ended with (0 for the first page). It
// gives the number for the next page, 0 after the last.
func (a *App) History(ctx context.Context, ref string, before int64, limit int) (page []journal.Answer, id ledger.MemberID, next int64, err error) {
	id, err = a.Find(ctx, ref)
	if err != nil {
		return nil, 0, 0, err
	}
	limit = min(max(limit, 1), MaxPage)
	entries, err := a.Store.EntriesOf(ctx, id, before, limit+1)
	if err != nil {
		return nil, 0, 0, err
	}
	if len(entries) > limit {
		entries = entries[:limit]
		next = entries[limit-1].Seq
	}
	for i := range entries {
		answer, err := a.Journal.Read(&entries[i])
		if err != nil {
			return nil, 0, 0, err
		}
		page = append(page, answer)
	}
	return page, id, next, nil
}
