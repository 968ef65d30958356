package webhook

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/outbound"
	"premia/internal/store"
)

// run is what a sender knows of one endpoint. One goroutine uses it at a time.
type run struct {
	s    *Sender
	id   string
	busy atomic.Bool

	e     store.Endpoint
	lanes []*lane
	// held is when it was last certain that this server holds the endpoint.
	held time.Time
	// recovered is when the endpoint last answered again: what failed before is tried
	// at once.
	recovered calendar.Instant
	// Who else held it, and since when nothing has changed of that.
	otherOwner string
	otherBeat  int64
	otherSince time.Time
}

// step sends what is due now, and answers how many messages were taken.
func (r *run) step(ctx context.Context, heads map[store.Shard]int64) (taken int, err error) {
	ours, err := r.hold(ctx, heads)
	if err != nil || !ours {
		return 0, err
	}
	for {
		if err := r.fill(ctx, heads); err != nil {
			return taken, err
		}
		queues := r.due()
		if len(queues) == 0 {
			return taken, r.note(ctx, nil)
		}
		if err := r.confirm(ctx); err != nil {
			return taken, r.lost(err)
		}
		w := r.send(ctx, queues)
		r.judge(w)
		taken += w.taken
		if err := r.tell(ctx, w); err != nil || w.taken == 0 || ctx.Err() != nil {
			return taken, r.lost(err)
		}
	}
}

// hold makes sure that this server is the one that sends to the endpoint, if any is to.
func (r *run) hold(ctx context.Context, heads map[store.Shard]int64) (bool, error) {
	e, err := r.s.app.Store.Endpoint(ctx, r.id)
	if errors.Is(err, store.ErrNotFound) || err == nil && e.State != store.EndpointActive {
		r.lanes = nil
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if e.Owner == r.s.name {
		again := r.lanes == nil || r.e.Generation != e.Generation
		r.e = e
		if again {
			err = r.load(ctx)
		}
		return err == nil, err
	}
	r.lanes = nil
	now := r.s.o.Clock()
	if e.Owner != r.otherOwner || e.Beat != r.otherBeat {
		r.otherOwner, r.otherBeat, r.otherSince = e.Owner, e.Beat, now
	}
	if e.Owner != "" && now.Sub(r.otherSince) < r.s.o.TakeOver {
		return false, nil
	}
	behind, err := r.behind(ctx, e.Kind, heads)
	if err != nil || !behind {
		return false, err
	}
	r.e = e
	if err := r.claim(ctx); err != nil {
		return false, r.lost(err)
	}
	return true, r.load(ctx)
}

// behind tells whether there is anything that the endpoint was not told.
func (r *run) behind(ctx context.Context, kind store.EndpointKind, heads map[store.Shard]int64) (bool, error) {
	queued, err := r.s.app.Store.Queued(ctx, r.id, 1)
	if err != nil || len(queued) > 0 || kind == store.PostbackEndpoint {
		return len(queued) > 0, err
	}
	cursors, err := r.s.app.Store.Cursors(ctx, app.Subscriber(r.id))
	if err != nil {
		return false, err
	}
	for shard, head := range heads {
		if cursors[shard] < head {
			return true, nil
		}
	}
	return false, nil
}

// claim takes the endpoint, or confirms that it is this server's, as it was read.
func (r *run) claim(ctx context.Context) error {
	now := r.s.o.Clock() // before, so that others wait longer than it is relied on
	claimed, err := r.s.app.Store.ClaimEndpoint(ctx, &r.e, r.s.name)
	if err == nil && !claimed {
		err = store.ErrLeaseLost
	}
	if err != nil {
		return err
	}
	r.e.Owner, r.e.Beat, r.held = r.s.name, r.e.Beat+1, now
	return nil
}

// confirm makes sure, before requests, that nobody else sends while they last.
func (r *run) confirm(ctx context.Context) error {
	if r.confirmed() {
		return nil
	}
	return r.claim(ctx)
}

func (r *run) confirmed() bool { return r.s.o.Clock().Sub(r.held) < confirmAfter }

// lost forgets what was known where another server has the endpoint by now, which is no
// error.
func (r *run) lost(err error) error {
	if err != nil {
		r.lanes, r.held = nil, time.Time{}
	}
	if errors.Is(err, store.ErrLeaseLost) {
		return nil
	}
	return err
}

// judge works out how the endpoint answers, from a round of requests.
func (r *run) judge(w *wave) {
	now := r.s.now()
	switch {
	case w.gone:
		r.e.State, r.e.Reason = store.EndpointDisabled, app.ReasonGone
	case w.taken > 0:
		if r.e.Failures > 0 {
			r.recovered = now
		}
		r.e.Failures, r.e.FailingSince, r.e.RetryAt, r.e.LastSuccess = 0, calendar.None, calendar.None, now
	case w.failed == 0:
		return
	default:
		r.e.Failures++
		if r.e.FailingSince == calendar.None {
			r.e.FailingSince = now
		}
		r.e.RetryAt = now + max(backOff(r.id, r.e.Failures, 2, longestProbe), w.after)
		if now-r.e.FailingSince >= micros(r.s.o.DisableAfter) {
			r.e.State, r.e.Reason = store.EndpointDisabled, app.ReasonSilent+r.e.FailingSince.String()
		}
	}
	if w.said != "" {
		r.e.LastError = w.said
	}
	if r.e.State == store.EndpointDisabled {
		r.s.o.Logger.Warn("a webhook endpoint is disabled", "endpoint", r.id, "reason", r.e.Reason)
	}
}

// tell keeps what became of the messages and how far the lanes are.
func (r *run) tell(ctx context.Context, w *wave) error {
	var rows []store.Delivery
	for _, q := range w.queues {
		for _, m := range q {
			if m.tried {
				m.tried = false
				rows = append(rows, m.row)
			}
		}
	}
	for _, l := range r.lanes {
		l.drop()
	}
	return r.note(ctx, rows)
}

// note writes what was not written yet.
func (r *run) note(ctx context.Context, rows []store.Delivery) error {
	var cursors []store.Cursor
	for _, l := range r.lanes {
		if at := l.reached(); at > l.noted && l.shard != queueOf {
			cursors = append(cursors, store.Cursor{Subscriber: app.Subscriber(r.id), Shard: l.shard, Seq: at})
		}
	}
	if len(rows) == 0 && len(cursors) == 0 {
		return nil
	}
	// What was sent is noted even where the server is just asked to stop.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), outbound.Timeout)
	defer cancel()
	now := r.s.o.Clock()
	if err := r.s.app.Store.TellDeliveries(ctx, &r.e, rows, cursors); err != nil {
		return err
	}
	r.e.Beat++
	r.held = now
	for _, l := range r.lanes {
		l.noted = l.reached()
	}
	return nil
}
