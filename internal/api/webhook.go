package api

import (
	"context"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/text"
	"premia/internal/store"
)

// WebhookEndpoint is a receiver of webhooks.
type WebhookEndpoint struct {
	ID           string   `json:"id" example:"whe_5f2c1e0a9b8d7c6e5f4a3b2c"`
	URL          string   `json:"url" example:"https://shop.example/hooks"`
	Description  string   `json:"description"`
	Types        []string `json:"types" doc:"the messages that it wants; empty for all"`
	State        string   `json:"state" enum:"active,failing,paused,disabled" doc:"failing is active, and the latest message was not taken"`
	Reason       string   `json:"reason,omitempty" doc:"why it is disabled"`
	CreatedAt    string   `json:"created_at" format:"date-time"`
	FailingSince *string  `json:"failing_since,omitempty" format:"date-time"`
	RetryAt      *string  `json:"retry_at,omitempty" format:"date-time" doc:"when it is tried again"`
	LastSuccess  *string  `json:"last_success_at,omitempty" format:"date-time"`
	LastError    string   `json:"last_error,omitempty" doc:"what was wrong last, even where it is well by now"`
	OldSecret    *string  `json:"old_secret_until,omitempty" format:"date-time" doc:"until when the secret before signs, too"`
}

// NewWebhookEndpoint is a receiver that is to be made.
type NewWebhookEndpoint struct {
	ID          string   `json:"id,omitempty" maxLength:"128" doc:"makes it happen once; the Idempotency-Key is as good"`
	URL         string   `json:"url" maxLength:"2048" doc:"where messages are posted: https, and a public address, unless the server allows others" example:"https://shop.example/hooks"`
	Description string   `json:"description,omitempty" maxLength:"200"`
	Types       []string `json:"types,omitempty" maxItems:"100" doc:"the messages that it wants; all if not said" example:"[\"points.earned\",\"tier.changed\"]"`
}

// WebhookEndpointChange is what is to change of a receiver.
type WebhookEndpointChange struct {
	URL         *string   `json:"url,omitempty" maxLength:"2048"`
	Description *string   `json:"description,omitempty" maxLength:"200"`
	Types       *[]string `json:"types,omitempty" maxItems:"100"`
	Paused      *bool     `json:"paused,omitempty" doc:"true stops the sending; false goes on, after a disabled endpoint was mended, too. What happened meanwhile is sent then"`
}

// CreatedWebhookEndpoint is a receiver with its secret.
type CreatedWebhookEndpoint struct {
	WebhookEndpoint
	Secret string `json:"secret,omitempty" doc:"signs the messages; shown this once, and for a quarter of an hour to whoever sends the same id again" example:"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"`
}

// WebhookEndpoints are all receivers.
type WebhookEndpoints struct {
	Endpoints []WebhookEndpoint `json:"endpoints" doc:"the oldest first"`
}

// WebhookDelivery is a message to a receiver.
type WebhookDelivery struct {
	ID       string  `json:"id" example:"42"`
	Endpoint string  `json:"endpoint"`
	Message  string  `json:"message" doc:"the webhook-id"`
	Type     string  `json:"type" example:"points.earned"`
	Member   string  `json:"member,omitempty"`
	State    string  `json:"state" enum:"waiting,failing,delivered,given_up"`
	Attempts int64   `json:"attempts"`
	FirstAt  string  `json:"first_at" format:"date-time"`
	LastAt   string  `json:"last_at" format:"date-time"`
	NextAt   *string `json:"next_at,omitempty" format:"date-time" doc:"when it is tried again"`
	Status   int64   `json:"status,omitempty" doc:"of the latest answer"`
	Error    string  `json:"error,omitempty" doc:"what was wrong"`
	Millis   int64   `json:"milliseconds" doc:"how long the latest attempt took"`
}

// WebhookDeliveries is a page of deliveries.
type WebhookDeliveries struct {
	Deliveries []WebhookDelivery `json:"deliveries" doc:"the newest first"`
	NextCursor string            `json:"next_cursor,omitempty"`
}

// EndpointPath names a receiver.
type EndpointPath struct {
	Endpoint string `path:"endpoint" maxLength:"64" doc:"the endpoint's id, whe_…"`
}

type (
	endpointOutput        struct{ Body WebhookEndpoint }
	createdEndpointOutput struct{ Body CreatedWebhookEndpoint }
	deliveryOutput        struct{ Body WebhookDelivery }
)

var (
	exampleEndpoint       = map[string]any{"url": "https://shop.example/hooks", "types": []any{"points.earned", "tier.changed"}}
	exampleEndpointChange = map[string]any{"description": "the shop's CRM", "paused": false}
	exampleRotation       = map[string]any{"overlap_hours": 24}
	exampleReplay         = map[string]any{"from": "2026-03-01T00:00:00Z"}
)

var (
	endpointStates = [...]string{"", "active", "paused", "disabled"}
	deliveryStates = [...]string{"", "waiting", "failing", "delivered", "given_up"}
)

func (s *Server) webhookRoutes() {
	const tag = "Webhooks"
	create := operation(http.MethodPost, "/v1/webhook-endpoints", "create-webhook-endpoint", tag, "Make a receiver of webhooks, which is told all that happens from now on", auth.WebhooksWriteScope)
	create.DefaultStatus = http.StatusCreated
	register(s, withExample(create, exampleEndpoint), auth.WebhooksWriteScope, s.createEndpoint)
	register(s, operation(http.MethodGet, "/v1/webhook-endpoints", "list-webhook-endpoints", tag, "List the receivers of webhooks", auth.WebhooksReadScope), auth.WebhooksReadScope, s.listEndpoints)
	register(s, operation(http.MethodGet, "/v1/webhook-endpoints/{endpoint}", "read-webhook-endpoint", tag, "Read a receiver of webhooks", auth.WebhooksReadScope), auth.WebhooksReadScope,
		func(ctx context.Context, in *EndpointPath) (*endpointOutput, error) {
			return endpointAnswer(s.app.Webhook(ctx, in.Endpoint))
		})
	change := operation(http.MethodPatch, "/v1/webhook-endpoints/{endpoint}", "change-webhook-endpoint", tag, "Change, pause or let go on a receiver of webhooks", auth.WebhooksWriteScope)
	register(s, withExample(change, exampleEndpointChange), auth.WebhooksWriteScope, func(ctx context.Context, in *struct {
		EndpointPath
		Body WebhookEndpointChange
	}) (*endpointOutput, error) {
		return endpointAnswer(s.app.ChangeWebhook(ctx, in.Endpoint, app.WebhookChange{URL: in.Body.URL, Description: in.Body.Description, Types: in.Body.Types, Paused: in.Body.Paused}))
	})
	remove := operation(http.MethodDelete, "/v1/webhook-endpoints/{endpoint}", "remove-webhook-endpoint", tag, "Remove a receiver of webhooks with its deliveries", auth.WebhooksWriteScope)
	remove.DefaultStatus = http.StatusNoContent
	register(s, remove, auth.WebhooksWriteScope, func(ctx context.Context, in *EndpointPath) (*struct{}, error) {
		return nil, s.app.RemoveWebhook(ctx, in.Endpoint)
	})
	s.webhookActions(tag)
	s.webhookMessages(tag)
}

// webhookActions are what else can be done with a receiver.
func (s *Server) webhookActions(tag string) {
	rotate := operation(http.MethodPost, "/v1/webhook-endpoints/{endpoint}/rotate", "rotate-webhook-secret", tag, "Give a receiver a new secret; the old one signs, too, for a while", auth.WebhooksWriteScope)
	register(s, withExample(rotate, exampleRotation), auth.WebhooksWriteScope, func(ctx context.Context, in *struct {
		EndpointPath
		Body struct {
			Hours *int `json:"overlap_hours,omitempty" minimum:"0" maximum:"720" doc:"how long the old secret signs, too; 24 if not said"`
		}
	}) (*createdEndpointOutput, error) {
		overlap := app.DefaultOverlap
		if in.Body.Hours != nil {
			overlap = time.Duration(*in.Body.Hours) * time.Hour
		}
		return createdAnswer(s.app.RotateWebhook(ctx, in.Endpoint, overlap))
	})
	test := operation(http.MethodPost, "/v1/webhook-endpoints/{endpoint}/test", "test-webhook-endpoint", tag, "Send a message of the type webhook.test", auth.WebhooksWriteScope)
	register(s, test, auth.WebhooksWriteScope, func(ctx context.Context, in *struct {
		EndpointPath
		KeyHeader
	}) (*deliveryOutput, error) {
		return deliveryAnswer(s.app.TestWebhook(ctx, in.Endpoint, in.Key))
	})
	replay := operation(http.MethodPost, "/v1/webhook-endpoints/{endpoint}/replay", "replay-webhooks", tag, "Send everything once more since a moment, under the same ids", auth.WebhooksWriteScope)
	register(s, withExample(replay, exampleReplay), auth.WebhooksWriteScope, func(ctx context.Context, in *struct {
		EndpointPath
		Body struct {
			From time.Time `json:"from" doc:"what was recorded then or later"`
		}
	}) (*endpointOutput, error) {
		return endpointAnswer(s.app.ReplayWebhook(ctx, in.Endpoint, calendar.Of(in.Body.From)))
	})
	list := operation(http.MethodGet, "/v1/webhook-deliveries", "list-webhook-deliveries", tag, "List what was sent to a receiver, or is to be", auth.WebhooksReadScope)
	register(s, list, auth.WebhooksReadScope, s.listDeliveries)
	resend := operation(http.MethodPost, "/v1/webhook-deliveries/{id}/resend", "resend-webhook", tag, "Send a message once more, under the same id", auth.WebhooksWriteScope)
	register(s, resend, auth.WebhooksWriteScope, func(ctx context.Context, in *struct {
		ID string `path:"id" maxLength:"20" doc:"the delivery's id"`
	}) (*deliveryOutput, error) {
		id, err := strconv.ParseInt(in.ID, 10, 64)
		if err != nil {
			id = 0 // none has it
		}
		return deliveryAnswer(s.app.Resend(ctx, id))
	})
}

// webhookMessages documents what receivers are sent.
func (s *Server) webhookMessages(tag string) {
	doc := s.api.OpenAPI()
	schema := doc.Components.Schemas.Schema(reflect.TypeFor[app.WebhookMessage](), true, "WebhookMessage")
	doc.Webhooks = make(map[string]*huma.PathItem)
	for _, t := range app.WebhookTypes() {
		doc.Webhooks[t.Name] = &huma.PathItem{Post: &huma.Operation{
			OperationID: "on-" + strings.NewReplacer(".", "-", "_", "-").Replace(t.Name), Tags: []string{tag}, Summary: t.Name,
			Description: "Sent when " + t.Doc + ". Signed as Standard Webhooks has it.",
			Parameters: []*huma.Param{
				header("webhook-id", "names the message; the same whenever it is sent again"), header("webhook-timestamp", "when it was sent, in seconds since 1970"),
				header("webhook-signature", "v1, a comma and the signature; two of them, with a space between, while a secret is changed"),
			},
			RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/json": {Schema: schema}}},
			Responses:   map[string]*huma.Response{"2XX": {Description: "It was taken; anything else is tried again"}},
		}}
	}
}

func header(name, doc string) *huma.Param {
	return &huma.Param{Name: name, In: "header", Required: true, Description: doc, Schema: &huma.Schema{Type: "string"}}
}

func endpointOf(w app.Webhook) WebhookEndpoint {
	out := WebhookEndpoint{
		ID: w.ID, URL: w.URL, Description: w.Description, Types: orEmpty(w.Types), State: endpointStates[w.State], Reason: w.Reason, CreatedAt: rfc3339(w.Created),
		FailingSince: moment(w.FailingSince), RetryAt: moment(w.RetryAt), LastSuccess: moment(w.LastSuccess), LastError: w.LastError, OldSecret: moment(w.OldUntil),
	}
	if w.Failing() {
		out.State = "failing"
	}
	return out
}

func endpointAnswer(w app.Webhook, err error) (*endpointOutput, error) {
	if err != nil {
		return nil, err
	}
	return &endpointOutput{endpointOf(w)}, nil
}

func createdAnswer(w app.Webhook, secret string, err error) (*createdEndpointOutput, error) {
	if err != nil {
		return nil, err
	}
	return &createdEndpointOutput{CreatedWebhookEndpoint{endpointOf(w), secret}}, nil
}

func (s *Server) createEndpoint(ctx context.Context, in *struct {
	KeyHeader
	Body NewWebhookEndpoint
}) (*createdEndpointOutput, error) {
	return createdAnswer(s.app.CreateWebhook(ctx, app.NewWebhook{Key: firstOf(in.Body.ID, in.Key), URL: in.Body.URL, Description: in.Body.Description, Types: in.Body.Types}))
}

func (s *Server) listEndpoints(ctx context.Context, _ *struct{}) (*struct{ Body WebhookEndpoints }, error) {
	all, err := s.app.Webhooks(ctx)
	if err != nil {
		return nil, err
	}
	out := WebhookEndpoints{Endpoints: []WebhookEndpoint{}}
	for i := range all {
		out.Endpoints = append(out.Endpoints, endpointOf(all[i]))
	}
	return &struct{ Body WebhookEndpoints }{out}, nil
}

func deliveryOf(d *store.Delivery) WebhookDelivery {
	out := WebhookDelivery{
		ID: strconv.FormatInt(d.ID, 10), Endpoint: d.Endpoint, Message: d.Message, Type: d.Type, State: deliveryStates[d.State], Attempts: d.Attempts,
		FirstAt: rfc3339(d.Created), LastAt: rfc3339(d.Last), NextAt: moment(d.Next), Status: d.Status, Error: d.Error, Millis: d.Millis,
	}
	if d.Member != 0 {
		out.Member = d.Member.String()
	}
	return out
}

func deliveryAnswer(d store.Delivery, err error) (*deliveryOutput, error) {
	if err != nil {
		return nil, err
	}
	return &deliveryOutput{deliveryOf(&d)}, nil
}

func (s *Server) listDeliveries(ctx context.Context, in *struct {
	Endpoint string `query:"endpoint" required:"true" maxLength:"64" doc:"the endpoint's id, whe_…"`
	State    string `query:"state" enum:"waiting,failing,delivered,given_up" doc:"only those in this state"`
	Limit    int    `query:"limit" minimum:"1" maximum:"100" default:"20"`
	Cursor   string `query:"cursor" maxLength:"20"`
}) (*struct{ Body WebhookDeliveries }, error) {
	before, state := int64(0), store.DeliveryState(0)
	if in.Cursor != "" {
		var err error
		if before, err = strconv.ParseInt(in.Cursor, 10, 64); err != nil || before <= 0 {
			return nil, newProblem(codeParameter, "cursor", text.Say("{Cursor} is no cursor of this list", strconv.Quote(in.Cursor)))
		}
	}
	for i, name := range deliveryStates {
		if name == in.State {
			state = store.DeliveryState(i)
		}
	}
	all, err := s.app.Deliveries(ctx, in.Endpoint, before, state, in.Limit)
	if err != nil {
		return nil, err
	}
	out := WebhookDeliveries{Deliveries: []WebhookDelivery{}}
	for i := range all {
		out.Deliveries = append(out.Deliveries, deliveryOf(&all[i]))
	}
	if len(all) == in.Limit {
		out.NextCursor = strconv.FormatInt(all[len(all)-1].ID, 10)
	}
	return &struct{ Body WebhookDeliveries }{out}, nil
}
