package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/event"
	"premia/internal/core/text"
	"premia/internal/store"
)

// CodeUnknownPasskey says that a user has no such passkey.
const CodeUnknownPasskey = "unknown_passkey"

// CodePasskeyRefused says that a passkey, or what was signed with it, is not good.
const CodePasskeyRefused = "passkey_refused"

// AccessSettings are what the workspace asks of its users.
type AccessSettings struct {
	// SecondFactor asks everybody for a second factor beside the password.
	SecondFactor bool `json:"second_factor"`
	// TwoPublish asks for a second person who approves a program.
	TwoPublish bool `json:"two_publish"`
	// ScenariosBind lets nobody publish a program whose scenarios come out otherwise.
	ScenariosBind bool `json:"scenarios_bind"`
}

// accessSetting is the setting that has them.
const accessSetting = "access"

// AccessSettings gives what the workspace asks of its users.
func (a *App) AccessSettings(ctx context.Context) (s AccessSettings, err error) {
	value, err := a.Store.Setting(ctx, accessSetting)
	if errors.Is(err, store.ErrNotFound) {
		return s, nil
	}
	if err == nil {
		err = json.Unmarshal(value, &s)
	}
	return s, err
}

// SetAccessSettings changes what the workspace asks of its users.
func (a *App) SetAccessSettings(ctx context.Context, s AccessSettings) error {
	if err := errors.Join(may(ctx, auth.SettingsWrite), proved(ctx)); err != nil {
		return firstProblem(err)
	}
	before, err := a.AccessSettings(ctx)
	if err != nil {
		return err
	}
	if before.SecondFactor && !s.SecondFactor || before.TwoPublish && !s.TwoPublish || before.ScenariosBind && !s.ScenariosBind {
		if err := onlyOwner(ctx); err != nil {
			return err
		}
	}
	value, err := json.Marshal(s)
	if err != nil {
		return err
	}
	row := a.audited(ctx, "settings.changed", accessSetting, "second_factor", s.SecondFactor, "two_publish", s.TwoPublish, "scenarios_bind", s.ScenariosBind)
	err = a.change(ctx, row, func(tx *store.Tx) error { return tx.SetSetting(ctx, accessSetting, value) })
	if err == nil && before != s {
		a.tellOwners(ctx, "rules")
	}
	return err
}

// needsFactor tells whether a session's user must get a second factor first.
func (a *App) needsFactor(ctx context.Context, x *store.Session) (bool, error) {
	if x.Method != "password" && x.Method != "invitation" {
		return false, nil
	}
	s, err := a.AccessSettings(ctx)
	if err != nil || !s.SecondFactor {
		return false, err
	}
	all, err := a.Store.Credentials(ctx, x.User)
	return !hasFactor(all), err
}

// BeginCode makes a secret of time-based codes for the user who acts. It gives the
// address for the QR code, the secret for those who type it, and the token for
// [App.FinishCode].
func (a *App) BeginCode(ctx context.Context) (address, secret, token string, err error) {
	user, err := self(ctx)
	if err == nil {
		err = proved(ctx)
	}
	if err != nil {
		return "", "", "", err
	}
	u, err := a.Store.User(ctx, user)
	if err != nil {
		return "", "", "", err
	}
	secret = auth.NewCodeSecret()
	address = auth.CodeAddress(a.Called(ctx, ""), u.Email, secret)
	kept, err := a.sealed(stepRow(user), []byte(secret))
	if err != nil {
		return "", "", "", err
	}
	token, err = a.step(ctx, codeStep, user, kept, stepLasts)
	return address, auth.CodeSecretReadable(secret), token, err
}

// PendingCode gives what [App.BeginCode] gave, again, while its token is good.
func (a *App) PendingCode(ctx context.Context, token string) (address, secret string, err error) {
	user, err := self(ctx)
	if err != nil {
		return "", "", err
	}
	t, err := a.taken(ctx, codeStep, token, false)
	if err == nil && t.User != user {
		err = errStepOver()
	}
	if err != nil {
		return "", "", err
	}
	kept, err := a.opened(stepRow(user), t.Data)
	if err != nil {
		return "", "", err
	}
	u, err := a.Store.User(ctx, user)
	if err != nil {
		return "", "", err
	}
	return auth.CodeAddress(a.Called(ctx, ""), u.Email, string(kept)), auth.CodeSecretReadable(string(kept)), nil
}

// FinishCode keeps the secret when the user has shown that their app makes its codes,
// and gives new recovery codes, this once. Other sessions end.
func (a *App) FinishCode(ctx context.Context, token, code string) (recovery []string, err error) {
	user, err := self(ctx)
	if err != nil {
		return nil, err
	}
	t, err := a.taken(ctx, codeStep, token, false)
	if err == nil && t.User != user {
		err = errStepOver()
	}
	if err != nil {
		return nil, err
	}
	secret, err := a.opened(stepRow(user), t.Data)
	if err != nil {
		return nil, err
	}
	try, err := a.try(ctx, ofAccount("new code", user))
	if err != nil {
		return nil, err
	}
	now := a.wall()
	step, ok := auth.CodeStep(string(secret), code, now.In(time.UTC), 0)
	if !ok {
		return nil, problem(CodeWrongCode, "code", "this is not the code of now; see whether the clock of the phone is right")
	}
	if err := try.succeed(ctx); err != nil {
		return nil, err
	}
	if _, err := a.taken(ctx, codeStep, token, true); err != nil {
		return nil, err
	}
	kept, err := a.sealed(credentialRow("code:"+user), secret)
	if err != nil {
		return nil, err
	}
	c := store.Credential{ID: "code:" + user, User: user, Kind: store.CodeCredential, Secret: kept, Counter: step, Created: now, LastUsed: now}
	err = a.change(ctx, a.audited(ctx, "user.code_added", user), func(tx *store.Tx) error {
		if err := errors.Join(tx.PutCredential(ctx, &c), tx.EndSessions(ctx, user, ActorOf(ctx).Session)); err != nil {
			return err
		}
		recovery, err = a.newRecovery(ctx, tx, user)
		return err
	})
	if err == nil {
		a.tellUser(ctx, user, "code_added")
	}
	return recovery, err
}

func (a *App) newRecovery(ctx context.Context, tx *store.Tx, user string) ([]string, error) {
	if err := tx.DeleteCredentials(ctx, user, store.RecoveryCredential); err != nil {
		return nil, err
	}
	codes, hashes := auth.NewRecoveryCodes()
	for i, hash := range hashes {
		c := store.Credential{ID: fmt.Sprintf("recovery:%s:%d", user, i), User: user, Kind: store.RecoveryCredential, Secret: hash, Created: a.wall()}
		if err := tx.PutCredential(ctx, &c); err != nil {
			return nil, err
		}
	}
	return codes, nil
}

// NewRecovery makes new recovery codes for the user who acts; the old ones are good no
// more.
func (a *App) NewRecovery(ctx context.Context) (codes []string, err error) {
	user, err := self(ctx)
	if err == nil {
		err = proved(ctx)
	}
	if err != nil {
		return nil, err
	}
	err = a.change(ctx, a.audited(ctx, "user.recovery_made", user), func(tx *store.Tx) error {
		codes, err = a.newRecovery(ctx, tx, user)
		return err
	})
	if err == nil {
		a.tellUser(ctx, user, "recovery_made")
	}
	return codes, err
}

// RemoveCode takes the codes from the user who acts, with the recovery codes where no
// passkey is left that these stand in for.
func (a *App) RemoveCode(ctx context.Context) error {
	user, err := self(ctx)
	if err == nil {
		err = proved(ctx)
	}
	if err != nil {
		return err
	}
	err = a.change(ctx, a.audited(ctx, "user.code_removed", user), func(tx *store.Tx) error {
		if err := tx.DeleteCredentials(ctx, user, store.CodeCredential); err != nil {
			return err
		}
		return forgetRecovery(ctx, tx, user)
	})
	if err == nil {
		a.tellUser(ctx, user, "code_removed")
	}
	return err
}

// forgetRecovery takes the recovery codes from a user who has no factor any more.
func forgetRecovery(ctx context.Context, tx *store.Tx, user string) error {
	left, err := tx.Credentials(ctx, user)
	if err != nil || hasFactor(left) {
		return err
	}
	return tx.DeleteCredentials(ctx, user, store.RecoveryCredential)
}

// passkeyUser gives a user as passkeys know them.
func (a *App) passkeyUser(ctx context.Context, id string) (auth.PasskeyUser, error) {
	u, err := a.Store.User(ctx, id)
	if err != nil {
		return auth.PasskeyUser{}, err
	}
	if u.Disabled != calendar.None {
		return auth.PasskeyUser{}, errRefused()
	}
	all, err := a.Store.Credentials(ctx, id)
	out := auth.PasskeyUser{ID: u.ID, Email: u.Email, Name: u.Name}
	for i := range all {
		if all[i].Kind == store.PasskeyCredential {
			out.Records = append(out.Records, all[i].Secret)
		}
	}
	return out, err
}

// BeginPasskey gives what the browser is asked in order to make a passkey for the user
// who acts, as JSON, and the token for [App.FinishPasskey]. Origin is that of the pages.
func (a *App) BeginPasskey(ctx context.Context, origin string) (options []byte, token string, err error) {
	user, err := self(ctx)
	if err == nil {
		err = proved(ctx)
	}
	if err != nil {
		return nil, "", err
	}
	keys, err := auth.NewPasskeys(origin, a.Called(ctx, ""))
	if err != nil {
		return nil, "", err
	}
	u, err := a.passkeyUser(ctx, user)
	if err != nil {
		return nil, "", err
	}
	options, state, err := keys.Begin(u)
	if err != nil {
		return nil, "", err
	}
	token, err = a.step(ctx, passkeyStep, user, state, stepLasts)
	return options, token, err
}

// FinishPasskey keeps the passkey that the browser made, under a name of the user's.
func (a *App) FinishPasskey(ctx context.Context, origin, token, name string, response []byte) error {
	user, err := self(ctx)
	if err != nil {
		return err
	}
	if name = strings.TrimSpace(name); name == "" || len([]rune(name)) > maxUserName {
		return problem(event.CodeInvalid, "name", "a passkey needs a name, such as \"my phone\"")
	}
	t, err := a.taken(ctx, passkeyStep, token, true)
	if err == nil && t.User != user {
		err = errStepOver()
	}
	if err != nil {
		return err
	}
	keys, err := auth.NewPasskeys(origin, a.Called(ctx, ""))
	if err != nil {
		return err
	}
	u, err := a.passkeyUser(ctx, user)
	if err != nil {
		return err
	}
	made, err := keys.Register(u, t.Data, response)
	if err != nil {
		return passkeyRefused(err)
	}
	c := store.Credential{ID: "passkey:" + made.ID, User: user, Kind: store.PasskeyCredential, Name: name, Secret: made.Record, Counter: made.Counter, Created: a.wall()}
	err = a.change(ctx, a.audited(ctx, "user.passkey_added", user), func(tx *store.Tx) error { return tx.PutCredential(ctx, &c) })
	if err == nil {
		a.tellUser(ctx, user, "passkey_added")
	}
	return err
}

func passkeyRefused(cause error) error {
	p := problem(CodePasskeyRefused, "", "the passkey was not accepted; try again, or use another way")
	p.Cause = cause
	return p
}

// RemovePasskey takes a passkey from the user who acts.
func (a *App) RemovePasskey(ctx context.Context, id string) error {
	user, err := self(ctx)
	if err == nil {
		err = proved(ctx)
	}
	if err != nil {
		return err
	}
	err = a.change(ctx, a.audited(ctx, "user.passkey_removed", user), func(tx *store.Tx) error {
		if !strings.HasPrefix(id, "passkey:") {
			return store.ErrNotFound
		}
		if err := tx.DeleteCredential(ctx, user, id); err != nil {
			return err
		}
		return forgetRecovery(ctx, tx, user)
	})
	if errors.Is(err, store.ErrNotFound) {
		return problem(CodeUnknownPasskey, "passkey", "you have no such passkey", "Key", text.Quoted(id))
	}
	if err == nil {
		a.tellUser(ctx, user, "passkey_removed")
	}
	return err
}

// AskPasskey gives what the browser is asked in order to sign in with a passkey, as
// JSON, and the token for [App.SignInPasskey] or [App.ProvePasskey].
func (a *App) AskPasskey(ctx context.Context, origin string) (options []byte, token string, err error) {
	keys, err := auth.NewPasskeys(origin, a.Called(ctx, ""))
	if err != nil {
		return nil, "", err
	}
	options, state, err := keys.Ask()
	if err != nil {
		return nil, "", err
	}
	token, err = a.step(ctx, passkeyStep, "", state, stepLasts)
	return options, token, err
}

// SignInPasskey signs in whose passkey signed the challenge. A passkey is two factors:
// no code is asked for.
func (a *App) SignInPasskey(ctx context.Context, origin, token string, response []byte, from Client) (SignedIn, error) {
	whose := ofAddress("passkeys", from.Address)
	known, err := a.browserOf(ctx, from)
	if err != nil {
		return SignedIn{}, err
	}
	if known != "" {
		whose = ofAccount("browser of passkeys", from.Browser)
	}
	try, err := a.try(ctx, whose)
	if err != nil {
		return SignedIn{}, err
	}
	user, err := a.checkPasskey(ctx, origin, token, response)
	if err != nil {
		return SignedIn{}, firstProblem(errors.Join(a.refusedTry(ctx, user, "passkey", from.Address), err))
	}
	if err := try.succeed(ctx); err != nil {
		return SignedIn{}, err
	}
	u, err := a.Store.User(ctx, user)
	if err != nil {
		return SignedIn{}, err
	}
	return a.startSession(ctx, &u, "passkey", from)
}

// ProvePasskey takes a passkey of the user who acts as a new proof that it is they.
func (a *App) ProvePasskey(ctx context.Context, origin, token string, response []byte) error {
	user, err := self(ctx)
	if err != nil {
		return err
	}
	used, err := a.checkPasskey(ctx, origin, token, response)
	if err == nil && used != user {
		err = passkeyRefused(errors.New("the passkey is somebody else's"))
	}
	if err != nil {
		return err
	}
	return a.noteProved(ctx, user, "passkey")
}

func (a *App) checkPasskey(ctx context.Context, origin, token string, response []byte) (user string, err error) {
	t, err := a.taken(ctx, passkeyStep, token, true)
	if err != nil {
		return "", err
	}
	keys, err := auth.NewPasskeys(origin, a.Called(ctx, ""))
	if err != nil {
		return "", err
	}
	user, used, err := keys.SignIn(t.Data, response, func(_, id string) (auth.PasskeyUser, error) { return a.passkeyUser(ctx, id) })
	if err != nil {
		return "", passkeyRefused(err)
	}
	c, err := a.Store.Credential(ctx, "passkey:"+used.ID)
	if err != nil {
		return "", err
	}
	c.Secret, c.Counter, c.LastUsed = used.Record, used.Counter, a.wall()
	return user, a.Store.TouchCredential(ctx, &c)
}
