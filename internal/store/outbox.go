package store

import (
	"context"

	"premia/internal/core/calendar"
)

// Message is something to be sent to somebody, or that was sent a while ago.
type Message struct {
	// ID is given by the store, in the order of creation.
	ID int64
	// Channel is "email" or "sms", and Recipient the address or number.
	Channel, Recipient string
	Subject            string
	// Body may have a link or a code by which one gets in, so that it is kept no longer
	// than it is needed: it is empty once the message was sent, was given up, or is late.
	Body    string
	Created calendar.Instant
	// Until is as long as what it says is good, such as a link in it; 0 is for ever. It
	// is not sent later.
	Until calendar.Instant
	// Tried counts attempts to send it, Sent is when one came through, and Error what
	// the last one came to.
	Tried int64
	Sent  calendar.Instant
	Error string
}

const (
	messageValues = `id, channel, recipient, subject, body, created, tried, sent, error, good_until`

	insertMessage = `
INSERT INTO outbox (` + messageValues + `) SELECT coalesce(max(id), 0) + 1, CAST($1 AS text), CAST($2 AS text), CAST($3 AS text), CAST($4 AS text), CAST($5 AS bigint), 0, NULL, '', CAST($6 AS bigint) FROM outbox RETURNING id`

	claimMessage = `
UPDATE outbox SET tried = tried + 1, next_try = $3 WHERE id = $1 AND tried = $2 AND sent IS NULL`

	sentMessage = `
UPDATE outbox SET sent = $2, error = '', body = '' WHERE id = $1`

	// Not where somebody gave it up meanwhile.
	failedMessage = `
UPDATE outbox SET error = $3, next_try = $4 WHERE id = $1 AND tried = $2`

	dueMessages = `
SELECT ` + messageValues + ` FROM outbox WHERE sent IS NULL AND channel = $1 AND tried < $2 AND next_try <= $3 AND good_until > $3 ORDER BY next_try, id LIMIT $4`

	listMessages = `
SELECT ` + messageValues + ` FROM outbox WHERE id < $1 ORDER BY id DESC LIMIT $2`

	unsentMessages = `
SELECT ` + messageValues + ` FROM outbox WHERE sent IS NULL AND tried < $1 ORDER BY id LIMIT $2`

	retryMessages = `
UPDATE outbox SET tried = 0, next_try = 0 WHERE sent IS NULL AND tried > 0 AND tried < $1 AND good_until > $2`

	giveUpLateMessages = `
UPDATE outbox SET tried = $1, body = '' WHERE sent IS NULL AND tried < $1 AND good_until <= $2`

	giveUpMessage = `
UPDATE outbox SET tried = $2, body = '' WHERE id = $1 AND sent IS NULL`

	forgetBodies = `
UPDATE outbox SET body = '' WHERE body <> '' AND (sent IS NOT NULL OR good_until <= $1)`

	// The last one stays, so that no number is given twice.
	deleteOldMessages = `
DELETE FROM outbox WHERE created < $1 AND id < (SELECT max(id) FROM outbox)`
)

// AddMessage puts a message into the outbox, and gives its number. Messages of before
// oldest are forgotten.
func (s *Store) AddMessage(ctx context.Context, m *Message, oldest calendar.Instant) (id int64, err error) {
	until := m.Until
	if until == 0 {
		until = calendar.Never
	}
	err = s.Change(ctx, func(tx *Tx) error {
		if _, err := tx.link.exec(ctx, deleteOldMessages, int64(oldest)); err != nil {
			return err
		}
		return queryRow(ctx, tx.link, insertMessage, []any{m.Channel, m.Recipient, m.Subject, m.Body, int64(m.Created), int64(until)}, &id)
	})
	return id, wrong("outbox", err)
}

// ClaimMessage counts an attempt to send a message as it was read, and tells whether it
// is this caller's to make: not where another server was first, or it was sent or given
// up. Nobody else makes one before next.
func (s *Store) ClaimMessage(ctx context.Context, m *Message, next calendar.Instant) (ours bool, err error) {
	err = s.Change(ctx, func(tx *Tx) error {
		n, err := tx.link.exec(ctx, claimMessage, m.ID, m.Tried, int64(next))
		ours = n > 0
		return err
	})
	if ours {
		m.Tried++
	}
	return ours, wrong("outbox", err)
}

// MessageSent notes that a message was sent, and forgets what it said.
func (s *Store) MessageSent(ctx context.Context, id int64, at calendar.Instant) error {
	return wrong("outbox", s.run(ctx, sentMessage, id, int64(at)))
}

// ForgetBodies forgets what messages say that were sent, or that are not good any more.
func (s *Store) ForgetBodies(ctx context.Context, now calendar.Instant) error {
	return wrong("outbox", s.run(ctx, forgetBodies, int64(now)))
}

// MessageFailed notes what a claimed attempt came to, and when the next one may be made.
func (s *Store) MessageFailed(ctx context.Context, m *Message, next calendar.Instant) error {
	return wrong("outbox", s.run(ctx, failedMessage, m.ID, m.Tried, m.Error, int64(next)))
}

// DueMessages gives messages of a channel that may be tried now, those that have waited
// longest first, other than those that were tried so often or more.
func (s *Store) DueMessages(ctx context.Context, channel string, tries int64, now calendar.Instant, limit int) ([]Message, error) {
	return readAll(ctx, s, dueMessages, []any{channel, tries, int64(now), int64(limit)}, scanMessage)
}

// Messages gives up to limit messages with lower numbers, the latest first.
func (s *Store) Messages(ctx context.Context, before int64, limit int) ([]Message, error) {
	return readAll(ctx, s, listMessages, []any{before, int64(limit)}, scanMessage)
}

// UnsentMessages gives those that were tried less often, the oldest first.
func (s *Store) UnsentMessages(ctx context.Context, tries int64, limit int) ([]Message, error) {
	return readAll(ctx, s, unsentMessages, []any{tries, int64(limit)}, scanMessage)
}

// RetryMessages lets those that were refused be tried anew at once, other than those that
// were tried so often or more, and gives how many that are. Of those whose time is over it
// notes that many attempts.
func (s *Store) RetryMessages(ctx context.Context, below int64, now calendar.Instant) (again int64, err error) {
	err = s.Change(ctx, func(tx *Tx) error {
		if _, err := tx.link.exec(ctx, giveUpLateMessages, below, int64(now)); err != nil {
			return err
		}
		again, err = tx.link.exec(ctx, retryMessages, below, int64(now))
		return err
	})
	return again, wrong("outbox", err)
}

// GiveUpMessage notes so many attempts of a message that was not sent, and tells whether
// there is one.
func (s *Store) GiveUpMessage(ctx context.Context, id, tries int64) (found bool, err error) {
	err = s.Change(ctx, func(tx *Tx) error {
		n, err := tx.link.exec(ctx, giveUpMessage, id, tries)
		found = n > 0
		return err
	})
	return found, wrong("outbox", err)
}

func scanMessage(r row) (Message, error) {
	var m Message
	var created, until int64
	var sent *int64
	err := r.Scan(&m.ID, &m.Channel, &m.Recipient, &m.Subject, &m.Body, &created, &m.Tried, &sent, &m.Error, &until)
	m.Created, m.Until, m.Sent = calendar.Instant(created), calendar.Instant(until), orNone(sent, calendar.None)
	return m, err
}
