package report

import (
	"strings"

	"premia/internal/core/engine"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/referral"
	"premia/internal/core/money"
)

// Referrals is what came of members who brought others.
type Referrals struct {
	// Brought are friends who joined at an invitation, and NotCounted invitations
	// that did not count, such as to oneself.
	Brought    int64 `json:"brought"`
	NotCounted int64 `json:"not_counted"`
	// Bought are friends with a purchase that they kept, and BoughtAgain those with
	// two; both within a year of the invitation.
	Bought      int64 `json:"bought"`
	BoughtAgain int64 `json:"bought_again"`
	// Cost is the worth of what both sides got, less what was taken back and what
	// expired, in the currency; absent where none of their wallets has a worth.
	Cost *Amount `json:"cost,omitempty"`
}

// brought counts what becomes Referrals.
type brought struct{ joined, refused, bought, again int64 }

func (r *brought) step(names *engine.Names, s *engine.Step) {
	n := int64(1)
	switch s.Result {
	case engine.NotReferred:
		r.refused++
		return
	case engine.FriendFellBack:
		n = -1
	case engine.FriendReached:
	default:
		return
	}
	switch names.Name(s.Rule) {
	case referral.Joined:
		r.joined += n
	case referral.Bought:
		r.bought += n
	case referral.BoughtAgain:
		r.again += n
	}
}

func (r *brought) merge(o *brought) {
	r.joined += o.joined
	r.refused += o.refused
	r.bought += o.bought
	r.again += o.again
}

// referrals gives what came of referrals; nil where nobody named a referrer.
func (b *Builder) referrals() (*Referrals, error) {
	r := &b.sums.brought
	if *r == (brought{}) {
		return nil, nil
	}
	out := &Referrals{Brought: r.joined, NotCounted: r.refused, Bought: r.bought, BoughtAgain: r.again}
	p := b.program()
	for column, w := range b.wallets {
		if w.Worth.IsZero() {
			continue
		}
		sum := int64(0)
		for no := 1; no < len(b.column); no++ {
			name := b.names.Name(ledger.Name(no))
			if strings.HasPrefix(name, referral.ReferrerRules) || strings.HasPrefix(name, referral.FriendRules) {
				a := &b.sums.accounts[no*len(b.wallets)+column]
				sum -= a[ledger.Issuer] + a[ledger.Withdrawn] + a[ledger.Expired]
			}
		}
		worth, err := worthOf(sum, w, p.Currency.Scale)
		if err != nil {
			return nil, err
		}
		if out.Cost == nil {
			out.Cost = &Amount{0, p.Currency.Scale}
		}
		total, err := money.Add(out.Cost.Minor, worth)
		if err != nil {
			return nil, err
		}
		out.Cost.Minor = total
	}
	return out, nil
}
