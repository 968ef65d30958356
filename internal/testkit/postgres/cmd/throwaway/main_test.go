package main

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"

	"premia/internal/testkit/postgres"
)

// ownServer makes run start a cluster even when these tests run under another
// throwaway, and skips the test where there is no PostgreSQL.
func ownServer(t *testing.T) {
	t.Helper()
	postgres.New(t)
	t.Setenv(postgres.Variable, "")
}

func TestExitCodeIsTheCommands(t *testing.T) {
	t.Setenv(postgres.Variable, "postgres://somewhere")
	for script, want := range map[string]int{"exit 0": 0, "exit 7": 7, "kill -TERM $$": 128 + 15} {
		var stderr bytes.Buffer
		if got := run([]string{"--", "sh", "-c", script}, io.Discard, &stderr); got != want || stderr.Len() > 0 {
			t.Errorf("%s: exit code %d, want %d; it says %q", script, got, want, stderr.String())
		}
	}
}

func TestACommandThatIsNotThere(t *testing.T) {
	t.Setenv(postgres.Variable, "postgres://somewhere")
	var stderr bytes.Buffer
	if got := run([]string{"--", "no-such-command"}, io.Discard, &stderr); got != 127 || !strings.Contains(stderr.String(), "no-such-command") {
		t.Errorf("exit code %d, %q", got, stderr.String())
	}
	if got := run(nil, io.Discard, &stderr); got != 2 {
		t.Errorf("without a command the exit code is %d", got)
	}
}

func TestAServerThatIsThereIsUsed(t *testing.T) {
	t.Setenv(postgres.Variable, "postgres://somewhere")
	var stdout bytes.Buffer
	run([]string{"sh", "-c", "echo $" + postgres.Variable}, &stdout, os.Stderr)
	if got := strings.TrimSpace(stdout.String()); got != "postgres://somewhere" {
		t.Errorf("the command saw %q", got)
	}
}

func TestServerLivesAsLongAsTheCommand(t *testing.T) {
	ownServer(t)
	t.Run("until it ends by itself", func(t *testing.T) {
		testLife(t, 3, func(stdin *os.File) error { return stdin.Close() })
	})
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run("until "+signal.String(), func(t *testing.T) {
			testLife(t, 128+int(signal), func(*os.File) error { return syscall.Kill(os.Getpid(), signal) })
		})
	}
}

func testLife(t *testing.T, want int, end func(stdin *os.File) error) {
	command := startWaiting(t)
	if _, err := fsync(t, command.server); err != nil {
		t.Error(err)
	}
	if err := end(command.stdin); err != nil {
		t.Fatal(err)
	}
	if got := <-command.exit; got != want {
		t.Errorf("exit code %d, want %d", got, want)
	}
	if _, err := fsync(t, command.server); err == nil {
		t.Error("the server outlives the command")
	}
}

func TestDurable(t *testing.T) {
	ownServer(t)
	for want, flags := range map[string][]string{"off": nil, "on": {"-durable"}} {
		command := startWaiting(t, flags...)
		if got, err := fsync(t, command.server); got != want {
			t.Errorf("with the flags %q fsync is %q: %v", flags, got, err)
		}
		command.stdin.Close()
		<-command.exit
	}
}

// waiting is a command under run that ends with exit code 3 when its standard
// input ends.
type waiting struct {
	server string   // the URL that the command saw
	stdin  *os.File // the other end of its standard input
	exit   <-chan int
}

// startWaiting has the waiting done by a grandchild, as a test binary is one of
// throwaway when `go test` runs it.
func startWaiting(t *testing.T, flags ...string) waiting {
	t.Helper()
	input, stdin, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	before := os.Stdin
	os.Stdin = input
	t.Cleanup(func() {
		os.Stdin = before
		input.Close()
		stdin.Close()
	})
	output, stdout := io.Pipe()
	exit := make(chan int, 1)
	go func() {
		exit <- run(append(flags, "sh", "-c", "echo $"+postgres.Variable+"; sh -c 'read never'; exit 3"), stdout, os.Stderr)
		stdout.Close()
	}()
	lines := bufio.NewScanner(output)
	if !lines.Scan() {
		t.Fatalf("the command said nothing; the exit code is %d", <-exit)
	}
	return waiting{server: lines.Text(), stdin: stdin, exit: exit}
}

func fsync(t *testing.T, server string) (string, error) {
	conn, err := pgx.Connect(t.Context(), server)
	if err != nil {
		return "", err
	}
	defer conn.Close(t.Context())
	var setting string
	err = conn.QueryRow(t.Context(), "SHOW fsync").Scan(&setting)
	return setting, err
}
