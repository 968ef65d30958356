package app

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/code"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/text"
	"premia/internal/journal"
)

// Join is what somebody says who joins by themselves.
type Join struct {
	// Contact is an e-mail address or a telephone number, which is proved before
	// anything else is kept of them.
	Contact string `json:"contact"`
	// GivenName and BirthDate, "1990-05-31", may be empty.
	GivenName string `json:"given_name,omitempty"`
	BirthDate string `json:"birth_date,omitempty"`
	Language  string `json:"language,omitempty"`
	// Consents by channel or purpose; that of "terms" must be given.
	Consents map[string]bool `json:"consents"`
	// ReferredBy is the code of a friend, and Click a click on an ambassador's link.
	ReferredBy string `json:"referred_by,omitempty"`
	Click      string `json:"click,omitempty"`
}

// TermsConsent is the consent to the terms, without which nobody joins.
const TermsConsent = "terms"

// PortalConsents are those that the portal asks for, in their order.
var PortalConsents = []string{TermsConsent, "email", "sms"}

// BeginJoin checks what somebody says who joins, sends a code to their contact, and
// gives the token of the step for [App.FinishMemberCode]. Somebody who is a member
// already is signed in by the same code, and nothing of them is changed. The error is a
// *Problem that names the field.
func (a *App) BeginJoin(ctx context.Context, j Join, from Client) (step string, err error) {
	if a.program() == nil {
		return "", refused(journal.ErrNoProgram, &event.Event{})
	}
	identity, err := a.contactOf(j.Contact)
	if err != nil {
		return "", err
	}
	if err := a.checkJoin(&j); err != nil {
		return "", err
	}
	j.Contact = identity.String()
	return a.beginProof(ctx, identity, &j, j.Language, from)
}

// checkJoin looks through what somebody says who joins, and leaves out what can't be used.
func (a *App) checkJoin(j *Join) (err error) {
	if a.program() == nil {
		return refused(journal.ErrNoProgram, &event.Event{})
	}
	if !j.Consents[TermsConsent] {
		return problem(CodeTermsMissing, TermsConsent, "who joins accepts the terms; tick the box")
	}
	for name, value := range map[string]*string{"given_name": &j.GivenName, "birth_date": &j.BirthDate} {
		if *value, err = a.profileValue(name, strings.TrimSpace(*value)); err != nil {
			return problem(event.CodeInvalid, name, text.Of(err))
		}
	}
	if !slices.Contains(a.Words.Languages(), j.Language) {
		j.Language = ""
	}
	if _, known := a.Journal.ReferredBy(j.ReferredBy); !known {
		j.ReferredBy = "" // a link that somebody mistyped is no reason not to join
	}
	return nil
}

// Reachable tells whether anything can be sent to members at all. Where nothing can, they
// join without a contact ([App.JoinHere]), and sign in again by what the till shows.
func (a *App) Reachable() bool { return a.CanSend(EmailChannel) || a.CanSend(SMSChannel) }

// The bounds of joining without a contact: how many do so from one network address in an
// hour, behind which a whole shop may be, and how long a form sent once more is answered
// as the first time.
const (
	joinsAnAddress = 60
	joinRepeats    = 10 * calendar.Minute
	shortestSecret = 32
)

// JoinHere enrols somebody with a card alone and signs them in on the device at hand. It
// is for workspaces that can send nothing ([App.Reachable]). The secret is one that the
// form was drawn with, and that nobody else knows: the same form sent again gives the
// same member, for ten minutes.
func (a *App) JoinHere(ctx context.Context, j Join, secret string, from Client) (MemberSignedIn, error) {
	if a.Reachable() || len(secret) < shortestSecret {
		return MemberSignedIn{}, problem(CodeNoChannel, "", "whoever joins here says an e-mail address or a telephone number")
	}
	j.Contact = ""
	if err := a.checkJoin(&j); err != nil {
		return MemberSignedIn{}, err
	}
	if err := a.allow(ctx, "joins from:"+Network(from.Address), joinsAnAddress, codesAreCounted); err != nil {
		return MemberSignedIn{}, err
	}
	c := changeOf(&j)
	c.EventID = "join-" + hex.EncodeToString(auth.TokenHash("join:"+secret))
	for attempt := range cardAttempts {
		c.Identities = []string{Card + ":" + cardOf(secret, attempt)}
		answer, err := a.Enrol(ctx, c)
		switch {
		case err == nil && answer.Repeated && a.sinceDecided(&answer) > joinRepeats:
			return MemberSignedIn{}, errStepOver()
		case err == nil:
			return a.startMemberSession(ctx, answer.Member, joinMethod, from)
		case AsProblem(err).Code != CodeIdentityTaken:
			return MemberSignedIn{}, err
		}
	}
	return MemberSignedIn{}, errNoCard
}

var errNoCard = errors.New("no free number of a card was found")

// changeOf is how a new member is enrolled, but for how they are known.
func changeOf(j *Join) Change {
	c := Change{
		Channel: "portal", Consents: j.Consents, ReferredBy: j.ReferredBy, Click: j.Click,
		Profile: map[string]string{"given_name": j.GivenName, "birth_date": j.BirthDate, "language": j.Language},
	}
	for name, value := range c.Profile {
		if value == "" {
			delete(c.Profile, name)
		}
	}
	return c
}

// joined enrols somebody who has proved their contact, and gives the member. Whoever
// joined meanwhile with the same contact is the same one.
func (a *App) joined(ctx context.Context, s *memberStep) (ledger.MemberID, error) {
	c := changeOf(s.Join)
	c.EventID = "join-" + s.Pair
	for range cardAttempts {
		c.Identities = []string{s.Contact, Card + ":" + newCardNumber()}
		answer, err := a.Enrol(ctx, c)
		if err == nil {
			return answer.Member, nil
		}
		if p := AsProblem(err); p.Code != CodeIdentityTaken {
			return 0, err
		}
		if id, err := a.Find(ctx, s.Contact); err == nil {
			return id, nil
		}
	}
	return 0, errNoCard
}

// Cards that Premia numbers itself have 13 digits: those of shops' own cards, which are
// 20 to 29 by GS1 General Specifications, section 2.1, with 299 in front, nine that are
// drawn, so that a number can't be guessed from another, and the check digit of EAN-13.
const (
	ownCards     = "299"
	drawnDigits  = 9
	cardAttempts = 8
)

func newCardNumber() string { return checkedCard(digits(drawnDigits)) }

func checkedCard(drawn string) string {
	number := ownCards + drawn
	return number + string(rune(code.CheckDigit(number)))
}

// cardOf is a number that a secret draws, so that whoever joins with it once more asks
// for the same one.
func cardOf(secret string, attempt int) string {
	drawn := binary.BigEndian.Uint64(auth.TokenHash("card:" + strconv.Itoa(attempt) + ":" + secret))
	return checkedCard(fmt.Sprintf("%0*d", drawnDigits, drawn%1_000_000_000))
}

// CardOf gives the number of a member's card. A member without one gets a number, once.
func (a *App) CardOf(ctx context.Context, id ledger.MemberID) (string, error) {
	for range cardAttempts {
		m, err := a.Member(ctx, id.String())
		if err != nil {
			return "", err
		}
		for _, i := range m.Identities {
			if i.Kind == Card {
				return i.Value, nil
			}
		}
		// Of two requests at once the second has the event's id with another number, and
		// finds the first one's card.
		_, err = a.Change(ctx, m.ID.String(), Change{EventID: "card-" + m.ID.String(), Identities: []string{Card + ":" + newCardNumber()}})
		if p := AsProblem(err); err != nil && p.Code != CodeIdentityTaken && p.Code != CodeIDReused {
			return "", err
		}
	}
	return "", errNoCard
}
