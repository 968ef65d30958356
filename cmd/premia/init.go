package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/core/document"
	"premia/programs"
)

// initCommand makes a ready program somebody's own.
type initCommand struct {
	List      bool     `help:"Say which ready programs there are, and make none."`
	Program   string   `help:"The ready program to begin with. Without it, questions are asked."`
	Name      string   `help:"The program's name for members; the ready program's if not said."`
	Currency  string   `help:"The ISO 4217 code of the currency; the ready program's if not said. In another one, amounts are proposed anew."`
	Factor    string   `help:"By what amounts are multiplied in another currency; a round number near what money buys if not said."`
	Timezone  string   `help:"The time zone in which days begin, such as Europe/Warsaw; the ready program's if not said."`
	Languages []string `help:"The languages that members read, the first for whoever has chosen none: pl,en; the ready program's if not said."`
	File      string   `arg:"" default:"program.yaml" help:"Where to write the document; an existing file is left alone."`
}

// Run makes the document, which is checked and whose scenarios pass, and only then writes it.
func (c *initCommand) Run(t *terminal) error {
	if c.List {
		return listPrograms(t)
	}
	if _, err := os.Lstat(c.File); err == nil {
		return usagef("%s exists already; name another file", c.File)
	}
	if c.Program == "" {
		if err := c.ask(t); err != nil {
			return err
		}
	}
	own, err := (&app.Own{Program: c.Program, Name: c.Name, Currency: c.Currency, Timezone: c.Timezone, Languages: c.Languages, Factor: c.Factor}).Made(calendar.Of(time.Now()))
	if err != nil {
		return misused(err)
	}
	if err := writeNew(c.File, own.Document.Source.Bytes()); err != nil {
		return err
	}
	fmt.Fprintf(t.out, "%s: written; %s\n", c.File, passed(own.Document.Scenarios()))
	c.sayAmounts(t, own)
	return nil
}

// misused makes of what can't be a mistake of whoever called the command.
func misused(err error) error {
	var p *app.Problem
	if errors.As(err, &p) && p.Code != app.CodeInternal {
		return usagef("%s", p.Detail)
	}
	return err
}

// listPrograms says which ready programs there are.
func listPrograms(t *terminal) error {
	for _, name := range programs.Names() {
		src, _ := programs.Document(name)
		fmt.Fprintf(t.out, "%-16s %s\n", name, programs.About(src))
	}
	return nil
}

// ask asks for all that no flag says. An empty answer is what stands in brackets.
func (c *initCommand) ask(t *terminal) error {
	lines := bufio.NewScanner(t.in)
	question := func(words, fallback string) (string, error) {
		fmt.Fprintf(t.out, "%s [%s]: ", words, fallback)
		if !lines.Scan() {
			fmt.Fprintln(t.out)
			return "", errors.Join(usagef("the questions were not answered; say --program and the rest as flags"), lines.Err())
		}
		if said := strings.TrimSpace(lines.Text()); said != "" {
			return said, nil
		}
		return fallback, nil
	}
	names := programs.Names()
	for i, name := range names {
		src, _ := programs.Document(name)
		fmt.Fprintf(t.out, "%3d  %-16s %s\n", i+1, name, programs.About(src))
	}
	said, err := question("Which program, by number or name", names[0])
	if err != nil {
		return err
	}
	if n, err := strconv.Atoi(said); err == nil && n >= 1 && n <= len(names) {
		said = names[n-1]
	}
	ready, err := app.Ready(said)
	if err != nil {
		return misused(err)
	}
	c.Program = said
	languages := strings.Join(c.Languages, ",")
	for _, q := range []struct {
		words, fallback string
		answer          *string
	}{
		{"Its name for members", ready.Head.Program, &c.Name},
		{"Its currency", ready.Head.Currency, &c.Currency},
		{"Its time zone", ready.Head.Timezone, &c.Timezone},
		{"Its languages, the first for whoever has chosen none", strings.Join(ready.Head.Languages, ","), &languages},
	} {
		if *q.answer != "" {
			continue
		}
		if *q.answer, err = question(q.words, q.fallback); err != nil {
			return err
		}
	}
	c.Languages = strings.FieldsFunc(languages, func(r rune) bool { return r == ',' || r == ' ' })
	return nil
}

// writeNew writes a file that must not be there yet.
func writeNew(name string, src []byte) (err error) {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return usagef("%v", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if _, err := file.Write(src); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

// sayAmounts says what became of the amounts in another currency, and which scenarios are
// left out for it.
func (c *initCommand) sayAmounts(t *terminal, own *app.Owned) {
	if own.Unknown {
		fmt.Fprintf(t.err, "What money buys in %s is not known here, so the amounts of the program in %s were not converted: each number stands as it was, now in %s. Look at each of them, or begin anew with --factor:\n", c.Currency, own.Was, c.Currency)
	} else if len(own.Amounts) > 0 {
		fmt.Fprintf(t.err, "The amounts of the program in %s were multiplied by %s for %s, and rounded. That is a proposal: look at each of them, and at the costs of rewards first:\n", own.Was, own.Factor, c.Currency)
	}
	source := own.Document.Source
	if n := len(own.LeftOut); n > 0 {
		defer fmt.Fprintf(t.err, "%d of %d scenarios are kept.\n", own.Document.Scenarios(), own.Document.Scenarios()+n)
	}
	for i := range own.Amounts {
		a := &own.Amounts[i]
		fmt.Fprintf(t.err, "%s:%d: %s: %s, was %s\n", c.File, source.At(a.Path).Line, ruleOf(source, a.Path), a.Now, a.Was)
	}
	for i := range own.LeftOut {
		l := &own.LeftOut[i]
		fmt.Fprintf(t.err, "left out, as it does not hold any more: the scenario %q\n", l.It)
		for _, p := range l.Problems {
			fmt.Fprintf(t.err, "  %s\n", p.Message)
		}
		for _, f := range l.Failures {
			for _, d := range f.Differences {
				fmt.Fprintf(t.err, "  step %d: %s is %s, expected %s\n", f.Step, d.What, d.Got, d.Want)
			}
		}
	}
}

// ruleOf is a path in a document with the ids of the rules that it leads through.
func ruleOf(source *document.Source, path string) string {
	var out []string
	for ; path != ""; path, _ = document.Parent(path) {
		_, key := document.Parent(path)
		if id, ok := source.Text(path + ".id"); ok {
			key = id
		}
		if key != "" {
			out = append([]string{key}, out...)
		}
	}
	return strings.Join(out, " ")
}
