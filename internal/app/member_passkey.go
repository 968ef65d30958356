package app

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"strings"

	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/text"
	"premia/internal/store"
)

// CodeTooManyPasskeys says that a member has as many passkeys as one may have.
const CodeTooManyPasskeys = "too_many_passkeys"

// memberPasskeyStep is the kind of steps of members' passkeys that are under way.
const memberPasskeyStep = "member passkey"

// The bounds of passkeys: how many a member has, how long the name of one is, how often
// one network address may ask for a challenge in an hour, and how often answer one.
const (
	mostPasskeys    = 20
	maxPasskeyName  = 60
	passkeysAsked   = 240
	passkeysAnswers = 60
)

// passkeyStepData is what is kept of a member's new passkey until the browser answers.
type passkeyStepData struct {
	Member ledger.MemberID `json:"member"`
	Handle string          `json:"handle"`
	State  []byte          `json:"state"`
}

// MemberPasskeys gives a member's passkeys, the oldest first.
func (a *App) MemberPasskeys(ctx context.Context, id ledger.MemberID) ([]store.MemberPasskey, error) {
	return a.Store.MemberPasskeys(ctx, id)
}

// passkeyMember gives a member as passkeys know them.
func (a *App) passkeyMember(ctx context.Context, id ledger.MemberID, handle string) (auth.PasskeyUser, error) {
	m, err := a.Member(ctx, id.String())
	if err != nil {
		return auth.PasskeyUser{}, err
	}
	keys, err := a.MemberPasskeys(ctx, id)
	if err != nil {
		return auth.PasskeyUser{}, err
	}
	out := auth.PasskeyUser{ID: handle, Name: m.Profile["given_name"]}
	for _, kind := range []string{Email, Phone, Card} {
		for _, i := range m.Identities {
			if i.Kind == kind {
				out.Email = cmp.Or(out.Email, i.Value)
			}
		}
	}
	out.Email = cmp.Or(out.Email, id.String())
	out.Name = cmp.Or(out.Name, out.Email)
	for i := range keys {
		out.ID = cmp.Or(out.ID, keys[i].Handle)
		out.Records = append(out.Records, keys[i].Record)
	}
	out.ID = cmp.Or(out.ID, auth.NewID("mph_"))
	return out, nil
}

// BeginMemberPasskey gives what the browser is asked in order to make a passkey for a
// member, as JSON, and the token for [App.FinishMemberPasskey]. Origin is that of the
// pages. The error is a *Problem, sign_in_again where the member signed in too long ago.
func (a *App) BeginMemberPasskey(ctx context.Context, id ledger.MemberID, origin string, from Client) (options []byte, token string, err error) {
	if err := a.Fresh(ctx, id, from); err != nil {
		return nil, "", err
	}
	keys, err := auth.NewPasskeys(origin, a.Called(ctx, ""))
	if err != nil {
		return nil, "", passkeyRefused(err)
	}
	m, err := a.passkeyMember(ctx, id, "")
	if err != nil {
		return nil, "", err
	}
	if len(m.Records) >= mostPasskeys {
		return nil, "", problem(CodeTooManyPasskeys, "", text.Say("a member has at most {Most} passkeys; remove one that you no longer use", mostPasskeys), "Limit", int64(mostPasskeys))
	}
	options, state, err := keys.Begin(m)
	if err != nil {
		return nil, "", err
	}
	data, err := json.Marshal(passkeyStepData{id, m.ID, state})
	if err != nil {
		return nil, "", err
	}
	token, err = a.step(ctx, memberPasskeyStep, "", data, stepLasts)
	return options, token, err
}

// NewPasskey is a passkey that a browser made for a member: at which origin, in which
// step, under which name, and what the browser answered. Language is that in which the
// member's contacts are told.
type NewPasskey struct {
	Origin, Token, Name, Language string
	Response                      []byte
}

// FinishMemberPasskey keeps a passkey that the browser made for a member. The member's
// contacts are told.
func (a *App) FinishMemberPasskey(ctx context.Context, id ledger.MemberID, made NewPasskey, from Client) error {
	if err := a.Fresh(ctx, id, from); err != nil {
		return err
	}
	name := strings.TrimSpace(made.Name)
	if name == "" || len([]rune(name)) > maxPasskeyName {
		return problem(event.CodeInvalid, "name", "a passkey needs a name, such as \"my phone\"")
	}
	t, err := a.taken(ctx, memberPasskeyStep, made.Token, true)
	if err != nil {
		return err
	}
	var kept passkeyStepData
	if err := json.Unmarshal(t.Data, &kept); err != nil {
		return err
	}
	if kept.Member != id {
		return errStepOver() // begun by somebody else, or to sign in
	}
	keys, err := auth.NewPasskeys(made.Origin, a.Called(ctx, ""))
	if err != nil {
		return passkeyRefused(err)
	}
	m, err := a.passkeyMember(ctx, id, kept.Handle)
	if err != nil {
		return err
	}
	key, err := keys.Register(m, kept.State, made.Response)
	if err != nil {
		return passkeyRefused(err)
	}
	k := store.MemberPasskey{ID: key.ID, Handle: kept.Handle, Member: id, Name: name, Record: key.Record, Counter: key.Counter, Created: a.wall()}
	err = a.change(ctx, a.audited(ctx, "member.passkey_added", id.String()), func(tx *store.Tx) error { return tx.AddMemberPasskey(ctx, &k) })
	if errors.Is(err, store.ErrExists) {
		return passkeyRefused(err)
	}
	if err != nil {
		return err
	}
	return a.tellChanged(ctx, id, made.Language)
}

// tellChanged tells a member's contacts that something was changed by which they sign in.
func (a *App) tellChanged(ctx context.Context, id ledger.MemberID, language string) error {
	contacts, err := a.contactsOf(ctx, id)
	if err == nil {
		a.writeTo(ctx, "member_changed", contacts, language, calendar.None)
	}
	return err
}

// RemoveMemberPasskey takes a passkey from a member, whose contacts are told.
func (a *App) RemoveMemberPasskey(ctx context.Context, id ledger.MemberID, key, language string, from Client) error {
	if err := a.Fresh(ctx, id, from); err != nil {
		return err
	}
	err := a.change(ctx, a.audited(ctx, "member.passkey_removed", id.String()), func(tx *store.Tx) error { return tx.DeleteMemberPasskey(ctx, id, key) })
	if errors.Is(err, store.ErrNotFound) {
		return problem(CodeUnknownPasskey, "passkey", "you have no such passkey", "Key", text.Quoted(key))
	}
	if err != nil {
		return err
	}
	return a.tellChanged(ctx, id, language)
}

// AskMemberPasskey gives what the browser is asked in order to sign a member in with a
// passkey, as JSON, and the token for [App.SignInMemberPasskey].
func (a *App) AskMemberPasskey(ctx context.Context, origin string, from Client) (options []byte, token string, err error) {
	if err := a.allow(ctx, "passkeys asked by:"+Network(from.Address), passkeysAsked, codesAreCounted); err != nil {
		return nil, "", err
	}
	keys, err := auth.NewPasskeys(origin, a.Called(ctx, ""))
	if err != nil {
		return nil, "", passkeyRefused(err)
	}
	options, state, err := keys.Ask()
	if err != nil {
		return nil, "", err
	}
	data, err := json.Marshal(passkeyStepData{State: state})
	if err != nil {
		return nil, "", err
	}
	token, err = a.step(ctx, memberPasskeyStep, "", data, stepLasts)
	return options, token, err
}

// SignInMemberPasskey signs in the member whose passkey signed the challenge. The error is
// a *Problem: step_over for a challenge that was answered or is too old, passkey_refused,
// or member_blocked.
func (a *App) SignInMemberPasskey(ctx context.Context, origin, token string, response []byte, from Client) (MemberSignedIn, error) {
	if err := a.allow(ctx, "passkeys of:"+Network(from.Address), passkeysAnswers, codesAreCounted); err != nil {
		return MemberSignedIn{}, err
	}
	t, err := a.taken(ctx, memberPasskeyStep, token, true)
	if err != nil {
		return MemberSignedIn{}, err
	}
	var kept passkeyStepData
	if err := json.Unmarshal(t.Data, &kept); err != nil {
		return MemberSignedIn{}, err
	}
	if kept.Member != 0 {
		return MemberSignedIn{}, errStepOver() // begun to make a passkey
	}
	keys, err := auth.NewPasskeys(origin, a.Called(ctx, ""))
	if err != nil {
		return MemberSignedIn{}, passkeyRefused(err)
	}
	var key store.MemberPasskey
	_, used, err := keys.SignIn(kept.State, response, func(id, handle string) (_ auth.PasskeyUser, err error) {
		if key, err = a.Store.MemberPasskey(ctx, id); err == nil && key.Handle != handle {
			err = errors.New("the device knows somebody else by this passkey")
		}
		return auth.PasskeyUser{ID: key.Handle, Records: [][]byte{key.Record}}, err
	})
	if err != nil {
		return MemberSignedIn{}, passkeyRefused(err)
	}
	key.Record, key.Counter, key.LastUsed = used.Record, used.Counter, a.wall()
	if err := a.Store.TouchMemberPasskey(ctx, &key); err != nil {
		return MemberSignedIn{}, err
	}
	in, err := a.startMemberSession(ctx, key.Member, "passkey", from)
	if err != nil && AsProblem(err).Code == CodeMemberErased {
		err = passkeyRefused(err)
	}
	return in, err
}

// moveAccess gives what a member signs in by to the one who answers for them now, or
// forgets it where that one was erased.
func (a *App) moveAccess(ctx context.Context, from, to ledger.MemberID) error {
	row, err := a.Store.Member(ctx, to)
	if err != nil {
		return err
	}
	if ledger.Status(row.Status) == ledger.Erased {
		return a.Store.ForgetAccess(ctx, from)
	}
	if err := a.Store.MoveAccess(ctx, from, to); err != nil || ledger.Status(row.Status) != ledger.Blocked {
		return err
	}
	return a.EndMemberSessions(ctx, to, "") // who is blocked is signed in nowhere
}
