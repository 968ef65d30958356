package console

import (
	"cmp"
	"context"
	"net/http"
	"sync"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/fit"
	"premia/internal/core/program"
	"premia/internal/core/text"
	"premia/internal/web/page"
)

// Cost is what a draft would have come to in one wallet over the whole history, beside
// what the rules in force come to: [0] before, [1] with the draft.
type Cost struct {
	Wallet             *engine.Wallet
	Given, Outstanding [2]text.Points
	// Liability is what the outstanding is worth, where the wallet is Worth something.
	Liability [2]text.Money
	Worth     bool
}

// Same tells that the draft makes no difference to the wallet.
func (c Cost) Same() bool {
	return c.Given[0].Minor == c.Given[1].Minor && c.Outstanding[0].Minor == c.Outstanding[1].Minor && c.Liability[0].Minor == c.Liability[1].Minor
}

// MoreGiven is how much more the draft gives; less than zero where it gives less.
func (c Cost) MoreGiven() text.Points { return morePoints(c.Given) }

// MoreOutstanding is how much more is still to be spent under the draft.
func (c Cost) MoreOutstanding() text.Points { return morePoints(c.Outstanding) }

// MoreLiability is how much more that is worth.
func (c Cost) MoreLiability() text.Money {
	more := c.Liability[1]
	more.Minor -= c.Liability[0].Minor
	return more
}

func morePoints(of [2]text.Points) text.Points {
	more := of[1]
	more.Minor -= of[0].Minor
	return more
}

// Outlay is what a program costs over a history, in its currency.
type Outlay struct {
	// Rewards is what those that members have cost, Reductions what was taken off prices,
	// and Reserve what members may still spend, at what as much cost when it was spent.
	Rewards, Reductions, Reserve text.Money
	// Purchases are members', those of goods that came back included.
	Purchases text.Money
	// Unpriced is how many rewards were taken of which the program does not say what one
	// costs; they are in no sum.
	Unpriced int64
}

// Total is the whole outlay.
func (o *Outlay) Total() text.Money {
	total := o.Rewards
	total.Minor += o.Reductions.Minor + o.Reserve.Minor
	return total
}

// Comparison is a history decided under two programs: [0] the rules in force, [1] a draft.
type Comparison struct {
	Outlays [2]Outlay
	Wallets []Cost
	// Trials say on which days of the past rules for days to come were tried.
	Trials []fit.Trial
	// From and Until are the moments of the first and the last purchase; calendar.None of
	// both where there are none.
	From, Until calendar.Instant
	Events      int64
}

// CostOf decides the history under two programs, whose rules for days to come are tried
// on days of the past.
type CostOf func(ctx context.Context, before, after *program.Document) (*Comparison, error)

// costing lets one draft at a time be replayed, since that takes the whole history
// into memory.
type costing struct {
	of   CostOf
	busy sync.Mutex
}

// Costs lets drafts be replayed over the history.
func (c *Console) Costs(of CostOf) *Console {
	c.costs.of = of
	return c
}

// mostReplayed is how many entries a history may have that is replayed while somebody
// waits; longer ones are for the command line.
const mostReplayed = 400_000

// replay decides the history under the rules in force and under the draft.
func (c *Console) replay(r *page.Context, d *reviewData) error {
	live, err := c.app.Version(r.Ctx(), 0)
	if err != nil {
		return err
	}
	now, err := program.LoadPublished("program", live.Document, engine.NewNames())
	if err != nil {
		return err
	}
	draft, err := program.Load("program", d.Document, engine.NewNames())
	if err != nil {
		return err
	}
	compared, err := c.costs.of(r.Ctx(), now, draft)
	if err != nil {
		return err
	}
	d.Cost, err = costWords(r, compared, draft.Program, d.Live)
	return err
}

// trialWords says on which days of the past a rule was tried.
func trialWords(r *page.Context, t *fit.Trial, p *engine.Program) string {
	name := cmp.Or(t.Names[r.Lang], t.Names[p.Languages[0]], t.Names[""], t.ID)
	day := func(at calendar.Instant) text.Date { return dateOf(at, p.Zone) }
	days := func(from, until calendar.Instant) text.Message {
		first, last := day(from), day(until-1)
		if first == last {
			return text.New("console.program.trial.day", "Day", first)
		}
		return text.New("console.program.trial.days", "From", first, "Until", last)
	}
	args := []any{"Name", text.Quoted(name)}
	switch {
	case t.ForGood && t.From == calendar.Beginning:
		return r.Say("console.program.trial.ends", append(args, "Day", day(t.Until-1))...)
	case t.ForGood:
		return r.Say("console.program.trial.begins", append(args, "Day", day(t.From))...)
	case t.Events == 0:
		return r.Say("console.program.trial.nothing", append(args, "Days", days(t.From, t.Until))...)
	}
	return r.Say("console.program.trial.like", append(args, "Days", days(t.From, t.Until), "Past", days(t.PastFrom, t.PastUntil))...)
}

// cost shows what the draft would have cost.
func (c *Console) cost(r *page.Context) error {
	d, err := c.reviewed(r)
	if err != nil {
		return err
	}
	before := c.app.Program()
	_, entries, err := c.app.Store.CountUpTo(r.Ctx(), 0, mostReplayed+1)
	switch {
	case err != nil:
		return err
	case c.costs.of == nil || before == nil || d.Reading.Program == nil:
		return page.ErrNotFound
	case before.Currency != d.Reading.Program.Currency:
		d.CostProblem = r.Say("console.program.cost.currency")
	case entries > mostReplayed:
		d.CostProblem = r.Say("console.program.cost.too_long", "Count", int64(mostReplayed))
	case !c.costs.busy.TryLock():
		d.CostProblem = r.Say("console.program.cost.busy")
	default:
		defer c.costs.busy.Unlock()
		if err = c.replay(r, &d); err != nil {
			return err
		}
	}
	if r.HTMX() {
		return r.Part("program_review", "cost", d)
	}
	status := http.StatusOK
	if d.CostProblem != "" {
		status = http.StatusUnprocessableEntity
	}
	return r.PageStatus(status, "program_review", d)
}
