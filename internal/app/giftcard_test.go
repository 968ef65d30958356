package app_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/mechanic/giftcard"
	"premia/internal/journal"
	"premia/internal/store"
	"premia/internal/testkit"
	"premia/internal/testkit/postgres"
)

const cardProgram = `
program: Cards
currency: PLN
timezone: Europe/Warsaw
languages: [en]
enrolment: {unknown: enrol}
wallets:
  points: {name: points}
  cash: {name: cash, scale: 2, worth: 1}
earn:
  - {id: spend, give: {points: 1, per: 1.00}, without: [gift cards]}
gift cards:
  - {id: birthday, name: Birthday card, least: 10, most: 500, expires: 12mo, into: cash, top up: true, refund: {within: 60d}}
  - {id: travel, name: Travel card, currency: EUR}
rewards:
  - {id: gift, name: A gift card, kind: gift card, card: birthday, amount: 25, price: {points: 50}, refund: {within: 14d}}
transfers:
  points: {}
`

// tills are two servers of one workspace, or on SQLite two users of one.
type tills struct {
	t     *testing.T
	url   string
	clock *testkit.Clock
	of    [2]*app.App
}

func onEachTills(t *testing.T, test func(t *testing.T, x *tills)) {
	for _, kind := range []string{"sqlite", "postgres"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			x := &tills{t: t, clock: testkit.NewClock(time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC))}
			if x.url = "sqlite:" + filepath.Join(t.TempDir(), "premia.db"); kind == "postgres" {
				x.url = postgres.New(t)
			}
			for i := range x.of {
				if x.of[i] = x.of[0]; i > 0 && kind == "sqlite" {
					continue
				}
				a, err := app.Open(t.Context(), app.Config{DB: x.url, Migrate: true, Clock: x.clock.Now})
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { a.Close() })
				x.of[i] = a
				if i > 0 {
					continue
				}
				if _, err := a.Publish(t.Context(), []byte(cardProgram), calendar.None, ""); err != nil {
					t.Fatal(err)
				}
			}
			test(t, x)
			x.verify()
		})
	}
}

// verify checks the whole workspace, with nothing on its way.
func (x *tills) verify() {
	x.t.Helper()
	v, err := app.Verify(x.t.Context(), x.of[0].Store, app.VerifyOptions{})
	if err != nil || v.Difference != nil || v.Undelivered != 0 {
		x.t.Errorf("verify: %+v %v", v, err)
	}
}

// move gives the workspace as it is in another database.
func (x *tills) move() *app.App {
	x.t.Helper()
	url := "sqlite:" + filepath.Join(x.t.TempDir(), "moved.db")
	to, err := store.Open(x.t.Context(), url, store.Options{Migrate: true})
	if err != nil {
		x.t.Fatal(err)
	}
	if _, err := app.Move(x.t.Context(), x.of[0].Store, to, app.MoveOptions{}); err != nil {
		x.t.Fatal(err)
	}
	to.Close()
	moved, err := app.Open(x.t.Context(), app.Config{DB: url, Clock: x.clock.Now})
	if err != nil {
		x.t.Fatal(err)
	}
	x.t.Cleanup(func() { moved.Close() })
	return moved
}

func (x *tills) issue(id, kind string, amount int64, code string) app.GiftCard {
	x.t.Helper()
	card, answer, err := x.of[0].IssueGiftCard(x.t.Context(), &app.NewGiftCard{EventID: id, Kind: kind, Amount: amount, Code: code})
	if err != nil || answer.Decision.Outcome != engine.Applied {
		x.t.Fatalf("issue %s: %+v %v", id, answer.Decision, err)
	}
	return card
}

func payment(id string, amount int64, hold bool) *event.Event {
	return &event.Event{ID: id, Type: event.GiftCardPayment, Wallet: "gift_card_pln", Amount: amount, Given: event.GivenAmount, Hold: hold}
}

func (x *tills) pay(till int, code string, e *event.Event) (app.GiftCard, engine.Outcome) {
	x.t.Helper()
	card, answer, err := x.of[till].RecordCard(context.Background(), code, e)
	if err != nil {
		x.t.Errorf("payment %s: %v", e.ID, err)
		return card, 0
	}
	return card, answer.Decision.Outcome
}

func codeOf(err error) string {
	var p *app.Problem
	if errors.As(err, &p) {
		return p.Code
	}
	return fmt.Sprint(err)
}

// The last value of a gift card is paid by 64 parallel orders at two servers: one
// of them gets it, and the card comes to nothing, exactly.
func TestOneGiftCardIsNotSpentTwice(t *testing.T) {
	t.Parallel()
	onEachTills(t, func(t *testing.T, x *tills) {
		card := x.issue("sale", "birthday", 100_00, "")
		x.pay(0, card.Code, payment("first", 57_50, false))
		outcomes := make([]engine.Outcome, 64)
		var all sync.WaitGroup
		for n := range outcomes {
			all.Go(func() { _, outcomes[n] = x.pay(n%2, card.Code, payment(fmt.Sprint("order-", n), 42_50, n%3 == 0)) })
		}
		all.Wait()
		won := 0
		for n, outcome := range outcomes {
			switch outcome {
			case engine.Applied:
				won++
			case engine.GiftCardEmpty, engine.Insufficient:
			default:
				t.Errorf("order %d: %s", n, outcome)
			}
		}
		left, err := x.of[1].GiftCard(t.Context(), card.Code)
		if won != 1 || err != nil || left.Available != 0 {
			t.Errorf("%d of 64 orders got the last 42.50, and %d are left (%v)", won, left.Available, err)
		}
		// The same orders once more: each gets its first answer, and nothing is paid.
		for n, outcome := range outcomes {
			if _, again := x.pay((n+1)%2, card.Code, payment(fmt.Sprint("order-", n), 42_50, n%3 == 0)); again != outcome {
				t.Errorf("order %d again: %s after %s", n, again, outcome)
			}
		}
	})
}

// Many small payments in parallel take exactly what is there.
func TestPaymentsComeToTheCardsValue(t *testing.T) {
	t.Parallel()
	onEachTills(t, func(t *testing.T, x *tills) {
		card := x.issue("sale", "birthday", 100_00, "")
		var all sync.WaitGroup
		var mu sync.Mutex
		paid := int64(0)
		for n := range 64 {
			amount := int64(n%7+1) * 1_10
			all.Go(func() {
				if _, outcome := x.pay(n%2, card.Code, payment(fmt.Sprint("order-", n), amount, false)); outcome == engine.Applied {
					mu.Lock()
					defer mu.Unlock()
					paid += amount
				}
			})
		}
		all.Wait()
		left, err := x.of[0].GiftCard(t.Context(), card.Code)
		if err != nil || paid+left.Available != 100_00 {
			t.Errorf("%d were paid, and %d are left of 10000 (%v)", paid, left.Available, err)
		}
	})
}

// A code of a card is made once, given again, and belongs to one card; its issue
// sent again is the same card.
func TestGiftCardCodes(t *testing.T) {
	t.Parallel()
	onEachTills(t, func(t *testing.T, x *tills) {
		made := x.issue("sale", "birthday", 50_00, "")
		x.clock.Advance(time.Hour)
		if again := x.issue("sale", "birthday", 50_00, ""); again.Code != made.Code || again.Available != 50_00 {
			t.Errorf("issued again it is %+v, at first %+v", again, made)
		}
		printed := x.issue("print", "birthday", 20_00, "pl 0001-7777")
		if read, err := x.of[1].GiftCard(t.Context(), "PL00017777"); err != nil || read.Available != printed.Available {
			t.Errorf("by another spelling: %+v %v", read, err)
		}
		for name, n := range map[string]app.NewGiftCard{
			"gift_card_exists":       {EventID: "print2", Kind: "birthday", Amount: 20_00, Code: "PL-0001-7777"},
			"idempotency_conflict":   {EventID: "sale", Kind: "birthday", Amount: 51_00},
			"amount_not_offered":     {Kind: "birthday", Amount: 9_99},
			"unknown_gift_card_kind": {Kind: "wedding", Amount: 50_00},
			"malformed_gift_card":    {Kind: "birthday", Amount: 50_00, Code: "Ä-1"},
		} {
			if _, _, err := x.of[0].IssueGiftCard(t.Context(), &n); codeOf(err) != name {
				t.Errorf("%+v: %v, want %s", n, err, name)
			}
		}
		mistyped := []byte(made.Code)
		if mistyped[6] = '3'; made.Code[6] == '3' {
			mistyped[6] = '4'
		}
		for name, written := range map[string]string{"malformed_gift_card": string(mistyped), "unknown_gift_card": "PL00017778"} {
			if _, err := x.of[0].GiftCard(t.Context(), written); codeOf(err) != name {
				t.Errorf("%s: %v, want %s", written, err, name)
			}
		}
		if _, err := x.of[0].Find(t.Context(), "gift-card:PL00017777"); codeOf(err) != "invalid_identity" {
			t.Errorf("a gift card is found as a member: %v", err)
		}
		moved := x.move()
		if read, err := moved.GiftCard(t.Context(), made.Code); err != nil || read.Available != 50_00 {
			t.Errorf("in another database: %+v %v", read, err)
		}
		_, answer, err := moved.IssueGiftCard(t.Context(), &app.NewGiftCard{EventID: "sale", Kind: "birthday", Amount: 50_00})
		if err != nil || !answer.Repeated {
			t.Errorf("issued again in another database: %+v %v", answer, err)
		}
	})
}

// A gift card in another currency, a blocked, an expired and an empty one are each
// refused with why; a hold ends by itself, and a refund goes back to the lot.
func TestGiftCardsThatCantBeUsed(t *testing.T) {
	t.Parallel()
	onEachTills(t, func(t *testing.T, x *tills) {
		euro, blocked, old := x.issue("e", "travel", 30_00, ""), x.issue("b", "birthday", 30_00, ""), x.issue("o", "birthday", 30_00, "")
		block := &event.Event{ID: "block", Type: event.GiftCardBlock, Data: []event.Datum{{Name: "blocked", Kind: event.Truth, Whole: 1}}}
		if card, _ := x.pay(0, blocked.Code, block); card.Status != "blocked" {
			t.Errorf("blocked: %+v", card)
		}
		x.pay(0, old.Code, payment("held", 10_00, true))
		x.clock.Advance(20 * time.Minute)
		if p, err := x.of[1].Payment(t.Context(), "held"); err != nil || p.Status != "timed_out" {
			t.Errorf("after the hold's time: %+v %v", p, err)
		}
		x.pay(0, old.Code, payment("paid", 10_00, false))
		refund := &event.Event{ID: "refund", Type: event.Refund, Redemption: "paid", Wallet: "gift_card_pln", Amount: 4_00, Given: event.GivenAmount}
		if a, err := x.of[1].Record(t.Context(), refund); err != nil || a.Decision.Outcome != engine.Applied {
			t.Errorf("refund: %+v %v", a.Decision, err)
		}
		if p, err := x.of[1].Payment(t.Context(), "paid"); err != nil || p.Status != "paid" || p.Refunded != 4_00 {
			t.Errorf("after the refund: %+v %v", p, err)
		}
		x.clock.Advance(366 * 24 * time.Hour)
		for name, one := range map[string]struct {
			code    string
			outcome engine.Outcome
		}{
			"in euro": {euro.Code, engine.OtherCurrency}, "blocked": {blocked.Code, engine.GiftCardBlocked}, "expired": {old.Code, engine.GiftCardExpired},
		} {
			if _, got := x.pay(0, one.code, payment("late-"+name[:2], 1_00, false)); got != one.outcome {
				t.Errorf("%s: %s", name, got)
			}
		}
		if card, err := x.of[0].GiftCard(t.Context(), old.Code); err != nil || card.Status != "expired" {
			t.Errorf("expired: %+v %v", card, err)
		}
	})
}

// A gift card that a member takes for points is issued once, whatever is delivered
// how often; it goes back while it is unused.
func TestGiftCardsForPoints(t *testing.T) {
	t.Parallel()
	onEachTills(t, func(t *testing.T, x *tills) {
		ctx := t.Context()
		a := x.of[0]
		record := func(till int, e *event.Event) engine.Outcome {
			t.Helper()
			answer, err := x.of[till].Record(ctx, e)
			if err != nil {
				t.Fatal(err)
			}
			return answer.Decision.Outcome
		}
		record(0, &event.Event{Type: event.Purchase, Member: "card:1", Total: 130_00, Given: event.GivenTotal})
		for _, id := range []string{"r1", "r2"} {
			if got := record(1, &event.Event{ID: id, Type: event.Redemption, Member: "card:1", Reward: "gift"}); got != engine.Applied {
				t.Fatalf("%s: %s", id, got)
			}
		}
		for range 2 {
			for _, shard := range a.Store.Shards() {
				if err := a.Store.SetCursor(ctx, cursor(shard)); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := a.Journal.Deliver(ctx, journal.FollowUps{Journal: a.Journal}); err != nil {
				t.Fatal(err)
			}
		}
		one, err := x.of[1].RewardCard(ctx, "r1")
		if err != nil || one.Available != 25_00 || one.Kind != "birthday" {
			t.Fatalf("the card: %+v %v", one, err)
		}
		two, err := x.of[1].RewardCard(ctx, "r2")
		if err != nil || one.Code == two.Code {
			t.Fatalf("the other card: %+v %v", two, err)
		}
		x.pay(0, two.Code, payment("p", 1_00, false))
		for id, want := range map[string]string{"r1": "refunded", "r2": "handed_over"} {
			if got := record(1, &event.Event{ID: "back-" + id, Type: event.Refund, Redemption: id}); got != engine.WaitsForGiftCard {
				t.Errorf("giving %s back: %s", id, got)
			}
			if r, err := a.Redemption(ctx, id); err != nil || r.Status != want {
				t.Errorf("%s: %+v %v, want %s", id, r, err, want)
			}
		}
		wallets, _, err := a.Wallets(ctx, "card:1")
		if err != nil || len(wallets) != 2 || wallets[0].Available != 80 || wallets[1].Wallet.ID != "cash" || wallets[1].Issued != 0 {
			t.Errorf("the member has %+v (%v), want 80 points and nothing else", wallets, err)
		}
		if got, err := a.GiftCard(ctx, one.Code); err != nil || got.Status != "empty" || got.Available != 0 {
			t.Errorf("the card that went back: %+v %v", got, err)
		}
	})
}

// What is on a gift card is moved to members by parallel requests at two servers: as much
// as was there, once each; to one who was merged it goes on, and from one who was erased it
// comes back onto the card.
func TestGiftCardsAreMovedOnce(t *testing.T) {
	t.Parallel()
	onEachTills(t, func(t *testing.T, x *tills) {
		ctx := app.WithActor(t.Context(), auth.System("test"))
		for _, card := range []string{"1", "2", "3"} {
			x.earner(card, 1)
		}
		gone := x.earner("4", 1)
		card := x.issue("sale", "birthday", 100_00, "")
		move := func(n int) engine.Outcome {
			_, answer, err := x.of[n%2].MoveCard(ctx, card.Code, &app.NewMove{EventID: fmt.Sprint("move-", n), Amount: 30_00, To: fmt.Sprint("card:", n%2+1)})
			if err != nil {
				t.Errorf("move %d: %v", n, err)
				return 0
			}
			return answer.Decision.Outcome
		}
		outcomes := make([]engine.Outcome, 16)
		var all sync.WaitGroup
		for n := range outcomes {
			all.Go(func() { outcomes[n] = move(n) })
		}
		all.Wait()
		cash := func(card string) (sum int64) {
			t.Helper()
			wallets, _, err := x.of[1].Wallets(ctx, "card:"+card)
			if err != nil {
				t.Fatal(err)
			}
			for i := range wallets {
				if wallets[i].Wallet.ID == "cash" {
					sum = wallets[i].Available
				}
			}
			return sum
		}
		holds := func(what string, onCard, withMembers int64) {
			t.Helper()
			read, err := x.of[0].GiftCard(ctx, card.Code)
			if sum := cash("1") + cash("2"); err != nil || read.Available != onCard || sum != withMembers {
				t.Errorf("%s: %d on the card and %d with members, want %d and %d (%v)", what, read.Available, sum, onCard, withMembers, err)
			}
		}
		holds("moved", 10_00, 90_00)
		moved := 0
		for n, outcome := range outcomes {
			if outcome == engine.Applied {
				moved++
			}
			if again := move(n); again != outcome {
				t.Errorf("move %d again: %s after %s", n, again, outcome)
			}
		}
		if moved != 3 {
			t.Errorf("%d of 16 were moved", moved)
		}
		holds("moved again", 10_00, 90_00)
		if _, err := x.of[0].Merge(ctx, "m", "card:2", "card:1"); err != nil {
			t.Fatal(err)
		}
		if _, _, err := x.of[1].MoveCard(ctx, card.Code, &app.NewMove{EventID: "late", Amount: 4_00, To: "card:2"}); err != nil {
			t.Fatal(err)
		}
		if got := cash("1"); got != 94_00 {
			t.Errorf("after the merge the other one has %d, want 9400", got)
		}
		if _, err := x.of[0].Erase(ctx, "e", gone.String()); err != nil {
			t.Fatal(err)
		}
		if _, _, err := x.of[0].MoveCard(ctx, card.Code, &app.NewMove{Amount: 1_00, To: gone.String()}); codeOf(err) != app.CodeMemberErased {
			t.Errorf("to one who was erased: %v", err)
		}
		// Should it be on its way when they are, it comes back.
		stored, err := x.of[0].Journal.Find(ctx, journal.Identity{Kind: journal.GiftCardKind, Value: normal(t, card.Code)})
		if err != nil {
			t.Fatal(err)
		}
		late := &event.Event{ID: "gone", Type: event.Transfer, Wallet: "gift_card_pln", Amount: 6_00, Given: event.GivenAmount, Data: []event.Datum{{Name: "to", Kind: event.Whole, Whole: int64(gone)}}}
		if answer, err := x.of[0].Journal.Append(ctx, journal.Request{Member: stored, Event: late}); err != nil || answer.Decision.Outcome != engine.Applied {
			t.Fatal(answer.Decision, err)
		}
		if read, err := x.of[0].GiftCard(ctx, card.Code); err != nil || read.Available != 0 || read.Status != "empty" {
			t.Errorf("on its way: %+v (%v)", read, err)
		}
		for range 3 {
			if _, err := x.of[0].Journal.Deliver(ctx, journal.FollowUps{Journal: x.of[0].Journal}); err != nil {
				t.Fatal(err)
			}
		}
		if read, err := x.of[0].GiftCard(ctx, card.Code); err != nil || read.Available != 6_00 || read.Status != "active" {
			t.Errorf("back on the card: %+v (%v)", read, err)
		}
		x.clock.Advance(366 * 24 * time.Hour)
		if got := cash("1"); got != 0 {
			t.Errorf("after the card's time %d are left of what was on it", got)
		}
	})
}

func normal(t *testing.T, code string) string {
	t.Helper()
	out, err := giftcard.NormalCode(code)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// A gift card is nobody: it is not merged into, transferred to, or adjusted.
func TestGiftCardsAreNobody(t *testing.T) {
	t.Parallel()
	onEachTills(t, func(t *testing.T, x *tills) {
		ctx := t.Context()
		a := x.of[0]
		_, issued, err := a.IssueGiftCard(ctx, &app.NewGiftCard{EventID: "sale", Kind: "birthday", Amount: 50_00, Code: "PRINT-0001"})
		if err != nil {
			t.Fatal(err)
		}
		card := issued.Member.String()
		if _, err := a.Record(ctx, &event.Event{Type: event.Purchase, Member: "card:1", Total: 130_00, Given: event.GivenTotal}); err != nil {
			t.Fatal(err)
		}
		for _, e := range []*event.Event{
			{Type: event.Purchase, Member: card, Total: 10_00, Given: event.GivenTotal},
			{Type: event.Adjustment, Member: card, Wallet: "points", Amount: 5, Given: event.GivenAmount, Reason: "a test"},
			{Type: event.Redemption, Member: card, Reward: "gift"},
		} {
			if answer, err := a.Record(ctx, e); err != nil || answer.Decision.Outcome != engine.NoPerson {
				t.Errorf("%s: %+v %v", e.Type, answer.Decision, err)
			}
		}
		gave, err := a.Record(ctx, &event.Event{Type: event.Adjustment, Member: "card:1", Wallet: "gift_card_pln", Amount: 5, Given: event.GivenAmount, Reason: "a test"})
		if err != nil || gave.Decision.Outcome != engine.NoSuchWallet {
			t.Errorf("stored value for a member: %+v %v", gave.Decision, err)
		}
		_, err = a.Transfer(ctx, &event.Event{Type: event.Transfer, Member: "card:1", Wallet: "points", Amount: 5, Given: event.GivenAmount}, card)
		if codeOf(err) != "unknown_member" {
			t.Errorf("a transfer to the card: %v", err)
		}
		if _, err := a.Merge(ctx, "", "card:1", card); codeOf(err) != "unknown_member" {
			t.Errorf("a merge into the card: %v", err)
		}
		// Should they come all the same, what they carry goes back.
		from, err := a.Find(ctx, "card:1")
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range []journal.Request{
			{Member: from, Event: &event.Event{ID: "t", Type: event.Transfer, Wallet: "points", Amount: 5, Given: event.GivenAmount, Data: []event.Datum{{Name: "to", Kind: event.Whole, Whole: int64(issued.Member)}}}},
			{Member: from, Event: &event.Event{ID: "m", Type: event.Merge, Data: []event.Datum{{Name: "into", Kind: event.Whole, Whole: int64(issued.Member)}}}},
		} {
			if _, err := a.Journal.Append(ctx, r); err != nil {
				t.Fatal(err)
			}
			for range 3 {
				if _, err := a.Journal.Deliver(ctx, journal.FollowUps{Journal: a.Journal}); err != nil {
					t.Fatal(err)
				}
			}
			wallets, _, err := a.Wallets(ctx, "card:1")
			if err != nil || wallets[0].Available != 130 {
				t.Errorf("after %s the member has %+v (%v), want 130", r.Event.Type, wallets, err)
			}
		}
		if read, err := a.GiftCard(ctx, "print 0001"); err != nil || read.Available != 50_00 {
			t.Errorf("the card: %+v %v", read, err)
		}
	})
}

func cursor(shard store.Shard) store.Cursor {
	return store.Cursor{Subscriber: journal.FollowUpsName, Shard: shard}
}
