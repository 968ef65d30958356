package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"premia/internal/testkit"
)

// TestServing runs scripts of a server and whoever talks to it. $ADDR is a free
// address, $DB a SQLite database; the command "await" waits until the server
// answers, and "http METHOD PATH STATUS [BODY]" sends a request with the key in
// the file key.
func TestServing(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "serve"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				return err
			}
			env.Setenv("ADDR", listener.Addr().String())
			env.Setenv("DB", "sqlite:"+filepath.Join(env.WorkDir, "premia.db"))
			env.Setenv("PROGRAMS", filepath.Join(testkit.RepoRoot(t), "programs"))
			return listener.Close()
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"await": await, "http": request},
	})
}

// patience bounds what a script waits for; it ends only broken tests.
const patience = time.Minute

// await asks the server for its health until it answers.
func await(ts *testscript.TestScript, _ bool, _ []string) {
	for until := time.Now().Add(patience); time.Now().Before(until); time.Sleep(10 * time.Millisecond) {
		if answer, err := http.Get("http://" + ts.Getenv("ADDR") + "/healthz"); err == nil {
			answer.Body.Close()
			return
		}
	}
	ts.Fatalf("no server answers on %s", ts.Getenv("ADDR"))
}

// request sends a request, compares the status, and prints the answer.
func request(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 3 {
		ts.Fatalf("usage: http METHOD PATH STATUS [BODY]")
	}
	body, kind := "", "application/json"
	if len(args) > 3 {
		body = args[3]
	}
	if name, ok := strings.CutPrefix(body, "@"); ok {
		body, kind = ts.ReadFile(name), "application/yaml"
	}
	r, err := http.NewRequest(args[0], "http://"+ts.Getenv("ADDR")+args[1], strings.NewReader(body))
	ts.Check(err)
	r.Header.Set("Authorization", "Bearer "+strings.TrimSpace(ts.ReadFile("key")))
	r.Header.Set("Content-Type", kind)
	answer, err := http.DefaultClient.Do(r)
	ts.Check(err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	ts.Check(err)
	if fmt.Sprint(answer.StatusCode) != args[2] {
		ts.Fatalf("%s %s: %d %s", args[0], args[1], answer.StatusCode, text)
	}
	_, err = ts.Stdout().Write(text)
	ts.Check(err)
}
