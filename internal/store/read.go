package store

import (
	"context"
	"fmt"
	"math"

	"premia/internal/core/calendar"
	"premia/internal/core/ledger"
)

// Lookup gives the bindings of those keys that are bound.
func (s *Store) Lookup(ctx context.Context, keys []Key) (map[Key]Binding, error) {
	var found []Binding
	var err error
	if s.dialect == Postgres {
		found, err = s.keysPostgres(ctx, s.readers, keys)
	} else {
		err = s.readSQLite(ctx, func(c *liteConn) error {
			found, err = s.keysSQLite(ctx, c, keys)
			return err
		})
	}
	bindings := make(map[Key]Binding, len(found))
	for _, binding := range found {
		bindings[binding.Key] = binding
	}
	return bindings, err
}

func (s *Store) readSQLite(ctx context.Context, fn func(*liteConn) error) error {
	return s.read(ctx, func(l link) error { return fn(l.(*liteConn)) })
}

// Member gives the member's row; [ErrNotFound] if there is none.
func (s *Store) Member(ctx context.Context, id ledger.MemberID) (Member, error) {
	found, err := s.members(ctx, []ledger.MemberID{id})
	if err != nil {
		return Member{}, err
	}
	if len(found) == 0 {
		return Member{}, fmt.Errorf("member %d: %w", id, ErrNotFound)
	}
	return found[0], nil
}

// MembersByID gives the rows of those members that exist.
func (s *Store) MembersByID(ctx context.Context, ids []ledger.MemberID) (map[ledger.MemberID]Member, error) {
	found, err := s.members(ctx, ids)
	members := make(map[ledger.MemberID]Member, len(found))
	for _, member := range found {
		members[member.ID] = member
	}
	return members, err
}

func (s *Store) members(ctx context.Context, ids []ledger.MemberID) (found []Member, err error) {
	if s.dialect == Postgres {
		return s.membersPostgres(ctx, s.readers, ids)
	}
	err = s.readSQLite(ctx, func(c *liteConn) error {
		found, err = s.membersSQLite(ctx, c, ids)
		return err
	})
	return found, err
}

// PersonalOf gives the member's personal values by kind and name, older first.
func (s *Store) PersonalOf(ctx context.Context, member ledger.MemberID) ([]Personal, error) {
	return readAll(ctx, s, personalOf, []any{int64(s.ShardOf(member)), int64(member)}, func(r row) (Personal, error) {
		return scanPersonal(r, member)
	})
}

// Entry gives the entry at the position; [ErrNotFound] if there is none.
func (s *Store) Entry(ctx context.Context, at Position) (Entry, error) {
	found, err := s.Entries(ctx, []Position{at})
	if err != nil {
		return Entry{}, err
	}
	if len(found) == 0 {
		return Entry{}, fmt.Errorf("journal entry %d of shard %d: %w", at.Seq, at.Shard, ErrNotFound)
	}
	return found[0], nil
}

// Entries gives those of the entries that exist, in no order.
func (s *Store) Entries(ctx context.Context, at []Position) (found []Entry, err error) {
	if s.dialect == Postgres {
		return s.entriesPostgres(ctx, s.readers, at)
	}
	err = s.readSQLite(ctx, func(c *liteConn) error {
		found, err = s.entriesSQLite(ctx, c, at)
		return err
	})
	return found, err
}

// EntriesOf gives the member's newest entries, newest first, before the sequence
// number (0: from the newest of all).
func (s *Store) EntriesOf(ctx context.Context, member ledger.MemberID, before int64, limit int) ([]Entry, error) {
	if before <= 0 {
		before = math.MaxInt64
	}
	text := liteEntriesOfMember
	if s.dialect == Postgres {
		text = pgEntriesOfMember
	}
	return readAll(ctx, s, text, []any{int64(s.ShardOf(member)), int64(member), before, int64(limit)}, scanEntry)
}

// Scan gives the shard's entries after the sequence number in their order, at
// most limit, and only those with a bit of the mask if the mask is not 0. A
// subscriber that reads the head first and then gets fewer than limit entries
// has seen all up to that head.
func (s *Store) Scan(ctx context.Context, shard Shard, after int64, limit int, mask uint32) ([]Entry, error) {
	if mask == 0 {
		return readAll(ctx, s, scanJournal, []any{int64(shard), after, int64(limit)}, scanEntry)
	}
	return readAll(ctx, s, scanMasked, []any{int64(shard), after, int64(limit), int64(int32(mask))}, scanEntry)
}

// Approvals gives the entries of adjustments that waited for a second person and
// of the answers to them, the latest first, at most limit.
func (s *Store) Approvals(ctx context.Context, limit int) ([]Entry, error) {
	return readAll(ctx, s, scanApprovals, []any{int64(limit)}, scanEntry)
}

// Head gives the last entry of a shard's journal.
func (s *Store) Head(ctx context.Context, shard Shard) (head Head, err error) {
	err = s.read(ctx, func(l link) error {
		head, err = headOf(ctx, l, shard)
		return err
	})
	return head, wrong("read the head of the journal", err)
}

// DueMembers gives members of the shard to whom something happens by itself not
// later than the instant, those who wait longest first.
func (s *Store) DueMembers(ctx context.Context, shard Shard, until calendar.Instant, limit int) ([]Member, error) {
	return readAll(ctx, s, dueMembers, []any{int64(shard), int64(until), int64(limit)}, scanMember)
}

// pageOfMembers is how many members EachMember reads in one statement.
const pageOfMembers = 1000

// EachMember calls fn for every member of the shard in the order of their
// numbers, and stops at its first error. It reads page by page, so that no
// statement is open while fn works; members who are enrolled meanwhile may be
// missed.
func (s *Store) EachMember(ctx context.Context, shard Shard, fn func(Member) error) error {
	last := int64(math.MinInt64)
	for {
		page, err := readAll(ctx, s, membersAfter, []any{int64(shard), last, int64(pageOfMembers)}, scanMember)
		if err != nil {
			return err
		}
		for _, member := range page {
			if err := fn(member); err != nil {
				return err
			}
		}
		if len(page) < pageOfMembers {
			return nil
		}
		last = int64(page[len(page)-1].ID)
	}
}

// PostingsOf gives postings of the shard's journal in its order, those after the
// N-th of an entry, at most limit. To begin, after is entry 0.
func (s *Store) PostingsOf(ctx context.Context, after Position, n, limit int) ([]PostedAt, error) {
	values := []any{int64(after.Shard), after.Seq, int64(n), int64(limit)}
	return readAll(ctx, s, postingsAfter, values, scanPosting(after.Shard))
}

func scanPosting(shard Shard) func(row) (PostedAt, error) {
	return func(r row) (PostedAt, error) {
		p := PostedAt{Position: Position{Shard: shard}}
		var n, kind, wallet, from, to, lot, rule, at int64
		err := r.Scan(&p.Seq, &n, &kind, &wallet, &from, &to, &p.Amount, &lot, &rule, &at)
		p.N, p.Kind, p.Wallet, p.Rule = int(n), ledger.Kind(kind), ledger.Name(wallet), ledger.Name(rule)
		p.From, p.To, p.Lot, p.At = ledger.Account(from), ledger.Account(to), uint32(lot), calendar.Instant(at)
		return p, err
	}
}

// PostingTotals adds up the postings that count from asOf or earlier and, if
// knownAt is not calendar.Never, were recorded at knownAt or earlier.
func (s *Store) PostingTotals(ctx context.Context, asOf, knownAt calendar.Instant) ([]PostingTotal, error) {
	text, values := postingTotals, []any{int64(asOf)}
	if knownAt != calendar.Never {
		text, values = postingTotalsKnown, []any{int64(asOf), int64(knownAt)}
	}
	var totals []PostingTotal
	err := s.report(ctx, func(l link) error {
		return l.query(ctx, text, values, func(r row) error {
			var t PostingTotal
			var wallet, from, to, kind, rule int64
			err := r.Scan(&wallet, &from, &to, &kind, &rule, &t.Amount, &t.Count)
			t.Wallet, t.From, t.To = ledger.Name(wallet), ledger.Account(from), ledger.Account(to)
			t.Kind, t.Rule = ledger.Kind(kind), ledger.Name(rule)
			totals = append(totals, t)
			return err
		})
	})
	return totals, wrong("add up the postings", err)
}

// readAll reads all rows of one statement.
func readAll[T any](ctx context.Context, s *Store, text string, values []any, scan func(row) (T, error)) ([]T, error) {
	var all []T
	err := s.read(ctx, func(l link) error {
		return l.query(ctx, text, values, func(r row) error {
			one, err := scan(r)
			all = append(all, one)
			return err
		})
	})
	return all, wrong("read "+firstLine(text), err)
}
