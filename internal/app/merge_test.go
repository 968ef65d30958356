package app_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"premia/internal/app"
	"premia/internal/core/event"
	"premia/internal/journal"
	"premia/internal/store"
)

// personalOf gives a member's personal values, "name value".
func (h *history) personalOf(ref string) map[string]bool {
	h.t.Helper()
	id, err := h.Find(h.t.Context(), ref)
	if err != nil {
		h.t.Fatal(err)
	}
	values, err := h.Store.PersonalOf(h.t.Context(), id)
	if err != nil {
		h.t.Fatal(err)
	}
	all := make(map[string]bool)
	for _, v := range values {
		all[v.Name+" "+v.Value] = true
	}
	return all
}

// TestMergeMovesPersonalValues merges under the longest id there may be, and
// under one for which somebody took what looks like the id of what comes after.
func TestMergeMovesPersonalValues(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		h := newHistory(t, url)
		for i, id := range []string{strings.Repeat("m", event.MaxIDLength), "taken"} {
			from, into := "card:"+[]string{"8", "10"}[i], "card:"+[]string{"9", "11"}[i]
			if _, err := h.Change(t.Context(), from, app.Change{Profile: map[string]string{"given_name": "Anna"}}); err != nil {
				t.Fatal(err)
			}
			if _, err := h.Change(t.Context(), into, app.Change{EventID: []string{"other", "taken/personal"}[i]}); err != nil {
				t.Fatal(err)
			}
			if _, err := h.Merge(t.Context(), id, from, into); err != nil {
				t.Fatal(err)
			}
			if got := h.personalOf(into); !got["given_name Anna"] || !got[strings.Replace(from, ":", " ", 1)] {
				t.Errorf("merge %.8s: %s has %v, want the name and the card of %s, too", id, into, got, from)
			}
		}
		wantHealthy(t, h.Store)
	})
}

// TestErasureBetweenMergeAndMove erases the other member before the personal
// values of the merged one came there: they are gone, and the card is free.
func TestErasureBetweenMergeAndMove(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		h := newHistory(t, url)
		into := h.cards[9]
		merged := h.append(h.merge("m9", h.cards[8], into))
		if _, err := h.Journal.Deliver(t.Context(), journal.FollowUps{Journal: h.Journal}); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Erase(t.Context(), "", into.String()); err != nil {
			t.Fatal(err)
		}
		moves := app.PersonalMoves{App: h.App}
		again := func() {
			entry, err := h.Store.Entry(t.Context(), merged.Position)
			if err == nil {
				err = moves.Handle(t.Context(), &entry)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		again()
		if left, err := h.Store.PersonalOf(t.Context(), h.cards[8]); len(left) > 0 || err != nil {
			t.Errorf("left of the merged member: %v (%v)", left, err)
		}
		next := h.append(h.purchase(8, "5.00", "web")).Member
		if next == h.cards[8] || next == into {
			t.Errorf("a purchase under the card went to %s", next)
		}
		again()
		if found, err := h.Journal.FindCurrent(t.Context(), journal.Identity{Kind: "card", Value: "8"}); found != next || err != nil {
			t.Errorf("the card's next owner lost it: %s (%v), want %s", found, err, next)
		}
		wantHealthy(t, h.Store)
	})
}

// TestMergeSentAgainAtOnce sends merges several times at once, while the members whom
// they name are merged on: whichever comes first, all have its answer, or hear that the
// members are being merged or are one already.
func TestMergeSentAgainAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		h := newHistory(t, url)
		for round := range 40 {
			card := func(n int) string { return fmt.Sprintf("card:%d", 1000+3*round+n) }
			for n := range 3 {
				h.append(h.purchase(1000+3*round+n, "10.00", "app"))
			}
			id := fmt.Sprintf("again-%d", round)
			var answers [4]journal.Answer
			var merging sync.WaitGroup
			for i := range answers {
				merging.Go(func() {
					var err error
					answers[i], err = h.Merge(t.Context(), id, card(0), card(1))
					if code := app.AsProblem(err).Code; err != nil && code != app.CodeMergeInProgress && code != app.CodeAlreadyMerged {
						t.Errorf("merge %s: %v", id, err)
					}
				})
			}
			merging.Go(func() {
				if _, err := h.Merge(t.Context(), id+"-on", card(1), card(2)); err != nil && app.AsProblem(err).Code != app.CodeMergeInProgress {
					t.Errorf("merge %s on: %v", id, err)
				}
			})
			merging.Wait()
			entries := make(map[store.Position]bool)
			for i := range answers {
				entries[answers[i].Position] = true
			}
			if delete(entries, store.Position{}); len(entries) > 1 {
				t.Errorf("merge %s was answered by the entries %v", id, entries)
			}
		}
		wantHealthy(t, h.Store)
	})
}
