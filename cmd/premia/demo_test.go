package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/testkit"
	"premia/programs"
)

// showDemo runs the demo until its welcome is printed, calls fn with what it
// printed, and stops it.
func showDemo(t *testing.T, c demoCommand, fn func(welcome string)) {
	t.Helper()
	ctx, stop := context.WithCancel(system(t))
	defer stop()
	out, welcome := newWaiting("begins anew.")
	ended := make(chan error, 1)
	go func() { ended <- c.Run(&terminal{ctx: ctx, out: out, err: io.Discard}) }()
	select {
	case text := <-welcome:
		fn(text)
	case err := <-ended:
		t.Fatalf("the demo ended: %v", err)
	}
	stop()
	if err := <-ended; err != nil {
		t.Errorf("the demo stopped with %v", err)
	}
}

// waiting is a writer that tells when a text has been written.
type waiting struct {
	mu   sync.Mutex
	text strings.Builder
	last string
	told chan string
}

func newWaiting(last string) (*waiting, <-chan string) {
	w := &waiting{last: last, told: make(chan string, 1)}
	return w, w.told
}

func (w *waiting) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.text.Write(p)
	if bytes.Contains(p, []byte(w.last)) {
		w.told <- w.text.String()
	}
	return len(p), nil
}

var (
	saidHost  = regexp.MustCompile(`^http://[^/]+`)
	saidKey   = regexp.MustCompile(`PREMIA_KEY=(\S+)`)
	saidReads = regexp.MustCompile(`PREMIA_KEY" '?(http[^\s']+)'?\n`)
)

// apiLine is a request in a guide; its JSON may have several lines.
var apiLine = regexp.MustCompile(`(?m)^api '?localhost:8080(/[^\s']+)'?(?: --json '([^']*)')?$`)

// guideRuns sends the requests of the chapters of which the integrators' guide says that
// they run against the demo.
func guideRuns(t *testing.T, base, key string) {
	t.Helper()
	guide, err := os.ReadFile(filepath.Join(testkit.RepoRoot(t), "docs", "guides", "integrators.md"))
	if err != nil {
		t.Fatal(err)
	}
	sent := 0
	for _, chapter := range strings.Split(string(guide), "\n## ") {
		title, _, _ := strings.Cut(chapter, "\n")
		if !slices.Contains([]string{"# For integrators", "Events", "Returns", "Rewards", "Transfers", "Who buys"}, title) {
			continue
		}
		for _, line := range apiLine.FindAllStringSubmatch(chapter, -1) {
			method, body := http.MethodGet, strings.NewReader(line[2])
			if line[2] != "" {
				method = http.MethodPost
			}
			r, err := http.NewRequest(method, base+line[1], body)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Authorization", "Bearer "+key)
			answer, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			said, _ := io.ReadAll(answer.Body)
			answer.Body.Close()
			if answer.StatusCode >= 300 {
				t.Errorf("%s: %s is answered %d: %s", title, line[0], answer.StatusCode, said)
			}
			sent++
		}
	}
	if sent != 10 {
		t.Errorf("the guide has %d requests that run against the demo, not 10", sent)
	}
}

// TestDemo starts the demo, follows what it says, and starts it again on what is
// there: the key stays, and --fresh makes another.
func TestDemo(t *testing.T) {
	t.Parallel()
	c := demoCommand{Listen: "localhost:0", DB: filepath.Join(t.TempDir(), "new", "demo.db")}
	key := ""
	showDemo(t, c, func(welcome string) {
		key = saidKey.FindStringSubmatch(welcome)[1]
		reads := saidReads.FindAllStringSubmatch(welcome, -1)
		if len(reads) != 2 {
			t.Fatalf("it says nothing to read:\n%s", welcome)
		}
		guideRuns(t, saidHost.FindString(reads[0][1]), key)
		for _, read := range reads {
			if body := get(t, read[1], key); len(body) < 3 {
				t.Errorf("%s answers %v", read[1], body)
			}
		}
	})
	info, err := os.Stat(filepath.Join(filepath.Dir(c.DB), keyFile))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key's file: %v (%v)", info, err)
	}
	showDemo(t, c, func(welcome string) {
		if again := saidKey.FindStringSubmatch(welcome)[1]; again != key {
			t.Errorf("the key was %s and is %s", key, again)
		}
	})
	if err := throwAway(t.Context(), c.DB); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(c.DB); !os.IsNotExist(err) {
		t.Errorf("the demo is still there (%v)", err)
	}
}

// get reads an address with a key.
func get(t *testing.T, url, key string) map[string]any {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+key)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var body map[string]any
	if err := json.NewDecoder(answer.Body).Decode(&body); err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s answers %s (%v): %v", url, answer.Status, err, body)
	}
	return body
}

// TestDemoLeavesOthersAlone neither fills nor deletes a workspace of somebody's.
func TestDemoLeavesOthersAlone(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "own.db")
	a, err := app.Open(t.Context(), app.Config{DB: "sqlite:" + path, Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Publish(t.Context(), programs.OnlineRetail, calendar.None, ""); err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	for _, fresh := range []string{"--fresh=false", "--fresh"} {
		var out, errOut bytes.Buffer
		code := run([]string{"demo", "--listen", "localhost:0", "--db", path, fresh}, nil, &out, &errOut)
		if code != exitUsage || !strings.Contains(errOut.String(), "another file with --db") {
			t.Errorf("%s exits with %d: %s", fresh, code, &errOut)
		}
	}
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
}

func TestDemoAddress(t *testing.T) {
	t.Parallel()
	for listen, want := range map[string]string{
		"localhost:8080": "http://localhost:4321", ":8080": "http://localhost:4321", "0.0.0.0:0": "http://localhost:4321",
		"127.0.0.1:1": "http://127.0.0.1:4321", "[::1]:1": "http://[::1]:4321", "[::]:1": "http://localhost:4321",
	} {
		if got := urlOf(false, address("127.0.0.1:4321"), listen); got != want {
			t.Errorf("%s: %s, want %s", listen, got, want)
		}
	}
}

// address is a network address.
type address string

func (a address) Network() string { return "tcp" }
func (a address) String() string  { return string(a) }
