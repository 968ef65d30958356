package ledger_test

import (
	"bytes"
	"fmt"
	"math"
	"sort"
	"testing"

	"pgregory.net/rapid"

	"premia/internal/core/calendar"
	"premia/internal/core/ledger"
)

// member is a state with all the postings that led to it.
type member struct {
	state    ledger.State
	postings []ledger.Posting
}

// do lets one operation change the member, as one decision at the clock does.
func (m *member) do(f func(b *ledger.Book)) {
	var b ledger.Book
	b.Reset(&m.state)
	f(&b)
	m.postings = append(m.postings, b.Postings...)
}

// own are the accounts that belong to the member.
var own = []ledger.Account{ledger.Pending, ledger.Available, ledger.Held, ledger.Debt}

// balances adds up postings by wallet and account.
func balances(postings []ledger.Posting) map[ledger.Name]map[ledger.Account]int64 {
	sums := map[ledger.Name]map[ledger.Account]int64{}
	for _, p := range postings {
		if sums[p.Wallet] == nil {
			sums[p.Wallet] = map[ledger.Account]int64{}
		}
		sums[p.Wallet][p.From] -= p.Amount
		sums[p.Wallet][p.To] += p.Amount
	}
	return sums
}

// broken names the first invariant that does not hold.
func (m *member) broken() string {
	for _, p := range m.postings {
		if p.Amount <= 0 || p.From == p.To {
			return fmt.Sprintf("the posting moves nothing: %+v", p)
		}
	}
	sums := balances(m.postings)
	for wallet, accounts := range sums {
		total := int64(0)
		for _, amount := range accounts {
			total += amount
		}
		if total != 0 {
			return fmt.Sprintf("the accounts of wallet %d add up to %d", wallet, total)
		}
		if m.state.Wallet(wallet) == nil && (accounts[ledger.Pending] != 0 || accounts[ledger.Available] != 0 || accounts[ledger.Held] != 0 || accounts[ledger.Debt] != 0) {
			return fmt.Sprintf("there are balances without the wallet %d: %v", wallet, accounts)
		}
	}
	for i := range m.state.Wallets {
		w := &m.state.Wallets[i]
		b, s := m.state.BalanceOf(w.Name), sums[w.Name]
		if b.Pending != s[ledger.Pending] || b.Available != s[ledger.Available] || b.Held != s[ledger.Held] || -b.Debt != s[ledger.Debt] {
			return fmt.Sprintf("wallet %d says %+v, its postings %v", w.Name, b, s)
		}
		if b.Debt < 0 || (b.Debt > 0 && b.Available > 0) {
			return fmt.Sprintf("wallet %d owes %d and has %d", w.Name, b.Debt, b.Available)
		}
		for j, l := range w.Lots {
			if l.Remaining <= 0 || l.No > m.state.LastLot || (j > 0 && l.No <= w.Lots[j-1].No) {
				return fmt.Sprintf("wallet %d keeps the lot %+v", w.Name, l)
			}
		}
	}
	return m.brokenAsOf()
}

// brokenAsOf tells of an instant as of which a balance has the wrong sign.
func (m *member) brokenAsOf() string {
	ordered := append([]ledger.Posting(nil), m.postings...)
	sort.SliceStable(ordered, func(i, j int) bool { return ordered[i].At < ordered[j].At })
	sums := map[ledger.Name]*[ledger.Transit + 1]int64{}
	for i, p := range ordered {
		s := sums[p.Wallet]
		if s == nil {
			s = &[ledger.Transit + 1]int64{}
			sums[p.Wallet] = s
		}
		s[p.From] -= p.Amount
		s[p.To] += p.Amount
		if i+1 < len(ordered) && ordered[i+1].At == p.At {
			continue
		}
		for wallet, s := range sums {
			if s[ledger.Pending] < 0 || s[ledger.Available] < 0 || s[ledger.Held] < 0 || s[ledger.Debt] > 0 {
				return fmt.Sprintf("as of %s wallet %d has %v", p.At, wallet, *s)
			}
		}
	}
	return ""
}

const start = calendar.Instant(1_767_225_600_000_000) // 2026-01-01T00:00:00Z

// operations draws random decisions upon one member while the clock goes on.
type operations struct {
	t     *rapid.T
	clock calendar.Instant
	m     member
	// redeemed numbers the redemptions.
	redeemed int
}

func (o *operations) instant(from, to int, name string) calendar.Instant {
	return o.clock + calendar.Instant(rapid.IntRange(from, to).Draw(o.t, name))*calendar.Hour
}

func (o *operations) issue(b *ledger.Book, at calendar.Instant) {
	lot := ledger.Lot{
		Rule:        ledger.Name(rapid.IntRange(10, 12).Draw(o.t, "rule")),
		Remaining:   rapid.Int64Range(1, 50).Draw(o.t, "amount"),
		EarnedAt:    at,
		ActivatesAt: at,
		ExpiresAt:   calendar.Never,
		Sliding:     rapid.Bool().Draw(o.t, "sliding"),
	}
	if rapid.Bool().Draw(o.t, "expires") {
		lot.ExpiresAt = at + calendar.Instant(rapid.IntRange(1, 100).Draw(o.t, "life"))*calendar.Hour
	}
	switch rapid.IntRange(0, 2).Draw(o.t, "pending") {
	case 1:
		lot.ActivatesAt = at + calendar.Instant(rapid.IntRange(1, 60).Draw(o.t, "wait"))*calendar.Hour
	case 2:
		lot.ActivatesAt = calendar.Never
		lot.Await, lot.Order = 77, rapid.SampledFrom([]string{"A", "B"}).Draw(o.t, "order")
	}
	b.Issue(o.wallet(), lot, ledger.Issuer, ledger.Issue, at, o.clock)
}

func (o *operations) wallet() ledger.Name {
	return ledger.Name(rapid.IntRange(1, 2).Draw(o.t, "wallet"))
}

// step is one decision: time passes to the clock, something happens, and what
// is due by then falls due.
func (o *operations) step() {
	o.clock = o.instant(0, 30, "pause")
	at := o.instant(-40, 0, "late")
	kind := rapid.IntRange(0, 10).Draw(o.t, "kind")
	o.m.do(func(b *ledger.Book) {
		b.Settle(o.clock, calendar.Beginning)
		switch kind {
		case 0, 1:
			o.issue(b, at)
		case 2, 3:
			short := rapid.SampledFrom([]ledger.Shortfall{ledger.Refuse, ledger.StopAt, ledger.CarryNeg}).Draw(o.t, "short")
			o.take(b, short)
		case 4:
			b.Deliver(77, rapid.SampledFrom([]string{"A", "B"}).Draw(o.t, "order"), o.clock)
		case 5:
			until := o.instant(-40, 90, "until")
			b.Renew(func(_, _ ledger.Name) calendar.Instant { return until })
		case 6:
			o.travel(b)
		case 7, 8:
			o.redeem(b)
		default:
			o.lead(b)
		}
		b.Settle(o.clock, o.clock)
	})
	if o.m.state.Due() <= o.clock {
		o.t.Fatalf("settled to %s, but something is due at %s", o.clock, o.m.state.Due())
	}
}

func (o *operations) take(b *ledger.Book, short ledger.Shortfall) {
	wallet := o.wallet()
	had := int64(0)
	if w := b.State.Wallet(wallet); w != nil {
		had = w.Balance().Available
	}
	amount := rapid.Int64Range(1, 80).Draw(o.t, "taken")
	want := map[ledger.Shortfall]int64{ledger.StopAt: min(amount, had), ledger.CarryNeg: amount}[short]
	if had >= amount {
		want = amount
	}
	if got := b.Take(wallet, amount, ledger.Spent, ledger.Spend, short, o.clock); got != want {
		o.t.Fatalf("took %d of %d, had %d, want %d", got, amount, had, want)
	}
}

// redeem takes value for a redemption, spent at once or held for a while.
func (o *operations) redeem(b *ledger.Book) {
	o.redeemed++
	r := ledger.Redemption{ID: fmt.Sprint("r", o.redeemed), Reward: 20, Quantity: 1, At: o.clock, Status: ledger.Ordered, Until: calendar.Never}
	for range rapid.IntRange(0, 2).Draw(o.t, "uses") {
		r.Uses = append(r.Uses, ledger.Use{Quota: ledger.Quota{Name: 30, Window: rapid.Int64().Draw(o.t, "window")}, Amount: 1})
	}
	to, kind := ledger.Spent, ledger.Spend
	if rapid.Bool().Draw(o.t, "hold") {
		to, kind, r.Status = ledger.Held, ledger.Hold, ledger.HeldRedemption
	}
	if rapid.Bool().Draw(o.t, "ends") || r.Status == ledger.HeldRedemption {
		r.Until = o.instant(1, 60, "ends in")
	}
	wallet, amount := o.wallet(), rapid.Int64Range(1, 60).Draw(o.t, "price")
	before := b.State.BalanceOf(wallet)
	parts, ok := b.TakeParts(wallet, amount, to, kind, o.clock)
	if ok != (before.Available >= amount) {
		o.t.Fatalf("taking %d of %d: %v", amount, before.Available, ok)
	}
	if !ok {
		return
	}
	if sum := sumOf(parts); sum != amount {
		o.t.Fatalf("the parts of %d add up to %d", amount, sum)
	}
	r.Parts = parts
	b.State.Redemptions = append(b.State.Redemptions, r)
}

func sumOf(parts []ledger.Part) int64 {
	sum := int64(0)
	for _, p := range parts {
		sum += p.Lot.Remaining
	}
	return sum
}

// lead confirms, cancels or refunds one of the redemptions.
func (o *operations) lead(b *ledger.Book) {
	if len(b.State.Redemptions) == 0 {
		return
	}
	r := &b.State.Redemptions[rapid.IntRange(0, len(b.State.Redemptions)-1).Draw(o.t, "which")]
	before := b.State.BalanceOf(r.Parts[0].Wallet)
	switch {
	case r.Status != ledger.HeldRedemption:
		grace := calendar.Instant(rapid.IntRange(0, 20).Draw(o.t, "grace")) * calendar.Hour
		o.restore(b, r, before, ledger.Spent, ledger.Refund, grace)
	case rapid.Bool().Draw(o.t, "confirm"):
		b.SpendHeld(r.Parts, o.clock)
		r.Status, r.Until = ledger.HandedOver, o.instant(1, 60, "refundable for")
		if after := b.State.BalanceOf(r.Parts[0].Wallet); before.Held-after.Held != sumOf(r.Parts) || after.Available != before.Available {
			o.t.Fatalf("confirming %d changed %+v to %+v", sumOf(r.Parts), before, after)
		}
	default:
		o.restore(b, r, before, ledger.Held, ledger.Release, 0)
	}
}

// restore gives a redemption back: what has not expired is the member's again,
// or pays what they owe.
func (o *operations) restore(b *ledger.Book, r *ledger.Redemption, before ledger.Balance, from ledger.Account, kind ledger.Kind, grace calendar.Instant) {
	alive := int64(0)
	for _, p := range r.Parts {
		if p.Lot.ExpiresAt > o.clock || grace > 0 {
			alive += p.Lot.Remaining
		}
	}
	wallet := r.Parts[0].Wallet
	b.Restore(r.Parts, from, kind, o.clock, grace)
	b.State.Forget(r.ID)
	after := b.State.BalanceOf(wallet)
	if after.Net()-before.Net() != alive {
		o.t.Fatalf("%d came back, of which %d had not expired, and %+v became %+v", sumOf(r.Parts), alive, before, after)
	}
}

// travel sends everything to another member and back, some hours later.
func (o *operations) travel(b *ledger.Book) {
	carried := b.CarryOut(o.clock)
	if b.State.Due() != calendar.Never || len(b.State.Wallets) != 0 || len(b.State.Redemptions) != 0 {
		o.t.Fatal("something stayed behind")
	}
	o.clock = o.instant(0, 30, "way")
	if err := b.CarryIn(carried, o.clock); err != nil {
		o.t.Fatal(err)
	}
}

func TestInvariantsOfValue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := &operations{t: t, clock: start}
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			o.step()
			if problem := o.m.broken(); problem != "" {
				t.Fatal(problem)
			}
			sameAfterCoding(t, &o.m.state)
		}
	})
}

// sameAfterCoding checks that a state has one form and comes back from it.
func sameAfterCoding(t *rapid.T, s *ledger.State) {
	written := s.Append(nil)
	var back ledger.State
	if err := ledger.DecodeState(written, &back); err != nil {
		t.Fatal(err)
	}
	if again := back.Append(nil); !bytes.Equal(written, again) {
		t.Fatalf("%x was read and written as %x", written, again)
	}
	if again := s.Clone().Append(nil); !bytes.Equal(written, again) {
		t.Fatal("a clone is written otherwise")
	}
}

func TestCloneSharesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := &operations{t: t, clock: start}
		for range rapid.IntRange(1, 10).Draw(t, "steps") {
			o.step()
		}
		before := o.m.state.Append(nil)
		clone := operations{t: t, clock: o.clock, m: member{state: *o.m.state.Clone()}}
		clone.m.state.SetFact("city", "Łódź")
		clone.m.state.AddCount(5, 1, 0, 3)
		for range 5 {
			clone.step()
		}
		if !bytes.Equal(before, o.m.state.Append(nil)) {
			t.Fatal("changing the clone changed its original")
		}
	})
}

// Time may pass in any number of steps.
func TestSettlingInStepsIsSettlingAtOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := &operations{t: t, clock: start}
		for range rapid.IntRange(1, 15).Draw(t, "steps") {
			o.step()
		}
		far := o.clock + 200*calendar.Hour
		once, steps := member{state: *o.m.state.Clone()}, member{state: *o.m.state.Clone()}
		once.do(func(b *ledger.Book) { b.Settle(far, calendar.Beginning) })
		for at := o.clock; at < far; at += calendar.Instant(rapid.IntRange(1, 50).Draw(t, "sweep")) * calendar.Hour {
			steps.do(func(b *ledger.Book) { b.Settle(at, calendar.Beginning) })
		}
		steps.do(func(b *ledger.Book) { b.Settle(far, calendar.Beginning) })
		if !bytes.Equal(once.state.Append(nil), steps.state.Append(nil)) {
			t.Fatal("the states differ")
		}
		if fmt.Sprint(once.postings) != fmt.Sprint(steps.postings) {
			t.Fatalf("the postings differ:\n%v\n%v", once.postings, steps.postings)
		}
	})
}

func TestCarriedValueArrivesWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		from, to := &operations{t: t, clock: start}, &operations{t: t, clock: start}
		for range rapid.IntRange(1, 15).Draw(t, "steps") {
			from.step()
			to.step()
		}
		clock := max(from.clock, to.clock)
		var carried []byte
		from.m.do(func(b *ledger.Book) { b.Settle(clock, calendar.Beginning); carried = b.CarryOut(clock) })
		to.m.do(func(b *ledger.Book) {
			b.Settle(clock, calendar.Beginning)
			if err := b.CarryIn(carried, clock); err != nil {
				t.Fatal(err)
			}
		})
		sent, got := balances(from.m.postings), balances(to.m.postings)
		for _, wallet := range []ledger.Name{1, 2} {
			if sent[wallet][ledger.Transit]+got[wallet][ledger.Transit] != 0 {
				t.Fatalf("wallet %d: %d went on the way and %d arrived", wallet, sent[wallet][ledger.Transit], -got[wallet][ledger.Transit])
			}
			for _, account := range own {
				if sent[wallet][account] != 0 {
					t.Fatalf("wallet %d keeps %d in %s", wallet, sent[wallet][account], account)
				}
			}
		}
		if problem := to.m.broken(); problem != "" {
			t.Fatal(problem)
		}
	})
}

func TestCarryInRefusesWhatIsDamaged(t *testing.T) {
	var s ledger.State
	b := ledger.Book{State: &s}
	if err := b.CarryIn([]byte{1, 2, 3}, start); err == nil {
		t.Fatal("damaged bytes were taken in")
	}
	if len(b.Postings) != 0 || len(s.Wallets) != 0 {
		t.Fatal("something changed")
	}
}

func TestCountersForgetTheOldestPeriod(t *testing.T) {
	var s ledger.State
	for day := range 20 {
		s.AddCount(1, 2, calendar.Instant(day)*calendar.Day, 5)
	}
	s.AddCount(1, 2, 19*calendar.Day, 2)
	s.AddCount(1, 2, 2*calendar.Day, 100) // too old to be kept
	for day := range 20 {
		want := int64(5)
		if day < 4 {
			want = math.MaxInt64 // forgotten: nothing is left of it
		} else if day == 19 {
			want = 7
		}
		if got := s.Count(1, 2, calendar.Instant(day)*calendar.Day); got != want {
			t.Errorf("day %d counts %d, want %d", day, got, want)
		}
	}
	if len(s.Counters) != 16 {
		t.Errorf("%d periods are kept", len(s.Counters))
	}
}

func TestFactsStayInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s ledger.State
		known := map[string]string{}
		for range rapid.IntRange(0, 30).Draw(t, "changes") {
			name := rapid.SampledFrom([]string{"a", "b", "c", "d", "e"}).Draw(t, "name")
			text := rapid.SampledFrom([]string{"", "x", "y"}).Draw(t, "text")
			s.SetFact(name, text)
			known[name] = text
		}
		count := 0
		for name, text := range known {
			got, ok := s.Fact(name)
			if got != text || ok != (text != "") {
				t.Fatalf("%s is %q, %v; want %q", name, got, ok, text)
			}
			if text != "" {
				count++
			}
		}
		if len(s.Facts) != count || !sort.SliceIsSorted(s.Facts, func(i, j int) bool { return s.Facts[i].Name < s.Facts[j].Name }) {
			t.Fatalf("the facts are %v", s.Facts)
		}
	})
}

func FuzzDecodeState(f *testing.F) {
	full := member{}
	full.do(func(b *ledger.Book) {
		b.Issue(1, ledger.Lot{Rule: 3, Remaining: 120, EarnedAt: start, ActivatesAt: calendar.Never, ExpiresAt: start + calendar.Day + 1, Await: 9, Order: "A1"}, ledger.Issuer, ledger.Issue, start, start)
		b.Take(2, 5, ledger.Withdrawn, ledger.TakeBack, ledger.CarryNeg, start)
	})
	full.do(func(b *ledger.Book) {
		b.Issue(3, ledger.Lot{Rule: 3, Remaining: 50, EarnedAt: start, ActivatesAt: start, ExpiresAt: start + calendar.Day, Sliding: true}, ledger.Issuer, ledger.Issue, start, start)
		parts, _ := b.TakeParts(3, 20, ledger.Held, ledger.Hold, start)
		b.State.Redemptions = []ledger.Redemption{{ID: "r1", Reward: 8, Quantity: 1, Status: ledger.HeldRedemption, At: start, Until: start + calendar.Hour, Parts: parts}}
	})
	full.state.SetFact("city", "Brno")
	full.state.AddCount(4, 2, start, 7)
	f.Add(full.state.Append(nil))
	f.Add([]byte{1})
	f.Add([]byte{1, 1, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 15})
	f.Fuzz(func(t *testing.T, src []byte) {
		var s ledger.State
		if err := ledger.DecodeState(src, &s); err != nil {
			if cap(s.Wallets) > 4*len(src)+8 || cap(s.Counters) > 4*len(src)+8 {
				t.Fatalf("%d bytes took memory for %d wallets and %d counters", len(src), cap(s.Wallets), cap(s.Counters))
			}
			return
		}
		written := s.Append(nil)
		var back ledger.State
		if err := ledger.DecodeState(written, &back); err != nil {
			t.Fatalf("what was written can't be read: %v", err)
		}
		if again := back.Append(nil); !bytes.Equal(written, again) {
			t.Fatalf("%x became %x", written, again)
		}
	})
}

// What is held and given up goes back to the very lots, as if nothing had been.
func TestACancelledHoldLeavesNoTrace(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := &operations{t: t, clock: start}
		for range rapid.IntRange(1, 20).Draw(t, "steps") {
			o.step()
		}
		wallet := o.wallet()
		available := o.m.state.BalanceOf(wallet).Available
		if available == 0 {
			return
		}
		before := o.m.state.Append(nil)
		o.m.do(func(b *ledger.Book) {
			parts, ok := b.TakeParts(wallet, rapid.Int64Range(1, available).Draw(t, "price"), ledger.Held, ledger.Hold, o.clock)
			if !ok {
				t.Fatalf("not enough of %d", available)
			}
			b.Restore(parts, ledger.Held, ledger.Release, o.clock, 0)
		})
		if !bytes.Equal(before, o.m.state.Append(nil)) {
			t.Fatal("the lots are others now")
		}
		if problem := o.m.broken(); problem != "" {
			t.Fatal(problem)
		}
	})
}
