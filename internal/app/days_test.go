package app_test

import (
	"strings"
	"testing"
	"time"

	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/testkit"
)

const daysProgram = `
program: Days
currency: PLN
timezone: Europe/Warsaw
languages: [en]
enrolment: {unknown: enrol}
wallets: {points: {name: points}, stars: {name: stars}}
`

const daysRules = daysProgram + `
earn:
  - {id: birthday, on: birthday, give: {points: 50}}
  - {id: years, on: membership anniversary, give: {stars: 3}}
  - {id: review, on: review, when: event.data.rating >= 4, give: {points: 7}, limits: {times: {each member: 1}}}
`

// TestDaysComeByThemselves publishes rules about days for members who were there
// before. Their days come at the same moment and bring the same, whether the
// sweeper ran every day, or only at the end; and the journal says so.
func TestDaysComeByThemselves(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		h := &history{t: t, url: url, clock: testkit.NewClock(time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC))}
		var err error
		if h.App, err = app.Open(t.Context(), app.Config{DB: url, Migrate: true, Clock: h.clock.Now}); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { h.Close() })
		h.publish(daysProgram)
		change := func(ref string, profile map[string]string) {
			t.Helper()
			var err error
			if ref == "" {
				_, err = h.Enrol(t.Context(), app.Change{EventID: "join-" + profile["email"], Identities: []string{"email:" + profile["email"]}, Profile: profile})
			} else {
				_, err = h.Change(t.Context(), ref, app.Change{Profile: profile})
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		plan := func(want int) {
			t.Helper()
			if n, err := h.PlanDays(t.Context()); err != nil || n != want {
				t.Fatalf("planned %d, %v; want %d", n, err, want)
			}
		}
		has := func(ref string, points, stars int64, birthday string) {
			t.Helper()
			m, err := h.Member(t.Context(), ref)
			if err != nil || m.Wallets[0].Net() != points || m.Wallets[1].Net() != stars || m.Facts["birthday"] != birthday {
				t.Fatalf("%s: %v, %+v, birthday %q; want %d points, %d stars, %q", ref, err, m.Wallets, m.Facts["birthday"], points, stars, birthday)
			}
		}
		sends := func(src string, outcome engine.Outcome, said string) {
			t.Helper()
			e, err := event.Decode([]byte(src), event.Scales{Currency: 2})
			if err != nil {
				t.Fatal(err)
			}
			answer, err := h.Record(t.Context(), e)
			switch {
			case said != "" && (err == nil || !strings.Contains(err.Error(), said)):
				t.Fatalf("%s: %v, want %q", src, err, said)
			case said == "" && (err != nil || answer.Decision.Outcome != outcome):
				t.Fatalf("%s: %v, %+v", src, err, answer.Decision)
			}
		}
		const anna, ben = "email:anna@example.com", "email:ben@example.com"
		change("", map[string]string{"email": "anna@example.com", "birth_date": "1990-05-14"})
		change("", map[string]string{"email": "ben@example.com"})
		plan(0)
		has(anna, 0, 0, "")
		h.publish(daysRules)
		plan(2)
		plan(0)
		has(anna, 0, 0, "05-14")
		change(ben, map[string]string{"birth_date": "1985-05-15"})
		for day := 0; day < 74; day++ { // to 14 May
			h.clock.Advance(24 * time.Hour)
			if day%9 == 0 && url[0] == 's' {
				h.sweep()
			}
		}
		has(anna, 50, 0, "05-14")
		has(ben, 0, 0, "05-15")
		change(anna, map[string]string{"birth_date": "1990-05-16"}) // once a year
		h.clock.Advance(7 * 24 * time.Hour)
		h.sweep()
		h.sweep()
		has(anna, 50, 0, "05-16")
		has(ben, 50, 0, "05-15")
		h.clock.Advance(366 * 24 * time.Hour)
		has(anna, 100, 3, "05-16") // before anybody swept
		h.sweep()
		has(anna, 100, 3, "05-16")
		m, err := h.Member(t.Context(), ben)
		if err != nil {
			t.Fatal(err)
		}
		if row, err := h.Store.Member(t.Context(), m.ID); err != nil || row.DueAt != calendar.Of(time.Date(2028, 2, 29, 23, 0, 0, 0, time.UTC)) {
			t.Fatalf("next due at %s, %v", row.DueAt, err)
		}
		h.publish(daysProgram)
		plan(2)
		has(anna, 100, 3, "")
		if _, err := h.Erase(t.Context(), "erase-ben", ben); err != nil {
			t.Fatal(err)
		}
		h.publish(daysRules)
		sends(`{"id":"r1","type":"review","member":"email:anna@example.com","data":{"rating":5}}`, engine.Applied, "")
		sends(`{"id":"r2","type":"review","member":"email:anna@example.com","data":{"rating":"five"}}`, 0, "rating")
		sends(`{"id":"b1","type":"birthday","member":"email:anna@example.com"}`, 0, "comes by itself")
		has(anna, 107, 3, "")
		plan(1)
		wantHealthy(t, h.Store)
	})
}

func (h *history) sweep() {
	h.t.Helper()
	if _, err := h.Journal.Sweep(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
}
