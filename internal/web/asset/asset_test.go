package asset

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestFilesOfOthersAreUnmodified(t *testing.T) {
	sums, err := embedded.Open("vendor/SHA256SUMS")
	if err != nil {
		t.Fatal(err)
	}
	defer sums.Close()
	seen := make(map[string]bool)
	for lines := bufio.NewScanner(sums); lines.Scan(); {
		want, name, _ := strings.Cut(lines.Text(), "  ")
		content, err := embedded.ReadFile("vendor/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if sum := sha256.Sum256(content); hex.EncodeToString(sum[:]) != want {
			t.Errorf("%s is not what SHA256SUMS says", name)
		}
		seen[name] = true
	}
	entries, err := embedded.ReadDir("vendor")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !seen[e.Name()] && e.Name() != "SHA256SUMS" {
			t.Errorf("SHA256SUMS lacks %s", e.Name())
		}
	}
}

func TestFilesAreServedForEver(t *testing.T) {
	files, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	for name, address := range files.addresses {
		r := httptest.NewRequest("GET", address, nil)
		r.Header.Set("Accept-Encoding", "gzip")
		w := httptest.NewRecorder()
		files.ServeHTTP(w, r)
		body := io.Reader(w.Body)
		if w.Header().Get("Content-Encoding") == "gzip" {
			if body, err = gzip.NewReader(w.Body); err != nil {
				t.Fatal(err)
			}
		}
		got, err := io.ReadAll(body)
		if err != nil || w.Code != 200 || !bytes.Equal(got, files.Content(name)) {
			t.Errorf("%s: answered %d with %d bytes, %v", address, w.Code, len(got), err)
		}
		if !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("%s may not be kept", address)
		}
	}
	w := httptest.NewRecorder()
	files.ServeHTTP(w, httptest.NewRequest("GET", Prefix+"../asset.go", nil))
	if w.Code != 404 {
		t.Errorf("a file that there is not: %d", w.Code)
	}
}
