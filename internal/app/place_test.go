package app

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// TestPlaceOverwritesNothing puts a file in its place with hard links and without, where
// something may be already.
func TestPlaceOverwritesNothing(t *testing.T) {
	t.Parallel()
	none := func(string, string) error { return errors.ErrUnsupported }
	for name, link := range map[string]func(string, string) error{"with links": os.Link, "without links": none} {
		folder := t.TempDir()
		file, path := filepath.Join(folder, "new"), filepath.Join(folder, "place")
		write := func(name, content string) {
			if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		write(file, "restored")
		write(path, "somebody's")
		if err := place(file, path, link); !errors.Is(err, fs.ErrExist) {
			t.Errorf("%s: where a file is: %v", name, err)
		}
		if kept, err := os.ReadFile(path); string(kept) != "somebody's" || err != nil {
			t.Errorf("%s: the file is %q (%v)", name, kept, err)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if err := place(file, path, link); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if placed, err := os.ReadFile(path); string(placed) != "restored" || err != nil {
			t.Errorf("%s: the file is %q (%v)", name, placed, err)
		}
		if err := place(filepath.Join(folder, "none"), filepath.Join(folder, "other"), none); err == nil {
			t.Errorf("%s: a file that is not there has a place", name)
		}
		if _, err := os.Stat(filepath.Join(folder, "other")); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: an empty file is left: %v", name, err)
		}
	}
}
