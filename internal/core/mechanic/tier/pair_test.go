package tier_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/merge"
	"premia/internal/core/mechanic/tier"
	"premia/internal/core/program"
)

// pair is two members of the model's program.
type pair struct {
	t        *testing.T
	timeline *engine.Timeline
	program  *engine.Program
	states   [3]ledger.State
	past     merge.Memory
	told     []string
}

func modelProgram(t *testing.T, names *engine.Names, change ...string) *engine.Program {
	t.Helper()
	src, err := os.ReadFile("testdata/model.txt")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.NewReplacer(change...).Replace(fmt.Sprintf(string(src), "Europe/Warsaw"))
	d, err := program.Load("model.yaml", []byte(text), names)
	if err != nil {
		t.Fatal(err)
	}
	return d.Program
}

func newPair(t *testing.T, lives ...engine.Live) *pair {
	p := &pair{t: t, past: merge.Memory{}}
	if len(lives) == 0 {
		lives = []engine.Live{{From: calendar.Beginning, Program: modelProgram(t, engine.NewNames())}}
	}
	p.timeline, p.program = engine.NewTimeline(lives...), lives[len(lives)-1].Program
	return p
}

func day(t *testing.T, s string) calendar.Instant {
	t.Helper()
	zone, err := calendar.Zone("Europe/Warsaw")
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.ParseInLocation("2006-01-02", s, zone)
	if err != nil {
		t.Fatal(err)
	}
	return calendar.Of(at)
}

// happen decides upon an event at noon of a day, and upon what follows for the
// other; at is the day on which it counts, if that is another.
func (p *pair) happen(member int, known, at string, e event.Event) engine.Decision {
	clock := day(p.t, known) + 12*calendar.Hour
	e.At = clock
	if at != "" {
		e.At = day(p.t, at) + 12*calendar.Hour
	}
	var d engine.Decision
	id := ledger.MemberID(member)
	in := engine.Inputs{Clock: clock, Member: id, History: p.past.Of(id)}
	new(engine.Decider).Decide(p.timeline, &p.states[member], &e, in, &d)
	p.past.Keep(id, &e, nil, &d)
	for i := range d.Steps {
		if s := &d.Steps[i]; s.Result == engine.LevelReached || s.Result == engine.LevelLost {
			p.told = append(p.told, fmt.Sprint(member, " ", p.program.Names.Name(s.By)))
		}
	}
	for _, f := range d.FollowUps {
		p.happen(int(f.Member), known, "", event.Event{Type: f.Type, Order: f.Order, Carried: f.Carried})
	}
	return d
}

func (p *pair) enrol(member int, on string) {
	p.happen(member, on, "", event.Event{Type: event.Enrolment})
}

func (p *pair) buy(member int, known, at, order string, total int64) {
	p.happen(member, known, at, event.Event{Type: event.Purchase, ID: order, Order: order, Total: total, Given: event.GivenTotal})
}

// standing gives a member's level and what counts on a ladder, on a day.
func (p *pair) standing(member int, ladder, on string) string {
	at := day(p.t, on)
	s, _ := engine.Settled(p.timeline, ledger.MemberID(member), &p.states[member], at)
	for _, x := range tier.Standings(p.timeline.At(at), s, at) {
		if x.Ladder.ID == ladder {
			return fmt.Sprint(x.Level.ID, " ", x.Counted)
		}
	}
	return "no ladder"
}

func (p *pair) expect(member int, on string, want map[string]string) {
	p.t.Helper()
	for ladder, stands := range want {
		if got := p.standing(member, ladder, on); got != stands {
			p.t.Errorf("member %d on %s: %s is %s, not %s", member, on, ladder, got, stands)
		}
	}
}

// TestMergedLevels adds up what two members counted, keeps the higher level, and
// gives no gift twice.
func TestMergedLevels(t *testing.T) {
	p := newPair(t)
	p.enrol(1, "2025-03-10")
	p.enrol(2, "2025-06-20")
	p.buy(1, "2026-02-01", "", "A", 500_00)
	p.buy(2, "2026-02-02", "", "B", 950_00)
	p.buy(2, "2025-12-01", "", "C", 100_00)
	gems := p.states[1].Wallets
	p.happen(2, "2026-02-10", "", event.Event{Type: event.Merge, Data: []event.Datum{{Name: merge.Into, Kind: event.Whole, Whole: 1}}})
	if len(gems) == 0 || len(p.states[2].Tiers) != 0 {
		t.Fatalf("after the merge the other has %+v", p.states[2].Tiers)
	}
	p.expect(1, "2026-02-11", map[string]string{
		"yearly": "l2 145000", "months": "l2 2", "rolling": "l3 155000", "member": "l2 155000",
	})
	names := map[ledger.Name]bool{}
	for i := range p.states[1].Tiers {
		if names[p.states[1].Tiers[i].Ladder] {
			t.Error("a ladder stands there twice")
		}
		names[p.states[1].Tiers[i].Ladder] = true
	}
	welcome, _ := p.program.Names.Find("welcome.yearly.l2")
	given := 0
	for _, w := range p.states[1].Wallets {
		for _, l := range w.Lots {
			if l.Rule == welcome {
				given++
			}
		}
	}
	if given != 1 {
		t.Errorf("the welcome gift is there %d times", given)
	}
	// A return of what the other bought counts less here.
	p.happen(1, "2026-02-20", "", event.Event{Type: event.Return, Order: "A", Total: 500_00, Given: event.GivenTotal})
	p.expect(1, "2026-02-21", map[string]string{"yearly": "l2 95000", "months": "l1 1"})
}

// TestLateEventsCountInTheirOwnYear raises a level afterwards, and keeps it for as
// long as it would have been kept.
func TestLateEventsCountInTheirOwnYear(t *testing.T) {
	p := newPair(t)
	p.enrol(1, "2025-03-10")
	p.buy(1, "2026-12-30", "", "A", 200_00)
	p.expect(1, "2027-01-02", map[string]string{"yearly": "l0 0"})
	p.buy(1, "2027-01-05", "2026-12-31", "B", 100_00)
	p.expect(1, "2027-01-06", map[string]string{"yearly": "l1 0"})
	p.expect(1, "2028-01-30", map[string]string{"yearly": "l1 0"})
	p.expect(1, "2028-01-31", map[string]string{"yearly": "l0 0"})
	if want := "1 level.yearly.l1"; !slices.Contains(p.told, want) {
		t.Errorf("told: %v", p.told)
	}
}

// TestBlockedAndErased counts nothing for blocked members, lets time and returns
// lower their level, and keeps nothing of erased ones.
func TestBlockedAndErased(t *testing.T) {
	p := newPair(t)
	p.enrol(1, "2025-03-10")
	p.buy(1, "2026-02-01", "", "A", 950_00)
	profile := func(on, name string, yes int64) {
		p.happen(1, on, "", event.Event{Type: event.Profile, Data: []event.Datum{{Name: name, Kind: event.Truth, Whole: yes}}})
	}
	profile("2026-02-02", "blocked", 1)
	p.buy(1, "2026-02-03", "", "B", 5000_00)
	p.expect(1, "2026-02-04", map[string]string{"yearly": "l2 95000"})
	p.happen(1, "2026-02-05", "", event.Event{Type: event.Return, Order: "B", Total: 5000_00, Given: event.GivenTotal})
	p.expect(1, "2026-02-06", map[string]string{"yearly": "l2 95000"})
	p.happen(1, "2026-02-07", "", event.Event{Type: event.Return, Order: "A", Total: 100_00, Given: event.GivenTotal})
	p.expect(1, "2026-02-08", map[string]string{"yearly": "l1 85000"})
	profile("2026-02-09", "blocked", 0)
	p.expect(1, "2026-02-10", map[string]string{"yearly": "l1 85000"})
	profile("2026-02-11", "erased", 1)
	if len(p.states[1].Tiers) != 0 {
		t.Errorf("of an erased member there is %+v", p.states[1].Tiers)
	}
}

// TestAnotherProgram passes through publications: a ladder that counts otherwise
// begins anew and leaves the level until its period ends, one that is longer kept is
// over at the new moment and silent at the old one, and one that is dropped ends.
func TestAnotherProgram(t *testing.T) {
	names := engine.NewNames()
	first := modelProgram(t, names)
	first.Version = 1
	second := modelProgram(t, names, "by: earned.beans\n    period: calendar quarter", "by: purchases\n    period: calendar quarter",
		"grace: 30d", "grace: 60d", "  middle:\n", "  other:\n")
	second.Version = 2
	p := newPair(t, engine.Live{From: calendar.Beginning, Program: first}, engine.Live{From: day(t, "2026-03-01"), Program: second})
	p.enrol(1, "2026-01-10")
	p.buy(1, "2026-02-01", "", "A", 350_00)
	p.expect(1, "2026-02-20", map[string]string{"quarters": "l2 350", "yearly": "l1 35000", "middle": "l1 1"})
	p.expect(1, "2026-03-02", map[string]string{"quarters": "l2 0", "yearly": "l1 35000", "other": "l0 0", "middle": "no ladder"})
	p.buy(1, "2026-03-03", "", "B", 10_00)
	p.expect(1, "2026-03-31", map[string]string{"quarters": "l2 1", "yearly": "l1 36000"})
	p.expect(1, "2026-04-12", map[string]string{"quarters": "l1 0"})
	for i := range p.states[1].Tiers {
		if name := names.Name(p.states[1].Tiers[i].Ladder); name == "tier.middle" {
			t.Error("a ladder is kept that the program dropped")
		}
	}
	old := newPair(t, engine.Live{From: calendar.Beginning, Program: first}, engine.Live{From: day(t, "2027-06-01"), Program: second})
	old.enrol(1, "2026-01-10")
	old.buy(1, "2026-02-01", "", "A", 350_00)
	_, d := engine.Settled(old.timeline, 1, &old.states[1], day(t, "2028-03-02"))
	var yearly []string
	for i := range d.Steps {
		if s := &d.Steps[i]; names.Name(s.Rule) == "tier.yearly" {
			yearly = append(yearly, s.Result.String()+" "+calendar.Instant(s.Base).String())
		}
	}
	if diff := cmp.Diff([]string{"level_lost 2028-02-29T23:00:00Z"}, yearly); diff != "" {
		t.Error(diff)
	}
	old.expect(1, "2028-03-01", map[string]string{"yearly": "l0 0"})
}
