package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"sort"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// client is one keep-alive connection of the load generator. It writes requests
// as bytes and reads no more of an answer than it must, so that it takes little
// of the two cores that it shares with the server.
type client struct {
	conn   net.Conn
	in     *bufio.Reader
	out    []byte
	header string
}

func dial(address, key string) (*client, error) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	return &client{
		conn: conn, in: bufio.NewReaderSize(conn, 64<<10),
		header: " HTTP/1.1\r\nHost: " + address + "\r\nAuthorization: Bearer " + key + "\r\nContent-Type: application/json\r\n",
	}, nil
}

// do sends one request and gives the status and the body's length.
func (c *client) do(method, path string, body []byte) (status, length int, err error) {
	c.out = append(c.out[:0], method...)
	c.out = append(c.out, ' ')
	c.out = append(c.out, path...)
	c.out = append(c.out, c.header...)
	c.out = append(c.out, "Content-Length: "...)
	c.out = strconv.AppendInt(c.out, int64(len(body)), 10)
	c.out = append(c.out, "\r\n\r\n"...)
	c.out = append(c.out, body...)
	if _, err := c.conn.Write(c.out); err != nil {
		return 0, 0, err
	}
	return c.answer()
}

var (
	contentLength = []byte("content-length:")
	chunked       = []byte("chunked")
)

func (c *client) answer() (status, length int, err error) {
	line, err := c.in.ReadSlice('\n')
	if err != nil {
		return 0, 0, err
	}
	if len(line) < 12 {
		return 0, 0, fmt.Errorf("no status line: %q", line)
	}
	status, err = strconv.Atoi(string(line[9:12]))
	if err != nil {
		return 0, 0, err
	}
	inChunks := false
	for {
		line, err = c.in.ReadSlice('\n')
		if err != nil {
			return 0, 0, err
		}
		if len(line) <= 2 {
			break
		}
		lower := bytes.ToLower(line)
		if bytes.HasPrefix(lower, contentLength) {
			length, err = strconv.Atoi(string(bytes.TrimSpace(line[len(contentLength):])))
			if err != nil {
				return 0, 0, err
			}
		}
		inChunks = inChunks || bytes.Contains(lower, chunked)
	}
	if inChunks {
		return status, length, c.skipChunks()
	}
	_, err = c.in.Discard(length)
	return status, length, err
}

func (c *client) skipChunks() error {
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return err
		}
		n, err := strconv.ParseInt(string(bytes.TrimSpace(line)), 16, 32)
		if err != nil {
			return err
		}
		if _, err := io.CopyN(io.Discard, c.in, n+2); err != nil {
			return err
		}
		if n == 0 {
			return nil
		}
	}
}

// request makes the n-th request of a load into dst.
type request func(n int, dst []byte) []byte

// load is what a run of requests came to.
type load struct {
	done      int
	took      time.Duration
	latencies []time.Duration // sorted
}

func (l *load) rate() float64 { return float64(l.done) / l.took.Seconds() }

func (l *load) percentile(p float64) time.Duration {
	if len(l.latencies) == 0 {
		return 0
	}
	return l.latencies[min(int(p*float64(len(l.latencies))), len(l.latencies)-1)]
}

// closedLoop sends total requests over so many connections, each as soon as the
// one before it was answered.
func closedLoop(address, key, method, path string, connections, total int, make request) (*load, error) {
	var next atomic.Int64
	return drive(address, key, connections, total, func(c *client, body []byte) (int, time.Duration, []byte, error) {
		n := int(next.Add(1)) - 1
		if n >= total {
			return n, 0, body, errDone
		}
		body = make(n, body[:0])
		began := time.Now()
		status, _, err := c.do(method, path, body)
		return n, time.Since(began), body, expect(status, err)
	})
}

// paced sends total requests at a steady rate; latencies count from the moment
// at which a request was due, so that a server that stalls can't hide it.
func paced(address, key, method, path string, connections, total int, rate float64, make request) (*load, error) {
	var next atomic.Int64
	start := time.Now()
	gap := float64(time.Second) / rate
	return drive(address, key, connections, total, func(c *client, body []byte) (int, time.Duration, []byte, error) {
		n := int(next.Add(1)) - 1
		if n >= total {
			return n, 0, body, errDone
		}
		due := start.Add(time.Duration(float64(n) * gap))
		time.Sleep(time.Until(due))
		body = make(n, body[:0])
		status, _, err := c.do(method, path, body)
		return n, time.Since(due), body, expect(status, err)
	})
}

var errDone = fmt.Errorf("done")

func expect(status int, err error) error {
	if err != nil {
		return err
	}
	if status/100 != 2 {
		return fmt.Errorf("the server answered %d", status)
	}
	return nil
}

func drive(address, key string, connections, total int, one func(*client, []byte) (int, time.Duration, []byte, error)) (*load, error) {
	l := &load{latencies: make([]time.Duration, total)}
	var wg sync.WaitGroup
	var failure atomic.Pointer[error]
	began := time.Now()
	for range connections {
		c, err := dial(address, key)
		if err != nil {
			return nil, err
		}
		wg.Go(func() {
			defer c.conn.Close()
			var body []byte
			for failure.Load() == nil {
				n, took, used, err := one(c, body)
				if err == errDone {
					return
				}
				if err != nil {
					failure.Store(&err)
					return
				}
				body, l.latencies[n] = used, took
			}
		})
	}
	wg.Wait()
	l.took, l.done = time.Since(began), total
	if err := failure.Load(); err != nil {
		return nil, *err
	}
	sort.Slice(l.latencies, func(a, b int) bool { return l.latencies[a] < l.latencies[b] })
	return l, nil
}
