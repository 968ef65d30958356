package history_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/family"
	"premia/internal/insight/history"
	"premia/internal/insight/simulate"
	"premia/internal/journal"
	"premia/internal/store"
	"premia/internal/testkit"
	"premia/internal/testkit/postgres"
)

const document = `
program: History
currency: PLN
timezone: Europe/Warsaw
languages: [en]
enrolment: {unknown: enrol, claim within: 30d}
wallets:
  points: {name: {en: points}, pending: 2d, expires: 20d, debt: carry}
  beans: {name: {en: beans}, scale: 1, worth: 0.05}
  cash: {name: {en: cash}, scale: 2, worth: 1, debt: carry}
earn:
  - {id: spend, give: {points: 1, per: 1.00}}
  - {id: welcome, on: enrolment, give: {points: 10, beans: 2.5}}
campaigns:
  - {id: app, when: event.channel == "app", multiply: {points: 2}, limits: {points: {in total: 300}}}
  - {id: first, when: member.purchases == 0, thresholds: [{from: 40.00, bonus: {points: 9}}]}
tiers:
  status:
    by: spend
    period: rolling 10 days
    levels: [{id: blue}, {id: silver, from: 60.00, benefits: {welcome: {beans: 1}, welcome again: each time}}, {id: gold, from: 150.00, benefits: {multiply: {points: 1.5}}}]
    downgrade: one level
returns: {}
transfers:
  points: {each day: 60}
  beans: {}
families: {wallets: [beans], members: 3, leave: share, cool down: 1d}
referrals:
  name within: 20d
  rewards:
    - {id: join, on: sign-up, friend: {give: {beans: 1}}}
    - {id: buy, on: first purchase, least: 20.00, within: 25d, friend: {give: {points: 10}}, referrer: {give: {points: 20%, beans: 1.5}, limits: {points: {in total: 60}, times: {each member: 3}}}}
    - {id: regular, on: threshold, purchases: 2, referrer: {give: {points: 40}, pending: 3d}}
gift cards:
  - {id: birthday, name: Birthday card, expires: 40d, into: cash, top up: true, refund: {within: 20d, revive expired: 2d}}
rewards:
  - {id: gift, name: A gift card, kind: gift card, card: birthday, amount: 25, price: {beans: 1.5}, refund: {within: 14d}}
`

// world is a workspace to which random things happen.
type world struct {
	*app.App
	t      *testing.T
	random *rand.Rand
	clock  *testkit.Clock
	n      int
	cards  []ledger.MemberID
	guests []string // their orders
	// seen are the reports that were made on the way, by their moments.
	seen map[calendar.Instant]string
	// codes are those of gift cards, payments what was paid with them, and taken the
	// redemptions that issued one.
	codes, payments, taken []string
	// families are the ids of families.
	families []string
	// merged tells that members were, and erased that one was.
	merged, erased bool
}

func newWorld(t *testing.T, url string, seed uint64) *world {
	t.Helper()
	w := &world{
		t: t, random: rand.New(rand.NewPCG(seed, 7)), seen: map[calendar.Instant]string{},
		clock: testkit.NewClock(time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)),
	}
	var err error
	w.App, err = app.Open(t.Context(), app.Config{DB: url, Migrate: true, Clock: w.clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	if _, err := w.Journal.Publish(t.Context(), []byte(document), calendar.None, ""); err != nil {
		t.Fatal(err)
	}
	return w
}

// step lets one thing happen and some time pass.
func (w *world) step() {
	w.n++
	if w.n == 35 {
		// Other rules from here on.
		next := strings.Replace(document, "points: 1, per", "points: 3, per", 1)
		if _, err := w.Journal.Publish(w.t.Context(), []byte(next), calendar.None, ""); err != nil {
			w.t.Fatal(err)
		}
	}
	switch choice := w.random.IntN(36); {
	case choice < 10:
		w.purchase()
	case choice < 12 && len(w.cards) > 0:
		w.adjustment()
	case choice < 13:
		order := fmt.Sprintf("G%d", w.n)
		w.guests = append(w.guests, order)
		w.append(journal.Request{Event: w.event("purchase", order, w.random.Int64N(5_000)), Unknown: 2})
	case choice < 15 && len(w.cards) > 0 && len(w.guests) > 0:
		w.append(journal.Request{Event: w.event("claim", w.guests[w.random.IntN(len(w.guests))], 0), Member: w.any()})
	case choice < 17:
		if _, err := w.Journal.Sweep(w.t.Context()); err != nil {
			w.t.Fatal(err)
		}
	case choice < 18 && len(w.cards) > 1:
		w.merge()
	case choice < 20:
		w.giveBack()
	case choice < 22 && len(w.cards) > 1:
		w.transfer()
	case choice < 28:
		w.giftCard()
	case choice < 32 && len(w.cards) > 1:
		w.family()
	case len(w.cards) > 0:
		w.invite()
	}
	w.clock.Advance(time.Duration(1 + w.random.Int64N(int64(30*time.Hour))))
}

func (w *world) event(kind, order string, total int64) *event.Event {
	e := &event.Event{ID: fmt.Sprintf("e%d", w.n), Type: kind, Order: order, Channel: []string{"app", "shop"}[w.random.IntN(2)]}
	if kind == event.Purchase {
		// A computed total, which the journal does not keep.
		e.Items = []event.Item{{SKU: "x", Quantity: 1_000, UnitPrice: total * 10_000, GivenUnitPrice: true}}
	}
	if w.random.IntN(3) == 0 {
		e.At = calendar.Of(w.clock.Now()) - calendar.Instant(w.random.Int64N(int64(25*calendar.Day)))
	}
	if err := e.Check("PLN", 2); err != nil {
		w.t.Fatal(err)
	}
	return e
}

func (w *world) any() ledger.MemberID { return w.cards[w.random.IntN(len(w.cards))] }

func (w *world) purchase() {
	card := fmt.Sprint(w.random.IntN(12))
	answer := w.append(journal.Request{
		Event: w.event("purchase", fmt.Sprintf("O%d", w.n), w.random.Int64N(9_000)), Identity: journal.Identity{Kind: "card", Value: card}, Unknown: 1,
	})
	if answer.Enrolled {
		w.cards = append(w.cards, answer.Member)
	}
}

// invite lets somebody join at the invitation of another, or a member say who had
// invited them; and then they buy.
func (w *world) invite() {
	ctx, c := w.t.Context(), app.Change{EventID: fmt.Sprintf("e%d", w.n), ReferredBy: w.Journal.ReferralCode(w.any())}
	var answer journal.Answer
	var err error
	if w.random.IntN(3) == 0 {
		answer, err = w.Change(ctx, w.any().String(), c)
	} else {
		c.Identities = []string{fmt.Sprintf("customer:%d", w.n)}
		if answer, err = w.Enrol(ctx, c); err == nil {
			w.cards = append(w.cards, answer.Member)
		}
	}
	var refused *app.Problem
	if errors.As(err, &refused) && w.erased {
		return // one of the two is, under another number
	}
	if err != nil {
		w.t.Fatal(err)
	}
	w.deliver()
	w.n++
	w.append(journal.Request{Event: w.event("purchase", fmt.Sprintf("O%d", w.n), 1_500+w.random.Int64N(3_000)), Member: answer.Member})
}

// giveBack returns goods of some order, perhaps another's, a guest's, or one that
// is still to come, and perhaps by the receipt alone.
func (w *world) giveBack() {
	order := fmt.Sprintf("O%d", max(w.n+2-w.random.IntN(20), 1))
	if len(w.guests) > 0 && w.random.IntN(4) == 0 {
		order = w.guests[w.random.IntN(len(w.guests))]
	}
	r := journal.Request{Unknown: 2, Event: &event.Event{ID: fmt.Sprintf("e%d", w.n), Type: event.Return, Order: order,
		Items: []event.Item{{SKU: "x", Quantity: 1 + w.random.Int64N(700)}}}}
	if len(w.cards) > 0 && w.random.IntN(3) > 0 {
		r.Member = w.any()
	}
	w.append(r)
}

func (w *world) adjustment() {
	e := &event.Event{ID: fmt.Sprintf("e%d", w.n), Type: event.Adjustment, Wallet: "points", Amount: w.random.Int64N(200) - 150, Reason: "a test", Given: event.GivenAmount}
	if e.Amount == 0 {
		e.Amount = 1
	}
	w.append(journal.Request{Event: e, Member: w.any()})
}

func (w *world) merge() {
	from, into := w.any(), w.any()
	if from == into {
		return
	}
	w.merged = true
	w.append(journal.Request{Member: from, Event: &event.Event{ID: fmt.Sprintf("e%d", w.n), Type: event.Merge,
		Data: []event.Datum{{Name: "into", Kind: event.Whole, Whole: int64(into)}}}})
}

// deliver lets all follow-ups arrive.
func (w *world) deliver() {
	for range 16 {
		if _, err := w.Journal.Deliver(w.t.Context(), journal.FollowUps{Journal: w.Journal}); err != nil {
			w.t.Fatal(err)
		}
	}
}

// transfer lets a member give value to another, which arrives at once: so the
// simulation has it.
func (w *world) transfer() {
	e := &event.Event{ID: fmt.Sprintf("e%d", w.n), Type: event.Transfer, Wallet: []string{"points", "beans"}[w.random.IntN(2)], Given: event.GivenAmount}
	e.Amount = 1 + w.random.Int64N(25)
	e.Data = []event.Datum{{Name: "to", Kind: event.Whole, Whole: int64(w.any())}}
	w.append(journal.Request{Event: e, Member: w.any()})
}

// giftCard lets something happen to a gift card.
func (w *world) giftCard() {
	id, ctx := fmt.Sprintf("e%d", w.n), w.t.Context()
	e := &event.Event{ID: id, Type: event.GiftCardPayment, Wallet: "gift_card_pln", Amount: 1 + w.random.Int64N(4_000), Given: event.GivenAmount}
	var err error
	switch choice := w.random.IntN(8); {
	case choice < 2 || len(w.codes) == 0:
		var card app.GiftCard
		card, _, err = w.IssueGiftCard(ctx, &app.NewGiftCard{EventID: id, Kind: "birthday", Amount: e.Amount})
		w.codes = append(w.codes, card.Code)
	case choice < 4:
		e.Hold = choice == 2
		w.payments = append(w.payments, id)
		_, _, err = w.RecordCard(ctx, w.codes[w.random.IntN(len(w.codes))], e)
	case choice < 5 && w.random.IntN(2) == 0 && len(w.cards) > 0:
		_, _, err = w.MoveCard(ctx, w.codes[w.random.IntN(len(w.codes))], &app.NewMove{EventID: id, Amount: e.Amount, To: w.any().String()})
	case choice < 5:
		e.Type = event.GiftCardTopUp
		_, _, err = w.RecordCard(ctx, w.codes[w.random.IntN(len(w.codes))], e)
	case choice < 6 && len(w.payments) > 0:
		e.Type, e.Redemption = []string{event.Confirmation, event.Cancellation, event.Refund, event.Refund}[w.random.IntN(4)], w.payments[w.random.IntN(len(w.payments))]
		_, err = w.Record(ctx, e)
	case choice < 7 && len(w.cards) > 0:
		w.taken = append(w.taken, id)
		_, err = w.Record(ctx, &event.Event{ID: id, Type: event.Redemption, Member: w.any().String(), Reward: "gift"})
		if card, failure := w.RewardCard(ctx, id); failure == nil {
			w.codes = append(w.codes, card.Code)
		}
	case len(w.taken) > 0:
		_, err = w.Record(ctx, &event.Event{ID: id, Type: event.Refund, Redemption: w.taken[w.random.IntN(len(w.taken))]})
	}
	var refused *app.Problem
	if err != nil && !errors.As(err, &refused) {
		w.t.Fatal(err)
	}
}

// family lets members found a family, join it, leave it, or be removed.
func (w *world) family() {
	act := app.FamilyAct{EventID: fmt.Sprintf("e%d", w.n), Do: family.Found, Member: w.any().String(), By: w.any().String()}
	if n := w.random.IntN(8); n > 0 && len(w.families) > 0 {
		act.Do = []string{family.Invite, family.Invite, family.Join, family.Join, family.Leave, family.Remove, family.HandOver}[n-1]
		act.Family = w.families[w.random.IntN(len(w.families))]
		f, err := w.Family(w.t.Context(), act.Family)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, k := range f.Kin {
			if k.Standing == ledger.Head && w.random.IntN(4) > 0 {
				act.By = k.Member.String()
			}
			if k.Standing == ledger.Asked && act.Do == family.Join {
				act.Member = k.Member.String()
			}
		}
	}
	answer, account, err := w.ChangeFamily(w.t.Context(), act)
	var refused *app.Problem
	switch {
	case err != nil && !errors.As(err, &refused):
		w.t.Fatal(err)
	case err == nil && act.Do == family.Found && !answer.Decision.Outcome.Refused():
		w.families = append(w.families, account.String())
	}
	w.deliver()
}

// erase forgets who a member is; whoever was merged into them is gone with them.
func (w *world) erase() {
	w.n++
	id := w.any()
	if _, err := w.Erase(w.t.Context(), fmt.Sprintf("e%d", w.n), id.String()); err != nil && !w.erased {
		w.t.Fatal(err)
	}
	w.erased = true
	w.cards = slices.DeleteFunc(w.cards, func(m ledger.MemberID) bool { return m == id })
	w.deliver()
}

// append lets the journal decide; that it refuses an event is a part of life.
func (w *world) append(r journal.Request) journal.Answer {
	answer, err := w.Journal.Append(w.t.Context(), r)
	erased := w.erased && errors.Is(err, journal.ErrMemberErased)
	if err != nil && !erased && !errors.Is(err, journal.ErrAlreadyClaimed) && !errors.Is(err, journal.ErrNotYourOrder) && !errors.Is(err, journal.ErrReturnWaits) {
		w.t.Fatalf("%+v: %v", r.Event, err)
	}
	if err == nil && len(answer.Decision.FollowUps) > 0 {
		w.deliver()
	}
	return answer
}

func (w *world) now() calendar.Instant { return calendar.Of(w.clock.Now()) }

func (w *world) report(asOf, knownAt calendar.Instant) string {
	w.t.Helper()
	r, err := history.Report(w.t.Context(), w.Store, history.Options{AsOf: asOf, KnownAt: knownAt})
	if err != nil {
		w.t.Fatal(err)
	}
	text, err := r.JSON()
	if err != nil {
		w.t.Fatal(err)
	}
	return string(text)
}

// onBoth runs a test on random worlds on fresh databases of each kind; the long mode
// makes up many.
func onBoth(t *testing.T, test func(t *testing.T, w *world)) {
	worlds := uint64(2)
	if os.Getenv("PREMIA_LONG") != "" {
		worlds = 100
	}
	for seed := range worlds {
		t.Run(fmt.Sprintf("sqlite %d", seed), func(t *testing.T) {
			t.Parallel()
			test(t, newWorld(t, "sqlite:"+filepath.Join(t.TempDir(), "premia.db"), seed))
		})
	}
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, newWorld(t, postgres.New(t), 99))
	})
}

// TestReportAsItWasKnown makes reports while things happen, and later again for
// the same moments as they were known then: each must be the same, to the byte.
func TestReportAsItWasKnown(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, w *world) {
		for range 8 {
			for range 12 {
				w.step()
			}
			w.seen[w.now()] = w.report(w.now(), calendar.Never)
			w.clock.Advance(time.Microsecond)
		}
		for at, was := range w.seen {
			if diff := cmp.Diff(was, w.report(at, at)); diff != "" {
				t.Errorf("as of %s: then (-) and as known then (+):\n%s", at, diff)
			}
		}
	})
}

// TestSweeperMakesNoDifference asks for moments of the future and the past before
// and after the sweeper has been there.
func TestSweeperMakesNoDifference(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, w *world) {
		for range 60 {
			w.step()
		}
		moments := []calendar.Instant{w.now() - 30*calendar.Day, w.now() - calendar.Day, w.now(), w.now() + 15*calendar.Day}
		var before []string
		for _, at := range moments {
			before = append(before, w.report(at, calendar.Never))
		}
		w.clock.Advance(15 * 24 * time.Hour)
		if _, err := w.Journal.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		for n, at := range moments {
			if diff := cmp.Diff(before[n], w.report(at, calendar.Never)); diff != "" {
				t.Errorf("as of %s: before the sweeper (-) and after (+):\n%s", at, diff)
			}
		}
	})
}

// TestSimulationOfTheJournal decides the recorded events anew, under the rules
// that were in force, and must come to the same report.
func TestSimulationOfTheJournal(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, w *world) {
		for range 80 {
			w.step()
		}
		h, rules, err := history.Load(t.Context(), w.Store)
		if err != nil {
			t.Fatal(err)
		}
		result, err := simulate.Run(t.Context(), rules.Timeline, h, simulate.Options{AsOf: w.now()})
		if err != nil {
			t.Fatal(err)
		}
		simulated, err := result.Report.JSON()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(simulated), w.report(w.now(), calendar.Never)); diff != "" {
			t.Errorf("simulated (-) and reported (+), merges %t:\n%s", w.merged, diff)
		}
	})
}

// TestReportWhileWriting makes reports while purchases come in, each of which
// gives a point: a report may have any number of them, but never half of one.
func TestReportWhileWriting(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, w *world) {
		const rules = `
program: Writing
currency: PLN
timezone: Europe/Warsaw
languages: [en]
enrolment: {unknown: enrol}
wallets: {points: {name: {en: points}, pending: 1d}, beans: {name: {en: beans}, scale: 1}, cash: {name: {en: cash}, scale: 2, worth: 1, debt: carry}}
earn: [{id: visit, on: purchase, give: {points: 1}}]
gift cards: [{id: birthday, name: Birthday card}]
`
		if _, err := w.Journal.Publish(t.Context(), []byte(rules), calendar.None, ""); err != nil {
			t.Fatal(err)
		}
		written := make(chan struct{})
		go func() {
			defer close(written)
			var tickets []*journal.Ticket
			for n := range 2_000 {
				e := &event.Event{ID: fmt.Sprint(n), Type: event.Purchase, Total: 100, Given: event.GivenTotal}
				ticket, err := w.Journal.Submit(t.Context(), journal.Request{Event: e, Identity: journal.Identity{Kind: "card", Value: fmt.Sprint(n % 90)}, Unknown: 1})
				if err != nil {
					t.Error(err)
					return
				}
				tickets = append(tickets, ticket)
			}
			for _, ticket := range tickets {
				if _, err := ticket.Wait(t.Context()); err != nil {
					t.Error(err)
				}
			}
		}()
		for writing := true; writing; {
			select {
			case <-written:
				writing = false
			default:
			}
			r, err := history.Report(t.Context(), w.Store, history.Options{AsOf: w.now() + 2*calendar.Day, KnownAt: calendar.Never})
			if err != nil {
				t.Fatal(err)
			}
			points := &r.Wallets[0]
			if points.Issued.Minor != r.Purchases || points.Available.Minor != r.Purchases || (r.Purchases == 0) != (r.Members == 0) {
				t.Fatalf("%d purchases of %d members gave %s points, of which %s are available", r.Purchases, r.Members, points.Issued, points.Available)
			}
			if !writing && r.Purchases != 2_000 {
				t.Errorf("%d purchases in the end, want 2000", r.Purchases)
			}
		}
	})
}

// TestNoProgram says so, and reads nothing else.
func TestNoProgram(t *testing.T) {
	t.Parallel()
	s, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "premia.db"), store.Options{Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := history.Report(t.Context(), s, history.Options{KnownAt: calendar.Never}); !errors.Is(err, journal.ErrNoProgram) {
		t.Errorf("a report without a program: %v", err)
	}
	if _, _, err := history.Load(t.Context(), s); !errors.Is(err, journal.ErrNoProgram) {
		t.Errorf("a history without a program: %v", err)
	}
}
