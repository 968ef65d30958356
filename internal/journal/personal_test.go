package journal_test

import (
	"context"
	"errors"
	"testing"

	"premia/internal/core/ledger"
	"premia/internal/journal"
)

func TestErasureForgetsWhatItsBatchBrought(t *testing.T) {
	oneWriter(t, func(t *testing.T, f *fixture) {
		a := f.append(purchase("e1", "1", "20.00")).Member
		got := f.together(profile("p1", a, "email", "anna@example.com"), erasing("x1", a, card("1")), purchase("e2", "1", "7.00"))
		if got[0].err != nil || got[1].err != nil {
			t.Error(got[0].err, got[1].err)
		}
		if left := f.personal(a); len(left) != 0 {
			t.Errorf("left of the erased member: %v", left)
		}
		if got[2].err == nil && got[2].Member == a {
			t.Error("the purchase behind the erasure went to the erased member")
		}
		// The 30 of before expire with whoever had them, and no other value was there.
		expired := int64(0)
		for _, p := range got[1].Decision.Postings {
			if p.To == ledger.Expired {
				expired += p.Amount
			}
		}
		if got := f.balance(a); got != (ledger.Balance{}) || expired != 30 {
			t.Errorf("balance %+v after %d expired, want the 30 of before the erasure to", got, expired)
		}
	})
}

func TestChangesOfOneBatchCountInTheirOrder(t *testing.T) {
	oneWriter(t, func(t *testing.T, f *fixture) {
		a := f.append(purchase("e1", "1", "20.00")).Member
		for _, r := range f.together(
			profile("p1", a, "email", "anna@example.com"), profile("p2", a, "email", "ania@example.com"),
			profile("p3", a, "city", "Gdynia"), profile("p4", a, "city", ""),
		) {
			if r.err != nil {
				t.Error(r.err)
			}
		}
		got := f.personal(a)
		if len(got) != 2 || got["identity card 1"] != 1 || got["profile email ania@example.com"] != 1 {
			t.Errorf("kept %v, want the card and the second address", got)
		}
	})
}

// TestErasureLetsGoOfIdentitiesThatCameMeanwhile erases a member who got a card
// after the erasure was asked for, and one who was merged into another meanwhile.
func TestErasureLetsGoOfIdentitiesThatCameMeanwhile(t *testing.T) {
	oneWriter(t, func(t *testing.T, f *fixture) {
		a := f.append(purchase("e1", "1", "20.00")).Member
		erasure := erasing("x1", a, card("1"))
		f.append(binding("b1", a, "2"))
		for i, r := range f.together(binding("b2", a, "3"), erasure) {
			if r.err != nil {
				t.Fatal(i, r.err)
			}
		}
		for _, number := range []string{"1", "2", "3"} {
			if found, err := f.FindCurrent(context.Background(), card(number)); !errors.Is(err, journal.ErrUnknownMember) {
				t.Errorf("card %s is still %s's (%v)", number, found, err)
			}
		}
		b, c := f.append(purchase("e2", "1", "5.00")).Member, f.append(purchase("e3", "2", "5.00")).Member
		erasure = erasing("x2", b, card("1"))
		f.append(merging("m1", b, c))
		f.followUps()
		f.append(erasure)
		if found, err := f.FindCurrent(context.Background(), card("2")); !errors.Is(err, journal.ErrUnknownMember) {
			t.Errorf("card 2 is still %s's (%v)", found, err)
		}
	})
}
