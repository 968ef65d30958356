package store

import (
	"context"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"premia/internal/core/ledger"
)

// Each two words of a member's names have a row, too, so that two words that tens of
// thousands have each are found at once. Its term has the first letters of both in turn,
// behind a space, which no word begins with: Anna Nowak's is " annonwaa k  ". Whoever types
// "ann no" looks for " anno", and then for an n in the fifth place.
//
// A row is of two words of which neither begins with the other, the smaller one first.
// What is typed comes in the same order: of two words neither of which begins with the
// other, the smaller one is the beginning of the smaller term. A pair is of two values and
// has no salt of its own; it goes whenever one of the member's values goes, and is written
// anew from those that stay.

// pairLetters is how many letters of each word a pair has.
const pairLetters = 6

// pairBegin is what pairs begin with, and no word does.
const pairBegin = " "

// pairWord gives the word of a term that pairs are made of: none of a number, and of an
// e-mail address its first word, as the others are terms, too.
func pairWord(term string) string {
	if first, _ := utf8.DecodeRuneInString(term); !unicode.IsLetter(first) {
		return ""
	}
	if strings.Contains(term, "@") {
		return term[:strings.IndexAny(term, "._-+@")]
	}
	return term
}

// typedOfPair tells whether the pair words of all terms that begin with what is typed begin
// with it: those of e-mail addresses end where such a character stands.
func typedOfPair(word string) bool {
	return pairWord(word) != "" && !strings.ContainsAny(word, "._-+@")
}

// Pairs gives the terms of the pairs of a member who has all these terms.
func Pairs(terms []string) []string {
	var words, pairs []string
	for _, term := range terms {
		if word := pairWord(term); word != "" {
			words = append(words, word)
		}
	}
	slices.Sort(words)
	words = slices.Compact(words)
	for i, word := range words {
		for _, larger := range words[i+1:] {
			if !strings.HasPrefix(larger, word) {
				pairs = append(pairs, pairBegin+inTurn([]rune(word), []rune(larger), pairLetters, ' '))
			}
		}
	}
	slices.Sort(pairs)
	return slices.Compact(pairs)
}

// pairSpan is the span of the pairs of two words that are typed, the smaller one first.
func pairSpan(smaller, larger string) span {
	a, b := firstLetters(smaller), firstLetters(larger)
	both := min(len(a), len(b))
	sp := span{begin: pairBegin + inTurn(a, b, both, '_')}
	if letters := max(len(a), len(b)); letters > both {
		sp.pattern = pairBegin + inTurn(a, b, letters, '_') + "%"
	}
	for _, word := range []string{smaller, larger} {
		if utf8.RuneCountInString(word) <= pairLetters {
			sp.proves = append(sp.proves, word)
		}
	}
	return sp
}

func firstLetters(word string) []rune {
	all := []rune(word)
	return all[:min(len(all), pairLetters)]
}

// inTurn writes so many letters of each word, one of the first and one of the second in
// turn, and the filler where a word has no more.
func inTurn(a, b []rune, letters int, filler rune) string {
	var text strings.Builder
	for i := range letters {
		for _, word := range [][]rune{a, b} {
			if i < len(word) {
				text.WriteRune(word[i])
			} else {
				text.WriteRune(filler)
			}
		}
	}
	return text.String()
}

// pairRows are the rows of the pairs of members who have these values and no others.
func (s *Store) pairRows(values map[ledger.MemberID][]Personal) []termRow {
	var rows []termRow
	for _, member := range slices.Sorted(maps.Keys(values)) {
		var terms []string
		for i := range values[member] {
			terms = append(terms, Terms(&values[member][i])...)
		}
		for _, pair := range Pairs(terms) {
			rows = append(rows, termRow{s.ShardOf(member), pair, member, nil})
		}
	}
	return rows
}

// writePairs writes the pairs of the members whose words change, after their values are
// written. Those of known members are read; new ones have no others.
func (b *Batch) writePairs(ctx context.Context, w *Writes) error {
	changed := make(map[ledger.MemberID][]Personal)
	for i := range w.Personal {
		if p := &w.Personal[i]; slices.ContainsFunc(Terms(p), func(term string) bool { return pairWord(term) != "" }) {
			changed[p.Member] = nil
		}
	}
	for i := range w.ForgetPersonal {
		changed[w.ForgetPersonal[i].Member] = nil
	}
	if len(changed) == 0 {
		return nil
	}
	known := maps.Clone(changed)
	for i := range w.NewMembers {
		delete(known, w.NewMembers[i].ID)
	}
	if b.lite != nil {
		ctx = context.WithoutCancel(ctx)
	}
	read, err := b.s.personalOfEach(ctx, b.pg, b.lite, slices.Sorted(maps.Keys(known)))
	if err != nil {
		return err
	}
	maps.Copy(changed, read)
	for i := range w.Personal {
		member := w.Personal[i].Member
		_, isChanged := changed[member]
		if _, isKnown := known[member]; isChanged && !isKnown {
			changed[member] = append(changed[member], w.Personal[i])
		}
	}
	return b.s.insertTerms(ctx, b.link(), b.s.pairRows(changed))
}
