package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"premia/internal/store"
)

// The paths of the API that are measured.
const (
	pathEvents = "/v1/events"
	pathBatch  = "/v1/events/batch"
	pathQuotes = "/v1/quotes"
)

// program is what the measured servers run: a rule for every purchase, a bonus
// and a campaign with a condition and a budget.
const program = `
program: Bench
currency: PLN
timezone: Europe/Warsaw
languages: [en]
enrolment: {unknown: enrol}
wallets:
  points: {name: {en: points}, pending: 14d, expires: {after: 12mo, at: end of month}}
earn:
  - {id: spend, give: {points: 1, per: 1.00}}
  - {id: big, when: event.total >= 500.00, give: {points: 50}}
campaigns:
  - {id: app, when: event.channel == "app", multiply: {points: 2}}
`

// members is how many members the measured purchases are spread over.
const members = 10_000

// appendPurchase writes a purchase of two items.
func appendPurchase(dst []byte, id string, n int) []byte {
	dst = append(dst, `{"id":"`...)
	dst = append(dst, id...)
	dst = strconv.AppendInt(dst, int64(n), 10)
	dst = append(dst, `","type":"purchase","member":"card:`...)
	dst = strconv.AppendInt(dst, 2_900_000_000_000+int64(n*7919%members), 10)
	dst = append(dst, `","order":"`...)
	dst = append(dst, id...)
	dst = append(dst, 'O')
	dst = strconv.AppendInt(dst, int64(n), 10)
	dst = append(dst, `","channel":"till","store":"warszawa-1","total":"37.00","items":[`...)
	dst = append(dst, `{"sku":"ESP-1","category":"coffee","quantity":"2","unit_price":"12.00"},`...)
	return append(dst, `{"sku":"CAKE-7","category":"cake","quantity":"1","unit_price":"13.00"}]}`...)
}

// enrolAll lets every member buy once, in batches, so that what follows meets
// known members.
func (s *server) enrolAll() error {
	_, err := closedLoop(s.address, s.key, "POST", pathBatch, 4, members/500, func(n int, dst []byte) []byte {
		return appendBatch(dst, "first", n, 500)
	})
	if err != nil {
		return fmt.Errorf("enrol: %w", err)
	}
	return nil
}

func appendBatch(dst []byte, id string, n, size int) []byte {
	dst = append(dst, `{"events":[`...)
	for i := range size {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendPurchase(dst, id, n*size+i)
	}
	return append(dst, `]}`...)
}

// serving runs do with a server of the program whose members have all bought
// before.
func (b *bench) serving(ctx context.Context, database, program string, do func(*workspace, *server) error) error {
	ws, err := b.prepare(ctx, database, program)
	if err != nil {
		return err
	}
	s, err := b.start(ctx, ws)
	if err != nil {
		return err
	}
	defer s.stop()
	if err := s.enrolAll(); err != nil {
		return err
	}
	return do(ws, s)
}

// meanBatch gives the average batch since the figures given.
func (s *server) meanBatch(events, batches float64) (int, error) {
	e, err := s.metric("premia_journal_batch_events_sum")
	if err != nil {
		return 0, err
	}
	n, err := s.metric("premia_journal_batch_events_count")
	if err != nil {
		return 0, err
	}
	return max(int((e-events)/max(n-batches, 1)), 1), nil
}

// shapeOf reads what the measured purchases wrote.
func (b *bench) shapeOf(ctx context.Context, ws *workspace, database string, batch int) (shape, error) {
	db, err := store.Open(ctx, ws.url, store.Options{ReadOnly: true})
	if err != nil {
		return shape{}, err
	}
	defer db.Close()
	s := shape{keys: 2, batch: batch, writers: 1, members: members}
	if database == "postgres" {
		s.writers = 2
	}
	counts, err := db.Counts(ctx)
	if err != nil {
		return shape{}, err
	}
	head, err := db.Head(ctx, db.Shards()[0])
	if err != nil {
		return shape{}, err
	}
	entries, err := db.Scan(ctx, db.Shards()[0], head.Seq-1, 1, 0)
	if err != nil || len(entries) == 0 {
		return shape{}, fmt.Errorf("read an entry: %w", err)
	}
	row, err := db.Member(ctx, entries[0].Member)
	if err != nil {
		return shape{}, err
	}
	s.event, s.decision, s.state = len(entries[0].Event), len(entries[0].Decision), len(row.State)
	s.postings = int((counts.Postings + counts.Entries/2) / counts.Entries)
	return s, nil
}

// rawRate measures the baseline for a shape.
func (b *bench) rawRate(ctx context.Context, database string, s shape, events int) (float64, error) {
	url, err := b.fresh(ctx, database)
	if err != nil {
		return 0, err
	}
	return raw(ctx, url, s, events)
}

// rowEvents: purchases one by one over 64 connections, as fast as they go, then
// at half of that rate for the latencies; memory, and space on disk.
func rowEvents(ctx context.Context, b *bench, database string) error {
	return b.serving(ctx, database, program, func(ws *workspace, s *server) error {
		rest, _, err := s.memory()
		if err != nil {
			return err
		}
		events, _ := s.metric("premia_journal_batch_events_sum")
		batches, _ := s.metric("premia_journal_batch_events_count")
		peak, err := closedLoop(s.address, s.key, "POST", pathEvents, 64, b.events, func(n int, dst []byte) []byte {
			return appendPurchase(dst, "e", n)
		})
		if err != nil {
			return err
		}
		batch, err := s.meanBatch(events, batches)
		if err != nil {
			return err
		}
		half, err := paced(s.address, s.key, "POST", pathEvents, 64, b.events/4, peak.rate()/2, func(n int, dst []byte) []byte {
			return appendPurchase(dst, "h", n)
		})
		if err != nil {
			return err
		}
		_, highest, err := s.memory()
		if err != nil {
			return err
		}
		sh, err := b.shapeOf(ctx, ws, database, batch)
		if err != nil {
			return err
		}
		s.stop()
		baseline, err := b.rawRate(ctx, database, sh, b.events)
		if err != nil {
			return err
		}
		print("purchases one by one, 64 connections, "+database, perSecond(peak.rate()), perSecond(baseline), peak.rate()/baseline)
		print(fmt.Sprintf("  events of one transaction, %s", database), strconv.Itoa(batch), "", 0)
		print("  at half of that rate: p50, "+database, millis(half.percentile(0.50)), "", 0)
		print("  at half of that rate: p99, "+database, millis(half.percentile(0.99)), "", 0)
		print("  memory after 10,000 purchases, "+database, mebibytes(rest), "", 0)
		print("  memory at its highest, "+database, mebibytes(highest), "", 0)
		return b.printSpace(ctx, ws, database)
	})
}

func mebibytes(n int64) string { return fmt.Sprintf("%.0f MiB", float64(n)/(1<<20)) }

// printSpace prints what a purchase of two items takes on disk.
func (b *bench) printSpace(ctx context.Context, ws *workspace, database string) error {
	db, err := store.Open(ctx, ws.url, store.Options{})
	if err != nil {
		return err
	}
	defer db.Close()
	counts, err := db.Counts(ctx)
	if err != nil {
		return err
	}
	total := int64(0)
	if path, isFile := strings.CutPrefix(ws.url, "sqlite:"); isFile {
		info, err := os.Stat(path)
		if err != nil {
			return err
		}
		total = info.Size()
	} else {
		sizes, err := db.Sizes(ctx)
		if err != nil {
			return err
		}
		for _, size := range sizes {
			total += size.Bytes
		}
	}
	// Enrolments have entries, too; a purchase binds two keys, an enrolment one.
	purchases := counts.Entries - counts.Members
	print("  space of a purchase of two items, "+database, fmt.Sprintf("%d B", total/purchases), "", 0)
	return nil
}

// rowBatches: purchases in batches of 500.
func rowBatches(ctx context.Context, b *bench, database string) error {
	return b.serving(ctx, database, program, func(ws *workspace, s *server) error {
		events, _ := s.metric("premia_journal_batch_events_sum")
		batches, _ := s.metric("premia_journal_batch_events_count")
		run, err := closedLoop(s.address, s.key, "POST", pathBatch, 4, b.events/500, func(n int, dst []byte) []byte {
			return appendBatch(dst, "b", n, 500)
		})
		if err != nil {
			return err
		}
		rate := run.rate() * 500
		batch, err := s.meanBatch(events, batches)
		if err != nil {
			return err
		}
		sh, err := b.shapeOf(ctx, ws, database, batch)
		if err != nil {
			return err
		}
		s.stop()
		baseline, err := b.rawRate(ctx, database, sh, b.events)
		if err != nil {
			return err
		}
		print("purchases in batches of 500, "+database, perSecond(rate), perSecond(baseline), rate/baseline)
		print(fmt.Sprintf("  events of one transaction, %s", database), strconv.Itoa(batch), "", 0)
		return nil
	})
}

// rowQuotes: quotes of a basket of ten items at 1,000 a second.
func rowQuotes(ctx context.Context, b *bench, database string) error {
	return b.serving(ctx, database, program, func(_ *workspace, s *server) error {
		const rate = 1_000
		run, err := paced(s.address, s.key, "POST", pathQuotes, 16, 10_000, rate, appendQuote)
		if err != nil {
			return err
		}
		print("quotes of ten items at 1,000/s: p50, "+database, millis(run.percentile(0.50)), "", 0)
		print("quotes of ten items at 1,000/s: p99, "+database, millis(run.percentile(0.99)), "", 0)
		return nil
	})
}

func appendQuote(n int, dst []byte) []byte {
	dst = append(dst, `{"type":"purchase","member":"card:`...)
	dst = strconv.AppendInt(dst, 2_900_000_000_000+int64(n*7919%members), 10)
	dst = append(dst, `","channel":"app","items":[`...)
	for i := range 10 {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, `{"sku":"SKU-`...)
		dst = strconv.AppendInt(dst, int64(i), 10)
		dst = append(dst, `","category":"cake","quantity":"1","unit_price":"9.99"}`...)
	}
	return append(dst, `]}`...)
}

// rowStart: from the start of the process to its first answer, with many
// members in the database.
func rowStart(ctx context.Context, b *bench, database string) error {
	ws, err := b.prepare(ctx, database, program)
	if err != nil {
		return err
	}
	n := 1_000_000
	if err := seedMembers(ctx, ws.url, n); err != nil {
		return err
	}
	s, err := b.start(ctx, ws)
	if err != nil {
		return err
	}
	s.stop()
	began := time.Now()
	if s, err = b.start(ctx, ws); err != nil {
		return err
	}
	took := time.Since(began)
	rest, _, err := s.memory()
	s.stop()
	if err != nil {
		return err
	}
	print("start to first answer with a million members, "+database, millis(took), "", 0)
	print("  memory at rest, "+database, mebibytes(rest), "", 0)
	return nil
}
