package fit

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"time"

	"premia/internal/core/calendar"
	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/program"
)

// Past is a history on which rules are tried.
type Past interface {
	// First and Last are the moments of its earliest and its latest event;
	// calendar.None of both where there are none.
	First() calendar.Instant
	Last() calendar.Instant
	// Within counts the events from a moment until before another.
	Within(from, until calendar.Instant) int64
}

// Trial says on which days of the past a rule was tried whose own days the past does not
// have. Instants until which something lasts are the first after it.
type Trial struct {
	// ID is the rule's, Names what members call it, by language; "" is for all.
	ID    string
	Names map[string]string
	// From and Until are the rule's own days. ForGood tells that they begin or end
	// something for good: one of them is then calendar.Beginning or calendar.Never, and
	// the rule is tried on the whole past as if it had begun, or ended, before.
	From, Until calendar.Instant
	ForGood     bool
	// PastFrom and PastUntil are those on which it was tried, of which the past has
	// Events; 0 shows nothing about the rule.
	PastFrom, PastUntil calendar.Instant
	Events              int64
}

// Tried is two programs that can be compared over a history.
type Tried struct {
	Before, After *engine.Program
	Trials        []Trial
}

// OntoPast makes two documents comparable over a past which does not have the days of
// rules that differ between them: it gives their programs with such days moved back, by
// whole weeks, so that weekdays and lengths stay. Days move
//
//   - by as few weeks as bring the rule's end before the day of the past's latest event,
//     which may not be over; and rather by more, where another was moved onto these very
//     days, or one of the same stacking group has had them, which would outdo it;
//   - together with the days of all rules that overlap them, in both documents, so that
//     what holds at the same time does so in the past;
//   - before all of the past, where something begins or ends for good.
//
// What the documents have alike stays where it is otherwise, and so does what has a day
// in the past to end on. Documents without anything to move give their own programs. The
// moved ones are for comparing alone: nobody publishes them.
func OntoPast(past Past, before, after *program.Document) (*Tried, error) {
	out := &Tried{Before: before.Program, After: after.Program}
	if past.Last() == calendar.None {
		return out, nil
	}
	p := &placing{past: past, zone: after.Program.Zone, docs: [2]*program.Document{before, after}}
	p.first = calendar.Start(past.First(), calendar.ByDay, p.zone)
	p.end = calendar.Start(past.Last(), calendar.ByDay, p.zone)
	for i, doc := range p.docs {
		if err := p.gather(i, doc); err != nil {
			return nil, err
		}
	}
	p.compare()
	p.forGood()
	p.together()
	programs := [2]*engine.Program{}
	for i := range p.docs {
		var err error
		if programs[i], err = p.moved(i); err != nil {
			return nil, err
		}
	}
	return &Tried{programs[0], programs[1], p.trials()}, nil
}

// window is the days of one rule of one of the documents.
type window struct {
	doc         int
	path, list  string // of the rule, and of its list
	id, key     string // key is the same for the same rule of both documents
	group       string // of rules that exclude one another; empty for none
	from, until calendar.Instant
	said        string // all that the document says of the rule
	dates       []dating
	changed     bool
	weeks       int
	endless     bool // it begins or ends something for good
}

func (w *window) bounded() bool {
	return w.from != calendar.Beginning && w.until != calendar.Never
}

func (w *window) overlaps(o *window) bool { return w.from < o.until && o.from < w.until }

// placing is moving under way.
type placing struct {
	past       Past
	zone       *time.Location
	docs       [2]*program.Document
	first, end calendar.Instant // days of the past that are over
	windows    []*window
}

var numbers = regexp.MustCompile(`\[[0-9]+\]`)

// gather finds the windows of a document's rules; what is paused has none.
func (p *placing) gather(no int, doc *program.Document) error {
	byPath := map[string]*window{}
	var all []dating
	err := dated(doc, func(path string, m document.Moment) {
		if inScenario(path) {
			return
		}
		all = append(all, dating{path, m})
		rule, key := document.Parent(path)
		paused, _ := doc.Source.Text(document.Join(rule, "paused"))
		if key != "from" && key != "until" || paused == "true" {
			return
		}
		w := byPath[rule]
		if w == nil {
			id, _ := doc.Source.Text(document.Join(rule, "id"))
			list := numbers.ReplaceAllString(rule, "")
			group, _ := doc.Source.Text(document.Join(document.Join(rule, "stacking"), "group"))
			w = &window{
				doc: no, path: rule, list: list, id: id, key: list + "/" + id, group: group,
				from: calendar.Beginning, until: calendar.Never,
			}
			byPath[rule] = w
			p.windows = append(p.windows, w)
		}
		w.put(key, m, p.zone)
	})
	if err != nil {
		return err
	}
	said := map[string]*strings.Builder{}
	doc.Source.Scalars(func(path, text string) {
		for rule := range byPath {
			if inside, ok := strings.CutPrefix(path, rule); ok && within(inside) {
				if said[rule] == nil {
					said[rule] = &strings.Builder{}
				}
				said[rule].WriteString(inside + "\x00" + text + "\x00")
			}
		}
	})
	for rule, w := range byPath {
		w.said = said[rule].String()
		for _, d := range all {
			if inside, ok := strings.CutPrefix(d.path, rule); ok && within(inside) {
				w.dates = append(w.dates, d)
			}
		}
	}
	return nil
}

// within tells whether what follows a rule in a path is a part of it.
func within(inside string) bool { return inside != "" && (inside[0] == '.' || inside[0] == '[') }

// put takes one end of the window.
func (w *window) put(key string, m document.Moment, zone *time.Location) {
	at := calendar.Of(m.In(zone))
	switch {
	case key == "from":
		w.from = at
	case m.HasTime:
		w.until = at
	default:
		w.until = calendar.End(at, calendar.ByDay, zone)
	}
}

// ahead tells whether the past lacks days of the window, or the day on which it begins.
func (p *placing) ahead(w *window) bool {
	last := p.past.Last()
	return w.until > last && w.until != calendar.Never || w.from > last
}

// compare finds the windows ahead whose rule the other document lacks or says otherwise,
// and among them those that begin or end something for good.
func (p *placing) compare() {
	for _, w := range p.windows {
		if !p.ahead(w) {
			continue
		}
		o := p.other(w)
		w.changed = o == nil || o.said != w.said
		sameSide := o != nil && o.from == calendar.Beginning == (w.from == calendar.Beginning) && o.until == calendar.Never == (w.until == calendar.Never)
		// Where only the day of the change is another, what lies between is tried.
		w.endless = w.changed && !w.bounded() && !(sameSide && (o.from != w.from || o.until != w.until))
	}
}

// other is the same rule's window in the other document.
func (p *placing) other(w *window) *window {
	for _, o := range p.windows {
		if o.doc != w.doc && o.key == w.key {
			return o
		}
	}
	return nil
}

// edge is the day on which something begins or ends for good.
func (w *window) edge() calendar.Instant {
	if w.from == calendar.Beginning {
		return w.until
	}
	return w.from
}

// forGood moves what begins or ends for good before all of the past.
func (p *placing) forGood() {
	latest := calendar.Beginning
	for _, w := range p.windows {
		if w.endless {
			latest = max(latest, w.edge())
		}
	}
	weeks := p.weeksBefore(latest, p.first)
	for _, w := range p.windows {
		if w.endless {
			w.weeks = weeks
		}
	}
}

// weeksBefore is by how many whole weeks a moment must move so as to be at most another.
func (p *placing) weeksBefore(at, limit calendar.Instant) int {
	if at <= limit {
		return 0
	}
	weeks := max(int((at-limit)/(7*calendar.Day))-1, 0) // clocks may change on the way
	for p.back(at, weeks) > limit {
		weeks++
	}
	return weeks
}

// back is the same time of the same weekday so many weeks before.
func (p *placing) back(at calendar.Instant, weeks int) calendar.Instant {
	if at == calendar.Beginning || at == calendar.Never || weeks == 0 {
		return at
	}
	return calendar.Of(at.In(p.zone).AddDate(0, 0, -7*weeks))
}

// span is what is tried of a window: its days or, where it has only one end, those
// between that end and the other document's.
func (p *placing) span(w *window) (from, until calendar.Instant) {
	if w.bounded() {
		return w.from, w.until
	}
	o := p.other(w)
	return min(w.edge(), o.edge()), max(w.edge(), o.edge())
}

// together moves the windows that changed with those that overlap them, those that come
// first before the others.
func (p *placing) together() {
	var changed, kept []*window
	for _, w := range p.windows {
		switch {
		case w.changed && !w.endless:
			changed = append(changed, w)
		case !w.changed && w.bounded() && p.ahead(w):
			kept = append(kept, w)
		}
	}
	slices.SortStableFunc(changed, func(a, b *window) int {
		from, _ := p.span(a)
		other, _ := p.span(b)
		return cmp.Compare(from, other)
	})
	for len(changed) > 0 {
		first, until := p.span(changed[0])
		n := 1
		for ; n < len(changed); n++ {
			from, more := p.span(changed[n])
			if from >= until {
				break
			}
			until = max(until, more)
		}
		days := &window{from: first, until: until}
		kept = slices.DeleteFunc(kept, func(w *window) bool { return w.weeks > 0 })
		p.place(days, changed[:n], slices.DeleteFunc(slices.Clone(kept), func(w *window) bool { return !w.overlaps(days) }))
		changed = changed[n:]
	}
}

// place moves the windows that changed, which have these days together, by the fewest
// weeks that bring them into the past, onto days that are free if there are such; and those
// along with them that overlap.
func (p *placing) place(days *window, changed, along []*window) {
	group := append(slices.Clone(changed), along...)
	for _, w := range changed {
		if o := p.other(w); o != nil && !w.bounded() {
			group = append(group, o)
		}
	}
	least := p.weeksBefore(days.until, p.end)
	weeks := least
	for n := least; p.back(days.from, n) >= p.first; n++ {
		if p.free(group, changed, n) {
			weeks = n
			break
		}
	}
	for _, w := range group {
		w.weeks = weeks
	}
}

// free tells whether the days that windows come to are those of no rule that was moved
// onto them before, and of none that may outdo theirs.
func (p *placing) free(group, changed []*window, weeks int) bool {
	for _, w := range changed {
		from, until := p.span(w)
		days := &window{from: p.back(from, weeks), until: p.back(until, weeks)}
		for _, o := range p.windows {
			there := &window{from: p.back(o.from, o.weeks), until: p.back(o.until, o.weeks)}
			met := o.list == w.list && (o.weeks > 0 || w.group != "" && w.group == o.group)
			if met && o.bounded() && !slices.Contains(group, o) && there.overlaps(days) {
				return false
			}
		}
	}
	return true
}

// moved compiles a document with the days that its windows came to, without its
// scenarios, which are about its own.
func (p *placing) moved(no int) (*engine.Program, error) {
	doc, texts := p.docs[no], map[string]string{}
	m := &moving{doc: doc, texts: texts}
	for _, w := range p.windows {
		if w.doc != no || w.weeks == 0 {
			continue
		}
		for _, d := range w.dates {
			m.put(d, -7*w.weeks)
		}
	}
	if len(texts) == 0 {
		return doc.Program, nil
	}
	src, err := doc.Source.Rewritten(texts)
	if err != nil {
		return nil, err
	}
	source, err := document.Parse(doc.Source.File(), src)
	if err != nil {
		return nil, err
	}
	if src, err = source.Remove(scenarios); err != nil {
		return nil, err
	}
	compiled, err := program.LoadPublished(doc.Source.File(), src, engine.NewNames())
	if err != nil {
		return nil, err
	}
	return compiled.Program, nil
}

// trials says of the windows that changed where they were tried; of a rule that both
// documents have, only the later document's.
func (p *placing) trials() []Trial {
	var out []Trial
	for _, w := range p.windows {
		if o := p.other(w); !w.changed || w.doc == 0 && o != nil && o.changed {
			continue
		}
		t := Trial{ID: w.id, Names: p.names(w), ForGood: w.endless, From: w.from, Until: w.until}
		if w.endless {
			t.PastFrom, t.PastUntil = p.past.First(), p.past.Last()+1
		} else {
			t.From, t.Until = p.span(w)
			t.PastFrom, t.PastUntil = max(p.back(t.From, w.weeks), p.first), p.back(t.Until, w.weeks)
		}
		if t.PastFrom < t.PastUntil {
			t.Events = p.past.Within(t.PastFrom, t.PastUntil)
		}
		out = append(out, t)
	}
	slices.SortStableFunc(out, func(a, b Trial) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.Until, b.Until), strings.Compare(a.ID, b.ID))
	})
	return out
}

func (p *placing) names(w *window) map[string]string {
	source, out := p.docs[w.doc].Source, map[string]string{}
	name := document.Join(w.path, "name")
	if all, ok := source.Text(name); ok {
		out[""] = all
	}
	for _, lang := range document.Languages() {
		if said, ok := source.Text(document.Join(name, lang)); ok {
			out[lang] = said
		}
	}
	return out
}
