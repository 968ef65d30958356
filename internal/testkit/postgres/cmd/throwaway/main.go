// Command throwaway runs a command with a PostgreSQL that exists only while the
// command runs:
//
//	throwaway [-durable] -- go test ./...
//
// The command finds the server's URL in the environment variable
// PREMIA_TEST_POSTGRES. When that is set already, or PostgreSQL is not
// installed, the command runs as it is. The exit code is the command's; it is
// 128 plus the signal's number if a signal ended it. SIGINT and SIGTERM go to
// the command and all its children, and the server is removed in every case.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"premia/internal/testkit/postgres"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("throwaway", flag.ContinueOnError)
	flags.SetOutput(stderr)
	durable := flags.Bool("durable", false, "flush every commit to disk, as in production")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	if flags.NArg() == 0 {
		fmt.Fprintln(stderr, "throwaway: name a command to run: throwaway [-durable] -- go test ./...")
		return 2
	}
	// Before the server starts, so that no signal finds us unprepared.
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	defer signal.Stop(signals)

	cmd := exec.Command(flags.Arg(0), flags.Args()[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, stdout, stderr
	if os.Getenv(postgres.Variable) == "" {
		cluster, err := postgres.Start(postgres.Options{Durable: *durable})
		switch {
		case errors.Is(err, postgres.ErrNotInstalled):
			fmt.Fprintf(stderr, "Tests on PostgreSQL are skipped: %v.\n", err)
		case err != nil:
			fmt.Fprintln(stderr, "throwaway:", err)
			return 1
		default:
			defer closeCluster(cluster, stderr)
			cmd.Env = append(os.Environ(), postgres.Variable+"="+cluster.URL())
		}
	}
	return runCommand(cmd, signals, stderr)
}

func closeCluster(cluster *postgres.Cluster, stderr io.Writer) {
	if err := cluster.Close(); err != nil {
		fmt.Fprintln(stderr, "throwaway:", err)
	}
}

// runCommand runs the command in a process group of its own, so that a signal
// reaches the tests that `go test` started too, which by itself it would not.
func runCommand(cmd *exec.Cmd, signals <-chan os.Signal, stderr io.Writer) int {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		fmt.Fprintln(stderr, "throwaway:", err)
		return 127
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		select {
		case s := <-signals:
			// An error means that the command is already gone.
			_ = syscall.Kill(-cmd.Process.Pid, s.(syscall.Signal))
		case err := <-ended:
			return exitCode(cmd, err, stderr)
		}
	}
}

func exitCode(cmd *exec.Cmd, err error, stderr io.Writer) int {
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		fmt.Fprintln(stderr, "throwaway:", err)
		return 1
	}
	status := cmd.ProcessState.Sys().(syscall.WaitStatus)
	if status.Signaled() {
		return 128 + int(status.Signal())
	}
	return cmd.ProcessState.ExitCode()
}
