package main

import (
	"context"
	"encoding/csv"
	"errors"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"premia/internal/core/calendar"
	"premia/internal/core/ledger"
	"premia/internal/store"
	"premia/internal/testkit/postgres"
)

// TestOnlineRetailWithReturns imports a real shop's year with its cancelled
// invoices, which say no invoice that they are about, and compares every
// member's points, and what the reports say, with what a few naive lines make of
// the file.
func TestOnlineRetailWithReturns(t *testing.T) {
	t.Parallel()
	r := newRetail(t)
	r.program = filepath.Join(filepath.Dir(r.program), "returns.yaml")
	expected := r.naiveReturns(t)
	const at = "2011-12-30"
	simulated := premia(t, "simulate", "--program", r.program, "--map", r.mapping, "--events", r.csv, "--until", at, "--json")
	for name, db := range map[string]string{"sqlite": "sqlite:" + filepath.Join(t.TempDir(), "premia.db"), "postgres": ""} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if db == "" {
				db = postgres.New(t)
			}
			premia(t, "import", "events", "--db", db, "--program", r.program, "--map", r.mapping, "--rejects", filepath.Join(t.TempDir(), "rejects.csv"), r.csv)
			premia(t, "verify", "--db", db)
			reported := premia(t, "report", "--db", db, "--as-of", at, "--json")
			if diff := cmp.Diff(simulated, reported); diff != "" {
				t.Errorf("simulated from the file (-) and reported (+):\n%s", diff)
			}
			fromJournal := premia(t, "simulate", "--program", r.program, "--db", db, "--until", at, "--json")
			if diff := cmp.Diff(fromJournal, reported); diff != "" {
				t.Errorf("simulated from the journal (-) and reported (+):\n%s", diff)
			}
			if diff := cmp.Diff(expected.figures, returnFiguresIn(t, reported)); diff != "" {
				t.Errorf("expected (-) and reported (+):\n%s", diff)
			}
			if diff := cmp.Diff(expected.balances, balancesIn(t, db)); diff != "" {
				t.Errorf("members' points, from the smallest, expected (-) and in the database (+):\n%s", diff)
			}
		})
	}
}

// returnFigures are the numbers of a report that tell what came of returns.
type returnFigures struct {
	Returns                                                  int
	Issued, Available, TakenBack, BonusTakenBack, BudgetUsed string
	UnmatchedReturns, UnmatchedLines                         int
	UnmatchedQuantity                                        string
}

func returnFiguresIn(t *testing.T, text string) returnFigures {
	t.Helper()
	type value struct {
		Issued, Available string
		TakenBack         string `json:"taken_back"`
	}
	var r struct {
		Returns   int
		Wallets   []value
		Campaigns []struct{ Wallets []value }
		Budgets   []struct{ Used string }
		Goods     struct {
			Returns  int    `json:"unmatched_returns"`
			Lines    int    `json:"unmatched_lines"`
			Quantity string `json:"unmatched_quantity"`
		} `json:"returned_goods"`
	}
	unmarshal(t, text, &r)
	w := r.Wallets[0]
	return returnFigures{
		r.Returns, w.Issued, w.Available, w.TakenBack, r.Campaigns[0].Wallets[0].TakenBack, r.Budgets[0].Used,
		r.Goods.Returns, r.Goods.Lines, strings.TrimSuffix(r.Goods.Quantity, ".000"),
	}
}

// balancesIn gives the points of all members in order.
func balancesIn(t *testing.T, db string) []int64 {
	t.Helper()
	ctx := context.Background()
	s, err := store.Open(ctx, db, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var all []int64
	for _, shard := range s.Shards() {
		err := s.EachMember(ctx, shard, func(m store.Member) error {
			var state ledger.State
			if err := ledger.DecodeState(m.State, &state); err != nil {
				return err
			}
			sum := int64(0)
			for i := range state.Wallets {
				sum += state.Wallets[i].Balance().Net()
			}
			all = append(all, sum)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(all)
	return all
}

// naiveReturns is what the shop's year comes to by other means: no mapping, no
// engine. All of it is before the first points expire, and nobody spends any.
type naiveReturns struct {
	figures  returnFigures
	balances []int64
}

// basket is an invoice by its lines; price in thousandths of a pound.
type basket struct {
	invoice
	lines []basketLine
	// base and bonus are the points that it holds.
	base, bonus int64
}

type basketLine struct {
	sku             string
	quantity, price int64
}

// value is what remains of it, in thousandths of a pound.
func (b *basket) value() int64 {
	sum := int64(0)
	for _, l := range b.lines {
		sum += l.quantity * l.price
	}
	return sum
}

// naiveReturns goes through the invoices in the file's order. A purchase holds a
// point for each whole pound of what remains of it. Its bonus is as many again,
// but no more than the budget once left for it: goods that brought it above that
// go back first, and cost nothing. What is taken back of the bonus, the budget
// has again for the purchases that come later.
func (r retail) naiveReturns(t *testing.T) naiveReturns {
	zone, err := calendar.Zone("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	from, until := time.Date(2011, 11, 27, 0, 0, 0, 0, zone), time.Date(2011, 12, 25, 0, 0, 0, 0, zone)
	bought := map[string][]*basket{}
	var n returnFigures
	var issued, available, back, bonusBack, used, unmatched int64
	for _, b := range r.baskets(t, zone) {
		if !b.returned {
			b.base = b.value() / 1_000
			if b.country == "Germany" && !b.at.Before(from) && b.at.Before(until) {
				b.bonus = min(b.base, 5_000-used)
			}
			used += b.bonus
			issued += b.base + b.bonus
			bought[b.customer] = append(bought[b.customer], b)
			continue
		}
		mine := bought[b.customer]
		if len(mine) == 0 {
			continue // nobody's yet
		}
		n.Returns++
		nothing := true
		for _, l := range b.lines {
			left := -l.quantity
			for _, from := range slices.Backward(mine) {
				for i := range from.lines {
					if from.lines[i].sku == l.sku {
						part := min(left, from.lines[i].quantity)
						from.lines[i].quantity -= part
						left -= part
					}
				}
			}
			if left > 0 {
				n.UnmatchedLines++
				unmatched += left
				if nothing {
					n.UnmatchedReturns++
				}
				nothing = false
			}
		}
		for _, from := range mine {
			base := from.value() / 1_000
			bonus := min(base, from.bonus)
			back += from.base - base + from.bonus - bonus
			bonusBack += from.bonus - bonus
			used -= from.bonus - bonus
			from.base, from.bonus = base, bonus
		}
	}
	out := naiveReturns{figures: n}
	for _, mine := range bought {
		sum := int64(0)
		for _, b := range mine {
			sum += b.base + b.bonus
		}
		available += sum
		out.balances = append(out.balances, sum)
	}
	slices.Sort(out.balances)
	text := func(n int64) string { return strconv.FormatInt(n, 10) }
	f := &out.figures
	f.Issued, f.Available, f.TakenBack, f.BonusTakenBack = text(issued), text(available), text(back), text(bonusBack)
	f.BudgetUsed, f.UnmatchedQuantity = text(used), text(unmatched)
	return out
}

// baskets reads the customers' invoices, in the file's order.
func (r retail) baskets(t *testing.T, zone *time.Location) []*basket {
	t.Helper()
	rows := csv.NewReader(r.open(t))
	_, _ = rows.Read()
	byNumber, order := map[string]*basket{}, []string{}
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		at, errTime := time.ParseInLocation(time.DateTime, row[4], zone)
		quantity, errQuantity := strconv.ParseInt(row[3], 10, 64)
		if err := errors.Join(err, errTime, errQuantity); err != nil {
			t.Fatal(err)
		}
		if row[6] == "" {
			continue
		}
		b := byNumber[row[0]]
		if b == nil {
			b = &basket{invoice: invoice{customer: row[6], country: row[7], returned: strings.HasPrefix(row[0], "C"), at: at}}
			byNumber[row[0]] = b
			order = append(order, row[0])
		}
		if at.Before(b.at) {
			b.at = at
		}
		b.lines = append(b.lines, basketLine{row[1], quantity, thousandths(t, row[5])})
	}
	if len(byNumber) != 22_190 {
		t.Fatalf("%d invoices, want 22190", len(byNumber))
	}
	all := make([]*basket, len(order))
	for i, number := range order {
		all[i] = byNumber[number]
	}
	return all
}
