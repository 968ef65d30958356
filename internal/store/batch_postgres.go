package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"premia/internal/core/calendar"
	"premia/internal/core/ledger"
)

// patience bounds the wait for the answer to COMMIT and ROLLBACK, which go on
// when the caller has gone.
const patience = 30 * time.Second

func (s *Store) batchPostgres(ctx context.Context, shards []Shard, fn func(*Batch) error) error {
	conn, err := s.writers.Acquire(ctx)
	if err != nil {
		return wrong("connect to PostgreSQL", classify(err))
	}
	b := &Batch{s: s, pg: conn, last: make(map[ledger.MemberID]int64)}
	open := true
	// A connection that comes back inside a transaction is closed by the pool.
	defer conn.Release()
	defer func() {
		if open {
			b.rollback(ctx)
		}
	}()
	if err := b.beginPostgres(ctx, shards); err != nil {
		return wrong("begin a batch", err)
	}
	if err := fn(b); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	open = false
	return b.commit(ctx)
}

// beginPostgres begins, locks and reads in one round trip. Each statement sees
// what was committed when it began, so the heads are read under the locks.
func (b *Batch) beginPostgres(ctx context.Context, shards []Shard) error {
	found := make(map[Shard]Head, len(shards))
	queue := &pgx.Batch{}
	queue.Queue(pgBegin)
	queue.Queue(pgLock, shardValues(shards))
	b.s.queueByShard(queue, pgHeads, pgHeadOfShard, shards, nil, func(r row) error {
		var head Head
		var shard int64
		var hash []byte
		err := r.Scan(&shard, &head.Seq, &hash)
		copy(head.Hash[:], hash)
		found[Shard(shard)] = head
		return err
	})
	queue.Queue(newestProgram).QueryRow(func(r pgx.Row) error { return r.Scan(&b.program, &b.names) })
	if err := b.send(ctx, queue); err != nil {
		return err
	}
	b.setHeads(shards, found)
	return nil
}

func (b *Batch) send(ctx context.Context, queue *pgx.Batch) error {
	return classify(b.pg.SendBatch(ctx, queue).Close())
}

func (b *Batch) rollback(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	// When this fails the connection is lost, and the server rolls back itself.
	_, _ = b.pg.Exec(ctx, "ROLLBACK")
}

// commit tells whether the batch is kept. An error that the server answers says
// no; when no answer comes, nobody knows.
func (b *Batch) commit(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	tag, err := b.pg.Exec(ctx, pgCommit)
	var server *pgconn.PgError
	switch {
	case errors.As(err, &server) && server.Severity == "ERROR":
		return wrong("commit a batch", classify(err))
	case err != nil:
		return fmt.Errorf("%w: %w", ErrCommitUnknown, err)
	case tag.String() != "COMMIT":
		return errors.New("commit a batch: PostgreSQL rolled it back, because a statement in it had failed")
	}
	return nil
}

func shardValues(shards []Shard) []int32 {
	values := make([]int32, len(shards))
	for i, shard := range shards {
		values[i] = int32(shard)
	}
	return values
}

// queueByShard queues a statement that looks up values in shards (none: only
// the shards), or, where Citus spreads the tables, one for each shard.
func (s *Store) queueByShard(queue *pgx.Batch, text, ofShard string, shards []Shard, values any, each func(row) error) {
	query := func(rows pgx.Rows) error { return eachRow(rows, each) }
	if !s.distributed {
		if values == nil {
			queue.Queue(text, shardValues(shards)).Query(query)
			return
		}
		queue.Queue(text, shardValues(shards), values).Query(query)
		return
	}
	switch values := values.(type) {
	case nil:
		for _, shard := range shards {
			queue.Queue(ofShard, int32(shard)).Query(query)
		}
	case []int64:
		queueParts(queue, ofShard, shards, values, query)
	case [][]byte:
		queueParts(queue, ofShard, shards, values, query)
	}
}

func queueParts[T any](queue *pgx.Batch, text string, shards []Shard, values []T, query func(pgx.Rows) error) {
	parts := make(map[Shard][]T)
	for i, shard := range shards {
		parts[shard] = append(parts[shard], values[i])
	}
	for shard, part := range parts {
		queue.Queue(text, int32(shard), part).Query(query)
	}
}

// pgSender is a connection or a pool.
type pgSender interface {
	SendBatch(ctx context.Context, queue *pgx.Batch) pgx.BatchResults
}

var _ pgSender = (*pgxpool.Pool)(nil)

func (s *Store) lookUp(ctx context.Context, on pgSender, text, ofShard string, shards []Shard, values any, each func(row) error) error {
	if len(shards) == 0 {
		return nil
	}
	queue := &pgx.Batch{}
	s.queueByShard(queue, text, ofShard, shards, values, each)
	return classify(on.SendBatch(ctx, queue).Close())
}

func (s *Store) keysPostgres(ctx context.Context, on pgSender, keys []Key) ([]Binding, error) {
	shards, values := make([]Shard, len(keys)), make([][]byte, len(keys))
	for i := range keys {
		shards[i], values[i] = s.ShardOfKey(keys[i]), keys[i][:]
	}
	var found []Binding
	err := s.lookUp(ctx, on, pgKeys, pgKeysOfShard, shards, values, func(r row) error {
		binding, err := scanBinding(r)
		found = append(found, binding)
		return err
	})
	return found, wrong("read keys", err)
}

func (s *Store) membersPostgres(ctx context.Context, on pgSender, ids []ledger.MemberID) ([]Member, error) {
	shards, values := make([]Shard, len(ids)), make([]int64, len(ids))
	for i := range ids {
		shards[i], values[i] = s.ShardOf(ids[i]), int64(ids[i])
	}
	var found []Member
	err := s.lookUp(ctx, on, pgMembers, pgMembersOfShard, shards, values, func(r row) error {
		member, err := scanMember(r)
		found = append(found, member)
		return err
	})
	return found, wrong("read members", err)
}

func (s *Store) entriesPostgres(ctx context.Context, on pgSender, at []Position) ([]Entry, error) {
	shards, values := make([]Shard, len(at)), make([]int64, len(at))
	for i := range at {
		shards[i], values[i] = at[i].Shard, at[i].Seq
	}
	var found []Entry
	err := s.lookUp(ctx, on, pgEntries, pgEntriesOfShard, shards, values, func(r row) error {
		entry, err := scanEntry(r)
		found = append(found, entry)
		return err
	})
	return found, wrong("read entries", err)
}

func (b *Batch) bindPostgres(ctx context.Context, bindings []Binding) (int64, error) {
	n := len(bindings)
	shards, keys, members := make([]int32, n), make([][]byte, n), make([]int64, n)
	seqShards, seqs, digests := make([]int32, n), make([]int64, n), make([][]byte, n)
	for i := range bindings {
		one := &bindings[i]
		shards[i], keys[i], members[i] = int32(b.s.ShardOfKey(one.Key)), one.Key[:], int64(one.Member)
		seqShards[i], seqs[i] = int32(one.At.Shard), one.At.Seq
		if one.HasDigest {
			digests[i] = one.Digest[:]
		}
	}
	return pgLink{b.pg}.exec(ctx, pgInsertKeys, shards, keys, members, seqShards, seqs, digests)
}

func (b *Batch) writePostgres(ctx context.Context, w *Writes, quotas []QuotaUse) (short []QuotaUse, err error) {
	queue := &pgx.Batch{}
	queueEntries(queue, w.Entries)
	queuePostings(queue, w.Postings)
	b.s.queueMembers(queue, pgInsertMembers, w.NewMembers)
	b.s.queueMembers(queue, pgUpsertMembers, w.Members)
	for i := range w.ForgetPersonal {
		queue.Queue(forgetTerms, w.ForgetPersonal[i].values(b.s)...)
		queue.Queue(forgetPersonal, w.ForgetPersonal[i].values(b.s)...)
	}
	b.s.queuePersonal(queue, w.Personal)
	codesAdded := w.queueCodes(queue, b.s)
	for _, cold := range w.coldStatements(b.s) {
		queue.Queue(cold.text, cold.values...)
	}
	for i := range quotas {
		text, values := quotas[i].statement()
		queue.Queue(text, values...).Exec(func(tag pgconn.CommandTag) error {
			if tag.RowsAffected() == 0 {
				short = append(short, quotas[i])
			}
			return nil
		})
	}
	if queue.Len() == 0 {
		return nil, nil
	}
	if err = b.send(ctx, queue); err == nil {
		err = codesAdded()
	}
	var server *pgconn.PgError
	if errors.As(err, &server) && isDuplicate(err) && server.ConstraintName == "members_pkey" {
		err = fmt.Errorf("%w: %w", ErrMemberExists, err)
	}
	return short, err
}

func queueEntries(queue *pgx.Batch, entries []Entry) {
	n := len(entries)
	if n == 0 {
		return
	}
	shards, seqs, members, prevs := make([]int32, n), make([]int64, n), make([]int64, n), make([]int64, n)
	kinds, masks := make([]int16, n), make([]int32, n)
	ats, recorded := make([]int64, n), make([]int64, n)
	events, decisions, hashes := make([][]byte, n), make([][]byte, n), make([][]byte, n)
	for i := range entries {
		e := &entries[i]
		shards[i], seqs[i], members[i], prevs[i] = int32(e.Shard), e.Seq, int64(e.Member), e.Prev
		kinds[i], masks[i], ats[i], recorded[i] = int16(e.Kind), int32(e.Mask), int64(e.At), int64(e.Recorded)
		events[i], decisions[i], hashes[i] = present(e.Event), present(e.Decision), e.Hash[:]
	}
	queue.Queue(pgInsertEntries, shards, seqs, members, prevs, kinds, masks, ats, recorded, events, decisions, hashes)
}

func queuePostings(queue *pgx.Batch, postings []PostedAt) {
	n := len(postings)
	if n == 0 {
		return
	}
	shards, seqs, numbers, kinds := make([]int32, n), make([]int64, n), make([]int16, n), make([]int16, n)
	wallets, sources, targets := make([]int32, n), make([]int16, n), make([]int16, n)
	amounts, lots, rules, ats := make([]int64, n), make([]int64, n), make([]int32, n), make([]int64, n)
	for i := range postings {
		p := &postings[i]
		shards[i], seqs[i], numbers[i], kinds[i] = int32(p.Shard), p.Seq, int16(p.N), int16(p.Kind)
		wallets[i], sources[i], targets[i] = int32(p.Wallet), int16(p.From), int16(p.To)
		amounts[i], lots[i], rules[i], ats[i] = p.Amount, int64(p.Lot), int32(p.Rule), int64(p.At)
	}
	queue.Queue(pgInsertPostings, shards, seqs, numbers, kinds, wallets, sources, targets, amounts, lots, rules, ats)
}

func (s *Store) queueMembers(queue *pgx.Batch, text string, all []Member) {
	n := len(all)
	if n == 0 {
		return
	}
	shards, members, statuses, enrolled := make([]int32, n), make([]int64, n), make([]int16, n), make([]int64, n)
	merged, due, seqs, states := make([]*int64, n), make([]*int64, n), make([]int64, n), make([][]byte, n)
	for i := range all {
		m := &all[i]
		shards[i], members[i], statuses[i] = int32(s.ShardOf(m.ID)), int64(m.ID), int16(m.Status)
		enrolled[i], seqs[i], states[i] = int64(m.EnrolledAt), m.Seq, present(m.State)
		if m.MergedInto != 0 {
			merged[i] = (*int64)(&m.MergedInto)
		}
		if m.DueAt != calendar.Never {
			due[i] = (*int64)(&m.DueAt)
		}
	}
	queue.Queue(text, shards, members, statuses, enrolled, merged, due, seqs, states)
}

func (s *Store) queuePersonal(queue *pgx.Batch, all []Personal) {
	n := len(all)
	if n == 0 {
		return
	}
	shards, members, kinds, names := make([]int32, n), make([]int64, n), make([]string, n), make([]string, n)
	salts, texts, recorded := make([][]byte, n), make([]string, n), make([]int64, n)
	for i := range all {
		p := &all[i]
		shards[i], members[i], kinds[i], names[i] = int32(s.ShardOf(p.Member)), int64(p.Member), p.Kind, p.Name
		salts[i], texts[i], recorded[i] = present(p.Salt), p.Value, int64(p.Recorded)
	}
	if terms := s.termRows(all); len(terms) > 0 {
		queue.Queue(pgInsertTerms, termValues(terms)...)
	}
	queue.Queue(pgInsertPersonal, shards, members, kinds, names, salts, texts, recorded)
}
