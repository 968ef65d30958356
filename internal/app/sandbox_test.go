package app_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/store"
	"premia/internal/testkit"
)

const sandboxProgram = `
program: Sandbox
currency: PLN
timezone: Europe/Warsaw
languages: [en]
wallets: {points: {name: points, pending: 14d, expires: 12mo}}
earn: [{id: welcome, on: enrolment, give: {points: 50}}]
`

// TestSandboxClock lets a year pass in a sandbox: what a member has matures and
// expires at once, a second server follows, and the machine's clock stays what people
// sign in by.
func TestSandboxClock(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		clock := testkit.NewClock(time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC))
		open := func() *app.App {
			t.Helper()
			a, err := app.Open(t.Context(), app.Config{DB: url, Migrate: true, Clock: clock.Now})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = a.Close() })
			return a
		}
		a := open()
		owner := app.WithActor(t.Context(), auth.Actor{Kind: auth.KindSystem})
		move := func(days int) error {
			_, err := a.MoveClock(owner, calendar.Add(a.Journal.Now(), calendar.Span{Days: days}, time.UTC))
			return err
		}
		refused(t, app.CodeNoSandbox, move(1))
		if err := a.MakeSandbox(owner); err != nil {
			t.Fatal(err)
		}
		if _, err := a.Publish(owner, []byte(sandboxProgram), calendar.None, ""); err != nil {
			t.Fatal(err)
		}
		if _, err := a.Enrol(owner, app.Change{EventID: "join", Identities: []string{"customer:1"}}); err != nil {
			t.Fatal(err)
		}
		available := func(a *app.App) int64 {
			t.Helper()
			m, err := a.Member(t.Context(), "customer:1")
			if err != nil {
				t.Fatal(err)
			}
			return int64(m.Wallets[0].Available)
		}
		for _, step := range []struct {
			days int
			want int64
		}{{13, 0}, {2, 50}, {340, 50}, {20, 0}} {
			if err := move(step.days); err != nil {
				t.Fatal(err)
			}
			if got := available(a); got != step.want {
				t.Errorf("%s: %d are available, want %d", a.Journal.Now(), got, step.want)
			}
		}
		refused(t, app.CodeClockBackward, move(0))
		refused(t, app.CodeClockBackward, move(-1))
		refused(t, app.CodeClockTooFar, move(6*366))
		other := open()
		if other.Journal.Now() != a.Journal.Now() || !other.Sandbox() {
			t.Errorf("another server's clock is at %s, not %s", other.Journal.Now(), a.Journal.Now())
		}
		if v, err := app.Verify(t.Context(), a.Store, app.VerifyOptions{}); err != nil || v.Difference != nil {
			t.Errorf("verify: %v, %v", v.Difference, err)
		}
	})
}

// TestSandboxPeople signs people in, opens a till, makes links, copies and secrets, in a
// sandbox whose clock is a month ahead: all of it is of the machine's time, and ends by
// it.
func TestSandboxPeople(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		h := openHouse(t, url)
		system := h.as(auth.System("test"))
		h.does(h.MakeSandbox(system), "")
		_, err := h.MoveClock(system, h.Journal.Now()+31*calendar.Day)
		h.does(err, "")
		_, err = h.Publish(system, []byte(sandboxProgram), calendar.None, "")
		h.does(err, "")
		now := calendar.Of(h.clock.Now())

		me := h.inside(h.owner().Token)
		_, secret, token, err := h.BeginCode(me)
		h.does(err, "")
		_, err = h.FinishCode(me, token, codeAt(t, secret, h.clock.Now()))
		h.does(err, "")
		h.clock.Advance(30 * time.Second)
		in, err := h.SignIn(t.Context(), "anna@example.com", secretWords, phone)
		h.does(err, "")
		in, err = h.SignInCode(t.Context(), in.Step, codeAt(t, secret, h.clock.Now()), phone)
		h.does(err, "")
		h.does(h.SetPIN(h.inside(in.Token), in.User.ID, "2580"), "")
		till, _, err := h.OpenTill(h.inside(in.Token), "Till", "")
		h.does(err, "")
		hook, _, err := h.CreateWebhook(system, app.NewWebhook{URL: "https://example.com/hook"})
		h.does(err, "")
		hook, _, err = h.RotateWebhook(system, hook.ID, time.Hour)
		h.does(err, "")
		if hook.OldUntil != now+calendar.Hour+30*calendar.Second {
			t.Errorf("the old secret signs until %s", hook.OldUntil)
		}
		_, err = h.Enrol(system, app.Change{EventID: "join", Identities: []string{"customer:1"}})
		h.does(err, "")
		link, err := h.TillLink(system, "customer:1")
		h.does(err, "")
		member, err := h.FinishMemberLink(t.Context(), strings.TrimPrefix(link, "https://club.example"+app.MemberLinkPath), phone)
		h.does(err, "")
		rows, _, err := h.AuditPage(me, store.AuditFilter{}, 1)
		h.does(err, "")
		if len(rows) != 1 || rows[0].At < now || rows[0].At > now+calendar.Minute {
			t.Errorf("the trail says %+v", rows)
		}
		if h.Store.Dialect() == store.SQLite {
			path, err := h.BackUpIfDue(t.Context(), app.BackupPlan{Folder: t.TempDir(), Every: time.Hour, Keep: 1})
			if err != nil || !strings.Contains(path, "20260301T090030Z") {
				t.Errorf("the copy is %s (%v)", path, err)
			}
		}
		// An hour later the till is locked and the user signed out, who did nothing;
		// the member's card stays, but not for a year.
		h.clock.Advance(time.Hour)
		h.signedOut(in.Token)
		at, err := h.TillOf(t.Context(), till)
		if err != nil || at.Who != nil {
			t.Errorf("the till is %+v (%v)", at, err)
		}
		_, err = h.MemberSessionOf(t.Context(), member.Token, phone)
		h.does(err, "")
		h.clock.Advance(61 * 24 * time.Hour)
		_, err = h.MemberSessionOf(t.Context(), member.Token, phone)
		h.does(err, app.CodeSignedOut)
	})
}

func refused(t *testing.T, code string, err error) {
	t.Helper()
	if p := app.AsProblem(err); err == nil || p.Code != code {
		t.Errorf("answered %v, want %s", err, code)
	}
}

func TestWorkspaceInUseBecomesNoSandbox(t *testing.T) {
	t.Parallel()
	a, err := app.Open(t.Context(), app.Config{DB: "sqlite:" + filepath.Join(t.TempDir(), "shop.db"), Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	if _, err := a.Publish(t.Context(), []byte(sandboxProgram), calendar.None, ""); err != nil {
		t.Fatal(err)
	}
	refused(t, app.CodeSandboxLate, a.MakeSandbox(t.Context()))
	clerk := app.WithActor(t.Context(), auth.Actor{Kind: auth.KindUser, ID: "usr_1", Role: auth.Cashier})
	_, err = a.MoveClock(clerk, a.Journal.Now()+1)
	refused(t, app.CodeNotPermitted, err)
}
