package fit

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"premia/internal/core/document"
	"premia/internal/core/program"
)

// scenarios is the key of a document under which its tests stand.
const scenarios = "scenarios"

// maxYears bounds how far dates are moved: beyond it a document has no dates any more.
const maxYears = 900

// YearsBehind is by how many years the dates of a document's rules must be moved so that
// nothing with a date ends before, or on, the day; 0 for rules without dates. What only
// begins on a date never ends, and turns that come round again never do.
func YearsBehind(doc *program.Document, day document.Date) (int, error) {
	var ends []dating
	err := dated(doc, func(path string, moment document.Moment) {
		if _, key := document.Parent(path); key != "from" && !inScenario(path) {
			ends = append(ends, dating{path, moment})
		}
	})
	m := &moving{doc: doc}
	for ; err == nil && m.years < maxYears; m.years++ {
		if !slices.ContainsFunc(ends, func(d dating) bool { return !day.Before(after(d.moment.Date, m.days(d))) }) {
			break
		}
	}
	return m.years, err
}

// dated calls a function for each date of a document that years can be added to: those
// of the rules by their type, but for the day from which turns are counted, and in
// scenarios, whose events carry texts, whatever reads as one.
func dated(doc *program.Document, visit func(path string, m document.Moment)) error {
	outline, err := program.Outline()
	if err != nil {
		return err
	}
	doc.Source.Scalars(func(path, text string) {
		o, _ := outline.At(path)
		_, key := document.Parent(path)
		typed := o != nil && (o.Kind == document.KindDate || o.Kind == document.KindMoment) && key != "first"
		if !typed && !inScenario(path) {
			return
		}
		if m, err := document.ParseMoment(text); err == nil {
			visit(path, m)
		}
	})
	return nil
}

func inScenario(path string) bool { return strings.HasPrefix(path, scenarios+"[") }

// Moved gives a document with all its dates so many years later, those that conditions
// name among them. In rules the month and
// the day stay, and the last day of a February stays the last; only a window that is a
// week, or a weekend, moves to the nearest days that are. A scenario moves in the first of
// these ways in which it comes out: as the rules do, by whole weeks, or not at all, where it
// is not about the dates of the rules.
func Moved(doc *program.Document, years int) ([]byte, error) {
	if years == 0 {
		return doc.Source.Bytes(), nil
	}
	m := &moving{doc: doc, years: years, texts: make(map[string]string)}
	err := dated(doc, func(path string, moment document.Moment) { m.all = append(m.all, dating{path, moment}) })
	if err != nil {
		return nil, err
	}
	for _, d := range m.all {
		m.put(d, m.days(d))
	}
	m.conditions()
	if len(m.texts) == 0 {
		return doc.Source.Bytes(), nil
	}
	ways := []way{
		func(scenario string, _ *broken) { m.byWeeks(scenario, 0) },
		func(scenario string, _ *broken) { m.byWeeks(scenario, -1) },
		func(scenario string, _ *broken) { m.byWeeks(scenario, 1) },
		func(scenario string, _ *broken) { m.stay(scenario) },
	}
	return settle(doc.Source, m.texts, ways)
}

// momentIn finds the moments that conditions are written with.
var momentIn = regexp.MustCompile(`\btimestamp\(\s*["'][0-9]{4}-[0-9]{2}-[0-9]{2}`)

// conditions moves the moments that conditions of rules name, as the dates of rules do.
func (m *moving) conditions() {
	m.doc.Source.Scalars(func(path, text string) {
		if inScenario(path) || !momentIn.MatchString(text) {
			return
		}
		m.texts[path] = momentIn.ReplaceAllStringFunc(text, func(found string) string {
			begins := len(found) - len(time.DateOnly)
			day, err := document.ParseDate(found[begins:])
			if err != nil {
				return found
			}
			return found[:begins] + later(day, m.years).String()
		})
	})
}

// dating is a date of a document, perhaps with a time, and where it stands.
type dating struct {
	path   string
	moment document.Moment
}

// moving is a move under way, with the texts that the dates become.
type moving struct {
	doc   *program.Document
	years int
	all   []dating
	texts map[string]string
}

// put writes a date so many days later.
func (m *moving) put(d dating, days int) {
	written, _ := m.doc.Source.Text(d.path)
	m.texts[d.path] = after(d.moment.Date, days).String() + written[len(time.DateOnly):]
}

// days is by how many days a date moves.
func (m *moving) days(d dating) int {
	if from, ok := m.weekly(d.path); ok {
		return weeks(from, m.years)
	}
	return between(d.moment.Date, later(d.moment.Date, m.years))
}

// weekly tells whether a date begins or ends a window of the rules that is a week from
// Monday, or a weekend from Friday or Saturday, and gives its first day.
func (m *moving) weekly(path string) (from document.Date, ok bool) {
	parent, key := document.Parent(path)
	if (key != "from" && key != "until") || inScenario(path) {
		return from, false
	}
	first, _ := m.doc.Source.Text(parent + ".from")
	last, _ := m.doc.Source.Text(parent + ".until")
	begins, err := document.ParseMoment(first)
	ends, wrong := document.ParseMoment(last)
	if err != nil || wrong != nil || ends.Date.In(time.UTC).Weekday() != time.Sunday {
		return from, false
	}
	from = begins.Date
	switch between(from, ends.Date) {
	case 1, 2, 6: // from Saturday, Friday, or Monday
		return from, true
	}
	return from, false
}

// byWeeks moves a scenario by whole weeks: as many as its first date, and so many more.
func (m *moving) byWeeks(scenario string, more int) {
	days := 0
	for _, d := range m.all {
		if !strings.HasPrefix(d.path, scenario) {
			continue
		}
		if days == 0 {
			days = weeks(d.moment.Date, m.years) + 7*more
		}
		m.put(d, days)
	}
}

// stay leaves a scenario where it was.
func (m *moving) stay(scenario string) {
	for _, d := range m.all {
		if strings.HasPrefix(d.path, scenario) {
			delete(m.texts, d.path)
		}
	}
}

// weeks is how many days it is from a date to the same day of the week that is nearest
// to the same day so many years later.
func weeks(d document.Date, years int) int {
	days := between(d, later(d, years))
	return (days + 3) / 7 * 7
}

// between is how many days the second date is after the first.
func between(a, b document.Date) int {
	return int(b.In(time.UTC).Sub(a.In(time.UTC)) / (24 * time.Hour))
}

// after is the date so many days after one.
func after(d document.Date, days int) document.Date {
	year, month, day := d.In(time.UTC).AddDate(0, 0, days).Date()
	return document.Date{Year: year, Month: month, Day: day}
}

// later is a date so many years later.
func later(d document.Date, years int) document.Date {
	lastBefore := daysOfFebruary(d.Year)
	d.Year += years
	if last := daysOfFebruary(d.Year); d.Month == time.February && (d.Day == lastBefore || d.Day > last) {
		d.Day = last
	}
	return d
}

func daysOfFebruary(year int) int {
	return time.Date(year, time.March, 0, 0, 0, 0, 0, time.UTC).Day()
}
