package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/journal"
	"premia/internal/store"
)

// rows lists what is measured.
func rows() []row {
	return []row{
		{name: "events", run: rowEvents},
		{name: "batches", run: rowBatches},
		{name: "quotes", run: rowQuotes},
		{name: "redemptions", run: rowRedemptions},
		{name: "checkouts", run: rowCheckouts},
		{name: "rich", run: rowRich},
		{name: "sweeper", run: rowSweeper},
		{name: "live while sweeping", run: rowSweepLive},
		{name: "start", run: rowStart},
		{name: "growth", run: rowGrowth},
		{name: "members", run: rowMembers},
	}
}

// numbered gives the number of the n-th of the members that seedMembers makes.
func numbered(n int) ledger.MemberID {
	return ledger.MemberID(uint64(n)*0x9E37_79B9_7F4A_7C15%(1<<62)) + 1
}

// seedMembers writes n members with one open lot each, without events.
func seedMembers(ctx context.Context, url string, n int) error {
	db, err := store.Open(ctx, url, store.Options{Migrate: true})
	if err != nil {
		return err
	}
	defer db.Close()
	now := calendar.Of(time.Now())
	for at := 0; at < n; at += 5_000 {
		w := store.Writes{}
		for i := at; i < min(at+5_000, n); i++ {
			state := ledger.State{
				Status: ledger.Active, EnrolledAt: now, Purchases: 1, Spend: 3700, LastLot: 1,
				Wallets: []ledger.Wallet{{Name: 1, Issued: 37, Lots: []ledger.Lot{{
					No: 1, Rule: 2, Remaining: 37, EarnedAt: now, ActivatesAt: now, ExpiresAt: now + 365*calendar.Day,
				}}}},
			}
			w.NewMembers = append(w.NewMembers, store.Member{
				ID: numbered(i), Status: uint8(ledger.Active), EnrolledAt: now, DueAt: state.Due(), State: state.Append(nil),
			})
		}
		err := db.Batch(ctx, db.Shards(), func(tx *store.Batch) error { return tx.Write(ctx, &w) })
		if err != nil {
			return fmt.Errorf("seed members: %w", err)
		}
	}
	return db.Analyze(ctx)
}

// dueMembers makes members whose points mature at one moment, and a journal
// whose clock can be put to it.
func (b *bench) dueMembers(ctx context.Context, database string, due int, do func(j *journal.Journal, pass func(time.Duration)) error) error {
	url, err := b.fresh(ctx, database)
	if err != nil {
		return err
	}
	db, err := store.Open(ctx, url, store.Options{Migrate: true})
	if err != nil {
		return err
	}
	defer db.Close()
	var passed atomic.Int64
	clock := func() time.Time { return time.Now().Add(time.Duration(passed.Load())) }
	j, err := journal.Open(ctx, db, journal.Options{Clock: clock})
	if err != nil {
		return err
	}
	defer j.Close()
	if _, err := j.Publish(ctx, []byte(program), calendar.None, ""); err != nil {
		return err
	}
	window := newWindow(2048)
	for n := range due {
		if err := window.add(ctx, j, purchaseOf("e", n), journal.Identity{Kind: "card", Value: strconv.Itoa(n)}); err != nil {
			return err
		}
	}
	if err := window.wait(ctx); err != nil {
		return err
	}
	return do(j, func(d time.Duration) { passed.Add(int64(d)) })
}

func purchaseOf(id string, n int) *event.Event {
	return &event.Event{ID: id + strconv.Itoa(n), Type: event.Purchase, Currency: "PLN", Total: 3700, Given: event.GivenTotal}
}

// window keeps a bounded number of requests on their way.
type window struct{ tickets []*journal.Ticket }

func newWindow(n int) *window { return &window{make([]*journal.Ticket, 0, n)} }

func (w *window) add(ctx context.Context, j *journal.Journal, e *event.Event, id journal.Identity) error {
	return w.submit(ctx, j, journal.Request{Event: e, Identity: id, Unknown: engine.EnrolUnknown})
}

func (w *window) submit(ctx context.Context, j *journal.Journal, r journal.Request) error {
	t, err := j.Submit(ctx, r)
	if err != nil {
		return err
	}
	if w.tickets = append(w.tickets, t); len(w.tickets) < cap(w.tickets) {
		return nil
	}
	return w.wait(ctx)
}

func (w *window) wait(ctx context.Context) error {
	for _, t := range w.tickets {
		if _, err := t.Wait(ctx); err != nil {
			return err
		}
	}
	w.tickets = w.tickets[:0]
	return nil
}

// rowSweeper: members whose points mature at one moment, settled by the
// sweeper while nothing else happens.
func rowSweeper(ctx context.Context, b *bench, database string) error {
	const due = 50_000
	return b.dueMembers(ctx, database, due, func(j *journal.Journal, pass func(time.Duration)) error {
		pass(15 * 24 * time.Hour)
		began := time.Now()
		n, err := j.Sweep(ctx)
		if err != nil {
			return err
		}
		rate := float64(n) / time.Since(began).Seconds()
		baseline, err := b.rawRate(ctx, database, shape{decision: 30, state: 60, postings: 1, batch: 512, writers: writersOf(database), members: due}, due)
		if err != nil {
			return err
		}
		print("members settled by the sweeper, "+database, perSecond(rate), perSecond(baseline), rate/baseline)
		return nil
	})
}

// rowSweepLive: how long live purchases take, 500 a second, while the sweeper
// settles everybody.
func rowSweepLive(ctx context.Context, b *bench, database string) error {
	const due, rate, total = 50_000, 500, 2_000
	return b.dueMembers(ctx, database, due, func(j *journal.Journal, pass func(time.Duration)) error {
		pass(15 * 24 * time.Hour)
		sweep, stop := context.WithCancel(ctx)
		swept := make(chan int, 1)
		go func() {
			n, _ := j.Sweep(sweep)
			swept <- n
		}()
		latencies := make([]time.Duration, total)
		var running sync.WaitGroup
		var failure atomic.Pointer[error]
		began := time.Now()
		for n := range total {
			at := began.Add(time.Duration(n) * time.Second / rate)
			time.Sleep(time.Until(at))
			running.Go(func() {
				_, err := j.Append(ctx, journal.Request{Event: purchaseOf("l", n), Identity: journal.Identity{Kind: "card", Value: strconv.Itoa(n)}, Unknown: engine.EnrolUnknown})
				if err != nil {
					failure.Store(&err)
				}
				latencies[n] = time.Since(at)
			})
		}
		running.Wait()
		stop()
		n := <-swept
		if err := failure.Load(); err != nil {
			return *err
		}
		slices.Sort(latencies)
		print("live purchases at 500/s while sweeping: p99, "+database, millis(latencies[total*99/100]), "", 0)
		print(fmt.Sprintf("  members settled meanwhile, of %d, %s", due, database), strconv.Itoa(n), "", 0)
		return nil
	})
}

func writersOf(database string) int {
	if database == "postgres" {
		return 2
	}
	return 1
}

// rowGrowth: batches of purchases with more and more members in the database,
// each against the baseline with as many; ten million of them in the long mode.
func rowGrowth(ctx context.Context, b *bench, database string) error {
	sizes := []int{10_000, 100_000, 1_000_000}
	if b.long {
		sizes = append(sizes, 10_000_000)
	}
	for _, n := range sizes {
		url, err := b.fresh(ctx, database)
		if err != nil {
			return err
		}
		rate, err := b.grown(ctx, url, n)
		if err != nil {
			return err
		}
		sh := shape{event: 330, decision: 60, state: 120, postings: 1, keys: 2, batch: 512, writers: writersOf(database), members: n}
		baseline, err := b.rawRate(ctx, database, sh, b.events)
		if err != nil {
			return err
		}
		print(fmt.Sprintf("purchases among %d members, %s", n, database), perSecond(rate), perSecond(baseline), rate/baseline)
	}
	return nil
}

// grown measures purchases of random ones of n members, by the journal alone.
func (b *bench) grown(ctx context.Context, url string, n int) (float64, error) {
	if err := seedMembers(ctx, url, n); err != nil {
		return 0, err
	}
	db, err := store.Open(ctx, url, store.Options{})
	if err != nil {
		return 0, err
	}
	defer db.Close()
	j, err := journal.Open(ctx, db, journal.Options{})
	if err != nil {
		return 0, err
	}
	defer j.Close()
	if _, err := j.Publish(ctx, []byte(program), calendar.None, ""); err != nil {
		return 0, err
	}
	began := time.Now()
	on := newWindow(2048)
	for i := range b.events {
		e, err := event.Decode(appendPurchase(nil, "g", i), event.Scales{Currency: 2})
		if err != nil {
			return 0, err
		}
		if err := e.Check("PLN", 2); err != nil {
			return 0, err
		}
		if err := on.submit(ctx, j, journal.Request{Event: e, Member: numbered(i * 7919 % n)}); err != nil {
			return 0, err
		}
	}
	err = on.wait(ctx)
	return float64(b.events) / time.Since(began).Seconds(), err
}
