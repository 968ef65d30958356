package archtest

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"premia/internal/testkit"
)

// TestActsHaveWords finds for each action that the audit trail is told the words that its
// page has for it, in every language.
func TestActsHaveWords(t *testing.T) {
	t.Parallel()
	root := testkit.RepoRoot(t)
	told := read(t, root, "internal/app/*.go")
	found := regexp.MustCompile(`(?:audited|refusedTry|changeEndpoint|moveDraft|changeUser|batchRow|codeRow|publishAs|noteSystem)\([^"\n]*"([a-z_]+\.[a-z_]+)"`).FindAllStringSubmatch(told, -1)
	if len(found) < 60 {
		t.Errorf("only %d acts were found, so that the search is broken", len(found))
	}
	for _, lang := range []string{"en", "pl", "cs", "ru"} {
		words := read(t, root, "internal/web/*/words/"+lang+".yaml")
		for _, act := range found {
			if !strings.Contains(words, "access.did."+act[1]+":") {
				t.Errorf("%s lacks the words access.did.%s", lang, act[1])
			}
		}
	}
}

// read gives the text of all files of a pattern, but for tests.
func read(t *testing.T, root, pattern string) string {
	t.Helper()
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

// TestActsAreKnown finds every action that pages and operations declare for the audit
// trail in the code that tells it, so that none is misspelt or of the past.
func TestActsAreKnown(t *testing.T) {
	t.Parallel()
	root := testkit.RepoRoot(t)
	told, events := read(t, root, "internal/app/*.go"), read(t, root, "internal/core/event/*.go")
	declared := regexp.MustCompile(`":\s+"([a-z_. ]+)",`)
	for _, file := range []string{"internal/web/acts.go", "internal/api/acts.go"} {
		found := declared.FindAllStringSubmatch(read(t, root, file), -1)
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
