package app

import (
	"context"
	"errors"
	"strconv"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/leaderboard"
	"premia/internal/core/text"
	"premia/internal/journal"
	"premia/internal/store"
)

// The problems of leaderboards.
const (
	CodeUnknownLeaderboard = "unknown_leaderboard"
	CodeUnknownPeriod      = "unknown_period"
)

// The consents by which members choose how others see them on leaderboards: their
// nickname if they agree to that, their place without a name if they said nothing, and
// nothing of them if they withdrew the second.
const (
	ConsentName  = "leaderboard_name"
	ConsentPlace = "leaderboard_place"
)

// Nickname is the field of the profile that has what others may call a member.
const Nickname = "nickname"

// LeaderboardPeriod is a leaderboard of the program in force in one of its periods.
type LeaderboardPeriod struct {
	Board       *leaderboard.Board
	Since, Ends calendar.Instant
	// FixedAt is when the ranking is fixed; Fixed tells that it was.
	FixedAt calendar.Instant
	Fixed   bool
	// Groups have the groups with somebody in them; one with an empty name where all
	// members are ranked together.
	Groups []store.GroupSize
}

// RankedMember is a row of a ranking as others may see it.
type RankedMember struct {
	Place int64
	Value int64
	// Name is the member's nickname; empty for those who did not agree to show it.
	Name string
	// Asked tells that it is the member who asks.
	Asked bool
}

// Leaderboards gives the leaderboards of the program in force now, in their present
// periods; the program comes with them and is nil before there is one.
func (a *App) Leaderboards(ctx context.Context) ([]LeaderboardPeriod, *engine.Program, error) {
	p := a.program()
	if p == nil {
		return nil, nil, nil
	}
	var out []LeaderboardPeriod
	for _, b := range leaderboard.Boards(p) {
		since, ends, ok := b.Last(a.Journal.Now())
		if !ok {
			continue // it has not begun
		}
		x, err := a.periodOf(ctx, b, since, ends)
		if err != nil {
			return nil, nil, err
		}
		out = append(out, x)
	}
	return out, p, nil
}

func (a *App) periodOf(ctx context.Context, b *leaderboard.Board, since, ends calendar.Instant) (x LeaderboardPeriod, err error) {
	x = LeaderboardPeriod{Board: b, Since: since, Ends: ends, FixedAt: b.Fixed(ends)}
	if x.Groups, err = a.Store.Groups(ctx, b.Counts, since); err != nil {
		return x, err
	}
	endings, err := a.Store.Endings(ctx)
	for _, e := range endings {
		x.Fixed = x.Fixed || (e.Board == b.Counts && e.Since == since)
	}
	return x, err
}

// Leaderboard gives a leaderboard in the period of a day, such as 2026-05-01, or now
// where none is said, and the first places of a group. A ranking that is fixed is shown
// as it was then. Members are shown as they chose; whoever wants to be left out leaves
// the places of the others as they are.
func (a *App) Leaderboard(ctx context.Context, id, day, group string) (*LeaderboardPeriod, []RankedMember, *engine.Program, error) {
	p := a.program()
	var b *leaderboard.Board
	if p != nil {
		b = leaderboard.ByID(p, id)
	}
	if b == nil {
		return nil, nil, nil, problem(CodeUnknownLeaderboard, "", text.Say("there is no leaderboard {ID}", strconv.Quote(id)), "Leaderboard", text.Quoted(id))
	}
	since, ends, ok := b.Last(a.Journal.Now())
	if day != "" {
		since, ends, ok = b.Called(day)
	}
	if !ok {
		return nil, nil, nil, problem(CodeUnknownPeriod, "period", "the leaderboard is not held then; write a day of the period, such as 2026-05-01", "Period", text.Quoted(day))
	}
	if group == "" && b.Grouped() {
		return nil, nil, nil, problem(event.CodeMissing, "group", "the leaderboard has a ranking for each group; say which", "Name", "group")
	}
	x, err := a.periodOf(ctx, b, since, ends)
	if err != nil {
		return nil, nil, nil, err
	}
	places, err := a.firstPlaces(ctx, &x, group)
	if err != nil {
		return nil, nil, nil, err
	}
	rows, err := a.shown(ctx, places, 0)
	return &x, rows, p, err
}

// firstPlaces gives the places of a group that the list shows.
func (a *App) firstPlaces(ctx context.Context, x *LeaderboardPeriod, group string) (out []store.Place, err error) {
	if !x.Fixed {
		scores, err := a.Store.Ranking(ctx, x.Board.Counts, x.Since, group, 0, x.Board.Top)
		return placesFrom(scores, 1), err
	}
	all, err := a.Store.Places(ctx, x.Board.Counts, x.Since)
	for i := range all {
		if all[i].Group == group && all[i].Place <= x.Board.Top {
			out = append(out, all[i])
		}
	}
	return out, err
}

func placesFrom(scores []store.Score, first int64) (out []store.Place) {
	for i := range scores {
		out = append(out, store.Place{Score: scores[i], Place: first + int64(i)})
	}
	return out
}

// shown gives places as others may see them, and as the one who asks does.
func (a *App) shown(ctx context.Context, places []store.Place, asks ledger.MemberID) ([]RankedMember, error) {
	out := []RankedMember{}
	for i := range places {
		p := &places[i]
		name, hidden, err := a.shownAs(ctx, p.Member)
		if err != nil {
			return nil, err
		}
		asked := p.Member == asks
		if !hidden || asked {
			out = append(out, RankedMember{Place: p.Place, Value: p.Value, Name: name, Asked: asked})
		}
	}
	return out, nil
}

// shownAs gives the name by which others may see a member, and whether they see nothing
// of them at all.
func (a *App) shownAs(ctx context.Context, id ledger.MemberID) (name string, hidden bool, err error) {
	state, id, err := a.Journal.StateOf(ctx, id)
	if errors.Is(err, journal.ErrUnknownMember) || errors.Is(err, journal.ErrMergeInProgress) {
		return "", false, nil
	}
	if err != nil {
		return "", false, err
	}
	if chosen, _ := state.Fact(ConsentPrefix + ConsentPlace); chosen == "no" {
		return "", true, nil
	}
	if chosen, _ := state.Fact(ConsentPrefix + ConsentName); chosen != "yes" {
		return "", false, nil
	}
	values, err := a.Store.PersonalOf(ctx, id)
	for i := range values {
		if v := &values[i]; v.Kind == store.Profile && v.Name == Nickname {
			name = v.Value
		}
	}
	return name, false, err
}

// Standing is a member's place in a ranking that is not fixed yet.
type Standing struct {
	LeaderboardPeriod
	Group string
	Place int64
	// Of is how many members the ranking has.
	Of         int64
	Value      int64
	Neighbours []RankedMember
}

// Words says the standing in a sentence for the member.
func (s *Standing) Words(p *engine.Program) text.Message {
	return text.New("leaderboard.standing", "Title", s.Board.Title, "Group", s.Group, "Place", s.Place, "Count", s.Of, "Amount", s.Board.By.Amount(p, s.Value))
}

// Standings gives a member's places on the leaderboards of the program in force, in all
// periods whose rankings are not fixed yet, with so many neighbours on each side.
func (a *App) Standings(ctx context.Context, ref string, around int64) ([]Standing, *engine.Program, ledger.MemberID, error) {
	state, id, err := a.stateNow(ctx, ref)
	if err != nil {
		return nil, nil, 0, err
	}
	p := a.program()
	if p == nil {
		return nil, nil, id, nil
	}
	out, err := a.standingsOf(ctx, p, state, id, around)
	return out, p, id, err
}

func (a *App) standingsOf(ctx context.Context, p *engine.Program, state *ledger.State, id ledger.MemberID, around int64) ([]Standing, error) {
	var out []Standing
	now := a.Journal.Now()
	for _, b := range leaderboard.Boards(p) {
		for i := range state.Scores {
			x := store.Score{Member: id, Score: state.Scores[i]}
			since, ends, ok := b.Period(x.Since)
			if x.Board != b.Counts || x.Value == 0 || !ok || since != x.Since || now >= b.Fixed(ends) {
				continue
			}
			s, err := a.standingOf(ctx, b, &x, ends, around)
			if err != nil {
				return nil, err
			}
			out = append(out, s)
		}
	}
	return out, nil
}

func (a *App) standingOf(ctx context.Context, b *leaderboard.Board, x *store.Score, ends calendar.Instant, around int64) (s Standing, err error) {
	s = Standing{Group: x.Group, Value: x.Value}
	s.LeaderboardPeriod = LeaderboardPeriod{Board: b, Since: x.Since, Ends: ends, FixedAt: b.Fixed(ends)}
	ahead, all, err := a.Store.Ahead(ctx, x)
	s.Place, s.Of = ahead+1, all
	if err != nil || around == 0 {
		return s, err
	}
	from := max(ahead-around, 0)
	scores, err := a.Store.Ranking(ctx, b.Counts, x.Since, x.Group, from, ahead-from+around+1)
	if err != nil {
		return s, err
	}
	s.Neighbours, err = a.shown(ctx, placesFrom(scores, from+1), x.Member)
	return s, err
}
