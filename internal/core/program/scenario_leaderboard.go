package program

import (
	"cmp"
	"slices"
	"strings"

	"github.com/govalues/decimal"

	"premia/internal/core/calendar"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/leaderboard"
	"premia/internal/core/text"
)

// board reads what is expected of a leaderboard: leaderboard.<id> for the score, and
// leaderboard.<id>.place for the place, in the period of the step.
func (k *stepChecker) board(path, key string, want Wanted) (expected, bool) {
	kind, rest, dotted := strings.Cut(key, ".")
	if k.Program.WalletByID(kind) != nil || !dotted || kind != leaderboard.Kind {
		return expected{}, false
	}
	id, figure, _ := strings.Cut(rest, ".")
	out := expected{path: path, key: key, about: aboutBoard, amount: k.amount(path, want), figure: figure}
	b := leaderboard.ByID(k.Program, id)
	switch {
	case b == nil:
		var ids []string
		for _, known := range leaderboard.Boards(k.Program) {
			ids = append(ids, known.ID)
		}
		k.unknown(path, "unknown_leaderboard", text.Say("there is no leaderboard {ID}", quoted(id)), id, ids)
	case figure != "" && figure != "place":
		k.unknown(path, "unknown_balance", text.Say("a leaderboard has no {Figure}", quoted(figure)), figure, []string{"place"})
	case figure == "":
		out.scale = b.Decimals(k.Program)
		w, money := b.By.Counts()
		k.measured(path, w, money)
	}
	out.want = id
	return out, true
}

// ranking gives the ranking of a board in the period that began at since, in one group.
func (r *stageRun) ranking(b *leaderboard.Board, since calendar.Instant, group string) []leaderboard.Ranked {
	var all []leaderboard.Ranked
	for _, a := range r.actors {
		if x := a.state.Score(b.Counts, since, group); x != nil && x.Value > 0 {
			all = append(all, leaderboard.Ranked{Member: a.id, Score: *x})
		}
	}
	slices.SortFunc(all, func(x, y leaderboard.Ranked) int { return leaderboard.Compare(&x, &y) })
	return all
}

// placed gives the member's best score on a leaderboard in the period of the scene, or
// its place.
func (r *stageRun) placed(a *actor, x *expected, at calendar.Instant) string {
	b := leaderboard.ByID(r.document.Program, x.want)
	since, _, ok := b.Period(at)
	best := ledger.Score{}
	for _, s := range a.state.Scores {
		if ok && s.Board == b.Counts && s.Since == since && s.Value > best.Value {
			best = s
		}
	}
	if x.figure == "" {
		return shownMinor(best.Value, x.scale)
	}
	place := slices.IndexFunc(r.ranking(b, since, best.Group), func(o leaderboard.Ranked) bool { return o.Member == a.id })
	return plain(decimal.MustNew(int64(place)+1, 0))
}

// ending is a period of a board whose ranking is fixed at an instant.
type ending struct {
	board              *leaderboard.Board
	since, ends, fixed calendar.Instant
}

// endBoards fixes the rankings whose moment has come since the last scene, and gives
// their prizes.
func (r *stageRun) endBoards(sc *scene) {
	var all []ending
	began := r.script.scenes[0].at
	for _, b := range leaderboard.Boards(r.document.Program) {
		since, ends, ok := b.Last(sc.at)
		for ; ok && ends > began; since, ends, ok = b.Before(since) {
			if fixed := b.Fixed(ends); r.fixed < fixed && fixed <= sc.at {
				all = append(all, ending{b, since, ends, fixed})
			}
		}
	}
	r.fixed = sc.at
	slices.SortStableFunc(all, func(x, y ending) int {
		return cmp.Or(cmp.Compare(x.fixed, y.fixed), cmp.Compare(x.ends, y.ends))
	})
	for i := range all {
		r.endBoard(&all[i], sc)
	}
}

func (r *stageRun) endBoard(x *ending, sc *scene) {
	var groups []string
	for _, a := range r.actors {
		for _, s := range a.state.Scores {
			if s.Board == x.board.Counts && s.Since == x.since {
				groups = append(groups, s.Group)
			}
		}
	}
	slices.Sort(groups)
	then := *sc
	then.at = x.fixed
	for _, group := range slices.Compact(groups) {
		for i, ranked := range r.ranking(x.board, x.since, group) {
			place := leaderboard.Place{Counts: x.board.Counts, Since: x.since, Group: group, Place: int64(i) + 1, Value: ranked.Value}
			if !x.board.HasPrize(place.Place) {
				continue
			}
			a := r.numbered(ranked.Member)
			e := event.Event{Type: event.LeaderboardPrize, At: x.ends - 1, Carried: place.Append()}
			r.decide(a, &e, &then, &r.decision)
			r.deliver(a, &then)
		}
	}
}
