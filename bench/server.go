package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"premia/internal/app"
	"premia/internal/core/calendar"
)

// fresh gives the URL of a new, empty database.
func (b *bench) fresh(ctx context.Context, database string) (string, error) {
	name := "bench_" + strconv.FormatInt(time.Now().UnixNano(), 36)
	if database == "sqlite" {
		return "sqlite:" + filepath.Join(b.folder, name+".db"), nil
	}
	conn, err := pgx.Connect(ctx, b.server)
	if err != nil {
		return "", err
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, "CREATE DATABASE "+name); err != nil {
		return "", err
	}
	config, err := pgx.ParseConfig(b.server)
	if err != nil {
		return "", err
	}
	return strings.Replace(b.server, "/"+config.Database, "/"+name, 1), nil
}

// workspace is a database with a published program and a key.
type workspace struct {
	url, key string
}

// prepare makes a workspace with the program.
func (b *bench) prepare(ctx context.Context, database, program string) (*workspace, error) {
	url, err := b.fresh(ctx, database)
	if err != nil {
		return nil, err
	}
	a, err := app.Open(ctx, app.Config{DB: url, Migrate: true})
	if err != nil {
		return nil, err
	}
	defer a.Close()
	if _, err := a.Journal.Publish(ctx, []byte(program), calendar.None, "bench"); err != nil {
		return nil, err
	}
	return &workspace{url: url}, nil
}

// server is a running premia serve.
type server struct {
	command *exec.Cmd
	address string
	key     string
	log     bytes.Buffer
}

// start creates a key and runs the server as a process of its own.
func (b *bench) start(ctx context.Context, ws *workspace) (*server, error) {
	if ws.key == "" {
		out, err := exec.CommandContext(ctx, b.binary, "apikey", "create", "--db", ws.url, "--name", "bench", "--scopes", "admin").Output()
		if err != nil {
			return nil, fmt.Errorf("create a key: %w", err)
		}
		for _, word := range strings.Fields(string(out)) {
			if strings.HasPrefix(word, "pk_") {
				ws.key = word
			}
		}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	address := listener.Addr().String()
	listener.Close()
	s := &server{address: address, key: ws.key}
	s.command = exec.Command(b.binary, "serve", "--db", ws.url, "--listen", address, "--rate-limit", "100000000")
	s.command.Stderr = &s.log
	if err := s.command.Start(); err != nil {
		return nil, err
	}
	return s, s.await()
}

// await waits until the server answers.
func (s *server) await() error {
	deadline := time.Now().Add(time.Minute)
	for time.Now().Before(deadline) {
		answer, err := http.Get("http://" + s.address + "/healthz")
		if err == nil {
			answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return nil
			}
		}
		time.Sleep(2 * time.Millisecond)
	}
	s.stop()
	return fmt.Errorf("the server at %s does not answer:\n%s", s.address, s.log.String())
}

func (s *server) stop() {
	s.command.Process.Signal(syscall.SIGTERM)
	s.command.Wait()
}

// metric gives the sum of a metric's samples.
func (s *server) metric(name string) (float64, error) {
	request, err := http.NewRequest(http.MethodGet, "http://"+s.address+"/metrics", nil)
	if err != nil {
		return 0, err
	}
	request.Header.Set("Authorization", "Bearer "+s.key)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	sum, found := 0.0, false
	lines := bufio.NewScanner(answer.Body)
	for lines.Scan() {
		line := lines.Text()
		if !strings.HasPrefix(line, name+"{") && !strings.HasPrefix(line, name+" ") {
			continue
		}
		v, err := strconv.ParseFloat(line[strings.LastIndexByte(line, ' ')+1:], 64)
		if err != nil {
			return 0, err
		}
		sum, found = sum+v, true
	}
	if !found {
		return 0, fmt.Errorf("the server has no metric %s", name)
	}
	return sum, lines.Err()
}

// memory gives the server's resident memory now and at its highest, in bytes.
func (s *server) memory() (now, peak int64, err error) {
	file, err := os.Open(fmt.Sprintf("/proc/%d/status", s.command.Process.Pid))
	if err != nil {
		return 0, 0, err
	}
	defer file.Close()
	all, err := io.ReadAll(file)
	if err != nil {
		return 0, 0, err
	}
	for _, line := range strings.Split(string(all), "\n") {
		fields := strings.Fields(line)
		if len(fields) < 2 {
			continue
		}
		kib, _ := strconv.ParseInt(fields[1], 10, 64)
		switch fields[0] {
		case "VmRSS:":
			now = kib << 10
		case "VmHWM:":
			peak = kib << 10
		}
	}
	return now, peak, nil
}
