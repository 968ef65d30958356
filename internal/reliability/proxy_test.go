package reliability_test

import (
	"io"
	"math/rand/v2"
	"net"
	"net/url"
	"sync"
	"testing"
)

// proxy stands between a server and PostgreSQL and cuts connections.
type proxy struct {
	listener net.Listener
	target   string

	mu     sync.Mutex
	random *rand.Rand
	// most bounds how many bytes a connection carries before it is cut, at any
	// byte in either direction; 0 cuts none.
	most int64
	// away refuses everybody.
	away  bool
	conns map[net.Conn]struct{}
	cuts  int
}

// newProxy stands before the server of the URL and gives the URL with itself in
// the server's place.
func newProxy(t testing.TB, database string, random *rand.Rand) (*proxy, string) {
	t.Helper()
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{target: u.Host, random: random, conns: make(map[net.Conn]struct{})}
	if p.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			conn, err := p.listener.Accept()
			if err != nil {
				return
			}
			running.Go(func() { p.carry(conn) })
		}
	})
	t.Cleanup(func() {
		p.listener.Close()
		p.setAway(true)
		running.Wait()
	})
	u.Host = p.listener.Addr().String()
	return p, u.String()
}

// cutWithin cuts each new connection after at most so many bytes; 0 cuts none.
func (p *proxy) cutWithin(most int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.most = most
	p.cutAll()
}

// setAway cuts all connections and refuses new ones, or takes them again.
func (p *proxy) setAway(away bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.away = away
	p.cutAll()
}

func (p *proxy) cutAll() {
	for conn := range p.conns {
		conn.Close()
	}
}

// enter notes a connection and gives how many bytes it may carry; -1 for all.
func (p *proxy) enter(conns ...net.Conn) (bytes int64, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.away {
		return 0, false
	}
	for _, conn := range conns {
		p.conns[conn] = struct{}{}
	}
	if p.most == 0 {
		return -1, true
	}
	return p.random.Int64N(p.most), true
}

func (p *proxy) leave(conns ...net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cuts++
	for _, conn := range conns {
		delete(p.conns, conn)
	}
}

func (p *proxy) carry(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("tcp", p.target)
	if err != nil {
		return
	}
	defer server.Close()
	left, ok := p.enter(client, server)
	if !ok {
		return
	}
	defer p.leave(client, server)
	var both sync.WaitGroup
	budget := &meter{left: left}
	for _, way := range [][2]net.Conn{{client, server}, {server, client}} {
		both.Go(func() {
			budget.copy(way[0], way[1])
			client.Close()
			server.Close()
		})
	}
	both.Wait()
}

// meter counts down what both directions of a connection carry.
type meter struct {
	mu   sync.Mutex
	left int64 // -1 is without end
}

func (m *meter) take(n int) (allowed int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.left < 0 {
		return n
	}
	allowed = int(min(int64(n), m.left))
	m.left -= int64(allowed)
	return allowed
}

func (m *meter) copy(from io.Reader, to io.Writer) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			allowed := m.take(n)
			if _, err := to.Write(buffer[:allowed]); err != nil || allowed < n {
				return
			}
		}
		if err != nil {
			return
		}
	}
}
