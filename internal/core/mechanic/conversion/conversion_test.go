package conversion_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/merge"
	"premia/internal/core/program"
	"premia/internal/testkit/mechanics"
)

// What becomes of value when quarters end is told by the scenarios of a program.
func TestConversions(t *testing.T) {
	mechanics.Told(t, mechanics.Stories(t, "testdata/clubcard.yaml", 1).Program, "clubcard")
}

const swept = `
program: Swept
currency: PLN
timezone: %s
languages: [en]
wallets: {points: {name: points}, miles: {name: miles}}
earn: [{id: spend, give: {points: 1, per: 1.00}}]
rewards: [{id: voucher, name: voucher, kind: discount, discount: {amount: 5.00}, voucher: {valid: 60d}, refund: {within: 30d}}]
conversions:
  - {id: quarterly, from: points, each: quarter, every: 150, gives: {reward: voucher}, most: 3}
  - {id: yearly, from: points, each: year, every: 7, gives: {miles: 2}}
`

// zones are some whose clocks change within a period, and at the midnight that ends one:
// in Asunción that of 30 September 2023 was missing.
var zones = []string{"Europe/Warsaw", "America/Asuncion"}

func inZone(t *testing.T, zone string) *program.Document {
	t.Helper()
	d, err := program.Load("swept.yaml", fmt.Appendf(nil, swept, zone), engine.NewNames())
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Periods end with the day that people there call their last, whether its midnight is
// missing, comes twice, or comes earlier than in winter.
func TestPeriodsEndByTheClocksOfTheZone(t *testing.T) {
	for _, x := range []struct {
		zone, each, end string // the first instant after the period
	}{
		{"Europe/Warsaw", "quarter", "2026-03-31T22:00:00Z"},  // summer time since 29 March
		{"Europe/Warsaw", "month", "2026-10-31T23:00:00Z"},    // winter time since 25 October
		{"America/Asuncion", "month", "2023-10-01T04:00:00Z"}, // the clocks went from 0:00 to 1:00
		{"America/Havana", "month", "2026-11-01T04:00:00Z"},   // 0:00 came twice
	} {
		src := strings.Replace(fmt.Sprintf(swept, x.zone), "each: quarter", "each: "+x.each, 1)
		d, err := program.Load("swept.yaml", []byte(src), engine.NewNames())
		if err != nil {
			t.Fatal(err)
		}
		end, err := time.Parse(time.RFC3339, x.end)
		if err != nil {
			t.Fatal(err)
		}
		timeline := engine.NewTimeline(engine.Live{From: calendar.Beginning, Program: d.Program})
		s := &ledger.State{Status: ledger.Active}
		bought := calendar.Of(end.AddDate(0, 0, -20))
		var out engine.Decision
		new(engine.Decider).Decide(timeline, s, &event.Event{Type: event.Purchase, At: bought, Total: 150_00, Given: event.GivenTotal}, engine.Inputs{Clock: bought, Member: 7}, &out)
		points := d.Program.WalletByID("points").Name
		if s.Due() != calendar.Of(end)-1 {
			t.Errorf("%s by %s: due at %v, want just before %s", x.each, x.zone, s.Due(), x.end)
		}
		for at, want := range map[calendar.Instant]int64{calendar.Of(end) - 2: 150, calendar.Of(end) - 1: 0, calendar.Of(end): 0} {
			if then, _ := engine.Settled(timeline, 7, s, at); then.BalanceOf(points).Available != want {
				t.Errorf("%s by %s: %d points at %v, want %d", x.each, x.zone, then.BalanceOf(points).Available, at, want)
			}
		}
	}
}

// Two members who become one convert together what neither could alone, once; a
// voucher from before the merge is given back to the one who is left.
func TestMergedMembersConvertTogether(t *testing.T) {
	d := inZone(t, "Europe/Warsaw")
	timeline := engine.NewTimeline(engine.Live{From: calendar.Beginning, Program: d.Program})
	points := d.Program.WalletByID("points").Name
	states, past, vouchers := [3]ledger.State{}, merge.Memory{}, [3]int64{}
	at := func(day string) calendar.Instant {
		then, err := time.ParseInLocation(time.DateOnly, day, d.Program.Zone)
		if err != nil {
			t.Fatal(err)
		}
		return calendar.Of(then)
	}
	var decide func(member ledger.MemberID, day string, e event.Event) engine.Outcome
	decide = func(member ledger.MemberID, day string, e event.Event) engine.Outcome {
		var out engine.Decision
		e.At = at(day)
		new(engine.Decider).Decide(timeline, &states[member], &e, engine.Inputs{Clock: e.At, Member: member, History: past.Of(member)}, &out)
		past.Keep(member, &e, nil, &out)
		for _, v := range out.Vouchers {
			if v.TakenBack {
				vouchers[member]--
			} else {
				vouchers[member]++
			}
		}
		for _, f := range out.FollowUps {
			decide(f.Member, day, event.Event{Type: f.Type, Order: f.Order, Carried: f.Carried})
		}
		return out.Outcome
	}
	buy := func(member ledger.MemberID, day string, total int64) {
		decide(member, day, event.Event{ID: day, Type: event.Purchase, Total: total * 100, Given: event.GivenTotal})
	}
	for member := ledger.MemberID(1); member <= 2; member++ {
		decide(member, "2026-01-02", event.Event{Type: event.Enrolment})
	}
	buy(1, "2026-02-01", 240) // one voucher for the first quarter, and 90 are left
	buy(2, "2026-04-02", 70)
	decide(1, "2026-05-01", event.Event{Type: event.Merge, Data: []event.Datum{{Name: merge.Into, Kind: event.Whole, Whole: 2}}})
	if len(states[1].Conversions) != 0 || states[1].Due() != calendar.Never {
		t.Errorf("whoever was merged has %+v", states[1].Conversions)
	}
	decide(1, "2026-07-01", event.Event{Type: event.Settle})
	decide(2, "2026-07-01", event.Event{Type: event.Settle})
	if vouchers != [3]int64{0, 1, 1} || states[2].BalanceOf(points).Available != 10 {
		t.Errorf("%v vouchers and %d points, want one of each quarter and 10", vouchers, states[2].BalanceOf(points).Available)
	}
	if len(states[2].Redemptions) != 2 {
		t.Fatalf("%d vouchers can be given back, want both", len(states[2].Redemptions))
	}
	first := states[2].Redemptions[0].ID
	if got := decide(2, "2026-07-02", event.Event{ID: "back", Type: event.Refund, Redemption: first}); got != engine.NotRefundable {
		t.Errorf("a voucher of the first quarter is given back after its time: %v", got)
	}
	second := states[2].Redemptions[1].ID
	if got := decide(2, "2026-07-02", event.Event{ID: "back2", Type: event.Refund, Redemption: second}); got != engine.Applied || states[2].BalanceOf(points).Available != 160 {
		t.Errorf("%v, and %d points; want all back that both had paid", got, states[2].BalanceOf(points).Available)
	}
}

// It makes no difference how often somebody looks: a member swept each day, each week
// or only at the end has the same state, byte for byte, and as many vouchers and miles
// as a naive account comes to.
func TestSweepingMakesNoDifference(t *testing.T) {
	programs := map[string]*program.Document{}
	for _, zone := range zones {
		programs[zone] = inZone(t, zone)
	}
	rapid.Check(t, func(t *rapid.T) {
		d := programs[rapid.SampledFrom(zones).Draw(t, "zone")]
		timeline := engine.NewTimeline(engine.Live{From: calendar.Beginning, Program: d.Program})
		start := time.Date(2023, 1, 1, 12, 0, 0, 0, d.Program.Zone).Add(-12 * time.Hour)
		const days = 800
		bought := map[int]int64{}
		for range rapid.IntRange(0, 25).Draw(t, "purchases") {
			bought[rapid.IntRange(0, days-1).Draw(t, "day")] = rapid.Int64Range(1, 900).Draw(t, "total")
		}
		var want []byte
		for _, every := range []int{1, 7, days + 1} {
			s, vouchers := live(timeline, start, days, every, bought)
			wantVouchers, points, miles := naive(d.Program.Zone, start, days, bought)
			name := func(id string) ledger.Name { return d.Program.WalletByID(id).Name }
			if vouchers != wantVouchers || s.BalanceOf(name("points")).Available != points || s.BalanceOf(name("miles")).Available != miles {
				t.Fatalf("swept every %d days: %d vouchers, %d points, %d miles; want %d, %d, %d", every, vouchers, s.BalanceOf(name("points")).Available, s.BalanceOf(name("miles")).Available, wantVouchers, points, miles)
			}
			got := s.Append(nil)
			if want == nil {
				want = got
			}
			if !bytes.Equal(got, want) {
				t.Fatalf("swept every %d days the state is another one", every)
			}
		}
	})
}

// live lets a member buy at noon and be swept at 3 o'clock every so many days, and
// gives the state at the end and the vouchers that were issued.
func live(timeline *engine.Timeline, start time.Time, days, every int, bought map[int]int64) (*ledger.State, int64) {
	s, vouchers := &ledger.State{Status: ledger.Active, EnrolledAt: calendar.Of(start)}, int64(0)
	var decider engine.Decider
	var d engine.Decision
	decide := func(at time.Time, e event.Event) {
		e.At = calendar.Of(at)
		decider.Decide(timeline, s, &e, engine.Inputs{Clock: e.At, Member: 7}, &d)
		vouchers += int64(len(d.Vouchers))
	}
	for day := range days {
		if day%every == every-1 {
			decide(start.AddDate(0, 0, day).Add(3*time.Hour), event.Event{Type: event.Settle})
		}
		if total := bought[day]; total > 0 {
			decide(start.AddDate(0, 0, day).Add(12*time.Hour), event.Event{Type: event.Purchase, Total: total * 100, Given: event.GivenTotal})
		}
	}
	decide(start.AddDate(0, 0, days), event.Event{Type: event.Settle})
	return s, vouchers
}

// naive is the account that a bookkeeper would keep.
func naive(zone *time.Location, start time.Time, days int, bought map[int]int64) (vouchers, points, miles int64) {
	for day := range days {
		points += bought[day]
		next := start.Add(12*time.Hour).AddDate(0, 0, day+1).In(zone) // noon is never missing
		if next.Day() != 1 || (next.Month()-1)%3 != 0 {
			continue
		}
		n := min(points/150, 3)
		vouchers, points = vouchers+n, points-150*n
		if next.Month() == 1 {
			n = min(points/7, 100)
			miles, points = miles+2*n, points-7*n
		}
	}
	return vouchers, points, miles
}
