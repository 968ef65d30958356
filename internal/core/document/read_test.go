package document_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"premia/internal/core/document"
)

func TestReadTakesEverythingAsWritten(t *testing.T) {
	var p program
	source, problems := document.Read("p.yaml", []byte("\ufeff"+sample), &p)
	if problems.Err() != nil || source == nil {
		t.Fatalf("source %v, problems:\n%v", source, problems)
	}
	beans, _ := p.Wallets.Get("beans")
	cash, _ := p.Wallets.Get("cash")
	give := p.Earn[0].Give
	half, _ := give.Units.Get("cash")
	got := []any{
		p.Name, p.Currency, p.Version, p.Public, p.Shards, *p.Budget, p.Langs, p.Wallets.Keys(),
		beans.Unit, beans.Pending, beans.Expires, cash.Unit, cash.Expires.Never,
		p.Earn[0].ID.name, p.Earn[0].When, give.Per.String(), give.Units.Keys(), half.String(), p.Earn[0].Stop,
		p.Earn[1].ID.name, p.Earn[1].Give == nil, p.Earn[1].Either[0].ID.name, p.Earn[1].Either[0].When,
		p.Labels.Keys(), p.From.String(), p.Until.String(),
	}
	want := []any{
		document.Text{"en": "Bean Club", "pl": "Klub Żarna", "ru": "Клуб"}, "PLN", "1.10", true, 64, int64(9223372036854775807),
		[]string{"pl", "en"}, []string{"beans", "cash"},
		document.UnitName{"pl": {"one": "ziarno", "few": "ziarna", "many": "ziaren", "other": "ziarna"}, "en": {"other": "beans"}},
		document.Span{Days: 14}, expiry{After: document.Span{Years: 1, Months: 6}}, document.UnitName{"": {"other": "100"}}, true,
		"spend", `item.category != "gift-card"`, "1.00", []string{"beans", "cash"}, "0.50", verdict("on match"),
		"2", true, "true", "event.total > 10 && member.age >= 18",
		[]string{"b", "a"}, "2026-05-01T08:00:00+02:00", "2026-12-31",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestReadTakesJSON(t *testing.T) {
	var p program
	src := "{\n\t\"name\": \"Café \\ud83d\\ude00 \\/\",\n\t\"currency\": \"EUR\",\n\t\"earn\": [{\"id\": \"a\", \"give\": {\"beans\": 1.50}}]\n}"
	if _, problems := document.Read("p.json", []byte(src), &p); problems.Err() != nil {
		t.Fatal(problems)
	}
	beans, _ := p.Earn[0].Give.Units.Get("beans")
	if p.Name[""] != "Café 😀 /" || beans.String() != "1.50" {
		t.Errorf("name %q, beans %s", p.Name[""], beans)
	}
}

func TestWindowsLineEndings(t *testing.T) {
	var p program
	if _, problems := document.Read("p.yaml", []byte(strings.ReplaceAll(sample, "\n", "\r\n")), &p); problems.Err() != nil {
		t.Fatal(problems)
	}
	_, problems := document.Read("p.yaml", []byte("name: x\r\ncurrency: PLN\r\nshards: x\r\n"), &p)
	if len(problems) != 1 || problems[0].Pos != (document.Pos{Line: 3, Column: 9}) {
		t.Errorf("problems: %v", problems)
	}
}

func TestSectionsAndHeadFormOneTopLevel(t *testing.T) {
	head := struct {
		Program string `doc:"program,required"`
	}{}
	var earn []rule
	var wallets document.Map[wallet]
	sections := []document.Section{
		{Key: "wallets", Into: &wallets, Required: true, Help: "Balances that members have."},
		{Key: "earn", Into: &earn, Help: "What earns."},
	}
	src := "program: Bean Club\nearn:\n  - {id: a}\nwallets: {beans: {}}\n"
	source, problems := document.ReadSections("p.yaml", []byte(src), &head, sections)
	if problems.Err() != nil || head.Program != "Bean Club" || len(earn) != 1 || !wallets.Has("beans") {
		t.Fatalf("head %v, earn %v, wallets %v, problems %v", head, earn, wallets.Keys(), problems)
	}
	if got := source.At("earn[0].id"); got != (document.Pos{Line: 3, Column: 10}) {
		t.Errorf("position %v", got)
	}
	_, problems = document.ReadSections("p.yaml", []byte("program: x\nern: []\n"), &head, sections)
	want := `p.yaml:1:1: wallets: the key "wallets" is missing; Balances that members have.
p.yaml:2:1: ern: unknown key "ern"; did you mean "earn"?`
	if diff := cmp.Diff(want, problems.Error()); diff != "" {
		t.Error(diff)
	}
	_, problems = document.ReadSections("p.yaml", nil, &head, sections)
	if want := "p.yaml:1:1: the document is empty; write a mapping with the keys program, wallets, earn"; problems.Error() != want {
		t.Errorf("%v", problems)
	}
}

func TestWrongTypesOfTheProgramPanicOrAreErrors(t *testing.T) {
	type floats struct {
		A float64 `doc:"a"`
	}
	type hidden struct {
		a string `doc:"a"`
	}
	type badTag struct {
		A int `doc:"a,optional"`
	}
	type badBound struct {
		A int `doc:"a" min:"x"`
	}
	type twice struct {
		A, B int `doc:"a"`
	}
	type restNoMap struct {
		A string `doc:",rest"`
	}
	for _, into := range []any{&floats{}, &hidden{a: ""}, &badTag{}, &badBound{}, &twice{}, &restNoMap{}} {
		if _, err := document.Schema(into, ""); err == nil {
			t.Errorf("%T has a schema", into)
		}
		mustPanic(t, func() { document.Read("", []byte("a: 1"), into) })
	}
	mustPanic(t, func() { document.Read("", []byte("a: 1"), program{}) })
	mustPanic(t, func() {
		document.ReadSections("", nil, &twice{}, nil)
	})
	mustPanic(t, func() {
		document.ReadSections("", nil, &window{}, []document.Section{{Key: "from", Into: &window{}}})
	})
}

func mustPanic(t *testing.T, do func()) {
	t.Helper()
	defer func() {
		if recover() == nil {
			t.Error("did not panic")
		}
	}()
	do()
}

func TestManyProblemsAreCut(t *testing.T) {
	var p program
	src := "name: x\ncurrency: PLN\nlanguages:\n" + strings.Repeat("  - {}\n", 5000)
	_, problems := document.Read("", []byte(src), &p)
	if len(problems) != 101 {
		t.Fatalf("%d problems", len(problems))
	}
	if last := problems[100]; last.Code != document.CodeTooManyMore || last.Message.String() != "4901 more problems are not listed" {
		t.Errorf("%v", last)
	}
}

func TestMapKeepsOrder(t *testing.T) {
	type entry = document.Entry[int]
	m := document.MakeMap(entry{"b", 1}, entry{"a", 2}, entry{"b", 3})
	var keys []string
	var values []int
	for key, value := range m.All() {
		keys, values = append(keys, key), append(values, value)
	}
	if !slices.Equal(keys, []string{"b", "a"}) || !slices.Equal(values, []int{3, 2}) || m.Len() != 2 {
		t.Errorf("%v %v %d", keys, values, m.Len())
	}
	if _, ok := m.Get("c"); ok || m.Has("c") {
		t.Error("has a key that was not set")
	}
	m.Keys()[0] = "changed"
	if !m.Has("b") || m.Keys()[0] != "b" {
		t.Error("the caller changed the map through Keys")
	}
}
