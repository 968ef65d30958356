package report

import (
	"slices"
	"strings"

	"premia/internal/core/engine"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/reward"
	"premia/internal/core/money"
)

// redeemed are the figures of rewards: by row, and paid by row × columns.
type redeemed struct {
	times, refunded, paid []int64
	// given are those that rules gave, and takenBack what went back of these.
	given, takenBack []int64
}

// rewards adds what a decision says of rewards; it is about one at most.
func (b *Builder) rewards(d *engine.Decision) {
	counted := false
	for i := range d.Steps {
		s := &d.Steps[i]
		sign := int64(1)
		switch s.Result {
		case engine.Redeemed:
		case engine.Restored:
			sign = -1
		default:
			continue
		}
		b.sums.redeemed.paid[b.cell(s.Rule, s.Wallet)] += sign * s.Amount
		switch {
		case counted:
		case sign > 0:
			b.sums.redeemed.times[s.Rule] += max(s.Times, 1)
		default:
			b.sums.redeemed.refunded[s.Rule] += max(s.Times, 1)
		}
		counted = true
	}
}

// given adds what a step says of a reward that rules give.
func (b *Builder) given(s *engine.Step) {
	switch s.Result {
	case engine.Gave:
		b.sums.redeemed.given[s.Wallet] += s.Amount
		if b.sums.counted[s.Rule] != b.serial {
			b.sums.counted[s.Rule] = b.serial
			b.sums.times[s.Rule]++
		}
	case engine.GiftTaken:
		b.sums.redeemed.takenBack[s.Wallet] += s.Amount
	}
}

// freed gives the stock back of a hold that ended by itself and that nobody has
// decided upon yet.
func (b *Builder) freed(x *ledger.Redemption) {
	for _, u := range x.Uses {
		b.sums.used[u.Quota.Name] -= u.Amount
	}
}

func (r *redeemed) merge(o *redeemed) {
	for _, pair := range [...][2][]int64{{r.times, o.times}, {r.given, o.given}, {r.takenBack, o.takenBack}, {r.refunded, o.refunded}, {r.paid, o.paid}} {
		for i, n := range pair[1] {
			pair[0][i] += n
		}
	}
}

// listRewards adds the rewards of all programs, each as the newest says.
func (b *Builder) listRewards(r *Report) error {
	seen := map[ledger.Name]bool{}
	for _, live := range slices.Backward(b.rules.All()) {
		for _, one := range reward.Rewards(live.Program) {
			if seen[one.Name] {
				continue
			}
			seen[one.Name] = true
			out, err := b.reward(&one, live.Program.Currency.Scale)
			if err != nil {
				return err
			}
			r.Rewards = append(r.Rewards, out)
		}
	}
	slices.SortFunc(r.Rewards, func(x, y Reward) int { return strings.Compare(x.Reward, y.Reward) })
	return nil
}

func (b *Builder) reward(r *reward.Compiled, scale int) (Reward, error) {
	sums := &b.sums.redeemed
	out := Reward{Reward: b.names.Name(r.Name), Redeemed: sums.times[r.Name], Refunded: sums.refunded[r.Name], Given: sums.given[r.Name], TakenBack: sums.takenBack[r.Name], Spent: []Spent{}}
	for column, w := range b.wallets {
		if paid := sums.paid[int(r.Name)*len(b.wallets)+column]; paid != 0 {
			out.Spent = append(out.Spent, Spent{w.ID, Amount{paid, w.Unit.Scale}})
		}
	}
	kept := out.Redeemed - out.Refunded + out.Given - out.TakenBack
	for _, figure := range [...]struct {
		one int64
		to  **Amount
	}{{r.Cost, &out.Cost}, {r.Worth, &out.Worth}} {
		if figure.one == 0 {
			continue
		}
		rate, err := money.NewRate(figure.one, 1)
		if err != nil {
			return out, err
		}
		sum, err := rate.Apply(kept, money.HalfEven)
		if err != nil {
			return out, err
		}
		*figure.to = &Amount{sum, scale}
	}
	return out, nil
}
