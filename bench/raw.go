package main

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"sync"
	"time"

	"premia/internal/core/calendar"
	"premia/internal/core/ledger"
	"premia/internal/store"
)

// shape is what one event of a measured run wrote: the baseline writes as much.
type shape struct {
	event, decision, state int // bytes
	postings, keys         int
	batch                  int // events of one transaction, on average
	writers                int
	members                int
}

// raw writes rows of the shape straight into a fresh database and gives the rate
// of events.
func raw(ctx context.Context, url string, s shape, events int) (float64, error) {
	db, err := store.Open(ctx, url, store.Options{Migrate: true})
	if err != nil {
		return 0, err
	}
	defer db.Close()
	r := &rawRun{db: db, shape: s, members: make([]ledger.MemberID, s.members), seq: map[store.Shard]int64{}}
	if err := r.seed(ctx); err != nil {
		return 0, err
	}
	began := time.Now()
	err = r.each(events, func(w int, ids []int) error { return r.batch(ctx, w, ids) })
	return float64(events) / time.Since(began).Seconds(), err
}

type rawRun struct {
	db      *store.Store
	shape   shape
	members []ledger.MemberID
	mu      sync.Mutex
	seq     map[store.Shard]int64
}

// writerOf spreads members over writers as the journal does.
func (r *rawRun) writerOf(m ledger.MemberID) int {
	return int(uint32(r.db.ShardOf(m))) % r.shape.writers
}

// each deals numbers 0 to n-1 to the writers and calls do with batches of them,
// one goroutine a writer.
func (r *rawRun) each(n int, do func(writer int, ids []int) error) error {
	queues := make([][]int, r.shape.writers)
	for i := range n {
		w := r.writerOf(r.members[i*7919%len(r.members)])
		queues[w] = append(queues[w], i)
	}
	errs := make(chan error, len(queues))
	for w, queue := range queues {
		go func() {
			for len(queue) > 0 {
				part := queue[:min(r.shape.batch, len(queue))]
				queue = queue[len(part):]
				if err := do(w, part); err != nil {
					errs <- err
					return
				}
			}
			errs <- nil
		}()
	}
	var first error
	for range queues {
		if err := <-errs; err != nil && first == nil {
			first = err
		}
	}
	return first
}

// seed writes the members, who are there before the measured run, too.
func (r *rawRun) seed(ctx context.Context) error {
	for i := range r.members {
		var b [8]byte
		rand.Read(b[:])
		r.members[i] = ledger.MemberID(binary.BigEndian.Uint64(b[:])>>1 | 1)
	}
	for at := 0; at < len(r.members); at += 1000 {
		part := r.members[at:min(at+1000, len(r.members))]
		w := store.Writes{}
		for _, m := range part {
			w.NewMembers = append(w.NewMembers, r.row(m))
		}
		err := r.db.Batch(ctx, r.db.Shards(), func(tx *store.Batch) error { return tx.Write(ctx, &w) })
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *rawRun) row(m ledger.MemberID) store.Member {
	return store.Member{ID: m, Status: 1, EnrolledAt: 1, DueAt: calendar.Instant(m), State: noise(r.shape.state)}
}

// batch writes one transaction's worth of events.
func (r *rawRun) batch(ctx context.Context, _ int, ids []int) error {
	shards := make([]store.Shard, 0, len(ids))
	for _, i := range ids {
		shards = append(shards, r.db.ShardOf(r.members[i*7919%len(r.members)]))
	}
	return r.db.Batch(ctx, shards, func(tx *store.Batch) error {
		seq := map[store.Shard]int64{}
		for _, h := range tx.Heads() {
			seq[h.Shard] = h.Seq
		}
		w := store.Writes{}
		var bindings []store.Binding
		members := map[ledger.MemberID]bool{}
		for _, i := range ids {
			m := r.members[i*7919%len(r.members)]
			shard := r.db.ShardOf(m)
			seq[shard]++
			at := store.Position{Shard: shard, Seq: seq[shard]}
			r.rows(&w, at, m)
			for range r.shape.keys {
				b := store.Binding{Member: m, At: at, HasDigest: true}
				rand.Read(b.Key[:])
				bindings = append(bindings, b)
			}
			if !members[m] {
				members[m] = true
				w.Members = append(w.Members, r.row(m))
			}
		}
		known := make([]ledger.MemberID, 0, len(members))
		for m := range members {
			known = append(known, m)
		}
		if _, err := tx.Members(ctx, known); err != nil {
			return err
		}
		if _, err := tx.Bind(ctx, bindings); err != nil {
			return err
		}
		return tx.Write(ctx, &w)
	})
}

// rows adds an entry and its postings.
func (r *rawRun) rows(w *store.Writes, at store.Position, m ledger.MemberID) {
	now := calendar.Instant(time.Now().UnixMicro())
	e := store.Entry{Position: at, Member: m, Kind: 1, Mask: 2, At: now, Recorded: now, Event: noise(r.shape.event), Decision: noise(r.shape.decision)}
	rand.Read(e.Hash[:])
	w.Entries = append(w.Entries, e)
	for n := range r.shape.postings {
		w.Postings = append(w.Postings, store.PostedAt{Position: at, N: n, Posting: ledger.Posting{
			Kind: ledger.Issue, Wallet: 1, From: ledger.Issuer, To: ledger.Pending, Amount: 1250, Lot: 7, Rule: 3, At: now,
		}})
	}
}

// noise gives bytes as long as those of the measured run.
func noise(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}
