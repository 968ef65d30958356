package web_test

import (
	"encoding/csv"
	"html"
	"net/http"
	"regexp"
	"strings"

	"premia/internal/app"
	"premia/internal/store"
)

var (
	memberLinks = regexp.MustCompile(`href="/console/members/(mem_[0-9A-Z]+)"`)
	backLink    = regexp.MustCompile(`rel="prev" href="([^"]*)"`)
)

// membersAt gives the members on a page of the list, and the page.
func (w *work) membersAt(path string) (ids []string, text string) {
	w.t.Helper()
	text = part(w.get(path), "found")
	for _, link := range memberLinks.FindAllStringSubmatch(text, -1) {
		ids = append(ids, link[1])
	}
	return ids, text
}

// browses goes through the list of all members, forth and back, and through those of each
// state, and takes the file as a reader of Polish has it.
func (w *work) browses() {
	recent, text := w.membersAt("/console/members")
	if !strings.Contains(text, `href="/console/members?sort=newest"`) || len(recent) == 0 {
		w.t.Errorf("there is no way from the first page to all members: %.600s", text)
	}
	path, pages, seen := "/console/members?sort=newest", []string{}, map[string]int{}
	for path != "" {
		var ids []string
		ids, text = w.membersAt(path)
		for _, id := range ids {
			seen[id]++
		}
		pages, path = append(pages, path), ""
		if next := nextLink.FindStringSubmatch(text); next != nil {
			path = html.UnescapeString(next[1])
		}
	}
	counts, err := w.Store.Counts(w.t.Context())
	w.does(err)
	for id, n := range seen {
		if n != 1 {
			w.t.Errorf("%s stands on %d pages", id, n)
		}
	}
	if len(pages) < 2 || len(seen) < 60 || len(seen) > int(counts.Members) || !strings.Contains(text, "data-printed") {
		w.t.Errorf("%d pages have %d members of %d; print says how many: %v", len(pages), len(seen), counts.Members, strings.Contains(text, "data-printed"))
	}
	back := backLink.FindStringSubmatch(text)
	if back == nil {
		w.t.Fatalf("the last page has none before it: %.600s", text[max(len(text)-600, 0):])
	}
	before, _ := w.membersAt(html.UnescapeString(back[1]))
	if want, _ := w.membersAt(pages[len(pages)-2]); strings.Join(before, " ") != strings.Join(want, " ") {
		w.t.Errorf("the page before has %v, want %v", before, want)
	}
	w.nobodyBlocked()
	w.polishFile(len(seen))
}

// nobodyBlocked asks for a state in which nobody is, and then somebody who did nothing lately.
func (w *work) nobodyBlocked() {
	if ids, text := w.membersAt("/console/members?status=blocked"); len(ids) != 0 || !strings.Contains(text, "No member is blocked.") || strings.Contains(text, "There are no members yet") {
		w.t.Errorf("where nobody is blocked the page says %.900s", text)
	}
	yes := true
	_, err := w.Change(w.t.Context(), "card:1007", app.Change{Blocked: &yes})
	w.does(err)
	for n := range 2 { // others come after
		card := "card:70" + string(rune('0'+n))
		_, err := w.Enrol(w.t.Context(), app.Change{Identities: []string{card}})
		w.does(err)
	}
	id, err := w.Find(w.t.Context(), "card:1007")
	w.does(err)
	if ids, text := w.membersAt("/console/members?status=blocked"); len(ids) != 1 || ids[0] != id.String() {
		w.t.Errorf("blocked are %v: %.900s", ids, text)
	}
}

// polishFile takes the list as a file in Polish, which the trail tells of.
func (w *work) polishFile(least int) {
	answer, text := fetch(w.t, "GET", w.server.URL+"/console/members?sort=newest&format=csv", "", "Accept-Language", "pl")
	text, marked := strings.CutPrefix(text, "\uFEFF")
	r := csv.NewReader(strings.NewReader(text))
	r.Comma = ';'
	rows, err := r.ReadAll()
	if answer.StatusCode != http.StatusOK || !marked || err != nil || len(rows) < least+1 || len(rows[0]) != 5 {
		w.t.Errorf("the file in Polish has %d rows (marked: %v, %v): %.300s", len(rows), marked, err, text)
	}
	told, _, err := w.AuditPage(system(), store.AuditFilter{Action: "members.exported"}, 10)
	if err != nil || len(told) == 0 {
		w.t.Errorf("the trail says nothing of the file: %v", err)
	}
}
