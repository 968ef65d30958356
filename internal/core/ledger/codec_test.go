package ledger_test

import (
	"encoding/hex"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"premia/internal/core/ledger"
)

// The bytes are what the first version wrote, with its redemptions.
func TestStatesOfTheFirstVersionCanBeRead(t *testing.T) {
	written, err := hex.DecodeString("0101080004000000000000000101720502020c1000")
	if err != nil {
		t.Fatal(err)
	}
	want := ledger.State{
		Status: ledger.Active, EnrolledAt: 1_000_000, Purchases: 2,
		Redemptions: []ledger.Redemption{{ID: "r", Reward: 5, Quantity: 1, Status: ledger.Ordered, At: 2_000_000, Until: 3_000_000}},
	}
	var got ledger.State
	if err := ledger.DecodeState(written, &got); err != nil {
		t.Fatal(err)
	}
	if difference := cmp.Diff(want, got, cmpopts.EquateEmpty()); difference != "" {
		t.Errorf("(-want +read):\n%s", difference)
	}
	var again ledger.State
	if err := ledger.DecodeState(got.Append(nil), &again); err != nil {
		t.Fatal(err)
	}
	if difference := cmp.Diff(got, again, cmpopts.EquateEmpty()); difference != "" {
		t.Errorf("(-written +read):\n%s", difference)
	}
}
