package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"premia/internal/core/calendar"
	"premia/internal/core/ledger"
)

func init() {
	conformance["history of a member"] = historyOfMember
	conformance["scanning the journal"] = scanning
	conformance["due members"] = due
	conformance["every member once"] = everyMember
	conformance["totals against a model"] = totalsAgainstModel
	conformance["settings"] = settings
	conformance["cursors"] = cursors
	conformance["parked"] = parked
	conformance["keys of the API"] = apiKeys
	conformance["sizes"] = sizes
	conformance["what is written stays"] = staysAfterClose
}

// journalOf writes rounds of random entries of some members, several in a batch,
// and gives what was written by member, newest first.
func journalOf(t *testing.T, s *Store, members, rounds int) map[ledger.MemberID][]Entry {
	random := rand.New(rand.NewPCG(7, 7))
	written := make(map[ledger.MemberID][]Entry)
	var all Writes
	for i := range members {
		all.NewMembers = append(all.NewMembers, Member{ID: memberNo(i), DueAt: calendar.Never})
	}
	write(t, s, &all)
	for round := range rounds {
		batch(t, s, func(ctx context.Context, b *Batch) error {
			w := &Writes{}
			next := make(map[Shard]Head)
			for _, head := range b.Heads() {
				next[head.Shard] = head
			}
			for range 1 + random.IntN(12) {
				id := memberNo(random.IntN(members))
				e := entryFor(s, id, next[s.ShardOf(id)])
				e.Mask = 1 << (e.Seq % 3)
				if random.IntN(10) == 0 {
					e.Member = 0
				} else if random.IntN(2) == 0 {
					w.Members = slices.DeleteFunc(w.Members, func(m Member) bool { return m.ID == id })
					w.Members = append(w.Members, Member{ID: id, DueAt: calendar.Never, State: []byte{byte(round)}})
				}
				next[e.Shard] = Head{Shard: e.Shard, Seq: e.Seq}
				w.Entries = append(w.Entries, e)
			}
			if err := b.Write(ctx, w); err != nil {
				return err
			}
			for _, e := range w.Entries {
				written[e.Member] = append([]Entry{e}, written[e.Member]...)
			}
			return nil
		})
	}
	return written
}

func historyOfMember(t *testing.T, sub *subject) {
	s := sub.open(t)
	written := journalOf(t, s, 5, 40)
	for i := range 6 {
		id := memberNo(i)
		want := written[id]
		same(t, "whole history", must[[]Entry](t)(s.EntriesOf(t.Context(), id, 0, 1000)), want)
		var paged []Entry
		for before := int64(0); ; {
			page := must[[]Entry](t)(s.EntriesOf(t.Context(), id, before, 3))
			paged = append(paged, page...)
			if len(page) < 3 {
				break
			}
			before = page[2].Seq
		}
		same(t, "history in pages", paged, want)
		for _, before := range []int64{1, 2, 10, 11, 12, 13} {
			older := slices.DeleteFunc(slices.Clone(want), func(e Entry) bool { return e.Seq >= before })
			same(t, fmt.Sprint("history before ", before), must[[]Entry](t)(s.EntriesOf(t.Context(), id, before, 1000)), older)
		}
		if len(want) > 0 {
			same(t, "last entry of the member", must[Member](t)(s.Member(t.Context(), id)).Seq, want[0].Seq)
		}
	}
}

func scanning(t *testing.T, sub *subject) {
	s := sub.open(t)
	byShard := make(map[Shard][]Entry)
	for _, entries := range journalOf(t, s, 9, 30) {
		for _, e := range entries {
			byShard[e.Shard] = append(byShard[e.Shard], e)
		}
	}
	for _, shard := range s.Shards() {
		want := byShard[shard]
		slices.SortFunc(want, func(x, y Entry) int { return cmp.Compare(x.Seq, y.Seq) })
		for i := range want {
			if want[i].Seq != int64(i+1) {
				t.Fatalf("entry %d of shard %d has number %d", i+1, shard, want[i].Seq)
			}
		}
		same(t, "all", must[[]Entry](t)(s.Scan(t.Context(), shard, 0, 1000, 0)), want)
		same(t, "some", must[[]Entry](t)(s.Scan(t.Context(), shard, 2, 4, 0)), want[min(2, len(want)):min(6, len(want))])
		masked := slices.DeleteFunc(slices.Clone(want), func(e Entry) bool { return e.Mask&6 == 0 })
		same(t, "masked", must[[]Entry](t)(s.Scan(t.Context(), shard, 0, 1000, 6)), masked)
	}
	high := entryFor(s, memberNo(1), must[Head](t)(s.Head(t.Context(), s.ShardOf(memberNo(1)))))
	high.Mask = 1 << 31
	write(t, s, &Writes{Entries: []Entry{high}})
	if got := must[[]Entry](t)(s.Scan(t.Context(), high.Shard, 0, 10, 1<<31)); len(got) != 1 {
		t.Errorf("%d entries with the highest bit of the mask, want 1", len(got))
	}
}

func due(t *testing.T, sub *subject) {
	s := sub.open(t)
	var w Writes
	want := make(map[Shard][]Member)
	for i := range 40 {
		m := Member{ID: memberNo(i), Status: 1, DueAt: calendar.Instant(1000 - i)}
		if i%4 == 0 {
			m.DueAt = calendar.Never
		}
		w.NewMembers = append(w.NewMembers, m)
		if m.DueAt <= 980 {
			want[s.ShardOf(m.ID)] = append([]Member{m}, want[s.ShardOf(m.ID)]...)
		}
	}
	write(t, s, &w)
	for _, shard := range s.Shards() {
		same(t, "due", must[[]Member](t)(s.DueMembers(t.Context(), shard, 980, 100)), want[shard])
		same(t, "first due", must[[]Member](t)(s.DueMembers(t.Context(), shard, 980, 2)), want[shard][:min(2, len(want[shard]))])
	}
}

func everyMember(t *testing.T, sub *subject) {
	s := sub.open(t)
	var w Writes
	for i := range 2*pageOfMembers + 3 {
		w.NewMembers = append(w.NewMembers, Member{ID: memberNo(i), DueAt: calendar.Never})
	}
	write(t, s, &w)
	seen := make(map[ledger.MemberID]bool)
	for _, shard := range s.Shards() {
		last := ledger.MemberID(0)
		err := s.EachMember(t.Context(), shard, func(m Member) error {
			if m.ID <= last || s.ShardOf(m.ID) != shard {
				t.Errorf("member %d of shard %d comes after %d of shard %d", m.ID, s.ShardOf(m.ID), last, shard)
			}
			last, seen[m.ID] = m.ID, true
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	same(t, "members seen", len(seen), len(w.NewMembers))
	stop := errors.New("stop")
	if err := s.EachMember(t.Context(), s.Shards()[0], func(Member) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("the function's error became %v", err)
	}
}

func totalsAgainstModel(t *testing.T, sub *subject) {
	s := sub.open(t)
	random := rand.New(rand.NewPCG(3, 4))
	written := journalOf(t, s, 6, 20)
	type row struct {
		posted   PostedAt
		recorded calendar.Instant
	}
	var rows []row
	var w Writes
	for _, entries := range written {
		for _, e := range entries {
			for n := range random.IntN(3) {
				p := ledger.Posting{Kind: ledger.Kind(1 + random.IntN(2)), Wallet: 1, From: ledger.Issuer, To: ledger.Account(2 + random.IntN(2)),
					Amount: random.Int64N(1000), Rule: ledger.Name(random.IntN(3)), At: calendar.Instant(random.IntN(100))}
				rows = append(rows, row{PostedAt{e.Position, n, p}, e.Recorded})
				w.Postings = append(w.Postings, rows[len(rows)-1].posted)
			}
		}
	}
	write(t, s, &w)
	for _, moment := range [][2]calendar.Instant{{calendar.Never, calendar.Never}, {50, calendar.Never}, {calendar.Never, 2010}, {30, 2007}, {-1, 0}} {
		want := make(map[PostingTotal]PostingTotal)
		for _, r := range rows {
			p := r.posted.Posting
			if p.At > moment[0] || r.recorded > moment[1] {
				continue
			}
			key := PostingTotal{Wallet: p.Wallet, From: p.From, To: p.To, Kind: p.Kind, Rule: p.Rule}
			sum := want[key]
			want[key] = PostingTotal{p.Wallet, p.From, p.To, p.Kind, p.Rule, sum.Amount + p.Amount, sum.Count + 1}
		}
		got := make(map[PostingTotal]PostingTotal)
		for _, total := range must[[]PostingTotal](t)(s.PostingTotals(t.Context(), moment[0], moment[1])) {
			got[PostingTotal{Wallet: total.Wallet, From: total.From, To: total.To, Kind: total.Kind, Rule: total.Rule}] = total
		}
		same(t, fmt.Sprint("totals as of, known at ", moment), got, want)
	}
	found := 0
	for _, shard := range s.Shards() {
		after, n := Position{Shard: shard}, 0
		for {
			page := must[[]PostedAt](t)(s.PostingsOf(t.Context(), after, n, 5))
			if found += len(page); len(page) < 5 {
				break
			}
			after, n = page[4].Position, page[4].N
		}
	}
	same(t, "postings read in pages", found, len(rows))
}

func settings(t *testing.T, sub *subject) {
	s := sub.open(t)
	ctx := t.Context()
	if _, err := s.Setting(ctx, "secret"); !errors.Is(err, ErrNotFound) {
		t.Errorf("a setting that is not set: %v, want ErrNotFound", err)
	}
	same(t, "set first", must[[]byte](t)(s.SetSettingIfAbsent(ctx, "secret", []byte("one"))), []byte("one"))
	same(t, "set again if absent", must[[]byte](t)(s.SetSettingIfAbsent(ctx, "secret", []byte("two"))), []byte("one"))
	if err := s.SetSetting(ctx, "secret", nil); err != nil {
		t.Error(err)
	}
	same(t, "set over", must[[]byte](t)(s.Setting(ctx, "secret")), []byte{})
}

func cursors(t *testing.T, sub *subject) {
	s := sub.open(t)
	shard := s.Shards()[0]
	for _, seq := range []int64{3, 9} {
		if err := s.SetCursor(t.Context(), Cursor{"webhooks", shard, seq}); err != nil {
			t.Fatal(err)
		}
		same(t, "cursor", must[map[Shard]int64](t)(s.Cursors(t.Context(), "webhooks")), map[Shard]int64{shard: seq})
	}
	same(t, "another's cursor", must[map[Shard]int64](t)(s.Cursors(t.Context(), "messages")), map[Shard]int64{})
}

func parked(t *testing.T, sub *subject) {
	s := sub.open(t)
	ctx := t.Context()
	first := Parked{Subscriber: "a", Position: Position{s.Shards()[0], 4}, N: 1, Attempts: 1, Error: "no answer", Recorded: 6, Event: []byte("e")}
	second := first
	second.N = 2
	other := first
	other.Subscriber = "b"
	for _, p := range []*Parked{&first, &second, &other} {
		p.ID = must[int64](t)(s.Park(ctx, *p))
	}
	first.Attempts, first.Error = 2, "still none"
	same(t, "number of what is parked again", must[int64](t)(s.Park(ctx, first)), first.ID)
	same(t, "of one", must[[]Parked](t)(s.ParkedList(ctx, "a", 0, 10)), []Parked{first, second})
	same(t, "of all, paged", must[[]Parked](t)(s.ParkedList(ctx, "", first.ID, 1)), []Parked{second})
	if err := s.Unpark(ctx, first.ID); err != nil {
		t.Error(err)
	}
	same(t, "left", must[[]Parked](t)(s.ParkedList(ctx, "", 0, 10)), []Parked{second, other})
}

func apiKeys(t *testing.T, sub *subject) {
	s := sub.open(t)
	ctx := t.Context()
	k := APIKey{ID: "key_1", Name: "till", Hash: []byte{0, 1, 2}, Scopes: "events:write", Created: 5}
	e := APIKey{ID: "key_2", Name: "shop", Hash: []byte{9}, Scopes: "", Created: 6, Expires: 99}
	for _, one := range []APIKey{k, e} {
		if err := s.CreateAPIKey(ctx, one); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.CreateAPIKey(ctx, k); err == nil {
		t.Error("one id was given twice")
	}
	if err := errors.Join(s.TouchAPIKey(ctx, k.ID, 8), s.RevokeAPIKey(ctx, k.ID, 10), s.RevokeAPIKey(ctx, k.ID, 20)); err != nil {
		t.Error(err)
	}
	k.LastUsed, k.Revoked = 8, 10
	same(t, "keys", must[[]APIKey](t)(s.APIKeys(ctx)), []APIKey{k, e})
	same(t, "by hash", must[APIKey](t)(s.APIKeyByHash(ctx, k.Hash)), k)
	if _, err := s.APIKeyByHash(ctx, []byte{7}); !errors.Is(err, ErrNotFound) {
		t.Errorf("an unknown hash: %v, want ErrNotFound", err)
	}
	if err := s.RevokeAPIKey(ctx, "key_3", 1); !errors.Is(err, ErrNotFound) {
		t.Errorf("revoking an unknown key: %v, want ErrNotFound", err)
	}
}

func sizes(t *testing.T, sub *subject) {
	s := sub.open(t)
	journalOf(t, s, 3, 3)
	named := make(map[string]int64)
	for _, size := range must[[]Size](t)(s.Sizes(t.Context())) {
		named[size.Table] = size.Bytes
	}
	for _, table := range allTables {
		if named[table] <= 0 {
			t.Errorf("table %s takes %d bytes", table, named[table])
		}
	}
}

func staysAfterClose(t *testing.T, sub *subject) {
	first := must[*Store](t)(Open(t.Context(), sub.url, sub.options))
	written := journalOf(t, first, 4, 10)
	if err := errors.Join(first.Close(), first.Close()); err != nil {
		t.Fatal(err)
	}
	again := *sub
	again.options.Migrate = false
	s := again.open(t)
	for id, want := range written {
		if id != 0 {
			same(t, "history", must[[]Entry](t)(s.EntriesOf(t.Context(), id, 0, 1000)), want)
		}
	}
	same(t, "shards", len(s.Shards()), len(first.Shards()))
}
