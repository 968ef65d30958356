package mechanics

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/money"
	"premia/internal/core/program"
)

const examples = `
program: Examples
currency: PLN
timezone: Europe/Warsaw
languages: [en]
wallets:
  points: {name: {en: {one: p, other: p}}}
  cash: {name: {en: {one: c, other: c}}, scale: 2}
  stamps: {name: {en: {one: s, other: s}}}
  coins: {name: {en: {one: k, other: k}}, worth: 0.25, expires: {after: 2d}}
`

// Given decides one event after another, each known when it happened, and gives
// for each what its rules came to, in their order: "rule wallet amount", with
// the limit that cut it, or why it gave nothing.
func Given(t testing.TB, rules string, events ...string) []string {
	t.Helper()
	d, err := program.Load("program.yaml", []byte(examples+rules), engine.NewNames())
	if err != nil {
		t.Fatal(err)
	}
	p := d.Program
	used := budgets{}
	state := ledger.State{Status: ledger.Active, EnrolledAt: 1}
	var all []string
	for i, src := range events {
		e, err := event.Decode([]byte(src), event.Scales{Currency: 2})
		if err != nil {
			t.Fatalf("%s: %v", src, err)
		}
		e.ID = fmt.Sprint("e", i)
		if err := e.Check("PLN", 2); err != nil {
			t.Fatalf("%s: %v", src, err)
		}
		var out engine.Decision
		in := engine.Inputs{Clock: e.At, Member: 1, Quotas: used}
		new(engine.Decider).Decide(engine.NewTimeline(engine.Live{From: calendar.Beginning, Program: p}), &state, e, in, &out)
		for _, g := range out.Grants {
			used[g.Quota] += g.Amount
		}
		all = append(all, came(p, &out))
	}
	return all
}

type budgets map[ledger.Quota]int64

func (b budgets) Left(quota ledger.Quota, limit int64) int64 { return limit - b[quota] }

func came(p *engine.Program, out *engine.Decision) string {
	var parts []string
	for _, s := range out.Steps {
		_, rule, _ := strings.Cut(p.Names.Name(s.Rule), ".")
		text := rule + " " + s.Result.String()
		if s.Result == engine.Gave {
			w := p.Wallet(s.Wallet)
			text = fmt.Sprintf("%s %s %s", rule, w.ID, money.Format(s.Amount, w.Unit.Scale))
		}
		if s.Limit != engine.NoLimit {
			text += " (" + s.Limit.String() + ")"
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ", ")
}

// Example is what rules give for events, one after another.
type Example struct {
	It     string   // does this: the name of its test
	Rules  string   // the sections of the program after its wallets: points, cash (scale 2) and stamps
	Events []string // as an API gets them
	Want   []string // for each event, in the words of Given
}

// Check runs the example as a test of its own.
func (x Example) Check(t *testing.T) {
	t.Helper()
	t.Run(x.It, func(t *testing.T) {
		if difference := cmp.Diff(x.Want, Given(t, x.Rules, x.Events...)); difference != "" {
			t.Errorf("(-want +got):\n%s", difference)
		}
	})
}

// Bought writes a purchase at a local time in Warsaw, with more of its fields.
func Bought(at, more string) string {
	zone, err := calendar.Zone("Europe/Warsaw")
	if err != nil {
		panic(err)
	}
	when, err := time.ParseInLocation("2006-01-02 15:04", at, zone)
	if err != nil {
		panic(err)
	}
	return fmt.Sprintf(`{"type": "purchase", "time": %q, %s}`, when.Format(time.RFC3339), more)
}
