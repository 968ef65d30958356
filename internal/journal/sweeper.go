package journal

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/ledger"
	"premia/internal/store"
)

// ErrClockJumped tells that the machine's clock moved by more than a day
// against the time that passed; the sweeper has stopped until the server is
// started again, so that a wrong clock does not expire anybody's value.
var ErrClockJumped = errors.New("the machine's clock jumped by more than a day; correct it and start the server again")

// sweptTogether is how many due members the sweeper takes from a shard at a time.
const sweptTogether = 512

// Sweep lets time pass, up to now, for all members who are due, and answers for
// how many. It must make no difference how often it runs: balances are settled
// whenever they are read or decided upon. A member who can't be settled holds up
// nobody else; the error is the first such.
func (j *Journal) Sweep(ctx context.Context) (int, error) {
	swept := 0
	var first error
	for _, shard := range j.store.Shards() {
		n, err := j.sweepShard(ctx, shard)
		swept += n
		if err != nil && (ctx.Err() != nil || holdsUp(err)) {
			return swept, err
		}
		first = cmp.Or(first, err)
	}
	return swept, first
}

func (j *Journal) sweepShard(ctx context.Context, shard store.Shard) (swept int, first error) {
	for {
		due, err := j.store.DueMembers(ctx, shard, j.Now(), sweptTogether)
		if err != nil || len(due) == 0 {
			return swept, cmp.Or(err, first)
		}
		n, err := j.sweepPage(ctx, shard, due)
		swept += n
		first = cmp.Or(first, err)
		switch {
		case n == 0, len(due) < sweptTogether, ctx.Err() != nil, err != nil && holdsUp(err):
			return swept, first
		}
	}
}

// sweepPage settles members and answers for how many it did.
func (j *Journal) sweepPage(ctx context.Context, shard store.Shard, due []store.Member) (swept int, first error) {
	tickets := make([]*Ticket, 0, len(due))
	for i := range due {
		t, err := j.submitSettle(shard, due[i].ID)
		if err != nil {
			first = err
			break
		}
		tickets = append(tickets, t)
	}
	for _, t := range tickets {
		if _, err := t.Wait(ctx); err != nil {
			first = cmp.Or(first, fmt.Errorf("settle a member: %w", err))
			continue
		}
		swept++
	}
	return swept, first
}

func (j *Journal) submitSettle(shard store.Shard, id ledger.MemberID) (*Ticket, error) {
	if j.closed.Load() {
		return nil, ErrClosed
	}
	it := &item{
		Request: Request{Event: settleEvent, Member: id, Unknown: engine.RefuseUnknown},
		ticket:  &Ticket{done: make(chan struct{})},
		member:  id, shard: shard, settle: true,
	}
	return it.ticket, j.enqueue(it)
}

// Sweeper runs Sweep again and again.
type Sweeper struct {
	journal *Journal
	stop    context.CancelFunc
	running sync.WaitGroup
	failure atomic.Pointer[error]
}

// StartSweeper sweeps now and then every interval; Stop ends it.
func (j *Journal) StartSweeper(ctx context.Context, every time.Duration) *Sweeper {
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	s := &Sweeper{journal: j, stop: stop}
	s.running.Go(func() { s.run(ctx, every) })
	return s
}

// Err gives why the sweeper does not sweep; nil while it does.
func (s *Sweeper) Err() error {
	if p := s.failure.Load(); p != nil {
		return *p
	}
	return nil
}

// Stop ends the sweeper.
func (s *Sweeper) Stop() {
	s.stop()
	s.running.Wait()
}

func (s *Sweeper) run(ctx context.Context, every time.Duration) {
	machine := func() calendar.Instant { return calendar.Of(s.journal.options.Machine()) }
	wall, passed := machine(), time.Now()
	for {
		now, monotonic := machine(), time.Now()
		if jumped(wall, now, monotonic.Sub(passed)) {
			err := fmt.Errorf("%w (from %s to %s)", ErrClockJumped, wall, now)
			s.failure.Store(&err)
			s.journal.log.Error("the sweeper stops", "error", err)
			return
		}
		wall, passed = now, monotonic
		_, err := s.journal.Sweep(ctx)
		if err != nil && ctx.Err() == nil {
			s.failure.Store(&err)
			s.journal.log.Warn("the sweeper is held up", "error", err)
		} else {
			s.failure.Store(nil)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(every):
		}
	}
}

// jumped tells whether a clock moved by more than a day beyond the time that
// passed, forward or back.
func jumped(before, now calendar.Instant, passed time.Duration) bool {
	off := now - before - calendar.Instant(passed.Microseconds())
	return off > calendar.Day || off < -calendar.Day
}
