package store

import (
	"context"
	"errors"
	"fmt"

	"premia/internal/core/calendar"
	"premia/internal/core/ledger"
)

// batchSQLite holds the one writer's place instead of locking shards.
func (s *Store) batchSQLite(ctx context.Context, shards []Shard, fn func(*Batch) error) (err error) {
	c, err := s.liteWriter.take(ctx)
	if err != nil {
		return err
	}
	defer s.liteWriter.give(c)
	short := context.WithoutCancel(ctx)
	if _, err := c.exec(short, "BEGIN IMMEDIATE"); err != nil {
		return wrong("begin a batch", err)
	}
	open := true
	defer func() {
		if open {
			err = c.rollback(err)
		}
	}()
	b := &Batch{s: s, lite: c, last: make(map[ledger.MemberID]int64)}
	if err := b.begin(short, shards); err != nil {
		return err
	}
	if err := fn(b); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if _, err := c.exec(short, "COMMIT"); err != nil {
		return fmt.Errorf("%w: %w", ErrCommitUnknown, err)
	}
	open = false
	return nil
}

func (b *Batch) begin(ctx context.Context, shards []Shard) error {
	found := make(map[Shard]Head, len(shards))
	for _, shard := range shards {
		head, err := headOf(ctx, b.lite, shard)
		if err != nil {
			return wrong("read the head of the journal", err)
		}
		found[shard] = head
	}
	b.setHeads(shards, found)
	return wrong("read the newest program", queryRow(ctx, b.lite, newestProgram, nil, &b.program, &b.names))
}

func headOf(ctx context.Context, l link, shard Shard) (Head, error) {
	head := Head{Shard: shard}
	var hash []byte
	err := queryRow(ctx, l, headOfShard, []any{int64(shard)}, &head.Seq, &hash)
	if errors.Is(err, ErrNotFound) {
		return head, nil
	}
	copy(head.Hash[:], hash)
	return head, err
}

// execList runs the statement for all rows, many at a time, and gives how many
// it changed.
func (c *liteConn) execList(l *listed, rows int, fill func(i int, values []any) []any) (int64, error) {
	var changed int64
	err := c.eachPart(l, rows, fill, func(statement string, values []any) error {
		n, err := c.exec(context.Background(), statement, values...)
		changed += n
		return err
	})
	return changed, err
}

// queryList runs the statement for all rows, many at a time.
func (c *liteConn) queryList(ctx context.Context, l *listed, rows int, fill func(i int, values []any) []any, each func(row) error) error {
	return c.eachPart(l, rows, fill, func(statement string, values []any) error {
		return c.query(ctx, statement, values, each)
	})
}

func (c *liteConn) eachPart(l *listed, rows int, fill func(i int, values []any) []any, run func(string, []any) error) error {
	values := c.values[:0]
	for i, done := 0, 0; done < rows; {
		if rows-done < listSizes[i] {
			i++
			continue
		}
		values = values[:0]
		for range listSizes[i] {
			values = fill(done, values)
			done++
		}
		if err := run(l.text[i], values); err != nil {
			return err
		}
	}
	clear(values)
	c.values = values
	return nil
}

func (s *Store) keysSQLite(ctx context.Context, c *liteConn, keys []Key) ([]Binding, error) {
	var found []Binding
	err := c.queryList(ctx, &liteKeys, len(keys), func(i int, values []any) []any {
		return append(values, int64(s.ShardOfKey(keys[i])), keys[i][:])
	}, func(r row) error {
		binding, err := scanBinding(r)
		found = append(found, binding)
		return err
	})
	return found, wrong("read keys", err)
}

func (s *Store) membersSQLite(ctx context.Context, c *liteConn, ids []ledger.MemberID) ([]Member, error) {
	var found []Member
	err := c.queryList(ctx, &liteMembers, len(ids), func(i int, values []any) []any {
		return append(values, int64(s.ShardOf(ids[i])), int64(ids[i]))
	}, func(r row) error {
		member, err := scanMember(r)
		found = append(found, member)
		return err
	})
	return found, wrong("read members", err)
}

func (s *Store) entriesSQLite(ctx context.Context, c *liteConn, at []Position) ([]Entry, error) {
	var found []Entry
	err := c.queryList(ctx, &liteEntries, len(at), func(i int, values []any) []any {
		return append(values, int64(at[i].Shard), at[i].Seq)
	}, func(r row) error {
		entry, err := scanEntry(r)
		found = append(found, entry)
		return err
	})
	return found, wrong("read entries", err)
}

func (b *Batch) bindSQLite(bindings []Binding) (int64, error) {
	return b.lite.execList(&liteInsertKeys, len(bindings), func(i int, values []any) []any {
		one := &bindings[i]
		var digest any
		if one.HasDigest {
			digest = one.Digest[:]
		}
		return append(values, int64(b.s.ShardOfKey(one.Key)), one.Key[:], int64(one.Member), int64(one.At.Shard), one.At.Seq, digest)
	})
}

func (b *Batch) writeSQLite(w *Writes, quotas []QuotaUse) (short []QuotaUse, err error) {
	ctx := context.Background()
	for _, step := range []func(*Writes) error{b.writeEntries, b.writePostings, b.writeMembers, b.writePersonal, b.writeCodes} {
		if err := step(w); err != nil {
			return nil, err
		}
	}
	for _, cold := range w.coldStatements(b.s) {
		if _, err := b.lite.exec(ctx, cold.text, cold.values...); err != nil {
			return nil, err
		}
	}
	for i := range quotas {
		text, values := quotas[i].statement()
		changed, err := b.lite.exec(ctx, text, values...)
		if err != nil {
			return nil, err
		}
		if changed == 0 {
			short = append(short, quotas[i])
		}
	}
	return short, nil
}

func (b *Batch) writeEntries(w *Writes) error {
	_, err := b.lite.execList(&liteInsertEntries, len(w.Entries), func(i int, values []any) []any {
		e := &w.Entries[i]
		return append(values, int64(e.Shard), e.Seq, int64(e.Member), e.Prev, int64(e.Kind), int64(int32(e.Mask)), int64(e.At), int64(e.Recorded),
			present(e.Event), present(e.Decision), e.Hash[:])
	})
	return wrong("journal", err)
}

func (b *Batch) writePostings(w *Writes) error {
	_, err := b.lite.execList(&liteInsertPostings, len(w.Postings), func(i int, values []any) []any {
		p := &w.Postings[i]
		return append(values, int64(p.Shard), p.Seq, int64(p.N), int64(p.Kind), int64(p.Wallet), int64(p.From), int64(p.To),
			p.Amount, int64(p.Lot), int64(p.Rule), int64(p.At))
	})
	return wrong("postings", err)
}

func (b *Batch) writeMembers(w *Writes) error {
	values := func(members []Member) func(int, []any) []any {
		return func(i int, values []any) []any {
			m := &members[i]
			return append(values, int64(b.s.ShardOf(m.ID)), int64(m.ID), int64(m.Status), int64(m.EnrolledAt),
				optional(m.MergedInto, 0), optional(m.DueAt, calendar.Never), m.Seq, present(m.State))
		}
	}
	if _, err := b.lite.execList(&liteInsertMembers, len(w.NewMembers), values(w.NewMembers)); err != nil {
		if isDuplicate(err) {
			err = fmt.Errorf("%w: %w", ErrMemberExists, err)
		}
		return wrong("members", err)
	}
	_, err := b.lite.execList(&liteUpsertMembers, len(w.Members), values(w.Members))
	return wrong("members", err)
}

func (b *Batch) writeCodes(w *Writes) error {
	added, err := b.s.insertCodesSQLite(b.lite, w.Codes)
	if err == nil {
		err = w.allAdded(added)
	}
	return err
}

func (b *Batch) writePersonal(w *Writes) error {
	for i := range w.ForgetPersonal {
		f := &w.ForgetPersonal[i]
		if _, err := b.lite.exec(context.Background(), forgetTerms, f.values(b.s)...); err != nil {
			return wrong("search", err)
		}
		if _, err := b.lite.exec(context.Background(), forgetPersonal, f.values(b.s)...); err != nil {
			return wrong("personal", err)
		}
	}
	if err := b.s.insertTerms(context.Background(), b.lite, b.s.termRows(w.Personal)); err != nil {
		return err
	}
	_, err := b.lite.execList(&liteInsertPersonal, len(w.Personal), func(i int, values []any) []any {
		p := &w.Personal[i]
		return append(values, int64(b.s.ShardOf(p.Member)), int64(p.Member), p.Kind, p.Name, present(p.Salt), p.Value, int64(p.Recorded))
	})
	return wrong("personal", err)
}
