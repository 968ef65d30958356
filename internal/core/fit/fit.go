// Package fit makes the document of a ready program fit somebody else: another day,
// from which on its dates lie ahead, and another currency, in which its amounts are worth
// about as much. It works on the values of the document, found by what its rules take
// them for, and keeps all else as it is written, comments included. It is pure: the day is
// told to it.
package fit

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/program"
)

// LeftOut is a scenario that a document has no more, and why.
type LeftOut struct {
	// It is what the scenario shows.
	It string
	// Problems are what is wrong with it, where it could not even be run; else Failures
	// are the steps that came out otherwise.
	Problems document.Problems
	Failures []program.Failure
}

// Kept gives a document without the scenarios that do not hold for it, and compiled. The
// error is that of [program.Load] where the document has other mistakes.
func Kept(file string, src []byte) (*program.Document, []LeftOut, error) {
	left, err := failing(file, src)
	if err != nil {
		return nil, nil, err
	}
	source, err := document.Parse(file, src)
	if err != nil {
		return nil, nil, err
	}
	out := make([]LeftOut, len(left))
	for i := len(left) - 1; i >= 0; i-- {
		out[i] = left[i].LeftOut
		if source, err = removed(source, left[i].number); err != nil {
			return nil, nil, err
		}
	}
	doc, err := program.Load(file, source.Bytes(), engine.NewNames())
	return doc, out, err
}

// broken is a scenario, counted from 0, that does not hold.
type broken struct {
	LeftOut
	number int
	// run is the document in which it was run, perhaps without other scenarios, and at its
	// number there.
	run *document.Source
	at  int
}

// way changes a scenario that does not hold, so that it may.
type way func(scenario string, b *broken)

// failing gives the scenarios of a document that do not hold for it, in their order. The
// error is that of [program.Load] where the document has other mistakes.
func failing(file string, src []byte) ([]broken, error) {
	source, err := document.Parse(file, src)
	if err != nil {
		return nil, err
	}
	n, _ := source.Len(scenarios)
	numbers := make([]int, n) // of those that are still there
	for i := range numbers {
		numbers[i] = i
	}
	var out []broken
	doc, err := program.Load(file, src, engine.NewNames())
	for problems := (document.Problems{}); errors.As(err, &problems); doc, err = program.Load(file, source.Bytes(), engine.NewNames()) {
		wrong, only := byScenario(problems)
		if !only {
			return nil, err
		}
		for i := len(numbers) - 1; i >= 0; i-- {
			if len(wrong[i]) == 0 {
				continue
			}
			it, _ := source.Text(document.Index(scenarios, i) + ".it")
			out = append(out, broken{LeftOut: LeftOut{It: it, Problems: wrong[i]}, number: numbers[i]})
			if source, err = removed(source, i); err != nil {
				return nil, err
			}
			numbers = slices.Delete(numbers, i, i+1)
		}
	}
	if err != nil {
		return nil, err
	}
	for i, number := range numbers {
		if failures := program.RunScenario(doc, i); len(failures) > 0 {
			out = append(out, broken{LeftOut{It: failures[0].Scenario, Failures: failures}, number, doc.Source, i})
		}
	}
	slices.SortFunc(out, func(a, b broken) int { return a.number - b.number })
	return out, nil
}

// byScenario sorts problems by the number of their scenario; only is false where one is of
// something else.
func byScenario(problems document.Problems) (of map[int]document.Problems, only bool) {
	of = make(map[int]document.Problems)
	for _, p := range problems {
		i, found := scenarioOf(p.Path)
		if !found {
			return nil, false
		}
		of[i] = append(of[i], p)
	}
	return of, true
}

// settle writes a document with other texts. A scenario that does not hold so is changed
// in each of the ways in turn until it does, or there are no more.
func settle(source *document.Source, texts map[string]string, ways []way) ([]byte, error) {
	tried := make(map[int]int) // ways, by scenario
	for {
		src, err := source.Rewritten(texts)
		if err != nil {
			return nil, err
		}
		all, err := failing(source.File(), src)
		if err != nil {
			return src, nil // whoever takes the document says why
		}
		again := false
		for i := range all {
			one := &all[i]
			if n := tried[one.number]; n < len(ways) {
				ways[n](document.Index(scenarios, one.number), one)
				tried[one.number]++
				again = true
			}
		}
		if !again {
			return src, nil
		}
	}
}

// removed is a source without one of its scenarios.
func removed(s *document.Source, i int) (*document.Source, error) {
	src, err := s.Remove(document.Index(scenarios, i))
	if err != nil {
		return nil, err
	}
	return document.Parse(s.File(), src)
}

// scenarioOf is the number of the scenario that a path is in.
func scenarioOf(path string) (int, bool) {
	digits, _, found := strings.Cut(strings.TrimPrefix(path, scenarios+"["), "]")
	i, err := strconv.Atoi(digits)
	return i, found && err == nil && inScenario(path)
}
