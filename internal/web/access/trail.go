package access

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/text"
	"premia/internal/i18n"
	"premia/internal/store"
	"premia/internal/web/page"
)

// auditRow is a row of the audit trail in words.
type auditRow struct {
	store.Audit
	// Who, What and Target are in words, as far as there are any, and Link leads to the
	// target where the visitor may see it.
	Who, What, Target, Link string
	Details                 []detail
}

// detail is one of the details of a row.
type detail struct{ Name, Value string }

// The ids under which words of the trail stand.
const (
	didWords    = "access.did."
	detailWords = "access.detail."
	targetWords = "access.target."
)

// actions are what rows can be chosen by, in the order of the language. One that was asked
// for and has no words, as the beginning of several, stays.
func (x *Access) actions(r *page.Context, asked string) []choice {
	var out []choice
	for _, id := range x.app.Words.IDs(didWords) {
		out = append(out, choice{strings.TrimPrefix(id, didWords), r.Say(id)})
	}
	order := i18n.Order(r.Lang)
	slices.SortFunc(out, func(a, b choice) int { return order(a.Label, b.Label) })
	if asked != "" && !slices.ContainsFunc(out, func(c choice) bool { return c.Value == asked }) {
		out = append([]choice{{asked, asked}}, out...)
	}
	return append([]choice{{"", r.Say("access.audit.action.any")}}, out...)
}

// auditRow says a row in words.
func (x *Access) auditRow(r *page.Context, a *store.Audit, names map[string]string) auditRow {
	row := auditRow{Audit: *a, What: a.Action}
	row.Who, row.Target = x.named(r, a.Actor, names), x.named(r, a.Target, names)
	if id := didWords + a.Action; x.app.Words.Has(r.Lang, id) {
		row.What = r.Say(id)
	}
	if strings.HasPrefix(a.Action, "program.") && a.Target != "" {
		row.Target = r.Say(targetWords+"version", "Version", a.Target)
	}
	row.Details = x.detailsOf(r, a, names)
	switch {
	case strings.HasPrefix(a.Target, "usr_") && names[a.Target] != "" && r.Visitor.Meets(need(auth.UsersRead)):
		row.Link = usersPath + "/" + a.Target
	case strings.HasPrefix(a.Target, "mem_") && r.Visitor.Meets(need(auth.MembersSee)):
		row.Link = "/console/members/" + a.Target
	}
	return row
}

// kinds are what ids begin with that say little to people, and the words for them.
var kinds = []struct{ prefix, words string }{
	{"inv_", "invitation"}, {"till_", "till"}, {"drf_", "draft"}, {"mem_", "member"}, {"usr_", "user"}, {"key_", "key"},
}

// named gives the name of what an id stands for, or says at least what it is.
func (x *Access) named(r *page.Context, id string, names map[string]string) string {
	if name := names[id]; name != "" {
		return name
	}
	for _, k := range kinds {
		if rest, is := strings.CutPrefix(id, k.prefix); is {
			return r.Say(targetWords+k.words, "ID", rest)
		}
	}
	if words := targetWords + id; x.app.Words.Has(r.Lang, words) {
		return r.Say(words)
	}
	return id
}

// detailsOf reads a row's details, which are a JSON object or none, and says them in words.
func (x *Access) detailsOf(r *page.Context, a *store.Audit, names map[string]string) []detail {
	var all map[string]json.RawMessage
	if json.Unmarshal([]byte(a.Details), &all) != nil {
		return nil
	}
	var out []detail
	for _, name := range slices.Sorted(maps.Keys(all)) {
		var value any
		if json.Unmarshal(all[name], &value) != nil || value == "" || name == "outcome" && value == engine.Applied.String() {
			continue
		}
		d := detail{name, string(all[name])}
		if words := detailWords + name; x.app.Words.Has(r.Lang, words) {
			d.Name = r.Say(words)
		}
		switch v := value.(type) {
		case bool:
			d.Value = r.Say(detailWords + strconv.FormatBool(v))
		case string:
			d.Value = x.detailText(r, name, v, names)
		}
		out = append(out, d)
	}
	return out
}

// detailText says the text of a detail: what there are words for, moments in the
// workspace's zone, and names for ids.
func (x *Access) detailText(r *page.Context, name, value string, names map[string]string) string {
	if at, err := time.Parse(time.RFC3339Nano, value); err == nil {
		return r.Say("page.value", "Value", text.Moment(at.In(x.zone())))
	}
	if name == "outcome" {
		if said := x.app.Words.Render(r.Lang, text.New("outcome."+value)); !strings.Contains(said, "⟦") {
			return said
		}
		return value
	}
	if name == "role" || name == "before" {
		return role(r, value)
	}
	if value == calendar.Beginning.String() {
		return r.Say(detailWords + "beginning")
	}
	var said []string
	for part := range strings.SplitSeq(value, "+") {
		words := detailWords + name + "." + strings.ReplaceAll(part, " ", "_")
		if !x.app.Words.Has(r.Lang, words) {
			return x.named(r, value, names)
		}
		said = append(said, r.Say(words))
	}
	return strings.Join(said, ", ")
}
