package store

import (
	"context"

	"premia/internal/core/calendar"
	"premia/internal/core/ledger"
)

// Score is what counts for a member on a leaderboard.
type Score struct {
	Member ledger.MemberID
	ledger.Score
}

// Ending is a period of a leaderboard whose ranking is fixed.
type Ending struct {
	// Board names it by what it counts.
	Board       ledger.Name
	Since, Ends calendar.Instant
	// Fixed is when that was done.
	Fixed calendar.Instant
}

// PrizeState is what became of the prize of a place.
type PrizeState uint8

// The states of the prize of a place.
const (
	NoPrize      PrizeState = iota
	PrizeDue                // the ranking is fixed, and the member does not know yet
	PrizeGiven              // the member has it
	PrizeRefused            // the member can't have it any more, or is blocked
)

// Place is a place of a ranking that is fixed.
type Place struct {
	Score
	Place int64
	Prize PrizeState
}

const (
	putScore = `
INSERT INTO leaderboard_scores (shard, member, board, since, group_name, value, reached) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (shard, member, board, since, group_name) DO UPDATE SET value = excluded.value, reached = excluded.reached`

	dropScores = `
DELETE FROM leaderboard_scores WHERE shard = $1 AND member = $2`

	scoresAfter = `
SELECT member, board, since, group_name, value, reached FROM leaderboard_scores
WHERE shard = $1 AND (member, board, since, group_name) > ($2, $3, $4, $5) ORDER BY member, board, since, group_name LIMIT $6`

	rankedScores = `
SELECT member, board, since, group_name, value, reached FROM leaderboard_scores
WHERE board = $1 AND since = $2 AND group_name = $3 AND value > 0 ORDER BY value DESC, reached, member LIMIT $4 OFFSET $5`

	aheadOfScore = `
SELECT count(*) FROM leaderboard_scores
WHERE board = $1 AND since = $2 AND group_name = $3 AND value > 0
AND (value > $4 OR (value = $4 AND reached < $5) OR (value = $4 AND reached = $5 AND member < $6))`

	groupsOfBoard = `
SELECT group_name, count(*) FROM leaderboard_scores WHERE board = $1 AND since = $2 AND value > 0 GROUP BY group_name ORDER BY group_name`

	sizeOfGroup = `
SELECT count(*) FROM leaderboard_scores WHERE board = $1 AND since = $2 AND group_name = $3 AND value > 0`

	addEnding = `
INSERT INTO leaderboard_endings (board, since, ends, fixed) VALUES ($1, $2, $3, $4) ON CONFLICT (board, since) DO NOTHING`

	listEndings = `
SELECT board, since, ends, fixed FROM leaderboard_endings ORDER BY board, since`

	addPlace = `
INSERT INTO leaderboard_places (board, since, group_name, place, member, value, reached, prize) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (board, since, group_name, place) DO NOTHING`

	placesOfEnding = `
SELECT member, board, since, group_name, value, reached, place, prize FROM leaderboard_places
WHERE board = $1 AND since = $2 ORDER BY group_name, place`

	placesDue = `
SELECT member, board, since, group_name, value, reached, place, prize FROM leaderboard_places
WHERE prize = 1 ORDER BY board, since, group_name, place`

	setPrize = `
UPDATE leaderboard_places SET prize = $5 WHERE board = $1 AND since = $2 AND group_name = $3 AND place = $4 AND prize = 1`
)

// scoreStatements are the parts of a batch that keep scores as members' states have
// them.
func (w *Writes) scoreStatements(s *Store) (all []statement) {
	for _, member := range w.DropScores {
		all = append(all, statement{dropScores, []any{int64(s.ShardOf(member)), int64(member)}})
	}
	for i := range w.Scores {
		x := &w.Scores[i]
		all = append(all, statement{putScore, []any{int64(s.ShardOf(x.Member)), int64(x.Member), int64(x.Board), int64(x.Since), x.Group, x.Value, int64(x.Reached)}})
	}
	return all
}

func scanScore(r row) (Score, error) {
	var s Score
	var member, board, since, reached int64
	err := r.Scan(&member, &board, &since, &s.Group, &s.Value, &reached)
	s.Member, s.Board, s.Since, s.Reached = ledger.MemberID(member), ledger.Name(board), calendar.Instant(since), calendar.Instant(reached)
	return s, err
}

func scanPlace(r row) (Place, error) {
	var p Place
	var member, board, since, reached, prize int64
	err := r.Scan(&member, &board, &since, &p.Group, &p.Value, &reached, &p.Place, &prize)
	p.Member, p.Board, p.Since, p.Reached = ledger.MemberID(member), ledger.Name(board), calendar.Instant(since), calendar.Instant(reached)
	p.Prize = PrizeState(prize)
	return p, err
}

func scanEnding(r row) (Ending, error) {
	var e Ending
	var board, since, ends, fixed int64
	err := r.Scan(&board, &since, &ends, &fixed)
	e.Board, e.Since, e.Ends, e.Fixed = ledger.Name(board), calendar.Instant(since), calendar.Instant(ends), calendar.Instant(fixed)
	return e, err
}

// Ranking gives scores of one board, period and group from a place on, counted from 0:
// the highest first, of equal ones the one that was reached first, and of those the
// lower member's.
func (s *Store) Ranking(ctx context.Context, board ledger.Name, since calendar.Instant, group string, from, limit int64) ([]Score, error) {
	return readAll(ctx, s, rankedScores, []any{int64(board), int64(since), group, limit, from}, scanScore)
}

// Ahead gives how many are ahead of a score in its ranking, and how many members that
// has.
func (s *Store) Ahead(ctx context.Context, x *Score) (ahead, all int64, err error) {
	ranking := []any{int64(x.Board), int64(x.Since), x.Group}
	err = s.read(ctx, func(l link) error {
		err := queryRow(ctx, l, aheadOfScore, append(ranking[:3:3], x.Value, int64(x.Reached), int64(x.Member)), &ahead)
		if err != nil {
			return err
		}
		return queryRow(ctx, l, sizeOfGroup, ranking, &all)
	})
	return ahead, max(all, ahead+1), wrong("ranking", err)
}

// GroupSize is a group of a ranking and how many members it has.
type GroupSize struct {
	Group   string
	Members int64
}

// Groups lists the groups of a board in a period, in the order of their names.
func (s *Store) Groups(ctx context.Context, board ledger.Name, since calendar.Instant) ([]GroupSize, error) {
	return readAll(ctx, s, groupsOfBoard, []any{int64(board), int64(since)}, func(r row) (GroupSize, error) {
		var g GroupSize
		err := r.Scan(&g.Group, &g.Members)
		return g, err
	})
}

// Endings lists the rankings that are fixed, by board and period.
func (s *Store) Endings(ctx context.Context) ([]Ending, error) {
	return readAll(ctx, s, listEndings, nil, scanEnding)
}

// Places gives the places of a ranking that is fixed, by group and place.
func (s *Store) Places(ctx context.Context, board ledger.Name, since calendar.Instant) ([]Place, error) {
	return readAll(ctx, s, placesOfEnding, []any{int64(board), int64(since)}, scanPlace)
}

// PrizesDue gives the places whose members do not know of their prizes yet.
func (s *Store) PrizesDue(ctx context.Context) ([]Place, error) {
	return readAll(ctx, s, placesDue, nil, scanPlace)
}

// SettlePrize says what became of a prize that is due; one that is not stays.
func (s *Store) SettlePrize(ctx context.Context, p *Place, to PrizeState) error {
	return wrong("prize of a leaderboard", s.run(ctx, setPrize, int64(p.Board), int64(p.Since), p.Group, p.Place, int64(to)))
}

// FixRanking fixes the ranking of a board's period in a batch that holds the locks of
// all shards, so that no score of it is under way: the ending, and the first places of
// each group as they stand now. It answers false, and nothing changes, where that was
// done before.
func (b *Batch) FixRanking(ctx context.Context, e Ending, depth int64, prized func(place int64) bool) (bool, error) {
	done, err := b.link().exec(ctx, addEnding, e.values()...)
	if err != nil || done == 0 {
		return false, wrong("ending of a leaderboard", err)
	}
	var groups []string
	err = b.link().query(ctx, groupsOfBoard, []any{int64(e.Board), int64(e.Since)}, func(r row) error {
		var group string
		var size int64
		err := r.Scan(&group, &size)
		groups = append(groups, group)
		return err
	})
	for i := 0; i < len(groups) && err == nil; i++ {
		err = b.fixGroup(ctx, &e, groups[i], depth, prized)
	}
	return err == nil, wrong("ranking", err)
}

func (b *Batch) fixGroup(ctx context.Context, e *Ending, group string, depth int64, prized func(place int64) bool) error {
	var places []Place
	err := b.link().query(ctx, rankedScores, []any{int64(e.Board), int64(e.Since), group, depth, int64(0)}, func(r row) error {
		score, err := scanScore(r)
		p := Place{Score: score, Place: int64(len(places)) + 1}
		if prized(p.Place) {
			p.Prize = PrizeDue
		}
		places = append(places, p)
		return err
	})
	for i := 0; i < len(places) && err == nil; i++ {
		_, err = b.link().exec(ctx, addPlace, places[i].values()...)
	}
	return err
}

func (e *Ending) values() []any {
	return []any{int64(e.Board), int64(e.Since), int64(e.Ends), int64(e.Fixed)}
}

func (p *Place) values() []any {
	return []any{int64(p.Board), int64(p.Since), p.Group, p.Place, int64(p.Member), p.Value, int64(p.Reached), int64(p.Prize)}
}

// AddEnding keeps a ranking that was fixed in another database, with its places.
func (s *Store) AddEnding(ctx context.Context, e Ending, places []Place) error {
	return wrong("ending of a leaderboard", s.write(ctx, func(l link) error {
		_, err := l.exec(ctx, addEnding, e.values()...)
		for i := 0; i < len(places) && err == nil; i++ {
			_, err = l.exec(ctx, addPlace, places[i].values()...)
		}
		return err
	}))
}

// Scores gives scores of a shard's members in their order, from the one after another
// on; the first page is after Score{Member: FirstMember}.
func (v *Snapshot) Scores(ctx context.Context, shard Shard, after Score, limit int) ([]Score, error) {
	values := []any{int64(shard), int64(after.Member), int64(after.Board), int64(after.Since), after.Group, int64(limit)}
	return snapshotAll(ctx, v, scoresAfter, values, scanScore)
}
