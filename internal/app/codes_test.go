package app_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/core/code"
	"premia/internal/store"
	"premia/internal/testkit"
	"premia/internal/testkit/postgres"
)

const codesProgram = `
program: Codes
currency: PLN
timezone: Europe/Warsaw
languages: [en]
enrolment: {unknown: enrol}
wallets:
  points: {name: {en: points}}
rewards:
  - {id: spring, name: spring, kind: discount, discount: {percent: 10}}
  - {id: autumn, name: autumn, kind: discount, discount: {percent: 20}, codes: {pattern: "AUTUMN-######"}}
`

var codesStart = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

// withCodes runs a test on a fresh workspace of each database.
func withCodes(t *testing.T, test func(t *testing.T, a *app.App)) {
	t.Parallel()
	for name, url := range map[string]func() string{
		"sqlite":   func() string { return "sqlite:" + filepath.Join(t.TempDir(), "premia.db") },
		"postgres": func() string { return postgres.New(t) },
	} {
		t.Run(name, func(t *testing.T) {
			test(t, openCodes(t, url()))
		})
	}
}

func openCodes(t testing.TB, url string) *app.App {
	t.Helper()
	clock := testkit.NewClock(codesStart)
	a, err := app.Open(t.Context(), app.Config{DB: url, Migrate: true, Clock: clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := a.Journal.Publish(t.Context(), []byte(codesProgram), calendar.None, ""); err != nil {
		t.Fatal(err)
	}
	return a
}

func generate(t testing.TB, a *app.App, r app.NewCodes) store.CodeBatch {
	t.Helper()
	b, err := a.GenerateCodes(t.Context(), r, nil)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// exported gives the rows of a batch without the head.
func exported(t testing.TB, a *app.App, id string) [][]string {
	t.Helper()
	var out bytes.Buffer
	if err := a.ExportCodes(t.Context(), id, &out); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&out).ReadAll()
	if err != nil || strings.Join(rows[0], ",") != "code,reward,valid_from,valid_until,uses,used,member,blocked" {
		t.Fatal(rows, err)
	}
	return rows[1:]
}

func refusal(err error) string {
	var p *app.Problem
	if errors.As(err, &p) {
		return p.Code
	}
	return fmt.Sprint(err)
}

func TestBatchesOfOnePatternHaveNoCodeInCommon(t *testing.T) {
	withCodes(t, func(t *testing.T, a *app.App) {
		first := generate(t, a, app.NewCodes{ID: "one", Reward: "spring", Pattern: "SPRING-######", Count: 3000, Uses: 2, Until: calendar.Instant(codesStart.AddDate(0, 1, 0).UnixMicro())})
		generate(t, a, app.NewCodes{ID: "two", Reward: "autumn", Pattern: "SPRI-NG######", Count: 3000})
		if first.Made != 3000 || first.Finished == calendar.None {
			t.Errorf("the batch is %+v", first)
		}
		pattern, err := code.Parse("SPRING-######")
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, id := range []string{"one", "two"} {
			for _, row := range exported(t, a, id) {
				normal := code.Normal(row[0])
				if seen[normal] || pattern.Fit(normal) != code.Fits {
					t.Fatalf("the batch %s has %s", id, row[0])
				}
				seen[normal] = true
			}
		}
		if len(seen) != 6000 {
			t.Errorf("%d codes", len(seen))
		}
		row := exported(t, a, "one")[0]
		if want := []string{row[0], "spring", "", "2026-04-01T09:00:00Z", "2", "0", "", ""}; strings.Join(row, ",") != strings.Join(want, ",") {
			t.Errorf("a row is %q, want %q", row, want)
		}
		c, err := a.Code(t.Context(), " "+strings.ToLower(row[0]))
		if err != nil || c.RewardID != "spring" || c.BatchID != "one" || c.State != app.CodeUsable || c.Uses != 2 {
			t.Errorf("%+v (%v)", c, err)
		}
	})
}

func TestBatchThatWasStoppedGoesOn(t *testing.T) {
	withCodes(t, func(t *testing.T, a *app.App) {
		r := app.NewCodes{ID: "one", Reward: "spring", Pattern: "########", Count: 50_000}
		// The codes of these numbers are known already.
		maker, err := a.Journal.Keys().Maker(mustPattern(t, "########"))
		if err != nil {
			t.Fatal(err)
		}
		foreign := "code\n" + maker.Make(3) + "\n" + maker.Make(49_999) + "\n"
		if _, err := a.ImportCodes(t.Context(), app.NewCodes{Reward: "autumn", ID: "foreign"}, strings.NewReader(foreign), nil); err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		if _, err := a.GenerateCodes(ctx, r, func(int64, int64) { stop() }); !errors.Is(err, context.Canceled) {
			t.Fatalf("stopped: %v", err)
		}
		b, err := a.CodeBatch(t.Context(), "one")
		if err != nil || b.Made == 0 || b.Made >= 50_000 || b.Finished != calendar.None {
			t.Fatalf("half-way the batch is %+v (%v)", b, err)
		}
		if err := a.ExportCodes(t.Context(), "one", &bytes.Buffer{}); refusal(err) != app.CodeUnfinished {
			t.Errorf("an unfinished batch is exported: %v", err)
		}
		other := r
		other.Count--
		if _, err := a.GenerateCodes(t.Context(), other, nil); refusal(err) != app.CodeIDReused {
			t.Errorf("another request under the id: %v", err)
		}
		for range 2 {
			if b := generate(t, a, r); b.Made != 50_000 || b.Next != 50_002 {
				t.Errorf("at the end the batch is %+v", b)
			}
		}
		seen := map[string]bool{}
		for _, row := range exported(t, a, "one") {
			seen[row[0]] = true
		}
		if len(seen) != 50_000 || seen[maker.Make(3)] {
			t.Errorf("%d codes", len(seen))
		}
	})
}

func mustPattern(t *testing.T, text string) code.Pattern {
	p, err := code.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestRequestsForCodesThatAreRefused(t *testing.T) {
	withCodes(t, func(t *testing.T, a *app.App) {
		good := app.NewCodes{Reward: "spring", Pattern: "SPRING-####-####", Count: 10}
		for want, change := range map[string]func(r *app.NewCodes){
			"unknown_reward: reward":      func(r *app.NewCodes) { r.Reward = "sprong" },
			"invalid: pattern":            func(r *app.NewCodes) { r.Pattern = "spring" },
			"invalid: count":              func(r *app.NewCodes) { r.Count = 0 },
			"invalid: uses":               func(r *app.NewCodes) { r.Uses = -1 },
			"invalid: valid_until":        func(r *app.NewCodes) { r.From, r.Until = 5, 5 },
			"pattern_too_short: pattern":  func(r *app.NewCodes) { r.Pattern, r.Count = "#####", 280 },
			"pattern_too_short: pattern ": func(r *app.NewCodes) { r.Count = 3_404_826 },
			"too_long: id":                func(r *app.NewCodes) { r.ID = strings.Repeat("x", 200) },
		} {
			r := good
			change(&r)
			_, err := a.GenerateCodes(t.Context(), r, nil)
			if got := app.AsProblem(err); got.Code+": "+got.Path != strings.TrimSpace(want) {
				t.Errorf("%s: %v", want, err)
			}
		}
		if all, err := a.CodeBatches(t.Context()); err != nil || len(all) != 0 {
			t.Errorf("%d batches were begun (%v)", len(all), err)
		}
		r := good
		r.Pattern, r.Count, r.ID = "#####", 200, "first"
		generate(t, a, r)
		r.Count, r.ID = 100, "second"
		if _, err := a.GenerateCodes(t.Context(), r, nil); refusal(err) != app.CodeTooShort {
			t.Errorf("two batches together are more than the pattern is good for: %v", err)
		}
	})
}

func TestImportSaysWhichRowsAreBad(t *testing.T) {
	withCodes(t, func(t *testing.T, a *app.App) {
		generate(t, a, app.NewCodes{ID: "made", Reward: "spring", Pattern: "#####", Count: 1})
		made := exported(t, a, "made")[0][0]
		file := "\ufeffCode; uses ;valid_from;valid_until;member;note\r\n" +
			"SALE-0001;5;2026-03-01;2026-04-01T00:00:00+02:00;;fine\r\n" +
			"sale ooo1;;;;;the same\r\n" +
			"ABC;;;;;\r\n" +
			strings.ToLower(made) + ";;;;;known\r\n" +
			"\"SALE;0003\";0;;;;\r\n" +
			"SALE-0004;;2026-31-01;;;\r\n" +
			"SALE-0005;;2026-03-02;2026-03-01;;\r\n" +
			"SALE-0006;;;;card:999;\r\n" +
			"SALE-0007;\"bad\"quote;;;;\r\n" +
			"=SALE-0009;;;;;a formula\r\n" +
			"SALE-0008\r\n"
		var rejects []string
		reject := func(r app.CodeReject) error {
			rejects = append(rejects, fmt.Sprintf("%d %s: %s", r.Line, r.Code, r.Reason))
			return nil
		}
		r := app.NewCodes{ID: "file", Reward: "autumn"}
		_, err := a.ImportCodes(t.Context(), r, strings.NewReader(file), reject)
		if refusal(err) != app.CodeRowsRejected {
			t.Fatal(err)
		}
		testkit.Golden(t, "codes_rejects.golden", []byte(strings.ReplaceAll(strings.Join(rejects, "\n")+"\n"+err.Error()+"\n", strings.ToLower(made), "KNOWN")))
		if _, err := a.CodeBatch(t.Context(), "file"); refusal(err) != app.CodeUnknownBatch {
			t.Errorf("a batch was begun: %v", err)
		}
		if _, err := a.Code(t.Context(), "SALE-0001"); refusal(err) != app.CodeUnknownCode {
			t.Errorf("a code was imported: %v", err)
		}
		for range 2 {
			b, err := a.ImportCodes(t.Context(), r, strings.NewReader("code,uses,valid_from\nSALE-0001,5,2026-03-02\nSALE-0002\n"), reject)
			if err != nil || b.Made != 2 || b.Finished == calendar.None {
				t.Fatalf("%+v (%v)", b, err)
			}
		}
		if c, err := a.Code(t.Context(), "SALEO0O1"); err != nil || c.Uses != 5 || c.State != app.CodeNotYet || c.From.In(time.UTC).Format(time.RFC3339) != "2026-03-01T23:00:00Z" || c.Code.Code != "SALE-0001" {
			t.Errorf("%+v (%v)", c, err)
		}
		if rows := exported(t, a, "file"); len(rows) != 2 || rows[1][0] != "SALE-0002" || rows[1][4] != "1" {
			t.Errorf("%v", rows)
		}
		for _, empty := range []string{"", "sku\nA\n", "code\n"} {
			if _, err := a.ImportCodes(t.Context(), app.NewCodes{Reward: "autumn"}, strings.NewReader(empty), reject); err == nil {
				t.Errorf("%q was imported", empty)
			}
		}
	})
}

// TestAllVouchersAreKnown: a member may have more vouchers than a page shows.
func TestAllVouchersAreKnown(t *testing.T) {
	withCodes(t, func(t *testing.T, a *app.App) {
		ctx, many := t.Context(), app.MaxPage+20
		generate(t, a, app.NewCodes{ID: "many", Reward: "spring", Pattern: "########", Count: int64(many)})
		enrolled, err := a.Enrol(ctx, app.Change{Identities: []string{"card:1"}})
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range exported(t, a, "many") {
			if _, _, err := a.GiveCode(ctx, "card:1", row[0]); err != nil {
				t.Fatal(err)
			}
		}
		if data, err := a.MemberData(ctx, enrolled.Member, "en"); err != nil || len(data.Vouchers) != many {
			t.Errorf("all that is known has %d vouchers of %d (%v)", len(data.Vouchers), many, err)
		}
	})
}

func TestCodesAreBlockedAndGiven(t *testing.T) {
	withCodes(t, func(t *testing.T, a *app.App) {
		ctx := t.Context()
		generate(t, a, app.NewCodes{ID: "one", Reward: "spring", Pattern: "#####", Count: 3})
		rows := exported(t, a, "one")
		for _, card := range []string{"2900000000001", "2900000000018"} {
			if _, err := a.Enrol(ctx, app.Change{Identities: []string{"card:" + card}}); err != nil {
				t.Fatal(err)
			}
		}
		for range 2 {
			if c, _, err := a.GiveCode(ctx, "card:2900000000001", rows[0][0]); err != nil || c.Member == 0 {
				t.Fatalf("%+v (%v)", c, err)
			}
		}
		if _, _, err := a.GiveCode(ctx, "card:2900000000018", rows[0][0]); refusal(err) != app.CodeSomebodys {
			t.Errorf("a member's code was given to another: %v", err)
		}
		if c, err := a.BlockCode(ctx, rows[1][0]); err != nil || c.State != app.CodeBlocked {
			t.Errorf("%+v (%v)", c, err)
		}
		if _, _, err := a.GiveCode(ctx, "card:2900000000018", rows[1][0]); refusal(err) != app.CodeNotUsable {
			t.Errorf("a blocked code was given: %v", err)
		}
		list, id, err := a.Vouchers(ctx, "card:2900000000001", 10)
		if err != nil || len(list) != 1 || list[0].Member != id || list[0].State != app.CodeUsable {
			t.Errorf("%+v (%v)", list, err)
		}
		mistyped := []byte(rows[2][0])
		mistyped[0], mistyped[1] = mistyped[1], mistyped[0]
		if mistyped[0] == mistyped[1] {
			mistyped[0] = code.Alphabet[(strings.IndexByte(code.Alphabet, mistyped[0])+1)%len(code.Alphabet)]
		}
		for written, want := range map[string]string{string(mistyped): app.CodeMistypedCode, "NOSUCHCODE": app.CodeUnknownCode, "": app.CodeUnknownCode} {
			if _, err := a.Code(ctx, written); refusal(err) != want {
				t.Errorf("%q: %v", written, err)
			}
			if _, err := a.BlockCode(ctx, written); refusal(err) != want {
				t.Errorf("%q blocked: %v", written, err)
			}
		}
	})
}

// BenchmarkGenerateMillion makes a million codes on durable databases.
func BenchmarkGenerateMillion(b *testing.B) {
	for name, url := range map[string]func() string{
		"sqlite":   func() string { return "sqlite:" + filepath.Join(b.TempDir(), "premia.db") },
		"postgres": func() string { return newDurable(b) },
	} {
		b.Run(name, func(b *testing.B) {
			a := openCodes(b, url())
			b.ResetTimer()
			for i := range b.N {
				generate(b, a, app.NewCodes{ID: fmt.Sprint(i), Reward: "spring", Pattern: "SPRING-####-#####", Count: 1_000_000})
			}
			b.ReportMetric(float64(b.N)*1_000_000/b.Elapsed().Seconds(), "codes/s")
		})
	}
}

func newDurable(b *testing.B) string { return postgres.StartDurable(b).URL() }
