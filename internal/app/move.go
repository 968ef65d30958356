package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"premia/internal/core/calendar"
	"premia/internal/core/event"
	"premia/internal/core/pricehistory"
	"premia/internal/journal"
	"premia/internal/store"
)

// Moved is what [Move] came to.
type Moved struct {
	// Entries are those of the target: a published version is one in each shard.
	Entries  int64 `json:"entries"`
	Keys     int64 `json:"keys"`
	Personal int64 `json:"personal"`
	Codes    int64 `json:"codes"`
	// Again counts, by subscriber, entries that it had done and gets once more,
	// because entries that it had not done stand before them in the target.
	// Follow-ups bear that: their ids tell that they were decided.
	Again map[string]int64 `json:"again,omitempty"`
	// Verification is that of the target.
	Verification *Verification `json:"verification"`
	Milliseconds int64         `json:"milliseconds"`
}

// MoveOptions say what else to do.
type MoveOptions struct {
	// Heads are signed heads of the source, to be compared before it is moved.
	Heads []HeadsLine
	// Progress hears of how many of the source's entries are written; nil is
	// nobody.
	Progress func(done, total int64)
}

// Errors of a move, beside those of the databases.
var (
	ErrNotEmpty     = errors.New("the database to move to is not empty: name a new one")
	ErrSourceMoves  = errors.New("the database to move took new entries meanwhile: stop its servers, and move again into a new database")
	ErrSourceBroken = errors.New("the database to move does not verify, and a move would hide that")
	ErrTargetBroken = errors.New("the moved database does not verify")
)

// mover is one move at work.
type mover struct {
	from   *store.Snapshot
	source *store.Store
	to     *store.Store
	o      MoveOptions
	keys   journal.Keys
	scales event.Scales
	out    Moved
	total  int64
	done   int64
	heads  map[store.Shard]int64 // of the source

	streams []*stream
	// left are the follow-ups that were written and not decided yet.
	left map[store.Key]bool
	// waiting are entries in their order, to be written together.
	waiting []*moving
	cursors *movedCursors
	parked  map[store.Position]store.Position
}

// Move copies a workspace into an empty database, of whatever kind and number of
// shards: it writes every entry of the journal again, with the event and the
// decision as they are, at a new place and in a new chain. Each shard's order is
// kept; entries of several shards are ordered by the time of their recording,
// but no event comes before the one that it follows from, and none to another
// side of a program's publishing. The order is the same each time.
//
// The source is verified before, the target after; until then the target is
// marked, and nobody else opens it. A move that is stopped half-way has to begin
// anew with an empty database.
func Move(ctx context.Context, from, to *store.Store, o MoveOptions) (*Moved, error) {
	began := time.Now()
	empty, err := to.IsEmpty(ctx)
	if err != nil {
		return nil, err
	}
	if !empty {
		return nil, ErrNotEmpty
	}
	before, err := Verify(ctx, from, VerifyOptions{Heads: o.Heads})
	if err != nil {
		return nil, err
	}
	if before.Difference != nil {
		return nil, fmt.Errorf("%w: %w", ErrSourceBroken, before.Difference)
	}
	if err := to.BeginMove(ctx, from.Dialect()); err != nil {
		return nil, err
	}
	m := &mover{source: from, to: to, o: o, heads: make(map[store.Shard]int64), left: make(map[store.Key]bool)}
	err = from.Snapshots(ctx, 1, func(all []*store.Snapshot) error {
		m.from = all[0]
		return m.run(ctx)
	})
	if err != nil {
		return nil, fmt.Errorf("move: %w", err)
	}
	if err := m.unchanged(ctx); err != nil {
		return nil, err
	}
	if err := noteSystem(ctx, to, "database.moved", "", "from", from.Dialect(), "to", to.Dialect()); err != nil {
		return nil, err
	}
	if err := to.Analyze(ctx); err != nil {
		return nil, err
	}
	if m.out.Verification, err = Verify(ctx, to, VerifyOptions{}); err != nil {
		return nil, err
	}
	if d := m.out.Verification.Difference; d != nil {
		return nil, fmt.Errorf("%w: %w", ErrTargetBroken, d)
	}
	if err := to.EndMove(ctx); err != nil {
		return nil, err
	}
	m.out.Milliseconds = time.Since(began).Milliseconds()
	return &m.out, nil
}

func (m *mover) run(ctx context.Context) error {
	for _, step := range []func(context.Context) error{
		m.settings, m.programs, m.prepare, m.journal, m.restOfKeys, m.personal, m.quotas, m.codes, m.prices, m.payouts, m.clicks, m.scores, m.subscribers, m.webhooks, m.apiKeys, m.users, m.memberPasskeys, m.pictures, m.drafts, m.auditTrail,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// settings copies the settings, the secret first of all: keys depend on it.
func (m *mover) settings(ctx context.Context) error {
	all, err := m.from.Settings(ctx)
	if err != nil {
		return err
	}
	for key, value := range all {
		if err := m.to.SetSetting(ctx, key, value); err != nil {
			return err
		}
	}
	if _, there := all[journal.SecretSetting]; there {
		m.keys, err = journal.LoadKeys(ctx, m.source)
	}
	return err
}

// programs copies the published versions and the register of names.
func (m *mover) programs(ctx context.Context) error {
	programs, err := m.from.Programs(ctx)
	if err != nil {
		return err
	}
	names, err := m.from.Names(ctx)
	if err != nil {
		return err
	}
	if len(programs) > 0 {
		rules, err := journal.LoadRules(ctx, m.source)
		if err != nil {
			return err
		}
		m.scales = rules.Scales()
	}
	return m.write(ctx, m.to.Shards()[:1], &store.Writes{Programs: programs, Names: names})
}

// write writes something that needs no place in the journal.
func (m *mover) write(ctx context.Context, shards []store.Shard, w *store.Writes) error {
	return m.to.Batch(ctx, shards, func(tx *store.Batch) error { return tx.Write(ctx, w) })
}

// prepare opens the streams of the journal, and reads who reads it.
func (m *mover) prepare(ctx context.Context) error {
	for _, shard := range m.source.Shards() {
		head, err := m.from.Head(ctx, shard)
		if err != nil {
			return err
		}
		m.heads[shard] = head.Seq
		m.total += head.Seq
		m.streams = append(m.streams, &stream{shard: shard, clock: calendar.Beginning})
	}
	cursors, err := m.from.Cursors(ctx)
	if err != nil {
		return err
	}
	// What the figures come to is added up anew in the target.
	cursors = slices.DeleteFunc(cursors, func(c store.Cursor) bool { return c.Subscriber == FiguresName })
	m.cursors = newMovedCursors(cursors)
	parked, err := m.from.Parked(ctx)
	if err != nil {
		return err
	}
	m.parked = make(map[store.Position]store.Position, len(parked))
	for i := range parked {
		m.parked[parked[i].Position] = store.Position{}
	}
	queued, err := m.source.AllQueued(ctx)
	if err != nil {
		return err
	}
	for i := range queued {
		m.parked[queued[i].Position] = store.Position{}
	}
	return nil
}

// unchanged checks that the source has not grown.
func (m *mover) unchanged(ctx context.Context) error {
	for shard, seq := range m.heads {
		head, err := m.source.Head(ctx, shard)
		if err != nil {
			return err
		}
		if head.Seq != seq {
			return ErrSourceMoves
		}
	}
	return nil
}

// personal copies the personal values with their salts.
func (m *mover) personal(ctx context.Context) error {
	for _, shard := range m.source.Shards() {
		for after := (store.Personal{Member: store.FirstMember}); ; {
			rows, err := m.from.Personal(ctx, shard, after, pageOfRows)
			if err != nil {
				return err
			}
			if len(rows) == 0 {
				break
			}
			shards := make([]store.Shard, len(rows))
			for i := range rows {
				shards[i] = m.to.ShardOf(rows[i].Member)
			}
			if err := m.write(ctx, shards, &store.Writes{Personal: rows}); err != nil {
				return err
			}
			m.out.Personal += int64(len(rows))
			after = rows[len(rows)-1]
		}
	}
	return nil
}

func (m *mover) quotas(ctx context.Context) error {
	rows, err := m.from.Quotas(ctx)
	if err != nil {
		return err
	}
	w := store.Writes{}
	for _, q := range rows {
		w.Quotas = append(w.Quotas, store.QuotaUse{Quota: q.Quota, Amount: q.Used, Cap: q.Cap})
	}
	return m.write(ctx, m.to.Shards()[:1], &w)
}

// subscribers copies what subscribers have done, and what they could not do.
func (m *mover) subscribers(ctx context.Context) error {
	heads := make(map[store.Shard]int64)
	for _, shard := range m.to.Shards() {
		head, err := m.to.Head(ctx, shard)
		if err != nil {
			return err
		}
		heads[shard] = head.Seq
	}
	if err := m.write(ctx, m.to.Shards()[:1], &store.Writes{Cursors: m.cursors.inTarget(heads)}); err != nil {
		return err
	}
	m.out.Again = m.cursors.again
	parked, err := m.from.Parked(ctx)
	if err != nil {
		return err
	}
	for _, p := range parked {
		p.Position = m.parked[p.Position]
		if _, err := m.to.Park(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

// prices copies what products cost.
func (m *mover) prices(ctx context.Context) error {
	for after := (store.Price{Entry: pricehistory.Entry{At: calendar.Beginning}}); ; {
		page, err := m.from.Prices(ctx, after, pageOfRows)
		if err != nil || len(page) == 0 {
			return err
		}
		if _, err := m.to.PutPrices(ctx, page); err != nil {
			return err
		}
		after = page[len(page)-1]
	}
}

func (m *mover) apiKeys(ctx context.Context) error {
	all, err := m.from.APIKeys(ctx)
	if err != nil {
		return err
	}
	for _, key := range all {
		err := m.to.CreateAPIKey(ctx, key)
		if err == nil && key.Revoked != calendar.None {
			err = m.to.RevokeAPIKey(ctx, key.ID, key.Revoked)
		}
		if err == nil && key.LastUsed != calendar.None {
			err = m.to.TouchAPIKey(ctx, key.ID, key.LastUsed)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// subscriberMasks say which entries concern a subscriber; those that are not
// among them want all.
var subscriberMasks = map[string]uint32{
	journal.FollowUpsName: journal.FollowUps{}.Mask(),
	PersonalMovesName:     PersonalMoves{}.Mask(),
	PostbacksName:         Postbacks{}.Mask(),
}

// movedCursors says how far each subscriber has got in the target.
type movedCursors struct {
	done map[string]map[store.Shard]int64 // in the source
	// first is the first entry in the target that it has not done.
	first map[string]map[store.Shard]int64
	again map[string]int64
}

func newMovedCursors(all []store.Cursor) *movedCursors {
	c := &movedCursors{done: map[string]map[store.Shard]int64{}, first: map[string]map[store.Shard]int64{}, again: map[string]int64{}}
	for _, one := range all {
		if c.done[one.Subscriber] == nil {
			c.done[one.Subscriber] = map[store.Shard]int64{}
			c.first[one.Subscriber] = map[store.Shard]int64{}
		}
		c.done[one.Subscriber][one.Shard] = one.Seq
	}
	return c
}

// moved notes that an entry with the mask stands in another place now.
func (c *movedCursors) moved(from, to store.Position, mask uint32) {
	for subscriber, done := range c.done {
		if wanted := subscriberMasks[subscriber]; wanted != 0 && mask&wanted == 0 {
			continue // it passes over such entries
		}
		_, stopped := c.first[subscriber][to.Shard]
		switch {
		case from.Seq <= done[from.Shard] && stopped:
			c.again[subscriber]++
		case from.Seq > done[from.Shard] && !stopped:
			c.first[subscriber][to.Shard] = to.Seq
		}
	}
}

func (c *movedCursors) inTarget(heads map[store.Shard]int64) []store.Cursor {
	var all []store.Cursor
	for subscriber, first := range c.first {
		for shard, head := range heads {
			seq := head
			if one, stopped := first[shard]; stopped {
				seq = one - 1
			}
			all = append(all, store.Cursor{Subscriber: subscriber, Shard: shard, Seq: seq})
		}
	}
	return all
}
