package reliability_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/contest"
	"premia/internal/journal"
	"premia/internal/store"
	"premia/internal/testkit/postgres"
)

// winnersDrawn is how many prizes the contest has, of ten points each, and entrants how
// many members take part.
const (
	winnersDrawn = 300
	entrants     = 400
)

// TestServersAreKilledWhileTheyDraw kills servers in the middle of a draw, again and
// again: the draw goes on by itself, and in the end each prize is given once and anybody
// can draw again.
func TestServersAreKilledWhileTheyDraw(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		servers int
		url     func(testing.TB) string
	}{{"sqlite", 1, sqliteURL}, {"postgres", 2, postgres.New}} {
		t.Run(c.name, func(t *testing.T) {
			ws := &workspace{url: c.url(t)}
			ws.enter(t)
			for !ws.killed(t, c.servers) {
				// On a busy machine a draw may end between two looks at it: then it was not cut
				// off, and another one is.
				ws = &workspace{url: c.url(t)}
				ws.enter(t)
			}
			last := startServer(t, ws.url, "--sweep-every", "20ms")
			eventually(t, "all winners are told", func() bool { return ws.told(t) >= winnersDrawn })
			if err := last.stop(); err != nil {
				t.Error(err)
			}
			ws.drawn(t)
			ws.verify(t)
		})
	}
}

// killed lets so many servers draw, and kills them as soon as the draw goes on, a few times.
// It tells whether they were killed in the middle of the draw.
func (w *workspace) killed(t *testing.T, servers int) (inTheMiddle bool) {
	t.Helper()
	for range 4 {
		var drawing []*server
		for range servers {
			drawing = append(drawing, startServer(t, w.url, "--sweep-every", "20ms"))
		}
		before := w.told(t)
		eventually(t, "the draw goes on", func() bool { return w.told(t) > before || before == winnersDrawn })
		for _, s := range drawing {
			s.kill()
		}
		told := w.told(t)
		if told == winnersDrawn {
			break
		}
		inTheMiddle = inTheMiddle || told > before
	}
	return inTheMiddle
}

// enter lets members take part in a contest that was to be drawn a day ago.
func (w *workspace) enter(t *testing.T) {
	t.Helper()
	now := time.Now()
	day := func(ago int) string { return now.AddDate(0, 0, -ago).Format(time.DateOnly) }
	program := fmt.Sprintf(`
program: Draws
currency: PLN
timezone: Europe/Warsaw
languages: [en]
enrolment: {unknown: enrol}
wallets: {points: {name: points}}
contests: [{id: spring, until: %s, draw: %s, prizes: [{id: one, winners: %d, give: {points: 10}}]}]
`, day(5), day(1), winnersDrawn)
	a, err := app.Open(t.Context(), app.Config{DB: w.url, Migrate: true, Clock: func() time.Time { return now.AddDate(0, 0, -10) }})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	if _, err := a.Publish(t.Context(), []byte(program), calendar.None, ""); err != nil {
		t.Fatal(err)
	}
	var waiting []*journal.Ticket
	for n := range entrants {
		card := fmt.Sprint("card-", n)
		e := &event.Event{ID: card, Type: event.Purchase, Order: card, Currency: "PLN", Total: 10_00, Given: event.GivenTotal}
		ticket, err := a.Journal.Submit(t.Context(), journal.Request{Event: e, Identity: journal.Identity{Kind: "card", Value: card}, Unknown: engine.EnrolUnknown})
		if err != nil {
			t.Fatal(err)
		}
		waiting = append(waiting, ticket)
	}
	for _, ticket := range waiting {
		if _, err := ticket.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// told counts the winners who were told so far: each was given ten points.
func (w *workspace) told(t *testing.T) int64 {
	t.Helper()
	s, err := store.Open(context.Background(), w.url, store.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	sum := int64(0)
	for _, shard := range s.Shards() {
		if err := s.EachMember(t.Context(), shard, func(m store.Member) error {
			state := ledger.State{}
			err := ledger.DecodeState(m.State, &state)
			for i := range state.Wallets {
				sum += state.Wallets[i].Balance().Available
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	return sum / 10
}

// drawn checks what is published of the contest in the end.
func (w *workspace) drawn(t *testing.T) {
	t.Helper()
	a := w.open(t, nil)
	p, err := a.Contest(t.Context(), "spring")
	if err != nil {
		t.Fatal(err)
	}
	if err := contest.Check(p); err != nil || p.State != contest.Finished || p.Entries != entrants || len(p.Winners) != winnersDrawn {
		t.Errorf("%s with %d entries and %d winners (%v)", p.State, p.Entries, len(p.Winners), err)
	}
	if told := w.told(t); told != winnersDrawn {
		t.Errorf("%d prizes were given, want %d", told, winnersDrawn)
	}
}
