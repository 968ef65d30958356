package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"premia/internal/core/ledger"
	"premia/internal/i18n"
)

// frequentTerm is how many rows a word must have to count as one that many members have.
// The rows of a rarer one are all compared with the query's other words. Of words that
// are all frequent, so many rows at most are compared first: those whom a name was typed
// for are mostly many then, and the page is soon full.
const frequentTerm = 4_000

// sampleOf is the part of those rows that tells whether to compare them all: where too few
// of a sample have the other words, going once through each word's rows is quicker.
const sampleOf = 8

// queryTerms reads what somebody looks for: words, or a number that may have
// spaces and signs in it. Longer terms are first.
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
	var terms []string
	for _, word := range strings.Fields(query) {
		if term := bounded(i18n.Fold(word)); term != "" && !slices.Contains(terms, term) {
			terms = append(terms, term)
		}
	}
	slices.SortStableFunc(terms, func(a, b string) int { return len(b) - len(a) })
	return terms[:min(len(terms), mostWords)]
}

// after is the first text behind all those that begin with the term. No text that
// is stored has the character at its end.
func after(term string) string { return term + "\U0010FFFF" }

// FindMembers gives at most limit members who have words that begin with each
// word of the query: in the order of the terms that fit its rarest word, or, where
// many have every word and few have all of them, by their ids.
func (s *Store) FindMembers(ctx context.Context, query string, limit int) ([]ledger.MemberID, error) {
	terms := queryTerms(query)
	if len(terms) == 0 || limit <= 0 {
		return nil, nil
	}
	rows, err := s.rarestFirst(ctx, terms)
	if err != nil {
		return nil, err
	}
	compare := func(rows int64) ([]ledger.MemberID, error) {
		return s.findTerms(ctx, s.compareTerms(len(terms), int(rows)), terms, limit*mostTerms, limit)
	}
	if rows < s.frequent {
		return compare(allRows)
	}
	each := max(s.frequent/int64(len(s.Shards())), 1)
	found, err := compare(max(each/sampleOf, 1))
	if err == nil && len(found) < limit && len(found)*sampleOf >= limit {
		found, err = compare(each)
	}
	if err != nil || len(found) == limit {
		return found, err
	}
	return s.findTerms(ctx, s.intersectTerms(len(terms)), terms, limit, limit)
}

// findTerms runs a statement for terms on all shards and gives at most limit of the
// members that it finds.
func (s *Store) findTerms(ctx context.Context, text string, terms []string, rows, limit int) ([]ledger.MemberID, error) {
	var hits []hit
	for _, shards := range s.searchedTogether() {
		args := []any{shards}
		for _, term := range terms {
			args = append(args, term, after(term))
		}
		some, err := readAll(ctx, s, text, append(args, int64(rows)), func(r row) (h hit, err error) {
			err = r.Scan(&h.term, (*int64)(&h.member))
			return h, err
		})
		if err != nil {
			return nil, err
		}
		hits = append(hits, some...)
	}
	slices.SortStableFunc(hits, func(a, b hit) int {
		return cmp.Or(strings.Compare(a.term, b.term), cmp.Compare(a.member, b.member))
	})
	var found []ledger.MemberID
	seen := make(map[ledger.MemberID]bool)
	for _, h := range hits {
		if !seen[h.member] && len(found) < limit {
			seen[h.member] = true
			found = append(found, h.member)
		}
	}
	return found, nil
}

// rarestFirst puts the term first that the fewest rows begin with, and tells how many
// they are, at most as many being counted as make a term a frequent one. It counts one term alone as none.
func (s *Store) rarestFirst(ctx context.Context, terms []string) (int64, error) {
	if len(terms) < 2 {
		return 0, nil
	}
	least, rarest := s.frequent, 0
	for i, term := range terms {
		total := int64(0)
		for _, shards := range s.searchedTogether() {
			var n int64
			err := s.read(ctx, func(l link) error {
				return queryRow(ctx, l, s.countTerms(), []any{shards, term, after(term), s.frequent}, &n)
			})
			if err != nil {
				return 0, wrong("count terms", err)
			}
			total += n
		}
		if total < least {
			least, rarest = total, i
		}
	}
	terms[0], terms[rarest] = terms[rarest], terms[0]
	return least, nil
}

func (s *Store) countTerms() string {
	if s.dialect == SQLite {
		return "SELECT count(*) FROM (SELECT 1 FROM search WHERE shard = $1 AND term >= $2 AND term < $3 LIMIT $4)"
	}
	return "SELECT count(*) FROM (SELECT 1 FROM search WHERE shard = ANY($1::integer[]) AND term >= $2 AND term < $3 LIMIT $4) c"
}

// hit is a member by one of their terms.
type hit struct {
	term   string
	member ledger.MemberID
}

// searchedTogether gives the shards as the statement takes them: all at once on
// PostgreSQL; one by one on SQLite, which has no arrays, and one shard as a rule.
func (s *Store) searchedTogether() []any {
	var all []int32
	var each []any
	for _, shard := range s.Shards() {
		all, each = append(all, int32(shard)), append(each, int64(shard))
	}
	if s.dialect == SQLite {
		return each
	}
	return []any{all}
}

// allRows is for looking through every row of a term.
const allRows = 0

// compareTerms is the statement that looks through the rows of the first term, or
// so many of each shard, for members who have the others. Each shard gives at most
// so many rows that the limit is met even when each member stands there by every
// term of theirs.
func (s *Store) compareTerms(terms, compared int) string {
	looked := "(SELECT term, member FROM search WHERE shard = sh.shard AND term >= $2 AND term < $3 ORDER BY term, member"
	if compared != allRows {
		looked += fmt.Sprintf(" LIMIT %d", compared)
	}
	var text strings.Builder
	text.WriteString("SELECT s.term, s.member FROM " + looked + ") s WHERE true")
	for i := 1; i < terms; i++ {
		fmt.Fprintf(&text, "\nAND EXISTS (SELECT 1 FROM search o WHERE o.shard = sh.shard AND o.member = s.member AND o.term >= $%d AND o.term < $%d)", 2*i+2, 2*i+3)
	}
	fmt.Fprintf(&text, "\nORDER BY s.term, s.member LIMIT $%d", 2*terms+2)
	if s.dialect == SQLite {
		return strings.ReplaceAll(text.String(), "sh.shard", "$1")
	}
	return "SELECT f.term, f.member FROM unnest($1::integer[]) sh (shard) CROSS JOIN LATERAL (" + text.String() + ") f" +
		fmt.Sprintf(" ORDER BY f.term, f.member LIMIT $%d", 2*terms+2)
}

// intersectTerms is the statement that gives the members who have all terms by
// going once through the rows of each. An intersection needs no estimate of how many they
// are: PostgreSQL takes IN for a loop where it thinks that there are few.
func (s *Store) intersectTerms(terms int) string {
	shard := "shard = $1"
	if s.dialect == Postgres {
		shard = "shard = ANY($1::integer[])"
	}
	each := make([]string, terms)
	for i := range each {
		each[i] = fmt.Sprintf("SELECT member FROM search WHERE %s AND term >= $%d AND term < $%d", shard, 2*i+2, 2*i+3)
	}
	return "SELECT '', member FROM (" + strings.Join(each, "\nINTERSECT ") + fmt.Sprintf(") s ORDER BY member LIMIT $%d", 2*terms+2)
}
