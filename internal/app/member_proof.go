package app

import (
	"context"
	"strconv"

	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/ledger"
	"premia/internal/store"
)

// CodeSignInAgain says that a member has to prove who they are, by a contact or a passkey
// of their own, before they do something.
const CodeSignInAgain = "sign_in_again"

// memberFresh is how long a member who signed in may change by what they sign in.
const memberFresh = 15 * calendar.Minute

// The ways to sign in that are no proof by something of the member's own: a till vouches
// for whoever scans what it shows, and joining with a card alone leaves nothing to prove by.
const (
	tillMethod = "till"
	joinMethod = "join"
)

// The bounds of the links by which a till lets members sign in: for one cashier, whatever
// the till, and for one member, within an hour.
const (
	linksACashier = 40
	linksAMember  = 5
)

// Fresh tells whether the session of a browser is of the member, and began lately by a
// proof of the member's own: the phone may lie open on a table, and what a till shows
// opens a session to whoever scans it. A member who has nothing to prove by goes on where
// they joined. The error is a *Problem with CodeSignInAgain if not.
func (a *App) Fresh(ctx context.Context, id ledger.MemberID, from Client) error {
	x, err := a.ownSession(ctx, id, from)
	if err != nil || a.wall() < x.Created+memberFresh {
		return err
	}
	if x.Method == joinMethod {
		provable, err := a.provable(ctx, id)
		if err != nil || !provable {
			return err
		}
	}
	return errProveFirst()
}

// Own tells whether the session of a browser is of the member, and began by a proof of
// the member's own, however long ago. The error is a *Problem with CodeSignInAgain if not.
func (a *App) Own(ctx context.Context, id ledger.MemberID, from Client) error {
	_, err := a.ownSession(ctx, id, from)
	return err
}

// ownSession gives the session of a browser, which a member began themselves.
func (a *App) ownSession(ctx context.Context, id ledger.MemberID, from Client) (store.MemberSession, error) {
	x, err := a.MemberSessionOf(ctx, from.Token, from)
	if p := AsProblem(err); err != nil && p.Code != CodeSignedOut {
		return x, err
	}
	if err != nil || x.Member != id || x.Method == tillMethod {
		return x, errProveFirst()
	}
	return x, nil
}

func errProveFirst() error {
	return problem(CodeSignInAgain, "", "prove that it is you, by a code or a passkey, before you do this")
}

// provable tells whether a member has a contact to which something can be sent, or a
// passkey.
func (a *App) provable(ctx context.Context, id ledger.MemberID) (bool, error) {
	contacts, err := a.contactsOf(ctx, id)
	if err != nil {
		return false, err
	}
	for _, i := range contacts {
		if a.CanSend(channelOf(i)) {
			return true, nil
		}
	}
	keys, err := a.MemberPasskeys(ctx, id)
	return len(keys) > 0, err
}

// TillLink makes a link by which the member, who stands at the till and is known there,
// signs in on their own phone: the till shows it as a QR code. It is good once, for
// five minutes, and the member's contacts are told. Whoever signs in by it sees the card
// and takes rewards, as at the till; for more they prove who they are ([App.Fresh]). The
// error is a *Problem with CodeTooManyAttempts where a cashier makes many, or a member
// gets many.
func (a *App) TillLink(ctx context.Context, ref string) (string, error) {
	if err := may(ctx, auth.TillUse); err != nil {
		return "", err
	}
	id, err := a.Find(ctx, ref)
	if err != nil {
		return "", err
	}
	if who := ActorOf(ctx); who.Kind == auth.KindUser {
		if err := a.allow(ctx, "till links by:"+who.ID, linksACashier, calendar.Hour); err != nil {
			return "", err
		}
	}
	if err := a.allow(ctx, "till links of:"+strconv.FormatInt(int64(id), 10), linksAMember, calendar.Hour); err != nil {
		return "", err
	}
	token, hash := auth.NewToken()
	if err := a.keepStep(ctx, tillLinkStep, hash, &memberStep{Member: id}, tillLinkLasts); err != nil {
		return "", err
	}
	if err := a.note(ctx, a.audited(ctx, "member.link_made", id.String())); err != nil {
		return "", err
	}
	m, err := a.Member(ctx, id.String())
	if err != nil {
		return "", err
	}
	contacts, err := a.contactsOf(ctx, id)
	if err != nil {
		return "", err
	}
	a.writeTo(ctx, "member_link", contacts, m.Profile["language"], calendar.None)
	return a.Link(MemberLinkPath + token), nil
}
