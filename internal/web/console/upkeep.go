package console

import (
	"premia/internal/auth"
	"premia/internal/core/text"
	"premia/internal/web/page"
)

func (c *Console) upkeepRoutes() {
	need := page.Need(auth.SettingsWrite)
	c.area.Handle("GET /console/upkeep", need, c.upkeep)
	c.area.Handle("POST /console/upkeep/retry", need, c.retryParked)
}

// upkeepData is how the server is.
type upkeepData struct {
	Checks []checkLine
	Parked *page.List
}

type checkLine struct {
	Name, State, Colour, Why string
}

// checkName says what is checked; a certificate has the name of its domain or file.
func checkName(r *page.Context, name string) string {
	switch name {
	case "database", "writing", "sweeper", "disk", "clock", "backups", "secrets", "follow-ups", "personal-moves", "postbacks", "payouts":
		return r.Say("console.upkeep.check." + name)
	}
	return name
}

func (c *Console) upkeep(r *page.Context) error {
	var d upkeepData
	for _, check := range c.app.Checks(r.Ctx()) {
		line := checkLine{Name: checkName(r, check.Name), State: r.Say("console.upkeep.good"), Colour: "green"}
		switch {
		case check.Off:
			line.State, line.Colour, line.Why = r.Say("console.upkeep.off"), "secondary", r.Say("console.upkeep."+check.Name+".how")
		case check.Err != nil:
			line.State, line.Colour, line.Why = r.Say("console.upkeep.bad"), "red", whole(r, text.Of(check.Err))
		}
		d.Checks = append(d.Checks, line)
	}
	parked, err := c.app.Parked(r.Ctx())
	if err != nil {
		return err
	}
	d.Parked = &page.List{ID: "parked", Path: "/console/upkeep", Query: r.Query(), Empty: r.Say("console.upkeep.parked.none"), Columns: []page.Column{
		{ID: "what", Label: r.Say("console.list.what"), Sorted: true, Filter: true},
		{ID: "since", Label: r.Say("console.list.since"), Sorted: true},
		{ID: "why", Label: r.Say("console.list.why")},
	}}
	for _, p := range parked {
		d.Parked.Rows = append(d.Parked.Rows, page.Row{Cells: []page.Cell{{Text: checkName(r, p.Subscriber)}, {At: p.Recorded}, {Text: p.Error}}})
	}
	d.Parked.Arrange()
	return r.List("upkeep", d.Parked, d)
}

func (c *Console) retryParked(r *page.Context) error {
	done, err := c.app.RetryParked(r.Ctx())
	if err != nil {
		return err
	}
	return r.Done("/console/upkeep", "console.upkeep.retried", "Number", int64(done))
}
