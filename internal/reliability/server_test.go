package reliability_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"premia/internal/testkit"
)

// patience bounds every wait. It is far longer than what is waited for takes on
// a machine with much else to do.
const patience = 3 * time.Minute

// folder holds what the whole test process shares; TestMain removes it.
var folder string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	var err error
	if folder, err = os.MkdirTemp("", "premia-reliability-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(folder)
	return m.Run()
}

// built builds the program once.
var built = sync.OnceValues(func() (string, error) {
	path := filepath.Join(folder, "premia")
	cmd := exec.Command("go", "build", "-o", path, "premia/cmd/premia")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return path, nil
})

func binary(t testing.TB) string {
	t.Helper()
	testkit.RepoRoot(t)
	path, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// eventually waits until something is so.
func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !is(); {
		if time.Now().After(deadline) {
			t.Fatalf("after %s it is still not so that %s", patience, what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// server is a running premia serve.
type server struct {
	t       testing.TB
	cmd     *exec.Cmd
	address string // http://127.0.0.1:PORT
	log     *logBook
	ended   chan struct{}
	err     error // once ended
}

// logBook keeps the last lines that a server wrote.
type logBook struct {
	mu    sync.Mutex
	lines []string
}

func (l *logBook) add(line string) {
	if strings.Contains(line, `"code":"unavailable"`) {
		return // each request that came while the database was away
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, line)
	if len(l.lines) > 80 {
		l.lines = append([]string(nil), l.lines[40:]...)
	}
}

func (l *logBook) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.lines, "\n")
}

func (l *logBook) has(word string) bool { return strings.Contains(l.text(), word) }

// startServer starts premia serve on a free port and waits until it says that
// it serves.
func startServer(t testing.TB, db string, more ...string) *server {
	t.Helper()
	args := append([]string{"serve", "--db", db, "--listen", "127.0.0.1:0", "--log-json", "--rate-limit", "100000000"}, more...)
	return startCommand(t, exec.Command(binary(t), args...))
}

func startCommand(t testing.TB, cmd *exec.Cmd) *server {
	t.Helper()
	s := &server{t: t, cmd: cmd, log: &logBook{}, ended: make(chan struct{})}
	out, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ready := make(chan string, 1)
	go s.follow(out, ready)
	t.Cleanup(func() {
		s.kill()
		if t.Failed() {
			t.Logf("the last words of the server at %s (%v):\n%s", s.address, s.err, s.log.text())
		}
	})
	select {
	case s.address = <-ready:
	case <-s.ended:
		t.Fatalf("the server ended while it started: %v\n%s", s.err, s.log.text())
	case <-time.After(patience):
		t.Fatalf("the server does not serve after %s\n%s", patience, s.log.text())
	}
	return s
}

// follow reads the log until the server ends.
func (s *server) follow(out io.Reader, ready chan<- string) {
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		s.log.add(lines.Text())
		var said struct{ Msg, Address string }
		if json.Unmarshal(lines.Bytes(), &said) == nil && said.Msg == "premia serves" {
			ready <- said.Address
		}
	}
	s.err = s.cmd.Wait()
	close(s.ended)
}

// kill ends the server as a crash would, and waits until it is gone.
func (s *server) kill() {
	// An error means that it has ended already.
	_ = s.cmd.Process.Kill()
	<-s.ended
}

// stop asks the server to stop and waits until it has; the error is how it ended.
func (s *server) stop() error {
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-s.ended:
		return s.err
	case <-time.After(patience):
		return fmt.Errorf("the server still runs %s after SIGTERM", patience)
	}
}

// ready gives the status of /readyz; 0 when nobody answers.
func (s *server) ready() int {
	answer, err := web.Get(s.address + "/readyz")
	if err != nil {
		return 0
	}
	answer.Body.Close()
	return answer.StatusCode
}

// web is the client of all tests.
var web = &http.Client{
	Timeout:   patience,
	Transport: &http.Transport{MaxIdleConnsPerHost: 256},
}

// result is an answer to a request.
type result struct {
	status int
	body   []byte
}

// call makes one request with a JSON body, if any.
func call(ctx context.Context, key, method, url, body string) (result, error) {
	r, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return result{}, err
	}
	r.Header.Set("Authorization", "Bearer "+key)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	answer, err := web.Do(r)
	if err != nil {
		return result{}, err
	}
	defer answer.Body.Close()
	read, err := io.ReadAll(answer.Body)
	return result{answer.StatusCode, read}, err
}
