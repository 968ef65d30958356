package contest_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"premia/internal/core/mechanic/contest"
	"premia/internal/testkit/mechanics"
)

const file = "testdata/contests.yaml"

func TestScenarios(t *testing.T) { mechanics.Stories(t, file, 1) }

func TestDescription(t *testing.T) {
	p := mechanics.Read(t, file).Program
	for lang, want := range map[string][]string{
		"en": {"Contest: Summer", "an entry for every PLN 25.00", "One member gets 5 entries at most.", "“Basket”: 100 beans, for 3 winners.", "anyone can draw again"},
		"pl": {"Konkurs: Lato", "los za każde 25,00", "najwyżej 5 losów", "dla 3 osób"},
		"cs": {"Soutěž: Léto", "nejvýše 5 losů", "pro 3 výherce"},
		"ru": {"Конкурс: Лето", "не больше 5 билетов", "победителей: 3"},
	} {
		said := mechanics.Described(t, p, lang)
		for _, w := range want {
			if !strings.Contains(said, w) {
				t.Errorf("in %s there is no %q in\n%s", lang, w, said)
			}
		}
		if strings.Contains(said, "⟦") {
			t.Errorf("in %s words are missing in\n%s", lang, said)
		}
	}
}

func TestMistakesInDocuments(t *testing.T) {
	const prizes = "prizes: [{id: a, give: {points: 1}}]"
	for _, x := range []struct{ contest, path, code string }{
		{"{id: c, draw: 2026-02-01, " + prizes + "}", "contests[0].until", "missing"},
		{"{id: c, until: 2026-01-31, " + prizes + "}", "contests[0].draw", "missing"},
		{"{id: c, until: 2026-01-31, draw: 2026-01-31, " + prizes + "}", "contests[0].draw", "draw_before_end"},
		{"{id: c, from: 2026-02-01, until: 2026-01-31, draw: 2026-03-01, " + prizes + "}", "contests[0].until", "never_applies"},
		{"{id: c, until: 2026-01-31, draw: 2026-03-01, claim: {within: 0d}, " + prizes + "}", "contests[0].claim.within", "out_of_range"},
		{"{id: c, until: 2026-01-31, draw: 2026-03-01, without: [tax], " + prizes + "}", "contests[0].without", "never_applies"},
		{"{id: c, until: 2026-01-31, draw: 2026-03-01, prizes: [{id: a, give: {points: 5%}}]}", "contests[0].prizes[0].give", "never_applies"},
	} {
		mechanics.RefusedAs(t, "wallets: {points: {name: points}}\ncontests: ["+x.contest+"]", x.path, x.code)
	}
}

func TestMistakesInScenarios(t *testing.T) {
	const program = "wallets: {points: {name: points}}\ncontests: [{id: c, until: 2026-01-31, draw: 2026-02-01 12:00, prizes: [{id: a, give: {points: 1}}]}]\nscenarios: [{it: shows, steps: ["
	for _, x := range []struct{ step, path, code string }{
		{"{at: 2026-02-02, claim: d}", "scenarios[0].steps[0].claim", "unknown_contest"},
		{"{at: 2026-02-02, wins: {contest: d, prize: a}}", "scenarios[0].steps[0].wins.contest", "unknown_contest"},
		{"{at: 2026-02-02, wins: {contest: c, prize: b}}", "scenarios[0].steps[0].wins.prize", "unknown_prize"},
		{"{at: 2026-02-01, wins: {contest: c, prize: a}}", "scenarios[0].steps[0].at", "out_of_range"},
		{"{at: 2026-02-02, claim: c, wins: {contest: c, prize: a}}", "scenarios[0].steps[0]", "ambiguous"},
	} {
		mechanics.RefusedAs(t, program+x.step+"]}]", x.path, x.code)
	}
}

// drawnAgain draws as the documentation says, by another way than the product's: with
// big numbers, and by taking tickets out of a list.
func drawnAgain(seed []byte, id string, tickets []string) []string {
	left := slices.Clone(tickets)
	slices.Sort(left)
	var numbers []*big.Int
	block := 0
	next := func() *big.Int {
		if len(numbers) == 0 {
			mac := hmac.New(sha256.New, seed)
			fmt.Fprintf(mac, "contest.%s/%d", id, block)
			block++
			for sum := mac.Sum(nil); len(sum) > 0; sum = sum[8:] {
				numbers = append(numbers, new(big.Int).SetBytes(sum[:8]))
			}
		}
		n := numbers[0]
		numbers = numbers[1:]
		return n
	}
	all := new(big.Int).Lsh(big.NewInt(1), 64)
	var order []string
	for len(left) > 1 {
		size := big.NewInt(int64(len(left)))
		usable := new(big.Int).Sub(all, new(big.Int).Mod(all, size))
		x := next()
		for x.Cmp(usable) >= 0 {
			x = next()
		}
		at := int(new(big.Int).Mod(x, size).Int64())
		order = append(order, left[at])
		left[at] = left[0]
		left = left[1:]
	}
	return append(order, left...)
}

func TestAnyoneCanDrawAgain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "seed")
		tickets := rapid.SliceOfDistinct(rapid.StringMatching(`[0-9a-f]{4}`), rapid.ID[string]).Draw(t, "tickets")
		order := contest.Order(seed, "summer", tickets)
		if again := drawnAgain(seed, "summer", tickets); !slices.Equal(order, again) {
			t.Fatalf("%v is drawn, and again %v", order, again)
		}
	})
}

func TestChecksOfPublishedDraws(t *testing.T) {
	seed := slices.Repeat([]byte{7}, 32)
	drawn := func() *contest.Published {
		p := &contest.Published{Contest: "c", State: contest.Drawn, Algorithm: contest.Algorithm, Commitment: contest.Commitment(seed), OneEach: true,
			Seed: hex.EncodeToString(seed), Entries: 6, Tickets: []string{"a", "b", "c", "d", "e", "f"}, Prizes: []string{"first", "second"}}
		for i, ticket := range contest.Order(seed, "c", p.Tickets)[:5] {
			p.Winners = append(p.Winners, contest.Winner{Place: i, Ticket: ticket, Holder: fmt.Sprint("h", i),
				Prize: []string{"first", "second", "second", "first", "first"}[i],
				State: []string{contest.Over, contest.GaveWay, contest.Has, contest.GaveWay, contest.Waits}[i]})
		}
		p.Winners[3].Holder = "h2"
		return p
	}
	if err := contest.Check(drawn()); err != nil {
		t.Errorf("a draw that is as published: %v", err)
	}
	for name, spoil := range map[string]func(p *contest.Published){
		"another seed":         func(p *contest.Published) { p.Seed = strings.Repeat("08", 32) },
		"another ticket":       func(p *contest.Published) { p.Winners[0].Ticket = p.Winners[1].Ticket },
		"another prize":        func(p *contest.Published) { p.Winners[0].Prize = "second" },
		"a prize too many":     func(p *contest.Published) { p.Winners[0].State = contest.Has },
		"a ticket too many":    func(p *contest.Published) { p.Tickets = append(p.Tickets, "g") },
		"a ticket twice":       func(p *contest.Published) { p.Tickets = []string{"a", "b", "c", "d", "e", "e"} },
		"a winner too few":     func(p *contest.Published) { p.Winners = p.Winners[:2] },
		"said to be finished":  func(p *contest.Published) { p.State = contest.Finished },
		"another algorithm":    func(p *contest.Published) { p.Algorithm = "mine" },
		"nothing drawn":        func(p *contest.Published) { p.State = contest.Announced },
		"winners out of turn":  func(p *contest.Published) { slices.Reverse(p.Winners) },
		"a place is left out":  func(p *contest.Published) { p.Winners = slices.Delete(p.Winners, 1, 2) },
		"one has won twice":    func(p *contest.Published) { p.Winners[4].Holder = "h2" },
		"a state that is none": func(p *contest.Published) { p.Winners[2].State = "" },
	} {
		p := drawn()
		spoil(p)
		if contest.Check(p) == nil {
			t.Errorf("%s is not found", name)
		}
	}
}
