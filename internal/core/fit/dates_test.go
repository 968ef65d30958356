package fit_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/fit"
	"premia/internal/core/program"
	"premia/programs"
)

func load(t *testing.T, name string, src []byte) *program.Document {
	t.Helper()
	doc, err := program.Load(name, src, engine.NewNames())
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, src)
	}
	return doc
}

func ready(t *testing.T, name string) *program.Document {
	t.Helper()
	src, ok := programs.Document(name)
	if !ok {
		t.Fatalf("there is no program %s", name)
	}
	return load(t, name, src)
}

var dayForm = regexp.MustCompile(`\b(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}\b`)

// rules is what a document says before its scenarios.
func rules(t *testing.T, src []byte) string {
	t.Helper()
	before, _, found := strings.Cut(string(src), "\nscenarios:")
	if !found {
		t.Fatal("the document has no scenarios")
	}
	return before
}

// TestReadyProgramsMoved takes each ready program one, two and three years later, and
// in the next leap year: every date of its rules has moved, nothing else of them has,
// and all its scenarios pass.
func TestReadyProgramsMoved(t *testing.T) {
	for _, name := range programs.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc := ready(t, name)
			before := rules(t, doc.Source.Bytes())
			leap := 0
			if days := dayForm.FindAllString(before, -1); len(days) > 0 {
				first, err := document.ParseDate(days[0])
				if err != nil {
					t.Fatal(err)
				}
				for leap = 1; time.Date(first.Year+leap, 2, 29, 0, 0, 0, 0, time.UTC).Day() != 29; {
					leap++
				}
			}
			for _, years := range []int{0, 1, 2, 3, leap} {
				src, err := fit.Moved(doc, years)
				if err != nil {
					t.Fatalf("%d years: %v", years, err)
				}
				for _, f := range program.RunScenarios(load(t, name, src)) {
					t.Errorf("%d years: %q, step %d: %+v", years, f.Scenario, f.Step, f.Differences)
				}
				after := rules(t, src)
				if dayForm.ReplaceAllString(before, "") != dayForm.ReplaceAllString(after, "") {
					t.Errorf("%d years: more than dates has changed", years)
				}
				moved := dayForm.FindAllString(after, -1)
				for i, day := range dayForm.FindAllString(before, -1) {
					was, _ := document.ParseDate(day)
					is, err := document.ParseDate(moved[i])
					if off := is.In(time.UTC).Sub(was.In(time.UTC).AddDate(years, 0, 0)).Abs(); err != nil || off > 3*24*time.Hour {
						t.Errorf("%d years after %s is %s, %v", years, day, moved[i], err)
					}
				}
			}
		})
	}
}

// TestNothingHasEnded takes each ready program on days of many years, and finds nothing
// in its rules that has ended: moved a year less, something has.
func TestNothingHasEnded(t *testing.T) {
	t.Parallel()
	dated := 0
	for _, name := range programs.Names() {
		doc := ready(t, name)
		for day := (document.Date{Year: 2025, Month: 1, Day: 1}); day.Year < 2031; day = next(day) {
			years, err := fit.YearsBehind(doc, day)
			if err != nil {
				t.Fatal(err)
			}
			if years == 0 {
				continue
			}
			dated++
			// A week or a weekend may end up to three days sooner or later than the same day.
			if over(t, doc, years, before(day, 4)) {
				t.Errorf("%s of %s, %d years later, has something that is over", name, day, years)
			}
			if !over(t, doc, years-1, before(day, -4)) {
				t.Errorf("%s of %s is moved by %d years, and fewer would do", name, day, years)
			}
		}
	}
	if dated == 0 {
		t.Error("no program was ever moved")
	}
}

// next is a day some months later, on all days of months.
func next(d document.Date) document.Date { return before(d, -97) }

func before(d document.Date, days int) document.Date {
	t := time.Date(d.Year, d.Month, d.Day-days, 0, 0, 0, 0, time.UTC)
	return document.Date{Year: t.Year(), Month: t.Month(), Day: t.Day()}
}

var ending = regexp.MustCompile(`(?m)^ *(?:until|draw|date|closed|.*\bat): (.*)$`)

// over tells whether a key that says an end, as the text has it, is not after the day.
func over(t *testing.T, doc *program.Document, years int, day document.Date) bool {
	t.Helper()
	for _, line := range ending.FindAllStringSubmatch(rules(t, doc.Source.Bytes()), -1) {
		for _, said := range dayForm.FindAllString(line[1], -1) {
			d, err := document.ParseDate(said)
			if err != nil {
				t.Fatal(err)
			}
			if end := d.In(time.UTC).AddDate(years, 0, 0); !end.After(day.In(time.UTC)) {
				return true
			}
		}
	}
	return false
}

// TestMovedWeekend keeps a weekend a weekend, and a week a week; Christmas stays where it is.
func TestMovedWeekend(t *testing.T) {
	t.Parallel()
	const src = `program: Club
currency: EUR
timezone: Europe/Berlin
languages: [en]
wallets:
  points: {name: {en: {one: point, other: points}}}
campaigns:
  - {id: weekend, from: 2026-11-27, until: 2026-11-29 22:00, bonus: {points: 5}}
  - {id: week, from: 2026-03-02, until: 2026-03-08, bonus: {points: 7}}
  - {id: christmas, from: 2026-12-24, until: 2026-12-25, bonus: {points: 7}}
scenarios:
  - it: gives on Friday
    steps:
      - {at: 2026-11-27 10:00, purchase: {id: A, total: 1.00}, expect: {gave: {weekend: 5}}}
      - {at: 2026-11-30 00:00, purchase: {id: B, total: 1.00}, expect: {because: {weekend: over}}}
`
	got, err := fit.Moved(load(t, "club", []byte(src)), 1)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.NewReplacer("from: 2026-11-27", "from: 2027-11-26", "2026-11-29", "2027-11-28", "at: 2026-11", "at: 2027-11",
		"2026-03-02", "2027-03-01", "2026-03-08", "2027-03-07", "2026-12", "2027-12").Replace(src)
	if string(got) != want {
		t.Errorf("a year later it is\n%s", got)
	}
}

// TestMovedFebruary keeps the last day of a February the last, whichever years are leap
// years, also in scenarios, and lets a scenario about days of the week be on the same one.
func TestMovedFebruary(t *testing.T) {
	t.Parallel()
	const src = `program: Club
currency: EUR
timezone: Europe/Berlin
languages: [en]
wallets:
  points: {name: {en: {one: point, other: points}}}
campaigns:
  - {id: winter, from: 2027-02-01, until: 2027-02-28, bonus: {points: 5}}
  - {id: monday, days: [mon], bonus: {points: 7}}
scenarios:
  - it: gives until the end of February
    steps:
      - {at: 2027-02-28 23:59, purchase: {id: A, total: 1.00}, expect: {gave: {winter: 5}}}
      - {at: 2027-03-02 00:00, purchase: {id: B, total: 1.00}, expect: {because: {winter: over}}}
  - it: gives on Mondays
    steps:
      - {at: 2027-05-03 12:00, purchase: {id: A, total: 1.00}, expect: {gave: {monday: 7}}}
`
	doc := load(t, "club", []byte(src))
	got, err := fit.Moved(doc, 1)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.NewReplacer("2027-02-01", "2028-02-01", "2027-02-28", "2028-02-29", "2027-03-02", "2028-03-02", "2027-05-03", "2028-05-01").Replace(src)
	if string(got) != want {
		t.Errorf("a year later it is\n%s", got)
	}
	again, err := fit.Moved(load(t, "club", got), 1)
	if err != nil || !strings.Contains(string(again), "until: 2029-02-28") {
		t.Errorf("two years later it is\n%s, %v", again, err)
	}
}

// TestConditionsMove takes the moments that conditions name along with the dates of rules, and
// nothing that only reads like one.
func TestConditionsMove(t *testing.T) {
	t.Parallel()
	doc := load(t, "moments", []byte(`program: Moments
currency: PLN
timezone: Europe/Warsaw
languages: [en]
wallets: {points: {name: 'timestamp 2026-02-28'}}
earn:
  - {id: spend, give: {points: 1, per: 1.00}}
campaigns:
  - id: spring
    on: purchase
    from: 2026-03-01
    until: 2026-05-31
    when: event.time >= timestamp("2026-03-15T08:00:00+01:00") && event.time < timestamp( '2026-02-28' ) || event.store == "2026-03-15"
    multiply: {points: 2}
`))
	src, err := fit.Moved(doc, 2)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`timestamp("2028-03-15T08:00:00+01:00")`, `timestamp( '2028-02-29' )`, `event.store == "2026-03-15"`, "from: 2028-03-01", "timestamp 2026-02-28",
	} {
		if !strings.Contains(string(src), want) {
			t.Errorf("the moved rules lack %s:\n%s", want, src)
		}
	}
	if src, err := fit.Moved(doc, 0); err != nil || string(src) != string(doc.Source.Bytes()) {
		t.Errorf("moved by nothing it is another, %v", err)
	}
}
