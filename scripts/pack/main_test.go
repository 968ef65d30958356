package main

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestPack packs the same files twice, written at other times and with other modes: the
// archives are the same, and hold what was put in.
func TestPack(t *testing.T) {
	t.Parallel()
	pack := func(name string, mode os.FileMode, at time.Time) []byte {
		t.Helper()
		folder := t.TempDir()
		args := []string{filepath.Join(folder, name)}
		for _, file := range []string{"premia.exe", "LICENSE"} {
			path := filepath.Join(folder, file)
			if err := os.WriteFile(path, []byte("content of "+file), mode); err != nil {
				t.Fatal(err)
			}
			if err := os.Chtimes(path, at, at); err != nil {
				t.Fatal(err)
			}
			args = append(args, path)
		}
		if err := run(args, "1772355600"); err != nil {
			t.Fatal(err)
		}
		out, err := os.ReadFile(args[0])
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	for _, name := range []string{"a.zip", "a.tar.gz"} {
		one, two := pack(name, 0o600, time.Unix(0, 0)), pack(name, 0o777, time.Unix(1e9, 0))
		if len(one) == 0 || !bytes.Equal(one, two) {
			t.Errorf("%s is not the same twice", name)
		}
	}
	archive := pack("a.zip", 0o600, time.Unix(0, 0))
	r, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil || len(r.File) != 2 {
		t.Fatalf("the archive: %v", err)
	}
	program, err := r.File[0].Open()
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(program)
	if err != nil || string(content) != "content of premia.exe" || r.File[0].Mode() != 0o755 || r.File[1].Mode() != 0o644 {
		t.Errorf("it holds %q of %s, %s (%v)", content, r.File[0].Mode(), r.File[1].Mode(), err)
	}
	for _, wrong := range [][]string{{}, {"a.zip"}, {filepath.Join(t.TempDir(), "a.rar"), "main.go"}} {
		if run(wrong, "1") == nil {
			t.Errorf("%q is packed", wrong)
		}
	}
	if run([]string{filepath.Join(t.TempDir(), "a.zip"), "main.go"}, "") == nil {
		t.Error("without a time something is packed")
	}
}
