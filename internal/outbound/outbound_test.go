package outbound_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"testing"

	"premia/internal/core/text"
	"premia/internal/outbound"
)

// No address of a network that is not public is dialled, however it is written.
func TestReservedAddresses(t *testing.T) {
	t.Parallel()
	for _, addr := range []string{
		"127.0.0.1", "127.9.9.9", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
		"100.64.0.1", "100.127.255.255", "192.0.0.170", "192.0.2.1", "198.18.0.1", "224.0.0.1", "239.1.1.1", "255.255.255.255", "240.0.0.1",
		"::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1", "fec0::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
		"::7f00:1", "64:ff9b::a00:1", "2002:a00:1::1", "2001:0:a00:1::1", "2001:db8::1",
	} {
		to := netip.AddrPortFrom(netip.MustParseAddr(addr), 443)
		var refused *outbound.RefusedError
		if err := (outbound.Policy{}).Check(to, false); !errors.As(err, &refused) {
			t.Errorf("%s may be dialled: %v", addr, err)
		}
	}
	for _, addr := range []string{"8.8.8.8", "172.32.0.1", "100.128.0.1", "169.253.0.1", "2a00:1450::1", "::ffff:8.8.8.8", "193.0.0.1"} {
		if err := (outbound.Policy{}).Check(netip.AddrPortFrom(netip.MustParseAddr(addr), 443), false); err != nil {
			t.Errorf("%s may not be dialled: %v", addr, err)
		}
	}
}

// Ports of other services, and what is not encrypted, are for allowed networks.
func TestPortsAndPlainText(t *testing.T) {
	t.Parallel()
	public := netip.MustParseAddr("8.8.8.8")
	allowed, err := outbound.ParsePolicy([]string{"8.8.8.0/24", "fd00::1"})
	if err != nil {
		t.Fatal(err)
	}
	for port, good := range map[uint16]bool{22: false, 25: false, 80: false, 443: true, 1023: false, 8443: true} {
		to := netip.AddrPortFrom(public, port)
		if err := (outbound.Policy{}).Check(to, false); (err == nil) != good {
			t.Errorf("port %d: %v", port, err)
		}
		if err := (outbound.Policy{}).Check(to, true); err == nil {
			t.Errorf("port %d in plain text", port)
		}
		if err := allowed.Check(to, true); err != nil {
			t.Errorf("port %d of an allowed network: %v", port, err)
		}
	}
	if err := allowed.Check(netip.MustParseAddrPort("[fd00::1]:80"), true); err != nil {
		t.Error(err)
	}
	if err := allowed.Check(netip.MustParseAddrPort("[fd00::2]:443"), false); err == nil {
		t.Error("a neighbour of an allowed address may be dialled")
	}
}

func TestBadNetworks(t *testing.T) {
	t.Parallel()
	for _, written := range []string{"", "localhost", "10.0.0.0/33", "::ffff:10.0.0.0/104", "10.0.0", "fe80::1%eth0"} {
		if _, err := outbound.ParsePolicy([]string{written}); err == nil {
			t.Errorf("%q is taken", written)
		}
	}
}

func TestBadAddresses(t *testing.T) {
	t.Parallel()
	for _, written := range []string{
		"", "shop.example", "//shop.example/x", "ftp://shop.example", "file:///etc/passwd", "gopher://x/", "https://", "https://:443/",
		"https://a:b@shop.example/", "https://user@shop.example/", "https://shop.example/#x", "https:shop.example", "http://[::1", "https://x/" + strings.Repeat("a", outbound.MaxURL),
	} {
		if err := outbound.CheckURL(written); err == nil {
			t.Errorf("%q is taken", written)
		}
	}
}

func post(to string) *outbound.Request {
	return &outbound.Request{Method: http.MethodPost, URL: to, Body: "x"}
}

// A name that leads to this machine is refused when it is dialled; the receiver
// hears nothing. Where the network is allowed it is called.
func TestDialling(t *testing.T) {
	t.Parallel()
	heard := 0
	receiver := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { heard++ }))
	defer receiver.Close()
	at, err := url.Parse(receiver.URL)
	if err != nil {
		t.Fatal(err)
	}
	closed := outbound.New(outbound.Policy{})
	defer closed.Close()
	for _, host := range []string{"127.0.0.1", "localhost", "[::ffff:127.0.0.1]"} {
		for _, scheme := range []string{"http", "https"} {
			_, err := closed.Do(context.Background(), post(scheme+"://"+host+":"+at.Port()))
			var refused *outbound.RefusedError
			if !errors.As(err, &refused) {
				t.Errorf("%s://%s: %v", scheme, host, err)
			}
		}
	}
	if heard != 0 {
		t.Fatalf("the receiver heard %d requests", heard)
	}
	answer, err := local(t).Do(context.Background(), post(receiver.URL))
	if err != nil || answer.Status != 200 || heard != 1 {
		t.Errorf("allowed: %+v %v, heard %d", answer, err, heard)
	}
}

// local is a client that may call this machine.
func local(t *testing.T) *outbound.Client {
	t.Helper()
	p, err := outbound.ParsePolicy([]string{"127.0.0.0/8", "::1"})
	if err != nil {
		t.Fatal(err)
	}
	c := outbound.New(p)
	t.Cleanup(c.Close)
	return c
}

// A redirect is an answer like others, and of a long answer little is read.
func TestAnswers(t *testing.T) {
	t.Parallel()
	var heard []string
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		heard = append(heard, r.URL.Path)
		if r.URL.Path == "/moved" {
			http.Redirect(w, r, "/secret", http.StatusTemporaryRedirect)
			return
		}
		for range 1000 {
			_, _ = w.Write(make([]byte, 1024))
		}
	}))
	defer receiver.Close()
	c := local(t)
	moved, err := c.Do(context.Background(), post(receiver.URL+"/moved"))
	if err != nil || moved.Status != http.StatusTemporaryRedirect || len(heard) != 1 {
		t.Errorf("moved: %+v %v, heard %v", moved, err, heard)
	}
	long, err := c.Do(context.Background(), post(receiver.URL+"/long"))
	if err != nil || len(long.Body) != outbound.MaxAnswer {
		t.Errorf("%d bytes: %v", len(long.Body), err)
	}
}

// An encrypted connection to a receiver whose certificate nobody vouches for fails.
func TestCertificates(t *testing.T) {
	t.Parallel()
	receiver := httptest.NewTLSServer(http.NotFoundHandler())
	defer receiver.Close()
	if answer, err := local(t).Do(context.Background(), post(receiver.URL)); err == nil {
		t.Errorf("answered %+v", answer)
	}
}

// What went wrong is told by its kind, and the kind is found again in what is kept.
func TestKindsOfFailures(t *testing.T) {
	t.Parallel()
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	defer secure.Close()
	plain := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	defer plain.Close()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	do := func(address string) error {
		_, err := local(t).Do(context.Background(), post(address))
		return err
	}
	for what, c := range map[string]struct {
		err  error
		kind text.Sentence
	}{
		"a certificate of nobody":  {do(secure.URL), outbound.NotTrusted},
		"plain text where TLS is":  {do(strings.Replace(plain.URL, "http:", "https:", 1)), outbound.NotEncrypted},
		"an answer broken off":     {do(plain.URL), outbound.BrokenOff},
		"a port nobody listens at": {do(gone.URL), outbound.NobodyThere},
		"a network of this house":  {do("https://10.1.2.3/"), outbound.Forbidden},
		"a name of nobody":         {&net.DNSError{Err: "no such host", Name: "shop.invalid", IsNotFound: true}, outbound.UnknownHost},
		"no answer":                {fmt.Errorf("wait: %w", context.DeadlineExceeded), outbound.TimedOut},
		"no answer of names":       {&net.DNSError{Err: "i/o timeout", Name: "shop.example", IsTimeout: true}, outbound.TimedOut},
		"no way":                   {&net.OpError{Op: "dial", Err: syscall.ENETUNREACH}, outbound.Unreachable},
		"something else":           {errors.New("the moon is full"), ""},
	} {
		said := outbound.Explain(c.err)
		kind, detail := outbound.Understand(said)
		if kind != c.kind || detail != c.err.Error() {
			t.Errorf("%s: %q is %q with %q", what, said, kind, detail)
		}
	}
}

// What can never be called is refused as soon as it is written down.
func TestAddressesUnderAPolicy(t *testing.T) {
	t.Parallel()
	house, err := outbound.ParsePolicy([]string{"10.1.0.0/16", "127.0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	for written, good := range map[string][2]bool{ // without networks, and with those of the house
		"https://shop.example/hooks":      {true, true},
		"https://shop.example:8443/hooks": {true, true},
		"http://shop.example/hooks":       {false, true}, // it may lead into the house
		"https://shop.example:22/hooks":   {false, true},
		"https://localhost/hooks":         {false, true},
		"https://a.localhost./hooks":      {false, true},
		"https://127.0.0.2/hooks":         {false, false},
		"https://[::1]/hooks":             {false, false},
		"https://10.1.2.3/hooks":          {false, true},
		"http://10.1.2.3:8080/hooks":      {false, true},
		"https://8.8.8.8/hooks":           {true, true},
		"http://8.8.8.8/hooks":            {false, false},
		"https://shop.example:99999/":     {false, false},
		"shop.example":                    {false, false},
	} {
		for i, p := range []outbound.Policy{{}, house} {
			if err := p.CheckURL(written); (err == nil) != good[i] {
				t.Errorf("%s under %v: %v", written, p.Allow, err)
			}
		}
	}
}
