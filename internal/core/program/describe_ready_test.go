package program_test

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"premia/programs"
)

// readyUnsaid are values of ready programs that members are not told, each with the
// reason.
var readyUnsaid = map[string]string{
	`^languages\[`: "pages offer the languages themselves",
	`^events\.[\w-]+\.fields\.\w+(\.type|\.required)?$`: "whoever sends events must know it, members need not",
	`\.id$|\.badge$`:               "ids are for machines",
	`\.sku$`:                       "the till's own number of the goods",
	`^leaderboards\[\d+\]\.group$`: "what the groups are is said by grouped by",
	`\.link$`:                      "whoever has the reward is told its link, and nobody else",
	`^rewards\[\d+\]\.cost$`:       "what a reward costs the business, the business knows",
	`\.(one|few|many|other)$`:      "which plural form is shown depends on the number",
}

// readyAlone are values of which no change alone gives a program, each with the reason.
var readyAlone = map[string]string{
	`^rewards\[\d+\]\.kind$`:                            "each kind has keys of its own",
	`\.(odds|nothing)$`:                                 "odds sum to one: TestEveryValueIsDescribed changes two",
	`\.stacking\.take$`:                                 "campaigns of a group must say the same: TestEveryValueIsDescribed changes all",
	`^referrals\.rewards\[\d+\]\.on$`:                   "each occasion has keys of its own",
	`\.invitation\.(on|until)$`:                         "no other event carries a day",
	`^families\.wallets\[0\]$|^conversions\[0\]\.from$`: "no other wallet serves it",
	`^offers\[\d+\]\.group$`:                            "there is one group",
	`^earn\[\d+\]\.on$`:                                 "something multiplies what the rule gives",
	`^rewards\[\d+\]\.card$`:                            "there is one kind of gift cards",
}

// more gives further values for what ready programs say, which may be wrong where they
// stand.
func more(path, value string) []string {
	var out []string
	for _, at := range numberForm.FindAllStringIndex(value, -1) {
		if n, _ := strconv.Atoi(value[at[0]:at[1]]); n > 0 {
			out = append(out, value[:at[0]]+strconv.Itoa(n-1)+value[at[1]:])
		}
	}
	switch lastKey.FindStringSubmatch(path)[1] {
	case ".when", ".for", "when", "for":
		out = append(out, "!("+value+")")
	}
	return append(out, otherWords[value], value+"x", "X"+value)
}

// otherWords are other words for some that keys may have.
var otherWords = map[string]string{
	"collect": "send", "send": "collect", "items": "cheapest", "shipping": "order", "bearer": "member",
	"calendar year": "anniversary year", "1": "9", "share": "keep", "first purchase": "sign-up",
}

// TestEveryValueOfReadyPrograms changes each value of each ready program, one at a
// time, and finds its description changed. With -short it looks at every 32nd value;
// the long mode makes all changes of a value instead of the first that gives a program.
func TestEveryValueOfReadyPrograms(t *testing.T) {
	all := make([]map[string]bool, len(programs.Names()))
	t.Run("programs", func(t *testing.T) {
		for i, name := range programs.Names() {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				src, _ := programs.Document(name)
				all[i] = everyValue(t, src)
			})
		}
	})
	complete, used := !testing.Short() && !t.Failed(), map[string]bool{}
	for _, mine := range all {
		complete = complete && mine != nil // -run may choose some
		maps.Copy(used, mine)
	}
	for _, reasons := range []map[string]string{readyUnsaid, readyAlone} {
		for pattern := range reasons {
			if complete && !used[pattern] {
				t.Errorf("the exception %s excuses nothing", pattern)
			}
		}
	}
}

// everyValue gives the exceptions that it used.
func everyValue(t *testing.T, src []byte) map[string]bool {
	c, used := catalogue(t), map[string]bool{}
	head := load(t, string(src)).Head
	var root yaml.Node
	if err := yaml.Unmarshal(src, &root); err != nil {
		t.Fatal(err)
	}
	without(root.Content[0], "scenarios")
	original := loadedAgain(t, &root)
	if original == nil {
		t.Fatal("it is no program without its scenarios")
	}
	before := inAllLanguages(c, original)
	known, number := names(root.Content[0]), 0
	eachScalar(root.Content[0], "", func(path string, n *yaml.Node) {
		number++
		switch {
		case excused(readyUnsaid, path, used), testing.Short() && number%32 != 0:
			return
		case path == "program" && len(head.Title) == len(head.Languages):
			return // the titles say the name in every language
		}
		original := *n
		defer func() { *n = original }()
		changeable := false
		for _, value := range slices.Concat(changes(path, n.Value), known[n.Value], more(path, n.Value)) {
			n.Value, n.Tag = value, ""
			changed := loadedAgain(t, &root)
			ok := changed != nil
			if ok && saidAlike(c, before, changed) {
				t.Errorf("%s: from %q to %q, and the description stays the same", path, original.Value, value)
			}
			changeable = changeable || ok
			if ok && os.Getenv("PREMIA_LONG") == "" {
				break
			}
		}
		if !changeable && !excused(readyAlone, path, used) {
			t.Errorf("%s: no change of %q gives a program: teach the test to change it", path, original.Value)
		}
	})
	return used
}

// excused tells whether there is a reason for a value, and notes which.
func excused(reasons map[string]string, path string, used map[string]bool) bool {
	for pattern := range reasons {
		if regexp.MustCompile(pattern).MatchString(path) {
			used[pattern] = true
			return true
		}
	}
	return false
}

// without takes a key out of a document.
func without(doc *yaml.Node, key string) {
	for i := 0; i+1 < len(doc.Content); i += 2 {
		if doc.Content[i].Value == key {
			doc.Content = slices.Delete(doc.Content, i, i+2)
			return
		}
	}
}

// names lists for each name that a document gives to something the others of its kind,
// which may stand where it is meant.
func names(doc *yaml.Node) map[string][]string {
	out := map[string][]string{}
	var kinds [][]string
	for i := 0; i+1 < len(doc.Content); i += 2 {
		kinds = append(kinds, namesIn(doc.Content[i+1]))
	}
	for _, kind := range kinds {
		for _, name := range kind {
			for _, other := range kind {
				if other != name && !strings.Contains(other, " ") {
					out[name] = append(out[name], other)
				}
			}
		}
	}
	return out
}

func namesIn(section *yaml.Node) (out []string) {
	for i, n := range section.Content {
		switch {
		case section.Kind == yaml.MappingNode && i%2 == 0:
			out = append(out, n.Value)
		case section.Kind == yaml.SequenceNode && n.Kind == yaml.MappingNode:
			for j := 0; j+1 < len(n.Content); j += 2 {
				if n.Content[j].Value == "id" {
					out = append(out, n.Content[j+1].Value)
				}
			}
		}
	}
	return out
}
