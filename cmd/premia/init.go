package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"premia/internal/app"
	"premia/internal/core/engine"
	"premia/internal/core/program"
	"premia/programs"
)

// initCommand makes a ready program somebody's own.
type initCommand struct {
	List      bool     `help:"Say which ready programs there are, and make none."`
	Program   string   `help:"The ready program to begin with. Without it, questions are asked."`
	Name      string   `help:"The program's name for members; the ready program's if not said."`
	Currency  string   `help:"The ISO 4217 code of the currency; the ready program's if not said."`
	Timezone  string   `help:"The time zone in which days begin, such as Europe/Warsaw; the ready program's if not said."`
	Languages []string `help:"The languages that members read, the first for whoever has chosen none: pl,en; the ready program's if not said."`
	File      string   `arg:"" default:"program.yaml" help:"Where to write the document; an existing file is left alone."`
}

// Run makes the document, checks it, runs its scenarios, and only then writes it.
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
	ready, err := app.Ready(c.Program)
	if err != nil {
		return misused(err)
	}
	own, err := (&app.Own{Program: c.Program, Name: c.Name, Currency: c.Currency, Timezone: c.Timezone, Languages: c.Languages}).Document()
	if err != nil {
		return misused(err)
	}
	scenarios, err := t.tested(c.File, own)
	if err != nil {
		return err
	}
	if err := writeNew(c.File, own); err != nil {
		return err
	}
	fmt.Fprintf(t.out, "%s: written; %s\n", c.File, passed(scenarios))
	if was := ready.Head.Currency; c.Currency != "" && c.Currency != was {
		c.sayAmounts(t, was, own)
	}
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

// tested checks a document and runs its scenarios; mistakes are printed, and the error is
// then errFailed.
func (t *terminal) tested(name string, src []byte) (scenarios int, err error) {
	d, err := program.Load(name, src, engine.NewNames())
	if err != nil {
		return 0, t.mistakes(err)
	}
	words, err := catalogue()
	if err != nil {
		return 0, err
	}
	failures := program.RunScenarios(d)
	for i := range failures {
		fmt.Fprint(t.err, failureText(words, "en", &failures[i]))
	}
	if len(failures) > 0 {
		fmt.Fprintf(t.err, "%s is not written, as its scenarios come out otherwise\n", name)
		return 0, errFailed
	}
	return d.Scenarios(), nil
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

// sayAmounts says that amounts are as they were, and where they stand.
func (c *initCommand) sayAmounts(t *terminal, was string, src []byte) {
	fmt.Fprintf(t.err, "The amounts are still those of the program in %s, now as %s. Look at each of them, and at the costs of rewards first:\n", was, c.Currency)
	for _, at := range app.Amounts(src, was) {
		fmt.Fprintf(t.err, "%s:%d: %s\n", c.File, at.Line, at.Text)
	}
	fmt.Fprintf(t.err, "The scenarios use amounts, too; premia program test %s says which come out otherwise.\n", c.File)
}
