package app_test

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/event"
	"premia/internal/journal"
	"premia/internal/store"
	"premia/internal/testkit"
)

const retentionProgram = `
program: Silence
currency: PLN
timezone: Europe/Warsaw
languages: [en]
enrolment: {unknown: enrol}
wallets: {points: {name: points, expires: {after: 12mo}}, wishes: {name: wishes, expires: {after: 1d}}}
earn:
  - {id: spend, on: purchase, give: {points: 1, per: 1.00}}
  - {id: birthday, on: birthday, give: {wishes: 1}}
`

// TestRetention lets years pass: members are erased who have been silent for as long as
// the rules say and have nothing, and nobody else; messages and sessions go by their
// time.
func TestRetention(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		h := &history{t: t, url: url, clock: testkit.NewClock(time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC))}
		var err error
		if h.App, err = app.Open(t.Context(), app.Config{DB: url, Migrate: true, Clock: h.clock.Now}); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { h.Close() })
		h.publish(retentionProgram)
		ctx := app.WithActor(t.Context(), auth.System("test"))
		sends := func(src string) {
			t.Helper()
			e, err := event.Decode([]byte(src), event.Scales{Currency: 2})
			if err == nil {
				_, err = h.Record(ctx, e)
			}
			if err != nil {
				t.Fatalf("%s: %v", src, err)
			}
		}
		for _, name := range []string{"gone", "poor", "rich", "busy"} {
			if _, err := h.Enrol(ctx, app.Change{EventID: "join-" + name, Identities: []string{"email:" + name + "@example.com"}, Profile: map[string]string{"given_name": name, "birth_date": "1990-05-01"}}); err != nil {
				t.Fatal(err)
			}
		}
		sends(`{"id": "p1", "type": "purchase", "member": "email:gone@example.com", "total": "10.00"}`) // its points expire
		if err := h.SetRetention(ctx, app.Retention{SilentMonths: 24, MessageDays: 3}); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Store.AddMessage(ctx, &store.Message{Channel: "email", Recipient: "gone@example.com", Subject: "s", Body: "b", Created: h.Journal.Now()}, 0); err != nil {
			t.Fatal(err)
		}
		erased := func() (out []string) {
			for _, name := range []string{"gone", "poor", "rich", "busy"} {
				var p *app.Problem
				if _, err := h.Member(ctx, "email:"+name+"@example.com"); errors.As(err, &p) {
					out = append(out, name)
				}
			}
			return out
		}
		step := func(days int, wantRun bool, want ...string) {
			t.Helper()
			h.clock.Advance(time.Duration(days) * 24 * time.Hour)
			if _, err := h.Journal.Sweep(ctx); err != nil {
				t.Fatal(err)
			}
			rules, err := h.Retention(ctx)
			if err != nil {
				t.Fatal(err)
			}
			before := len(erased())
			preview, err := h.PreviewRetention(ctx, rules)
			if err != nil {
				t.Fatal(err)
			}
			ran, err := h.RetainIfDue(ctx)
			if err != nil || ran != wantRun {
				t.Fatalf("followed %v, %v; want %v", ran, err, wantRun)
			}
			if got := erased(); !slices.Equal(got, want) || preview.Members != len(got)-before {
				t.Fatalf("erased are %v, %d foreseen; want %v", got, preview.Members, want)
			}
		}
		step(0, true)
		step(0, false)
		if messages, err := h.Messages(ctx, 0, 10); err != nil || messages[0].Recipient == "" {
			t.Fatalf("the message went at once: %v, %v", messages, err)
		}
		step(4, true)
		if messages, err := h.Messages(ctx, 0, 10); err != nil || len(messages) != 1 || messages[0].Recipient+messages[0].Body+messages[0].Subject != "" {
			t.Fatalf("of old messages is left %+v, %v", messages, err)
		}
		step(360, true)
		sends(`{"id": "p2", "type": "purchase", "member": "email:busy@example.com", "total": "0.50"}`) // worth nothing
		step(360, true)
		sends(`{"id": "p3", "type": "purchase", "member": "email:rich@example.com", "total": "90.00"}`)
		step(20, true, "gone", "poor")
		step(0, false, "gone", "poor")
		step(335, true, "gone", "poor")
		step(30, true, "gone", "poor", "busy")
		rows, err := h.Store.Audits(ctx, store.AuditFilter{Action: "retention.followed"}, 10)
		if err != nil || len(rows) == 0 {
			t.Errorf("the trail says %v, %v", rows, err)
		}
	})
}

// TestPurchaseWhileErasing has a member, whom one server found silent, buy at another one
// before the first erases them: they stay, and are erased only once nothing came since
// they were looked at; by two servers at once, once.
func TestPurchaseWhileErasing(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		h, other := openHouse(t, url), openHouse(t, url)
		system := h.as(auth.System("test"))
		_, err := h.Publish(system, []byte(retentionProgram), calendar.None, "")
		h.does(err, "")
		answer, err := h.Enrol(system, app.Change{EventID: "join", Identities: []string{"card:1"}})
		h.does(err, "")
		seen, err := h.Store.Member(t.Context(), answer.Member)
		h.does(err, "")
		h.does(other.Journal.KeepUp(t.Context()), "")
		e, err := event.Decode([]byte(`{"id": "p1", "type": "purchase", "member": "card:1", "total": "10.00"}`), event.Scales{Currency: 2})
		h.does(err, "")
		_, err = other.Record(system, e)
		h.does(err, "")
		if err := h.EraseUnchanged(system, "e1", "card:1", seen.Seq); !errors.Is(err, journal.ErrMemberMoved) {
			t.Errorf("who has just bought is erased: %v", err)
		}
		m, err := h.Member(system, "card:1")
		h.does(err, "")
		if m.Wallets[0].Available != 1000 && m.Wallets[0].Available != 10 {
			t.Errorf("they have %+v", m.Wallets)
		}
		seen, err = h.Store.Member(t.Context(), answer.Member)
		h.does(err, "")
		var both sync.WaitGroup
		for _, server := range []*house{h, other} {
			both.Go(func() {
				if err := server.EraseUnchanged(system, "e2", "card:1", seen.Seq); err != nil && app.AsProblem(err).Code != app.CodeUnknownIdentity {
					t.Errorf("two servers erase at once: %v", err)
				}
			})
		}
		both.Wait()
		_, err = h.Member(system, "card:1")
		h.does(err, app.CodeUnknownIdentity)
	})
}

func TestRetentionRefuses(t *testing.T) {
	h := &history{t: t, url: "sqlite:" + t.TempDir() + "/premia.db", clock: testkit.NewClock(time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC))}
	var err error
	if h.App, err = app.Open(t.Context(), app.Config{DB: h.url, Migrate: true, Clock: h.clock.Now}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	system := app.WithActor(t.Context(), auth.System("test"))
	for _, wrong := range []app.Retention{{SilentMonths: 5, MessageDays: 7}, {SilentMonths: 121, MessageDays: 7}, {SilentMonths: -1, MessageDays: 7}, {MessageDays: 0}, {MessageDays: 8}} {
		var p *app.Problem
		if err := h.SetRetention(system, wrong); !errors.As(err, &p) || p.Code != app.CodeRetention {
			t.Errorf("%+v: %v", wrong, err)
		}
	}
	for _, role := range []auth.Role{auth.Marketer, auth.Analyst, auth.Supporter, auth.Cashier} {
		who := app.WithActor(t.Context(), auth.Actor{Kind: auth.KindUser, ID: "usr_x", Role: role, Proved: true})
		if err := h.SetRetention(who, app.Retention{MessageDays: 7}); err == nil {
			t.Errorf("a %s changes the rules", role)
		}
	}
	if r, err := h.Retention(system); err != nil || r != (app.Retention{MessageDays: 7}) {
		t.Errorf("without rules they are %+v, %v", r, err)
	}
}
