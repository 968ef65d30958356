package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"premia/internal/core/calendar"
	"premia/internal/core/ledger"
	"premia/internal/testkit/postgres"
)

func init() {
	conformance["one quota, many writers"] = oneQuotaManyWriters
	conformance["one key, many writers"] = oneKeyManyWriters
	conformance["writers leave no gap"] = writersLeaveNoGap
}

// again runs the batch until it is kept or fails for good.
func again(ctx context.Context, s *Store, shards []Shard, fn func(*Batch) error) error {
	for {
		err := s.Batch(ctx, shards, fn)
		if !IsTransient(err) {
			return err
		}
	}
}

// together runs fn for writer 0 to n-1 at once, on two stores of one database.
func together(t *testing.T, sub *subject, n int, fn func(s *Store, writer int) error) *Store {
	t.Helper()
	stores := [2]*Store{sub.open(t), sub.open(t)}
	var all sync.WaitGroup
	for writer := range n {
		all.Go(func() {
			if err := fn(stores[writer%2], writer); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	return stores[0]
}

func oneQuotaManyWriters(t *testing.T, sub *subject) {
	const writers, rounds, limit = 8, 12, 100
	var taken atomic.Int64
	s := together(t, sub, writers, func(s *Store, writer int) error {
		shard := s.Shards()[writer%len(s.Shards())]
		for round := range rounds {
			amount := int64(1 + (writer+round)%5)
			err := again(t.Context(), s, []Shard{shard}, func(b *Batch) error {
				return b.Write(t.Context(), &Writes{Quotas: []QuotaUse{{Quota: ledger.Quota{Name: 1}, Amount: amount, Cap: limit}}})
			})
			var exceeded *QuotaExceeded
			switch {
			case errors.As(err, &exceeded):
			case err != nil:
				return err
			default:
				taken.Add(amount)
			}
		}
		return nil
	})
	rows := must[[]Quota](t)(s.QuotaList(t.Context()))
	same(t, "quota", rows, []Quota{{Quota: ledger.Quota{Name: 1}, Used: taken.Load(), Cap: limit}})
	if taken.Load() > limit || taken.Load() <= limit-5 {
		t.Errorf("%d taken of %d, and the writers asked for more", taken.Load(), limit)
	}
}

func oneKeyManyWriters(t *testing.T, sub *subject) {
	const writers, keys = 8, 30
	var won [keys]atomic.Int64
	var believed sync.Map // key → member that a writer was told
	s := together(t, sub, writers, func(s *Store, writer int) error {
		member := ledger.MemberID(writer + 1)
		return again(t.Context(), s, []Shard{s.Shards()[writer%len(s.Shards())]}, func(b *Batch) error {
			var asked []Binding
			for i := range keys {
				asked = append(asked, Binding{Key: keyNo((i + writer) % keys), Member: member, At: Position{Seq: int64(writer)}})
			}
			others, err := b.Bind(t.Context(), asked)
			if err != nil {
				return err
			}
			lost := make(map[Key]bool)
			for _, other := range others {
				lost[other.Key] = true
				if before, told := believed.LoadOrStore(other.Key, other.Member); told && before != other.Member {
					return fmt.Errorf("a key belongs to %d, and another writer was told %d", other.Member, before)
				}
			}
			for i := range keys {
				if !lost[keyNo(i)] {
					won[i].Add(1)
				}
			}
			return nil
		})
	})
	for i := range keys {
		bound := must[map[Key]Binding](t)(s.Lookup(t.Context(), []Key{keyNo(i)}))[keyNo(i)]
		told, _ := believed.Load(keyNo(i))
		if won[i].Load() != 1 || told != bound.Member {
			t.Errorf("key %d: %d writers bound it, to member %d; others were told %v", i, won[i].Load(), bound.Member, told)
		}
	}
}

func writersLeaveNoGap(t *testing.T, sub *subject) {
	const writers, rounds = 6, 15
	refused := errors.New("refused")
	s := together(t, sub, writers, func(s *Store, writer int) error {
		for round := range rounds {
			err := again(t.Context(), s, s.Shards(), func(b *Batch) error {
				id := memberNo(100*writer + round)
				entry := entryFor(s, id, headIn(b, s.ShardOf(id)))
				w := &Writes{Entries: []Entry{entry}, NewMembers: []Member{{ID: id, DueAt: calendar.Never}}}
				if err := b.Write(t.Context(), w); err != nil {
					return err
				}
				if round%4 == 3 {
					return refused
				}
				return nil
			})
			if err != nil && !errors.Is(err, refused) {
				return err
			}
		}
		return nil
	})
	total := 0
	for _, shard := range s.Shards() {
		entries := must[[]Entry](t)(s.Scan(t.Context(), shard, 0, 1000, 0))
		total += len(entries)
		for i, entry := range entries {
			if entry.Seq != int64(i+1) {
				t.Errorf("shard %d: entry %d has number %d", shard, i+1, entry.Seq)
			}
		}
	}
	same(t, "entries", total, writers*(rounds-rounds/4))
}

// terminate ends the server's side of the batch's connection.
func terminate(t *testing.T, s *Store, b *Batch) {
	t.Helper()
	var ended bool
	pid := int64(b.pg.Conn().PgConn().PID())
	if err := s.readers.QueryRow(t.Context(), "SELECT pg_terminate_backend($1::bigint::integer, 60000)", pid).Scan(&ended); err != nil || !ended {
		t.Fatal(ended, err)
	}
}

// A lost connection is transient before the commit, and unknown at the commit.
func TestLostConnection(t *testing.T) {
	s := must[*Store](t)(Open(t.Context(), postgres.New(t), Options{Migrate: true}))
	defer s.Close()
	newMember := func(b *Batch) error {
		return b.Write(t.Context(), &Writes{NewMembers: []Member{{ID: memberNo(1), DueAt: calendar.Never}}})
	}
	before := s.Batch(t.Context(), s.Shards(), func(b *Batch) error {
		terminate(t, s, b)
		return newMember(b)
	})
	if !IsTransient(before) || errors.Is(before, ErrCommitUnknown) {
		t.Errorf("a connection lost before the commit: %v, want a transient error", before)
	}
	during := s.Batch(t.Context(), s.Shards(), func(b *Batch) error {
		defer terminate(t, s, b)
		return newMember(b)
	})
	if !errors.Is(during, ErrCommitUnknown) || IsTransient(during) {
		t.Errorf("a connection lost at the commit: %v, want ErrCommitUnknown", during)
	}
	same(t, "rows left behind", must[Counts](t)(s.Counts(t.Context())), Counts{})
	write(t, s, &Writes{NewMembers: []Member{{ID: memberNo(1), DueAt: calendar.Never}}})
}

// After a crash of the server the store works on without being opened again, and
// what it had kept is there.
func TestServerCrash(t *testing.T) {
	cluster := postgres.StartDurable(t)
	s := must[*Store](t)(Open(t.Context(), cluster.New(t), Options{Migrate: true}))
	defer s.Close()
	member := Member{ID: memberNo(1), DueAt: calendar.Never}
	write(t, s, &Writes{NewMembers: []Member{member}})
	if err := cluster.Kill(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Head(t.Context(), s.Shards()[0]); err != nil && !IsTransient(err) {
		t.Errorf("reading from a server that is gone: %v, want a transient error", err)
	}
	if err := cluster.Restart(); err != nil {
		t.Fatal(err)
	}
	err := again(t.Context(), s, s.Shards(), func(b *Batch) error {
		found, err := b.Members(t.Context(), []ledger.MemberID{member.ID})
		same(t, "members after the crash", found, []Member{member})
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// Every hot statement names the shard, as a distributed database needs.
func TestHotStatementsNameTheirShard(t *testing.T) {
	total := 0
	for group, statements := range map[string]map[string]string{"shared": sharedHot, "SQLite": liteHot, "PostgreSQL": pgHot} {
		for name, text := range statements {
			total++
			if err := namesShard(text); err != nil {
				t.Errorf("%s, %s: %v\n%s", group, name, err, text)
			}
		}
	}
	if total < 30 {
		t.Errorf("only %d statements were read", total)
	}
	for _, bad := range []string{
		"SELECT state FROM members WHERE member = $1",
		"SELECT shard FROM members WHERE member = $1",
		"INSERT INTO journal (seq) VALUES ($1)",
		"UPDATE members SET seq = 1 WHERE member = $1",
	} {
		if namesShard(bad) == nil {
			t.Errorf("%q was taken for one that names its shard", bad)
		}
	}
}

// namesShard looks for the shard among an INSERT's first column, or in the
// conditions of anything else.
func namesShard(text string) error {
	words := strings.Fields(strings.NewReplacer("(", " ( ", ")", " ) ", ",", " , ").Replace(text))
	joined := strings.Join(words, " ")
	if strings.HasPrefix(joined, "INSERT INTO") {
		if len(words) > 4 && words[3] == "(" && (words[4] == "shard" || words[2] == "cursors") {
			return nil
		}
		return errors.New("it inserts without a shard in the first column")
	}
	for _, condition := range []string{"WHERE shard = ", "ON d.shard = ", "ON m.shard = ", "ON j.shard = ", "ON c.shard = ", "ON p.shard = "} {
		if strings.Contains(joined, condition) {
			return nil
		}
	}
	return errors.New("no condition names the shard")
}
