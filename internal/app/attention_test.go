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
	"premia/internal/core/money"
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
promotions:
  - {id: tea, name: Tea, when: event.channel == "web", discount: {percent: 10, on: items}}
rewards:
  - {id: cup, name: A cup, kind: free product, sku: CUP, price: {points: 10}, stock: 10, fulfilment: collect}
  - {id: hat, name: A hat, kind: free product, sku: HAT, price: {points: 1}}
  - {id: cash, name: Pay-out, kind: cashback, amount: 1.00, price: {points: 1}}
  - {id: tenth, name: A tenth off, kind: discount, price: {points: 1}, discount: {percent: 10}, voucher: {for: bearer}, codes: {pattern: "T-########"}}
contests:
  - {id: spring, until: 2026-03-20, draw: 2026-03-21 12:00, per: 10.00, prizes: [{id: first, give: {points: 1}}]}
  - {id: june, until: 2026-03-20, draw: 2026-03-21 12:00, per: 10.00, claim: {within: 60d}, prizes: [{id: first, give: {points: 1}}]}
`

const attentionScenarios = `scenarios:
  - {it: gives points, steps: [{at: 2026-02-02 08:10, purchase: {id: A1, total: "12.00"}, expect: {points.available: 12}}]}
`

// attentionCase brings a condition about and settles it, by the act to which it leads.
// Without raise it is there already.
type attentionCase struct {
	kind          string
	raise, settle func(*history)
	sqlite        bool // PostgreSQL has it not
}

// attentionCases in the order of one history.
func attentionCases() []attentionCase {
	return slices.Concat(programCases, shopCases, peopleCases, timeCases, codeCases, senderCases, serverCases, doorCases, secretCases())
}

// TestAttention brings every condition that there is about and settles it.
func TestAttention(t *testing.T) {
	t.Parallel()
	tried := map[string]bool{}
	for _, c := range attentionCases() {
		tried[c.kind] = true
	}
	for _, k := range app.ConditionKinds() {
		if !tried[k.Kind] {
			t.Errorf("nothing brings %s about; add a case", k.Kind)
		}
	}
	onBoth(t, func(t *testing.T, url string) {
		h := newAttention(t, url)
		for _, c := range attentionCases() {
			if c.sqlite && h.Store.Dialect() != store.SQLite {
				continue
			}
			if c.raise != nil {
				h.expect(c.kind, false)
				c.raise(h)
			}
			h.expect(c.kind, true)
			c.settle(h)
			h.expect(c.kind, false)
			if t.Failed() {
				t.Fatalf("in the case of %s", c.kind)
			}
		}
	})
}

// expect checks that a condition is there, or not, and that each that is there has an act.
func (h *history) expect(kind string, there bool) {
	h.t.Helper()
	if _, err := h.CatchUpFigures(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
	g, err := h.MakeGlance(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	var kinds []string
	for i, c := range g.Attention {
		if !strings.HasPrefix(c.Path, "/console/") || strings.ContainsAny(c.Path, "{}") || c.Need == "" {
			h.t.Errorf("%s leads to %q", c.Kind, c.Path)
		}
		if i > 0 && c.Severity > g.Attention[i-1].Severity {
			h.t.Errorf("%s comes after what matters less", c.Kind)
		}
		kinds = append(kinds, c.Kind)
	}
	if slices.Contains(kinds, kind) != there {
		h.t.Errorf("%s: want %v, and there is %v", kind, there, kinds)
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

// rules publishes the program with changes, from words to others.
func (h *history) rules(changes ...string) {
	h.t.Helper()
	h.publish(strings.NewReplacer(changes...).Replace(attentionProgram) + attentionScenarios)
}

// later lets time pass, with what happens by itself.
func (h *history) later(by time.Duration) {
	h.t.Helper()
	h.clock.Advance(by)
	h.sweep()
}

// does fails the test where something was not done.
func (h *history) does(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *history) as(id string, role auth.Role) context.Context {
	return app.WithActor(h.t.Context(), auth.Actor{Kind: auth.KindUser, ID: id, Role: role, Proved: true})
}

const day = 24 * time.Hour

var programCases = []attentionCase{
	{kind: "no_program", settle: func(h *history) { h.publish(attentionProgram) }},
	{kind: "no_scenarios", settle: func(h *history) { h.rules() }},
	{kind: "budget_low", raise: func(h *history) {
		h.happens(`{"id":"b1","type":"purchase","member":"card:1","total":"790.00"}`)
		h.expect("budget_low", false)
		h.happens(`{"id":"b2","type":"purchase","member":"card:1","total":"10.00"}`)
	}, settle: func(h *history) { h.rules("in total: 1000", "in total: 5000") }},
	{kind: "budget_used", raise: func(h *history) {
		h.rules()
		h.happens(`{"id":"b3","type":"purchase","member":"card:1","total":"300.00"}`)
		h.expect("budget_low", false)
	}, settle: func(h *history) { h.rules("in total: 1000", "in total: 9000") }},
	// What is over wants no larger budget.
	{kind: "budget_used", raise: func(h *history) {
		h.rules()
	}, settle: func(h *history) {
		h.rules("give: {points: 1, per: 1.00}, limits", "until: 2026-02-27, give: {points: 1, per: 1.00}, limits")
		h.expect("budget_used", false)
		h.rules("in total: 1000", "in total: 9000")
	}},
	{kind: "program_fails", raise: func(h *history) {
		soon := h.Journal.Now() + calendar.Hour
		_, err := h.Journal.Publish(h.t.Context(), []byte(attentionProgram+strings.Replace(attentionScenarios, "available: 12", "available: 13", 1)), soon, "")
		h.does(err)
	}, settle: func(h *history) {
		soon := h.Journal.Now() + calendar.Hour
		_, err := h.Publish(h.t.Context(), []byte(strings.Replace(attentionProgram, "in total: 1000", "in total: 9000", 1)+attentionScenarios), soon, "")
		h.does(err)
	}},
	{kind: "draft_late", raise: func(h *history) {
		_, err := h.SaveDraft(h.as("usr_a", auth.Marketer), "", app.DraftChange{Title: "Late", Document: []byte(attentionProgram), LiveFrom: h.Journal.Now() + calendar.Hour})
		h.does(err)
		h.expect("draft_late", false)
		h.clock.Advance(time.Hour)
	}, settle: func(h *history) {
		_, err := h.SaveDraft(h.as("usr_a", auth.Marketer), h.draft().ID, app.DraftChange{Title: "Summer", Document: []byte(attentionProgram), LiveFrom: calendar.None})
		h.does(err)
	}},
	{kind: "draft_idle", raise: func(h *history) { h.later(14 * day) }, settle: func(h *history) {
		h.does(h.RequestPublishing(h.as("usr_a", auth.Marketer), h.draft().ID))
	}},
	{kind: "draft_waits", settle: func(h *history) {
		h.does(h.SendBack(h.as("usr_b", auth.Manager), h.draft().ID, "not now"))
		h.expect("draft_waits", false)
		h.does(h.DiscardDraft(h.as("usr_a", auth.Marketer), h.draft().ID))
	}},
}

// draft gives the one draft that is open.
func (h *history) draft() store.Draft {
	h.t.Helper()
	all, err := h.Drafts(h.as("usr_a", auth.Marketer))
	if err != nil || len(all) != 1 {
		h.t.Fatalf("there are %d drafts (%v)", len(all), err)
	}
	return all[0]
}

var shopCases = []attentionCase{
	{kind: "prices_missing", raise: func(h *history) {
		h.happens(`{"id":"p1","type":"purchase","member":"card:1","channel":"web","prices":"list","items":[{"sku":"TEA","quantity":2,"unit_price":"20.00"}]}`)
		h.happens(`{"id":"p2","type":"purchase","member":"card:1","channel":"web","items":[{"sku":"CAKE","total":"5.00"}]}`)
		h.clock.Advance(time.Minute)
		missing, err := h.MissingPrices(h.t.Context())
		if err != nil || len(missing) != 1 || missing[0].SKU != "TEA" || missing[0].Channel != "web" || missing[0].Sold != 2000 {
			h.t.Errorf("without a price are %+v (%v)", missing, err)
		}
	}, settle: func(h *history) {
		h.does(h.SetPrice(h.as("usr_a", auth.Marketer), app.NewPrice{SKU: "TEA", Price: "20.00"}))
	}},
	{kind: "reward_low", raise: func(h *history) {
		h.happens(`{"id":"r1","type":"redemption","member":"card:1","reward":"cup","quantity":8}`)
		h.expect("reward_low", false)
		h.happens(`{"id":"r2","type":"redemption","member":"card:1","reward":"cup"}`)
	}, settle: func(h *history) { h.rules("stock: 10", "stock: 20", "in total: 1000", "in total: 9000") }},
	{kind: "reward_gone", raise: func(h *history) {
		h.rules("in total: 1000", "in total: 9000")
		h.happens(`{"id":"r3","type":"redemption","member":"card:1","reward":"cup"}`)
		h.expect("reward_low", false)
	}, settle: func(h *history) { h.rules("stock: 10", "stock: 200", "in total: 1000", "in total: 9000") }},
	{kind: "handover_due", raise: func(h *history) { h.later(49 * time.Hour) }, settle: func(h *history) {
		for _, id := range []string{"r1", "r2", "r3"} {
			h.happens(`{"id":"f` + id + `","type":"fulfilment","redemption":"` + id + `","status":"handed_over"}`)
		}
	}},
	{kind: "contest_undrawn", raise: func(h *history) { h.later(5 * day) }, settle: func(h *history) {
		for _, id := range []string{"spring", "june"} {
			_, err := h.DrawContest(h.t.Context(), id)
			h.does(err)
		}
	}},
	{kind: "contest_unclaimed", settle: func(h *history) {
		x, err := h.Contest(h.t.Context(), "june")
		h.does(err)
		for range 2 {
			a, err := h.ClaimPrize(h.as("usr_b", auth.Manager), "desk", "june", x.Winners[0].Ticket)
			if err != nil || a.Decision.Outcome != engine.Applied {
				h.t.Errorf("the claim came to %v (%v)", a.Decision, err)
			}
		}
		if _, err := h.ClaimPrize(h.system(), "other", "june", "nothing"); app.AsProblem(err).Code != app.CodeUnknownTicket {
			h.t.Errorf("a ticket that won nothing: %v", err)
		}
	}},
}

var peopleCases = []attentionCase{
	// What one person alone gave under rules that let them is looked at, until it is undone.
	{kind: "adjustment_large", raise: func(h *history) {
		give := func(id, amount string) {
			h.t.Helper()
			e := &event.Event{ID: id, Type: event.Adjustment, Member: "card:1", Wallet: "points", Given: event.GivenAmount, Reason: "sorry"}
			e.Amount, _ = money.Parse(amount, 0)
			if a, err := h.Record(h.as("usr_s", auth.Supporter), e); err != nil || a.Decision.Outcome != engine.Applied {
				h.t.Fatal(a.Decision, err)
			}
		}
		give("small", "100")
		h.expect("adjustment_large", false)
		h.rules("in total: 1000", "in total: 9000", "adjustments: {alone: {points: 100}}", "")
		give("large", "101")
		h.expect("adjustment_large", false) // by the rules of then, nobody said how much is much
		h.rules("in total: 1000", "in total: 9000")
	}, settle: func(h *history) {
		_, err := h.UndoAdjustment(h.as("usr_s", auth.Supporter), "large", "a mistake")
		h.does(err)
		undone, err := h.Undone(h.t.Context(), "large")
		h.does(err)
		h.append(journal.Request{Member: h.findCard(1), Event: &event.Event{ID: "undo", Type: event.Approval, About: undone.Event.ID, By: "key_other"}})
	}},
	{kind: "adjustments", raise: func(h *history) {
		h.happens(`{"id":"adj","type":"adjustment","member":"card:1","wallet":"points","amount":"150","reason":"sorry"}`)
	}, settle: func(h *history) {
		h.append(journal.Request{Member: h.findCard(1), Event: &event.Event{ID: "yes", Type: event.Approval, About: "adj", By: "key_other"}})
	}},
	{kind: "payouts_ordered", raise: func(h *history) {
		e := &event.Event{ID: "pay", Type: event.Redemption, Member: "card:1", Reward: "cash"}
		if a, err := h.RecordPayout(h.t.Context(), e, app.BankAccount{IBAN: annasAccount, Name: "Anna Nowak"}); err != nil || a.Decision.Outcome != engine.Applied {
			h.t.Fatal(a.Decision, err)
		}
	}, settle: func(h *history) {
		_, err := h.CreatePayoutBatch(h.t.Context(), "one")
		h.does(err)
	}},
	{kind: "payouts_unsettled", settle: func(h *history) {
		_, err := h.PayoutOrder(h.t.Context(), "one", bank.Account{Name: "Club", IBAN: "CZ6508000000192000145399"}, "")
		h.does(err)
		_, err = h.SettlePayouts(h.t.Context(), "one", nil)
		h.does(err)
	}},
}

// takes lets the member buy and take a reward of each kind.
func (h *history) takes(round string) {
	h.t.Helper()
	h.happens(`{"id":"` + round + `-buys","type":"purchase","member":"card:1","total":"100.00"}`)
	for _, id := range []string{"cup", "hat", "tenth"} {
		h.happens(`{"id":"` + round + "-" + id + `","type":"redemption","member":"card:1","reward":"` + id + `"}`)
	}
	e := &event.Event{ID: round + "-cash", Type: event.Redemption, Member: "card:1", Reward: "cash"}
	if a, err := h.RecordPayout(h.t.Context(), e, app.BankAccount{IBAN: annasAccount, Name: "Anna Nowak"}); err != nil || a.Decision.Outcome != engine.Applied {
		h.t.Fatal(a.Decision, err)
	}
}

var timeCases = []attentionCase{
	// What the member had is due to expire.
	{kind: "sweeper_behind", raise: func(h *history) { h.clock.Advance(15 * day) }, settle: func(h *history) { h.sweep() }},
	{kind: "reward_never", settle: func(h *history) { h.takes("first") }},
	{kind: "reward_idle", raise: func(h *history) { h.later(31 * day) }, settle: func(h *history) { h.takes("second") }},
}

var codeCases = []attentionCase{
	{kind: "codes_end", raise: func(h *history) {
		_, err := h.GenerateCodes(h.t.Context(), app.NewCodes{ID: "march", Reward: "tenth", Count: 5, From: calendar.Beginning, Until: h.Journal.Now() + 3*calendar.Day}, nil)
		h.does(err)
	}, settle: func(h *history) { h.clock.Advance(4 * day) }},
	{kind: "codes_unfinished", raise: func(h *history) {
		stopped, stop := context.WithCancel(h.t.Context())
		if _, err := h.GenerateCodes(stopped, manyCodes, func(done, _ int64) { stop() }); err == nil {
			h.t.Fatal("the batch was not stopped")
		}
	}, settle: func(h *history) {
		_, err := h.GenerateCodes(h.t.Context(), manyCodes, nil)
		h.does(err)
	}},
}

var manyCodes = app.NewCodes{ID: "april", Reward: "tenth", Count: 12_000, From: calendar.Beginning, Until: calendar.Never}
