// Package history reads a workspace's journal for those who look back: the live
// report, as of any moment and as it was known at any moment, and simulations of
// other programs over the events that were recorded.
//
// It writes nothing and reads the database as of one moment, page by page, so
// that memory does not grow with the journal. What always holds: a report of an
// import is equal, to the byte, on every database, and to that of a simulation
// of the same files.
package history

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/insight/report"
	"premia/internal/journal"
	"premia/internal/store"
)

// Options say which history a report is of.
type Options struct {
	// AsOf is the report's moment: what counts until then is in, together with
	// what time alone has caused by then.
	AsOf calendar.Instant
	// KnownAt leaves out what was recorded later; calendar.Never leaves out
	// nothing. Each shard's journal is read up to its first entry that was
	// recorded later.
	KnownAt calendar.Instant
}

// The sizes of pages, in rows.
const (
	pageOfEntries = 500
	pageOfMembers = 1_000
)

// Report adds up the journal. The error is [journal.ErrNoProgram] for a
// workspace that has no program yet.
func Report(ctx context.Context, s *store.Store, o Options) (*report.Report, error) {
	var out *report.Report
	shards := s.Shards()
	err := s.Snapshots(ctx, min(runtime.GOMAXPROCS(0), len(shards)), func(all []*store.Snapshot) error {
		rules, keys, err := load(ctx, s)
		if err != nil {
			return err
		}
		builder := report.NewBuilder(rules.Timeline, o.AsOf)
		var next atomic.Int64
		var running sync.WaitGroup
		readers := make([]*reader, len(all))
		failures := make([]error, len(all))
		for n, snap := range all {
			r := &reader{store: s, snap: snap, rules: rules, keys: keys, scales: rules.Scales(), options: o, builder: builder.Fresh()}
			readers[n] = r
			running.Go(func() {
				for at := next.Add(1) - 1; at < int64(len(shards)) && failures[n] == nil; at = next.Add(1) - 1 {
					failures[n] = r.shard(ctx, shards[at])
				}
			})
		}
		running.Wait()
		if err := errors.Join(failures...); err != nil {
			return err
		}
		for _, r := range readers {
			builder.Merge(r.builder)
		}
		out, err = builder.Report()
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	return out, nil
}

// load reads what the entries mean. It comes after the snapshot has begun:
// versions that are published meanwhile only add to what the snapshot needs.
func load(ctx context.Context, s *store.Store) (*journal.Rules, journal.Keys, error) {
	rules, err := journal.LoadRules(ctx, s)
	if err == nil && rules.Newest == 0 {
		err = journal.ErrNoProgram
	}
	if err != nil {
		return nil, journal.Keys{}, err
	}
	keys, err := journal.LoadKeys(ctx, s)
	return rules, keys, err
}

// reader reads shards, one after the other.
type reader struct {
	store   *store.Store
	snap    *store.Snapshot
	rules   *journal.Rules
	keys    journal.Keys
	scales  event.Scales
	options Options
	builder *report.Builder

	decision engine.Decision
	again    engine.Decision
	decider  engine.Decider
}

// shard adds a shard's entries and members to the report.
func (r *reader) shard(ctx context.Context, shard store.Shard) error {
	cut, err := r.entries(ctx, shard)
	if err != nil {
		return err
	}
	after := store.FirstMember
	for {
		page, err := r.snap.Members(ctx, shard, after, pageOfMembers)
		if err != nil {
			return err
		}
		for i := range page {
			if err := r.member(ctx, &page[i], cut); err != nil {
				return fmt.Errorf("member %s: %w", page[i].ID, err)
			}
		}
		if len(page) < pageOfMembers {
			return nil
		}
		after = page[len(page)-1].ID
	}
}

// entries adds the entries that were known and gives the last one's number.
func (r *reader) entries(ctx context.Context, shard store.Shard) (cut int64, err error) {
	for {
		page, err := r.snap.Scan(ctx, shard, cut, pageOfEntries)
		if err != nil {
			return 0, err
		}
		for i := range page {
			if page[i].Recorded > r.options.KnownAt {
				return cut, nil
			}
			if err := r.entry(&page[i]); err != nil {
				return 0, fmt.Errorf("entry %d of shard %d: %w", page[i].Seq, shard, err)
			}
			cut = page[i].Seq
		}
		if len(page) < pageOfEntries {
			return cut, nil
		}
	}
}

func (r *reader) entry(e *store.Entry) error {
	if e.Kind == journal.KindPublish {
		return nil
	}
	if err := engine.DecodeDecision(e.Decision, &r.decision); err != nil {
		return err
	}
	eventType, total := "", int64(0)
	switch e.Kind {
	case journal.KindReturn:
		eventType = event.Return
	case journal.KindPurchase:
		eventType = event.Purchase
		if r.decision.At > r.options.AsOf {
			break // its total does not count yet
		}
		purchase, err := event.DecodeStored(e.Event, r.scales)
		if err != nil {
			return err
		}
		total = purchase.Total
	}
	r.builder.Decision(eventType, total, &r.decision)
	return nil
}

// member adds a member as of the cut.
func (r *reader) member(ctx context.Context, m *store.Member, cut int64) error {
	state := &ledger.State{}
	if m.Seq > cut {
		var err error
		if state, err = r.stateAt(ctx, m, cut); err != nil || state == nil {
			return err
		}
	} else if err := ledger.DecodeState(m.State, state); err != nil {
		return err
	}
	r.builder.Member(state)
	return nil
}
