package app

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/contest"
	"premia/internal/journal"
	"premia/internal/store"
)

// contestEvidence is what the journal says of contests: who got entries when, and what
// the holders of tickets were told.
type contestEvidence struct {
	contestLog
	given []entriesGiven
	// merged says who answers for members who were merged.
	merged map[ledger.MemberID]ledger.MemberID
}

// entriesGiven is a step that gave entries or took them back.
type entriesGiven struct {
	member   ledger.MemberID
	recorded calendar.Instant
	step     engine.Step
}

func newContestEvidence() *contestEvidence {
	e := &contestEvidence{merged: make(map[ledger.MemberID]ledger.MemberID)}
	e.begin()
	return e
}

// note adds what an entry says.
func (x *contestEvidence) note(rules *journal.Rules, entry *store.Entry, e *event.Event, d *engine.Decision) error {
	if entry.Mask&journal.MaskEntries == 0 {
		return nil
	}
	x.steps(rules.Names, d)
	for i := range d.Steps {
		if s := &d.Steps[i]; s.Result == engine.Entered || s.Result == engine.EntriesBack {
			x.given = append(x.given, entriesGiven{entry.Member, entry.Recorded, *s})
		}
	}
	if e == nil || e.Type != event.ContestPrize {
		return nil
	}
	return x.prize(e, entry.Member, d)
}

// add adds what another shard says.
func (x *contestEvidence) add(o *contestEvidence) {
	x.given = append(x.given, o.given...)
	maps.Copy(x.prizes, o.prizes)
	maps.Copy(x.fates, o.fates)
	maps.Copy(x.merged, o.merged)
}

// tickets gives the tickets of a contest as the journal makes them, and who holds each.
func (x *contestEvidence) tickets(keys journal.Keys, c *contest.Contested) ([]string, map[string]ledger.MemberID) {
	byEvent := map[string]*ticketOf{}
	for i := range x.given {
		g := &x.given[i]
		addEntries(c, &store.Entry{Member: g.member, Recorded: g.recorded}, &g.step, byEvent)
	}
	return ticketsOf(keys, c, byEvent)
}

// answers tells whether a member answers for another one.
func (x *contestEvidence) answers(member, held ledger.MemberID) bool {
	for range len(x.merged) + 1 {
		if held == member {
			return true
		}
		held = x.merged[held]
	}
	return false
}

// compareContests compares what is kept of contests with the journal: the tickets among
// which was drawn are those that the decisions before the draw gave, the winners are the
// holders of the tickets that the committed seed draws, each told once, and what was
// published is what they were told and what became of it.
func (v *verifier) compareContests(ctx context.Context, snap *store.Snapshot) error {
	settings, err := snap.Settings(ctx)
	if err != nil {
		return err
	}
	compared := map[string]int{}
	for _, key := range slices.Sorted(maps.Keys(settings)) {
		id, drawn := strings.CutPrefix(key, journal.ContestDrawn)
		if drawn && settings[journal.ContestEntries+id] == nil {
			return everywhere("tickets of the contest "+id, "some that are kept, since it was drawn", "none")
		}
		if id, kept := strings.CutPrefix(key, journal.ContestEntries); kept {
			won, err := v.compareContest(id, settings[key], settings[journal.ContestDrawn+id])
			if err != nil {
				return err
			}
			compared[id] = won
		}
	}
	v.out.Contests = int64(len(compared))
	return v.comparePrizes(compared)
}

// comparePrizes finds prizes that nobody drew.
func (v *verifier) comparePrizes(won map[string]int) error {
	told := map[string]int{}
	for key := range v.contests.prizes {
		told[key.contest]++
	}
	for _, id := range slices.Sorted(maps.Keys(told)) {
		drawn, kept := won[id]
		switch {
		case !kept:
			return everywhere("tickets of the contest "+id, fmt.Sprintf("some that are kept, since %d were told what they won", told[id]), "none")
		case told[id] != drawn:
			return everywhere("winners of the contest "+id, fmt.Sprintf("%d, by the order that was drawn", drawn), told[id])
		}
	}
	return nil
}

// compareContest compares one contest, and answers how many tickets had a prize.
func (v *verifier) compareContest(id string, entries, drawn []byte) (int, error) {
	what := "the contest " + id
	var kept []string
	if err := json.Unmarshal(entries, &kept); err != nil {
		return 0, everywhere("tickets of "+what, "a list that can be read", err)
	}
	var published *contest.Published
	if drawn != nil {
		if err := json.Unmarshal(drawn, &published); err != nil || published == nil {
			return 0, everywhere("what is published of "+what, "a draw that can be read", err)
		}
	}
	c := v.contested(id, published)
	if c == nil {
		return 0, everywhere("what is published of "+what, "its draw and its prizes as a version of the program has them", "others")
	}
	tickets, holders := v.contests.tickets(v.keys, c)
	if !slices.Equal(tickets, kept) {
		return 0, everywhere("tickets of "+what, describeTickets(tickets, kept), describeTickets(kept, tickets))
	}
	now, err := asTold(v.keys, c, kept, func(ticket string) *ticketTold { return v.contests.told(id, ticket) })
	if err != nil {
		return 0, everywhere("winners of "+what, "the prizes in their order", err)
	}
	if published != nil && !reflect.DeepEqual(now, published) {
		return 0, everywhere("what is published of "+what, describePublished(now, published), describePublished(published, now))
	}
	return v.compareWinners(c, kept, holders)
}

// contested gives the contest as it was drawn: as published, or by the newest version
// that has it, since nothing of it changes while it is drawn. nil if there is none.
func (v *verifier) contested(id string, p *contest.Published) *contest.Contested {
	for _, live := range slices.Backward(v.rules.Timeline.All()) {
		for _, c := range contest.All(live.Program) {
			if c.ID != id {
				continue
			}
			if p == nil || (c.DrawAt.In(time.UTC).Format(time.RFC3339) == p.DrawAt && slices.Equal(c.Prizes, p.Prizes) && c.OneEach == p.OneEach) {
				return &c
			}
		}
	}
	return nil
}

// compareWinners checks that each ticket's holder was told, by the event of its place.
func (v *verifier) compareWinners(c *contest.Contested, tickets []string, holders map[string]ledger.MemberID) (won int, err error) {
	for place, ticket := range contest.Order(v.keys.ContestSeed(c.ID), c.ID, tickets) {
		told := v.contests.told(c.ID, ticket)
		if told == nil {
			break
		}
		what := fmt.Sprintf("winner in place %d of the contest %s", place, c.ID)
		if !v.contests.answers(told.member, holders[ticket]) {
			return won, everywhere(what, "the holder of the ticket "+ticket+", "+describeMember(holders[ticket]), describeMember(told.member))
		}
		if id := v.keys.ContestEvent(c.ID, place); told.event != id {
			return won, everywhere(what, "the event "+id, told.event)
		}
		won++
	}
	return won, nil
}

// describeTickets says how many tickets there are, and the first one that others lack.
func describeTickets(own, others []string) string {
	said := fmt.Sprintf("%d tickets", len(own))
	for _, ticket := range own {
		if !slices.Contains(others, ticket) {
			return said + ", among them " + ticket
		}
	}
	return said
}

// describePublished says the first thing in which a published draw is not another.
func describePublished(p, other *contest.Published) string {
	for i := range p.Winners {
		if i >= len(other.Winners) || p.Winners[i] != other.Winners[i] {
			return fmt.Sprintf("%+v", p.Winners[i])
		}
	}
	switch {
	case !slices.Equal(p.Tickets, other.Tickets):
		return describeTickets(p.Tickets, other.Tickets)
	case p.Seed != other.Seed || p.Commitment != other.Commitment:
		return "the seed " + p.Seed + " with the digest " + p.Commitment
	}
	return fmt.Sprintf("%s, %d entries and %d winners, by %s", p.State, p.Entries, len(p.Winners), p.Algorithm)
}
