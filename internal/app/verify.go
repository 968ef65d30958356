package app

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/journal"
	"premia/internal/store"
)

// Verification is what [Verify] came to.
type Verification struct {
	// Entries were read, of which Replayed decisions were made again and were the
	// same, and Rederived are known by their postings only: an earlier revision of
	// the engine made them, and this one would decide otherwise.
	Entries   int64 `json:"entries"`
	Replayed  int64 `json:"replayed"`
	Rederived int64 `json:"rederived"`
	// Revision is that of the engine that replayed.
	Revision uint32 `json:"revision"`
	Members  int64  `json:"members"`
	// MembersRederived are those of whom only the balances could be compared.
	MembersRederived int64 `json:"members_rederived"`
	Guests           int64 `json:"guest_events"`
	Postings         int64 `json:"postings"`
	Keys             int64 `json:"keys"`
	// Personal values agree with their digests; Forgotten digests have no value
	// any more, because it was erased or changed.
	Personal  int64 `json:"personal"`
	Forgotten int64 `json:"personal_forgotten"`
	// FollowUps left decisions; Undelivered of them wait to be decided.
	FollowUps   int64 `json:"follow_ups"`
	Undelivered int64 `json:"follow_ups_undelivered"`
	Quotas      int64 `json:"quotas"`
	Codes       int64 `json:"codes"`
	// Draws by chance are what the workspace's secret gives for their events.
	Draws int64 `json:"draws"`
	// Scores on leaderboards agree with the members' states.
	Scores int64 `json:"scores"`
	// Terms are the words by which members are found, as their personal values have them.
	Terms int64 `json:"search_terms"`
	// Audits are the rows of the audit trail, which follow from one another.
	Audits int64 `json:"audit_rows"`
	// Contests that are drawn, or being drawn, are as the journal makes them.
	Contests int64 `json:"contests"`
	// SignedHeads were compared with the journal.
	SignedHeads int64 `json:"signed_heads"`
	// Heads are the ends of the journal up to which all this holds.
	Heads        []SignedHead `json:"heads"`
	Milliseconds int64        `json:"milliseconds"`
	// Difference is the first thing that is not as it must be; nil if all is well.
	Difference *Difference `json:"difference"`
}

// Difference is something in the database that is not as the rest of it says.
type Difference struct {
	Shard store.Shard `json:"shard"`
	// Seq is the entry's number in the shard; 0 where no entry is concerned.
	Seq int64 `json:"seq,omitempty"`
	// Member is the member's id; empty where none is concerned.
	Member   string `json:"member,omitempty"`
	What     string `json:"what"`
	Expected string `json:"expected"`
	Found    string `json:"found"`

	anywhere bool // it is of the whole database
}

// Error says the difference in a sentence.
func (d *Difference) Error() string {
	place := ""
	if !d.anywhere {
		place = fmt.Sprintf("shard %d, ", d.Shard)
	}
	if d.Seq > 0 {
		place += fmt.Sprintf("entry %d, ", d.Seq)
	}
	if d.Member != "" {
		place += d.Member + ", "
	}
	return fmt.Sprintf("%s%s: expected %s, found %s", place, d.What, d.Expected, d.Found)
}

// VerifyOptions say what else to compare.
type VerifyOptions struct {
	// Heads are lines of the file of signed heads, their signatures checked.
	Heads []HeadsLine
}

// verifier is one verification at work. What the shards come to is added up
// under the lock.
type verifier struct {
	store  *store.Store
	keys   journal.Keys
	rules  *journal.Rules
	scales event.Scales
	// programs are the published versions by number.
	programs map[uint32]*store.Program
	recorded map[store.Shard]map[int64][32]byte

	lowest atomic.Int64 // the first shard, by its place, with a difference

	mu        sync.Mutex
	out       Verification
	firstAt   int
	first     *Difference
	grants    map[ledger.Quota]int64
	transit   map[ledger.Name]int64
	causes    map[store.Key]cause
	delivered map[store.Key]arrival
	vouchers  vouchers
	contests  *contestEvidence
	// bound is how many event ids the journal has, digests how many the directory.
	bound, digests int64
}

// Verify re-derives everything that the database says of members, value and
// budgets from the journal alone, and compares. It reads the database as of one
// moment and writes nothing, so that it may run beside servers. The error tells
// that it could not do its work; what it found wrong stands in the answer.
func Verify(ctx context.Context, s *store.Store, o VerifyOptions) (*Verification, error) {
	began := time.Now()
	v := &verifier{
		store: s, recorded: recordedHeads(o.Heads), programs: make(map[uint32]*store.Program),
		grants: make(map[ledger.Quota]int64), transit: make(map[ledger.Name]int64),
		causes: make(map[store.Key]cause), delivered: make(map[store.Key]arrival), vouchers: newVouchers(), contests: newContestEvidence(),
	}
	v.out.Revision = engine.Revision
	for _, line := range o.Heads {
		v.out.SignedHeads += int64(len(line.Heads))
	}
	err := s.Snapshots(ctx, min(runtime.GOMAXPROCS(0), len(s.Shards())), func(all []*store.Snapshot) error {
		if err := v.prepare(ctx, all[0]); err != nil || v.first != nil {
			return err
		}
		for _, pass := range []func(*shardCheck, context.Context) error{(*shardCheck).run, (*shardCheck).compareDirectory} {
			if err := v.shards(ctx, all, pass); err != nil || v.first != nil {
				return err
			}
		}
		return v.totals(ctx, all[0])
	})
	if err != nil {
		return nil, fmt.Errorf("verify: %w", err)
	}
	v.out.Difference = v.first
	v.out.Milliseconds = time.Since(began).Milliseconds()
	return &v.out, nil
}

// prepare reads what all shards need.
func (v *verifier) prepare(ctx context.Context, snap *store.Snapshot) error {
	var err error
	programs, err := snap.Programs(ctx)
	if err != nil {
		return err
	}
	for i := range programs {
		v.programs[uint32(programs[i].Version)] = &programs[i]
	}
	if err := v.comparePrograms(ctx, snap); isDifference(err) {
		v.first = err.(*Difference)
		return nil
	} else if err != nil {
		return err
	}
	// Versions that are published from now on change nothing of what the snapshot
	// has: each shard's own entries say which versions counted when.
	if v.rules, err = journal.LoadRules(ctx, v.store); err != nil {
		return err
	}
	if len(programs) > 0 {
		v.scales = v.rules.Scales()
		v.keys, err = journal.LoadKeys(ctx, v.store)
	}
	if err != nil {
		return err
	}
	for shard := range v.recorded {
		if !hasShard(v.store, shard) {
			v.differs(0, &Difference{Shard: shard, What: "signed head", Expected: "a shard", Found: "none"})
		}
	}
	for _, shard := range v.store.Shards() {
		head, err := snap.Head(ctx, shard)
		if err != nil {
			return err
		}
		v.out.Heads = append(v.out.Heads, signedHead(head))
	}
	return nil
}

func hasShard(s *store.Store, wanted store.Shard) bool {
	for _, shard := range s.Shards() {
		if shard == wanted {
			return true
		}
	}
	return false
}

// shards does a pass over the shards, as many at a time as there are snapshots. After a
// difference in one those behind it are left out, and those before it finished,
// so that the first difference is always the same one.
func (v *verifier) shards(ctx context.Context, all []*store.Snapshot, pass func(*shardCheck, context.Context) error) error {
	shards := v.store.Shards()
	v.lowest.Store(int64(len(shards)))
	var next atomic.Int64
	var running sync.WaitGroup
	failures := make([]error, len(all))
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	for w, snap := range all {
		running.Go(func() {
			for {
				at := next.Add(1) - 1
				if at >= int64(len(shards)) || at > v.lowest.Load() {
					return
				}
				if err := v.shard(ctx, newShardCheck(v, snap, shards[at]), int(at), pass); err != nil {
					failures[w] = err
					stop()
					return
				}
			}
		})
	}
	running.Wait()
	return errors.Join(failures...)
}

// shard does a pass over one shard. The error is not a difference.
func (v *verifier) shard(ctx context.Context, c *shardCheck, at int, pass func(*shardCheck, context.Context) error) error {
	err := pass(c, ctx)
	var difference *Difference
	if errors.As(err, &difference) {
		v.differs(at, difference)
		return nil
	}
	if err != nil {
		return err
	}
	v.add(c)
	return nil
}

// differs notes a difference; the first of the shards counts.
func (v *verifier) differs(at int, d *Difference) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.first == nil || at < v.firstAt {
		v.first, v.firstAt = d, at
	}
	v.lowest.Store(min(v.lowest.Load(), int64(at)))
}

// add adds up what a shard came to.
func (v *verifier) add(c *shardCheck) {
	v.mu.Lock()
	defer v.mu.Unlock()
	o, n := &v.out, &c.out
	o.Entries += n.Entries
	o.Replayed += n.Replayed
	o.Rederived += n.Rederived
	o.Members += n.Members
	o.MembersRederived += n.MembersRederived
	o.Guests += n.Guests
	o.Postings += n.Postings
	o.Keys += n.Keys
	o.Personal += n.Personal
	o.Forgotten += n.Forgotten
	o.FollowUps += int64(len(c.causes))
	o.Codes += n.Codes
	o.Draws += n.Draws
	o.Scores += n.Scores
	o.Terms += n.Terms
	v.vouchers.add(&c.vouchers)
	v.contests.add(c.contests)
	v.bound += c.bound
	v.digests += c.digests
	for quota, amount := range c.grants {
		v.grants[quota] += amount
	}
	for wallet, amount := range c.transit {
		v.transit[wallet] += amount
	}
	for key, cause := range c.causes {
		v.causes[key] = cause
	}
	for key, at := range c.delivered {
		v.delivered[key] = at
	}
}
