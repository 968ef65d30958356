package api_test

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestViewerIsAsPublished compares the files of the reference's viewer with the
// checksums that came with them.
func TestViewerIsAsPublished(t *testing.T) {
	t.Parallel()
	sums, err := os.ReadFile(filepath.Join("viewer", "SHA256SUMS"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(sums)), "\n")
	if len(lines) != 2 {
		t.Errorf("there are %d checksums, want 2", len(lines))
	}
	for _, line := range lines {
		want, name, _ := strings.Cut(line, "  ")
		content, err := os.ReadFile(filepath.Join("viewer", name))
		if err != nil {
			t.Fatal(err)
		}
		if got := sha256.Sum256(content); hex.EncodeToString(got[:]) != want {
			t.Errorf("%s is not the file that was published", name)
		}
	}
}
