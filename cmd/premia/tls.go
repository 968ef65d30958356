package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"

	"premia/internal/app"
	"premia/internal/core/calendar"
)

// tlsOptions say how the server speaks TLS: with certificate files of its own, or
// with certificates that it gets from an authority by ACME. Without either it
// speaks plain HTTP, for localhost or behind a proxy.
type tlsOptions struct {
	Cert      string   `help:"The file of the server's certificate and those above it, in PEM; read again when it changes."`
	Key       string   `help:"The file of the certificate's key, in PEM."`
	Domain    []string `help:"Get certificates for these domains by ACME."`
	Email     string   `help:"Where the authority may write about certificates."`
	Cache     string   `default:"certificates" help:"The folder in which certificates from ACME are kept (${default})."`
	Authority string   `default:"https://acme-v02.api.letsencrypt.org/directory" help:"The authority's directory (${default})."`
	Redirect  string   `help:"Also listen here, such as :80, send visitors on to HTTPS, and answer the authority."`

	// client speaks to the authority; nil is the usual one.
	client *http.Client
	// shown has the certificates that visitors were shown, or why they were not.
	shown *shownCertificates
}

func (o *tlsOptions) on() bool { return o.Cert != "" || len(o.Domain) > 0 }

// check says which options contradict one another.
func (o *tlsOptions) check() error {
	switch {
	case (o.Cert == "") != (o.Key == ""):
		return usagef("a certificate needs its key: give both --tls-cert and --tls-key")
	case o.Cert != "" && len(o.Domain) > 0:
		return usagef("certificates come from files (--tls-cert) or by ACME (--tls-domain), not both")
	case o.Redirect != "" && !o.on():
		return usagef("--tls-redirect sends visitors on to HTTPS, which needs --tls-cert or --tls-domain")
	}
	for _, domain := range o.Domain {
		if strings.ContainsAny(domain, ":/*") || !strings.Contains(domain, ".") {
			return usagef("%q is no domain that ACME can certify: write a name such as club.example.com", domain)
		}
	}
	return nil
}

// listen takes the address, with TLS if that is wanted.
func (o *tlsOptions) listen(ctx context.Context, address string, log *slog.Logger) (net.Listener, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	config, challenges, err := o.config(log)
	if err != nil {
		return nil, err
	}
	plain, err := listen(ctx, address)
	if err != nil || config == nil {
		return plain, err
	}
	if o.Redirect != "" {
		if err := o.redirect(ctx, challenges, log); err != nil {
			return nil, errors.Join(err, plain.Close())
		}
	}
	return tls.NewListener(plain, config), nil
}

// config gives what TLS needs, and what answers an authority by plain HTTP; both
// nil without TLS.
func (o *tlsOptions) config(log *slog.Logger) (*tls.Config, func(http.Handler) http.Handler, error) {
	same := func(h http.Handler) http.Handler { return h }
	o.shown = &shownCertificates{each: make(map[string]app.Certificate)}
	switch {
	case o.Cert != "":
		files := &certificateFiles{cert: o.Cert, key: o.Key, log: log}
		if _, err := files.get(nil); err != nil {
			return nil, nil, fmt.Errorf("the certificate: %w", err)
		}
		o.shown.note(o.Cert, files.last, nil)
		get := func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			certificate, err := files.get(hello)
			o.shown.note(o.Cert, certificate, files.failure())
			return certificate, err
		}
		return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: get, NextProtos: []string{"h2", "http/1.1"}}, same, nil
	case len(o.Domain) > 0:
		m := &autocert.Manager{
			Prompt: autocert.AcceptTOS, Email: o.Email, HostPolicy: autocert.HostWhitelist(o.Domain...),
			Cache: autocert.DirCache(o.Cache), Client: &acme.Client{DirectoryURL: o.Authority, UserAgent: "premia", HTTPClient: o.client},
		}
		config := m.TLSConfig()
		config.MinVersion = tls.VersionTLS12
		config.GetCertificate = func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			certificate, err := m.GetCertificate(hello)
			if slices.Contains(o.Domain, hello.ServerName) && !slices.Contains(hello.SupportedProtos, acme.ALPNProto) {
				o.shown.note(hello.ServerName, certificate, err)
			}
			if err != nil {
				// Whoever calls is only told that something went wrong.
				log.Warn("there is no certificate for a visitor", "domain", hello.ServerName, "error", err)
			}
			return certificate, err
		}
		return config, m.HTTPHandler, nil
	}
	return nil, nil, nil
}

// shownCertificates are the newest of each name.
type shownCertificates struct {
	mu   sync.Mutex
	each map[string]app.Certificate
}

// note takes up what became of showing a visitor the certificate of a name. One that is
// there stays known while a new one can't be got.
func (s *shownCertificates) note(name string, c *tls.Certificate, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	one := s.each[name]
	one.Name, one.Err = name, err
	if c != nil && c.Leaf != nil {
		one.Ends = calendar.Of(c.Leaf.NotAfter)
	}
	s.each[name] = one
}

// certificates gives those of the server, by name. While nobody visits, a renewal that
// fails is not known; that the certificate ends is.
func (o *tlsOptions) certificates() []app.Certificate {
	if o.shown == nil {
		return nil
	}
	o.shown.mu.Lock()
	defer o.shown.mu.Unlock()
	return slices.SortedFunc(maps.Values(o.shown.each), func(x, y app.Certificate) int { return strings.Compare(x.Name, y.Name) })
}

// redirect sends visitors of plain HTTP on to HTTPS until ctx ends.
func (o *tlsOptions) redirect(ctx context.Context, challenges func(http.Handler) http.Handler, log *slog.Logger) error {
	at, err := listen(ctx, o.Redirect)
	if err != nil {
		return err
	}
	s := &http.Server{Handler: challenges(http.HandlerFunc(toHTTPS)), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second}
	go func() {
		if err := s.Serve(at); !errors.Is(err, http.ErrServerClosed) {
			log.Error("sending visitors on to HTTPS ended", "error", err)
		}
	}()
	context.AfterFunc(ctx, func() { _ = s.Close() })
	return nil
}

// toHTTPS sends a visitor to the same address by HTTPS.
func toHTTPS(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		http.Error(w, "Use HTTPS.", http.StatusBadRequest)
		return
	}
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	http.Redirect(w, r, "https://"+host+r.URL.RequestURI(), http.StatusMovedPermanently)
}

// certificateFiles gives a certificate from files, and reads them again when they
// change, so that renewing needs no restart. While they can't be read, or don't
// belong together, the last good certificate stays.
type certificateFiles struct {
	cert, key string
	log       *slog.Logger

	mu    sync.Mutex
	stamp [2]time.Time
	last  *tls.Certificate
	// err is why what stands in the files now is not used.
	err error
}

// failure gives why what stands in the files now is not used; nil if it is.
func (f *certificateFiles) failure() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.err
}

func (f *certificateFiles) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	stamp, err := f.changed()
	if err == nil && f.last != nil && stamp == f.stamp {
		return f.last, nil
	}
	var read tls.Certificate
	if err == nil {
		read, err = tls.LoadX509KeyPair(f.cert, f.key)
	}
	switch {
	case err == nil:
		f.last, f.stamp, f.err = &read, stamp, nil
	case f.last == nil:
		return nil, err
	default:
		f.stamp, f.err = stamp, err // told once, and tried again at the next change
		f.log.Error("the new certificate can't be used; the old one stays", "error", err)
	}
	return f.last, nil
}

// changed gives when the files were last written.
func (f *certificateFiles) changed() (stamp [2]time.Time, err error) {
	for i, name := range []string{f.cert, f.key} {
		info, err := os.Stat(name)
		if err != nil {
			return stamp, err
		}
		stamp[i] = info.ModTime()
	}
	return stamp, nil
}
