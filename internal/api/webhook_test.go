package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"premia/internal/api"
	"premia/internal/app"
	"premia/internal/store"
)

const endpoints = "/v1/webhook-endpoints"

// TestWebhookEndpoints makes, reads, changes, tries and removes a receiver.
func TestWebhookEndpoints(t *testing.T) {
	t.Parallel()
	onEach(t, "enrol", func(t *testing.T, f *fixture) {
		body := `{"id":"crm","url":"https://crm.example/hooks","types":["tier.changed","points.earned","tier.changed"]}`
		made := must[api.CreatedWebhookEndpoint](f, 201, http.MethodPost, endpoints, body)
		if again := must[api.CreatedWebhookEndpoint](f, 201, http.MethodPost, endpoints, body); again.ID != made.ID || again.Secret != made.Secret {
			t.Errorf("made again: %+v, first %+v", again, made)
		}
		if !strings.HasPrefix(made.Secret, "whsec_") || made.State != "active" || !slices.Equal(made.Types, []string{"points.earned", "tier.changed"}) {
			t.Errorf("made: %+v", made)
		}
		f.problem(409, "idempotency_conflict", http.MethodPost, endpoints, `{"id":"crm","url":"https://other.example/hooks"}`)
		if list := f.request(http.MethodGet, endpoints, "").Body.String(); strings.Contains(list, "whsec_") || !strings.Contains(list, made.ID) {
			t.Errorf("the list: %s", list)
		}
		at := endpoints + "/" + made.ID
		if w := must[api.WebhookEndpoint](f, 200, http.MethodPatch, at, `{"paused":true,"types":[]}`); w.State != "paused" || len(w.Types) != 0 || w.URL != made.URL {
			t.Errorf("paused: %+v", w)
		}
		if w := must[api.WebhookEndpoint](f, 200, http.MethodPatch, at, `{"paused":false,"description":"CRM"}`); w.State != "active" || w.Description != "CRM" {
			t.Errorf("going on: %+v", w)
		}
		rotated := must[api.CreatedWebhookEndpoint](f, 200, http.MethodPost, at+"/rotate", `{"overlap_hours":2}`)
		if rotated.Secret == made.Secret || rotated.OldSecret == nil || *rotated.OldSecret != "2026-03-01T11:00:00Z" {
			t.Errorf("rotated: %+v", rotated)
		}
		if again := must[api.CreatedWebhookEndpoint](f, 201, http.MethodPost, endpoints, `{"id":"crm","url":"https://crm.example/hooks","description":"CRM"}`); again.ID != made.ID || again.Secret != "" {
			t.Errorf("made again after it was rotated: %+v", again)
		}
		first := must[api.WebhookDelivery](f, 200, http.MethodPost, at+"/test", "", "Idempotency-Key", "try")
		second := must[api.WebhookDelivery](f, 200, http.MethodPost, at+"/test", "", "Idempotency-Key", "try")
		if first.ID != second.ID || first.State != "waiting" || first.Type != app.TestType {
			t.Errorf("tried: %+v %+v", first, second)
		}
		f.problem(409, "webhook_delivery_under_way", http.MethodPost, "/v1/webhook-deliveries/"+first.ID+"/resend", "")
		if w := f.request(http.MethodDelete, at, ""); w.Code != 204 {
			t.Errorf("removed: %d %s", w.Code, w.Body)
		}
		f.problem(404, "unknown_webhook_endpoint", http.MethodGet, at, "")
		f.problem(404, "unknown_webhook_endpoint", http.MethodDelete, at, "")
		f.problem(404, "unknown_webhook_delivery", http.MethodPost, "/v1/webhook-deliveries/"+first.ID+"/resend", "")
	})
}

// TestWebhookDeliveries pages through what was delivered, and has one sent again.
func TestWebhookDeliveries(t *testing.T) {
	t.Parallel()
	onEach(t, "enrol", func(t *testing.T, f *fixture) {
		made := must[api.CreatedWebhookEndpoint](f, 201, http.MethodPost, endpoints, `{"url":"https://crm.example/hooks"}`)
		for n := range 5 {
			d := store.Delivery{Endpoint: made.ID, N: int64(n), Message: fmt.Sprintf("msg_%d", n), Type: "points.earned", State: store.DeliveryDone, Created: 1, Last: 1, Attempts: 1, Status: 200}
			if err := f.app.Store.QueueDelivery(t.Context(), &d); err != nil {
				t.Fatal(err)
			}
		}
		list := "/v1/webhook-deliveries?endpoint=" + made.ID
		var seen []string
		for cursor := ""; ; {
			page := must[api.WebhookDeliveries](f, 200, http.MethodGet, list+"&limit=2"+cursor, "")
			for _, d := range page.Deliveries {
				seen = append(seen, d.Message)
			}
			if page.NextCursor == "" {
				break
			}
			cursor = "&cursor=" + page.NextCursor
		}
		if strings.Join(seen, " ") != "msg_4 msg_3 msg_2 msg_1 msg_0" {
			t.Errorf("listed %v", seen)
		}
		all := must[api.WebhookDeliveries](f, 200, http.MethodGet, list, "").Deliveries
		if d := must[api.WebhookDelivery](f, 200, http.MethodPost, "/v1/webhook-deliveries/"+all[0].ID+"/resend", ""); d.State != "waiting" || d.Attempts != 0 || d.Message != all[0].Message {
			t.Errorf("sent once more: %+v", d)
		}
		if left := must[api.WebhookDeliveries](f, 200, http.MethodGet, list+"&state=delivered", "").Deliveries; len(left) != 4 {
			t.Errorf("%d are delivered", len(left))
		}
		f.problem(400, "invalid_parameter", http.MethodGet, list+"&cursor=x", "")
	})
}

// TestBadWebhooks refuses addresses and types that can't be.
func TestBadWebhooks(t *testing.T) {
	t.Parallel()
	f := open(t, sqlite(t), "enrol")
	for _, address := range []string{"shop.example", "ftp://shop.example/", "https://a:b@shop.example/", "javascript:alert(1)", "https://shop.example/#x", "https://"} {
		f.problem(422, "invalid_address", http.MethodPost, endpoints, fmt.Sprintf(`{"url":%q}`, address))
	}
	f.problem(422, "unknown_message_type", http.MethodPost, endpoints, `{"url":"https://shop.example/","types":["points.won"]}`)
	made := must[api.CreatedWebhookEndpoint](f, 201, http.MethodPost, endpoints, `{"url":"https://shop.example/"}`)
	f.problem(422, "invalid_address", http.MethodPatch, endpoints+"/"+made.ID, `{"url":"http://"}`)
	f.problem(404, "unknown_webhook_endpoint", http.MethodGet, "/v1/webhook-deliveries?endpoint=whe_x", "")
	f.problem(404, "unknown_webhook_delivery", http.MethodPost, "/v1/webhook-deliveries/x/resend", "")
}

// TestWebhookMessages finds each type of message in the document, with a schema that
// the messages have.
func TestWebhookMessages(t *testing.T) {
	t.Parallel()
	f := open(t, sqlite(t), "enrol")
	_, src := readOpenAPI(t, f)
	document := schemas(t, src)
	must[api.EventAnswer](f, 201, http.MethodPost, "/v1/events", `{"id":"a","type":"purchase","member":"card:1","total":"25"}`)
	told := map[string]bool{}
	for _, shard := range f.app.Store.Shards() {
		entries, err := f.app.Store.Scan(t.Context(), shard, 0, 100, 0)
		if err != nil {
			t.Fatal(err)
		}
		for i := range entries {
			all, err := f.app.WebhookMessages(&entries[i], nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range all {
				told[m.Type] = true
				f.conforms(document, "#/webhooks/"+m.Type+"/post/requestBody/content/application~1json/schema", m.Body)
			}
		}
	}
	for _, want := range []string{"member.enrolled", "purchase.decided", "points.earned"} {
		if !told[want] {
			t.Errorf("%s is not told: %v", want, told)
		}
	}
	for _, kind := range app.WebhookTypes() {
		if !strings.Contains(string(src), `"`+kind.Name+`":{"post"`) {
			t.Errorf("%s is not in the document", kind.Name)
		}
	}
}

// TestWebhookTrail finds in the audit trail who did what to receivers, and no secret.
func TestWebhookTrail(t *testing.T) {
	t.Parallel()
	f := open(t, sqlite(t), "enrol")
	made := must[api.CreatedWebhookEndpoint](f, 201, http.MethodPost, endpoints, `{"url":"https://crm.example/hooks"}`)
	at := endpoints + "/" + made.ID
	must[api.CreatedWebhookEndpoint](f, 200, http.MethodPost, at+"/rotate", `{}`)
	must[api.WebhookDelivery](f, 200, http.MethodPost, at+"/test", "")
	must[api.WebhookEndpoint](f, 200, http.MethodPost, at+"/replay", `{"from":"2026-03-01T00:00:00Z"}`)
	f.request(http.MethodDelete, at, "")
	rows, err := f.app.Store.Audits(t.Context(), store.AuditFilter{}, 100)
	if err != nil {
		t.Fatal(err)
	}
	var done []string
	for _, r := range rows {
		if r.Target != made.ID {
			continue
		}
		done = append(done, r.Action)
		if !strings.HasPrefix(r.Actor, "key_") || strings.Contains(r.Details, "whsec_") {
			t.Errorf("the trail: %+v", r)
		}
	}
	if got := strings.Join(done, " "); got != "webhook.removed webhook.replayed webhook.tested webhook.rotated webhook.created" {
		t.Errorf("the trail says %s", got)
	}
}
