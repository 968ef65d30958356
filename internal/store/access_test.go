package store

import (
	"context"
	"errors"
	"testing"

	"premia/internal/core/calendar"
)

func init() {
	conformance["the audit trail is append-only"] = auditStays
	conformance["users and what they have"] = usersKept
	conformance["a counter is raised once"] = countersRise
}

func auditStays(t *testing.T, sub *subject) {
	s, ctx := sub.open(t), t.Context()
	row := Audit{At: 5, Kind: "user", Actor: "usr_1", Action: "key.created", Target: "key_1"}
	err := s.Change(ctx, func(tx *Tx) error { return tx.Audit(ctx, row, Audit{At: 3, Kind: "system", Action: "x"}) })
	if err != nil {
		t.Fatal(err)
	}
	batch(t, s, func(ctx context.Context, b *Batch) error { return b.Audit(ctx, row) })
	rows := must[[]Audit](t)(s.AuditFrom(ctx, 0, 10))
	var before Audit
	for i := range rows {
		if rows[i].Seq != int64(i+1) || rows[i].At != 5 || rows[i].Hash != LinkAudit(before.Hash, &rows[i]) {
			t.Errorf("row %+v", rows[i])
		}
		before = rows[i]
	}
	if len(rows) != 3 {
		t.Errorf("%d rows", len(rows))
	}
	for _, statement := range []string{"UPDATE audit SET actor = 'usr_2'", "UPDATE audit SET actor = 'usr_2' WHERE seq = 2", "DELETE FROM audit", "DELETE FROM audit WHERE seq = 3"} {
		if err := s.run(ctx, statement); err == nil {
			t.Errorf("%s was done", statement)
		}
	}
	same(t, "after all", must[[]Audit](t)(s.AuditFrom(ctx, 0, 10)), rows)
}

func usersKept(t *testing.T, sub *subject) {
	s, ctx := sub.open(t), t.Context()
	u := User{ID: "usr_1", Email: "a@example.com", Name: "A", Role: "owner", Language: "pl", Created: 7}
	add := func(u User) error { return s.Change(ctx, func(tx *Tx) error { return tx.AddUser(ctx, &u) }) }
	if err := add(u); err != nil {
		t.Fatal(err)
	}
	if err := add(User{ID: "usr_2", Email: "a@example.com"}); !errors.Is(err, ErrExists) {
		t.Errorf("the same address again: %v", err)
	}
	same(t, "the user", must[User](t)(s.UserByEmail(ctx, "a@example.com")), u)
	if _, err := s.User(ctx, "usr_9"); !errors.Is(err, ErrNotFound) {
		t.Errorf("an unknown user: %v", err)
	}
	c := Credential{ID: "passkey:x", User: "usr_1", Kind: PasskeyCredential, Name: "phone", Secret: []byte{1}, Created: 8}
	put := func(c Credential) error {
		return s.Change(ctx, func(tx *Tx) error { return tx.PutCredential(ctx, &c) })
	}
	if err := put(c); err != nil {
		t.Fatal(err)
	}
	stolen := c
	stolen.User = "usr_2"
	if err := put(stolen); !errors.Is(err, ErrNotFound) {
		t.Errorf("another user took a passkey: %v", err)
	}
	same(t, "the passkey", must[Credential](t)(s.Credential(ctx, "passkey:x")), c)
	d := Draft{ID: "drf_1", Title: "x", Document: []byte("a"), Author: "usr_1", Created: 1, Changed: 2, State: DraftOpen, LiveFrom: calendar.None}
	if err := s.Change(ctx, func(tx *Tx) error { return tx.PutDraft(ctx, &d) }); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		changed calendar.Instant
		want    bool
	}{{9, false}, {2, true}} {
		before, after := d, d
		before.Changed, after.State = c.changed, DraftPublished
		batch(t, s, func(ctx context.Context, b *Batch) error {
			kept, err := b.PutDraft(ctx, &before, &after)
			if kept != c.want {
				t.Errorf("kept over a draft of %d: %v", c.changed, kept)
			}
			return err
		})
	}
	d.State = DraftPublished
	same(t, "the draft", must[Draft](t)(s.Draft(ctx, "drf_1")), d)
	token := Token{Hash: []byte{7}, Kind: "k", User: "usr_1", Data: []byte("x"), Expires: 9}
	if err := s.AddToken(ctx, &token, 1); err != nil {
		t.Fatal(err)
	}
	if _, err := s.TakeToken(ctx, "another kind", token.Hash); !errors.Is(err, ErrNotFound) {
		t.Errorf("taken as another kind: %v", err)
	}
	moved := Token{Hash: []byte{8}, Kind: "k", User: "usr_2", Data: []byte("y"), Expires: 9}
	for _, want := range []error{nil, ErrNotFound} {
		if err := s.MoveToken(ctx, token.Hash, &moved, 1); !errors.Is(err, want) {
			t.Errorf("moved: %v, want %v", err, want)
		}
	}
	same(t, "what stands at places", must[[]Token](t)(s.TokensAt(ctx, "k", [][]byte{token.Hash, moved.Hash, {9}})), []Token{moved})
	same(t, "what stands at none", must[[]Token](t)(s.TokensAt(ctx, "k", nil)), nil)
	token = moved
	same(t, "the token", must[Token](t)(s.TakeToken(ctx, "k", token.Hash)), token)
	if _, err := s.TakeToken(ctx, "k", token.Hash); !errors.Is(err, ErrNotFound) {
		t.Errorf("taken twice: %v", err)
	}
}

// countersRise uses one step of a code from many sides at once.
func countersRise(t *testing.T, sub *subject) {
	s, ctx := sub.open(t), t.Context()
	c := Credential{ID: "code:usr_1", User: "usr_1", Kind: CodeCredential, Secret: []byte("x")}
	if err := s.Change(ctx, func(tx *Tx) error { return tx.PutCredential(ctx, &c) }); err != nil {
		t.Fatal(err)
	}
	firsts := make(chan bool, 8)
	for range 8 {
		go func() {
			first, err := s.UseCredential(ctx, c.ID, 17, 5)
			if err != nil {
				t.Error(err)
			}
			firsts <- first
		}()
	}
	n := 0
	for range 8 {
		if <-firsts {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d were first", n)
	}
}
