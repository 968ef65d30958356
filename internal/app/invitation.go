package app

import (
	"context"
	"errors"
	"slices"

	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/event"
	"premia/internal/core/text"
	"premia/internal/i18n"
	"premia/internal/store"
)

// The codes of problems with invitations.
const (
	CodeUnknownInvitation = "unknown_invitation"
	CodeInvitationOver    = "invitation_over"
)

// How long links are good.
const (
	invitationLasts = 7 * calendar.Day
	ownerLinkLasts  = calendar.Day
)

// The paths of links, before their token.
const (
	InvitationPath = "/console/welcome/"
	PasswordPath   = "/console/password/"
)

// Invitations gives the invitations that are open, the oldest first.
func (a *App) Invitations(ctx context.Context) ([]store.Invitation, error) {
	if err := may(ctx, auth.UsersRead); err != nil {
		return nil, err
	}
	all, err := a.Store.Invitations(ctx)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(i store.Invitation) bool {
		return i.Ended != calendar.None || i.Expires <= a.wall() || i.Email == ""
	}), nil
}

// NewInvitation says whom to invite.
type NewInvitation struct {
	Email, Name string
	Role        auth.Role
	// Language is that of the message.
	Language string
}

// Invite invites somebody to become a user, and gives the token of the link, which is
// also sent to them. An earlier invitation to the address ends.
func (a *App) Invite(ctx context.Context, n NewInvitation) (store.Invitation, string, error) {
	email, err := normalEmail(n.Email)
	if err != nil {
		return store.Invitation{}, "", problem(CodeInvalidEmail, "email", text.Of(err))
	}
	if _, err := auth.ParseRole(string(n.Role)); err != nil {
		return store.Invitation{}, "", problem(event.CodeInvalid, "role", text.Of(err))
	}
	if n.Name != "" {
		if n.Name, err = checkedName(n.Name); err != nil {
			return store.Invitation{}, "", err
		}
	}
	if err := errors.Join(may(ctx, auth.UsersWrite), mayGive(ctx, n.Role), proved(ctx)); err != nil {
		return store.Invitation{}, "", firstProblem(err)
	}
	if _, err := a.Store.UserByEmail(ctx, email); err == nil {
		return store.Invitation{}, "", userExists()
	}
	inv, token := a.newInvitation(ctx, email, n.Name, n.Role, invitationLasts)
	err = a.change(ctx, a.audited(ctx, "user.invited", inv.ID, "role", n.Role), func(tx *store.Tx) error {
		return errors.Join(tx.EndInvitationsOf(ctx, email, inv.Created), tx.AddInvitation(ctx, &inv))
	})
	if err != nil {
		return store.Invitation{}, "", err
	}
	return inv, token, a.mailUntil(ctx, inv.Expires, email, i18n.Match(n.Language), "mail.invitation", "Link", a.Link(InvitationPath+token))
}

func userExists() error {
	return problem(CodeUserExists, "email", "somebody with this address is a user already")
}

func (a *App) newInvitation(ctx context.Context, email, name string, role auth.Role, lasts calendar.Instant) (store.Invitation, string) {
	token, hash := auth.NewToken()
	now := a.wall()
	return store.Invitation{ID: auth.NewID("inv_"), Hash: hash, Email: email, Name: name, Role: string(role), By: ActorOf(ctx).ID, Created: now, Expires: now + lasts}, token
}

// RevokeInvitation takes an invitation back.
func (a *App) RevokeInvitation(ctx context.Context, id string) error {
	if err := may(ctx, auth.UsersWrite); err != nil {
		return err
	}
	err := a.change(ctx, a.audited(ctx, "invitation.revoked", id), func(tx *store.Tx) error {
		return tx.EndInvitation(ctx, id, a.wall(), "")
	})
	if errors.Is(err, store.ErrNotFound) {
		return problem(CodeUnknownInvitation, "invitation", "there is no such invitation that is open", "Key", text.Quoted(id))
	}
	return err
}

// OwnerLink makes a link by which whoever opens it becomes the owner, once; links made
// before end. The error is a *Problem with CodeUserExists if there is an owner.
func (a *App) OwnerLink(ctx context.Context) (string, error) {
	owned, err := a.HasOwner(ctx)
	if err != nil {
		return "", err
	}
	if owned {
		return "", problem(CodeUserExists, "", "the workspace has an owner; make a link for a user by premia user link --email")
	}
	inv, token := a.newInvitation(ctx, "", "", auth.Owner, ownerLinkLasts)
	err = a.change(ctx, a.audited(ctx, "owner.link_made", inv.ID), func(tx *store.Tx) error {
		return errors.Join(tx.EndInvitationsOf(ctx, "", inv.Created), tx.AddInvitation(ctx, &inv))
	})
	return a.Link(InvitationPath + token), err
}

// Invitation gives the open invitation of a link's token. The error is a *Problem with
// CodeInvitationOver if it has ended, or never was.
func (a *App) Invitation(ctx context.Context, token string) (store.Invitation, error) {
	inv, err := a.Store.InvitationByHash(ctx, auth.TokenHash(token))
	if errors.Is(err, store.ErrNotFound) || err == nil && (inv.Ended != calendar.None || a.wall() >= inv.Expires) {
		return inv, invitationOver()
	}
	return inv, err
}

func invitationOver() error {
	return problem(CodeInvitationOver, "", "this link was used already, or is too old; ask for another one")
}

// Acceptance is how somebody takes an invitation.
type Acceptance struct {
	// Email counts where the invitation is to no address.
	Email, Name, Password, Language string
}

// Accept makes a user of an invitation, and signs them in.
func (a *App) Accept(ctx context.Context, token string, c Acceptance, from Client) (SignedIn, error) {
	inv, err := a.Invitation(ctx, token)
	if err != nil {
		return SignedIn{}, err
	}
	u := a.userOf(&inv)
	if u.Email == "" {
		if u.Email, err = normalEmail(c.Email); err != nil {
			return SignedIn{}, problem(CodeInvalidEmail, "email", text.Of(err))
		}
	}
	if u.Name, err = checkedName(firstOf(c.Name, u.Name)); err != nil {
		return SignedIn{}, err
	}
	u.Language = i18n.Match(c.Language)
	password, err := a.hashed(ctx, u.ID, c.Password, u.Name, u.Email)
	if err != nil {
		return SignedIn{}, err
	}
	if err := a.accept(ctx, &inv, &u, from, password); err != nil {
		return SignedIn{}, err
	}
	return a.startSession(ctx, &u, "invitation", from)
}

// userOf makes the user of an invitation.
func (a *App) userOf(inv *store.Invitation) store.User {
	return store.User{ID: auth.NewID("usr_"), Email: inv.Email, Name: inv.Name, Role: inv.Role, Language: i18n.Match(""), Created: a.wall()}
}

// accept ends an invitation and keeps its user with a first credential.
func (a *App) accept(ctx context.Context, inv *store.Invitation, u *store.User, from Client, c *store.Credential) error {
	ctx = WithActor(ctx, auth.Actor{Kind: auth.KindUser, ID: u.ID, Address: from.Address})
	err := a.change(ctx, a.audited(ctx, "invitation.accepted", u.ID, "invitation", inv.ID, "role", u.Role), func(tx *store.Tx) error {
		if inv.Email == "" {
			users, err := tx.Users(ctx)
			if err != nil {
				return err
			}
			if slices.ContainsFunc(users, isOwner) {
				return invitationOver() // somebody else was faster
			}
		}
		if err := tx.EndInvitation(ctx, inv.ID, a.wall(), u.ID); err != nil {
			return err
		}
		if err := tx.AddUser(ctx, u); err != nil {
			return err
		}
		return tx.PutCredential(ctx, c)
	})
	switch {
	case errors.Is(err, store.ErrNotFound):
		return invitationOver()
	case errors.Is(err, store.ErrExists):
		return userExists()
	}
	return err
}
