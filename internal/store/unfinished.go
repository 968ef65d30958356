package store

import (
	"context"
	"errors"
)

// unfinishedSetting marks a database into which another one is being moved.
const unfinishedSetting = "unfinished_move"

const deleteSetting = `
DELETE FROM settings WHERE key = $1`

// checkFinished refuses a database that holds only a part of another one.
func (s *Store) checkFinished(ctx context.Context, l link) error {
	var value []byte
	err := queryRow(ctx, l, getSetting, []any{unfinishedSetting}, &value)
	switch {
	case errors.Is(err, ErrNotFound), err == nil && s.unfinished:
		return nil
	case err != nil:
		return wrong("see whether the database is complete", err)
	}
	return ErrUnfinished
}

// BeginMove marks the database as one that holds only a part: until EndMove,
// [Open] refuses it with [ErrUnfinished].
func (s *Store) BeginMove(ctx context.Context, from string) error {
	return s.SetSetting(ctx, unfinishedSetting, []byte(from))
}

// EndMove says that the database is complete.
func (s *Store) EndMove(ctx context.Context) error {
	return wrong("end the move", s.run(ctx, deleteSetting, unfinishedSetting))
}

// IsEmpty tells whether nothing was ever kept in the database. That its members can be
// found is noted in a new one already.
func (s *Store) IsEmpty(ctx context.Context) (bool, error) {
	const anything = `
SELECT (SELECT count(*) FROM journal) + (SELECT count(*) FROM directory) + (SELECT count(*) FROM members)
	+ (SELECT count(*) FROM programs) + (SELECT count(*) FROM settings WHERE key <> '` + searchFilled + `') + (SELECT count(*) FROM api_keys)
	+ (SELECT count(*) FROM users) + (SELECT count(*) FROM invitations) + (SELECT count(*) FROM audit)`
	var rows int64
	err := s.read(ctx, func(l link) error { return queryRow(ctx, l, anything, nil, &rows) })
	return rows == 0, wrong("see whether the database is empty", err)
}
