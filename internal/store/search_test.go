package store

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"premia/internal/core/ledger"
)

func init() {
	conformance["members are found"] = membersFound
	conformance["values of before the search are findable"] = searchFilledOnce
}

func TestTerms(t *testing.T) {
	for _, c := range []struct{ kind, name, value, want string }{
		{Profile, "given_name", "Łukasz", "lukasz"},
		{Profile, "family_name", "Nowak-Dvořáková von Berg", "berg dvorakova nowak-dvorakova von"},
		{Identity, "email", "Anna.Kowalska+x@example.com", "anna anna.kowalska+x@example.com kowalska x"},
		{Identity, "phone", "+48600100200", "00100200 48600100200 600100200 8600100200"},
		{Identity, "card", "2900000000025", "2900000000025"},
		{Profile, "birth_date", "1990-01-02", ""},
		{Bank, "red_1", "PL61109010140000071219812874", ""},
		{Profile, "given_name", strings.Repeat("a", 100), strings.Repeat("a", 64)},
	} {
		if got := strings.Join(Terms(&Personal{Kind: c.kind, Name: c.name, Value: c.value}), " "); got != c.want {
			t.Errorf("%s %s %q is found by %q, want %q", c.kind, c.name, c.value, got, c.want)
		}
	}
}

// TestTermsOfAnything: whoever looks for a whole value finds it.
func TestTermsOfAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.StringMatching(`[A-Za-zŁÓżščЖя]{1,80}`).Draw(t, "name")
		terms := Terms(&Personal{Kind: Profile, Name: "family_name", Value: value})
		asked := queryTerms(value)
		if len(asked) != 1 || !slices.ContainsFunc(terms, func(term string) bool { return strings.HasPrefix(term, asked[0]) }) {
			t.Fatalf("%q has the terms %q and is asked for by %q", value, terms, asked)
		}
	})
}

// membersFound compares what is found with a plain look at every value, while
// values come and go.
func membersFound(t *testing.T, sub *subject) {
	s := sub.open(t)
	known := make(map[ledger.MemberID][]Personal)
	given := []string{"Łukasz", "Anna", "Ania", "Артём", "Jan Maria", "Élise"}
	family := []string{"Dvořák", "Nowak", "Nowak-Kowalska", "Сидоров", "Novák"}
	for i := range 60 {
		id := memberNo(i)
		values := []Personal{
			{Member: id, Kind: Profile, Name: "given_name", Value: given[i%len(given)], Salt: []byte{1, byte(i)}},
			{Member: id, Kind: Profile, Name: "family_name", Value: family[i%len(family)], Salt: []byte{2, byte(i)}},
			{Member: id, Kind: Identity, Name: "phone", Value: "+4860010" + string(rune('0'+i/10)) + string(rune('0'+i%10)) + "00", Salt: []byte{3, byte(i)}},
		}
		if i%7 == 0 {
			values = values[1:]
		}
		known[id] = values
		write(t, s, &Writes{Personal: values})
	}
	write(t, s, &Writes{ForgetPersonal: []PersonalKey{{Member: memberNo(3)}, {memberNo(4), Profile, "family_name", ""}}})
	delete(known, memberNo(3))
	known[memberNo(4)] = slices.DeleteFunc(known[memberNo(4)], func(p Personal) bool { return p.Name == "family_name" })
	for _, query := range []string{
		"lukasz", "ŁUKASZ", "artem", "артем", "артём сид", "dvor", "nowak", "kowalska", "an", "an nov", "jan dvorak", "maria", "600 100", "+48 600 101 000", "0048600101", "600101",
		"nobody", "a b c d e", "", "%", "_", "' OR 1=1", "elise novak", strings.Repeat("x", 10_000),
	} {
		got, err := s.FindMembers(t.Context(), query, 1000)
		if err != nil {
			t.Fatalf("%q: %v", query, err)
		}
		s.frequent = 2 // nearly every word is one that many have
		often, err := s.FindMembers(t.Context(), query, 1000)
		s.frequent = frequentRows
		if err != nil {
			t.Fatalf("%q of frequent words: %v", query, err)
		}
		var want []ledger.MemberID
		for id, values := range known {
			if fits(values, queryTerms(query)) {
				want = append(want, id)
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		slices.Sort(often)
		if !slices.Equal(often, want) {
			t.Errorf("%q of frequent words finds %d members, want %d", query, len(often), len(want))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q finds %d members, want %d", query, len(got), len(want))
		}
		if few, err := s.FindMembers(t.Context(), query, 2); err != nil || len(few) != min(2, len(want)) {
			t.Errorf("%q with a limit of 2 finds %v, %v", query, few, err)
		}
	}
}

func fits(values []Personal, query []string) bool {
	var terms []string
	for i := range values {
		terms = append(terms, Terms(&values[i])...)
	}
	for _, word := range query {
		if !slices.ContainsFunc(terms, func(term string) bool { return strings.HasPrefix(term, word) }) {
			return false
		}
	}
	return len(query) > 0
}

// searchFilledOnce takes the table's rows away, as in a database of before it.
func searchFilledOnce(t *testing.T, sub *subject) {
	s := sub.open(t)
	id := memberNo(1)
	write(t, s, &Writes{Personal: []Personal{{Member: id, Kind: Profile, Name: "given_name", Value: "Zuzanna", Salt: []byte{1}}}})
	for _, statement := range []string{"DELETE FROM search", "DELETE FROM settings WHERE key = 'search_filled'"} {
		if err := s.run(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	same(t, "found before", len(must[[]ledger.MemberID](t)(s.FindMembers(t.Context(), "zuzanna", 5))), 0)
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	same(t, "found after", must[[]ledger.MemberID](t)(s.FindMembers(t.Context(), "zuzanna", 5)), []ledger.MemberID{id})
}

// TestPairs: whoever types the beginnings of two words finds the pair, and what a pair
// proves the member has.
func TestPairs(t *testing.T) {
	if got := Pairs([]string{"nowak", "anna", "nowak-kowalska", "48600100200", "anna.nowak@example.com"}); !slices.Equal(got, []string{" annonwaa k  ", " annonwaa k -"}) {
		t.Errorf("the pairs of Anna Nowak are %q", got)
	}
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching(`[ab]{1,9}`)
		one, two := word.Draw(t, "one"), word.Draw(t, "two")
		typed, other := word.Draw(t, "typed"), word.Draw(t, "other")
		if typed > other {
			typed, other = other, typed
		}
		if strings.HasPrefix(other, typed) {
			return
		}
		begins := func(word string) bool { return strings.HasPrefix(one, word) || strings.HasPrefix(two, word) }
		sp := pairSpan(typed, other)
		in := slices.ContainsFunc(Pairs([]string{one, two}), func(pair string) bool {
			return strings.HasPrefix(pair, sp.begin) && like(pair, sp.pattern)
		})
		if both := begins(typed) && begins(other); both && !in || in && !begins(typed) && slices.Contains(sp.proves, typed) || in && !begins(other) && slices.Contains(sp.proves, other) {
			t.Fatalf("of %q and %q, %q and %q are a pair: %v, and both there: %v", one, two, typed, other, in, both)
		}
	})
}

// like is what the databases do with the patterns of spans.
func like(text, pattern string) bool {
	letters := []rune(text)
	for i, p := range []rune(pattern) {
		if p == '%' {
			return true
		}
		if i >= len(letters) || p != '_' && p != letters[i] {
			return false
		}
	}
	return true
}
