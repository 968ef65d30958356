// Package campaign is time-limited rules with budgets: factors on what earning
// rules gave, fixed bonuses and bonuses from a threshold on. Campaigns of one
// group exclude one another.
package campaign

import (
	"embed"
	"io/fs"
	"strconv"

	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/mechanic/rule"
	"premia/internal/core/text"
)

//go:embed words
var words embed.FS

// Campaign is one campaign of the document.
type Campaign struct {
	rule.Common `doc:",inline"`
	rule.Window `doc:",inline"`
	Paused      bool `doc:"paused" help:"keep the campaign and let it give nothing"`
	rule.Extra  `doc:",inline"`
	Stacking    *Stacking `doc:"stacking" help:"how it goes together with other campaigns"`
}

// Stacking says which campaigns exclude one another.
type Stacking struct {
	Group    string `doc:"group,required" pattern:"^[a-z0-9][a-z0-9-]*$" help:"campaigns of one group exclude one another"`
	Take     string `doc:"take" enum:"best|first" help:"best: the one that gives this member most (if not said); first: the one of highest priority"`
	Priority int    `doc:"priority" min:"0" max:"1000" help:"the higher comes first; 0 if not said"`
}

// Mechanic is the door of campaigns.
type Mechanic struct{}

// Section gives the key campaigns.
func (Mechanic) Section() document.Section {
	return document.Section{Key: "campaigns", Into: &[]Campaign{}, Help: "time-limited rules with budgets"}
}

// Words are the catalogues of campaigns.
func (Mechanic) Words() fs.FS { return words }

type stage struct {
	rule.Extras
}

// Compile checks the campaigns.
func (Mechanic) Compile(c *engine.Compiler, section any) engine.Stage {
	campaigns := *section.(*[]Campaign)
	var live []*rule.CompiledExtra
	takes := map[string]string{}
	for i := range campaigns {
		path := "campaigns[" + strconv.Itoa(i) + "]"
		x := compile(c, path, &campaigns[i])
		if g := campaigns[i].Stacking; g != nil {
			checkGroup(c, path, g, takes)
		}
		if !campaigns[i].Paused {
			live = append(live, x)
		}
	}
	return &stage{rule.NewExtras(live)}
}

// ForOccasions lets campaigns give for what comes by itself.
func (*stage) ForOccasions() {}

func checkGroup(c *engine.Compiler, path string, g *Stacking, takes map[string]string) {
	take := g.Take
	if take == "" {
		take = "best"
	}
	if known, ok := takes[g.Group]; ok && known != take {
		c.Problem(path+".stacking.take", "ambiguous", text.Say("another campaign of the group {Group} says take: {Known}", g.Group, known), "write the same for all campaigns of a group")
	}
	takes[g.Group] = take
}

func compile(c *engine.Compiler, path string, x *Campaign) *rule.CompiledExtra {
	common := rule.CompileCommon(c, path, "campaign", &x.Common)
	window := rule.CompileWindow(c, path, common.Name, &x.Window)
	out := rule.CompileExtra(c, path, common, &x.Extra)
	out.Window = window
	if !x.Gives() {
		c.Problem(path, "missing", "the campaign gives nothing", "write multiply, bonus or thresholds")
	}
	if x.Stacking != nil {
		out.Group, out.Best, out.Priority = x.Stacking.Group, x.Stacking.Take != "first", x.Stacking.Priority
	}
	return out
}
