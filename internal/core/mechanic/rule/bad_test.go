package rule_test

import (
	"path/filepath"
	"testing"

	"premia/internal/testkit/mechanics"
)

// Each bad document is reported with all its mistakes at once, each with its
// place and, where there is one, a hint.
func TestBadDocuments(t *testing.T) {
	files, err := filepath.Glob("testdata/bad*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no documents: %v", err)
	}
	for _, file := range files {
		mechanics.Mistakes(t, file)
	}
}
