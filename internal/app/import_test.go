package app_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"premia/internal/app"
	"premia/internal/core/event"
	"premia/internal/journal"
	"premia/internal/testkit"
)

// importProgram has a placeholder for the policy for unknown buyers.
const importProgram = `
program: Import
currency: PLN
timezone: Europe/Warsaw
languages: [en]
enrolment: {unknown: POLICY}
events:
  visit: {fields: {hours: whole}}
wallets:
  points: {name: {en: points}}
earn:
  - {id: spend, give: {points: 1, per: 1.00}}
`

func importProgramWith(policy string) []byte {
	return []byte(strings.Replace(importProgram, "POLICY", policy, 1))
}

// imports are events in the order of a file, with a word of the reason where
// one is refused.
type imports []struct{ event, refused string }

// run imports the events and gives the counts.
func (all imports) run(t *testing.T, a *app.App) app.ImportCounts {
	t.Helper()
	importer := a.NewImporter()
	refused := map[int]string{}
	for n, one := range all {
		e, err := event.Decode([]byte(one.event), event.Scales{Currency: 2})
		if err == nil {
			err = e.Check("PLN", 2)
		}
		if err == nil {
			err = importer.Add(t.Context(), e, func(reason string) error {
				refused[n] = reason
				return nil
			})
		}
		if err != nil {
			t.Fatalf("%s: %v", one.event, err)
		}
	}
	counts, err := importer.Finish(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for n, one := range all {
		if reason := refused[n]; (reason == "") != (one.refused == "") || !strings.Contains(reason, one.refused) {
			t.Errorf("%s is refused with %q, want %q", one.event, reason, one.refused)
		}
	}
	return counts
}

func openForImport(t *testing.T, url, policy string) *app.App {
	t.Helper()
	clock := testkit.NewClock(time.Date(2026, 6, 1, 9, 0, 0, 0, time.UTC))
	a, err := app.Open(t.Context(), app.Config{DB: url, Migrate: true, OneWriter: true, Clock: clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	version, published, err := a.AdoptProgram(t.Context(), importProgramWith(policy))
	if version != 1 || !published || err != nil {
		t.Fatalf("version %d, published %t: %v", version, published, err)
	}
	return a
}

// TestImport imports what is good of a file, says why the rest is not, and
// imports nothing twice.
func TestImport(t *testing.T) {
	t.Parallel()
	file := imports{
		{`{"id":"r0","type":"return","time":"2026-01-01T10:00:00Z","member":"card:1","order":"O-0"}`, ""},
		{`{"id":"p1","type":"purchase","time":"2026-01-02T10:00:00Z","member":"card:1","order":"O-1","total":"12.50"}`, ""},
		{`{"id":"r1","type":"return","time":"2026-01-03T10:00:00Z","member":"card:1","order":"O-1"}`, ""},
		{`{"id":"p1","type":"purchase","time":"2026-01-02T10:00:00Z","member":"card:1","order":"O-1","total":"12.50"}`, ""},
		{`{"id":"p1","type":"purchase","time":"2026-01-02T10:00:00Z","member":"card:1","order":"O-1","total":"13.50"}`, "used before"},
		{`{"id":"p2","type":"purchase","time":"2026-01-04T10:00:00Z","member":"card:2","order":"O-1","total":"1.00"}`, "order number"},
		{`{"id":"p3","type":"purchase","time":"2026-06-01T09:06:00Z","member":"card:2","total":"1.00"}`, "in the future"},
		{`{"id":"p4","type":"purchase","member":"card:2","total":"1.00"}`, "no time"},
		{`{"id":"p5","type":"purchase","time":"2026-01-04T10:00:00Z","total":"1.00"}`, "names no member"},
		{`{"id":"p6","type":"purchase","time":"2026-01-04T10:00:00Z","member":"mem_0000000000001","total":"1.00"}`, "member"},
		{`{"id":"p7","type":"purchase","time":"2026-01-04T10:00:00Z","member":"card","total":"1.00"}`, "is no identity"},
		{`{"id":"r2","type":"return","time":"2026-01-05T10:00:00Z","member":"card:3","order":"O-9"}`, ""},
		{`{"id":"r3","type":"return","time":"2026-01-06T10:00:00Z","member":"card:3","order":"O-9"}`, ""},
		{`{"id":"c1","type":"claim","time":"2026-01-05T10:00:00Z","member":"card:4","order":"O-1"}`, "no member has the identity"},
		{`{"id":"v1","type":"visit","time":"2026-01-05T10:00:00Z","member":"card:5"}`, ""},
	}
	onBoth(t, func(t *testing.T, url string) {
		a := openForImport(t, url, "enrol")
		want := app.ImportCounts{Decided: 6, Repeated: 1, Refused: 8, Purchases: 2, Returns: 1, Guests: 3, UnknownBuyers: 1, Enrolled: 2}
		if diff := cmp.Diff(want, file.run(t, a)); diff != "" {
			t.Errorf("at first (+):\n%s", diff)
		}
		want.Decided, want.Repeated, want.Enrolled = 0, 7, 0
		if diff := cmp.Diff(want, file.run(t, a)); diff != "" {
			t.Errorf("again (+):\n%s", diff)
		}
		again, err := a.Record(t.Context(), &event.Event{ID: "p1", Type: event.Purchase, Member: "card:1"})
		if err == nil {
			t.Errorf("the id p1 is free after the import: %+v", again)
		}
	})
}

// TestImportPolicies imports strangers' events under the other policies.
func TestImportPolicies(t *testing.T) {
	t.Parallel()
	purchase := `{"id":"p1","type":"purchase","time":"2026-01-02T10:00:00Z","member":"card:1","total":"12.50"}`
	back := `{"id":"r1","type":"return","time":"2026-01-03T10:00:00Z","member":"card:1","order":"O-1"}`
	nobodys := `{"id":"n1","type":"purchase","time":"2026-01-02T10:00:00Z","total":"12.50"}`
	const unknown = "no member has the identity"
	for policy, c := range map[string]struct {
		file imports
		want app.ImportCounts
	}{
		"refuse": {imports{{purchase, unknown}, {back, unknown}, {nobodys, "names no member"}}, app.ImportCounts{Refused: 3}},
		"guest":  {imports{{purchase, ""}, {back, ""}, {nobodys, ""}}, app.ImportCounts{Decided: 3, Guests: 3, UnknownBuyers: 1}},
	} {
		t.Run(policy, func(t *testing.T) {
			t.Parallel()
			onBoth(t, func(t *testing.T, url string) {
				if diff := cmp.Diff(c.want, c.file.run(t, openForImport(t, url, policy))); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

// TestReturnDoesNotOvertake sends each first purchase together with a return by
// the same person, which must find the member.
func TestReturnDoesNotOvertake(t *testing.T) {
	t.Parallel()
	const people = 200
	var file imports
	add := func(format string, n int) {
		file = append(file, struct{ event, refused string }{fmt.Sprintf(format, n), ""})
	}
	for n := range people {
		add(`{"id":"p%[1]d","type":"purchase","time":"2026-01-02T10:00:00Z","member":"card:%[1]d","total":"5.00"}`, n)
		if n >= 10 {
			add(`{"id":"r%[1]d","type":"return","time":"2026-01-03T10:00:00Z","member":"card:%[1]d","order":"O"}`, n-n%10)
			file[len(file)-1].event = strings.Replace(file[len(file)-1].event, `"id":"r`, fmt.Sprintf(`"id":"r%d-`, n), 1)
		}
	}
	onBoth(t, func(t *testing.T, url string) {
		want := app.ImportCounts{Decided: 2*people - 10, Purchases: people, Returns: people - 10, Enrolled: people}
		if diff := cmp.Diff(want, file.run(t, openForImport(t, url, "enrol"))); diff != "" {
			t.Error(diff)
		}
	})
}

// TestAdoptProgram takes the first program and no other.
func TestAdoptProgram(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		a := openForImport(t, url, "enrol")
		version, published, err := a.AdoptProgram(t.Context(), importProgramWith("enrol"))
		if version != 1 || published || err != nil {
			t.Errorf("the same again: version %d, published %t, %v", version, published, err)
		}
		if _, _, err := a.AdoptProgram(t.Context(), importProgramWith("guest")); !errors.Is(err, app.ErrOtherProgram) || !strings.Contains(err.Error(), "publish") {
			t.Errorf("another: %v, want ErrOtherProgram and what to do", err)
		}
		if newest := a.Journal.Rules().Newest; newest != 1 {
			t.Errorf("version %d is the newest, want 1", newest)
		}
	})
}

// TestImportStops ends an import with the workspace, and keeps what was decided.
func TestImportStops(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		a := openForImport(t, url, "enrol")
		if err := a.Journal.Close(); err != nil {
			t.Fatal(err)
		}
		e, err := event.Decode([]byte(`{"id":"p1","type":"purchase","time":"2026-01-02T10:00:00Z","member":"card:1","total":"1.00"}`), event.Scales{Currency: 2})
		if err != nil {
			t.Fatal(err)
		}
		importer := a.NewImporter()
		if err := importer.Add(t.Context(), e, func(reason string) error { return errors.New("refused: " + reason) }); err != nil {
			t.Fatal(err)
		}
		_, err = importer.Finish(t.Context())
		if !errors.Is(err, journal.ErrClosed) {
			t.Errorf("the import goes on with %v, want ErrClosed", err)
		}
	})
}
