package history_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/core/event"
	"premia/internal/insight/history"
	"premia/internal/journal"
	"premia/internal/testkit"
	"premia/internal/testkit/postgres"
)

const advertising = `
program: Ambassadors
currency: PLN
timezone: Europe/Warsaw
languages: [en]
enrolment: {unknown: enrol}
wallets:
  commission: {name: commission, scale: 2, debt: carry, expires: 60d}
returns: {}
rewards: [{id: voucher, name: voucher, kind: service, where: here, price: {commission: 3}}]
ambassadors:
  window: 30d
  to: https://shop.example/?click={click}
  commissions:
    - {id: sale, give: {commission: 10%}, pending: 10d}
`

// advertisers is a workspace with ambassadors.
type advertisers struct {
	*app.App
	t     *testing.T
	clock *testkit.Clock
	names *strings.Replacer
	codes map[string]string
}

func newAdvertisers(t *testing.T, db string) *advertisers {
	t.Helper()
	x := &advertisers{t: t, clock: testkit.NewClock(time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)), codes: map[string]string{}}
	var err error
	if x.App, err = app.Open(t.Context(), app.Config{DB: db, Migrate: true, Clock: x.clock.Now}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { x.Close() })
	if _, err := x.Publish(t.Context(), []byte(advertising), calendar.None, ""); err != nil {
		t.Fatal(err)
	}
	var names []string
	yes := true
	for _, who := range []string{"anna", "ben", "cleo"} {
		x.record(&event.Event{Type: event.Purchase, Member: "card:" + who, Total: 1_00, Given: event.GivenTotal})
		if _, err := x.Change(t.Context(), "card:"+who, app.Change{Ambassador: &yes}); err != nil {
			t.Fatal(err)
		}
		one, err := x.Ambassador(t.Context(), "card:"+who, calendar.ByMonth, 1)
		if err != nil {
			t.Fatal(err)
		}
		x.codes[who] = one.Code
		names = append(names, one.Member.String(), "mem_"+who)
	}
	x.names = strings.NewReplacer(names...)
	return x
}

// record decides an event, and lets all that follows of it arrive.
func (x *advertisers) record(e *event.Event) {
	x.t.Helper()
	x.clock.Advance(time.Hour)
	if _, err := x.Record(x.t.Context(), e); err != nil {
		x.t.Fatal(err)
	}
	x.carry()
}

func (x *advertisers) carry() {
	x.t.Helper()
	for range 3 {
		if _, err := x.Journal.Deliver(x.t.Context(), journal.FollowUps{Journal: x.Journal}); err != nil {
			x.t.Fatal(err)
		}
	}
}

func (x *advertisers) click(who string) string {
	x.t.Helper()
	to, err := x.FollowLink(x.t.Context(), x.codes[who], nil)
	if err != nil {
		x.t.Fatal(err)
	}
	u, err := url.Parse(to)
	if err != nil {
		x.t.Fatal(err)
	}
	return u.Query().Get("click")
}

// buy has somebody buy by a click on a link.
func (x *advertisers) buy(who, order string, total int64) {
	x.t.Helper()
	x.record(&event.Event{ID: order, Type: event.Purchase, Order: order, Member: "card:buyer-of-" + who, Total: total, Given: event.GivenTotal, Click: x.click(who)})
}

// report gives the report for people as of now, with names for ids.
func (x *advertisers) report(asOf calendar.Instant) string {
	x.t.Helper()
	r, err := history.Report(x.t.Context(), x.Store, history.Options{AsOf: asOf, KnownAt: calendar.Never})
	if err != nil {
		x.t.Fatal(err)
	}
	var out strings.Builder
	if err := r.WriteTable(&out); err != nil {
		x.t.Fatal(err)
	}
	_, said, _ := strings.Cut(out.String(), "\nambassadors\n")
	said, _, _ = strings.Cut(said, "\nreturned goods")
	return "ambassadors\n" + x.names.Replace(said)
}

// TestAmbassadors reports clicks, conversions and where commissions stand, by ambassador
// and in all, at several moments of a history with returns, a reward that is paid with
// commissions and a merge.
func TestAmbassadors(t *testing.T) {
	t.Parallel()
	for name, db := range map[string]func(*testing.T) string{
		"sqlite":   func(t *testing.T) string { return "sqlite:" + t.TempDir() + "/premia.db" },
		"postgres": func(t *testing.T) string { return postgres.New(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := newAdvertisers(t, db(t))
			x.click("cleo")
			x.click("anna")
			x.buy("anna", "A", 100_00)
			x.buy("ben", "B", 50_00)
			x.record(&event.Event{ID: "back", Type: event.Return, Order: "B", Total: 20_00, Given: event.GivenTotal})
			first := calendar.Of(x.clock.Now())
			said := "at first\n" + x.report(first)
			x.clock.Advance(15 * 24 * time.Hour)
			x.buy("anna", "C", 10_00)
			x.record(&event.Event{ID: "reward", Type: event.Redemption, Member: "card:anna", Reward: "voucher"})
			said += "\nlater\n" + x.report(calendar.Of(x.clock.Now()))
			if _, err := x.Merge(t.Context(), "merge", "card:ben", "card:anna"); err != nil {
				t.Fatal(err)
			}
			x.carry()
			said += "\nafter a merge\n" + x.report(calendar.Of(x.clock.Now()))
			said += "\nwhen all of it has expired\n" + x.report(calendar.Of(x.clock.Now().AddDate(0, 3, 0)))
			if again := x.report(first); !strings.Contains(again, "commission, pending   13.00") {
				t.Errorf("as of the first moment, known later:\n%s", again)
			}
			testkit.Golden(t, "ambassadors.txt", []byte(said))
		})
	}
}
