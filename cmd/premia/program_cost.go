package main

import (
	"os"
	"path/filepath"

	"premia/internal/insight/year"
)

// programCost says what a program costs over a year that is made up.
type programCost struct {
	Folder string `arg:"" help:"The folder that holds the program, its catalogue.csv and its year.yaml."`
	Seed   uint64 `default:"1" help:"Another number makes up another year."`
}

// Run makes up the year and prints what it came to.
func (c *programCost) Run(t *terminal) error {
	names, err := documentsAt(c.Folder)
	if err != nil {
		return err
	}
	if len(names) != 1 {
		return usagef("%s holds %d programs; name one", c.Folder, len(names))
	}
	d, err := t.load(names[0])
	if err != nil {
		return err
	}
	cost, err := year.Of(t.ctx, os.DirFS(filepath.Dir(names[0])), d.Program, c.Seed)
	if err != nil {
		return t.mistakes(err)
	}
	return cost.WriteText(t.out)
}
