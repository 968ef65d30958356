package engine_test

import (
	"bytes"
	"encoding/hex"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"premia/internal/core/calendar"
	"premia/internal/core/condition"
	"premia/internal/core/engine"
	"premia/internal/core/ledger"
)

func drawDecision(t *rapid.T) *engine.Decision {
	name := rapid.Custom(func(t *rapid.T) ledger.Name { return ledger.Name(rapid.Uint32().Draw(t, "name")) })
	amount := rapid.Int64()
	instants := rapid.Custom(func(t *rapid.T) calendar.Instant {
		return calendar.Instant(rapid.Int64Range(-1<<60, 1<<60).Draw(t, "instant"))
	})
	d := &engine.Decision{
		Revision: rapid.Uint32().Draw(t, "revision"), Program: rapid.Uint32().Draw(t, "program"),
		Clock: instants.Draw(t, "clock"), Outcome: engine.Outcome(rapid.IntRange(0, 11).Draw(t, "outcome")),
	}
	d.At = d.Clock - calendar.Instant(rapid.Int64Range(0, 1<<40).Draw(t, "late"))
	for range rapid.IntRange(0, 5).Draw(t, "steps") {
		s := engine.Step{Rule: name.Draw(t, "rule"), Result: engine.Result(rapid.IntRange(0, 15).Draw(t, "result"))}
		if rapid.Bool().Draw(t, "gave") {
			s.Wallet, s.Amount = name.Draw(t, "wallet"), amount.Draw(t, "amount")
		}
		s.Wanted, s.Base = amount.Draw(t, "wanted"), rapid.SampledFrom([]int64{0, 12, -5}).Draw(t, "base")
		s.Part, s.Read = rapid.Uint8().Draw(t, "part"), rapid.SampledFrom([]string{"", "żółw"}).Draw(t, "read")
		s.Limit, s.By = engine.Limit(rapid.IntRange(0, 7).Draw(t, "limit")), name.Draw(t, "by")
		s.Times = rapid.SampledFrom([]int64{0, 3}).Draw(t, "times")
		d.Steps = append(d.Steps, s)
	}
	for range rapid.IntRange(0, 4).Draw(t, "postings") {
		d.Postings = append(d.Postings, ledger.Posting{
			Kind: ledger.Kind(rapid.IntRange(1, 8).Draw(t, "kind")), Wallet: name.Draw(t, "wallet"),
			From: ledger.Account(rapid.IntRange(1, 9).Draw(t, "from")), To: ledger.Account(rapid.IntRange(1, 9).Draw(t, "to")),
			Amount: amount.Draw(t, "amount"), Lot: rapid.Uint32().Draw(t, "lot"), Rule: name.Draw(t, "rule"), At: instants.Draw(t, "at"),
		})
	}
	for range rapid.IntRange(0, 3).Draw(t, "grants") {
		d.Grants = append(d.Grants, engine.Grant{Quota: ledger.Quota{Name: name.Draw(t, "quota"), Window: rapid.SampledFrom([]int64{0, 1, -5, 1 << 62}).Draw(t, "window")}, Amount: amount.Draw(t, "amount"), Cut: rapid.Bool().Draw(t, "cut")})
	}
	for range rapid.IntRange(0, 2).Draw(t, "follow-ups") {
		d.FollowUps = append(d.FollowUps, engine.FollowUp{
			Type: "absorb", Member: ledger.MemberID(rapid.Int64Range(1, 1<<62).Draw(t, "member")),
			Order: rapid.SampledFrom([]string{"", "A1"}).Draw(t, "order"), Carried: rapid.SliceOfN(rapid.Byte(), 0, 5).Draw(t, "carried"),
		})
	}
	for range rapid.IntRange(0, 2).Draw(t, "discounts") {
		d.Discounts = append(d.Discounts, engine.Discounted{
			Rule: name.Draw(t, "rule"), Code: rapid.IntRange(0, 20).Draw(t, "code"), Item: rapid.IntRange(-1, 9).Draw(t, "item"), Amount: amount.Draw(t, "amount"),
		})
	}
	for range rapid.IntRange(0, 2).Draw(t, "codes") {
		d.Codes = append(d.Codes, engine.Code{
			Found: rapid.Bool().Draw(t, "found"), Blocked: rapid.Bool().Draw(t, "blocked"), Reward: name.Draw(t, "reward"), Window: amount.Draw(t, "window"),
			Member: ledger.MemberID(rapid.Int64Range(0, 1<<62).Draw(t, "member")), From: instants.Draw(t, "from"), Until: instants.Draw(t, "until"), Uses: amount.Draw(t, "uses"),
		})
	}
	for range rapid.IntRange(0, 2).Draw(t, "paid") {
		d.Paid = append(d.Paid, ledger.Part{Wallet: name.Draw(t, "wallet"), Lot: ledger.Lot{No: rapid.Uint32().Draw(t, "lot"), Rule: name.Draw(t, "rule"), Remaining: amount.Draw(t, "remaining"), ExpiresAt: calendar.Never}})
	}
	for range rapid.IntRange(0, 2).Draw(t, "vouchers") {
		d.Vouchers = append(d.Vouchers, engine.Voucher{
			Redemption: rapid.SampledFrom([]string{"", "evt_1"}).Draw(t, "redemption"), Number: rapid.IntRange(0, 9).Draw(t, "number"), Reward: name.Draw(t, "reward"),
			Bearer: rapid.Bool().Draw(t, "bearer"), TakenBack: rapid.Bool().Draw(t, "taken back"), From: instants.Draw(t, "from"), Until: instants.Draw(t, "until"), Uses: amount.Draw(t, "uses"),
		})
	}
	return d
}

func TestDecisionsComeBackFromTheirBytes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawDecision(t)
		var back engine.Decision
		if err := engine.DecodeDecision(d.Append(nil), &back); err != nil {
			t.Fatal(err)
		}
		if difference := cmp.Diff(d, &back, cmpopts.EquateEmpty()); difference != "" {
			t.Fatalf("(-written +read):\n%s", difference)
		}
	})
}

func FuzzDecodeDecision(f *testing.F) {
	d := engine.Decision{
		Revision: 1, Program: 2, Clock: 1_767_225_600_000_000, At: 1_767_225_000_000_000, Outcome: engine.Applied,
		Steps:     []engine.Step{{Rule: 3, Result: engine.Gave, Wallet: 1, Amount: 5, Wanted: 7, Base: 500, Limit: engine.EachDay}, {Rule: 4, Result: engine.NotMet, Part: 1, Read: "web"}},
		Postings:  []ledger.Posting{{Kind: ledger.Issue, Wallet: 1, From: ledger.Issuer, To: ledger.Pending, Amount: 5, Lot: 1, Rule: 3, At: calendar.Never}},
		Grants:    []engine.Grant{{Quota: ledger.Quota{Name: 9}, Amount: 5, Cut: true}},
		FollowUps: []engine.FollowUp{{Type: "absorb", Member: 77, Carried: []byte{1, 2}}},
	}
	f.Add(d.Append(nil))
	f.Add([]byte{1, 1, 1, 0, 0, 1, 255, 255, 255, 15})
	f.Fuzz(func(t *testing.T, src []byte) {
		var d engine.Decision
		err := engine.DecodeDecision(src, &d)
		// Each part takes a byte at least; slices grow to at most twice and a bit.
		if most := 4*len(src) + 16; cap(d.Steps) > most || cap(d.Postings) > most || cap(d.Grants) > most || cap(d.FollowUps) > most {
			t.Fatalf("%d bytes took memory for %d steps, %d postings, %d grants, %d follow-ups",
				len(src), cap(d.Steps), cap(d.Postings), cap(d.Grants), cap(d.FollowUps))
		}
		if err != nil {
			return
		}
		written := d.Append(nil)
		var back engine.Decision
		if err := engine.DecodeDecision(written, &back); err != nil {
			t.Fatalf("what was written can't be read: %v", err)
		}
		if again := back.Append(nil); !bytes.Equal(written, again) {
			t.Fatalf("%x became %x", written, again)
		}
	})
}

// The bytes are what the first layout wrote: no windows of quotas, fewer results.
func TestDecisionsOfTheFirstLayoutCanBeRead(t *testing.T) {
	written, err := hex.DecodeString("0101031880897a010207c10902141807089e040101780002130a080301066162736f726206016f01010103020801017001d00f")
	if err != nil {
		t.Fatal(err)
	}
	want := engine.Decision{
		Revision: 1, Program: 3, Clock: 5_000_000, At: 4_000_000, Outcome: engine.Applied,
		Steps: []engine.Step{
			{Rule: 7, Result: engine.Gave, Wallet: 2, Amount: 10, Wanted: 12, Limit: engine.InTotal},
			{Rule: 8, Result: engine.NotEnough, Part: 1, Read: "x"},
		},
		Grants:    []engine.Grant{{Quota: ledger.Quota{Name: 9}, Amount: 5, Cut: true}, {Quota: ledger.Quota{Name: 4}, Amount: -2}},
		FollowUps: []engine.FollowUp{{Type: "absorb", Member: 6, Order: "o", Carried: []byte{1}}},
		Facts:     []engine.Fact{{Field: 3, Value: condition.IntValue(4)}},
		Returned:  []engine.Returned{{Purchase: "p", Item: 1, Quantity: 1000}},
	}
	var got engine.Decision
	if err := engine.DecodeDecision(written, &got); err != nil {
		t.Fatal(err)
	}
	if difference := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.EquateComparable(condition.Value{})); difference != "" {
		t.Errorf("(-want +read):\n%s", difference)
	}
}
