package journal_test

import "testing"

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
		if got := f.balance(a); got.Pending != 30 {
			t.Errorf("balance %+v, want the 30 of before the erasure", got)
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
