package store

import (
	"context"

	"premia/internal/core/calendar"
)

// DraftState is how far a draft of the program is.
type DraftState uint8

// The states of a draft.
const (
	DraftOpen      DraftState = iota + 1 // being written
	DraftRequested                       // waits for a second person
	DraftPublished
	DraftDiscarded
)

// Draft is a program that is being written.
type Draft struct {
	ID, Title string
	Document  []byte
	Comment   string
	// LiveFrom is when it is to be in force; calendar.None is at once.
	LiveFrom calendar.Instant
	// Author is the id of who began it, and Editor of who changed it last.
	Author, Editor   string
	Created, Changed calendar.Instant
	State            DraftState
	// Requester asked for its publishing, and Answerer decided.
	Requester string
	Requested calendar.Instant
	Answerer  string
	Answered  calendar.Instant
	// Reason is why it was sent back.
	Reason string
	// Base is the version that it began from, 0 for none, and Version what it was
	// published as; 0 before.
	Base, Version int64
}

const (
	draftValues = `id, title, document, comment, live_from, author, created, changed, state, requester, requested, answerer, answered, reason, version, base, editor`

	putDraft = `
INSERT INTO drafts (` + draftValues + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
ON CONFLICT (id) DO UPDATE SET title = excluded.title, document = excluded.document, comment = excluded.comment, live_from = excluded.live_from,
	changed = excluded.changed, state = excluded.state, requester = excluded.requester, requested = excluded.requested,
	answerer = excluded.answerer, answered = excluded.answered, reason = excluded.reason, version = excluded.version,
	base = excluded.base, editor = excluded.editor`

	listDrafts = `
SELECT ` + draftValues + ` FROM drafts ORDER BY changed DESC, id`

	draftByID = `
SELECT ` + draftValues + ` FROM drafts WHERE id = $1`
)

// Drafts gives all drafts, the last changed first.
func (s *Store) Drafts(ctx context.Context) ([]Draft, error) {
	return readAll(ctx, s, listDrafts, nil, scanDraft)
}

// Draft gives a draft; [ErrNotFound] if there is none.
func (s *Store) Draft(ctx context.Context, id string) (Draft, error) {
	return first(readAll(ctx, s, draftByID, []any{id}, scanDraft))
}

// Draft gives a draft; [ErrNotFound] if there is none.
func (tx *Tx) Draft(ctx context.Context, id string) (Draft, error) {
	return first(txAll(ctx, tx, draftByID, []any{id}, scanDraft))
}

// PutDraft keeps a draft, in the place of the one with its id.
func (tx *Tx) PutDraft(ctx context.Context, d *Draft) error {
	return saveDraft(ctx, tx.link, d)
}

// PutDraft keeps a draft with the batch, in the place of one that is as it was; it tells
// whether it still was.
func (b *Batch) PutDraft(ctx context.Context, before, d *Draft) (kept bool, err error) {
	if b.lite != nil {
		ctx = context.WithoutCancel(ctx)
	}
	if err := b.s.lockAudit(ctx, b.link()); err != nil {
		return false, err
	}
	now, err := first(linkAll(ctx, b.link(), draftByID, []any{d.ID}, scanDraft))
	if err != nil {
		return false, err
	}
	if now.Changed != before.Changed || now.State != before.State {
		return false, nil
	}
	return true, saveDraft(ctx, b.link(), d)
}

func saveDraft(ctx context.Context, l link, d *Draft) error {
	_, err := l.exec(ctx, putDraft, d.ID, d.Title, present(d.Document), d.Comment, optional(d.LiveFrom, calendar.None), d.Author, int64(d.Created), int64(d.Changed), int64(d.State),
		d.Requester, optional(d.Requested, calendar.None), d.Answerer, optional(d.Answered, calendar.None), d.Reason, d.Version, d.Base, d.Editor)
	return wrong("draft", err)
}

func scanDraft(r row) (Draft, error) {
	var d Draft
	var created, changed, state int64
	var from, requested, answered *int64
	err := r.Scan(&d.ID, &d.Title, &d.Document, &d.Comment, &from, &d.Author, &created, &changed, &state, &d.Requester, &requested, &d.Answerer, &answered, &d.Reason, &d.Version, &d.Base, &d.Editor)
	d.LiveFrom, d.Created, d.Changed, d.State = orNone(from, calendar.None), calendar.Instant(created), calendar.Instant(changed), DraftState(state)
	d.Requested, d.Answered = orNone(requested, calendar.None), orNone(answered, calendar.None)
	return d, err
}
