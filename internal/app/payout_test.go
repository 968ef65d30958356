package app_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"premia/internal/app"
	"premia/internal/core/bank"
	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/store"
)

const annasAccount = "PL61 1090 1014 0000 0712 1981 2874"

// payoutProgram lets points be turned into money.
var payoutProgram = strings.Replace(cardProgram, "rewards:\n", "rewards:\n  - {id: cash, name: Pay-out, kind: cashback, amount: 0.05, least: 1.00, most: 50.00, price: {points: 1}, refund: {}}\n", 1)

func onEachPayouts(t *testing.T, test func(t *testing.T, x *tills)) {
	onEachTills(t, func(t *testing.T, x *tills) {
		if _, err := x.of[0].Publish(t.Context(), []byte(payoutProgram), calendar.None, ""); err != nil {
			t.Fatal(err)
		}
		test(t, x)
	})
}

func (x *tills) record(e *event.Event) engine.Outcome {
	x.t.Helper()
	answer, err := x.of[0].Record(x.t.Context(), e)
	if err != nil {
		x.t.Fatal(err)
	}
	return answer.Decision.Outcome
}

// cash turns points of a member into money.
func (x *tills) cash(id, member string, points int64) {
	x.t.Helper()
	e := &event.Event{ID: id, Type: event.Redemption, Member: member, Reward: "cash", Wallet: "points", Amount: points, Given: event.GivenAmount}
	answer, err := x.of[0].RecordPayout(x.t.Context(), e, app.BankAccount{IBAN: annasAccount, Name: "Anna Nowak"})
	if err != nil || answer.Decision.Outcome != engine.Applied {
		x.t.Fatalf("%s: %+v %v", id, answer.Decision, err)
	}
}

func (x *tills) buyer(member, total string) {
	x.t.Helper()
	var amount int64
	fmt.Sscanf(strings.ReplaceAll(total, ".", ""), "%d", &amount)
	x.record(&event.Event{Type: event.Purchase, Member: member, Total: amount, Given: event.GivenTotal})
}

var own = bank.Account{Name: "Bean Club", IBAN: "CZ6508000000192000145399"}

// A pay-out is ordered, taken into one batch, exported and settled; one that failed
// gives the points back, one that was given back before is not paid.
func TestPayouts(t *testing.T) {
	t.Parallel()
	onEachPayouts(t, func(t *testing.T, x *tills) {
		ctx, a := t.Context(), x.of[1]
		x.buyer("card:1", "900.00")
		for n, id := range []string{"c1", "c2", "c3", "c4"} {
			x.cash(id, "card:1", int64(100+n))
		}
		if got := x.record(&event.Event{ID: "back", Type: event.Refund, Redemption: "c4"}); got != engine.Applied {
			t.Errorf("giving c4 back: %s", got)
		}
		b, err := a.CreatePayoutBatch(ctx, "march")
		if n, sum := b.Sum(store.PayoutReady); err != nil || n != 3 || sum != 5_00+5_05+5_10 {
			t.Fatalf("the batch has %d of %d: %v", n, sum, err)
		}
		again, err := x.of[0].CreatePayoutBatch(ctx, "march")
		if err != nil || len(again.Payouts) != len(b.Payouts) {
			t.Errorf("created again: %+v %v", again, err)
		}
		if _, err := a.CreatePayoutBatch(ctx, "april"); codeOf(err) != "nothing_to_pay" {
			t.Errorf("an empty batch: %v", err)
		}
		if got := x.record(&event.Event{ID: "late", Type: event.Refund, Redemption: "c1"}); got != engine.NotRefundable {
			t.Errorf("giving back what is being paid: %s", got)
		}
		order, err := a.PayoutOrder(ctx, "march", own, "")
		if err != nil || len(order.Transfers) != 3 || order.Transfers[0].To.IBAN != "PL61109010140000071219812874" || order.Day != "2026-03-01" {
			t.Fatalf("the order: %+v %v", order, err)
		}
		settled, err := a.SettlePayouts(ctx, "march", []string{"c2"})
		if n, sum := settled.Sum(store.PayoutSent); err != nil || n != 2 || sum != 5_00+5_10 {
			t.Errorf("settled: %+v %v", settled, err)
		}
		if _, err := a.SettlePayouts(ctx, "march", []string{"c1"}); codeOf(err) != "payout_settled" {
			t.Errorf("settled otherwise: %v", err)
		}
		if _, err := a.SettlePayouts(ctx, "march", []string{"c9"}); codeOf(err) != "unknown_payout" {
			t.Errorf("an unknown pay-out: %v", err)
		}
		if got := x.record(&event.Event{ID: "failed", Type: event.Refund, Redemption: "c2"}); got != engine.Applied {
			t.Errorf("refunding what failed: %s", got)
		}
		wallets, _, err := a.Wallets(ctx, "card:1")
		if err != nil || wallets[0].Available != 900-100-102 {
			t.Errorf("the member has %+v (%v)", wallets, err)
		}
		moved := x.move()
		if b, err := moved.PayoutBatch(ctx, "march"); err != nil || len(b.Payouts) != 4 {
			t.Errorf("in another database: %+v %v", b, err)
		}
		if _, err := moved.CreatePayoutBatch(ctx, "may"); codeOf(err) != "nothing_to_pay" {
			t.Errorf("in another database something is paid again: %v", err)
		}
	})
}

// Eight who create batches at once never put a pay-out into two, or leave one out.
func TestNoPayoutIsInTwoBatches(t *testing.T) {
	t.Parallel()
	onEachPayouts(t, func(t *testing.T, x *tills) {
		x.buyer("card:1", "900.00")
		for n := range 20 {
			x.cash(fmt.Sprint("c", n), "card:1", 20)
		}
		var all sync.WaitGroup
		for n := range 8 {
			all.Go(func() {
				_, err := x.of[n%2].CreatePayoutBatch(t.Context(), fmt.Sprint("batch-", n))
				if err != nil && codeOf(err) != "nothing_to_pay" {
					t.Error(err)
				}
			})
		}
		all.Wait()
		batches, err := x.of[0].PayoutBatches(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		seen, sum := map[string]string{}, int64(0)
		for i := range batches {
			for _, p := range batches[i].Payouts {
				if other, twice := seen[p.Redemption]; twice || p.State != store.PayoutReady {
					t.Errorf("%s is in %s and %s, %d", p.Redemption, other, batches[i].ID, p.State)
				}
				seen[p.Redemption] = batches[i].ID
				sum += p.Amount
			}
		}
		if len(seen) != 20 || sum != 20*1_00 {
			t.Errorf("%d pay-outs of %d are in batches", len(seen), sum)
		}
	})
}

// The account is a personal value: the journal lacks it, an erasure forgets it, and
// a merge keeps it. What is wrong with it is said before anything is decided.
func TestPayoutAccounts(t *testing.T) {
	t.Parallel()
	onEachPayouts(t, func(t *testing.T, x *tills) {
		ctx, a := t.Context(), x.of[0]
		for n, member := range []string{"card:1", "card:2", "card:3"} {
			x.buyer(member, "100.00")
			x.cash(fmt.Sprint("c", n+1), member, 40)
		}
		answer, err := a.Event(ctx, "c1")
		if err != nil {
			t.Fatal(err)
		}
		entry, err := a.Store.Entry(ctx, answer.Position)
		if err != nil || strings.Contains(string(entry.Event), "2874") || strings.Contains(string(entry.Event), "Nowak") {
			t.Errorf("the journal says %s (%v)", entry.Event, err)
		}
		if m, err := a.Member(ctx, "card:1"); err != nil || len(m.Profile) != 0 {
			t.Errorf("the member's profile: %+v %v", m.Profile, err)
		}
		if data, err := a.MemberData(ctx, answer.Member, "en"); err != nil || len(data.BankAccounts) != 1 || !strings.Contains(data.BankAccounts[0], "Anna Nowak") {
			t.Errorf("all that is known of the member has the accounts %+v (%v)", data.BankAccounts, err)
		}
		if _, err := a.Erase(ctx, "", "card:2"); err != nil {
			t.Fatal(err)
		}
		if _, err := a.Merge(ctx, "", "card:3", "card:1"); err != nil {
			t.Fatal(err)
		}
		b, err := a.CreatePayoutBatch(ctx, "march")
		if n, _ := b.Sum(store.PayoutReady); err != nil || n != 2 {
			t.Errorf("the batch has %+v (%v), want those with an account", b, err)
		}
		if order, err := a.PayoutOrder(ctx, "march", own, "2026-03-05"); err != nil || len(order.Transfers) != 2 {
			t.Errorf("the order: %+v %v", order, err)
		}
		redeem := func(to app.BankAccount, points int64) error {
			_, err := a.RecordPayout(ctx, &event.Event{Type: event.Redemption, Member: "card:1", Reward: "cash", Wallet: "points", Amount: points, Given: event.GivenAmount}, to)
			return err
		}
		if err := redeem(app.BankAccount{IBAN: "PL62 1090 1014 0000 0712 1981 2874", Name: "Anna"}, 20); codeOf(err) != "invalid_iban" {
			t.Errorf("a mistyped account: %v", err)
		}
		if err := redeem(app.BankAccount{IBAN: annasAccount, Name: "=1"}, 20); codeOf(err) != "invalid" {
			t.Errorf("a name that is none: %v", err)
		}
		if _, err := a.Record(ctx, &event.Event{Type: event.Redemption, Member: "card:1", Reward: "cash"}); codeOf(err) != "missing" {
			t.Errorf("without an account: %v", err)
		}
		if _, err := a.PayoutAccount(ctx); codeOf(err) != "no_payout_account" {
			t.Errorf("no account of one's own: %v", err)
		}
		if err := a.SetPayoutAccount(ctx, own); err != nil {
			t.Fatal(err)
		}
		if from, err := a.PayoutAccount(ctx); err != nil || from != own {
			t.Errorf("one's own account: %+v %v", from, err)
		}
		if _, err := a.Journal.Deliver(ctx, app.PersonalMoves{App: a}); err != nil {
			t.Fatal(err)
		}
		if order, err := a.PayoutOrder(ctx, "march", own, ""); err != nil || len(order.Transfers) != 2 {
			t.Errorf("after the records moved: %+v %v", order, err)
		}
	})
}
