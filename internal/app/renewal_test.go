package app_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/core/ledger"
	"premia/internal/journal"
	"premia/internal/store"
	"premia/internal/testkit"
	"premia/internal/testkit/postgres"
)

const beforeRenewal = `
program: Renewal
currency: PLN
timezone: Europe/Warsaw
languages: [en]
enrolment: {unknown: enrol}
returns: {}
wallets: {points: {name: points}, miles: {name: miles}}
earn: [{id: spend, give: {points: 1, per: 1.00}}]
rewards: [{id: voucher, name: voucher, kind: discount, discount: {amount: 5.00}, voucher: {valid: 60d}, refund: {within: 30d}}]
tiers: {status: {by: spend, period: calendar year, levels: [{id: bronze}, {id: silver, from: 500, benefits: {welcome: {miles: 7}}}]}}
`

const afterRenewal = `
conversions:
  - {id: quarterly, from: points, each: quarter, every: 150, gives: {reward: voucher}, most: 3}
  - {id: monthly, from: points, each: month, every: 40, gives: {miles: 1}, most: 1}
`

// renewedAt is what one member came to.
type renewedAt struct {
	points, miles int64
	level         string
	since, due    calendar.Instant
}

// renewalMembers is how many members there are: more than the sweeper takes together.
const renewalMembers = 600

// TestNewRulesReachSilentMembers publishes lower thresholds and conversions for members
// to whom nothing happens afterwards. They reach the level when the rules come into force
// and convert at the ends of the periods, and it makes no difference whether the sweeper
// came daily, weekly, or only at the end. Those who have too little to turn into anything
// are due at the next period's end, and not again and again.
func TestNewRulesReachSilentMembers(t *testing.T) {
	t.Parallel()
	var want []renewedAt
	for _, every := range []int{200, 1, 7} {
		got := renewal(t, "sqlite:"+filepath.Join(t.TempDir(), "premia.db"), every)
		if want == nil {
			want = got
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(renewedAt{})); diff != "" {
			t.Errorf("swept every %d days:\n%s", every, diff)
		}
	}
	for _, every := range []int{200, 7} {
		url := postgres.New(t)
		openStore(t, url, store.Options{Migrate: true, Shards: 5})
		if diff := cmp.Diff(want, renewal(t, url, every), cmp.AllowUnexported(renewedAt{})); diff != "" {
			t.Errorf("on PostgreSQL, swept every %d days:\n%s", every, diff)
		}
	}
	at := func(month time.Month, day, hour int) calendar.Instant {
		return calendar.Of(time.Date(2026, month, day, hour, 0, 0, 0, time.UTC))
	}
	for n, x := range map[int]renewedAt{
		0: {points: 30, level: "level.status.bronze", since: at(time.March, 1, 9), due: at(time.September, 30, 22) - 1},
		// A mile for 40 points at the ends of March, April and May.
		2: {points: 18, miles: 3, level: "level.status.bronze", since: at(time.March, 1, 9), due: at(time.September, 30, 22) - 1},
		// Two vouchers for 300 points, and the welcome gift of the level.
		5: {points: 0, miles: 7, level: "level.status.silver", since: at(time.March, 2, 21), due: at(time.December, 31, 23)},
	} {
		if diff := cmp.Diff(x, want[n], cmp.AllowUnexported(renewedAt{})); diff != "" {
			t.Errorf("member %d:\n%s", n, diff)
		}
	}
}

// renewal is the time from March to September in a workspace that is swept every so many
// days.
func renewal(t *testing.T, url string, every int) []renewedAt {
	t.Helper()
	h := &history{t: t, url: url, clock: testkit.NewClock(time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC))}
	var err error
	if h.App, err = app.Open(t.Context(), app.Config{DB: url, Migrate: true, Clock: h.clock.Now}); err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	h.publish(beforeRenewal)
	var bought []*journal.Ticket
	for n := range renewalMembers {
		total := 30
		if n < 20 {
			total += 54 * n
		}
		ticket, err := h.Journal.Submit(t.Context(), h.purchase(n, fmt.Sprintf("%d.00", total), "app"))
		if err != nil {
			t.Fatal(err)
		}
		bought = append(bought, ticket)
	}
	members := make([]ledger.MemberID, renewalMembers)
	for n := range bought {
		answer, err := bought[n].Wait(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		members[n] = answer.Member
	}
	h.clock.Advance(36 * time.Hour)
	h.publish(strings.Replace(beforeRenewal, "from: 500", "from: 250", 1) + afterRenewal)
	wantHealthy(t, h.Store)
	for day := 1; day <= 200; day++ {
		h.clock.Advance(24 * time.Hour)
		if day%every == 0 {
			h.sweep()
		}
	}
	if n, err := h.Journal.Sweep(t.Context()); err != nil || n != 0 {
		t.Errorf("%d members are due again at once (%v)", n, err)
	}
	wantHealthy(t, h.Store)
	return h.renewed(members)
}

func (h *history) renewed(members []ledger.MemberID) []renewedAt {
	names := h.Journal.Rules().Names
	points, _ := names.Find("wallet.points")
	miles, _ := names.Find("wallet.miles")
	out := make([]renewedAt, len(members))
	for n, id := range members {
		row, err := h.Store.Member(h.t.Context(), id)
		if err != nil {
			h.t.Fatal(err)
		}
		var s ledger.State
		if err := ledger.DecodeState(row.State, &s); err != nil {
			h.t.Fatal(err)
		}
		out[n] = renewedAt{s.BalanceOf(points).Available, s.BalanceOf(miles).Available, names.Name(s.Tiers[0].Level), s.Tiers[0].Since, row.DueAt}
	}
	return out
}
