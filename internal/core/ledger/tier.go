package ledger

import (
	"slices"

	"premia/internal/core/calendar"
)

// Tier is where a member stands on one of the program's ladders of levels, and
// what counted there. The program says what the sums mean; they are kept as far
// back as they can still matter.
type Tier struct {
	Ladder Name
	// Counts names how the ladder counted when this was kept: sums that were
	// counted otherwise mean nothing.
	Counts Name
	// Level is the level in force, since the instant Since.
	Level Name
	Since calendar.Instant
	// Next is when something happens here by itself; calendar.Never if nothing does.
	Next calendar.Instant
	// Seen is the instant up to which time has passed here.
	Seen calendar.Instant
	// Began is from when events count.
	Began calendar.Instant
	// Anchor is the enrolment from which membership years are counted; none for
	// ladders that count otherwise.
	Anchor calendar.Instant
	// Base is the beginning of the oldest period that is still judged, and Held are
	// the levels that were earned before it, the lowest first.
	Base calendar.Instant
	Held []HeldLevel
	// Sums are what counted, by the beginning of its period, the oldest first.
	Sums []Sum
	// Grants are the levels that were given without counting.
	Grants []HeldLevel
	// Gifts are the welcome gifts that were given.
	Gifts []LevelGift
}

// HeldLevel is a level and the first instant at which it is over.
type HeldLevel struct {
	Level Name
	Until calendar.Instant
}

// Sum is what counted in the period that began at Since.
type Sum struct {
	Since calendar.Instant
	Value int64
}

// LevelGift is the welcome gift of a level and when it was given.
type LevelGift struct {
	Level Name
	At    calendar.Instant
}

// Tier gives the member's place on the ladder, and nil while nothing of it is
// kept.
func (s *State) Tier(ladder Name) *Tier {
	for i := range s.Tiers {
		if s.Tiers[i].Ladder == ladder {
			return &s.Tiers[i]
		}
	}
	return nil
}

// TierDue gives the earliest instant at which something happens on a ladder by
// itself; calendar.Never if nothing does.
func (s *State) TierDue() calendar.Instant {
	due := calendar.Never
	for i := range s.Tiers {
		due = min(due, s.Tiers[i].Next)
	}
	return due
}

// Sum gives what counted in the period that began at since.
func (t *Tier) Sum(since calendar.Instant) int64 {
	for i := range t.Sums {
		if t.Sums[i].Since == since {
			return t.Sums[i].Value
		}
	}
	return 0
}

// Add counts an amount, which may be negative, in the period that began at since.
// A sum never falls below zero.
func (t *Tier) Add(since calendar.Instant, amount int64) {
	i, known := slices.BinarySearchFunc(t.Sums, since, func(s Sum, at calendar.Instant) int {
		switch {
		case s.Since < at:
			return -1
		case s.Since > at:
			return 1
		}
		return 0
	})
	switch {
	case known:
		t.Sums[i].Value = max(t.Sums[i].Value+amount, 0)
		if t.Sums[i].Value == 0 {
			t.Sums = slices.Delete(t.Sums, i, i+1)
		}
	case amount > 0:
		t.Sums = slices.Insert(t.Sums, i, Sum{since, amount})
	}
}

// Clone gives a copy that shares nothing with the place.
func (t *Tier) Clone() Tier {
	c := *t
	c.Held, c.Sums = slices.Clone(t.Held), slices.Clone(t.Sums)
	c.Grants, c.Gifts = slices.Clone(t.Grants), slices.Clone(t.Gifts)
	return c
}

func (t *Tier) append(w *Writer) {
	w.Uint(uint64(t.Ladder))
	w.Uint(uint64(t.Counts))
	w.Uint(uint64(t.Level))
	for _, at := range [...]calendar.Instant{t.Since, t.Next, t.Seen, t.Began, t.Anchor, t.Base} {
		w.Instant(at)
	}
	appendHeld(w, t.Held)
	w.Uint(uint64(len(t.Sums)))
	for _, s := range t.Sums {
		w.Instant(s.Since)
		w.Int(s.Value)
	}
	appendHeld(w, t.Grants)
	w.Uint(uint64(len(t.Gifts)))
	for _, g := range t.Gifts {
		w.Uint(uint64(g.Level))
		w.Instant(g.At)
	}
}

func appendHeld(w *Writer, all []HeldLevel) {
	w.Uint(uint64(len(all)))
	for _, h := range all {
		w.Uint(uint64(h.Level))
		w.Instant(h.Until)
	}
}

func readTier(r *Reader) Tier {
	t := Tier{Ladder: Name(r.Uint()), Counts: Name(r.Uint()), Level: Name(r.Uint())}
	for _, at := range [...]*calendar.Instant{&t.Since, &t.Next, &t.Seen, &t.Began, &t.Anchor, &t.Base} {
		*at = r.Instant()
	}
	t.Held = readHeld(r)
	for n := r.Count(); n > 0; n-- {
		t.Sums = append(t.Sums, Sum{Since: r.Instant(), Value: r.Int()})
	}
	t.Grants = readHeld(r)
	for n := r.Count(); n > 0; n-- {
		t.Gifts = append(t.Gifts, LevelGift{Level: Name(r.Uint()), At: r.Instant()})
	}
	return t
}

func readHeld(r *Reader) (all []HeldLevel) {
	for n := r.Count(); n > 0; n-- {
		all = append(all, HeldLevel{Level: Name(r.Uint()), Until: r.Instant()})
	}
	return all
}
