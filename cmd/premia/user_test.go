package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"premia/internal/app"
	"premia/internal/auth"
)

// TestUserErase forgets a user by the command, once that is said twice.
func TestUserErase(t *testing.T) {
	t.Parallel()
	db := "sqlite:" + filepath.Join(t.TempDir(), "premia.db")
	a, err := app.Open(t.Context(), app.Config{DB: db, Migrate: true, URL: "https://club.example.com"})
	if err != nil {
		t.Fatal(err)
	}
	ctx := app.WithActor(t.Context(), auth.System("test"))
	comes := func(token, email string) {
		words := app.Acceptance{Email: email, Name: "Jan", Password: "lagoon window tulip 7", Language: "en"}
		if _, err := a.Accept(t.Context(), token, words, app.Client{Address: "192.0.2.1"}); err != nil {
			t.Fatal(err)
		}
	}
	link, err := a.OwnerLink(ctx)
	if err != nil {
		t.Fatal(err)
	}
	comes(link[strings.LastIndex(link, "/")+1:], "anna@example.com")
	_, token, err := a.Invite(ctx, app.NewInvitation{Email: "jan@example.com", Role: auth.Supporter, Language: "en"})
	if err != nil {
		t.Fatal(err)
	}
	comes(token, "jan@example.com")
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	premia := func(args ...string) (int, string) {
		var out bytes.Buffer
		code := run(append(args, "--db", db), nil, &out, &out)
		return code, out.String()
	}
	if code, said := premia("user", "erase", "jan@example.com"); code != exitUsage || !strings.Contains(said, "--yes") {
		t.Errorf("unconfirmed: %d %s", code, said)
	}
	if code, said := premia("user", "erase", "anna@example.com", "--yes"); code == exitOK || !strings.Contains(said, "no owner") {
		t.Errorf("the last owner: %d %s", code, said)
	}
	if code, said := premia("user", "erase", "jan@example.com", "--yes"); code != exitOK || !strings.Contains(said, "usr_") {
		t.Errorf("it is not done: %d %s", code, said)
	}
	if code, said := premia("user", "list"); code != exitOK || strings.Contains(said, "jan@") || !strings.Contains(said, "anna@") {
		t.Errorf("left are %d %s", code, said)
	}
}
