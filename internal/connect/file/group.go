package file

import (
	"github.com/zeebo/xxh3"

	"premia/internal/core/calendar"
	"premia/internal/core/event"
)

// Row is one line of a file, or several where a quoted field spans them.
type Row struct {
	Line int // the first line, from 1
	Text string
}

// group is an event in the making.
type group struct {
	key   string
	last  int // the number of its latest row, among all rows
	event *event.Event
	rows  []Row
	bytes int
	// leftOut is how many of its rows were left out for their condition.
	leftOut int
	guest   bool // one of those was a guest's
	// problem says why the event is rejected, problemLine where.
	problem     string
	problemLine int
}

// fail rejects the event; the first problem counts.
func (g *group) fail(line int, problem string) {
	if g.problem == "" {
		g.problem, g.problemLine = problem, line
	}
}

// window holds the events in the making, in the order of their first rows.
type window struct {
	within int
	groups []*group // queue; those before head are done
	head   int
	byKey  map[string]*group
	bytes  int
	closed seen
	// forget tells that keys are never asked for again.
	forget bool
}

// The bounds of what is held of open events, in bytes of their rows.
const (
	maxGroupBytes = 1 << 20
	maxHeldBytes  = 64 << 20
)

func newWindow(within int) *window {
	return &window{within: within, byKey: map[string]*group{}}
}

// overdue tells whether no further row may belong to the group at the row.
func (w *window) overdue(g *group, row int) bool { return row-g.last > w.within+1 }

// find gives the open group of a key; nil if there is none. again tells that the
// group was closed before.
func (w *window) find(key string, row int) (g *group, again bool) {
	if g = w.byKey[key]; g != nil {
		return g, w.overdue(g, row)
	}
	return nil, w.closed.has(xxh3.HashString(key))
}

func (w *window) open(key string, row int) *group {
	g := &group{key: key, last: row}
	w.byKey[key] = g
	w.groups = append(w.groups, g)
	return g
}

// done gives the oldest group if no further row may belong to it at the row, or
// if too much is held.
func (w *window) done(row int) *group {
	if w.head == len(w.groups) {
		return nil
	}
	g := w.groups[w.head]
	if !w.overdue(g, row) && w.bytes <= maxHeldBytes {
		return nil
	}
	return w.take()
}

// take takes the oldest group out; nil when there is none.
func (w *window) take() *group {
	if w.head == len(w.groups) {
		w.groups, w.head = w.groups[:0], 0
		return nil
	}
	g := w.groups[w.head]
	w.groups[w.head] = nil
	w.head++
	if w.head > 1024 && w.head*2 > len(w.groups) {
		w.groups = append(w.groups[:0], w.groups[w.head:]...)
		w.head = 0
	}
	w.bytes -= g.bytes
	delete(w.byKey, g.key)
	if !w.forget {
		w.closed.add(xxh3.HashString(g.key))
	}
	return g
}

// earliest keeps the earlier of two moments.
func (g *group) earliest(at calendar.Instant) {
	if g.event.At == calendar.None || at < g.event.At {
		g.event.At = at
	}
}

// seen remembers keys by their hashes, in eight bytes each at a load of a half
// to three quarters. Two of ten million keys have one hash with a probability
// below one in a hundred thousand.
type seen struct {
	slots []uint64
	count int
}

func (s *seen) add(hash uint64) {
	if s.count*4 >= len(s.slots)*3 {
		s.grow()
	}
	s.put(hash)
}

func (s *seen) put(hash uint64) {
	hash = max(hash, 1) // zero marks an empty slot
	mask := uint64(len(s.slots) - 1)
	for i := hash & mask; ; i = (i + 1) & mask {
		switch s.slots[i] {
		case 0:
			s.slots[i] = hash
			s.count++
			return
		case hash:
			return
		}
	}
}

func (s *seen) has(hash uint64) bool {
	if len(s.slots) == 0 {
		return false
	}
	hash = max(hash, 1)
	mask := uint64(len(s.slots) - 1)
	for i := hash & mask; s.slots[i] != 0; i = (i + 1) & mask {
		if s.slots[i] == hash {
			return true
		}
	}
	return false
}

func (s *seen) grow() {
	old := s.slots
	s.slots, s.count = make([]uint64, max(1024, len(old)*2)), 0
	for _, hash := range old {
		if hash != 0 {
			s.put(hash)
		}
	}
}
