package app

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/contest"
	"premia/internal/journal"
	"premia/internal/store"
)

// contestLog is what the journal says of contests, read as far as it goes and from then
// on each time a little further.
type contestLog struct {
	mu      sync.Mutex
	after   map[store.Shard]int64
	entries map[ledger.Name]int64
	prizes  map[contestTicket]*ticketTold
	// fates are what became of prizes that had to be claimed. Claims of members who
	// were merged may stand in a shard that is read before the prize.
	fates map[contestTicket]string
}

type contestTicket struct{ contest, ticket string }

// ticketTold is what the holder of a ticket was told.
type ticketTold struct {
	ticket, prize, state string
	member               ledger.MemberID
	// event is the id of the event that told it.
	event string
	// until is the first instant at which a prize that waits can't be claimed any more.
	until calendar.Instant
}

// read reads on to the journal's end. Where somebody was told a prize, all shards are read
// once more: what that followed from, such as the end of another's claim, may stand in a
// shard that was read before.
func (l *contestLog) read(ctx context.Context, a *App) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.after == nil {
		l.after = map[store.Shard]int64{}
		l.begin()
	}
	for {
		before := len(l.prizes)
		if err := l.readOn(ctx, a); err != nil || len(l.prizes) == before {
			return err
		}
	}
}

// readOn reads each shard once; the lock is held.
func (l *contestLog) readOn(ctx context.Context, a *App) error {
	rules := a.Journal.Rules()
	for _, shard := range a.Store.Shards() {
		head, err := a.Store.Head(ctx, shard)
		if err != nil {
			return err
		}
		for l.after[shard] < head.Seq {
			page, err := a.Store.Scan(ctx, shard, l.after[shard], entriesPage, journal.MaskEntries)
			if err != nil {
				return err
			}
			for i := range page {
				if err := l.take(rules, &page[i]); err != nil {
					return fmt.Errorf("entry %d of shard %d: %w", page[i].Seq, shard, err)
				}
				l.after[shard] = page[i].Seq
			}
			if len(page) < entriesPage {
				l.after[shard] = max(l.after[shard], head.Seq)
			}
		}
	}
	return nil
}

// begin knows nothing yet.
func (l *contestLog) begin() {
	l.entries = map[ledger.Name]int64{}
	l.prizes, l.fates = map[contestTicket]*ticketTold{}, map[contestTicket]string{}
}

// take adds what an entry says.
func (l *contestLog) take(rules *journal.Rules, entry *store.Entry) error {
	var d engine.Decision
	if err := engine.DecodeDecision(entry.Decision, &d); err != nil {
		return err
	}
	l.steps(rules.Names, &d)
	if len(entry.Event) == 0 {
		return nil
	}
	e, err := event.DecodeStored(entry.Event, rules.Scales())
	if err != nil || e.Type != event.ContestPrize {
		return err
	}
	return l.prize(e, entry.Member, &d)
}

// steps adds what the steps of a decision say.
func (l *contestLog) steps(names *engine.Names, d *engine.Decision) {
	for i := range d.Steps {
		s := &d.Steps[i]
		switch s.Result {
		case engine.Entered:
			l.entries[s.Rule] += s.Base
		case engine.EntriesBack:
			l.entries[s.Rule] -= s.Base
		case engine.WonContest:
			l.fates[ticketOfStep(names, s)] = contest.Has
		case engine.PrizeLapsed:
			l.fates[ticketOfStep(names, s)] = contest.Over
		}
	}
}

func ticketOfStep(names *engine.Names, s *engine.Step) contestTicket {
	id, _ := strings.CutPrefix(names.Name(s.Rule), contest.Kind+".")
	return contestTicket{id, s.Read}
}

// prize adds what the holder of a ticket was told.
func (l *contestLog) prize(e *event.Event, member ledger.MemberID, d *engine.Decision) error {
	told, id, err := toldBy(e, member, d)
	if err == nil {
		l.prizes[contestTicket{id, told.ticket}] = told
	}
	return err
}

// toldBy reads what an event told the holder of a ticket.
func toldBy(e *event.Event, member ledger.MemberID, d *engine.Decision) (*ticketTold, string, error) {
	won, err := contest.OpenWon(e.Carried)
	if err != nil {
		return nil, "", err
	}
	told := &ticketTold{ticket: won.Ticket, prize: won.Prize, state: contest.GaveWay, member: member, event: e.ID}
	if d.Outcome == engine.Applied {
		told.state = contest.Has
	}
	for i := range d.Steps {
		if s := &d.Steps[i]; s.Result == engine.ToClaim {
			told.state, told.until = contest.Waits, calendar.Instant(s.Base)
		}
	}
	return told, won.Contest, nil
}

// told gives what the holder of a ticket was told and what became of that; nil if they
// were told nothing.
func (l *contestLog) told(id, ticket string) *ticketTold {
	l.mu.Lock()
	defer l.mu.Unlock()
	key := contestTicket{id, ticket}
	told := l.prizes[key]
	if told == nil {
		return nil
	}
	now := *told
	if fate := l.fates[key]; fate != "" && now.state == contest.Waits {
		now.state = fate
	}
	return &now
}

// entriesOf gives how many entries of a contest there are.
func (l *contestLog) entriesOf(rule ledger.Name) int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.entries[rule]
}
