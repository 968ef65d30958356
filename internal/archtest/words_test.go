package archtest

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

// wordsOnce wants each id to have its words once in a language: all catalogues are
// loaded together, and one that stands twice keeps the server from starting. Changes
// that were made at the same time are merged line by line, which may double one.
func wordsOnce(h *house) []string {
	first := map[string]string{} // by language and id: where it stands
	var problems []string
	for _, f := range sortedTexts(h) {
		if path.Base(path.Dir(f.path)) != "words" || path.Ext(f.path) != ".yaml" || strings.Contains(f.path, "testdata/") {
			continue
		}
		for i, line := range strings.Split(f.text, "\n") {
			found := wordsID.FindStringSubmatch(line)
			if found == nil {
				continue
			}
			place := fmt.Sprintf("%s:%d", f.path, i+1)
			key := path.Base(f.path) + " " + found[1]
			if before := first[key]; before != "" {
				problems = append(problems, fmt.Sprintf("%s: the words %s stand already at %s", place, found[1], before))
			} else {
				first[key] = place
			}
		}
	}
	return problems
}

var wordsID = regexp.MustCompile(`^([a-z0-9_.]+):`)

func sortedTexts(h *house) []textFile {
	return slices.SortedFunc(slices.Values(h.texts), func(a, b textFile) int { return strings.Compare(a.path, b.path) })
}
