package store

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"premia/internal/core/ledger"
	"premia/internal/i18n"
)

// What somebody types is read as words, and for each two of them there is a span of rows
// of the table: those of the members who have both. One name and another, however many
// have each, are thus one short span, read in its order until the page is full. Words that
// no pair tells of for certain, and a word alone, have spans of their own.
//
// Of several spans the shortest leads. Its members are looked for in the others one by
// one, and where that is too slow, because all of them are long and few members are in
// each, the others are read as a whole. Both ways give the same members in the same order.

// frequentRows is how many rows a span must have to count as a long one. So many of it at
// most are looked for one by one, which on PostgreSQL costs up to ten microseconds each.
const frequentRows = 2_000

// countedTo is up to how many times as many rows are counted, to tell long spans apart.
const countedTo = 16

// queryTerms reads what somebody looks for: words, or a number that may have
// spaces and signs in it. Longer terms are first, and none is the beginning of another,
// which whoever has the other has, too.
func queryTerms(query string) []string {
	if strings.Trim(query, "0123456789 +-()/.") == "" {
		number := strings.TrimLeft(digits(query), "0") // of dialling abroad, or within a country
		if len(number) == 11 && number[0] == '8' {
			number = "7" + number[1:] // as Russians dial at home
		}
		if number == "" {
			return nil
		}
		return []string{bounded(number)}
	}
	var folded, terms []string
	for _, word := range strings.Fields(query) {
		folded = append(folded, bounded(i18n.Fold(word)))
	}
	slices.SortStableFunc(folded, func(a, b string) int { return len(b) - len(a) })
	for _, term := range folded {
		if !slices.ContainsFunc(terms, func(longer string) bool { return strings.HasPrefix(longer, term) }) && term != "" {
			terms = append(terms, term)
		}
	}
	return terms[:min(len(terms), mostWords)]
}

// span is a part of the table: the rows whose terms begin alike and, where there is a
// pattern, are LIKE it.
type span struct {
	begin, pattern string
	proves         []string // the words that each of its members has
	rows           int64    // at most as many as were counted
}

// spansOf gives spans whose common members are those who have all words, those first that
// tend to be short.
func spansOf(words []string) []span {
	var spans []span
	var proven []string
	for i, word := range words {
		for _, other := range words[:i] {
			if typedOfPair(word) && typedOfPair(other) {
				pair := pairSpan(min(word, other), max(word, other))
				spans, proven = append(spans, pair), append(proven, pair.proves...)
			}
		}
	}
	var numbers []span // which everybody may have
	for _, word := range words {
		switch alone := (span{begin: word, proves: []string{word}}); {
		case slices.Contains(proven, word):
		case pairWord(word) == "":
			numbers = append(numbers, alone)
		default:
			spans = append(spans, alone)
		}
	}
	return append(spans, numbers...)
}

// FindMembers gives at most limit members who have words that begin with each word of the
// query: in the order of the terms of the shortest span, and then of their ids. With
// another limit the order is the same.
func (s *Store) FindMembers(ctx context.Context, query string, limit int) ([]ledger.MemberID, error) {
	spans, err := s.shortestFirst(ctx, spansOf(queryTerms(query)))
	if err != nil || len(spans) == 0 || limit <= 0 {
		return nil, err
	}
	if len(spans) == 1 || spans[0].rows < s.frequent {
		return s.lookThrough(ctx, spans, math.MaxInt64, limit)
	}
	found, err := s.lookThrough(ctx, spans, s.frequent, limit)
	if err != nil || len(found) == limit {
		return found, err
	}
	return s.intersect(ctx, spans, limit)
}

// shortestFirst puts the shortest span first, and leaves out those that prove nothing more
// than the ones before them. It gives none where one of them has no rows: nobody is found.
// It counts further and further until the shortest is known, or all are very long.
func (s *Store) shortestFirst(ctx context.Context, spans []span) ([]span, error) {
	for most, known := s.frequent, len(spans) < 2; !known && most <= countedTo*s.frequent; most *= 4 {
		for i := range spans {
			var q question
			q.write("SELECT count(*) FROM (SELECT 1 FROM search c WHERE ", q.within("c", &spans[i]), " LIMIT ", q.value(most), ") counted")
			err := s.read(ctx, func(l link) error { return queryRow(ctx, l, q.text.String(), q.values, &spans[i].rows) })
			if err != nil || spans[i].rows == 0 {
				return nil, wrong("count words", err)
			}
			known = known || spans[i].rows < most
		}
	}
	slices.SortStableFunc(spans, func(a, b span) int { return cmp.Compare(a.rows, b.rows) })
	var needed []span
	var proven []string
	for _, one := range spans {
		if len(needed) == 0 || slices.ContainsFunc(one.proves, func(word string) bool { return !slices.Contains(proven, word) }) {
			needed, proven = append(needed, one), append(proven, one.proves...)
		}
	}
	return needed, nil
}

// hit is a member by one of their terms.
type hit struct {
	term   string
	member ledger.MemberID
}

// lookThrough goes through the first rows of the first span in their order, and gives the
// members who are in the other spans, too.
func (s *Store) lookThrough(ctx context.Context, spans []span, first int64, limit int) ([]ledger.MemberID, error) {
	// A member may have several terms that begin alike, and a row of each.
	for rows := int64(limit) + 8; ; rows *= 2 {
		var q question
		if first == math.MaxInt64 {
			q.write("SELECT s.term, s.member FROM search s WHERE ", q.within("s", &spans[0]))
		} else {
			q.write("SELECT s.term, s.member FROM (SELECT * FROM search l WHERE ", q.within("l", &spans[0]), " ORDER BY term, member LIMIT ", q.value(first), ") s WHERE true")
		}
		for i := range spans[1:] {
			// OFFSET keeps PostgreSQL from reading all of a span first, as it does where it
			// takes it for short: it looks members up one by one, in the order of the rows.
			q.write("\nAND EXISTS (SELECT 1 FROM search o WHERE o.shard = s.shard AND o.member = s.member AND ", q.within("o", &spans[i+1]), " LIMIT 1 OFFSET 0)")
		}
		q.write("\nORDER BY s.term, s.member LIMIT ", q.value(rows))
		hits, err := s.hits(ctx, &q)
		found := distinct(hits, limit)
		if err != nil || len(found) == limit || int64(len(hits)) < rows {
			return found, err
		}
	}
}

// intersect reads the spans as a whole, one after the other, and gives the members who are
// in all of them, in the order of the first. The longest may be everybody's; when few
// members are left, those are looked at instead.
func (s *Store) intersect(ctx context.Context, spans []span, limit int) ([]ledger.MemberID, error) {
	var q question
	q.write("SELECT l.term, l.member FROM search l WHERE ", q.within("l", &spans[0]), " ORDER BY l.term, l.member")
	left, err := s.hits(ctx, &q)
	for i := 1; i < len(spans) && err == nil; i++ {
		if int64(len(left)) < s.frequent {
			return s.haveWords(ctx, distinct(left, len(left)), spans[i:], limit)
		}
		left, err = s.inSpan(ctx, left, &spans[i])
	}
	return distinct(left, limit), err
}

// inSpan gives those of the hits whose members are in the span, too.
func (s *Store) inSpan(ctx context.Context, hits []hit, sp *span) ([]hit, error) {
	in := make(map[ledger.MemberID]bool, len(hits))
	for _, h := range hits {
		in[h.member] = false
	}
	var q question
	q.write("SELECT o.member FROM search o WHERE ", q.within("o", sp))
	err := s.read(ctx, func(l link) error {
		return l.query(ctx, q.text.String(), q.values, func(r row) error {
			var member ledger.MemberID
			err := r.Scan((*int64)(&member))
			if _, asked := in[member]; asked {
				in[member] = true
			}
			return err
		})
	})
	return slices.DeleteFunc(hits, func(h hit) bool { return !in[h.member] }), wrong("read all of a word", err)
}

// haveWords gives the first of the members who have the words that the spans prove.
func (s *Store) haveWords(ctx context.Context, members []ledger.MemberID, spans []span, limit int) ([]ledger.MemberID, error) {
	var found []ledger.MemberID
	for part := range slices.Chunk(members, max(min(limit, len(members)), 1)) {
		values, err := s.PersonalOfEach(ctx, part)
		if err != nil {
			return nil, err
		}
		for _, id := range part {
			if len(found) < limit && prove(values[id], spans) {
				found = append(found, id)
			}
		}
		if len(found) == limit {
			break
		}
	}
	return found, nil
}

// prove tells whether personal values have the words that the spans prove.
func prove(values []Personal, spans []span) bool {
	var terms []string
	for i := range values {
		terms = append(terms, Terms(&values[i])...)
	}
	for _, sp := range spans {
		for _, word := range sp.proves {
			if !slices.ContainsFunc(terms, func(term string) bool { return strings.HasPrefix(term, word) }) {
				return false
			}
		}
	}
	return true
}

// distinct gives the first members of the hits, each once.
func distinct(hits []hit, limit int) []ledger.MemberID {
	var found []ledger.MemberID
	seen := make(map[ledger.MemberID]bool)
	for _, h := range hits {
		if !seen[h.member] && len(found) < limit {
			seen[h.member] = true
			found = append(found, h.member)
		}
	}
	return found
}

func (s *Store) hits(ctx context.Context, q *question) ([]hit, error) {
	return readAll(ctx, s, q.text.String(), q.values, func(r row) (h hit, err error) {
		err = r.Scan(&h.term, (*int64)(&h.member))
		return h, err
	})
}

// question is a statement that is being written, with its values. The text depends on the
// number and kinds of spans alone, so that each is prepared once.
type question struct {
	text   strings.Builder
	values []any
}

func (q *question) write(parts ...string) {
	for _, part := range parts {
		q.text.WriteString(part)
	}
}

// value adds a value, and gives its place in the text.
func (q *question) value(v any) string {
	q.values = append(q.values, v)
	return fmt.Sprintf("$%d", len(q.values))
}

// within is the condition that a row is in the span.
func (q *question) within(alias string, sp *span) string {
	text := fmt.Sprintf("%[1]s.term >= %[2]s AND %[1]s.term < %[3]s", alias, q.value(sp.begin), q.value(after(sp.begin)))
	if sp.pattern != "" {
		text += fmt.Sprintf(" AND %s.term LIKE %s", alias, q.value(sp.pattern))
	}
	return text
}

// after is the first text behind all those that begin with the term. No text that
// is stored has the character at its end.
func after(term string) string { return term + "\U0010FFFF" }
