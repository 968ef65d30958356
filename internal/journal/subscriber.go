package journal

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/store"
)

// Subscriber reads the journal of every shard in order and remembers in a
// cursor how far it got. Each entry is handled at least once: what a subscriber
// does must bear being done again.
type Subscriber interface {
	// Name names the subscriber's cursors; it never changes.
	Name() string
	// Mask says which entries concern it; 0 means all.
	Mask() uint32
	// Handle does one entry. An error is tried again and in the end parked, so
	// that the entries behind it are not held up.
	Handle(ctx context.Context, entry *store.Entry) error
}

// pageSize is how many entries a subscriber reads at a time, in a transaction
// of its own.
const pageSize = 200

// handleAttempts is how often an entry is tried before it is parked.
const handleAttempts = 5

// retryEvery is how often a running subscriber tries again what it has parked.
const retryEvery = time.Minute

// Feed runs a subscriber over all shards.
type Feed struct {
	journal *Journal
	sub     Subscriber
	stop    context.CancelFunc
	running sync.WaitGroup
}

// Subscribe starts a subscriber; Stop ends it. It looks for new entries when
// this journal writes some, and every half second for those of other servers.
func (j *Journal) Subscribe(ctx context.Context, sub Subscriber) *Feed {
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	f := &Feed{journal: j, sub: sub, stop: stop}
	f.running.Go(func() { f.run(ctx) })
	return f
}

// Stop ends the subscriber after the entry at hand.
func (f *Feed) Stop() {
	f.stop()
	f.running.Wait()
}

func (f *Feed) run(ctx context.Context) {
	ticker, again := time.NewTicker(500*time.Millisecond), time.NewTicker(retryEvery)
	defer ticker.Stop()
	defer again.Stop()
	for {
		more := f.journal.signal.wait()
		if _, err := f.journal.Deliver(ctx, f.sub); err != nil && ctx.Err() == nil {
			f.journal.log.Warn("a subscriber is held up", "subscriber", f.sub.Name(), "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-more:
		case <-again.C:
			if _, err := f.journal.Retry(ctx, f.sub); err != nil && ctx.Err() == nil {
				f.journal.log.Warn("parked entries can't be tried again", "subscriber", f.sub.Name(), "error", err)
			}
		case <-ticker.C:
			// A server that decides nothing learns of new programs here.
			if err := f.journal.KeepUp(ctx); err != nil && ctx.Err() == nil {
				f.journal.log.Warn("the programs can't be read", "error", err)
			}
		}
	}
}

// Deliver lets a subscriber handle all entries that are there now and answers
// how many it handled.
func (j *Journal) Deliver(ctx context.Context, sub Subscriber) (int, error) {
	cursors, err := j.store.Cursors(ctx, sub.Name())
	if err != nil {
		return 0, err
	}
	handled := 0
	for _, shard := range j.store.Shards() {
		n, err := j.deliverShard(ctx, sub, shard, cursors[shard])
		handled += n
		if err != nil {
			return handled, err
		}
	}
	return handled, nil
}

// deliverShard handles the entries of one shard behind the cursor. The head is
// read first: entries up to it that the mask leaves out are passed over, too.
func (j *Journal) deliverShard(ctx context.Context, sub Subscriber, shard store.Shard, after int64) (int, error) {
	head, err := j.store.Head(ctx, shard)
	if err != nil || head.Seq <= after {
		return 0, err
	}
	handled := 0
	for {
		page, err := j.store.Scan(ctx, shard, after, pageSize, sub.Mask())
		if err != nil {
			return handled, err
		}
		for i := range page {
			if page[i].Seq > head.Seq {
				break
			}
			if err := j.handle(ctx, sub, &page[i]); err != nil {
				return handled, err
			}
			after = page[i].Seq
			handled++
		}
		if len(page) < pageSize || page[len(page)-1].Seq >= head.Seq {
			return handled, j.store.SetCursor(ctx, store.Cursor{Subscriber: sub.Name(), Shard: shard, Seq: head.Seq})
		}
		if err := j.store.SetCursor(ctx, store.Cursor{Subscriber: sub.Name(), Shard: shard, Seq: after}); err != nil {
			return handled, err
		}
	}
}

// handle tries an entry several times; one that keeps failing is parked.
func (j *Journal) handle(ctx context.Context, sub Subscriber, entry *store.Entry) error {
	var err error
	for attempt := 0; attempt < handleAttempts; attempt++ {
		if err = sub.Handle(ctx, entry); err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if holdsUp(err) {
			return err
		}
	}
	j.log.Error("an entry is parked", "subscriber", sub.Name(), "shard", entry.Shard, "seq", entry.Seq, "error", err)
	_, err = j.store.Park(ctx, store.Parked{
		Subscriber: sub.Name(), Position: entry.Position, Attempts: handleAttempts,
		Error: err.Error(), Recorded: j.Now(), Event: entry.Event,
	})
	return err
}

// holdsUp tells of an error that is not the entry's own: every entry would get
// it, so that none is parked for it.
func holdsUp(err error) bool {
	return store.IsTransient(err) || errors.Is(err, store.ErrCommitUnknown) || needsHands(err) || errors.Is(err, ErrBusy) || errors.Is(err, ErrClosed)
}

// parkedPage is how many parked entries are tried at a time.
const parkedPage = 100

// Retry tries again what a subscriber had parked, and answers how many it could
// do now; the others stay parked.
func (j *Journal) Retry(ctx context.Context, sub Subscriber) (int, error) {
	done := 0
	for after := int64(0); ; {
		parked, err := j.store.ParkedList(ctx, sub.Name(), after, parkedPage)
		if err != nil {
			return done, err
		}
		for i := range parked {
			after = parked[i].ID
			entry, err := j.store.Entry(ctx, parked[i].Position)
			if err == nil {
				err = sub.Handle(ctx, &entry)
			}
			if ctx.Err() != nil {
				return done, ctx.Err()
			}
			if err != nil {
				continue // it was reported when it was parked
			}
			if err := j.store.Unpark(ctx, parked[i].ID); err != nil {
				return done, err
			}
			done++
		}
		if len(parked) < parkedPage {
			return done, nil
		}
	}
}

// Lag gives how many entries of all shards a subscriber has not passed yet.
func (j *Journal) Lag(ctx context.Context, subscriber string) (int64, error) {
	cursors, err := j.store.Cursors(ctx, subscriber)
	if err != nil {
		return 0, err
	}
	lag := int64(0)
	for _, shard := range j.store.Shards() {
		head, err := j.store.Head(ctx, shard)
		if err != nil {
			return 0, err
		}
		lag += max(head.Seq-cursors[shard], 0)
	}
	return lag, nil
}

// FollowUps is the subscriber that carries events from one member to another.
type FollowUps struct{ Journal *Journal }

// FollowUpsName names the cursors of the follow-ups.
const FollowUpsName = "follow-ups"

// Name gives FollowUpsName.
func (FollowUps) Name() string { return FollowUpsName }

// Mask asks for entries that follow-ups leave.
func (FollowUps) Mask() uint32 { return MaskFollowUps }

// Handle appends the entry's follow-up events. Their ids are derived from the
// entry's, so that doing it again changes nothing.
func (f FollowUps) Handle(ctx context.Context, entry *store.Entry) error {
	a, err := f.Journal.Read(entry)
	if err != nil {
		return err
	}
	for n := range a.Decision.FollowUps {
		e, err := f.Journal.FollowUpEvent(&a, n)
		if err != nil {
			return err
		}
		err = f.Journal.carry(ctx, e, a.Decision.FollowUps[n].Member)
		if errors.Is(err, ErrUnknownMember) && e.Type == event.TransferIn {
			// Nobody is there to answer: the refusal that sends the value back is
			// written under the event's id all the same, in nobody's name.
			_, err = f.Journal.Append(ctx, Request{Event: e, Unknown: engine.GuestUnknown})
		}
		if err != nil {
			return fmt.Errorf("follow-up %d of event %s: %w", n, a.Event.ID, err)
		}
	}
	return nil
}

// FollowUpEvent gives the n-th follow-up of a decided event.
func (j *Journal) FollowUpEvent(a *Answer, n int) (*event.Event, error) {
	f := &a.Decision.FollowUps[n]
	id := j.keys.followUp(Cause(a.Event, a.Member, a.Decision.Clock), n)
	if f.Type == event.GiftCardAnswer {
		// It names the redemption, so that it waits where that is on its way itself.
		b, err := engine.OpenTakeBackCard(f.Carried)
		if err != nil {
			return nil, err
		}
		return &event.Event{ID: id, Type: f.Type, Redemption: b.Redemption, Carried: f.Carried}, nil
	}
	if f.Type == event.GiftWithdrawal {
		ask, err := engine.OpenGiftWithdrawal(f.Carried)
		if err != nil {
			return nil, err
		}
		return &event.Event{ID: id, Type: f.Type, Redemption: ask.Redemption, Carried: f.Carried}, nil
	}
	if f.Type != event.Return {
		return &event.Event{ID: id, Type: f.Type, Order: f.Order, Carried: f.Carried, Codes: f.CodesOf(j.Rules().Scales())}, nil
	}
	// A return that waited is that very return, to be decided now.
	e, err := event.DecodeStored(f.Carried, j.Rules().Scales())
	if err != nil {
		return nil, err
	}
	e.ID = id
	return e, nil
}

// FollowUpPosition gives the place of the n-th follow-up of a decided event if
// it was decided, and otherwise store.ErrNotFound.
func (j *Journal) FollowUpPosition(ctx context.Context, a *Answer, n int) (store.Position, error) {
	return j.EventAt(ctx, j.keys.followUp(Cause(a.Event, a.Member, a.Decision.Clock), n))
}
