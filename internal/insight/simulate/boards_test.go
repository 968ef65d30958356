package simulate

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	diff "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/leaderboard"
	"premia/internal/insight/report"
)

// ranked gives prizes by which members earn more later, so that one ranking changes the
// next ones, and budgets that do not suffice for all.
const ranked = `
program: ranked
currency: PLN
timezone: Europe/Warsaw
languages: [en]
enrolment: {unknown: enrol}
wallets:
  points: {name: {en: points}, expires: 60d, worth: 0.05}
  stars: {name: {en: stars}}
earn:
  - {id: spend, give: {points: 1, per: 1.00}}
  - {id: star, when: wallet.points.available >= 90, give: {stars: 1}, limits: {stars: {in total: %d}}}
leaderboards:
  - {id: month, by: spend, period: calendar month, wait: 2d, prizes: [{places: 1, give: {points: 300}}, {places: 2-3, give: {points: 60}}]}
  - {id: week, by: earned.stars, period: calendar week, prizes: [{places: 1, give: {points: 80}}]}
  - {id: shops, by: purchases, group: event.channel, period: calendar week, prizes: [{places: 1, give: {points: 11}}]}
  - {id: shown, by: purchases, period: calendar day}
`

// plainRanked decides a history one event after the other, and fixes each ranking when
// its moment has come, from what the members have then.
type plainRanked struct {
	program *engine.Program
	rules   *engine.Timeline
	builder *report.Builder
	used    spent
	states  map[string]*ledger.State
	numbers map[string]ledger.MemberID
	fixed   calendar.Instant
	prizes  int
}

func (x *plainRanked) decide(member string, e *event.Event, clock calendar.Instant) {
	var out engine.Decision
	new(engine.Decider).Decide(x.rules, x.states[member], e, engine.Inputs{Clock: clock, Quotas: x.used, Member: x.numbers[member]}, &out)
	for _, g := range out.Grants {
		x.used[g.Quota] += g.Amount
	}
	x.builder.Decision(e.Type, e.Total, &out)
}

// pass fixes the rankings whose moments, which are midnights, have come by an instant:
// those of the periods that ended then, or two days before.
func (x *plainRanked) pass(to calendar.Instant) {
	type ended struct {
		board       *leaderboard.Board
		since, ends calendar.Instant
	}
	for day := calendar.End(x.fixed, calendar.ByDay, x.program.Zone); day <= to; day = calendar.End(day, calendar.ByDay, x.program.Zone) {
		var due []ended
		for _, b := range leaderboard.Boards(x.program) {
			for ago := range calendar.Instant(4) {
				since, ends, _ := b.Period(day - 1 - ago*calendar.Day)
				if one := (ended{b, since, ends}); b.Fixed(ends) == day && !slices.Contains(due, one) {
					due = append(due, one)
				}
			}
		}
		slices.SortFunc(due, func(p, q ended) int {
			return cmp.Or(cmp.Compare(p.ends, q.ends), cmp.Compare(p.board.ID, q.board.ID))
		})
		for _, one := range due {
			x.end(one.board, one.since, one.ends, day)
		}
	}
	x.fixed = max(to, x.fixed)
}

func (x *plainRanked) end(b *leaderboard.Board, since, ends, clock calendar.Instant) {
	groups := map[string][]leaderboard.Ranked{}
	names := map[ledger.MemberID]string{}
	for name, s := range x.states {
		names[x.numbers[name]] = name
		for _, score := range s.Scores {
			if score.Board == b.Counts && score.Since == since && score.Value > 0 {
				groups[score.Group] = append(groups[score.Group], leaderboard.Ranked{Member: x.numbers[name], Score: score})
			}
		}
	}
	for _, group := range slices.Sorted(maps.Keys(groups)) {
		all := groups[group]
		slices.SortFunc(all, func(p, q leaderboard.Ranked) int { return leaderboard.Compare(&p, &q) })
		for i := range all {
			place := leaderboard.Place{Counts: b.Counts, Since: since, Group: group, Place: int64(i) + 1, Value: all[i].Value}
			if b.HasPrize(place.Place) {
				x.prizes++
				x.decide(names[all[i].Member], &event.Event{Type: event.LeaderboardPrize, At: ends - 1, Carried: place.Append()}, clock)
			}
		}
	}
}

func (x *plainRanked) event(e *event.Event) {
	x.pass(e.At)
	if x.states[e.Member] == nil {
		x.states[e.Member] = &ledger.State{}
		x.numbers[e.Member] = ledger.MemberID(len(x.numbers) + 1)
		x.decide(e.Member, &event.Event{ID: e.ID + "/enrolment", Type: event.Enrolment, At: e.At}, e.At)
	}
	x.decide(e.Member, e, e.At)
}

// TestRankingsEqualPlainSimulation holds simulated leaderboards, whose prizes change what
// members earn and how they rank later, against a plain simulation that fixes each
// ranking when its time has come.
func TestRankingsEqualPlainSimulation(t *testing.T) {
	prizes, together := 0, 0
	rapid.Check(t, func(r *rapid.T) {
		p := compile(t, fmt.Sprintf(ranked, rapid.SampledFrom([]int{1, 5, 1000}).Draw(r, "stars")))
		var events []*event.Event
		at := 20_000 * calendar.Day
		for i := range rapid.IntRange(1, 50).Draw(r, "events") {
			at += calendar.Instant(rapid.IntRange(1, 60).Draw(r, "hours"))*calendar.Hour + 1
			events = append(events, &event.Event{
				ID: fmt.Sprint("e", i), Type: event.Purchase, At: at, Member: fmt.Sprint("card:", rapid.IntRange(1, 6).Draw(r, "member")),
				Channel: rapid.SampledFrom([]string{"app", "store"}).Draw(r, "channel"), Total: rapid.Int64Range(1, 9_000).Draw(r, "total"), Given: event.GivenTotal,
			})
		}
		h := load(t, p, events...)
		asOf := h.Last() + calendar.Instant(rapid.IntRange(-20, 40).Draw(r, "days"))*calendar.Day
		x := &plainRanked{program: p, rules: Under(p), builder: report.NewBuilder(Under(p), asOf), used: spent{}, states: map[string]*ledger.State{}, numbers: map[string]ledger.MemberID{}, fixed: events[0].At}
		for _, e := range events {
			x.event(e)
		}
		x.pass(max(asOf, h.Last()))
		for _, s := range x.states {
			x.builder.Member(s)
		}
		want, err := x.builder.Report()
		if err != nil {
			r.Fatal(err)
		}
		got := simulated(t, p, h, Options{AsOf: asOf, Workers: rapid.IntRange(1, 3).Draw(r, "workers")})
		if difference := diff.Diff(want, got.Report); difference != "" {
			r.Fatalf("the simulation differs from the plain one (-plain +got):\n%s", difference)
		}
		prizes, together = prizes+x.prizes, together+got.Together
	})
	if prizes < 20 || together == 0 {
		t.Errorf("only %d prizes were given, and %d groups decided together", prizes, together)
	}
}

// TestRankingsCost shows what the prizes of a leaderboard cost, in a report for people.
func TestRankingsCost(t *testing.T) {
	p := compile(t, fmt.Sprintf(ranked, 1000))
	h := load(t, p,
		&event.Event{ID: "a", Type: event.Purchase, Member: "card:1", Total: 10_00, Given: event.GivenTotal, At: 20_000 * calendar.Day},
		&event.Event{ID: "b", Type: event.Purchase, Member: "card:2", Total: 20_00, Given: event.GivenTotal, At: 20_000*calendar.Day + 1})
	r := simulated(t, p, h, Options{AsOf: 20_040 * calendar.Day}).Report
	for _, b := range r.Leaderboards {
		if b.Leaderboard == "leaderboard.month" && (b.Prizes != 2 || b.Cost == nil || b.Cost.Minor != (300+60)*5) {
			t.Errorf("the month came to %+v, cost %v", b, b.Cost)
		}
	}
	var said strings.Builder
	if err := r.WriteTable(&said); err != nil || !strings.Contains(said.String(), "places with a prize") {
		t.Errorf("%v:\n%s", err, &said)
	}
}
