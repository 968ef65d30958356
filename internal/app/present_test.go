package app_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
)

// earner lets the member with a card have so many points, and gives their id.
func (x *tills) earner(card string, points int) ledger.MemberID {
	x.t.Helper()
	e := &event.Event{ID: "buys-" + card, Type: event.Purchase, Member: "card:" + card, Total: int64(points) * 100, Given: event.GivenTotal}
	answer, err := x.of[0].Record(x.t.Context(), e)
	if err != nil {
		x.t.Fatal(err)
	}
	return answer.Member
}

func (x *tills) has(card string) int64 {
	x.t.Helper()
	all, _, err := x.of[0].Wallets(x.t.Context(), "card:"+card)
	if err != nil {
		x.t.Fatal(err)
	}
	return all[0].Available
}

// TestPresentsAreAnsweredOnce accepts presents by a link on two servers for two members
// while the giver takes them back: each is given once, or not at all.
func TestPresentsAreAnsweredOnce(t *testing.T) {
	t.Parallel()
	onEachTills(t, func(t *testing.T, x *tills) {
		anna, ben, eva := x.earner("1", 100), x.earner("2", 1), x.earner("3", 1)
		for n := range 6 {
			secret := fmt.Sprintf("%024d", n)
			made, err := x.of[0].MakePresent(t.Context(), &app.NewPresent{From: anna, Secret: secret, Wallet: "points", Amount: 10})
			if err != nil {
				t.Fatal(err)
			}
			again, err := x.of[1].MakePresent(t.Context(), &app.NewPresent{From: anna, Secret: secret, Wallet: "points", Amount: 10})
			if err != nil || again.ID != made.ID {
				t.Errorf("asked for twice it is %+v and %+v (%v)", made, again, err)
			}
			p, err := x.of[1].PresentByLink(t.Context(), secret)
			if err != nil {
				t.Fatal(err)
			}
			before := x.has("1")
			var all sync.WaitGroup
			var taken, backs [2]error
			for i, to := range []ledger.MemberID{ben, eva} {
				all.Go(func() { _, taken[i] = x.of[i].AcceptPresent(t.Context(), &p, to) })
				all.Go(func() { backs[i] = x.of[i].EndPresent(t.Context(), &p, anna) })
			}
			all.Wait()
			given := 0
			for _, err := range taken {
				if err == nil {
					given++
				} else if codeOf(err) != app.CodeUnknownPresent {
					t.Error(err)
				}
			}
			for _, err := range backs {
				if (err == nil) == (given > 0) || err != nil && codeOf(err) != app.CodePresentAccepted {
					t.Errorf("given %d times, and taken back with %v", given, err)
				}
			}
			if given > 1 || before-x.has("1") != int64(10*given) {
				t.Errorf("given %d times: the giver had %d and has %d", given, before, x.has("1"))
			}
			if open, err := x.of[0].PresentsOf(t.Context(), anna); err != nil || len(open) > 0 {
				t.Errorf("answered, %d wait (%v)", len(open), err)
			}
		}
		if sum := x.has("1") + x.has("2") + x.has("3"); sum != 102 {
			t.Errorf("there are %d points in all, want 102", sum)
		}
	})
}

// TestPresentsForAMember finds them with the member, has bounds, and ends by itself; what
// the giver has too little of is not given.
func TestPresentsForAMember(t *testing.T) {
	t.Parallel()
	onEachTills(t, func(t *testing.T, x *tills) {
		a := x.of[1]
		anna, ben, eva := x.earner("1", 100), x.earner("2", 1), x.earner("3", 1)
		give := func(n int, want string) {
			t.Helper()
			_, err := a.MakePresent(t.Context(), &app.NewPresent{From: anna, Secret: strings.Repeat("s", 24) + fmt.Sprint(n), Card: "2", Wallet: "points", Amount: 30})
			if err == nil && want == "" {
				return
			}
			if codeOf(err) != want {
				t.Errorf("present %d: %v, want %q", n, err, want)
			}
		}
		for n := range 5 {
			give(n, "")
		}
		give(5, app.CodeManyPresents)
		waiting := func(want int) []app.Present {
			t.Helper()
			all, err := a.PresentsFor(t.Context(), ben)
			if err != nil || len(all) != want {
				t.Fatalf("%d presents wait, want %d (%v)", len(all), want, err)
			}
			return all
		}
		all := waiting(5)
		for _, err := range []error{
			a.EndPresent(t.Context(), &all[0], eva),
			func() error { _, err := a.AcceptPresent(t.Context(), &all[0], eva); return err }(),
			func() error { _, err := a.AcceptPresent(t.Context(), &all[0], anna); return err }(),
		} {
			if codeOf(err) != app.CodeUnknownPresent {
				t.Errorf("somebody else answers: %v", err)
			}
		}
		for n := range 4 {
			answer, err := a.AcceptPresent(t.Context(), &all[n], ben)
			if err != nil || app.Applied(&answer) != (n < 3) {
				t.Errorf("accepted %d: %v, %+v", n, err, answer.Decision)
			}
		}
		if x.has("1") != 10 || x.has("2") != 91 {
			t.Errorf("the giver has %d, the receiver %d; want 10 and 91", x.has("1"), x.has("2"))
		}
		give(0, app.CodePresentAccepted)
		waiting(1)
		if err := a.EndPresent(t.Context(), &all[4], ben); err != nil {
			t.Error(err)
		}
		give(6, "")
		waiting(1)
		x.clock.Advance(15 * 24 * time.Hour)
		waiting(0)
		if _, err := a.PresentByLink(t.Context(), "nobody made this one"); codeOf(err) != app.CodeUnknownPresent {
			t.Error(err)
		}
		if _, err := a.MakePresent(t.Context(), &app.NewPresent{From: anna, Secret: "short", Wallet: "points", Amount: 1}); codeOf(err) != app.CodeShortSecret {
			t.Errorf("a secret that one could guess: %v", err)
		}
	})
}

// TestPresentsFollowMerges lets presents wait for a member, and be given by one, who are
// merged into others: the one who answers now finds, accepts and ends them, and what the
// rules refuse the giver reads.
func TestPresentsFollowMerges(t *testing.T) {
	t.Parallel()
	onEachTills(t, func(t *testing.T, x *tills) {
		a := x.of[1]
		anna, ben, eva, old := x.earner("1", 60), x.earner("2", 1), x.earner("3", 1), x.earner("4", 1)
		give := func(from ledger.MemberID, card string, n int) {
			t.Helper()
			if _, err := a.MakePresent(t.Context(), &app.NewPresent{From: from, Secret: strings.Repeat("s", 24) + fmt.Sprint(n), Card: card, Wallet: "points", Amount: 20}); err != nil {
				t.Fatal(err)
			}
		}
		merge := func(id, from, into string) {
			t.Helper()
			if _, err := x.of[0].Merge(app.WithActor(t.Context(), auth.System("test")), id, "card:"+from, "card:"+into); err != nil {
				t.Fatal(err)
			}
		}
		waiting := func(what string, read func(ctx context.Context, id ledger.MemberID) ([]app.Present, error), who ledger.MemberID, want int) []app.Present {
			t.Helper()
			all, err := read(t.Context(), who)
			if err != nil || len(all) != want {
				t.Fatalf("%s: %d presents, want %d (%v)", what, len(all), want, err)
			}
			return all
		}
		for n := range 5 {
			give(anna, "2", n) // as many as wait for one
			give(anna, "3", 10+n)
		}
		merge("m1", "2", "3")
		merge("m2", "3", "4") // on and on
		all := waiting("for who answers now", a.PresentsFor, old, 10)
		waiting("for who was merged", a.PresentsFor, ben, 0)
		waiting("for who was merged afterwards", a.PresentsFor, eva, 0)
		for n := range 4 {
			if answer, err := a.AcceptPresent(t.Context(), &all[n], old); err != nil || app.Applied(&answer) != (n < 3) {
				t.Errorf("accepted %d: %v, %+v", n, err, answer.Decision)
			}
		}
		if x.has("1") != 0 || x.has("4") != 63 {
			t.Errorf("the giver has %d, the receiver %d; want 0 and 63", x.has("1"), x.has("4"))
		}
		if err := a.EndPresent(t.Context(), &all[4], old); err != nil {
			t.Error(err)
		}
		other := x.earner("5", 1)
		merge("m3", "1", "5")
		mine := waiting("of who gives them now", a.PresentsOf, other, 6)
		at := slices.IndexFunc(mine, func(p app.Present) bool { return p.NotGiven })
		if at < 0 {
			t.Fatal("what was not given does not stand for its giver")
		}
		if why, err := a.WhyNotGiven(t.Context(), &mine[at], "en"); err != nil || !strings.Contains(strings.Join(why, " "), "less than") {
			t.Errorf("not given because of %q (%v)", why, err)
		}
		if err := a.EndPresent(t.Context(), &mine[at], other); err != nil {
			t.Error(err)
		}
		waiting("after it was read", a.PresentsOf, other, 5)
		merge("m4", "5", "4") // giver and receiver are one
		waiting("for oneself", a.PresentsFor, old, 0)
		for _, p := range waiting("to take back", a.PresentsOf, old, 5) {
			if err := a.EndPresent(t.Context(), &p, old); err != nil {
				t.Error(err)
			}
		}
		if x.has("4") != 64 {
			t.Errorf("in the end there are %d points, want 64", x.has("4"))
		}
	})
}
