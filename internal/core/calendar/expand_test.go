package calendar

import (
	"io"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// allZones reads every zone as the library does, and expanded.
func allZones(t testing.TB) (names []string, plain, expanded map[string]*time.Location) {
	t.Helper()
	files, err := zoneFiles()
	if err != nil {
		t.Fatal(err)
	}
	plain, expanded = map[string]*time.Location{}, map[string]*time.Location{}
	for _, f := range files.File {
		if strings.HasSuffix(f.Name, "/") {
			continue
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		zone, err := time.LoadLocationFromTZData(f.Name, data)
		if err != nil {
			continue // a list of zones, not a zone
		}
		fast, err := time.LoadLocationFromTZData(f.Name, expand(data, zone))
		if err != nil {
			t.Errorf("%s: the expanded data can't be read: %v", f.Name, err)
			continue
		}
		names = append(names, f.Name)
		plain[f.Name], expanded[f.Name] = zone, fast
	}
	return names, plain, expanded
}

// TestExpandKeepsTheMeaning compares the expanded zones with the plain ones, at
// moments of all years and around changes of clocks.
func TestExpandKeepsTheMeaning(t *testing.T) {
	names, plain, expanded := allZones(t)
	if len(names) < 300 {
		t.Fatalf("only %d zones", len(names))
	}
	same := func(t interface {
		Fatalf(string, ...any)
	}, name string, unix int64) {
		a, b := time.Unix(unix, 0).In(plain[name]), time.Unix(unix, 0).In(expanded[name])
		if !sameClocks(a, b) || a.Format(time.RFC3339) != b.Format(time.RFC3339) {
			t.Fatalf("%s at %d: %v, expanded %v", name, unix, a, b)
		}
	}
	rapid.Check(t, func(r *rapid.T) {
		name := rapid.SampledFrom(names).Draw(r, "zone")
		unix := rapid.Int64Range(-5e9, 10e9).Draw(r, "unix")
		same(r, name, unix)
		_, next := time.Unix(unix, 0).In(expanded[name]).ZoneBounds()
		if !next.IsZero() {
			same(r, name, next.Unix()-1)
			same(r, name, next.Unix())
		}
	})
	for _, name := range names {
		for year := 1960; year < 2260; year += 7 {
			same(t, name, time.Date(year, 12, 31, 23, 59, 59, 0, time.UTC).Unix())
			same(t, name, time.Date(year, 7, 1, 0, 0, 0, 0, time.UTC).Unix())
		}
	}
}

func TestExpandLeavesOtherDataAlone(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		data := rapid.SliceOf(rapid.Byte()).Draw(r, "data")
		if rapid.Bool().Draw(r, "magic") {
			data = append([]byte("TZif2"), data...)
		}
		if _, err := time.LoadLocationFromTZData("x", data); err == nil {
			return
		}
		if got := expand(data, time.UTC); string(got) != string(data) {
			r.Fatalf("%x became %x", data, got)
		}
	})
}

func BenchmarkStartOfDay(b *testing.B) {
	zone, err := Zone("Europe/Warsaw")
	if err != nil {
		b.Fatal(err)
	}
	at := 20_000 * Day
	for b.Loop() {
		at += Hour
		Start(at, ByDay, zone)
	}
}
