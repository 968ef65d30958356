package app_test

import (
	"strings"
	"testing"
	"time"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/ledger"
	"premia/internal/store"
	"premia/internal/testkit"
	"premia/internal/testkit/authenticator"
)

const passkeyOrigin = "https://loyalty.example.com"

// phones is a workspace whose members sign in by devices that the test plays.
type phones struct {
	*app.App
	t     *testing.T
	clock *testkit.Clock
}

func openPhones(t *testing.T, url string) *phones {
	t.Helper()
	p := &phones{t: t, clock: testkit.NewClock(time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC))}
	a, err := app.Open(t.Context(), app.Config{DB: url, Migrate: true, Clock: p.clock.Now, URL: passkeyOrigin, Channels: []string{app.EmailChannel, app.SMSChannel}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	p.App = a
	if _, err := a.Publish(t.Context(), []byte(historyProgram), calendar.None, "test"); err != nil {
		t.Fatal(err)
	}
	return p
}

// member enrols somebody and signs them in.
func (p *phones) member(contact string) (ledger.MemberID, app.Client) {
	p.t.Helper()
	answer, err := p.Enrol(p.t.Context(), app.Change{Identities: []string{contact}, Profile: map[string]string{"given_name": "Anna"}})
	if err != nil {
		p.t.Fatal(err)
	}
	return answer.Member, p.signIn(contact)
}

// byTill has a browser signed in by the link that a till shows.
func (p *phones) byTill(contact string) app.Client {
	p.t.Helper()
	link, err := p.TillLink(app.WithActor(p.t.Context(), auth.System("test")), contact)
	p.refused(err, "")
	in, err := p.FinishMemberLink(p.t.Context(), link[strings.LastIndexByte(link, '/')+1:], app.Client{Address: "192.0.2.1"})
	p.refused(err, "")
	return app.Client{Address: "192.0.2.1", Token: in.Token}
}

// signIn has a browser signed in that proved a contact, without the messages of it.
func (p *phones) signIn(contact string) app.Client {
	p.t.Helper()
	id, err := p.Find(p.t.Context(), contact)
	p.refused(err, "")
	token, hash := auth.NewToken()
	now := calendar.Of(p.clock.Now())
	err = p.Store.AddMemberSession(p.t.Context(), &store.MemberSession{
		ID: auth.NewID("mse_"), Hash: hash, Member: id, Method: "code", Address: "192.0.2.1", Created: now, Seen: now, Expires: now + calendar.Day,
	}, nil, now, calendar.None)
	p.refused(err, "")
	return app.Client{Address: "192.0.2.1", Token: token}
}

// passkey makes a passkey for a member.
func (p *phones) passkey(id ledger.MemberID, from app.Client) *authenticator.Device {
	p.t.Helper()
	d := &authenticator.Device{Origin: passkeyOrigin}
	options, token, err := p.BeginMemberPasskey(p.t.Context(), id, passkeyOrigin, from)
	if err != nil {
		p.t.Fatal(err)
	}
	if err := p.FinishMemberPasskey(p.t.Context(), id, app.NewPasskey{Origin: passkeyOrigin, Token: token, Name: "my phone", Response: p.create(d, options)}, from); err != nil {
		p.t.Fatalf("%v: %v", err, app.AsProblem(err).Cause)
	}
	return d
}

func (p *phones) create(d *authenticator.Device, options []byte) []byte {
	p.t.Helper()
	made, err := d.Create(options)
	if err != nil {
		p.t.Fatal(err)
	}
	return made
}

func (p *phones) sign(d *authenticator.Device, options []byte) []byte {
	p.t.Helper()
	signed, err := d.Sign(options)
	if err != nil {
		p.t.Fatal(err)
	}
	return signed
}

func (p *phones) ask() (options []byte, token string) {
	p.t.Helper()
	options, token, err := p.AskMemberPasskey(p.t.Context(), passkeyOrigin, app.Client{Address: "192.0.2.1"})
	if err != nil {
		p.t.Fatal(err)
	}
	return options, token
}

// enters signs in with a device, and gives who that is; the code is that of the problem.
func (p *phones) enters(d *authenticator.Device, code string) ledger.MemberID {
	p.t.Helper()
	options, token := p.ask()
	return p.answers(token, p.sign(d, options), code)
}

func (p *phones) answers(token string, response []byte, code string) ledger.MemberID {
	p.t.Helper()
	in, err := p.SignInMemberPasskey(p.t.Context(), passkeyOrigin, token, response, app.Client{Address: "192.0.2.1"})
	p.refused(err, code)
	return in.Member
}

func (p *phones) refused(err error, code string) {
	p.t.Helper()
	if got := app.AsProblem(err); (err == nil) != (code == "") || err != nil && got.Code != code {
		p.t.Fatalf("%v, want %q", err, code)
	}
}

// TestMembersPasskeys signs members in by their devices, and finds what is refused.
func TestMembersPasskeys(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		p := openPhones(t, url)
		anna, phone := p.member("email:anna@example.com")
		ben, bens := p.member("email:ben@example.com")
		d, e := p.passkey(anna, phone), p.passkey(ben, bens)
		if got := p.enters(d, ""); got != anna {
			t.Fatalf("signed in as %s, want %s", got, anna)
		}
		keys, err := p.MemberPasskeys(t.Context(), anna)
		if err != nil || len(keys) != 1 || keys[0].Name != "my phone" || keys[0].LastUsed == calendar.None {
			t.Errorf("the passkeys are %+v (%v)", keys, err)
		}

		options, token := p.ask()
		signed := p.sign(d, options)
		p.answers(token, signed, "")
		p.answers(token, signed, app.CodeStepOver) // a challenge is good once
		_, other := p.ask()
		p.answers(other, signed, app.CodePasskeyRefused) // and what it signed, for no other
		options, token = p.ask()
		p.clock.Advance(11 * time.Minute)
		p.answers(token, p.sign(d, options), app.CodeStepOver) // nor for long

		phone = p.signIn("email:anna@example.com")
		options, token, err = p.BeginMemberPasskey(t.Context(), anna, passkeyOrigin, phone)
		p.refused(err, "")
		p.answers(token, p.sign(d, options), app.CodeStepOver) // one to make a passkey signs nobody in
		p.refused(p.FinishMemberPasskey(t.Context(), ben, app.NewPasskey{Origin: passkeyOrigin, Token: token, Name: "x"}, p.signIn("email:ben@example.com")), app.CodeStepOver)

		for what, bend := range map[string]func(*authenticator.Device){
			"another page":             func(x *authenticator.Device) { x.Origin = "https://elsewhere.example" },
			"a page without TLS":       func(x *authenticator.Device) { x.Origin = "http://loyalty.example.com" },
			"another's handle":         func(x *authenticator.Device) { x.Handle = e.Handle },
			"another's credential":     func(x *authenticator.Device) { x.ID, x.Handle = e.ID, e.Handle },
			"a credential of nobody":   func(x *authenticator.Device) { x.ID = []byte("nobody's") },
			"a counter that went back": func(x *authenticator.Device) { x.Counter = 0 },
		} {
			bent := *d
			bend(&bent)
			options, token := p.ask()
			in, err := p.SignInMemberPasskey(t.Context(), passkeyOrigin, token, p.sign(&bent, options), app.Client{Address: "192.0.2.1"})
			if err == nil || app.AsProblem(err).Code != app.CodePasskeyRefused {
				t.Errorf("%s signs in as %s (%v)", what, in.Member, err)
			}
		}

		p.refused(p.RemoveMemberPasskey(t.Context(), ben, keys[0].ID, "en", p.signIn("email:ben@example.com")), app.CodeUnknownPasskey)
		p.clock.Advance(16 * time.Minute)
		p.refused(p.RemoveMemberPasskey(t.Context(), anna, keys[0].ID, "en", phone), app.CodeSignInAgain)
		_, _, err = p.BeginMemberPasskey(t.Context(), anna, passkeyOrigin, phone)
		p.refused(err, app.CodeSignInAgain)
		p.refused(p.Fresh(t.Context(), anna, p.signIn("email:ben@example.com")), app.CodeSignInAgain)
		p.refused(p.RemoveMemberPasskey(t.Context(), anna, keys[0].ID, "en", p.signIn("email:anna@example.com")), "")
		p.enters(d, app.CodePasskeyRefused)
	})
}

// TestPasskeysFollowTheirMember blocks, merges, moves and erases members with passkeys.
func TestPasskeysFollowTheirMember(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		p, ctx := openPhones(t, url), t.Context()
		anna, phone := p.member("email:anna@example.com")
		ben, bens := p.member("email:ben@example.com")
		d, e := p.passkey(anna, phone), p.passkey(ben, bens)

		yes, no := true, false
		_, err := p.Change(ctx, anna.String(), app.Change{Blocked: &yes})
		p.refused(err, "")
		p.enters(d, app.CodeMemberBlocked)
		_, err = p.Change(ctx, anna.String(), app.Change{Blocked: &no})
		p.refused(err, "")
		p.enters(d, "")

		_, err = p.Merge(ctx, "", anna.String(), ben.String())
		p.refused(err, "")
		for _, device := range []*authenticator.Device{d, e} {
			if got := p.enters(device, ""); got != ben {
				t.Errorf("after the merge it signs in as %s, want %s", got, ben)
			}
		}
		keys, err := p.MemberPasskeys(ctx, ben)
		if err != nil || len(keys) != 2 {
			t.Errorf("the passkeys are %+v (%v)", keys, err)
		}
		if sessions, err := p.MemberSessions(ctx, ben); err != nil || len(sessions) != 4 {
			t.Errorf("%d sessions, want those of both (%v)", len(sessions), err)
		}
		data, err := p.MemberData(ctx, ben, "en")
		if err != nil || len(data.Passkeys) != 2 || data.Passkeys[0].Name != "my phone" {
			t.Errorf("the data is %+v (%v)", data, err)
		}

		away := openStore(t, "sqlite:"+t.TempDir()+"/moved.db", store.Options{Migrate: true})
		move(t, p.Store, away)
		if moved, err := away.AllMemberPasskeys(ctx); err != nil || len(moved) != 2 || moved[0].Member != ben {
			t.Errorf("moved are %+v (%v)", moved, err)
		}

		_, err = p.Erase(ctx, "", ben.String())
		p.refused(err, "")
		for _, device := range []*authenticator.Device{d, e} {
			p.enters(device, app.CodePasskeyRefused)
		}
		if left, err := p.Store.AllMemberPasskeys(ctx); err != nil || len(left) != 0 {
			t.Errorf("after the erasure there are %+v (%v)", left, err)
		}
	})
}
