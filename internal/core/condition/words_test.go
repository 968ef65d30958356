package condition

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"go.yaml.in/yaml/v3"
	"golang.org/x/text/language"

	"premia/internal/core/money"
	"premia/internal/core/text"
)

// outline writes a message as id{Name: value, …}.
func outline(v any) string {
	switch v := v.(type) {
	case text.Message:
		args := make([]string, len(v.Args))
		for i, a := range v.Args {
			args[i] = a.Name + ": " + outline(a.Value)
		}
		return strings.TrimPrefix(v.ID, "condition.") + "{" + strings.Join(args, ", ") + "}"
	case text.List:
		items := make([]string, len(v.Items))
		for i, item := range v.Items {
			items[i] = outline(item)
		}
		word := " and "
		if v.Or {
			word = " or "
		}
		return strings.Join(items, word)
	case text.Points:
		return money.Format(v.Minor, v.Scale)
	case text.Quoted:
		return "‘" + string(v) + "’"
	case text.Localized:
		return "localized " + v.Texts[v.Fallback]
	}
	return fmt.Sprint(v)
}

func TestWords(t *testing.T) {
	e, words := testEnv(t), catalogue(t, "en")
	for src, want := range map[string]string{
		`item.category != "gift-card"`:                        `not_equal{Field: field.item.category{}, Value: ‘gift-card’}`,
		`"app" == event.channel`:                              `equal{Field: field.event.channel{}, Value: ‘app’}`,
		`100 <= event.total`:                                  `greater_or_equal{Field: field.event.total{}, Value: 100}`,
		`event.total >= 100.00`:                               `greater_or_equal{Field: field.event.total{}, Value: 100.00}`,
		`event.total > event.quantity`:                        `greater{Field: field.event.total{}, Value: field.event.quantity{}}`,
		`!(event.quantity > 3)`:                               `less_or_equal{Field: field.event.quantity{}, Value: 3}`,
		`event.urgent`:                                        `is_true{Field: field.event.urgent{}}`,
		`!event.urgent`:                                       `is_false{Field: field.event.urgent{}}`,
		`event.urgent != true`:                                `is_false{Field: field.event.urgent{}}`,
		`has(event.channel)`:                                  `has{Field: field.event.channel{}}`,
		`!has(event.data.color)`:                              `has_not{Field: field.event.color{}}`,
		`item.category in ["coffee", "tea"]`:                  `one_of{Field: field.item.category{}, Values: ‘coffee’ or ‘tea’}`,
		`!(item.category in ["coffee"])`:                      `none_of{Field: field.item.category{}, Values: ‘coffee’}`,
		`event.urgent in [true, false]`:                       `one_of{Field: field.event.urgent{}, Values: yes{} or no{}}`,
		`event.tags.exists(t, t == "a")`:                      `formula{Source: ‘event.tags.exists(t, t == "a")’}`,
		`event.items.exists(i, event.quantity == i.quantity)`: `any_item{Condition: equal{Field: field.event.quantity{}, Value: field.item.quantity{}}}`,
		`"vip" in event.tags`:                                 `list_has{Field: field.event.tags{}, Value: ‘vip’}`,
		`!("vip" in event.tags)`:                              `list_has_not{Field: field.event.tags{}, Value: ‘vip’}`,
		`event.channel.startsWith("a")`:                       `starts_with{Field: field.event.channel{}, Value: ‘a’}`,
		`!event.channel.endsWith("a")`:                        `not{Condition: ends_with{Field: field.event.channel{}, Value: ‘a’}}`,
		`event.channel.lowerAscii().contains("a")`:            `contains{Field: field.event.channel{}, Value: ‘a’}`,
		`event.items.exists(i, i.category == "tea")`:          `any_item{Condition: equal{Field: field.item.category{}, Value: ‘tea’}}`,
		`!event.items.exists(i, i.fresh)`:                     `no_item{Condition: is_true{Field: field.item.fresh{}}}`,
		`event.items.all(i, i.quantity > 1)`:                  `every_item{Condition: greater{Field: field.item.quantity{}, Value: 1}}`,
		`event.items.exists_one(i, i.quantity > 1)`:           `one_item{Condition: greater{Field: field.item.quantity{}, Value: 1}}`,
		`event.items.size() >= 3`:                             `greater_or_equal{Field: number_of{Field: field.event.items{}}, Value: 3}`,
		`event.items.map(i, i.total).sum() > 50`:              `greater{Field: sum_of{Field: field.item.total{}}, Value: 50}`,
		`event.at >= timestamp("2026-05-01")`:                 `greater_or_equal{Field: field.event.at{}, Value: {2026 May 1}}`,
		`event.urgent && (event.urgent || item.fresh)`:        `and{Items: is_true{Field: field.event.urgent{}} and group{Condition: or{Items: is_true{Field: field.event.urgent{}} or is_true{Field: field.item.fresh{}}}}}`,
		`event.quantity % 2 == 1 || event.urgent`:             `or{Items: formula{Source: ‘event.quantity % 2 == 1’} or is_true{Field: field.event.urgent{}}}`,
		`(event.total + 1) * -  1.5 > 2.5 && (true)`:          `and{Items: formula{Source: ‘(event.total + 1) * -  1.5 > 2.5’} and formula{Source: ‘true’}}`,
		`event.urgent || event.tags.exists(t, t == ")")`:      `or{Items: is_true{Field: field.event.urgent{}} or formula{Source: ‘event.tags.exists(t, t == ")")’}}`,
		`event.urgent || size("a\"(") == floor(1.5)`:          `or{Items: is_true{Field: field.event.urgent{}} or formula{Source: ‘size("a\"(") == floor(1.5)’}}`,
		`event.urgent || event.at.getHours() in [1, 2]`:       `or{Items: is_true{Field: field.event.urgent{}} or formula{Source: ‘event.at.getHours() in [1, 2]’}}`,
	} {
		got := compileFor(t, e, src, Bool).Words()
		if diff := cmp.Diff(want, outline(got)); diff != "" {
			t.Errorf("%s: %s", src, diff)
		}
		checkWords(t, words, got)
	}
	x := compileFor(t, e, `event.urgent && event.channel == "app"`, Bool)
	if got := outline(x.PartWords(1)); got != `equal{Field: field.event.channel{}, Value: ‘app’}` || x.Parts() != 2 {
		t.Errorf("part 1 of %d is %s", x.Parts(), got)
	}
}

// TestLabels shows the words of fields that an author declared.
func TestLabels(t *testing.T) {
	label := func(word string) text.Localized {
		return text.Localized{Fallback: "en", Texts: map[string]string{"en": word}}
	}
	e, err := NewEnv(testEnv(t).Zone(), []Variable{{Name: "wallet", Type: ObjectOf("wallets"), ID: 1}}, []Object{
		{Name: "wallets", ID: 1, Fields: []Field{{Name: "beans", Type: ObjectOf("wallet"), ID: 1, Label: label("beans")}}},
		{Name: "wallet", ID: 2, Fields: []Field{
			{Name: "available", Type: Decimal, ID: 2}, {Name: "stars", Type: Int, ID: 3, Label: label("stars")}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for src, want := range map[string]string{
		`wallet.beans.available > 5`: `greater{Field: field_of{Owner: localized beans, Field: field.wallet.available{}}, Value: 5}`,
		`wallet.beans.stars > 5`:     `greater{Field: field_of{Owner: localized beans, Field: localized stars}, Value: 5}`,
	} {
		if diff := cmp.Diff(want, outline(compileFor(t, e, src, Bool).Words())); diff != "" {
			t.Errorf("%s: %s", src, diff)
		}
	}
}

func TestWordsForExplanations(t *testing.T) {
	e := testEnv(t)
	for _, c := range []struct{ got, want any }{
		{e.FieldWords(itemCategory), text.New("condition.field.item.category")},
		{e.FieldWords(999), nil},
		{e.ValueWords(StringValue("till")), text.Quoted("till")},
		{e.ValueWords(MinorValue(1250, 2)), text.Points{Minor: 1250, Scale: 2}},
		{e.ValueWords(DurationValue(26 * time.Hour)), text.Span{Days: 1, Hours: 2}},
		{e.ValueWords(TimestampValue(time.Date(2026, 4, 30, 22, 0, 0, 0, time.UTC))), text.Date{Year: 2026, Month: 5, Day: 1}},
		{e.ValueWords(Value{}), nil},
		{e.ValueWords(ListValue(2)), nil},
	} {
		if diff := cmp.Diff(c.want, c.got); diff != "" {
			t.Error(diff)
		}
	}
}

// catalogue reads a language's file as go-i18n does.
func catalogue(t *testing.T, lang string) map[string]string {
	t.Helper()
	data, err := Words.ReadFile("words/" + lang + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	file, err := i18n.ParseMessageFileBytes(data, lang+".yaml", map[string]i18n.UnmarshalFunc{"yaml": yaml.Unmarshal})
	if err != nil || file.Tag != language.Make(lang) {
		t.Fatalf("%s: %v, %v", lang, file, err)
	}
	out := make(map[string]string)
	for _, m := range file.Messages {
		out[m.ID] = m.Other
	}
	return out
}

var placeholder = regexp.MustCompile(`{{\.(\w+)}}`)

func placeholders(words string) []string {
	found := placeholder.FindAllString(words, -1)
	slices.Sort(found)
	return found
}

// TestCatalogues checks that every language has the same entries with the same
// placeholders, and that they have what the package says.
func TestCatalogues(t *testing.T) {
	english := catalogue(t, "en")
	for _, lang := range []string{"pl", "cs", "ru"} {
		other := catalogue(t, lang)
		if diff := cmp.Diff(slices.Sorted(maps.Keys(english)), slices.Sorted(maps.Keys(other))); diff != "" {
			t.Errorf("%s has other entries: %s", lang, diff)
		}
		for id, words := range english {
			if diff := cmp.Diff(placeholders(words), placeholders(other[id])); diff != "" {
				t.Errorf("%s, %s: %s", lang, id, diff)
			}
		}
	}
}

// checkWords fails where a message within has no words in English.
func checkWords(t *testing.T, words map[string]string, v any) {
	t.Helper()
	switch v := v.(type) {
	case text.Message:
		if words[v.ID] == "" && !testField(v.ID) {
			t.Errorf("%s has no words", v.ID)
		}
		for _, a := range v.Args {
			checkWords(t, words, a.Value)
			if !testField(v.ID) && !strings.Contains(words[v.ID], "{{."+a.Name+"}}") {
				t.Errorf("the words of %s leave out %s", v.ID, a.Name)
			}
		}
	case text.List:
		for _, item := range v.Items {
			checkWords(t, words, item)
		}
	}
}

// testField says whether the id names a field, which the tests' environment has
// more of than the catalogue.
func testField(id string) bool { return strings.HasPrefix(id, "condition.field.") }
