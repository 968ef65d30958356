package ledger

import (
	"cmp"
	"slices"

	"premia/internal/core/calendar"
)

// Account is one side of a posting. Pending, Available, Held and Debt are the
// member's; the others belong to the workspace.
type Account uint8

// The accounts of a unit. A member's balance in an account is what postings
// brought there less what they took; Debt is never positive.
const (
	Issuer    Account = iota + 1 // where value comes from
	Pending                      // earned, not yet mature
	Available                    // spendable
	Held                         // set aside for a redemption under way
	Debt                         // owed after taking more than there was
	Expired                      // breakage: gone by time, or with whoever could have spent it
	Spent                        // redeemed
	Withdrawn                    // taken back from the member
	Transit                      // on its way to another member
)

// AccountNames are the accounts' names in JSON and reports, by number.
var AccountNames = [...]string{"", "issuer", "pending", "available", "held", "debt", "expired", "spent", "withdrawn", "transit"}

// OfMember tells whether what is on the account is a member's: waiting, spendable, set aside
// or owed.
func (a Account) OfMember() bool {
	return a == Pending || a == Available || a == Held || a == Debt
}

// String gives the account's name as in JSON and reports.
func (a Account) String() string {
	if int(a) < len(AccountNames) {
		return AccountNames[a]
	}
	return "unknown"
}

// Kind says why value moved.
type Kind uint8

// The kinds of postings.
const (
	Issue    Kind = iota + 1 // a rule gives value
	Mature                   // a pending lot becomes spendable
	Expire                   // a lot's time is over, or that of whoever had it
	PayDebt                  // new value pays what the member owes
	Spend                    // the member uses value
	TakeBack                 // value is taken without the member's doing
	CarryOut                 // value leaves for another member
	CarryIn                  // value arrives from another member
	Hold                     // value is set aside for a redemption
	Release                  // what was set aside is free again
	Refund                   // spent value comes back
)

var kindNames = [...]string{"", "issue", "mature", "expire", "pay_debt", "spend", "take_back", "carry_out", "carry_in", "hold", "release", "refund"}

// String gives the kind's name as in JSON.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "unknown"
}

// Posting is one double-entry movement: Amount (positive) of the wallet's unit
// from one account to another.
type Posting struct {
	Kind   Kind
	Wallet Name
	From   Account
	To     Account
	Amount int64
	Lot    uint32 // the lot it belongs to; 0 where debt alone moves
	Rule   Name   // the rule that gave the lot
	// Capped tells that the lot counts towards its rule's budget for what is
	// outstanding; it is kept with the decision, not with the posting's row.
	Capped bool
	// At is the instant from which the movement counts in a balance as of a
	// moment; the journal row says when it was recorded.
	At calendar.Instant
}

// CameOver tells whether it is a lot that came from another member.
func (p *Posting) CameOver() bool { return p.Kind == CarryIn && p.From == Transit && p.Lot != 0 }

// Book collects what happens to one member's state in one decision.
type Book struct {
	State    *State
	Postings []Posting
	// Freed are the holds that ended by themselves, in the order of their ends.
	Freed []Redemption
}

// Reset begins a new decision on another state, keeping the memory.
func (b *Book) Reset(s *State) {
	b.State, b.Postings, b.Freed = s, b.Postings[:0], nil
}

// Outstanding tells by how much the posting changes what a member could still
// spend.
func (p *Posting) Outstanding() int64 {
	own := func(a Account) bool { return a == Pending || a == Available || a == Held }
	switch {
	case own(p.From) == own(p.To):
		return 0
	case own(p.To):
		return p.Amount
	}
	return -p.Amount
}

func (b *Book) post(p Posting) {
	if p.Amount != 0 {
		b.Postings = append(b.Postings, p)
	}
}

// Issue gives a new lot of lot.Remaining (positive) to the wallet and answers
// its number. The lot is pending when its activation is after at; the caller
// settles the book afterwards, so that a lot whose time has already come
// matures, pays debt and expires in the same decision. What it pays of a debt
// at once counts from paidFrom.
func (b *Book) Issue(wallet Name, lot Lot, from Account, kind Kind, at, paidFrom calendar.Instant) uint32 {
	w := b.State.Open(wallet)
	b.State.LastLot++
	lot.No = b.State.LastLot
	lot.Pending = lot.ActivatesAt > at
	to := Available
	if lot.Pending {
		to = Pending
	}
	w.Issued += lot.Remaining
	b.post(Posting{Kind: kind, Wallet: wallet, From: from, To: to, Amount: lot.Remaining, Lot: lot.No, Rule: lot.Rule, Capped: lot.Capped, At: at})
	if !lot.Pending {
		lot.ActivatesAt, lot.Await, lot.Order = at, 0, ""
		b.payDebt(w, &lot, max(at, paidFrom))
	}
	if lot.Remaining > 0 {
		w.Lots = append(w.Lots, lot)
	}
	return lot.No
}

// mature makes the lot spendable at the instant; what it pays of a debt counts
// from paidFrom, if that is later.
func (b *Book) mature(w *Wallet, lot *Lot, at, paidFrom calendar.Instant) {
	lot.Pending, lot.Await, lot.Order = false, 0, ""
	lot.ActivatesAt = at
	b.post(Posting{Kind: Mature, Wallet: w.Name, From: Pending, To: Available, Amount: lot.Remaining, Lot: lot.No, Rule: lot.Rule, Capped: lot.Capped, At: at})
	b.payDebt(w, lot, max(at, paidFrom))
}

func (b *Book) payDebt(w *Wallet, lot *Lot, at calendar.Instant) {
	pays := min(w.Debt, lot.Remaining)
	w.Debt -= pays
	lot.Remaining -= pays
	b.post(Posting{Kind: PayDebt, Wallet: w.Name, From: Available, To: Debt, Amount: pays, Lot: lot.No, Rule: lot.Rule, Capped: lot.Capped, At: at})
}

// sweep removes lots with nothing left.
func (b *Book) sweep(w *Wallet) {
	// Most often the first lots are used up, or none is: nothing is moved that
	// can stay.
	first := 0
	for first < len(w.Lots) && w.Lots[first].Remaining > 0 {
		first++
	}
	if first == len(w.Lots) {
		return
	}
	kept := w.Lots[:first]
	for i := first + 1; i < len(w.Lots); i++ {
		if w.Lots[i].Remaining > 0 {
			kept = append(kept, w.Lots[i])
		}
	}
	w.Lots = kept
}

// Due gives the earliest instant at which a lot matures or expires, a hold ends,
// something happens on a ladder, a day of the member's comes or value becomes
// something else, by itself; calendar.Never if nothing does.
func (s *State) Due() calendar.Instant {
	return min(s.valueDue(), s.TierDue(), s.OccasionDue(), s.ConversionDue())
}

// valueDue gives the earliest instant at which value moves by itself.
func (s *State) valueDue() calendar.Instant {
	due := calendar.Never
	for i := range s.Wallets {
		for j := range s.Wallets[i].Lots {
			due = min(due, s.Wallets[i].Lots[j].due())
		}
	}
	for i := range s.Redemptions {
		// That a redemption is forgotten moves nothing, so nobody waits for it.
		if r := &s.Redemptions[i]; r.Status == HeldRedemption {
			due = min(due, r.Until)
		}
	}
	return due
}

func (l *Lot) due() calendar.Instant {
	if l.FamilyLot != 0 {
		return calendar.Never // it expires with the family, to which it goes back at once
	}
	if l.Pending {
		return min(l.ActivatesAt, l.ExpiresAt)
	}
	return l.ExpiresAt
}

// Settle lets time pass for value up to and including the instant: lots mature and expire
// and holds end in the order of their moments, and redemptions that can't change
// any more are forgotten. Debts that matured lots pay count from their
// moment, and not before paidFrom.
func (b *Book) Settle(to, paidFrom calendar.Instant) {
	for {
		due := b.State.valueDue()
		if due > to {
			break
		}
		b.freeDue(due)
		for i := range b.State.Wallets {
			b.settleAt(&b.State.Wallets[i], due, paidFrom)
		}
	}
	b.forgetOver(to)
}

// settleAt does what falls due at one instant in one wallet: first maturing,
// in the order of issue, then expiry.
func (b *Book) settleAt(w *Wallet, due, paidFrom calendar.Instant) {
	touched := false
	for i := range w.Lots {
		if w.Lots[i].Pending && w.Lots[i].ActivatesAt <= due {
			b.mature(w, &w.Lots[i], w.Lots[i].ActivatesAt, paidFrom)
			touched = true
		}
	}
	for i := range w.Lots {
		lot := &w.Lots[i]
		if lot.ExpiresAt > due || lot.FamilyLot != 0 {
			continue
		}
		from := Available
		if lot.Pending {
			from = Pending
		}
		b.post(Posting{Kind: Expire, Wallet: w.Name, From: from, To: Expired, Amount: lot.Remaining, Lot: lot.No, Rule: lot.Rule, Capped: lot.Capped, At: lot.ExpiresAt})
		lot.Remaining = 0
		touched = true
	}
	if touched {
		b.sweep(w)
	}
}

// Deliver matures the pending lots of an order that wait for the event type and
// answers how many there were. They can be spent from at, which is when the
// event became known: what happened meanwhile, to their debts or on their way
// from another member, happened without them.
func (b *Book) Deliver(await Name, order string, at calendar.Instant) int {
	found := 0
	for i := range b.State.Wallets {
		w := &b.State.Wallets[i]
		before := found
		for j := range w.Lots {
			if l := &w.Lots[j]; l.Pending && l.Await == await && l.Order == order {
				b.mature(w, l, at, at)
				found++
			}
		}
		if found > before {
			b.sweep(w)
		}
	}
	return found
}

// Renew moves the expiry of sliding lots to the instant that until gives for
// their wallet and rule; it never shortens one. What is
// held is the member's still, and renewed with the rest.
func (b *Book) Renew(until func(wallet, rule Name) calendar.Instant) {
	for i := range b.State.Wallets {
		w := &b.State.Wallets[i]
		for j := range w.Lots {
			if l := &w.Lots[j]; l.Sliding {
				l.ExpiresAt = max(l.ExpiresAt, until(w.Name, l.Rule))
			}
		}
	}
	b.renewHeld(until)
}

// Shortfall says what happens when more is taken than is available.
type Shortfall uint8

// The ways to meet a shortfall.
const (
	Refuse   Shortfall = iota // nothing is taken
	StopAt                    // only what is there is taken; the rest is written off
	CarryNeg                  // the rest becomes debt
)

// Take moves amount (positive) from the wallet's available lots, soonest expiry
// first and then oldest, to the account. It answers what was taken; with
// CarryNeg that is all of it, the rest as debt.
func (b *Book) Take(wallet Name, amount int64, to Account, kind Kind, short Shortfall, at calendar.Instant) int64 {
	w := b.State.Open(wallet)
	available := w.Balance().Available
	if available < amount && short == Refuse {
		return 0
	}
	left := amount
	for _, i := range w.burnOrder() {
		lot := &w.Lots[i]
		part := min(left, lot.Remaining)
		if part == 0 {
			continue
		}
		lot.Remaining -= part
		left -= part
		b.post(Posting{Kind: kind, Wallet: wallet, From: Available, To: to, Amount: part, Lot: lot.No, Rule: lot.Rule, Capped: lot.Capped, At: at})
	}
	b.sweep(w)
	if left > 0 && short == CarryNeg {
		w.Debt += left
		b.post(Posting{Kind: kind, Wallet: wallet, From: Debt, To: to, Amount: left, At: at})
		left = 0
	}
	return amount - left
}

// Withdraw takes back up to amount (zero or more) from the numbered lots, pending
// ones too, the first issued first, and answers what it took.
func (b *Book) Withdraw(wallet Name, lots []uint32, amount int64, at calendar.Instant) int64 {
	w := b.State.Open(wallet)
	left := amount
	for i := range w.Lots {
		lot := &w.Lots[i]
		if !slices.Contains(lots, lot.No) {
			continue
		}
		part := min(left, lot.Remaining)
		lot.Remaining -= part
		left -= part
		b.post(Posting{Kind: TakeBack, Wallet: wallet, From: lot.account(), To: Withdrawn, Amount: part, Lot: lot.No, Rule: lot.Rule, Capped: lot.Capped, At: at})
	}
	b.sweep(w)
	return amount - left
}

// burnOrder lists the indexes of the available lots in the order in which they
// are used up: soonest expiry, then earliest earned, then lowest number.
func (w *Wallet) burnOrder() []int {
	order := make([]int, 0, len(w.Lots))
	for i := range w.Lots {
		if !w.Lots[i].Pending {
			order = append(order, i)
		}
	}
	slices.SortFunc(order, func(a, b int) int {
		x, y := &w.Lots[a], &w.Lots[b]
		return cmp.Or(cmp.Compare(x.ExpiresAt, y.ExpiresAt), cmp.Compare(x.EarnedAt, y.EarnedAt), cmp.Compare(x.No, y.No))
	})
	return order
}
