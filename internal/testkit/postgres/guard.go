package postgres

import (
	_ "embed"
	"fmt"
	"io"
	"os/exec"
	"syscall"
)

//go:embed guard.sh
var guardScript string

// guard is the process that cleans up after a cluster, be its owner alive or
// not. It notices the owner's end by the end of a pipe, which works for every
// kind of death and, unlike a parent-death signal, needs no locked thread and
// no Linux. It is a shell script because a test binary can't be asked to play
// another part.
type guard struct {
	cmd  *exec.Cmd
	pipe io.WriteCloser
}

func startGuard(folder string, owner account) (*guard, error) {
	cmd := exec.Command("/bin/sh", "-c", guardScript, "premia-test-postgres-guard", folder)
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Credential: owner.credential}
	pipe, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the guard of PostgreSQL: %w", err)
	}
	return &guard{cmd: cmd, pipe: pipe}, nil
}

// watch names the process to end; 0 when there is none.
func (g *guard) watch(pid int) error {
	if _, err := fmt.Fprintln(g.pipe, pid); err != nil {
		return fmt.Errorf("the guard of PostgreSQL is gone: %w", err)
	}
	return nil
}

// finish has the guard do its work now and waits for it.
func (g *guard) finish() error {
	g.pipe.Close()
	if err := g.cmd.Wait(); err != nil {
		return fmt.Errorf("clean up after PostgreSQL: %w", err)
	}
	return nil
}
