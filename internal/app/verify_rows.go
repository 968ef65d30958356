package app

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"slices"

	"premia/internal/core/engine"
	"premia/internal/core/ledger"
	"premia/internal/store"
)

// pageOfRows is how many rows of the other tables are read at a time.
const pageOfRows = 1000

// compareMembers compares the members' rows with what the journal makes of them.
func (c *shardCheck) compareMembers(ctx context.Context) error {
	for after := store.FirstMember; ; {
		rows, err := c.snap.Members(ctx, c.shard, after, pageOfRows)
		if err != nil {
			return err
		}
		for i := range rows {
			if err := c.compareMember(&rows[i]); err != nil {
				return err
			}
			after = rows[i].ID
		}
		c.out.Members += int64(len(rows))
		if len(rows) < pageOfRows {
			break
		}
	}
	missing := ledger.MemberID(0)
	for id, m := range c.members {
		if !m.seen && (missing == 0 || id < missing) {
			missing = id
		}
	}
	if missing != 0 {
		return c.differ(c.members[missing].last, missing, "member", "a row", "none")
	}
	return nil
}

func (c *shardCheck) compareMember(row *store.Member) error {
	m := c.members[row.ID]
	if m == nil {
		return c.differ(0, row.ID, "member", "an entry in the journal", "none")
	}
	m.seen = true
	wrong := func(what string, expected, found any) error {
		return c.differ(m.last, row.ID, what, fmt.Sprint(expected), fmt.Sprint(found))
	}
	s := &c.replay.state
	if err := ledger.DecodeState(row.State, s); err != nil {
		return wrong("member's state", "one that can be read", err)
	}
	if err := m.compareBalances(s, wrong); err != nil {
		return err
	}
	if !m.derivedOnly && !bytes.Equal(m.state, row.State) {
		return wrong("member's state", hex.EncodeToString(m.state), hex.EncodeToString(row.State))
	}
	m.scores = slices.Clone(s.Scores)
	if s.MergedInto != 0 {
		c.contests.merged[row.ID] = s.MergedInto
	}
	switch {
	case row.Seq != m.last:
		return wrong("member's last entry", m.last, row.Seq)
	case row.Status != uint8(s.Status):
		return wrong("member's status", s.Status, row.Status)
	case row.EnrolledAt != s.EnrolledAt:
		return wrong("member's enrolment", s.EnrolledAt, row.EnrolledAt)
	case row.MergedInto != s.MergedInto:
		return wrong("who answers for the member", describeMember(s.MergedInto), describeMember(row.MergedInto))
	}
	return c.compareDue(row, s, wrong)
}

// mostPutOff is how many moments in a row a member can pass without an entry: one at
// the end of each month, for a hundred years.
const mostPutOff = 1200

// compareDue compares when something falls due. A moment that came to nothing left no
// entry, and only the row tells that it has passed.
func (c *shardCheck) compareDue(row *store.Member, s *ledger.State, wrong func(string, any, any) error) error {
	if c.replay.timeline == nil {
		return nil
	}
	expected := c.replay.timeline.Due(s)
	due := expected
	for range mostPutOff {
		if due == row.DueAt {
			return nil
		}
		then, d := engine.Settled(c.replay.timeline, row.ID, s, due)
		after := c.replay.timeline.Due(then)
		if due > row.DueAt || after <= due || len(d.Postings)+len(d.Grants)+len(d.Steps) > 0 {
			break
		}
		s, due = then, after
	}
	return wrong("when something falls due", expected, row.DueAt)
}

// compareBalances compares the sums of postings with the sums of lots.
func (m *replica) compareBalances(s *ledger.State, wrong func(string, any, any) error) error {
	for i := range s.Wallets {
		m.sum(s.Wallets[i].Name)
	}
	for _, sum := range m.sums {
		found := s.BalanceOf(sum.wallet)
		if found != sum.Balance {
			return wrong(fmt.Sprintf("balance of wallet %d by its lots", sum.wallet), describeBalance(sum.Balance), describeBalance(found))
		}
	}
	return nil
}

func describeBalance(b ledger.Balance) string {
	return fmt.Sprintf("%d pending, %d available, %d held, %d owed", b.Pending, b.Available, b.Held, b.Debt)
}

// compareDirectory checks that the keys of orders, claims and identities in the
// shard's directory name an entry of their member. Those of event ids are
// looked up from the journal's side, and counted here.
func (c *shardCheck) compareDirectory(ctx context.Context) error {
	return c.eachPageOfKeys(ctx, func(rows []store.Binding) error {
		c.out.Keys += int64(len(rows))
		places := make([]store.Position, 0, len(rows))
		for i := range rows {
			if rows[i].HasDigest {
				c.digests++
				continue
			}
			places = append(places, rows[i].At)
		}
		entries, err := c.snap.Entries(ctx, places)
		if err != nil {
			return err
		}
		for i := range rows {
			if b := &rows[i]; !b.HasDigest {
				if err := c.compareBinding(b, entries); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func (c *shardCheck) compareBinding(b *store.Binding, entries map[store.Position]store.Entry) error {
	entry, found := entries[b.At]
	if found && entry.Member == b.Member {
		return nil
	}
	member := "no entry"
	if found {
		member = "an entry of " + describeMember(entry.Member)
	}
	d := &Difference{Shard: c.shard, Seq: b.At.Seq, What: "directory key " + hex.EncodeToString(b.Key[:]),
		Expected: fmt.Sprintf("an entry of %s at entry %d of shard %d", describeMember(b.Member), b.At.Seq, b.At.Shard), Found: member}
	if b.Member != 0 {
		d.Member = b.Member.String()
	}
	return d
}

func (c *shardCheck) eachPageOfKeys(ctx context.Context, fn func([]store.Binding) error) error {
	for after := []byte(nil); ; {
		rows, err := c.snap.Keys(ctx, c.shard, after, pageOfRows)
		if err != nil {
			return err
		}
		if err := fn(rows); err != nil {
			return err
		}
		if len(rows) < pageOfRows {
			return nil
		}
		last := rows[len(rows)-1].Key
		after = last[:]
	}
}
