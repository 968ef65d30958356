package program

import (
	"strings"
	"time"

	"github.com/govalues/decimal"

	"premia/internal/core/condition"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/rule"
	"premia/internal/core/text"
)

// Explanation says in words what a decision came to and why. Nothing in it is
// kept: it is made again from the decision whenever somebody reads it.
type Explanation struct {
	// Outcome says what became of the event.
	Outcome text.Message
	// Reasons are the rules that were considered, in order.
	Reasons []Reason
	// Movements are what happened to the balances beside what rules gave: what
	// became available, expired, or levelled a negative balance.
	Movements []text.Message
}

// Reason is what one rule came to, and why.
type Reason struct {
	// Rule is the rule's name, such as "earn.spend".
	Rule   string
	Result engine.Result
	// Wallet is the id of the wallet, empty where none is concerned.
	Wallet string
	// Amount was given, in the wallet's minor units; negative if taken.
	Amount int64
	Words  text.Message
}

// Explain puts a decision into words. p is the version that the decision names,
// names the workspace's register, and e the event that was decided upon, nil if
// it is not at hand.
func Explain(p *engine.Program, names *engine.Names, d *engine.Decision, e *event.Event) Explanation {
	x := explainer{p, names, d, e}
	out := Explanation{Outcome: x.outcome()}
	for i := range d.Steps {
		out.Reasons = append(out.Reasons, x.reason(&d.Steps[i]))
	}
	out.Movements = x.movements()
	return out
}

type explainer struct {
	program  *engine.Program
	names    *engine.Names
	decision *engine.Decision
	event    *event.Event
}

func (x *explainer) outcome() text.Message {
	m := text.New("outcome." + x.decision.Outcome.String())
	if x.event == nil {
		return m
	}
	switch x.decision.Outcome {
	case engine.AlreadyConfirmed, engine.AlreadyCancelled, engine.HoldTimedOut:
		if x.event.Checkout != "" {
			m.ID = "outcome.checkout." + x.decision.Outcome.String()
		}
	case engine.NoSuchWallet:
		m.Args = append(m.Args, text.Arg{Name: "Wallet", Value: text.Quoted(x.event.Wallet)})
	case engine.NoSuchReward:
		m.Args = append(m.Args, text.Arg{Name: "Reward", Value: text.Quoted(x.event.Reward)})
	case engine.NoSuchOffer:
		m.Args = append(m.Args, text.Arg{Name: "Offer", Value: text.Quoted(x.event.Offer)})
	case engine.NoSuchChoice:
		m.Args = append(m.Args, text.Arg{Name: "Option", Value: text.Quoted(x.event.Option)})
	case engine.NoSuchStatus:
		m.Args = append(m.Args, text.Arg{Name: "Status", Value: text.Quoted(x.event.Status)})
	}
	return m
}

func (x *explainer) reason(s *engine.Step) Reason {
	r := Reason{Rule: x.names.Name(s.Rule), Result: s.Result, Words: x.words(s)}
	if s.Result == engine.Delivered {
		return r // its amount is a number of awards
	}
	r.Amount = s.Amount
	switch s.Result {
	case engine.Took, engine.TookBack, engine.Redeemed, engine.HeldFor, engine.GivenAway, engine.PaidWith,
		engine.ToFamily, engine.ToMember, engine.TookFromFamily:
		r.Amount = -s.Amount
	case engine.TooDear, engine.BelowLeast, engine.NotEnough, engine.PaysTooMuch, engine.PaysTooLittle,
		engine.Progressed, engine.Achieved, engine.FellBack, engine.NotAchieved,
		engine.AboveAlone, engine.Refrained, engine.AskedBack,
		engine.Scored, engine.ScoredLess, engine.Placed:
		r.Amount = 0 // what is there, or must be
	}
	if w := x.program.Wallet(s.Wallet); w != nil {
		r.Wallet = w.ID
	}
	return r
}

// title names a rule: by the program's words, by the catalogue's or, where the
// program no longer has it, by its id.
func (x *explainer) title(no ledger.Name) any {
	name := x.names.Name(no)
	kind, id, _ := strings.Cut(name, ".")
	known, ok := x.program.Rules[no]
	switch {
	case kind == "event":
		return rule.EventName(x.program, id)
	case ok && (kind == "welcome" || kind == "anniversary"):
		return text.New("tier."+kind, "Title", known.Title)
	case ok && len(known.Title.Texts) > 0:
		return known.Title
	case ok:
		return text.New(name)
	}
	return text.Quoted(name)
}

// words says what one step came to.
func (x *explainer) words(s *engine.Step) text.Message {
	m := text.New("explain."+s.Result.String(), "Title", x.title(s.Rule))
	add := func(name string, value any) { m.Args = append(m.Args, text.Arg{Name: name, Value: value}) }
	known := x.program.Rules[s.Rule]
	if x.checkout(s, &m) || x.gift(s, &m) || x.offer(s, &known, add) || x.ranked(s, add) {
		return m
	}
	switch s.Result {
	case engine.Gave:
		add("Points", x.points(s.Wallet, s.Amount))
		x.counted(s, add)
		if s.Amount < s.Wanted {
			add("Cut", x.cut(s))
		}
	case engine.TooLittle:
		x.counted(s, add)
	case engine.NotMet, engine.Missing:
		x.unmet(s, known.When, add)
	case engine.NoItems:
		if known.Items != nil {
			add("Condition", known.Items.Words())
		}
	case engine.NotYet, engine.Over, engine.WrongTime:
		add("Window", sentences(known.Window))
	case engine.Outdone:
		add("By", x.title(s.By))
	case engine.LimitReached, engine.BudgetSpent:
		if l := x.limit(s); l != nil {
			add("Limit", *l)
		}
		add("Wanted", x.points(s.Wallet, s.Wanted))
	case engine.Took:
		if s.Amount < s.Wanted {
			m.ID += "_part"
			add("Wanted", x.points(s.Wallet, s.Wanted))
		}
		add("Points", x.points(s.Wallet, -s.Amount))
	case engine.AboveAlone, engine.Refrained:
		add("Points", x.points(s.Wallet, s.Amount))
		add("Wanted", x.points(s.Wallet, s.Wanted))
	case engine.Redeemed, engine.HeldFor, engine.Restored, engine.TooDear, engine.TakenOften, engine.Reached,
		engine.NoSlot, engine.SlotOver, engine.SlotFar, engine.SlotFull:
		if (s.Result == engine.Redeemed || s.Result == engine.HeldFor) && s.Wallet == 0 {
			m.ID += "_free"
		}
		x.redemption(s, add)
	case engine.GivenAway, engine.Received, engine.CameBack, engine.BelowLeast, engine.NotEnough,
		engine.ToFamily, engine.FromMember, engine.FromFamily, engine.ToMember, engine.AskedBack, engine.TookFromFamily:
		x.transfer(s, &m, add)
	case engine.LevelReached, engine.LevelLost, engine.LevelKept, engine.Came:
		x.level(s, add)
	case engine.Progressed, engine.Achieved, engine.FellBack, engine.NotAchieved:
		x.goal(s, add)
	case engine.PaidOut:
		add("Money", x.program.Money(s.Base))
	case engine.TookBack:
		add("Points", x.points(s.Wallet, -s.Amount))
		if s.Amount < s.Wanted {
			add("Wanted", x.points(s.Wallet, s.Wanted))
		}
	case engine.Won, engine.PrizeGone, engine.PrizeBack, engine.PlayedOften,
		engine.Entered, engine.EnteredOften, engine.EntriesBack, engine.WonContest, engine.ToClaim, engine.PrizeLapsed, engine.WonBefore:
		x.surprise(s, add)
	case engine.NotReferred, engine.CountedForReferrer, engine.ByNoLink, engine.CountedByLink, engine.CommissionFor, engine.CommissionLess:
		x.referral(s, add)
	case engine.Unmatched:
		unmatched(s, add)
	}
	return m
}

// unmatched adds the goods that no purchase has.
func unmatched(s *engine.Step, add func(string, any)) {
	if s.Read != "" {
		add("Read", text.Quoted(s.Read))
		add("Number", text.Points{Minor: s.Base, Scale: event.QuantityScale})
	}
}

// sentences puts sentences one after another.
func sentences(all []text.Message) any {
	if len(all) == 0 {
		return ""
	}
	said := all[len(all)-1]
	for i := len(all) - 2; i >= 0; i-- {
		said = text.New("explain.sentences", "First", all[i], "Rest", said)
	}
	return said
}

func (x *explainer) points(wallet ledger.Name, minor int64) text.Points {
	if w := x.program.Wallet(wallet); w != nil {
		return w.Points(minor)
	}
	return text.Points{Minor: minor}
}

// counted says what the rule counted, where it is clear whether that is money
// or goods.
func (x *explainer) counted(s *engine.Step, add func(string, any)) {
	money, items := s.Result == engine.TooLittle && s.Base > 0, false
	for _, g := range x.program.Rules[s.Rule].Givings {
		money = money || g.Measure == engine.ByAmount
		items = items || g.Measure == engine.ByItems
	}
	switch {
	case s.Base == 0 || money == items:
	case money:
		id := "explain.for_money"
		if s.Result == engine.TooLittle {
			id = "explain.counted_money"
		}
		add("For", text.New(id, "Money", x.program.Money(s.Base)))
	default:
		add("For", text.New("explain.for_items", "Number", text.Points{Minor: s.Base, Scale: event.QuantityScale}))
	}
}

func (x *explainer) cut(s *engine.Step) text.Message {
	m := text.New("explain.cut", "Wanted", x.points(s.Wallet, s.Wanted))
	if l := x.limit(s); l != nil {
		m.Args = append(m.Args, text.Arg{Name: "Limit", Value: *l})
	}
	return m
}

// limit finds the limit that cut a step; nil if it can be one of two.
func (x *explainer) limit(s *engine.Step) *text.Message {
	var found *text.Message
	for _, g := range x.program.Rules[s.Rule].Givings {
		for i := range g.Limits {
			l := &g.Limits[i]
			// A limit of times gives all or nothing.
			if l.Limit != s.Limit || g.Wallet.Name != s.Wallet || (l.Times && s.Amount > 0) {
				continue
			}
			if found != nil {
				return nil
			}
			words := rule.LimitWords(x.program, g.Wallet, l)
			found = &words
		}
	}
	return found
}

// unmet says which part of a condition is not met, and what it read.
func (x *explainer) unmet(s *engine.Step, when *condition.Expression, add func(string, any)) {
	if when == nil || int(s.Part) >= when.Parts() {
		add("Condition", text.New("explain.a_condition"))
		return
	}
	add("Condition", when.PartWords(int(s.Part)))
	if s.Result == engine.NotMet && s.Read != "" {
		if said := when.ReadWords(int(s.Part), valueOf(s.Read)); said != nil {
			add("Read", said)
			return
		}
		add("Read", x.read(s.Read))
	}
}

// valueOf is a number or a text that a condition read, as the engine kept it.
func valueOf(kept string) condition.Value {
	if d, err := decimal.Parse(kept); err == nil && d.String() == kept {
		return condition.DecimalValue(d)
	}
	return condition.StringValue(kept)
}

// read shows a value that a condition read, as the engine kept it.
func (x *explainer) read(kept string) any {
	if kept == "true" || kept == "false" {
		return kept == "true"
	}
	if at, err := time.Parse(time.RFC3339Nano, kept); err == nil {
		return text.Moment(at.In(x.program.Zone))
	}
	if d, err := decimal.Parse(kept); err == nil && d.String() == kept && d.Scale() <= 6 {
		return text.Points{Minor: signed(d), Scale: d.Scale()}
	}
	return text.Quoted(kept)
}

func signed(d decimal.Decimal) int64 {
	if d.IsNeg() {
		return -int64(d.Coef())
	}
	return int64(d.Coef())
}
