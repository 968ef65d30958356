package app

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/contest"
	"premia/internal/core/text"
	"premia/internal/journal"
	"premia/internal/store"
)

// The problems of contests.
const (
	CodeUnknownContest = "unknown_contest"
	CodeTooEarly       = "contest_not_over"
)

// The settings that keep contests: the entries among which is drawn, and what was drawn.
// Both are written once and never change.
const (
	entriesSetting = "contest-entries."
	drawnSetting   = "contest-drawn."
)

// Contests lists the contests of all versions of the program, each as its newest version
// has it and as far as it is public.
func (a *App) Contests(ctx context.Context) ([]contest.Published, error) {
	var out []contest.Published
	for _, c := range a.contests() {
		p, err := a.published(ctx, &c)
		if err != nil {
			return nil, err
		}
		out = append(out, *p)
	}
	return out, nil
}

// contests are those of all versions, by id, the newest version's first.
func (a *App) contests() []contest.Announced {
	lives := a.Journal.Rules().Timeline.All()
	var out []contest.Announced
	for i := len(lives) - 1; i >= 0; i-- {
		for _, c := range contest.All(lives[i].Program) {
			if !slices.ContainsFunc(out, func(o contest.Announced) bool { return o.ID == c.ID }) {
				out = append(out, c)
			}
		}
	}
	return out
}

func (a *App) contest(id string) (*contest.Announced, error) {
	for _, c := range a.contests() {
		if c.ID == id {
			return &c, nil
		}
	}
	return nil, problem(CodeUnknownContest, "", fmt.Sprintf("there is no contest %q", id), "Contest", text.Quoted(id))
}

// Contest gives a contest as far as it is public.
func (a *App) Contest(ctx context.Context, id string) (*contest.Published, error) {
	c, err := a.contest(id)
	if err != nil {
		return nil, err
	}
	return a.published(ctx, c)
}

func (a *App) published(ctx context.Context, c *contest.Announced) (*contest.Published, error) {
	p := &contest.Published{}
	kept, err := a.Store.Setting(ctx, drawnSetting+c.ID)
	if err == nil {
		return p, json.Unmarshal(kept, p)
	}
	if !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	*p = contest.Published{
		Contest: c.ID, Algorithm: contest.Algorithm, Commitment: contest.Commitment(a.Journal.Keys().ContestSeed(c.ID)),
		DrawAt: c.DrawAt.In(time.UTC).Format(time.RFC3339), Prizes: c.Prizes,
	}
	return p, nil
}

// DrawContest draws a contest, once: whoever comes later, or goes on after a crash, comes
// to the same, and each winner is told by one event. The problem is CodeTooEarly before
// the moment of the draw.
func (a *App) DrawContest(ctx context.Context, id string) (*contest.Published, error) {
	c, err := a.contest(id)
	if err != nil {
		return nil, err
	}
	p, err := a.published(ctx, c)
	if err != nil || p.Drawn {
		return p, err
	}
	if a.Journal.Now() < c.DrawAt {
		return nil, problem(CodeTooEarly, "", "the contest is drawn at "+p.DrawAt+", and not before", "Contest", text.Quoted(id), "At", text.Moment(c.DrawAt.In(time.UTC)))
	}
	tickets, holders, err := a.entriesOf(ctx, c)
	if err != nil {
		return nil, err
	}
	seed := a.Journal.Keys().ContestSeed(c.ID)
	p.Drawn, p.Seed, p.Tickets = true, hex.EncodeToString(seed), tickets
	if p.Winners, err = a.tellWinners(ctx, c, contest.Order(seed, c.ID, tickets), holders); err != nil {
		return nil, err
	}
	src, err := json.Marshal(p)
	if err != nil {
		return nil, err
	}
	kept, err := a.Store.SetSettingIfAbsent(ctx, drawnSetting+c.ID, src)
	if err != nil {
		return nil, err
	}
	return p, json.Unmarshal(kept, p)
}

// ticketOf is who holds an entry, by the event that gave it.
type ticketOf struct {
	member  ledger.MemberID
	entries int64
	back    int64
}

// entriesOf gives the tickets among which is drawn, ascending, which are fixed by the
// first who asks, and who holds each.
func (a *App) entriesOf(ctx context.Context, c *contest.Announced) ([]string, map[string]ledger.MemberID, error) {
	byEvent := map[string]*ticketOf{}
	for _, shard := range a.Store.Shards() {
		if err := a.entriesIn(ctx, c, shard, byEvent); err != nil {
			return nil, nil, err
		}
	}
	keys, holders := a.Journal.Keys(), map[string]ledger.MemberID{}
	tickets := []string{}
	for id, of := range byEvent {
		for n := range of.entries {
			ticket := keys.Ticket(c.ID, id, n)
			holders[ticket] = of.member
			if n < of.entries-of.back {
				tickets = append(tickets, ticket)
			}
		}
	}
	slices.Sort(tickets)
	src, err := json.Marshal(tickets)
	if err != nil {
		return nil, nil, err
	}
	kept, err := a.Store.SetSettingIfAbsent(ctx, entriesSetting+c.ID, src)
	if err != nil {
		return nil, nil, err
	}
	var fixed []string
	if err := json.Unmarshal(kept, &fixed); err != nil {
		return nil, nil, err
	}
	return fixed, holders, nil
}

// entriesPage is how many entries of the journal are read at a time.
const entriesPage = 1000

// entriesIn adds the entries that a shard's journal has from before the draw.
func (a *App) entriesIn(ctx context.Context, c *contest.Announced, shard store.Shard, byEvent map[string]*ticketOf) error {
	var d engine.Decision
	for after := int64(0); ; {
		page, err := a.Store.Scan(ctx, shard, after, entriesPage, journal.MaskEntries)
		if err != nil || len(page) == 0 {
			return err
		}
		for i := range page {
			after = page[i].Seq
			if err := engine.DecodeDecision(page[i].Decision, &d); err != nil {
				return fmt.Errorf("entry %d of shard %d: %w", page[i].Seq, shard, err)
			}
			for j := range d.Steps {
				addEntries(c, &page[i], &d.Steps[j], byEvent)
			}
		}
	}
}

// addEntries adds what a step says of the contest's entries. Those that came back are
// taken off only where that was before the draw; an entry's holder is known for ever.
func addEntries(c *contest.Announced, entry *store.Entry, s *engine.Step, byEvent map[string]*ticketOf) {
	if s.Rule != c.Rule || (s.Result != engine.Entered && s.Result != engine.EntriesBack) || entry.Recorded >= c.DrawAt {
		return
	}
	of := byEvent[s.Read]
	if of == nil {
		of = &ticketOf{}
		byEvent[s.Read] = of
	}
	if s.Result == engine.Entered {
		of.member, of.entries = entry.Member, s.Base
		return
	}
	of.back += s.Base
}

// tellWinners lets an event follow for each winner, in the order that was drawn. One who
// can't take the prize gives way to the next.
func (a *App) tellWinners(ctx context.Context, c *contest.Announced, order []string, holders map[string]ledger.MemberID) (winners []contest.Winner, err error) {
	for place := 0; place < len(order) && len(winners) < len(c.Prizes); place++ {
		won := contest.Won{Contest: c.ID, Prize: c.Prizes[len(winners)], Ticket: order[place]}
		takes, err := a.tellWinner(ctx, place, won, holders[won.Ticket])
		if err != nil {
			return nil, err
		}
		if takes {
			winners = append(winners, contest.Winner{Place: place, Ticket: won.Ticket, Prize: won.Prize})
		}
	}
	return winners, nil
}

// tellWinner tells one member, and whether they took the prize. The event has an id of
// its own, so that it is decided once.
func (a *App) tellWinner(ctx context.Context, place int, won contest.Won, to ledger.MemberID) (takes bool, err error) {
	e := &event.Event{ID: a.Journal.Keys().ContestEvent(won.Contest, place), Type: event.ContestPrize, Carried: won.Append()}
	answer, err := a.append(ctx, journal.Request{Event: e, Member: to})
	switch {
	case err == nil:
		return answer.Decision.Outcome == engine.Applied, nil
	case errors.Is(err, journal.ErrMemberErased):
		return a.tookBefore(ctx, e.ID)
	}
	return false, fmt.Errorf("tell the winner of the ticket %s: %w", won.Ticket, err)
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
