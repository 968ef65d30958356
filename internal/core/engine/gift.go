package engine

import (
	"strconv"
	"strings"

	"premia/internal/core/calendar"
	"premia/internal/core/document"
	"premia/internal/core/ledger"
	"premia/internal/core/text"
)

// Gift is a reward of the catalogue as rules give it, without a price. What rules
// give of it is counted in pieces, in a wallet of the reward's own that no member
// sees: each piece is a lot of the rule that gave it, which is spent at once on the
// reward. So the limits and budgets of rules, returned goods and what is decided
// again treat it as value.
type Gift struct {
	// Refusal says why rules can't give the reward, and Hint what to do; empty if
	// they can.
	Refusal, Hint text.Sentence
	// Given tells that a rule gives it.
	Given bool
	// Reward is the catalogue's door, set once the catalogue is compiled.
	Reward GiftReward
}

// GiftReward is a reward that can be given.
type GiftReward interface {
	// Fits gives how many of those that are wanted the stock and the member's
	// limits leave, and if they are fewer a step that says why.
	Fits(t *Turn, want int64) (int64, Step)
	// Draw takes n of the reward from stock and limits, of fits that were left for
	// those that are wanted.
	Draw(t *Turn, n, fits, want int64)
	// Give gives n of the reward for the token, which is spent on it.
	Give(t *Turn, n int64, token ledger.Part)
	// TakeBack takes back up to n of what a rule gave at an instant, and answers how
	// many it took or asked for.
	TakeBack(t *Turn, rule ledger.Name, at calendar.Instant, n int64) int64
}

// DeclareGift registers the reward with the id as one that rules may give. cost and
// worth of one are in minor units of the currency, and zero where they are not known.
func (c *Compiler) DeclareGift(w Wallet, gift *Gift) {
	w.Gift = gift
	c.Program.gifts = append(c.Program.gifts, &w)
}

// Gift finds a reward that rules may give by its id; an unknown one, or one that
// can't be given, is a problem, with a hint.
func (c *Compiler) Gift(path, id string) *Wallet {
	var ids []string
	for _, w := range c.Program.gifts {
		if w.Name == c.Program.Names.Number("reward."+id) {
			if w.Gift.Refusal != "" {
				c.Problem(path, "not_given", w.Gift.Refusal, w.Gift.Hint)
				return nil
			}
			w.Gift.Given = true
			return w
		}
		ids = append(ids, c.Program.Names.Name(w.Name)[len("reward."):])
	}
	hint := text.Sentence("declare it under rewards")
	if near, ok := document.Closest(id, ids); ok {
		hint = text.Say("did you mean {Near}?", quote(near))
	}
	c.Problem(path, "unknown_reward", text.Say("there is no reward {ID}", quote(id)), hint)
	return nil
}

// GiftByID gives the reward that rules may give with the id; nil if there is none.
func (p *Program) GiftByID(id string) *Wallet {
	name, _ := p.Names.Find("reward." + id)
	return p.giftOf(name)
}

func (p *Program) giftOf(name ledger.Name) *Wallet {
	for _, w := range p.gifts {
		if w.Name == name && name != 0 {
			return w
		}
	}
	return nil
}

// GiftOf gives the reward that a step's or posting's wallet stands for; nil if it is
// a wallet of value. One that the program does not have any more is that of the last
// program which had it.
func (t *Turn) GiftOf(name ledger.Name) *Gift {
	if w := t.Program.giftOf(name); w != nil {
		return w.Gift
	}
	if t.rules == nil {
		return nil
	}
	for i := len(t.rules.lives) - 1; i >= 0; i-- {
		if w := t.rules.lives[i].Program.giftOf(name); w != nil {
			return w.Gift
		}
	}
	return nil
}

// awardGift adds an award of a reward, within what the giving's limits, the reward's
// stock and its limits leave, and explains it. Where none of the reward is left the
// rule gives what it says to give instead.
func (t *Turn) awardGift(g *Giving, marks []bool, wanted, counted int64) int64 {
	step := Step{Rule: g.Rule, Wallet: g.Wallet.Name, Base: counted, Wanted: wanted, Result: Gave}
	none := Step{}
	switch {
	case wanted == 0:
		step.Result = TooLittle
	case t.replay != nil:
		step.Amount = t.replay.take(t, g, wanted)
		none.Result = t.replay.lacked(g)
	default:
		step.Amount, step.Limit, none = t.drawGift(g, wanted)
	}
	switch {
	case step.Amount > 0 || wanted == 0:
	case none.Result != 0:
		step.Result, step.Limit = none.Result, none.Limit
		if none.Limit != NoLimit {
			step.Base = none.Base
		}
	case step.Limit.Shared():
		step.Result = BudgetSpent
	default:
		step.Result = LimitReached
	}
	t.Note(step)
	if step.Amount > 0 {
		t.Awards = append(t.Awards, Award{Giving: g, Amount: step.Amount, Marks: marks})
	} else if none.Result != 0 {
		for _, other := range g.Instead {
			t.AwardAmount(other, marks, other.Fixed, 0, false)
		}
	}
	return step.Amount
}

// drawGift takes what is given of the reward from its stock and all limits. none
// says why none of the reward is left, if that is why nothing is given.
func (t *Turn) drawGift(g *Giving, wanted int64) (amount int64, by Limit, none Step) {
	reward := g.Wallet.Gift.Reward
	fits, short := reward.Fits(t, wanted)
	if fits > 0 {
		amount, by = t.limit(g, fits)
	}
	if amount > 0 || fits == 0 {
		reward.Draw(t, amount, fits, wanted)
	}
	if fits == 0 {
		none = short
	}
	return amount, by, none
}

// issueGift gives what was awarded of a reward.
func (t *Turn) issueGift(a *Award) {
	w := a.Giving.Wallet
	lot := ledger.Lot{Rule: a.Giving.Rule, Remaining: a.Amount, EarnedAt: t.At, ActivatesAt: t.At, ExpiresAt: calendar.Never}
	t.Book.Issue(w.Name, lot, ledger.Issuer, ledger.Issue, t.At, t.Clock)
	parts, ok := t.Book.TakeParts(w.Name, a.Amount, ledger.Spent, ledger.Spend, t.Clock)
	if ok && len(parts) == 1 {
		w.Gift.Reward.Give(t, a.Amount, parts[0])
	}
}

// EndToken ends n of the pieces that stand for a reward which is taken back.
func (t *Turn) EndToken(token ledger.Part, n int64) {
	token.Lot.Remaining = n
	t.Book.Restore([]ledger.Part{token}, ledger.Spent, ledger.Refund, t.Clock, 0)
	t.Book.Withdraw(token.Wallet, []uint32{token.Lot.No}, n, t.Clock)
}

// lacked says why none of a reward was left when the purchase was decided; zero if
// that was not why the rule gave none.
func (r *replay) lacked(g *Giving) Result {
	for i := range r.past.Decision.Steps {
		s := &r.past.Decision.Steps[i]
		if s.Rule == g.Rule && s.Wallet == g.Wallet.Name && (s.Result == SoldOut || s.Result == TakenOften) {
			return s.Result
		}
	}
	return 0
}

// GiftPrefix begins the ids of redemptions that rules gave. They are no events' ids.
const GiftPrefix = "gft_"

// GiftID is the id of the redemption of a reward that a rule gave to a member: it
// names the token that was spent on it, and so does not depend on what event brought
// it about.
func GiftID(member ledger.MemberID, token uint32) string {
	return GiftPrefix + member.String()[len(ledger.MemberPrefix):] + "_" + strconv.FormatUint(uint64(token), 10)
}

// GiftOwner gives the member to whom a rule gave the redemption with the id; ok is
// false for other ids.
func GiftOwner(id string) (member ledger.MemberID, ok bool) {
	rest, ok := strings.CutPrefix(id, GiftPrefix)
	digits, token, cut := strings.Cut(rest, "_")
	if !ok || !cut {
		return 0, false
	}
	if _, err := strconv.ParseUint(token, 10, 32); err != nil {
		return 0, false
	}
	member, err := ledger.ParseMember(ledger.MemberPrefix + digits)
	return member, err == nil && GiftPrefix+member.String()[len(ledger.MemberPrefix):]+"_"+token == id
}

// GiftWithdrawal asks for so many of the vouchers of a redemption that a rule gave.
type GiftWithdrawal struct {
	Redemption string
	Reward     ledger.Name
	Quantity   int64
}

// Append encodes what is asked.
func (g *GiftWithdrawal) Append() []byte {
	var w ledger.Writer
	w.Text(g.Redemption)
	w.Uint(uint64(g.Reward))
	w.Int(g.Quantity)
	return w.Bytes
}

// OpenGiftWithdrawal reads what Append wrote; the error is ledger.ErrMalformed for
// other bytes.
func OpenGiftWithdrawal(carried []byte) (GiftWithdrawal, error) {
	r := ledger.Reader{Bytes: carried}
	g := GiftWithdrawal{Redemption: r.Text(), Reward: ledger.Name(r.Uint()), Quantity: r.Int()}
	return g, r.Done()
}

// Given gives how many of a reward the rules gave in the decision.
func (d *Decision) Given(reward ledger.Name) int64 {
	sum := int64(0)
	for i := range d.Steps {
		if s := &d.Steps[i]; s.Wallet == reward && s.Result == Gave {
			sum += s.Amount
		}
	}
	return sum
}
