package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"premia/internal/api"
	"premia/internal/auth"
)

// TestScopes asks every route without a key, with a key that may do all but what
// the route needs, and with one that may do only that.
func TestScopes(t *testing.T) {
	t.Parallel()
	f := open(t, sqlite(t), "enrol")
	scopes := f.server.Scopes()
	if len(scopes) < 25 {
		t.Fatalf("there are only %d routes", len(scopes))
	}
	only, without := map[auth.Scope]string{}, map[auth.Scope]string{}
	for _, scope := range auth.All() {
		only[scope] = f.newKey(string(scope))
		var others []string
		for _, other := range auth.All() {
			if other != scope && other != auth.Admin {
				others = append(others, string(other))
			}
		}
		without[scope] = f.newKey(strings.Join(others, ","))
	}
	replace := strings.NewReplacer("{user}", "x", "{invitation}", "x", "{session}", "x", "{board}", "x", "{member}", "card:1", "{id}", "x", "{version}", "1", "{wallet}", "points", "{key}", "key_x", "{code}", "ABC123")
	for route, scope := range scopes {
		method, path, _ := strings.Cut(replace.Replace(route), " ")
		f.problem(401, "unauthorized", method, path, "", "Authorization", "")
		f.problem(403, "forbidden", method, path, "", "Authorization", "Bearer "+without[scope])
		if w := f.request(method, path, "", "Authorization", "Bearer "+only[scope]); w.Code == 401 || w.Code == 403 {
			t.Errorf("%s with %s: %d %s", route, scope, w.Code, w.Body)
		}
	}
	f.problem(401, "unauthorized", http.MethodGet, "/metrics", "", "Authorization", "")
	f.problem(403, "forbidden", http.MethodPost, "/v1/events", `{"type":"adjustment","member":"card:1","wallet":"points","amount":"1","reason":"x"}`, "Authorization", "Bearer "+only[auth.EventsWrite])
}

// TestEachScopeCanBeGiven makes a key with each scope that there is.
func TestEachScopeCanBeGiven(t *testing.T) {
	t.Parallel()
	f := open(t, sqlite(t), "enrol")
	for _, scope := range auth.All() {
		made := must[api.CreatedAPIKey](f, 201, http.MethodPost, "/v1/api-keys", `{"name":"one","scopes":["`+string(scope)+`"]}`)
		if !slices.Equal(made.Scopes, []string{string(scope)}) {
			t.Errorf("a key for %s may do %v", scope, made.Scopes)
		}
	}
}

// TestKeys makes a key, uses it, and loses it by revocation and by time.
func TestKeys(t *testing.T) {
	t.Parallel()
	onEach(t, "enrol", func(t *testing.T, f *fixture) {
		made := must[api.CreatedAPIKey](f, 201, http.MethodPost, "/v1/api-keys", `{"name":"till","scopes":["programs:read"],"expires_in_days":1}`)
		use := func() int {
			return f.request(http.MethodGet, "/v1/programs", "", "Authorization", "Bearer "+made.Key).Code
		}
		if got := use(); got != 200 {
			t.Errorf("a new key: %d", got)
		}
		list := must[api.APIKeys](f, 200, http.MethodGet, "/v1/api-keys", "")
		at := slices.IndexFunc(list.Keys, func(k api.APIKey) bool { return k.ID == made.ID })
		if len(list.Keys) != 2 || at < 0 || list.Keys[at].Name != "till" || list.Keys[at].LastUsed == nil || strings.Contains(f.request(http.MethodGet, "/v1/api-keys", "").Body.String(), made.Key) {
			t.Errorf("keys: %+v", list)
		}
		f.clock.Advance(24 * time.Hour)
		if got := use(); got != 401 {
			t.Errorf("an expired key: %d", got)
		}
		made = must[api.CreatedAPIKey](f, 201, http.MethodPost, "/v1/api-keys", `{"name":"till","scopes":["programs:read"]}`)
		if got := use(); got != 200 {
			t.Errorf("a new key: %d", got)
		}
		if w := f.request(http.MethodDelete, "/v1/api-keys/"+made.ID, ""); w.Code != 204 {
			t.Errorf("revoked: %d %s", w.Code, w.Body)
		}
		f.clock.Advance(auth.Remembered)
		if got := use(); got != 401 {
			t.Errorf("a revoked key: %d", got)
		}
	})
}

func TestRateLimit(t *testing.T) {
	t.Parallel()
	f := open(t, sqlite(t), "enrol")
	f.server = api.New(api.Config{App: f.app, Clock: f.clock.Now, PerMinute: 5})
	limited := 0
	for range 20 {
		if w := f.request(http.MethodGet, "/v1/programs", ""); w.Code == 429 {
			limited++
			if w.Header().Get("Retry-After") == "" {
				t.Error("there is no Retry-After")
			}
		}
	}
	// The limit is one of the wall clock's minutes, of which the test may see two.
	if limited < 10 || limited > 15 {
		t.Errorf("%d of 20 requests were too many, where 5 a minute may be made", limited)
	}
	if w := f.request(http.MethodGet, "/v1/programs", "", "Authorization", "Bearer "+f.newKey("programs:read")); w.Code != 200 {
		t.Errorf("another key is limited, too: %d", w.Code)
	}
}
