package file

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"premia/internal/core/event"
)

func contains(all []string, one string) bool { return slices.Contains(all, one) }

func join(all []string) string { return strings.Join(all, ", ") }

// native decodes one of Premia's own events.
func (r *Reader) native() error {
	at := Row{r.row.line, r.row.raw}
	if r.row.problem != "" {
		return r.reject(r.path, at, r.row.problem)
	}
	e, err := event.Decode([]byte(r.row.raw), r.scales)
	if err == nil {
		err = r.check(e)
	}
	if err != nil {
		return r.reject(r.path, at, err.Error())
	}
	r.give(e, []Row{at})
	return nil
}

func (r *Reader) give(e *event.Event, rows []Row) {
	r.count(e, 1)
	r.ready = append(r.ready, &Record{Event: e, File: r.path, Rows: rows})
}

// mapped puts a row into the event that it belongs to.
func (r *Reader) mapped() error {
	values := r.row.values
	at := Row{r.row.line, r.row.raw}
	r.build.clean(values)
	key := strconv.Itoa(r.rowNo)
	if slot := r.mapping.compiled.group; slot >= 0 {
		key = values[slot]
		if key == "" {
			problem := r.row.problem
			if problem == "" {
				problem = "the column " + r.mapping.Group.By + " is empty"
			}
			return r.reject(r.path, at, problem)
		}
	}
	g, again := r.window.find(key, r.rowNo)
	if again {
		return r.reject(r.path, at, fmt.Sprintf("the event %s ended before line %d already; its lines stand too far apart, so raise group.within in the mapping, or sort the file", key, at.Line))
	}
	if g == nil {
		g = r.window.open(strings.Clone(key), r.rowNo)
	}
	g.last = r.rowNo
	if r.row.problem == "" {
		if out, guest := r.build.left(values); out {
			g.leftOut++
			if guest {
				g.guest = true
				r.counts.GuestLines++
			} else {
				r.counts.LeftOutLines++
			}
			return nil
		}
	}
	return r.add(g, at, values)
}

// add adds a row to an event.
func (r *Reader) add(g *group, at Row, values []string) error {
	if g.problem != "" && g.bytes+len(at.Text) > maxGroupBytes {
		// Rejected already: nothing more of it needs to be held.
		return r.reject(r.path, at, "line "+strconv.Itoa(g.problemLine)+" of the same event: "+g.problem)
	}
	if r.row.problem != "" {
		g.fail(at.Line, r.row.problem)
	}
	if g.problem == "" {
		skip, problem := r.join(g, values)
		if skip {
			r.counts.LeftOutLines++
			return nil
		}
		if problem != "" {
			g.fail(at.Line, problem)
		}
	}
	g.rows = append(g.rows, at)
	g.bytes += len(at.Text)
	r.window.bytes += len(at.Text)
	if g.bytes > maxGroupBytes {
		g.fail(at.Line, "the event's lines have more than 1 MiB together")
	}
	return nil
}

// join adds a good row to an event and says what is wrong with it. skip tells
// that the row is odd and left out.
func (r *Reader) join(g *group, values []string) (skip bool, problem string) {
	k := r.build.kind(values)
	if k == nil {
		return false, "no type in the mapping fits the line"
	}
	if g.event == nil {
		if g.event, problem = r.build.begin(k, values); problem != "" {
			return false, problem
		}
	} else if what, differs := r.build.differs(g.event, k, values); differs {
		return false, "the lines of one event differ in its " + what
	}
	moment, problem := r.build.moment(values[r.mapping.compiled.time])
	if problem != "" {
		return false, problem
	}
	g.earliest(moment)
	if r.mapping.Items == nil {
		return false, ""
	}
	item, skip, problem := r.build.item(k, values)
	switch {
	case problem != "", skip:
		return skip, problem
	case len(g.event.Items) == event.MaxItems:
		return false, fmt.Sprintf("the event has more than %d items", event.MaxItems)
	}
	g.event.Items = append(g.event.Items, item)
	return false, ""
}

// finish gives the event of a closed group, or rejects it.
func (r *Reader) finish(g *group) error {
	switch {
	case len(g.rows) == 0:
		if g.guest {
			r.counts.GuestEvents++
		}
		return nil
	case g.problem == "" && g.leftOut > 0:
		g.fail(g.rows[0].Line, fmt.Sprintf("%d other lines of the same event were left out, so it would be incomplete", g.leftOut))
	}
	if g.problem == "" {
		if err := r.check(g.event); err != nil {
			g.fail(g.rows[0].Line, err.Error())
		}
	}
	if g.problem != "" {
		return r.rejectRows(r.path, g.rows, g.problemLine, g.problem)
	}
	r.give(g.event, g.rows)
	return nil
}
