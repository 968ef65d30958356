package app

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/diff"

	"premia/internal/auth"
	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/program"
	"premia/internal/core/text"
	"premia/internal/store"
)

// outline is what documents may say; it is the same for all.
var outline = sync.OnceValues(program.Outline)

// Outline gives what documents may say, for forms and completion.
func (a *App) Outline() (*document.Outline, error) { return outline() }

// Reading is what is known of a document that is being written.
type Reading struct {
	// Source is the document's form; nil where it is not YAML.
	Source *document.Source
	// Program is what it means; nil while it has mistakes.
	Program *engine.Program
	// Problems are its mistakes; those of its scenarios are in Failures.
	Problems document.Problems
	// Scenarios is how many scenarios ran, and Failures what came out otherwise.
	Scenarios int
	Failures  []program.Failure
}

// Read reads a document and runs its scenarios, whatever is wrong with it.
func (a *App) Read(src []byte) Reading {
	var r Reading
	if s, err := document.Parse("program", src); err == nil {
		r.Source = s
	}
	doc, err := program.Load("program", src, engine.NewNames())
	if err != nil {
		if !errors.As(err, &r.Problems) {
			r.Problems = document.Problems{{File: "program", Code: "invalid", Message: text.Of(err)}}
		}
		return r
	}
	r.Program, r.Scenarios, r.Failures = doc.Program, doc.Scenarios(), program.RunScenarios(doc)
	return r
}

// DescribeProgram says the rules of a program in a language, published or not.
func (a *App) DescribeProgram(p *engine.Program, lang string) []Section {
	return a.said(program.Describe(p), lang)
}

// Changed is what a section of the rules says no more, and what it says newly.
type Changed struct {
	Heading   string
	Gone, New []string
}

// Differences says in a language what is otherwise in one program than in another;
// a nil program says nothing.
func (a *App) Differences(before, after *engine.Program, lang string) []Changed {
	var old, fresh []Section
	if before != nil {
		old = a.DescribeProgram(before, lang)
	}
	if after != nil {
		fresh = a.DescribeProgram(after, lang)
	}
	var out []Changed
	for _, heading := range headings(old, fresh) {
		was, is := linesUnder(old, heading), linesUnder(fresh, heading)
		c := Changed{Heading: heading, Gone: without(was, is), New: without(is, was)}
		if len(c.Gone)+len(c.New) > 0 || (len(was) == 0) != (len(is) == 0) {
			out = append(out, c)
		}
	}
	return out
}

func headings(all ...[]Section) (out []string) {
	for _, sections := range all {
		for _, s := range sections {
			if !slices.Contains(out, s.Heading) {
				out = append(out, s.Heading)
			}
		}
	}
	return out
}

func linesUnder(sections []Section, heading string) (out []string) {
	for _, s := range sections {
		if s.Heading == heading {
			out = append(out, s.Lines...)
		}
	}
	return out
}

// without gives the lines that others do not have, each as often as it is missing.
func without(lines, others []string) (out []string) {
	left := map[string]int{}
	for _, line := range others {
		left[line]++
	}
	for _, line := range lines {
		if left[line]--; left[line] < 0 {
			out = append(out, line)
		}
	}
	return out
}

// Line is a line of a difference between two texts.
type Line struct {
	// Sign is "+" for a line that is new, "-" for one that is gone, a space for one
	// that stays, and "@" where lines that stay are left out.
	Sign, Text string
}

// TextDifference compares two documents line by line, with three lines around each
// difference; it is empty where there is none.
func TextDifference(before, after []byte) []Line {
	var out []Line
	unified := string(diff.Diff("before", before, "after", after))
	for i, line := range strings.Split(strings.TrimSuffix(unified, "\n"), "\n") {
		switch {
		case i < 3 || line == "": // the names of the two
		case line[0] == '@':
			out = append(out, Line{Sign: "@"})
		default:
			out = append(out, Line{line[:1], line[1:]})
		}
	}
	return out
}

// Publishers gives who published the versions, by the version's number, as names.
// Those that a command published have nobody.
func (a *App) Publishers(ctx context.Context) (map[int64]string, error) {
	if err := may(ctx, auth.ProgramRead); err != nil {
		return nil, err
	}
	rows, err := a.Store.Audits(ctx, store.AuditFilter{Action: "program.published"}, maxAuditPage)
	if err != nil {
		return nil, err
	}
	names, err := a.UserNames(ctx)
	if err != nil {
		return nil, err
	}
	out := make(map[int64]string, len(rows))
	for _, row := range rows {
		if version, err := strconv.ParseInt(row.Target, 10, 64); err == nil && row.Actor != "" {
			if out[version] = row.Actor; names[row.Actor] != "" {
				out[version] = names[row.Actor]
			}
		}
	}
	return out, nil
}

// UserNames gives the names of all users by their ids, for those who work together on
// the program.
func (a *App) UserNames(ctx context.Context) (map[string]string, error) {
	if err := may(ctx, auth.ProgramRead); err != nil {
		return nil, err
	}
	users, err := a.Store.Users(ctx)
	out := make(map[string]string, len(users))
	for i := range users {
		out[users[i].ID] = users[i].Name
	}
	return out, err
}
