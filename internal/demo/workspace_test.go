package demo_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/demo"
	"premia/internal/testkit"
	"premia/programs"
)

// TestFill fills a new workspace, comes back days later to find the year as it
// was, and verifies what the database says of it.
func TestFill(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	clock := testkit.NewClock(until.Add(20 * time.Hour))
	c := app.Config{DB: "sqlite:" + filepath.Join(t.TempDir(), "demo.db"), Migrate: true, Clock: clock.Now}

	a := must[*app.App](t)(app.Open(ctx, c))
	heard := 0
	filled, err := demo.Fill(ctx, a, func(done, total int) { heard = max(heard, total-done+1) })
	if err != nil || filled.Until != "2026-11-24" || filled.First != "2025-11-25" || filled.Events < 20_000 || heard != filled.Events {
		t.Fatalf("filled %+v and heard of %d (%v)", filled, heard, err)
	}
	for _, s := range filled.Samples {
		if m, err := a.Member(ctx, s.Card); err != nil || m.Profile["given_name"] == "" && m.Status == 0 {
			t.Errorf("%+v is %+v (%v)", s, m, err)
		}
	}
	if len(filled.Samples) != 6 || !strings.HasPrefix(filled.Samples[0].Card, "card:2900") {
		t.Errorf("samples %+v", filled.Samples)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}

	clock.Advance(72 * time.Hour)
	a = must[*app.App](t)(app.Open(ctx, c))
	defer a.Close()
	again, err := demo.Fill(ctx, a, nil)
	if err != nil || again.Events != 0 || again.Until != filled.Until {
		t.Errorf("again: %+v (%v), want the year that is there", again, err)
	}
	v := must[*app.Verification](t)(app.Verify(ctx, a.Store, app.VerifyOptions{}))
	if v.Difference != nil {
		t.Errorf("verify: %v", v.Difference)
	}
	sound(t, a.Store)
}

// TestFillLeavesOthersAlone refuses a workspace with a program of its own.
func TestFillLeavesOthersAlone(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	a := must[*app.App](t)(app.Open(ctx, app.Config{DB: "sqlite:" + filepath.Join(t.TempDir(), "own.db"), Migrate: true}))
	defer a.Close()
	if _, err := a.Publish(ctx, programs.OnlineRetail, calendar.None, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := demo.Fill(ctx, a, nil); !errors.Is(err, demo.ErrNotDemo) {
		t.Errorf("error %v, want ErrNotDemo", err)
	}
	if known, err := demo.IsDemo(ctx, a.Store); known || err != nil {
		t.Errorf("it is taken for the demo's (%v)", err)
	}
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
