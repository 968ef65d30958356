package access

import (
	"strconv"
	"strings"
	"time"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/web/page"
)

const keysPath = "/console/keys"

// defaultDays is how long a new key is good if nobody says otherwise.
const defaultDays = "365"

func (x *Access) keyRoutes() {
	x.area.Handle("GET "+keysPath, need(auth.KeysWrite), x.keys)
	x.area.Handle("GET "+keysPath+"/new", need(auth.KeysWrite), page.Proving(x.newKey))
	x.area.Handle("POST "+keysPath+"/new", need(auth.KeysWrite), x.createKey)
	x.area.Handle("POST "+keysPath+"/{key}/revoke", need(auth.KeysWrite), x.revokeKey)
}

func (x *Access) keys(r *page.Context) error {
	all, err := x.app.Keys(r.Ctx())
	if err != nil {
		return err
	}
	l := &page.List{
		ID: "keys", Path: keysPath, Query: r.Query(), Search: r.Say("access.keys.search"),
		Empty: r.Say("access.keys.none"), StartPath: keysPath + "/new", StartLabel: r.Say("access.keys.new"),
		Columns: []page.Column{
			{ID: "name", Label: r.Say("access.name"), Sorted: true},
			{ID: "scopes", Label: r.Say("access.scopes"), Sorted: true},
			{ID: "until", Label: r.Say("access.until"), Sorted: true},
			{ID: "seen", Label: r.Say("access.seen"), Sorted: true},
			{ID: "state", Label: r.Say("access.state"), Sorted: true, Filter: true},
			{ID: "actions"},
		},
	}
	for i := range all {
		k := &all[i]
		until := page.Cell{Text: r.Say("access.keys.for_ever")}
		if k.Expires != calendar.None {
			until = page.Cell{At: k.Expires}
		}
		row := page.Row{Cells: []page.Cell{
			{Text: k.Name}, {Text: strings.ReplaceAll(k.Scopes.String(), " ", ", ")}, until, {At: k.LastUsed},
			{Text: r.Say("access.state.active"), Badge: "green"}, {},
		}}
		switch {
		case k.Revoked != calendar.None:
			row.Cells[4] = page.Cell{Text: r.Say("access.state.revoked"), Badge: "secondary"}
		case x.app.KeyErr(k) != nil:
			row.Cells[4] = page.Cell{Text: r.Say("access.state.expired"), Badge: "secondary"}
		default:
			row.Cells[5].Actions = []page.Action{{
				Label: r.Say("access.revoke"), Path: keysPath + "/" + k.ID + "/revoke", Post: true, Danger: true,
				Confirm: r.Say("access.keys.revoke.confirm", "Name", k.Name),
			}}
		}
		l.Rows = append(l.Rows, row)
	}
	l.Arrange()
	return r.List("keys", l, l)
}

// keyData is the form of a new key, and the key once it was made.
type keyData struct {
	Form   *page.Form
	Scopes []scopeChoice
	// Key is shown this once.
	Key string
}

type scopeChoice struct {
	ID, Label string
	Chosen    bool
}

func scopes(r *page.Context, chosen []string) []scopeChoice {
	var all []scopeChoice
	for _, one := range auth.All() {
		c := scopeChoice{ID: string(one), Label: r.Say("access.scope." + strings.ReplaceAll(string(one), ":", "_"))}
		for _, id := range chosen {
			c.Chosen = c.Chosen || id == c.ID
		}
		all = append(all, c)
	}
	return all
}

func (x *Access) newKey(r *page.Context) error {
	return r.Page("new-key", keyData{Form: page.NewForm("name", "", "days", defaultDays), Scopes: scopes(r, nil)})
}

func (x *Access) createKey(r *page.Context) error {
	f, err := r.ReadForm("name", "days", "scopes")
	if err != nil {
		return err
	}
	chosen := r.R.PostForm["scopes"]
	days, err := strconv.Atoi(strings.TrimSpace(f.Get("days")))
	if err != nil || days < 1 || days > 3650 {
		f.Wrong("days", r.Say("access.keys.days.wrong"))
		return r.PageStatus(422, "new-key", keyData{Form: f, Scopes: scopes(r, chosen)})
	}
	secret, _, err := x.app.CreateKey(r.Ctx(), f.Get("name"), strings.Join(chosen, " "), time.Duration(days)*24*time.Hour)
	if err != nil {
		if app.AsProblem(err).Code == app.CodeProveAgain || !r.Refuse(f, err) {
			return err
		}
		return r.PageStatus(page.StatusOf(app.AsProblem(err)), "new-key", keyData{Form: f, Scopes: scopes(r, chosen)})
	}
	return r.Page("new-key", keyData{Form: f, Key: secret})
}

func (x *Access) revokeKey(r *page.Context) error {
	if err := x.app.RevokeKey(r.Ctx(), r.R.PathValue("key")); err != nil {
		return err
	}
	return r.Done(keysPath, "access.keys.revoked")
}
