// Package webhook sends what happens to receivers outside: as webhooks, signed as
// Standard Webhooks has it (https://www.standardwebhooks.com), straight from the
// journal.
//
// An endpoint has a lane for each shard of the journal, with a cursor that says up to
// where everything was delivered. In a lane the messages of one member go one after the
// other, and the next goes only when the one before was taken; those of several members
// go side by side. What always holds:
//   - a message is delivered at least once: what was sent and not yet noted when a
//     server ends is sent again under the same webhook-id;
//   - a receiver sees the messages of a member for the first time in the order of the
//     journal, whatever fails and however often, unless one was given up;
//   - an endpoint that fails holds up nobody else, and loses nothing by time: what it
//     did not take waits in the journal. A message is given up only where others got
//     through since it first failed, and after days;
//   - one server at a time sends to an endpoint. It holds it by a beat that the others
//     watch with clocks of their own, and sends only while no other can have taken over.
package webhook

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"log/slog"
	"sync"
	"time"

	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/outbound"
	"premia/internal/store"
)

// confirmAfter is how old the last confirmation that a server holds an endpoint may be
// when a request begins. A request lasts [outbound.Timeout] at most, so that each has ended
// before another server can take over, whatever time that one was given.
const confirmAfter = 5 * time.Second

// LeastTakeOver is the shortest time after which a server may go on in place of another:
// a request that began as late as it can has ended five seconds before.
const LeastTakeOver = 20 * time.Second

// The rhythm of a running sender.
const (
	tick        = 500 * time.Millisecond
	together    = 100 * time.Millisecond // what is written in so short a time goes together
	forgetEvery = time.Hour
	forgetPage  = 1000
)

// Options say how to send. Client is required.
type Options struct {
	Client *outbound.Client
	// Clock tells the time; nil is the machine's clock.
	Clock  func() time.Time
	Logger *slog.Logger
	// Observer hears of each attempt; nil is nobody.
	Observer Observer
	// Concurrency is how many members' messages go to one endpoint side by side; 0 is 8.
	Concurrency int
	// Retention is how long ended deliveries stay in the log; 0 is 30 days.
	Retention time.Duration
	// GiveUpAfter is how long a message is tried where others get through; 0 is three
	// days. DisableAfter is how long an endpoint may take nothing at all before it is
	// disabled; 0 is five days.
	GiveUpAfter, DisableAfter time.Duration
	// TakeOver is how long the server that sends to an endpoint may say nothing before
	// this one goes on in its place; 0 is a minute, and less than [LeastTakeOver] is that.
	TakeOver time.Duration
}

// Observer hears of each attempt: "delivered", "failed" or "given_up".
type Observer interface {
	Webhook(outcome string, took time.Duration)
}

// Sender sends to the endpoints of a workspace. Several servers may have one each.
type Sender struct {
	app  *app.App
	o    Options
	name string

	mu        sync.Mutex
	runs      map[string]*run
	forgotten calendar.Instant

	stop    context.CancelFunc
	running sync.WaitGroup
}

// New makes a sender that does nothing until it is asked to.
func New(a *app.App, o Options) *Sender {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	o.Concurrency = or(o.Concurrency, 8)
	o.Retention, o.GiveUpAfter, o.DisableAfter = or(o.Retention, 30*day), or(o.GiveUpAfter, 3*day), or(o.DisableAfter, 5*day)
	o.TakeOver = max(or(o.TakeOver, time.Minute), LeastTakeOver)
	random := make([]byte, 8)
	rand.Read(random) // never fails: it ends the program rather
	return &Sender{app: a, o: o, name: hex.EncodeToString(random), runs: make(map[string]*run)}
}

const day = 24 * time.Hour

func or[T comparable](value, otherwise T) T {
	var zero T
	if value == zero {
		return otherwise
	}
	return value
}

// now is the machine's time, by which receivers live, also those of a sandbox.
func (s *Sender) now() calendar.Instant { return calendar.Of(s.o.Clock()) }

// Start sends until Stop is called.
func (s *Sender) Start(ctx context.Context) {
	ctx, s.stop = context.WithCancel(context.WithoutCancel(ctx))
	s.running.Go(func() { s.run(ctx) })
}

// Stop lets requests under way end, and leaves the endpoints to other servers.
func (s *Sender) Stop() {
	s.stop()
	s.running.Wait()
	s.release()
}

func (s *Sender) run(ctx context.Context) {
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for ctx.Err() == nil {
		changed := s.app.Journal.Changed()
		if err := s.serve(ctx, func(r *run, heads map[store.Shard]int64) {
			if r.busy.CompareAndSwap(false, true) {
				s.running.Go(func() {
					defer r.busy.Store(false)
					if _, err := r.step(ctx, heads); err != nil && ctx.Err() == nil {
						s.o.Logger.Warn("an endpoint can't be served", "endpoint", r.id, "error", err)
					}
				})
			}
		}); err != nil && ctx.Err() == nil {
			s.o.Logger.Warn("webhooks can't be sent", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-ticker.C:
		case <-changed:
			pause(ctx, together)
		}
	}
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// Step sends what is due now to all endpoints side by side, waits for that, and answers
// how many messages were taken.
func (s *Sender) Step(ctx context.Context) (int, error) {
	var mu sync.Mutex
	var all sync.WaitGroup
	var failures []error
	taken := 0
	err := s.serve(ctx, func(r *run, heads map[store.Shard]int64) {
		all.Go(func() {
			n, err := r.step(ctx, heads)
			mu.Lock()
			defer mu.Unlock()
			taken += n
			failures = append(failures, err)
		})
	})
	all.Wait()
	return taken, errors.Join(append(failures, err)...)
}

// serve calls each for every endpoint to which something may be to be sent, with the
// heads of the journal.
func (s *Sender) serve(ctx context.Context, each func(*run, map[store.Shard]int64)) error {
	if err := s.forget(ctx); err != nil {
		return err
	}
	// A server that decides nothing learns of new programs here.
	if err := s.app.Journal.KeepUp(ctx); err != nil {
		return err
	}
	endpoints, err := s.app.Store.EndpointsToServe(ctx)
	if err != nil || len(endpoints) == 0 {
		return err
	}
	heads := make(map[store.Shard]int64)
	for _, shard := range s.app.Store.Shards() {
		head, err := s.app.Store.Head(ctx, shard)
		if err != nil {
			return err
		}
		heads[shard] = head.Seq
	}
	for i := range endpoints {
		each(s.runOf(endpoints[i].ID), heads)
	}
	return nil
}

func (s *Sender) runOf(id string) *run {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.runs[id]
	if r == nil {
		r = &run{s: s, id: id}
		s.runs[id] = r
	}
	return r
}

// forget removes old deliveries from the log, now and then.
func (s *Sender) forget(ctx context.Context) error {
	now := s.now()
	if s.forgotten != 0 && now < s.forgotten+micros(forgetEvery) {
		return nil
	}
	for {
		n, err := s.app.Store.ForgetDeliveries(ctx, now-micros(s.o.Retention), forgetPage)
		if err != nil {
			return err
		}
		if n < forgetPage {
			s.forgotten = now
			return nil
		}
	}
}

func micros(d time.Duration) calendar.Instant { return calendar.Instant(d.Microseconds()) }

// release lets other servers send at once.
func (s *Sender) release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), outbound.Timeout)
	defer cancel()
	for id := range s.runs {
		if err := s.app.Store.ReleaseEndpoint(ctx, id, s.name); err != nil {
			s.o.Logger.Warn("an endpoint is not released", "endpoint", id, "error", err)
		}
	}
}
