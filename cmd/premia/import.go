package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"premia/internal/app"
	"premia/internal/connect/file"
	"premia/internal/core/document"
	"premia/internal/core/engine"
)

// importCommand is what can be brought into a workspace.
type importCommand struct {
	Events importEvents `cmd:"" help:"Import the events of files: CSV or lines of JSON, plain or compressed with gzip."`
	Prices importPrices `cmd:"" help:"Import what products cost, from CSV files."`
}

// importEvents decides the events of files in the files' order.
type importEvents struct {
	DB      string   `name:"db" required:"" help:"The workspace's database: sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE. A new file is created."`
	Program string   `help:"The program, where the workspace has none yet; it then governs all that happened before, too."`
	Map     string   `name:"map" help:"The mapping: how lines become events. Without it the files hold Premia's own events, as lines of JSON."`
	Rejects string   `default:"rejects.csv" help:"Where rows go that can't be imported, with the reasons (${default})."`
	JSON    bool     `name:"json" help:"Print the summary as JSON."`
	Files   []string `arg:"" name:"file" help:"Files, imported in this order."`
}

// importing is an import under way.
type importing struct {
	*importEvents
	t       *terminal
	source  []byte // of the program; nil without one
	mapping *file.Mapping
	rejects *rejectsFile
	summary importSummary
}

// Run imports. All that can be wrong with the documents and the files is found
// before the database is touched.
func (c *importEvents) Run(t *terminal) error {
	i := &importing{importEvents: c, t: t, rejects: &rejectsFile{path: c.Rejects}}
	p, err := i.documents()
	if err != nil {
		return err
	}
	if err := i.rejects.check(c.Files); err != nil {
		return err
	}
	if p != nil {
		if err := i.tryFiles(p); err != nil {
			return err
		}
	}
	a, err := app.Open(t.ctx, app.Config{DB: c.DB, Migrate: p != nil, OneWriter: true})
	if err != nil {
		return err
	}
	return errors.Join(i.into(a, p), a.Close())
}

// documents reads the program and the mapping; nil for what is not given.
func (i *importing) documents() (p *engine.Program, err error) {
	if i.Map != "" {
		src, err := i.t.read(i.Map)
		if err != nil {
			return nil, err
		}
		if i.mapping, err = file.ParseMapping(i.Map, src); err != nil {
			return nil, i.t.mistakes(err)
		}
	}
	if i.Program == "" {
		return nil, nil
	}
	if i.source, err = i.t.read(i.Program); err != nil {
		return nil, err
	}
	d, err := app.CheckDocument(i.Program, i.source)
	if err != nil {
		return nil, i.t.mistakes(err)
	}
	return d.Program, nil
}

// mistakes prints what is wrong with a document, a line each; other errors stay.
func (t *terminal) mistakes(err error) error {
	var problems document.Problems
	var refused *app.Problem
	if errors.As(err, &refused) {
		problems = refused.Errors
	}
	if len(problems) == 0 && !errors.As(err, &problems) {
		return err
	}
	for _, p := range problems {
		fmt.Fprintln(t.err, p.In(t.sentence))
	}
	return errFailed
}

// tryFiles reads the beginning of each file, so that a mapping that does not fit
// one of them is found out before anything is imported.
func (i *importing) tryFiles(p *engine.Program) error {
	for _, path := range i.Files {
		r, err := file.Open(i.mapping, file.Options{Program: p}, path)
		if err != nil {
			return i.t.mistakes(err)
		}
		_, err = r.Next()
		var damaged *file.DamagedError
		if errors.Is(err, io.EOF) || errors.As(err, &damaged) {
			err = nil
		}
		if err := errors.Join(err, r.Close()); err != nil {
			return i.t.mistakes(err)
		}
	}
	return nil
}

// into imports into an open workspace and says what became of it.
func (i *importing) into(a *app.App, p *engine.Program) error {
	if err := i.adopt(a); err != nil {
		return err
	}
	if p == nil {
		rules := a.Journal.Rules()
		p = rules.Timeline.Version(rules.Newest)
		if err := i.tryFiles(p); err != nil {
			return err
		}
	}
	if err := i.all(a, p); err != nil {
		return err
	}
	if err := i.summary.print(i.t.out, i.JSON); err != nil {
		return err
	}
	if i.summary.failed() {
		return errFailed
	}
	return nil
}

// adopt makes the program the workspace's, or makes sure that it has one.
func (i *importing) adopt(a *app.App) (err error) {
	if i.source != nil {
		i.summary.Program, i.summary.Published, err = a.AdoptProgram(i.t.ctx, i.source)
		return err
	}
	if i.summary.Program = a.Journal.Rules().Newest; i.summary.Program == 0 {
		return usagef("the workspace has no program yet; name its document with --program")
	}
	return nil
}

// all imports all files.
func (i *importing) all(a *app.App, p *engine.Program) error {
	bar := newProgress(i.t)
	reader, err := file.Open(i.mapping, file.Options{Program: p, Reject: i.rejects.write, Progress: bar.show}, i.Files...)
	if err != nil {
		return i.t.mistakes(err)
	}
	importer := a.NewImporter()
	err = i.each(reader, importer)
	if err == nil {
		i.summary.ImportCounts, err = importer.Finish(i.t.ctx)
	}
	bar.end()
	err = errors.Join(err, reader.Close(), i.rejects.close())
	i.summary.count(reader.Counts())
	if i.rejects.begun() {
		i.summary.RejectsFile = i.Rejects
	}
	if i.t.ctx.Err() != nil {
		return errors.New("the import was interrupted; what was imported stays, and the same command goes on from there")
	}
	if err != nil {
		return fmt.Errorf("the import stopped; what was imported stays, and the same command goes on from there: %w", err)
	}
	return nil
}

// each sends the events on their way. What follows the damage in a file is lost,
// and told; the other files are imported.
func (i *importing) each(reader *file.Reader, importer *app.Importer) error {
	for i.t.ctx.Err() == nil {
		record, err := reader.Next()
		var damaged *file.DamagedError
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.As(err, &damaged):
			i.summary.Damaged = append(i.summary.Damaged, err.Error())
			continue
		case err != nil:
			return err
		}
		err = importer.Add(i.t.ctx, record.Event, func(reason string) error { return reader.Reject(record, reason) })
		if err != nil {
			return err
		}
	}
	return i.t.ctx.Err()
}

// rejectsFile is the file of rejects. It is created with the first of them.
type rejectsFile struct {
	path string
	file *os.File
	rows *file.RejectWriter
}

// check refuses a path that can't be written, or that would overwrite an input.
func (r *rejectsFile) check(inputs []string) error {
	if info, err := os.Stat(filepath.Dir(r.path)); err != nil || !info.IsDir() {
		return usagef("there is no folder %s for the rejects; create it, or name another file with --rejects", filepath.Dir(r.path))
	}
	info, err := os.Stat(r.path)
	if err != nil {
		return nil // it is not there, which is best
	}
	if info.IsDir() {
		return usagef("%s is a folder; name a file in it with --rejects", r.path)
	}
	for _, path := range inputs {
		if other, err := os.Stat(path); err == nil && os.SameFile(info, other) {
			return usagef("the rejects would overwrite the input %s; name another file with --rejects", path)
		}
	}
	return nil
}

func (r *rejectsFile) begun() bool { return r.file != nil }

func (r *rejectsFile) write(one file.Reject) (err error) {
	if r.file == nil {
		if r.file, err = os.OpenFile(r.path, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600); err != nil {
			return fmt.Errorf("write the rejects: %w", err)
		}
		r.rows = file.NewRejectWriter(r.file)
	}
	return r.rows.Write(one)
}

func (r *rejectsFile) close() error {
	if r.file == nil {
		return nil
	}
	return errors.Join(r.rows.Flush(), r.file.Close())
}

// importSummary is what became of an import.
type importSummary struct {
	Program   uint32 `json:"program_version"`
	Published bool   `json:"program_published"`
	Lines     int64  `json:"lines"`
	app.ImportCounts
	GuestEvents   int64    `json:"guest_events_left_out"`
	GuestLines    int64    `json:"guest_lines_left_out"`
	LeftOutLines  int64    `json:"other_lines_left_out"`
	RejectedLines int64    `json:"rejected_lines"`
	RejectsFile   string   `json:"rejects_file,omitempty"`
	Damaged       []string `json:"damaged_files,omitempty"`
}

func (s *importSummary) count(c file.Counts) {
	s.Lines, s.GuestEvents, s.GuestLines = c.Lines, c.GuestEvents, c.GuestLines
	s.LeftOutLines, s.RejectedLines = c.LeftOutLines, c.RejectedLines
}

// failed tells that nothing could be imported, or that not all could be read.
func (s *importSummary) failed() bool {
	return len(s.Damaged) > 0 || s.RejectedLines > 0 && s.Decided+s.Repeated == 0
}

func (s *importSummary) print(w io.Writer, asJSON bool) error {
	if asJSON {
		out, err := json.MarshalIndent(s, "", "  ")
		if err == nil {
			_, err = w.Write(append(out, '\n'))
		}
		return err
	}
	_, err := io.WriteString(w, s.words())
	return err
}
