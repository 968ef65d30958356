package ledger

import (
	"cmp"
	"slices"

	"premia/internal/core/calendar"
)

// Score is what counts for a member on a leaderboard, in one of its periods and
// groups. It stays where returns brought it down to zero, until its period is too
// old to be kept.
type Score struct {
	// Board names the board by what it counts: one that counts otherwise is another.
	Board Name
	// Since is the first instant of the period.
	Since calendar.Instant
	// Group is the group within which members are ranked; empty where all are.
	Group string
	// Value is what counts, in the measure's minor units; never negative.
	Value int64
	// Reached is the time of the latest event that changed it since it was zero: of two
	// equal values the one that was reached first is ahead.
	Reached calendar.Instant
}

// ScoredPeriods is how many periods of one board are remembered, the newest ones:
// the present one, the one that may be waiting for its end, and one more.
const ScoredPeriods = 3

// compare orders scores by board, period and group.
func (s *Score) compare(board Name, since calendar.Instant, group string) int {
	return cmp.Or(cmp.Compare(s.Board, board), cmp.Compare(s.Since, since), cmp.Compare(s.Group, group))
}

func (s *State) findScore(board Name, since calendar.Instant, group string) (int, bool) {
	return slices.BinarySearchFunc(s.Scores, 0, func(x Score, _ int) int { return x.compare(board, since, group) })
}

// Score gives what counts on a board in the period that began at since, in a group;
// nil if nothing does.
func (s *State) Score(board Name, since calendar.Instant, group string) *Score {
	if i, known := s.findScore(board, since, group); known {
		return &s.Scores[i]
	}
	return nil
}

// AddScore counts an amount, which may be negative, of an event at the instant, and
// gives the score and by how much it changed: nil where the period is older than
// those that are kept, or where there is nothing to take from.
func (s *State) AddScore(board Name, since calendar.Instant, group string, amount int64, at calendar.Instant) (*Score, int64) {
	i, known := s.findScore(board, since, group)
	if !known {
		if amount <= 0 || !s.roomFor(board, since) {
			return nil, 0
		}
		i, _ = s.findScore(board, since, group)
		s.Scores = slices.Insert(s.Scores, i, Score{Board: board, Since: since, Group: group, Reached: at})
	}
	x := &s.Scores[i]
	before := x.Value
	x.Value = max(before+amount, 0)
	switch {
	case x.Value == before:
	case before == 0:
		x.Reached = at
	default:
		x.Reached = max(x.Reached, at)
	}
	return x, x.Value - before
}

// roomFor lets the oldest period of a board give way to a new one; false if the new
// one is the oldest.
func (s *State) roomFor(board Name, since calendar.Instant) bool {
	periods := s.ScoredSince(board)
	if len(periods) < ScoredPeriods || slices.Contains(periods, since) {
		return true
	}
	if since < periods[0] {
		return false
	}
	s.Scores = slices.DeleteFunc(s.Scores, func(x Score) bool { return x.Board == board && x.Since == periods[0] })
	return true
}

// ScoredSince lists when the periods of a board began that are kept, the oldest first.
func (s *State) ScoredSince(board Name) (periods []calendar.Instant) {
	for i := range s.Scores {
		x := &s.Scores[i]
		if n := len(periods); x.Board == board && (n == 0 || periods[n-1] != x.Since) {
			periods = append(periods, x.Since)
		}
	}
	return periods
}

// carryScores adds another member's scores: a sum was reached when the later of its
// two parts was.
func (s *State) carryScores(from []Score) {
	for _, f := range from {
		s.AddScore(f.Board, f.Since, f.Group, f.Value, f.Reached)
	}
}

func (s *Score) append(w *Writer) {
	w.Uint(uint64(s.Board))
	w.Instant(s.Since)
	w.Text(s.Group)
	w.Int(s.Value)
	w.Instant(s.Reached)
}

func readScore(r *Reader) Score {
	return Score{Board: Name(r.Uint()), Since: r.Instant(), Group: r.Text(), Value: r.Int(), Reached: r.Instant()}
}
