// Package history reads a workspace's journal for those who look back: the live
// report, as of any moment and as it was known at any moment, and simulations of
// other programs over the events that were recorded.
//
// It writes nothing and reads the journal as of one moment, page by page, so that
// memory does not grow with it. What always holds: a report of an import is equal,
// to the byte, on every database, and to that of a simulation of the same files.
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

// pageOfEntries is how many entries are read at a time.
const pageOfEntries = 500

// Report adds up the journal. The error is [journal.ErrNoProgram] for a
// workspace that has no program yet.
func Report(ctx context.Context, s *store.Store, o Options) (*report.Report, error) {
	heads, err := headsOf(ctx, s)
	if err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	rules, keys, err := load(ctx, s)
	if err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	builder := report.NewBuilder(rules.Timeline, o.AsOf)
	links := report.NewLinks(rules.Timeline, o.AsOf)
	readers := make([]*reader, min(runtime.GOMAXPROCS(0), len(heads)))
	failures := make([]error, len(readers))
	var next atomic.Int64
	var running sync.WaitGroup
	for n := range readers {
		r := &reader{store: s, rules: rules, keys: keys, scales: rules.Scales(), options: o, builder: builder.Fresh(), links: links.Fresh()}
		readers[n] = r
		running.Go(func() {
			for at := next.Add(1) - 1; at < int64(len(heads)) && failures[n] == nil; at = next.Add(1) - 1 {
				failures[n] = r.shard(ctx, heads[at])
			}
		})
	}
	running.Wait()
	if err := errors.Join(failures...); err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	for _, r := range readers {
		builder.Merge(r.builder)
		links.Merge(r.links)
	}
	out, err := builder.Report()
	if err == nil && links != nil {
		err = clicks(ctx, s, links)
		out.Ambassadors = links.Ambassadors()
	}
	return out, err
}

// clicks adds the clicks on ambassadors' links that are kept.
func clicks(ctx context.Context, s *store.Store, links *report.Links) error {
	return s.Snapshots(ctx, 1, func(all []*store.Snapshot) error {
		for after := ledger.ClickID(0); ; {
			page, err := all[0].Clicks(ctx, after, pageOfEntries)
			if err != nil || len(page) == 0 {
				return err
			}
			for i := range page {
				links.Clicked(&page[i])
			}
			after = page[len(page)-1].ID
		}
	})
}

// headsOf gives the heads of all shards as of one moment. Entries never change,
// so they are all that a report needs to be of that moment, while it reads page
// by page and holds no transaction open, which would slow down the writers.
func headsOf(ctx context.Context, s *store.Store) ([]store.Head, error) {
	var heads []store.Head
	err := s.Snapshots(ctx, 1, func(all []*store.Snapshot) error {
		for _, shard := range s.Shards() {
			head, err := all[0].Head(ctx, shard)
			if err != nil {
				return err
			}
			heads = append(heads, head)
		}
		return nil
	})
	return heads, err
}

// load reads what the entries mean. It comes after the heads are known: versions
// that are published meanwhile only add to what is needed.
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
	rules   *journal.Rules
	keys    journal.Keys
	scales  event.Scales
	options Options
	builder *report.Builder
	links   *report.Links // nil where there are no commissions

	decision engine.Decision
	again    engine.Decision
	decider  engine.Decider
}

// shard adds a shard's entries and members to the report.
func (r *reader) shard(ctx context.Context, head store.Head) error {
	cut, err := r.entries(ctx, head)
	if err != nil {
		return err
	}
	return r.store.EachMember(ctx, head.Shard, func(m store.Member) error {
		if err := r.member(ctx, &m, cut); err != nil {
			return fmt.Errorf("member %s: %w", m.ID, err)
		}
		return nil
	})
}

// entries adds the entries up to the head that were known, and gives the last
// one's number.
func (r *reader) entries(ctx context.Context, head store.Head) (cut int64, err error) {
	for cut < head.Seq {
		page, err := r.store.Scan(ctx, head.Shard, cut, int(min(pageOfEntries, head.Seq-cut)), 0)
		if err != nil {
			return 0, err
		}
		if len(page) == 0 {
			return 0, fmt.Errorf("the journal of shard %d ends after %d of %d entries", head.Shard, cut, head.Seq)
		}
		for i := range page {
			if page[i].Recorded > r.options.KnownAt {
				return cut, nil
			}
			if err := r.entry(&page[i]); err != nil {
				return 0, fmt.Errorf("entry %d of shard %d: %w", page[i].Seq, head.Shard, err)
			}
			cut = page[i].Seq
		}
	}
	return cut, nil
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
		if r.decision.Outcome == engine.WaitsForPurchase {
			back, err := event.DecodeStored(e.Event, r.scales)
			if err != nil {
				return err
			}
			r.builder.Waits(back.Order, &r.decision)
		}
	case journal.KindGiftCardIssue:
		eventType = event.GiftCardIssue
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
	r.links.Decision(e.Member, &r.decision)
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
	r.links.Member(m.ID, state)
	r.builder.Member(state)
	return nil
}
