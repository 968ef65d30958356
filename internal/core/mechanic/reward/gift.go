package reward

import (
	"slices"
	"strings"

	"github.com/govalues/decimal"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/rule"
	"premia/internal/core/money"
	"premia/internal/core/text"
)

// remembered is how long a reward that a rule gave, and that nothing has to be done
// for, can be taken back with returned goods.
var rememberedGift = calendar.Span{Years: 1}

// notGiven are the kinds that members must choose something for, with what that is.
var notGiven = map[string]text.Sentence{"cashback": "an account"}

// Declare lets rules give the rewards of the catalogue.
func (Mechanic) Declare(c *engine.Compiler, section any) {
	rewards := *section.(*[]Reward)
	for i := range rewards {
		r := &rewards[i]
		gift := &engine.Gift{}
		choice := notGiven[r.Kind]
		if len(r.Slots)+len(r.Timetable) > 0 {
			choice = "a time"
		}
		for id := range r.Rewards.All() {
			if part := slices.IndexFunc(rewards, func(o Reward) bool { return o.ID == id }); part >= 0 && rewards[part].Kind == "discount" {
				gift.Refusal = text.Say("{ID} can't be given, because it has vouchers among other things", r.ID)
				gift.Hint = "give its parts"
			}
		}
		if r.Kind == "surprise" {
			gift.Refusal, gift.Hint = text.Say("{ID} can't be given, because what it is is drawn", r.ID), "let the surprise itself be drawn"
		}
		if choice != "" {
			gift.Refusal = text.Say("{ID} can't be given, because the member chooses {Choice}", r.ID, choice)
			gift.Hint = "give a wallet's value, for which members can take it"
		}
		c.DeclareGift(giftWallet(c, r), gift)
	}
}

// giftWallet counts the pieces of a reward.
func giftWallet(c *engine.Compiler, r *Reward) engine.Wallet {
	title := rule.Title(c, r.Name, r.ID)
	w := engine.Wallet{
		ID: Kind + "." + r.ID, Name: c.Program.Names.Number(Kind + "." + r.ID), Unit: money.Unit{Code: r.ID},
		Forms: text.UnitForms{Fallback: title.Fallback, Forms: map[string]map[string]string{}},
		Short: ledger.StopAt,
	}
	for lang, words := range title.Texts {
		w.Forms.Forms[lang] = map[string]string{"one": "× " + words, "few": "× " + words, "many": "× " + words, "other": "× " + words}
	}
	if r.Cost != nil {
		w.Worth, _ = money.RateOf(*r.Cost)
	}
	w.Weight, _ = money.NewRate(engine.Power10(6), 1)
	if r.Worth != nil {
		if millionths, err := r.Worth.Mul(decimal.MustNew(engine.Power10(6), 0)); err == nil {
			if weight, err := money.RateOf(millionths); err == nil {
				w.Weight = weight
			}
		}
	}
	return w
}

// gift is how a reward is given by rules.
type gift struct{ *Compiled }

// Fits gives how many of those that are wanted stock and limits leave.
func (g gift) Fits(t *engine.Turn, want int64) (fits int64, short engine.Step) {
	fits = want
	for i := range g.Limits {
		l := &g.Limits[i]
		if left := max(l.Cap-t.Used(l), 0); left < fits {
			fits, short = left, engine.Step{Result: engine.TakenOften, Limit: l.Limit, Base: l.Cap}
		}
	}
	for _, s := range g.Stocks {
		if left := max(t.Left(ledger.Quota{Name: s.Quota}, s.Cap)/s.Each, 0); left < fits {
			fits, short = left, engine.Step{Result: engine.SoldOut}
		}
	}
	return fits, short
}

// Draw takes n from stock and limits. A stock that left no more than that bounds it
// again when the decision is made again.
func (g gift) Draw(t *engine.Turn, n, fits, want int64) {
	for _, s := range g.Stocks {
		quota := ledger.Quota{Name: s.Quota}
		cut := n == fits && fits < want && t.Left(quota, s.Cap)/s.Each < want
		if n > 0 || cut {
			t.Record(quota, s.Cap, n*s.Each, cut)
		}
	}
	for i := range g.Limits {
		if n > 0 {
			t.Use(&g.Limits[i], n)
		}
	}
}

// Give opens a redemption that costs a token.
func (g gift) Give(t *engine.Turn, n int64, token ledger.Part) {
	open := ledger.Redemption{
		ID: engine.GiftID(t.In.Member, token.Lot.No), Reward: g.Name, Quantity: n,
		Status: ledger.Ordered, At: t.At, Parts: []ledger.Part{token},
	}
	for _, s := range g.Stocks {
		open.Uses = append(open.Uses, ledger.Use{Quota: ledger.Quota{Name: s.Quota}, Amount: n * s.Each})
	}
	g.finish(t, &open)
	if g.returns() && open.Status == ledger.HandedOver {
		open.Until = max(open.Until, calendar.Add(t.At, rememberedGift, t.Program.Zone))
	}
	if open.Until != calendar.None {
		t.State.Redemptions = append(t.State.Redemptions, open)
	}
}

// returns tells whether something can be taken back of the reward that nobody hands
// over.
func (r *Compiled) returns() bool {
	return r.Source.Discount != nil || r.card.amount > 0 || len(r.Gives) > 0
}

// isGift tells whether a rule gave the redemption.
func isGift(x *ledger.Redemption) bool {
	return strings.HasPrefix(x.ID, engine.GiftPrefix) && len(x.Parts) > 0
}

// TakeBack takes back up to n of what a rule gave at the instant: what is not handed
// over is cancelled, points and gift cards are taken back as far as they are there,
// and vouchers are asked back, since only their codes tell whether they were used.
func (g gift) TakeBack(t *engine.Turn, by ledger.Name, at calendar.Instant, n int64) (taken int64) {
	for i := len(t.State.Redemptions) - 1; i >= 0 && taken < n; i-- {
		x := &t.State.Redemptions[i]
		if isGift(x) && x.Reward == g.Name && x.Parts[0].Lot.Rule == by && x.Parts[0].Lot.EarnedAt == at {
			taken += g.takeBackOf(t, x, min(n-taken, x.Quantity))
		}
	}
	if taken < n {
		t.Note(engine.Step{Rule: g.Name, Result: engine.GiftStays, Wallet: g.Name, Amount: n - taken, Wanted: n - taken})
	}
	return taken
}

func (g gift) takeBackOf(t *engine.Turn, x *ledger.Redemption, n int64) int64 {
	result := engine.GiftTaken
	switch {
	case g.Source.Discount != nil:
		ask := engine.GiftWithdrawal{Redemption: x.ID, Reward: g.Name, Quantity: n}
		t.FollowUp(engine.FollowUp{Type: event.GiftWithdrawal, Member: t.In.Member, Carried: ask.Append()})
		t.Note(engine.Step{Rule: g.Name, Result: engine.GiftAsked, Wallet: g.Name, Amount: n, Wanted: n})
		return n
	case x.Status == ledger.Returning:
		return 0
	case g.card.amount > 0:
		if !g.askCard(t, x) {
			return 0
		}
		t.Note(engine.Step{Rule: g.Name, Result: engine.GiftAsked, Wallet: g.Name, Amount: n, Wanted: n})
		return n
	case x.Status == ledger.HandedOver || x.Status == ledger.Sent:
		if len(g.Gives) == 0 {
			return 0
		}
		g.takeValue(t, x, n)
	}
	t.Note(engine.Step{Rule: g.Name, Result: result, Wallet: g.Name, Amount: n, Wanted: n})
	g.end(t, x, n)
	return n
}

// takeValue takes back what n of the redemption gave in wallets. What had expired of all
// that the reward gave at that moment is owed by nobody, and counts first; it counts once,
// however many parts of it are taken back one after another.
func (g gift) takeValue(t *engine.Turn, x *ledger.Redemption, n int64) {
	given := x.At.String()
	for _, giving := range g.Gives {
		wallet, amount := giving.Wallet.Name, giving.Fixed*n
		became := t.Became(g.Name, wallet, x.At)
		undone, dueBy := became.Took(g.Name, wallet, given)
		due := max(undone+amount-became.Expired-dueBy, 0)
		taken := t.TakeBack(g.Name, wallet, x.At, became.Lots, due)
		t.State.Open(wallet).Issued -= amount
		t.Note(engine.Step{Rule: g.Name, Result: engine.Took, Wallet: wallet, Amount: taken, Wanted: amount, Base: due, Read: given})
	}
}

// grace gives how long value that has expired and comes back is good again. r is nil
// if the program does not have the reward any more.
func (r *Compiled) grace(t *engine.Turn) calendar.Instant {
	if r == nil || r.refund.grace.IsZero() {
		return 0
	}
	return calendar.Add(t.Clock, r.refund.grace, t.Program.Zone) - t.Clock
}

// end ends n of a redemption that a rule gave, with its stock and limits, and gives
// back what was turned into it: that is one reward then. r is nil if the program
// does not have the reward any more.
func (r *Compiled) end(t *engine.Turn, x *ledger.Redemption, n int64) {
	part := *x
	part.Quantity, part.Uses = n, nil
	t.Book.Restore(x.Parts[1:], ledger.Spent, ledger.Refund, t.Clock, r.grace(t))
	for _, u := range x.Uses {
		part.Uses = append(part.Uses, ledger.Use{Quota: u.Quota, Amount: u.Amount / x.Quantity * n})
	}
	t.EndToken(x.Parts[0], n)
	t.Released(&part)
	if n == x.Quantity {
		t.State.Forget(x.ID)
		return
	}
	for i := range x.Uses {
		x.Uses[i].Amount -= part.Uses[i].Amount
	}
	x.Quantity -= n
	x.Parts[0].Lot.Remaining -= n
}

// withdraw takes back vouchers that a rule gave, as far as they were not used; one
// that was used stays.
func (s *stage) withdraw(t *engine.Turn) {
	ask, err := engine.OpenGiftWithdrawal(t.Event.Carried)
	if err != nil {
		t.Finish(engine.NoSuchRedemption)
		return
	}
	x := t.State.Redemption(ask.Redemption)
	if x == nil {
		t.Finish(engine.NoSuchRedemption)
		return
	}
	n, reward := min(ask.Quantity, x.Quantity), x.Reward
	taken := int64(0)
	for i := range t.In.Codes {
		c := &t.In.Codes[i]
		if !c.Found || c.Blocked || taken == n {
			continue
		}
		q := usesOf(t, c)
		if t.Left(q, c.Uses) < c.Uses {
			t.Record(q, c.Uses, 0, true)
			continue
		}
		t.Record(q, c.Uses, c.Uses, false)
		t.Out.Vouchers = append(t.Out.Vouchers, engine.Voucher{Redemption: x.ID, Number: i, Reward: c.Reward, TakenBack: true})
		taken++
	}
	if taken > 0 {
		t.Note(engine.Step{Rule: reward, Result: engine.GiftTaken, Wallet: reward, Amount: taken, Wanted: taken})
		s.byName(reward).end(t, x, taken)
	}
	if taken < n {
		t.Note(engine.Step{Rule: reward, Result: engine.GiftStays, Wallet: reward, Amount: n - taken, Wanted: n - taken})
	}
	t.Finish(engine.Applied)
}
