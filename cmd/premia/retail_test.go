package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"premia/internal/core/calendar"
	"premia/internal/testkit"
	"premia/internal/testkit/postgres"
)

// retail is what the tests over a real shop's year use.
type retail struct {
	csv, program, mapping string
}

func newRetail(t *testing.T) retail {
	t.Helper()
	shipped := filepath.Join(testkit.RepoRoot(t), "programs", "online-retail")
	return retail{
		csv:     testkit.Data(t, "online_retail.csv.gz"),
		program: filepath.Join(shipped, "program.yaml"), mapping: filepath.Join(shipped, "mapping.yaml"),
	}
}

// moments are as of when the reports are compared: before, in and after the
// campaign, and while the points expire.
var moments = []string{"2011-03-31", "2011-12-05", "2011-12-31", "2012-01-01", "2012-10-15", "2012-12-31", "2013-01-01"}

// TestOnlineRetail imports a real shop's year into both databases with the real
// command, which is killed on its way and started again, and compares the
// reports with one another, with a simulation of the same file, and with what a
// few naive lines make of the file.
func TestOnlineRetail(t *testing.T) {
	t.Parallel()
	r := newRetail(t)
	reports := map[string]map[string]string{}
	t.Run("databases", func(t *testing.T) {
		for name, db := range map[string]string{"sqlite": "sqlite:" + filepath.Join(t.TempDir(), "premia.db"), "postgres": ""} {
			mine := map[string]string{}
			reports[name] = mine
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				if db == "" {
					db = postgres.New(t)
				}
				r.importInPieces(t, db)
				for _, at := range moments {
					mine[at] = premia(t, "report", "--db", db, "--as-of", at, "--json")
				}
				premia(t, "verify", "--db", db)
				const at = "2011-12-31"
				simulated := premia(t, "simulate", "--program", r.program, "--db", db, "--until", at, "--json")
				if diff := cmp.Diff(simulated, mine[at]); diff != "" {
					t.Errorf("simulated from the journal (-) and reported (+):\n%s", diff)
				}
			})
		}
	})
	expected := r.naive(t)
	for _, at := range moments {
		for name, mine := range reports {
			if len(mine) == 0 {
				continue // there is no such database here
			}
			if diff := cmp.Diff(expected.asOf(at), figuresIn(t, mine[at])); diff != "" {
				t.Errorf("as of %s, expected (-) and on %s (+):\n%s", at, name, diff)
			}
			if diff := cmp.Diff(reports["sqlite"][at], mine[at]); diff != "" {
				t.Errorf("as of %s, on sqlite (-) and on %s (+):\n%s", at, name, diff)
			}
		}
	}
	for _, at := range []string{"2011-12-05", "2012-10-15"} {
		simulated := premia(t, "simulate", "--program", r.program, "--map", r.mapping, "--events", r.csv, "--until", at, "--json")
		if diff := cmp.Diff(simulated, reports["sqlite"][at]); diff != "" {
			t.Errorf("as of %s, simulated (-) and imported (+):\n%s", at, diff)
		}
	}
}

// importInPieces kills the import twice, lets it come to its end, and then, on SQLite and
// in the long mode, does it once more for nothing: what was imported before it was killed
// is known again on either database.
func (r retail) importInPieces(t *testing.T, db string) {
	args := []string{"import", "events", "--db", db, "--program", r.program, "--map", r.mapping, "--rejects", filepath.Join(t.TempDir(), "rejects.csv"), "--json", r.csv}
	for _, at := range []string{"20% read", "40% read"} {
		kill(t, at, args...)
	}
	var first, second importSummary
	unmarshal(t, premia(t, args...), &first)
	if first.Repeated == 0 || first.Decided == 0 || first.Decided+first.Repeated != 22_190 {
		t.Errorf("after it was killed, the import decided %d events and knew %d; want some of each, 22190 in all", first.Decided, first.Repeated)
	}
	first.Decided, first.Repeated, first.Enrolled = 0, 22_190, 0
	if first.UnknownBuyers != 33 || first.GuestEvents != 3_710 || first.GuestLines != 135_080 || first.RejectedLines != 0 || first.Purchases != 18_536 {
		t.Errorf("%+v, want 33 unknown buyers, 3710 guests' events of 135080 lines, nothing rejected and 18536 purchases", first)
	}
	if !strings.HasPrefix(db, "sqlite:") && os.Getenv("PREMIA_LONG") == "" {
		return
	}
	unmarshal(t, premia(t, args...), &second)
	if diff := cmp.Diff(first, second); diff != "" {
		t.Errorf("the import again (+):\n%s", diff)
	}
}

// kill starts the command and kills it when it says that it has come so far.
func kill(t *testing.T, at string, args ...string) {
	t.Helper()
	command := exec.Command("premia", args...)
	says, err := command.StderrPipe()
	if err == nil {
		err = command.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(says)
	for lines.Scan() && lines.Text() != at {
	}
	if err := errors.Join(lines.Err(), command.Process.Kill()); err != nil {
		t.Fatal(err)
	}
	if err := command.Wait(); err == nil {
		t.Fatal("the import was not killed")
	}
}

// premia runs the command in this process and gives what it prints.
func premia(t *testing.T, args ...string) string {
	t.Helper()
	var out, errOut bytes.Buffer
	if code := run(args, nil, &out, &errOut); code != exitOK {
		t.Fatalf("premia %s exits with %d:\n%s%s", strings.Join(args, " "), code, &out, &errOut)
	}
	return out.String()
}

func unmarshal(t *testing.T, text string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), into); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
}

// figures are the numbers of a report that the naive computation knows, too.
type figures struct {
	Members, Purchases, Returns  int
	PurchaseTotal                string
	Issued, Available, Expired   string
	Base, Bonus, Cut, BudgetUsed string
}

func figuresIn(t *testing.T, text string) figures {
	t.Helper()
	type value struct {
		Issued, Available, Expired string
		Cut                        string `json:"cut_by_budgets"`
	}
	type rule struct {
		Rule    string
		Wallets []value
	}
	var r struct {
		Members, Purchases, Returns int
		PurchaseTotal               string `json:"purchase_total"`
		Wallets                     []value
		Rules, Campaigns            []rule
		Budgets                     []struct{ Used string }
	}
	unmarshal(t, text, &r)
	sole := func(rules []rule, name string) value {
		if len(rules) != 1 || rules[0].Rule != name {
			t.Fatalf("the rules are %+v, want %s alone", rules, name)
		}
		if len(rules[0].Wallets) == 0 {
			return value{Issued: "0", Cut: "0"}
		}
		return rules[0].Wallets[0]
	}
	base, bonus := sole(r.Rules, "earn.spend"), sole(r.Campaigns, "campaign.christmas-germany")
	w := r.Wallets[0]
	return figures{
		r.Members, r.Purchases, r.Returns, r.PurchaseTotal, w.Issued, w.Available, w.Expired,
		base.Issued, bonus.Issued, bonus.Cut, r.Budgets[0].Used,
	}
}

// naive is the shop's history by other means: no mapping, no engine.
type naive struct {
	zone     *time.Location
	invoices []*invoice
}

type invoice struct {
	customer, country string
	returned          bool
	at                time.Time
	thousandths       int64
}

// naive reads the file as its description says, and makes sure of what is known
// of it from elsewhere.
func (r retail) naive(t *testing.T) naive {
	t.Helper()
	zone, err := calendar.Zone("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	n := naive{zone: zone}
	byNumber := map[string]*invoice{}
	rows := csv.NewReader(r.open(t))
	_, _ = rows.Read()
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
		one := byNumber[row[0]]
		if one == nil {
			one = &invoice{customer: row[6], country: row[7], returned: strings.HasPrefix(row[0], "C"), at: at}
			byNumber[row[0]] = one
			n.invoices = append(n.invoices, one)
		}
		if at.Before(one.at) {
			one.at = at
		}
		one.thousandths += quantity * thousandths(t, row[5])
	}
	whole := n.asOf("2012-12-31")
	if whole.Members != 4_339 || whole.Purchases != 18_536 || whole.PurchaseTotal != "8911407.904" || whole.Bonus != "5000" {
		t.Fatalf("the naive computation is wrong itself: %+v", whole)
	}
	return n
}

// open gives the file's text.
func (r retail) open(t *testing.T) io.Reader {
	t.Helper()
	packed, err := os.Open(r.csv)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { packed.Close() })
	plain, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

// thousandths reads an amount with at most three decimals.
func thousandths(t *testing.T, text string) int64 {
	whole, decimals, _ := strings.Cut(text, ".")
	n, err := strconv.ParseInt(whole+(decimals + "000")[:3], 10, 64)
	if err != nil || strings.Trim(decimals[min(3, len(decimals)):], "0") != "" {
		t.Fatalf("the price %s: %v", text, err)
	}
	return n
}

// asOf gives the figures at the end of a day: a point for each whole pound of an
// invoice, doubled for Germany around Christmas until the budget is used up, and
// gone at the end of the month a year later.
func (n naive) asOf(day string) figures {
	end, err := time.ParseInLocation(time.DateOnly, day, n.zone)
	if err != nil {
		panic(err)
	}
	end = end.AddDate(0, 0, 1)
	from, until := time.Date(2011, 11, 27, 0, 0, 0, 0, n.zone), time.Date(2011, 12, 25, 0, 0, 0, 0, n.zone)
	members, counted := map[string]bool{}, map[string]bool{}
	var f figures
	var spent, base, bonus, cut, available, expired, used int64
	for _, i := range n.invoices {
		now := i.at.Before(end)
		if i.returned {
			if now && members[i.customer] {
				f.Returns++
			}
			continue
		}
		members[i.customer] = true
		points, extra := i.thousandths/1_000, int64(0)
		if i.country == "Germany" && !i.at.Before(from) && i.at.Before(until) {
			extra = min(points, 5_000-used)
			used += extra
		}
		if !now {
			continue
		}
		counted[i.customer] = true
		if extra > 0 || i.country == "Germany" && !i.at.Before(from) && i.at.Before(until) {
			cut += points - extra
		}
		f.Purchases++
		spent, base, bonus = spent+i.thousandths, base+points, bonus+extra
		if gone := time.Date(i.at.Year()+1, i.at.Month()+1, 1, 0, 0, 0, 0, n.zone); gone.Before(end) {
			expired += points + extra
		} else {
			available += points + extra
		}
	}
	f.Members = len(counted)
	f.PurchaseTotal = fmt.Sprintf("%d.%03d", spent/1_000, spent%1_000)
	text := func(n int64) string { return strconv.FormatInt(n, 10) }
	f.Issued, f.Available, f.Expired = text(base+bonus), text(available), text(expired)
	f.Base, f.Bonus, f.Cut, f.BudgetUsed = text(base), text(bonus), text(cut), text(bonus)
	return f
}
