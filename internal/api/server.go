package api

import (
	"context"
	"maps"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/go-chi/httprate"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/text"
	"premia/internal/journal"
)

// The bounds of requests.
const (
	maxBody       = 256 << 10 // of one event, and of every body that has no other bound
	maxBatchBody  = 8 << 20
	maxBatch      = 1_000 // events
	maxPage       = app.MaxPage
	defaultPage   = 20
	defaultPerMin = 600_000
)

// Config says how to serve a workspace.
type Config struct {
	App     *app.App
	Metrics *Metrics
	// Clock tells the time; nil is the machine's clock.
	Clock func() time.Time
	// Sweeper is what readiness asks for; nil where there is none.
	Sweeper *journal.Sweeper
	// PerMinute is how many requests a key may make in a minute; 0 is 600,000.
	PerMinute int
	// Version of Premia, for the API's document.
	Version string
	// Unaudited hears of a request that did something and left no row in the audit trail,
	// and of operations that do not declare what they leave, by id; nil logs it.
	Unaudited func(operation string)
}

// Server answers HTTP requests. It is an http.Handler.
type Server struct {
	app     *app.App
	keys    *auth.Keeper
	metrics *Metrics
	sweeper *journal.Sweeper
	limit   *httprate.RateLimiter
	mux     *http.ServeMux
	api     huma.API
	static  map[string]asset
	scopes  map[string]auth.Scope
	// writes are the ids of the operations that write.
	writes    []string
	unaudited func(operation string)
}

// New makes a server.
func New(c Config) *Server {
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.PerMinute == 0 {
		c.PerMinute = defaultPerMin
	}
	if c.Metrics == nil {
		c.Metrics = NewMetrics()
	}
	s := &Server{
		app: c.App, keys: auth.NewKeeper(c.App.Store, c.Clock), metrics: c.Metrics, sweeper: c.Sweeper,
		limit: httprate.NewRateLimiter(c.PerMinute, time.Minute, httprate.WithResponseHeaders(httprate.ResponseHeaders{RetryAfter: "Retry-After"})), mux: http.NewServeMux(), scopes: make(map[string]auth.Scope),
	}
	if s.unaudited = c.Unaudited; s.unaudited == nil {
		s.unaudited = func(operation string) { c.App.Log.Error("an act is not in the audit trail", "operation", operation) }
	}
	c.Metrics.watch(c.App)
	s.document(c.Version)
	s.eventRoutes()
	s.memberRoutes()
	s.walletRoutes()
	s.rewardRoutes()
	s.transferRoutes()
	s.tierRoutes()
	s.codeRoutes()
	s.challengeRoutes()
	s.giftCardRoutes()
	s.adjustmentRoutes()
	s.priceRoutes()
	s.familyRoutes()
	s.referralRoutes()
	s.offerRoutes()
	s.payoutRoutes()
	s.contestRoutes()
	s.sandboxRoutes()
	s.leaderboardRoutes()
	s.ambassadorRoutes()
	s.webhookRoutes()
	s.postbackRoutes()
	s.conversionRoutes()
	s.programRoutes()
	s.keyRoutes()
	s.accessRoutes()
	s.serverRoutes()
	s.pageRoutes()
	s.undeclared()
	return s
}

// OpenAPI gives the API's document as JSON.
func (s *Server) OpenAPI() ([]byte, error) { return s.api.OpenAPI().MarshalJSON() }

// document begins the API's document.
func (s *Server) document(version string) {
	useProblems()
	if version == "" {
		version = "development"
	}
	c := huma.DefaultConfig("Premia", version)
	c.Info.Description = description
	c.Info.License = &huma.License{Name: "Apache 2.0", Identifier: "Apache-2.0"}
	c.OpenAPIPath, c.DocsPath, c.SchemasPath = "/openapi", "", ""
	c.CreateHooks = nil
	c.Formats = map[string]huma.Format{"application/json": huma.DefaultJSONFormat, "json": huma.DefaultJSONFormat}
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"key": {Type: "http", Scheme: "bearer", Description: "An API key, `pk_…`, made by `premia apikey create`."},
	}
	c.Transformers = []huma.Transformer{func(ctx huma.Context, _ string, v any) (any, error) {
		if p, ok := v.(*Problem); ok {
			return s.say(p, ctx.Header("Accept-Language")), nil
		}
		return v, nil
	}}
	s.api = humago.New(s.mux, c)
}

const description = "Premia runs loyalty programs: it keeps members' wallets, applies the program's rules to every purchase, and can say why.\n\n" +
	"- **Money and points** are decimal strings with their unit. **Times** are RFC 3339.\n" +
	"- **A member** is named by id, `mem_…`, or by an identity, such as `card:2900000000001` or `email:anna@example.com`.\n" +
	"- **Every write is done once.** It takes an `id`, or an `Idempotency-Key` header; the same request again gets the first answer, and the same id with another body is an error.\n" +
	"- **Errors** are problem documents (RFC 9457) with a stable `code`, a sentence in the language of `Accept-Language` (en, pl, cs, ru), and the `path` of the field.\n" +
	"- **Lists** are paged: send the `next_cursor` of one page as the `cursor` of the next."

// operation is what all operations have in common. An empty scope is for those
// that need no key.
func operation(method, path, id, tag, summary string, scope auth.Scope) huma.Operation {
	op := huma.Operation{
		Method: method, Path: path, OperationID: id, Tags: []string{tag}, Summary: summary,
		MaxBodyBytes: maxBody, RejectUnknownQueryParameters: true,
	}
	if scope != "" {
		op.Security = []map[string][]string{{"key": {}}}
		op.Description = "Needs a key with the scope `" + string(scope) + "`."
	}
	return op
}

// register adds an operation whose handler returns plain errors.
func register[I, O any](s *Server, op huma.Operation, scope auth.Scope, handle func(context.Context, *I) (*O, error)) {
	if op.Method != http.MethodGet {
		s.writes = append(s.writes, op.OperationID)
	}
	if scope != "" {
		s.scopes[op.Method+" "+op.Path] = scope
		op.Middlewares = append(op.Middlewares, func(ctx huma.Context, next func(huma.Context)) {
			r, w := humago.Unwrap(ctx)
			key, p := s.authorize(w, r, scope)
			if p != nil {
				s.writeProblem(w, r, p)
				return
			}
			next(huma.WithContext(ctx, app.WithActor(ctx.Context(), actorOf(&key, r))))
		})
	}
	audited := actsOf(op.OperationID) != ""
	huma.Register(s.api, op, func(ctx context.Context, in *I) (*O, error) {
		var trail *app.Trail
		if audited {
			ctx, trail = app.WithTrail(ctx)
		}
		out, err := handle(ctx, in)
		if err != nil {
			return nil, problemOf(err)
		}
		if audited {
			s.told(op.OperationID, trail)
		}
		return out, nil
	})
}

// guarded adds a route that reads and writes its bodies itself.
func (s *Server) guarded(op huma.Operation, scope auth.Scope, handle func(http.ResponseWriter, *http.Request, auth.Key) *Problem) {
	if op.Method != http.MethodGet {
		s.writes = append(s.writes, op.OperationID)
	}
	s.scopes[op.Method+" "+op.Path] = scope
	s.mux.HandleFunc(op.Method+" "+op.Path, func(w http.ResponseWriter, r *http.Request) {
		key, p := s.authorize(w, r, scope)
		if p == nil {
			p = handle(w, r, key)
		}
		if p != nil {
			s.writeProblem(w, r, p)
		}
	})
}

// acting adds to a request whose key sends it, with a trail of what the audit trail is
// told meanwhile.
func acting(r *http.Request, key *auth.Key) (*http.Request, *app.Trail) {
	ctx, trail := app.WithTrail(app.WithActor(r.Context(), actorOf(key, r)))
	return r.WithContext(ctx), trail
}

// Scopes gives the scope that each route under /v1 needs, by method and path.
func (s *Server) Scopes() map[string]auth.Scope { return maps.Clone(s.scopes) }

// authorize gives the key of a request if it may do what needs the scope.
func (s *Server) authorize(w http.ResponseWriter, r *http.Request, scope auth.Scope) (auth.Key, *Problem) {
	key, p := s.authenticate(r)
	switch {
	case p != nil:
		return auth.Key{}, p
	case s.limit.OnLimit(w, r, key.ID):
		return auth.Key{}, newProblem(codeRateLimited, "", "this key made too many requests within a minute; wait, or send events in batches")
	case !key.Scopes.Allow(scope):
		return auth.Key{}, lacksScope(scope)
	}
	return key, nil
}

func lacksScope(scope auth.Scope) *Problem {
	return newProblem(codeForbidden, "", text.Say("the key lacks the scope {Scope}", string(scope)), "Scope", string(scope))
}
