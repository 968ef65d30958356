package store

import (
	"errors"
	"testing"

	"premia/internal/core/calendar"
	"premia/internal/core/ledger"
)

func init() {
	conformance["clicks of a minute are bounded"] = clicksAreBounded
	conformance["old clicks are forgotten"] = clicksAreForgotten
	conformance["clicks are counted by each mark"] = clicksByMarks
}

func addClicks(t *testing.T, s *Store, n int, c ledger.Click, oldest calendar.Instant) (kept int) {
	t.Helper()
	for range n {
		c.ID++
		ok, err := s.AddClick(t.Context(), &c, oldest)
		if err != nil {
			t.Fatal(err)
		}
		if ok {
			kept++
		}
	}
	return kept
}

// Of one ambassador's clicks a thousand are kept in a minute, and others' go on.
func clicksAreBounded(t *testing.T, sub *subject) {
	s := sub.open(t)
	at := 100 * calendar.Day
	if kept := addClicks(t, s, maxClicksAMinute+5, ledger.Click{By: 1, At: at}, 0); kept != maxClicksAMinute {
		t.Errorf("%d were kept", kept)
	}
	for name, c := range map[string]ledger.Click{
		"another ambassador's": {ID: 10_000, By: 2, At: at},
		"one a minute later":   {ID: 20_000, By: 1, At: at + calendar.Minute},
	} {
		if kept := addClicks(t, s, 1, c, 0); kept != 1 {
			t.Errorf("%s is not kept", name)
		}
	}
}

// Each new click takes some of the old ones with it, so that none stays for long.
func clicksAreForgotten(t *testing.T, sub *subject) {
	s := sub.open(t)
	addClicks(t, s, 3*forgottenTogether, ledger.Click{By: 1, At: calendar.Day}, 0)
	count := func() (n int64) {
		all, err := s.ClicksOf(t.Context(), 1, 1)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range all {
			n += c.Count
		}
		return n
	}
	young := ledger.Click{ID: 1000, By: 1, At: 10 * calendar.Day}
	for n, left := range []int64{2*forgottenTogether + 1, forgottenTogether + 2, 3, 4} {
		addClicks(t, s, 1, young, 5*calendar.Day)
		young.ID++
		if got := count(); got != left {
			t.Errorf("after %d young ones there are %d, want %d", n+1, got, left)
		}
	}
	if _, err := s.Click(t.Context(), 1); !errors.Is(err, ErrNotFound) {
		t.Errorf("an old click is there: %v", err)
	}
}

func clicksByMarks(t *testing.T, sub *subject) {
	s := sub.open(t)
	addClicks(t, s, 2, ledger.Click{By: 1, At: calendar.Day, Subs: []string{"a", "b", "", "d", "e"}}, 0)
	for mark, want := range []string{"a", "b", "", "d", "e"} {
		all, err := s.ClicksOf(t.Context(), 1, mark+1)
		if err != nil || len(all) != 1 || all[0].Sub != want || all[0].Count != 2 {
			t.Errorf("by mark %d: %+v %v", mark+1, all, err)
		}
	}
}
