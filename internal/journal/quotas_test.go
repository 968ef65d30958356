package journal_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"premia/internal/core/calendar"
	"premia/internal/journal"
)

// TestVersionsCapOneBudgetDifferently decides, in one batch, an event under a
// version whose budget is 500 and events under one that raised it: each gets what
// the cap of its own date leaves.
func TestVersionsCapOneBudgetDifferently(t *testing.T) {
	oneWriter(t, func(t *testing.T, f *fixture) {
		f.append(purchase("e0", "1", "1.00"))
		f.clock.Advance(time.Hour)
		p, err := f.Publish(context.Background(), []byte(strings.ReplaceAll(document, "in total: 500", "in total: 800")), calendar.None, "")
		if err != nil {
			t.Fatal(err)
		}
		app := func(id, total string, at calendar.Instant) journal.Request {
			r := purchase(id, "1", total)
			r.Event.At, r.Event.Channel = at, "app"
			return r
		}
		before := p.LiveFrom - calendar.Minute
		for i, r := range f.together(
			app("e1", "300.00", before), app("e2", "400.00", calendar.None), app("e3", "50.00", before), app("e4", "900.00", calendar.None),
		) {
			if r.err != nil {
				t.Fatal(r.err)
			}
			granted := int64(0)
			for _, g := range r.Decision.Grants {
				granted += g.Amount
			}
			if want := []int64{300, 400, 0, 100}[i]; granted != want {
				t.Errorf("event %d was granted %d, want %d", i+1, granted, want)
			}
		}
		quotas, err := f.store.QuotaList(context.Background())
		if err != nil || len(quotas) != 1 || quotas[0].Used != 800 {
			t.Errorf("used %+v (%v), want 800", quotas, err)
		}
	})
}
