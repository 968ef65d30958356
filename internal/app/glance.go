package app

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/tier"
	"premia/internal/core/money"
	"premia/internal/core/text"
	"premia/internal/store"
)

// ActiveWithin is within how many days a member counts as active who bought, took a
// reward, joined, or did something that the program names.
const ActiveWithin = 30

// glanceDays is how many days charts show.
const glanceDays = 90

// Glance is a program at a glance. It follows from figures, which run a few seconds
// behind the journal.
type Glance struct {
	At calendar.Instant
	// Today is the last of Days, as the number of days from 1970-01-01.
	Today     int64
	Program   *engine.Program // nil before the first
	Members   int64
	Active    int64
	Days      []GlanceDay // the oldest first, without gaps
	Wallets   []GlanceWallet
	Ladders   []GlanceLadder
	Budgets   []BudgetUse
	Rewards   map[ledger.Name]RewardUse
	Rules     map[ledger.Name]RuleUse // what came of rules
	Attention []Condition
}

// GlanceDay is what happened on a day.
type GlanceDay struct {
	Number                             int64
	Joined, Active, Purchases, Rewards int64
	// Total is what purchases cost, in minor units of the currency.
	Total int64
}

// Date gives the day.
func (d GlanceDay) Date() text.Date { return dateOf(d.Number) }

func dateOf(number int64) text.Date {
	y, m, day := time.Unix(number*24*60*60, 0).UTC().Date()
	return text.Date{Year: y, Month: m, Day: day}
}

// GlanceWallet is where the value of a wallet stands, in its minor units.
type GlanceWallet struct {
	*engine.Wallet
	Issued, Spent, Expired, Outstanding int64
	// Liability is the worth of what is outstanding in minor units of the currency;
	// HasWorth tells whether the wallet has one.
	Liability int64
	HasWorth  bool
	// Days are what was issued, spent and expired on the days of the glance.
	Days []WalletDay
}

// WalletDay is what became of value on a day.
type WalletDay struct{ Issued, Spent, Expired int64 }

// GlanceLadder is how many members have which level.
type GlanceLadder struct {
	*tier.Ladder
	Members []int64 // by level
}

// BudgetUse is a budget and what is used of it.
type BudgetUse struct {
	*engine.Budget
	// ID is its name without "budget.", and Title that of the rule that has it.
	ID    string
	Title text.Localized
	Used  int64
	// Windows is how many stores or periods have used of one that each has for itself;
	// Used is then that of the one that used most.
	Windows int
}

// Percent is how much of the budget is used, in whole percent, downwards.
func (b *BudgetUse) Percent() int64 {
	if b.Cap <= 0 {
		return 0
	}
	whole, rest := b.Used/b.Cap, b.Used%b.Cap
	return whole*100 + percentOf(rest, b.Cap)
}

// percentOf gives part of all in percent without overflowing; part is less than all.
func percentOf(part, all int64) int64 {
	for all > 1<<50 {
		part, all = part>>1, all>>1
	}
	return part * 100 / all
}

// RewardUse is how often a reward became members'.
type RewardUse struct {
	Redeemed, Refunded, Given, TakenBack int64
	// Last is the day on which it last did, as a number; 0 if never.
	Last int64
}

// RuleUse is what came of a rule.
type RuleUse struct {
	// Times is in how many decisions it gave something or took off a price.
	Times int64
	// Bought is what the purchases among them cost, and Reduced what it took off prices,
	// in minor units of the currency.
	Bought, Reduced int64
	// Gave is what it gave, by the name of the wallet, in its minor units.
	Gave map[string]int64
	// Given, Activated and GivenUp are how often that became of an offer.
	Given, Activated, GivenUp int64
}

// Kept is how many members have kept.
func (r RewardUse) Kept() int64 { return r.Redeemed - r.Refunded + r.Given - r.TakenBack }

// LastDay gives the day on which the reward was last had.
func (r RewardUse) LastDay() text.Date { return dateOf(r.Last) }

// MakeGlance adds the figures up as of now.
func (a *App) MakeGlance(ctx context.Context) (*Glance, error) {
	g := &Glance{At: a.Journal.Now(), Program: a.program(), Rewards: map[ledger.Name]RewardUse{}, Rules: map[ledger.Name]RuleUse{}}
	var err error
	if g.Program != nil {
		g.Today = dayNumber(g.At, g.Program.Zone)
		if err := a.figuresOf(ctx, g); err != nil {
			return nil, err
		}
		if g.Budgets, err = a.budgetUses(ctx, g.Program); err != nil {
			return nil, err
		}
	}
	g.Attention, err = a.attention(ctx, g)
	return g, err
}

func (a *App) figuresOf(ctx context.Context, g *Glance) error {
	totals, err := a.Store.FigureTotals(ctx, g.Today)
	if err != nil {
		return err
	}
	days, err := a.Store.Figures(ctx, g.Today-glanceDays, g.Today)
	if err != nil {
		return err
	}
	sums := make(map[figureKey]int64, len(totals))
	for _, t := range totals {
		sums[figureKey{name: t.Name, about: t.About}] = t.Amount
		g.reward(&t)
	}
	g.Members = max(sums[figureKey{name: FigureMembers}], 0)
	g.fillDays(days)
	if err := g.wallets(sums, days); err != nil {
		return err
	}
	for _, l := range tier.Ladders(g.Program) {
		mix, lowest := GlanceLadder{Ladder: l, Members: make([]int64, len(l.Levels))}, g.Members
		for i := range l.Levels[1:] {
			mix.Members[i+1] = sums[figureKey{name: FigureLevel, about: l.Levels[i+1].Name}]
			lowest -= mix.Members[i+1]
		}
		mix.Members[0] = max(lowest, 0)
		g.Ladders = append(g.Ladders, mix)
	}
	return nil
}

// reward takes up a figure that is about a reward or a rule.
func (g *Glance) reward(t *store.FigureTotal) {
	if g.rule(t) {
		return
	}
	use := g.Rewards[t.About]
	switch t.Name {
	case FigureRedeemed:
		use.Redeemed, use.Last = t.Amount, max(use.Last, t.Last)
	case FigureGiven:
		use.Given, use.Last = t.Amount, max(use.Last, t.Last)
	case FigureRefunded:
		use.Refunded = t.Amount
	case FigureGiftTaken:
		use.TakenBack = t.Amount
	default:
		return
	}
	g.Rewards[t.About] = use
}

// rule takes up a figure that is about what came of a rule.
func (g *Glance) rule(t *store.FigureTotal) bool {
	use := g.Rules[t.About]
	wallet, gave := strings.CutPrefix(t.Name, figureGave)
	switch {
	case gave:
		if use.Gave == nil {
			use.Gave = map[string]int64{}
		}
		use.Gave[wallet] = t.Amount
	case t.Name == FigureTimes:
		use.Times = t.Amount
	case t.Name == FigureBought:
		use.Bought = t.Amount
	case t.Name == FigureReduced:
		use.Reduced = t.Amount
	case t.Name == FigureOfferGiven:
		use.Given = t.Amount
	case t.Name == FigureOfferActivated:
		use.Activated = t.Amount
	case t.Name == FigureOfferGivenUp:
		use.GivenUp = t.Amount
	default:
		return false
	}
	g.Rules[t.About] = use
	return true
}

func (g *Glance) fillDays(figures []store.Figure) {
	first := g.Today - glanceDays + 1
	g.Days = make([]GlanceDay, glanceDays)
	for i := range g.Days {
		g.Days[i].Number = first + int64(i)
	}
	for _, f := range figures {
		day := &g.Days[f.Day-first]
		switch f.Name {
		case FigureMembers:
			day.Joined += f.Amount
		case FigureActive:
			if f.Day > g.Today-ActiveWithin {
				g.Active += f.Amount
			}
		case FigureActiveThatDay:
			day.Active += f.Amount
		case FigurePurchases:
			day.Purchases += f.Amount
		case FigurePurchaseTotal:
			day.Total += f.Amount
		case FigureRedeemed, FigureGiven:
			day.Rewards += f.Amount
		}
	}
}

func (g *Glance) wallets(sums map[figureKey]int64, days []store.Figure) error {
	for i := range g.Program.Wallets {
		w := &g.Program.Wallets[i]
		if w.Currency != "" {
			continue
		}
		in := func(a ledger.Account) int64 { return sums[figureKey{name: accountFigures[a], about: w.Name}] }
		x := GlanceWallet{
			Wallet: w, Issued: -in(ledger.Issuer), Spent: in(ledger.Spent), Expired: in(ledger.Expired),
			Outstanding: in(ledger.Pending) + in(ledger.Available) + in(ledger.Held),
			HasWorth:    !w.Worth.IsZero(), Days: make([]WalletDay, glanceDays),
		}
		for _, f := range days {
			if f.About != w.Name {
				continue
			}
			day := &x.Days[f.Day-g.Days[0].Number]
			switch f.Name {
			case accountFigures[ledger.Issuer]:
				day.Issued -= f.Amount
			case accountFigures[ledger.Spent]:
				day.Spent += f.Amount
			case accountFigures[ledger.Expired]:
				day.Expired += f.Amount
			}
		}
		if x.HasWorth {
			var err error
			if x.Liability, err = worthOf(x.Outstanding, w, g.Program.Currency.Scale); err != nil {
				return fmt.Errorf("the liability of the wallet %s: %w", w.ID, err)
			}
		}
		g.Wallets = append(g.Wallets, x)
	}
	return nil
}

// worthOf gives the worth of minor units of a wallet in minor units of money.
func worthOf(minor int64, w *engine.Wallet, scale int) (int64, error) {
	units, err := money.NewRate(engine.Power10(scale), engine.Power10(w.Unit.Scale))
	if err != nil {
		return 0, err
	}
	rate, err := w.Worth.Mul(units)
	if err != nil {
		return 0, err
	}
	return rate.Apply(minor, money.HalfEven)
}

// budgetUses gives the budgets of a program with what is used of them now.
func (a *App) budgetUses(ctx context.Context, p *engine.Program) ([]BudgetUse, error) {
	all, err := a.Store.QuotaList(ctx)
	if err != nil {
		return nil, err
	}
	used := map[ledger.Name][]store.Quota{}
	for _, q := range all {
		used[q.Quota.Name] = append(used[q.Quota.Name], q)
	}
	var out []BudgetUse
	for i := range p.Budgets {
		b := &p.Budgets[i]
		x := BudgetUse{Budget: b, ID: strings.TrimPrefix(p.Names.Name(b.Quota), "budget."), Title: p.Rules[b.Rule].Title}
		for _, q := range used[b.Quota] {
			x.Used = max(x.Used, q.Used)
			if b.Limit > engine.InTotal && q.Used > 0 {
				x.Windows++
			}
		}
		out = append(out, x)
	}
	slices.SortFunc(out, func(x, y BudgetUse) int { return strings.Compare(x.ID, y.ID) })
	return out, nil
}

// glances keeps the newest glance, so that asking for it costs nothing.
type glances struct {
	newest atomic.Pointer[Glance]
	making sync.Mutex
}

// glanceKept is how old a glance may be that is shown where nothing makes them in the
// background, as in commands and tests.
const glanceKept = 2 * calendar.Second

// Glance gives the program at a glance, a few seconds old at most, and never that of
// another program than the one in force.
func (a *App) Glance(ctx context.Context) (*Glance, error) {
	live := a.program()
	if g := a.glances.newest.Load(); g != nil && g.Program == live && a.figuring.Load() {
		return g, nil
	}
	a.glances.making.Lock()
	defer a.glances.making.Unlock()
	if g := a.glances.newest.Load(); g != nil && g.Program == live && a.Journal.Now()-g.At < glanceKept && a.Journal.Now() >= g.At {
		return g, nil
	}
	return a.renewGlance(ctx)
}

func (a *App) renewGlance(ctx context.Context) (*Glance, error) {
	if _, err := a.CatchUpFigures(ctx); err != nil {
		return nil, err
	}
	g, err := a.MakeGlance(ctx)
	if err == nil {
		a.glances.newest.Store(g)
	}
	return g, err
}

// Figures adds up the journal and keeps the glance fresh until it is stopped.
type Figures struct {
	stop    context.CancelFunc
	running sync.WaitGroup
}

// StartFigures begins to add up, every so often; Stop ends it.
func (a *App) StartFigures(ctx context.Context, every time.Duration) *Figures {
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	f := &Figures{stop: stop}
	f.running.Go(func() {
		defer a.figuring.Store(false)
		for {
			if _, err := a.renewGlance(ctx); err == nil {
				a.figuring.Store(true)
			} else if ctx.Err() == nil {
				a.Log.Warn("the figures can't be added up", "error", err)
			}
			select {
			case <-ctx.Done():
				return
			case <-time.After(every):
			}
		}
	})
	return f
}

// Stop ends the adding up; a page under way is finished or given up as a whole.
func (f *Figures) Stop() {
	f.stop()
	f.running.Wait()
}
