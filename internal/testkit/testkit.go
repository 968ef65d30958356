// Package testkit holds what tests of several packages need: the repository's
// own files, data sets beside the repository, golden files and a clock that
// stands still. Only tests import it; it starts nothing and keeps no state
// between tests.
package testkit

import (
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew from what the tests got")

// RepoRoot is the absolute path of the repository: the nearest folder upwards
// of the test's package that holds go.mod.
func RepoRoot(t testing.TB) string {
	t.Helper()
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return folder
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			t.Fatal("no go.mod in this folder or above it: run the tests inside the repository")
		}
		folder = parent
	}
}

// Data is the path of a file in shared/data beside the repository. Data sets of
// real shops are too big for the repository; where the file is missing, the test
// is skipped.
func Data(t testing.TB, name string) string {
	t.Helper()
	path := filepath.Join(filepath.Dir(RepoRoot(t)), "shared", "data", name)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		t.Skipf("skipped, it needs the data set %s in ../shared/data beside the repository", name)
	} else if err != nil {
		t.Fatal(err)
	}
	return path
}

// Golden compares what a test got with testdata/NAME in the package's folder
// and shows the difference. With the flag -update it writes the file instead;
// read the change before you commit it.
func Golden(t testing.TB, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", filepath.FromSlash(name))
	if *update {
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, got, 0o644)); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("the golden file %s does not exist; run the test with -update to write it", path)
	}
	if err != nil {
		t.Fatal(err)
	}
	if difference := cmp.Diff(string(want), string(got)); difference != "" {
		t.Errorf("%s differs (-want +got); if the new text is right, run the test with -update:\n%s", path, difference)
	}
}
