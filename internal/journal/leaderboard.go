package journal

import (
	"context"
	"slices"

	"premia/internal/core/calendar"
	"premia/internal/core/mechanic/leaderboard"
	"premia/internal/store"
)

// writeScores keeps what counts for a member on leaderboards where members are
// compared: in the same transaction as the state, so that the two never differ. A state
// loses all scores when its member is merged or erased; single ones it only forgets when
// newer periods take their room, and they stay.
func (b *batch) writeScores(m *member) {
	s := &m.state
	if len(s.Scores)+len(m.scores) == 0 {
		return
	}
	for _, x := range s.Scores {
		if !slices.Contains(m.scores, x) {
			b.writes.Scores = append(b.writes.Scores, store.Score{Member: m.ID, Score: x})
		}
	}
	if len(s.Scores) == 0 {
		b.writes.DropScores = append(b.writes.DropScores, m.ID)
	}
}

// FixRanking fixes the ranking of a period of a board, once, when all that counts is
// written: while it holds the locks of all shards nothing is under way. It answers
// whether it was the one who did.
func (j *Journal) FixRanking(ctx context.Context, b *leaderboard.Board, since, ends calendar.Instant) (fixed bool, err error) {
	err = j.store.Batch(ctx, j.store.Shards(), func(tx *store.Batch) (err error) {
		e := store.Ending{Board: b.Counts, Since: since, Ends: ends, Fixed: j.Now()}
		fixed, err = tx.FixRanking(ctx, e, b.Depth(), b.HasPrize)
		return err
	})
	return fixed, err
}
