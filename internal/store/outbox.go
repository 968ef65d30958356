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
	Subject, Body      string
	Created            calendar.Instant
	// Tried counts attempts to send it, Sent is when one came through, and Error what
	// the last one came to.
	Tried int64
	Sent  calendar.Instant
	Error string
}

const (
	messageValues = `id, channel, recipient, subject, body, created, tried, sent, error`

	insertMessage = `
INSERT INTO outbox (` + messageValues + `) SELECT coalesce(max(id), 0) + 1, CAST($1 AS text), CAST($2 AS text), CAST($3 AS text), CAST($4 AS text), CAST($5 AS bigint), 0, NULL, '' FROM outbox RETURNING id`

	noteMessage = `
UPDATE outbox SET tried = $2, sent = $3, error = $4 WHERE id = $1`

	listMessages = `
SELECT ` + messageValues + ` FROM outbox WHERE id < $1 ORDER BY id DESC LIMIT $2`

	unsentMessages = `
SELECT ` + messageValues + ` FROM outbox WHERE sent IS NULL AND tried < $1 ORDER BY id LIMIT $2`

	retryMessages = `
UPDATE outbox SET tried = 0 WHERE sent IS NULL AND tried > 0 AND tried < $1`

	giveUpMessage = `
UPDATE outbox SET tried = $2 WHERE id = $1 AND sent IS NULL`

	// The last one stays, so that no number is given twice.
	deleteOldMessages = `
DELETE FROM outbox WHERE created < $1 AND id < (SELECT max(id) FROM outbox)`
)

// AddMessage puts a message into the outbox, and gives its number. Messages of before
// oldest are forgotten.
func (s *Store) AddMessage(ctx context.Context, m *Message, oldest calendar.Instant) (id int64, err error) {
	err = s.Change(ctx, func(tx *Tx) error {
		if _, err := tx.link.exec(ctx, deleteOldMessages, int64(oldest)); err != nil {
			return err
		}
		return queryRow(ctx, tx.link, insertMessage, []any{m.Channel, m.Recipient, m.Subject, m.Body, int64(m.Created)}, &id)
	})
	return id, wrong("outbox", err)
}

// NoteMessage keeps what became of a message.
func (s *Store) NoteMessage(ctx context.Context, m *Message) error {
	return wrong("outbox", s.run(ctx, noteMessage, m.ID, m.Tried, optional(m.Sent, calendar.None), m.Error))
}

// Messages gives up to limit messages with lower numbers, the latest first.
func (s *Store) Messages(ctx context.Context, before int64, limit int) ([]Message, error) {
	return readAll(ctx, s, listMessages, []any{before, int64(limit)}, scanMessage)
}

// UnsentMessages gives those that were tried less often, the oldest first.
func (s *Store) UnsentMessages(ctx context.Context, tries int64, limit int) ([]Message, error) {
	return readAll(ctx, s, unsentMessages, []any{tries, int64(limit)}, scanMessage)
}

// RetryMessages lets those that were refused be tried anew, other than those that were
// tried so often or more, and gives how many that are.
func (s *Store) RetryMessages(ctx context.Context, below int64) (again int64, err error) {
	err = s.Change(ctx, func(tx *Tx) error {
		again, err = tx.link.exec(ctx, retryMessages, below)
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
	var created int64
	var sent *int64
	err := r.Scan(&m.ID, &m.Channel, &m.Recipient, &m.Subject, &m.Body, &created, &m.Tried, &sent, &m.Error)
	m.Created, m.Sent = calendar.Instant(created), orNone(sent, calendar.None)
	return m, err
}
