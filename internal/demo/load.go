package demo

import (
	"context"
	"fmt"
	"iter"

	"premia/internal/core/event"
	"premia/internal/journal"
)

// Loaded is what loading a year came to.
type Loaded struct {
	// Events are all that were sent, Repeated those that were known before.
	Events, Repeated int
}

// underWay is how many events wait for their answers at most while a year is
// loaded: enough to fill the writer's batches.
const underWay = 2048

// Load takes a year into the journal, in its order, and carries what members send
// one another. The journal must decide in the order of arrival, which it does
// with one writer. Progress, if not nil, hears how many events are durable.
// Loading again, also after an interruption, adds only what is missing.
func Load(ctx context.Context, j *journal.Journal, year iter.Seq[Happening], progress func(done int)) (Loaded, error) {
	l := loader{journal: j, progress: progress}
	for h := range year {
		if err := l.send(ctx, h); err != nil {
			return l.loaded, err
		}
	}
	if err := l.await(ctx, 0); err != nil {
		return l.loaded, err
	}
	return l.loaded, l.deliver(ctx)
}

// loader sends events ahead of their answers.
type loader struct {
	journal  *journal.Journal
	progress func(done int)
	loaded   Loaded
	waiting  []sent
}

type sent struct {
	id     string
	ticket *journal.Ticket
}

func (l *loader) send(ctx context.Context, h Happening) error {
	// What refers to another event or member must find it in the journal.
	most := underWay
	if h.Event.Type == event.Claim || h.Event.Type == event.Merge {
		most = 0
	}
	if err := l.await(ctx, most); err != nil {
		return err
	}
	r := h.Request
	if h.Into != (journal.Identity{}) {
		into, err := l.journal.Find(ctx, h.Into)
		if err != nil {
			return fmt.Errorf("the demo's event %s: %w", r.Event.ID, err)
		}
		merge := *r.Event
		merge.Data = []event.Datum{{Name: "into", Kind: event.Whole, Whole: int64(into)}}
		r.Event = &merge
	}
	ticket, err := l.journal.Submit(ctx, r)
	if err != nil {
		return fmt.Errorf("the demo's event %s: %w", r.Event.ID, err)
	}
	l.waiting = append(l.waiting, sent{r.Event.ID, ticket})
	return nil
}

// await waits until at most so many events are under way.
func (l *loader) await(ctx context.Context, most int) error {
	for len(l.waiting) > most {
		first := l.waiting[0]
		l.waiting = l.waiting[1:]
		answer, err := first.ticket.Wait(ctx)
		if err != nil {
			return fmt.Errorf("the demo's event %s: %w", first.id, err)
		}
		l.loaded.Events++
		if answer.Repeated {
			l.loaded.Repeated++
		}
		if l.progress != nil {
			l.progress(l.loaded.Events)
		}
	}
	return nil
}

// deliver carries follow-up events until none is left.
func (l *loader) deliver(ctx context.Context) error {
	for {
		n, err := l.journal.Deliver(ctx, journal.FollowUps{Journal: l.journal})
		if err != nil {
			return fmt.Errorf("carry value between the demo's members: %w", err)
		}
		if n == 0 {
			return nil
		}
	}
}
