package app_test

import (
	"database/sql"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"premia/internal/app"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/mechanic/contest"
	"premia/internal/journal"
)

// kept changes what is kept of a contest.
func kept[T any](key string, change func(*T)) func(*testing.T, *sql.DB) {
	return set("settings", "value", "key = '"+key+"spring'", func(v any) any {
		var value T
		if err := json.Unmarshal(v.([]byte), &value); err != nil {
			panic(err)
		}
		change(&value)
		src, err := json.Marshal(value)
		if err != nil {
			panic(err)
		}
		return src
	})
}

func gone(key string) func(*testing.T, *sql.DB) {
	return statement("DELETE FROM settings WHERE key = '" + key + "spring'")
}

func published(change func(*contest.Published)) func(*testing.T, *sql.DB) {
	return kept(journal.ContestDrawn, change)
}

const (
	ticketsOfSpring   = "tickets of the contest spring"
	publishedOfSpring = "what is published of the contest spring"
)

var contestDamages = []damage{
	{name: "a ticket less", do: kept(journal.ContestEntries, func(all *[]string) { *all = (*all)[1:] }), wants: ticketsOfSpring},
	{name: "a ticket more", do: kept(journal.ContestEntries, func(all *[]string) { *all = append(*all, "zz") }), wants: "among them zz"},
	{name: "another ticket", do: kept(journal.ContestEntries, func(all *[]string) { (*all)[0] = "00" }), wants: "among them 00"},
	{name: "tickets that can't be read", do: set("settings", "value", "key = '"+journal.ContestEntries+"spring'", func(any) any { return []byte("{}") }), wants: ticketsOfSpring},
	{name: "the tickets are gone", do: gone(journal.ContestEntries), wants: ticketsOfSpring},
	{name: "a winner's ticket", do: published(func(p *contest.Published) { p.Winners[0].Ticket = p.Winners[1].Ticket }), wants: publishedOfSpring},
	{name: "a winner's prize", do: published(func(p *contest.Published) { p.Winners[1].Prize = "first" }), wants: "Prize:second"},
	{name: "a winner's state", do: published(func(p *contest.Published) { p.Winners[1].State = contest.Over }), wants: "State:lapsed"},
	{name: "a winner's holder", do: published(func(p *contest.Published) { p.Winners[0].Holder = "0123456789abcdef" }), wants: publishedOfSpring},
	{name: "a winner is gone", do: published(func(p *contest.Published) { p.Winners = p.Winners[:len(p.Winners)-1] }), wants: publishedOfSpring},
	{name: "the winners changed places", do: published(func(p *contest.Published) { slices.Reverse(p.Winners) }), wants: publishedOfSpring},
	{name: "the published tickets", do: published(func(p *contest.Published) { p.Tickets = p.Tickets[1:] }), wants: "48 tickets"},
	{name: "the seed", do: published(func(p *contest.Published) { p.Seed = strings.Repeat("0", len(p.Seed)) }), wants: "the seed 00"},
	{name: "the commitment", do: published(func(p *contest.Published) { p.Commitment = contest.Commitment(nil) }), wants: "with the digest e3b0c442"},
	{name: "the state", do: published(func(p *contest.Published) { p.State = contest.Drawn }), wants: "drawn, 48 entries"},
	{name: "when it was drawn", do: published(func(p *contest.Published) { p.DrawAt = "2026-04-03T10:00:00Z" }), wants: "its draw and its prizes"},
	{name: "the prizes", do: published(func(p *contest.Published) { p.Prizes = p.Prizes[1:] }), wants: "its draw and its prizes"},
	{name: "a draw that can't be read", do: set("settings", "value", "key = '"+journal.ContestDrawn+"spring'", func(any) any { return []byte("[]") }), wants: "that can be read"},
}

func init() { keysOf["settings"] = []string{"key"} }

// TestVerifyNamesDamageOfContests changes what is kept of a contest that was drawn, in
// one place after another: verify must name each, and pass again when it is mended.
func TestVerifyNamesDamageOfContests(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		d := newDraws(t, url, claimedProgram)
		h := d.servers[0]
		d.clock.Advance(40 * 24 * time.Hour)
		p := d.due()
		wantHealthy(t, h.Store) // while prizes wait
		for i, w := range p.Winners {
			if w.State == contest.Waits && i > 0 {
				d.claim(0, d.holder(w), engine.Applied)
			}
		}
		d.clock.Advance(15 * 24 * time.Hour)
		p = d.due()
		for _, w := range d.states(p, contest.Waits) {
			d.claim(1, d.holder(w), engine.Applied)
		}
		if p = d.due(); p.State != contest.Finished {
			t.Fatalf("the contest is %s", p.State)
		}
		if v := verify(t, h.Store, app.VerifyOptions{}); v.Difference != nil || v.Contests != 1 {
			t.Fatalf("%v with %d contests", v.Difference, v.Contests)
		}
		db := rawDatabase(t, url)
		for _, one := range contestDamages {
			t.Run(one.name, func(t *testing.T) {
				restore := remember(t, db, "settings")
				defer restore()
				one.do(t, db)
				v := verify(t, h.Store, app.VerifyOptions{})
				if v.Difference == nil {
					t.Error("verify found nothing")
				} else if got := v.Difference.Error(); !containsOne(got, one.wants) {
					t.Errorf("verify says %q, want %q", got, one.wants)
				}
			})
		}
		wantHealthy(t, h.Store)
		// Somebody who has the keys to the journal tells a ticket of their own.
		won := contest.Won{Contest: "spring", Prize: "second", Ticket: "mine"}
		h.append(journal.Request{Member: d.members[0], Event: &event.Event{ID: "con_mine", Type: event.ContestPrize, Carried: won.Append()}})
		v := verify(t, h.Store, app.VerifyOptions{})
		if v.Difference == nil || !containsOne(v.Difference.Error(), "winners of the contest spring") {
			t.Errorf("%v, want that a winner was not drawn", v.Difference)
		}
	})
}
