package app_test

import (
	"fmt"
	"strings"
	"testing"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/store"
)

// TestUsersAreErased erases a user: nothing of them is left but the id, by which the audit
// trail, which still adds up, names them.
func TestUsersAreErased(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		h := openHouse(t, url)
		owner := h.owner()
		me := h.inside(owner.Token)
		jan := h.join(me, "jan@example.com", auth.Manager)
		manager := h.inside(jan.Token)
		h.passkey(manager)
		_, err := h.PasswordLink(me, "jan@example.com")
		h.does(err, "")
		h.does(h.EraseUser(manager, owner.User.ID), app.CodeNotPermitted)
		h.does(h.EraseUser(me, owner.User.ID), app.CodeLastOwner)
		h.does(h.EraseUser(h.as(auth.Actor{Kind: auth.KindUser, ID: owner.User.ID, Role: auth.Owner}), jan.User.ID), app.CodeProveAgain)
		h.does(h.EraseUser(me, jan.User.ID), "")
		h.signedOut(jan.Token)
		_, err = h.SignIn(t.Context(), "jan@example.com", secretWords, phone)
		h.does(err, app.CodeSignInRefused)
		h.does(h.EraseUser(me, jan.User.ID), app.CodeUnknownUser)
		h.does(h.EnableUser(me, jan.User.ID), app.CodeUnknownUser)
		_, err = h.User(me, jan.User.ID)
		h.does(err, app.CodeUnknownUser)
		users, err := h.Users(me)
		if err != nil || len(users) != 1 {
			t.Errorf("there are %d users (%v)", len(users), err)
		}
		h.nothingLeft(jan.User)
		// Another one may come under the address.
		if again := h.join(me, "jan@example.com", auth.Cashier); again.User.ID == jan.User.ID {
			t.Error("who was erased came back")
		}
	})
}

// nothingLeft looks for an erased user in all that is kept of users.
func (h *house) nothingLeft(u store.User) {
	h.t.Helper()
	ctx := h.as(auth.System("test"))
	users, err := h.Store.Users(ctx)
	h.does(err, "")
	credentials, err := h.Store.Credentials(ctx, u.ID)
	h.does(err, "")
	sessions, err := h.Store.Sessions(ctx, u.ID)
	h.does(err, "")
	invitations, err := h.Store.Invitations(ctx)
	h.does(err, "")
	messages, err := h.Messages(ctx, 0, 50)
	h.does(err, "")
	if all := fmt.Sprint(users, invitations, messages); strings.Contains(all, u.Email) || len(credentials)+len(sessions) != 0 {
		h.t.Errorf("left are %d credentials, %d sessions, and %s", len(credentials), len(sessions), all)
	}
	for i := range invitations {
		if invitations[i].Email == "" && invitations[i].Ended == calendar.None {
			h.t.Errorf("an invitation of nobody is open: %+v", invitations[i])
		}
	}
	rows, err := h.Store.Audits(ctx, store.AuditFilter{Target: u.ID, Action: "user.erased"}, 2)
	if err != nil || len(rows) != 1 {
		h.t.Errorf("the trail says %+v (%v)", rows, err)
	}
	if _, err := app.VerifyAudit(ctx, h.Store); err != nil {
		h.t.Error(err)
	}
}
