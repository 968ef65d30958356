package store

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
)

// TestMigrationsAreNumbered finds a number that stands twice or is left out, and a
// migration that one of the databases lacks.
func TestMigrationsAreNumbered(t *testing.T) {
	names := func(dialect string) (all []string) {
		entries, err := fs.ReadDir(migrationFiles, "migrations/"+dialect)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			all = append(all, e.Name())
		}
		return all
	}
	lite, pg := names(SQLite), names(Postgres)
	if !slices.Equal(lite, pg) {
		t.Errorf("SQLite has the migrations %v, PostgreSQL %v", lite, pg)
	}
	for i, name := range lite {
		if want := fmt.Sprintf("%05d_", i+1); !strings.HasPrefix(name, want) {
			t.Errorf("the migration %s stands where %s… belongs", name, want)
		}
	}
}
