package app_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/store"
)

// TestNoSecondPersonAfterAReset lets a manager reset how others sign in: for seven days none
// of them approves what the manager asked for, nor the manager what they did, of adjustments
// and of programs alike. Others approve it at once, and so do they when the days are over.
func TestNoSecondPersonAfterAReset(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		h := openHouse(t, url)
		owner := h.inside(h.owner().Token)
		manager := h.inside(h.join(owner, "jan@example.com", auth.Manager).Token)
		forgot, lost := h.join(owner, "eva@example.com", auth.Manager), h.join(owner, "ola@example.com", auth.Manager)
		document := officeProgram + "adjustments: {alone: {points: 50}}\n"
		_, err := h.Publish(owner, []byte(document), calendar.None, "")
		h.does(err, "")
		h.does(h.SetAccessSettings(owner, app.AccessSettings{TwoPublish: true}), "")
		number := 0
		adjusts := func(by context.Context) string {
			t.Helper()
			number++
			id := "gift" + strings.Repeat("x", number)
			answer, err := h.Record(by, &event.Event{ID: id, Type: event.Adjustment, Member: "card:1", Wallet: "points", Amount: 100, Given: event.GivenAmount, Reason: "sorry"})
			h.does(err, "")
			if answer.Decision.Outcome != engine.WaitsForApproval {
				t.Fatalf("the adjustment is %s", answer.Decision.Outcome)
			}
			return id
		}
		approves := func(by context.Context, about, code string) {
			t.Helper()
			answer, err := h.Record(by, &event.Event{ID: "yes-" + about, Type: event.Approval, About: about})
			h.does(err, code)
			if code == "" && answer.Decision.Outcome != engine.Applied {
				t.Fatalf("the approval is %s", answer.Decision.Outcome)
			}
		}
		drafts := func(writes, asks context.Context) string {
			t.Helper()
			number++
			d, err := h.SaveDraft(writes, "", app.DraftChange{Document: []byte(strings.Replace(document, "program: Office", "program: Office "+strings.Repeat("x", number), 1))})
			h.does(err, "")
			h.does(h.RequestPublishing(asks, d.ID), "")
			return d.ID
		}
		publishes := func(by context.Context, id, code string) {
			t.Helper()
			_, err := h.PublishDraft(by, id, 0)
			h.does(err, code)
		}
		_, err = h.Record(owner, &event.Event{ID: "p", Type: event.Purchase, Member: "card:1", Total: 900_00, Given: event.GivenTotal})
		h.does(err, "")
		approves(h.inside(forgot.Token), adjusts(manager), "") // nobody was reset yet

		link, err := h.PasswordLink(manager, "eva@example.com")
		h.does(err, "")
		_, err = h.ResetPassword(t.Context(), link[strings.LastIndex(link, "/")+1:], "another long and quiet river", phone)
		h.does(err, "")
		again, err := h.SignIn(t.Context(), "eva@example.com", "another long and quiet river", phone)
		h.does(err, "")
		eva, ola := h.inside(again.Token), h.inside(lost.Token)
		h.does(h.RemoveFactors(manager, lost.User.ID), "")

		gift, asked, written, mine := adjusts(manager), drafts(owner, manager), drafts(manager, owner), adjusts(eva)
		for _, who := range []context.Context{eva, ola} {
			approves(who, gift, app.CodeSecondReset)
			publishes(who, asked, app.CodeSecondReset)
			publishes(who, written, app.CodeSecondReset)
		}
		approves(manager, mine, app.CodeSecondReset) // who may have acted as the other
		told := 0
		rows, err := h.Store.Audits(t.Context(), store.AuditFilter{}, 200)
		h.does(err, "")
		for _, row := range rows {
			if row.Action == "adjustment.approval_refused" || row.Action == "draft.approval_refused" {
				told++
			}
		}
		if told != 7 {
			t.Errorf("the audit trail tells of %d refusals", told)
		}
		approves(owner, mine, "")
		other := h.inside(h.join(owner, "iga@example.com", auth.Manager).Token)
		approves(other, gift, "")
		publishes(other, asked, "")

		late := adjusts(manager)
		h.clock.Advance(7*24*time.Hour - time.Second)
		approves(eva, late, app.CodeSecondReset)
		h.clock.Advance(time.Second)
		approves(eva, late, "")
		publishes(ola, written, "")
	})
}

// TestAskingOneselfBindsNobody lets somebody ask for a new password of their own: nobody
// reset it.
func TestAskingOneselfBindsNobody(t *testing.T) {
	t.Parallel()
	h := sqliteHouse(t)
	owner := h.inside(h.owner().Token)
	eva := h.inside(h.join(owner, "eva@example.com", auth.Manager).Token)
	_, err := h.Publish(owner, []byte(officeProgram+"adjustments: {alone: {points: 50}}\n"), calendar.None, "")
	h.does(err, "")
	_, err = h.Record(owner, &event.Event{ID: "p", Type: event.Purchase, Member: "card:1", Total: 10_00, Given: event.GivenTotal})
	h.does(err, "")
	h.does(h.AskPassword(t.Context(), "eva@example.com", phone), "")
	_, err = h.Record(owner, &event.Event{ID: "gift", Type: event.Adjustment, Member: "card:1", Wallet: "points", Amount: 100, Given: event.GivenAmount, Reason: "sorry"})
	h.does(err, "")
	answer, err := h.Record(eva, &event.Event{ID: "yes", Type: event.Approval, About: "gift"})
	if h.does(err, ""); answer.Decision.Outcome != engine.Applied {
		t.Errorf("the approval is %s", answer.Decision.Outcome)
	}
}
