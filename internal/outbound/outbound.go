// Package outbound makes HTTP requests to addresses that people have written down:
// receivers of webhooks, partners' postbacks. Whoever writes an address must not
// reach with it what only this machine can reach, so what always holds is:
//   - where a name leads is checked when the connection is made, on the very address
//     that is dialled, so that a name which leads elsewhere by then gains nothing;
//   - no connection goes to this machine, to private, shared and link-local networks,
//     where clouds answer with their secrets, nor to addresses that wrap such ones,
//     unless the configuration allows the network;
//   - what is not encrypted goes to allowed networks alone;
//   - no redirect is followed, no proxy of the environment used, no cookie kept;
//   - a request ends within its time, and of an answer no more than a bound is read.
package outbound

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"

	"premia/internal/core/text"
)

// The bounds of a request.
const (
	// Timeout is how long a request may take from looking the name up to the end of
	// the answer.
	Timeout = 10 * time.Second
	// MaxAnswer is how many bytes of an answer are read.
	MaxAnswer = 4 << 10
	// MaxURL is how long an address may be.
	MaxURL = 2048

	maxHeader   = 32 << 10
	connections = 16 // with one host
	idle        = 30 * time.Second
)

// Policy says which networks may be reached that otherwise may not.
type Policy struct{ Allow []netip.Prefix }

// ParsePolicy reads networks, such as 10.1.0.0/16, or single addresses.
func ParsePolicy(networks []string) (p Policy, err error) {
	for _, written := range networks {
		network, err := netip.ParsePrefix(written)
		if err != nil {
			addr, failed := netip.ParseAddr(written)
			if failed != nil || addr.Zone() != "" {
				return Policy{}, fmt.Errorf("%q is no network; write 10.1.0.0/16, or one address", written)
			}
			network = netip.PrefixFrom(addr, addr.BitLen())
		}
		if network.Addr().Is4In6() {
			return Policy{}, fmt.Errorf("%q wraps an IPv4 network; write that itself", written)
		}
		p.Allow = append(p.Allow, network.Masked())
	}
	return p, nil
}

// allows tells whether the configuration names a network of the address.
func (p Policy) allows(addr netip.Addr) bool {
	for _, network := range p.Allow {
		if network.Contains(addr) {
			return true
		}
	}
	return false
}

// Check refuses an address and port that may not be dialled; plain tells that the
// connection is not encrypted.
func (p Policy) Check(to netip.AddrPort, plain bool) error {
	addr := to.Addr().Unmap().WithZone("")
	switch {
	case p.allows(addr):
		return nil
	case reserved(addr):
		return &RefusedError{text.Say("the name leads to {Address}, which is no public address; allow its network with --outbound-allow if that is meant", addr)}
	case plain:
		return &RefusedError{"http is not encrypted; write https, or allow the network with --outbound-allow"}
	case to.Port() < 1024 && to.Port() != 443:
		return &RefusedError{text.Say("the port {Port} belongs to another service; use 443, or one above 1023", strconv.Itoa(int(to.Port())))}
	}
	return nil
}

// special are the networks of no public host, beside those that package netip knows:
// the registries of special-purpose addresses, RFC 6890 and its updates. Those that
// wrap IPv4 addresses could lead to any of these.
var special = prefixes(
	"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15",
	"198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
	"::/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32",
	"2002::/16", "3fff::/20", "5f00::/16", "fec0::/10",
)

func prefixes(written ...string) (out []netip.Prefix) {
	for _, one := range written {
		out = append(out, netip.MustParsePrefix(one))
	}
	return out
}

// reserved tells of an address that is no public host's.
func reserved(addr netip.Addr) bool {
	if !addr.IsGlobalUnicast() || addr.IsPrivate() {
		return true
	}
	for _, network := range special {
		if network.Contains(addr) {
			return true
		}
	}
	return false
}

// CheckURL refuses an address that can't be called under the policy, as far as that is
// known before its name is looked up.
func (p Policy) CheckURL(written string) error {
	if err := CheckURL(written); err != nil {
		return err
	}
	u, err := url.Parse(written)
	plain, port := u.Scheme == "http", uint64(443)
	if err == nil && u.Port() != "" {
		port, err = strconv.ParseUint(u.Port(), 10, 16)
	}
	if err != nil {
		return &RefusedError{"write a whole address, such as https://shop.example/hooks"}
	}
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	addr, err := netip.ParseAddr(host)
	switch {
	case err == nil:
		return p.Check(netip.AddrPortFrom(addr, uint16(port)), plain)
	case host == "localhost" || strings.HasSuffix(host, ".localhost"):
		if p.Check(netip.AddrPortFrom(netip.IPv6Loopback(), uint16(port)), plain) == nil {
			return nil
		}
		return p.Check(netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), uint16(port)), plain)
	case len(p.Allow) == 0: // it may lead to no network but public ones
		return p.Check(netip.AddrPortFrom(anyPublic, uint16(port)), plain)
	}
	return nil
}

// anyPublic stands for an address that is not known yet.
var anyPublic = netip.MustParseAddr("8.8.8.8")

// CheckURL refuses an address that can't be called, whatever its name leads to.
func CheckURL(written string) error {
	u, err := url.Parse(written)
	switch {
	case err != nil || u.Host == "" || u.Hostname() == "" || u.Opaque != "":
		return &RefusedError{"write a whole address, such as https://shop.example/hooks"}
	case len(written) > MaxURL:
		return &RefusedError{text.Say("the address is longer than {Most} characters", MaxURL)}
	case u.Scheme != "https" && u.Scheme != "http":
		return &RefusedError{"the address begins with https://"}
	case u.User != nil:
		return &RefusedError{"an address has no name and password; the signature tells who calls"}
	case u.Fragment != "":
		return &RefusedError{"what follows # is never sent; leave it out"}
	}
	return nil
}

// Request is what is sent.
type Request struct {
	Method, URL string
	Header      http.Header
	Body        string
}

// Answer is what came back. Body is at most MaxAnswer bytes of it.
type Answer struct {
	Status int
	Body   []byte
	Header http.Header
}

// Client makes requests under a policy. Its methods may be used by several
// goroutines.
type Client struct {
	secure, plain *http.Transport
}

// New makes a client.
func New(p Policy) *Client {
	return &Client{secure: transport(p, false), plain: transport(p, true)}
}

func transport(p Policy, plain bool) *http.Transport {
	dialer := &net.Dialer{Timeout: Timeout, Control: func(_, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil {
			return &RefusedError{"the name leads to no address"}
		}
		return p.Check(to, plain)
	}}
	return &http.Transport{
		DialContext: dialer.DialContext, TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout: Timeout, ResponseHeaderTimeout: Timeout, IdleConnTimeout: idle,
		MaxIdleConns: 8 * connections, MaxIdleConnsPerHost: connections, MaxConnsPerHost: connections,
		MaxResponseHeaderBytes: maxHeader, DisableCompression: true, ForceAttemptHTTP2: true,
	}
}

// Close ends the connections that wait for the next request.
func (c *Client) Close() {
	c.secure.CloseIdleConnections()
	c.plain.CloseIdleConnections()
}

// Do makes a request and reads its answer, whatever the status. The error is a
// *RefusedError where the policy forbids it, and otherwise says what went wrong on the
// way, without the address.
func (c *Client) Do(ctx context.Context, r *Request) (Answer, error) {
	if err := CheckURL(r.URL); err != nil {
		return Answer{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, Timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, r.Method, r.URL, strings.NewReader(r.Body))
	if err != nil {
		return Answer{}, &RefusedError{"the request can't be written"}
	}
	if r.Header != nil {
		request.Header = r.Header
	}
	trip := c.secure
	if request.URL.Scheme == "http" {
		trip = c.plain
	}
	// A transport follows no redirects and keeps no cookies.
	response, err := trip.RoundTrip(request)
	if err != nil {
		return Answer{}, said(err)
	}
	defer response.Body.Close()
	out := Answer{Status: response.StatusCode, Header: response.Header}
	out.Body, err = io.ReadAll(io.LimitReader(response.Body, MaxAnswer))
	if err != nil {
		return out, said(err)
	}
	return out, nil
}

// said gives the refusal in an error, or the error in short.
func said(err error) error {
	var refused *RefusedError
	var named *net.DNSError
	switch {
	case errors.As(err, &refused):
		return refused
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("there was no answer within %s: %w", Timeout, context.DeadlineExceeded)
	case errors.As(err, &named):
		return &net.DNSError{Err: named.Err, Name: named.Name, IsNotFound: named.IsNotFound, IsTimeout: named.IsTimeout}
	}
	return err
}
