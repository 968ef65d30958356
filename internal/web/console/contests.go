package console

import (
	"encoding/json"
	"net/url"
	"time"

	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/mechanic/contest"
	"premia/internal/core/text"
	"premia/internal/web/page"
)

const contestsPath = "/console/contests"

func (c *Console) contestRoutes() {
	c.area.Handle("GET /console/contests", programRead, c.contests)
	c.area.Handle("GET /console/contests/{contest}", programRead, c.contest)
	c.area.Handle("GET /console/contests/{contest}/file", programRead, c.contestFile)
	c.area.Handle("GET /console/contests/{contest}/check", programRead, c.checkContest)
	c.area.Handle("POST /console/contests/{contest}/claim", page.Need(auth.RedemptionsWrite), c.claimPrize)
	c.area.Handle("POST /console/contests/{contest}/draw", page.Need(auth.ContestsDraw), c.drawContest)
}

// at reads an instant that is published in RFC 3339.
func at(written string) page.Cell {
	t, err := time.Parse(time.RFC3339, written)
	if err != nil {
		return page.Cell{Text: written}
	}
	return page.Cell{At: calendar.Of(t)}
}

func contestState(r *page.Context, state string) page.Cell {
	return page.Cell{
		Text:  r.Say("console.contest.state." + state),
		Badge: map[string]string{contest.Announced: "azure", contest.Drawn: "yellow", contest.Finished: "green"}[state],
	}
}

func (c *Console) contests(r *page.Context) error {
	all, err := c.app.Contests(r.Ctx())
	if err != nil {
		return err
	}
	l := &page.List{
		ID: "contests", Path: contestsPath, Query: r.Query(), Search: r.Say("console.contests.search"),
		Empty: r.Say("console.contests.none"), StartPath: programPath, StartLabel: r.Say("console.list.in_program"),
		Columns: []page.Column{
			{ID: "contest", Label: r.Say("console.contest"), Sorted: true},
			{ID: "state", Label: r.Say("console.list.state"), Sorted: true, Filter: true},
			{ID: "draw", Label: r.Say("console.contest.draw_at"), Sorted: true},
			{ID: "entries", Label: r.Say("console.contest.entries"), Sorted: true, Number: true},
			{ID: "prizes", Label: r.Say("console.contest.prizes"), Sorted: true, Number: true},
		},
	}
	for i := range all {
		x := &all[i]
		l.Rows = append(l.Rows, page.Row{Cells: []page.Cell{
			{Text: c.contestTitle(r, x.Contest), Link: contestsPath + "/" + url.PathEscape(x.Contest)},
			contestState(r, x.State),
			at(x.DrawAt),
			number(r, x.Entries),
			number(r, int64(len(x.Prizes))),
		}})
	}
	l.Arrange()
	return r.List("listing", l, listing{Title: r.Say("console.contests"), List: l, Acts: inProgram(r)})
}

// contestTitle gives what a contest is called; its id where the program in force has it
// no more.
func (c *Console) contestTitle(r *page.Context, id string) string {
	if p := c.app.Program(); p != nil {
		for _, x := range contest.All(p) {
			if x.ID == id {
				return r.Say("page.value", "Value", p.Rules[x.Rule].Title)
			}
		}
	}
	return id
}

func (c *Console) contest(r *page.Context) error {
	x, err := c.app.ContestWithNames(r.Ctx(), r.R.PathValue("contest"))
	if err != nil {
		return err
	}
	path := contestsPath + "/" + url.PathEscape(x.Contest)
	d := record{Title: c.contestTitle(r, x.Contest), Facts: []recordFact{
		{r.Say("console.list.state"), contestState(r, x.State)},
		{r.Say("console.contest.draw_at"), at(x.DrawAt)},
		{r.Say("console.contest.entries"), number(r, x.Entries)},
		{r.Say("console.contest.commitment"), plainCell(x.Commitment)},
	}}
	if x.Seed != "" {
		d.Facts = append(d.Facts, recordFact{r.Say("console.contest.seed"), plainCell(x.Seed)})
		d.Acts = append(
			d.Acts, act{Label: r.Say("console.contest.check"), Path: path + "/check", Icon: "refresh"},
			act{Label: r.Say("console.contest.file"), Path: path + "/file", Icon: "download"},
		)
	}
	due, err := time.Parse(time.RFC3339, x.DrawAt)
	if err == nil && x.State == contest.Announced && c.ended(calendar.Of(due)) && r.Visitor.Meets(page.Need(auth.ContestsDraw)) {
		d.Acts = append(d.Acts, act{
			Label: r.Say("console.attention.contest_undrawn.do"), Path: path + "/draw", Icon: "dice", Post: true,
			Primary: true, Confirm: r.Say("console.contest.draw.confirm", "Contest", d.Title),
		})
	}
	l := &page.List{ID: "winners", Path: path, Query: r.Query(), Empty: r.Say("console.contest.winners.none"), Columns: []page.Column{
		{ID: "place", Label: r.Say("console.leaderboard.place"), Sorted: true, Number: true},
		{ID: "prize", Label: r.Say("console.contest.prize"), Sorted: true, Filter: true},
		{ID: "name", Label: r.Say("console.list.member"), Sorted: true},
		{ID: "state", Label: r.Say("console.list.state"), Sorted: true, Filter: true},
		{ID: "until", Label: r.Say("console.contest.claim_by"), Sorted: true}, {ID: "ticket", Label: r.Say("console.contest.ticket")}, {ID: "actions"},
	}}
	for _, w := range x.Winners {
		until := page.Cell{}
		if w.ClaimBy != "" {
			until = at(w.ClaimBy)
		}
		row := []page.Cell{
			number(r, int64(w.Place)+1), plainCell(w.Prize), plainCell(firstOf(w.Name, w.Holder)),
			{Text: r.Say("console.contest.winner." + w.State), Badge: winnerColours[w.State]}, until, plainCell(w.Ticket), {},
		}
		if w.State == contest.Waits && r.Visitor.Meets(page.Need(auth.RedemptionsWrite)) {
			row[6].Actions = []page.Action{{
				Label: r.Say("console.contest.claim"), Path: path + "/claim", Icon: "gift", Post: true,
				Confirm: r.Say("console.contest.claim.confirm", "Prize", w.Prize, "Name", firstOf(w.Name, w.Holder)),
				Name:    "ticket", Value: w.Ticket,
			}}
		}
		l.Rows = append(l.Rows, page.Row{Cells: row})
	}
	l.Arrange()
	d.Lists = []titledList{titled(r.Say("console.contest.winners"), l)}
	if x.Seed == "" {
		return r.List("record", l, d)
	}
	tickets := c.ticketList(r, path, x)
	d.Lists = append(d.Lists, titled(r.Say("console.contest.tickets"), tickets))
	return r.List("record", l, d, tickets)
}

// ticketList lists the tickets among which was drawn, with what they won.
func (c *Console) ticketList(r *page.Context, path string, x *contest.Published) *page.List {
	l := &page.List{ID: "tickets", Path: path, Query: r.QueryOf("tickets"), Columns: []page.Column{
		{ID: "ticket", Label: r.Say("console.contest.ticket"), Sorted: true}, {ID: "prize", Label: r.Say("console.contest.prize"), Sorted: true, Filter: true},
	}}
	won := map[string]string{}
	for _, w := range x.Winners {
		won[w.Ticket] = w.Prize
	}
	for _, ticket := range x.Tickets {
		l.Rows = append(l.Rows, page.Row{Cells: []page.Cell{plainCell(ticket), plainCell(won[ticket])}})
	}
	l.Arrange()
	return l
}

// checkContest draws again from what is public, and says whether the same comes out.
func (c *Console) checkContest(r *page.Context) error {
	x, err := c.app.Contest(r.Ctx(), r.R.PathValue("contest"))
	if err != nil {
		return err
	}
	to := contestsPath + "/" + url.PathEscape(x.Contest)
	switch err := contest.Check(x); {
	case x.Seed == "":
		r.Notify("warning", r.Say("console.contest.check.early"))
	case err != nil:
		r.Notify("danger", r.Say("console.contest.check.bad", "Why", text.Quoted(err.Error())))
	default:
		r.Notify("success", r.Say("console.contest.check.good", "Number", int64(len(x.Tickets))))
	}
	return r.Redirect(to)
}

var winnerColours = map[string]string{contest.Has: "green", contest.Waits: "yellow", contest.Over: "secondary", contest.GaveWay: "secondary"}

// contestFile gives what anybody needs to draw again.
func (c *Console) contestFile(r *page.Context) error {
	x, err := c.app.Contest(r.Ctx(), r.R.PathValue("contest"))
	if err != nil {
		return err
	}
	src, err := json.MarshalIndent(x, "", "  ")
	if err != nil {
		return err
	}
	return r.Content("application/json", "contest.json", src)
}

// claimPrize hands a winner what they came for: it is claimed in their name, once.
func (c *Console) claimPrize(r *page.Context) error {
	form, err := r.ReadForm("ticket")
	if err != nil {
		return err
	}
	id, ticket := r.R.PathValue("contest"), form.Get("ticket")
	answer, err := c.app.ClaimPrize(r.Ctx(), "desk:"+id+":"+ticket, id, ticket)
	return c.after(r, contestsPath+"/"+url.PathEscape(id), &answer, err, "console.contest.claimed")
}

func (c *Console) drawContest(r *page.Context) error {
	id := r.R.PathValue("contest")
	to := contestsPath + "/" + url.PathEscape(id)
	if _, err := c.app.DrawContest(r.Ctx(), id); err != nil {
		return refuse(r, to, err)
	}
	return r.Done(to, "console.contest.done")
}
