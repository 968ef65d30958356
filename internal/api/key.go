package api

import (
	"errors"
	"net/http"
	"strings"

	"premia/internal/auth"
)

// authenticate gives the key that a request shows.
func (s *Server) authenticate(r *http.Request) (auth.Key, *Problem) {
	header := r.Header.Get("Authorization")
	if header == "" {
		return auth.Key{}, newProblem(codeUnauthorized, "", "send an API key: Authorization: Bearer pk_…")
	}
	scheme, secret, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return auth.Key{}, newProblem(codeUnauthorized, "", "the Authorization header must be Bearer and an API key")
	}
	key, err := s.keys.Check(r.Context(), strings.TrimSpace(secret))
	switch {
	case err == nil:
		return key, nil
	case errors.Is(err, auth.ErrNoKey), errors.Is(err, auth.ErrExpired), errors.Is(err, auth.ErrRevoked):
		return auth.Key{}, newProblem(codeUnauthorized, "", err.Error())
	}
	return auth.Key{}, problemOf(err)
}
