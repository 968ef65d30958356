package family

import (
	"slices"

	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
)

// undo takes back what goods had brought that a member returned: from the lots to
// which it went, then from what else there is, and then by the wallet's rule for
// debt. What of those lots expired is owed by nobody, and counts first. An account
// that has ended asks whoever got the rest.
func (s *stage) undo(t *engine.Turn, u *engine.Undo) {
	went := where{undo: u}
	if t.In.History != nil && t.State.Status == ledger.FamilyAccount {
		went.find(t.In.History)
	}
	went.expired += expiredIn(t.Book.Postings, u.Wallet, went.lots)
	due := max(went.undone+u.Amount-went.expired-went.due, 0)
	taken := t.Book.Withdraw(u.Wallet, went.lots, due, t.Clock)
	rest := due - taken
	if rest > 0 && ended(t) && t.State.Status == ledger.FamilyAccount {
		on := engine.Telling{Matter: engine.FamilyUndo, Account: t.In.Member, At: t.At, Undo: *u}
		on.Undo.Amount, on.Undo.Lots = rest, nil
		t.FollowUp(on.FollowUp(t.State.Family.Account))
	} else if rest > 0 {
		taken += t.Book.Take(u.Wallet, rest, ledger.Withdrawn, ledger.TakeBack, t.Program.Shortfall(u.Wallet), t.Clock)
	}
	t.Note(engine.Step{Rule: u.Rule, Result: engine.TookFromFamily, Wallet: u.Wallet, Amount: taken, Wanted: u.Amount, Base: due, Read: u.Purchase})
	t.Finish(engine.Applied)
}

// where is what became of the value of a purchase at an account.
type where struct {
	undo *engine.Undo
	lots []uint32 // here
	// came is how much of it has been found, expired what of that has; undone and due
	// are what earlier returns found to be undone, and what was to be taken for that.
	came, expired, undone, due int64
}

// find walks back until all that was sent is found.
func (x *where) find(history engine.History) {
	var later []*engine.Past
	history(func(p *engine.Past) bool {
		x.settled(p)
		later = append(later, p)
		if p.Event.Type == event.FamilyWord {
			x.arrived(p)
		}
		return x.came < x.undo.Sent
	})
	for _, p := range later {
		x.expired += expiredIn(p.Decision.Postings, x.undo.Wallet, x.lots)
	}
}

// settled counts what an earlier return of the purchase found.
func (x *where) settled(p *engine.Past) {
	for i := range p.Decision.Steps {
		s := &p.Decision.Steps[i]
		if s.Result == engine.TookFromFamily && s.Rule == x.undo.Rule && s.Wallet == x.undo.Wallet && s.Read == x.undo.Purchase {
			x.undone += s.Wanted
			x.due += s.Base
		}
	}
}

// arrived finds the lots here that an event brought: each part has a posting from
// transit, in order.
func (x *where) arrived(p *engine.Past) {
	told, err := engine.OpenTelling(p.Event.Carried)
	if err != nil || told.Matter != engine.FamilyValue {
		return
	}
	postings := p.Decision.Postings
	for i := range told.Value.Parts {
		part := &told.Value.Parts[i]
		for len(postings) > 0 && !postings[0].CameOver() {
			postings = postings[1:]
		}
		if len(postings) == 0 {
			return
		}
		lot := postings[0].Lot
		postings = postings[1:]
		sent := engine.SentLot{Member: told.Member, No: part.Lot.No}
		if part.Wallet == x.undo.Wallet && part.Lot.FamilyLot == 0 && slices.Contains(x.undo.Lots, sent) {
			x.lots = append(x.lots, lot)
			x.came += part.Lot.Remaining
		}
	}
}

// expiredIn adds up what of the lots expired.
func expiredIn(postings []ledger.Posting, wallet ledger.Name, lots []uint32) (sum int64) {
	for i := range postings {
		if p := &postings[i]; p.Kind == ledger.Expire && p.Wallet == wallet && slices.Contains(lots, p.Lot) {
			sum += p.Amount
		}
	}
	return sum
}
