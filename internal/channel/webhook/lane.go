package webhook

import (
	"context"
	"errors"

	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/store"
)

// The bounds of a lane: how many messages wait in memory, how far the journal is read
// ahead of a message that is not taken, and how many entries are read at once.
const (
	mostPending = 256
	mostAhead   = 20_000
	pageSize    = 200
)

// queueOf is the place among the lanes of what is sent from the log.
const queueOf = store.Shard(-1)

// lane is the messages of one shard for an endpoint.
type lane struct {
	shard store.Shard
	// read is up to where the journal was read; noted is the cursor that was written.
	read, noted int64
	// pending are the messages that were read and not taken, in the journal's order.
	pending []*message
	// known is what the log says of messages behind the cursor.
	known map[number]store.Delivery
}

type number struct{ seq, n int64 }

// message is one that is to be sent.
type message struct {
	app.Outgoing
	row store.Delivery
	// own tells that it is in nobody's order.
	own bool
	// tried tells that the row was not written since an attempt; ended that there will
	// be no more.
	tried, ended bool
}

// reached gives up to where everything was taken.
func (l *lane) reached() int64 {
	if len(l.pending) > 0 {
		return l.pending[0].row.Seq - 1
	}
	return l.read
}

// drop forgets messages that need no more attempts.
func (l *lane) drop() {
	kept := l.pending[:0]
	for _, m := range l.pending {
		if !m.ended {
			kept = append(kept, m)
		}
	}
	clear(l.pending[len(kept):])
	l.pending = kept
}

// load begins anew from what the database knows.
func (r *run) load(ctx context.Context) error {
	r.lanes = nil
	if r.e.Kind != store.WebhookEndpoint {
		r.lanes = []*lane{{shard: queueOf}}
		return nil
	}
	cursors, err := r.s.app.Store.Cursors(ctx, app.Subscriber(r.id))
	if err != nil {
		return err
	}
	lanes := []*lane{{shard: queueOf}}
	for _, shard := range r.s.app.Store.Shards() {
		l := &lane{shard: shard, read: cursors[shard], noted: cursors[shard], known: make(map[number]store.Delivery)}
		rows, err := r.s.app.Store.DeliveriesAhead(ctx, r.id, store.Position{Shard: shard, Seq: l.read})
		if err != nil {
			return err
		}
		for _, d := range rows {
			if r.e.Replayed == calendar.None || d.Last >= r.e.Replayed {
				l.known[number{d.Seq, d.N}] = d
			}
		}
		lanes = append(lanes, l)
	}
	r.lanes = lanes
	return nil
}

// fill reads what the lanes have room for.
func (r *run) fill(ctx context.Context, heads map[store.Shard]int64) error {
	for _, l := range r.lanes {
		var err error
		if l.shard == queueOf {
			err = r.fillQueue(ctx, l)
		} else {
			err = r.fillLane(ctx, l, heads[l.shard])
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// fillLane reads the journal up to its head.
func (r *run) fillLane(ctx context.Context, l *lane, head int64) error {
	for l.read < head && len(l.pending) < mostPending && l.read-l.reached() < mostAhead {
		page, err := r.s.app.Store.Scan(ctx, l.shard, l.read, pageSize, 0)
		if err != nil {
			return err
		}
		for i := range page {
			if err := r.take(l, &page[i]); err != nil {
				return err
			}
		}
		if len(page) < pageSize {
			l.read = max(l.read, head)
		}
	}
	if l.read >= head && len(l.known) > 0 && len(l.pending) == 0 {
		clear(l.known)
	}
	return nil
}

// take adds an entry's messages that were not taken before.
func (r *run) take(l *lane, entry *store.Entry) error {
	all, err := r.s.app.WebhookMessages(entry, typesOf(&r.e))
	if err != nil {
		return err
	}
	for _, one := range all {
		d, known := l.known[number{entry.Seq, one.No}]
		if known && (d.State == store.DeliveryDone || d.State == store.DeliveryGivenUp || d.Queued) {
			continue
		}
		if !known {
			d = store.Delivery{Endpoint: r.id, Position: entry.Position, N: one.No, Message: one.ID, Type: one.Type, Member: one.Member, State: store.DeliveryWaiting, Created: calendar.None, Next: calendar.None}
		}
		l.pending = append(l.pending, &message{Outgoing: one, row: d, own: one.Member == 0})
	}
	l.read = entry.Seq
	return nil
}

// fillQueue reads what waits in the log; its rows are read anew each time, since people
// add to them.
func (r *run) fillQueue(ctx context.Context, l *lane) error {
	rows, err := r.s.app.Store.Queued(ctx, r.id, mostPending)
	if err != nil {
		return err
	}
	l.pending = l.pending[:0]
	for i := range rows {
		m := &message{row: rows[i], own: r.e.Kind == store.WebhookEndpoint}
		if r.e.Kind == store.PostbackEndpoint {
			m.Outgoing, err = r.s.app.PostbackOf(ctx, &r.e, &rows[i])
		} else {
			m.Outgoing, err = r.s.app.WebhookMessageOf(ctx, &rows[i])
		}
		switch {
		case errors.Is(err, store.ErrNotFound):
			m.Outgoing = app.Outgoing{} // nothing to tell any more
		case err != nil:
			return err
		}
		l.pending = append(l.pending, m)
	}
	return nil
}
