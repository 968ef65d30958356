package store

import (
	"context"
	"errors"
	"slices"
	"strings"

	"premia/internal/core/ledger"
	"premia/internal/i18n"
)

// The words by which members are found stand in a table of their own, written and
// deleted together with the personal values that they are of. A name is found by
// the beginning of any of its words, an e-mail address by its own or that of a
// word before the @, a phone number with or without the country's code, any other
// identity by its beginning. Each two words of a member have a row, too
// (search_pairs.go); what is typed is looked up in search_find.go.

// The bounds of terms.
const (
	longestTerm = 64 // in runes; the rest of a longer word is not looked at
	mostTerms   = 8  // of one value
	mostWords   = 5  // of one query
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
// themselves, whose salts say which rows are theirs; all pairs of the member go with it.
var (
	forgetTerms = `
DELETE FROM search WHERE shard = $1 AND member = $2 AND (term < '!' OR salt IN (
	SELECT salt FROM personal WHERE shard = $1 AND member = $2
	AND kind = coalesce(nullif($3, ''), kind) AND name = coalesce(nullif($4, ''), name) AND value = coalesce(nullif($5, ''), value)))`

	liteInsertTerms = list(4, `
INSERT INTO search (shard, term, member, salt) VALUES `, `
ON CONFLICT (term, member, shard, salt) DO NOTHING`)

	pgInsertTerms = `
INSERT INTO search (shard, term, member, salt)
SELECT * FROM unnest($1::integer[], $2::text[], $3::bigint[], $4::bytea[])
ON CONFLICT (term, member, shard, salt) DO NOTHING`
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
			if err := s.makeFindable(ctx, page); err != nil {
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

// makeFindable writes the terms of personal values, and the pairs of their members.
func (s *Store) makeFindable(ctx context.Context, page []Personal) error {
	var members []ledger.MemberID
	for i := range page {
		members = append(members, page[i].Member)
	}
	values, err := s.PersonalOfEach(ctx, slices.Compact(members))
	if err != nil {
		return err
	}
	rows := append(s.termRows(page), s.pairRows(values)...)
	return s.write(ctx, func(l link) error { return s.insertTerms(ctx, l, rows) })
}

func (s *Store) insertTerms(ctx context.Context, l link, rows []termRow) error {
	if len(rows) == 0 {
		return nil
	}
	var err error
	if c, ok := l.(*liteConn); ok {
		_, err = c.execList(&liteInsertTerms, len(rows), termTuple(rows))
	} else {
		_, err = l.exec(ctx, pgInsertTerms, termValues(rows)...)
	}
	return wrong("search", err)
}

// TermRow is a word by which a member is found, of the personal value with the salt, or a
// pair of two.
type TermRow struct {
	Term   string
	Member ledger.MemberID
	Salt   []byte
}

const termsAfter = `
SELECT term, member, salt FROM search WHERE shard = $1 AND (member, term, salt) > ($2, $3, $4) ORDER BY member, term, salt LIMIT $5`

// Terms gives a shard's words by which members are found, at most limit, from the one
// after another on.
func (v *Snapshot) Terms(ctx context.Context, shard Shard, after TermRow, limit int) ([]TermRow, error) {
	return snapshotAll(ctx, v, termsAfter, []any{int64(shard), int64(after.Member), after.Term, present(after.Salt), int64(limit)}, func(r row) (TermRow, error) {
		var t TermRow
		var member int64
		err := r.Scan(&t.Term, &member, &t.Salt)
		t.Member = ledger.MemberID(member)
		return t, err
	})
}
