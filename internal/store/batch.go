package store

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5/pgxpool"

	"premia/internal/core/calendar"
	"premia/internal/core/ledger"
)

// Batch is a transaction that holds the locks of its shards. It is used by one
// goroutine and only until the function that it was given to returns.
type Batch struct {
	s       *Store
	lite    *liteConn     // on SQLite
	pg      *pgxpool.Conn // on PostgreSQL
	heads   []Head
	program int64
	names   int64
	// last has the last entries of the members that the batch has read or
	// written entries of.
	last map[ledger.MemberID]int64
}

// Batch runs fn in one transaction that holds the locks of the shards, and keeps
// what it wrote if fn returns nil. It retries nothing: [IsTransient] tells
// whether the caller may, and after [ErrCommitUnknown] the caller looks for what
// it wrote. An error or a panic of fn leaves nothing behind.
//
// The locks are taken in ascending order; the heads are read after them, so they
// are the last entries until the batch ends.
func (s *Store) Batch(ctx context.Context, shards []Shard, fn func(*Batch) error) error {
	if s.readOnly {
		return ErrReadOnly
	}
	shards = slices.Compact(slices.Sorted(slices.Values(shards)))
	for _, shard := range shards {
		if !slices.Contains(s.shards, shard) {
			return fmt.Errorf("there is no shard %d", shard)
		}
	}
	if len(shards) == 0 {
		return errors.New("a batch without shards")
	}
	if s.dialect == SQLite {
		return s.batchSQLite(ctx, shards, fn)
	}
	return s.batchPostgres(ctx, shards, fn)
}

// Heads are the heads of the locked shards, in their ascending order.
func (b *Batch) Heads() []Head { return b.heads }

// ProgramVersion is the newest published version; 0 if there is none.
func (b *Batch) ProgramVersion() int64 { return b.program }

// LastName is the highest number in the register of names.
func (b *Batch) LastName() ledger.Name { return ledger.Name(b.names) }

// setHeads keeps the heads that were found and fills in shards without entries.
func (b *Batch) setHeads(shards []Shard, found map[Shard]Head) {
	b.heads = make([]Head, len(shards))
	for i, shard := range shards {
		b.heads[i] = found[shard]
		b.heads[i].Shard = shard
	}
}

// link gives the transaction for statements that are the same on both databases.
func (b *Batch) link() link {
	if b.lite != nil {
		return b.lite
	}
	return pgLink{b.pg}
}

// Existing gives the bindings of those keys that are bound, in no order.
func (b *Batch) Existing(ctx context.Context, keys []Key) ([]Binding, error) {
	if b.lite != nil {
		return b.s.keysSQLite(context.WithoutCancel(ctx), b.lite, keys)
	}
	return b.s.keysPostgres(ctx, b.pg, keys)
}

// Bind binds keys that are not bound yet. It gives the bindings that stand in
// the way: for each key whose binding is not the one asked for, the one that it
// keeps. When a key comes twice in one call, the first is bound.
//
// A key that another transaction is binding at the moment is waited for.
func (b *Batch) Bind(ctx context.Context, bindings []Binding) ([]Binding, error) {
	if len(bindings) == 0 {
		return nil, nil
	}
	sorted := slices.Clone(bindings)
	slices.SortStableFunc(sorted, func(x, y Binding) int {
		return cmp.Or(cmp.Compare(b.s.ShardOfKey(x.Key), b.s.ShardOfKey(y.Key)), bytes.Compare(x.Key[:], y.Key[:]))
	})
	var bound int64
	var err error
	if b.lite != nil {
		bound, err = b.bindSQLite(sorted)
	} else {
		bound, err = b.bindPostgres(ctx, sorted)
	}
	if err != nil || bound == int64(len(bindings)) {
		return nil, wrong("bind keys", err)
	}
	return b.conflicts(ctx, sorted)
}

// conflicts reads the keys back and gives those that are bound otherwise than
// asked.
func (b *Batch) conflicts(ctx context.Context, asked []Binding) ([]Binding, error) {
	keys := make([]Key, len(asked))
	for i := range asked {
		keys[i] = asked[i].Key
	}
	stored, err := b.Existing(ctx, slices.Compact(keys))
	if err != nil {
		return nil, err
	}
	byKey := make(map[Key]Binding, len(stored))
	for _, binding := range stored {
		byKey[binding.Key] = binding
	}
	var others []Binding
	for _, one := range asked {
		other, ok := byKey[one.Key]
		if !ok {
			return nil, &TransientError{fmt.Errorf("a key vanished while it was read back (it is being erased)")}
		}
		if other != one && (len(others) == 0 || others[len(others)-1].Key != one.Key) {
			others = append(others, other)
		}
	}
	return others, nil
}

// SetSetting sets a setting with what the batch writes.
func (b *Batch) SetSetting(ctx context.Context, key string, value []byte) error {
	_, err := b.link().exec(ctx, setSetting, key, present(value))
	return wrong("setting "+key, err)
}

// Unbind forgets keys, of a member who is erased or who gives an identity up. It breaks
// what a binding promises.
func (b *Batch) Unbind(ctx context.Context, keys []Key) error {
	for _, key := range keys {
		if _, err := b.link().exec(ctx, deleteKey, int64(b.s.ShardOfKey(key)), key[:]); err != nil {
			return wrong("forget a key", err)
		}
	}
	return nil
}

// Members gives those of the members that exist, in no order.
func (b *Batch) Members(ctx context.Context, ids []ledger.MemberID) ([]Member, error) {
	var found []Member
	var err error
	if b.lite != nil {
		found, err = b.s.membersSQLite(context.WithoutCancel(ctx), b.lite, ids)
	} else {
		found, err = b.s.membersPostgres(ctx, b.pg, ids)
	}
	for i := range found {
		b.last[found[i].ID] = found[i].Seq
	}
	return found, err
}

// LowerDue lets something happen at the instant, or before it, to all members of the
// locked shards who are active or blocked.
func (b *Batch) LowerDue(ctx context.Context, at calendar.Instant) error {
	for _, h := range b.heads {
		if _, err := b.link().exec(ctx, lowerDue, int64(h.Shard), int64(at), int64(ledger.Active), int64(ledger.Blocked)); err != nil {
			return wrong("lower when something falls due", err)
		}
	}
	return nil
}

// PersonalOf gives the member's personal values by kind and name, older first,
// without those that this batch writes.
func (b *Batch) PersonalOf(ctx context.Context, member ledger.MemberID) ([]Personal, error) {
	var found []Personal
	err := b.link().query(ctx, personalOf, []any{int64(b.s.ShardOf(member)), int64(member)}, func(r row) error {
		p, err := scanPersonal(r, member)
		found = append(found, p)
		return err
	})
	return found, wrong("read personal values", err)
}

// Entries gives those of the entries that exist, in no order.
func (b *Batch) Entries(ctx context.Context, at []Position) ([]Entry, error) {
	if b.lite != nil {
		return b.s.entriesSQLite(context.WithoutCancel(ctx), b.lite, at)
	}
	return b.s.entriesPostgres(ctx, b.pg, at)
}

// Used gives what is used of a quota, 0 of one that was never used. Other batches
// may use more before this one does.
func (b *Batch) Used(ctx context.Context, quota ledger.Quota) (int64, error) {
	return used(ctx, b.link(), quota)
}

func used(ctx context.Context, l link, quota ledger.Quota) (sum int64, err error) {
	err = queryRow(ctx, l, usedOfQuota, []any{int64(quota.Name), quota.Window}, &sum)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return 0, wrong("read a quota", err)
	}
	return sum, nil
}

// Write writes all at once, the quotas last, because their rows are what batches
// of different shards wait for. The error is a [*QuotaExceeded] when some do not
// fit, and wraps [ErrMemberExists] when the number of a new member is taken; the
// batch must then be given up.
func (b *Batch) Write(ctx context.Context, w *Writes) error {
	if err := b.chain(ctx, w); err != nil {
		return err
	}
	quotas := mergeQuotas(w.Quotas)
	var short []QuotaUse
	var err error
	if b.lite != nil {
		short, err = b.writeSQLite(w, quotas)
	} else {
		short, err = b.writePostgres(ctx, w, quotas)
	}
	if err == nil {
		err = b.writePairs(ctx, w)
	}
	if err != nil {
		return wrong("write a batch", err)
	}
	if len(short) == 0 {
		return nil
	}
	exceeded := &QuotaExceeded{}
	for _, use := range short {
		used, err := b.Used(ctx, use.Quota)
		if err != nil {
			return err
		}
		if use.Amount <= 0 {
			return fmt.Errorf("quota %d (window %d): %d given back, of %d used", use.Quota.Name, use.Quota.Window, -use.Amount, used)
		}
		exceeded.Quotas = append(exceeded.Quotas, QuotaState{use, used})
	}
	return exceeded
}

// chain links each entry to the one before of its member, and has the members'
// rows name their last.
func (b *Batch) chain(ctx context.Context, w *Writes) error {
	for i := range w.NewMembers {
		b.last[w.NewMembers[i].ID] = 0
	}
	var unread []ledger.MemberID
	for i := range w.Entries {
		id := w.Entries[i].Member
		if _, known := b.last[id]; !known && id != 0 {
			b.last[id] = 0
			unread = append(unread, id)
		}
	}
	if len(unread) > 0 {
		if _, err := b.Members(ctx, unread); err != nil {
			return err
		}
	}
	w.lastOnly = make(map[ledger.MemberID]int64)
	for i := range w.Entries {
		e := &w.Entries[i]
		if e.Member != 0 {
			e.Prev, b.last[e.Member], w.lastOnly[e.Member] = b.last[e.Member], e.Seq, e.Seq
		}
	}
	for _, members := range [][]Member{w.NewMembers, w.Members} {
		for i := range members {
			m := &members[i]
			m.Seq = max(m.Seq, b.last[m.ID])
			delete(w.lastOnly, m.ID)
		}
	}
	return nil
}

// mergeQuotas sorts the uses and makes one of those of one quota and window; the
// lowest cap counts. What amounts to nothing is left out.
func mergeQuotas(uses []QuotaUse) []QuotaUse {
	sorted := slices.Clone(uses)
	slices.SortFunc(sorted, func(x, y QuotaUse) int {
		return x.Quota.Compare(y.Quota)
	})
	merged := sorted[:0]
	for _, use := range sorted {
		if n := len(merged); n > 0 && merged[n-1].Quota == use.Quota {
			merged[n-1].Amount += use.Amount
			merged[n-1].Cap = min(merged[n-1].Cap, use.Cap)
			continue
		}
		merged = append(merged, use)
	}
	return slices.DeleteFunc(merged, func(use QuotaUse) bool { return use.Amount == 0 })
}

// statement gives the statement for a use and its values.
func (use *QuotaUse) statement() (string, []any) {
	if use.Amount < 0 {
		return giveBackQuota, []any{int64(use.Quota.Name), use.Quota.Window, use.Amount}
	}
	return useQuota, []any{int64(use.Quota.Name), use.Quota.Window, use.Amount, use.Cap}
}
