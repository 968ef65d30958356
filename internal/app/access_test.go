package app_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/store"
	"premia/internal/testkit"
)

// house is a workspace whose people sign in.
type house struct {
	*app.App
	t     *testing.T
	clock *testkit.Clock
}

const secretWords = "correct horse battery staple"

var phone = app.Client{Address: "192.0.2.7", Agent: "a phone"}

func openHouse(t *testing.T, url string) *house {
	t.Helper()
	h := &house{t: t, clock: testkit.NewClock(time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC))}
	var err error
	h.App, err = app.Open(t.Context(), app.Config{DB: url, Migrate: true, Clock: h.clock.Now, URL: "https://club.example"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	return h
}

func sqliteHouse(t *testing.T) *house {
	return openHouse(t, "sqlite:"+filepath.Join(t.TempDir(), "premia.db"))
}

// halfway signs the owner in as far as the password leads, and gives the step that is left.
func (h *house) halfway() string {
	h.t.Helper()
	in, err := h.SignIn(h.t.Context(), "anna@example.com", secretWords, phone)
	h.does(err, "")
	if in.Token != "" || in.Step == "" {
		h.t.Fatalf("the password alone let in: %+v", in)
	}
	return in.Step
}

// does expects a problem with the code, or none where it is empty.
func (h *house) does(err error, code string) {
	h.t.Helper()
	got := ""
	if err != nil {
		got = app.AsProblem(err).Code
	}
	if got != code {
		h.t.Fatalf("came to %q (%v), want %q", got, err, code)
	}
}

// owner becomes the first owner by the link.
func (h *house) owner() app.SignedIn {
	h.t.Helper()
	link, err := h.OwnerLink(h.as(auth.System("test")))
	h.does(err, "")
	token, ok := strings.CutPrefix(link, "https://club.example"+app.InvitationPath)
	if !ok {
		h.t.Fatalf("the link is %s", link)
	}
	in, err := h.Accept(h.t.Context(), token, app.Acceptance{Email: "Anna@Example.com", Name: "Anna", Password: secretWords, Language: "pl"}, phone)
	h.does(err, "")
	return in
}

// join makes a user of a role, by an invitation.
func (h *house) join(by context.Context, email string, role auth.Role) app.SignedIn {
	h.t.Helper()
	_, token, err := h.Invite(by, app.NewInvitation{Email: email, Role: role})
	h.does(err, "")
	in, err := h.Accept(h.t.Context(), token, app.Acceptance{Name: email, Password: secretWords}, phone)
	h.does(err, "")
	return in
}

func (h *house) as(who auth.Actor) context.Context { return app.WithActor(h.t.Context(), who) }

// inside gives a context in which the user of a token acts.
func (h *house) inside(token string) context.Context {
	h.t.Helper()
	s, err := h.SessionOf(h.t.Context(), token, phone)
	h.does(err, "")
	return h.as(s.Actor())
}

func (h *house) signedOut(token string) {
	h.t.Helper()
	_, err := h.SessionOf(h.t.Context(), token, phone)
	h.does(err, app.CodeSignedOut)
}

func TestOwnerInvitesOthers(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		h := openHouse(t, url)
		first, err := h.OwnerLink(h.as(auth.System("test")))
		h.does(err, "")
		owner := h.owner()
		if owner.User.Email != "anna@example.com" || owner.User.Role != "owner" || owner.User.Language != "pl" {
			t.Errorf("the owner is %+v", owner.User)
		}
		// A link before is good no more, and there is no second first owner.
		_, err = h.Accept(t.Context(), strings.TrimPrefix(first, "https://club.example"+app.InvitationPath), app.Acceptance{Email: "eve@example.com", Name: "Eve", Password: secretWords}, phone)
		h.does(err, app.CodeInvitationOver)
		_, err = h.OwnerLink(h.as(auth.System("test")))
		h.does(err, app.CodeUserExists)
		by := h.inside(owner.Token)
		_, token, err := h.Invite(by, app.NewInvitation{Email: "jan@example.com", Role: auth.Manager, Language: "cs"})
		h.does(err, "")
		messages, err := h.Messages(h.as(auth.System("test")), 0, 10)
		h.does(err, "")
		if len(messages) != 1 || messages[0].Recipient != "jan@example.com" || !strings.Contains(messages[0].Body, "https://club.example/console/welcome/"+token) || !strings.Contains(messages[0].Body, "Dobrý den") {
			t.Errorf("sent %+v", messages)
		}
		_, err = h.Accept(t.Context(), token, app.Acceptance{Name: "Jan", Password: "short"}, phone)
		h.does(err, app.CodePasswordShort)
		manager, err := h.Accept(t.Context(), token, app.Acceptance{Name: "Jan", Password: secretWords}, phone)
		h.does(err, "")
		_, err = h.Accept(t.Context(), token, app.Acceptance{Name: "Jan", Password: secretWords}, phone)
		h.does(err, app.CodeInvitationOver)
		_, _, err = h.Invite(by, app.NewInvitation{Email: "JAN@example.com", Role: auth.Cashier})
		h.does(err, app.CodeUserExists)
		// A manager makes no owners, and changes none.
		jan := h.inside(manager.Token)
		_, _, err = h.Invite(jan, app.NewInvitation{Email: "eve@example.com", Role: auth.Owner})
		h.does(err, app.CodeNotPermitted)
		h.does(h.ChangeRole(jan, manager.User.ID, auth.Owner), app.CodeNotPermitted)
		h.does(h.DisableUser(jan, owner.User.ID), app.CodeNotPermitted)
		// The last owner stays.
		h.does(h.ChangeRole(by, owner.User.ID, auth.Manager), app.CodeLastOwner)
		h.does(h.DisableUser(by, owner.User.ID), app.CodeLastOwner)
		h.does(h.ChangeRole(by, manager.User.ID, auth.Owner), "")
		h.does(h.DisableUser(by, manager.User.ID), "")
		h.signedOut(manager.Token)
		_, err = h.SignIn(t.Context(), "jan@example.com", secretWords, phone)
		h.does(err, app.CodeSignInRefused)
		h.does(h.EnableUser(by, manager.User.ID), "")
		// An invitation that was taken back, or is old, lets nobody in.
		inv, token, err := h.Invite(by, app.NewInvitation{Email: "eve@example.com", Role: auth.Cashier})
		h.does(err, "")
		h.does(h.RevokeInvitation(by, inv.ID), "")
		h.does(h.RevokeInvitation(by, inv.ID), app.CodeUnknownInvitation)
		_, err = h.Invitation(t.Context(), token)
		h.does(err, app.CodeInvitationOver)
		_, token, err = h.Invite(by, app.NewInvitation{Email: "eve@example.com", Role: auth.Cashier})
		h.does(err, "")
		h.clock.Advance(7 * 24 * time.Hour)
		_, err = h.Invitation(t.Context(), token)
		h.does(err, app.CodeInvitationOver)
	})
}

func TestSessionsEnd(t *testing.T) {
	t.Parallel()
	h := sqliteHouse(t)
	h.owner()
	sign := func(had string) app.SignedIn {
		in, err := h.SignIn(t.Context(), "anna@EXAMPLE.com ", secretWords, app.Client{Address: "192.0.2.8", Agent: strings.Repeat("ž", 500), Token: had})
		h.does(err, "")
		return in
	}
	// Signing in makes a new token, and the one that the browser had is good no more.
	first := sign("")
	second := sign(first.Token)
	if first.Token == second.Token || len(second.Token) < 52 {
		t.Errorf("tokens %s and %s", first.Token, second.Token)
	}
	h.signedOut(first.Token)
	rows, err := h.Store.Sessions(t.Context(), second.User.ID)
	h.does(err, "")
	for _, row := range rows {
		if src := fmt.Sprintf("%+v", row); strings.Contains(src, second.Token) || len([]rune(row.Agent)) > 200 {
			t.Errorf("kept: %s", src)
		}
	}
	// Idle: used every 29 minutes it lasts, and 30 minutes without use end it.
	for range 3 {
		h.clock.Advance(29 * time.Minute)
		h.inside(second.Token)
	}
	h.clock.Advance(30 * time.Minute)
	h.signedOut(second.Token)
	// Absolute: twelve hours, however much it is used.
	third := sign("")
	for range 24 {
		h.inside(third.Token)
		h.clock.Advance(29 * time.Minute)
	}
	h.inside(third.Token)
	h.clock.Advance(24 * time.Minute)
	h.signedOut(third.Token)
	// One's own can be listed and revoked; those of others by who may.
	a, b := sign(""), sign("")
	mine, err := h.Sessions(h.inside(a.Token), a.User.ID)
	h.does(err, "")
	if len(mine) != 2 {
		t.Errorf("%d sessions, want the two that are good: %+v", len(mine), mine)
	}
	cashier := h.join(h.inside(a.Token), "cash@example.com", auth.Cashier)
	other, err := h.Sessions(h.inside(a.Token), cashier.User.ID)
	h.does(err, "")
	_, err = h.Sessions(h.inside(cashier.Token), a.User.ID)
	h.does(err, app.CodeNotPermitted)
	h.does(h.RevokeSession(h.inside(cashier.Token), mine[0].ID), app.CodeNotPermitted)
	h.does(h.RevokeSession(h.inside(a.Token), other[0].ID), "")
	h.signedOut(cashier.Token)
	h.does(h.RevokeOtherSessions(h.inside(a.Token)), "")
	h.signedOut(b.Token)
	h.inside(a.Token)
	h.does(h.SignOut(h.inside(a.Token), a.Token), "")
	h.does(h.SignOut(t.Context(), a.Token), "")
	h.signedOut(a.Token)
	for _, wrong := range []string{"", "x", strings.Repeat("a", 5000)} {
		h.signedOut(wrong)
	}
	h.clock.Advance(48 * time.Hour)
	h.does(h.ForgetOldAccess(t.Context()), "")
	if left, err := h.Store.Sessions(t.Context(), ""); err != nil || len(left) != 0 {
		t.Errorf("left: %+v (%v)", left, err)
	}
}

// TestPasswords changes one, and by a link, which ends all other sessions.
func TestPasswords(t *testing.T) {
	t.Parallel()
	h := sqliteHouse(t)
	owner := h.owner()
	other, err := h.SignIn(t.Context(), "anna@example.com", secretWords, phone)
	h.does(err, "")
	me := h.inside(owner.Token)
	h.does(h.ChangePassword(me, "wrong "+secretWords, "another good one"), app.CodeWrongPassword)
	h.does(h.ChangePassword(me, secretWords, strings.Repeat("x", auth.MaxPassword+1)), app.CodePasswordLong)
	h.does(h.ChangePassword(me, secretWords, "another good one"), "")
	h.signedOut(other.Token)
	h.inside(owner.Token)
	_, err = h.SignIn(t.Context(), "anna@example.com", secretWords, phone)
	h.does(err, app.CodeSignInRefused)
	// Nobody, and somebody, are answered alike; only one gets a message.
	h.does(h.AskPassword(t.Context(), "nobody@example.com", phone), "")
	h.does(h.AskPassword(t.Context(), "Anna@example.com", phone), "")
	var link string
	for link == "" {
		messages, err := h.Messages(h.as(auth.System("test")), 0, 10)
		h.does(err, "")
		// The first is about the password that was changed before.
		if len(messages) > 2 {
			t.Fatalf("sent %+v", messages)
		}
		if len(messages) == 2 {
			link = messages[0].Body
		}
	}
	_, link, _ = strings.Cut(link, app.PasswordPath)
	token, _, _ := strings.Cut(link, "\n")
	_, err = h.ResetPassword(t.Context(), token, "short", phone)
	h.does(err, app.CodePasswordShort)
	_, err = h.ResetPassword(t.Context(), token, "a third good one", phone)
	h.does(err, "")
	_, err = h.ResetPassword(t.Context(), token, "a fourth good one", phone)
	h.does(err, app.CodeStepOver)
	h.signedOut(owner.Token)
	_, err = h.SignIn(t.Context(), "anna@example.com", "a third good one", phone)
	h.does(err, "")
	// A link is good for half an hour.
	made, err := h.PasswordLink(h.as(auth.System("test")), "anna@example.com")
	h.does(err, "")
	h.clock.Advance(30 * time.Minute)
	_, err = h.ResetPassword(t.Context(), strings.TrimPrefix(made, "https://club.example"+app.PasswordPath), "a fourth good one", phone)
	h.does(err, app.CodeStepOver)
}

// codeAt gives the code of an app for a moment.
func codeAt(t testing.TB, secret string, at time.Time) string {
	t.Helper()
	code, err := totp.GenerateCode(strings.ReplaceAll(secret, " ", ""), at)
	if err != nil {
		t.Fatal(err)
	}
	return code
}

func TestSecondFactor(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		h := openHouse(t, url)
		owner := h.owner()
		me := h.inside(owner.Token)
		address, secret, token, err := h.BeginCode(me)
		h.does(err, "")
		if !strings.HasPrefix(address, "otpauth://totp/") || !strings.Contains(address, strings.ReplaceAll(secret, " ", "")) {
			t.Errorf("the address is %s", address)
		}
		_, err = h.FinishCode(me, token, "000000")
		h.does(err, app.CodeWrongCode)
		recovery, err := h.FinishCode(me, token, codeAt(t, secret, h.clock.Now()))
		h.does(err, "")
		if len(recovery) != 10 {
			t.Fatalf("recovery codes %q", recovery)
		}
		step := h.halfway
		// The code that showed the app was right is used up.
		one := step()
		_, err = h.SignInCode(t.Context(), one, codeAt(t, secret, h.clock.Now()), phone)
		h.does(err, app.CodeWrongCode)
		h.clock.Advance(30 * time.Second)
		_, err = h.SignInCode(t.Context(), one, codeAt(t, secret, h.clock.Now()), phone)
		h.does(err, "")
		// Neither the step nor the code is good again, and no earlier code is.
		_, err = h.SignInCode(t.Context(), one, recovery[0], phone)
		h.does(err, app.CodeStepOver)
		_, err = h.SignInCode(t.Context(), step(), codeAt(t, secret, h.clock.Now()), phone)
		h.does(err, app.CodeWrongCode)
		_, err = h.SignInCode(t.Context(), step(), codeAt(t, secret, h.clock.Now().Add(-30*time.Second)), phone)
		h.does(err, app.CodeWrongCode)
		// A recovery code is good once, however it is typed.
		_, err = h.SignInCode(t.Context(), step(), strings.ToUpper(strings.ReplaceAll(recovery[0], "-", " ")), phone)
		h.does(err, "")
		_, err = h.SignInCode(t.Context(), step(), recovery[0], phone)
		h.does(err, app.CodeWrongCode)
		u, err := h.User(me, owner.User.ID)
		h.does(err, "")
		if u.Recovery != 9 || !u.HasCode {
			t.Errorf("the user is %+v", u)
		}
		late := step()
		h.clock.Advance(10 * time.Minute)
		_, err = h.SignInCode(t.Context(), late, recovery[1], phone)
		h.does(err, app.CodeStepOver)
		// Who was away proves again who they are before dangerous acts.
		h.clock.Advance(15 * time.Minute)
		away := h.inside(owner.Token)
		h.does(h.RemoveCode(away), app.CodeProveAgain)
		_, _, err = h.CreateKey(away, "shop", "events:write", 0)
		h.does(err, app.CodeProveAgain)
		h.does(h.Prove(away, secretWords, ""), app.CodeWrongCode)
		h.does(h.Prove(away, "wrong "+secretWords, codeAt(t, secret, h.clock.Now())), app.CodeWrongPassword)
		h.does(h.Prove(away, secretWords, codeAt(t, secret, h.clock.Now())), "")
		h.does(h.RemoveCode(h.inside(owner.Token)), "")
		if in, err := h.SignIn(t.Context(), "anna@example.com", secretWords, phone); err != nil || in.Token == "" {
			t.Errorf("signed in %+v (%v)", in, err)
		}
	})
}

// TestAttemptsAreBounded guesses, and finds the delays grow, and end.
func TestAttemptsAreBounded(t *testing.T) {
	t.Parallel()
	h := sqliteHouse(t)
	h.owner()
	guess := func(email, address string) (string, int64) {
		_, err := h.SignIn(t.Context(), email, "a wrong password", app.Client{Address: address})
		p := app.AsProblem(err)
		for _, a := range p.Args {
			if a.Name == "Count" {
				return p.Code, a.Value.(int64)
			}
		}
		return p.Code, 0
	}
	for _, email := range []string{"anna@example.com", "nobody@example.com"} {
		address := func(n int) string { return fmt.Sprintf("198.51.100.%d", n) }
		for n := range 5 {
			if code, _ := guess(email, address(n)); code != app.CodeSignInRefused {
				t.Fatalf("%s: guess %d was answered %s", email, n, code)
			}
		}
		var waits []int64
		for range 7 {
			code, wait := guess(email, "203.0.113.9")
			if code != app.CodeTooManyAttempts {
				t.Fatalf("%s: answered %s after %v", email, code, waits)
			}
			waits = append(waits, wait)
			h.clock.Advance(time.Duration(wait) * time.Second)
			if code, _ := guess(email, address(100)); code != app.CodeSignInRefused {
				t.Fatalf("%s: after the delay answered %s", email, code)
			}
		}
		if want := []int64{30, 60, 120, 240, 480, 900, 900}; fmt.Sprint(waits) != fmt.Sprint(want) {
			t.Errorf("%s: waited %v, want %v", email, waits, want)
		}
	}
	if code, _ := guess("anna@example.com", "198.51.100.150"); code != app.CodeSignInRefused {
		t.Errorf("after a long while answered %s", code)
	}
	// While it lasts even the right password is refused, and after it, it is not.
	_, err := h.SignIn(t.Context(), "anna@example.com", secretWords, phone)
	h.does(err, app.CodeTooManyAttempts)
	h.clock.Advance(15 * time.Minute)
	_, err = h.SignIn(t.Context(), "anna@example.com", secretWords, phone)
	h.does(err, "")
	if code, _ := guess("anna@example.com", "198.51.100.200"); code != app.CodeSignInRefused {
		t.Errorf("after a success the failures still count: %s", code)
	}
	// Of one address, whatever the accounts: IPv6 by its network.
	for n := range 30 {
		if code, _ := guess(fmt.Sprintf("a%d@example.com", n), fmt.Sprintf("2001:db8:1:2::%x", n+1)); code != app.CodeSignInRefused {
			t.Fatalf("guess %d of a network was answered %s", n, code)
		}
	}
	if code, _ := guess("b@example.com", "2001:db8:1:2:ffff::1"); code != app.CodeTooManyAttempts {
		t.Errorf("the network goes on: %s", code)
	}
	if code, _ := guess("b@example.com", "2001:db8:1:3::1"); code != app.CodeSignInRefused {
		t.Errorf("another network was answered %s", code)
	}
}

// TestAttemptsAtOnce sends many guesses together: no more get through than one after
// another would.
func TestAttemptsAtOnce(t *testing.T) {
	t.Parallel()
	h := sqliteHouse(t)
	h.owner()
	answers := make(chan string, 20)
	for n := range 20 {
		go func() {
			_, err := h.SignIn(t.Context(), "anna@example.com", "a wrong password", app.Client{Address: fmt.Sprintf("198.51.100.%d", n)})
			answers <- app.AsProblem(err).Code
		}()
	}
	refused := 0
	for range 20 {
		if <-answers == app.CodeSignInRefused {
			refused++
		}
	}
	if refused != 5 {
		t.Errorf("%d guesses were checked, want 5", refused)
	}
}

// TestSecondFactorAsked lets the workspace ask for a second factor.
func TestSecondFactorAsked(t *testing.T) {
	t.Parallel()
	h := sqliteHouse(t)
	owner := h.owner()
	me := h.inside(owner.Token)
	h.does(h.SetAccessSettings(me, app.AccessSettings{SecondFactor: true}), "")
	needs := func() bool {
		s, err := h.SessionOf(t.Context(), owner.Token, phone)
		h.does(err, "")
		return s.NeedsFactor
	}
	if !needs() {
		t.Error("nobody asks the owner for a second factor")
	}
	_, secret, token, err := h.BeginCode(me)
	h.does(err, "")
	_, err = h.FinishCode(me, token, codeAt(t, secret, h.clock.Now()))
	h.does(err, "")
	if needs() {
		t.Error("the owner has a second factor and is asked for it")
	}
}

// TestUsersMove moves a workspace: its people sign in there as they did here, and the
// trail goes on.
func TestUsersMove(t *testing.T) {
	t.Parallel()
	h := sqliteHouse(t)
	owner := h.owner()
	_, err := h.SaveDraft(h.inside(owner.Token), "", app.DraftChange{Title: "x", Document: []byte(goalsProgram)})
	h.does(err, "")
	before, err := app.VerifyAudit(t.Context(), h.Store)
	h.does(err, "")
	url := "sqlite:" + filepath.Join(t.TempDir(), "moved.db")
	move(t, h.Store, openStore(t, url, store.Options{Migrate: true}))
	there := openHouse(t, url)
	if n, err := app.VerifyAudit(t.Context(), there.Store); err != nil || n != before+1 {
		t.Errorf("%d rows came (%v), want %d, and that of the move", n, err, before)
	}
	there.signedOut(owner.Token)
	in, err := there.SignIn(t.Context(), "anna@example.com", secretWords, phone)
	there.does(err, "")
	drafts, err := there.Drafts(there.inside(in.Token))
	if err != nil || len(drafts) != 1 {
		t.Errorf("drafts %+v (%v)", drafts, err)
	}
}
