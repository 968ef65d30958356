package app

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"strings"

	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/journal"
	"premia/internal/store"
)

// shardCheck verifies one shard from its first entry to its last.
type shardCheck struct {
	*verifier
	snap  *store.Snapshot
	shard store.Shard
	out   Verification

	head    store.Head // the last entry seen
	members map[ledger.MemberID]*replica
	terms   termSum // of the personal values
	replay  replayer
	// awaited is the event id whose enrolment was just seen: its own entry must
	// come next.
	awaited string

	grants    map[ledger.Quota]int64
	transit   map[ledger.Name]int64
	causes    map[store.Key]cause
	delivered map[store.Key]arrival
	vouchers  vouchers
	contests  *contestEvidence
	bound     int64
	digests   int64
}

// cause is a follow-up that left a decision.
type cause struct {
	at      store.Position
	member  ledger.MemberID
	kind    string
	carried []byte
}

// arrival is a follow-up that was decided.
type arrival struct {
	store.Position
	kind string
}

func newShardCheck(v *verifier, snap *store.Snapshot, shard store.Shard) *shardCheck {
	return &shardCheck{
		verifier: v, snap: snap, shard: shard, head: store.Head{Shard: shard},
		members: make(map[ledger.MemberID]*replica), replay: replayer{rules: v.rules},
		grants: make(map[ledger.Quota]int64), transit: make(map[ledger.Name]int64),
		causes: make(map[store.Key]cause), delivered: make(map[store.Key]arrival), vouchers: newVouchers(), contests: newContestEvidence(),
	}
}

// page is a part of the journal, read ahead with all that belongs to it.
type page struct {
	entries  []store.Entry
	events   []*event.Event // nil where only time passed, or the bytes are damaged
	damaged  []error
	postings []store.PostedAt
	bindings map[store.Key]store.Binding
	claimed  map[store.Key]claimed
	err      error
}

// claimed is the purchase that a claim is about.
type claimed struct {
	event *event.Event
	guest bool
}

// pageOfEntries is how many entries are read at a time.
const pageOfEntries = 1000

// run verifies the shard's journal and its members; the error is a *Difference or tells what kept it from
// working.
func (c *shardCheck) run(ctx context.Context) error {
	if err := c.entries(ctx); err != nil {
		return err
	}
	for at, hash := range c.recorded[c.shard] {
		if at > c.head.Seq {
			return c.differ(at, 0, "signed head", "an entry with the hash "+hex.EncodeToString(hash[:]), fmt.Sprintf("that the journal ends with entry %d", c.head.Seq))
		}
	}
	beyond, err := c.snap.Postings(ctx, c.shard, c.head.Seq, math.MaxInt64)
	if err != nil {
		return err
	}
	if len(beyond) > 0 {
		return c.differ(beyond[0].Seq, 0, "posting", "none, since there is no such entry", describePosting(&beyond[0].Posting))
	}
	for _, check := range []func(context.Context) error{c.compareMembers, c.compareScores, c.comparePersonal, c.compareCodes} {
		if err := check(ctx); err != nil {
			return err
		}
	}
	for _, m := range c.members {
		if m.derivedOnly {
			c.out.MembersRederived++
		}
	}
	return nil
}

// entries goes through the journal, while the next pages are read.
func (c *shardCheck) entries(ctx context.Context) error {
	pages, enough := make(chan *page, 2), make(chan struct{})
	go c.readAhead(ctx, pages, enough)
	var failure error
	for p := range pages {
		// After a failure the pages that are on their way are thrown away, since
		// the snapshot is free again only when the channel is closed.
		if failure == nil {
			if failure = c.page(ctx, p); failure != nil {
				close(enough)
			}
		}
	}
	if failure == nil && c.awaited != "" {
		return c.differ(c.head.Seq, 0, "entry of the event "+c.awaited, "right behind the enrolment that it brought", "the journal's end")
	}
	return failure
}

func (c *shardCheck) readAhead(ctx context.Context, pages chan<- *page, enough <-chan struct{}) {
	defer close(pages)
	for after := int64(0); ; {
		p := c.read(ctx, after)
		if p.err == nil && len(p.entries) == 0 {
			return
		}
		select {
		case pages <- p:
		case <-enough:
			return
		}
		if p.err != nil {
			return
		}
		after = p.entries[len(p.entries)-1].Seq
	}
}

// read reads the page after the sequence number.
func (c *shardCheck) read(ctx context.Context, after int64) *page {
	p := &page{}
	if p.entries, p.err = c.snap.Scan(ctx, c.shard, after, pageOfEntries); p.err != nil || len(p.entries) == 0 {
		return p
	}
	n := len(p.entries)
	if p.postings, p.err = c.snap.Postings(ctx, c.shard, after, p.entries[n-1].Seq); p.err != nil {
		return p
	}
	p.events, p.damaged = make([]*event.Event, n), make([]error, n)
	var keys []store.Key
	for i := range p.entries {
		if len(p.entries[i].Event) == 0 {
			continue
		}
		e, err := event.DecodeStored(p.entries[i].Event, c.scales)
		if err != nil {
			p.damaged[i] = err
			continue
		}
		p.events[i] = e
		keys = append(keys, c.keys.Event(e.ID))
		if key, ok := c.keys.Order(e); ok {
			keys = append(keys, key)
		}
	}
	if p.bindings, p.err = c.snap.Lookup(ctx, keys); p.err == nil {
		p.err = c.readClaimed(ctx, p)
	}
	return p
}

// readClaimed reads the purchases that the page's claims are about.
func (c *shardCheck) readClaimed(ctx context.Context, p *page) error {
	var keys []store.Key
	for _, e := range p.events {
		if e != nil && e.Type == event.Claim {
			keys = append(keys, c.keys.Claimed(e))
		}
	}
	if len(keys) == 0 {
		return nil
	}
	p.claimed = make(map[store.Key]claimed, len(keys))
	bindings, err := c.snap.Lookup(ctx, keys)
	if err != nil {
		return err
	}
	places := make([]store.Position, 0, len(bindings))
	for _, b := range bindings {
		places = append(places, b.At)
	}
	entries, err := c.snap.Entries(ctx, places)
	if err != nil {
		return err
	}
	for key, b := range bindings {
		entry, found := entries[b.At]
		if !found {
			continue // the directory is compared with the journal elsewhere
		}
		e, err := event.DecodeStored(entry.Event, c.scales)
		if err == nil && e.At == 0 {
			e.At = entry.At
		}
		var d engine.Decision
		if err == nil {
			err = engine.DecodeDecision(entry.Decision, &d)
		}
		if err == nil {
			p.claimed[key] = claimed{engine.Bought(e, &d), entry.Member == 0 && !d.Outcome.Refused()}
		}
	}
	return nil
}

// page verifies a page's entries.
func (c *shardCheck) page(ctx context.Context, p *page) error {
	if p.err != nil {
		return p.err
	}
	postings := p.postings
	for i := range p.entries {
		entry := &p.entries[i]
		if err := c.link(entry); err != nil {
			return err
		}
		if p.damaged[i] != nil {
			return c.differ(entry.Seq, entry.Member, "event", "one that can be read", p.damaged[i].Error())
		}
		var d engine.Decision
		if err := engine.DecodeDecision(entry.Decision, &d); err != nil {
			return c.differ(entry.Seq, entry.Member, "decision", "one that can be read", err.Error())
		}
		c.vouchers.note(&d)
		n := 0
		for n < len(postings) && postings[n].Seq <= entry.Seq {
			n++
		}
		for _, check := range []error{
			c.fields(entry, p.events[i], &d),
			c.postings(entry, &d, postings[:n]),
			c.bindings(entry, p.events[i], p.bindings),
			c.decide(ctx, entry, p.events[i], &d, p.claimed),
			c.contests.note(c.rules, entry, p.events[i], &d),
		} {
			if check != nil {
				return check
			}
		}
		postings = postings[n:]
		c.out.Entries++
	}
	return nil
}

// link checks the entry's number and its link in the chain.
func (c *shardCheck) link(entry *store.Entry) error {
	if entry.Seq != c.head.Seq+1 {
		return c.differ(c.head.Seq+1, 0, "numbers of the journal", fmt.Sprintf("entry %d", c.head.Seq+1), fmt.Sprintf("entry %d next", entry.Seq))
	}
	if hash := journal.Link(c.head.Hash, entry); hash != entry.Hash {
		return c.differ(entry.Seq, entry.Member, "hash chain (the entry's event, decision, times and the hash before)",
			hex.EncodeToString(hash[:]), hex.EncodeToString(entry.Hash[:]))
	}
	if hash, ok := c.recorded[c.shard][entry.Seq]; ok && hash != entry.Hash {
		return c.differ(entry.Seq, entry.Member, "signed head", hex.EncodeToString(hash[:]), hex.EncodeToString(entry.Hash[:]))
	}
	c.head.Seq, c.head.Hash = entry.Seq, entry.Hash
	return nil
}

// fields checks what of the row can be derived from its event and decision.
func (c *shardCheck) fields(entry *store.Entry, e *event.Event, d *engine.Decision) error {
	kind, passed := journal.KindSettle, e
	if e != nil {
		kind = journal.KindOf(e.Type)
	} else {
		passed = timePassed
	}
	mask := journal.MaskOf(passed, d)
	wrong := func(what string, expected, found any) error {
		return c.differ(entry.Seq, entry.Member, what, fmt.Sprint(expected), fmt.Sprint(found))
	}
	switch last := c.lastOf(entry.Member); {
	case entry.Member != 0 && entry.Prev != last:
		return wrong("the member's entry before", last, entry.Prev)
	case entry.Kind != kind:
		return wrong("kind", kind, entry.Kind)
	case entry.Mask != mask:
		return wrong("mask", mask, entry.Mask)
	case kind != journal.KindPublish && entry.At != d.At:
		return wrong("time", d.At, entry.At)
	case entry.Member != 0 && c.store.ShardOf(entry.Member) != c.shard:
		return wrong("shard of the member", c.store.ShardOf(entry.Member), c.shard)
	}
	return nil
}

func (c *shardCheck) lastOf(id ledger.MemberID) int64 {
	if m := c.members[id]; m != nil {
		return m.last
	}
	return 0
}

// postings compares the table of postings with the decision's.
func (c *shardCheck) postings(entry *store.Entry, d *engine.Decision, rows []store.PostedAt) error {
	for n := range max(len(d.Postings), len(rows)) {
		expected, found := "none", "none"
		if n < len(d.Postings) {
			expected = describePosting(&d.Postings[n])
		}
		if n < len(rows) {
			found = describePosting(&rows[n].Posting)
		}
		what := fmt.Sprintf("posting %d", n)
		switch {
		case n >= len(d.Postings) || n >= len(rows):
			return c.differ(entry.Seq, entry.Member, what, expected, found)
		case rows[n].Posting != d.Postings[n]:
			return c.differ(entry.Seq, entry.Member, what, expected, found)
		case rows[n].Seq != entry.Seq || rows[n].N != n:
			return c.differ(entry.Seq, entry.Member, "number of a posting", fmt.Sprintf("%d of entry %d", n, entry.Seq), fmt.Sprintf("%d of entry %d", rows[n].N, rows[n].Seq))
		}
	}
	c.out.Postings += int64(len(rows))
	return nil
}

func describePosting(p *ledger.Posting) string {
	return fmt.Sprintf("%s of %d in wallet %d from %s to %s, lot %d, rule %d, at %s", p.Kind, p.Amount, p.Wallet, p.From, p.To, p.Lot, p.Rule, p.At)
}

// bindings checks that the keys of the entry's event are bound to it.
func (c *shardCheck) bindings(entry *store.Entry, e *event.Event, bindings map[store.Key]store.Binding) error {
	awaited := c.awaited
	c.awaited = ""
	if e == nil || e.Type == event.Publish {
		return c.unlessAwaited(entry, awaited, "")
	}
	key := c.keys.Event(e.ID)
	binding, bound := bindings[key]
	base, brought := strings.CutSuffix(e.ID, journal.EnrolmentSuffix)
	if brought = brought && !bound && e.Type == event.Enrolment; brought {
		// The event that brought this enrolment stands right behind it.
		c.awaited = base
		return c.unlessAwaited(entry, awaited, "")
	}
	if err := c.unlessAwaited(entry, awaited, e.ID); err != nil {
		return err
	}
	c.bound++
	if err := c.bindingOf(entry, "directory key of the event id "+e.ID, binding, bound); err != nil {
		return err
	}
	if !binding.HasDigest {
		return c.differ(entry.Seq, entry.Member, "directory key of the event id "+e.ID, "a digest of the request", "none")
	}
	if key, ok := c.keys.Order(e); ok && entry.Mask&journal.MaskRefused == 0 {
		// The order of a purchase that was refused may be bought all the same.
		binding, bound := bindings[key]
		return c.bindingOf(entry, "directory key of the order "+e.Order, binding, bound)
	}
	return nil
}

func (c *shardCheck) unlessAwaited(entry *store.Entry, awaited, id string) error {
	if awaited == "" || awaited == id {
		return nil
	}
	return c.differ(entry.Seq, entry.Member, "entry of the event "+awaited, "right behind the enrolment that it brought", "another entry")
}

func (c *shardCheck) bindingOf(entry *store.Entry, what string, b store.Binding, bound bool) error {
	expected := describeBinding(entry.Member, entry.Position)
	switch {
	case !bound:
		return c.differ(entry.Seq, entry.Member, what, expected, "none")
	case b.Member != entry.Member || b.At != entry.Position:
		return c.differ(entry.Seq, entry.Member, what, expected, describeBinding(b.Member, b.At))
	}
	return nil
}

func describeBinding(m ledger.MemberID, at store.Position) string {
	return fmt.Sprintf("%s at entry %d of shard %d", describeMember(m), at.Seq, at.Shard)
}

func describeMember(m ledger.MemberID) string {
	if m == 0 {
		return "a guest"
	}
	return m.String()
}

// differ makes a difference of this shard.
func (c *shardCheck) differ(seq int64, member ledger.MemberID, what, expected, found string) error {
	d := &Difference{Shard: c.shard, Seq: seq, What: what, Expected: expected, Found: found}
	if member != 0 {
		d.Member = member.String()
	}
	return d
}

// isDifference tells a difference from what kept a check from working.
func isDifference(err error) bool {
	var d *Difference
	return errors.As(err, &d)
}
