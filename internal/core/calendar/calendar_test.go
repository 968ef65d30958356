package calendar_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"testing"
	"time"

	"pgregory.net/rapid"

	"premia/internal/core/calendar"
)

// Zones whose clocks change in awkward ways: at two and three o'clock; at
// midnight, so that days begin at one; with a day left out; with a change of
// half an hour; with none.
var awkward = []string{
	"Europe/Warsaw", "America/Sao_Paulo", "Asia/Beirut", "Pacific/Apia", "America/Havana", "Atlantic/Azores",
	"Asia/Amman", "Africa/Cairo", "America/Asuncion", "Asia/Tehran", "Pacific/Kwajalein", "Pacific/Kiritimati",
	"Australia/Lord_Howe", "Asia/Kathmandu", "America/New_York", "Antarctica/Troll", "Africa/Casablanca", "UTC",
}

func zone(t interface{ Fatal(...any) }, name string) *time.Location {
	z, err := calendar.Zone(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func embedded(t *testing.T) ([]byte, *zip.Reader) {
	t.Helper()
	data, err := os.ReadFile("zoneinfo.zip")
	if err != nil {
		t.Fatal(err)
	}
	files, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	return data, files
}

func TestEachZoneLoads(t *testing.T) {
	_, files := embedded(t)
	count := 0
	for _, f := range files.File {
		if f.FileInfo().IsDir() {
			continue
		}
		count++
		if z, err := calendar.Zone(f.Name); err != nil {
			t.Error(err)
		} else if f.Name != "UTC" && z.String() != f.Name {
			t.Errorf("%s is called %s", f.Name, z)
		}
	}
	if count < 500 {
		t.Errorf("only %d zones are embedded", count)
	}
	for _, name := range []string{"", "Local", "Europe/Warszawa", "../zoneinfo.zip", "Europe", "Europe/", "/etc/localtime"} {
		if _, err := calendar.Zone(name); err == nil {
			t.Errorf("%q is a zone", name)
		}
	}
}

// The data does not say its own version. Its digest does: whoever replaces the
// data must say here and in DataVersion which release it is. Where the Go
// distribution has the very same data, its notes must agree.
func TestDataVersionIsTheDatas(t *testing.T) {
	data, _ := embedded(t)
	const known = "2025c 8f55634d05f8bca1"
	if got := fmt.Sprintf("%s %.8x", calendar.DataVersion, sha256.Sum256(data)); got != known {
		t.Errorf("the embedded data is %s, not %s", got, known)
	}
	folder := filepath.Join(runtime.GOROOT(), "lib", "time")
	theirs, err := os.ReadFile(filepath.Join(folder, "zoneinfo.zip"))
	if err != nil || !bytes.Equal(theirs, data) {
		t.Logf("the Go distribution here has no such data to compare with")
		return
	}
	notes, err := os.ReadFile(filepath.Join(folder, "update.bash"))
	if err != nil {
		t.Fatal(err)
	}
	if m := regexp.MustCompile(`(?m)^DATA=(\w+)`).FindSubmatch(notes); m == nil || string(m[1]) != calendar.DataVersion {
		t.Errorf("the data is of the release %q, not %s", m, calendar.DataVersion)
	}
}

// period gives what all instants of one period have in common.
func period(t time.Time, u calendar.Unit) string {
	switch u {
	case calendar.ByDay:
		return t.Format(time.DateOnly)
	case calendar.ByWeek:
		year, week := t.ISOWeek()
		return fmt.Sprint(year, " ", week)
	case calendar.ByMonth:
		return t.Format("2006-01")
	case calendar.ByQuarter:
		return fmt.Sprint(t.Year(), " ", (int(t.Month())+2)/3)
	}
	return t.Format("2006")
}

var allUnits = []calendar.Unit{calendar.ByDay, calendar.ByWeek, calendar.ByMonth, calendar.ByQuarter, calendar.ByYear}

// checkPeriod checks a period against its meaning: it is the longest stretch of
// time around the instant whose local dates all belong to one period.
func checkPeriod(t *rapid.T, at calendar.Instant, u calendar.Unit, z *time.Location) {
	start, end := calendar.Start(at, u, z), calendar.End(at, u, z)
	want := period(at.In(z), u)
	if start > at || at >= end {
		t.Fatalf("%s in %s: the %s is from %s until %s", at.In(z), z, u, start.In(z), end.In(z))
	}
	for _, inside := range []calendar.Instant{start, end - 1} {
		if got := period(inside.In(z), u); got != want {
			t.Fatalf("%s in %s: %s is in the %s %s, not %s", at.In(z), z, inside.In(z), u, got, want)
		}
	}
	for _, outside := range []calendar.Instant{start - 1, end} {
		if period(outside.In(z), u) == want {
			t.Fatalf("%s in %s: %s is in the same %s", at.In(z), z, outside.In(z), u)
		}
	}
	if again := calendar.Start(end-1, u, z); again != start {
		t.Fatalf("%s in %s: the last instant of the %s begins at %s, not %s", at.In(z), z, u, again.In(z), start.In(z))
	}
}

// drawInstant draws an instant, often close to a change of clocks.
func drawInstant(t *rapid.T, z *time.Location) calendar.Instant {
	at := time.Unix(rapid.Int64Range(86_400, 2_524_608_000).Draw(t, "second"), 0).In(z) // 1970 to 2050
	if _, change := at.ZoneBounds(); rapid.Bool().Draw(t, "near a change") && !change.IsZero() && change.Year() < 2051 {
		at = change
	}
	at = at.Add(time.Duration(rapid.Int64Range(-100_000, 100_000).Draw(t, "beside")) * time.Second)
	return calendar.Of(at) + calendar.Instant(rapid.Int64Range(-1, 1).Draw(t, "microsecond"))
}

func TestPeriodsAreWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		for range 50 {
			z := zone(t, rapid.SampledFrom(awkward).Draw(t, "zone"))
			checkPeriod(t, drawInstant(t, z), rapid.SampledFrom(allUnits).Draw(t, "unit"), z)
		}
	})
}

// Each day around each change of clocks begins where it was found to begin by
// looking at every five minutes.
func TestDaysAroundChangesOfClocks(t *testing.T) {
	for _, name := range awkward {
		z := zone(t, name)
		at := time.Date(1975, 1, 1, 0, 0, 0, 0, time.UTC).In(z)
		for {
			_, change := at.ZoneBounds()
			if change.IsZero() || change.Year() > 2040 {
				break
			}
			if !change.After(at) {
				t.Fatalf("%s: after %s the clocks change at %s", name, at, change)
			}
			around := calendar.Of(change)
			day, began := "", calendar.Never
			for i := around - 50*calendar.Hour; i < around+50*calendar.Hour; i += 5 * calendar.Minute {
				if today := i.In(z).Format(time.DateOnly); today != day {
					if day != "" {
						began = i
					}
					day = today
				}
				if began == calendar.Never {
					continue
				}
				if got := calendar.Start(i, calendar.ByDay, z); got != began {
					t.Fatalf("%s: the day of %s begins at %s, not %s", name, i.In(z), got.In(z), began.In(z))
				}
			}
			at = change
		}
	}
}

func TestSkippedDay(t *testing.T) {
	apia := zone(t, "Pacific/Apia")
	last := time.Date(2011, 12, 29, 15, 0, 0, 0, apia)
	end := calendar.End(calendar.Of(last), calendar.ByDay, apia).In(apia)
	if want := time.Date(2011, 12, 31, 0, 0, 0, 0, apia); !end.Equal(want) {
		t.Errorf("29 December 2011 ends at %s in Samoa, not %s", end, want)
	}
}

// Adding a length keeps the time of day where that exists, and the day of the
// month or the month's last.
func TestAddAgainstDates(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		z := zone(t, rapid.SampledFrom(awkward).Draw(t, "zone"))
		at := drawInstant(t, z)
		months := rapid.IntRange(0, 40).Draw(t, "months")
		got := calendar.Add(at, calendar.Span{Years: months / 12, Months: months % 12}, z).In(z)
		from := at.In(z)
		year, month := from.Year(), int(from.Month())
		for range months {
			if month++; month == 13 {
				year, month = year+1, 1
			}
		}
		day := from.Day()
		for day > 27 && time.Date(year, time.Month(month), day, 12, 0, 0, 0, time.UTC).Month() != time.Month(month) {
			day--
		}
		want := time.Date(year, time.Month(month), day, from.Hour(), from.Minute(), from.Second(), from.Nanosecond(), z)
		if months == 0 {
			want = from // also where the clocks show the hour twice
		}
		if !got.Equal(want) {
			t.Fatalf("%s and %d months is %s, not %s", from, months, got, want)
		}
		minutes := rapid.IntRange(0, 100_000).Draw(t, "minutes")
		if got := calendar.Add(at, calendar.Span{Minutes: minutes}, z); got != at+calendar.Instant(minutes)*calendar.Minute {
			t.Fatalf("%s and %d minutes is %s", from, minutes, got.In(z))
		}
	})
}

func TestAddExamples(t *testing.T) {
	warsaw := zone(t, "Europe/Warsaw")
	for _, c := range []struct {
		from string
		span calendar.Span
		want string
	}{
		{"2024-01-31T10:00:00+01:00", calendar.Span{Months: 1}, "2024-02-29T10:00:00+01:00"},
		{"2023-01-31T10:00:00+01:00", calendar.Span{Months: 1}, "2023-02-28T10:00:00+01:00"},
		{"2024-02-29T10:00:00+01:00", calendar.Span{Years: 1}, "2025-02-28T10:00:00+01:00"},
		{"2024-02-29T10:00:00+01:00", calendar.Span{Years: 4}, "2028-02-29T10:00:00+01:00"},
		{"2026-03-28T10:00:00+01:00", calendar.Span{Days: 1}, "2026-03-29T10:00:00+02:00"},
		{"2026-03-28T10:00:00+01:00", calendar.Span{Minutes: 24 * 60}, "2026-03-29T11:00:00+02:00"},
		{"2026-01-31T23:30:00+01:00", calendar.Span{Months: 1, Days: 1, Minutes: 45}, "2026-03-02T00:15:00+01:00"},
		// The hour is skipped on the way, and not where it leads to.
		{"2027-02-28T02:30:00+01:00", calendar.Span{Months: 1, Days: 3, Minutes: 90}, "2027-03-31T04:00:00+02:00"},
	} {
		from, _ := time.Parse(time.RFC3339, c.from)
		if got := calendar.Add(calendar.Of(from), c.span, warsaw).In(warsaw).Format(time.RFC3339); got != c.want {
			t.Errorf("%s and %+v is %s, not %s", c.from, c.span, got, c.want)
		}
	}
}

// The next such day, and the next anniversary, are found by walking day by day.
func TestNextDaysByWalking(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		z := zone(t, rapid.SampledFrom([]string{"Europe/Warsaw", "Asia/Beirut", "America/Havana", "UTC"}).Draw(t, "zone"))
		at := calendar.Instant(rapid.Int64Range(315_532_800, 1_800_000_000).Draw(t, "at")) * calendar.Second
		if rapid.Bool().Draw(t, "at midnight") {
			at = calendar.Start(at, calendar.ByDay, z)
		}
		origin := at - calendar.Instant(rapid.IntRange(0, 4000).Draw(t, "age"))*calendar.Day
		if rapid.IntRange(0, 3).Draw(t, "leap") == 0 {
			origin = calendar.Of(time.Date(1976, 2, 29, 13, 0, 0, 0, z))
		}
		month, day := origin.In(z).Month(), origin.In(z).Day()
		anniversary, passed := calendar.Never, calendar.Never
		for i := calendar.Start(at, calendar.ByDay, z); anniversary == calendar.Never || passed == calendar.Never; i = calendar.End(i, calendar.ByDay, z) {
			if !isDay(i.In(z), month, day) {
				continue
			}
			if i > at {
				anniversary = min(anniversary, i)
			}
			if end := calendar.End(i, calendar.ByDay, z); end > at {
				passed = min(passed, end)
			}
		}
		if got := calendar.NextAnniversary(origin, at, z); got != anniversary {
			t.Fatalf("the anniversary of %s after %s is %s, not %s", origin.In(z), at.In(z), got.In(z), anniversary.In(z))
		}
		if got := calendar.NextDay(at, month, day, z); got != passed {
			t.Fatalf("%d %s after %s has passed at %s, not %s", day, month, at.In(z), got.In(z), passed.In(z))
		}
	})
}

// isDay tells whether the date is the day of the year, which 28 February is for
// 29 February in common years.
func isDay(at time.Time, month time.Month, day int) bool {
	if month == time.February && day == 29 && at.AddDate(0, 0, 1).Month() == time.March {
		return at.Month() == time.February
	}
	return at.Month() == month && at.Day() == day
}

func TestInstantsInWords(t *testing.T) {
	for at, want := range map[calendar.Instant]string{
		calendar.Never: "never", calendar.Beginning: "the beginning", 1_767_225_600_000_001: "2026-01-01T00:00:00.000001Z",
	} {
		if got := at.String(); got != want {
			t.Errorf("%d is %q, not %q", at, got, want)
		}
	}
	for _, u := range allUnits {
		if back, ok := calendar.ParseUnit(u.String()); !ok || back != u {
			t.Errorf("%q is read as %v", u, back)
		}
	}
	if _, ok := calendar.ParseUnit("fortnight"); ok {
		t.Error("a fortnight is no period")
	}
}
