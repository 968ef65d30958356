package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"premia/internal/core/ledger"
	"premia/internal/i18n"
)

// The words by which members are found stand in a table of their own, written and
// deleted together with the personal values that they are of. A name is found by
// the beginning of any of its words, an e-mail address by its own or that of a
// word before the @, a phone number with or without the country's code, any other
// identity by its beginning.

// The bounds of terms.
const (
	longestTerm = 64 // in runes; the rest of a longer word is not looked at
	mostTerms   = 8  // of one value
	mostWords   = 5  // of one query
	// mostLooked bounds how many rows of the rarest word are compared with the other
	// words, and mostCounted how far a word's rows are counted: a query of several
	// words that ten thousand and more have may miss some who have them all.
	mostLooked  = 10_000
	mostCounted = 10_000
)

// searched are the profile's values by which members are found.
var searched = []string{"given_name", "family_name", "email", "phone", "nickname"}

// Terms gives the words by which a personal value is found; none where it is not
// to be found by.
func Terms(p *Personal) []string {
	if p.Kind != Identity && (p.Kind != Profile || !slices.Contains(searched, p.Name)) {
		return nil
	}
	var terms []string
	switch p.Name {
	case "email":
		local, _, _ := strings.Cut(p.Value, "@")
		terms = append([]string{i18n.Fold(p.Value)}, words(strings.NewReplacer(".", " ", "_", " ", "-", " ", "+", " ").Replace(local))...)
	case "phone":
		all := digits(p.Value)
		terms = []string{all}
		for cut := 1; cut <= 3 && len(all)-cut >= 7; cut++ {
			terms = append(terms, all[cut:]) // countries' codes have one to three digits
		}
	default:
		terms = words(p.Value)
	}
	for i := range terms {
		terms[i] = bounded(terms[i])
	}
	slices.Sort(terms)
	terms = slices.DeleteFunc(slices.Compact(terms), func(s string) bool { return s == "" })
	return terms[:min(len(terms), mostTerms)]
}

// words folds the words of a text, those with hyphens both as one and apart.
func words(s string) []string {
	var all []string
	for _, word := range strings.Fields(s) {
		whole := i18n.Fold(word)
		all = append(all, whole)
		if parts := strings.Split(whole, "-"); len(parts) > 1 {
			all = append(all, parts[1:]...)
		}
	}
	return all
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

func bounded(term string) string {
	if runes := []rune(term); len(runes) > longestTerm {
		return string(runes[:longestTerm])
	}
	return term
}

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
// word of the query, in the order of the terms that fit its rarest word.
func (s *Store) FindMembers(ctx context.Context, query string, limit int) ([]ledger.MemberID, error) {
	terms := queryTerms(query)
	if len(terms) == 0 || limit <= 0 {
		return nil, nil
	}
	if err := s.rarestFirst(ctx, terms); err != nil {
		return nil, err
	}
	var hits []hit
	text := s.findMembers(len(terms))
	for _, shards := range s.searchedTogether() {
		args := []any{shards}
		for _, term := range terms {
			args = append(args, term, after(term))
		}
		some, err := readAll(ctx, s, text, append(args, int64(limit*mostTerms)), func(r row) (h hit, err error) {
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

// rarestFirst puts the term first that the fewest rows begin with, so that the
// fewest are compared with the others.
func (s *Store) rarestFirst(ctx context.Context, terms []string) error {
	if len(terms) < 2 {
		return nil
	}
	least, rarest := int64(mostCounted), 0
	for i, term := range terms {
		total := int64(0)
		for _, shards := range s.searchedTogether() {
			var n int64
			err := s.read(ctx, func(l link) error {
				return queryRow(ctx, l, s.countTerms(), []any{shards, term, after(term), int64(mostCounted)}, &n)
			})
			if err != nil {
				return wrong("count terms", err)
			}
			total += n
		}
		if total < least {
			least, rarest = total, i
		}
	}
	terms[0], terms[rarest] = terms[rarest], terms[0]
	return nil
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

// findMembers is the statement for so many terms. Each shard gives at most so many
// rows that the limit is met even when each member stands there by every term of
// theirs.
func (s *Store) findMembers(terms int) string {
	var text strings.Builder
	fmt.Fprintf(&text, "SELECT s.term, s.member FROM (SELECT term, member FROM search WHERE shard = sh.shard AND term >= $2 AND term < $3 ORDER BY term, member LIMIT %d) s WHERE true", mostLooked)
	for i := 1; i < terms; i++ {
		fmt.Fprintf(&text, "\nAND EXISTS (SELECT 1 FROM search o WHERE o.shard = sh.shard AND o.member = s.member AND o.term >= $%d AND o.term < $%d)", 2*i+2, 2*i+3)
	}
	fmt.Fprintf(&text, "\nORDER BY s.term, s.member LIMIT $%d", 2*terms+2)
	if s.dialect == SQLite {
		return strings.ReplaceAll(text.String(), "sh.shard", "$1")
	}
	return "SELECT f.term, f.member FROM unnest($1::integer[]) sh (shard) CROSS JOIN LATERAL (" + text.String() + ") f"
}

// termRow is a row of the table.
type termRow struct {
	shard  Shard
	term   string
	member ledger.MemberID
	salt   []byte
}

// termRows are the rows of personal values.
func (s *Store) termRows(all []Personal) []termRow {
	var rows []termRow
	for i := range all {
		p := &all[i]
		for _, term := range Terms(p) {
			rows = append(rows, termRow{s.ShardOf(p.Member), term, p.Member, p.Salt})
		}
	}
	return rows
}

// The statements that write the table. What is forgotten goes before the values
// themselves, whose salts say which rows are theirs.
var (
	forgetTerms = `
DELETE FROM search WHERE shard = $1 AND member = $2 AND salt IN (
	SELECT salt FROM personal WHERE shard = $1 AND member = $2
	AND kind = coalesce(nullif($3, ''), kind) AND name = coalesce(nullif($4, ''), name) AND value = coalesce(nullif($5, ''), value))`

	liteInsertTerms = list(4, `
INSERT INTO search (shard, term, member, salt) VALUES `, `
ON CONFLICT (shard, term, member, salt) DO NOTHING`)

	pgInsertTerms = `
INSERT INTO search (shard, term, member, salt)
SELECT * FROM unnest($1::integer[], $2::text[], $3::bigint[], $4::bytea[])
ON CONFLICT (shard, term, member, salt) DO NOTHING`
)

// termValues are the arrays that [pgInsertTerms] takes.
func termValues(rows []termRow) []any {
	shards, terms := make([]int32, len(rows)), make([]string, len(rows))
	members, salts := make([]int64, len(rows)), make([][]byte, len(rows))
	for i, r := range rows {
		shards[i], terms[i], members[i], salts[i] = int32(r.shard), r.term, int64(r.member), present(r.salt)
	}
	return []any{shards, terms, members, salts}
}

// termTuple appends the values of a row.
func termTuple(rows []termRow) func(int, []any) []any {
	return func(i int, values []any) []any {
		r := &rows[i]
		return append(values, int64(r.shard), r.term, int64(r.member), present(r.salt))
	}
}

// fillPage is how many personal values are made findable in one transaction.
const fillPage = 5_000

// searchFilled is the setting that tells that all personal values are findable.
const searchFilled = "search_filled"

// fillSearch makes the personal values findable that were there before the table,
// once. One that was cut off begins anew, and an empty database has nothing to fill
// and is left empty.
func (s *Store) fillSearch(ctx context.Context) error {
	_, err := s.Setting(ctx, searchFilled)
	if !errors.Is(err, ErrNotFound) {
		return err
	}
	filled := false
	for _, shard := range s.Shards() {
		for after := (Personal{Member: FirstMember}); ; {
			var page []Personal
			err := s.Snapshots(ctx, 1, func(views []*Snapshot) (err error) {
				page, err = views[0].Personal(ctx, shard, after, fillPage)
				return err
			})
			if err != nil {
				return err
			}
			if err := s.addTerms(ctx, page); err != nil {
				return err
			}
			filled = filled || len(page) > 0
			if len(page) < fillPage {
				break
			}
			after = page[len(page)-1]
		}
	}
	if !filled {
		return nil
	}
	return s.SetSetting(ctx, searchFilled, []byte("yes"))
}

// addTerms makes personal values findable.
func (s *Store) addTerms(ctx context.Context, all []Personal) error {
	rows := s.termRows(all)
	if len(rows) == 0 {
		return nil
	}
	return s.write(ctx, func(l link) error {
		if c, ok := l.(*liteConn); ok {
			_, err := c.execList(&liteInsertTerms, len(rows), termTuple(rows))
			return err
		}
		_, err := l.exec(ctx, pgInsertTerms, termValues(rows)...)
		return err
	})
}
