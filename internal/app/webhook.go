package app

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/event"
	"premia/internal/core/text"
	"premia/internal/outbound"
	"premia/internal/store"
)

// The codes of problems with webhooks.
const (
	CodeUnknownEndpoint  = "unknown_webhook_endpoint"
	CodeUnknownDelivery  = "unknown_webhook_delivery"
	CodeDeliveryUnderWay = "webhook_delivery_under_way"
	CodeInvalidAddress   = "invalid_address"
	CodeUnknownMessage   = "unknown_message_type"
)

// The bounds of webhooks.
const (
	// MaxOverlap is how long an old secret may sign beside a new one.
	MaxOverlap = 30 * 24 * time.Hour
	// DefaultOverlap is how long it does if nobody says.
	DefaultOverlap = 24 * time.Hour
	// maxEndpoints is how many receivers a workspace may have.
	maxEndpoints   = 50
	maxDescription = 200
	// secretShown is how long whoever makes the same receiver again is given its first
	// secret again: the answer may have been lost on its way.
	secretShown = 15 * calendar.Minute
)

// Webhook is a receiver of webhooks as people see it, without its secret.
type Webhook struct {
	ID, URL, Description string
	// Types are the messages that it wants; empty for all.
	Types []string
	State store.EndpointState
	// Reason says why it is disabled.
	Reason string
	// OldUntil is until when the secret before signs, too; calendar.None if none does.
	Created, OldUntil calendar.Instant
	store.Health
}

// Failing tells that an active receiver does not answer well.
func (w Webhook) Failing() bool {
	return w.State == store.EndpointActive && w.FailingSince != calendar.None
}

func webhookOf(e *store.Endpoint, now calendar.Instant) Webhook {
	w := Webhook{ID: e.ID, URL: e.URL, Description: e.Description, Types: strings.Fields(e.Types), State: e.State, Reason: e.Reason, Created: e.Created, OldUntil: calendar.None, Health: e.Health}
	if e.OldUntil != calendar.None && now < e.OldUntil {
		w.OldUntil = e.OldUntil
	}
	return w
}

// NewWebhook is a receiver that is to be made.
type NewWebhook struct {
	// Key makes it happen once: the same key again gives the same receiver. Empty for
	// a new one each time.
	Key              string
	URL, Description string
	Types            []string
}

// CreateWebhook makes a receiver that is told all that happens from now on, and gives
// the secret with which messages to it are signed. The same key again gives the same
// receiver, and its secret for a quarter of an hour and while it is the first one; after
// that the secret is empty. The error is a *Problem.
func (a *App) CreateWebhook(ctx context.Context, n NewWebhook) (w Webhook, secret string, err error) {
	if err := errors.Join(may(ctx, auth.WebhooksWrite), proved(ctx)); err != nil {
		return w, "", firstProblem(err)
	}
	e := store.Endpoint{
		ID: newID("whe_", n.Key), Kind: store.WebhookEndpoint, Method: "POST", State: store.EndpointActive, Created: a.wall(),
		OldUntil: calendar.None, Replayed: calendar.None, Health: healthy(), Generation: 1,
	}
	if err := a.describe(&e, n.URL, n.Description, n.Types); err != nil {
		return w, "", err
	}
	if known, err := a.Store.Endpoint(ctx, e.ID); err == nil {
		if known.URL != e.URL || known.Types != e.Types || known.Description != e.Description {
			return w, "", problem(CodeIDReused, "id", "this id was used before, for another endpoint", "Key", text.Quoted(n.Key))
		}
		again(ctx)
		if e.Created-known.Created < secretShown && len(known.OldSecret) == 0 {
			secret, err = a.unseal(&known, known.Secret)
		}
		return webhookOf(&known, e.Created), secret, err
	} else if !errors.Is(err, store.ErrNotFound) {
		return w, "", err
	}
	all, err := a.Store.Endpoints(ctx, store.WebhookEndpoint)
	if err != nil {
		return w, "", err
	}
	if len(all) >= maxEndpoints {
		return w, "", problem(event.CodeInvalid, "", text.Say("there are {All} endpoints already, as many as there may be", len(all)))
	}
	if secret, err = a.newSecret(&e); err != nil {
		return w, "", err
	}
	from, err := a.heads(ctx, e.ID)
	if err != nil {
		return w, "", err
	}
	row := a.audited(ctx, "webhook.created", e.ID, "url", e.URL)
	if err := a.change(ctx, row, func(tx *store.Tx) error { return tx.AddEndpoint(ctx, &e, from) }); err != nil {
		return w, "", err
	}
	return webhookOf(&e, e.Created), secret, nil
}

func healthy() store.Health {
	return store.Health{FailingSince: calendar.None, RetryAt: calendar.None, LastSuccess: calendar.None}
}

// newID makes an id, the same from the same key.
func newID(prefix, key string) string {
	random := make([]byte, 12)
	rand.Read(random) // never fails: it ends the program rather
	if key != "" {
		sum := sha256.Sum256([]byte(prefix + key))
		random = sum[:12]
	}
	return prefix + hex.EncodeToString(random)
}

// describe checks and sets what people write of an endpoint.
func (a *App) describe(e *store.Endpoint, url, description string, types []string) error {
	// One that stays is not looked at again: what may be called can be otherwise by now.
	if url != e.URL || url == "" {
		if err := a.callable(url); err != nil {
			return problem(CodeInvalidAddress, "url", text.Of(err))
		}
	}
	if err := event.CheckText("description", description, maxDescription); description != "" && err != nil {
		return err
	}
	slices.Sort(types)
	for _, one := range types {
		if !slices.ContainsFunc(webhookTypes, func(t WebhookType) bool { return t.Name == one }) {
			return problem(CodeUnknownMessage, "types", text.Say("there is no type of message {One}; premia webhook types lists them", strconv.Quote(one)), "Type", text.Quoted(one))
		}
	}
	e.URL, e.Description, e.Types = url, description, strings.Join(slices.Compact(types), " ")
	return nil
}

// callable refuses an address that would never be called, as far as that is known here.
func (a *App) callable(url string) error {
	if a.outbound == nil {
		return outbound.CheckURL(url)
	}
	return a.outbound.CheckURL(url)
}

// Subscriber is the name of an endpoint's cursors.
func Subscriber(endpoint string) string { return "webhook/" + endpoint }

// heads gives cursors that stand at the end of the journal.
func (a *App) heads(ctx context.Context, endpoint string) (out []store.Cursor, err error) {
	for _, shard := range a.Store.Shards() {
		head, err := a.Store.Head(ctx, shard)
		if err != nil {
			return nil, err
		}
		out = append(out, store.Cursor{Subscriber: Subscriber(endpoint), Shard: shard, Seq: head.Seq})
	}
	return out, nil
}

// changeEndpoint writes a change of an endpoint, with who made it.
func (a *App) changeEndpoint(ctx context.Context, action string, e *store.Endpoint, cursors []store.Cursor) error {
	return a.change(ctx, a.audited(ctx, action, e.ID, "url", e.URL), func(tx *store.Tx) error { return tx.ChangeEndpoint(ctx, e, cursors) })
}

// Webhooks lists the receivers, the oldest first.
func (a *App) Webhooks(ctx context.Context) ([]Webhook, error) {
	if err := may(ctx, auth.WebhooksRead); err != nil {
		return nil, err
	}
	all, err := a.Store.Endpoints(ctx, store.WebhookEndpoint)
	if err != nil {
		return nil, err
	}
	out := make([]Webhook, len(all))
	for i := range all {
		out[i] = webhookOf(&all[i], a.wall())
	}
	return out, nil
}

// Webhook reads a receiver. The error is a *Problem if there is none.
func (a *App) Webhook(ctx context.Context, id string) (Webhook, error) {
	e, err := a.endpoint(ctx, auth.WebhooksRead, id)
	if err != nil {
		return Webhook{}, err
	}
	return webhookOf(&e, a.wall()), nil
}

// endpoint reads a receiver of webhooks for whoever may do something with it.
func (a *App) endpoint(ctx context.Context, permission auth.Permission, id string) (store.Endpoint, error) {
	if err := may(ctx, permission); err != nil {
		return store.Endpoint{}, err
	}
	e, err := a.Store.Endpoint(ctx, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && e.Kind != store.WebhookEndpoint {
		return e, problem(CodeUnknownEndpoint, "endpoint", text.Say("there is no webhook endpoint {ID}", strconv.Quote(id)), "Key", text.Quoted(id))
	}
	return e, err
}

// WebhookChange is what is to change of a receiver; nil leaves as it is.
type WebhookChange struct {
	URL, Description *string
	Types            *[]string
	// Paused stops the sending, or lets it go on: nothing that happened meanwhile is
	// lost. A receiver that was disabled goes on with false, too.
	Paused *bool
}

// ChangeWebhook changes a receiver. The error is a *Problem.
func (a *App) ChangeWebhook(ctx context.Context, id string, c WebhookChange) (Webhook, error) {
	e, err := a.endpoint(ctx, auth.WebhooksWrite, id)
	if err != nil {
		return Webhook{}, err
	}
	url, description, types := e.URL, e.Description, strings.Fields(e.Types)
	if c.URL != nil {
		if err := proved(ctx); err != nil {
			return Webhook{}, err
		}
		url = *c.URL
	}
	if c.Description != nil {
		description = *c.Description
	}
	if c.Types != nil {
		types = *c.Types
	}
	if err := a.describe(&e, url, description, types); err != nil {
		return Webhook{}, err
	}
	switch {
	case c.Paused == nil:
	case *c.Paused:
		e.State, e.Reason = store.EndpointPaused, ""
	default:
		e.State, e.Reason = store.EndpointActive, ""
		e.Failures, e.FailingSince, e.RetryAt = 0, calendar.None, calendar.None
	}
	if err := a.changeEndpoint(ctx, "webhook.changed", &e, nil); err != nil {
		return Webhook{}, err
	}
	return webhookOf(&e, a.wall()), nil
}

// RemoveWebhook forgets a receiver and what was delivered to it.
func (a *App) RemoveWebhook(ctx context.Context, id string) error {
	e, err := a.endpoint(ctx, auth.WebhooksWrite, id)
	if err != nil {
		return err
	}
	row := a.audited(ctx, "webhook.removed", id, "url", e.URL)
	return a.change(ctx, row, func(tx *store.Tx) error { return tx.RemoveEndpoint(ctx, id, Subscriber(id)) })
}

// RotateWebhook gives a receiver a new secret. The one before signs, too, as long as
// the overlap says, from 0 to MaxOverlap; the one before that no more.
func (a *App) RotateWebhook(ctx context.Context, id string, overlap time.Duration) (w Webhook, secret string, err error) {
	if err := may(ctx, auth.WebhooksWrite); err != nil {
		return w, "", err
	}
	if overlap < 0 || overlap > MaxOverlap {
		return w, "", problem(event.CodeInvalid, "overlap", text.Say("an old secret may sign beside the new one for at most {Most}", MaxOverlap))
	}
	if err := proved(ctx); err != nil {
		return w, "", err
	}
	e, err := a.endpoint(ctx, auth.WebhooksWrite, id)
	if err != nil {
		return w, "", err
	}
	now := a.wall()
	e.OldSecret, e.OldUntil = e.Secret, now+calendar.Instant(overlap.Microseconds())
	if secret, err = a.newSecret(&e); err != nil {
		return w, "", err
	}
	if err := a.changeEndpoint(ctx, "webhook.rotated", &e, nil); err != nil {
		return w, "", err
	}
	return webhookOf(&e, now), secret, nil
}

// TestWebhook has a message sent that tries the receiver, and gives its delivery. The
// same key again sends none.
func (a *App) TestWebhook(ctx context.Context, id, key string) (store.Delivery, error) {
	if _, err := a.endpoint(ctx, auth.WebhooksWrite, id); err != nil {
		return store.Delivery{}, err
	}
	message := newID("msg_", key)
	var n int64
	for _, digit := range []byte(message[len("msg_"):][:14]) {
		n = n<<4 | int64(strings.IndexByte("0123456789abcdef", digit))
	}
	now := a.wall()
	d := store.Delivery{Endpoint: id, N: n, Message: message, Type: TestType, State: store.DeliveryWaiting, Queued: true, Created: now, Last: now, Next: calendar.None}
	row := a.audited(ctx, "webhook.tested", id)
	err := a.Store.Change(ctx, func(tx *store.Tx) error {
		added, err := tx.QueueDelivery(ctx, &d)
		if err != nil || !added {
			return err
		}
		return tx.Audit(ctx, row)
	})
	if err != nil {
		return store.Delivery{}, err
	}
	return a.Store.DeliveryAt(ctx, &d)
}

// Deliveries lists what was sent to a receiver, or is to be, the newest first: those
// before the number, from the newest of all where it is 0, and only those in a state
// where one is named.
func (a *App) Deliveries(ctx context.Context, endpoint string, before int64, state store.DeliveryState, limit int) ([]store.Delivery, error) {
	if _, err := a.endpoint(ctx, auth.WebhooksRead, endpoint); err != nil {
		return nil, err
	}
	if before <= 0 {
		before = math.MaxInt64
	}
	return a.Store.Deliveries(ctx, endpoint, before, state, min(max(limit, 1), MaxPage))
}

// DeliveriesAfter lists them the other way round: those after the number, the oldest first.
func (a *App) DeliveriesAfter(ctx context.Context, endpoint string, after int64, state store.DeliveryState, limit int) ([]store.Delivery, error) {
	if _, err := a.endpoint(ctx, auth.WebhooksRead, endpoint); err != nil {
		return nil, err
	}
	return a.Store.DeliveriesAfter(ctx, endpoint, after, state, min(max(limit, 1), MaxPage))
}

// ResendTo has a message sent once more that went to a receiver; of another one it knows
// nothing.
func (a *App) ResendTo(ctx context.Context, endpoint string, id int64) (store.Delivery, error) {
	if err := may(ctx, auth.WebhooksWrite); err != nil {
		return store.Delivery{}, err
	}
	d, err := a.Store.Delivery(ctx, id)
	if err == nil && d.Endpoint != endpoint {
		return d, problem(CodeUnknownDelivery, "delivery", text.Say("there is no delivery {ID} to this receiver, or not any more", id), "Number", id)
	}
	return a.Resend(ctx, id)
}

// Resend has a message sent once more, under the same id. The error is a *Problem where
// there is no such delivery any more, or it is still under way.
func (a *App) Resend(ctx context.Context, id int64) (store.Delivery, error) {
	if err := may(ctx, auth.WebhooksWrite); err != nil {
		return store.Delivery{}, err
	}
	d, err := a.Store.Delivery(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return d, problem(CodeUnknownDelivery, "delivery", text.Say("there is no delivery {ID}, or not any more", id), "Number", id)
	}
	if err != nil {
		return d, err
	}
	row := a.audited(ctx, "webhook.resent", d.Endpoint, "message", d.Message)
	err = a.change(ctx, row, func(tx *store.Tx) error { return tx.QueueAgain(ctx, id, a.wall()) })
	if errors.Is(err, store.ErrNotFound) {
		return d, problem(CodeDeliveryUnderWay, "delivery", "this message is being sent already")
	}
	if err != nil {
		return d, err
	}
	return a.Store.Delivery(ctx, id)
}

// ReplayWebhook has everything sent once more that was recorded at the instant or
// later, under the same ids.
func (a *App) ReplayWebhook(ctx context.Context, id string, from calendar.Instant) (Webhook, error) {
	e, err := a.endpoint(ctx, auth.WebhooksWrite, id)
	if err != nil {
		return Webhook{}, err
	}
	at, err := a.Store.Cursors(ctx, Subscriber(id))
	if err != nil {
		return Webhook{}, err
	}
	var cursors []store.Cursor
	for _, shard := range a.Store.Shards() {
		seq, err := a.before(ctx, shard, from)
		if err != nil {
			return Webhook{}, err
		}
		if seq < at[shard] { // what was not sent yet comes anyway
			cursors = append(cursors, store.Cursor{Subscriber: Subscriber(id), Shard: shard, Seq: seq})
		}
	}
	e.Replayed = a.wall()
	if err := a.changeEndpoint(ctx, "webhook.replayed", &e, cursors); err != nil {
		return Webhook{}, err
	}
	return webhookOf(&e, e.Replayed), nil
}

// before gives the number of the last entry of a shard that was recorded before an
// instant; 0 if none was. Entries of a shard are recorded in the order of time, as far
// as the machine's clock tells it.
func (a *App) before(ctx context.Context, shard store.Shard, from calendar.Instant) (int64, error) {
	head, err := a.Store.Head(ctx, shard)
	if err != nil {
		return 0, err
	}
	low, high := int64(0), head.Seq // before low all is older, after high all is not
	for low < high {
		middle := low + (high-low+1)/2
		entry, err := a.Store.Entry(ctx, store.Position{Shard: shard, Seq: middle})
		if err != nil {
			return 0, err
		}
		if entry.Recorded < from {
			low = middle
		} else {
			high = middle - 1
		}
	}
	return low, nil
}

// webhooks copies the endpoints, and the messages that wait for them. What was
// delivered stays behind: the log is of the server that sent.
func (m *mover) webhooks(ctx context.Context) error {
	for _, kind := range []store.EndpointKind{store.WebhookEndpoint, store.PostbackEndpoint} {
		all, err := m.source.Endpoints(ctx, kind)
		if err != nil {
			return err
		}
		for i := range all {
			all[i].Owner = "" // its servers were stopped
			if err := m.to.Change(ctx, func(tx *store.Tx) error { return tx.AddEndpoint(ctx, &all[i], nil) }); err != nil {
				return err
			}
		}
	}
	queued, err := m.source.AllQueued(ctx)
	if err != nil {
		return err
	}
	for i := range queued {
		if queued[i].Seq != 0 {
			queued[i].Position = m.parked[queued[i].Position]
		}
		if err := m.to.QueueDelivery(ctx, &queued[i]); err != nil {
			return err
		}
	}
	return nil
}
