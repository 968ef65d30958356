package journal

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"premia/internal/core/engine"
	"premia/internal/store"
)

// writer owns a fixed set of shards: it takes what waits for them and decides
// it, batch by batch.
type writer struct {
	journal *Journal
	decider engine.Decider

	mu     sync.Mutex
	wake   *sync.Cond
	queue  []*item
	spare  []*item // the sweeper's, done when nothing else waits or in small slices
	closed bool
}

// spareSlice is the most of the sweeper's members that ride along in a batch of
// live events.
const spareSlice = 32

func newWriter(j *Journal) *writer {
	w := &writer{journal: j}
	w.wake = sync.NewCond(&w.mu)
	return w
}

// add puts an item at the end of the queue.
func (w *writer) add(it *item) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.closed:
		return ErrClosed
	case len(w.queue) >= w.journal.options.MaxWaiting && it.hops == 0:
		return ErrBusy
	}
	if it.settle {
		w.spare = append(w.spare, it)
	} else {
		w.queue = append(w.queue, it)
	}
	w.wake.Signal()
	return nil
}

// again puts items back at the front of the queues, in their order.
func (w *writer) again(items []*item) {
	if len(items) == 0 {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	var live, spare []*item
	for _, it := range items {
		if it.settle {
			spare = append(spare, it)
		} else {
			live = append(live, it)
		}
	}
	w.queue = append(live, w.queue...)
	w.spare = append(spare, w.spare...)
}

func (w *writer) waiting() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.queue)
}

func (w *writer) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	w.wake.Broadcast()
}

// take waits for work and gives up to the size of a batch; nil when the writer
// is closed and has done everything.
func (w *writer) take() []*item {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(w.queue) == 0 && len(w.spare) == 0 {
		if w.closed {
			return nil
		}
		w.wake.Wait()
	}
	n := min(len(w.queue), w.journal.options.MaxBatch)
	items := append([]*item(nil), w.queue[:n]...)
	w.queue = w.queue[n:]
	if len(w.queue) == 0 {
		w.queue = nil
	}
	room := w.journal.options.MaxBatch
	if n > 0 {
		room = spareSlice
	}
	m := min(len(w.spare), room)
	items = append(items, w.spare[:m]...)
	w.spare = w.spare[m:]
	if len(w.spare) == 0 {
		w.spare = nil
	}
	return items
}

// run decides until the writer is closed.
func (w *writer) run(ctx context.Context) {
	for {
		items := w.take()
		if items == nil {
			return
		}
		w.decide(ctx, items)
	}
}

// decide brings the items to their answers, whatever happens: it tries again
// where that may help, and narrows down what does not go. Through all of it the
// items keep their order.
func (w *writer) decide(ctx context.Context, items []*item) {
	most, attempt := len(items), 0
	for len(items) > 0 {
		began := time.Now()
		b := newBatch(w, items, most)
		err := b.run(ctx)
		if err == nil {
			w.journal.failure.Store(nil)
			w.observe(len(b.items), time.Since(began)) // who has an answer finds it counted
			b.answer()
			if most >= len(items) {
				w.again(b.left)
				return
			}
			// One that does not go is among these: the rest of them first.
			items, most = b.left, 2*most
			continue
		}
		items = b.rest()
		tried := len(items) - len(b.left)
		switch {
		case errors.Is(err, errSmaller), isQuota(err):
			// Items left the batch, or others took from a quota meanwhile: decide
			// again with what remains.
		case needsHands(err):
			// Halving the batch would find no event that goes.
			w.fail(items, err)
			return
		case store.IsTransient(err) || errors.Is(err, store.ErrCommitUnknown):
			if !w.pause(ctx, attempt) {
				w.fail(items, fmt.Errorf("the database does not answer; send the request again with the same id: %w", err))
				return
			}
			attempt++
		case tried > 1:
			most = tried / 2
		case tried == 1:
			w.fail(items[:1], err)
			items = items[1:]
		}
	}
}

// needsHands tells of an error that every write gets until somebody puts the
// database or its disk right.
func needsHands(err error) bool {
	return errors.Is(err, store.ErrDisk) || errors.Is(err, store.ErrReadOnly) || errors.Is(err, store.ErrCorrupt)
}

func isQuota(err error) bool {
	var exceeded *store.QuotaExceeded
	return errors.As(err, &exceeded)
}

// maxAttempts bounds how long a batch waits for the database to come back:
// pauses double from 10 ms to 2 s, some 30 s in all.
const maxAttempts = 22

// pause waits before another attempt; false when it is time to give up.
func (w *writer) pause(ctx context.Context, attempt int) bool {
	if attempt >= maxAttempts {
		return false
	}
	wait := min(10*time.Millisecond<<min(attempt, 10), 2*time.Second)
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func (w *writer) fail(items []*item, err error) {
	w.journal.log.Error("events could not be written", "events", len(items), "error", err)
	var made *panicked
	if errors.As(err, &made) {
		err = ErrInternal // what it says is not for callers
	}
	w.journal.failure.Store(&err)
	for _, it := range items {
		w.journal.finish(it, Answer{}, err)
	}
}

func (w *writer) observe(events int, took time.Duration) {
	if o := w.journal.options.Observer; o != nil {
		o.Batch(events, took)
	}
}
