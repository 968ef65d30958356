package app

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/reward"
	"premia/internal/core/text"
	"premia/internal/journal"
	"premia/internal/store"
)

// CodeUnknownReward says that the program has no such reward.
const CodeUnknownReward = "unknown_reward"

// CodeUnknownRedemption says that there is no such redemption.
const CodeUnknownRedemption = "unknown_redemption"

// RewardOf is a reward of the live program, as it is for somebody.
type RewardOf struct {
	*reward.Compiled
	// Left is how many there are still; -1 for any number.
	Left int64
	// Why is what taking it now would come to for the member who was asked about;
	// nil if nobody was.
	Why *journal.Answer
	// Offered is the value, in minor units of the wallet, for which Why was asked of a
	// reward that pays money: all that the member has, as far as it is paid at once.
	Offered int64
}

// Rewards gives the live program's catalogue. With a member it says of each
// reward whether the member can have it now, and why not.
func (a *App) Rewards(ctx context.Context, ref string) ([]RewardOf, error) {
	p := a.program()
	if p == nil {
		return nil, refused(journal.ErrNoProgram, &event.Event{})
	}
	var err error
	id := ledger.MemberID(0)
	if ref != "" {
		if id, err = a.Find(ctx, ref); err != nil {
			return nil, err
		}
	}
	rewards := reward.Rewards(p)
	has, err := a.available(ctx, rewards, id)
	if err != nil {
		return nil, err
	}
	events, out := make([]event.Event, len(rewards)), make([]RewardOf, len(rewards))
	for i := range rewards {
		events[i] = event.Event{Type: event.Redemption, Reward: rewards[i].Source.ID}
		out[i] = RewardOf{Compiled: &rewards[i], Left: -1}
		if rewards[i].PaysOut() && id != 0 {
			out[i].Offered = payableNow(&rewards[i], has[rewards[i].Prices[0].Wallet.ID])
			out[i].TakeFor(&events[i], out[i].Offered)
		}
		if rewards[i].Booked() && id != 0 {
			if events[i].Slot, err = a.nextSlot(ctx, &rewards[i]); err != nil {
				return nil, err
			}
		}
	}
	try, left, err := a.Journal.Try(ctx, id, events)
	if errors.Is(err, journal.ErrUnknownMember) {
		err = unknownMember("member", ref)
	}
	if err != nil {
		return nil, err
	}
	for i := range rewards {
		for _, s := range rewards[i].Stocks {
			if n := max(left.Left(ledger.Quota{Name: s.Quota}, s.Cap), 0) / s.Each; out[i].Left < 0 || n < out[i].Left {
				out[i].Left = n
			}
		}
		if ref != "" {
			out[i].Why = &journal.Answer{Member: id, Decision: try[i], Event: &events[i]}
		}
	}
	return out, nil
}

// available gives what a member has in each wallet, by its id, where a reward pays money for
// it; nothing of nobody.
func (a *App) available(ctx context.Context, rewards []reward.Compiled, id ledger.MemberID) (map[string]int64, error) {
	if id == 0 || !slices.ContainsFunc(rewards, func(r reward.Compiled) bool { return r.PaysOut() }) {
		return nil, nil
	}
	wallets, _, err := a.Wallets(ctx, id.String())
	if err != nil {
		return nil, err
	}
	has := make(map[string]int64, len(wallets))
	for i := range wallets {
		has[wallets[i].Wallet.ID] = wallets[i].Available
	}
	return has, nil
}

// payableNow gives how much value can be turned into money at once of what a member has, and
// no less than the least, so that a refusal says what lacks.
func payableNow(r *reward.Compiled, has int64) int64 {
	least, most := r.Payable()
	if most > 0 {
		has = min(has, most)
	}
	return max(has, least)
}

// SlotOf is a time at which a reward can be booked, with what is left of its places.
type SlotOf struct {
	reward.Appointment
	Left int64
}

// MaxSlots is how many slots are listed at once.
const MaxSlots = 500

// Slots lists the slots of a reward of the live program that begin in a time and
// can be booked now, at most MaxSlots; those without places left are among them.
// Without until it ends 31 days after its beginning. The error is a *Problem if
// there is no such reward, or if it has no slots.
func (a *App) Slots(ctx context.Context, id string, from, until calendar.Instant) ([]SlotOf, error) {
	p := a.program()
	if p == nil {
		return nil, refused(journal.ErrNoProgram, &event.Event{})
	}
	rewards := reward.Rewards(p)
	i := slices.IndexFunc(rewards, func(r reward.Compiled) bool { return r.Source.ID == id && r.Booked() })
	if i < 0 {
		return nil, problem(CodeUnknownReward, "reward", text.Say("there is no reward {ID} that can be booked", strconv.Quote(id)), "Reward", text.Quoted(id))
	}
	from = max(from, a.Journal.Now())
	if until == calendar.None {
		until = calendar.Add(from, calendar.Span{Days: 31}, p.Zone)
	}
	return a.slots(ctx, &rewards[i], from, until)
}

func (a *App) slots(ctx context.Context, r *reward.Compiled, from, until calendar.Instant) ([]SlotOf, error) {
	used, err := a.Store.UsedBetween(ctx, r.Places(0).Name, int64(from), int64(until))
	if err != nil {
		return nil, err
	}
	taken := map[int64]int64{}
	for _, u := range used {
		taken[u.Quota.Window] = u.Used
	}
	out := []SlotOf{}
	for _, at := range r.Appointments(a.Journal.Now(), from, until, MaxSlots) {
		out = append(out, SlotOf{at, max(at.Places-taken[int64(at.At)], 0)})
	}
	return out, nil
}

// nextSlot gives the first slot that has places left, the first at all if none has,
// and none if nothing can be booked.
func (a *App) nextSlot(ctx context.Context, r *reward.Compiled) (calendar.Instant, error) {
	all, err := a.slots(ctx, r, a.Journal.Now(), calendar.Never)
	if err != nil || len(all) == 0 {
		return calendar.None, err
	}
	if i := slices.IndexFunc(all, func(s SlotOf) bool { return s.Left > 0 }); i >= 0 {
		return all[i].At, nil
	}
	return all[0].At, nil
}

// Redemption is what became of a reward that somebody took.
type Redemption struct {
	ID     string
	Member ledger.MemberID
	Reward ledger.Name
	// Status is held, ordered, ready, handed_over, sent, failed, cancelled,
	// refunded or timed_out.
	Status string
	At     calendar.Instant
	// Until is when a hold ends or ended; none for others.
	Until calendar.Instant
	// Price is what it cost, with the decision that took it.
	Price []engine.Step
	// Quantity is how many were taken, at least 1.
	Quantity int64
	Slot     calendar.Instant // when it takes place, if it was booked
	Money    int64            // to pay on top, in minor units of the currency
	// PaysOut is what is paid to the member's bank account when it is final, in minor
	// units of the currency.
	PaysOut int64
	// Steps are what was done about it since, the oldest first.
	Steps []RedemptionStep
}

// Taken gives the redemption of a decision that took a reward.
func (a *App) Taken(answer *journal.Answer) Redemption {
	d, e := answer.Decision, answer.Event
	out := Redemption{ID: e.ID, Member: answer.Member, Quantity: e.Taken(), Slot: e.Slot, At: d.At, Status: ledger.HandedOver.String()}
	for i := range d.Steps {
		if s := &d.Steps[i]; s.Result == engine.Redeemed || s.Result == engine.HeldFor {
			out.Reward, out.Money = s.Rule, out.Money+s.Base
			out.Price = append(out.Price, *s)
		}
	}
	p := a.Journal.Rules().Timeline.Version(d.Program)
	for _, r := range reward.Rewards(p) {
		if r.Name == out.Reward && r.PaysOut() && len(out.Price) == 1 {
			out.PaysOut = r.Paid(out.Price[0].Amount)
		}
		switch {
		case r.Name != out.Reward:
		case e.Hold:
			out.Status, out.Until = ledger.HeldRedemption.String(), calendar.Add(d.Clock, r.Hold, p.Zone)
		case r.HandsOver():
			out.Status = ledger.Ordered.String()
		}
	}
	return out
}

// Redemption gives what became of a redemption, by its id. The error is a
// *Problem if there is none.
func (a *App) Redemption(ctx context.Context, id string) (Redemption, error) {
	if r, given, err := a.giftRedemption(ctx, id); given || err != nil {
		return r, err
	}
	answer, err := a.Event(ctx, id)
	if AsProblem(err).Code == CodeUnknownEvent || (err == nil && !took(answer.Event, answer.Decision)) {
		return Redemption{}, problem(CodeUnknownRedemption, "id", text.Say("there is no redemption {ID}", strconv.Quote(id)), "Key", text.Quoted(id))
	}
	if err != nil {
		return Redemption{}, err
	}
	found, err := a.redemptions(ctx, answer.Member, func(r *Redemption) bool { return r.ID == id }, 1)
	if err != nil || len(found) == 0 {
		return a.Taken(&answer), err
	}
	return found[0], nil
}

func took(e *event.Event, d *engine.Decision) bool {
	return e.Type == event.Redemption && d.Outcome == engine.Applied
}

// Redemptions gives a member's redemptions, at most limit, the newest first.
func (a *App) Redemptions(ctx context.Context, ref string, limit int) ([]Redemption, ledger.MemberID, error) {
	id, err := a.Find(ctx, ref)
	if err != nil {
		return nil, 0, err
	}
	list, err := a.redemptions(ctx, id, func(*Redemption) bool { return true }, min(max(limit, 1), MaxPage))
	return list, id, err
}

// redemptions lists the redemptions of a member that are wanted: those that are
// open from the state, and the others from what happened to them last.
func (a *App) redemptions(ctx context.Context, id ledger.MemberID, wanted func(*Redemption) bool, limit int) ([]Redemption, error) {
	stored, id, err := a.Journal.StateOf(ctx, id)
	if err != nil {
		if errors.Is(err, journal.ErrUnknownMember) {
			err = unknownMember("member", id.String())
		}
		return nil, err
	}
	state, _ := engine.Settled(a.Journal.Rules().Timeline, id, stored, a.Journal.Now())
	var out []Redemption
	var unread error
	last, steps := map[string]*event.Event{}, map[string][]RedemptionStep{}
	given := gifts{app: a, id: id, state: state, last: last, gone: map[uint32]int64{}}
	a.Journal.Past().Before(ctx, id, 0, &unread)(func(p *engine.Past) bool {
		for _, r := range given.of(p) {
			if wanted(&r) && len(out) < limit {
				out = append(out, r)
			}
		}
		if p.Decision.Outcome != engine.Applied {
			return len(out) < limit
		}
		if about := p.Event.Redemption; about != "" && last[about] == nil {
			last[about] = p.Event
		}
		if about := p.Event.Redemption; about != "" {
			steps[about] = append(steps[about], stepOf(p))
		}
		if !took(p.Event, p.Decision) {
			return len(out) < limit
		}
		r := a.Taken(&journal.Answer{Member: id, Decision: p.Decision, Event: p.Event})
		r.became(state.Redemption(r.ID), last[r.ID])
		r.Steps = steps[r.ID]
		slices.Reverse(r.Steps)
		if wanted(&r) {
			out = append(out, r)
		}
		return len(out) < limit
	})
	if errors.Is(unread, store.ErrNotFound) {
		unread = nil
	}
	return out, unread
}

// RedemptionStep is what somebody did about a redemption, and when.
type RedemptionStep struct {
	// Status is confirmed, cancelled, refunded or a state of fulfilment.
	Status string
	At     calendar.Instant
	// By is whose key did it; empty if that is not known.
	By string
}

func stepOf(p *engine.Past) RedemptionStep {
	step := RedemptionStep{Status: p.Event.Status, At: p.Decision.At, By: p.Event.By}
	switch p.Event.Type {
	case event.Confirmation:
		step.Status = "confirmed"
	case event.Cancellation:
		step.Status = "cancelled"
	case event.Refund, event.GiftCardAnswer:
		step.Status = "refunded"
	}
	return step
}

// became says where the redemption stands: by the state if it is open, and else
// by what happened to it last, nil if nothing did.
func (r *Redemption) became(open *ledger.Redemption, last *event.Event) {
	held := r.Status == ledger.HeldRedemption.String()
	switch {
	case open != nil:
		r.Status, r.Until = open.Status.String(), calendar.None
		if open.Status == ledger.HeldRedemption {
			r.Until = open.Until
		}
	case last == nil && held:
		r.Status = "timed_out"
	case last == nil:
		r.Status = ledger.HandedOver.String()
	case last.Type == event.Cancellation:
		r.Status = "cancelled"
	case last.Type == event.Refund, last.Type == event.GiftCardAnswer:
		r.Status = "refunded"
	case last.Type == event.Fulfilment:
		r.Status = last.Status
	default:
		r.Status = ledger.HandedOver.String()
	}
	if last != nil {
		r.Until = calendar.None
	}
}
