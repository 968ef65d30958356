package challenge

import (
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"premia/internal/core/calendar"
	"premia/internal/core/condition"
	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/rule"
	"premia/internal/core/text"
)

// Badge is one badge of the document.
type Badge struct {
	Name        document.Text `doc:"name,required" help:"the badge's name for members"`
	Description document.Text `doc:"description" help:"what it stands for"`
	Picture     *Picture      `doc:"picture"`
	Levels      []Level       `doc:"levels" max_len:"20" help:"the levels, from the lowest; without them it has one"`
}

// Level is one level of a badge.
type Level struct {
	Name    document.Text `doc:"name,required" help:"the level's name for members"`
	Picture *Picture      `doc:"picture"`
}

// Picture is a badge's picture.
type Picture struct {
	URL string        `doc:"url,required" pattern:"^(https://|/)" max_len:"500"`
	Alt document.Text `doc:"alt,required" help:"what it shows, for those who can't see it"`
}

// Badges is the door of badges. It comes before the mechanics with conditions,
// which may read badge.ID: the level that a member has, 0 without the badge.
type Badges struct{}

// Section gives the key badges.
func (Badges) Section() document.Section {
	return document.Section{Key: "badges", Into: &document.Map[Badge]{}, Help: "what members can wear, by id"}
}

// Words gives none: they are with the challenges'.
func (Badges) Words() fs.FS { return nil }

// badge is a badge that is ready to be given; a member has the level of the
// highest of its names that is counted.
type badge struct {
	id     string
	levels []ledger.Name
	source Badge
}

type badgeStage struct{ badges []badge }

var badgeID = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// Compile declares the badges.
func (Badges) Compile(c *engine.Compiler, section any) engine.Stage {
	s := &badgeStage{}
	var fields []engine.Field
	for id, from := range section.(*document.Map[Badge]).All() {
		path := "badges." + id
		if !badgeID.MatchString(id) {
			c.Problem(path, "invalid", text.Say("a badge's id is small letters, digits and _, and begins with a letter: {ID}", id), "the badge's name, for people, may be anything")
			continue
		}
		b := badge{id: id, source: from}
		title := rule.Title(c, from.Name, id)
		b.levels = []ledger.Name{c.Rule(path, "badge", id, title)}
		for i := range from.Levels {
			words := rule.Title(c, from.Levels[i].Name, id)
			if i == 0 {
				r := c.Program.Rules[b.levels[0]]
				r.Title = words
				c.Program.Rules[b.levels[0]] = r
				continue
			}
			b.levels = append(b.levels, c.Rule(path+".levels["+strconv.Itoa(i)+"]", "badge", id+"."+strconv.Itoa(i+1), words))
		}
		s.badges = append(s.badges, b)
		fields = append(fields, engine.Field{
			Name: id, Kind: condition.Int, Doc: "the level of the badge " + id + " that the member has, 0 without it", Label: title,
			Read: func(t *engine.Turn) condition.Value { return condition.IntValue(int64(b.level(t.State))) },
		})
	}
	if len(s.badges) == 0 {
		return nil
	}
	c.Object("badge", true, fields...)
	return s
}

// Apply does nothing: goals give badges.
func (s *badgeStage) Apply(*engine.Turn) {}

// level gives the highest level of the badge that a member has.
func (b *badge) level(s *ledger.State) int {
	for i := len(b.levels) - 1; i >= 0; i-- {
		if s.Count(b.levels[i], 0, calendar.None) > 0 {
			return i + 1
		}
	}
	return 0
}

// findBadge gives the name of a badge's level.
func findBadge(c *engine.Compiler, path string, ref *BadgeRef) ledger.Name {
	full := "badge." + ref.ID
	no, known := c.Program.Names.Find(full)
	if _, ok := c.Program.Rules[no]; !known || !ok {
		var ids []string
		for n := range c.Program.Rules {
			if id, ok := strings.CutPrefix(c.Program.Names.Name(n), "badge."); ok {
				ids = append(ids, id)
			}
		}
		slices.Sort(ids)
		hint := text.Sentence("declare it under badges")
		if near, ok := document.Closest(ref.ID, ids); ok {
			hint = text.Say(`did you mean "{Near}"?`, near)
		}
		c.Problem(path, "unknown_badge", text.Say(`there is no badge "{ID}"`, ref.ID), hint)
		return 0
	}
	if ref.Level <= 1 {
		return no
	}
	no, known = c.Program.Names.Find(full + "." + strconv.Itoa(ref.Level))
	if _, ok := c.Program.Rules[no]; !known || !ok {
		c.Problem(path+".level", "unknown_level", text.Say("the badge {ID} has no level {Level}", ref.ID, ref.Level), "declare it under levels")
		return 0
	}
	return no
}

// Describe tells members which badges there are.
func (s *badgeStage) Describe(d *engine.Description) {
	d.Section(text.New("badge.heading"))
	for i := range s.badges {
		b := &s.badges[i]
		d.Say(text.New("badge.one", "Title", engine.LocalizedIn(d.Program.Languages[0], b.source.Name, "")))
		if len(b.source.Description) > 0 {
			d.Say(text.New("badge.about", "Text", engine.LocalizedIn(d.Program.Languages[0], b.source.Description, "")))
		}
		if len(b.levels) > 1 {
			var list text.List
			for _, level := range b.levels {
				list.Items = append(list.Items, d.Program.Rules[level].Title)
			}
			d.Say(text.New("badge.levels", "Levels", list))
		}
	}
}

// MemberBadge is a badge that a member has.
type MemberBadge struct {
	ID    string
	Level int
	// Name is the level's, or the badge's where it has no levels.
	Name        text.Localized
	Description document.Text
	Picture     *Picture
}

// BadgesOf lists the badges that a member has, in the order of the document.
func BadgesOf(p *engine.Program, s *ledger.State) []MemberBadge {
	var out []MemberBadge
	for _, st := range p.Stages() {
		mine, ok := st.(*badgeStage)
		if !ok {
			continue
		}
		for i := range mine.badges {
			b := &mine.badges[i]
			level := b.level(s)
			if level == 0 {
				continue
			}
			m := MemberBadge{ID: b.id, Level: level, Name: p.Rules[b.levels[level-1]].Title, Description: b.source.Description, Picture: b.source.Picture}
			if level <= len(b.source.Levels) && b.source.Levels[level-1].Picture != nil {
				m.Picture = b.source.Levels[level-1].Picture
			}
			out = append(out, m)
		}
	}
	return out
}

// BadgeIDs lists the ids of the program's badges.
func BadgeIDs(p *engine.Program) []string {
	var ids []string
	for _, st := range p.Stages() {
		if mine, ok := st.(*badgeStage); ok {
			for i := range mine.badges {
				ids = append(ids, mine.badges[i].id)
			}
		}
	}
	return ids
}
