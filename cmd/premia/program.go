package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/program"
	"premia/internal/i18n"
)

// programCommand is what can be done with a program's document.
type programCommand struct {
	Check    programCheck    `cmd:"" help:"Say everything that is wrong with programs."`
	Test     programTest     `cmd:"" help:"Run the scenarios of programs."`
	Describe programDescribe `cmd:"" help:"Say in plain words how a program works, for its members."`
	Publish  programPublish  `cmd:"" help:"Make a document the program of a workspace."`
	Schema   programSchema   `cmd:"" help:"Print the JSON Schema of programs, for editors."`
	Cost     programCost     `cmd:"" help:"Say what a program costs as a share of sales, over a year that is made up."`
}

// programFiles are the documents that a command is about.
type programFiles struct {
	Files []string `arg:"" name:"file" help:"Documents, folders that hold a program.yaml, or folder/... for all below it; - reads standard input."`
}

// programNames are the names that documents have in a folder.
var programNames = []string{"program.yaml", "program.yml", "program.json"}

// standardInput is how an argument names it, and shownInput how problems do.
const (
	standardInput = "-"
	shownInput    = "standard-input"
)

// list finds the documents, in the order of the arguments.
func (f *programFiles) list() ([]string, error) {
	var all []string
	for _, name := range f.Files {
		found, err := documentsAt(name)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}

func documentsAt(name string) ([]string, error) {
	if name == standardInput {
		return []string{name}, nil
	}
	folder, deep := strings.CutSuffix(filepath.ToSlash(name), "...")
	if folder = filepath.Clean(folder); folder == "" {
		folder = "."
	}
	info, err := os.Stat(folder)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, usagef("there is no file or folder %s", folder)
	case err != nil:
		return nil, usagef("%v", err)
	case !info.IsDir() && deep:
		return nil, usagef("%s is no folder, so ... finds nothing below it", folder)
	case !info.IsDir():
		return []string{folder}, nil
	}
	found, err := documentsBelow(folder, deep)
	if err == nil && len(found) == 0 {
		return nil, usagef("there is no program in %s; its document is called %s", name, strings.Join(programNames, " or "))
	}
	return found, err
}

func documentsBelow(folder string, deep bool) ([]string, error) {
	var found []string
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return usagef("%v", err)
		case entry.IsDir() && path != folder && !deep:
			return fs.SkipDir
		case !entry.IsDir() && slices.Contains(programNames, entry.Name()):
			found = append(found, path)
		}
		return nil
	})
	return found, err
}

// load reads and compiles a document. Its mistakes are printed, one a line, as
// file:line:column; the error is then errFailed.
func (t *terminal) load(name string) (*program.Document, error) {
	src, err := t.read(name)
	if err != nil {
		return nil, err
	}
	if name == standardInput {
		name = shownInput
	}
	d, err := program.Load(name, src, engine.NewNames())
	var problems document.Problems
	switch {
	case err == nil:
		return d, nil
	case errors.As(err, &problems):
		for _, p := range problems {
			fmt.Fprintln(t.err, p.In(t.sentence))
		}
		return nil, errFailed
	}
	return nil, fmt.Errorf("%s: %w", name, err)
}

// read reads a file, no more than a document may have and one byte, so that a
// wrong file costs nothing.
func (t *terminal) read(name string) ([]byte, error) {
	in := t.in
	if name != standardInput {
		file, err := os.Open(name)
		if err != nil {
			return nil, usagef("%v", err)
		}
		defer file.Close()
		in = file
	}
	src, err := io.ReadAll(io.LimitReader(in, document.MaxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return src, nil
}

// each does the same with every document, and fails at the end if it failed
// with any.
func (f *programFiles) each(t *terminal, do func(name string, d *program.Document) error) error {
	names, err := f.list()
	if err != nil {
		return err
	}
	failed := false
	for _, name := range names {
		d, err := t.load(name)
		if err == nil {
			err = do(name, d)
		}
		if err != nil && !errors.Is(err, errFailed) {
			return err
		}
		failed = failed || err != nil
	}
	if failed {
		return errFailed
	}
	return nil
}

// programCheck says what is wrong with documents.
type programCheck struct {
	programFiles
	Lang string `enum:"en,pl,cs,ru" default:"en" help:"The language of mistakes: en, pl, cs or ru."`
}

// Run checks each document.
func (c *programCheck) Run(t *terminal) error {
	words, err := catalogue()
	if err != nil {
		return err
	}
	t.speak(words, c.Lang)
	return c.each(t, func(name string, d *program.Document) error {
		fmt.Fprintf(t.out, "%s: no mistakes\n", name)
		return nil
	})
}

// programSchema prints the schema of documents.
type programSchema struct{}

// Run prints the schema.
func (programSchema) Run(t *terminal) error {
	schema, err := program.Schema()
	if err != nil {
		return err
	}
	_, err = t.out.Write(schema)
	return err
}

// catalogue loads the words of programs.
func catalogue() (*i18n.Catalog, error) { return i18n.Load(program.Catalogs()...) }
