package journal_test

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"testing"
	"time"

	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/journal"
	"premia/internal/store"
)

// damage makes a member's row unreadable.
func (f *fixture) damage(id ledger.MemberID) {
	f.t.Helper()
	ctx := context.Background()
	err := f.store.Batch(ctx, f.store.Shards(), func(tx *store.Batch) error {
		rows, err := tx.Members(ctx, []ledger.MemberID{id})
		if err != nil {
			return err
		}
		rows[0].State = []byte{0xff, 0xff}
		return tx.Write(ctx, &store.Writes{Members: rows})
	})
	if err != nil {
		f.t.Fatal(err)
	}
}

// unreadablePurchase puts an entry that can't be read where the order's number
// leads.
func (f *fixture) unreadablePurchase(order string) {
	f.t.Helper()
	ctx := context.Background()
	keys, err := journal.LoadKeys(ctx, f.store)
	if err != nil {
		f.t.Fatal(err)
	}
	err = f.store.Batch(ctx, f.store.Shards(), func(tx *store.Batch) error {
		head := tx.Heads()[0]
		at := store.Position{Shard: head.Shard, Seq: head.Seq + 1}
		if _, err := tx.Bind(ctx, []store.Binding{{Key: keys.Claimed(&event.Event{Order: order}), At: at}}); err != nil {
			return err
		}
		return tx.Write(ctx, &store.Writes{Entries: []store.Entry{{Position: at, Event: []byte("{"), Decision: []byte{0xff}}}})
	})
	if err != nil {
		f.t.Fatal(err)
	}
}

func claiming(id, number, order string) journal.Request {
	return journal.Request{Event: &event.Event{ID: id, Type: event.Claim, Order: order}, Identity: card(number)}
}

// TestDamageIsNarrowedDown sends events that can't be decided among others: each
// gets its own answer, once, and the others keep their order.
func TestDamageIsNarrowedDown(t *testing.T) {
	oneWriter(t, func(t *testing.T, f *fixture) {
		a, b := f.append(purchase("e1", "1", "20.00")).Member, f.append(purchase("e2", "2", "30.00")).Member
		f.damage(b)
		f.unreadablePurchase("damaged")
		got := f.together(
			claiming("c1", "1", "unknown"), claiming("c2", "1", "damaged"),
			binding("b1", a, "7"), binding("b2", a, "7"), purchase("e3", "2", "1.00"),
			purchase("e4", "1", "1.00"), claiming("c3", "1", "unknown"), purchase("e5", "1", "1.00"),
		)
		for i, want := range []string{"unknown order", "error", "", "", "error", "", "unknown order", ""} {
			err, is := got[i].err, ""
			switch {
			case errors.Is(err, journal.ErrOrderUnknown):
				is = "unknown order"
			case err != nil:
				is = "error"
			}
			if is != want {
				t.Errorf("request %d: %v, want %q", i, err, want)
			}
		}
		last := int64(0)
		for _, i := range []int{2, 3, 5, 7} {
			if got[i].Seq <= last {
				t.Errorf("request %d has entry %d, behind %d", i, got[i].Seq, last)
			}
			last = got[i].Seq
		}
	})
}

// TestSweepPassesOverDamage sweeps many members, one of whom can't be read: all
// others are settled.
func TestSweepPassesOverDamage(t *testing.T) {
	oneWriter(t, func(t *testing.T, f *fixture) {
		ctx := context.Background()
		var members []ledger.MemberID
		for i := range 20 {
			members = append(members, f.append(purchase("e"+strconv.Itoa(i), strconv.Itoa(i), "5.00")).Member)
		}
		// Shards are swept in their order, so this one is met first.
		slices.SortFunc(members, func(a, b ledger.MemberID) int { return cmp.Compare(f.store.ShardOf(a), f.store.ShardOf(b)) })
		f.damage(members[0])
		f.clock.Advance(72 * time.Hour)
		if n, err := f.Sweep(ctx); n != len(members)-1 || err == nil {
			t.Errorf("swept %d (%v), want all but one, and an error", n, err)
		}
		for _, shard := range f.store.Shards() {
			due, err := f.store.DueMembers(ctx, shard, f.Now(), 100)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range due {
				if m.ID != members[0] {
					t.Errorf("%s is still due", m.ID)
				}
			}
		}
	})
}
