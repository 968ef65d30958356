package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/contest"
	"premia/internal/core/text"
	"premia/internal/journal"
	"premia/internal/store"
)

// DrawContest draws a contest, once, and passes on prizes that were not claimed in time:
// whoever comes later, or goes on after a crash, comes to the same, and each winner is
// told by one event. The problem is CodeTooEarly before the moment of the draw.
func (a *App) DrawContest(ctx context.Context, id string) (*contest.Published, error) {
	if err := a.Journal.KeepUp(ctx); err != nil {
		return nil, err
	}
	c, err := a.contest(id)
	if err != nil {
		return nil, err
	}
	if a.Journal.Now() < c.DrawAt {
		at := c.DrawAt.In(time.UTC).Format(time.RFC3339)
		return nil, problem(CodeTooEarly, "", text.Say("the contest is drawn at {At}, and not before", at), "Contest", text.Quoted(id), "At", text.Moment(c.DrawAt.In(time.UTC)))
	}
	p, _, err := a.draw(ctx, c)
	return p, err
}

// draw goes through the tickets in the order that is drawn, as far as there are prizes,
// and tells each what it won. next is when it is to be done again because a prize is not
// claimed; calendar.Never if that can't be.
func (a *App) draw(ctx context.Context, c *contest.Contested) (p *contest.Published, next calendar.Instant, err error) {
	next = calendar.Never
	if p, err = a.published(ctx, c); err != nil {
		return p, next, err
	}
	if p.State == contest.Finished {
		p, err = a.keepDrawn(ctx, p)
		return p, next, err
	}
	tickets, holders, err := a.entriesOf(ctx, c)
	if err != nil {
		return nil, next, err
	}
	progress := contest.NewProgress(c.Prizes)
	var winners []contest.Winner
	for place, ticket := range contest.Order(a.Journal.Keys().ContestSeed(c.ID), c.ID, tickets) {
		told, err := a.drawTicket(ctx, c, place, ticket, holders[ticket], progress)
		if err != nil {
			return nil, next, fmt.Errorf("draw the contest %s: %w", c.ID, err)
		}
		if told == nil {
			break
		}
		if told.state == contest.Waits {
			next = min(next, told.until)
		}
		winners = append(winners, winner(a.Journal.Keys(), c, place, told))
		if err := progress.Record(&winners[place]); err != nil {
			return nil, next, err
		}
	}
	p = announce(a.Journal.Keys(), c)
	reveal(a.Journal.Keys(), p, tickets, winners, progress)
	if p.State == contest.Finished {
		p, err = a.keepDrawn(ctx, p)
	}
	return p, next, err
}

// keepDrawn keeps a contest in which nothing changes any more, once.
func (a *App) keepDrawn(ctx context.Context, p *contest.Published) (*contest.Published, error) {
	src, err := json.Marshal(p)
	if err != nil {
		return nil, err
	}
	kept, err := a.Store.SetSettingIfAbsent(ctx, journal.ContestDrawn+p.Contest, src, a.audited(ctx, "contest.finished", p.Contest))
	if err != nil {
		return nil, err
	}
	p = &contest.Published{}
	return p, json.Unmarshal(kept, p)
}

// drawTicket gives what the holder of a ticket was told, or tells them; nil if there is no
// prize for the ticket. A prize whose time to be claimed is over is ended first.
func (a *App) drawTicket(ctx context.Context, c *contest.Contested, place int, ticket string, holder ledger.MemberID, progress *contest.Progress) (*ticketTold, error) {
	told := a.contests.told(c.ID, ticket)
	if told == nil {
		prize, open := progress.Next()
		if !open {
			return nil, nil
		}
		var err error
		if told, err = a.tell(ctx, place, contest.Won{Contest: c.ID, Prize: prize, Ticket: ticket}, holder); err != nil {
			return nil, err
		}
	}
	if told.state != contest.Waits || a.Journal.Now() < told.until {
		return told, nil
	}
	return told, a.lapse(ctx, c, place, told)
}

// tell tells the holder of a ticket what it won. The event has an id of its own, so that
// it is decided once; where another server told another prize of those that were not
// claimed, that counts.
func (a *App) tell(ctx context.Context, place int, won contest.Won, to ledger.MemberID) (*ticketTold, error) {
	e := &event.Event{ID: a.Journal.Keys().ContestEvent(won.Contest, place), Type: event.ContestPrize, Carried: won.Append()}
	answer, err := a.append(ctx, journal.Request{Event: e, Member: to})
	if errors.Is(err, journal.ErrIDReused) {
		if err := a.contests.read(ctx, a); err != nil {
			return nil, err
		}
		if told := a.contests.told(won.Contest, won.Ticket); told != nil {
			return told, nil
		}
	}
	if err != nil {
		return nil, fmt.Errorf("tell the winner of the ticket %s: %w", won.Ticket, err)
	}
	told, _, err := toldBy(answer.Event, answer.Member, answer.Decision)
	if err != nil || !answer.Repeated || told.state != contest.Waits {
		return told, err
	}
	if err := a.contests.read(ctx, a); err != nil {
		return nil, err
	}
	return a.contests.told(won.Contest, won.Ticket), nil
}

// lapse ends a prize that waits, unless it was claimed before.
func (a *App) lapse(ctx context.Context, c *contest.Contested, place int, told *ticketTold) error {
	won := contest.Won{Contest: c.ID, Prize: told.prize, Ticket: told.ticket}
	e := &event.Event{ID: a.Journal.Keys().ContestLapse(c.ID, place), Type: event.ContestLapse, Carried: won.Append()}
	answer, err := a.append(ctx, journal.Request{Event: e, Member: told.member})
	if err != nil {
		return fmt.Errorf("end the claim of the ticket %s: %w", told.ticket, err)
	}
	if told.state = contest.Has; answer.Decision.Outcome == engine.Applied {
		told.state = contest.Over
	}
	return nil
}

// ticketOf is who holds an entry, by the event that gave it.
type ticketOf struct {
	member  ledger.MemberID
	entries int64
	back    int64
}

// entriesOf gives the tickets among which is drawn, ascending, which are fixed by the
// first who asks, and who holds each.
func (a *App) entriesOf(ctx context.Context, c *contest.Contested) ([]string, map[string]ledger.MemberID, error) {
	// What is being decided with a moment before the draw holds its shard until it is
	// written: whoever has had all locks since sees all of it.
	if err := a.Store.Batch(ctx, a.Store.Shards(), func(*store.Batch) error { return nil }); err != nil {
		return nil, nil, err
	}
	byEvent := map[string]*ticketOf{}
	for _, shard := range a.Store.Shards() {
		if err := a.entriesIn(ctx, c, shard, byEvent); err != nil {
			return nil, nil, err
		}
	}
	tickets, holders := ticketsOf(a.Journal.Keys(), c, byEvent)
	src, err := json.Marshal(tickets)
	if err != nil {
		return nil, nil, err
	}
	kept, err := a.Store.SetSettingIfAbsent(ctx, journal.ContestEntries+c.ID, src, a.audited(ctx, "contest.drawn", c.ID, "tickets", int64(len(tickets))))
	if err != nil {
		return nil, nil, err
	}
	var fixed []string
	return fixed, holders, json.Unmarshal(kept, &fixed)
}

// ticketsOf gives the tickets of all events, ascending, and who holds each, also those
// that went back.
func ticketsOf(keys journal.Keys, c *contest.Contested, byEvent map[string]*ticketOf) ([]string, map[string]ledger.MemberID) {
	tickets, holders := []string{}, map[string]ledger.MemberID{}
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
	return tickets, holders
}

// entriesPage is how many entries of the journal are read at a time.
const entriesPage = 1000

// entriesIn adds the entries that a shard's journal has from before the draw.
func (a *App) entriesIn(ctx context.Context, c *contest.Contested, shard store.Shard, byEvent map[string]*ticketOf) error {
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
// taken off only where that was before the draw.
func addEntries(c *contest.Contested, entry *store.Entry, s *engine.Step, byEvent map[string]*ticketOf) {
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

// Draws draws contests when their moment has come, and passes on what is not claimed.
type Draws struct {
	stop    context.CancelFunc
	running sync.WaitGroup
	// again is when a contest is to be looked at again.
	again map[string]calendar.Instant
}

// StartDraws looks every so often whether a contest is to be drawn; Stop ends it. Several
// servers may do so at once.
func (a *App) StartDraws(ctx context.Context, every time.Duration) *Draws {
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	d := &Draws{stop: stop}
	d.running.Go(func() { d.run(ctx, a, every) })
	return d
}

// Stop ends it after the winner at hand.
func (d *Draws) Stop() {
	d.stop()
	d.running.Wait()
}

func (d *Draws) run(ctx context.Context, a *App, every time.Duration) {
	for {
		if _, err := d.DrawDue(ctx, a); err != nil && ctx.Err() == nil {
			a.Log.Warn("a contest can't be drawn", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(every):
		}
	}
}

// DrawDue draws the contests whose moment has come, and passes on the prizes that were
// not claimed in time, and answers for how many contests it did. One that fails holds up
// no other.
func (d *Draws) DrawDue(ctx context.Context, a *App) (drawn int, err error) {
	if d.again == nil {
		d.again = map[string]calendar.Instant{}
	}
	if err := a.Journal.KeepUp(ctx); err != nil {
		return 0, err
	}
	for _, c := range a.announced() {
		if now := a.Journal.Now(); now < c.DrawAt || now < d.again[c.ID] {
			continue
		}
		_, next, failure := a.draw(ctx, &c)
		if failure != nil {
			err = errors.Join(err, failure)
			continue
		}
		d.again[c.ID] = next
		drawn++
	}
	return drawn, err
}
