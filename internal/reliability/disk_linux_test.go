package reliability_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"premia/internal/app"
)

// TestFileMayNotGrow lets a server's files grow to 2 MiB and no further, as a
// quota would, then lets nothing be written, and then lifts the bound.
func TestFileMayNotGrow(t *testing.T) {
	t.Parallel()
	seed, _ := seeded(t)
	ws := newWorkspace(t, sqliteURL(t), enrols, 1_000)
	// The shell counts in half KiB.
	cmd := exec.Command("/bin/sh", "-c", `ulimit -S -f 4096; exec "$0" "$@"`,
		binary(t), "serve", "--db", ws.url, "--listen", "127.0.0.1:0", "--log-json", "--rate-limit", "100000000", "--sweep-every", "50ms")
	s := startCommand(t, cmd)
	l := &load{ws: ws, gate: newGate(s.address), book: newBook(), merges: true, late: true, prefix: "x"}
	l.start(seed)
	eventually(t, "the server is not ready because its disk is full, and says so", func() bool {
		return s.ready() == http.StatusServiceUnavailable && s.log.has(`"check":"writing","error":"it is not known whether the database kept the batch: the disk of the database is full or fails`)
	})
	// Its log alone may be full, in which there is room again once its words have gone to
	// the main file.
	bound(t, s, 0)
	refused := buy("refused", "card:1", "1.00", "")
	r, err := call(context.Background(), ws.key, http.MethodPost, s.address+"/v1/events", refused)
	if err != nil || r.status != http.StatusServiceUnavailable || !strings.Contains(string(r.body), `"code":"unavailable"`) || !strings.Contains(string(r.body), "can't write") {
		t.Errorf("an event on a full disk: %v %d %s", err, r.status, r.body)
	}
	bound(t, s, unix.RLIM_INFINITY)
	eventually(t, "the server is ready when there is room", func() bool { return s.ready() == http.StatusOK })
	more(t, l, 200)
	finish(t, l, s)
	settleAccounts(t, ws, l.book, true)
}

// bound bounds to how many bytes a server's files may grow from now on; what is longer
// already can't be written beyond them.
func bound(t *testing.T, s *server, size uint64) {
	t.Helper()
	if err := unix.Prlimit(s.cmd.Process.Pid, unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: size, Max: unix.RLIM_INFINITY}, nil); err != nil {
		t.Fatal(err)
	}
}

// smallDisk mounts a disk of so many MiB in memory, until the test ends. Where
// that is not allowed it skips the test.
func smallDisk(t *testing.T, size int) string {
	t.Helper()
	folder := t.TempDir()
	if err := syscall.Mount("none", folder, "tmpfs", 0, fmt.Sprintf("size=%dm", size)); err != nil {
		t.Skipf("skipped, it needs a small disk, which this account may not mount: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(folder, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return folder
}

// TestDiskIsFull fills the disk under a database, and makes room again.
func TestDiskIsFull(t *testing.T) {
	t.Parallel()
	folder := smallDisk(t, 8)
	ws := newWorkspace(t, "sqlite:"+filepath.Join(folder, "premia.db"), enrols, 1_000)
	a := ws.open(t, nil)
	ballast := filepath.Join(folder, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 6<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	n, points := 0, int64(0)
	for ; ; n++ {
		if _, err := record(a, buy(fmt.Sprint("e", n), fmt.Sprint("card:", n), "10.00", "")); err != nil {
			if p := app.AsProblem(err); p.Code != app.CodeUnavailable || !strings.Contains(p.Detail.String(), "can't write") {
				t.Errorf("a full disk is told as %s: %v", p.Code, p)
			}
			break
		}
		points += 10 + welcome
	}
	if !notReady(a, "writing") {
		t.Error("it calls itself ready on a full disk")
	}
	if held, members := totals(t, a); held != points || members != n {
		t.Errorf("on the full disk %d members hold %d points, want %d with %d", members, held, n, points)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	// A program that is just being started elsewhere may hold the ballast open.
	eventually(t, "it calls itself ready when there is room", func() bool { return !notReady(a, "writing") })
	mustRecord(t, a, buy(fmt.Sprint("e", n), fmt.Sprint("card:", n), "10.00", ""))
	if held, members := totals(t, a); held != points+10+welcome || members != n+1 {
		t.Errorf("%d members hold %d points, want %d with %d", members, held, n+1, points+10+welcome)
	}
	ws.verify(t)
}

// notReady tells whether a check fails.
func notReady(a *app.App, check string) bool {
	for _, c := range a.Ready(context.Background(), nil) {
		if c.Name == check {
			return c.Err != nil
		}
	}
	return false
}

// TestReadOnly serves a database that can't be written: the command says so and
// ends, and changes nothing.
func TestReadOnly(t *testing.T) {
	t.Parallel()
	t.Run("file", func(t *testing.T) {
		ws := newWorkspace(t, sqliteURL(t), enrols, 1_000)
		path := strings.TrimPrefix(ws.url, "sqlite:")
		if err := os.Chmod(path, 0o444); err != nil {
			t.Fatal(err)
		}
		refusesToServe(t, ws, "the file is marked read-only")
		ws.verify(t)
	})
	t.Run("disk", func(t *testing.T) {
		folder := smallDisk(t, 8)
		ws := newWorkspace(t, "sqlite:"+filepath.Join(folder, "premia.db"), enrols, 1_000)
		if err := syscall.Mount("none", folder, "tmpfs", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
			t.Fatal(err)
		}
		refusesToServe(t, ws, "must not be read-only")
		ws.verify(t)
	})
}

func refusesToServe(t *testing.T, ws *workspace, why string) {
	t.Helper()
	out, err := exec.Command(binary(t), "serve", "--db", ws.url, "--listen", "127.0.0.1:0").CombinedOutput()
	if err == nil || !strings.Contains(string(out), why) || !strings.Contains(string(out), strings.TrimPrefix(ws.url, "sqlite:")) {
		t.Errorf("it ends with %v and says: %s", err, out)
	}
}
