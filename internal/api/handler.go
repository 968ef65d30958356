package api

import (
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/text"
)

// policy lets a page use what this server serves and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
	if strings.HasPrefix(r.URL.Path, "/v1/") {
		h.Set("Cache-Control", "no-store")
	}
	out := &recorder{ResponseWriter: w, server: s, request: r}
	defer func() {
		if p := recover(); p != nil && p != http.ErrAbortHandler {
			// The route and not the path, which may name a member by an identity.
			s.app.Log.Error("a request made the server fail", "route", routeOf(r.Pattern), "panic", p, "stack", string(debug.Stack()))
			if out.status == 0 {
				s.writeProblem(out, r, newProblem(app.CodeInternal, "", "the request could not be done because of a mistake on the server's side"))
			}
		}
		s.metrics.request(routeOf(r.Pattern), out.status, time.Since(began))
	}()
	s.mux.ServeHTTP(out, r)
}

// Serves tells whether the API answers at the request's address: all that is under
// /v1, and what else it has a route for, by whatever method.
func (s *Server) Serves(r *http.Request) bool {
	if r.URL.Path == "/v1" || strings.HasPrefix(r.URL.Path, "/v1/") {
		return true
	}
	known := *r
	known.Method = http.MethodGet // by which everything outside /v1 is asked for
	_, pattern := s.mux.Handler(&known)
	return pattern != ""
}

// recorder remembers the status of an answer, and puts problem documents in the
// place of the plain texts that the router answers with where there is no route.
type recorder struct {
	http.ResponseWriter
	server   *Server
	request  *http.Request
	status   int
	replaced bool
}

// Unwrap lets http.ResponseController reach the writer below.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// WriteHeader begins the answer.
func (w *recorder) WriteHeader(status int) {
	if w.status != 0 {
		return
	}
	w.status = status
	if w.request.Pattern != "" || (status != http.StatusNotFound && status != http.StatusMethodNotAllowed) {
		w.ResponseWriter.WriteHeader(status)
		return
	}
	w.replaced = true
	p := newProblem(codeNotFound, "", text.Say("there is nothing at {Path}; the API is under /v1, and /docs describes it", w.request.URL.Path))
	if status == http.StatusMethodNotAllowed {
		allowed := w.Header().Get("Allow")
		p = newProblem(codeMethod, "", text.Say("this address knows {Allowed} only", allowed), "Allowed", allowed)
	}
	w.server.writeProblem(w.ResponseWriter, w.request, p)
}

// Write goes on with the answer.
func (w *recorder) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	if w.replaced {
		return len(b), nil
	}
	return w.ResponseWriter.Write(b)
}

// Health is the answer of a server that lives.
type Health struct {
	Status string `json:"status" enum:"ok"`
}

// Readiness tells whether a server can do its work.
type Readiness struct {
	Ready  bool             `json:"ready"`
	Checks []ReadinessCheck `json:"checks"`
}

// ReadinessCheck is one thing that must be so.
type ReadinessCheck struct {
	Name string `json:"name"`
	OK   bool   `json:"ok"`
}

func (s *Server) serverRoutes() {
	s.mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) {
		if p := writeJSON(w, http.StatusOK, Health{"ok"}); p != nil {
			s.writeProblem(w, r, p)
		}
	})
	s.mux.HandleFunc("GET /readyz", s.ready)
	metrics := s.metrics.handler()
	s.mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, r *http.Request) {
		if _, p := s.authorize(w, r, auth.MetricsRead); p != nil {
			s.writeProblem(w, r, p)
			return
		}
		metrics.ServeHTTP(w, r)
	})
	s.mux.HandleFunc("GET /program.schema.json", s.schemaRoute)
}

// ready tells whoever balances load whether to send any here. Why not is in the
// log, since anybody may ask.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	out := Readiness{Ready: true}
	for _, c := range s.app.Ready(r.Context(), s.sweeper) {
		out.Checks = append(out.Checks, ReadinessCheck{c.Name, c.Err == nil})
		if c.Err != nil {
			out.Ready = false
			s.app.Log.Warn("the server is not ready", "check", c.Name, "error", c.Err)
		}
	}
	status := http.StatusOK
	if !out.Ready {
		status = http.StatusServiceUnavailable
	}
	if p := writeJSON(w, status, &out); p != nil {
		s.writeProblem(w, r, p)
	}
}
