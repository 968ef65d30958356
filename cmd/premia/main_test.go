package main

import (
	"bytes"
	"database/sql"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"premia/internal/auth"
	"premia/internal/testkit"
)

// TestMain lets scripts call the commands of this binary as premia.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"premia": func() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) },
	})
}

// TestScripts runs every script in testdata/script: each is a user at a
// terminal. $PROGRAMS is the folder of the programs that come with Premia.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("PROGRAMS", filepath.Join(testkit.RepoRoot(t), "programs"))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"damage": damageTable, "enter": enterContest},
	})
}

// damageTable is the command "damage FILE TABLE": it overwrites the page of a
// SQLite file that a table begins with.
func damageTable(ts *testscript.TestScript, _ bool, args []string) {
	path := ts.MkAbs(args[0])
	db, err := sql.Open("sqlite", path)
	ts.Check(err)
	var page, size int64
	ts.Check(db.QueryRow("SELECT rootpage FROM sqlite_schema WHERE name = ?", args[1]).Scan(&page))
	ts.Check(db.QueryRow("PRAGMA page_size").Scan(&size))
	ts.Check(db.Close())
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	ts.Check(err)
	_, err = file.WriteAt(bytes.Repeat([]byte{0xff}, int(size)), (page-1)*size)
	ts.Check(err)
	ts.Check(file.Close())
}

// TestHelpNamesEachScope finds in the help of keys all that a key can be allowed.
func TestHelpNamesEachScope(t *testing.T) {
	var out, errOut bytes.Buffer
	if code := run([]string{"apikey", "create", "--help"}, nil, &out, &errOut); code != exitOK {
		t.Fatalf("it exits with %d: %s", code, &errOut)
	}
	words := strings.FieldsFunc(out.String(), func(r rune) bool { return r == ' ' || r == ',' || r == '\n' })
	for _, scope := range auth.All() {
		if !slices.Contains(words, string(scope)) {
			t.Errorf("the help does not name %s:\n%s", scope, &out)
		}
	}
}

func TestHelpAndMistakes(t *testing.T) {
	for _, c := range []struct {
		args     []string
		code     int
		out, err string // parts of what is printed
	}{
		{[]string{"--help"}, exitOK, "program check", ""},
		{[]string{"--version"}, exitOK, "premia", ""},
		{nil, exitUsage, "", "premia --help"},
		{[]string{"progam"}, exitUsage, "", "unexpected argument progam"},
		{[]string{"program", "describe", "x", "--lang", "de"}, exitUsage, "", "--lang must be one of"},
	} {
		var out, errOut bytes.Buffer
		code := run(c.args, nil, &out, &errOut)
		if code != c.code || !bytes.Contains(out.Bytes(), []byte(c.out)) || !bytes.Contains(errOut.Bytes(), []byte(c.err)) {
			t.Errorf("premia %q exits with %d and prints\n%s\n%s", c.args, code, &out, &errOut)
		}
	}
}
