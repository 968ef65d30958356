package app

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/leaderboard"
	"premia/internal/journal"
	"premia/internal/store"
)

// clockSkew is how much longer a ranking waits than the program says, so that a server
// whose clock is a little behind has written what still counted.
const clockSkew = calendar.Minute

// carryRounds bounds how often follow-ups are carried before a ranking is fixed: a
// merge that goes on from member to member takes a round for each.
const carryRounds = 16

// endedBoard is a period of a board whose ranking is to be fixed.
type endedBoard struct {
	board       *leaderboard.Board
	since, ends calendar.Instant
}

// EndLeaderboards fixes the rankings of all periods that are over, and gives the prizes
// of their places: each once, whoever calls it, how often, and wherever it was stopped
// before. It answers how many rankings it fixed and how many prizes members got to know
// of.
//
// A ranking is fixed by a row that one server alone can write, in the transaction that
// writes the places; a prize is an event whose id follows from the place.
func (a *App) EndLeaderboards(ctx context.Context) (fixed, told int, err error) {
	if !a.everHadLeaderboards() {
		return 0, 0, nil
	}
	due, err := a.boardsToEnd(ctx)
	if err != nil {
		return 0, 0, err
	}
	if len(due) > 0 {
		// What merged members had is under way while nobody carries it.
		if err := a.carryAll(ctx); err != nil {
			return 0, 0, err
		}
	}
	for _, x := range due {
		mine, err := a.Journal.FixRanking(ctx, x.board, x.since, x.ends)
		if err != nil {
			return fixed, 0, fmt.Errorf("fix the ranking of the leaderboard %s: %w", x.board.ID, err)
		}
		if mine {
			fixed++
		}
	}
	told, err = a.givePlaces(ctx)
	return fixed, told, err
}

// everHadLeaderboards tells whether a program of the workspace has had any.
func (a *App) everHadLeaderboards() bool {
	for _, live := range a.Journal.Rules().Timeline.All() {
		if len(leaderboard.Boards(live.Program)) > 0 {
			return true
		}
	}
	return false
}

// carryAll carries the follow-ups that are there, and those that these bring.
func (a *App) carryAll(ctx context.Context) error {
	for range carryRounds {
		n, err := a.Journal.Deliver(ctx, journal.FollowUps{Journal: a.Journal})
		if err != nil {
			return fmt.Errorf("carry follow-ups: %w", err)
		}
		if n == 0 {
			break
		}
	}
	return nil
}

// boardsToEnd lists the periods whose rankings are to be fixed. The rules are those in
// force when a period ends: what it says of the board then is what its members were told
// last. Periods that were over before the board was first published are history that was
// imported, and bring nothing.
func (a *App) boardsToEnd(ctx context.Context) (due []endedBoard, err error) {
	programs, err := a.Store.Programs(ctx)
	if err != nil {
		return nil, err
	}
	endings, err := a.Store.Endings(ctx)
	if err != nil {
		return nil, err
	}
	type key struct {
		board ledger.Name
		since calendar.Instant
	}
	done := make(map[key]bool, len(endings))
	for _, e := range endings {
		done[key{e.Board, e.Since}] = true
	}
	rules, now := a.Journal.Rules().Timeline, a.Journal.Now()
	seen := make(map[ledger.Name]bool)
	for i := range programs {
		version := rules.Version(uint32(programs[i].Version))
		if version == nil {
			continue // published this moment
		}
		for _, b := range leaderboard.Boards(version) {
			if seen[b.Counts] {
				continue // with the version that had it first
			}
			seen[b.Counts] = true
			eachEnd(rules, b, now, programs[i].Published, func(x endedBoard) {
				if k := (key{x.board.Counts, x.since}); !done[k] {
					done[k] = true
					due = append(due, x)
				}
			})
		}
	}
	return due, nil
}

// eachEnd visits the periods of a board that are over and ended after it was first
// published, as the rules in force at their ends have them.
func eachEnd(rules *engine.Timeline, b *leaderboard.Board, now, published calendar.Instant, visit func(endedBoard)) {
	since, ends, ok := b.Last(now)
	for ; ok && ends > published; since, ends, ok = b.Before(since) {
		then := rules.At(ends - 1)
		if then == nil {
			continue
		}
		at := leaderboard.ByCounts(then, b.Counts)
		if at == nil {
			continue
		}
		x := endedBoard{board: at}
		x.since, x.ends, ok = at.Period(ends - 1)
		if ok && now >= at.Fixed(x.ends)+clockSkew {
			visit(x)
		}
	}
}

// givePlaces lets the members of all places that have prizes know of them.
func (a *App) givePlaces(ctx context.Context) (told int, err error) {
	due, err := a.Store.PrizesDue(ctx)
	if err != nil || len(due) == 0 {
		return 0, err
	}
	endings, err := a.Store.Endings(ctx)
	if err != nil {
		return 0, err
	}
	ends := make(map[store.Ending]calendar.Instant, len(endings))
	for _, e := range endings {
		ends[store.Ending{Board: e.Board, Since: e.Since}] = e.Ends
	}
	var failures []error
	for i := range due {
		p := &due[i]
		given, err := a.givePlace(ctx, p, ends[store.Ending{Board: p.Board, Since: p.Since}])
		if err != nil {
			failures = append(failures, fmt.Errorf("give the prize of place %d: %w", p.Place, err))
			continue
		}
		to := store.PrizeRefused
		if given {
			to = store.PrizeGiven
			told++
		}
		if err := a.Store.SettlePrize(ctx, p, to); err != nil {
			failures = append(failures, err)
		}
	}
	return told, errors.Join(failures...)
}

// givePlace gives one prize, by the rules in force when the period ended, and tells
// whether the member got it. The event has an id of its own, so that it is decided once.
func (a *App) givePlace(ctx context.Context, p *store.Place, ends calendar.Instant) (bool, error) {
	carried := leaderboard.Place{Counts: p.Board, Since: p.Since, Group: p.Group, Place: p.Place, Value: p.Value}
	id := a.Journal.Keys().LeaderboardEvent(a.Journal.Rules().Names.Name(p.Board), p.Since, p.Group, p.Place)
	e := &event.Event{ID: id, Type: event.LeaderboardPrize, At: ends - 1, Carried: carried.Append()}
	answer, err := a.Journal.Append(ctx, journal.Request{Event: e, Member: p.Member})
	switch {
	case err == nil:
		return answer.Decision.Outcome == engine.Applied, nil
	case errors.Is(err, journal.ErrMemberErased), errors.Is(err, journal.ErrUnknownMember):
		return a.tookBefore(ctx, id)
	}
	return false, err
}

// tookBefore tells whether a member who is erased by now had taken the prize.
func (a *App) tookBefore(ctx context.Context, id string) (bool, error) {
	at, err := a.Journal.EventAt(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	found, err := a.Store.Entries(ctx, []store.Position{at})
	if err != nil || len(found) == 0 {
		return false, err
	}
	var d engine.Decision
	err = engine.DecodeDecision(found[0].Decision, &d)
	return d.Outcome == engine.Applied, err
}

// Endings runs EndLeaderboards now and then.
type Endings struct {
	stop    context.CancelFunc
	running sync.WaitGroup
}

// StartEndings ends leaderboards whenever their time has come; Stop ends it.
func (a *App) StartEndings(ctx context.Context, every time.Duration) *Endings {
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	e := &Endings{stop: stop}
	e.running.Go(func() {
		for {
			fixed, told, err := a.EndLeaderboards(ctx)
			switch {
			case err != nil && ctx.Err() == nil:
				a.Log.Warn("leaderboards can't be ended", "error", err)
			case fixed+told > 0:
				a.Log.Info("leaderboards ended", "rankings", fixed, "prizes", told)
			}
			select {
			case <-ctx.Done():
				return
			case <-time.After(every):
			}
		}
	})
	return e
}

// Stop ends it after the prize at hand.
func (e *Endings) Stop() {
	e.stop()
	e.running.Wait()
}

// scores copies what counts on leaderboards.
func (m *mover) scores(ctx context.Context) error {
	for _, shard := range m.source.Shards() {
		for after := (store.Score{Member: store.FirstMember}); ; {
			rows, err := m.from.Scores(ctx, shard, after, pageOfRows)
			if err != nil {
				return err
			}
			if len(rows) == 0 {
				break
			}
			shards := make([]store.Shard, len(rows))
			for i := range rows {
				shards[i] = m.to.ShardOf(rows[i].Member)
			}
			if err := m.write(ctx, shards, &store.Writes{Scores: rows}); err != nil {
				return err
			}
			after = rows[len(rows)-1]
		}
	}
	return m.endings(ctx)
}

// endings copies the rankings that are fixed.
func (m *mover) endings(ctx context.Context) error {
	endings, err := m.source.Endings(ctx)
	if err != nil {
		return err
	}
	for _, e := range endings {
		places, err := m.source.Places(ctx, e.Board, e.Since)
		if err != nil {
			return err
		}
		if err := m.to.AddEnding(ctx, e, places); err != nil {
			return err
		}
	}
	return nil
}
