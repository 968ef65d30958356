package i18n_test

import (
	"strings"
	"testing"

	"premia/internal/core/money"
	"premia/internal/core/text"

	"pgregory.net/rapid"
)

// TestPlurals has the tables of each language, written down by hand.
func TestPlurals(t *testing.T) {
	c := load(t, words(`show: "{{.X}}"`))
	// 0, 1, 2, 4, 5, 11, 12, 14, 21, 22, 25, 101 and 1.5, in this order.
	numbers := []int64{0, 10, 20, 40, 50, 110, 120, 140, 210, 220, 250, 1010, 15}
	for code, tables := range map[string]struct{ points, days, hours string }{
		"en": {
			points: "0 beans|1 bean|2 beans|4 beans|5 beans|11 beans|12 beans|14 beans|21 beans|22 beans|25 beans|101 beans|1.5 beans",
			days:   "0 days|1 day|2 days|4 days|5 days|11 days|12 days|14 days|21 days|22 days|25 days|101 days",
			hours:  "0 days|1 hour|2 hours|4 hours|5 hours|11 hours|12 hours|14 hours|21 hours|22 hours|25 hours|101 hours",
		},
		"pl": {
			points: "0 ziarnek|1 ziarnko|2 ziarnka|4 ziarnka|5 ziarnek|11 ziarnek|12 ziarnek|14 ziarnek|21 ziarnek|22 ziarnka|25 ziarnek|101 ziarnek|1,5 ziarnka",
			days:   "0 dni|1 dzień|2 dni|4 dni|5 dni|11 dni|12 dni|14 dni|21 dni|22 dni|25 dni|101 dni",
			hours:  "0 dni|1 godzinę|2 godziny|4 godziny|5 godzin|11 godzin|12 godzin|14 godzin|21 godzin|22 godziny|25 godzin|101 godzin",
		},
		"cs": {
			points: "0 zrnek|1 zrnko|2 zrnka|4 zrnka|5 zrnek|11 zrnek|12 zrnek|14 zrnek|21 zrnek|22 zrnek|25 zrnek|101 zrnek|1,5 zrnka",
			days:   "0 dní|1 den|2 dny|4 dny|5 dní|11 dní|12 dní|14 dní|21 dní|22 dní|25 dní|101 dní",
			hours:  "0 dní|1 hodinu|2 hodiny|4 hodiny|5 hodin|11 hodin|12 hodin|14 hodin|21 hodin|22 hodin|25 hodin|101 hodin",
		},
		"ru": {
			points: "0 зёрнышек|1 зёрнышко|2 зёрнышка|4 зёрнышка|5 зёрнышек|11 зёрнышек|12 зёрнышек|14 зёрнышек|21 зёрнышко|22 зёрнышка|25 зёрнышек|101 зёрнышко|1,5 зёрнышка",
			days:   "0 дней|1 день|2 дня|4 дня|5 дней|11 дней|12 дней|14 дней|21 день|22 дня|25 дней|101 день",
			hours:  "0 дней|1 час|2 часа|4 часа|5 часов|11 часов|12 часов|14 часов|21 час|22 часа|25 часов|101 час",
		},
	} {
		var points, days, hours []string
		for _, tenths := range numbers {
			points = append(points, c.Render(code, text.New("show", "X", text.Points{Minor: tenths, Scale: 1, Forms: beans})))
			if tenths%10 == 0 {
				days = append(days, c.Render(code, text.New("show", "X", text.Span{Days: int(tenths / 10)})))
				hours = append(hours, c.Render(code, text.New("show", "X", text.Span{Hours: int(tenths / 10)})))
			}
		}
		for what, pair := range map[string][2]string{
			"points": {strings.Join(points, "|"), tables.points},
			"days":   {strings.Join(days, "|"), tables.days},
			"hours":  {strings.Join(hours, "|"), tables.hours},
		} {
			if pair[0] != pair[1] {
				t.Errorf("%s, %s:\ngot  %s\nwant %s", code, what, pair[0], pair[1])
			}
		}
	}
}

// TestNegativePointsFollowTheirAbsoluteValue: −1 takes the form of 1.
func TestNegativePointsFollowTheirAbsoluteValue(t *testing.T) {
	c := load(t, words(`show: "{{.X}}"`))
	rapid.Check(t, func(t *rapid.T) {
		code := rapid.SampledFrom(c.Languages()).Draw(t, "language")
		minor := rapid.Int64Range(1, money.MaxAmount).Draw(t, "minor")
		scale := rapid.IntRange(0, 6).Draw(t, "scale")
		say := func(minor int64) string {
			return c.Render(code, text.New("show", "X", text.Points{Minor: minor, Scale: scale, Forms: beans}))
		}
		if got, want := say(-minor), "−"+say(minor); got != want {
			t.Fatalf("%s says %q; want %q", code, got, want)
		}
	})
}

// TestGroupingKeepsDigits: an amount shown and read back is the same amount.
func TestGroupingKeepsDigits(t *testing.T) {
	c := load(t, words(`show: "{{.X}}"`))
	manners := map[string]*strings.Replacer{
		"en": strings.NewReplacer(",", "", "−", "-"),
		"pl": strings.NewReplacer("\u00a0", "", ",", ".", "−", "-"),
	}
	manners["cs"], manners["ru"] = manners["pl"], manners["pl"]
	rapid.Check(t, func(t *rapid.T) {
		code := rapid.SampledFrom(c.Languages()).Draw(t, "language")
		scale := rapid.IntRange(0, 6).Draw(t, "scale")
		minor := rapid.OneOf(
			rapid.Int64Range(-money.MaxAmount, money.MaxAmount), rapid.Int64Range(-100_000, 100_000),
		).Draw(t, "minor")
		shown := c.Render(code, text.New("show", "X", text.Money{Minor: minor, Scale: scale}))
		for _, group := range strings.FieldsFunc(shown, func(r rune) bool { return strings.ContainsRune("\u00a0", r) })[1:] {
			if whole, _, _ := strings.Cut(group, ","); len(whole) != 3 {
				t.Fatalf("%s shows %q with a group %q", code, shown, group)
			}
		}
		read, err := money.Parse(manners[code].Replace(shown), scale)
		if err != nil || read != minor {
			t.Fatalf("%s shows %s as %q, which reads %d, %v", code, money.Format(minor, scale), shown, read, err)
		}
	})
}
