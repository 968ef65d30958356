package ledger_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"premia/internal/core/calendar"
	"premia/internal/core/ledger"
)

// Value is used up by soonest expiry, then by the earliest earned, then in the
// order of issue.
func TestBurnOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s ledger.State
		b := ledger.Book{State: &s}
		var want []ledger.Lot
		for range rapid.IntRange(1, 12).Draw(t, "lots") {
			lot := ledger.Lot{
				Remaining: 1, EarnedAt: start + calendar.Instant(rapid.IntRange(0, 3).Draw(t, "earned")), ActivatesAt: start,
				ExpiresAt: rapid.SampledFrom([]calendar.Instant{start + 10*calendar.Day, start + 20*calendar.Day, calendar.Never}).Draw(t, "expires"),
			}
			lot.No = b.Issue(1, lot, ledger.Issuer, ledger.Issue, start, start)
			want = append(want, lot)
		}
		slices.SortStableFunc(want, func(a, b ledger.Lot) int { return int(a.EarnedAt - b.EarnedAt) })
		var expected, got []string
		for _, expires := range []calendar.Instant{start + 10*calendar.Day, start + 20*calendar.Day, calendar.Never} {
			for _, lot := range want {
				if lot.ExpiresAt == expires {
					expected = append(expected, fmt.Sprint(lot.No))
				}
			}
		}
		b.Postings = nil
		b.Take(1, int64(len(want)), ledger.Spent, ledger.Spend, ledger.Refuse, start)
		for _, p := range b.Postings {
			got = append(got, fmt.Sprint(p.Lot))
		}
		if !slices.Equal(got, expected) {
			t.Fatalf("used up in the order %v, not %v", got, expected)
		}
	})
}
