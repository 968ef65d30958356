package auth_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/store"
	"premia/internal/testkit"
	"premia/internal/testkit/postgres"
)

func TestKeys(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]func(t *testing.T) string{
		"sqlite":   func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "premia.db") },
		"postgres": func(t *testing.T) string { return postgres.New(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := store.Open(context.Background(), url(t), store.Options{Migrate: true})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { s.Close() })
			checkKeys(t, s)
		})
	}
}

func checkKeys(t *testing.T, s *store.Store) {
	ctx := context.Background()
	clock := testkit.NewClock(time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC))
	now := func() calendar.Instant { return calendar.Of(clock.Now()) }
	keeper := auth.NewKeeper(s, clock.Now)
	secret, made, err := auth.Create(ctx, s, " till ", auth.Scopes{auth.EventsWrite}, now()+calendar.Day, now())
	if err != nil || made.Name != "till" || len(secret) != len(auth.KeyPrefix)+52 {
		t.Fatalf("made %+v (%v)", made, err)
	}
	rows, err := s.APIKeys(ctx)
	if err != nil || len(rows) != 1 || strings.Contains(string(rows[0].Hash)+rows[0].ID+rows[0].Scopes+rows[0].Name, secret[8:]) {
		t.Errorf("kept: %+v (%v)", rows, err)
	}
	check := func(secret string, want error) auth.Key {
		t.Helper()
		k, err := keeper.Check(ctx, secret)
		if !errors.Is(err, want) {
			t.Errorf("checked: %v, want %v", err, want)
		}
		return k
	}
	first := now()
	if k := check(secret, nil); !k.Scopes.Allow(auth.EventsWrite) || k.Scopes.Allow(auth.MembersRead) || k.LastUsed != first {
		t.Errorf("the key is %+v", k)
	}
	clock.Advance(59 * time.Minute)
	if k := check(secret, nil); k.LastUsed != first {
		t.Errorf("the moment of last use is kept finer than an hour: %s", k.LastUsed)
	}
	clock.Advance(time.Minute)
	if k := check(secret, nil); k.LastUsed != now() {
		t.Errorf("last used %s, want %s", k.LastUsed, now())
	}
	last := "a"
	if strings.HasSuffix(secret, last) {
		last = "q"
	}
	for _, wrong := range []string{"", "pk_", secret[:len(secret)-1] + last, strings.ToUpper(secret), secret + "a", "pk_" + strings.Repeat("a", 10_000)} {
		check(wrong, auth.ErrNoKey)
	}
	if err := auth.Revoke(ctx, s, made.ID, now()); err != nil {
		t.Fatal(err)
	}
	clock.Advance(auth.Remembered)
	check(secret, auth.ErrRevoked)
	if err := auth.Revoke(ctx, s, "key_x", now()); !errors.Is(err, auth.ErrNoKey) {
		t.Errorf("revoked nothing: %v", err)
	}
	short, _, err := auth.Create(ctx, s, "short", auth.Scopes{auth.Admin}, now()+1, now())
	if err != nil {
		t.Fatal(err)
	}
	if k := check(short, nil); !k.Scopes.Allow(auth.MembersErase) {
		t.Error("admin may not erase")
	}
	clock.Advance(time.Microsecond)
	check(short, auth.ErrExpired)
	for _, bad := range []func() error{
		func() error { _, _, err := auth.Create(ctx, s, " ", auth.Scopes{auth.Admin}, 0, now()); return err },
		func() error { _, _, err := auth.Create(ctx, s, "x", nil, 0, now()); return err },
		func() error { _, _, err := auth.Create(ctx, s, "x", auth.Scopes{auth.Admin}, now(), now()); return err },
	} {
		var invalid *auth.InvalidKey
		if err := bad(); !errors.As(err, &invalid) {
			t.Errorf("made in spite of it: %v", err)
		}
	}
}

func TestScopes(t *testing.T) {
	t.Parallel()
	got, err := auth.ParseScopes("members:read, events:write events:write")
	if err != nil || got.String() != "events:write members:read" {
		t.Errorf("scopes %q (%v)", got, err)
	}
	for _, bad := range []string{"", " , ", "events", "events:write,all"} {
		if got, err := auth.ParseScopes(bad); err == nil {
			t.Errorf("%q is %q", bad, got)
		}
	}
}
