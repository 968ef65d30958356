package program_test

import (
	"fmt"
	"io/fs"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"premia/internal/core/engine"
	"premia/internal/core/program"
)

// TestDebtIsANegativeBalance keeps to the glossary: nobody is told of a debt.
func TestDebtIsANegativeBalance(t *testing.T) {
	debt := regexp.MustCompile(`(?i)(^|\PL)dług(u|owi|iem|i|ów|ami)?($|\PL)|zadłuż|(^|\PL)dluh|dluž|(^|\PL)долг(а|у|ом|е|и|ов|ам|ами|ах)?($|\PL)|задолж`)
	for _, files := range program.Catalogs() {
		err := fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			words, err := fs.ReadFile(files, path)
			if found := debt.Find(words); found != nil {
				t.Errorf("%s says %q; say that the balance is negative", path, found)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestEveryFieldHasWords asks for each field that conditions may read, by the
// hint of an unknown one, and describes a condition on it.
func TestEveryFieldHasWords(t *testing.T) {
	const src = `
program: Fields
currency: PLN
timezone: Europe/Warsaw
languages: [en, pl, cs, ru]
wallets: {beans: {name: beans}}
events: {review: {fields: {rating: whole}}}
earn: [{id: spend, %s: %q, give: {beans: 1}}]
`
	c := catalogue(t)
	known := regexp.MustCompile(`there are: (.*)`)
	asked := 0
	for _, object := range []string{"event", "item", "member", "time", "wallet.beans", "event.data"} {
		key, has := "when", "has(%s.%s)"
		if object == "item" {
			key = "items"
		}
		_, err := program.Load("f.yaml", fmt.Appendf(nil, src, key, fmt.Sprintf(has, object, "zzzzzzzzzz")), engine.NewNames())
		list := known.FindStringSubmatch(fmt.Sprint(err))
		if list == nil {
			t.Fatalf("%s: no list of fields in %v", object, err)
		}
		for _, field := range strings.Split(list[1], ", ") {
			asked++
			d, err := program.Load("f.yaml", fmt.Appendf(nil, src, key, fmt.Sprintf(has, object, field)), engine.NewNames())
			if err != nil {
				t.Errorf("%s.%s: %v", object, field, err)
				continue
			}
			if said := strings.Join(inAllLanguages(c, d.Program), ""); strings.Contains(said, "⟦") {
				t.Errorf("the field %s.%s has no words:\n%s", object, field, said)
			}
		}
	}
	if asked < 30 {
		t.Errorf("only %d fields were found", asked)
	}
}

// TestScenariosAsDesigned runs the kind of scenario that the design shows: a
// purchase by its total alone, under a rule about items.
func TestScenariosAsDesigned(t *testing.T) {
	d := load(t, `
program: Bean Club
currency: PLN
timezone: Europe/Warsaw
languages: [pl, en]
wallets:
  beans:
    name: {pl: ziarna, en: beans}
    pending: 14d
    expires: {after: 12mo, at: end of month}
    debt: carry
earn:
  - id: spend
    on: purchase
    items: item.category != "gift-card"
    give: {beans: 1, per: 1.00}
campaigns:
  - id: double-may
    from: 2026-05-01
    until: 2026-05-31
    when: event.channel == "app"
    multiply: {beans: 2}
    limits: {beans: {each member: 1000, in total: 500000}}
    stacking: {group: seasonal, take: best}
scenarios:
  - it: waits for the return window
    steps:
      - {at: 2026-02-01, purchase: {id: A1, total: "130.00"}, expect: {beans.pending: 130}}
      - {at: 2026-02-15, expect: {beans.available: 130}}
      - {at: 2026-02-16, adjust: {wallet: beans, amount: -260, reason: taken back}, expect: {beans.available: -130}}
  - it: doubles in May
    steps:
      - {at: 2026-05-01, purchase: {id: A1, total: "100.50", channel: app}, expect: {gave: {spend: 100, double-may: 100}}}
`)
	for _, f := range program.RunScenarios(d) {
		t.Errorf("%s, step %d: %+v", f.Scenario, f.Step, f.Differences)
	}
}

// TestScenariosAreExact raises the expected numbers of the shipped programs, and finds a
// difference for each, in its place, and no other. What one step expects changes nothing
// of what happens, so that all of a program are raised together.
func TestScenariosAreExact(t *testing.T) {
	expected := regexp.MustCompile(`((?:available|pending|debt|earned|expired|[a-z-]+): )(-?[0-9]+)([,}])`)
	for name, src := range shipped(t) {
		lines := strings.Split(src, "\n")
		raised := map[int]int{} // how many, by their line
		for i, line := range lines {
			at := strings.Index(line, "expect: ")
			if at < 0 {
				continue
			}
			lines[i] = line[:at] + expected.ReplaceAllStringFunc(line[at:], func(said string) string {
				raised[i+1]++
				m := expected.FindStringSubmatch(said)
				number, _ := strconv.Atoi(m[2])
				return m[1] + strconv.Itoa(number+1) + m[3]
			})
		}
		found := map[int]int{}
		for _, f := range program.RunScenarios(load(t, strings.Join(lines, "\n"))) {
			for _, d := range f.Differences {
				found[d.Pos.Line]++
			}
		}
		if diff := cmp.Diff(raised, found); diff != "" || len(raised) == 0 {
			t.Errorf("%s: how many wrong numbers there are by line (-), and how many are found (+):\n%s", name, diff)
		}
	}
}
