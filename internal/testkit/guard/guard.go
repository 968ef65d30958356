// Package guard cleans up after a test process that started other programs, such
// as a database or a browser. A guard is a process of its own that waits for its
// owner to end, in whatever way: then it runs a script which ends the program and
// removes its folder. So nothing is left behind, even by a test that panics or is
// killed.
package guard

import (
	"fmt"
	"io"
	"os/exec"
	"syscall"
)

// Guard cleans up, be its owner alive or not. It notices the owner's end by the end
// of a pipe, which works for every kind of death and, unlike a parent-death signal,
// needs no locked thread and no Linux. It is a shell script because a test binary
// can't be asked to play another part.
type Guard struct {
	of   string // what it cleans up after, for messages
	cmd  *exec.Cmd
	pipe io.WriteCloser
}

// Start starts the guard of something, such as "the browser", that lives in a folder.
// The script runs as an account, nil for that of this process; $1 is the folder. Each
// line of its standard input is the id of the process to end, 0 when there is none,
// and its standard input ends when it is time to clean up.
func Start(of, script, folder string, as *syscall.Credential) (*Guard, error) {
	cmd := exec.Command("/bin/sh", "-c", script, "premia-test-guard", folder)
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Credential: as}
	pipe, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the guard of %s: %w", of, err)
	}
	return &Guard{of, cmd, pipe}, nil
}

// Watch names the process to end; 0 when there is none.
func (g *Guard) Watch(pid int) error {
	if _, err := fmt.Fprintln(g.pipe, pid); err != nil {
		return fmt.Errorf("the guard of %s is gone: %w", g.of, err)
	}
	return nil
}

// Finish has the guard do its work now and waits for it.
func (g *Guard) Finish() error {
	g.pipe.Close()
	if err := g.cmd.Wait(); err != nil {
		return fmt.Errorf("clean up after %s: %w", g.of, err)
	}
	return nil
}
