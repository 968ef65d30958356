package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"premia/internal/core/calendar"
	"premia/internal/core/ledger"
)

// Listed is a member's line in the list of members: the line's place is EnrolledAt, and
// ID among those who were enrolled at one instant.
type Listed struct {
	EnrolledAt calendar.Instant
	ID         ledger.MemberID
	Status     uint8
}

func (x *Listed) compare(y *Listed) int {
	return cmp.Or(cmp.Compare(x.EnrolledAt, y.EnrolledAt), cmp.Compare(x.ID, y.ID))
}

// MemberList reads the list of members line by line: the lines of each shard come a few
// at once, and the first of all shards is the next. It is used by one goroutine.
//
// Whoever is in the list from the first line that is read to the last is read exactly
// once, however many are enrolled, or moved to another state that is listed, meanwhile.
type MemberList struct {
	s        *Store
	statuses []uint8
	newest   bool
	parts    []listPart
}

// listPart is what was read of one shard.
type listPart struct {
	shard Shard
	// from is the place after which nothing was read yet.
	from  Listed
	lines []Listed
	most  int // are read at once
	ended bool
}

// Lines of a shard that are read at once: first a few more than what each shard has of a
// page if they are spread evenly, and up to so many where a whole list is read.
const (
	sparePart = 6
	mostPart  = 512
)

// ListMembers begins to read the lines of members who have one of the statuses, after a
// place; a nil one is before the first. With newest the last who was enrolled is first,
// otherwise the first. About so many lines are wanted at once.
func (s *Store) ListMembers(statuses []uint8, newest bool, after *Listed, wanted int) *MemberList {
	l := &MemberList{s: s, statuses: statuses, newest: newest}
	from := Listed{EnrolledAt: calendar.Beginning}
	if newest {
		from = Listed{EnrolledAt: calendar.Never}
	}
	if after != nil {
		from = *after
	}
	shards := s.Shards()
	for _, shard := range shards {
		l.parts = append(l.parts, listPart{shard: shard, from: from, most: min(2*wanted/len(shards)+sparePart, mostPart)})
	}
	return l
}

// Next gives the next lines, at most so many; fewer only where the list ends.
func (l *MemberList) Next(ctx context.Context, n int) ([]Listed, error) {
	if err := l.fill(ctx); err != nil {
		return nil, err
	}
	lines := make([]Listed, 0, n)
	for len(lines) < n {
		first := l.first()
		if first == nil {
			break
		}
		lines = append(lines, first.lines[0])
		if first.lines = first.lines[1:]; len(first.lines) == 0 {
			if err := l.fill(ctx); err != nil {
				return nil, err
			}
		}
	}
	return lines, nil
}

// first is the part that has the next line; nil where the list ends.
func (l *MemberList) first() *listPart {
	var first *listPart
	for i := range l.parts {
		p := &l.parts[i]
		if len(p.lines) == 0 {
			continue
		}
		if first != nil {
			order := p.lines[0].compare(&first.lines[0])
			if l.newest == (order < 0) {
				continue
			}
		}
		first = p
	}
	return first
}

// fill reads on in those shards of which no line is left.
func (l *MemberList) fill(ctx context.Context) error {
	var empty []*listPart
	for i := range l.parts {
		if p := &l.parts[i]; len(p.lines) == 0 && !p.ended {
			empty = append(empty, p)
		}
	}
	if l.s.dialect == SQLite || l.s.distributed || len(empty) == 1 {
		for _, p := range empty {
			text := membersListed(len(l.statuses), l.newest)
			lines, err := l.read(ctx, text, []any{int64(p.shard), int64(p.from.EnrolledAt), int64(p.from.ID)}, p.most)
			if err != nil {
				return err
			}
			p.take(lines)
		}
		return nil
	}
	return l.fillTogether(ctx, empty)
}

// fillTogether reads on in several shards by one statement.
func (l *MemberList) fillTogether(ctx context.Context, empty []*listPart) error {
	if len(empty) == 0 {
		return nil
	}
	shards, at, members, most := make([]int32, len(empty)), make([]int64, len(empty)), make([]int64, len(empty)), 0
	for i, p := range empty {
		shards[i], at[i], members[i], most = int32(p.shard), int64(p.from.EnrolledAt), int64(p.from.ID), p.most
	}
	for _, p := range empty {
		p.most = most
	}
	lines, err := l.read(ctx, pgMembersListed(len(l.statuses), l.newest), []any{shards, at, members}, most)
	if err != nil {
		return err
	}
	byShard := make(map[Shard][]Listed, len(empty))
	for _, line := range lines {
		shard := l.s.ShardOf(line.ID)
		byShard[shard] = append(byShard[shard], line)
	}
	for _, p := range empty {
		own := byShard[p.shard]
		slices.SortFunc(own, func(x, y Listed) int {
			if l.newest {
				x, y = y, x
			}
			return x.compare(&y)
		})
		p.take(own)
	}
	return nil
}

// take keeps lines that were read.
func (p *listPart) take(lines []Listed) {
	p.lines, p.ended = lines, len(lines) < p.most
	if len(lines) > 0 {
		p.from = lines[len(lines)-1]
	}
	p.most = min(2*p.most, mostPart)
}

func (l *MemberList) read(ctx context.Context, text string, values []any, most int) ([]Listed, error) {
	values = append(values, int64(most))
	for _, status := range l.statuses {
		values = append(values, int64(status))
	}
	return readAll(ctx, l.s, text, values, func(r row) (x Listed, err error) {
		var status, at, id int64
		err = r.Scan(&status, &at, &id)
		return Listed{EnrolledAt: calendar.Instant(at), ID: ledger.MemberID(id), Status: uint8(status)}, err
	})
}

// membersListed is the statement for the next lines of the shard $1 after the place $2
// and $3, $4 of them, of so many statuses, which follow as parameters: all of them at
// once, so that nobody is missed who moves between them. Each is two short ways through
// the index, those of the place's own instant and the rest: SQLite would go through all
// of the instant, which may be that of a large import.
func membersListed(statuses int, newest bool) string {
	than, order := listOrder(newest)
	var each []string
	for i := range statuses {
		for n, place := range []string{"enrolled_at = $2 AND member " + than + " $3", "enrolled_at " + than + " $2"} {
			each = append(each, fmt.Sprintf(`
	SELECT * FROM (SELECT status, enrolled_at, member FROM members WHERE shard = $1 AND status = $%d AND %s %s) s%d_%d`, i+5, place, order, i, n))
		}
	}
	return "\nSELECT status, enrolled_at, member FROM (" + strings.Join(each, "\n\tUNION ALL") + "\n) lines " + order
}

// pgMembersListed is the same of several shards; PostgreSQL finds a place by one way
// through the index.
func pgMembersListed(statuses int, newest bool) string {
	than, order := listOrder(newest)
	var each []string
	for i := range statuses {
		each = append(each, fmt.Sprintf(`
	SELECT * FROM (SELECT status, enrolled_at, member FROM members
		WHERE shard = wanted.shard AND status = $%d AND (enrolled_at, member) %s (wanted.at, wanted.id) %s) s%d`, i+5, than, order, i))
	}
	return `
SELECT lines.status, lines.enrolled_at, lines.member
FROM unnest($1::integer[], $2::bigint[], $3::bigint[]) wanted (shard, at, id)
CROSS JOIN LATERAL (SELECT * FROM (` + strings.Join(each, "\n\tUNION ALL") + "\n) s " + order + ") lines"
}

// listOrder is how a place compares with those that come after it, and their order.
func listOrder(newest bool) (than, order string) {
	if newest {
		return "<", "ORDER BY enrolled_at DESC, member DESC LIMIT $4"
	}
	return ">", "ORDER BY enrolled_at, member LIMIT $4"
}

// PersonalOfEach gives the personal values of members by their ids, each in the order of
// [Store.PersonalOf].
func (s *Store) PersonalOfEach(ctx context.Context, ids []ledger.MemberID) (all map[ledger.MemberID][]Personal, err error) {
	if s.dialect == Postgres {
		return s.personalOfEach(ctx, s.readers, nil, ids)
	}
	err = s.readSQLite(ctx, func(c *liteConn) error {
		all, err = s.personalOfEach(ctx, nil, c, ids)
		return err
	})
	return all, err
}

// personalOfEach reads on a connection to either database.
func (s *Store) personalOfEach(ctx context.Context, pg pgSender, lite *liteConn, ids []ledger.MemberID) (map[ledger.MemberID][]Personal, error) {
	all := make(map[ledger.MemberID][]Personal, len(ids))
	scan := func(r row) error {
		var p Personal
		var member, recorded int64
		err := r.Scan(&member, &p.Kind, &p.Name, &p.Value, &p.Salt, &recorded)
		p.Member, p.Recorded = ledger.MemberID(member), calendar.Instant(recorded)
		all[p.Member] = append(all[p.Member], p)
		return err
	}
	shards, values := make([]Shard, len(ids)), make([]int64, len(ids))
	for i := range ids {
		shards[i], values[i] = s.ShardOf(ids[i]), int64(ids[i])
	}
	var err error
	if lite == nil {
		err = s.lookUp(ctx, pg, pgPersonal, pgPersonalOfShard, shards, values, scan)
	} else {
		err = lite.queryList(ctx, &litePersonal, len(ids), func(i int, row []any) []any {
			return append(row, int64(shards[i]), values[i])
		}, scan)
	}
	for _, of := range all {
		slices.SortFunc(of, func(x, y Personal) int {
			return cmp.Or(strings.Compare(x.Kind, y.Kind), strings.Compare(x.Name, y.Name), cmp.Compare(x.Recorded, y.Recorded), slices.Compare(x.Salt, y.Salt))
		})
	}
	return all, wrong("read personal values", err)
}
