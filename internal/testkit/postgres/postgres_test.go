package postgres

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// TestMain plays a second part, the process that TestDeadOwnerLeavesNothing
// kills.
func TestMain(m *testing.M) {
	if kind := os.Getenv("PREMIA_TEST_OWNER"); kind != "" {
		if err := own(kind == "with a killed server"); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// own starts a cluster, says what belongs to it and waits to be killed.
func own(kill bool) error {
	cluster, err := Start(Options{})
	if err != nil {
		return err
	}
	block, err := memoryBlock(cluster)
	if err != nil {
		return err
	}
	pid := cluster.server.cmd.Process.Pid
	if kill {
		if err := cluster.Kill(); err != nil {
			return err
		}
	}
	fmt.Printf("owner: %s %d %s\n", cluster.folder, pid, block)
	select {}
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

func ask(t *testing.T, conn *pgx.Conn, query string) string {
	t.Helper()
	var answer string
	if err := conn.QueryRow(t.Context(), query).Scan(&answer); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return answer
}

func TestEachTestHasADatabaseOfItsOwn(t *testing.T) {
	var names []string
	for range 2 {
		t.Run("database", func(t *testing.T) {
			conn := connect(t, New(t))
			names = append(names, ask(t, conn, "SELECT current_database()"))
			if got := ask(t, conn, "SELECT count(*)::text FROM pg_tables WHERE schemaname = 'public'"); got != "0" {
				t.Errorf("the database has %s tables, it should be empty", got)
			}
			if _, err := conn.Exec(t.Context(), "CREATE TABLE mark ()"); err != nil {
				t.Fatal(err)
			}
			// Left open on purpose: dropping must not wait for it.
			left, err := pgx.Connect(t.Context(), conn.Config().ConnString())
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { left.Close(context.Background()) })
		})
	}
	if len(names) != 2 {
		return // the two have said why they were skipped, or failed
	}
	if names[0] == names[1] {
		t.Errorf("both tests got the database %s", names[0])
	}
	conn := connect(t, New(t))
	for _, name := range names {
		if got := ask(t, conn, "SELECT count(*)::text FROM pg_database WHERE datname = '"+name+"'"); got != "0" {
			t.Errorf("the database %s outlived its test", name)
		}
	}
}

func TestDurableClusterKeepsWhatItAcknowledged(t *testing.T) {
	cluster := StartDurable(t)
	database := cluster.New(t)
	conn := connect(t, database)
	if got := ask(t, conn, "SHOW fsync") + ask(t, conn, "SHOW synchronous_commit"); got != "onon" {
		t.Errorf("fsync and synchronous_commit are %s", got)
	}
	if _, err := conn.Exec(t.Context(), "CREATE TABLE kept (n int); INSERT INTO kept VALUES (42)"); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := cluster.Kill(); err != nil {
			t.Fatal(err)
		}
		if err := cluster.Kill(); err == nil {
			t.Error("a cluster that does not run was killed")
		}
		if conn, err := pgx.Connect(t.Context(), database); err == nil {
			conn.Close(t.Context())
			t.Error("the killed cluster still answers")
		}
		if err := cluster.Restart(); err != nil {
			t.Fatal(err)
		}
		if got := ask(t, connect(t, database), "SELECT n::text FROM kept"); got != "42" {
			t.Errorf("after the restart the table holds %s", got)
		}
	}
	if err := cluster.Restart(); err == nil {
		t.Error("a running cluster was restarted")
	}
}

func TestSettingsReachTheServer(t *testing.T) {
	cluster, err := Start(Options{Settings: map[string]string{"work_mem": "7MB"}})
	stopUnlessUsable(t, err)
	defer cluster.Close()
	if got := ask(t, connect(t, cluster.URL()), "SHOW work_mem"); got != "7MB" {
		t.Errorf("work_mem is %s", got)
	}
}

func TestABadSettingIsReportedWithTheServersWords(t *testing.T) {
	cluster, err := Start(Options{Settings: map[string]string{"no_such_setting": "1"}})
	if errors.Is(err, ErrNotInstalled) {
		stopUnlessUsable(t, err)
	}
	if err == nil {
		cluster.Close()
		t.Fatal("the server started with a setting that does not exist")
	}
	if !strings.Contains(err.Error(), "no_such_setting") {
		t.Errorf("the error does not say what is wrong: %v", err)
	}
}

func TestCloseLeavesNothing(t *testing.T) {
	for _, killed := range []bool{false, true} {
		t.Run(fmt.Sprintf("killed=%t", killed), func(t *testing.T) {
			cluster, err := Start(Options{})
			stopUnlessUsable(t, err)
			block, err := memoryBlock(cluster)
			if err != nil {
				t.Fatal(err)
			}
			pid := cluster.server.cmd.Process.Pid
			if killed {
				if err := cluster.Kill(); err != nil {
					t.Fatal(err)
				}
			}
			for range 2 {
				if err := cluster.Close(); err != nil {
					t.Fatal(err)
				}
			}
			assertGone(t, cluster.folder, pid, block)
		})
	}
}

func TestDeadOwnerLeavesNothing(t *testing.T) {
	if _, err := find(); err != nil {
		stopUnlessUsable(t, err)
	}
	for _, kind := range []string{"with a running server", "with a killed server"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			owner := exec.Command(os.Args[0], "-test.run=^$")
			owner.Env = append(os.Environ(), "PREMIA_TEST_OWNER="+kind)
			out, err := owner.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := owner.Start(); err != nil {
				t.Fatal(err)
			}
			var folder, block string
			var pid int
			lines := bufio.NewScanner(out)
			for folder == "" && lines.Scan() {
				fmt.Sscanf(lines.Text(), "owner: %s %d %s", &folder, &pid, &block)
			}
			if err := owner.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = owner.Wait() // it says that the process was killed
			if folder == "" {
				t.Fatal("the owner did not start a cluster")
			}
			awaitRemoval(t, folder)
			assertGone(t, folder, pid, block)
		})
	}
}

// awaitRemoval waits as long as the test binary's own timeout lets it, because
// the guard works after its owner's death, at its own pace.
func awaitRemoval(t *testing.T, folder string) {
	t.Helper()
	for {
		if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
			return
		}
		select {
		case <-t.Context().Done():
			t.Fatal("the folder is still there")
		case <-time.After(pause):
		}
	}
}

// assertGone checks that nothing of a cluster is left: its folder, its main
// process (which may wait as a zombie for a parent that does not care), and its
// block of shared memory.
func assertGone(t *testing.T, folder string, pid int, block string) {
	t.Helper()
	if _, err := os.Stat(folder); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder %s is left: %v", folder, err)
	}
	if err := syscall.Kill(pid, 0); err == nil && !zombie(pid) {
		t.Errorf("the server, process %d, still runs", pid)
	}
	if blocks, err := os.ReadFile("/proc/sysvipc/shm"); err == nil && containsField(string(blocks), block) {
		t.Errorf("the shared memory %s is left", block)
	}
}

func zombie(pid int) bool {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	return err == nil && strings.Contains(string(status), "State:\tZ")
}

// memoryBlock is the id of the running server's block of shared memory, from
// the seventh line of its lock file.
func memoryBlock(c *Cluster) (string, error) {
	lock, err := os.ReadFile(c.data() + "/postmaster.pid")
	if err != nil {
		return "", err
	}
	fields := strings.Fields(strings.Split(string(lock), "\n")[6])
	if blocks, err := os.ReadFile("/proc/sysvipc/shm"); err == nil && !containsField(string(blocks), fields[1]) {
		return "", fmt.Errorf("the shared memory %s is not in %s", fields[1], blocks)
	}
	return fields[1], nil
}

// containsField looks for an id in the second column of /proc/sysvipc/shm.
func containsField(table, id string) bool {
	for line := range strings.Lines(table) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[1] == id {
			return true
		}
	}
	return false
}
