package api_test

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestViewerIsAsReleased compares what the browser runs with the checksums of the
// release that it was taken from.
func TestViewerIsAsReleased(t *testing.T) {
	t.Parallel()
	sums, err := os.ReadFile(filepath.Join("viewer", "SHA256SUMS"))
	if err != nil {
		t.Fatal(err)
	}
	for _, pattern := range []string{"*.js", "*.css"} {
		files, err := filepath.Glob(filepath.Join("viewer", pattern))
		if err != nil || len(files) == 0 {
			t.Fatalf("no %s in viewer (%v)", pattern, err)
		}
		for _, file := range files {
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if line := fmt.Sprintf("%x  %s\n", sha256.Sum256(content), filepath.Base(file)); !strings.Contains(string(sums), line) {
				t.Errorf("viewer/SHA256SUMS lacks the line %s", line)
			}
		}
	}
}
