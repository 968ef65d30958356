package postgres

import (
	"context"
	"crypto/rand"
	_ "embed"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"premia/internal/testkit/guard"
)

//go:embed guard.sh
var guardScript string

// user is the superuser of every throw-away cluster.
const user = "premia"

// Options say what kind of cluster to start. The zero value is a fast one that
// may lose data when the machine stops.
type Options struct {
	// Durable keeps PostgreSQL's own settings for safety: every commit is
	// flushed to disk before it is acknowledged.
	Durable bool
	// Settings are further parameters of postgresql.conf, by name, such as
	// "shared_buffers": "512MB".
	Settings map[string]string
}

// Cluster is a running PostgreSQL server that belongs to this process. Its
// methods may be called from several goroutines, one at a time takes effect.
type Cluster struct {
	install  installation
	account  account
	settings map[string]string
	folder   string // holds everything of the cluster; the guard removes it
	password string
	port     int
	guard    *guard.Guard

	mu     sync.Mutex
	server *process // nil while the server is not running
	closed bool
}

// Start makes a cluster and waits until it answers. The error is
// [ErrNotInstalled] when this machine has no usable PostgreSQL.
func Start(options Options) (*Cluster, error) {
	install, err := find()
	if err != nil {
		return nil, err
	}
	owner, err := serverAccount()
	if err != nil {
		return nil, err
	}
	folder, err := owner.makeFolder()
	if err != nil {
		return nil, fmt.Errorf("make a folder for PostgreSQL: %w", err)
	}
	guard, err := guard.Start("PostgreSQL", guardScript, folder, owner.credential)
	if err != nil {
		os.RemoveAll(folder)
		return nil, err
	}
	c := &Cluster{
		install: install, account: owner, folder: folder, guard: guard,
		settings: settings(options), password: rand.Text(),
	}
	if err := c.initialize(); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	if err := c.startOnFreePort(); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

func settings(options Options) map[string]string {
	all := map[string]string{
		"listen_addresses":        "127.0.0.1",
		"unix_socket_directories": "",
		"max_connections":         "300",
		"timezone":                "UTC",
		"log_timezone":            "UTC",
		// Kept in the cluster's folder, so that they go with it.
		"dynamic_shared_memory_type": "mmap",
	}
	if !options.Durable {
		all["fsync"] = "off"
		all["synchronous_commit"] = "off"
		all["full_page_writes"] = "off"
	}
	for name, value := range options.Settings {
		all[name] = value
	}
	return all
}

// URL is the address of the cluster's database "postgres", as its superuser.
// It stays the same over [Cluster.Kill] and [Cluster.Restart].
func (c *Cluster) URL() string {
	u := url.URL{
		Scheme:   "postgres",
		User:     url.UserPassword(user, c.password),
		Host:     net.JoinHostPort("127.0.0.1", strconv.Itoa(c.port)),
		Path:     "/postgres",
		RawQuery: "sslmode=disable",
	}
	return u.String()
}

// Kill ends the server with SIGKILL, as a crash would, and waits until its main
// process is gone.
func (c *Cluster) Kill() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.server == nil {
		return errors.New("kill PostgreSQL: it is not running")
	}
	if err := c.server.cmd.Process.Kill(); err != nil {
		return fmt.Errorf("kill PostgreSQL: %w", err)
	}
	<-c.server.ended
	c.server = nil
	return c.guard.Watch(0)
}

// Restart starts the server again after [Cluster.Kill], at the same URL, and
// waits until it has recovered and answers.
func (c *Cluster) Restart() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed || c.server != nil {
		return errors.New("restart PostgreSQL: it was not killed, or is closed")
	}
	deadline := time.Now().Add(patience)
	for {
		err := c.start()
		// The killed server's children need a moment to notice that it is gone.
		if !errors.Is(err, errMemoryInUse) || time.Now().After(deadline) {
			return err
		}
		time.Sleep(pause)
	}
}

// Close stops the server at once and removes all that belonged to it. A closed
// cluster may be closed again.
func (c *Cluster) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil
	}
	c.closed = true
	err := c.guard.Finish()
	if err != nil && c.server != nil {
		c.server.cmd.Process.Kill() // an error means that it has ended
	}
	if c.server != nil {
		<-c.server.ended
		c.server = nil
	}
	return errors.Join(err, os.RemoveAll(c.folder))
}

func (c *Cluster) running() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.server != nil
}

func (c *Cluster) data() string { return filepath.Join(c.folder, "data") }
func (c *Cluster) log() string  { return filepath.Join(c.folder, "log") }

// initialize makes the data folder with initdb.
func (c *Cluster) initialize() error {
	secret := filepath.Join(c.folder, "password")
	if err := c.account.writeFile(secret, []byte(c.password+"\n")); err != nil {
		return err
	}
	initdb, err := c.spawn(c.install.initdb,
		"--pgdata="+c.data(), "--username="+user, "--pwfile="+secret, "--auth=password",
		"--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions")
	if err != nil {
		return err
	}
	<-initdb.ended
	if initdb.err != nil {
		return fmt.Errorf("initdb: %w\n%s", initdb.err, c.logEnd())
	}
	return c.guard.Watch(0)
}

// startOnFreePort takes another port when a stranger took the one that was free
// a moment ago.
func (c *Cluster) startOnFreePort() error {
	for attempt := 1; ; attempt++ {
		port, err := freePort()
		if err != nil {
			return err
		}
		c.port = port
		if err = c.start(); !errors.Is(err, errPortTaken) || attempt == 5 {
			return err
		}
	}
}

func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port for PostgreSQL: %w", err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

// start runs the server on c.port and waits until it answers.
func (c *Cluster) start() error {
	if err := os.Truncate(c.log(), 0); err != nil {
		return err
	}
	args := []string{"-D", c.data(), "-p", strconv.Itoa(c.port)}
	for name, value := range c.settings {
		args = append(args, "-c", name+"="+value)
	}
	server, err := c.spawn(c.install.postgres, args...)
	if err != nil {
		return err
	}
	if err := c.awaitAnswer(server); err != nil {
		return err
	}
	c.server = server
	return nil
}

func (c *Cluster) awaitAnswer(server *process) error {
	deadline := time.Now().Add(patience)
	for {
		select {
		case <-server.ended:
			return errors.Join(c.whyEnded(server), c.guard.Watch(0))
		default:
		}
		ctx, cancel := context.WithDeadline(context.Background(), deadline)
		conn, err := pgx.Connect(ctx, c.URL())
		cancel()
		if err == nil {
			return conn.Close(context.Background())
		}
		if time.Now().After(deadline) {
			server.cmd.Process.Kill()
			<-server.ended
			return errors.Join(fmt.Errorf("PostgreSQL does not answer: %w\n%s", err, c.logEnd()), c.guard.Watch(0))
		}
		time.Sleep(pause)
	}
}

// pause is the time between two looks at a server that is on its way.
const pause = 20 * time.Millisecond

var (
	errPortTaken   = errors.New("the port was taken meanwhile")
	errMemoryInUse = errors.New("children of the killed server still run")
)

// whyEnded reads the log, which is in English because the locale is C.
func (c *Cluster) whyEnded(server *process) error {
	end := c.logEnd()
	err := fmt.Errorf("PostgreSQL ended while starting: %v\n%s", server.err, end)
	switch {
	case strings.Contains(end, "Address already in use"):
		return errors.Join(errPortTaken, err)
	case strings.Contains(end, "pre-existing shared memory block"):
		return errors.Join(errMemoryInUse, err)
	}
	return err
}

func (c *Cluster) logEnd() string {
	const enough = 4000
	text, err := os.ReadFile(c.log())
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-enough):])
}

// process is a child that the guard ends if this process can't.
type process struct {
	cmd   *exec.Cmd
	ended chan struct{} // closed when it has ended; then err is set
	err   error
}

// spawn starts a program of PostgreSQL as the cluster's account, with its output
// in the log.
func (c *Cluster) spawn(program string, args ...string) (*process, error) {
	log, err := os.OpenFile(c.log(), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd := exec.Command(program, args...)
	cmd.Dir = c.folder
	cmd.Env = cleanEnvironment()
	cmd.Stdout, cmd.Stderr = log, log
	// A session of its own: Ctrl-C at the terminal is for the tests.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Credential: c.account.credential}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", program, err)
	}
	p := &process{cmd: cmd, ended: make(chan struct{})}
	go func() {
		p.err = cmd.Wait()
		close(p.ended)
	}()
	if err := c.guard.Watch(cmd.Process.Pid); err != nil {
		cmd.Process.Kill()
		<-p.ended
		return nil, err
	}
	return p, nil
}

// cleanEnvironment leaves out what would change the server's manners: PGDATA,
// PGPORT, the locale.
func cleanEnvironment() []string {
	env := []string{"LC_ALL=C", "TZ=UTC"}
	for _, entry := range os.Environ() {
		if !strings.HasPrefix(entry, "PG") && !strings.HasPrefix(entry, "LC_") && !strings.HasPrefix(entry, "LANG") && !strings.HasPrefix(entry, "TZ=") {
			env = append(env, entry)
		}
	}
	return env
}
