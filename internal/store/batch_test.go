package store

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp/cmpopts"

	gocmp "github.com/google/go-cmp/cmp"

	"premia/internal/core/calendar"
	"premia/internal/core/ledger"
)

func init() {
	conformance["a batch writes all kinds of rows"] = writesAllKinds
	conformance["an error or a panic leaves nothing"] = leavesNothing
	conformance["heads follow the journal of each shard"] = headsFollow
	conformance["a binding is permanent"] = bindingIsPermanent
	conformance["large lists"] = largeLists
	conformance["a new member's number must be free"] = newMemberMustBeFree
	conformance["quotas"] = quotas
	conformance["personal values are forgotten"] = personalForgotten
	conformance["batches refuse wrong shards"] = refusesWrongShards
}

func memberNo(i int) ledger.MemberID { return ledger.MemberID(mix(uint64(i)) >> 1) }

func keyNo(i int) Key {
	var k Key
	binary.BigEndian.PutUint64(k[:], mix(uint64(i)))
	binary.BigEndian.PutUint64(k[8:], uint64(i))
	return k
}

// entryFor is the next entry of a member after the head.
func entryFor(s *Store, id ledger.MemberID, head Head) Entry {
	seq := head.Seq + 1
	return Entry{
		Position: Position{s.ShardOf(id), seq}, Member: id, Kind: 200, Mask: 1<<31 | 5,
		At: calendar.Instant(1000 + seq), Recorded: calendar.Instant(2000 + seq),
		Event: fmt.Appendf(nil, "event %d", seq), Decision: []byte{}, Hash: [32]byte{byte(seq), 31: 7},
	}
}

func headIn(b *Batch, shard Shard) Head {
	return b.Heads()[slices.IndexFunc(b.Heads(), func(h Head) bool { return h.Shard == shard })]
}

func writesAllKinds(t *testing.T, sub *subject) {
	s := sub.open(t)
	id, ctx := memberNo(1), t.Context()
	want := Member{ID: id, Status: 1, EnrolledAt: -5, MergedInto: 77, DueAt: 900, Seq: 1, State: []byte("state")}
	posting := ledger.Posting{Kind: ledger.Spend, Wallet: math.MaxInt32, From: ledger.Issuer, To: ledger.Transit, Amount: math.MaxInt64, Lot: math.MaxUint32, Rule: 9, At: 400}
	person := Personal{Member: id, Kind: Identity, Name: "card", Value: "ž 2900", Salt: []byte("salt"), Recorded: 8}
	program := Program{Version: 1, Document: []byte("program: x"), LiveFrom: 3, Published: 2, Digest: []byte("d"), Comment: "first"}
	entry := entryFor(s, id, Head{})
	want.Seq = 0 // the store knows
	batch(t, s, func(ctx context.Context, b *Batch) error {
		if b.ProgramVersion() != 0 || b.LastName() != 0 {
			t.Errorf("a new database has program %d and name %d", b.ProgramVersion(), b.LastName())
		}
		return b.Write(ctx, &Writes{
			Entries: []Entry{entry}, Postings: []PostedAt{{entry.Position, 3, posting}}, NewMembers: []Member{want},
			Personal: []Personal{person}, Programs: []Program{program}, Names: []Named{{4, "beans"}},
			Cursors: []Cursor{{"follow-ups", entry.Shard, 12}}, Quotas: []QuotaUse{{Quota: ledger.Quota{Name: 4, Window: 6}, Amount: 2, Cap: 5}},
		})
	})
	want.Seq = 1
	batch(t, s, func(ctx context.Context, b *Batch) error {
		if b.ProgramVersion() != 1 || b.LastName() != 4 {
			t.Errorf("program %d and name %d, want 1 and 4", b.ProgramVersion(), b.LastName())
		}
		same(t, "members in a batch", must[[]Member](t)(b.Members(ctx, []ledger.MemberID{id, 5})), []Member{want})
		same(t, "entries in a batch", must[[]Entry](t)(b.Entries(ctx, []Position{entry.Position, {entry.Shard, 2}})), []Entry{entry})
		return nil
	})
	same(t, "member", must[Member](t)(s.Member(ctx, id)), want)
	same(t, "entry", must[Entry](t)(s.Entry(ctx, entry.Position)), entry)
	same(t, "postings", must[[]PostedAt](t)(s.PostingsOf(ctx, Position{Shard: entry.Shard}, 0, 10)), []PostedAt{{entry.Position, 3, posting}})
	same(t, "personal", must[[]Personal](t)(s.PersonalOf(ctx, id)), []Personal{person})
	same(t, "programs", must[[]Program](t)(s.Programs(ctx)), []Program{program})
	same(t, "names", must[[]Named](t)(s.Names(ctx)), []Named{{4, "beans"}})
	same(t, "cursors", must[map[Shard]int64](t)(s.Cursors(ctx, "follow-ups")), map[Shard]int64{entry.Shard: 12})
	same(t, "quotas", must[[]Quota](t)(s.QuotaList(ctx)), []Quota{{ledger.Quota{Name: 4, Window: 6}, 2, 5}})
	same(t, "counts", must[Counts](t)(s.Counts(ctx)), Counts{Members: 1, Entries: 1, Postings: 1, Personal: 1})
	want.DueAt, want.MergedInto, want.State = calendar.Never, 0, []byte("other")
	write(t, s, &Writes{Members: []Member{want}})
	same(t, "member written over", must[Member](t)(s.Member(ctx, id)), want)
}

func same[T any](t testing.TB, what string, got, want T) {
	t.Helper()
	if diff := gocmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func leavesNothing(t *testing.T, sub *subject) {
	s := sub.open(t)
	id := memberNo(1)
	refusal := errors.New("refused")
	writeIn := func(b *Batch) {
		if _, err := b.Bind(t.Context(), []Binding{{Key: keyNo(1), Member: id}}); err != nil {
			t.Error(err)
		}
		if err := b.Write(t.Context(), &Writes{NewMembers: []Member{{ID: id, DueAt: calendar.Never}}}); err != nil {
			t.Error(err)
		}
	}
	err := s.Batch(t.Context(), s.Shards(), func(b *Batch) error { writeIn(b); return refusal })
	if !errors.Is(err, refusal) {
		t.Errorf("the error of the function is %v, want the one it gave", err)
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was lost")
			}
		}()
		_ = s.Batch(t.Context(), s.Shards(), func(b *Batch) error { writeIn(b); panic("in a rule") })
	}()
	ctx, cancel := context.WithCancel(t.Context())
	err = s.Batch(ctx, s.Shards(), func(b *Batch) error { writeIn(b); cancel(); return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("a batch whose caller went away: %v, want context.Canceled", err)
	}
	same(t, "rows left behind", must[Counts](t)(s.Counts(t.Context())), Counts{})
	if _, err := s.Member(t.Context(), id); !errors.Is(err, ErrNotFound) {
		t.Errorf("reading the member gives %v, want ErrNotFound", err)
	}
	write(t, s, &Writes{NewMembers: []Member{{ID: id, DueAt: calendar.Never}}})
}

func headsFollow(t *testing.T, sub *subject) {
	s := sub.open(t)
	want := make(map[Shard]Head)
	for round := range 4 {
		batch(t, s, func(ctx context.Context, b *Batch) error {
			w := &Writes{}
			for _, head := range b.Heads() {
				if expected := want[head.Shard]; head.Seq != expected.Seq || head.Hash != expected.Hash {
					t.Errorf("round %d: head %v, want %v", round, head, expected)
				}
			}
			for i := range 20 {
				id := memberNo(i)
				entry := entryFor(s, id, Head{Seq: want[s.ShardOf(id)].Seq})
				want[entry.Shard] = Head{entry.Shard, entry.Seq, entry.Hash}
				w.Entries = append(w.Entries, entry)
			}
			return b.Write(ctx, w)
		})
	}
	for _, shard := range s.Shards() {
		head := must[Head](t)(s.Head(t.Context(), shard))
		if head.Seq != want[shard].Seq || head.Hash != want[shard].Hash {
			t.Errorf("head of shard %d outside a batch: %v, want %v", shard, head, want[shard])
		}
	}
	entry := entryFor(s, memberNo(0), Head{})
	err := s.Batch(t.Context(), s.Shards(), func(b *Batch) error { return b.Write(t.Context(), &Writes{Entries: []Entry{entry}}) })
	if err == nil {
		t.Error("an entry was written over")
	}
}

func bindingIsPermanent(t *testing.T, sub *subject) {
	s := sub.open(t)
	first := Binding{Key: keyNo(1), Member: 5, At: Position{s.Shards()[0], 9}, Digest: Digest{1, 15: 2}, HasDigest: true}
	bare := Binding{Key: keyNo(2), Member: 5, At: Position{s.Shards()[0], 9}}
	later := first
	later.Member, later.HasDigest, later.Digest = 6, false, Digest{}
	batch(t, s, func(ctx context.Context, b *Batch) error {
		same(t, "in the way of a new key", must[[]Binding](t)(b.Bind(ctx, []Binding{bare, first})), nil)
		same(t, "in the way of the same", must[[]Binding](t)(b.Bind(ctx, []Binding{first})), nil)
		return nil
	})
	batch(t, s, func(ctx context.Context, b *Batch) error {
		fresh := Binding{Key: keyNo(3), Member: 7, At: Position{s.Shards()[0], 10}}
		again := fresh
		again.Member = 8
		others := must[[]Binding](t)(b.Bind(ctx, []Binding{fresh, later, again}))
		slices.SortFunc(others, func(x, y Binding) int { return cmp.Compare(x.Member, y.Member) })
		same(t, "in the way", others, []Binding{first, fresh})
		return nil
	})
	found := must[map[Key]Binding](t)(s.Lookup(t.Context(), []Key{first.Key, bare.Key, keyNo(99)}))
	same(t, "looked up", found, map[Key]Binding{first.Key: first, bare.Key: bare})
	batch(t, s, func(ctx context.Context, b *Batch) error {
		if err := b.Unbind(ctx, []Key{first.Key}); err != nil {
			return err
		}
		same(t, "after erasure", must[[]Binding](t)(b.Existing(ctx, []Key{first.Key, bare.Key})), []Binding{bare})
		return nil
	})
}

// largeLists has sizes around those that SQLite's statements are prepared for.
func largeLists(t *testing.T, sub *subject) {
	s := sub.open(t)
	next := 0
	for _, n := range []int{0, 1, 7, 8, 9, 63, 64, 65, 200} {
		var w Writes
		var bindings []Binding
		var ids []ledger.MemberID
		var keys []Key
		for range n {
			next++
			m := Member{ID: memberNo(next), DueAt: calendar.Instant(next), Seq: int64(next), State: []byte{byte(next)}}
			w.NewMembers = append(w.NewMembers, m)
			ids, keys = append(ids, m.ID), append(keys, keyNo(next))
			bindings = append(bindings, Binding{Key: keyNo(next), Member: m.ID, At: Position{s.ShardOf(m.ID), m.Seq}})
		}
		batch(t, s, func(ctx context.Context, b *Batch) error {
			same(t, "in the way", must[[]Binding](t)(b.Bind(ctx, bindings)), nil)
			return b.Write(ctx, &w)
		})
		byID := must[map[ledger.MemberID]Member](t)(s.MembersByID(t.Context(), ids))
		byKey := must[map[Key]Binding](t)(s.Lookup(t.Context(), keys))
		if len(byID) != n || len(byKey) != n {
			t.Fatalf("%d members and %d keys found, want %d", len(byID), len(byKey), n)
		}
		for i := range n {
			same(t, "member", byID[ids[i]], w.NewMembers[i])
			same(t, "binding", byKey[keys[i]], bindings[i])
		}
	}
}

func newMemberMustBeFree(t *testing.T, sub *subject) {
	s := sub.open(t)
	member := Member{ID: memberNo(1), DueAt: calendar.Never}
	write(t, s, &Writes{NewMembers: []Member{member}})
	err := s.Batch(t.Context(), s.Shards(), func(b *Batch) error {
		return b.Write(t.Context(), &Writes{NewMembers: []Member{member}})
	})
	if !errors.Is(err, ErrMemberExists) {
		t.Errorf("a second member of one number: %v, want ErrMemberExists", err)
	}
}

func quotas(t *testing.T, sub *subject) {
	s := sub.open(t)
	use := func(uses ...QuotaUse) error {
		return s.Batch(t.Context(), s.Shards(), func(b *Batch) error { return b.Write(t.Context(), &Writes{Quotas: uses}) })
	}
	steps := []struct {
		uses []QuotaUse
		used int64 // of quota 1 in window 0, after it
		left int64 // when it does not fit; -1 if it does
	}{
		{[]QuotaUse{{ledger.Quota{Name: 1, Window: 0}, 11, 10}}, 0, 10},
		{[]QuotaUse{{ledger.Quota{Name: 1, Window: 0}, 4, 10}, {ledger.Quota{Name: 2, Window: 0}, 1, 1}}, 4, -1},
		{[]QuotaUse{{ledger.Quota{Name: 1, Window: 0}, 3, 10}, {ledger.Quota{Name: 1, Window: 0}, 3, 10}}, 10, -1},
		{[]QuotaUse{{ledger.Quota{Name: 1, Window: 0}, 1, 10}}, 10, 0},
		{[]QuotaUse{{ledger.Quota{Name: 1, Window: 0}, 1, 12}}, 11, -1},
		{[]QuotaUse{{ledger.Quota{Name: 1, Window: 0}, -5, 12}}, 6, -1},
		{[]QuotaUse{{ledger.Quota{Name: 1, Window: 0}, 1, 3}}, 6, 0},
		{[]QuotaUse{{ledger.Quota{Name: 1, Window: 0}, -6, 3}}, 0, -1},
		{[]QuotaUse{{ledger.Quota{Name: 1, Window: 7}, 3, 3}, {ledger.Quota{Name: 1, Window: 0}, 2, 3}}, 2, -1},
		{[]QuotaUse{{ledger.Quota{Name: 1, Window: 0}, 2, 3}, {ledger.Quota{Name: 2, Window: 0}, 1, 1}}, 2, 1},
	}
	for i, step := range steps {
		err := use(step.uses...)
		var exceeded *QuotaExceeded
		switch {
		case step.left < 0 && err != nil:
			t.Errorf("step %d: %v", i, err)
		case step.left >= 0 && !errors.As(err, &exceeded):
			t.Errorf("step %d: %v, want a *QuotaExceeded", i, err)
		case step.left >= 0:
			if left, ok := exceeded.Left(ledger.Quota{Name: 1}); !ok || left != step.left {
				t.Errorf("step %d: %d left (%v), want %d", i, left, ok, step.left)
			}
		}
		batch(t, s, func(ctx context.Context, b *Batch) error {
			same(t, fmt.Sprint("used after step ", i), must[int64](t)(b.Used(ctx, ledger.Quota{Name: 1})), step.used)
			same(t, "used of none", must[int64](t)(b.Used(ctx, ledger.Quota{Name: 99})), int64(0))
			return nil
		})
	}
	if err := use(QuotaUse{ledger.Quota{Name: 1, Window: 0}, -3, 3}); err == nil || IsTransient(err) {
		t.Errorf("giving back more than was used: %v, want an error", err)
	}
	if err := use(QuotaUse{ledger.Quota{Name: 50, Window: 0}, -1, 3}); err == nil {
		t.Error("giving back to a quota that was never used: no error")
	}
}

func personalForgotten(t *testing.T, sub *subject) {
	s := sub.open(t)
	id, other := memberNo(1), memberNo(2)
	row := func(member ledger.MemberID, kind, name, value string) Personal {
		return Personal{Member: member, Kind: kind, Name: name, Value: value, Salt: []byte(name + value)}
	}
	all := []Personal{row(id, Identity, "card", "1"), row(id, Identity, "card", "2"), row(id, Identity, "email", "a@b.cz"), row(id, Profile, "given_name", "Jan"), row(other, Identity, "card", "1")}
	write(t, s, &Writes{Personal: all})
	forget := func(key PersonalKey, put []Personal, want ...Personal) {
		t.Helper()
		write(t, s, &Writes{ForgetPersonal: []PersonalKey{key}, Personal: put})
		same(t, fmt.Sprint("after forgetting ", key), must[[]Personal](t)(s.PersonalOf(t.Context(), id)), want)
	}
	renamed := row(id, Profile, "given_name", "Jana")
	forget(PersonalKey{id, Identity, "card", "1"}, nil, all[1], all[2], all[3])
	forget(PersonalKey{id, Profile, "given_name", ""}, []Personal{renamed}, all[1], all[2], renamed)
	forget(PersonalKey{id, Identity, "", ""}, nil, renamed)
	forget(PersonalKey{Member: id}, nil)
	same(t, "another member's", must[[]Personal](t)(s.PersonalOf(t.Context(), other)), all[4:])
}

func refusesWrongShards(t *testing.T, sub *subject) {
	s := sub.open(t)
	for _, shards := range [][]Shard{nil, {9999}, {s.Shards()[0], -1}} {
		called := false
		if err := s.Batch(t.Context(), shards, func(*Batch) error { called = true; return nil }); err == nil || called {
			t.Errorf("a batch of the shards %v was run", shards)
		}
	}
	twice := []Shard{s.Shards()[0], s.Shards()[0]}
	if err := s.Batch(t.Context(), twice, func(b *Batch) error { same(t, "heads", len(b.Heads()), 1); return nil }); err != nil {
		t.Error(err)
	}
}
