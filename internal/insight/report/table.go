package report

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"premia/internal/core/engine"
)

// figure is one number of a report, for people.
type figure struct {
	section, label string
	value          Amount
	// always tells that it is shown even when it is zero.
	always bool
}

// figures lists a report's numbers in order. Two reports name equal figures
// equally.
func (r *Report) figures() []figure {
	f := lister{section: "total"}
	f.count("members", r.Members)
	f.count("purchases", r.Purchases)
	f.add("purchase total, "+r.Currency, r.PurchaseTotal, true)
	f.count("returns", r.Returns)
	f.add("purchases without a member", Amount{r.GuestPurchases, 0}, false)
	f.add("total without a member, "+r.Currency, r.GuestTotal, false)
	f.add("returns without a member", Amount{r.GuestReturns, 0}, false)
	f.section = "returned goods"
	g := &r.ReturnedGoods
	f.add("returns that match no purchase", Amount{g.UnmatchedReturns, 0}, false)
	f.add("lines of them", Amount{g.UnmatchedLines, 0}, false)
	f.add("pieces of them", g.UnmatchedQuantity, false)
	f.add("returns that wait for a purchase", Amount{g.Waiting, 0}, false)
	f.add("overdue", Amount{g.Overdue, 0}, false)
	for _, l := range r.Tiers {
		f.section = "tier " + l.Ladder
		for _, v := range l.Levels {
			f.count(v.Level, v.Members)
		}
	}
	for i := range r.Wallets {
		w := &r.Wallets[i]
		f.section = "wallet " + w.Wallet
		f.value(&w.Value, true)
		f.add("debt", w.Debt, true)
		f.add("in transit", w.Transit, false)
		f.add("transferred", w.Transferred, false)
		f.add("outstanding", w.Outstanding, true)
		f.add("undone by returns", w.Undone, false)
		f.add("taken back", w.TakenBack, false)
		if w.Liability != nil {
			f.add("liability, "+r.Currency, *w.Liability, true)
		}
	}
	f.giftCards(r.GiftCards)
	for i, rules := range [...][]Rule{r.Rules, r.Campaigns, r.Others} {
		for n := range rules {
			f.rule(&rules[n], i < 2)
		}
	}
	f.rewards(r)
	f.goals(r)
	f.offers(r)
	f.referrals(r)
	f.ambassadors(r)
	f.leaderboards(r)
	for _, b := range r.Budgets {
		f.section = "budget " + b.Budget
		if b.Currency != "" {
			f.section += ", " + b.Currency
		}
		if b.Windows > 0 {
			f.add("stores or periods", Amount{int64(b.Windows), 0}, true)
		}
		f.add("used", b.Used, true)
		f.add("cap", b.Cap, true)
	}
	return f.all
}

// rewards lists what was redeemed.
func (f *lister) rewards(r *Report) {
	for _, x := range r.Discounts {
		f.section = x.Rule
		f.count("reduced", x.Uses)
		f.add("taken off, "+r.Currency, x.Off, true)
	}
	for i := range r.Rewards {
		w := &r.Rewards[i]
		f.section = w.Reward
		f.count("redeemed", w.Redeemed)
		f.add("refunded", Amount{w.Refunded, 0}, false)
		f.add("given by rules", Amount{w.Given, 0}, false)
		f.add("of these taken back", Amount{w.TakenBack, 0}, false)
		for _, s := range w.Spent {
			f.add("spent, "+s.Wallet, s.Amount, false)
		}
		if w.Cost != nil {
			f.add("cost, "+r.Currency, *w.Cost, true)
		}
		if w.Worth != nil {
			f.add("worth, "+r.Currency, *w.Worth, true)
		}
	}
}

// referrals lists what came of members who brought others.
func (f *lister) referrals(r *Report) {
	x := r.Referrals
	if x == nil {
		return
	}
	f.section = "referrals"
	f.count("friends brought", x.Brought)
	f.add("invitations that did not count", Amount{x.NotCounted, 0}, false)
	f.count("bought", x.Bought)
	f.count("bought again", x.BoughtAgain)
	if x.Cost != nil {
		f.add("cost, "+r.Currency, *x.Cost, true)
	}
}

// lister collects figures.
type lister struct {
	section string
	all     []figure
}

func (f *lister) add(label string, value Amount, always bool) {
	f.all = append(f.all, figure{f.section, label, value, always})
}

func (f *lister) count(label string, n int64) { f.add(label, Amount{n, 0}, true) }

func (f *lister) value(v *Value, always bool) {
	f.add("issued", v.Issued, always)
	f.add("pending", v.Pending, always)
	f.add("available", v.Available, always)
	f.add("held", v.Held, false)
	f.add("expired", v.Expired, always)
	f.add("spent", v.Spent, false)
	f.add("withdrawn", v.Withdrawn, false)
}

// rule lists a rule's figures; always tells that it is shown even if it never
// gave anything.
func (f *lister) rule(r *Rule, always bool) {
	f.section = r.Rule
	f.add("times", Amount{r.Times, 0}, always)
	for i := range r.Wallets {
		v := &r.Wallets[i]
		f.section = r.Rule + ", " + v.Wallet
		f.value(&v.Value, false)
		f.add("paid debts", v.PaidDebts, false)
		f.add("in transit", v.Transit, false)
		f.add("cut by budgets", v.CutByBudgets, false)
		f.add("undone by returns", v.Undone, false)
		f.add("taken back", v.TakenBack, false)
	}
}

// column is one report in a table.
type column struct {
	heading string
	values  map[[2]string]Amount
}

// WriteTable writes the report for people, its numbers aligned.
func (r *Report) WriteTable(w io.Writer) error {
	figures := r.figures()
	title := "as of " + r.AsOf
	if oldest := r.ReturnedGoods.Oldest; oldest != "" {
		title += ", a return waits for its purchase since " + oldest
	}
	return write(w, title, shown(figures), []column{columnOf(r.AsOf, figures)})
}

// WriteComparison writes two reports beside one another, with what the first
// has more than the second.
func WriteComparison(w io.Writer, name string, r *Report, otherName string, other *Report) error {
	mine, theirs := r.figures(), other.figures()
	a, b := columnOf(name, mine), columnOf(otherName, theirs)
	difference := column{"difference", map[[2]string]Amount{}}
	rows := union(shown(mine), shown(theirs))
	for _, row := range rows {
		key := [2]string{row.section, row.label}
		x, y := aligned(a.values[key], b.values[key])
		difference.values[key] = x.less(y)
	}
	return write(w, "as of "+r.AsOf, rows, []column{a, b, difference})
}

// aligned gives two amounts the same scale, the larger of theirs: two programs
// may count a wallet in different ones.
func aligned(a, b Amount) (Amount, Amount) {
	scale := max(a.Scale, b.Scale)
	return Amount{a.Minor * engine.Power10(scale-a.Scale), scale}, Amount{b.Minor * engine.Power10(scale-b.Scale), scale}
}

func columnOf(heading string, figures []figure) column {
	c := column{heading, make(map[[2]string]Amount, len(figures))}
	for _, f := range figures {
		c.values[[2]string{f.section, f.label}] = f.value
	}
	return c
}

func shown(figures []figure) []figure {
	var out []figure
	for _, f := range figures {
		if f.always || f.value.Minor != 0 {
			out = append(out, f)
		}
	}
	return out
}

// union puts the figures that only the second list has where its order wants
// them: behind the one that stands before them there.
func union(first, second []figure) []figure {
	out := append([]figure(nil), first...)
	at := 0
	for _, f := range second {
		found := -1
		for i := range out {
			if out[i].section == f.section && out[i].label == f.label {
				found = i
			}
		}
		if found < 0 {
			out = append(out[:at], append([]figure{f}, out[at:]...)...)
			found = at
		}
		at = found + 1
	}
	return out
}

// write writes rows by sections: labels to the left, numbers to the right.
func write(w io.Writer, title string, rows []figure, columns []column) error {
	labels := 0
	for _, row := range rows {
		labels = max(labels, utf8.RuneCountInString(row.label)+2)
	}
	widths := make([]int, len(columns))
	for i, c := range columns {
		if len(columns) > 1 {
			widths[i] = utf8.RuneCountInString(c.heading)
		}
		for _, row := range rows {
			widths[i] = max(widths[i], utf8.RuneCountInString(c.cell(row)))
		}
	}
	var b strings.Builder
	b.WriteString(title + "\n")
	if len(columns) > 1 {
		b.WriteString(strings.Repeat(" ", labels))
		for i, c := range columns {
			fmt.Fprintf(&b, "  %*s", widths[i], c.heading)
		}
		b.WriteByte('\n')
	}
	section := ""
	for _, row := range rows {
		if row.section != section {
			section = row.section
			b.WriteString("\n" + section + "\n")
		}
		fmt.Fprintf(&b, "  %-*s", labels-2, row.label)
		for i, c := range columns {
			fmt.Fprintf(&b, "  %*s", widths[i], c.cell(row))
		}
		b.WriteByte('\n')
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// cell is a number with its thousands apart.
func (c *column) cell(row figure) string {
	v, ok := c.values[[2]string{row.section, row.label}]
	if !ok {
		return "–"
	}
	whole, fraction, point := strings.Cut(v.String(), ".")
	sign := ""
	if whole[0] == '-' {
		sign, whole = "-", whole[1:]
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if point {
		whole += "." + fraction
	}
	return sign + whole
}

// Difference is what one report has more than another, figure by figure, for
// machines.
type Difference struct {
	Figure string `json:"figure"`
	This   Amount `json:"this"`
	Other  Amount `json:"against"`
	More   Amount `json:"difference"`
}

// Differences lists the figures in which two reports differ.
func Differences(r, other *Report) []Difference {
	mine, theirs := r.figures(), other.figures()
	a, b := columnOf("", mine), columnOf("", theirs)
	out := []Difference{}
	for _, row := range union(mine, theirs) {
		key := [2]string{row.section, row.label}
		x, y := aligned(a.values[key], b.values[key])
		if x != y {
			out = append(out, Difference{row.section + ": " + row.label, x, y, x.less(y)})
		}
	}
	return out
}

// String says the difference in one line.
func (d Difference) String() string {
	sign := ""
	if d.More.Minor > 0 {
		sign = "+"
	}
	return d.Figure + ": " + d.This.String() + " against " + d.Other.String() + " (" + sign + d.More.String() + ")"
}
