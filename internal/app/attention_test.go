package app_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/bank"
	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/journal"
	"premia/internal/store"
	"premia/internal/testkit"
)

const attentionProgram = `
program: Attention
currency: PLN
timezone: Europe/Warsaw
languages: [en]
enrolment: {unknown: enrol}
adjustments: {alone: {points: 100}}
wallets: {points: {name: points, expires: 30d}}
earn:
  - {id: spend, give: {points: 1, per: 1.00}, limits: {points: {in total: 1000}}}
rewards:
  - {id: cup, name: A cup, kind: free product, sku: CUP, price: {points: 10}, stock: 10, fulfilment: collect}
  - {id: hat, name: A hat, kind: free product, sku: HAT, price: {points: 1}}
  - {id: cash, name: Pay-out, kind: cashback, amount: 1.00, price: {points: 1}}
  - {id: tenth, name: A tenth off, kind: discount, discount: {percent: 10}, voucher: {for: bearer}, codes: {pattern: "T-########"}}
contests:
  - {id: spring, until: 2026-03-20, draw: 2026-03-21 12:00, per: 10.00, prizes: [{id: first, give: {points: 1}}]}
`

// conditions gives the kinds of what wants attention now.
func (h *history) conditions() []string {
	h.t.Helper()
	g, err := h.MakeGlance(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	var kinds []string
	for _, c := range g.Attention {
		if c.Path == "" || c.Need == "" {
			h.t.Errorf("%s has no act", c.Kind)
		}
		kinds = append(kinds, c.Kind)
	}
	return kinds
}

// expect checks that a condition is there, or not.
func (h *history) expect(kind string, there bool) {
	h.t.Helper()
	if _, err := h.CatchUpFigures(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
	if got := h.conditions(); slices.Contains(got, kind) != there {
		h.t.Errorf("%s: want %v, and there is %v", kind, there, got)
	}
}

func (h *history) happens(src string) journal.Answer {
	h.t.Helper()
	scales, err := h.Scales()
	if err != nil {
		h.t.Fatal(err)
	}
	e, err := event.Decode([]byte(src), scales)
	if err != nil {
		h.t.Fatal(err)
	}
	a, err := h.Record(h.t.Context(), e)
	if err != nil {
		h.t.Fatal(err)
	}
	return a
}

func newAttention(t *testing.T, url string) *history {
	h := &history{t: t, url: url, clock: testkit.NewClock(time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC))}
	var err error
	if h.App, err = app.Open(t.Context(), app.Config{DB: url, Migrate: true, Clock: h.clock.Now}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	return h
}

// TestAttention brings each condition about and settles it, by the act that it names.
func TestAttention(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		h := newAttention(t, url)
		h.expect("no_program", true)
		h.publish(attentionProgram)
		h.expect("no_program", false)
		h.expect("no_scenarios", true)

		h.happens(`{"id":"b1","type":"purchase","member":"card:1","total":"790.00"}`)
		h.expect("budget_low", false)
		h.happens(`{"id":"b2","type":"purchase","member":"card:1","total":"10.00"}`)
		h.expect("budget_low", true)
		h.happens(`{"id":"b3","type":"purchase","member":"card:1","total":"300.00"}`)
		h.expect("budget_low", false)
		h.expect("budget_used", true)
		h.rewardsRunOut()
		h.peopleAreAsked()
		h.moneyIsPaid()
		h.codesAreMade()
		h.serverIsLookedAfter()
		// A larger budget and scenarios settle what the program lacks.
		h.publish(strings.Replace(attentionProgram, "in total: 1000", "in total: 5000", 1) + "scenarios:\n  - {it: gives points, steps: [{at: 2026-02-02 08:10, purchase: {id: A1, total: \"12.00\"}, expect: {points.available: 12}}]}\n")
		h.expect("budget_used", false)
		h.expect("no_scenarios", false)
	})
}

func (h *history) rewardsRunOut() {
	h.happens(`{"id":"r1","type":"redemption","member":"card:1","reward":"cup","quantity":8}`)
	h.expect("reward_low", false)
	h.happens(`{"id":"r2","type":"redemption","member":"card:1","reward":"cup"}`)
	h.expect("reward_low", true)
	h.happens(`{"id":"r3","type":"redemption","member":"card:1","reward":"cup"}`)
	h.expect("reward_low", false)
	h.expect("reward_gone", true)
	h.expect("handover_due", false)
	h.clock.Advance(49 * time.Hour)
	h.expect("handover_due", true)
	for _, id := range []string{"r1", "r2", "r3"} {
		h.happens(`{"id":"f` + id + `","type":"fulfilment","redemption":"` + id + `","status":"handed_over"}`)
	}
	h.expect("handover_due", false)
	h.expect("reward_never", false)
	h.clock.Advance(29 * 24 * time.Hour)
	h.expect("sweeper_behind", true) // what the member had is due to expire
	h.sweep()
	h.expect("sweeper_behind", false)
	h.expect("reward_never", true)
	h.expect("contest_undrawn", true)
	if _, err := h.DrawContest(h.t.Context(), "spring"); err != nil {
		h.t.Fatal(err)
	}
	h.expect("contest_undrawn", false)
}

func (h *history) peopleAreAsked() {
	h.happens(`{"id":"adj","type":"adjustment","member":"card:1","wallet":"points","amount":"150","reason":"sorry"}`)
	h.expect("adjustments", true)
	h.append(journal.Request{Member: h.findCard(1), Event: &event.Event{ID: "yes", Type: event.Approval, About: "adj", By: "key_other"}})
	h.expect("adjustments", false)

	as := func(id string, role auth.Role) context.Context {
		return app.WithActor(h.t.Context(), auth.Actor{Kind: auth.KindUser, ID: id, Role: role, Proved: true})
	}
	d, err := h.SaveDraft(as("usr_a", auth.Marketer), "", app.DraftChange{Title: "Summer", Document: []byte(attentionProgram), LiveFrom: calendar.None, Seen: calendar.None})
	if err != nil {
		h.t.Fatal(err)
	}
	h.expect("draft_idle", false)
	h.clock.Advance(15 * 24 * time.Hour)
	h.sweep()
	h.expect("draft_idle", true)
	if err := h.RequestPublishing(as("usr_a", auth.Marketer), d.ID); err != nil {
		h.t.Fatal(err)
	}
	h.expect("draft_idle", false)
	h.expect("draft_waits", true)
	if err := h.SendBack(as("usr_b", auth.Manager), d.ID, "not now"); err != nil {
		h.t.Fatal(err)
	}
	h.expect("draft_waits", false)
	if err := h.DiscardDraft(as("usr_a", auth.Marketer), d.ID); err != nil {
		h.t.Fatal(err)
	}
}

func (h *history) moneyIsPaid() {
	ctx := h.t.Context()
	h.happens(`{"id":"gift","type":"adjustment","member":"card:1","wallet":"points","amount":"50","reason":"thanks"}`)
	e := &event.Event{ID: "pay", Type: event.Redemption, Member: "card:1", Reward: "cash"}
	if a, err := h.RecordPayout(ctx, e, app.BankAccount{IBAN: annasAccount, Name: "Anna Nowak"}); err != nil || a.Decision.Outcome != engine.Applied {
		h.t.Fatal(a.Decision, err)
	}
	h.expect("payouts_ordered", true)
	b, err := h.CreatePayoutBatch(ctx, "one")
	if err != nil {
		h.t.Fatal(err)
	}
	h.expect("payouts_ordered", false)
	h.expect("payouts_unsettled", true)
	if _, err := h.PayoutOrder(ctx, b.ID, bank.Account{Name: "Club", IBAN: "CZ6508000000192000145399"}, ""); err != nil {
		h.t.Error(err)
	}
	if _, err := h.SettlePayouts(ctx, b.ID, nil); err != nil {
		h.t.Fatal(err)
	}
	h.expect("payouts_unsettled", false)
}

func (h *history) codesAreMade() {
	ctx, soon := h.t.Context(), h.Journal.Now()+3*calendar.Day
	if _, err := h.GenerateCodes(ctx, app.NewCodes{ID: "march", Reward: "tenth", Count: 5, From: calendar.Beginning, Until: soon}, nil); err != nil {
		h.t.Fatal(err)
	}
	h.expect("codes_end", true)
	h.expect("codes_unfinished", false)
	h.clock.Advance(4 * 24 * time.Hour)
	h.expect("codes_end", false)
	stopped, stop := context.WithCancel(ctx)
	many := app.NewCodes{ID: "april", Reward: "tenth", Count: 25_000, From: calendar.Beginning, Until: calendar.Never}
	if _, err := h.GenerateCodes(stopped, many, func(done, _ int64) { stop() }); err == nil {
		h.t.Fatal("the batch was not stopped")
	}
	h.expect("codes_unfinished", true)
	if _, err := h.GenerateCodes(ctx, many, nil); err != nil {
		h.t.Fatal(err)
	}
	h.expect("codes_unfinished", false)
}

func (h *history) serverIsLookedAfter() {
	ctx := h.t.Context()
	h.expect("no_backups", false) // no server runs that could
	h.Watch(app.Watched{})
	h.expect("no_backups", h.Store.Dialect() == store.SQLite)
	if h.Store.Dialect() == store.SQLite {
		b, err := h.StartBackups(ctx, app.BackupPlan{Folder: h.t.TempDir(), Every: time.Hour, Keep: 2})
		if err != nil {
			h.t.Fatal(err)
		}
		h.Watch(app.Watched{Backups: b})
		h.expect("no_backups", false)
		b.Stop()
	}
	shard := h.Store.Shards()[0]
	id, err := h.Store.Park(ctx, store.Parked{Subscriber: journal.FollowUpsName, Position: store.Position{Shard: shard, Seq: 1}, Attempts: 1, Error: "nobody knows", Recorded: h.Journal.Now(), Event: []byte("{}")})
	if err != nil || id == 0 {
		h.t.Fatal(err)
	}
	h.expect("parked", true)
	if done, err := h.RetryParked(app.WithActor(ctx, auth.System("test"))); err != nil || done != 1 {
		h.t.Fatalf("%d could be done (%v)", done, err)
	}
	h.expect("parked", false)
	_, k, err := h.CreateKey(app.WithActor(ctx, auth.System("test")), "till", "events:write", 10*24*time.Hour)
	if err != nil {
		h.t.Fatal(err)
	}
	h.expect("key_ends", true)
	if err := h.RevokeKey(app.WithActor(ctx, auth.System("test")), k.ID); err != nil {
		h.t.Fatal(err)
	}
	h.expect("key_ends", false)
	w, _, err := h.CreateWebhook(app.WithActor(ctx, auth.System("test")), app.NewWebhook{URL: "https://example.com/hook"})
	if err != nil {
		h.t.Fatal(err)
	}
	h.expect("webhook_failing", false)
	h.failing(w.ID)
	h.expect("webhook_failing", true)
	if err := h.RemoveWebhook(app.WithActor(ctx, auth.System("test")), w.ID); err != nil {
		h.t.Fatal(err)
	}
	h.expect("webhook_failing", false)
}

// failing lets an endpoint have failed since now.
func (h *history) failing(id string) {
	h.t.Helper()
	e, err := h.Store.Endpoint(h.t.Context(), id)
	if err == nil {
		e.Failures, e.FailingSince = 3, h.Journal.Now()
		err = h.Store.Change(h.t.Context(), func(tx *store.Tx) error { return tx.ChangeEndpoint(h.t.Context(), &e, nil) })
	}
	if err != nil {
		h.t.Fatal(err)
	}
}
