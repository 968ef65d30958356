package engine_test

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
)

const steps = 45 // at most, of one history

// thorough raises the number of random histories in the long mode: to a million
// steps, each compared with the model.
func thorough(t *testing.T) {
	if os.Getenv("PREMIA_LONG") == "" {
		return
	}
	checks := flag.Lookup("rapid.checks")
	before := checks.Value.String()
	if err := flag.Set("rapid.checks", "65000"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = flag.Set("rapid.checks", before) })
}

// historian draws histories: it knows the model, so that time can stop at the
// very instants at which something happens.
type historian struct {
	t       *rapid.T
	program *modelProgram
	zone    *time.Location
	members int
	clock   micro
	facts   []fact
	orders  int
	// redeemed numbers the redemptions.
	redeemed int
	// cards and paid number the gift cards and the payments with them.
	cards, paid int
}

func newHistorian(t *rapid.T, p *modelProgram) *historian {
	zone, err := calendar.Zone("Europe/Warsaw")
	if err != nil {
		t.Fatal(err)
	}
	h := &historian{t: t, program: p, zone: zone, members: rapid.IntRange(1, 3).Draw(t, "members")}
	begin := time.Date(2026, time.January, 20, 12, 0, 0, 0, time.UTC).UnixMicro()
	for m := 1; m <= h.members; m++ {
		joined := begin - int64(rapid.IntRange(0, 900).Draw(t, "days of membership"))*86_400_000_000
		h.facts = append(h.facts, fact{kind: "enrolment", member: m, at: joined, clock: begin})
	}
	h.clock = begin
	return h
}

func (h *historian) model() *modelWorld { return remember(h.program, h.zone, h.facts) }

// advance moves the clock: by minutes, days or weeks, or to an instant at which
// something is due, or just before or after it.
func (h *historian) advance() {
	switch rapid.IntRange(0, 4).Draw(h.t, "pause") {
	case 0:
	case 1:
		h.clock += int64(rapid.IntRange(1, 600).Draw(h.t, "minutes")) * 60_000_000
	case 2:
		h.clock += int64(rapid.IntRange(1, 40).Draw(h.t, "days")) * 86_400_000_000
	case 3:
		h.clock += int64(rapid.IntRange(1, 4_000_000).Draw(h.t, "microseconds"))
	case 4:
		due := h.model().member(1).due()
		if len(due) == 0 {
			return
		}
		at := rapid.SampledFrom(due).Draw(h.t, "due") + int64(rapid.IntRange(-1, 1).Draw(h.t, "beside"))
		if at > h.clock && at < h.clock+400*86_400_000_000 {
			h.clock = at
		}
	}
}

// draw adds the next fact.
func (h *historian) draw() *fact {
	h.advance()
	f := fact{member: rapid.IntRange(1, h.members).Draw(h.t, "member"), clock: h.clock, at: h.clock}
	if rapid.IntRange(0, 2).Draw(h.t, "late") == 0 {
		f.at -= int64(rapid.IntRange(1, 6*24*60).Draw(h.t, "minutes late")) * 60_000_000
	}
	switch kind := rapid.IntRange(0, 26).Draw(h.t, "kind"); {
	case kind <= 4:
		h.purchase(&f)
	case kind <= 5:
		f.kind = "visit"
	case kind <= 7:
		f.kind = "delivered"
		f.order = fmt.Sprintf("o%d", rapid.IntRange(1, max(h.orders, 1)).Draw(h.t, "order"))
	case kind <= 9:
		f.kind, f.wallet = "adjustment", rapid.SampledFrom(h.program.wallets).Draw(h.t, "wallet").id
		f.amount = int64(rapid.SampledFrom([]int{-900, -120, -30, -1, 5, 80, 700}).Draw(h.t, "amount"))
	case kind == 10:
		h.merge(&f)
	case kind >= 23:
		h.card(&f)
	case kind >= 20:
		h.goodsBack(&f)
	case kind >= 17:
		h.transfer(&f)
	case kind >= 12:
		h.redemption(&f)
	default:
		f.kind = "settle"
	}
	h.facts = append(h.facts, f)
	return &h.facts[len(h.facts)-1]
}

func (h *historian) purchase(f *fact) {
	f.kind = "purchase"
	h.orders++
	f.order = fmt.Sprintf("o%d", h.orders)
	f.channel = rapid.SampledFrom([]string{"", "app", "web"}).Draw(h.t, "channel")
	f.total = int64(rapid.IntRange(0, 30_000).Draw(h.t, "total"))
	f.tax = int64(rapid.IntRange(0, int(f.total)).Draw(h.t, "tax"))
	f.points = int64(rapid.IntRange(0, int(f.total)).Draw(h.t, "points"))
	f.pieces = int64(rapid.IntRange(1, 9).Draw(h.t, "pieces"))
}

// merge begins a merge between members who stand on their own, or lets what is
// on the way arrive.
func (h *historian) merge(f *fact) {
	w := h.model()
	merging := slices.ContainsFunc(w.parcels, func(p parcelled) bool { return p.what != nil })
	if merging || (len(w.parcels) > 0 && rapid.Bool().Draw(h.t, "arrives first")) {
		f.kind, f.at = "arrive", f.clock
		return
	}
	f.kind, f.into = "merge", rapid.IntRange(1, h.members).Draw(h.t, "into")
	if w.member(f.member) == w.member(f.into) {
		f.kind = "settle"
	}
}

// tell lets the engine decide upon a fact.
func (w *world) tell(f *fact) *engine.Decision {
	clock := instant(f.clock)
	if f.kind == "arrive" {
		return w.deliver(0, clock)
	}
	member := w.resolve(ledger.MemberID(f.member))
	e := event.Event{ID: "e", Type: f.kind, At: instant(f.at), Order: f.order, Channel: f.channel}
	switch f.kind {
	case "purchase":
		e.ID = f.order
		e.Total, e.Tax, e.PaidWithPoints = f.total, f.tax, f.points
		e.Given = event.GivenTotal | event.GivenTax | event.GivenPaidWithPoints
		e.Items = []event.Item{{SKU: "S", Quantity: f.pieces * 1000, Total: f.total, GivenTotal: true}}
	case "return":
		if f.pieces > 0 {
			e.Items = []event.Item{{SKU: "S", Quantity: f.pieces * 1000}}
		}
	case "gift_card_issue", "gift_card_top_up", "gift_card_payment":
		e.ID, e.Wallet, e.Amount, e.Given, e.Hold = cmp.Or(f.redemption, "e"), cardValue, f.amount, event.GivenAmount, f.hold
		if f.kind == "gift_card_issue" {
			e.Data = []event.Datum{{Name: "kind", Kind: event.Text, Text: "card"}}
		}
	case "redemption":
		e.ID, e.Reward, e.Hold, e.Quantity = f.redemption, f.reward, f.hold, int64(f.taken)
	case "confirmation", "cancellation", "refund":
		e.Redemption = f.redemption
		if f.amount != 0 {
			e.Wallet, e.Amount, e.Given = cardValue, f.amount, event.GivenAmount
		}
	case "adjustment":
		e.Wallet, e.Amount, e.Given, e.Reason = f.wallet, f.amount, event.GivenAmount, "a test"
	case "transfer":
		e.Wallet, e.Amount, e.Given = f.wallet, f.amount, event.GivenAmount
		e.Data = []event.Datum{{Name: "to", Kind: event.Whole, Whole: int64(f.into)}}
	case "erase":
		e.Type = event.Profile
		e.Data = []event.Datum{{Name: "erased", Kind: event.Truth, Whole: 1}}
	case "merge":
		into := w.resolve(ledger.MemberID(f.into))
		e.Data = []event.Datum{{Name: "into", Kind: event.Whole, Whole: int64(into)}}
	}
	return w.decide(member, e, clock)
}

// differs compares all balances at the instant with the model's and gives the
// first difference.
func (w *world) differs(h *historian, at micro) string {
	model := h.model()
	for no := 1; no <= h.members; no++ {
		m := model.member(no)
		model.pass(m, at)
		for _, wallet := range h.program.wallets {
			got := w.balance(w.resolve(ledger.MemberID(no)), wallet.id, instant(at))
			if want := m.balance(wallet.id); got != want {
				return fmt.Sprintf("at %s member %d has %+v in %s; the model says %+v", instant(at), no, got, wallet.id, want)
			}
		}
		if problem := w.levelsDiffer(h, model, no, at); problem != "" {
			return problem
		}
	}
	for no := firstCard; no < firstCard+h.cards; no++ {
		m := model.member(no)
		model.pass(m, at)
		got := w.balance(ledger.MemberID(no), cardValue, instant(at))
		if want := m.balance(cardValue); got != want {
			return fmt.Sprintf("at %s gift card %d has %+v; the model says %+v", instant(at), no, got, want)
		}
	}
	return ""
}

func (h *historian) String() string {
	var b strings.Builder
	b.WriteString(h.program.document())
	for i, f := range h.facts {
		fmt.Fprintf(&b, "%d. %s known %s: %+v\n", i, instant(f.at), instant(f.clock), f)
	}
	return b.String()
}

// Any history under any program leaves each member what the model says, now and
// later.
func TestWalletsAgainstTheModel(t *testing.T) {
	thorough(t)
	rapid.Check(t, func(t *rapid.T) {
		p := drawProgram(t)
		w, h := newWorld(t, load(t, p.document())), newHistorian(t, p)
		for i := range h.facts {
			w.tell(&h.facts[i])
		}
		for range rapid.IntRange(1, steps).Draw(t, "steps") {
			w.tell(h.draw())
			later := h.clock + int64(rapid.IntRange(0, 500).Draw(t, "days later"))*86_400_000_000
			for _, at := range []micro{h.clock, later} {
				if problem := w.differs(h, at); problem != "" {
					t.Fatalf("%s\n%s", problem, h)
				}
			}
		}
	})
}

// It makes no difference how often time passes on its own: with every pause
// swept daily, weekly or not at all, the states end equal byte for byte.
func TestSweepingMakesNoDifference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawProgram(t)
		for i := range p.rewards {
			// Who is swept earlier gives stock back earlier.
			p.rewards[i].stock = 0
		}
		compiled := load(t, p.document())
		h := newHistorian(t, p)
		for range rapid.IntRange(1, steps).Draw(t, "steps") {
			h.draw()
		}
		end := instant(h.clock) + 400*calendar.Day
		var want string
		for _, every := range []calendar.Instant{0, calendar.Day, 7 * calendar.Day} {
			w := newWorld(t, compiled)
			swept := instant(h.facts[0].clock)
			for i := range h.facts {
				for every > 0 && swept+every < instant(h.facts[i].clock) {
					swept += every
					w.settleAll(swept)
				}
				w.tell(&h.facts[i])
			}
			w.settleAll(end)
			if got := w.bytes(); want == "" {
				want = got
			} else if got != want {
				t.Fatalf("swept every %d days the states are\n%snot\n%s\n%s", every/calendar.Day, got, want, h)
			}
		}
	})
}
