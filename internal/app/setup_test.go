package app_test

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"premia/internal/app"
	"premia/programs"
)

// TestFirstProgramsLeadNowhereElse sets a workspace up with each ready program, and finds
// no link to a business that does not exist: who brings others sends them here.
func TestFirstProgramsLeadNowhereElse(t *testing.T) {
	t.Parallel()
	a, err := app.Open(t.Context(), app.Config{DB: "sqlite:" + filepath.Join(t.TempDir(), "premia.db"), Migrate: true, URL: "https://bean.example.org"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	led := 0
	for _, name := range programs.Names() {
		ctx := owner(t)
		if err := a.ChooseReady(ctx, name); err != nil {
			t.Fatal(err)
		}
		if err := a.NameProgram(ctx, app.Own{Name: "Bean Club"}); err != nil {
			t.Fatal(err)
		}
		first, err := a.FirstProgram(ctx)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for line := range bytes.Lines(first.Document.Source.Bytes()) {
			if strings.Contains(string(line), ".example/") {
				t.Errorf("%s leads members to %s", name, bytes.TrimSpace(line))
			}
		}
		led += bytes.Count(first.Document.Source.Bytes(), []byte("https://bean.example.org/join?"))
	}
	if led != 3 {
		t.Errorf("%d links of ready programs lead to this workspace, not 3", led)
	}
}
