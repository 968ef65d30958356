package app_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
)

// balances are what a member has in each wallet.
func balances(all []app.WalletOf) map[string]ledger.Balance {
	out := make(map[string]ledger.Balance)
	for i := range all {
		out[all[i].Wallet.ID] = all[i].Balance
	}
	return out
}

// TestMergesComeAsForeseen compares what was foreseen of a merge with what it brought.
func TestMergesComeAsForeseen(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		h := newHistory(t, url)
		const from, into = "card:8", "card:9"
		for ref, name := range map[string]string{from: "Anna", into: "Ania"} {
			if _, err := h.Change(t.Context(), ref, app.Change{Profile: map[string]string{"given_name": name}}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := h.Change(t.Context(), from, app.Change{Profile: map[string]string{"city": "Łódź"}}); err != nil {
			t.Fatal(err)
		}
		foreseen, err := h.PreviewMerge(t.Context(), from, into)
		if err != nil {
			t.Fatal(err)
		}
		if foreseen.Refused != nil || foreseen.From.ID != h.cards[8] || foreseen.Into.ID != h.cards[9] {
			t.Fatalf("foreseen is %+v", foreseen)
		}
		if !slices.Equal(foreseen.Gained, []string{"city"}) || !slices.Equal(foreseen.Lost, []string{"given_name"}) || len(foreseen.Identities) != 1 || foreseen.Identities[0].String() != from {
			t.Errorf("foreseen to come: %v, to be lost: %v, to lead there: %v", foreseen.Gained, foreseen.Lost, foreseen.Identities)
		}
		if now, err := h.Member(t.Context(), from); err != nil || now.ID != h.cards[8] {
			t.Fatalf("foreseeing merged the member: %v", err)
		}
		if _, err := h.Merge(t.Context(), "foreseen", from, into); err != nil {
			t.Fatal(err)
		}
		after, err := h.Member(t.Context(), into)
		if err != nil {
			t.Fatal(err)
		}
		for id, want := range balances(foreseen.Wallets) {
			if got := balances(after.Wallets)[id]; got != want {
				t.Errorf("%s: foreseen %+v, came to %+v", id, want, got)
			}
		}
		if after.Purchases != foreseen.Purchases || after.Spend != foreseen.Spend {
			t.Errorf("foreseen %d purchases of %d, came to %d of %d", foreseen.Purchases, foreseen.Spend, after.Purchases, after.Spend)
		}
		if after.Profile["city"] != "Łódź" || after.Profile["given_name"] != "Ania" || len(after.Identities) != 2 {
			t.Errorf("the profile came to %v, known by %v", after.Profile, after.Identities)
		}
		if _, err := h.PreviewMerge(t.Context(), from, into); app.AsProblem(err).Code != app.CodeAlreadyMerged {
			t.Errorf("foreseeing it again: %v", err)
		}
		wantHealthy(t, h.Store)
	})
}

// TestUndoneOnce undoes adjustments, and finds the balance as it was before.
func TestUndoneOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		h := newHistory(t, url)
		before := balances(must(h.Member(t.Context(), "card:5")).Wallets)["points"].Net()
		for _, amount := range []int64{700, -100} {
			id := map[bool]string{true: "give", false: "take"}[amount > 0]
			if _, err := h.Record(t.Context(), &event.Event{ID: id, Type: event.Adjustment, Member: "card:5", Wallet: "points", Amount: amount, Given: event.GivenAmount, Reason: "mistake"}); err != nil {
				t.Fatal(err)
			}
			if done, err := h.Undone(t.Context(), id); err != nil || done != nil {
				t.Errorf("%s is undone already: %v", id, err)
			}
			var first string
			for n := range 3 {
				answer, err := h.UndoAdjustment(t.Context(), id, "undone")
				if err != nil || answer.Event.Amount != -amount || answer.Event.Reference != id {
					t.Fatalf("undoing %s: %+v (%v)", id, answer.Event, err)
				}
				if n == 0 {
					first = answer.Event.ID
				} else if answer.Event.ID != first || !answer.Repeated {
					t.Errorf("undoing %s again is another adjustment", id)
				}
			}
			if done, err := h.Undone(t.Context(), id); err != nil || done == nil || done.Event.ID != first {
				t.Errorf("%s is not undone: %v", id, err)
			}
			if got := balances(must(h.Member(t.Context(), "card:5")).Wallets)["points"].Net(); got != before {
				t.Errorf("after undoing %s there are %d, not %d", id, got, before)
			}
		}
		if _, err := h.UndoAdjustment(t.Context(), "e5", "undone"); app.AsProblem(err).Code != app.CodeNothingToUndo && app.AsProblem(err).Code != app.CodeUnknownEvent {
			t.Errorf("a purchase was undone: %v", err)
		}
		wantHealthy(t, h.Store)
	})
}

func must[V any](v V, err error) V {
	if err != nil {
		panic(err)
	}
	return v
}

// TestErasingAsForeseen lists what goes and what stays, erases, and finds it so.
func TestErasingAsForeseen(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		h := newHistory(t, url)
		if _, err := h.Change(t.Context(), "card:6", app.Change{Profile: map[string]string{"given_name": "Anna", "city": "Brno"}, Consents: map[string]bool{"email": true}}); err != nil {
			t.Fatal(err)
		}
		foreseen, err := h.PreviewErasure(t.Context(), "card:6")
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(foreseen.Profile, []string{"city", "given_name"}) || len(foreseen.Identities) != 1 || !slices.Contains(foreseen.Facts, "consent_email") || foreseen.Purchases != 2 {
			t.Errorf("foreseen is %+v", foreseen)
		}
		unproved := app.WithActor(t.Context(), auth.Actor{Kind: auth.KindUser, ID: "usr_1", Role: auth.Owner})
		if _, err := h.Erase(unproved, "gone", "card:6"); app.AsProblem(err).Code != app.CodeProveAgain {
			t.Errorf("a user who has not proved who they are erased: %v", err)
		}
		if _, err := h.Erase(t.Context(), "gone", "card:6"); err != nil {
			t.Fatal(err)
		}
		state, _, err := h.Journal.StateOf(t.Context(), foreseen.Member)
		if err != nil || state.Purchases != foreseen.Purchases || state.Status != ledger.Erased || len(state.Facts) != 0 {
			t.Errorf("what stayed is %+v (%v)", state, err)
		}
		if left, err := h.Store.PersonalOf(t.Context(), foreseen.Member); err != nil || len(left) != 0 {
			t.Errorf("left are %v (%v)", left, err)
		}
		wantHealthy(t, h.Store)
	})
}

// TestRecentMembers finds the member to whom something happened last, and none twice.
func TestRecentMembers(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		h := newHistory(t, url)
		h.clock.Advance(time.Minute)
		latest, err := h.Record(t.Context(), &event.Event{ID: "latest", Type: event.Purchase, Member: "card:2", Total: 300, Given: event.GivenTotal})
		if err != nil {
			t.Fatal(err)
		}
		found, err := h.RecentMembers(t.Context(), 5)
		if err != nil || len(found) == 0 || len(found) > 5 || found[0].ID != latest.Member {
			t.Fatalf("found are %+v (%v)", found, err)
		}
		seen := map[ledger.MemberID]bool{}
		for _, f := range found {
			if seen[f.ID] || f.Status == ledger.Merged || f.Status == ledger.Erased {
				t.Errorf("%s is there twice, or no member any more", f.ID)
			}
			seen[f.ID] = true
		}
	})
}

// TestWhoActed names those who sent events.
func TestWhoActed(t *testing.T) {
	h := newHistory(t, "sqlite:"+t.TempDir()+"/premia.db")
	_, key, err := h.CreateKey(app.WithActor(t.Context(), auth.System("test")), "the shop", "members:read", 0)
	if err != nil {
		t.Fatal(err)
	}
	for by, want := range map[string]string{key.ID: "the shop", "usr_gone": "usr_gone", "": ""} {
		if got, err := h.WhoActed(t.Context(), by); err != nil || got != want {
			t.Errorf("%q acted as %q (%v), want %q", by, got, err, want)
		}
	}
}

// TestHistoryCursors reads what was written, and nothing else.
func TestHistoryCursors(t *testing.T) {
	places := []app.HistoryPlace{{Member: 7, Seq: 12}, {Member: 1 << 62, Seq: -1}}
	read, err := app.ParseHistoryCursor(app.HistoryCursor(places))
	if err != nil || !slices.Equal(read, places) {
		t.Errorf("%v was read as %v (%v)", places, read, err)
	}
	for _, wrong := range []string{"x", "aDI", strings.Repeat("A", 100)} {
		if _, err := app.ParseHistoryCursor(wrong); err == nil {
			t.Errorf("%q was read", wrong)
		}
	}
	if got, err := app.ParseHistoryCursor(app.HistoryCursor(nil)); err != nil || got != nil {
		t.Errorf("no places were read as %v (%v)", got, err)
	}
}
