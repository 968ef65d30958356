package app

import (
	"context"
	"slices"
	"strings"

	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/text"
	"premia/internal/i18n"
	"premia/internal/journal"
	"premia/internal/store"
)

// The codes of problems with members' contacts.
const (
	CodeTooManyContacts = "too_many_contacts"
	CodeContactTaken    = "contact_taken"
	CodeUnknownContact  = "unknown_contact"
	CodeLastWay         = "last_way_in"
)

// memberContactStep is the kind of steps by which a member proves a further contact.
const memberContactStep = "member contact"

// mostContacts is how many e-mail addresses and telephone numbers a member has who adds
// one.
const mostContacts = 10

// BeginContact sends a code to an e-mail address or a telephone number that a member says
// is theirs, and gives the token of the step. Nothing is told of whose it is: who proves
// that it is theirs learns that it belongs to another membership. The error is a *Problem.
func (a *App) BeginContact(ctx context.Context, id ledger.MemberID, contact, language string, from Client) (step string, err error) {
	if err := a.Fresh(ctx, id, from); err != nil {
		return "", err
	}
	to, err := a.contactOf(contact)
	if err != nil {
		return "", err
	}
	if !a.CanSend(channelOf(to)) {
		return "", problem(CodeNoChannel, "contact", "nothing can be sent there; try the other way", "Channel", channelOf(to))
	}
	own, err := a.contactsOf(ctx, id)
	if err != nil {
		return "", err
	}
	if len(own) >= mostContacts {
		return "", problem(CodeTooManyContacts, "contact", text.Say("a member has at most {Most} contacts; remove one first", mostContacts), "Limit", int64(mostContacts))
	}
	if err := a.allow(ctx, "contacts of:"+id.String(), codesAMember, codesAreCounted); err != nil {
		return "", err
	}
	if err := a.mayAsk(ctx, to, from); err != nil {
		return "", err
	}
	step, hash := auth.NewToken()
	code := digits(codeDigits)
	kept := memberStep{Member: id, Contact: to.String(), Code: auth.TokenHash(step + ":" + code), Pair: auth.NewID("pair_")}
	if err := a.keepStep(ctx, memberContactStep, hash, &kept, codeLasts); err != nil {
		return "", err
	}
	a.writeTo(ctx, "member_contact", []journal.Identity{to}, language, a.wall()+codeLasts, "Code", code)
	return step, nil
}

// contactsOf gives the e-mail addresses and telephone numbers of a member.
func (a *App) contactsOf(ctx context.Context, id ledger.MemberID) ([]journal.Identity, error) {
	m, err := a.Member(ctx, id.String())
	return slices.DeleteFunc(m.Identities, func(i journal.Identity) bool { return i.Kind != Email && i.Kind != Phone }), err
}

// writeTo sends a message of a kind to contacts in the background: to all mailboxes among
// them, or by text message where there is none. What stands in one is good until an
// instant; calendar.None is for ever.
func (a *App) writeTo(ctx context.Context, kind string, to []journal.Identity, language string, until calendar.Instant, namesAndValues ...any) {
	if byMail := slices.DeleteFunc(slices.Clone(to), func(i journal.Identity) bool { return i.Kind != Email || !a.CanSend(EmailChannel) }); len(byMail) > 0 {
		to = byMail
	}
	ctx, language = context.WithoutCancel(ctx), i18n.Match(language)
	a.background.Go(func() {
		values := append([]any{"Workspace", text.Quoted(a.sender(ctx, language))}, namesAndValues...)
		say := func(id string) string { return a.Words.Render(language, text.New(id, values...)) }
		for _, one := range to {
			m := store.Message{Channel: channelOf(one), Recipient: one.Value, Until: until}
			if !a.CanSend(m.Channel) {
				continue
			}
			if m.Channel == SMSChannel {
				m.Body = say("sms." + kind)
			} else {
				m.Subject, m.Body = say("mail."+kind+".subject"), say("mail."+kind+".body")
			}
			if err := a.send(ctx, &m); err != nil {
				a.Log.Error("a message to a member could not be sent", "kind", kind, "error", err)
			}
		}
	})
}

// FinishContact makes a contact the member's by the code that was sent there. The error
// is a *Problem: those of [App.FinishMemberCode], and contact_taken where it belongs to
// another member. Contacts that the member had before are told.
func (a *App) FinishContact(ctx context.Context, id ledger.MemberID, step, code, language string, from Client) error {
	if err := a.Fresh(ctx, id, from); err != nil {
		return err
	}
	s, err := a.proofOf(ctx, memberContactStep, step, code, from)
	if err != nil {
		return err
	}
	if s.Member != id {
		return errStepOver() // begun by somebody else in this browser
	}
	before, err := a.contactsOf(ctx, id)
	if err != nil {
		return err
	}
	_, err = a.Change(ctx, id.String(), Change{EventID: "contact-" + s.Pair, Identities: []string{s.Contact}, Channel: "portal"})
	if err != nil && AsProblem(err).Code == CodeIdentityTaken {
		return problem(CodeContactTaken, "code", "this contact belongs to another membership; the business can join the two")
	}
	if err == nil {
		a.writeTo(ctx, "member_changed", before, language, calendar.None)
	}
	return err
}

// RemoveContact takes a contact from a member, so that it is nobody's. The last way in
// only goes where the member is sure. Contacts that the member had are told, also the one
// that goes. The error is a *Problem.
func (a *App) RemoveContact(ctx context.Context, id ledger.MemberID, contact, language string, sure bool, from Client) error {
	if err := a.Fresh(ctx, id, from); err != nil {
		return err
	}
	own, err := a.contactsOf(ctx, id)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(own, func(i journal.Identity) bool { return i.Value == contact })
	if at < 0 {
		return problem(CodeUnknownContact, "contact", "you have no such contact", "Key", text.Quoted(contact))
	}
	keys, err := a.MemberPasskeys(ctx, id)
	if err != nil {
		return err
	}
	others := slices.ContainsFunc(own, func(i journal.Identity) bool { return i != own[at] && a.CanSend(channelOf(i)) })
	if !others && len(keys) == 0 && !sure {
		return problem(CodeLastWay, "contact", "this is the last way in; without it only the till can sign you in")
	}
	if err := a.giveUp(ctx, id, own[at]); err != nil {
		return err
	}
	a.writeTo(ctx, "member_changed", own, language, calendar.None)
	return nil
}

// giveUp lets a member give an identity up: it is nobody's, and its personal value is
// forgotten. The event names the value's digests, so that verification knows that it was
// not lost.
func (a *App) giveUp(ctx context.Context, id ledger.MemberID, identity journal.Identity) error {
	records, err := a.Store.PersonalOf(ctx, id)
	if err != nil {
		return err
	}
	var gone []string
	for i := range records {
		if r := &records[i]; r.Kind == store.Identity && r.Name == identity.Kind && r.Value == identity.Value {
			gone = append(gone, journal.PersonalDigest(r))
		}
	}
	e := &event.Event{ID: NewEventID(), Type: event.Profile, Channel: "portal", Data: []event.Datum{{Name: journal.GoneDigests, Kind: event.Text, Text: strings.Join(gone, " ")}}}
	if err := e.Check("", 0); err != nil {
		return err
	}
	_, err = a.append(ctx, journal.Request{
		Event: e, Member: id, Stay: true, Unbind: []journal.Identity{identity},
		Forget: []store.PersonalKey{{Kind: store.Identity, Name: identity.Kind, Value: identity.Value}},
	})
	if err != nil {
		return refused(err, e)
	}
	return nil
}
