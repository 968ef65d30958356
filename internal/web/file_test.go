package web_test

import (
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"premia/internal/testkit"
	"premia/internal/web/page"
)

// slowReader is a connection that remembers until when it may be written to.
type slowReader struct {
	*httptest.ResponseRecorder
	until time.Time
}

func (s *slowReader) SetWriteDeadline(until time.Time) error { s.until = until; return nil }

// TestFilesMayTakeLong asks for files: whoever has a slow line may take longer than for a
// page, and what fails half-way is cut off.
func TestFilesMayTakeLong(t *testing.T) {
	t.Parallel()
	_, site, a := open(t, everybody{})
	joins(t, a, "1")
	m, err := a.Member(system(), "card:1")
	if err != nil {
		t.Fatal(err)
	}
	area := site.Area("plain", nil)
	area.Handle("GET /files/early", page.Anyone, func(c *page.Context) error {
		return c.File("text/csv", "x.csv", func(io.Writer) error { return page.ErrNotFound })
	})
	area.Handle("GET /files/late", page.Anyone, func(c *page.Context) error {
		return c.File("text/csv", "x.csv", func(w io.Writer) error {
			_, _ = io.WriteString(w, "half")
			return errors.New("the database is away")
		})
	})
	get := func(path string) (*slowReader, any) {
		w := &slowReader{ResponseRecorder: httptest.NewRecorder()}
		panicked := func() (p any) {
			defer func() { p = recover() }()
			site.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
			return nil
		}()
		return w, panicked
	}
	for _, path := range []string{"/console/members/" + m.ID.String() + "/export", "/console/audit/export?format=csv", "/console/keys?format=csv"} {
		if w, _ := get(path); w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Disposition"), "attachment") || time.Until(w.until) < 10*time.Minute {
			t.Errorf("%s is answered %d, %v, and may take until %s", path, w.Code, w.Header(), w.until)
		}
	}
	if w, panicked := get("/files/early"); w.Code != http.StatusNotFound || w.Header().Get("Content-Disposition") != "" || panicked != nil {
		t.Errorf("a file that is not there: %d %v", w.Code, w.Header())
	}
	if w, panicked := get("/files/late"); panicked != http.ErrAbortHandler || w.Body.String() != "half" {
		t.Errorf("a file that fails half-way: %q, %v", w.Body, panicked)
	}
}

// TestFilesAreSentInOnePlace finds a file that a page sends by itself, for which the
// server's deadline would hold.
func TestFilesAreSentInOnePlace(t *testing.T) {
	t.Parallel()
	root := filepath.Join(testkit.RepoRoot(t), "internal", "web")
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || name == filepath.Join(root, "page", "file.go") {
			return err
		}
		src, err := os.ReadFile(name)
		if strings.Contains(string(src), "Content-Disposition") {
			t.Errorf("%s sends a file by itself; page.Context.File does", name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
