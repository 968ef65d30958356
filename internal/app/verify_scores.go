package app

import (
	"context"
	"fmt"

	"premia/internal/core/ledger"
	"premia/internal/store"
)

// compareScores compares what counts on leaderboards, where members are compared, with
// the members' states: each score of a state stands there as it is, and what else
// stands there is of periods that are too old for the state.
func (c *shardCheck) compareScores(ctx context.Context) error {
	found := make(map[ledger.MemberID]int)
	for after := (store.Score{Member: store.FirstMember}); ; {
		rows, err := c.snap.Scores(ctx, c.shard, after, pageOfRows)
		if err != nil {
			return err
		}
		for i := range rows {
			if err := c.compareScore(&rows[i], found); err != nil {
				return err
			}
		}
		c.out.Scores += int64(len(rows))
		if len(rows) < pageOfRows {
			break
		}
		after = rows[len(rows)-1]
	}
	for id, m := range c.members {
		if len(m.scores) != found[id] {
			return c.differ(m.last, id, "scores on leaderboards", fmt.Sprint(len(m.scores)), fmt.Sprint(found[id]))
		}
	}
	return nil
}

func (c *shardCheck) compareScore(row *store.Score, found map[ledger.MemberID]int) error {
	m := c.members[row.Member]
	if m == nil {
		return c.differ(0, row.Member, "score on a leaderboard", "a member", "none")
	}
	own := ledger.State{Scores: m.scores}
	kept := own.Score(row.Board, row.Since, row.Group)
	if kept == nil {
		if periods := own.ScoredSince(row.Board); len(periods) == ledger.ScoredPeriods && row.Since < periods[0] {
			return nil
		}
		return c.differ(m.last, row.Member, "score on a leaderboard", "none", describeScore(&row.Score))
	}
	if *kept != row.Score {
		return c.differ(m.last, row.Member, "score on a leaderboard", describeScore(kept), describeScore(&row.Score))
	}
	found[row.Member]++
	return nil
}

func describeScore(s *ledger.Score) string {
	return fmt.Sprintf("%d on board %d since %s in group %q, reached at %s", s.Value, s.Board, s.Since, s.Group, s.Reached)
}
