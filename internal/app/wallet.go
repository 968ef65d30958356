package app

import (
	"context"
	"errors"
	"slices"
	"strings"

	"premia/internal/core/engine"
	"premia/internal/core/ledger"
	"premia/internal/core/text"
	"premia/internal/journal"
)

// WalletOf is one wallet of a member.
type WalletOf struct {
	Wallet *engine.Wallet
	ledger.Balance
	// Issued is all that was ever earned, less what was taken back.
	Issued int64
	Lots   []ledger.Lot
}

// stateNow reads a member's state, with time passed up to now.
func (a *App) stateNow(ctx context.Context, ref string) (*ledger.State, ledger.MemberID, error) {
	id, err := a.Find(ctx, ref)
	if err != nil {
		return nil, 0, err
	}
	state, id, err := a.Journal.StateOf(ctx, id)
	switch {
	case errors.Is(err, journal.ErrUnknownMember):
		return nil, 0, unknownMember("member", ref)
	case errors.Is(err, journal.ErrMergeInProgress):
		return nil, 0, problem(CodeMergeInProgress, "member", text.Of(err))
	case err != nil:
		return nil, 0, err
	case state.Status == ledger.Erased:
		return nil, 0, problem(CodeMemberErased, "member", "the member was erased", "Member", text.Quoted(ref))
	}
	settled, _ := engine.Settled(a.Journal.Rules().Timeline, id, state, a.Journal.Now())
	return settled, id, nil
}

// walletsOf lists all wallets of the program as they are in a state.
func (a *App) walletsOf(state *ledger.State) []WalletOf {
	p := a.program()
	if p == nil {
		return nil
	}
	out := make([]WalletOf, 0, len(p.Wallets))
	for i := range p.Wallets {
		if p.Wallets[i].Currency != "" {
			continue // that of gift cards, which no member has
		}
		out = append(out, walletOf(state, &p.Wallets[i]))
	}
	return out
}

// walletOf gives a wallet as it is in a state.
func walletOf(state *ledger.State, wallet *engine.Wallet) WalletOf {
	out := WalletOf{Wallet: wallet}
	if w := state.Wallet(wallet.Name); w != nil {
		out.Balance, out.Issued, out.Lots = state.BalanceOf(w.Name), w.Issued, w.Lots
	}
	return out
}

// Wallets gives a member's wallets, settled to now.
func (a *App) Wallets(ctx context.Context, ref string) ([]WalletOf, ledger.MemberID, error) {
	state, id, err := a.stateNow(ctx, ref)
	if err != nil {
		return nil, 0, err
	}
	return a.walletsOf(state), id, nil
}

// notForAll are the sections whose rules bring an ordinary member nothing new: what somebody
// gives was another's, and commissions are for ambassadors.
var notForAll = []string{"transfers", "ambassadors"}

// Concerns tells whether a wallet is of the member's concern: something was in it, or what
// every member can do brings something into it.
func (a *App) Concerns(w *WalletOf) bool {
	if w.Issued != 0 || w.Balance != (ledger.Balance{}) || len(w.Lots) > 0 {
		return true
	}
	return a.ForEverybody(w.Wallet.Name)
}

// ForEverybody tells whether what every member can do brings something into a wallet.
func (a *App) ForEverybody(wallet ledger.Name) bool {
	for _, rule := range a.Program().Rules {
		section, _, _ := strings.Cut(rule.Path, "[")
		section, _, _ = strings.Cut(section, ".")
		if slices.Contains(notForAll, section) {
			continue
		}
		if slices.ContainsFunc(rule.Givings, func(g *engine.Giving) bool { return g.Wallet.Name == wallet }) {
			return true
		}
	}
	return false
}
