package app_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/ledger"
	"premia/internal/store"
)

// messagesTo waits until so many messages were written to a recipient, and gives the
// newest.
func (p *phones) messagesTo(recipient string, n int) store.Message {
	p.t.Helper()
	var mine []store.Message
	for range 6000 { // a minute: the machine may be busy
		all, err := p.Messages(app.WithActor(p.t.Context(), auth.System("test")), 0, 100)
		if err != nil {
			p.t.Fatal(err)
		}
		mine = slices.DeleteFunc(all, func(m store.Message) bool { return m.Recipient != recipient })
		if len(mine) >= n {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if len(mine) != n {
		p.t.Fatalf("%d messages to %s, want %d", len(mine), recipient, n)
	}
	return mine[0]
}

func codeIn(m store.Message) string { return regexp.MustCompile(`\b\d{6}\b`).FindString(m.Body) }

// begin says that a contact is a member's.
func (p *phones) begin(id ledger.MemberID, contact string, from app.Client) string {
	p.t.Helper()
	step, err := p.BeginContact(p.t.Context(), id, contact, "en", from)
	p.refused(err, "")
	return step
}

func (p *phones) finish(id ledger.MemberID, step, code string, from app.Client, problem string) {
	p.t.Helper()
	p.refused(p.FinishContact(p.t.Context(), id, step, code, "en", from), problem)
}

// TestContactsAreProved adds contacts by a code, one's own and those of others.
func TestContactsAreProved(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		p := openPhones(t, url)
		anna, phone := p.member("email:anna@example.com")
		ben, bens := p.member("email:ben@example.com")
		step := p.begin(anna, "+48 600 100 200", phone)
		code := codeIn(p.messagesTo("+48600100200", 1))
		p.finish(ben, step, code, bens, app.CodeStepOver) // begun by Anna, and it is over now
		step = p.begin(anna, "+48 600 100 200", phone)
		code = codeIn(p.messagesTo("+48600100200", 2))
		wrong := strings.Repeat("0", 6)
		if code == wrong {
			wrong = strings.Repeat("1", 6)
		}
		p.finish(anna, step, wrong, phone, app.CodeWrongMemberCode)
		p.finish(anna, step, code, phone, "")
		p.finish(anna, step, code, phone, app.CodeStepOver)
		if id, err := p.Find(t.Context(), "phone:+48600100200"); err != nil || id != anna {
			t.Errorf("the number is of %s (%v)", id, err)
		}
		if m := p.messagesTo("anna@example.com", 1); !strings.Contains(m.Subject, "was changed") || strings.Contains(m.Body, "600") {
			t.Errorf("the mailbox is told %q %q", m.Subject, m.Body)
		}

		// Of somebody else's contact nothing is told but to whoever has it.
		step = p.begin(anna, "ben@example.com", phone)
		p.finish(anna, step, codeIn(p.messagesTo("ben@example.com", 1)), phone, app.CodeContactTaken)
		if id, err := p.Find(t.Context(), "email:ben@example.com"); err != nil || id != ben {
			t.Errorf("the address is of %s now (%v)", id, err)
		}
		for range 3 {
			p.begin(anna, "nobody@example.com", phone)
		}
		for range 2 {
			p.begin(ben, "nobody@example.com", bens)
		}
		_, err := p.BeginContact(t.Context(), ben, "nobody@example.com", "en", bens)
		p.refused(err, app.CodeTooManyAttempts)
		_, err = p.BeginContact(t.Context(), anna, "no contact", "en", phone)
		p.refused(err, app.CodeInvalidContact)
		p.clock.Advance(16 * time.Minute)
		_, err = p.BeginContact(t.Context(), anna, "late@example.com", "en", phone)
		p.refused(err, app.CodeSignInAgain)
		p.finish(anna, step, code, phone, app.CodeSignInAgain)
		p.refused(p.RemoveContact(t.Context(), anna, "anna@example.com", "en", true, phone), app.CodeSignInAgain)
	})
}

// TestContactsGo removes contacts: they lead nowhere, on no server, and may be somebody
// else's; what was removed is missed by no verification.
func TestContactsGo(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		p, ctx := openPhones(t, url), t.Context()
		anna, phone := p.member("email:anna@example.com")
		ben, bens := p.member("email:ben@example.com")
		p.finish(anna, p.begin(anna, "+48600100200", phone), codeIn(p.messagesTo("+48600100200", 1)), phone, "")
		p.messagesTo("anna@example.com", 1)
		another := func() *app.App {
			server, err := app.Open(ctx, app.Config{DB: url, Clock: p.clock.Now, URL: passkeyOrigin, Channels: []string{app.EmailChannel}})
			p.refused(err, "")
			t.Cleanup(func() { server.Close() })
			if id, err := server.Find(ctx, "email:anna@example.com"); err != nil || id != anna {
				t.Fatalf("another server finds %s (%v)", id, err)
			}
			return server
		}
		other, third := another(), another()
		step, err := p.BeginMemberSignIn(ctx, "anna@example.com", "en", app.Client{Address: "192.0.2.1"})
		p.refused(err, "")
		code := codeIn(p.messagesTo("anna@example.com", 2))

		p.refused(p.RemoveContact(ctx, ben, "anna@example.com", "en", true, bens), app.CodeUnknownContact)
		p.refused(p.RemoveContact(ctx, anna, "anna@example.com", "en", false, phone), "")
		p.messagesTo("anna@example.com", 3) // told once more, and for the last time
		_, err = p.FinishMemberCode(ctx, step, code, app.Client{Address: "192.0.2.1"})
		p.refused(err, app.CodeLinkOver)
		for _, server := range []*app.App{p.App, third} {
			_, err := server.BeginMemberSignIn(ctx, "anna@example.com", "en", app.Client{Address: "192.0.2.1"})
			p.refused(err, "")
		}
		p.clock.Advance(6 * time.Second)
		if _, err := other.Find(ctx, "email:anna@example.com"); err == nil || !strings.HasPrefix(app.AsProblem(err).Code, "unknown_") {
			t.Errorf("the other server still finds somebody by the address: %v", err)
		}
		next, _ := p.member("email:anna@example.com")
		if id, err := other.Find(ctx, "email:anna@example.com"); err != nil || id != next || id == anna {
			t.Errorf("the address's next owner is %s (%v), want %s", id, err, next)
		}
		p.messagesTo("anna@example.com", 3) // nobody was sent a code meanwhile
		if found, err := p.SearchMembers(ctx, "anna@example.com", 10); err != nil || len(found) != 1 || found[0].ID != next {
			t.Errorf("found are %+v (%v)", found, err)
		}

		p.refused(p.RemoveContact(ctx, anna, "+48600100200", "en", false, phone), app.CodeLastWay)
		d := p.passkey(anna, phone)
		p.refused(p.RemoveContact(ctx, anna, "+48600100200", "en", false, phone), "")
		if id := p.enters(d, ""); id != anna {
			t.Errorf("the passkey signs in %s", id)
		}
		p.refused(p.RemoveContact(ctx, ben, "ben@example.com", "en", false, bens), app.CodeLastWay)
		p.refused(p.RemoveContact(ctx, ben, "ben@example.com", "en", true, bens), "")
		wantHealthy(t, p.Store)
	})
}
