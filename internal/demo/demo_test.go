package demo_test

import (
	"context"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/custom"
	"premia/internal/core/program"
	"premia/internal/demo"
	"premia/internal/journal"
	"premia/internal/store"
	"premia/internal/testkit"
	"premia/programs"
)

// until is the last day of the years of these tests.
var until = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

var scales = event.Scales{Currency: 2, Wallet: func(string) (int, bool) { return 0, true }}

func TestSameSeedSameYear(t *testing.T) {
	t.Parallel()
	first, again := slices.Collect(demo.Year(1, until)), slices.Collect(demo.Year(1, until.Add(10*time.Hour)))
	for i := range min(len(first), len(again)) {
		if !reflect.DeepEqual(first[i], again[i]) {
			t.Fatalf("another hour of the last day gives another event %d:\n%s", i, cmp.Diff(first[i], again[i]))
		}
	}
	if len(first) != len(again) {
		t.Errorf("%d events, and then %d", len(first), len(again))
	}
	if reflect.DeepEqual(first, slices.Collect(demo.Year(2, until))) {
		t.Error("another seed gives the same year")
	}
}

// TestYearIsAsPromised counts what the demo is to show, for several last days.
func TestYearIsAsPromised(t *testing.T) {
	t.Parallel()
	for _, last := range []time.Time{until, time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC), time.Date(2028, 2, 29, 23, 30, 0, 0, time.UTC)} {
		types, channels, shops := map[string]int{}, map[string]int{}, map[string]int{}
		members, guests, lines, languages := 0, 0, map[int]int{}, map[string]int{}
		for h := range demo.Year(demo.Seed, last) {
			types[h.Event.Type]++
			channels[h.Event.Channel]++
			if h.Event.Type == event.Purchase {
				shops[h.Event.Store]++
				lines[len(h.Event.Items)]++
				if h.Unknown == engine.GuestUnknown {
					guests++
				}
			}
			if h.Event.Type == event.Enrolment {
				members++
				for _, d := range h.Event.Data {
					if d.Name == "language" {
						languages[d.Text]++
					}
				}
			}
		}
		sum := 0
		for _, n := range types {
			sum += n
		}
		if sum < 20_000 || members < 400 || guests < 1_000 || len(shops) != 4 || len(languages) != 4 {
			t.Errorf("%s: %d events, %d members, %d purchases of guests, stores %v, languages %v", last, sum, members, guests, shops, languages)
		}
		for _, kind := range []string{event.Claim, event.Adjustment, event.Merge, "review", "newsletter", "check-in"} {
			if types[kind] < 3 {
				t.Errorf("%s: %d events of type %s", last, types[kind], kind)
			}
		}
		if share := 1000 * types[event.Return] / types[event.Purchase]; share < 10 || share > 20 {
			t.Errorf("%s: %d returns in a thousand purchases, want 10 to 20", last, share)
		}
		if channels["app"] < 3_000 || channels["till"] < 6_000 {
			t.Errorf("%s: channels %v", last, channels)
		}
		for n := 1; n <= 5; n++ {
			if lines[n] == 0 {
				t.Errorf("%s: no basket of %d lines", last, n)
			}
		}
	}
}

// TestEveryEventIsSound checks each event as the API would: it is read from its
// JSON, passes the checks, has the data that the program declares, an id of its
// own, and comes in the order of time, its member having joined.
func TestEveryEventIsSound(t *testing.T) {
	t.Parallel()
	doc, err := program.Load("program", programs.Coffee, engine.NewNames())
	if err != nil {
		t.Fatal(err)
	}
	zone := doc.Program.Zone
	ids, orders, joined := map[string]bool{}, map[string]bool{}, map[journal.Identity]bool{}
	before := calendar.Beginning
	for h := range demo.Year(demo.Seed, until) {
		decode := event.Decode
		if h.Event.Type == event.Enrolment || h.Event.Type == event.Merge {
			decode = event.DecodeStored // callers ask for these in another way
		}
		read, err := decode(h.Event.Append(nil, scales), scales)
		if err != nil {
			t.Fatalf("%s: %v", h.Event.ID, err)
		}
		if err := read.Check("PLN", 2); err != nil {
			t.Fatalf("%s: %v", h.Event.ID, err)
		}
		if et := doc.Program.EventType(h.Event.Type); et != nil {
			if field, problem, ok := custom.CheckData(et, h.Event); !ok {
				t.Fatalf("%s: %s: %s", h.Event.ID, field, problem)
			}
		}
		if ids[h.Event.ID] || h.Event.ID == "" || h.Event.At < before {
			t.Fatalf("%s at %s, after an event at %s: an id twice or out of order", h.Event.ID, h.Event.At, before)
		}
		ids[h.Event.ID], before = true, h.Event.At
		switch h.Event.Type {
		case event.Purchase:
			if orders[h.Event.Order] {
				t.Fatalf("order %s twice", h.Event.Order)
			}
			orders[h.Event.Order] = true
			if hour := h.Event.At.In(zone).Hour(); hour < 7 || hour > 20 {
				t.Fatalf("%s was sold at %d o'clock", h.Event.ID, hour)
			}
		case event.Return, event.Claim:
			if !orders[h.Event.Order] {
				t.Fatalf("%s names the order %q, which is not there yet", h.Event.ID, h.Event.Order)
			}
		case event.Enrolment:
			joined[h.Identity] = true
		}
		if h.Identity != (journal.Identity{}) && !joined[h.Identity] {
			t.Fatalf("%s is of %s, who has not joined", h.Event.ID, h.Identity)
		}
	}
	if last := before.In(zone); last.Format(time.DateOnly) != "2026-11-24" {
		t.Errorf("the last event is of %s", last)
	}
}

// TestRhythm compares hours, days and months that differ in a coffee bar.
func TestRhythm(t *testing.T) {
	t.Parallel()
	zone, err := calendar.Zone("Europe/Warsaw")
	if err != nil {
		t.Fatal(err)
	}
	hours, months := map[time.Weekday]map[int]int{}, map[time.Month]int{}
	week := map[time.Weekday]int{}
	for h := range demo.Year(demo.Seed, until) {
		if h.Event.Type != event.Purchase {
			continue
		}
		at := h.Event.At.In(zone)
		if hours[at.Weekday()] == nil {
			hours[at.Weekday()] = map[int]int{}
		}
		hours[at.Weekday()][at.Hour()]++
		week[at.Weekday()]++
		months[at.Month()]++
		if at.Format("01-02") == "12-25" {
			t.Errorf("%s was sold on Christmas Day", h.Event.ID)
		}
	}
	friday, sunday, tuesday := hours[time.Friday], hours[time.Sunday], hours[time.Tuesday]
	for what, ok := range map[string]bool{
		"Friday from 8 to 10 is busier than Sunday":      friday[8]+friday[9] > 2*(sunday[8]+sunday[9]),
		"a working day has a peak in the morning":        tuesday[8] > tuesday[11],
		"and one at noon":                                tuesday[12] > tuesday[11],
		"a Sunday has its peak later":                    sunday[11] > 2*sunday[8],
		"Friday is the busiest day":                      week[time.Friday] > week[time.Monday] && week[time.Friday] > week[time.Sunday],
		"autumn is busier than the summer holidays":      months[time.October] > months[time.July],
		"nobody buys much in the last hour of a weekday": tuesday[20] < tuesday[17],
	} {
		if !ok {
			t.Errorf("not so: %s (%v)", what, hours)
		}
	}
}

// TestPeople looks at cards, names and addresses.
func TestPeople(t *testing.T) {
	t.Parallel()
	cards, scripts := map[string]bool{}, map[string]int{}
	emails, phones := 0, 0
	for h := range demo.Year(demo.Seed, until) {
		if h.Event.Type != event.Enrolment {
			continue
		}
		if c := h.Identity; c.Kind != "card" || len(c.Value) != 13 || cards[c.Value] || !soundEAN(c.Value) {
			t.Errorf("%s is no card of its own", c)
		}
		cards[h.Identity.Value] = true
		for _, id := range h.Bind {
			switch id.Kind {
			case "email":
				emails++
				if !strings.HasSuffix(id.Value, "@example.com") || strings.ContainsFunc(id.Value, func(r rune) bool { return r > unicode.MaxASCII }) {
					t.Errorf("the address %s", id.Value)
				}
			case "phone":
				phones++
			}
		}
		for i := range h.Personal {
			for _, r := range h.Personal[i].Value {
				switch {
				case unicode.Is(unicode.Cyrillic, r):
					scripts["Cyrillic"]++
				case r > unicode.MaxASCII:
					scripts["diacritics"]++
				}
			}
		}
	}
	if emails < 200 || phones < 120 || scripts["Cyrillic"] == 0 || scripts["diacritics"] == 0 {
		t.Errorf("%d addresses, %d telephones, letters %v", emails, phones, scripts)
	}
}

// soundEAN checks an EAN-13 from the left: the digits in even places count
// three times, and all together are a multiple of ten.
func soundEAN(code string) bool {
	sum := 0
	for i, r := range code {
		sum += int(r-'0') * (1 + i%2*2)
	}
	return sum%10 == 0
}

// fixture is a journal with the coffee program on a fresh database.
func fixture(t *testing.T) (*journal.Journal, *store.Store) {
	t.Helper()
	ctx := context.Background()
	s, err := store.Open(ctx, "sqlite:"+filepath.Join(t.TempDir(), "demo.db"), store.Options{Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	clock := testkit.NewClock(until.Add(24 * time.Hour))
	j, err := journal.Open(ctx, s, journal.Options{Clock: clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		j.Close()
		s.Close()
	})
	if _, err := j.Publish(ctx, programs.Coffee, calendar.None, ""); err != nil {
		t.Fatal(err)
	}
	return j, s
}

// balances gives every member's beans by card; the numbers of members differ
// between databases.
func balances(t *testing.T, j *journal.Journal, year []demo.Happening) map[string]ledger.Balance {
	t.Helper()
	ctx := context.Background()
	beans, _ := j.Rules().Names.Find("wallet.beans")
	all := map[string]ledger.Balance{}
	for _, h := range year {
		if h.Event.Type != event.Enrolment {
			continue
		}
		id, err := j.Find(ctx, h.Identity)
		if err != nil {
			t.Fatal(err)
		}
		state, _, err := j.StateOf(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		now, _ := engine.Settled(j.Rules().Timeline, id, state, j.Now())
		if w := now.Wallet(beans); w != nil {
			all[h.Identity.Value] = w.Balance()
		}
	}
	return all
}

// TestLoading loads a quarter of the year at once, and on another database in
// two parts and then again: the balances are the same and nothing is there
// twice.
func TestLoading(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	year := slices.Collect(demo.Year(demo.Seed, until))
	quarter := len(year) / 4
	load := func(j *journal.Journal, events, known int) {
		t.Helper()
		heard := 0
		loaded, err := demo.Load(ctx, j, slices.Values(year[:events]), func(done int) { heard = done })
		if err != nil || loaded != (demo.Loaded{Events: events, Repeated: known}) || heard != events {
			t.Fatalf("loaded %+v and heard of %d (%v), want %d, %d of them known", loaded, heard, err, events, known)
		}
	}
	atOnce, _ := fixture(t)
	load(atOnce, quarter, 0)

	parts, sParts := fixture(t)
	load(parts, quarter/2, 0)
	load(parts, quarter, quarter/2)
	before, err := sParts.Counts(ctx)
	if err != nil {
		t.Fatal(err)
	}
	load(parts, quarter, quarter)
	after, err := sParts.Counts(ctx)
	if err != nil || before != after {
		t.Errorf("loading again changed %+v into %+v (%v)", before, after, err)
	}
	if diff := cmp.Diff(balances(t, atOnce, year[:quarter]), balances(t, parts, year[:quarter])); diff != "" {
		t.Errorf("balances depend on how the year was loaded:\n%s", diff)
	}
}

// sound holds the loaded demo to what must be true of it: postings add up to
// what members have, no budget is exceeded, and one is used up.
func sound(t *testing.T, s *store.Store) {
	t.Helper()
	ctx := context.Background()
	totals, err := s.PostingTotals(ctx, calendar.Never, calendar.Never)
	if err != nil {
		t.Fatal(err)
	}
	accounts := map[ledger.Account]int64{}
	for _, p := range totals {
		accounts[p.From] -= p.Amount
		accounts[p.To] += p.Amount
	}
	if accounts[ledger.Transit] != 0 {
		t.Errorf("%d beans are still between members", accounts[ledger.Transit])
	}
	var held ledger.Balance
	for _, shard := range s.Shards() {
		err := s.EachMember(ctx, shard, func(m store.Member) error {
			var state ledger.State
			if err := ledger.DecodeState(m.State, &state); err != nil {
				return err
			}
			for i := range state.Wallets {
				b := state.Wallets[i].Balance()
				held.Pending += b.Pending
				held.Available += b.Available
				held.Debt -= b.Debt
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if got := (ledger.Balance{Pending: accounts[ledger.Pending], Available: accounts[ledger.Available], Debt: accounts[ledger.Debt]}); got != held {
		t.Errorf("postings make %+v, members have %+v", got, held)
	}
	quotas, err := s.QuotaList(ctx)
	if err != nil || len(quotas) == 0 {
		t.Fatalf("quotas %v (%v)", quotas, err)
	}
	spent := 0
	for _, q := range quotas {
		if q.Used > q.Cap {
			t.Errorf("the budget %d is exceeded: %d of %d", q.Quota, q.Used, q.Cap)
		}
		if q.Used == q.Cap {
			spent++
		}
	}
	if spent == 0 {
		t.Errorf("no campaign used its budget up: %+v", quotas)
	}
}
