package main

import (
	"bytes"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"premia/internal/app"
)

const verifyProgram = `
program: Points
currency: PLN
timezone: Europe/Warsaw
languages: [en]
enrolment: {unknown: enrol}
wallets:
  points: {name: points}
earn:
  - {id: spend, give: {points: 1, per: 1.00}}
`

const verifyEvents = `{"id":"e1","type":"purchase","member":"card:1","time":"2026-03-01T10:00:00Z","total":"20.00"}
{"id":"e2","type":"purchase","member":"card:1","time":"2026-03-02T10:00:00Z","total":"15.50"}
`

// exitOf runs a command and gives its exit code and what it printed.
func exitOf(args ...string) (int, string) {
	var out bytes.Buffer
	code := run(args, nil, &out, &out)
	return code, out.String()
}

// TestVerifyExits shows the exit codes: 0 for a healthy database, 1 for one that
// was changed behind Premia's back or lost what signed heads recorded.
func TestVerifyExits(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, text := range map[string]string{"program.yaml": verifyProgram, "events.ndjson": verifyEvents} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if code, out := exitOf("import", "events", "--db", "sqlite:shop.db", "--program", "program.yaml", "events.ndjson"); code != exitOK {
		t.Fatalf("the import exits with %d: %s", code, out)
	}
	signHeads(t, "sqlite:shop.db", "heads")
	verify := []string{"verify", "--db", "sqlite:shop.db", "--heads", "heads"}
	expect := func(args []string, code int, words string) {
		t.Helper()
		if got, out := exitOf(args...); got != code || !strings.Contains(out, words) {
			t.Errorf("premia %q exits with %d, want %d and %q:\n%s", args, got, code, words, out)
		}
	}
	expect(verify, exitOK, "Signed heads that are still in the journal: 1.")

	db, err := sql.Open("sqlite", filepath.Join(".", "shop.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	change := func(text string) {
		t.Helper()
		if _, err := db.Exec(text); err != nil {
			t.Fatal(err)
		}
	}
	change(`UPDATE postings SET amount = amount + 1`)
	expect(verify, exitFailed, "posting 0: expected issue of 20 in wallet 1")
	expect([]string{"move", "--from", "sqlite:shop.db", "--to", "sqlite:new.db"}, exitFailed, "does not verify, and a move would hide that")
	change(`UPDATE postings SET amount = amount - 1`)
	expect(verify, exitOK, "All 4 entries")

	change(`DELETE FROM journal; DELETE FROM postings; DELETE FROM members; DELETE FROM directory; DELETE FROM personal; DELETE FROM search`)
	expect(verify[:3], exitOK, "All 0 entries")
	expect(verify, exitFailed, "signed head: expected an entry with the hash")

	lines, err := os.ReadFile("heads")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("heads", bytes.Replace(lines, []byte(`"seq":4`), []byte(`"seq":0`), 1), 0o644); err != nil {
		t.Fatal(err)
	}
	expect(verify, exitFailed, "heads:1: the line's signature is not of this key")
}

func signHeads(t *testing.T, db, file string) {
	t.Helper()
	key, err := app.HeadsKey(file + headsKeySuffix)
	if err != nil {
		t.Fatal(err)
	}
	a, err := app.Open(t.Context(), app.Config{DB: db})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	if err := a.SignHeads(t.Context(), file, key); err != nil {
		t.Fatal(err)
	}
}
