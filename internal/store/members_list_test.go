package store

import (
	"math/rand/v2"
	"slices"
	"testing"

	"premia/internal/core/calendar"
	"premia/internal/core/ledger"
)

func init() {
	conformance["the list of members"] = memberList
	conformance["the list of members while it changes"] = changingList
	conformance["personal values of many"] = personalOfEach
}

// listOf reads a list in pages, each begun anew at the last line of the one before, as the
// console does, and in one go, as files do; before each page between is called.
func listOf(t *testing.T, s *Store, statuses []uint8, newest bool, between func()) []Listed {
	t.Helper()
	var paged []Listed
	const size = 7
	for after := (*Listed)(nil); ; after = &paged[len(paged)-1] {
		page := must[[]Listed](t)(s.ListMembers(statuses, newest, after, size).Next(t.Context(), size))
		paged = append(paged, page...)
		if len(page) < size {
			return paged
		}
		between()
	}
}

func memberList(t *testing.T, sub *subject) {
	s := sub.open(t)
	random := rand.New(rand.NewPCG(11, 12))
	var w Writes
	for i := range 400 {
		// Many at one instant, as an import has them.
		w.NewMembers = append(w.NewMembers, Member{ID: memberNo(i), Status: uint8(1 + random.IntN(5)), EnrolledAt: calendar.Instant(random.IntN(9)), DueAt: calendar.Never})
	}
	write(t, s, &w)
	for _, statuses := range [][]uint8{{1}, {4}, {2, 3}, {1, 2, 3, 4}, {9}} {
		for _, newest := range []bool{true, false} {
			var want []Listed
			for i := range w.NewMembers {
				if m := &w.NewMembers[i]; slices.Contains(statuses, m.Status) {
					want = append(want, Listed{m.EnrolledAt, m.ID, m.Status})
				}
			}
			slices.SortFunc(want, func(x, y Listed) int { return x.compare(&y) })
			if newest {
				slices.Reverse(want)
			}
			same(t, "pages", listOf(t, s, statuses, newest, func() {}), want)
			var whole []Listed
			for l := s.ListMembers(statuses, newest, nil, 50); ; {
				some := must[[]Listed](t)(l.Next(t.Context(), 50))
				whole = append(whole, some...)
				if len(some) < 50 {
					break
				}
			}
			same(t, "in one go", whole, want)
		}
	}
}

// Whoever is a member from the first page to the last stands on exactly one of them, while
// others come and states change.
func changingList(t *testing.T, sub *subject) {
	s := sub.open(t)
	random := rand.New(rand.NewPCG(13, 14))
	var w Writes
	for i := range 150 {
		w.NewMembers = append(w.NewMembers, Member{ID: memberNo(i), Status: 1, EnrolledAt: calendar.Instant(1 + i/3), DueAt: calendar.Never})
	}
	write(t, s, &w)
	next := len(w.NewMembers)
	for _, newest := range []bool{true, false} {
		lines := listOf(t, s, []uint8{1, 2, 3, 4}, newest, func() {
			var change Writes
			for range 5 {
				m := w.NewMembers[random.IntN(len(w.NewMembers))]
				if slices.ContainsFunc(change.Members, func(x Member) bool { return x.ID == m.ID }) {
					continue
				}
				m.Status, m.Moved = uint8(1+random.IntN(4)), true
				change.Members = append(change.Members, m)
			}
			if next < 200 {
				change.NewMembers = append(change.NewMembers, Member{ID: memberNo(next), Status: 1, EnrolledAt: calendar.Instant(random.IntN(60)), DueAt: calendar.Never})
				next++
			}
			write(t, s, &change)
		})
		seen := make(map[ledger.MemberID]int)
		for _, line := range lines {
			seen[line.ID]++
		}
		for i := range w.NewMembers {
			if n := seen[w.NewMembers[i].ID]; n != 1 {
				t.Errorf("newest first %v: member %d is listed %d times", newest, i, n)
			}
		}
		for id, n := range seen {
			if n != 1 {
				t.Errorf("newest first %v: %d is listed %d times", newest, id, n)
			}
		}
	}
	// What is not said to have moved stays where it is.
	m := must[Member](t)(s.Member(t.Context(), memberNo(3)))
	other := m
	other.Status, other.EnrolledAt, other.State = 9, 999, []byte("other")
	write(t, s, &Writes{Members: []Member{other}})
	m.State = []byte("other")
	same(t, "written over", must[Member](t)(s.Member(t.Context(), m.ID)), m)
}

func personalOfEach(t *testing.T, sub *subject) {
	s := sub.open(t)
	var w Writes
	var ids []ledger.MemberID
	for i := range 150 {
		id := memberNo(i)
		ids = append(ids, id)
		w.NewMembers = append(w.NewMembers, Member{ID: id, DueAt: calendar.Never})
		for n := range i % 4 {
			w.Personal = append(w.Personal, Personal{Member: id, Kind: Identity, Name: "card", Value: "7", Salt: []byte{byte(5 - n)}, Recorded: calendar.Instant(n / 2)})
		}
	}
	write(t, s, &w)
	each := must[map[ledger.MemberID][]Personal](t)(s.PersonalOfEach(t.Context(), append(ids, memberNo(999))))
	for _, id := range ids {
		same(t, "personal values", each[id], must[[]Personal](t)(s.PersonalOf(t.Context(), id)))
	}
}
