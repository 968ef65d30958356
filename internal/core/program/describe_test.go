package program_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"premia/internal/core/engine"
	"premia/internal/core/program"
	"premia/internal/i18n"
)

// unsaid are values that members are not told, each with the reason.
var unsaid = map[string]string{
	`^earn\[9\]\.on$`:                  "nothing else is given for other events that it could multiply",
	`^languages\[`:                     "pages offer the languages themselves",
	`^events\.\w+\.fields\.\w+\.type$`: "whoever sends events must know it, members need not",
	`^events\..*\.required$`:           "whoever sends events must know it, members need not",
	`^events\.chosen|other_day`:        "no rule names it",
	`\.id$`:                            "ids are for machines",
	`\.unit\.`:                         "which plural form is shown depends on the number",
	`^challenges\[[01]\]\.count$`:      "without and wallet go with it alone; what counts elsewhere is changed",
	`^referrals\.rewards\[[23]\]\.on$`: "only a threshold has a number of purchases or a sum",
	`\.(odds|nothing)$`:                "odds sum to one, so that no one of them changes alone: see below",
	`^offers\[[1-9]\]\.group$`:         "a group must keep enough offers; it is changed for the first",
	`^leaderboards\[0\]\.group$`:       "what the groups are is said by grouped by",
	`\.stacking\.take$`:                "campaigns of a group must say the same, so it changes for all: see below",
}

// TestEveryValueIsDescribed changes each value of a program, one at a time, and
// finds its description changed in at least one language: members are told all
// that the engine runs. The long mode makes all changes of a value instead of the first
// that gives a program.
func TestEveryValueIsDescribed(t *testing.T) {
	src, err := os.ReadFile("testdata/every-value.yaml")
	if err != nil {
		t.Fatal(err)
	}
	c := catalogue(t)
	before := inAllLanguages(c, load(t, string(src)).Program)
	if all := strings.Join(before, ""); strings.Contains(all, "⟦") {
		t.Fatalf("something has no words:\n%s", all)
	}
	var root yaml.Node
	if err := yaml.Unmarshal(src, &root); err != nil {
		t.Fatal(err)
	}
	excused := map[string]bool{}
	eachScalar(root.Content[0], "", func(path string, n *yaml.Node) {
		for pattern := range unsaid {
			if regexp.MustCompile(pattern).MatchString(path) {
				excused[pattern] = true
				return
			}
		}
		changeable := false
		original := *n
		for _, value := range changes(path, n.Value) {
			n.Value, n.Tag = value, ""
			if changed := loadedAgain(t, &root); changed != nil {
				changeable = true
				if saidAlike(c, before, changed) {
					t.Errorf("%s: from %q to %q, and the description stays the same", path, original.Value, value)
				}
			}
			*n = original
			if changeable && os.Getenv("PREMIA_LONG") == "" {
				break
			}
		}
		if !changeable {
			t.Errorf("%s: no change of %q gives a program: teach the test to change it", path, n.Value)
		}
	})
	first := strings.ReplaceAll(string(src), "take: best", "take: first")
	if saidAlike(c, before, load(t, first).Program) {
		t.Error("how a group chooses is not described")
	}
	for _, odds := range []string{"odds: 0.001", "odds: 0.019"} {
		changed := strings.NewReplacer(odds, odds+"1", "nothing: 0.98", "nothing: 0.9799").Replace(string(src))
		if saidAlike(c, before, load(t, changed).Program) {
			t.Errorf("%s is not described", odds)
		}
	}
	for pattern := range unsaid {
		if !excused[pattern] {
			t.Errorf("the exception %s excuses nothing", pattern)
		}
	}
}

// inAllLanguages describes a program in each language.
func inAllLanguages(c *i18n.Catalog, p *engine.Program) (said []string) {
	for _, lang := range c.Languages() {
		said = append(said, described(c, lang, p))
	}
	return said
}

// saidAlike tells whether a program is described in every language as another was; it
// looks no further than the first language that says something else.
func saidAlike(c *i18n.Catalog, before []string, p *engine.Program) bool {
	for i, lang := range c.Languages() {
		if described(c, lang, p) != before[i] {
			return false
		}
	}
	return true
}

// loadedAgain loads the changed document; nil if it is no program any more.
func loadedAgain(t *testing.T, root *yaml.Node) *engine.Program {
	src, err := yaml.Marshal(root)
	if err != nil {
		t.Fatal(err)
	}
	d, err := program.Load("changed.yaml", src, engine.NewNames())
	if err != nil {
		return nil
	}
	return d.Program
}

// eachScalar visits the values below a node, but not keys.
func eachScalar(n *yaml.Node, path string, do func(path string, n *yaml.Node)) {
	switch n.Kind {
	case yaml.ScalarNode:
		do(path, n)
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			eachScalar(n.Content[i+1], strings.TrimPrefix(path+"."+n.Content[i].Value, "."), do)
		}
	case yaml.SequenceNode:
		for i, item := range n.Content {
			eachScalar(item, fmt.Sprintf("%s[%d]", path, i), do)
		}
	}
}

// choices are the words that some keys may have.
var choices = map[string][]string{
	"unknown": {"refuse", "enrol", "guest"}, "debt": {"carry", "forbid", "write off"},
	"at":       {"end of month", "end of quarter", "end of year"},
	"rounding": {"floor", "ceiling", "half up", "half even", "toward zero"},
	"days":     {"mon", "tue", "wed", "thu", "fri", "sat", "sun"},
	"without":  {"tax", "shipping", "gift cards", "points"},
	"on":       {"purchase", "return", "enrolment", "review", "delivered", "chosen", "1 June", "sign-up", "first purchase", "threshold"},
	"until":    {"review", "delivered", "other_day"}, "currency": {"EUR", "JPY"}, "timezone": {"Europe/Prague", "UTC"},
	"per": {"item", "7.00"}, "expires": {"never", "anniversary", "77d"},
	"by": {"spend", "purchases", "earned.stars", "events.delivered"}, "period": {"ever", "calendar year", "calendar quarter", "rolling 77 days"},
	"keep": {"7mo"}, "grace": {"77d"}, "prizes": {"count", "do not count"}, "downgrade": {"one level", "to the level earned"}, "returns": {"take back", "keep"},
	"welcome again": {"never", "each period", "each time"}, "ended by": {"review", "delivered"}, "match": {"order", "latest"},
	"wallets": {"stars"}, "into": {"stars"}, "spend": {"head"}, "leave": {"share"},
	// Only the order of priorities counts.
	"priority": {"0", "1000"}, "group": {"other", "member.language"},
	"count": {"events", "items", "products", "categories", "brands", "stores", "days"}, "each": {"day", "week", "quarter", "year"},
	"change": {"never", "until used"}, "after return": {"back", "gone"},
	"wallet": {"coins", "stars"}, "repeat": {"any number", "7"}, "stamps": {"items", "events"}, "every": {"day", "week", "month"},
	"kind": {"surprise", "scratch card"}, "used up": {"nothing"},
}

var (
	lastKey    = regexp.MustCompile(`([a-z ]+)(\[\d+\])?$`)
	dayForm    = regexp.MustCompile(`\d{4}-\d{2}-\d{2}`)
	numberForm = regexp.MustCompile(`\d+`)
	textForm   = regexp.MustCompile(`"[^"]*"`)
	operators  = map[string]string{"==": "!=", "!=": "==", ">=": "<", " > ": " <= ", "&&": "||", "||": "&&", "has(": "!has("}
)

// changes gives other values, some of which may be wrong where they stand. A
// priority is changed only so that the order changes.
func changes(path, value string) []string {
	key := strings.TrimSpace(lastKey.FindStringSubmatch(path)[1])
	var out []string
	for _, word := range choices[key] {
		later := strings.Contains(path, "campaigns[1]")
		if word != value && (key != "priority" || (word == "1000") == later) {
			out = append(out, word)
		}
	}
	switch {
	case key == "priority", key == "days", key == "without", key == "timezone", key == "currency":
		return out
	case strings.HasPrefix(path, "profile.complete"):
		return []string{value + "_too"} // a fact's name
	case value == "true", value == "false":
		return []string{strconv.FormatBool(value != "true")}
	case key == "when", key == "items", key == "for" && strings.Contains(value, "."), strings.Contains(value, "*"):
		return changedCondition(value)
	case dayForm.MatchString(value):
		day, _ := time.Parse(time.DateOnly, value[:10])
		out = append(out, day.AddDate(0, 0, 1).Format(time.DateOnly)+value[10:])
	}
	for _, at := range numberForm.FindAllStringIndex(value, -1) {
		if !dayForm.MatchString(value) {
			out = append(out, raised(value, at))
		}
	}
	if len(out) == 0 {
		out = append(out, value+" changed")
	}
	return out
}

// raised adds one to the number at a place of a text, or takes one off where
// that gives no number of as many digits.
func raised(s string, at []int) string {
	digits := s[at[0]:at[1]]
	n, _ := strconv.Atoi(digits)
	for _, other := range []int{n + 1, n - 1} {
		if changed := fmt.Sprintf("%0*d", len(digits), other); len(changed) == len(digits) {
			return s[:at[0]] + changed + s[at[1]:]
		}
	}
	return s[:at[0]] + strconv.Itoa(n+1) + s[at[1]:]
}

// changedCondition changes each text, number and operator of a condition.
func changedCondition(s string) []string {
	var out []string
	for _, at := range numberForm.FindAllStringIndex(s, -1) {
		out = append(out, raised(s, at))
	}
	for _, at := range textForm.FindAllStringIndex(s, -1) {
		out = append(out, s[:at[1]-1]+"x"+s[at[1]-1:])
	}
	for from, to := range operators {
		if strings.Contains(s, from) {
			out = append(out, strings.Replace(s, from, to, 1))
		}
	}
	slices.Sort(out)
	return out
}
