package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/letsencrypt/pebble/v2/ca"
	"github.com/letsencrypt/pebble/v2/db"
	"github.com/letsencrypt/pebble/v2/va"
	"github.com/letsencrypt/pebble/v2/wfe"
	"github.com/miekg/dns"

	"premia/internal/core/calendar"
)

var silent = slog.New(slog.DiscardHandler)

// writeCertificate makes a certificate for localhost with the serial number and
// writes it and its key.
func writeCertificate(t *testing.T, cert, key string, serial int64) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
		// Files that were written in one tick of the clock of the disk look alike.
		later := time.Now().Add(time.Duration(serial) * time.Second)
		if err := os.Chtimes(name, later, later); err != nil {
			t.Fatal(err)
		}
	}
}

// serveHello answers with the protocol on the listener.
func serveHello(t *testing.T, l net.Listener) {
	t.Helper()
	s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.Proto) }), ErrorLog: log.New(io.Discard, "", 0)}
	go func() { _ = s.Serve(l) }()
	t.Cleanup(func() { _ = s.Close() })
}

func TestCertificateFilesAreReadAgain(t *testing.T) {
	dir := t.TempDir()
	o := tlsOptions{Cert: filepath.Join(dir, "cert.pem"), Key: filepath.Join(dir, "key.pem")}
	writeCertificate(t, o.Cert, o.Key, 1)
	l, err := o.listen(t.Context(), "127.0.0.1:0", silent)
	if err != nil {
		t.Fatal(err)
	}
	serveHello(t, l)
	serial := func() int64 {
		t.Helper()
		c, err := tls.Dial("tcp", l.Addr().String(), &tls.Config{InsecureSkipVerify: true})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		return c.ConnectionState().PeerCertificates[0].SerialNumber.Int64()
	}
	if got := serial(); got != 1 {
		t.Errorf("the first certificate is %d", got)
	}
	writeCertificate(t, o.Cert, o.Key, 2)
	if got := serial(); got != 2 {
		t.Errorf("the renewed certificate is %d", got)
	}
	if err := os.WriteFile(o.Cert, []byte("cut off"), 0o600); err != nil {
		t.Fatal(err)
	}
	if shown := o.certificates(); len(shown) != 1 || shown[0].Name != o.Cert || shown[0].Err != nil || shown[0].Ends-calendar.Of(time.Now()) > calendar.Hour {
		t.Errorf("the server knows of %+v", shown)
	}
	if got := serial(); got != 2 {
		t.Errorf("after a broken file it is %d", got)
	}
	if shown := o.certificates(); len(shown) != 1 || shown[0].Err == nil || shown[0].Ends == calendar.None {
		t.Errorf("after a broken file the server knows of %+v", shown)
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: true}}
	answer, err := client.Get("https://" + l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.ProtoMajor != 2 {
		t.Errorf("HTTP %s is spoken", answer.Proto)
	}
	if _, err := tls.Dial("tcp", l.Addr().String(), &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS11}); err == nil {
		t.Error("TLS 1.1 was spoken")
	}
}

func TestOptionsOfTLSThatMakeNoSense(t *testing.T) {
	for words, o := range map[string]tlsOptions{
		"a certificate needs its key":  {Cert: "cert.pem"},
		"not both":                     {Cert: "c", Key: "k", Domain: []string{"club.example.com"}},
		"needs --tls-cert":             {Redirect: ":80"},
		"is no domain":                 {Domain: []string{"https://club.example.com"}},
		"no such file":                 {Cert: "nowhere.pem", Key: "nowhere.key"},
		`"localhost" is no domain`:     {Domain: []string{"localhost"}},
		`"*.example.com" is no domain`: {Domain: []string{"*.example.com"}},
	} {
		if l, err := o.listen(t.Context(), "127.0.0.1:0", silent); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%+v: %v, %v; want %q", o, l, err, words)
		}
	}
}

func TestVisitorsAreSentOnToHTTPS(t *testing.T) {
	for method, want := range map[string]int{"GET": http.StatusMovedPermanently, "POST": http.StatusBadRequest} {
		w := httptest.NewRecorder()
		toHTTPS(w, httptest.NewRequest(method, "http://club.example.com:80/till?a=b%20c", nil))
		if w.Code != want {
			t.Errorf("%s: %d", method, w.Code)
		}
		if at := w.Header().Get("Location"); method == "GET" && at != "https://club.example.com/till?a=b%20c" {
			t.Errorf("sent to %q", at)
		}
	}
}

// TestCertificateByACME gets a certificate from Pebble, the authority that its
// makers test clients with. Pebble asks our own name server where the domain is,
// and our listener for the proof.
func TestCertificateByACME(t *testing.T) {
	t.Setenv("PEBBLE_VA_NOSLEEP", "1")
	t.Setenv("PEBBLE_WFE_NONCEREJECT", "0")
	quiet := log.New(io.Discard, "", 0)
	var answers http.Handler
	authority := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { answers.ServeHTTP(w, r) }))
	t.Cleanup(authority.Close)
	o := tlsOptions{Domain: []string{"club.example.com"}, Cache: t.TempDir(), Authority: authority.URL + wfe.DirectoryPath, client: authority.Client()}
	l, err := o.listen(t.Context(), "127.0.0.1:0", slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	serveHello(t, l)
	port := l.Addr().(*net.TCPAddr).Port
	memory := db.NewMemoryStore()
	issuer := ca.New(quiet, memory, "", "ecdsa", 0, 1, map[string]ca.Profile{"default": {}})
	front := wfe.New(quiet, memory, va.New(quiet, port, port, false, localNames(t), memory), issuer, []string{"pebble.letsencrypt.org"}, false, false, 1, 1)
	answers = front.Handler()
	roots := x509.NewCertPool()
	roots.AddCert(issuer.GetRootCert(0).Cert)
	c, err := tls.Dial("tcp", l.Addr().String(), &tls.Config{ServerName: "club.example.com", RootCAs: roots})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.HandshakeContext(context.Background()); err != nil {
		t.Fatal(err)
	}
	kept, err := os.ReadDir(o.Cache)
	if err != nil || len(kept) < 2 {
		t.Errorf("the certificate and the account's key are not kept: %v, %v", kept, err)
	}
	if _, err := tls.Dial("tcp", l.Addr().String(), &tls.Config{ServerName: "elsewhere.example.com", InsecureSkipVerify: true}); err == nil {
		t.Error("a certificate for a domain of somebody else was given")
	}
	leaf := c.ConnectionState().PeerCertificates[0]
	if shown := o.certificates(); len(shown) != 1 || shown[0].Name != "club.example.com" || shown[0].Err != nil || shown[0].Ends != calendar.Of(leaf.NotAfter) {
		t.Errorf("the server knows of %+v, and the certificate ends at %s", shown, leaf.NotAfter)
	}
	refused := tlsOptions{Domain: o.Domain, Cache: t.TempDir(), Authority: authority.URL + "/nowhere", client: authority.Client()}
	other, err := refused.listen(t.Context(), "127.0.0.1:0", silent)
	if err != nil {
		t.Fatal(err)
	}
	serveHello(t, other)
	if _, err := tls.Dial("tcp", other.Addr().String(), &tls.Config{ServerName: "club.example.com", InsecureSkipVerify: true}); err == nil {
		t.Error("there is a certificate that no authority gave")
	}
	if shown := refused.certificates(); len(shown) != 1 || shown[0].Err == nil || shown[0].Ends != calendar.None {
		t.Errorf("without an authority the server knows of %+v", shown)
	}
}

// localNames is a name server for which every name is this machine.
func localNames(t *testing.T) string {
	t.Helper()
	at, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &dns.Server{Listener: at, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, asked *dns.Msg) {
		m := new(dns.Msg).SetReply(asked)
		for _, q := range asked.Question {
			if q.Qtype == dns.TypeA {
				m.Answer = append(m.Answer, &dns.A{Hdr: dns.RR_Header{Name: q.Name, Rrtype: q.Qtype, Class: q.Qclass, Ttl: 1}, A: net.IPv4(127, 0, 0, 1)})
			}
		}
		_ = w.WriteMsg(m)
	})}
	go func() { _ = s.ActivateAndServe() }()
	t.Cleanup(func() { _ = at.Close() })
	return at.Addr().String()
}
