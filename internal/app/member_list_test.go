package app_test

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/ledger"
	"premia/internal/store"
)

// ids are those of members.
func ids(found []app.Found) (out []ledger.MemberID) {
	for i := range found {
		out = append(out, found[i].ID)
	}
	return out
}

// listed follows the pages of a list, and does something before each further one.
func (h *history) listed(c app.MemberChoice, between func()) (all []app.Found) {
	h.t.Helper()
	for after, n := "", 0; n < 1000; n++ {
		page, next, err := h.ListMembers(h.as("usr_o", auth.Owner), c, after, 3)
		if err != nil {
			h.t.Fatal(err)
		}
		if all = append(all, page...); next == "" {
			return all
		}
		after = next
		between()
	}
	h.t.Fatal("the pages have no end")
	return nil
}

// TestListMembers goes through all members of a workspace, those of each state, and those
// whom words find, while others come, are blocked and are erased.
func TestListMembers(t *testing.T) {
	onBoth(t, listMembers)
	t.Run("sqlite with seven shards", func(t *testing.T) {
		t.Parallel()
		url := "sqlite:" + filepath.Join(t.TempDir(), "premia.db")
		openStore(t, url, store.Options{Migrate: true, Shards: 7})
		listMembers(t, url)
	})
}

func listMembers(t *testing.T, url string) {
	h := newHistory(t, url)
	enrol := func(card, given string) ledger.MemberID {
		h.clock.Advance(time.Minute)
		a, err := h.Enrol(t.Context(), app.Change{Identities: []string{"card:" + card}, Profile: map[string]string{"given_name": given, "family_name": "Nováková"}})
		h.does(err)
		return a.Member
	}
	yes := true
	last := enrol("900", "Žofie")
	_, err := h.Change(t.Context(), "card:900", app.Change{Blocked: &yes})
	h.does(err)
	before := h.listed(app.MemberChoice{}, func() {})
	if before[0].ID != last || before[0].Status != ledger.Blocked || before[0].Name() != "Žofie Nováková" || len(before[0].Identities) != 1 {
		t.Errorf("the newest member is listed as %+v", before[0])
	}
	oldest := h.listed(app.MemberChoice{Order: app.OldestFirst}, func() {})
	if slices.Reverse(oldest); !slices.Equal(ids(oldest), ids(before)) {
		t.Errorf("the oldest first are %v, want the reverse of %v", ids(oldest), ids(before))
	}
	n := 0
	now := h.listed(app.MemberChoice{}, func() {
		enrol(fmt.Sprint(910+n), "Čeněk")
		if n++; n == 2 {
			_, err := h.Erase(t.Context(), "", "card:8")
			h.does(err)
		}
	})
	if !slices.Equal(ids(now), ids(before)) {
		t.Errorf("while others came the list was %v, want %v", ids(now), ids(before))
	}
	h.ofEachState()
	h.byWords(last)
	wantHealthy(t, h.Store)
}

// ofEachState compares the list of each state with all members.
func (h *history) ofEachState() {
	h.t.Helper()
	want := map[ledger.Status]int{}
	for _, shard := range h.Store.Shards() {
		h.does(h.Store.EachMember(h.t.Context(), shard, func(m store.Member) error {
			want[ledger.Status(m.Status)]++
			return nil
		}))
	}
	for _, status := range []ledger.Status{ledger.Active, ledger.Blocked, ledger.Merged, ledger.Erased} {
		found := h.listed(app.MemberChoice{Status: status}, func() {})
		if len(found) != want[status] || len(found) == 0 || slices.ContainsFunc(found, func(f app.Found) bool { return f.Status != status }) {
			h.t.Errorf("%d members have the state %d: %+v, want %d", len(found), status, found, want[status])
		}
	}
}

// byWords finds, chooses and orders those who have a name.
func (h *history) byWords(blocked ledger.MemberID) {
	h.t.Helper()
	found := h.listed(app.MemberChoice{Query: "novakova"}, func() {})
	unique := ids(found)
	slices.SortFunc(unique, func(x, y ledger.MemberID) int { return cmp.Compare(x, y) })
	if unique = slices.Compact(unique); len(unique) != len(found) || len(found) < 5 {
		h.t.Errorf("found are %v", ids(found))
	}
	named := h.listed(app.MemberChoice{Query: "novakova", Order: app.ByName, Language: "cs"}, func() {})
	if len(named) != len(found) || named[len(named)-1].ID != blocked {
		h.t.Errorf("by name come %+v", named)
	}
	if only := h.listed(app.MemberChoice{Query: "novakova", Status: ledger.Blocked}, func() {}); len(only) != 1 || only[0].ID != blocked {
		h.t.Errorf("blocked and found are %+v", only)
	}
}

// TestExportMembers gives all members to those who may give them out, and to nobody else.
func TestExportMembers(t *testing.T) {
	h := newHistory(t, "sqlite:"+t.TempDir()+"/premia.db")
	for n := range app.MostArranged + 10 {
		_, err := h.Enrol(t.Context(), app.Change{Identities: []string{fmt.Sprint("card:2", n)}, Profile: map[string]string{"family_name": []string{"Nowak", "Nowaczyk"}[n%2]}})
		h.does(err)
	}
	yes := true
	blocked, err := h.Change(t.Context(), "card:27", app.Change{Blocked: &yes})
	h.does(err)
	file := func(c app.MemberChoice) (all []app.Found) {
		read, err := h.ExportMembers(h.as("usr_m", auth.Manager), c)
		h.does(err)
		for after := ""; ; {
			some, next, err := read(after)
			h.does(err)
			if all = append(all, some...); next == "" {
				return all
			}
			after = next
		}
	}
	for _, c := range []app.MemberChoice{{}, {Order: app.OldestFirst}, {Status: ledger.Erased}, {Status: ledger.Active}, {Query: "nowak"}, {Query: "nowak", Order: app.ByName}} {
		if got, want := ids(file(c)), ids(h.listed(c, func() {})); len(got) == 0 || !slices.Equal(got, want) {
			t.Errorf("the file of %+v has %d members, the list %d", c, len(got), len(want))
		}
	}
	// More than can be put in order stay in that in which they are found.
	if got := ids(file(app.MemberChoice{Query: "nowa", Status: ledger.Blocked})); !slices.Equal(got, []ledger.MemberID{blocked.Member}) {
		t.Errorf("the file of who is blocked has %d members", len(got))
	}
	if got := ids(file(app.MemberChoice{Query: "nowa", Order: app.ByName})); len(got) != app.MostArranged+10 {
		t.Errorf("the file of many has %d members", len(got))
	}
	if _, err := h.ExportMembers(h.as("usr_a", auth.Analyst), app.MemberChoice{}); err == nil {
		t.Error("an analyst gave all members out")
	}
	rows, _, err := h.AuditPage(h.as("usr_o", auth.Owner), store.AuditFilter{Action: "members.exported"}, 100)
	if err != nil || len(rows) != 8 || rows[0].Actor != "usr_m" {
		t.Errorf("the trail has %d exports (%v)", len(rows), err)
	}
}
