package main

import (
	"bytes"
	"database/sql"
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	_ "github.com/jackc/pgx/v5/stdlib"

	"premia/internal/core/calendar"
	"premia/internal/testkit/postgres"
)

// tierMonths are at whose ends members are counted: as the year of purchases ends, as
// levels of it are kept and then end, and when all are over.
var tierMonths = []string{"2011-12", "2012-05", "2013-01", "2013-03"}

// TestOnlineRetailTiers imports a real shop's year under the ready program of an online
// shop, made the shop's own by premia init, and compares how many members stand on each
// level with a count in plain SQL over the imported events.
func TestOnlineRetailTiers(t *testing.T) {
	t.Parallel()
	r := newRetail(t).withTiers(t)
	for name, db := range map[string]string{"sqlite": "sqlite:" + filepath.Join(t.TempDir(), "premia.db"), "pgx": ""} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if db == "" {
				db = postgres.New(t)
			}
			premia(t, "import", "events", "--db", db, "--program", r.program, "--map", r.mapping, "--rejects", filepath.Join(t.TempDir(), "rejects.csv"), r.csv)
			conn, err := sql.Open(name, strings.TrimPrefix(db, "sqlite:"))
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			counted := countedTiers(t, conn, name)
			for _, month := range tierMonths {
				if diff := cmp.Diff(counted[month], reportedTiers(t, db, month)); diff != "" {
					t.Errorf("at the end of %s, counted in SQL (-) and reported (+):\n%s", month, diff)
				}
			}
		})
	}
}

// withTiers gives the shop the ready program of an online shop. Its invoices do not say
// which invoice a cancellation is about, its prices have three decimals, and the program
// has no use for the country.
func (r retail) withTiers(t *testing.T) retail {
	t.Helper()
	folder := t.TempDir()
	program, mapping := filepath.Join(folder, "program.yaml"), filepath.Join(folder, "mapping.yaml")
	premia(t, "init", "--program", "online-shop", "--name", "Gift Shop", "--currency", "GBP", "--timezone", "Europe/London", program)
	own := edited(t, program, program, map[string]string{
		`(?m)^currency: GBP$`:    "currency: GBP\ncurrency decimals: 3",
		`(?m)^returns: \{\}`:     "returns: {match: latest}",
		`(?ms)^scenarios:\n.*\z`: "", // they name the orders that goods come back of
	})
	if !bytes.Contains(own, []byte("period: rolling 12 months")) || !bytes.Contains(own, []byte("keep: 3mo")) ||
		!bytes.Contains(own, []byte("from: 200.00\n")) || !bytes.Contains(own, []byte("from: 800.00\n")) {
		t.Fatal("the ladder has other rules than the count in SQL")
	}
	edited(t, r.mapping, mapping, map[string]string{`(?m)^  data:\n    country:.*\n`: ""})
	r.program, r.mapping = program, mapping
	return r
}

// edited writes a file with changes, each of which is found once.
func edited(t *testing.T, from, to string, changes map[string]string) []byte {
	t.Helper()
	src, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	for pattern, text := range changes {
		form := regexp.MustCompile(pattern)
		if n := len(form.FindAll(src, -1)); n != 1 {
			t.Fatalf("%s is in %s %d times", pattern, from, n)
		}
		src = form.ReplaceAll(src, []byte(text))
	}
	if err := os.WriteFile(to, src, 0o600); err != nil {
		t.Fatal(err)
	}
	return src
}

// reportedTiers gives how many members have each level at the end of a month.
func reportedTiers(t *testing.T, db, month string) map[string]int64 {
	t.Helper()
	var report struct {
		Tiers []struct {
			Levels []struct {
				Level   string
				Members int64
			}
		}
	}
	last := monthAfter(t, month, 1).AddDate(0, 0, -1).Format(time.DateOnly)
	unmarshal(t, premia(t, "report", "--db", db, "--as-of", last, "--json"), &report)
	out := map[string]int64{}
	for _, l := range report.Tiers[0].Levels {
		out[l.Level] = l.Members
	}
	return out
}

//go:embed testdata/tiers.sql
var countTiers string

// tierLines reads the events of purchases and returns in the journal, by driver. A
// line without a quantity is one piece; who bought without being a member is number 0.
// Each event is read once, and not for each of its lines.
var tierLines = map[string]string{
	"sqlite": `events AS MATERIALIZED (
    SELECT member, seq, at, json_extract(CAST(event AS TEXT), '$.type') = 'return' AS back, json_extract(CAST(event AS TEXT), '$.items') AS items
    FROM journal WHERE kind IN (1, 2) AND member <> 0),
lines AS MATERIALIZED (
    SELECT e.member, e.seq, e.at, e.back, i.key AS item,
           json_extract(i.value, '$.sku') AS sku, COALESCE(json_extract(i.value, '$.quantity'), 1) AS quantity,
           CAST(ROUND(json_extract(i.value, '$.unit_price') * 1000) AS INTEGER) AS price
    FROM events AS e, json_each(e.items) AS i)`,
	"pgx": `events AS MATERIALIZED (
    SELECT member, seq, at, CASE WHEN said ->> 'type' = 'return' THEN 1 ELSE 0 END AS back, said -> 'items' AS items
    FROM (SELECT member, seq, at, convert_from(event, 'UTF8')::jsonb AS said FROM journal WHERE kind IN (1, 2) AND member <> 0) AS j),
lines AS MATERIALIZED (
    SELECT e.member, e.seq, e.at, e.back, i.no AS item,
           i.line ->> 'sku' AS sku, COALESCE((i.line ->> 'quantity')::bigint, 1) AS quantity,
           ((i.line ->> 'unit_price')::numeric * 1000)::bigint AS price
    FROM events AS e, jsonb_array_elements(e.items) WITH ORDINALITY AS i (line, no))`,
}

// countedTiers counts the same in SQL, by month.
func countedTiers(t *testing.T, conn *sql.DB, driver string) map[string]map[string]int64 {
	t.Helper()
	const first = "2010-12" // of the shop's year
	out, numbers := map[string]map[string]int64{}, map[int]string{}
	var months, asked []string
	for n := 0; len(asked) < len(tierMonths); n++ {
		begins, ends := monthAfter(t, first, n), monthAfter(t, first, n+1)
		months = append(months, fmt.Sprintf("(%d, %d, %d)", n, begins.UnixMicro(), ends.UnixMicro()))
		if month := begins.Format("2006-01"); month == tierMonths[len(asked)] {
			asked, numbers[n] = append(asked, fmt.Sprintf("(%d)", n)), month
			out[month] = map[string]int64{"clover": 0, "poppy": 0, "sunflower": 0}
		}
	}
	query := "WITH months (n, begins, ends) AS (VALUES " + strings.Join(months, ", ") + "), asked (n) AS (VALUES " +
		strings.Join(asked, ", ") + "), " + tierLines[driver] + ",\n" + countTiers
	rows, err := conn.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var n, level int
		var members int64
		if err := rows.Scan(&n, &level, &members); err != nil {
			t.Fatal(err)
		}
		out[numbers[n]][[]string{"clover", "poppy", "sunflower"}[level]] = members
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// monthAfter gives the beginning of the month that is so many after a month, by the
// shop's clock.
func monthAfter(t *testing.T, month string, n int) time.Time {
	t.Helper()
	zone, err := calendar.Zone("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.ParseInLocation("2006-01", month, zone)
	if err != nil {
		t.Fatal(err)
	}
	return at.AddDate(0, n, 0)
}
