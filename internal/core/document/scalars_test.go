package document

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestSpanIsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := func(name string, most int) int { return rapid.IntRange(0, most).Draw(t, name) }
		want := Span{Years: n("years", 100), Months: n("months", 1200), Days: n("days", 36600), Hours: n("hours", 800000), Minutes: n("minutes", 999999)}
		got, err := ParseSpan(want.String())
		if err != nil || got != want {
			t.Fatalf("%s is read as %+v, %v, not %+v", want, got, err, want)
		}
	})
	for text, want := range map[string]Span{"2w": {Days: 14}, "1w3d": {Days: 10}, "1y6mo": {Years: 1, Months: 6}, "36h": {Hours: 36}, "90m": {Minutes: 90}, "0d": {}, "007d": {Days: 7}} {
		if got, err := ParseSpan(text); err != nil || got != want {
			t.Errorf("%s is read as %+v, %v", text, got, err)
		}
	}
}

func TestMomentIsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zone := time.FixedZone("", 60*rapid.IntRange(-14*60, 14*60).Draw(t, "offset"))
		at := time.Unix(rapid.Int64Range(-2e9, 3e10).Draw(t, "seconds"), 0).In(zone)
		for _, layout := range []string{time.RFC3339, "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02T15:04", time.DateOnly, "2006-01-02 15:04Z07:00"} {
			text := at.Format(layout)
			m, err := ParseMoment(text)
			if err != nil {
				t.Fatal(err)
			}
			// In a zone of its own, or in the one given, it is what time.Parse says.
			want, err := time.ParseInLocation(layout, text, zone)
			if err != nil {
				t.Fatal(err)
			}
			if got := m.In(zone); !got.Equal(want) {
				t.Fatalf("%s is %s, not %s", text, got, want)
			}
			if again, err := ParseMoment(m.String()); err != nil || again != m {
				t.Fatalf("%s is read back from %s as %+v, %v", text, m, again, err)
			}
		}
	})
}

func TestDateBeginsWhereTheDayBegins(t *testing.T) {
	// Clocks in Beirut and Havana skip midnight when summer time begins.
	for _, name := range []string{"Europe/Warsaw", "Asia/Beirut", "America/Havana", "UTC"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		for day := time.Date(2015, 1, 1, 12, 0, 0, 0, time.UTC); day.Year() < 2025; day = day.AddDate(0, 0, 1) {
			d := Date{Year: day.Year(), Month: day.Month(), Day: day.Day()}
			at := d.In(zone)
			if at.Day() != d.Day || at.Add(-time.Nanosecond).Day() == d.Day {
				t.Errorf("%s in %s begins at %s", d, name, at)
			}
		}
	}
}

func TestDatesAreOrdered(t *testing.T) {
	a, b := Date{2026, time.May, 1}, Date{2026, time.December, 1}
	if !a.Before(b) || b.Before(a) || a.Before(a) || a.IsZero() || !(Date{}).IsZero() || !(Moment{}).IsZero() || !(Span{}).IsZero() {
		t.Error("dates are out of order")
	}
}

func TestTextFallsBack(t *testing.T) {
	everywhere, some := Text{"": "x"}, Text{"pl": "y"}
	if got, ok := everywhere.In("pl"); got != "x" || !ok {
		t.Errorf("%q %v", got, ok)
	}
	if _, ok := some.In("en"); ok {
		t.Error("a text in one language is found in another")
	}
	if forms, ok := (UnitName{"": {"other": "z"}}).In("cs"); !ok || forms["other"] != "z" {
		t.Errorf("%v %v", forms, ok)
	}
	if got := strings.Join(Text{"ru": "a", "en": "b"}.Languages(), " "); got != "en ru" {
		t.Error(got)
	}
}

// nearest is Closest's distance by its definition, without the table.
func nearest(a, b string) int {
	switch {
	case a == "" || b == "":
		return len(a) + len(b)
	case a[0] == b[0]:
		return nearest(a[1:], b[1:])
	}
	best := 1 + min(nearest(a[1:], b), nearest(a, b[1:]), nearest(a[1:], b[1:]))
	if len(a) > 1 && len(b) > 1 && a[0] == b[1] && a[1] == b[0] {
		best = min(best, 1+nearest(a[2:], b[2:]))
	}
	return best
}

func TestDistanceAgreesWithItsDefinition(t *testing.T) {
	word := rapid.StringMatching(`[abc]{0,6}`)
	rapid.Check(t, func(t *rapid.T) {
		a, b := word.Draw(t, "a"), word.Draw(t, "b")
		if got, want := distance([]rune(a), []rune(b)), nearest(a, b); got != want {
			t.Fatalf("%q and %q are %d apart, not %d", a, b, got, want)
		}
	})
}

func TestClosest(t *testing.T) {
	for word, want := range map[string]string{
		"wen": "when", "whne": "when", "When": "when", "walets": "wallets", "expirse": "expires", "on": "on",
		"xy": "", "whxx": "", "gift": "", "": "", strings.Repeat("when", 100): "",
	} {
		got, ok := Closest(word, []string{"when", "on", "wallets", "expires"})
		if got != want || ok != (want != "") {
			t.Errorf("%q is taken for %q, not %q", word, got, want)
		}
	}
}
