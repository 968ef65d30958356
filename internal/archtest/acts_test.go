package archtest

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"premia/internal/testkit"
)

// TestActsAreKnown finds every action that pages and operations declare for the audit
// trail in the code that tells it, so that none is misspelt or of the past.
func TestActsAreKnown(t *testing.T) {
	t.Parallel()
	root := testkit.RepoRoot(t)
	read := func(pattern string) string {
		files, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(pattern)))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(files), err)
		}
		var all strings.Builder
		for _, file := range files {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasSuffix(file, "_test.go") {
				all.Write(src)
			}
		}
		return all.String()
	}
	told, events := read("internal/app/*.go"), read("internal/core/event/*.go")
	declared := regexp.MustCompile(`":\s+"([a-z_. ]+)",`)
	for _, file := range []string{"internal/web/acts.go", "internal/api/acts.go"} {
		found := declared.FindAllStringSubmatch(read(file), -1)
		if len(found) < 20 {
			t.Errorf("%s declares only %d acts, so that the search is broken", file, len(found))
		}
		for _, line := range found {
			for action := range strings.FieldsSeq(line[1]) {
				kind, isEvent := strings.CutPrefix(action, "event.")
				if isEvent && !strings.Contains(events, `"`+kind+`"`) || !isEvent && !strings.Contains(told, `"`+action+`"`) {
					t.Errorf("%s: nothing tells the audit trail %s", file, action)
				}
			}
		}
	}
}
