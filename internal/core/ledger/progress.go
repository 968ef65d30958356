package ledger

import (
	"cmp"
	"slices"

	"premia/internal/core/calendar"
)

// Progress is how far a member is towards a goal over several events, in one of
// its windows.
type Progress struct {
	Rule Name
	// Since is when the window began; none for a goal with one window for ever.
	Since calendar.Instant
	// Count is what counts so far, in the goal's own smallest units; where single
	// values are marked, how many there were that are not marked any more.
	Count int64
	// Goal is what was fixed for this window alone, or the last of the values that
	// are not marked any more; zero if nothing was.
	Goal int64
	// Closed tells that a later window goes on where this one was full.
	Closed bool
	// Reached has for each of the goals how often it was reached and stays so.
	Reached []int64
	// Marks are the values that were met, in rising order; nil where only a sum
	// counts.
	Marks []Mark
}

// Mark is a value that counts once however often it is met: the hash of a text,
// or the number of a day, week or month.
type Mark struct {
	Value int64
	// Times is how often it was met, less what was returned; never below one.
	Times int64
}

// The bounds of what is kept of one goal.
const (
	// WindowsKept is how many windows of one goal are remembered, so that events
	// which come late still count in their own.
	WindowsKept = 16
	// MarksKept is how many values one window remembers.
	MarksKept = 128
)

// ProgressOf gives the progress of a rule in the window that began at since; nil
// if there is none.
func (s *State) ProgressOf(rule Name, since calendar.Instant) *Progress {
	for i := range s.Progress {
		if p := &s.Progress[i]; p.Rule == rule && p.Since == since {
			return p
		}
	}
	return nil
}

// OpenProgress gives the progress of a rule in the window that began at since,
// made now if there was none. Where as many windows are kept as may be, the
// oldest gives way; nil if that is this one.
func (s *State) OpenProgress(rule Name, since calendar.Instant) *Progress {
	kept, oldest, at := 0, -1, len(s.Progress)
	for i := range s.Progress {
		p := &s.Progress[i]
		switch {
		case p.Rule == rule && p.Since == since:
			return p
		case p.Rule == rule:
			if kept++; oldest < 0 {
				oldest = i // they stand in order
			}
		}
		if p.Rule > rule || (p.Rule == rule && p.Since > since) {
			at = min(at, i)
		}
	}
	if kept >= WindowsKept {
		if since < s.Progress[oldest].Since {
			return nil
		}
		s.Progress = slices.Delete(s.Progress, oldest, oldest+1)
		at--
	}
	s.Progress = slices.Insert(s.Progress, at, Progress{Rule: rule, Since: since})
	return &s.Progress[at]
}

// Windows gives the kept windows of a rule, the oldest first.
func (s *State) Windows(rule Name) []Progress {
	from := 0
	for from < len(s.Progress) && s.Progress[from].Rule < rule {
		from++
	}
	to := from
	for to < len(s.Progress) && s.Progress[to].Rule == rule {
		to++
	}
	return s.Progress[from:to]
}

// Mark counts a value once more. It answers false, and nothing changes, where as
// many values are kept as may be and this is a new one.
func (p *Progress) Mark(value, times int64) bool {
	at, known := p.find(value)
	switch {
	case known:
		p.Marks[at].Times += times
	case len(p.Marks) >= MarksKept:
		return false
	default:
		p.Marks = slices.Insert(p.Marks, at, Mark{value, times})
	}
	return true
}

// Unmark counts a value so many times less; met no more it is forgotten.
func (p *Progress) Unmark(value, times int64) {
	at, known := p.find(value)
	if !known {
		return
	}
	if p.Marks[at].Times -= times; p.Marks[at].Times <= 0 {
		p.Marks = slices.Delete(p.Marks, at, at+1)
	}
}

func (p *Progress) find(value int64) (int, bool) {
	return slices.BinarySearchFunc(p.Marks, value, func(m Mark, v int64) int { return cmp.Compare(m.Value, v) })
}

// Times gives how often the goal with the number was reached.
func (p *Progress) Times(goal int) int64 {
	if goal < len(p.Reached) {
		return p.Reached[goal]
	}
	return 0
}

// Reach counts a goal as reached so many times more, or with a minus less.
func (p *Progress) Reach(goal int, times int64) {
	for len(p.Reached) <= goal {
		p.Reached = append(p.Reached, 0)
	}
	p.Reached[goal] = max(p.Reached[goal]+times, 0)
}

// carryProgress adds another member's progress to this one's: what both reached
// was given to both, and is not given again.
func (s *State) carryProgress(from []Progress) {
	for i := range from {
		f := &from[i]
		p := s.OpenProgress(f.Rule, f.Since)
		if p == nil {
			continue
		}
		p.carryCount(f)
		p.Closed = p.Closed && f.Closed
		for goal, times := range f.Reached {
			p.Reach(goal, times)
		}
		for _, m := range f.Marks {
			p.Mark(m.Value, m.Times)
		}
	}
}

// carryCount adds the sums of another member's window. Where values are marked
// the sum is of older ones, up to Goal, and the newer of the two sums counts.
func (p *Progress) carryCount(f *Progress) {
	switch {
	case len(p.Marks)+len(f.Marks) == 0:
		p.Count += f.Count
		p.Goal = max(p.Goal, f.Goal)
	case f.Goal > p.Goal || (f.Goal == p.Goal && f.Count > p.Count):
		p.Count, p.Goal = f.Count, f.Goal
	}
}

func cloneProgress(all []Progress) []Progress {
	out := slices.Clone(all)
	for i := range out {
		out[i].Reached, out[i].Marks = slices.Clone(out[i].Reached), slices.Clone(out[i].Marks)
	}
	return out
}

func (p *Progress) append(w *Writer) {
	w.Uint(uint64(p.Rule))
	w.Instant(p.Since)
	w.Int(p.Count)
	flags := uint64(0)
	if p.Goal != 0 {
		flags |= 1
	}
	if p.Closed {
		flags |= 2
	}
	w.Uint(flags)
	if p.Goal != 0 {
		w.Int(p.Goal)
	}
	w.Uint(uint64(len(p.Reached)))
	for _, times := range p.Reached {
		w.Int(times)
	}
	w.Uint(uint64(len(p.Marks)))
	last := int64(0)
	for _, m := range p.Marks {
		w.Int(m.Value - last)
		w.Int(m.Times)
		last = m.Value
	}
}

func readProgress(r *Reader) Progress {
	p := Progress{Rule: Name(r.Uint()), Since: r.Instant(), Count: r.Int()}
	flags := r.Uint()
	if flags&1 != 0 {
		p.Goal = r.Int()
	}
	p.Closed = flags&2 != 0
	for n := r.Count(); n > 0; n-- {
		p.Reached = append(p.Reached, r.Int())
	}
	last := int64(0)
	for n := r.Count(); n > 0; n-- {
		last += r.Int()
		p.Marks = append(p.Marks, Mark{Value: last, Times: r.Int()})
	}
	return p
}

func (s *State) readProgress(r *Reader, n int) {
	for ; n > 0; n-- {
		s.Progress = append(s.Progress, readProgress(r))
	}
}
