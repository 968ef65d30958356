package ledger

import (
	"premia/internal/core/calendar"
)

// Standing is where a member stands with a family.
type Standing uint8

// The standings. Only from Belongs on does the member fill and spend what the
// family has.
const (
	Asked   Standing = iota + 1 // the member wants to join, or the family has invited them
	Belongs                     // one of the family
	Head                        // one of the family, who invites and removes others
)

var standingNames = [...]string{"", "invited", "member", "head"}

// String gives the standing's name as in JSON.
func (s Standing) String() string {
	if int(s) < len(standingNames) {
		return standingNames[s]
	}
	return "unknown"
}

// Family is what a member knows of their family, or a family's account of its
// members.
type Family struct {
	// Account is the family's account, of a member who is in one. Of an account that
	// has ended it is the member who got what was left.
	Account MemberID
	// Standing is the member's; zero of one who is in no family.
	Standing Standing
	// Since is when the member asked to join or, without a family, left the last one.
	Since calendar.Instant
	// Kin are a family's members and those whom it has invited, in the order in which
	// they came.
	Kin []Kin
}

// Kin is a member of a family as its account knows them.
type Kin struct {
	Member   MemberID
	Standing Standing
	// Since is when the member asked to join, which tells one membership from the
	// next; when they were invited, of those who have not joined.
	Since calendar.Instant
}

// In tells whether a member belongs to a family.
func (f *Family) In() bool { return f.Account != 0 && f.Standing >= Belongs }

// Find gives what a family's account knows of a member; nil if that is nothing.
func (f *Family) Find(m MemberID) *Kin {
	for i := range f.Kin {
		if f.Kin[i].Member == m {
			return &f.Kin[i]
		}
	}
	return nil
}

// Members counts those who belong to a family's account.
func (f *Family) Members() int64 {
	n := int64(0)
	for i := range f.Kin {
		if f.Kin[i].Standing >= Belongs {
			n++
		}
	}
	return n
}

// Drop forgets a member of a family's account.
func (f *Family) Drop(m MemberID) {
	kept := make([]Kin, 0, len(f.Kin))
	for _, k := range f.Kin {
		if k.Member != m {
			kept = append(kept, k)
		}
	}
	f.Kin = kept
}

func (f *Family) known() bool {
	return f.Account != 0 || f.Standing != 0 || f.Since != calendar.None || len(f.Kin) > 0
}

func (f *Family) append(w *Writer) {
	w.Uint(uint64(f.Account))
	w.Uint(uint64(f.Standing))
	w.Instant(f.Since)
	w.Uint(uint64(len(f.Kin)))
	for _, k := range f.Kin {
		w.Uint(uint64(k.Member))
		w.Uint(uint64(k.Standing))
		w.Instant(k.Since)
	}
}

func readFamily(r *Reader) Family {
	f := Family{Account: MemberID(r.Uint()), Standing: Standing(r.Uint()), Since: r.Instant()}
	for n := r.Count(); n > 0; n-- {
		f.Kin = append(f.Kin, Kin{Member: MemberID(r.Uint()), Standing: Standing(r.Uint()), Since: r.Instant()})
	}
	return f
}

// Amount is so much of a wallet, in its minor units.
type Amount struct {
	Wallet Name
	Minor  int64
}

// Bundle is value on its way between a member and a family's account: parts of
// lots, and debts, positive.
type Bundle struct {
	Account MemberID
	Parts   []Part
	Debts   []Amount
}

// Sums gives the worth of a bundle by wallet, less its debts, in the order in
// which its wallets come.
func (b *Bundle) Sums() []Amount {
	var sums []Amount
	add := func(wallet Name, minor int64) {
		for i := range sums {
			if sums[i].Wallet == wallet {
				sums[i].Minor += minor
				return
			}
		}
		sums = append(sums, Amount{wallet, minor})
	}
	for i := range b.Parts {
		add(b.Parts[i].Wallet, b.Parts[i].Lot.Remaining)
	}
	for _, d := range b.Debts {
		add(d.Wallet, -d.Minor)
	}
	return sums
}

// ToFamilies lets all value leave for transit that is a family's: what came from
// one goes back there and, of the wallets that are shared, everything that is not
// held goes to the family that the member belongs to, debts too. What waits for an
// event of the member's waits on, and goes when that has come.
func (b *Book) ToFamilies(shared func(wallet Name) bool, at calendar.Instant) []Bundle {
	var out []Bundle
	bundle := func(account MemberID) *Bundle {
		for i := range out {
			if out[i].Account == account {
				return &out[i]
			}
		}
		out = append(out, Bundle{Account: account})
		return &out[len(out)-1]
	}
	for i := range b.State.Wallets {
		w := &b.State.Wallets[i]
		own := MemberID(0)
		if b.State.Family.In() && shared(w.Name) {
			own = b.State.Family.Account
		}
		for j := range w.Lots {
			lot := &w.Lots[j]
			if lot.Family == 0 {
				lot.Family = own
			}
			if lot.Family == 0 || (lot.Pending && lot.Await != 0) {
				continue
			}
			to := bundle(lot.Family)
			to.Parts = append(to.Parts, Part{Wallet: w.Name, Lot: *lot})
			b.leave(w.Name, lot, at)
		}
		if own != 0 && w.Debt > 0 {
			to := bundle(own)
			to.Debts = append(to.Debts, Amount{w.Name, w.Debt})
			b.post(Posting{Kind: CarryOut, Wallet: w.Name, From: Transit, To: Debt, Amount: w.Debt, At: at})
			w.Debt = 0
		}
		b.sweep(w)
	}
	return out
}

func (b *Book) leave(wallet Name, lot *Lot, at calendar.Instant) {
	b.post(Posting{Kind: CarryOut, Wallet: wallet, From: lot.account(), To: Transit, Amount: lot.Remaining, Lot: lot.No, Rule: lot.Rule, Capped: lot.Capped, At: at})
	lot.Remaining = 0
}

// OfFamilies tells whether the member has value that is a family's and not held.
func (s *State) OfFamilies() bool {
	for i := range s.Wallets {
		for j := range s.Wallets[i].Lots {
			if s.Wallets[i].Lots[j].Family != 0 {
				return true
			}
		}
	}
	return false
}

// FromMember lets what a member sent arrive at the family's account: what had come
// from here goes back into its very lots, and the rest into lots of its own, with
// their rule and dates. Each part has one posting from transit, in order. Debts are
// paid by what is available.
func (b *Book) FromMember(from *Bundle, account MemberID, at calendar.Instant) {
	for _, p := range from.Parts {
		if p.Lot.Family == account && p.Lot.FamilyLot != 0 {
			p.Lot.No = p.Lot.FamilyLot
			p.Lot.Family, p.Lot.FamilyLot = 0, 0
			b.Restore([]Part{p}, Transit, CarryIn, at, 0)
			continue
		}
		p.Lot.Family, p.Lot.FamilyLot = 0, 0
		b.arrive(p, at)
	}
	b.TakeDebts(from.Debts, at)
}

// TakeDebts takes over debts, which are paid by what is available.
func (b *Book) TakeDebts(debts []Amount, at calendar.Instant) {
	for _, d := range debts {
		w := b.State.Open(d.Wallet)
		w.Debt += d.Minor
		b.post(Posting{Kind: CarryIn, Wallet: d.Wallet, From: Debt, To: Transit, Amount: d.Minor, At: at})
		for _, i := range w.burnOrder() {
			b.payDebt(w, &w.Lots[i], at)
		}
		b.sweep(w)
	}
}

// arrive opens a lot for a part, pending if it was; what fell due on the way falls
// due on arrival: before, it was not here.
func (b *Book) arrive(p Part, at calendar.Instant) {
	w, lot := b.State.Open(p.Wallet), p.Lot
	b.State.LastLot++
	lot.No, lot.ExpiresAt = b.State.LastLot, max(lot.ExpiresAt, at)
	if lot.Pending {
		lot.ActivatesAt = max(lot.ActivatesAt, at)
	}
	b.post(Posting{Kind: CarryIn, Wallet: w.Name, From: Transit, To: lot.account(), Amount: lot.Remaining, Lot: lot.No, Rule: lot.Rule, Capped: lot.Capped, At: at})
	if !lot.Pending {
		b.payDebt(w, &lot, at)
	}
	if lot.Remaining > 0 {
		w.Lots = append(w.Lots, lot)
	}
}

// FromFamily lets what a family advanced arrive at a member, who has it for what
// they asked for: it remembers the lots that it came from.
func (b *Book) FromFamily(parts []Part, account MemberID, at calendar.Instant) {
	for _, p := range parts {
		w, lot := b.State.Open(p.Wallet), p.Lot
		lot.Family, lot.FamilyLot = account, lot.No
		b.State.LastLot++
		lot.No = b.State.LastLot
		b.post(Posting{Kind: CarryIn, Wallet: w.Name, From: Transit, To: Available, Amount: lot.Remaining, Lot: lot.No, Rule: lot.Rule, Capped: lot.Capped, At: at})
		w.Lots = append(w.Lots, lot)
	}
}

// TakeOver lets a part of what a family had become a member's own.
func (b *Book) TakeOver(from *Bundle, at calendar.Instant) {
	for _, p := range from.Parts {
		p.Lot.Family, p.Lot.FamilyLot = 0, 0
		b.arrive(p, at)
	}
	b.TakeDebts(from.Debts, at)
}

// Empty lets all that a family's account has leave for transit.
func (b *Book) Empty(at calendar.Instant) Bundle {
	var out Bundle
	for i := range b.State.Wallets {
		w := &b.State.Wallets[i]
		for j := range w.Lots {
			out.Parts = append(out.Parts, Part{Wallet: w.Name, Lot: w.Lots[j]})
			b.leave(w.Name, &w.Lots[j], at)
		}
		if w.Debt > 0 {
			out.Debts = append(out.Debts, Amount{w.Name, w.Debt})
			b.post(Posting{Kind: CarryOut, Wallet: w.Name, From: Transit, To: Debt, Amount: w.Debt, At: at})
			w.Debt = 0
		}
		b.sweep(w)
	}
	return out
}

// Append writes the bundle in its compact form, without the account.
func (b *Bundle) Append(w *Writer) {
	AppendParts(w, b.Parts)
	AppendAmounts(w, b.Debts)
}

// ReadBundle reads what [Bundle.Append] wrote.
func ReadBundle(r *Reader) Bundle { return Bundle{Parts: ReadParts(r), Debts: ReadAmounts(r)} }

// AppendAmounts writes amounts in their compact form.
func AppendAmounts(w *Writer, all []Amount) {
	w.Uint(uint64(len(all)))
	for _, a := range all {
		w.Uint(uint64(a.Wallet))
		w.Int(a.Minor)
	}
}

// ReadAmounts reads what AppendAmounts wrote.
func ReadAmounts(r *Reader) (all []Amount) {
	for n := r.Count(); n > 0; n-- {
		all = append(all, Amount{Name(r.Uint()), r.Int()})
	}
	return all
}
