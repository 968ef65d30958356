package app

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"premia/internal/core/calendar"
	"premia/internal/outbound"
	"premia/internal/store"
)

// The rhythm of the outbox.
const (
	// outboxEvery is how often it is looked whether a message is due again.
	outboxEvery = 10 * time.Second
	// sendingLasts is how long one attempt may take, and sendingClaimed for how long
	// nobody else makes one.
	sendingLasts   = time.Minute
	sendingClaimed = 2 * calendar.Minute
	// sentAtOnce is how many messages of a channel are under way at once.
	sentAtOnce = 4
	// firstSendWait is the time from the first failure to the next attempt. It doubles up
	// to the longest, as long as what the message says is good.
	firstSendWait   = 15 * calendar.Second
	longestSendWait = 2 * calendar.Hour
	// sendingEnds is how long a server that stops waits for messages under way.
	sendingEnds = 5 * time.Second
)

// Sender sends a message; its error is kept, and the message is tried again.
type Sender func(ctx context.Context, m *store.Message) error

// Outbox sends what is in the outbox, until it is stopped. Several servers may have one
// each: a message is tried by one of them at a time.
type Outbox struct {
	app     *App
	senders map[string]Sender
	stop    chan struct{}
	done    chan struct{}
	cut     context.CancelFunc

	sending sync.WaitGroup
	mu      sync.Mutex
	busy    map[string]int // messages under way, by channel
}

func (a *App) newOutbox(senders map[string]Sender) *Outbox {
	return &Outbox{app: a, senders: senders, stop: make(chan struct{}), done: make(chan struct{}), busy: map[string]int{}}
}

// StartOutbox sends messages by their channels: those that wait, and from then on each
// as it comes. Channels without a sender keep theirs. Now and then it also forgets
// sessions, steps and links that have ended.
func (a *App) StartOutbox(ctx context.Context, senders map[string]Sender) *Outbox {
	o := a.newOutbox(senders)
	ctx, o.cut = context.WithCancel(context.WithoutCancel(ctx))
	go func() {
		defer close(o.done)
		again := time.NewTicker(outboxEvery)
		defer again.Stop()
		for {
			if _, err := o.round(ctx); err != nil {
				a.Log.Error("the outbox could not be emptied", "error", err)
			}
			select {
			case <-a.outbox:
			case <-again.C:
				if err := a.ForgetOldAccess(ctx); err != nil {
					a.Log.Error("ended sessions could not be forgotten", "error", err)
				}
			case <-o.stop:
				return
			}
		}
	}()
	return o
}

// Stop begins no more messages, and waits for those under way, a short while.
func (o *Outbox) Stop() {
	close(o.stop)
	<-o.done
	late := time.AfterFunc(sendingEnds, o.cut)
	o.sending.Wait()
	late.Stop()
	o.cut()
}

// SendWaiting tries each message that is due now once, and waits for all.
func (a *App) SendWaiting(ctx context.Context, senders map[string]Sender) error {
	o := a.newOutbox(senders)
	for {
		n, err := o.round(ctx)
		o.sending.Wait()
		if err != nil || n == 0 {
			return err
		}
	}
}

// round begins to send what is due, as far as there is room, and gives how many messages
// that are. A receiver that is slow holds up its own message alone.
func (o *Outbox) round(ctx context.Context) (begun int, err error) {
	for _, channel := range slices.Sorted(maps.Keys(o.senders)) {
		o.mu.Lock()
		room := sentAtOnce - o.busy[channel]
		o.mu.Unlock()
		if room <= 0 {
			continue
		}
		due, failed := o.app.Store.DueMessages(ctx, channel, givenUp, o.app.wall(), room)
		if failed != nil {
			err = errors.Join(err, failed)
			continue
		}
		for i := range due {
			m := &due[i]
			ours, failed := o.app.Store.ClaimMessage(ctx, m, o.app.wall()+sendingClaimed)
			if failed != nil || !ours {
				err = errors.Join(err, failed)
				continue
			}
			begun++
			o.count(channel, 1)
			o.sending.Go(func() {
				o.send(ctx, m)
				o.count(channel, -1)
				o.app.wakeOutbox()
			})
		}
	}
	return begun, err
}

func (o *Outbox) count(channel string, by int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.busy[channel] += by
}

// send makes an attempt that was claimed, and notes what it came to.
func (o *Outbox) send(ctx context.Context, m *store.Message) {
	limited, cancel := context.WithTimeout(ctx, sendingLasts)
	defer cancel()
	failed := o.senders[m.Channel](limited, m)
	if failed != nil && ctx.Err() != nil {
		return // cut off by the end of the server, it is tried again after its claim
	}
	ctx, now := context.WithoutCancel(ctx), o.app.wall()
	if failed == nil {
		if err := o.app.Store.MessageSent(ctx, m.ID, now); err != nil {
			o.app.Log.Error("a message was sent, and that could not be noted", "message", m.ID, "error", err)
		}
		return
	}
	m.Error = outbound.Explain(failed)
	o.app.Log.Warn("a message could not be sent", "message", m.ID, "channel", m.Channel, "error", failed)
	if err := o.app.Store.MessageFailed(ctx, m, now+sendWait(m.Tried)); err != nil {
		o.app.Log.Error("what became of a message could not be noted", "message", m.ID, "error", err)
	}
}

// sendWait is the time from a failure, the n-th, to the next attempt.
func sendWait(n int64) calendar.Instant {
	wait := firstSendWait
	for ; n > 1 && wait < longestSendWait; n-- {
		wait *= 2
	}
	return min(wait, longestSendWait)
}

// wakeOutbox tells that there may be something to send.
func (a *App) wakeOutbox() {
	select {
	case a.outbox <- struct{}{}:
	default: // somebody knows already
	}
}
