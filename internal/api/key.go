package api

import (
	"errors"
	"net"
	"net/http"
	"strings"

	"premia/internal/auth"
	"premia/internal/core/text"
)

// authenticate gives the key that a request shows.
func (s *Server) authenticate(r *http.Request) (auth.Key, *Problem) {
	header := r.Header.Get("Authorization")
	if header == "" {
		return auth.Key{}, unauthorized("none", "send an API key: Authorization: Bearer pk_…")
	}
	scheme, secret, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return auth.Key{}, unauthorized("scheme", "the Authorization header must be Bearer and an API key")
	}
	key, err := s.keys.Check(r.Context(), strings.TrimSpace(secret))
	switch {
	case err == nil:
		return key, nil
	case errors.Is(err, auth.ErrNoKey):
		return auth.Key{}, unauthorized("unknown", text.Of(err))
	case errors.Is(err, auth.ErrExpired):
		return auth.Key{}, unauthorized("expired", text.Of(err))
	case errors.Is(err, auth.ErrRevoked):
		return auth.Key{}, unauthorized("revoked", text.Of(err))
	}
	return auth.Key{}, problemOf(err)
}

// unauthorized says why no key was found; the reason names the catalogue's
// sentence.
func unauthorized(reason string, detail text.Sentence) *Problem {
	return newProblem(codeUnauthorized, "", detail, "Why", text.New("unauthorized."+reason))
}

// actorOf says who acts with a key, and from where.
func actorOf(key *auth.Key, r *http.Request) auth.Actor {
	address, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		address = r.RemoteAddr
	}
	return auth.Actor{Kind: auth.KindKey, ID: key.ID, Name: key.Name, Scopes: key.Scopes, Address: address}
}
