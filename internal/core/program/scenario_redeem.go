package program

import (
	"premia/internal/core/calendar"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/reward"
	"premia/internal/core/text"
)

// redeems tells whether the step is about a reward.
func (s *Step) redeems() bool {
	return s.Redeem+s.Hold+s.Confirm+s.Cancel+s.Refund != "" || s.Fulfil != nil
}

// redemption makes the event of a step about a reward, and gives the key that
// says it; empty if none does. Which redemption an event leads on is known only
// when the scenario runs: the member's last one of the reward.
func (k *stepChecker) redemption(e *event.Event) (key string) {
	s := k.step
	if s.Fulfil != nil {
		key, e.Type, e.Reward, e.Status = "fulfil", event.Fulfilment, s.Fulfil.Reward, s.Fulfil.Status
		if _, known := ledger.ParseRedemptionStatus(e.Status); !known {
			k.unknown(k.path+".fulfil.status", "unknown_status", text.Say("there is no state {Status}", quoted(e.Status)), e.Status, ledger.RedemptionStatuses())
		}
	}
	for _, one := range [...]struct{ key, kind, reward string }{
		{"redeem", event.Redemption, s.Redeem}, {"hold", event.Redemption, s.Hold},
		{"confirm", event.Confirmation, s.Confirm}, {"cancel", event.Cancellation, s.Cancel}, {"refund", event.Refund, s.Refund},
	} {
		if one.reward == "" {
			continue
		}
		if key != "" {
			k.Problem(k.path, "ambiguous", text.Say("a step has both {Key} and {KeyB}", key, one.key), "write a step for each; steps may have the same time")
		}
		key, e.Type, e.Reward = one.key, one.kind, one.reward
		e.Hold = one.key == "hold"
	}
	if s.Quantity > 0 && e.Type != event.Redemption {
		k.Problem(k.path+".quantity", "never_applies", "only a reward that is taken or held has a quantity", "remove it")
	}
	if s.Slot != nil && e.Type != event.Redemption {
		k.Problem(k.path+".slot", "never_applies", "only a reward that is taken or held has a slot", "remove it")
	}
	if s.Slot != nil {
		e.Slot = calendar.Of(s.Slot.In(k.Program.Zone))
	}
	e.Quantity = s.Quantity
	if key == "" {
		return ""
	}
	k.knownReward(key, e.Reward)
	e.ID, e.Redemption = k.path, ""
	if e.Type != event.Redemption {
		e.Redemption = k.path
	}
	return key
}

// knownReward reports a reward that the program does not have, unless that is
// what the scenario shows.
func (k *stepChecker) knownReward(key, id string) {
	var ids []string
	for _, r := range reward.Rewards(k.Program) {
		if r.Source.ID == id {
			return
		}
		ids = append(ids, r.Source.ID)
	}
	if x := k.step.Expect; x != nil && x.Outcome == "unknown_reward" {
		return
	}
	path := k.path + "." + key
	if key == "fulfil" {
		path += ".reward"
	}
	k.unknown(path, "unknown_reward", text.Say("there is no reward {ID}", quoted(id)), id, ids)
}

// lead names the redemption that an event of a scene is about.
func (a *actor) lead(e *event.Event, sc *scene) {
	if sc.reward == "" || e.Type == event.Redemption {
		return
	}
	e.Reward = ""
	// Where there is none, the step shows what becomes of the event.
	if id := a.redeemed[sc.reward]; id != "" {
		e.Redemption = id
	}
}
