package app_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/leaderboard"
	"premia/internal/core/mechanic/member"
	"premia/internal/journal"
	"premia/internal/store"
	"premia/internal/testkit"
)

const leaderboardProgram = `
program: Leaders
currency: PLN
timezone: Europe/Warsaw
languages: [en]
enrolment: {unknown: enrol}
wallets:
  points: {name: {en: points}, debt: carry}
  stars: {name: {en: stars}}
returns: {}
earn:
  - {id: spend, give: {points: 1, per: 1.00}}
leaderboards:
  - id: spenders
    by: spend
    period: calendar month
    wait: 1d
    prizes: [{places: 1, give: {stars: 100}}, {places: 2, give: {stars: 50}}, {places: 3-4, give: {stars: 10}}]
  - {id: shops, by: earned.points, group: event.channel, period: calendar week, top: 2, prizes: [{places: 1, give: {stars: 7}}]}
`

// tally is what the model knows of a score.
type tally struct {
	sum     int64
	reached time.Time
}

func (x *tally) add(amount int64, at time.Time) {
	if x.sum == 0 || at.After(x.reached) {
		x.reached = at
	}
	x.sum += amount
}

// rankingKey names a ranking of the model.
type rankingKey struct {
	board, group string
	since        time.Time
}

// boughtOnce is a purchase of the model and what is left of it.
type boughtOnce struct {
	who     ledger.MemberID
	order   string
	left    int64
	channel string
	at      time.Time
	counted map[string]bool
}

// leaders is an independent model of two leaderboards: it adds up by hand, and knows
// nothing of states, steps and shards.
type leaders struct {
	*history
	servers [2]*history
	zone    *time.Location
	random  *rand.Rand
	scores  map[rankingKey]map[ledger.MemberID]*tally
	fixed   map[rankingKey][]store.Place
	stars   map[ledger.MemberID]int64
	into    map[ledger.MemberID]ledger.MemberID
	bought  []*boughtOnce
	people  []ledger.MemberID
	events  int
	began   time.Time
}

func newLeaders(t *testing.T, url string, seed uint64) *leaders {
	clock := testkit.NewClock(time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC))
	m := &leaders{
		random: rand.New(rand.NewPCG(seed, 1)), scores: map[rankingKey]map[ledger.MemberID]*tally{}, fixed: map[rankingKey][]store.Place{},
		stars: map[ledger.MemberID]int64{}, into: map[ledger.MemberID]ledger.MemberID{},
	}
	m.began = clock.Now()
	m.zone, _ = time.LoadLocation("Europe/Warsaw")
	for i := range m.servers {
		a, err := app.Open(t.Context(), app.Config{DB: url, Migrate: true, Clock: clock.Now})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { a.Close() })
		m.servers[i] = &history{App: a, t: t, url: url, clock: clock}
		if i == 0 {
			m.servers[0].publish(leaderboardProgram)
		}
	}
	m.history = m.servers[0]
	return m
}

func (m *leaders) root(id ledger.MemberID) ledger.MemberID {
	for m.into[id] != 0 {
		id = m.into[id]
	}
	return id
}

// period gives the ranking of a moment, and when it is fixed.
func (m *leaders) period(board, channel string, at time.Time) (key rankingKey, ends, fixed time.Time) {
	at = at.In(m.zone)
	day := time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, m.zone)
	if board == "spenders" {
		since := day.AddDate(0, 0, 1-day.Day())
		ends = since.AddDate(0, 1, 0)
		return rankingKey{board, "", since}, ends, ends.AddDate(0, 0, 1)
	}
	since := day.AddDate(0, 0, -(int(day.Weekday())+6)%7)
	ends = since.AddDate(0, 0, 7)
	return rankingKey{board, channel, since}, ends, ends
}

func (m *leaders) count(b *boughtOnce, board string, amount int64, at time.Time, returned bool) {
	key, _, fixed := m.period(board, b.channel, b.at)
	if !m.clock.Now().Before(fixed) || (returned && !b.counted[board]) || amount == 0 {
		return
	}
	b.counted[board] = true
	if m.scores[key] == nil {
		m.scores[key] = map[ledger.MemberID]*tally{}
	}
	who := m.root(b.who)
	if m.scores[key][who] == nil {
		m.scores[key][who] = &tally{}
	}
	m.scores[key][who].add(amount, at)
}

func (m *leaders) server() *history { return m.servers[m.random.IntN(2)] }

func (m *leaders) buy() {
	m.events++
	card, channel := m.random.IntN(9), []string{"north", "south"}[m.random.IntN(2)]
	b := &boughtOnce{left: int64(1+m.random.IntN(6)) * 500, channel: channel, at: m.clock.Now(), counted: map[string]bool{}}
	if m.random.IntN(5) == 0 {
		b.at = b.at.Add(-time.Duration(m.random.IntN(60)) * time.Hour)
	}
	b.order = fmt.Sprint("O-", m.events)
	e := &event.Event{ID: fmt.Sprint("e", m.events), Type: event.Purchase, Order: b.order, Channel: channel, At: calendar.Of(b.at), Total: b.left, Given: event.GivenTotal}
	r := m.purchase(card, "1.00", channel)
	r.Event = e
	b.who = m.server().append(r).Member
	if !slices.Contains(m.people, b.who) {
		m.people = append(m.people, b.who)
	}
	m.bought = append(m.bought, b)
	m.count(b, "spenders", b.left, b.at, false)
	m.count(b, "shops", b.left/100, b.at, false)
}

func (m *leaders) giveBack() {
	if len(m.bought) == 0 {
		return
	}
	b := m.bought[m.random.IntN(len(m.bought))]
	if b.left == 0 {
		return
	}
	m.events++
	back := b.left
	if m.random.IntN(2) == 0 {
		back = 1 + m.random.Int64N(b.left)
	}
	e := &event.Event{ID: fmt.Sprint("e", m.events), Type: event.Return, Order: b.order, Total: back, Given: event.GivenTotal}
	m.server().append(journal.Request{Member: b.who, Event: e})
	points := b.left/100 - (b.left-back)/100
	b.left -= back
	m.count(b, "spenders", -back, m.clock.Now(), true)
	m.count(b, "shops", -points, m.clock.Now(), true)
}

func (m *leaders) join() {
	if len(m.people) < 6 {
		return
	}
	from, to := m.root(m.people[m.random.IntN(len(m.people))]), m.root(m.people[m.random.IntN(len(m.people))])
	if from == to {
		return
	}
	m.events++
	m.append(m.merge(fmt.Sprint("e", m.events), from, to))
	for range 3 {
		if _, err := m.Journal.Deliver(m.t.Context(), journal.FollowUps{Journal: m.Journal}); err != nil {
			m.t.Fatal(err)
		}
	}
	m.into[from] = to
	for _, all := range m.scores {
		if x := all[from]; x != nil && x.sum > 0 {
			if all[to] == nil {
				all[to] = &tally{}
			}
			all[to].add(x.sum, x.reached)
		}
		delete(all, from)
	}
	m.stars[to] += m.stars[from]
	delete(m.stars, from)
}

// end lets both servers end leaderboards at once, and does the same by hand.
func (m *leaders) end() {
	var all sync.WaitGroup
	for i := range 6 {
		all.Go(func() {
			if _, _, err := m.servers[i%2].EndLeaderboards(m.t.Context()); err != nil {
				m.t.Error(err)
			}
		})
	}
	all.Wait()
	now := m.clock.Now().Add(-time.Minute)
	for key, of := range m.scores {
		_, ends, fixed := m.period(key.board, key.group, key.since)
		if _, done := m.fixed[key]; done || now.Before(fixed) || ends.Before(m.began) {
			continue // what was over before the first program brings nothing
		}
		m.fixed[key] = m.rank(key, of)
		for _, p := range m.fixed[key] {
			prize := map[int64]int64{1: 7}
			if key.board == "spenders" {
				prize = map[int64]int64{1: 100, 2: 50, 3: 10, 4: 10}
			}
			m.stars[p.Member] += prize[p.Place]
		}
	}
}

func (m *leaders) rank(key rankingKey, of map[ledger.MemberID]*tally) []store.Place {
	places := []store.Place{}
	for who, x := range of {
		if x.sum > 0 {
			p := store.Place{Score: store.Score{Member: who}}
			p.Value, p.Reached = x.sum, calendar.Of(x.reached)
			places = append(places, p)
		}
	}
	slices.SortFunc(places, func(a, b store.Place) int {
		return cmp.Or(-cmp.Compare(a.Value, b.Value), cmp.Compare(a.Reached, b.Reached), cmp.Compare(a.Member, b.Member))
	})
	depth := 10
	if key.board == "shops" {
		depth = 2
	}
	if len(places) > depth {
		places = places[:depth]
	}
	for i := range places {
		places[i].Place = int64(i) + 1
	}
	return places
}

// compare holds what the database has against the model.
func (m *leaders) compare() {
	m.t.Helper()
	p := m.Program()
	for key, want := range m.fixed {
		b := leaderboard.ByID(p, key.board)
		got, err := m.Store.Places(m.t.Context(), b.Counts, calendar.Of(key.since))
		if err != nil {
			m.t.Fatal(err)
		}
		got = slices.DeleteFunc(got, func(x store.Place) bool { return x.Group != key.group })
		m.same(fmt.Sprintf("%s %q since %s", key.board, key.group, key.since), got, want)
	}
	for key, of := range m.scores {
		if _, done := m.fixed[key]; done {
			continue // its scores may still move with merges
		}
		b := leaderboard.ByID(p, key.board)
		got, err := m.Store.Ranking(m.t.Context(), b.Counts, calendar.Of(key.since), key.group, 0, 2)
		if err != nil {
			m.t.Fatal(err)
		}
		want := m.rank(key, of)
		var places []store.Place
		for i := range got {
			places = append(places, store.Place{Score: got[i], Place: int64(i) + 1})
		}
		m.same(fmt.Sprintf("open %s %q since %s", key.board, key.group, key.since), places, want[:min(len(want), 2)])
	}
	for _, who := range m.people {
		if m.root(who) != who {
			continue
		}
		wallets, _, err := m.Wallets(m.t.Context(), who.String())
		if err != nil || wallets[1].Available != m.stars[who] {
			m.t.Errorf("%s has %d stars (%v), want %d", who, wallets[1].Available, err, m.stars[who])
		}
	}
}

func (m *leaders) same(what string, got, want []store.Place) {
	m.t.Helper()
	if len(got) != len(want) {
		m.t.Errorf("%s has the places %+v, want %+v", what, got, want)
		return
	}
	for i := range got {
		g, w := &got[i], &want[i]
		if g.Member != w.Member || g.Value != w.Value || g.Reached != w.Reached || g.Place != w.Place {
			m.t.Errorf("%s: place %d is %+v, want %+v", what, i+1, g, w)
		}
	}
}

// TestLeaderboardsAgreeWithAModel lives some months of purchases, late ones among them,
// returns and merges, in which many scores are equal, while two servers end leaderboards
// at once: each ranking is the model's, each prize is given once, and the workspace
// verifies, here and in another database.
func TestLeaderboardsAgreeWithAModel(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		for seed := range uint64(2) {
			if seed > 0 && !strings.HasPrefix(url, "sqlite:") {
				break // one history is enough for a database that takes its time
			}
			if seed > 0 {
				url = "sqlite:" + filepath.Join(t.TempDir(), "premia.db")
			}
			m := newLeaders(t, url, seed)
			for range 220 {
				switch n := m.random.IntN(20); {
				case n < 11:
					m.buy()
				case n < 14:
					m.giveBack()
				case n < 15:
					m.join()
				case n < 17:
					m.end()
				default:
					m.clock.Advance(time.Duration(m.random.IntN(100)) * time.Hour)
				}
			}
			m.end()
			m.compare()
			if len(m.fixed) < 10 {
				t.Errorf("only %d rankings were fixed", len(m.fixed))
			}
			if v := wantHealthy(t, m.Store); v.Scores == 0 {
				t.Error("no score was verified")
			}
			if seed == 0 {
				moved := "sqlite:" + filepath.Join(t.TempDir(), "moved.db")
				move(t, m.Store, openStore(t, moved, store.Options{Migrate: true}))
				a, err := app.Open(t.Context(), app.Config{DB: moved, Clock: m.clock.Now})
				if err != nil {
					t.Fatal(err)
				}
				defer a.Close()
				m.history = &history{App: a, t: t, clock: m.clock}
				m.compare()
				if fixed, told, err := a.EndLeaderboards(t.Context()); fixed+told != 0 || err != nil {
					t.Errorf("in another database %d rankings were fixed again, and %d prizes given: %v", fixed, told, err)
				}
			}
		}
	})
}

// TestPrizesAfterACrash stops between the ranking and its prizes, and between a prize and
// the note of it: what was left is done by another server, once; a member who was erased
// meanwhile gets nothing, and nobody else gets their prize.
func TestPrizesAfterACrash(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		m := newLeaders(t, url, 1)
		ctx, b := t.Context(), leaderboard.ByID(m.Program(), "spenders")
		var who []ledger.MemberID
		for n := range 5 {
			who = append(who, m.append(m.purchase(n, strconv.Itoa(50-n)+".00", "north")).Member)
		}
		m.clock.Advance(40 * 24 * time.Hour)
		since := calendar.Of(time.Date(2026, 3, 1, 0, 0, 0, 0, m.zone))
		ends := calendar.Of(time.Date(2026, 4, 1, 0, 0, 0, 0, m.zone))
		for i, want := range []bool{true, false, false} {
			if mine, err := m.servers[i%2].Journal.FixRanking(ctx, b, since, ends); mine != want || err != nil {
				t.Fatalf("fixed %t (%v), want %t", mine, err, want)
			}
		}
		m.append(journal.Request{Member: who[1], Event: &event.Event{ID: "erase", Type: event.Profile, Data: []event.Datum{{Name: member.Erased, Kind: event.Truth, Whole: 1}}}, Forget: []store.PersonalKey{{}}})
		due, err := m.Store.PrizesDue(ctx)
		if err != nil || len(due) != 4 {
			t.Fatalf("%+v (%v) are due, want four", due, err)
		}
		carried := leaderboard.Place{Counts: b.Counts, Since: since, Place: 1, Value: due[0].Value}
		id := m.Journal.Keys().LeaderboardEvent(m.Journal.Rules().Names.Name(b.Counts), since, "", 1)
		m.append(journal.Request{Member: who[0], Event: &event.Event{ID: id, Type: event.LeaderboardPrize, At: ends - 1, Carried: carried.Append()}})
		for _, h := range m.servers {
			if _, _, err := h.EndLeaderboards(ctx); err != nil {
				t.Fatal(err)
			}
		}
		places, err := m.Store.Places(ctx, b.Counts, since)
		for i, want := range []store.PrizeState{store.PrizeGiven, store.PrizeRefused, store.PrizeGiven, store.PrizeGiven, store.NoPrize} {
			if err != nil || places[i].Prize != want || places[i].Member != who[i] {
				t.Errorf("place %d is %+v (%v), want state %d for %s", i+1, places[i], err, want, who[i])
			}
		}
		for i, want := range map[int]int64{0: 107, 2: 10, 3: 10, 4: 0} {
			if wallets, _, err := m.Wallets(ctx, who[i].String()); err != nil || wallets[1].Available != want {
				t.Errorf("member %d has %d stars (%v), want %d", i, wallets[1].Available, err, want)
			}
		}
		wantHealthy(t, m.Store)
	})
}

// TestOldPeriodsBringNothing imports a history from before the board was published, and
// takes the board away before another period ends.
func TestOldPeriodsBringNothing(t *testing.T) {
	t.Parallel()
	m := newLeaders(t, "sqlite:"+filepath.Join(t.TempDir(), "premia.db"), 1)
	r := m.purchase(1, "30.00", "north")
	r.Event.At, r.Import = calendar.Of(time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)), true
	m.append(r)
	m.append(m.purchase(2, "20.00", "north"))
	without, _, _ := strings.Cut(leaderboardProgram, "leaderboards:")
	m.clock.Advance(24 * time.Hour)
	m.publish(without)
	m.clock.Advance(60 * 24 * time.Hour)
	fixed, told, err := m.EndLeaderboards(t.Context())
	if err != nil || fixed != 1 || told != 1 { // the week that ended with the first day
		t.Errorf("%d rankings were fixed and %d prizes given (%v), want those of the first week", fixed, told, err)
	}
	wantHealthy(t, m.Store)
}

// TestTamperedScoresAreFound changes, adds and removes scores behind Premia's back.
func TestTamperedScoresAreFound(t *testing.T) {
	t.Parallel()
	m := newLeaders(t, "sqlite:"+filepath.Join(t.TempDir(), "premia.db"), 1)
	who := m.append(m.purchase(1, "30.00", "north")).Member
	b := leaderboard.ByID(m.Program(), "spenders")
	rows, err := m.Store.Ranking(t.Context(), b.Counts, calendar.Of(time.Date(2026, 3, 1, 0, 0, 0, 0, m.zone)), "", 0, 5)
	if err != nil || len(rows) != 1 {
		t.Fatalf("%+v (%v), want one score", rows, err)
	}
	wantHealthy(t, m.Store)
	write := func(w store.Writes) {
		err := m.Store.Batch(t.Context(), []store.Shard{m.Store.ShardOf(who)}, func(tx *store.Batch) error { return tx.Write(t.Context(), &w) })
		if err != nil {
			t.Fatal(err)
		}
	}
	changed, more := rows[0], rows[0]
	changed.Value++
	more.Group = "other"
	for what, w := range map[string]store.Writes{"changed": {Scores: []store.Score{changed}}, "added": {Scores: []store.Score{rows[0], more}}, "removed": {DropScores: []ledger.MemberID{who}}} {
		write(store.Writes{DropScores: []ledger.MemberID{who}, Scores: m.scoresOf(who)})
		wantHealthy(t, m.Store)
		write(w)
		if d := verify(t, m.Store, app.VerifyOptions{}).Difference; d == nil || !strings.Contains(d.What, "leaderboard") {
			t.Errorf("%s: %v is found", what, d)
		}
	}
}

// scoresOf gives the scores of a member's state.
func (m *leaders) scoresOf(who ledger.MemberID) (all []store.Score) {
	state, _, err := m.Journal.StateOf(m.t.Context(), who)
	if err != nil {
		m.t.Fatal(err)
	}
	for _, x := range state.Scores {
		all = append(all, store.Score{Member: who, Score: x})
	}
	return all
}
