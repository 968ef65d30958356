package simulate

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/leaderboard"
)

// # Leaderboards
//
// A ranking compares all members, who are decided one group after the other. So the
// history is decided first without the prizes of places, which gives the rankings; then
// with the prizes that these bring, at the moments at which the rankings are fixed; and
// again until the rankings stay as they were. What happens before a moment depends on no
// prize of that moment or later, so each time at least one more moment is as it would be
// in a plain simulation, and there are at most as many times as moments.

// prize is that of a place, for a member, between two entries of the history.
type prize struct {
	// before is the entry before which it is given; math.MaxInt32 after the last one.
	before int32
	fixed  calendar.Instant
	member int32
	event  *event.Event
}

// boards are the leaderboards of the rules whose places have prizes; nil if there are
// none.
type boards map[ledger.Name]*leaderboard.Board

func boardsOf(rules *engine.Timeline) boards {
	var out boards
	for _, live := range rules.All() {
		for _, b := range leaderboard.Boards(live.Program) {
			if out == nil {
				out = boards{}
			}
			out[b.Counts] = b
		}
	}
	for _, b := range out {
		for place := int64(1); place <= b.Depth(); place++ {
			if b.HasPrize(place) {
				return out
			}
		}
	}
	return nil
}

// fixed gives when the ranking of the period that began at since is fixed.
func (b boards) fixed(s *ledger.Score) calendar.Instant {
	board := b[s.Board]
	if board == nil {
		return calendar.Never
	}
	_, ends, _ := board.Period(s.Since)
	return board.Fixed(ends)
}

// scored keeps what counts of a member as of a decision. What was fixed before stays as
// it was then.
func (a *actor) scored(c *cast, at int, clock calendar.Instant) {
	if a.boards == nil {
		return
	}
	open := func(s ledger.Score) bool { return clock < a.boards.fixed(&s) }
	member := c.group.members[at]
	kept := slices.DeleteFunc(a.scores[member], open)
	for _, s := range c.states[at].Scores {
		if open(s) {
			kept = append(kept, s)
		}
	}
	if len(kept) > 0 || a.scores[member] != nil {
		a.scores[member] = kept
	}
}

// award gives the first of the prizes: those that come before an entry. It answers the
// others.
func (a *actor) award(due []prize, no int32, of func(member int32) *cast) []prize {
	for ; len(due) > 0 && due[0].before <= no; due = due[1:] {
		p := &due[0]
		c := of(p.member)
		a.decide(c, a.current(c, c.place(p.member)), p.event, engine.Inputs{Clock: p.fixed})
	}
	return due
}

// ranking is one group of a board in one period.
type ranking struct {
	board ledger.Name
	since calendar.Instant
	group string
}

// rank gives the prizes that the members' scores bring by the moment of the report, or
// the latest event's if that is later, in the order in which they are given.
func (r *run) rank() []prize {
	type entrant struct {
		leaderboard.Ranked
		place int32
	}
	rankings := map[ranking][]entrant{}
	for member, scores := range r.scores {
		for _, s := range scores {
			if s.Value > 0 && r.boards.fixed(&s) <= max(r.options.AsOf, r.h.last) {
				key := ranking{s.Board, s.Since, s.Group}
				rankings[key] = append(rankings[key], entrant{leaderboard.Ranked{Member: r.h.members[member], Score: s}, member})
			}
		}
	}
	var out []prize
	for key, all := range rankings {
		_, ends, _ := r.boards[key.board].Period(key.since)
		board := r.inForce(key.board, ends-1)
		if board == nil {
			continue
		}
		slices.SortFunc(all, func(x, y entrant) int {
			return cmp.Or(leaderboard.Compare(&x.Ranked, &y.Ranked), cmp.Compare(x.place, y.place))
		})
		for i := range all[:min(int64(len(all)), board.Depth())] {
			place := leaderboard.Place{Counts: key.board, Since: key.since, Group: key.group, Place: int64(i) + 1, Value: all[i].Value}
			if !board.HasPrize(place.Place) {
				continue
			}
			id := fmt.Sprintf("leaderboard/%s/%s/%s/%d", board.ID, board.Named(key.since), key.group, place.Place)
			out = append(out, prize{
				fixed: board.Fixed(ends), member: all[i].place,
				event: &event.Event{ID: id, Type: event.LeaderboardPrize, At: ends - 1, Carried: place.Append()},
			})
		}
	}
	slices.SortFunc(out, func(x, y prize) int {
		return cmp.Or(cmp.Compare(x.fixed, y.fixed), cmp.Compare(x.event.At, y.event.At), strings.Compare(x.event.ID, y.event.ID))
	})
	r.put(out)
	return out
}

// inForce gives the board as the rules in force at an instant have it.
func (r *run) inForce(counts ledger.Name, at calendar.Instant) *leaderboard.Board {
	if p := r.rules.At(at); p != nil {
		return leaderboard.ByCounts(p, counts)
	}
	return nil
}

// put says before which entry each prize is given: the first one to which at least as
// much time has passed. The prizes are in the order of their moments.
func (r *run) put(prizes []prize) {
	no := int32(0)
	for i := range prizes {
		for int(no) < len(r.h.entries) && r.h.entries[no].clock < prizes[i].fixed {
			no++
		}
		prizes[i].before = no
		if int(no) == len(r.h.entries) {
			prizes[i].before = math.MaxInt32
		}
	}
}

// same tells whether two lists have the same prizes for the same members.
func same(x, y []prize) bool {
	return slices.EqualFunc(x, y, func(p, q prize) bool {
		return p.member == q.member && p.event.ID == q.event.ID && slices.Equal(p.event.Carried, q.event.Carried)
	})
}

// momentsOf counts the moments at which prizes are given.
func momentsOf(prizes []prize) (n int) {
	for i := range prizes {
		if i == 0 || prizes[i].fixed != prizes[i-1].fixed {
			n++
		}
	}
	return n
}

// all decides the history, with the prizes of leaderboards that it brings.
func (r *run) all(ctx context.Context) error {
	for moments := 0; ; {
		moments++
		r.hard, r.joined, r.bound = map[ledger.Quota]bool{}, nil, nil
		if err := r.once(ctx); err != nil || r.boards == nil {
			return err
		}
		next := r.rank()
		// Where the clocks of a history go back, rankings might change for ever.
		if same(next, r.prizes) || moments > momentsOf(next)+2 {
			return nil
		}
		r.prizes, r.prizesOf = next, map[int32][]prize{}
		for _, p := range next {
			g := r.h.groupOf[p.member]
			r.prizesOf[g] = append(r.prizesOf[g], p)
		}
	}
}
