// Package journal is the one way in which anything becomes true: events are
// appended to it, decided and written with their consequences in one
// transaction.
//
// Its writers own fixed sets of shards. A writer takes all events that wait,
// locks the shards they belong to, decides one after the other and commits once.
// What always holds:
//   - an event id is decided once in the whole workspace, whoever sends it and
//     however often; a repetition gets the stored answer;
//   - each shard's entries are numbered without gaps and chained by hashes, in
//     the order in which they were decided;
//   - an entry, its postings, the member's state, the keys it binds and the
//     quotas it takes from are in the database together or not at all;
//   - a request that is refused before a decision leaves nothing behind.
//
// Readers of the journal are subscribers with a cursor for each shard; the first
// of them carries follow-up events from one member to another. The sweeper lets
// time pass for members to whom nothing else happens.
package journal

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/ledger"
	"premia/internal/core/text"
	"premia/internal/store"
)

// Options say how a journal works. The zero value serves live traffic.
type Options struct {
	// Clock tells the time; nil is the machine's clock.
	Clock func() time.Time
	// Machine is the machine's clock where Clock is another, that of a workspace whose
	// time is moved on purpose; nil is Clock. The sweeper watches it for jumps.
	Machine func() time.Time
	// Writers is the number of writers; 0 is one on SQLite and two on
	// PostgreSQL. With one writer events are decided in the order of their
	// arrival, over all shards.
	Writers int
	// MaxBatch is the most events of one transaction; 0 is 512.
	MaxBatch int
	// MaxWaiting is the most events that may wait for a writer; 0 is 20,000.
	MaxWaiting int
	// Logger hears of what goes wrong; nil is silence.
	Logger *slog.Logger
	// Observer hears of batches; nil is nobody.
	Observer Observer
}

// Observer hears of each batch that was committed.
type Observer interface {
	Batch(events int, took time.Duration)
}

// Journal appends events to the database and decides them.
type Journal struct {
	store   *store.Store
	options Options
	log     *slog.Logger
	keys    keyring
	rules   atomic.Pointer[Rules]
	known   identities
	unbound unbound
	writers []*writer
	signal  broadcast
	loading sync.Mutex

	stop    context.CancelFunc
	running sync.WaitGroup
	closed  atomic.Bool
	failure atomic.Pointer[error]
}

// Rules are the programs of the workspace as they are known now.
type Rules struct {
	Timeline *engine.Timeline
	Names    *engine.Names
	// Newest is the highest published version; 0 if there is none.
	Newest uint32
}

// Errors of the journal. They are refusals before a decision: nothing of the
// request was kept.
var (
	ErrClosed          error = text.Sentence("the server is stopping; send the request again with the same id")
	ErrBusy            error = text.Sentence("too many events wait already; send the request again, with the same id, in a moment")
	ErrNoProgram       error = text.Sentence("no program is published yet")
	ErrUnknownMember   error = text.Sentence("there is no such member")
	ErrIDReused        error = text.Sentence("this event id was used before, for another event")
	ErrOrderExists     error = text.Sentence("a purchase with this order number is known already, under another event id")
	ErrOrderUnknown    error = text.Sentence("there is no purchase with this order number")
	ErrAlreadyClaimed  error = text.Sentence("this purchase was claimed already")
	ErrIdentityTaken   error = text.Sentence("the identity belongs to another member")
	ErrMemberErased    error = text.Sentence("the member was erased")
	ErrMemberMoved     error = text.Sentence("something happened to the member meanwhile")
	ErrMergeInProgress error = text.Sentence("two members are just being merged into each other; try again in a moment")
	ErrInternal        error = text.Sentence("the event could not be decided because of a mistake in Premia; it was not kept")
)

// Open starts a journal on a migrated store. Close stops it.
func Open(ctx context.Context, s *store.Store, o Options) (*Journal, error) {
	setDefaults(s, &o)
	secret, err := s.SetSettingIfAbsent(ctx, "secret", freshSecret())
	if err != nil {
		return nil, fmt.Errorf("read the workspace's secret: %w", err)
	}
	j := &Journal{store: s, options: o, log: o.Logger, keys: keyring{secret}}
	j.known.init()
	j.signal.init()
	if err := j.Reload(ctx); err != nil {
		return nil, err
	}
	if err := j.registerNames(ctx); err != nil {
		return nil, err
	}
	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	j.stop = stop
	for i := 0; i < o.Writers; i++ {
		w := newWriter(j)
		j.writers = append(j.writers, w)
		j.running.Go(func() { w.run(run) })
	}
	return j, nil
}

func setDefaults(s *store.Store, o *Options) {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Machine == nil {
		o.Machine = o.Clock
	}
	if o.Writers == 0 {
		o.Writers = 2
		if s.Dialect() == store.SQLite {
			o.Writers = 1
		}
	}
	if o.MaxBatch == 0 {
		o.MaxBatch = 512
	}
	if o.MaxWaiting == 0 {
		o.MaxWaiting = 20_000
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
}

// Close lets the writers finish what waits and stops them. Events that come
// afterwards get ErrClosed.
func (j *Journal) Close() error {
	if j.closed.Swap(true) {
		return nil
	}
	for _, w := range j.writers {
		w.close()
	}
	j.running.Wait()
	j.stop()
	return nil
}

// Store gives the database under the journal, for reading.
func (j *Journal) Store() *store.Store { return j.store }

// Now gives the journal's time.
func (j *Journal) Now() calendar.Instant { return calendar.Of(j.options.Clock()) }

// Err gives why the newest batch could not be written; nil if it was.
func (j *Journal) Err() error {
	if p := j.failure.Load(); p != nil {
		return *p
	}
	return nil
}

// Writable tells whether batches can be written: the newest one was, or, after
// one that was not, the database takes a write again. The error is why not.
func (j *Journal) Writable(ctx context.Context) error {
	failed := j.failure.Load()
	if failed == nil {
		return nil
	}
	if err := j.store.CheckWriting(ctx); err != nil {
		return errors.Join(*failed, err)
	}
	j.failure.CompareAndSwap(failed, nil)
	return nil
}

// Rules gives the programs as they are known now.
func (j *Journal) Rules() *Rules { return j.rules.Load() }

// Waiting gives how many events wait for a writer.
func (j *Journal) Waiting() int {
	n := 0
	for _, w := range j.writers {
		n += w.waiting()
	}
	return n
}

// writerOf gives the writer that owns a shard.
func (j *Journal) writerOf(shard store.Shard) *writer {
	return j.writers[int(uint32(shard))%len(j.writers)]
}

// Find gives the member that an identity is bound to, and the member that
// answers for it now. The error is ErrUnknownMember if there is none.
func (j *Journal) Find(ctx context.Context, id Identity) (ledger.MemberID, error) {
	if err := j.lookUnbound(ctx); err != nil {
		return 0, err
	}
	key := j.keys.identity(id)
	if m := j.known.bound(key); m != 0 {
		return m, nil
	}
	state := j.known.state()
	found, err := j.store.Lookup(ctx, []store.Key{key})
	if err != nil {
		return 0, err
	}
	binding, ok := found[key]
	if !ok {
		return 0, ErrUnknownMember
	}
	j.known.learn(state, key, binding.Member)
	return binding.Member, nil
}

// EventAt gives the place of an event in the journal, by its id; the error is
// store.ErrNotFound if it is not there.
func (j *Journal) EventAt(ctx context.Context, id string) (store.Position, error) {
	return j.positionOf(ctx, j.keys.event(id))
}

// OrderAt gives the place of a purchase in the journal, by its order's number;
// the error is store.ErrNotFound if it is not there.
func (j *Journal) OrderAt(ctx context.Context, order string) (store.Position, error) {
	return j.positionOf(ctx, j.keys.order(order))
}

func (j *Journal) positionOf(ctx context.Context, key store.Key) (store.Position, error) {
	found, err := j.store.Lookup(ctx, []store.Key{key})
	if err != nil {
		return store.Position{}, err
	}
	binding, ok := found[key]
	if !ok {
		return store.Position{}, store.ErrNotFound
	}
	return binding.At, nil
}
