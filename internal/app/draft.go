package app

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/event"
	"premia/internal/core/text"
	"premia/internal/journal"
	"premia/internal/store"
)

// The codes of problems with drafts and with publishing.
const (
	CodeUnknownDraft = "unknown_draft"
	CodeDraftClosed  = "draft_closed"
	CodeSecondNeeded = "publish_needs_second"
	CodeNotRequested = "draft_not_requested"
	CodeDraftChanged = "draft_changed"
)

// maxDraftTitle is how many characters a draft's title may have.
const maxDraftTitle = 120

// DraftChange is what somebody writes into a draft.
type DraftChange struct {
	Title, Comment string
	Document       []byte
	// LiveFrom is when it is to be in force; calendar.None is at once.
	LiveFrom calendar.Instant
	// Seen is when the draft was changed last as far as who changes it knows: if
	// somebody else did since, nothing is written. calendar.None writes over it.
	Seen calendar.Instant
}

// auditEvery is after how long the audit trail says again that the same person goes on
// changing a draft, which is saved while they type; in microseconds.
const auditEvery = calendar.Instant(10 * 60 * 1_000_000)

// Drafts gives the drafts that are open or wait for a second person, the last changed
// first.
func (a *App) Drafts(ctx context.Context) ([]store.Draft, error) {
	if err := may(ctx, auth.ProgramRead); err != nil {
		return nil, err
	}
	all, err := a.Store.Drafts(ctx)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(d store.Draft) bool { return d.State != store.DraftOpen && d.State != store.DraftRequested }), nil
}

// discardedStays is for how long a draft that was thrown away can be restored: 30 days,
// in microseconds.
const discardedStays = calendar.Instant(30 * 24 * 60 * 60 * 1_000_000)

// DiscardedDrafts gives the drafts that were thrown away and can be restored, the last
// one first.
func (a *App) DiscardedDrafts(ctx context.Context) ([]store.Draft, error) {
	if err := may(ctx, auth.ProgramRead); err != nil {
		return nil, err
	}
	all, err := a.Store.Drafts(ctx)
	if err != nil {
		return nil, err
	}
	out := slices.DeleteFunc(all, func(d store.Draft) bool { return !a.restorable(&d) })
	slices.SortStableFunc(out, func(x, y store.Draft) int { return cmp.Compare(y.Answered, x.Answered) })
	return out, nil
}

func (a *App) restorable(d *store.Draft) bool {
	return d.State == store.DraftDiscarded && d.Answered != calendar.None && d.Answered > a.Journal.Now()-discardedStays
}

// RestoreDraft takes a draft up again that was thrown away not long ago.
func (a *App) RestoreDraft(ctx context.Context, id string) error {
	if err := may(ctx, auth.ProgramWrite); err != nil {
		return err
	}
	return a.change(ctx, a.audited(ctx, "draft.restored", id), func(tx *store.Tx) error {
		d, err := tx.Draft(ctx, id)
		switch {
		case err != nil:
			return unknownDraft(err, id)
		case !a.restorable(&d):
			return draftClosed()
		}
		d.State, d.Requester, d.Requested, d.Answerer, d.Answered = store.DraftOpen, "", calendar.None, "", calendar.None
		return tx.PutDraft(ctx, &d)
	})
}

// Draft gives a draft. The error is a *Problem if there is none.
func (a *App) Draft(ctx context.Context, id string) (store.Draft, error) {
	if err := may(ctx, auth.ProgramRead); err != nil {
		return store.Draft{}, err
	}
	d, err := a.Store.Draft(ctx, id)
	return d, unknownDraft(err, id)
}

func unknownDraft(err error, id string) error {
	if !errors.Is(err, store.ErrNotFound) {
		return err
	}
	return problem(CodeUnknownDraft, "draft", text.Say("there is no draft {ID}", strconv.Quote(id)), "Key", text.Quoted(id))
}

// SaveDraft keeps a draft: a new one where the id is empty. The document may have
// mistakes; publishing checks it. A draft that waits for a second person waits no more
// when it is changed.
func (a *App) SaveDraft(ctx context.Context, id string, c DraftChange) (store.Draft, error) {
	if err := may(ctx, auth.ProgramWrite); err != nil {
		return store.Draft{}, err
	}
	c.Title = strings.TrimSpace(c.Title)
	switch {
	case len([]rune(c.Title)) > maxDraftTitle:
		return store.Draft{}, problem(event.CodeInvalid, "title", text.Say("a title has at most {Most} characters", maxDraftTitle))
	case len(c.Document) > MaxDocument:
		return store.Draft{}, problem(event.CodeTooLarge, "document", text.Say("a document has at most {Most} bytes", MaxDocument))
	}
	if id == "" {
		return a.beginDraft(ctx, c)
	}
	var out store.Draft
	err := a.Store.Change(ctx, func(tx *store.Tx) error {
		d, err := tx.Draft(ctx, id)
		switch {
		case err != nil:
			return unknownDraft(err, id)
		case d.State != store.DraftOpen && d.State != store.DraftRequested:
			return draftClosed()
		case c.Seen != calendar.None && c.Seen != d.Changed:
			return problem(CodeDraftChanged, "draft", "somebody changed this draft since you opened it, and nothing of yours was written over theirs; keep yours as another draft, or look at theirs")
		}
		before, now := d, max(a.Journal.Now(), d.Changed+1)
		written(&d, c, ActorOf(ctx).ID, now)
		row := a.audited(ctx, "draft.changed", id)
		described := bytes.Equal(before.Document, d.Document)
		if described { // who says when it is to be live has not written it
			row, d.Editor = a.audited(ctx, "draft.described", id), before.Editor
		}
		if out = d; described || d.Editor != before.Editor || now-before.Changed > auditEvery || before.State == store.DraftRequested {
			if err := tx.Audit(ctx, row); err != nil {
				return err
			}
		}
		return tx.PutDraft(ctx, &d)
	})
	return out, err
}

// RenameDraft gives a draft another title. A draft that waits for a second person goes on
// waiting: what would be published stays as it is.
func (a *App) RenameDraft(ctx context.Context, id, title string) error {
	if err := may(ctx, auth.ProgramWrite); err != nil {
		return err
	}
	title = strings.TrimSpace(title)
	switch {
	case title == "":
		return problem(event.CodeInvalid, "title", "a draft needs a title")
	case len([]rune(title)) > maxDraftTitle:
		return problem(event.CodeInvalid, "title", text.Say("a title has at most {Most} characters", maxDraftTitle))
	}
	return a.moveDraft(ctx, id, "draft.described", func(d *store.Draft) error { d.Title = title; return nil })
}

// beginDraft keeps a new draft, which begins from the live program.
func (a *App) beginDraft(ctx context.Context, c DraftChange) (store.Draft, error) {
	now, who := a.Journal.Now(), ActorOf(ctx).ID
	d := store.Draft{ID: auth.NewID("drf_"), Author: who, Created: now}
	if p := a.program(); p != nil {
		d.Base = int64(p.Version)
	}
	written(&d, c, who, now)
	err := a.change(ctx, a.audited(ctx, "draft.begun", d.ID), func(tx *store.Tx) error { return tx.PutDraft(ctx, &d) })
	return d, err
}

// written puts a change into a draft.
func written(d *store.Draft, c DraftChange, who string, now calendar.Instant) {
	d.Title, d.Comment, d.Document, d.LiveFrom = c.Title, c.Comment, c.Document, c.LiveFrom
	d.Changed, d.Editor, d.State, d.Requester, d.Requested = now, who, store.DraftOpen, "", calendar.None
}

func draftClosed() error {
	return problem(CodeDraftClosed, "draft", "this draft was published or thrown away; begin a new one")
}

// DiscardDraft throws a draft away; [App.RestoreDraft] takes it up again.
func (a *App) DiscardDraft(ctx context.Context, id string) error {
	if err := may(ctx, auth.ProgramWrite); err != nil {
		return err
	}
	return a.moveDraft(ctx, id, "draft.discarded", func(d *store.Draft) error {
		d.State, d.Answerer, d.Answered = store.DraftDiscarded, ActorOf(ctx).ID, a.Journal.Now()
		return nil
	})
}

func (a *App) moveDraft(ctx context.Context, id, action string, fn func(*store.Draft) error) error {
	return a.change(ctx, a.audited(ctx, action, id), func(tx *store.Tx) error {
		d, err := tx.Draft(ctx, id)
		if err != nil {
			return unknownDraft(err, id)
		}
		if d.State != store.DraftOpen && d.State != store.DraftRequested {
			return draftClosed()
		}
		if err := fn(&d); err != nil {
			return err
		}
		return tx.PutDraft(ctx, &d)
	})
}

// RequestPublishing asks for a second person who publishes a draft. The document must
// be without mistakes; scenarios that fail are shown to that person.
func (a *App) RequestPublishing(ctx context.Context, id string) error {
	if err := may(ctx, auth.ProgramWrite); err != nil {
		return err
	}
	d, err := a.Draft(ctx, id)
	if err != nil {
		return err
	}
	settings, err := a.AccessSettings(ctx)
	if err != nil {
		return err
	}
	if failing, err := checkScenarios(d.Document); err != nil && (failing == 0 || settings.ScenariosBind) {
		return err
	}
	return a.moveDraft(ctx, id, "draft.requested", func(now *store.Draft) error {
		if now.Changed != d.Changed {
			return draftMoved()
		}
		now.State, now.Requester, now.Requested, now.Reason = store.DraftRequested, ActorOf(ctx).ID, a.Journal.Now(), ""
		return nil
	})
}

// SendBack refuses to publish a draft that somebody asked to be published, and says why.
func (a *App) SendBack(ctx context.Context, id, reason string) error {
	if err := may(ctx, auth.ProgramPublish); err != nil {
		return err
	}
	return a.moveDraft(ctx, id, "draft.sent_back", func(d *store.Draft) error {
		if d.State != store.DraftRequested {
			return notRequested()
		}
		d.State, d.Answerer, d.Answered, d.Reason = store.DraftOpen, ActorOf(ctx).ID, a.Journal.Now(), reason
		return nil
	})
}

func notRequested() error {
	return problem(CodeNotRequested, "draft", "nobody has asked for this draft to be published")
}

// PublishDraft publishes a draft. Where the workspace asks for a second person, somebody
// must have asked for it who is another one, and so must be who wrote it.
//
// Despite is how many scenarios fail, by what the publisher was shown and confirmed: a
// draft of which just so many fail is published all the same, if the workspace doesn't
// forbid it, and the audit trail says so. With 0 none may fail.
func (a *App) PublishDraft(ctx context.Context, id string, despite int) (journal.Published, error) {
	if err := may(ctx, auth.ProgramPublish); err != nil {
		return journal.Published{}, err
	}
	d, err := a.Draft(ctx, id)
	if err != nil {
		return journal.Published{}, err
	}
	settings, err := a.AccessSettings(ctx)
	if err != nil {
		return journal.Published{}, err
	}
	who := ActorOf(ctx)
	switch {
	case d.State != store.DraftOpen && d.State != store.DraftRequested:
		return journal.Published{}, draftClosed()
	case settings.TwoPublish && d.State != store.DraftRequested:
		return journal.Published{}, notRequested()
	case settings.TwoPublish && (who.ID == d.Requester || who.ID == d.Author || who.ID == d.Editor):
		return journal.Published{}, errSecondNeeded()
	}
	if wrote, err := a.wrote(ctx, id, who.ID); err != nil || wrote && settings.TwoPublish {
		if err == nil {
			err = errSecondNeeded()
		}
		return journal.Published{}, err
	}
	if settings.TwoPublish {
		if err := a.refusedSecond(ctx, "draft.approval_refused", id, a.independent(ctx, d.Requester, d.Author, d.Editor)); err != nil {
			return journal.Published{}, err
		}
	}
	before := d
	d.State, d.Answerer, d.Answered = store.DraftPublished, who.ID, a.Journal.Now()
	failing, err := checkScenarios(d.Document)
	if err != nil && (failing == 0 || failing != despite || settings.ScenariosBind) {
		return journal.Published{}, err
	}
	var more []any
	if failing > 0 {
		more = []any{"despite_scenarios", failing}
	}
	return a.publishAs(ctx, "program.published", more, d.Document, d.LiveFrom, d.Comment, func(tx *store.Batch, p journal.Published) error {
		d.Version = int64(p.Version)
		kept, err := tx.PutDraft(ctx, &before, &d)
		if err == nil && !kept {
			err = draftMoved()
		}
		return err
	})
}

// wrote tells whether a user has changed a draft, by the audit trail.
func (a *App) wrote(ctx context.Context, draft, user string) (bool, error) {
	rows, err := a.Store.Audits(ctx, store.AuditFilter{Actor: user, Target: draft, Action: "draft.changed"}, 1)
	return len(rows) > 0, err
}

func draftMoved() error {
	return problem(CodeDraftClosed, "draft", "somebody changed the draft meanwhile; look at it and ask again")
}

func errSecondNeeded() error {
	return problem(CodeSecondNeeded, "", "this workspace asks for a second person who publishes a program; save it as a draft and ask for that")
}

// alone refuses to publish without a second person where the workspace asks for one.
// Where there is no program yet there is nothing to protect.
func (a *App) alone(ctx context.Context) error {
	settings, err := a.AccessSettings(ctx)
	if err != nil || !settings.TwoPublish || a.Journal.Rules().Newest == 0 || ActorOf(ctx).Kind == auth.KindSystem {
		return err
	}
	return errSecondNeeded()
}

// publish makes a document the program, and does also what belongs to it.
func (a *App) publish(ctx context.Context, src []byte, from calendar.Instant, comment string, also ...func(*store.Batch, journal.Published) error) (journal.Published, error) {
	return a.publishAs(ctx, "program.published", nil, src, from, comment, also...)
}

// publishAs is publish under another action of the audit trail, with more of what it
// says.
func (a *App) publishAs(ctx context.Context, action string, more []any, src []byte, from calendar.Instant, comment string, also ...func(*store.Batch, journal.Published) error) (journal.Published, error) {
	p, err := a.Journal.Publish(ctx, src, from, comment, append(also, func(tx *store.Batch, p journal.Published) error {
		row := a.audited(ctx, action, fmt.Sprint(p.Version), append([]any{"live_from", p.LiveFrom.String()}, more...)...)
		if p.Unchanged {
			return nil
		}
		return tx.Audit(ctx, row)
	})...)
	return p, invalidProgram(err)
}
