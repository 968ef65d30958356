package app_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"premia/internal/app"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/member"
	"premia/internal/journal"
	"premia/internal/testkit"
)

// offersProgram has an offer that a member uses once and of which there are 25 in all.
const offersProgram = `
program: Offers
currency: PLN
timezone: Europe/Warsaw
languages: [en]
enrolment: {unknown: enrol}
returns: {}
wallets: {points: {name: {en: points}, debt: carry}}
offers:
  - {id: week, activate: true, bonus: {points: 10}, limits: {times: {each member: 1, in total: 25}}}
`

// offered is a workspace on two servers whose members have activated the offer.
func offered(t *testing.T, url string, members int) (servers [2]*history, ids []ledger.MemberID) {
	t.Helper()
	clock := testkit.NewClock(time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC))
	for i := range servers {
		a, err := app.Open(t.Context(), app.Config{DB: url, Migrate: true, Clock: clock.Now})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { a.Close() })
		servers[i] = &history{App: a, t: t, url: url, clock: clock}
		if i == 0 {
			servers[0].publish(offersProgram)
		}
	}
	for n := range members {
		id := servers[0].append(servers[0].purchase(n, "1.00", "join")).Member
		ids = append(ids, id)
		servers[n%2].activate(fmt.Sprint("a", n), id, engine.Applied)
	}
	return servers, ids
}

func (h *history) activate(id string, member ledger.MemberID, want engine.Outcome) {
	h.t.Helper()
	a := h.append(journal.Request{Member: member, Event: &event.Event{ID: id, Type: event.Activation, Offer: "week"}})
	if a.Decision.Outcome != want {
		h.t.Errorf("the activation %s came to %v, want %v", id, a.Decision.Outcome, want)
	}
}

// TestOffersKeepTheirLimitOnTwoServers lets more members use an offer at once than it is
// there for: never one more, and what goods that went back free is used again.
func TestOffersKeepTheirLimitOnTwoServers(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		servers, ids := offered(t, url, 40)
		var all sync.WaitGroup
		var mu sync.Mutex
		var used []journal.Answer
		for n := range ids {
			all.Go(func() {
				a, err := servers[n%2].Journal.Append(t.Context(), servers[0].purchase(n, "10.00", "app"))
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				defer mu.Unlock()
				if len(a.Decision.Postings) > 0 {
					used = append(used, a)
				}
			})
		}
		all.Wait()
		h := servers[0]
		names := h.Journal.Rules().Names
		if sum := points(t, h.Store, names); sum != 250 || len(used) != 25 {
			t.Fatalf("%d points for %d members, want 250 for 25", sum, len(used))
		}
		h.append(journal.Request{Member: used[0].Member, Event: &event.Event{ID: "back", Type: event.Return, Order: used[0].Event.Order}})
		for n := range ids {
			servers[1].append(servers[1].purchase(n, "10.00", "again"))
		}
		if sum := points(t, h.Store, names); sum != 250 {
			t.Errorf("%d points after one went back and was used again, want 250", sum)
		}
		wantHealthy(t, h.Store)
	})
}

// TestOffersOfMembersWhoChange merges, blocks and erases members with an active offer, and
// publishes another program while it is active.
func TestOffersOfMembersWhoChange(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		servers, ids := offered(t, url, 6)
		h := servers[0]
		gives := func(n int, channel string, want int64) {
			t.Helper()
			names := h.Journal.Rules().Names
			before := points(t, h.Store, names)
			servers[1].append(servers[1].purchase(n, "10.00", channel))
			if got := points(t, h.Store, names) - before; got != want {
				t.Errorf("the purchase of card %d gives %d points, want %d", n, got, want)
			}
		}
		truth := func(n int, id, name string, yes int64) {
			h.append(journal.Request{Member: ids[n], Event: &event.Event{ID: id, Type: event.Profile, Data: []event.Datum{{Name: name, Kind: event.Truth, Whole: yes}}}})
		}
		// What one had used counts for the two who are one.
		gives(0, "app", 10)
		h.append(h.merge("m", ids[0], ids[1]))
		deliver(t, h)
		gives(1, "app", 0)
		// Who is blocked has nothing of it, and has it afterwards.
		truth(2, "b1", member.Blocked, 1)
		gives(2, "app", 0)
		h.activate("a2b", ids[2], engine.MemberBlocked)
		truth(2, "b0", member.Blocked, 0)
		gives(2, "again", 10)
		if _, err := h.Erase(t.Context(), "gone", "card:3"); err != nil {
			t.Fatal(err)
		}
		gives(3, "app", 0) // somebody new with the card
		// Another program gives by its own rules for what is active, or not any more.
		h.publish(strings.Replace(offersProgram, "points: 10", "points: 7", 1))
		gives(4, "app", 7)
		h.publish(strings.Split(offersProgram, "offers:")[0])
		gives(5, "app", 0)
		h.publish(offersProgram)
		gives(5, "again", 10)
		wantHealthy(t, h.Store)
	})
}
