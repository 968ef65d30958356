package program

import (
	"slices"

	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/mechanic/contest"
	"premia/internal/core/text"
)

// Contesting is what happens in a step with contests.
type Contesting struct {
	Wins  *Wins  `doc:"wins" help:"the draw tells the member that a ticket of theirs has won: {contest: summer, prize: voyage}"`
	Claim string `doc:"claim" max_len:"60" help:"the member claims what their tickets have won in the contest with this id: summer"`
}

// Wins is a prize that is drawn for a ticket of the member's.
type Wins struct {
	Contest string `doc:"contest,required" max_len:"60" help:"the contest's id"`
	Prize   string `doc:"prize,required" max_len:"60" help:"the prize's id"`
}

// contests tells whether the step is about a contest.
func (s *Step) contests() bool { return s.Wins != nil || s.Claim != "" }

// contests makes the event of a step about contests, says where it stands, and counts how
// many the step has.
func (k *stepChecker) contests(e *event.Event) (path string, said int) {
	s := k.step
	if s.Wins != nil {
		said++
		path = k.path + ".wins"
		k.wins(path, s.Wins)
		// The ticket's number follows from the workspace's secret; here the step names it.
		won := contest.Won{Contest: s.Wins.Contest, Prize: s.Wins.Prize, Ticket: k.path}
		e.Type, e.ID, e.Carried = event.ContestPrize, k.path, won.Append()
	}
	if s.Claim != "" {
		said++
		path = k.path + ".claim"
		e.Type, e.ID, e.Contest = event.ContestClaim, k.path, s.Claim
		if x := s.Expect; x == nil || x.Outcome != engine.NoSuchContest.String() {
			k.contest(path, s.Claim)
		}
	}
	return path, said
}

// wins checks that the contest has the prize, and that it can have been drawn.
func (k *stepChecker) wins(path string, w *Wins) {
	c := k.contest(path+".contest", w.Contest)
	switch {
	case c == nil:
	case !slices.Contains(c.Prizes, w.Prize):
		k.unknown(path+".prize", "unknown_prize", text.Say("the contest {Contest} has no prize {Prize}", w.Contest, quoted(w.Prize)), w.Prize, slices.Compact(slices.Clone(c.Prizes)))
	case k.step.At.In(k.Program.Zone).UnixMicro() < int64(c.DrawAt):
		k.Problem(k.path+".at", document.CodeOutOfRange, text.Say("the contest {Contest} is not drawn yet", w.Contest), "write a time after its draw")
	}
}

// contest finds a contest, and reports one that the program does not have.
func (k *stepChecker) contest(path, id string) *contest.Contested {
	var ids []string
	for _, c := range contest.All(k.Program) {
		if c.ID == id {
			return &c
		}
		ids = append(ids, c.ID)
	}
	k.unknown(path, "unknown_contest", text.Say("there is no contest {ID}", quoted(id)), id, ids)
	return nil
}
