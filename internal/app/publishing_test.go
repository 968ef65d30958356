package app_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/store"
)

// TestPublishingBySecondPerson asks for one, and finds that nobody is their own.
func TestPublishingBySecondPerson(t *testing.T) {
	t.Parallel()
	h := sqliteHouse(t)
	owner := h.owner()
	me := h.inside(owner.Token)
	_, err := h.Publish(me, []byte(goalsProgram), calendar.None, "")
	h.does(err, "")
	h.does(h.SetAccessSettings(me, app.AccessSettings{TwoPublish: true}), "")
	marketer := h.inside(h.join(me, "mark@example.com", auth.Marketer).Token)
	manager := h.inside(h.join(me, "jan@example.com", auth.Manager).Token)
	next := strings.ReplaceAll(goalsProgram, "points: 30", "points: 40")
	_, err = h.Publish(manager, []byte(next), calendar.None, "")
	h.does(err, app.CodeSecondNeeded)
	_, err = h.PublishAgain(manager, 1)
	h.does(err, app.CodeSecondNeeded)
	d, err := h.SaveDraft(marketer, "", app.DraftChange{Title: "More", Document: []byte("program: [")})
	h.does(err, "")
	h.does(h.RequestPublishing(marketer, d.ID), app.CodeProgramInvalid)
	_, err = h.SaveDraft(marketer, d.ID, app.DraftChange{Title: "More", Document: []byte(next)})
	h.does(err, "")
	_, err = h.PublishDraft(manager, d.ID, 0)
	h.does(err, app.CodeNotRequested)
	h.does(h.RequestPublishing(marketer, d.ID), "")
	_, err = h.PublishDraft(marketer, d.ID, 0)
	h.does(err, app.CodeNotPermitted)
	h.does(h.SendBack(manager, d.ID, "why?"), "")
	h.does(h.RequestPublishing(marketer, d.ID), "")
	p, err := h.PublishDraft(manager, d.ID, 0)
	h.does(err, "")
	if p.Version != 2 {
		t.Errorf("published %+v", p)
	}
	_, err = h.PublishDraft(manager, d.ID, 0)
	h.does(err, app.CodeDraftClosed)
	// Who wrote it, or asked, is no second person.
	own, err := h.SaveDraft(manager, "", app.DraftChange{Document: []byte(goalsProgram)})
	h.does(err, "")
	h.does(h.RequestPublishing(me, own.ID), "")
	_, err = h.PublishDraft(manager, own.ID, 0)
	h.does(err, app.CodeSecondNeeded)
	_, err = h.PublishDraft(me, own.ID, 0)
	h.does(err, app.CodeSecondNeeded)
	h.does(h.DiscardDraft(me, own.ID), "")
	// Nor is who wrote it anew after somebody else, whoever wrote last.
	other := h.inside(h.join(me, "ola@example.com", auth.Manager).Token)
	own, err = h.SaveDraft(marketer, "", app.DraftChange{Document: []byte(goalsProgram)})
	h.does(err, "")
	for i, writes := range []context.Context{manager, other} {
		written := strings.ReplaceAll(goalsProgram, "points: 30", fmt.Sprintf("points: %d", 50+i))
		_, err = h.SaveDraft(writes, own.ID, app.DraftChange{Document: []byte(written)})
		h.does(err, "")
	}
	h.does(h.RequestPublishing(marketer, own.ID), "")
	for _, wrote := range []context.Context{manager, other} {
		_, err = h.PublishDraft(wrote, own.ID, 0)
		h.does(err, app.CodeSecondNeeded)
	}
	h.does(h.DiscardDraft(me, own.ID), "")
	drafts, err := h.Drafts(me)
	if err != nil || len(drafts) != 0 {
		t.Errorf("open drafts %+v (%v)", drafts, err)
	}
}

// TestPublishingDespiteScenarios lets scenarios fail where just so many were confirmed,
// keeps that in the audit trail, and forbids it where the workspace does.
func TestPublishingDespiteScenarios(t *testing.T) {
	t.Parallel()
	h := sqliteHouse(t)
	me := h.inside(h.owner().Token)
	failing := goalsProgram + `
scenarios:
  - {it: expects too much, steps: [{at: 2026-05-01, enrol: {language: en}}, {at: 2026-05-02, expect: {points.available: 999}}]}
`
	d, err := h.SaveDraft(me, "", app.DraftChange{Title: "More", Document: []byte(failing)})
	h.does(err, "")
	for _, despite := range []int{0, 2} {
		_, err = h.PublishDraft(me, d.ID, despite)
		h.does(err, app.CodeProgramInvalid)
	}
	h.does(h.SetAccessSettings(me, app.AccessSettings{ScenariosBind: true}), "")
	_, err = h.PublishDraft(me, d.ID, 1)
	h.does(err, app.CodeProgramInvalid)
	h.does(h.RequestPublishing(me, d.ID), app.CodeProgramInvalid)
	h.does(h.SetAccessSettings(me, app.AccessSettings{}), "")
	_, err = h.PublishDraft(me, d.ID, 1)
	h.does(err, "")
	var trail strings.Builder
	h.does(h.ExportAudit(me, &trail, "ndjson", store.AuditFilter{}), "")
	if !strings.Contains(trail.String(), `despite_scenarios`) {
		t.Errorf("the audit trail does not say that scenarios fail:\n%s", trail.String())
	}
}

// TestDiscardedDraftIsRestored within thirty days, and not after.
func TestDiscardedDraftIsRestored(t *testing.T) {
	t.Parallel()
	h := sqliteHouse(t)
	me := h.inside(h.owner().Token)
	d, err := h.SaveDraft(me, "", app.DraftChange{Title: "More", Document: []byte(goalsProgram)})
	h.does(err, "")
	h.does(h.RestoreDraft(me, d.ID), app.CodeDraftClosed)
	h.does(h.DiscardDraft(me, d.ID), "")
	gone, err := h.DiscardedDrafts(me)
	if err != nil || len(gone) != 1 || gone[0].ID != d.ID {
		t.Errorf("thrown away are %v, %v", gone, err)
	}
	h.does(h.RestoreDraft(me, d.ID), "")
	drafts, err := h.Drafts(me)
	if err != nil || len(drafts) != 1 || string(drafts[0].Document) != goalsProgram {
		t.Errorf("the restored draft is not among %v, %v", drafts, err)
	}
	h.does(h.DiscardDraft(me, d.ID), "")
	h.clock.Advance(31 * 24 * time.Hour)
	h.does(h.RestoreDraft(me, d.ID), app.CodeDraftClosed)
}
