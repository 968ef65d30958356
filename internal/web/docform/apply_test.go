package docform_test

import (
	"strings"
	"testing"

	"premia/internal/core/condition"
)

const typedInto = `program: P   # its name
languages: [pl, en]
wallets:
  beans: {name: bean}
  stars:
    name: {pl: gwiazdka, en: {one: star, other: stars}}
    expires: 3mo
earn:
  - id: a
    name: Old   # for all
    when: event.total >= 10.0
    items: items.exists(i, i.sku == "X")
    days: [sun, mon]
    from: 2026-01-01 08:00
    without: [tax]
returns: {}
`

// TestApply types into fields of each kind.
func TestApply(t *testing.T) {
	const rule = "earn[0]"
	row := "row:earn[0].when:"
	for _, c := range []struct {
		what, sheet string
		typed       []string // names and values; a value of "-" is not sent
		want        []string // old and new, in turn
	}{
		{"a text for all becomes one of each language", rule, []string{"v:earn[0].name.en", "New"}, []string{"name: Old ", "name: {pl: Old, en: New} "}},
		{"a text for all changes", rule, []string{"v:earn[0].name", "New"}, []string{"name: Old ", "name: New "}},
		{"a text goes", rule, []string{"v:earn[0].name", ""}, []string{"    name: Old   # for all\n", ""}},
		{"a unit for all gets forms", "wallets.beans", []string{"v:wallets.beans.name.pl.few", "ziarnka"}, []string{"name: bean", "name: {pl: {other: bean, few: ziarnka}}"}},
		{"a unit of one form gets others", "wallets.stars", []string{"v:wallets.stars.name.pl.few", "gwiazdki"}, []string{"pl: gwiazdka", "pl: {other: gwiazdka, few: gwiazdki}"}},
		{"a unit of one form changes", "wallets.stars", []string{"v:wallets.stars.name.pl.other", "gwiazda"}, []string{"pl: gwiazdka", "pl: gwiazda"}},
		{"a language goes", "wallets.stars", []string{"v:wallets.stars.name.en.one", "", "v:wallets.stars.name.en.other", ""}, []string{", en: {one: star, other: stars}", ""}},
		{"a short form changes", "wallets.stars", []string{"v:wallets.stars.expires", "never"}, []string{"expires: 3mo", "expires: never"}},
		{"a short form becomes a long one", "wallets.stars", []string{"n:wallets.stars.expires.after", "6", "u:wallets.stars.expires.after", "mo"}, []string{"expires: 3mo", "expires: {after: 6mo}"}},
		{"a short form goes", "wallets.stars", []string{"v:wallets.stars.expires", ""}, []string{"    expires: 3mo\n", ""}},
		{"a comparison changes", rule, []string{row + "0:value", "20"}, []string{">= 10.0", ">= 20.0"}},
		{"a comparison is added", rule, []string{row + "1:field", "event.channel", row + "1:is", "in", row + "1:value", "app, web", "any:earn[0].when", "any"}, []string{"event.total >= 10.0", `'event.total >= 10.0 || event.channel in ["app", "web"]'`}},
		{"a comparison goes", rule, []string{row + "0:field", ""}, []string{"    when: event.total >= 10.0\n", ""}},
		{"the text of a condition counts", rule, []string{"v:earn[0].when", "true", row + "0:value", "20"}, []string{"event.total >= 10.0", "true"}},
		{"a condition that is no rows is a text", rule, []string{"v:earn[0].items", "item.sku == \"Y\""}, []string{`items.exists(i, i.sku == "X")`, `item.sku == "Y"`}},
		{"ticks keep their order", rule, []string{"v:earn[0].days", "mon,tue,sun"}, []string{"[sun, mon]", "[sun, mon, tue]"}},
		{"no ticks", rule, []string{"v:earn[0].days", ""}, []string{"[sun, mon]", "[]"}},
		{"a list that is unticked goes", rule, []string{"on:earn[0].without", "-"}, []string{"    without: [tax]\n", ""}},
		{"a moment loses its time", rule, []string{"t:earn[0].from", ""}, []string{"2026-01-01 08:00", "2026-01-01"}},
		{"a moment goes", rule, []string{"v:earn[0].from", "", "t:earn[0].from", ""}, []string{"    from: 2026-01-01 08:00\n", ""}},
		{"a group is used with nothing in it", rule, []string{"on:earn[0].give", "on"}, []string{"    without:", "    give: {}\n    without:"}},
		{"a new entry", rule, []string{"k:earn[0].multiply", "beans", "new:earn[0].multiply", "2"}, []string{"    without:", "    multiply: {beans: 2}\n    without:"}},
		{"a new entry with a comma", rule, []string{"k:earn[0].multiply", "beans", "new:earn[0].multiply", "1,5"}, []string{"    without:", "    multiply: {beans: 1.5}\n    without:"}},
		{"a comparison with a comma and thousands", rule, []string{row + "0:value", "1 020,50"}, []string{">= 10.0", ">= 1020.50"}},
		{"an amount to count by", rule, []string{"v:earn[0].give.per", "1 000,50", "on:earn[0].give", "on"}, []string{"    without:", "    give: {per: 1000.50}\n    without:"}},
		{"a text with a comma stays one", rule, []string{"v:earn[0].name", "1,5"}, []string{"name: Old ", "name: \"1,5\" "}},
		{"a group that may be empty stays", "returns", []string{"v:returns.match", ""}, nil},
		{"what no sheet has changes nothing", rule, []string{"v:program", "Other", "v:earn[1].id", "b"}, nil},
	} {
		ctx := contextOf(t, []byte(typedInto))
		ctx.Conditions = func(path string) bool { return strings.HasSuffix(path, ".when") || strings.HasSuffix(path, ".items") }
		ctx.Readable = func(bool) []condition.Readable {
			return []condition.Readable{{Name: "event.total", Type: condition.Decimal}, {Name: "event.channel", Type: condition.String}}
		}
		s, ok := ctx.Open(c.sheet)
		if !ok {
			t.Fatalf("there is no sheet %s", c.sheet)
		}
		typed := drawn(s)
		for i := 0; i < len(c.typed); i += 2 {
			name, value := c.typed[i], c.typed[i+1]
			switch {
			case value == "-":
				typed.Del(name)
			case typed.Has("list:" + strings.TrimPrefix(name, "v:")):
				typed[name] = strings.Split(value, ",")
			default:
				typed.Set(name, value)
			}
		}
		got, err := ctx.Apply(s, typed)
		if err != nil {
			t.Errorf("%s: %v", c.what, err)
			continue
		}
		if want := strings.NewReplacer(c.want...).Replace(typedInto); string(got) != want {
			t.Errorf("%s: it became\n%s", c.what, firstDifference([]byte(want), got))
		}
	}
}

// TestNumbersAsTheReaderWrites shows numbers with a comma, takes them with either mark and
// with spaces between thousands, and leaves alone what is no number.
func TestNumbersAsTheReaderWrites(t *testing.T) {
	src := "rewards:\n  - id: ten\n    name: {en: Voucher, pl: Bon}\n    cost: 12.50\n"
	for typed, want := range map[string]string{
		"12,50": "cost: 12.50", "12.50": "cost: 12.50", "55,50": "cost: 55.50", "55.5": "cost: 55.5", "1 234,5": "cost: 1234.5",
		"1\u00a0234": "cost: 1234", "5,50,1": `cost: "5,50,1"`, "a lot": "cost: a lot",
	} {
		ctx := contextOf(t, []byte(src))
		s, ok := ctx.Open("rewards[0]")
		if !ok {
			t.Fatal("there is no sheet of the reward")
		}
		sent := drawn(s)
		if shown := sent.Get("v:rewards[0].cost"); shown != "12,50" {
			t.Errorf("the cost is shown as %q", shown)
		}
		sent.Set("v:rewards[0].cost", typed)
		got, err := ctx.Apply(s, sent)
		if err != nil || !strings.Contains(string(got), want) {
			t.Errorf("%q became %s (%v), want %q", typed, got, err, want)
		}
	}
}

// TestPartsByName lists parts by what people call them, in the reader's language or another.
func TestPartsByName(t *testing.T) {
	src := "wallets:\n  beans: {name: {pl: {one: ziarnko, few: ziarnka, many: ziaren}}}\n  stars: {}\nrewards:\n  - {id: ten, name: {en: Voucher, pl: Bon}}\n  - {id: tea, name: Tea}\n  - {id: cup, name: {en: Cup}}\n"
	ctx := contextOf(t, []byte(src))
	for path, want := range map[string]string{"wallets.beans": "ziarnka", "wallets.stars": "", "rewards[0]": "Bon", "rewards[1]": "Tea", "rewards[2]": "Cup"} {
		if got := ctx.Name(path); got != want {
			t.Errorf("%s is called %q, want %q", path, got, want)
		}
	}
	if s, ok := ctx.Open("rewards[0]"); !ok || s.Crumbs[1].Label != "Bon" {
		t.Errorf("the way to the reward is %+v", s)
	}
}
