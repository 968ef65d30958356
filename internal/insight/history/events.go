package history

import (
	"cmp"
	"container/heap"
	"context"
	"fmt"
	"io"
	"strings"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/insight/simulate"
	"premia/internal/journal"
	"premia/internal/store"
)

// Load reads the events of all members into memory, in the order in which they
// were recorded, ready to be decided under another program. It also gives the
// programs of the workspace. Within a shard the order is the journal's. Between
// shards it is that of the moments at which entries were recorded; of those of
// one moment, which one transaction wrote, that of the moments at which they
// count.
func Load(ctx context.Context, s *store.Store) (h *simulate.History, rules *journal.Rules, err error) {
	heads, err := headsOf(ctx, s)
	if err == nil {
		rules, _, err = load(ctx, s)
	}
	if err == nil {
		e := &events{store: s, rules: rules}
		for _, head := range heads {
			e.streams = append(e.streams, &stream{head: head})
		}
		h, err = simulate.Load(ctx, e, rules.Scales())
	}
	if err != nil {
		return nil, nil, fmt.Errorf("read the journal: %w", err)
	}
	return h, rules, nil
}

// events is the source of a simulation over the journal. What follows from
// other entries is left out, because the engine concludes it anew: the passing
// of time, published versions, and events from one member to another.
type events struct {
	store   *store.Store
	rules   *journal.Rules
	streams streams // a heap, once begun
	begun   bool
}

// stream is one shard's journal, a page at a time.
type stream struct {
	head  store.Head
	page  []store.Entry
	after int64
}

// streamPage is the size of a page; there is one for each shard in memory.
const streamPage = 100

func (e *events) Next(ctx context.Context) (simulate.Entry, error) {
	if err := e.begin(ctx); err != nil {
		return simulate.Entry{}, err
	}
	for len(e.streams) > 0 {
		first := e.streams[0]
		entry := first.page[0]
		first.page = first.page[1:]
		if err := first.fill(ctx, e.store); err != nil {
			return simulate.Entry{}, err
		}
		if len(first.page) == 0 {
			heap.Pop(&e.streams)
		} else {
			heap.Fix(&e.streams, 0)
		}
		if out, ok, err := e.read(&entry); ok || err != nil {
			return out, err
		}
	}
	return simulate.Entry{}, io.EOF
}

func (e *events) begin(ctx context.Context) error {
	if e.begun {
		return nil
	}
	e.begun = true
	var full streams
	for _, s := range e.streams {
		if err := s.fill(ctx, e.store); err != nil {
			return err
		}
		if len(s.page) > 0 {
			full = append(full, s)
		}
	}
	e.streams = full
	heap.Init(&e.streams)
	return nil
}

// fill reads the next page if the one at hand is used up, and the head is not
// reached.
func (s *stream) fill(ctx context.Context, from *store.Store) (err error) {
	if len(s.page) > 0 || s.after >= s.head.Seq {
		return nil
	}
	limit := min(streamPage, s.head.Seq-s.after)
	if s.page, err = from.Scan(ctx, s.head.Shard, s.after, int(limit), 0); err != nil {
		return err
	}
	if len(s.page) == 0 {
		return fmt.Errorf("the journal of shard %d ends after %d of %d entries", s.head.Shard, s.after, s.head.Seq)
	}
	s.after = s.page[len(s.page)-1].Seq
	return nil
}

// read gives the entry's event, unless it follows from others.
func (e *events) read(entry *store.Entry) (out simulate.Entry, ok bool, err error) {
	switch entry.Kind {
	case journal.KindSettle, journal.KindPublish, journal.KindAbsorb, journal.KindAbsorbed:
		return out, false, nil
	}
	var d engine.Decision
	if err = engine.DecodeDecision(entry.Decision, &d); err == nil {
		out.Event, err = event.DecodeStored(entry.Event, e.rules.Scales())
	}
	if err != nil {
		return out, false, fmt.Errorf("entry %d of shard %d: %w", entry.Seq, entry.Shard, err)
	}
	if out.Event.Type == event.Return && strings.HasPrefix(out.Event.ID, journal.FollowUpPrefix) {
		return out, false, nil // it followed its purchase
	}
	if out.Event.At == calendar.None {
		out.Event.At, out.Event.Filled = d.At, out.Event.Filled|event.FilledTime
		if out.Event.Type == event.Claim {
			out.Event.At = d.Clock // its decision counts from the purchase
		}
	}
	for _, c := range d.Codes {
		out.Codes = append(out.Codes, simulate.Code{Code: c, RewardName: e.rules.Names.Name(c.Reward)})
	}
	out.Draw = d.Draw
	out.Member, out.Guest, out.Clock = entry.Member, entry.Member == 0, d.Clock
	return out, true, nil
}

// streams are ordered by their next entries.
type streams []*stream

func (s streams) Len() int      { return len(s) }
func (s streams) Swap(i, j int) { s[i], s[j] = s[j], s[i] }
func (s streams) Less(i, j int) bool {
	a, b := &s[i].page[0], &s[j].page[0]
	return cmp.Or(cmp.Compare(a.Recorded, b.Recorded), cmp.Compare(a.At, b.At), cmp.Compare(a.Shard, b.Shard)) < 0
}

// Push is part of [heap.Interface]; no stream joins after the beginning.
func (s *streams) Push(x any) { *s = append(*s, x.(*stream)) }

// Pop is part of [heap.Interface].
func (s *streams) Pop() any {
	last := len(*s) - 1
	out := (*s)[last]
	*s = (*s)[:last]
	return out
}
