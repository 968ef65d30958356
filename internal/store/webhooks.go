package store

import (
	"context"
	"errors"

	"premia/internal/core/calendar"
	"premia/internal/core/ledger"
)

// EndpointKind tells what an endpoint is told.
type EndpointKind uint8

// The kinds of endpoints.
const (
	WebhookEndpoint  EndpointKind = iota + 1 // what happens to all members, signed
	PostbackEndpoint                         // what comes of one ambassador's links
)

// EndpointState is whether an endpoint is sent to.
type EndpointState uint8

// The states of an endpoint.
const (
	EndpointActive   EndpointState = iota + 1
	EndpointPaused                 // by somebody's word; what happens meanwhile waits
	EndpointDisabled               // it failed for too long, or said that it is gone
)

// Endpoint is an address that is told what happens.
type Endpoint struct {
	ID   string
	Kind EndpointKind
	// Member is whose postback it is; 0 for a webhook.
	Member      ledger.MemberID
	URL, Method string
	Description string
	// Types are the messages that it wants, separated by spaces; empty for all.
	Types string
	State EndpointState
	// Reason says why it is disabled.
	Reason string
	// Secret and OldSecret are sealed; the old one signs, too, until OldUntil.
	Secret, OldSecret []byte
	OldUntil          calendar.Instant
	Created           calendar.Instant
	// Generation rises when what is sent from where changes: whoever sends begins anew.
	Generation int64
	// Replayed is when the messages were last ordered anew: what was delivered before
	// counts no more. calendar.None for never.
	Replayed calendar.Instant
	Health
	// Owner is the server that sends to it, and Beat what it raises meanwhile.
	Owner string
	Beat  int64
}

// Health is how an endpoint answers.
type Health struct {
	// Failures is how many rounds failed since one succeeded, FailingSince the first of
	// them, and RetryAt when the next may be; calendar.None where it answers.
	Failures              int64
	FailingSince, RetryAt calendar.Instant
	LastSuccess           calendar.Instant
	LastError             string
}

// DeliveryState is what became of a message.
type DeliveryState uint8

// The states of a delivery.
const (
	DeliveryWaiting DeliveryState = iota + 1 // not tried yet
	DeliveryFailing                          // tried, and to be tried again
	DeliveryDone
	DeliveryGivenUp
)

// Delivery is one message to one endpoint.
type Delivery struct {
	ID       int64 // given by the database
	Endpoint string
	Position // Seq is 0 for a message that no entry brought
	N        int64
	Message  string
	Type     string
	Member   ledger.MemberID
	State    DeliveryState
	// Queued tells that it is sent from here, and not from the journal.
	Queued   bool
	Attempts int64
	// Created is when it was first tried or queued, Last the latest attempt, and Next
	// when it is tried again; calendar.None if it isn't.
	Created, Last, Next calendar.Instant
	// Status is the latest answer's, 0 for none, Error what was wrong, and Millis how
	// long the attempt took.
	Status int64
	Error  string
	Millis int64
}

// ErrLeaseLost tells that another server sends to the endpoint by now, or that what is
// to be sent has changed.
var ErrLeaseLost = errors.New("another server sends to this endpoint now")

const (
	endpointColumns = `id, kind, member, url, method, description, types, state, reason, secret, old_secret, old_until, created, generation, replayed, failures, failing_since, retry_at, last_success, last_error, owner, beat`

	insertEndpoint = `
INSERT INTO webhook_endpoints (` + endpointColumns + `)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)`

	// Nothing is sent from the journal to postbacks, so that there may be many.
	listEndpoints = `
SELECT ` + endpointColumns + ` FROM webhook_endpoints WHERE kind = $1 ORDER BY created, id`

	// Postbacks are looked at only where something waits.
	endpointsToServe = `
SELECT ` + endpointColumns + ` FROM webhook_endpoints
WHERE kind = 1 OR id IN (SELECT endpoint FROM webhook_deliveries WHERE queued = 1) ORDER BY created, id`

	endpointByID = `
SELECT ` + endpointColumns + ` FROM webhook_endpoints WHERE id = $1`

	endpointOfMember = `
SELECT ` + endpointColumns + ` FROM webhook_endpoints WHERE kind = 2 AND member = $1`

	// A change by people begins the sending anew.
	changeEndpoint = `
UPDATE webhook_endpoints SET url = $2, method = $3, description = $4, types = $5, state = $6, reason = $7, secret = $8, old_secret = $9, old_until = $10,
replayed = $11, failures = $12, failing_since = $13, retry_at = $14, generation = generation + 1 WHERE id = $1`

	moveEndpoint = `
UPDATE webhook_endpoints SET member = $2 WHERE kind = 2 AND member = $1
AND NOT EXISTS (SELECT 1 FROM webhook_endpoints other WHERE other.kind = 2 AND other.member = $2)`

	removeEndpoint = `
DELETE FROM webhook_endpoints WHERE id = $1`

	removeDeliveries = `
DELETE FROM webhook_deliveries WHERE endpoint = $1`

	removeCursors = `
DELETE FROM cursors WHERE subscriber = $1`

	claimEndpoint = `
UPDATE webhook_endpoints SET owner = $2, beat = beat + 1 WHERE id = $1 AND owner = $3 AND beat = $4`

	releaseEndpoint = `
UPDATE webhook_endpoints SET owner = '', beat = beat + 1 WHERE id = $1 AND owner = $2`

	tellHealth = `
UPDATE webhook_endpoints SET failures = $4, failing_since = $5, retry_at = $6, last_success = $7, last_error = $8, state = $9, reason = $10, beat = beat + 1
WHERE id = $1 AND owner = $2 AND generation = $3`

	deliveryColumns = `endpoint, shard, seq, n, message, type, member, state, queued, attempts, created, last_at, next_at, status, error, millis`

	putDelivery = `
INSERT INTO webhook_deliveries (` + deliveryColumns + `)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
ON CONFLICT (endpoint, shard, seq, n) DO UPDATE SET state = excluded.state, queued = excluded.queued, attempts = excluded.attempts,
last_at = excluded.last_at, next_at = excluded.next_at, status = excluded.status, error = excluded.error, millis = excluded.millis`

	// Doing it again changes nothing.
	queueDelivery = `
INSERT INTO webhook_deliveries (` + deliveryColumns + `)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
ON CONFLICT (endpoint, shard, seq, n) DO NOTHING`

	// A message that the journal's own sending has not done stays with that.
	queueAgain = `
UPDATE webhook_deliveries SET state = 1, queued = 1, attempts = 0, next_at = NULL, created = $2 WHERE id = $1 AND state IN (3, 4)`

	queuedDeliveries = `
SELECT id, ` + deliveryColumns + ` FROM webhook_deliveries WHERE endpoint = $1 AND queued = 1 ORDER BY id LIMIT $2`

	allQueued = `
SELECT id, ` + deliveryColumns + ` FROM webhook_deliveries WHERE queued = 1 ORDER BY id`

	// What was delivered ahead of the cursor, and what is being tried again.
	deliveriesAhead = `
SELECT id, ` + deliveryColumns + ` FROM webhook_deliveries WHERE endpoint = $1 AND shard = $2 AND seq > $3 ORDER BY seq, n`

	deliveryAt = `
SELECT id, ` + deliveryColumns + ` FROM webhook_deliveries WHERE endpoint = $1 AND shard = $2 AND seq = $3 AND n = $4`

	deliveryByID = `
SELECT id, ` + deliveryColumns + ` FROM webhook_deliveries WHERE id = $1`

	listDeliveries = `
SELECT id, ` + deliveryColumns + ` FROM webhook_deliveries
WHERE endpoint = $1 AND id < $2 AND ($3 = 0 OR state = $3) ORDER BY id DESC LIMIT $4`

	listDeliveriesUp = `
SELECT id, ` + deliveryColumns + ` FROM webhook_deliveries
WHERE endpoint = $1 AND id > $2 AND ($3 = 0 OR state = $3) ORDER BY id LIMIT $4`

	forgetDeliveries = `
DELETE FROM webhook_deliveries WHERE id IN (SELECT id FROM webhook_deliveries WHERE last_at < $1 AND state IN (3, 4) AND queued = 0 ORDER BY last_at LIMIT $2)`
)

func (e *Endpoint) values() []any {
	return []any{
		e.ID, int64(e.Kind), int64(e.Member), e.URL, e.Method, e.Description, e.Types, int64(e.State), e.Reason, present(e.Secret), present(e.OldSecret),
		optional(e.OldUntil, calendar.None), int64(e.Created), e.Generation, optional(e.Replayed, calendar.None), e.Failures,
		optional(e.FailingSince, calendar.None), optional(e.RetryAt, calendar.None), optional(e.LastSuccess, calendar.None), e.LastError, e.Owner, e.Beat,
	}
}

func scanEndpoint(r row) (Endpoint, error) {
	var e Endpoint
	var kind, member, state, created int64
	var until, replayed, failing, retry, success *int64
	err := r.Scan(&e.ID, &kind, &member, &e.URL, &e.Method, &e.Description, &e.Types, &state, &e.Reason, &e.Secret, &e.OldSecret,
		&until, &created, &e.Generation, &replayed, &e.Failures, &failing, &retry, &success, &e.LastError, &e.Owner, &e.Beat)
	e.Kind, e.Member, e.State, e.Created = EndpointKind(kind), ledger.MemberID(member), EndpointState(state), calendar.Instant(created)
	e.OldUntil, e.Replayed = orNone(until, calendar.None), orNone(replayed, calendar.None)
	e.FailingSince, e.RetryAt, e.LastSuccess = orNone(failing, calendar.None), orNone(retry, calendar.None), orNone(success, calendar.None)
	return e, err
}

func (d *Delivery) values() []any {
	queued := int64(0)
	if d.Queued {
		queued = 1
	}
	return []any{
		d.Endpoint, int64(d.Shard), d.Seq, d.N, d.Message, d.Type, int64(d.Member), int64(d.State), queued, d.Attempts,
		int64(d.Created), int64(d.Last), optional(d.Next, calendar.None), d.Status, d.Error, d.Millis,
	}
}

func scanDelivery(r row) (Delivery, error) {
	var d Delivery
	var shard, member, state, queued, created, last int64
	var next *int64
	err := r.Scan(&d.ID, &d.Endpoint, &shard, &d.Seq, &d.N, &d.Message, &d.Type, &member, &state, &queued, &d.Attempts, &created, &last, &next, &d.Status, &d.Error, &d.Millis)
	d.Shard, d.Member, d.State, d.Queued = Shard(shard), ledger.MemberID(member), DeliveryState(state), queued != 0
	d.Created, d.Last, d.Next = calendar.Instant(created), calendar.Instant(last), orNone(next, calendar.None)
	return d, err
}

// AddEndpoint keeps a new endpoint with the cursors from which it is sent to.
func (tx *Tx) AddEndpoint(ctx context.Context, e *Endpoint, from []Cursor) error {
	_, err := tx.link.exec(ctx, insertEndpoint, e.values()...)
	if err == nil {
		err = putCursors(ctx, tx.link, from)
	}
	return wrong("endpoint "+e.ID, err)
}

func putCursors(ctx context.Context, l link, cursors []Cursor) error {
	for i := range cursors {
		if _, err := l.exec(ctx, putCursor, cursors[i].values()...); err != nil {
			return err
		}
	}
	return nil
}

// Endpoints lists the endpoints of a kind, the oldest first.
func (s *Store) Endpoints(ctx context.Context, kind EndpointKind) ([]Endpoint, error) {
	return readAll(ctx, s, listEndpoints, []any{int64(kind)}, scanEndpoint)
}

// EndpointsToServe lists the endpoints to which something may be to be sent.
func (s *Store) EndpointsToServe(ctx context.Context) ([]Endpoint, error) {
	return readAll(ctx, s, endpointsToServe, nil, scanEndpoint)
}

// Endpoint gives an endpoint; the error is [ErrNotFound] if there is none.
func (s *Store) Endpoint(ctx context.Context, id string) (Endpoint, error) {
	return oneOf(readAll(ctx, s, endpointByID, []any{id}, scanEndpoint))
}

// EndpointOf gives a member's postback; the error is [ErrNotFound] if there is none.
func (s *Store) EndpointOf(ctx context.Context, member ledger.MemberID) (Endpoint, error) {
	return oneOf(readAll(ctx, s, endpointOfMember, []any{int64(member)}, scanEndpoint))
}

func oneOf[T any](all []T, err error) (one T, _ error) {
	if err == nil && len(all) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return one, err
	}
	return all[0], nil
}

// ChangeEndpoint writes what people set of an endpoint, and moves cursors. Whoever
// sends to it begins anew.
func (tx *Tx) ChangeEndpoint(ctx context.Context, e *Endpoint, cursors []Cursor) error {
	n, err := tx.link.exec(ctx, changeEndpoint, e.ID, e.URL, e.Method, e.Description, e.Types, int64(e.State), e.Reason, present(e.Secret), present(e.OldSecret),
		optional(e.OldUntil, calendar.None), optional(e.Replayed, calendar.None), e.Failures, optional(e.FailingSince, calendar.None), optional(e.RetryAt, calendar.None))
	if err == nil && n == 0 {
		err = ErrNotFound
	}
	if err == nil {
		err = putCursors(ctx, tx.link, cursors)
	}
	return wrong("endpoint "+e.ID, err)
}

// MoveEndpoint gives a member's postback to another, who has none.
func (s *Store) MoveEndpoint(ctx context.Context, from, to ledger.MemberID) error {
	return wrong("postback", s.run(ctx, moveEndpoint, int64(from), int64(to)))
}

// RemoveEndpoint forgets an endpoint with its deliveries and cursors.
func (tx *Tx) RemoveEndpoint(ctx context.Context, id, subscriber string) error {
	n, err := tx.link.exec(ctx, removeEndpoint, id)
	if err == nil && n == 0 {
		err = ErrNotFound
	}
	if err == nil {
		_, err = tx.link.exec(ctx, removeDeliveries, id)
	}
	if err == nil {
		_, err = tx.link.exec(ctx, removeCursors, subscriber)
	}
	return wrong("endpoint "+id, err)
}

// ClaimEndpoint makes a server the one that sends to the endpoint, if nothing has
// changed since it was read.
func (s *Store) ClaimEndpoint(ctx context.Context, e *Endpoint, owner string) (claimed bool, err error) {
	err = s.write(ctx, func(l link) error {
		n, err := l.exec(ctx, claimEndpoint, e.ID, owner, e.Owner, e.Beat)
		claimed = n > 0
		return err
	})
	return claimed, wrong("endpoint "+e.ID, err)
}

// ReleaseEndpoint lets other servers send to the endpoint.
func (s *Store) ReleaseEndpoint(ctx context.Context, id, owner string) error {
	return wrong("endpoint "+id, s.run(ctx, releaseEndpoint, id, owner))
}

// TellDeliveries keeps what became of messages, how the endpoint answers and how far
// the journal is sent, together. The error is [ErrLeaseLost] where the endpoint is not
// this owner's any more; nothing is kept then.
func (s *Store) TellDeliveries(ctx context.Context, e *Endpoint, done []Delivery, cursors []Cursor) error {
	err := s.write(ctx, func(l link) error {
		n, err := l.exec(ctx, tellHealth, e.ID, e.Owner, e.Generation, e.Failures, optional(e.FailingSince, calendar.None), optional(e.RetryAt, calendar.None),
			optional(e.LastSuccess, calendar.None), e.LastError, int64(e.State), e.Reason)
		if err == nil && n == 0 {
			err = ErrLeaseLost
		}
		if err != nil {
			return err
		}
		for i := range done {
			if _, err := l.exec(ctx, putDelivery, done[i].values()...); err != nil {
				return err
			}
		}
		return putCursors(ctx, l, cursors)
	})
	return wrong("deliveries to "+e.ID, err)
}

// QueueDelivery keeps a message that is to be sent; one that is there already stays.
func (s *Store) QueueDelivery(ctx context.Context, d *Delivery) error {
	return wrong("delivery", s.run(ctx, queueDelivery, d.values()...))
}

// QueueDelivery keeps a message that is to be sent, and tells whether it was not there
// already.
func (tx *Tx) QueueDelivery(ctx context.Context, d *Delivery) (added bool, err error) {
	n, err := tx.link.exec(ctx, queueDelivery, d.values()...)
	return n > 0, wrong("delivery", err)
}

// QueueAgain has a message sent once more; the error is [ErrNotFound] where it has not
// been delivered or given up, since it is being sent then.
func (tx *Tx) QueueAgain(ctx context.Context, id int64, at calendar.Instant) error {
	n, err := tx.link.exec(ctx, queueAgain, id, int64(at))
	if err == nil && n == 0 {
		err = ErrNotFound
	}
	return wrong("delivery", err)
}

// Queued gives the messages that wait for an endpoint, in the order in which they came.
func (s *Store) Queued(ctx context.Context, endpoint string, limit int) ([]Delivery, error) {
	return readAll(ctx, s, queuedDeliveries, []any{endpoint, int64(limit)}, scanDelivery)
}

// AllQueued gives the messages that wait for any endpoint.
func (s *Store) AllQueued(ctx context.Context) ([]Delivery, error) {
	return readAll(ctx, s, allQueued, nil, scanDelivery)
}

// DeliveriesAhead gives what is known of messages behind a cursor.
func (s *Store) DeliveriesAhead(ctx context.Context, endpoint string, after Position) ([]Delivery, error) {
	return readAll(ctx, s, deliveriesAhead, []any{endpoint, int64(after.Shard), after.Seq}, scanDelivery)
}

// Delivery gives a delivery; the error is [ErrNotFound] if it is not there any more.
func (s *Store) Delivery(ctx context.Context, id int64) (Delivery, error) {
	return oneOf(readAll(ctx, s, deliveryByID, []any{id}, scanDelivery))
}

// DeliveryAt gives the delivery of the same message to the same endpoint.
func (s *Store) DeliveryAt(ctx context.Context, d *Delivery) (Delivery, error) {
	return oneOf(readAll(ctx, s, deliveryAt, []any{d.Endpoint, int64(d.Shard), d.Seq, d.N}, scanDelivery))
}

// Deliveries lists an endpoint's deliveries before the number, the newest first, and
// only those in a state if that is not 0.
func (s *Store) Deliveries(ctx context.Context, endpoint string, before int64, state DeliveryState, limit int) ([]Delivery, error) {
	return readAll(ctx, s, listDeliveries, []any{endpoint, before, int64(state), int64(limit)}, scanDelivery)
}

// DeliveriesAfter lists an endpoint's deliveries after the number, the oldest first, and
// only those in a state if that is not 0.
func (s *Store) DeliveriesAfter(ctx context.Context, endpoint string, after int64, state DeliveryState, limit int) ([]Delivery, error) {
	return readAll(ctx, s, listDeliveriesUp, []any{endpoint, after, int64(state), int64(limit)}, scanDelivery)
}

// ForgetDeliveries forgets some of the deliveries that ended before the instant, and
// answers how many.
func (s *Store) ForgetDeliveries(ctx context.Context, before calendar.Instant, limit int) (forgotten int64, err error) {
	err = s.write(ctx, func(l link) error {
		forgotten, err = l.exec(ctx, forgetDeliveries, int64(before), int64(limit))
		return err
	})
	return forgotten, wrong("deliveries", err)
}
