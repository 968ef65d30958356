package api

import (
	"context"
	"net/http"
	"time"

	"premia/internal/auth"
)

// APIKey is a key as it is kept; the key itself is shown only when it is made.
type APIKey struct {
	ID        string   `json:"id"`
	Name      string   `json:"name"`
	Scopes    []string `json:"scopes"`
	CreatedAt string   `json:"created_at" format:"date-time"`
	ExpiresAt *string  `json:"expires_at,omitempty" format:"date-time"`
	RevokedAt *string  `json:"revoked_at,omitempty" format:"date-time"`
	LastUsed  *string  `json:"last_used_at,omitempty" format:"date-time" doc:"to the hour"`
}

// NewAPIKey is a key that is to be made.
type NewAPIKey struct {
	Name          string   `json:"name" minLength:"1" maxLength:"120" doc:"what it is for" example:"web shop"`
	Scopes        []string `json:"scopes" minItems:"1" doc:"what it may do" enum:"events:read,events:write,adjustments:write,members:read,members:write,members:erase,programs:read,programs:write,codes:read,codes:write,metrics:read,gift_cards:write,payouts:write,users:read,users:write,audit:read,webhooks:read,webhooks:write,conversions:write,admin"`
	ExpiresInDays int      `json:"expires_in_days,omitempty" minimum:"1" maximum:"3650" doc:"never, if not said"`
}

// CreatedAPIKey is a new key with its secret.
type CreatedAPIKey struct {
	APIKey
	Key string `json:"key" doc:"the key itself, shown this once"`
}

// APIKeys lists the keys.
type APIKeys struct {
	Keys []APIKey `json:"keys"`
}

func (s *Server) keyRoutes() {
	create := operation(http.MethodPost, "/v1/api-keys", "create-key", "API keys", "Make an API key", auth.Admin)
	create.DefaultStatus = http.StatusCreated
	register(s, withExample(create, exampleKey), auth.Admin, s.createKey)
	list := operation(http.MethodGet, "/v1/api-keys", "list-keys", "API keys", "List the API keys", auth.Admin)
	register(s, list, auth.Admin, s.listKeys)
	revoke := operation(http.MethodDelete, "/v1/api-keys/{key}", "revoke-key", "API keys", "Revoke an API key for good", auth.Admin)
	revoke.DefaultStatus = http.StatusNoContent
	register(s, revoke, auth.Admin, s.revokeKey)
}

func keyOf(k *auth.Key) APIKey {
	out := APIKey{ID: k.ID, Name: k.Name, CreatedAt: rfc3339(k.Created), ExpiresAt: moment(k.Expires), RevokedAt: moment(k.Revoked), LastUsed: moment(k.LastUsed)}
	for _, scope := range k.Scopes {
		out.Scopes = append(out.Scopes, string(scope))
	}
	return out
}

func (s *Server) createKey(ctx context.Context, in *struct{ Body NewAPIKey }) (*struct{ Body CreatedAPIKey }, error) {
	scopes := ""
	for _, scope := range in.Body.Scopes {
		scopes += scope + " "
	}
	secret, k, err := s.app.CreateKey(ctx, in.Body.Name, scopes, time.Duration(in.Body.ExpiresInDays)*24*time.Hour)
	if err != nil {
		return nil, err
	}
	return &struct{ Body CreatedAPIKey }{CreatedAPIKey{keyOf(&k), secret}}, nil
}

func (s *Server) listKeys(ctx context.Context, _ *struct{}) (*struct{ Body APIKeys }, error) {
	keys, err := s.app.Keys(ctx)
	if err != nil {
		return nil, err
	}
	out := APIKeys{Keys: []APIKey{}}
	for i := range keys {
		out.Keys = append(out.Keys, keyOf(&keys[i]))
	}
	return &struct{ Body APIKeys }{out}, nil
}

func (s *Server) revokeKey(ctx context.Context, in *struct {
	Key string `path:"key" maxLength:"100" doc:"the key's id, key_…"`
}) (*struct{}, error) {
	return nil, s.app.RevokeKey(ctx, in.Key)
}
