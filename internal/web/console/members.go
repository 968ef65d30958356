package console

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/ledger"
	"premia/internal/i18n"
	"premia/internal/journal"
	"premia/internal/web/page"
)

// mostMembers is how many members a search shows.
const mostMembers = 50

func (c *Console) memberRoutes() {
	read, write := page.Need(auth.MembersSee), page.Need(auth.MembersChange)
	c.area.Handle("GET /console/members", read, c.members)
	c.area.Handle("GET /console/members/new", write, c.newMember)
	c.area.Handle("POST /console/members/new", write, c.enrol)
	c.area.Handle("GET /console/members/{member}", read, c.member)
	c.area.Handle("GET /console/members/{member}/timeline", read, c.timeline)
	c.area.Handle("GET /console/members/{member}/edit", write, c.editMember)
	c.area.Handle("POST /console/members/{member}/edit", write, c.changeMember)
	c.area.Handle("POST /console/members/{member}/block", write, c.block)
	c.area.Handle("POST /console/members/{member}/unblock", write, c.unblock)
	c.area.Handle("GET /console/members/{member}/merge", write, c.previewMerge)
	c.area.Handle("POST /console/members/{member}/merge", write, c.merge)
	c.area.Handle("GET /console/members/{member}/adjust", page.Need(auth.Adjust), c.newAdjustment)
	c.area.Handle("POST /console/members/{member}/adjust", page.Need(auth.Adjust), c.adjust)
	c.area.Handle("POST /console/members/{member}/undo", page.Need(auth.Adjust), c.undo)
	c.area.Handle("GET /console/members/{member}/rewards", page.Need(auth.RedemptionsWrite), c.memberRewards)
	c.area.Handle("POST /console/members/{member}/rewards", page.Need(auth.RedemptionsWrite), c.handOut)
	c.area.Handle("POST /console/members/{member}/take-back", page.Need(auth.RedemptionsWrite), c.takeBack)
	c.area.Handle("GET /console/members/{member}/export", page.Need(auth.PersonalExport), c.exportMember)
	c.area.Handle("GET /console/members/{member}/erase", page.Need(auth.PersonalErase), page.Proving(c.previewErasure))
	c.area.Handle("POST /console/members/{member}/erase", page.Need(auth.PersonalErase), c.erase)
}

// membersData is the page on which members are found.
type membersData struct {
	Query, Status, Order string
	Found                []foundView
	// Orders and Statuses are what there is to choose, and CSV the address of the file.
	Orders, Statuses []page.Option
	CSV              string
	// More tells that there are others whom the words fit.
	More bool
	// Among says of whom those are who are chosen by their state or put into an order:
	// all members are in no order but that of their words.
	Among string
}

// foundView is a member in a list.
type foundView struct {
	ID, Name, Initials string
	Identities         []string
	Status             string
	EnrolledAt         calendar.Instant
}

// memberOrders are those in which found members may stand; the first is that of the search.
var memberOrders = []string{"best", "name", "newest", "oldest"}

// members finds members by words, and shows those to whom something happened lately
// where nobody is looked for. Who presses enter and means one member comes to them.
func (c *Console) members(r *page.Context) error {
	v := r.R.URL.Query()
	d := membersData{Query: strings.TrimSpace(v.Get("q")), Status: v.Get("status"), Order: v.Get("sort")}
	file, most := v.Get("format") == "csv", mostMembers
	if file {
		most = app.MostFound - 1
	}
	found, err := c.foundMembers(r, &d, most+1)
	if err != nil {
		return err
	}
	if d.Query != "" && d.Status == "" && len(found) == 1 && !r.HTMX() && !file {
		return r.Redirect("/console/members/" + found[0].ID.String())
	}
	if len(found) > most {
		found, d.More = found[:most], true
	}
	full := seesAll(r)
	for i := range found {
		d.Found = append(d.Found, foundViewOf(&found[i], full))
	}
	switch {
	case file:
		return r.List("members", c.membersFile(r, d.Found), nil)
	case r.HTMX():
		return r.Part("members", "found", d)
	}
	return r.Page("members", d)
}

// foundMembers finds members as the page is asked for them.
func (c *Console) foundMembers(r *page.Context, d *membersData, most int) ([]app.Found, error) {
	for _, one := range memberOrders {
		d.Orders = append(d.Orders, page.Option{Value: one, Label: r.Say("console.members.order." + one)})
	}
	for _, one := range []string{"active", "blocked", "merged"} {
		d.Statuses = append(d.Statuses, page.Option{Value: one, Label: r.Say("console.member.status." + one)})
	}
	d.CSV = "/console/members?" + url.Values{"q": {d.Query}, "status": {d.Status}, "sort": {d.Order}, "format": {"csv"}}.Encode()
	find := c.app.RecentMembers
	if d.Query != "" {
		find = func(ctx context.Context, limit int) ([]app.Found, error) {
			return c.app.SearchMembers(ctx, d.Query, limit)
		}
	}
	limit, arranged := most, slices.Contains(memberOrders[1:], d.Order) || d.Status != ""
	if arranged {
		limit = app.MostFound // of which some are left, and the first are shown
	}
	found, err := find(r.Ctx(), limit)
	switch {
	case arranged && d.Query == "":
		d.Among = r.Say("console.members.among.recent")
	case arranged && len(found) == app.MostFound:
		d.Among = r.Say("console.members.among.found", "Number", int64(app.MostFound))
	}
	if d.Status != "" {
		found = slices.DeleteFunc(found, func(f app.Found) bool { return statusName(f.Status) != d.Status })
	}
	switch d.Order {
	case "name":
		slices.SortStableFunc(found, func(x, y app.Found) int {
			return cmp.Or(strings.Compare(i18n.Fold(x.FamilyName), i18n.Fold(y.FamilyName)), strings.Compare(i18n.Fold(x.GivenName), i18n.Fold(y.GivenName)))
		})
	case "newest":
		slices.SortStableFunc(found, func(x, y app.Found) int { return cmp.Compare(y.EnrolledAt, x.EnrolledAt) })
	case "oldest":
		slices.SortStableFunc(found, func(x, y app.Found) int { return cmp.Compare(x.EnrolledAt, y.EnrolledAt) })
	}
	return found, err
}

// membersFile is the list of members as a file: what the page shows of each.
func (c *Console) membersFile(r *page.Context, found []foundView) *page.List {
	q := r.Query()
	l := &page.List{ID: "members", Path: "/console/members", Query: q, Columns: []page.Column{
		{ID: "id", Label: r.Say("console.list.id")}, {ID: "name", Label: r.Say("console.member.name")}, {ID: "known", Label: r.Say("console.member.known_by")},
		{ID: "status", Label: r.Say("console.list.state")}, {ID: "since", Label: r.Say("console.member.enrolled")},
	}}
	for _, f := range found {
		since := page.Cell{}
		if f.EnrolledAt != calendar.None {
			since.At = f.EnrolledAt
		}
		l.Rows = append(l.Rows, page.Row{Cells: []page.Cell{
			plainCell(f.ID), plainCell(f.Name), plainCell(strings.Join(f.Identities, "; ")),
			plainCell(r.Say("console.member.status." + f.Status)), since,
		}})
	}
	return l
}

func foundViewOf(f *app.Found, full bool) foundView {
	v := foundView{ID: f.ID.String(), Name: f.Name(), Status: statusName(f.Status), EnrolledAt: f.EnrolledAt}
	v.Initials = initials(f.GivenName, f.FamilyName)
	for _, p := range f.Identities {
		v.Identities = append(v.Identities, shownIdentity(journal.Identity{Kind: p.Name, Value: p.Value}, full))
	}
	return v
}

// initials are the first letters of a name; empty where it has none.
func initials(names ...string) string {
	var out strings.Builder
	for _, name := range names {
		for _, first := range name {
			if unicode.IsLetter(first) {
				out.WriteRune(unicode.ToUpper(first))
			}
			break
		}
	}
	return out.String()
}

func statusName(s ledger.Status) string {
	switch s {
	case ledger.Blocked:
		return "blocked"
	case ledger.Merged:
		return "merged"
	case ledger.Erased:
		return "erased"
	}
	return "active"
}

// seesAll tells whether the visitor sees personal values whole: those who may change
// them or give them out. Others need names to speak of members, and no more.
func seesAll(r *page.Context) bool {
	return r.Visitor.Meets(page.Need(auth.MembersChange)) || r.Visitor.Meets(page.Need(auth.PersonalExport))
}

// shownIdentity is an identity as the visitor may see it, with its kind in front of
// those that don't say themselves what they are.
func shownIdentity(i journal.Identity, full bool) string {
	value := i.Value
	if !full {
		value = masked(i.Kind, value)
	}
	switch i.Kind {
	case app.Email, app.Phone, app.Card:
		return value
	}
	return i.Kind + ": " + value
}

// masked hides most of a personal value: it can be recognised, and not learnt.
func masked(kind, value string) string {
	if kind == app.Email {
		if local, domain, ok := strings.Cut(value, "@"); ok {
			return firstRune(local) + "…@" + domain
		}
	}
	const ends = 3
	runes := []rune(value)
	if len(runes) <= 2*ends {
		return "…"
	}
	return "…" + string(runes[len(runes)-ends:])
}

func firstRune(s string) string {
	for _, r := range s {
		return string(r)
	}
	return ""
}
