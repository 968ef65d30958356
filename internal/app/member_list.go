package app

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/ledger"
	"premia/internal/i18n"
	"premia/internal/store"
)

// MemberOrder is an order in which members may be listed.
type MemberOrder string

// The orders. Only those who were found by words come by how well they fit, or by name:
// of all members there is no such order.
const (
	BestFirst   MemberOrder = ""
	ByName      MemberOrder = "name"
	NewestFirst MemberOrder = "newest" // by enrolment
	OldestFirst MemberOrder = "oldest"
)

// MemberChoice chooses members of the list.
type MemberChoice struct {
	// Query are words by which they are found, as [App.SearchMembers] finds; empty for all.
	Query string
	// Status is the state in which they are; 0 for each.
	Status ledger.Status
	Order  MemberOrder
	// Language is that whose order names stand in.
	Language string
}

// MostArranged is how many of those that words find can be put into another order than
// that in which they are found, or chosen by their state.
const MostArranged = 1000

// mostPaged is after how many of those that words find no further page begins.
const mostPaged = 100_000

// persons are the states of those whom the list of members has: all but accounts.
var persons = []uint8{uint8(ledger.Active), uint8(ledger.Blocked), uint8(ledger.Merged), uint8(ledger.Erased)}

// ListMembers gives the members who are chosen, at most limit, from the place on at which
// the page before ended; next is the place at which this one ends, empty on the last.
// Without words it goes through all members, whoever stays one meanwhile comes exactly
// once, and those who were enrolled last are first, if Order is not OldestFirst.
func (a *App) ListMembers(ctx context.Context, c MemberChoice, after string, limit int) (found []Found, next string, err error) {
	if err := may(ctx, auth.MembersSee); err != nil {
		return nil, "", err
	}
	if c.Query == "" {
		return a.browse(ctx, c, after, limit)
	}
	from, most := min(offset(after), mostPaged), MostArranged
	if !c.arranged() {
		most = from + limit + 1
	}
	ids, err := a.searched(ctx, c.Query, most)
	if err != nil {
		return nil, "", err
	}
	if !c.arranged() {
		ids, next = cut(ids, from, limit)
		found, err = a.foundByID(ctx, ids)
		return found, next, err
	}
	if found, err = a.foundByID(ctx, ids); err != nil {
		return nil, "", err
	}
	found, next = cut(c.arrange(found), from, limit)
	return found, next, nil
}

// filePage is how many members are read at once for a file.
const filePage = 500

// ExportMembers gives whoever may give personal data out all members who are chosen, page
// by page: from the place that the page before gave, which is empty before the first and
// after the last. More than [MostArranged] whom words found stay in the order in which
// they were found. That somebody did is kept in the audit trail.
func (a *App) ExportMembers(ctx context.Context, c MemberChoice) (func(after string) ([]Found, string, error), error) {
	if err := may(ctx, auth.PersonalExport); err != nil {
		return nil, err
	}
	if err := a.note(ctx, a.audited(ctx, "members.exported", "")); err != nil {
		return nil, err
	}
	if c.Query == "" {
		return func(after string) ([]Found, string, error) { return a.browse(ctx, c, after, filePage) }, nil
	}
	ids, err := a.searched(ctx, c.Query, mostInFile)
	if err != nil {
		return nil, err
	}
	if c.arranged() && len(ids) <= MostArranged {
		found, err := a.foundByID(ctx, ids)
		return func(string) ([]Found, string, error) { return c.arrange(found), "", nil }, err
	}
	return func(after string) ([]Found, string, error) {
		some, next := cut(ids, offset(after), filePage)
		found, err := a.foundByID(ctx, some)
		return c.chosen(found), next, err
	}, nil
}

// mostInFile is more than any workspace has members whom words find.
const mostInFile = 1 << 26

// browse goes through the list of members.
func (a *App) browse(ctx context.Context, c MemberChoice, after string, limit int) (found []Found, next string, err error) {
	statuses := persons
	if c.Status != 0 {
		statuses = []uint8{uint8(c.Status)}
	}
	lines, err := a.Store.ListMembers(statuses, c.Order != OldestFirst, placeOf(after), limit+1).Next(ctx, limit+1)
	if err != nil {
		return nil, "", err
	}
	if len(lines) > limit {
		lines = lines[:limit]
		last := &lines[limit-1]
		next = fmt.Sprintf("%d~%d", int64(last.EnrolledAt), int64(last.ID))
	}
	ids := make([]ledger.MemberID, len(lines))
	for i := range lines {
		ids[i] = lines[i].ID
	}
	values, err := a.Store.PersonalOfEach(ctx, ids)
	for i := range lines {
		row := store.Member{ID: lines[i].ID, Status: lines[i].Status, EnrolledAt: lines[i].EnrolledAt}
		found = append(found, foundOf(&row, values[row.ID]))
	}
	return found, next, err
}

// placeOf reads a place of the list; nil for what is none.
func placeOf(after string) *store.Listed {
	at, id, _ := strings.Cut(after, "~")
	n, wrong := strconv.ParseInt(at, 10, 64)
	m, err := strconv.ParseInt(id, 10, 64)
	if wrong != nil || err != nil {
		return nil
	}
	return &store.Listed{EnrolledAt: calendar.Instant(n), ID: ledger.MemberID(m)}
}

// foundByID gives members in the order of their ids.
func (a *App) foundByID(ctx context.Context, ids []ledger.MemberID) ([]Found, error) {
	rows, err := a.Store.MembersByID(ctx, ids)
	if err != nil {
		return nil, err
	}
	values, err := a.Store.PersonalOfEach(ctx, ids)
	found := make([]Found, 0, len(ids))
	for _, id := range ids {
		if row, ok := rows[id]; ok {
			found = append(found, foundOf(&row, values[id]))
		}
	}
	return found, err
}

// arranged tells that those who are found are to be compared with one another, or chosen.
func (c *MemberChoice) arranged() bool { return c.Order != BestFirst || c.Status != 0 }

// chosen leaves those who are in the state that was chosen.
func (c *MemberChoice) chosen(found []Found) []Found {
	if c.Status == 0 {
		return found
	}
	return slices.DeleteFunc(found, func(f Found) bool { return f.Status != c.Status })
}

// arrange chooses among those who were found, and puts them into their order.
func (c *MemberChoice) arrange(found []Found) []Found {
	found = c.chosen(found)
	switch c.Order {
	case ByName:
		order := i18n.Order(c.Language)
		slices.SortStableFunc(found, func(x, y Found) int {
			return cmp.Or(order(x.FamilyName, y.FamilyName), order(x.GivenName, y.GivenName))
		})
	case NewestFirst:
		slices.SortStableFunc(found, func(x, y Found) int { return cmp.Compare(y.EnrolledAt, x.EnrolledAt) })
	case OldestFirst:
		slices.SortStableFunc(found, func(x, y Found) int { return cmp.Compare(x.EnrolledAt, y.EnrolledAt) })
	}
	return found
}

// offset reads how many come before a page; 0 of what is no number.
func offset(after string) int {
	n, _ := strconv.ParseUint(after, 10, 31)
	return int(n)
}

// cut gives a page of what is there, and where the next begins.
func cut[T any](all []T, from, limit int) (page []T, next string) {
	all = all[min(from, len(all)):]
	if len(all) > limit {
		return all[:limit], strconv.Itoa(from + limit)
	}
	return all, ""
}
