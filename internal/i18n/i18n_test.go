package i18n_test

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"premia/internal/core/text"
	"premia/internal/i18n"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// words makes a file system that has the same entries in every language.
func words(yaml string) fs.FS {
	files := fstest.MapFS{}
	for _, code := range []string{"en", "pl", "cs", "ru"} {
		files["words/"+code+".yaml"] = &fstest.MapFile{Data: []byte(yaml)}
	}
	return files
}

func load(t testing.TB, fsys ...fs.FS) *i18n.Catalog {
	t.Helper()
	c, err := i18n.Load(fsys...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var beans = text.UnitForms{Fallback: "en", Forms: map[string]map[string]string{
	"en": {"one": "bean", "other": "beans"},
	"pl": {"one": "ziarnko", "few": "ziarnka", "many": "ziarnek", "other": "ziarnka"},
	"cs": {"one": "zrnko", "few": "zrnka", "many": "zrnka", "other": "zrnek"},
	"ru": {"one": "зёрнышко", "few": "зёрнышка", "many": "зёрнышек", "other": "зёрнышка"},
}}

// TestGeneralWordsAreComplete also proves that the words keep to the glossary:
// a balance below zero is never called a debt.
func TestGeneralWordsAreComplete(t *testing.T) {
	c := load(t)
	for _, line := range c.Missing() {
		t.Error(line)
	}
	debt := regexp.MustCompile(`(?i)dług[iu]?\b|dluh|долг(а|и|ов)?[ .,]`)
	for _, code := range c.Languages() {
		content, err := os.ReadFile("words/" + code + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		if found := debt.FindString(string(content)); found != "" {
			t.Errorf("%s: the words say %q", code, found)
		}
	}
}

// samples has every kind of argument, with the cases in which languages differ.
func samples() []text.Arg {
	moment := time.Date(2026, time.February, 3, 4, 5, 0, 0, time.FixedZone("", 3600))
	localized := text.Localized{Fallback: "cs", Texts: map[string]string{"pl": "Podwójny maj", "cs": "Dvojitý květen"}}
	money := func(minor int64, scale int, currency string) text.Money {
		return text.Money{Minor: minor, Scale: scale, Currency: currency}
	}
	points := func(minor int64, scale int) text.Points {
		return text.Points{Minor: minor, Scale: scale, Forms: beans}
	}
	var all []text.Arg
	add := func(name string, values ...any) {
		for _, v := range values {
			all = append(all, text.Arg{Name: name, Value: v})
		}
	}
	add("string", "as <it> is", "")
	add("int64", int64(0), int64(1234), int64(-12345), int64(1234567))
	add("bool", true, false)
	add("money", money(123450, 2, "PLN"), money(1234500, 2, "PLN"), money(123450, 2, "CZK"), money(123450, 2, "RUB"),
		money(123450, 2, "GBP"), money(320, 2, "EUR"), money(-1250, 2, "USD"), money(-1250, 2, "GBP"),
		money(1250, 3, "GBP"), money(1255, 3, "GBP"), money(1000, 3, "KWD"), money(5000, 0, "JPY"),
		money(5, 0, "PLN"), money(-5, 2, "SEK"), money(100, 2, ""))
	add("points", points(1, 0), points(2, 0), points(5, 0), points(-1, 0), points(150, 2), points(12345600, 2),
		text.Points{Minor: 3, Forms: text.UnitForms{Fallback: "en", Forms: map[string]map[string]string{"en": {"other": "Coffee Coins"}}}},
		text.Points{Minor: 3})
	add("percent", text.Percent("10"), text.Percent("-12.5"), text.Percent("nonsense"))
	add("factor", text.Factor("2"), text.Factor("1.5"))
	for month := time.January; month <= time.December; month++ {
		add("date", text.Date{Year: 2026, Month: month, Day: 1})
	}
	add("date", text.Date{Year: 2026, Month: 13, Day: 1})
	add("moment", text.Moment(moment))
	add("span", text.Span{Days: 14}, text.Span{Years: 1, Months: 2, Days: 3}, text.Span{Hours: 1}, text.Span{Hours: 2, Minutes: 1}, text.Span{})
	add("localized", localized, text.Localized{Texts: map[string]string{"fr": "Mai"}}, text.Localized{})
	add("quoted", text.Quoted(`{{.X}} "<b>"`))
	add("list", text.List{}, text.List{Items: []any{"a"}}, text.List{Items: []any{"a", "b"}}, text.List{Items: []any{"a", text.Quoted("b"), int64(1000)}, Or: true})
	add("message", text.New("on_weekday.monday"), text.New("nowhere"), text.New("problem.unknown_field"))
	for _, day := range []string{"tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"} {
		add("weekday", text.List{Items: []any{text.New("weekday." + day), text.New("on_weekday." + day)}})
	}
	add("unknown type", 3.5)
	return all
}

func TestRenderings(t *testing.T) {
	c := load(t, words(`show: "{{.X}}"`))
	var out strings.Builder
	for _, code := range c.Languages() {
		fmt.Fprintf(&out, "# %s (~ is a no-break space)\n", code)
		for _, arg := range samples() {
			said := c.Render(code, text.New("show", "X", arg.Value))
			fmt.Fprintf(&out, "%s: %s\n", arg.Name, strings.ReplaceAll(said, "\u00a0", "~"))
		}
	}
	golden(t, "testdata/renderings.golden", out.String())
}

// problems are the API's refusals with the arguments that they print.
func problems() []text.Message {
	moment := text.Moment(time.Date(2026, time.May, 1, 14, 5, 0, 0, time.UTC))
	pounds := func(minor int64) text.Money { return text.Money{Minor: minor, Scale: 2, Currency: "GBP"} }
	return []text.Message{
		text.New("problem.malformed_request"),
		text.New("problem.malformed_request", "Detail", "line 3"),
		text.New("problem.unknown_field", "Field", text.Quoted("itemz")),
		text.New("problem.unauthorized"),
		text.New("problem.forbidden"),
		text.New("problem.forbidden", "Scope", text.Quoted("events:write")),
		text.New("problem.not_found"),
		text.New("problem.unknown_member", "Member", text.Quoted("mem_1")),
		text.New("problem.unknown_identity", "Identity", text.Quoted("card:29")),
		text.New("problem.idempotency_conflict", "Key", text.Quoted("k1")),
		text.New("problem.order_exists", "Order", text.Quoted("A-1")),
		text.New("problem.event_in_future", "Time", moment),
		text.New("problem.event_too_old", "Time", moment, "Earliest", text.Date{Year: 2026, Month: time.June, Day: 1}),
		text.New("problem.amount_malformed", "Amount", text.Quoted("1,5")),
		text.New("problem.amount_too_precise", "Amount", text.Quoted("1.005"), "Scale", int64(2)),
		text.New("problem.amount_out_of_range", "Amount", text.Quoted("99999999999999999")),
		text.New("problem.currency_mismatch", "Currency", "EUR", "Expected", "GBP"),
		text.New("problem.total_mismatch", "Total", pounds(1000), "Sum", pounds(1050)),
		text.New("problem.negative_quantity", "Quantity", text.Quoted("-2")),
		text.New("problem.too_many_items", "Items", int64(1200), "Limit", int64(1000)),
		text.New("problem.body_too_large", "Limit", int64(1048576)),
		text.New("problem.batch_too_large", "Entries", int64(1200), "Limit", int64(1000)),
		text.New("problem.identity_taken", "Identity", text.Quoted("card:29")),
		text.New("problem.already_merged"),
		text.New("problem.merge_in_progress"),
		text.New("problem.member_blocked"),
		text.New("problem.member_merged", "Into", text.Quoted("mem_2")),
		text.New("problem.program_missing"),
		text.New("problem.program_invalid", "Count", int64(1)),
		text.New("problem.program_invalid", "Count", int64(3)),
		text.New("problem.program_invalid", "Count", int64(5)),
		text.New("problem.insufficient_balance", "Needed", text.Points{Minor: 200, Forms: beans}, "Available", text.Points{Minor: -1, Forms: beans}),
		text.New("problem.claim_too_late", "Window", text.Span{Days: 30}),
		text.New("problem.already_claimed", "Order", text.Quoted("A-1")),
		text.New("problem.unknown_order", "Order", text.Quoted("A-1")),
		text.New("problem.unknown_event_type", "Type", text.Quoted("revue")),
		text.New("problem.rate_limited"),
		text.New("problem.internal"),
		text.New("problem.internal", "Reference", "r-7"),
		text.New("problem.unavailable"),
	}
}

func TestProblems(t *testing.T) {
	c := load(t)
	var out strings.Builder
	for _, m := range problems() {
		fmt.Fprintf(&out, "# %s\n", m.ID)
		for _, code := range c.Languages() {
			said := c.Render(code, m)
			fmt.Fprintf(&out, "%s: %s\n", code, strings.ReplaceAll(said, "\u00a0", "~"))
			if strings.ContainsAny(said, "⟦⟧") {
				t.Errorf("%s: %s says %s", code, m.ID, said)
			}
		}
	}
	golden(t, "testdata/problems.golden", out.String())
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs; run the test with -update and read what changed (-want +got):\n%s", path, diff)
	}
}

func TestTemplates(t *testing.T) {
	c := load(t, words(`
greet: "{{cap .Who}} and {{.Who}}{{if .Also}}, also {{.Also}}{{end}}."
nested:
  deeper: "in a nest"
count: {one: "{{.Count}} thing", few: "{{.Count}} few", other: "{{.Count}} things"}
ends: "до {{.Date}}."
`))
	day := text.Date{Year: 2026, Month: time.May, Day: 1}
	for _, tc := range []struct {
		lang string
		m    text.Message
		want string
	}{
		{"en", text.New("greet", "Who", "anna"), "Anna and anna."},
		{"en", text.New("greet", "Who", text.New("nested.deeper"), "Also", "x"), "In a nest and in a nest, also x."},
		{"en", text.New("greet", "Who", "{{.Also}}", "Also", "<b>"), "{{.Also}} and {{.Also}}, also <b>."},
		{"ru", text.New("greet", "Who", "ёж"), "Ёж and ёж."},
		{"en", text.New("greet"), "⟦.Who⟧ and ⟦.Who⟧."},
		{"en", text.New("count", "Count", int64(1)), "1 thing"},
		{"en", text.New("count", "Count", int64(-1)), "−1 thing"},
		{"cs", text.New("count", "Count", int64(3)), "3 few"},
		{"en", text.New("count", "Count", "1"), "1 things"}, // a text is no count
		{"ru", text.New("ends", "Date", day), "до 1 мая 2026 г."},
		{"pl", text.New("nowhere", "X", "y"), "⟦nowhere⟧"},
		{"pl-PL", text.New("answer.yes"), "tak"},
		{"CS_cz", text.New("answer.yes"), "ano"},
		{"de", text.New("answer.yes"), "yes"},
		{"", text.New("answer.yes"), "yes"},
	} {
		if got := c.Render(tc.lang, tc.m); got != tc.want {
			t.Errorf("%q: %s says %q; want %q", tc.lang, tc.m.ID, got, tc.want)
		}
	}
	if !c.Has("pl", "nested.deeper") || c.Has("pl", "nested") || c.Has("de", "greet") {
		t.Error("Has is wrong about nested entries or unknown languages")
	}
}

func TestMissing(t *testing.T) {
	files := words(`a: "{{.X}}"`).(fstest.MapFS)
	files["words/pl.yaml"] = &fstest.MapFile{Data: []byte(`a: {one: "{{.X}}", other: "{{.X}}"}`)}
	files["words/cs.yaml"] = &fstest.MapFile{Data: []byte(`{a: "{{if .Y}}{{.X}}{{end}}", b: "only here"}`)}
	files["words/ru.yaml"] = &fstest.MapFile{Data: []byte(`c: ""` + "\n" + `d: "x"`)}
	if _, err := i18n.Load(files); err == nil || !strings.Contains(err.Error(), `"c" has no words`) {
		t.Errorf("an empty entry: %v", err)
	}
	files["words/ru.yaml"] = &fstest.MapFile{Data: []byte(`a: "{{cap .X}}"`)}
	want := []string{
		"pl: a lacks the plural form few",
		"pl: a lacks the plural form many",
		"cs: a has the placeholders [X Y], but en has [X]",
		"en: b is missing (cs has it)",
		"pl: b is missing (cs has it)",
		"ru: b is missing (cs has it)",
	}
	if diff := cmp.Diff(want, load(t, files).Missing()); diff != "" {
		t.Error(diff)
	}
}

func TestLoadRefuses(t *testing.T) {
	for name, tc := range map[string]struct {
		files fs.FS
		want  string
	}{
		"no files":          {fstest.MapFS{}, "words in en: open words/en.yaml: file does not exist"},
		"an entry twice":    {words(`answer.yes: "aye"`), `words/en.yaml: the entry "answer.yes" stands twice`},
		"a broken template": {words(`a: "{{.X"`), `words/en.yaml: the entry "a", form other: template: :1: unclosed action`},
		"a foreign form":    {words(`a: {two: "x", other: "y"}`), `words/en.yaml: the entry "a" has a form zero or two, which no language here uses`},
		"broken YAML":       {words("a: [1"), "words/en.yaml: "},
	} {
		_, err := i18n.Load(tc.files)
		if err == nil || !strings.HasPrefix(err.Error(), tc.want) {
			t.Errorf("%s: %v; want %s", name, err, tc.want)
		}
	}
}

func TestConcurrentUse(t *testing.T) {
	c := load(t)
	render := func(code string) (said []string) {
		for _, m := range problems() {
			said = append(said, c.Render(code, m))
		}
		return said
	}
	want := map[string][]string{"pl": render("pl"), "ru": render("ru")}
	var group sync.WaitGroup
	for range 4 {
		for code := range want {
			group.Go(func() {
				if diff := cmp.Diff(want[code], render(code)); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
	group.Wait()
}

func TestMatch(t *testing.T) {
	for _, tc := range []struct {
		header  string
		offered []string
		want    string
	}{
		{"pl-PL,pl;q=0.9,en;q=0.8", nil, "pl"},
		{"de-DE,de;q=0.9,cs;q=0.5,ru;q=0.7", nil, "ru"},
		{"fr", nil, "en"},
		{"", nil, "en"},
		{"*", nil, "en"},
		{"ru;q=0,cs", nil, "cs"},
		{"en", []string{"pl", "cs"}, "pl"},
		{"CS", []string{"pl", "cs"}, "cs"},
		{"!!;q=x", nil, "en"},
		{strings.Repeat("pl,", 1000), nil, "en"},
	} {
		if got := i18n.Match(tc.header, tc.offered...); got != tc.want {
			t.Errorf("Match(%.40q, %v) = %q; want %q", tc.header, tc.offered, got, tc.want)
		}
	}
}

func BenchmarkRender(b *testing.B) {
	c := load(b)
	m := text.New("problem.insufficient_balance",
		"Needed", text.Points{Minor: 200, Forms: beans}, "Available", text.Points{Minor: 12, Forms: beans})
	b.ReportAllocs()
	for b.Loop() {
		c.Render("pl", m)
	}
}
