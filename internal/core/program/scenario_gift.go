package program

import (
	"strings"

	"github.com/govalues/decimal"

	"premia/internal/core/document"
	"premia/internal/core/engine"
)

// given adds what is expected of rewards that rules give.
func (k *stepChecker) given(out []expected, path string, x *Expect) []expected {
	number := func(n int64) decimal.Decimal {
		d, _ := decimal.New(n, 0) // which has room for all of them
		return d
	}
	for id, n := range x.Rewards.All() {
		here := document.Join(path+".rewards", id)
		w := k.Program.GiftByID(id)
		if w == nil {
			k.Gift(here, id)
			continue
		}
		out = append(out, expected{path: here, key: "rewards." + id, about: aboutGiven, rule: w.Name, amount: number(n)})
	}
	if x.Vouchers != nil {
		out = append(out, expected{path: path + ".vouchers", key: "vouchers", about: aboutVouchers, amount: number(*x.Vouchers)})
	}
	return out
}

// keepGifts remembers the rewards that rules gave, for steps that fulfil them.
func (r *stageRun) keepGifts(a *actor) {
	for i := range a.state.Redemptions {
		x := &a.state.Redemptions[i]
		if _, given := engine.GiftOwner(x.ID); given {
			_, id, _ := strings.Cut(r.document.Program.Names.Name(x.Reward), ".")
			a.redeemed[id], r.rewards[x.ID] = x.ID, id
		}
	}
}
