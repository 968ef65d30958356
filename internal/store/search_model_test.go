package store

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"premia/internal/core/ledger"
	"premia/internal/i18n"
)

func init() {
	conformance["members are found as by looking at each"] = foundAsByLooking
}

// people are members with names of few letters, so that many begin alike, and the chance
// by which they come, change and go.
type people struct {
	*rand.Rand
	known map[ledger.MemberID][]Personal
	salts int
}

func (p *people) word() string {
	letters := []string{"a", "Ł", "ж"}
	var word strings.Builder
	for range 1 + p.IntN(9) {
		word.WriteString(letters[p.IntN(len(letters))])
	}
	return word.String()
}

func (p *people) value(member ledger.MemberID, name string) Personal {
	one := Personal{Member: member, Kind: Profile, Name: name}
	switch p.salts++; name {
	case "phone":
		one.Kind, one.Value = Identity, fmt.Sprintf("+48%d", (6+p.IntN(3))*100_000_000+p.IntN(90)*1_000_000)
	case "card":
		one.Kind, one.Value = Identity, fmt.Sprint((1+p.IntN(3))*10_000+p.IntN(50))
	case "email":
		one.Kind, one.Value = Identity, p.word()+[]string{"", ".", "_", "-", "+"}[p.IntN(5)]+p.word()+"@b.example"
	case "nickname":
		one.Value = p.word() + []string{"", "@", "_", " 7"}[p.IntN(4)] + p.word()
	default:
		one.Value = p.word() + []string{"", "", " ", "-"}[p.IntN(4)] + p.word()
	}
	one.Salt = fmt.Appendf(nil, "salt %d", p.salts)
	return one
}

var valueNames = []string{"given_name", "family_name", "nickname", "email", "phone", "card"}

// step enrols somebody, changes or takes away one of somebody's values, or erases somebody.
func (p *people) step() *Writes {
	if len(p.known) < 40 || p.IntN(3) == 0 {
		member := memberNo(1000 + p.salts)
		for _, name := range valueNames {
			if p.IntN(4) > 0 {
				p.known[member] = append(p.known[member], p.value(member, name))
			}
		}
		return &Writes{NewMembers: []Member{{ID: member}}, Personal: p.known[member]}
	}
	all := slices.Sorted(maps.Keys(p.known))
	member := all[p.IntN(len(all))]
	key := PersonalKey{Member: member}
	if p.IntN(4) > 0 {
		key.Name = valueNames[p.IntN(len(valueNames))]
	}
	w := &Writes{ForgetPersonal: []PersonalKey{key}}
	p.known[member] = slices.DeleteFunc(p.known[member], func(one Personal) bool { return key.Covers(&one) })
	if key.Name != "" && p.IntN(2) == 0 {
		w.Personal = []Personal{p.value(member, key.Name)}
		p.known[member] = append(p.known[member], w.Personal...)
	}
	return w
}

// query is one to four beginnings of words, mostly of one member's, or those of a name, a
// card and a phone, each of which many have.
func (p *people) query() string {
	if p.IntN(4) == 0 {
		return fmt.Sprint(string([]rune(p.word())[:1]), " ", 1+p.IntN(3), "0 48", 6+p.IntN(3))
	}
	all := slices.Sorted(maps.Keys(p.known))
	values := p.known[all[p.IntN(len(all))]]
	var words []string
	for range 1 + p.IntN(4) {
		word := []rune(p.word())
		if of := strings.Join(strings.FieldsFunc(allValues(values), func(r rune) bool { return strings.ContainsRune(" -", r) }), " "); of != "" && p.IntN(5) > 0 {
			fields := strings.Fields(of)
			word = []rune(fields[p.IntN(len(fields))])
		}
		words = append(words, string(word[:1+p.IntN(len(word))]))
	}
	return strings.Join(words, " ")
}

func allValues(values []Personal) string {
	var text strings.Builder
	for i := range values {
		text.WriteString(values[i].Value + " ")
	}
	return text.String()
}

// begins looks at a value as somebody does who has never heard of terms: what is typed
// stands at a place where a word begins.
func begins(one *Personal, typed string) bool {
	if one.Name == "phone" {
		number := one.Value[1:]
		return slices.ContainsFunc([]int{0, 1, 2, 3}, func(cut int) bool { return strings.HasPrefix(number[cut:], typed) })
	}
	for text := range strings.FieldsSeq(one.Value) {
		words, separators := text, "-"
		if one.Name == "email" {
			words, separators = strings.Split(text, "@")[0], ".-_+"
		}
		parts := strings.FieldsFunc(words, func(r rune) bool { return strings.ContainsRune(separators, r) })
		if slices.ContainsFunc(append(parts, text), func(word string) bool { return strings.HasPrefix(i18n.Fold(word), typed) }) {
			return true
		}
	}
	return false
}

// foundAsByLooking has people come, change and go, and compares what is found with a look
// at everybody, through each way in which it is found; a shorter page begins alike.
func foundAsByLooking(t *testing.T, sub *subject) {
	s := sub.open(t)
	p := &people{Rand: rand.New(rand.NewPCG(7, 19)), known: make(map[ledger.MemberID][]Personal)}
	for range 6 {
		for range 20 {
			write(t, s, p.step())
		}
		for range 60 {
			query := p.query()
			var want []ledger.MemberID
			for id, values := range p.known {
				if everyWord(query, values) {
					want = append(want, id)
				}
			}
			slices.Sort(want)
			for _, frequent := range []int64{frequentRows, 8, 3, 1} {
				s.frequent = frequent
				found := must[[]ledger.MemberID](t)(s.FindMembers(t.Context(), query, 1000))
				sorted := slices.Sorted(slices.Values(found))
				if !slices.Equal(sorted, want) {
					t.Fatalf("%q, where %d rows are many, finds %v, want %v", query, frequent, sorted, want)
				}
				few := must[[]ledger.MemberID](t)(s.FindMembers(t.Context(), query, 2))
				if !slices.Equal(few, found[:min(len(found), 2)]) {
					t.Fatalf("%q, where %d rows are many, finds %v first of %v", query, frequent, few, found)
				}
			}
		}
	}
}

func everyWord(query string, values []Personal) bool {
	number := queryTerms(query)
	if !strings.ContainsFunc(query, func(r rune) bool { return r > '9' }) && len(number) < 2 {
		return len(number) == 1 && slices.ContainsFunc(values, func(one Personal) bool { return begins(&one, number[0]) })
	}
	for word := range strings.FieldsSeq(query) {
		typed := i18n.Fold(word)
		if typed != "" && !slices.ContainsFunc(values, func(one Personal) bool { return begins(&one, typed) }) {
			return false
		}
	}
	return true
}
