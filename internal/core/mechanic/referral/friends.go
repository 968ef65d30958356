package referral

import (
	"slices"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
)

// Friend is what a referrer knows of somebody whom they brought: what was reached
// and given, not who it is.
type Friend struct {
	// Number tells the friend from the referrer's others; it is for nobody's eyes.
	Number   ledger.MemberID
	JoinedAt calendar.Instant
	// Bought and BoughtAgain tell of purchases that are kept, within a year.
	Bought, BoughtAgain bool
	// Rewards are what the referrer got for the friend, less what was taken back.
	Rewards []FriendReward
}

// FriendReward is what a rule gave for a friend in a wallet; zero where all was
// taken back.
type FriendReward struct {
	Rule, Wallet ledger.Name
	Amount       int64
}

// Friends gives those whom the member with this history brought, in the order in
// which they came.
func Friends(names *engine.Names, history engine.History) []Friend {
	var events []*engine.Past
	history(func(p *engine.Past) bool {
		if (p.Event.Type == event.Referral || p.Event.Type == event.ReferralBack) && p.Decision.Outcome == engine.Applied {
			events = append(events, p)
		}
		return true
	})
	var all []Friend
	for _, past := range slices.Backward(events) {
		p, err := Open(past.Event.Carried)
		if err != nil {
			continue
		}
		at := slices.IndexFunc(all, func(f Friend) bool { return f.Number == p.Friend })
		if at < 0 {
			at = len(all)
			all = append(all, Friend{Number: p.Friend, JoinedAt: p.At})
		}
		for i := range past.Decision.Steps {
			all[at].step(names, &past.Decision.Steps[i])
		}
	}
	return all
}

func (f *Friend) step(names *engine.Names, s *engine.Step) {
	name := names.Name(s.Rule)
	switch s.Result {
	case engine.FriendReached, engine.FriendFellBack:
		reached := s.Result == engine.FriendReached
		switch name {
		case Bought:
			f.Bought = reached
		case BoughtAgain:
			f.BoughtAgain = reached
		}
	case engine.Gave:
		f.reward(s.Rule, s.Wallet).Amount += s.Amount
	case engine.TookBack:
		f.reward(s.Rule, s.Wallet).Amount -= s.Wanted
	}
}

func (f *Friend) reward(rule, wallet ledger.Name) *FriendReward {
	for i := range f.Rewards {
		if r := &f.Rewards[i]; r.Rule == rule && r.Wallet == wallet {
			return r
		}
	}
	f.Rewards = append(f.Rewards, FriendReward{Rule: rule, Wallet: wallet})
	return &f.Rewards[len(f.Rewards)-1]
}
