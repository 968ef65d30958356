package journal_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/journal"
	"premia/internal/testkit/postgres"
)

// The program of these tests gives a point for each zloty, 20 more from 100 zloty
// on, and takes back what returned goods earned.
const returning = `
program: Test
currency: PLN
timezone: Europe/Warsaw
languages: [en]
enrolment: {unknown: enrol}
wallets:
  points: {name: {en: points}, pending: 2d, expires: 12mo, debt: carry}
earn:
  - {id: spend, give: {points: 1, per: 1.00}}
  - {id: first, when: member.purchases == 0, give: {points: 7}}
campaigns:
  - {id: big, thresholds: [{from: 100.00, bonus: {points: 20}}], limits: {points: {in total: 100}}}
returns: {}
`

func onEachReturning(t *testing.T, test func(t *testing.T, f *fixture)) {
	publish := func(t *testing.T, f *fixture) {
		if _, err := f.Publish(context.Background(), []byte(returning), calendar.None, ""); err != nil {
			t.Fatal(err)
		}
		f.clock.Advance(time.Hour)
		test(t, f)
	}
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		publish(t, open(t, "sqlite:"+filepath.Join(t.TempDir(), "premia.db"), journal.Options{}))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		publish(t, open(t, postgres.New(t), journal.Options{}))
	})
}

// decoded is a request for a card from an event's JSON.
func decoded(card, src string) journal.Request {
	e, err := event.Decode([]byte(src), event.Scales{Currency: 2})
	if err == nil {
		err = e.Check("PLN", 2)
	}
	if err != nil {
		panic(err)
	}
	r := journal.Request{Event: e, Unknown: engine.EnrolUnknown}
	if card != "" {
		r.Identity = journal.Identity{Kind: "card", Value: card}
	}
	return r
}

// basket is a purchase of two cups at 30 and a bag at 60: 120 in all.
func basket(id, card string) journal.Request {
	return decoded(card, fmt.Sprintf(`{"id":%q,"type":"purchase","order":"O-%s","items":[
		{"sku":"CUP","quantity":"2","unit_price":"30.00"},{"sku":"BAG","quantity":"1","unit_price":"60.00"}]}`, id, id))
}

func back(id, order, items string) string {
	return fmt.Sprintf(`{"id":%q,"type":"return","order":%q,"items":[%s]}`, id, order, items)
}

func TestReturnTakesBackWhatTheGoodsEarned(t *testing.T) {
	t.Parallel()
	onEachReturning(t, func(t *testing.T, f *fixture) {
		m := f.append(basket("e1", "1")).Member
		if got := f.balance(m); got.Pending != 147 {
			t.Fatalf("%+v, want 120 for the goods, 7 for the first purchase and 20 from 100 on", got)
		}
		f.append(decoded("1", back("r1", "O-e1", `{"sku":"CUP","quantity":"1"}`)))
		if got := f.balance(m); got.Pending != 97 {
			t.Errorf("after one cup: %+v, want 90 for what stays and 7, and the threshold is not reached", got)
		}
		f.append(decoded("1", back("r2", "O-e1", `{"sku":"CUP","quantity":"1"},{"sku":"BAG","quantity":"1"}`)))
		if got := f.balance(m); got != (ledger.Balance{}) {
			t.Errorf("after everything: %+v, want nothing", got)
		}
		for _, id := range []string{"r3", "r4"} {
			if a := f.append(decoded("1", back(id, "O-e1", `{"sku":"CUP","quantity":"1"}`))); a.Decision.Outcome != engine.MoreThanBought {
				t.Errorf("a cup too many: %v, want a refusal", a.Decision.Outcome)
			}
		}
		used := int64(0)
		quotas, err := f.store.QuotaList(context.Background())
		for _, q := range quotas {
			used += q.Used
		}
		if used != 0 || err != nil {
			t.Errorf("the budget says %d used (%v), want 0 again", used, err)
		}
	})
}

func TestReturnOfSpentPointsMakesDebt(t *testing.T) {
	t.Parallel()
	onEachReturning(t, func(t *testing.T, f *fixture) {
		m := f.append(basket("e1", "1")).Member
		f.clock.Advance(72 * time.Hour)
		f.append(journal.Request{Member: m, Event: &event.Event{ID: "a1", Type: event.Adjustment, Wallet: "points", Amount: -140, Reason: "spent"}})
		f.append(decoded("", back("r1", "O-e1", "")[:len(back("r1", "O-e1", ""))-len(`,"items":[]}`)]+"}"))
		if got := f.balance(m); got.Debt != 140 || got.Available != 0 {
			t.Errorf("%+v, want a debt of 140", got)
		}
	})
}

func TestReturnWaitsForItsPurchase(t *testing.T) {
	t.Parallel()
	onEachReturning(t, func(t *testing.T, f *fixture) {
		ctx := context.Background()
		m := f.append(basket("e0", "1")).Member
		before := f.balance(m).Pending
		a := f.append(decoded("1", back("r1", "O-e1", `{"sku":"BAG","quantity":"1"}`)))
		if a.Decision.Outcome != engine.WaitsForPurchase {
			t.Fatalf("%v, want it to wait", a.Decision.Outcome)
		}
		if _, err := f.Append(ctx, decoded("1", back("r2", "O-e1", `{"sku":"CUP","quantity":"1"}`))); !errors.Is(err, journal.ErrReturnWaits) {
			t.Errorf("another return: %v, want ErrReturnWaits", err)
		}
		f.append(basket("e1", "1"))
		for range 3 {
			if _, err := f.Deliver(ctx, journal.FollowUps{Journal: f.Journal}); err != nil {
				t.Fatal(err)
			}
		}
		if got := f.balance(m).Pending - before; got != 60 {
			t.Errorf("%d points of the purchase stay, want 60", got)
		}
		f.append(decoded("1", back("r3", "O-e1", `{"sku":"CUP","quantity":"2"}`)))
		if got := f.balance(m).Pending - before; got != 0 {
			t.Errorf("%d points of the purchase stay, want none", got)
		}
	})
}

func TestReturnOfAnothersOrderIsRefused(t *testing.T) {
	t.Parallel()
	onEachReturning(t, func(t *testing.T, f *fixture) {
		f.append(basket("e1", "1"))
		f.append(basket("e2", "2"))
		if _, err := f.Append(context.Background(), decoded("2", back("r1", "O-e1", `{"sku":"CUP","quantity":"1"}`))); !errors.Is(err, journal.ErrNotYourOrder) {
			t.Errorf("%v, want ErrNotYourOrder", err)
		}
	})
}
