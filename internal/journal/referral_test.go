package journal_test

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/journal"
	"premia/internal/store"
	"premia/internal/testkit/postgres"
)

const referring = `
program: Test
currency: PLN
timezone: Europe/Warsaw
languages: [en]
enrolment: {unknown: enrol}
wallets:
  points: {name: {en: points}, debt: carry}
returns: {}
referrals:
  rewards:
    - id: joined
      on: sign-up
      referrer: {give: {points: 1}, limits: {points: {each member: 20}}}
    - id: bought
      on: first purchase
      friend: {give: {points: 7}, limits: {points: {in total: 70}}}
      referrer: {give: {points: 100}, limits: {times: {each month: 5}}}
`

// onEachReferring runs a test on SQLite with one journal, and on PostgreSQL with
// two, each over connections of its own.
func onEachReferring(t *testing.T, test func(t *testing.T, f *fixture, other *journal.Journal)) {
	begin := func(t *testing.T, f *fixture, two bool) {
		if _, err := f.Publish(t.Context(), []byte(referring), calendar.None, ""); err != nil {
			t.Fatal(err)
		}
		f.clock.Advance(time.Hour)
		other := f.Journal
		if two {
			s, err := store.Open(t.Context(), f.url, store.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if other, err = journal.Open(t.Context(), s, journal.Options{Clock: f.clock.Now}); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				other.Close()
				s.Close()
			})
		}
		test(t, f, other)
	}
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		begin(t, open(t, "sqlite:"+filepath.Join(t.TempDir(), "premia.db"), journal.Options{}), false)
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		begin(t, open(t, postgres.New(t), journal.Options{}), true)
	})
}

// joins is an enrolment at the invitation of a member.
func joins(id string, by ledger.MemberID) journal.Request {
	return journal.Request{
		Unknown: engine.EnrolUnknown, Identity: journal.Identity{Kind: "card", Value: id},
		Event:   &event.Event{ID: "join-" + id, Type: event.Enrolment, Data: []event.Datum{{Name: "referral_by", Kind: event.Whole, Whole: int64(by)}}},
		Derived: []event.Datum{{Name: "referral_since", Kind: event.Whole, Whole: 1}, {Name: "referral_to", Kind: event.Whole, Whole: int64(by)}},
	}
}

// givesBack returns all of an order.
func givesBack(id, order string) journal.Request {
	return journal.Request{Event: &event.Event{ID: id, Type: event.Return, Order: order}, Unknown: engine.GuestUnknown}
}

func deliver(t *testing.T, journals ...*journal.Journal) {
	t.Helper()
	for range 3 {
		var all sync.WaitGroup
		for _, j := range journals {
			all.Go(func() {
				if _, err := j.Deliver(context.Background(), journal.FollowUps{Journal: j}); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
	}
}

// Sixty-four friends of one member join and buy at once: the member's limits and
// the budget give what they give and no more, whoever is first. Everything that
// comes again changes nothing, and what all of them return is taken back once.
func TestSixtyFourFriendsAtOnce(t *testing.T) {
	t.Parallel()
	onEachReferring(t, func(t *testing.T, f *fixture, other *journal.Journal) {
		const friends = 64
		anna := f.append(purchase("a0", "anna", "1.00")).Member
		journals := []*journal.Journal{f.Journal, other}
		together := func(request func(n int) journal.Request) []ledger.MemberID {
			members := make([]ledger.MemberID, friends)
			var all sync.WaitGroup
			for n := range friends {
				all.Go(func() {
					answer, err := journals[n%2].Append(context.Background(), request(n))
					if err != nil {
						t.Error(err)
						return
					}
					members[n] = answer.Member
				})
			}
			all.Wait()
			return members
		}
		members := together(func(n int) journal.Request { return joins(fmt.Sprint("f", n), anna) })
		deliver(t, journals...)
		if got := f.balance(anna); got != (ledger.Balance{Available: 20}) {
			t.Errorf("for 64 who joined there are %+v, want 20", got)
		}
		buy := func(n int) journal.Request { return purchase(fmt.Sprint("b", n), fmt.Sprint("f", n), "10.00") }
		together(buy)
		deliver(t, journals...)
		check := func(when string, referrer, all int64) {
			t.Helper()
			sum := int64(0)
			for _, m := range members {
				sum += f.balance(m).Available
			}
			if got := f.balance(anna); got != (ledger.Balance{Available: referrer}) || sum != all {
				t.Errorf("%s the referrer has %+v and the friends %d; want %d and %d", when, got, sum, referrer, all)
			}
		}
		check("for 64 who bought", 520, 70)
		f.forgetCursors()
		together(buy)
		deliver(t, journals...)
		check("after all came again", 520, 70)
		together(func(n int) journal.Request { return givesBack(fmt.Sprint("r", n), fmt.Sprintf("O-b%d", n)) })
		f.forgetCursors()
		deliver(t, journals...)
		check("after all was returned", 20, 0)
	})
}

// A friend's return overtakes the purchase on the way to the referrer, who is
// merged into another meanwhile: nothing is given and nothing taken.
func TestReturnOvertakesThePurchase(t *testing.T) {
	t.Parallel()
	onEachReferring(t, func(t *testing.T, f *fixture, _ *journal.Journal) {
		anna, zoe := f.append(purchase("a0", "anna", "1.00")).Member, f.append(purchase("z0", "zoe", "1.00")).Member
		f.append(joins("ben", anna))
		f.deliverAll(t)
		bought := f.append(purchase("b1", "ben", "10.00"))
		back := f.append(givesBack("r1", "O-b1"))
		f.append(mergeInto("m1", anna, zoe))
		carry := func(a *journal.Answer) engine.Outcome {
			e, err := f.FollowUpEvent(a, 0)
			if err != nil {
				t.Fatal(err)
			}
			return f.append(journal.Request{Event: e, Member: a.Decision.FollowUps[0].Member}).Decision.Outcome
		}
		for _, o := range []engine.Outcome{carry(&back), carry(&bought)} {
			if o != engine.Applied {
				t.Errorf("the outcome is %s", o)
			}
		}
		f.deliverAll(t)
		if got := f.balance(zoe); got != (ledger.Balance{Available: 1}) {
			t.Errorf("the referrer has %+v, want 1 for who joined", got)
		}
	})
}

// What a friend reaches after the referrer was erased is refused once, and no
// delivery is held up by it.
func TestReferrerIsErased(t *testing.T) {
	t.Parallel()
	onEachReferring(t, func(t *testing.T, f *fixture, _ *journal.Journal) {
		anna := f.append(purchase("a0", "anna", "1.00")).Member
		f.append(joins("ben", anna))
		f.append(erase("e1", anna))
		f.append(purchase("b1", "ben", "10.00"))
		f.deliverAll(t)
		parked, err := f.store.ParkedList(t.Context(), journal.FollowUpsName, 0, 10)
		if err != nil || len(parked) > 0 {
			t.Errorf("parked: %+v, %v", parked, err)
		}
	})
}

// Codes tell members, and nothing else does.
func TestReferralCodes(t *testing.T) {
	t.Parallel()
	f := open(t, "sqlite:"+filepath.Join(t.TempDir(), "premia.db"), journal.Options{})
	m := f.append(purchase("a0", "anna", "1.00")).Member
	text := f.ReferralCode(m)
	if got, ok := f.ReferredBy(" " + text + " "); !ok || got != m {
		t.Errorf("%s tells %d, want %d", text, got, m)
	}
	if _, ok := f.ReferredBy(text[:16] + "2"); ok && text[16] != '2' {
		t.Errorf("a code with a wrong end is taken")
	}
}
