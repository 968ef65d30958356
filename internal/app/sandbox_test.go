package app_test

import (
	"path/filepath"
	"testing"
	"time"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/calendar"
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
