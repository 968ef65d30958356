package store

import (
	"context"

	"premia/internal/core/calendar"
)

const (
	countOldMessages = `
SELECT count(*) FROM outbox WHERE created < $1 AND recipient <> ''`

	// The last message keeps its number, so that none is given twice, and nothing else.
	blankOldMessages = `
UPDATE outbox SET recipient = '', subject = '', body = '', error = '', sent = coalesce(sent, created) WHERE created < $1 AND recipient <> ''`

	countOldClicks = `
SELECT count(*) FROM clicks WHERE at < $1`

	countEndedSessions = `
SELECT (SELECT count(*) FROM sessions WHERE expires <= $1) + (SELECT count(*) FROM member_sessions WHERE expires <= $1)`

	forgetEndedSessions = `
DELETE FROM sessions WHERE expires <= $1`

	forgetEndedMemberSessions = `
DELETE FROM member_sessions WHERE expires <= $1`
)

// Outdated are rows whose time is over, beside members.
type Outdated struct {
	Messages, Clicks, Sessions int64
}

// Until says from when on rows stay, of each kind: messages and clicks by when they
// came, sessions by when they end. calendar.Beginning keeps all.
type Until struct {
	Messages, Clicks, Sessions calendar.Instant
}

// CountOutdated counts what [Store.ForgetOutdated] would forget.
func (s *Store) CountOutdated(ctx context.Context, until Until) (n Outdated, err error) {
	err = s.read(ctx, func(l link) error {
		for _, q := range []struct {
			text  string
			from  calendar.Instant
			count *int64
		}{
			{countOldMessages, until.Messages, &n.Messages}, {countOldClicks, until.Clicks, &n.Clicks}, {countEndedSessions, until.Sessions, &n.Sessions},
		} {
			if err := queryRow(ctx, l, q.text, []any{int64(q.from)}, q.count); err != nil {
				return err
			}
		}
		return nil
	})
	return n, wrong("outdated rows", err)
}

// ForgetOutdated forgets rows whose time is over; doing it again does nothing.
func (s *Store) ForgetOutdated(ctx context.Context, until Until) error {
	err := s.Change(ctx, func(tx *Tx) error {
		for _, q := range []struct {
			text string
			from calendar.Instant
		}{
			{deleteOldMessages, until.Messages}, {blankOldMessages, until.Messages},
			{forgetEndedSessions, until.Sessions}, {forgetEndedMemberSessions, until.Sessions},
		} {
			if _, err := tx.link.exec(ctx, q.text, int64(q.from)); err != nil {
				return err
			}
		}
		return nil
	})
	for forgotten := int64(forgottenTogether); err == nil && forgotten == forgottenTogether; {
		err = s.write(ctx, func(l link) (err error) {
			forgotten, err = l.exec(ctx, forgetClicks, int64(until.Clicks), int64(forgottenTogether))
			return err
		})
	}
	return wrong("outdated rows", err)
}
