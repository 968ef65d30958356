package journal_test

import (
	"context"
	"errors"
	"path/filepath"
	"strconv"
	"testing"

	"premia/internal/journal"
	"premia/internal/testkit/postgres"
)

// TestMergedMembersEventsKeepTheirOrder sends purchases under the cards of many
// who were merged into one and under that one's own, in turn.
func TestMergedMembersEventsKeepTheirOrder(t *testing.T) {
	oneWriter(t, func(t *testing.T, f *fixture) {
		into := f.append(purchase("e0", "0", "1.00")).Member
		for i := 1; i <= 5; i++ {
			from := f.append(purchase("e"+strconv.Itoa(i), strconv.Itoa(i), "1.00")).Member
			f.append(merging("m"+strconv.Itoa(i), from, into))
			f.followUps()
		}
		var requests []journal.Request
		for i := range 24 {
			requests = append(requests, purchase("late"+strconv.Itoa(i), strconv.Itoa(i%6), "1.00"))
		}
		last := int64(0)
		for i, r := range f.together(requests...) {
			if r.err != nil || r.Member != into {
				t.Fatalf("purchase %d went to %s (%v), want %s", i, r.Member, r.err, into)
			}
			if r.Seq <= last {
				t.Errorf("purchase %d has entry %d, behind %d", i, r.Seq, last)
			}
			last = r.Seq
		}
	})
}

func TestIdentityOfErasedMemberIsSomebodyElses(t *testing.T) {
	oneWriter(t, func(t *testing.T, f *fixture) {
		a := f.append(purchase("e1", "1", "20.00")).Member
		got := f.together(erasing("x1", a, card("1")), purchase("e2", "1", "5.00"), purchase("e3", "1", "6.00"))
		for i, r := range got[1:] {
			if r.err != nil || r.Member == a || r.Member != got[1].Member {
				t.Errorf("purchase %d went to %s (%v), want one new member", i, r.Member, r.err)
			}
		}
		if got := f.balance(got[1].Member); got.Pending != 21 {
			t.Errorf("balance %+v, want 11 for the purchases and 10 for joining", got)
		}
		if _, err := f.Append(context.Background(), journal.Request{Member: a, Event: purchase("e4", "1", "1.00").Event}); !errors.Is(err, journal.ErrMemberErased) {
			t.Errorf("an event that names the erased member itself: %v, want ErrMemberErased", err)
		}
	})
}

// TestServersLearnOfErasures lets one server erase a member whom another knows by
// an identity.
func TestServersLearnOfErasures(t *testing.T) {
	for name, url := range map[string]func() string{
		"sqlite":   func() string { return "sqlite:" + filepath.Join(t.TempDir(), "premia.db") },
		"postgres": func() string { return postgres.New(t) },
	} {
		t.Run(name, func(t *testing.T) {
			ctx := context.Background()
			one := open(t, url(), journal.Options{})
			other, err := journal.Open(ctx, one.store, journal.Options{Clock: one.clock.Now})
			if err != nil {
				t.Fatal(err)
			}
			defer other.Close()
			a := one.append(purchase("e1", "1", "20.00")).Member
			if found, err := other.FindCurrent(ctx, card("1")); found != a || err != nil {
				t.Fatalf("%s (%v), want %s", found, err, a)
			}
			one.append(erasing("x1", a, card("1")))
			if found, err := other.FindCurrent(ctx, card("1")); !errors.Is(err, journal.ErrUnknownMember) {
				t.Errorf("behind the erasure: %s (%v), want ErrUnknownMember", found, err)
			}
			b := one.append(purchase("e2", "1", "5.00")).Member
			late, err := other.Append(ctx, purchase("e3", "1", "5.00"))
			if found, err2 := other.FindCurrent(ctx, card("1")); b == a || late.Member != b || found != b || err != nil || err2 != nil {
				t.Errorf("the card's next owner is %s; the other server gave %s (%v) and finds %s (%v)", b, late.Member, err, found, err2)
			}
		})
	}
}
