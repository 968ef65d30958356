package engine

import (
	"slices"

	"premia/internal/core/calendar"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
)

// FamilyMatter is what a member and a family's account tell each other.
type FamilyMatter uint8

// The matters. To the account:
const (
	FamilyAsk   FamilyMatter = iota + 1 // a member asks to join
	FamilyLeft                          // a member has left
	FamilyValue                         // what a member sends
	FamilyDraw                          // a member needs value for an event
	// To the member:
	FamilyAnswer // to what was asked: the member belongs, or Outcome says why not
	FamilyOut    // the member belongs no more; with what they get of the value
	FamilyDrawn  // the value for the event, or Outcome says why not
	// To either:
	FamilyUndo // goods of a purchase came back, whose value was sent
)

// Telling is what an event between a member and a family's account carries. What
// does not concern its matter is zero.
type Telling struct {
	Matter FamilyMatter
	// Member is the member whom it is about, and Since when they asked to join, which
	// tells one membership from the next.
	Member ledger.MemberID
	Since  calendar.Instant
	// Account is the family's, where it speaks.
	Account ledger.MemberID
	// Heir is who answers for the member from now on.
	Heir ledger.MemberID
	// At is when what it tells happened.
	At calendar.Instant
	// Outcome says why something is refused.
	Outcome Outcome
	// Bought tells that the value comes from a purchase, which renews sliding expiry,
	// and Erased that the member was.
	Bought, Erased bool
	// Wants is what is missing, and Has, of a refusal, what the family has of that.
	Wants, Has []ledger.Amount
	Value      ledger.Bundle
	// Event is the one for which value is drawn, as the journal keeps events.
	Event []byte
	// Undo is what is to be taken back.
	Undo Undo
}

// Undo is value to be taken back from where it went.
type Undo struct {
	Rule, Wallet ledger.Name
	// Amount is to be undone, of Sent that had been sent in all.
	Amount, Sent int64
	// Purchase is the key of the purchase.
	Purchase string
	// Lots are the lots that were sent, by the numbers that they had.
	Lots []SentLot
}

// SentLot is a lot that a member sent to a family.
type SentLot struct {
	Member ledger.MemberID
	No     uint32
}

// FollowUp is the event that tells it.
func (x *Telling) FollowUp(to ledger.MemberID) FollowUp {
	f := FollowUp{Type: event.FamilyWord, Member: to, Carried: x.append()}
	if x.Matter == FamilyUndo {
		f.Type = event.FamilyReturn // it reads the account's history
	}
	return f
}

func (x *Telling) append() []byte {
	var w ledger.Writer
	w.Uint(uint64(x.Matter))
	w.Uint(uint64(x.Member))
	w.Instant(x.Since)
	w.Uint(uint64(x.Account))
	w.Uint(uint64(x.Heir))
	w.Instant(x.At)
	w.Uint(uint64(x.Outcome))
	w.Uint(bit(x.Bought) | bit(x.Erased)<<1)
	ledger.AppendAmounts(&w, x.Wants)
	ledger.AppendAmounts(&w, x.Has)
	x.Value.Append(&w)
	w.Text(string(x.Event))
	if x.Matter != FamilyUndo {
		return w.Bytes
	}
	u := &x.Undo
	w.Uint(uint64(u.Rule))
	w.Uint(uint64(u.Wallet))
	w.Int(u.Amount)
	w.Int(u.Sent)
	w.Text(u.Purchase)
	w.Uint(uint64(len(u.Lots)))
	for _, l := range u.Lots {
		w.Uint(uint64(l.Member))
		w.Uint(uint64(l.No))
	}
	return w.Bytes
}

// OpenTelling reads what an event between a member and a family's account carries.
// The error is ledger.ErrMalformed for anything else.
func OpenTelling(carried []byte) (*Telling, error) {
	r := ledger.Reader{Bytes: carried}
	x := &Telling{
		Matter: FamilyMatter(r.Uint()), Member: ledger.MemberID(r.Uint()), Since: r.Instant(),
		Account: ledger.MemberID(r.Uint()), Heir: ledger.MemberID(r.Uint()), At: r.Instant(), Outcome: Outcome(r.Uint()),
	}
	flags := r.Uint()
	x.Bought, x.Erased = flags&1 != 0, flags&2 != 0
	x.Wants, x.Has = ledger.ReadAmounts(&r), ledger.ReadAmounts(&r)
	x.Value = ledger.ReadBundle(&r)
	if text := r.Text(); text != "" {
		x.Event = []byte(text)
	}
	if x.Matter == FamilyUndo {
		x.Undo = readUndo(&r)
	}
	if err := r.Done(); err != nil {
		return nil, err
	}
	return x, nil
}

func readUndo(r *ledger.Reader) Undo {
	u := Undo{Rule: ledger.Name(r.Uint()), Wallet: ledger.Name(r.Uint()), Amount: r.Int(), Sent: r.Int(), Purchase: r.Text()}
	for n := r.Count(); n > 0; n-- {
		u.Lots = append(u.Lots, SentLot{ledger.MemberID(r.Uint()), uint32(r.Uint())})
	}
	return u
}

// Telling gives the place of the decision's first follow-up about a matter; -1 if
// it has none.
func (d *Decision) Telling(about FamilyMatter) int {
	return slices.IndexFunc(d.FollowUps, func(f FollowUp) bool {
		if f.Type != event.FamilyWord {
			return false
		}
		x, err := OpenTelling(f.Carried)
		return err == nil && x.Matter == about
	})
}

// Scales gives the decimals of amounts in stored events under the program.
func (p *Program) Scales() event.Scales {
	return event.Scales{
		Currency: p.Currency.Scale, Code: p.Currency.Code,
		Wallet: func(id string) (int, bool) {
			if w := p.WalletByID(id); w != nil {
				return w.Unit.Scale, true
			}
			return 0, false
		},
		Wallets: func() []string {
			ids := make([]string, 0, len(p.Wallets))
			for i := range p.Wallets {
				if p.Wallets[i].Currency == "" {
					ids = append(ids, p.Wallets[i].ID)
				}
			}
			return ids
		},
	}
}

// Stands gives the event that a decided event stands for: a member's own, which
// was decided when the family had answered, in place of the answer, and otherwise
// the event itself.
func Stands(e *event.Event, d *Decision, scales event.Scales) *event.Event {
	if e.Type != event.FamilyWord || d.Outcome == NotInFamily {
		return e
	}
	x, err := OpenTelling(e.Carried)
	if err != nil || x.Matter != FamilyDrawn {
		return e
	}
	if own, err := event.DecodeStored(x.Event, scales); err == nil {
		return own
	}
	return e
}

// shares tells whether families share the wallet.
func (p *Program) shares(wallet ledger.Name) bool { return slices.Contains(p.FamilyWallets, wallet) }

// AskFamily asks the member's family for what the member lacks to do what the
// event wants, and ends the event for now. It answers false where there is no
// family that shares the wallets, or it was asked before.
func (t *Turn) AskFamily(wants []ledger.Amount) bool {
	f := &t.State.Family
	for _, w := range wants {
		if !t.MayAskFamily(w.Wallet) {
			return false
		}
	}
	if len(wants) == 0 {
		return false
	}
	x := Telling{Matter: FamilyDraw, Member: t.In.Member, Since: f.Since, At: t.At, Wants: wants, Event: t.Event.Append(nil, t.Program.Scales())}
	t.FollowUp(x.FollowUp(f.Account))
	t.Finish(WaitsForFamily)
	return true
}

// MayAskFamily tells whether the member has a family that shares the wallet, and
// that was not asked for this event yet.
func (t *Turn) MayAskFamily(wallet ledger.Name) bool {
	return !t.drawn && t.replay == nil && t.State.Family.In() && t.Program.shares(wallet)
}

// CodesOf gives the codes of the event that is decided with a follow-up, for
// whoever knows what is to be known of them; nil for most follow-ups.
func (f *FollowUp) CodesOf(scales event.Scales) []string {
	if f.Type != event.FamilyWord {
		return nil
	}
	x, err := OpenTelling(f.Carried)
	if err != nil || x.Matter != FamilyDrawn {
		return nil
	}
	e, err := event.DecodeStored(x.Event, scales)
	if err != nil {
		return nil
	}
	return e.Codes
}

// Missing adds what the member lacks of an amount (positive) of a wallet.
func (t *Turn) Missing(wants []ledger.Amount, wallet ledger.Name, amount int64) []ledger.Amount {
	if b := t.State.BalanceOf(wallet); b.Available < amount {
		wants = append(wants, ledger.Amount{Wallet: wallet, Minor: amount - max(b.Available, 0)})
	}
	return wants
}

// Drawn goes on with the event that waited for the family.
func (t *Turn) Drawn(e *event.Event) {
	t.drawn = true
	t.Instead(e)
}

// toFamily lets the value leave that is a family's, and tells the family when a
// member ceases to be one.
func (t *Turn) toFamily() {
	s, f := t.State, &t.State.Family
	if t.In.Member == 0 || s.Status.Account() || (f.Account == 0 && !s.OfFamilies()) {
		return
	}
	bought := t.Event.Type == event.Purchase && f.In() && len(t.Program.sliding) > 0
	for _, b := range t.Book.ToFamilies(t.Program.shares, t.Clock) {
		x := Telling{Matter: FamilyValue, Member: t.In.Member, At: t.At, Value: b, Bought: bought && b.Account == f.Account}
		bought = bought && !x.Bought
		t.FollowUp(x.FollowUp(b.Account))
		for _, sum := range b.Sums() {
			t.Note(Step{Rule: t.Program.FamilyRule, Result: ToFamily, Wallet: sum.Wallet, Amount: sum.Minor, Wanted: sum.Minor})
		}
	}
	if bought {
		x := Telling{Matter: FamilyValue, Member: t.In.Member, At: t.At, Bought: true}
		t.FollowUp(x.FollowUp(f.Account))
	}
	if s.Status == ledger.Merged || s.Status == ledger.Erased {
		t.LeaveFamily()
	}
}

// LeaveFamily ends the member's part in the family, and tells it.
func (t *Turn) LeaveFamily() {
	f := &t.State.Family
	if f.Account == 0 {
		return
	}
	x := Telling{Matter: FamilyLeft, Member: t.In.Member, Since: f.Since, At: t.At, Heir: t.State.MergedInto, Erased: t.State.Status == ledger.Erased}
	t.FollowUp(x.FollowUp(f.Account))
	*f = ledger.Family{Since: t.At}
}
