package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/journal"
	"premia/internal/store"
)

// stream is the journal of one shard of the source, entry by entry.
type stream struct {
	shard store.Shard
	page  []*moving
	after int64
	ended bool
	// clock is the latest time of recording so far: clocks of several servers may
	// differ, but the order of a shard stands.
	clock calendar.Instant
}

// moving is an entry on its way.
type moving struct {
	store.Entry
	event    *event.Event // nil where only time passed
	decision engine.Decision
	clock    calendar.Instant
}

// pageOfStream is how many entries of a shard are read ahead.
const pageOfStream = 200

// head gives the stream's next entry; nil at the end.
func (m *mover) head(ctx context.Context, s *stream) (*moving, error) {
	if len(s.page) > 0 || s.ended {
		return s.first(), nil
	}
	rows, err := m.from.Scan(ctx, s.shard, s.after, pageOfStream)
	if err != nil {
		return nil, err
	}
	s.ended = len(rows) < pageOfStream
	s.page = make([]*moving, 0, len(rows))
	for i := range rows {
		one := &moving{Entry: rows[i]}
		if err := engine.DecodeDecision(one.Decision, &one.decision); err != nil {
			return nil, fmt.Errorf("entry %d of shard %d: %w", one.Seq, one.Shard, err)
		}
		if len(one.Event) > 0 {
			if one.event, err = event.DecodeStored(one.Event, m.scales); err != nil {
				return nil, fmt.Errorf("entry %d of shard %d: %w", one.Seq, one.Shard, err)
			}
		}
		s.clock = max(s.clock, one.Recorded)
		one.clock = s.clock
		s.page = append(s.page, one)
		s.after = one.Seq
	}
	return s.first(), nil
}

func (s *stream) first() *moving {
	if len(s.page) == 0 {
		return nil
	}
	return s.page[0]
}

func (s *stream) next() { s.page = s.page[1:] }

// batchOfMove is how many entries are written in one transaction.
const batchOfMove = 1000

// journal writes all entries in their order.
func (m *mover) journal(ctx context.Context) error {
	for {
		s, err := m.choose(ctx)
		if err != nil {
			return err
		}
		if s == nil {
			if err := m.flush(ctx); err != nil {
				return err
			}
			published, err := m.publish(ctx)
			if err != nil || !published {
				return err
			}
			continue
		}
		if err := m.take(ctx, s); err != nil {
			return err
		}
		if len(m.waiting) >= batchOfMove {
			if err := m.flush(ctx); err != nil {
				return err
			}
		}
	}
}

// take lets the stream's next entry wait to be written; behind an enrolment goes
// the entry of the event that brought it.
func (m *mover) take(ctx context.Context, s *stream) error {
	one := s.first()
	s.next()
	m.noteFollowUps(one)
	m.waiting = append(m.waiting, one)
	if one.event == nil || one.event.Type != event.Enrolment {
		return nil
	}
	base, brought := strings.CutSuffix(one.event.ID, journal.EnrolmentSuffix)
	next, err := m.head(ctx, s)
	if err == nil && brought && next != nil && next.event != nil && next.event.ID == base {
		return m.take(ctx, s)
	}
	return err
}

// choose gives the stream whose entry is next; nil when all are at their end or
// at the publishing of a program.
func (m *mover) choose(ctx context.Context) (*stream, error) {
	var best *stream
	blocked := false
	for _, s := range m.streams {
		one, err := m.head(ctx, s)
		switch {
		case err != nil:
			return nil, err
		case one == nil || one.Kind == journal.KindPublish:
		case m.precedesCause(one):
			blocked = true
		case best == nil || before(one, best.first()):
			best = s
		}
	}
	if best == nil && blocked {
		return nil, errors.New("the journal has an event from another member that no decision sent")
	}
	return best, nil
}

func before(a, b *moving) bool {
	return cmp.Or(cmp.Compare(a.clock, b.clock), cmp.Compare(a.Seq, b.Seq), cmp.Compare(a.Shard, b.Shard)) < 0
}

// precedesCause tells whether the entry is of a follow-up whose cause was not
// written yet.
func (m *mover) precedesCause(one *moving) bool {
	return one.event != nil && carries(one.event.Type) && !m.left[m.keys.Event(one.event.ID)]
}

// noteFollowUps keeps the follow-ups that left the decision until they arrive.
func (m *mover) noteFollowUps(one *moving) {
	if one.event != nil && strings.HasPrefix(one.event.ID, journal.FollowUpPrefix) {
		delete(m.left, m.keys.Event(one.event.ID))
	}
	for n := range one.decision.FollowUps {
		m.left[m.keys.Event(m.keys.FollowUp(journal.Cause(one.event, one.Member, one.decision.Clock), n))] = true
	}
}

// publish writes the publishing of a program, at which all streams stand, into
// every shard of the target; false at the end of the journal.
func (m *mover) publish(ctx context.Context) (bool, error) {
	one := m.streams[0].first()
	for _, s := range m.streams {
		head := s.first()
		if (head == nil) != (one == nil) || head != nil && head.decision.Program != one.decision.Program {
			return false, errors.New("a program was not published in all shards")
		}
	}
	if one == nil {
		return false, nil
	}
	err := m.to.Batch(ctx, m.to.Shards(), func(tx *store.Batch) error {
		w := store.Writes{}
		for _, head := range tx.Heads() {
			entry := one.Entry
			entry.Position = store.Position{Shard: head.Shard, Seq: head.Seq + 1}
			entry.Hash = journal.Link(head.Hash, &entry)
			w.Entries = append(w.Entries, entry)
		}
		return tx.Write(ctx, &w)
	})
	if err != nil {
		return false, err
	}
	for _, s := range m.streams {
		s.next()
	}
	m.out.Entries += int64(len(m.to.Shards()))
	m.progress(int64(len(m.streams)))
	return true, nil
}

func (m *mover) progress(n int64) {
	m.done += n
	if m.o.Progress != nil {
		m.o.Progress(m.done, m.total)
	}
}

// flush writes the waiting entries with all that belongs to them.
func (m *mover) flush(ctx context.Context) error {
	if len(m.waiting) == 0 {
		return nil
	}
	rows, err := m.rowsOfWaiting(ctx)
	if err != nil {
		return err
	}
	keys := make([]store.Key, 0, 2*len(m.waiting))
	shards := make([]store.Shard, 0, len(m.waiting))
	for _, one := range m.waiting {
		keys = append(keys, m.keysOf(one)...)
		shards = append(shards, m.shardOf(one))
	}
	bound, err := m.from.Lookup(ctx, keys)
	if err != nil {
		return err
	}
	var places []store.Position
	err = m.to.Batch(ctx, shards, func(tx *store.Batch) error {
		places, err = m.writeWaiting(ctx, tx, bound, rows)
		return err
	})
	if err != nil {
		return err
	}
	for i, one := range m.waiting {
		m.cursors.moved(one.Position, places[i], one.Mask)
		if _, wanted := m.parked[one.Position]; wanted {
			m.parked[one.Position] = places[i]
		}
	}
	m.out.Entries += int64(len(m.waiting))
	m.progress(int64(len(m.waiting)))
	m.waiting = m.waiting[:0]
	return nil
}

// rowsOfWaiting reads the rows of the members whose entries wait.
func (m *mover) rowsOfWaiting(ctx context.Context) ([]store.Member, error) {
	var ids []ledger.MemberID
	seen := make(map[ledger.MemberID]bool, len(m.waiting))
	for _, one := range m.waiting {
		if one.Member != 0 && !seen[one.Member] {
			seen[one.Member] = true
			ids = append(ids, one.Member)
		}
	}
	rows, err := m.from.MembersByID(ctx, ids)
	for i := range rows {
		rows[i].Seq = 0 // the store fills in the last entry's
	}
	return rows, err
}

// keysOf gives the keys that the entry's event binds, identities left out.
func (m *mover) keysOf(one *moving) []store.Key {
	if one.event == nil {
		return nil
	}
	keys := []store.Key{m.keys.Event(one.event.ID)}
	if key, ok := m.keys.Order(one.event); ok {
		keys = append(keys, key)
	}
	return keys
}

// shardOf gives the entry's shard in the target, as the journal would.
func (m *mover) shardOf(one *moving) store.Shard {
	if one.Member == 0 {
		return m.to.ShardOfKey(m.keys.Event(one.event.ID))
	}
	return m.to.ShardOf(one.Member)
}

// writeWaiting writes the entries and gives their places.
func (m *mover) writeWaiting(ctx context.Context, tx *store.Batch, bound map[store.Key]store.Binding, rows []store.Member) ([]store.Position, error) {
	heads := make(map[store.Shard]*store.Head)
	for _, head := range tx.Heads() {
		heads[head.Shard] = &head
	}
	w := store.Writes{Members: rows}
	places := make([]store.Position, len(m.waiting))
	var bindings []store.Binding
	for i, one := range m.waiting {
		head := heads[m.shardOf(one)]
		head.Seq++
		entry := one.Entry
		entry.Position, entry.Prev = store.Position{Shard: head.Shard, Seq: head.Seq}, 0
		entry.Hash = journal.Link(head.Hash, &entry)
		head.Hash = entry.Hash
		w.Entries = append(w.Entries, entry)
		for n := range one.decision.Postings {
			w.Postings = append(w.Postings, store.PostedAt{Position: entry.Position, N: n, Posting: one.decision.Postings[n]})
		}
		for _, key := range m.keysOf(one) {
			// An enrolment that another event brought has no key of its own.
			if b, ok := bound[key]; ok && b.At == one.Position {
				b.At = entry.Position
				bindings = append(bindings, b)
			}
		}
		places[i] = entry.Position
	}
	if err := m.bind(ctx, tx, bindings); err != nil {
		return nil, err
	}
	return places, tx.Write(ctx, &w)
}

func (m *mover) bind(ctx context.Context, tx *store.Batch, bindings []store.Binding) error {
	others, err := tx.Bind(ctx, bindings)
	if err != nil {
		return err
	}
	if len(others) > 0 {
		return fmt.Errorf("key %x is bound twice", others[0].Key)
	}
	m.out.Keys += int64(len(bindings))
	return nil
}

// restOfKeys copies the keys that no event names: those of identities. They name
// the entry that bound them, whose new place its event's id tells.
func (m *mover) restOfKeys(ctx context.Context) error {
	for _, shard := range m.source.Shards() {
		for after := []byte(nil); ; {
			rows, err := m.from.Keys(ctx, shard, after, pageOfRows)
			if err != nil {
				return err
			}
			if len(rows) == 0 {
				break
			}
			if err := m.keysWithoutEvent(ctx, rows); err != nil {
				return err
			}
			last := rows[len(rows)-1].Key
			after = last[:]
		}
	}
	return nil
}

func (m *mover) keysWithoutEvent(ctx context.Context, rows []store.Binding) error {
	keys := make([]store.Key, len(rows))
	for i := range rows {
		keys[i] = rows[i].Key
	}
	done, err := m.to.Lookup(ctx, keys)
	if err != nil {
		return err
	}
	var left []store.Binding
	var places []store.Position
	for _, b := range rows {
		if _, there := done[b.Key]; !there {
			left, places = append(left, b), append(places, b.At)
		}
	}
	if len(left) == 0 {
		return nil
	}
	entries, err := m.from.Entries(ctx, places)
	if err != nil {
		return err
	}
	byEvent := make(map[store.Position]store.Key, len(entries))
	keys = keys[:0]
	for at, entry := range entries {
		e, err := event.DecodeStored(entry.Event, m.scales)
		if err != nil {
			return fmt.Errorf("entry %d of shard %d: %w", at.Seq, at.Shard, err)
		}
		byEvent[at] = m.keys.Event(e.ID)
		keys = append(keys, byEvent[at])
	}
	if done, err = m.to.Lookup(ctx, keys); err != nil {
		return err
	}
	for i := range left {
		b, there := done[byEvent[left[i].At]]
		if !there {
			return fmt.Errorf("key %x names entry %d of shard %d, which has not moved", left[i].Key, left[i].At.Seq, left[i].At.Shard)
		}
		left[i].At = b.At
	}
	return m.to.Batch(ctx, m.to.Shards()[:1], func(tx *store.Batch) error { return m.bind(ctx, tx, left) })
}
