package store

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"premia/internal/core/calendar"
	"premia/internal/core/ledger"
	"premia/internal/testkit/postgres"
)

const (
	benchMembers = 10_000
	benchEvents  = 250 // in a batch
)

// BenchmarkBatch writes batches of purchases durably, rows only: for each event
// one entry, two keys, one posting and its member read and written over.
func BenchmarkBatch(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) {
		benchmarkBatch(b, &subject{url: sqliteURL(b), options: Options{Migrate: true}})
	})
	b.Run("postgres", func(b *testing.B) {
		benchmarkBatch(b, &subject{url: postgres.StartDurable(b).URL(), options: Options{Migrate: true}})
	})
}

// till makes batches; every value in them is of its own, as in life.
type till struct {
	s       *Store
	random  *rand.Rand
	ids     []ledger.MemberID
	events  int64
	entries []Entry
	posts   []PostedAt
	members []Member
	keys    []Binding
}

func benchmarkBatch(b *testing.B, sub *subject) {
	s := sub.open(b)
	desk := &till{s: s, random: rand.New(rand.NewPCG(1, 2))}
	for start := 0; start < benchMembers; start += 1000 {
		var w Writes
		for i := range 1000 {
			id := memberNo(start + i)
			desk.ids = append(desk.ids, id)
			w.NewMembers = append(w.NewMembers, Member{ID: id, Status: 1, DueAt: calendar.Never, State: desk.noise(300)})
		}
		write(b, s, &w)
	}
	b.ReportAllocs()
	for b.Loop() {
		desk.serve(b)
	}
	b.ReportMetric(float64(b.N*benchEvents)/b.Elapsed().Seconds(), "events/s")
}

func (d *till) noise(n int) []byte {
	data := make([]byte, n)
	for i := 0; i+8 <= n; i += 8 {
		binary.LittleEndian.PutUint64(data[i:], d.random.Uint64())
	}
	return data
}

func (d *till) serve(b *testing.B) {
	ctx := b.Context()
	d.entries, d.posts, d.members, d.keys = d.entries[:0], d.posts[:0], d.members[:0], d.keys[:0]
	ids := make([]ledger.MemberID, benchEvents)
	for i := range ids {
		ids[i] = d.ids[(d.events+int64(i)*37)%benchMembers]
	}
	err := d.s.Batch(ctx, d.s.Shards(), func(batch *Batch) error {
		next := make(map[Shard]int64)
		for _, head := range batch.Heads() {
			next[head.Shard] = head.Seq
		}
		for _, id := range ids {
			d.ring(id, next)
		}
		if others, err := batch.Bind(ctx, d.keys); err != nil || len(others) > 0 {
			b.Fatal(others, err)
		}
		if found, err := batch.Members(ctx, ids); err != nil || len(found) != len(ids) {
			b.Fatal(len(found), err)
		}
		return batch.Write(ctx, &Writes{Entries: d.entries, Postings: d.posts, Members: d.members})
	})
	if err != nil {
		b.Fatal(err)
	}
}

// ring adds one purchase.
func (d *till) ring(id ledger.MemberID, next map[Shard]int64) {
	d.events++
	shard := d.s.ShardOf(id)
	next[shard]++
	at := Position{shard, next[shard]}
	entry := Entry{Position: at, Member: id, Kind: 1, At: calendar.Instant(d.events), Recorded: calendar.Instant(d.events), Event: d.noise(350), Decision: d.noise(120)}
	posting := ledger.Posting{Kind: ledger.Issue, Wallet: 1, From: ledger.Issuer, To: ledger.Available, Amount: 100 + d.events, Lot: 3, Rule: 2, At: entry.At}
	d.entries = append(d.entries, entry)
	d.posts = append(d.posts, PostedAt{at, 0, posting})
	d.members = append(d.members, Member{ID: id, Status: 1, DueAt: calendar.Instant(1_000_000 + int64(id)%1_000_000), Seq: at.Seq, State: d.noise(300)})
	for range 2 {
		key := keyNo(int(d.random.Int64()))
		d.keys = append(d.keys, Binding{Key: key, Member: id, At: at, HasDigest: true})
	}
}
