package app

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"strings"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/journal"
	"premia/internal/store"
)

// replica is a member as the journal alone makes it.
type replica struct {
	last int64
	// state is the encoded state after the entries so far; it means nothing with
	// derivedOnly, which says that a decision of an earlier revision could not be
	// made again, so that only balances are known.
	state       []byte
	derivedOnly bool
	seen        bool
	sums        []walletSum
	digests     []keptDigest
	// merges are the ids of the events by which the member was merged.
	merges []string
	// scores are what counts on leaderboards, by the member's row.
	scores []ledger.Score
}

// walletSum is a wallet's balance as the postings alone make it.
type walletSum struct {
	wallet ledger.Name
	ledger.Balance
}

// replayer makes decisions again.
type replayer struct {
	rules    *journal.Rules
	lives    []engine.Live
	timeline *engine.Timeline
	version  uint32 // the newest version entered in the shard
	decider  engine.Decider
	state    ledger.State
	decision engine.Decision
	bytes    []byte
}

// publish lets a version count from here on.
func (r *replayer) publish(p *engine.Program, from calendar.Instant) {
	r.lives = append(r.lives, engine.Live{From: from, Program: p})
	r.timeline = engine.NewTimeline(r.lives...)
	r.version = p.Version
}

// again makes a decision again on the replayer's state.
func (r *replayer) again(e *event.Event, in engine.Inputs) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the engine failed: %v", p)
		}
	}()
	r.decider.Decide(r.timeline, &r.state, e, in, &r.decision)
	return nil
}

var timePassed = &event.Event{Type: event.Settle}

// decide makes the entry's decision again, or follows its postings.
func (c *shardCheck) decide(ctx context.Context, entry *store.Entry, e *event.Event, d *engine.Decision, claims map[store.Key]claimed) error {
	if e != nil && e.Type == event.Publish {
		return c.published(entry, e, d)
	}
	if c.replay.timeline == nil {
		return c.differ(entry.Seq, entry.Member, "program", "one that is entered before the first decision", "none")
	}
	if e == nil {
		e = timePassed
	}
	m := c.members[entry.Member]
	switch {
	case entry.Member == 0:
		c.out.Guests++
		m = &replica{}
	case m == nil:
		m = &replica{}
		c.members[entry.Member] = m
	}
	m.last = entry.Seq
	if err := c.decideAgain(ctx, entry, e, d, m, claims); err != nil {
		return err
	}
	for _, g := range d.Grants {
		c.grants[g.Quota] += g.Amount
	}
	m.keepDigests(entry.Seq, e, d)
	c.followUps(entry, e, d)
	return c.post(entry, d, m)
}

// decideAgain replays the decision if the member's state is known.
func (c *shardCheck) decideAgain(ctx context.Context, entry *store.Entry, e *event.Event, d *engine.Decision, m *replica, claims map[store.Key]claimed) error {
	r := &c.replay
	if m.derivedOnly {
		c.out.Rederived++
		return nil
	}
	r.state = ledger.State{Wallets: r.state.Wallets[:0], Counters: r.state.Counters[:0], Facts: r.state.Facts[:0]}
	if m.state != nil {
		if err := ledger.DecodeState(m.state, &r.state); err != nil {
			return err
		}
	}
	in := engine.Inputs{Clock: d.Clock, Quotas: engine.Stored(d.Grants), Member: entry.Member, Codes: d.Codes, Draw: d.Draw}
	if err := c.compareDraw(entry, e, d); err != nil {
		return err
	}
	if e.Type == event.Claim {
		purchase := claims[c.keys.Claimed(e)]
		in.Claimed, in.ClaimedGuest = purchase.event, purchase.guest
	}
	var unread error
	in.Waiting = d.Waiting()
	if engine.NeedsHistory(e) {
		past := journal.Past{Store: c.store, Keys: c.keys, Scales: c.scales}
		in.History = past.Before(ctx, entry.Member, entry.Seq, &unread)
	}
	failure := r.again(e, in)
	if unread != nil {
		return unread
	}
	if failure == nil {
		r.decision.Revision = d.Revision
		r.bytes = r.decision.Append(r.bytes[:0])
		if bytes.Equal(r.bytes, entry.Decision) {
			m.state = r.state.Append(m.state[:0])
			c.out.Replayed++
			return nil
		}
	}
	if d.Revision == engine.Revision {
		found := describeDecision(d)
		if failure != nil {
			return c.differ(entry.Seq, entry.Member, "decision", "one that can be made again ("+failure.Error()+")", found)
		}
		expected := describeDecision(&r.decision)
		if expected == found {
			expected, found = hex.EncodeToString(r.bytes), hex.EncodeToString(entry.Decision)
		}
		return c.differ(entry.Seq, entry.Member, "decision", expected, found)
	}
	m.state, m.derivedOnly = nil, true
	c.out.Rederived++
	return nil
}

// compareDraw holds what was decided by chance against what the workspace's secret
// gives for the event.
func (c *shardCheck) compareDraw(entry *store.Entry, e *event.Event, d *engine.Decision) error {
	if len(d.Draw) == 0 {
		return nil
	}
	c.out.Draws++
	if want := c.keys.Draw(e.ID); !bytes.Equal(want, d.Draw) {
		return c.differ(entry.Seq, entry.Member, "draw", hex.EncodeToString(want)+", by the workspace's secret", hex.EncodeToString(d.Draw))
	}
	return nil
}

// describeDecision says a decision in a line.
func describeDecision(d *engine.Decision) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s under program %d", d.Outcome, d.Program)
	for i := range d.Postings {
		fmt.Fprintf(&b, "; %s", describePosting(&d.Postings[i]))
	}
	for i := range d.Steps {
		s := &d.Steps[i]
		fmt.Fprintf(&b, "; rule %d %s %d", s.Rule, s.Result, s.Amount)
	}
	for _, g := range d.Grants {
		fmt.Fprintf(&b, "; %d of quota %d", g.Amount, g.Quota.Name)
	}
	for i := range d.FollowUps {
		fmt.Fprintf(&b, "; %s for %s", d.FollowUps[i].Type, d.FollowUps[i].Member)
	}
	return b.String()
}

// published lets the version of an entry count from here on.
func (c *shardCheck) published(entry *store.Entry, e *event.Event, d *engine.Decision) error {
	r := &c.replay
	row, program := c.programs[d.Program], c.rules.Timeline.Version(d.Program)
	switch {
	case row == nil || program == nil:
		return c.differ(entry.Seq, 0, "program", fmt.Sprintf("version %d, which is entered here", d.Program), "none")
	case d.Program != r.version+1:
		return c.differ(entry.Seq, 0, "program", fmt.Sprintf("version %d next", r.version+1), fmt.Sprintf("version %d", d.Program))
	case e.Reference != fmt.Sprint(d.Program):
		return c.differ(entry.Seq, 0, "program", "version "+e.Reference, fmt.Sprintf("version %d", d.Program))
	case row.Published != entry.Recorded:
		return c.differ(entry.Seq, 0, fmt.Sprintf("publishing time of program version %d", d.Program), entry.Recorded.String(), row.Published.String())
	case max(row.LiveFrom, row.Published) != entry.At:
		return c.differ(entry.Seq, 0, fmt.Sprintf("time from which program version %d is live", d.Program), entry.At.String(), row.LiveFrom.String())
	}
	r.publish(program, row.LiveFrom)
	c.out.Replayed++
	return nil
}

// followUps notes the events that left the decision, and that one arrived.
func (c *shardCheck) followUps(entry *store.Entry, e *event.Event, d *engine.Decision) {
	for n := range d.FollowUps {
		f := &d.FollowUps[n]
		c.causes[c.keys.Event(c.keys.FollowUp(journal.Cause(e, entry.Member, d.Clock), n))] = cause{entry.Position, entry.Member, f.Type, f.Carried}
	}
	if between(e.Type) || strings.HasPrefix(e.ID, journal.FollowUpPrefix) {
		c.delivered[c.keys.Event(e.ID)] = arrival{entry.Position, e.Type}
	}
}

// post follows the postings, for balances that owe nothing to the engine.
func (c *shardCheck) post(entry *store.Entry, d *engine.Decision, m *replica) error {
	for i := range d.Postings {
		p := &d.Postings[i]
		if p.Amount <= 0 || p.From == p.To || entry.Member == 0 {
			return c.differ(entry.Seq, entry.Member, fmt.Sprintf("posting %d", i), "a positive amount between two accounts of a member's wallet", describePosting(p))
		}
		sum := m.sum(p.Wallet)
		for _, side := range [...]struct {
			account ledger.Account
			amount  int64
		}{{p.From, -p.Amount}, {p.To, p.Amount}} {
			switch side.account {
			case ledger.Pending:
				sum.Pending += side.amount
			case ledger.Available:
				sum.Available += side.amount
			case ledger.Held:
				sum.Held += side.amount
			case ledger.Debt:
				sum.Debt -= side.amount // a debt is a negative balance of its account
			case ledger.Transit:
				c.transit[p.Wallet] += side.amount
			}
		}
	}
	return nil
}

func (m *replica) sum(wallet ledger.Name) *walletSum {
	for i := range m.sums {
		if m.sums[i].wallet == wallet {
			return &m.sums[i]
		}
	}
	m.sums = append(m.sums, walletSum{wallet: wallet})
	return &m.sums[len(m.sums)-1]
}
