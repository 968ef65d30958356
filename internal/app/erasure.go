package app

import (
	"context"
	"slices"
	"strings"

	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/member"
	"premia/internal/journal"
	"premia/internal/store"
)

// Erasure is what erasing a member would do.
type Erasure struct {
	Member ledger.MemberID
	// Identities would be nobody's, and the profile's values of the names Profile and
	// the facts of the names Facts forgotten, with as many bank accounts.
	Identities   []journal.Identity
	Profile      []string
	Facts        []string
	BankAccounts int
	// Purchases and Spend would remain, as nobody's.
	Purchases int64
	Spend     int64
	// Wallets would expire; debts remain.
	Wallets []WalletOf
}

// PreviewErasure says what [App.Erase] would forget of a member and what would remain.
func (a *App) PreviewErasure(ctx context.Context, ref string) (*Erasure, error) {
	state, id, err := a.stateNow(ctx, ref)
	if err != nil {
		return nil, err
	}
	records, err := a.Store.PersonalOf(ctx, id)
	if err != nil {
		return nil, err
	}
	out := &Erasure{Member: id, Purchases: state.Purchases, Spend: state.Spend}
	for _, w := range a.walletsOf(state) {
		if w.Balance != (ledger.Balance{}) {
			out.Wallets = append(out.Wallets, w)
		}
	}
	for i := range records {
		switch r := &records[i]; r.Kind {
		case store.Identity:
			out.Identities = append(out.Identities, journal.Identity{Kind: r.Name, Value: r.Value})
		case store.Profile:
			out.Profile = append(out.Profile, r.Name)
		case store.Bank:
			out.BankAccounts++
		}
	}
	for _, f := range state.Facts {
		if !strings.HasPrefix(f.Name, member.Digest) {
			out.Facts = append(out.Facts, f.Name)
		}
	}
	slices.Sort(out.Profile)
	out.Profile = slices.Compact(out.Profile)
	return out, nil
}
