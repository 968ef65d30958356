// Package simulate decides a history in memory, with the very engine that
// decides live events, and reports what the program would have come to. Nothing
// is written.
//
// What always holds: the report is the same as of a plain simulation that
// decides one event after the other in the history's order, whatever the number
// of goroutines, and the same as of an import of the history.
//
// # Budgets
//
// Members are independent of one another but for the budgets that span them. So
// all members are first decided in parallel as if budgets were without end, and
// it is counted what each budget was asked for. Where that is at most the
// budget's cap, the budget never binds: at each event, what was taken before and
// what is wanted now are together at most all that is ever asked for. Where it
// is more, the members who ever asked for it are decided again, together, in the
// history's order and under the limit. Being cut may lead them to ask more of
// another budget; if that one is exceeded now, its members join, and so on. There
// are at most as many rounds as budgets.
//
// This is exact. Consider the plain simulation event by event, and suppose that
// all decisions before an event were the same. The event's member was decided
// either together with everybody who ever asks for the exceeded budgets, in
// order, so that these have the same left; or it never asks for them, so that it
// can not matter what is left. A budget that is not exceeded by all that is asked
// for in the end is not exceeded by what was asked for until now. So this
// decision is the same, too.
package simulate

import (
	"context"
	"maps"
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/ledger"
	"premia/internal/insight/report"
)

// Options say how to simulate.
type Options struct {
	// AsOf is the moment of the report, up to which time passes for all members;
	// calendar.None stands for the latest event's.
	AsOf calendar.Instant
	// Workers is the number of goroutines; 0 is one for each processor.
	Workers int
}

// Result is what a simulation came to.
type Result struct {
	Report *report.Report
	// RefusedEvents are events of people who are no members and whom the program
	// does not enrol.
	RefusedEvents int64
	// UnknownBuyers are the people who are named by events and are no members in
	// the end, because nothing of theirs enrolled them.
	UnknownBuyers int64
	// Together is how many groups of members were decided in the history's order
	// because a budget ran out.
	Together int
}

// Under is the rules of one program, in force from the beginning.
func Under(p *engine.Program) *engine.Timeline {
	return engine.NewTimeline(engine.Live{From: calendar.Beginning, Program: p})
}

// Run decides the history under the rules, which must cover all of it. The error
// is the context's, or that of a sum beyond what money counts.
func Run(ctx context.Context, rules *engine.Timeline, h *History, o Options) (*Result, error) {
	if o.AsOf == calendar.None {
		o.AsOf = h.last
	}
	if o.Workers == 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	r := &run{h: h, rules: rules, options: o, boards: boardsOf(rules)}
	if err := r.all(ctx); err != nil {
		return nil, err
	}
	out, err := r.builder.Report()
	if err != nil {
		return nil, err
	}
	return &Result{
		Report: out, RefusedEvents: r.tally.refused, UnknownBuyers: r.tally.unenrolled, Together: len(r.joined),
	}, nil
}

// once decides the history with the prizes that are known.
func (r *run) once(ctx context.Context) error {
	if err := r.alone(ctx, nil); err != nil {
		return err
	}
	for r.overrun() {
		if err := r.together(ctx); err != nil {
			return err
		}
	}
	if r.bound != nil {
		// The others' report is made anew, without those who were decided together.
		if err := r.alone(ctx, r.joined); err != nil {
			return err
		}
		r.builder.Merge(r.bound.builder)
		r.tally.add(r.bound.tally)
		maps.Copy(r.scores, r.bound.scores)
	}
	return nil
}

// run is one simulation under way.
type run struct {
	h       *History
	rules   *engine.Timeline
	options Options

	builder *report.Builder
	tally   tally
	// asks is what each group that asks for budgets at all asked for, when it was
	// last decided.
	asks map[int32]map[ledger.Quota]ask
	// hard are the budgets that are exceeded; joined are the groups that ever
	// asked for one of them.
	hard   map[ledger.Quota]bool
	joined map[int32]bool
	// bound is what came of deciding these, the latest time.
	bound *actor
	// boards have prizes; scores are what counts on them, by the member's place.
	boards boards
	scores map[int32][]ledger.Score
	// prizes are those of places that are given, in their order and by group.
	prizes   []prize
	prizesOf map[int32][]prize
}

// ask is what is asked for of a quota.
type ask struct {
	amount int64
	limit  int64 // the lowest that the quota could give in all
}

// chunk is how many groups a goroutine takes at a time.
const chunk = 64

// alone decides all groups but the skipped ones in parallel, without limits, and
// adds up reports and asks.
func (r *run) alone(ctx context.Context, skip map[int32]bool) error {
	r.builder = report.NewBuilder(r.rules, r.options.AsOf)
	r.tally, r.scores = tally{}, map[int32][]ledger.Score{}
	if skip == nil {
		r.asks = map[int32]map[ledger.Quota]ask{}
	}
	var next atomic.Int64
	var mu sync.Mutex
	var all sync.WaitGroup
	for range r.options.Workers {
		all.Go(func() {
			w := newWorker(r)
			for ctx.Err() == nil {
				from := next.Add(chunk) - chunk
				if from >= int64(len(r.h.groups)) {
					break
				}
				w.groups(int32(from), min(int32(from)+chunk, int32(len(r.h.groups))), skip)
			}
			mu.Lock()
			defer mu.Unlock()
			r.builder.Merge(w.actor.builder)
			r.tally.add(w.actor.tally)
			maps.Copy(r.scores, w.actor.scores)
			if skip == nil {
				for g, asks := range w.asks {
					r.asks[g] = asks
				}
			}
		})
	}
	all.Wait()
	if err := ctx.Err(); err != nil {
		return err
	}
	r.strangers()
	return nil
}

// strangers decides the events that name nobody; they ask for no budget.
func (r *run) strangers() {
	a := actor{h: r.h, rules: r.rules, returns: returnsOf(r.rules), builder: r.builder}
	for _, no := range r.h.guests {
		x := &r.h.entries[no]
		if x.late && a.returns == engine.ReturnsByOrder {
			a.tally.refused++
			continue
		}
		a.stranger(x, a.policy(x))
	}
	r.tally.add(a.tally)
}

// returnsOf gives how returns find their purchases, as the journal asks the
// newest program.
func returnsOf(rules *engine.Timeline) engine.Returns {
	all := rules.All()
	return all[len(all)-1].Program.Returns
}

// worker is one goroutine's part of deciding in parallel.
type worker struct {
	actor actor
	cast  cast
	asks  map[int32]map[ledger.Quota]ask
	group int32
	// prizesOf are the prizes of places, by group.
	prizesOf map[int32][]prize
}

func newWorker(r *run) *worker {
	w := &worker{asks: map[int32]map[ledger.Quota]ask{}, prizesOf: r.prizesOf}
	w.actor = actor{h: r.h, rules: r.rules, returns: returnsOf(r.rules), builder: report.NewBuilder(r.rules, r.options.AsOf), boards: r.boards, scores: map[int32][]ledger.Score{}}
	w.actor.granted = func(d *engine.Decision) { note(w.asks, w.group, d) }
	return w
}

// note adds what a decision asked for: without a limit that is what it was
// granted.
func note(asks map[int32]map[ledger.Quota]ask, g int32, d *engine.Decision) {
	mine := asks[g]
	if mine == nil {
		mine = map[ledger.Quota]ask{}
		asks[g] = mine
	}
	for _, grant := range d.Grants {
		one, asked := mine[grant.Quota]
		if !asked {
			one.limit = math.MaxInt64
		}
		// What is given back may come too late for others, so it frees nothing.
		if grant.Amount > 0 {
			one.amount += grant.Amount
			one.limit = min(one.limit, grant.Limit)
		}
		mine[grant.Quota] = one
	}
}

func (w *worker) groups(from, to int32, skip map[int32]bool) {
	for g := from; g < to; g++ {
		if skip[g] {
			continue
		}
		w.group = g
		w.cast.begin(&w.actor.h.groups[g])
		due, mine := w.prizesOf[g], func(int32) *cast { return &w.cast }
		for _, no := range w.cast.group.entries {
			due = w.actor.award(due, no, mine)
			w.actor.one(&w.cast, no)
		}
		w.actor.award(due, math.MaxInt32, mine)
		w.actor.end(&w.cast)
	}
}

// overrun finds budgets that are newly exceeded by what is asked for, and lets
// the groups that ask for them join those who are decided together.
func (r *run) overrun() bool {
	sums := map[ledger.Quota]ask{}
	for _, asks := range r.asks {
		for quota, one := range asks {
			sum, known := sums[quota]
			if !known {
				sum.limit = math.MaxInt64
			}
			sum.amount = min(sum.amount, math.MaxInt64-one.amount) + one.amount
			sum.limit = min(sum.limit, one.limit)
			sums[quota] = sum
		}
	}
	found := false
	for quota, sum := range sums {
		if !r.hard[quota] && sum.amount > sum.limit {
			r.hard[quota] = true
			found = true
		}
	}
	if !found {
		return false
	}
	if r.joined == nil {
		r.joined = map[int32]bool{}
	}
	for g, asks := range r.asks {
		for quota := range asks {
			if r.hard[quota] {
				r.joined[g] = true
			}
		}
	}
	return true
}

// limited is the budgets while members are decided together.
type limited struct {
	hard map[ledger.Quota]bool
	used map[ledger.Quota]int64
}

// Left gives what is left of an exceeded budget, and of others without end.
func (l *limited) Left(quota ledger.Quota, limit int64) int64 {
	if !l.hard[quota] {
		return math.MaxInt64
	}
	return limit - l.used[quota]
}

// together decides the joined groups in the history's order under the limits of
// the exceeded budgets, and notes anew what they ask for.
func (r *run) together(ctx context.Context) error {
	quotas := &limited{hard: r.hard, used: map[ledger.Quota]int64{}}
	a := &actor{h: r.h, rules: r.rules, returns: returnsOf(r.rules), builder: report.NewBuilder(r.rules, r.options.AsOf), quotas: quotas, boards: r.boards, scores: map[int32][]ledger.Score{}}
	casts := make(map[int32]*cast, len(r.joined))
	for g := range r.joined {
		c := &cast{}
		c.begin(&r.h.groups[g])
		casts[g] = c
		r.asks[g] = map[ledger.Quota]ask{}
	}
	now := int32(0)
	a.granted = func(d *engine.Decision) {
		note(r.asks, now, d)
		for _, grant := range d.Grants {
			quotas.used[grant.Quota] += grant.Amount
		}
	}
	due := slices.DeleteFunc(slices.Clone(r.prizes), func(p prize) bool { return casts[r.h.groupOf[p.member]] == nil })
	of := func(member int32) *cast {
		now = r.h.groupOf[member]
		return casts[now]
	}
	for no := range r.h.entries {
		due = a.award(due, int32(no), of)
		m := r.h.entries[no].member
		if m == nobody {
			continue
		}
		now = r.h.groupOf[m]
		if c := casts[now]; c != nil {
			a.one(c, int32(no))
		}
		if no%4096 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
	}
	a.award(due, math.MaxInt32, of)
	for _, c := range casts {
		a.end(c)
	}
	r.bound = a
	return nil
}
