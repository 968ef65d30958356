package app

import (
	"context"
	"errors"
	"slices"
	"strings"

	"premia/internal/core/code"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
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
	if !j.Consents[TermsConsent] {
		return "", problem(CodeTermsMissing, TermsConsent, "who joins accepts the terms; tick the box")
	}
	for name, value := range map[string]*string{"given_name": &j.GivenName, "birth_date": &j.BirthDate} {
		if *value, err = a.profileValue(name, strings.TrimSpace(*value)); err != nil {
			return "", problem(event.CodeInvalid, name, err.Error())
		}
	}
	if !slices.Contains(a.Words.Languages(), j.Language) {
		j.Language = ""
	}
	j.Contact = identity.String()
	if _, known := a.Journal.ReferredBy(j.ReferredBy); !known {
		j.ReferredBy = "" // a link that somebody mistyped is no reason not to join
	}
	return a.beginProof(ctx, identity, &j, j.Language, from)
}

// joined enrols somebody who has proved their contact, and gives the member. Whoever
// joined meanwhile with the same contact is the same one.
func (a *App) joined(ctx context.Context, s *memberStep) (ledger.MemberID, error) {
	j := s.Join
	c := Change{
		EventID: "join-" + s.Pair, Channel: "portal", Consents: j.Consents, ReferredBy: j.ReferredBy, Click: j.Click,
		Profile: map[string]string{"given_name": j.GivenName, "birth_date": j.BirthDate, "language": j.Language},
	}
	for name, value := range c.Profile {
		if value == "" {
			delete(c.Profile, name)
		}
	}
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
	return 0, errors.New("no free number of a card was found")
}

// Cards that Premia numbers itself have 13 digits: those of shops' own cards, which are
// 20 to 29 by GS1 General Specifications, section 2.1, with 299 in front, nine that are
// drawn, so that a number can't be guessed from another, and the check digit of EAN-13.
const (
	ownCards     = "299"
	drawnDigits  = 9
	cardAttempts = 8
)

func newCardNumber() string {
	number := ownCards + digits(drawnDigits)
	return number + string(rune(code.CheckDigit(number)))
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
	return "", errors.New("no free number of a card was found")
}
