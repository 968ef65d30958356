package year

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/money"
	"premia/internal/insight/report"
	"premia/internal/insight/simulate"
)

// Cost is what a program costs over a year that was made up, or over a past. Amounts of
// money are minor units of its currency.
type Cost struct {
	Report *report.Report
	Scale  int // decimals of the currency
	// Sales are the totals of members' purchases, less what goods that came back had
	// cost before reductions.
	Sales int64
	// Rewards is what those that members took, or rules gave them, cost the business, by
	// what the program says of one. Reductions is what promotions and codes took off.
	Rewards, Reductions int64
	// Unpriced is how many rewards were taken of which the program does not say what
	// one costs; they are in no sum.
	Unpriced int64
	Wallets  []Held
}

// Held is what members still have of one wallet at the end.
type Held struct {
	Wallet *report.Wallet
	// Reserve is what is outstanding, at what as much cost where it was spent; at the
	// wallet's worth where nothing was. It is as if nothing of it would expire.
	Reserve int64
}

// Of makes up a year and decides it under the program.
func Of(ctx context.Context, folder fs.FS, p *engine.Program, seed uint64) (*Cost, error) {
	made, err := Make(folder, p, seed)
	if err != nil {
		return nil, err
	}
	h, err := simulate.Load(ctx, &source{made.Events}, event.Scales{Currency: p.Currency.Scale})
	if err != nil {
		return nil, err
	}
	out, err := simulate.Run(ctx, simulate.Under(p), h, simulate.Options{AsOf: made.End})
	if err != nil {
		return nil, err
	}
	if h.Refused+out.RefusedEvents > 0 {
		return nil, fmt.Errorf("%d events of the year can't be decided under the program", h.Refused+out.RefusedEvents)
	}
	c, err := Reckon(out.Report)
	if err == nil {
		c.Sales -= made.Returned
	}
	return c, err
}

// Reckon says what a program cost that came to a report. Its sales are with the goods that
// came back, of which a report does not say what they had cost.
func Reckon(r *report.Report) (*Cost, error) {
	c := &Cost{Report: r, Scale: r.PurchaseTotal.Scale, Sales: r.PurchaseTotal.Minor}
	return c, c.add()
}

// source gives the events of a year to a simulation.
type source struct{ left []*event.Event }

// Next gives the next event.
func (s *source) Next(context.Context) (simulate.Entry, error) {
	if len(s.left) == 0 {
		return simulate.Entry{}, io.EOF
	}
	e := s.left[0]
	s.left = s.left[1:]
	return simulate.Entry{Event: e}, nil
}

// add adds up what the report says.
func (c *Cost) add() error {
	for i := range c.Report.Discounts {
		c.Reductions += c.Report.Discounts[i].Off.Minor
	}
	// A reward that is paid with several wallets counts under the first.
	spent, cost := map[string]int64{}, map[string]int64{}
	for i := range c.Report.Rewards {
		r := &c.Report.Rewards[i]
		bought := r.Redeemed - r.Refunded
		kept := bought + r.Given - r.TakenBack
		switch {
		case kept == 0:
		case r.Cost == nil:
			c.Unpriced += kept
		default:
			c.Rewards += r.Cost.Minor
			if len(r.Spent) > 0 {
				spent[r.Spent[0].Wallet] += r.Spent[0].Amount.Minor
				cost[r.Spent[0].Wallet] += r.Cost.Minor / kept * bought // each costs the same
			}
		}
	}
	for i := range c.Report.Wallets {
		w := &c.Report.Wallets[i]
		held := Held{Wallet: w}
		if err := held.reserve(cost[w.Wallet], spent[w.Wallet]); err != nil {
			return fmt.Errorf("what is outstanding of %s: %w", w.Wallet, err)
		}
		c.Wallets = append(c.Wallets, held)
	}
	return nil
}

// reserve puts a price on what is outstanding: what as much cost where it was spent
// or, where nothing was, its worth.
func (h *Held) reserve(cost, spent int64) error {
	switch {
	case spent > 0:
		unit, err := money.NewRate(cost, spent)
		if err != nil {
			return err
		}
		h.Reserve, err = unit.Apply(h.Wallet.Outstanding.Minor, money.HalfEven)
		return err
	case h.Wallet.Liability != nil:
		h.Reserve = h.Wallet.Liability.Minor
	}
	return nil
}

// Total is all that the program costs: the rewards that were taken, the reductions, and
// the reserve for what members may still spend.
func (c *Cost) Total() int64 {
	sum := c.Rewards + c.Reductions
	for i := range c.Wallets {
		sum += c.Wallets[i].Reserve
	}
	return sum
}

// Share is the cost in hundredths of a percent of sales, rounded half to even; 0 without
// sales.
func (c *Cost) Share() (int64, error) {
	if c.Sales <= 0 {
		return 0, nil
	}
	unit, err := money.NewRate(100_00, c.Sales)
	if err != nil {
		return 0, err
	}
	return unit.Apply(c.Total(), money.HalfEven)
}

// WriteText writes the figures for people.
func (c *Cost) WriteText(out io.Writer) error {
	share, err := c.Share()
	if err != nil {
		return err
	}
	var b strings.Builder
	currency := c.Report.Currency
	amount := func(minor int64) string {
		return grouped(money.Format(minor, c.Scale)) + " " + currency
	}
	line := func(what, value string) { fmt.Fprintf(&b, "%-34s %18s\n", what, value) }
	line("members", grouped(fmt.Sprint(c.Report.Members)))
	line("purchases of members", grouped(fmt.Sprint(c.Report.Purchases)))
	line("sales to members, less returns", amount(c.Sales))
	for i := range c.Wallets {
		w := c.Wallets[i].Wallet
		line(w.Wallet+" issued", grouped(w.Issued.String()))
		line(w.Wallet+" spent", grouped(w.Spent.String()))
		line(w.Wallet+" expired", grouped(w.Expired.String()))
		line(w.Wallet+" outstanding", grouped(w.Outstanding.String()))
		if w.Liability != nil {
			line(w.Wallet+" liability, at its worth", amount(w.Liability.Minor))
		}
	}
	line("cost of rewards that were taken", amount(c.Rewards))
	if c.Unpriced > 0 {
		line("taken rewards that say no cost", grouped(fmt.Sprint(c.Unpriced)))
	}
	line("taken off prices", amount(c.Reductions))
	for i := range c.Wallets {
		if h := &c.Wallets[i]; h.Reserve != 0 {
			line("reserve for "+h.Wallet.Wallet, amount(h.Reserve))
		}
	}
	line("cost", amount(c.Total()))
	line("cost as a share of sales", money.Format(share, 2)+" %")
	_, err = io.WriteString(out, b.String())
	return err
}

// grouped puts a comma after the thousands of a number.
func grouped(number string) string {
	whole, fraction, dotted := strings.Cut(number, ".")
	sign := ""
	if rest, negative := strings.CutPrefix(whole, "-"); negative {
		sign, whole = "-", rest
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if dotted {
		return sign + whole + "." + fraction
	}
	return sign + whole
}
