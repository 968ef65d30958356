package console

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/text"
	"premia/internal/web/page"
)

const rewardsPath = "/console/rewards"

func (c *Console) catalogueRoutes() {
	c.area.Handle("GET /console/rewards", programRead, c.rewards)
	c.area.Handle("GET /console/rewards/{reward}", programRead, c.reward)
	c.pictureRoutes()
	c.area.Handle("GET /console/leaderboards", programRead, c.leaderboards)
	c.area.Handle("GET /console/leaderboards/{board}", programRead, c.leaderboard)
}

// noProgram is the page of a list that needs a program while there is none.
func noProgram(r *page.Context, title, path string, columns []page.Column) error {
	l := &page.List{
		ID: "none", Path: path, Query: r.Query(), Columns: columns, Empty: r.Say("console.home.no_program"),
		StartPath: programPath, StartLabel: r.Say("console.attention.no_program.do"),
	}
	return r.List("listing", l, listing{Title: title, List: l})
}

// inProgram is the act that leads to where the document is changed.
func inProgram(r *page.Context) []act {
	if !r.Visitor.Meets(programWrite) {
		return nil
	}
	return []act{{Label: r.Say("console.list.in_program"), Path: programPath, Icon: "edit"}}
}

// changeInProgram is the act that begins a draft with the form of one rule or reward, by
// its place in the document.
func changeInProgram(r *page.Context, p *engine.Program, at string) []act {
	if !r.Visitor.Meets(programWrite) {
		return nil
	}
	return []act{{
		Label: r.Say("console.list.change"), Path: programPath + "/drafts", Icon: "edit", Post: true,
		Hidden: []hidden{{"version", strconv.FormatUint(uint64(p.Version), 10)}, {"as", "form"}, {"at", at}},
	}}
}

func (c *Console) rewards(r *page.Context) error {
	columns := []page.Column{
		{ID: "reward", Label: r.Say("console.reward"), Sorted: true}, {ID: "price", Label: r.Say("console.list.price")},
		{ID: "left", Label: r.Say("console.reward.stock_left"), Sorted: true, Number: true},
		{ID: "taken", Label: r.Say("console.reward.taken"), Sorted: true, Number: true},
		{ID: "last", Label: r.Say("console.reward.last"), Sorted: true}, {ID: "window", Label: r.Say("console.list.window")},
	}
	g, err := c.app.Glance(r.Ctx())
	if err != nil {
		return err
	}
	if g.Program == nil {
		return noProgram(r, r.Say("console.rewards"), rewardsPath, columns)
	}
	all, err := c.app.Rewards(r.Ctx(), "")
	if err != nil {
		return err
	}
	l := &page.List{
		ID: "rewards", Path: rewardsPath, Query: r.Query(), Columns: columns, Search: r.Say("console.rewards.search"),
		Empty: r.Say("console.rewards.none"), StartPath: programPath, StartLabel: r.Say("console.list.in_program"),
	}
	for i := range all {
		x := &all[i]
		use := g.Rewards[x.Name]
		l.Rows = append(l.Rows, page.Row{Cells: []page.Cell{
			{Text: c.rewardTitle(r, x.Name), Link: rewardsPath + "/" + x.Source.ID}, plainCell(rewardPrice(r, g.Program, x)), leftCell(r, x),
			number(r, use.Kept()), lastCell(r, use), plainCell(windowOf(r, g.Program, x)),
		}})
	}
	l.Arrange()
	return r.List("listing", l, listing{Title: r.Say("console.rewards"), About: r.Say("console.rewards.about"), List: l, Acts: inProgram(r)})
}

func leftCell(r *page.Context, x *app.RewardOf) page.Cell {
	if x.Left < 0 {
		return page.Cell{Text: r.Say("console.reward.any"), Sort: int64(1) << 62}
	}
	return number(r, x.Left)
}

func lastCell(r *page.Context, use app.RewardUse) page.Cell {
	if use.Redeemed+use.Given == 0 {
		return page.Cell{Text: r.Say("console.reward.never"), Sort: time.Time{}}
	}
	return page.Cell{Text: r.Say("page.value", "Value", use.LastDay()), Sort: time.Unix(use.Last*86_400, 0)}
}

func rewardPrice(r *page.Context, p *engine.Program, x *app.RewardOf) string {
	var all []string
	for _, price := range x.Prices {
		all = append(all, r.Say("page.value", "Value", points(&price.Wallet.Unit, price.Wallet.Forms, price.Minor)))
	}
	if x.Money != 0 {
		all = append(all, r.Say("page.value", "Value", moneyOf(p, x.Money)))
	}
	if len(all) == 0 {
		return r.Say("console.list.nothing")
	}
	return strings.Join(all, " + ")
}

// windowOf says when a rule applies.
func windowOf(r *page.Context, p *engine.Program, x *app.RewardOf) string {
	return windowWords(r, p.Rules[x.Name].Window)
}

func windowWords(r *page.Context, window []text.Message) string {
	if len(window) == 0 {
		return r.Say("console.list.always")
	}
	words := make([]string, len(window))
	for i, m := range window {
		words[i] = r.Say("page.value", "Value", m)
	}
	return strings.Join(words, " ")
}

// findReward gives the reward that the address names.
func (c *Console) findReward(r *page.Context) (*app.RewardOf, error) {
	if c.app.Program() == nil {
		return nil, page.ErrNotFound
	}
	all, err := c.app.Rewards(r.Ctx(), "")
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(all, func(x app.RewardOf) bool { return x.Source.ID == r.R.PathValue("reward") })
	if at < 0 {
		return nil, page.ErrNotFound
	}
	return &all[at], nil
}

func (c *Console) reward(r *page.Context) error {
	x, err := c.findReward(r)
	if err != nil {
		return err
	}
	d, err := c.rewardRecord(r, x)
	if err == nil {
		err = c.picture(r, &d, x, nil)
	}
	if err != nil {
		return err
	}
	return r.Page("record", d)
}

// rewardRecord is what is known of a reward.
func (c *Console) rewardRecord(r *page.Context, x *app.RewardOf) (record, error) {
	g, err := c.app.Glance(r.Ctx())
	if err != nil {
		return record{}, err
	}
	if g.Program == nil {
		return record{}, page.ErrNotFound
	}
	use := g.Rewards[x.Name]
	d := record{Title: c.rewardTitle(r, x.Name), Acts: changeInProgram(r, g.Program, g.Program.Rules[x.Name].Path), Facts: []recordFact{
		{r.Say("console.list.price"), plainCell(rewardPrice(r, g.Program, x))}, {r.Say("console.reward.stock_left"), leftCell(r, x)},
		{r.Say("console.reward.redeemed"), number(r, use.Redeemed)}, {r.Say("console.reward.given"), number(r, use.Given)},
		{r.Say("console.reward.returned"), number(r, use.Refunded+use.TakenBack)}, {r.Say("console.reward.last"), lastCell(r, use)},
		{r.Say("console.list.window"), plainCell(windowOf(r, g.Program, x))},
	}}
	if x.Stock > 0 {
		d.Facts = append(d.Facts, recordFact{r.Say("console.reward.stock"), number(r, x.Stock)})
	}
	for _, one := range []struct {
		id    string
		minor int64
	}{{"console.reward.cost", x.Cost}, {"console.reward.worth", x.Worth}} {
		if one.minor != 0 {
			d.Facts = append(d.Facts, recordFact{r.Say(one.id), plainCell(r.Say("page.value", "Value", moneyOf(g.Program, one.minor)))})
		}
	}
	d.Facts = append(d.Facts, recordFact{r.Say("console.list.id"), plainCell(x.Source.ID)})
	return d, nil
}

func (c *Console) leaderboards(r *page.Context) error {
	columns := []page.Column{
		{ID: "board", Label: r.Say("console.leaderboard"), Sorted: true},
		{ID: "since", Label: r.Say("console.leaderboard.since"), Sorted: true},
		{ID: "ends", Label: r.Say("console.leaderboard.ends"), Sorted: true},
		{
			ID: "members", Label: r.Say("console.leaderboard.members"), Sorted: true, Number: true,
		}, {ID: "state", Label: r.Say("console.list.state"), Sorted: true, Filter: true},
	}
	all, p, err := c.app.Leaderboards(r.Ctx())
	if err != nil {
		return err
	}
	if p == nil {
		return noProgram(r, r.Say("console.leaderboards"), "/console/leaderboards", columns)
	}
	l := &page.List{
		ID: "leaderboards", Path: "/console/leaderboards", Query: r.Query(), Columns: columns,
		Empty: r.Say("console.leaderboards.none"), StartPath: programPath, StartLabel: r.Say("console.list.in_program"),
	}
	for i := range all {
		x := &all[i]
		members := int64(0)
		for _, group := range x.Groups {
			members += group.Members
		}
		state := page.Cell{Text: r.Say("console.leaderboard.open"), Badge: "green"}
		if x.Fixed {
			state = page.Cell{Text: r.Say("console.leaderboard.fixed"), Badge: "secondary"}
		}
		l.Rows = append(l.Rows, page.Row{Cells: []page.Cell{
			{Text: r.Say("page.value", "Value", x.Board.Title), Link: "/console/leaderboards/" + url.PathEscape(x.Board.ID)},
			moment(x.Since, r.Say("console.list.always")), moment(x.Ends, r.Say("console.list.always")), number(r, members), state,
		}})
	}
	l.Arrange()
	return r.List("listing", l, listing{Title: r.Say("console.leaderboards"), List: l, Acts: inProgram(r)})
}

func (c *Console) leaderboard(r *page.Context) error {
	q := r.Query()
	period, ranked, _, err := c.app.Leaderboard(r.Ctx(), r.R.PathValue("board"), q.Filters.Get("period"), q.Filters.Get("group"))
	if err != nil {
		return err
	}
	l := &page.List{ID: "places", Path: r.R.URL.Path, Query: q, Empty: r.Say("console.leaderboard.none"), Columns: []page.Column{
		{ID: "place", Label: r.Say("console.leaderboard.place"), Sorted: true, Number: true},
		{ID: "name", Label: r.Say("console.list.member"), Sorted: true},
		{ID: "value", Label: r.Say("console.leaderboard.score"), Sorted: true, Number: true},
	}}
	for _, x := range ranked {
		l.Rows = append(l.Rows, page.Row{Cells: []page.Cell{
			number(r, x.Place), plainCell(firstOf(x.Name, r.Say("console.leaderboard.nameless"))), number(r, x.Value),
		}})
	}
	l.Arrange()
	d := record{Title: r.Say("page.value", "Value", period.Board.Title), Facts: []recordFact{
		{r.Say("console.leaderboard.since"), moment(period.Since, r.Say("console.list.always"))},
		{r.Say("console.leaderboard.ends"), moment(period.Ends, r.Say("console.list.always"))},
		{r.Say("console.leaderboard.fixed_at"), moment(period.FixedAt, r.Say("console.list.none"))},
	}, Lists: []titledList{titled(r.Say("console.leaderboard.places"), l)}}
	return r.List("record", l, d)
}

// ended tells whether an instant is past.
func (c *Console) ended(at calendar.Instant) bool { return at <= c.app.Journal.Now() }
