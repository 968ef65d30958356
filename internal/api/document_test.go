package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"premia/internal/api"
	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/contest"
	"premia/internal/core/program"
	"premia/internal/i18n"
)

// openAPI is the part of the API's document that tests look at.
type openAPI struct {
	OpenAPI    string
	Paths      map[string]map[string]operation
	Components struct {
		Schemas         map[string]any
		SecuritySchemes map[string]any
	}
}

type operation struct {
	OperationID string
	Summary     string
	Security    []map[string][]string
	RequestBody struct {
		Content map[string]struct {
			Schema  any
			Example any
		}
	}
	Responses map[string]any
}

func readOpenAPI(t *testing.T, f *fixture) (openAPI, []byte) {
	t.Helper()
	w := f.request(http.MethodGet, "/openapi.json", "")
	var doc openAPI
	if err := json.Unmarshal(w.Body.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	return doc, w.Body.Bytes()
}

// schemas compiles schemas of a document, each of them once.
func schemas(t *testing.T, src []byte) *jsonschema.Compiler {
	t.Helper()
	whole, err := jsonschema.UnmarshalJSON(bytes.NewReader(src))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("openapi.json", whole); err != nil {
		t.Fatal(err)
	}
	return c
}

// TestOpenAPI checks that the document names every route with its key, that its
// references lead somewhere, and that its schemas are JSON Schemas.
func TestOpenAPI(t *testing.T) {
	t.Parallel()
	f := open(t, sqlite(t), "enrol")
	doc, src := readOpenAPI(t, f)
	if !strings.HasPrefix(doc.OpenAPI, "3.1") {
		t.Errorf("the version is %s", doc.OpenAPI)
	}
	ids := map[string]bool{}
	for route := range f.server.Scopes() {
		method, path, _ := strings.Cut(route, " ")
		op, ok := doc.Paths[path][strings.ToLower(method)]
		if !ok || op.Summary == "" || len(op.Security) == 0 || len(op.Responses) < 2 || ids[op.OperationID] {
			t.Errorf("%s is documented as %+v", route, op)
		}
		ids[op.OperationID] = true
	}
	for _, ref := range regexp.MustCompile(`"\$ref":"([^"]*)"`).FindAllSubmatch(src, -1) {
		name, ok := strings.CutPrefix(string(ref[1]), "#/components/schemas/")
		if _, there := doc.Components.Schemas[name]; !ok || !there {
			t.Errorf("%s leads nowhere", ref[1])
		}
	}
	all := schemas(t, src)
	for name := range doc.Components.Schemas {
		if _, err := all.Compile("openapi.json#/components/schemas/" + name); err != nil {
			t.Errorf("the schema %s: %v", name, err)
		}
	}
}

// TestExamples sends every example of the document, and compares it and the
// answer with their schemas.
func TestExamples(t *testing.T) {
	t.Parallel()
	f := open(t, sqlite(t), "guest")
	doc, src := readOpenAPI(t, f)
	all := schemas(t, src)
	must[api.MemberEvent](f, 201, http.MethodPost, "/v1/members", `{"identities":["card:2900000000018"]}`)
	// In an order in which they make sense.
	order := []string{"enrol-member", "quote", "send-event", "send-events", "redeem", "confirm-redemption", "fulfil-redemption", "refund-redemption", "cancel-redemption", "change-member", "add-identity", "adjust", "approve-adjustment", "reject-adjustment", "transfer", "issue-gift-card", "top-up-gift-card", "move-gift-card", "block-gift-card", "pay-with-gift-card", "confirm-gift-card-payment", "cancel-gift-card-payment", "refund-gift-card-payment", "create-payout-batch", "settle-payout-batch", "found-family", "invite-to-family", "join-family", "hand-family-over", "leave-family", "remove-from-family", "claim", "merge-member", "make-codes", "give-voucher", "create-key", "check-program", "give-offer", "activate-offer", "give-up-offer", "choose"}
	if _, err := f.app.ImportCodes(t.Context(), app.NewCodes{Reward: "spring"}, strings.NewReader("code\nSPRING-2345-6789\n"), nil); err != nil {
		t.Fatal(err)
	}
	order = append(order, "put-prices", "make-ambassador", "claim-prizes")
	order = append(order, "invite-user", "change-user")
	order = append(order, "create-webhook-endpoint", "change-webhook-endpoint", "rotate-webhook-secret", "replay-webhooks", "set-postback", "report-conversion")
	must[api.RedemptionEvent](f, 201, http.MethodPost, "/v1/members/card:2900000000018/redemptions", `{"reward":"cash","amount":"10","bank_account":{"iban":"PL61109010140000071219812874","name":"Anna Nowak"}}`)
	if click, err := ledger.ParseClick("clk_1A2B3C4D5E6F7"); err != nil {
		t.Fatal(err)
	} else if err := f.app.Store.KeepClick(t.Context(), &ledger.Click{ID: click, By: 1, At: 1}); err != nil {
		t.Fatal(err)
	}
	sent := map[string]bool{}
	if _, err := f.app.Record(t.Context(), guestPurchase()); err != nil {
		t.Fatal(err)
	}
	sandbox := open(t, sqlite(t), "")
	if err := sandbox.app.MakeSandbox(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, id := range append(order, "move-sandbox-clock") {
		if id == "move-sandbox-clock" {
			f = sandbox
		}
		for path, methods := range doc.Paths {
			for method, op := range methods {
				if op.OperationID != id {
					continue
				}
				sent[id] = true
				f.sendExample(all, strings.ToUpper(method), path, op)
			}
		}
	}
	for _, methods := range doc.Paths {
		for _, op := range methods {
			if len(op.RequestBody.Content) > 0 && !sent[op.OperationID] && op.OperationID != "publish-program" {
				t.Errorf("the example of %s was not sent", op.OperationID)
			}
		}
	}
}

// earlierFor gives a redemption or an adjustment that an example can lead on.
func (f *fixture) earlierFor(operationID string) string {
	id := "for-" + operationID
	switch operationID {
	case "confirm-redemption", "cancel-redemption":
		must[api.RedemptionEvent](f, 201, http.MethodPost, "/v1/members/card:2900000000001/redemptions", `{"id":"`+id+`","reward":"espresso","hold":true}`)
	case "approve-adjustment", "reject-adjustment":
		must[api.EventAnswer](f, 201, http.MethodPost, "/v1/members/card:2900000000001/adjustments", `{"id":"`+id+`","wallet":"points","amount":"501","reason":"a test"}`, "Authorization", "Bearer "+f.newKey("adjustments:write"))
	case "refund-redemption", "fulfil-redemption":
		must[api.RedemptionEvent](f, 201, http.MethodPost, "/v1/members/card:2900000000001/redemptions", `{"id":"`+id+`","reward":"espresso"}`)
	case "confirm-gift-card-payment", "cancel-gift-card-payment":
		must[api.GiftCardEvent](f, 201, http.MethodPost, "/v1/gift-cards/GIFT4KX79MTD/payments", `{"id":"`+id+`","amount":"10.00","hold":true}`)
	case "refund-gift-card-payment":
		must[api.GiftCardEvent](f, 201, http.MethodPost, "/v1/gift-cards/GIFT4KX79MTD/payments", `{"id":"`+id+`","amount":"10.00"}`)
	}
	return id
}

// familyFor gives the family of the examples' first member, in which the operation
// makes sense.
func (f *fixture) familyFor(operationID string) string {
	id := must[api.Member](f, 200, http.MethodGet, "/v1/members/card:2900000000001", "").Family.ID
	if operationID == "remove-from-family" {
		must[api.FamilyEvent](f, 201, http.MethodPost, "/v1/families/"+id+"/invitations", `{"by":"card:2900000000001","member":"card:2900000000018"}`)
	}
	return id
}

// userFor makes a user by an invitation.
func (f *fixture) userFor() string {
	made := must[api.CreatedInvitation](f, 201, http.MethodPost, "/v1/invitations", `{"email":"eve@example.com","role":"cashier"}`)
	_, token, _ := strings.Cut(made.Link, app.InvitationPath)
	in, err := f.app.Accept(f.t.Context(), token, app.Acceptance{Name: "Eve", Password: "correct horse battery"}, app.Client{})
	if err != nil {
		f.t.Fatal(err)
	}
	return in.User.ID
}

// contestFor draws a contest that the examples' first member wins.
func (f *fixture) contestFor() string {
	if _, err := f.app.Publish(f.t.Context(), []byte(fmt.Sprintf(document, "guest")+contestOf), calendar.None, ""); err != nil {
		f.t.Fatal(err)
	}
	must[api.EventAnswer](f, 201, http.MethodPost, "/v1/events", `{"type":"purchase","member":"card:2900000000001","total":"10.00"}`)
	f.clock.Advance(33 * 24 * time.Hour)
	must[contest.Published](f, 200, http.MethodPost, "/v1/contests/spring/draw", "")
	return "spring"
}

func (f *fixture) sendExample(all *jsonschema.Compiler, method, path string, op operation) {
	f.t.Helper()
	for kind, body := range op.RequestBody.Content {
		text, ok := body.Example.(string)
		if !ok {
			raw, err := json.Marshal(body.Example)
			if err != nil || body.Example == nil {
				f.t.Errorf("%s has no example (%v)", op.OperationID, err)
				return
			}
			text = string(raw)
		}
		url := strings.ReplaceAll(path, "{member}", "card:2900000000001")
		url = strings.ReplaceAll(url, "{code}", "GIFT4KX79MTD")
		url = strings.ReplaceAll(strings.ReplaceAll(url, "{offer}", "milk"), "{choice}", "category")
		url = strings.ReplaceAll(url, "payout-batches/{id}", "payout-batches/march-2026")
		url = strings.ReplaceAll(url, "{id}", f.earlierFor(op.OperationID))
		if strings.Contains(url, "{user}") {
			url = strings.ReplaceAll(url, "{user}", f.userFor())
		}
		if strings.Contains(url, "{endpoint}") {
			url = strings.ReplaceAll(url, "{endpoint}", must[api.WebhookEndpoints](f, 200, http.MethodGet, "/v1/webhook-endpoints", "").Endpoints[0].ID)
		}
		if strings.Contains(url, "{family}") {
			url = strings.ReplaceAll(url, "{family}", f.familyFor(op.OperationID))
		}
		if strings.Contains(url, "{contest}") {
			url = strings.ReplaceAll(url, "{contest}", f.contestFor())
		}
		w := f.request(method, url, text, "Content-Type", kind, "Idempotency-Key", "example-"+op.OperationID)
		if w.Code >= 300 {
			f.t.Errorf("%s: the example %s is answered with %d %s", op.OperationID, text, w.Code, w.Body)
			return
		}
		if strings.Contains(w.Body.String(), `"problem"`) {
			f.t.Errorf("%s: %s", op.OperationID, w.Body)
		}
		place := "#/paths/" + strings.ReplaceAll(path, "/", "~1") + "/" + strings.ToLower(method)
		if kind == "application/json" {
			f.conforms(all, place+"/requestBody/content/application~1json/schema", []byte(text))
		}
		status := map[int]string{200: "200", 201: "201"}[w.Code]
		f.conforms(all, place+"/responses/"+status+"/content/application~1json/schema", w.Body.Bytes())
	}
}

// conforms compares JSON with a schema of the document.
func (f *fixture) conforms(all *jsonschema.Compiler, place string, value []byte) {
	f.t.Helper()
	schema, err := all.Compile("openapi.json" + strings.NewReplacer("{", "%7B", "}", "%7D").Replace(place))
	if err != nil {
		f.t.Errorf("%s: %v", place, err)
		return
	}
	read, err := jsonschema.UnmarshalJSON(bytes.NewReader(value))
	if err == nil {
		err = schema.Validate(read)
	}
	if err != nil {
		f.t.Errorf("%s is not as %s says: %v", value, place, err)
	}
}

func TestWordsAreWholeInEachLanguage(t *testing.T) {
	t.Parallel()
	c, err := i18n.Load(append(program.Catalogs(), api.Words())...)
	if err != nil {
		t.Fatal(err)
	}
	if missing := c.Missing(); len(missing) > 0 {
		t.Errorf("missing:\n%s", strings.Join(missing, "\n"))
	}
}

// TestPages looks at the reference and its files: they use nothing from
// elsewhere, and no script or style stands in them.
func TestPages(t *testing.T) {
	t.Parallel()
	f := open(t, sqlite(t), "enrol")
	for _, path := range []string{"/docs"} {
		w := f.request(http.MethodGet, path, "")
		for _, link := range regexp.MustCompile(`(?:src|href)="([^"]*)"`).FindAllStringSubmatch(w.Body.String(), -1) {
			if !strings.HasPrefix(link[1], "/") {
				t.Errorf("%s uses %s", path, link[1])
			}
			if got := f.request(http.MethodGet, link[1], ""); got.Code != 200 {
				t.Errorf("%s leads to %s: %d", path, link[1], got.Code)
			}
		}
		if regexp.MustCompile(`<script>|<style|style=| on[a-z]+=`).MatchString(w.Body.String()) {
			t.Errorf("%s has scripts or styles inside", path)
		}
		if csp := w.Header().Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s has the policy %q", path, csp)
		}
	}
}

func TestHealth(t *testing.T) {
	t.Parallel()
	onEach(t, "enrol", func(t *testing.T, f *fixture) {
		if w := f.request(http.MethodGet, "/healthz", "", "Authorization", ""); w.Code != 200 {
			t.Errorf("health: %d %s", w.Code, w.Body)
		}
		ready := must[api.Readiness](f, 200, http.MethodGet, "/readyz", "", "Authorization", "")
		if !ready.Ready || !slices.Contains(ready.Checks, api.ReadinessCheck{Name: "database", OK: true}) {
			t.Errorf("ready: %+v", ready)
		}
		must[api.EventAnswer](f, 201, http.MethodPost, "/v1/events", `{"type":"purchase","member":"card:1","total":"25"}`)
		f.problem(422, "missing", http.MethodPost, "/v1/events", `{"type":"purchase","member":"card:1"}`)
		metrics := f.request(http.MethodGet, "/metrics", "").Body.String()
		for _, line := range []string{
			`premia_events_total{outcome="applied"} 1`, `premia_journal_batch_events_count 1`, `premia_journal_waiting_events 0`,
			`premia_subscriber_lag_entries{subscriber="follow-ups"} `, `premia_http_requests_total{route="POST /v1/events",status="201"} 1`,
			`premia_events_refused_total{code="missing"} 1`,
		} {
			if !strings.Contains(metrics, line) {
				t.Errorf("the metrics lack %s", line)
			}
		}
		f.app.Store.Close()
		w := f.request(http.MethodGet, "/readyz", "")
		if w.Code != 503 || !strings.Contains(w.Body.String(), `{"name":"database","ok":false}`) {
			t.Errorf("without a database: %d %s", w.Code, w.Body)
		}
	})
}
