package console

import (
	"slices"
	"strings"
	"unicode"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/ledger"
	"premia/internal/journal"
	"premia/internal/web/page"
)

// mostMembers is how many members a page shows.
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
	// Orders and Statuses are what there is to choose.
	Orders, Statuses []page.Option
	// List turns the pages, and has the address of the file.
	List *page.List
	// Recent tells that those are shown to whom something happened lately.
	Recent bool
	// MayExport tells that the visitor may have all members as a file.
	MayExport bool
	// Title says who is shown, and Among what else there is to know of their choice.
	Title, Among string
	// None says that nobody is as chosen; empty where there is nobody at all.
	None string
}

// foundView is a member in a list.
type foundView struct {
	ID, Name, Initials string
	Identities         []string
	Status             string
	EnrolledAt         calendar.Instant
}

// memberOrders are those in which members may stand, and memberStates what they may be
// chosen by.
var (
	memberOrders = []string{"best", "name", "newest", "oldest"}
	memberStates = []ledger.Status{ledger.Active, ledger.Blocked, ledger.Merged, ledger.Erased}
)

// members finds members by words, lists all of them or those of a state, and shows those
// to whom something happened lately where nothing is asked for. Who presses enter and
// means one member comes to them.
func (c *Console) members(r *page.Context) error {
	d, choice := c.membersAsked(r)
	if d.List.Query.CSV {
		return c.membersFile(r, d.List, choice)
	}
	found, next, err := c.membersOf(r, d, choice)
	if err != nil {
		return err
	}
	d.List.Next = next
	if d.Query != "" && d.Status == "" && d.List.Whole() && len(found) == 1 && !r.HTMX() {
		return r.Redirect("/console/members/" + found[0].ID.String())
	}
	full := seesAll(r)
	for i := range found {
		d.Found = append(d.Found, foundViewOf(&found[i], full))
		d.List.Rows = append(d.List.Rows, page.Row{})
	}
	c.sayMembers(r, d)
	if r.HTMX() {
		return r.Part("members", "found", d)
	}
	return r.Page("members", d)
}

// membersAsked reads what the page is asked for.
func (c *Console) membersAsked(r *page.Context) (*membersData, app.MemberChoice) {
	q := r.Query()
	d := &membersData{Query: q.Search, Order: q.Sort, MayExport: r.Visitor.Meets(page.Need(auth.PersonalExport))}
	d.List = &page.List{ID: "members", Path: "/console/members", Query: q, Total: -1}
	choice := app.MemberChoice{Query: d.Query, Language: r.Lang}
	for _, one := range memberOrders {
		d.Orders = append(d.Orders, page.Option{Value: one, Label: r.Say("console.members.order." + one)})
		if one == d.Order && one != "best" {
			choice.Order = app.MemberOrder(one)
		}
	}
	for _, one := range memberStates {
		name := statusName(one)
		d.Statuses = append(d.Statuses, page.Option{Value: name, Label: r.Say("console.member.status." + name)})
		if name == q.Filters.Get("status") {
			d.Status, choice.Status = name, one
		}
	}
	return d, choice
}

// membersOf gives the members of the page, and where the next one begins.
func (c *Console) membersOf(r *page.Context, d *membersData, choice app.MemberChoice) ([]app.Found, string, error) {
	if choice == (app.MemberChoice{Language: r.Lang}) && d.List.Query.After == "" {
		found, err := c.app.RecentMembers(r.Ctx(), mostMembers)
		if d.Recent = len(found) > 0; d.Recent || err != nil {
			return found, "", err
		}
	}
	return c.app.ListMembers(r.Ctx(), choice, d.List.Query.After, mostMembers)
}

// sayMembers says who is shown.
func (c *Console) sayMembers(r *page.Context, d *membersData) {
	arranged := d.Status != "" || slices.Contains(memberOrders[1:], d.Order)
	switch {
	case d.Recent:
		d.Title = r.Say("console.members.recent")
	case d.Query == "" && d.Order == "oldest":
		d.Title = r.Say("console.members.all.oldest")
	case d.Query == "":
		d.Title = r.Say("console.members.all.newest")
	case d.List.Whole():
		d.Title = r.Say("console.members.count", "Count", int64(len(d.Found)))
	default:
		d.Title = r.Say("console.members.more")
	}
	switch {
	case d.Query == "" && d.Order == "name":
		d.Among = r.Say("console.members.among.name")
	case d.Query != "" && arranged && !d.List.Whole():
		d.Among = r.Say("console.members.among.found", "Number", int64(app.MostArranged))
	}
	switch {
	case d.Query != "":
		d.None = r.Say("page.nothing_found", "Query", d.Query)
	case d.Status != "":
		d.None = r.Say("console.members.none." + d.Status)
	}
}

// membersFile answers with all members who are chosen as a file.
func (c *Console) membersFile(r *page.Context, l *page.List, choice app.MemberChoice) error {
	read, err := c.app.ExportMembers(r.Ctx(), choice)
	if err != nil {
		return err
	}
	l.Columns = []page.Column{
		{ID: "id", Label: r.Say("console.list.id")}, {ID: "name", Label: r.Say("console.member.name")}, {ID: "known", Label: r.Say("console.member.known_by")},
		{ID: "status", Label: r.Say("console.list.state")}, {ID: "since", Label: r.Say("console.member.enrolled")},
	}
	l.More = func(after string) ([]page.Row, string, error) {
		found, next, err := read(after)
		rows := make([]page.Row, len(found))
		for i := range found {
			f := foundViewOf(&found[i], true)
			rows[i].Cells = []page.Cell{
				plainCell(f.ID), plainCell(f.Name), plainCell(strings.Join(f.Identities, "; ")),
				plainCell(r.Say("console.member.status." + f.Status)), {At: f.EnrolledAt},
			}
		}
		return rows, next, err
	}
	if l.Rows, l.Next, err = l.More(""); err != nil {
		return err
	}
	return r.List("members", l, nil)
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
