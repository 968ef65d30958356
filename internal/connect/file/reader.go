package file

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/mechanic/custom"
	"premia/internal/core/text"
)

// Options say what a reader needs beyond the files.
type Options struct {
	// Program is the program that the events are for; its currency, zone, wallets
	// and event types are what events are checked against. Required.
	Program *engine.Program
	// Reject hears of each row that can not be imported, in the order in which
	// they are found; nil is nobody. Its error ends the reading.
	Reject func(Reject) error
	// Progress hears how many of all files' bytes, compressed as they are, have
	// been read; nil is nobody. It is called often.
	Progress func(read, total int64)
}

// Record is one event and where it stood.
type Record struct {
	Event *event.Event
	File  string
	// Rows are the event's rows in the order of the file, at least one.
	Rows []Row
}

// Counts are what became of the lines that were read so far.
type Counts struct {
	Lines         int64 // rows of data: without headers and empty lines
	Events        int64 // given, less those rejected later
	Purchases     int64 // of the events
	Returns       int64 // of the events
	GuestLines    int64 // left out as guests'
	GuestEvents   int64 // of which all lines were left out as guests'
	LeftOutLines  int64 // left out for another condition, or as odd
	RejectedLines int64
}

// DamagedError says that the rest of a file can not be read. Events that were
// not complete before are rejected; reading may go on with the next file.
type DamagedError struct {
	File string
	Line int // the last line that was read; 0 where none was
	Err  error
}

// Error says where and why.
func (e *DamagedError) Error() string {
	why := e.Err.Error()
	if errors.Is(e.Err, io.ErrUnexpectedEOF) {
		why = "it is cut off"
	}
	if e.Line == 0 {
		return fmt.Sprintf("%s: the compressed file is damaged: %s; nothing of it was read, so fetch it again", e.File, why)
	}
	return fmt.Sprintf("%s: the file is damaged after line %d: %s; everything before was read", e.File, e.Line, why)
}

// Unwrap gives the cause.
func (e *DamagedError) Unwrap() error { return e.Err }

// Reader gives the events of files one by one.
type Reader struct {
	options Options
	mapping *Mapping // nil for Premia's own events
	scales  event.Scales
	build   builder
	paths   []string
	total   int64
	read    int64
	counts  Counts

	path   string // of the open file; empty between files
	lines  *lines
	rows   rows
	window *window
	row    row
	rowNo  int
	ready  []*Record
	ending error // what follows when ready is empty and all groups are closed
}

// Open prepares the reading of the files in their order. A nil mapping stands
// for Premia's own events as lines of JSON. The error is of type
// [document.Problems] where the mapping does not fit the program; a file's own
// columns are checked when its turn comes.
func Open(m *Mapping, o Options, paths ...string) (*Reader, error) {
	r := &Reader{options: o, mapping: m, paths: paths, scales: Scales(o.Program)}
	for _, path := range paths {
		info, err := os.Stat(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("there is no file %s", path)
		}
		if err != nil {
			return nil, fmt.Errorf("open the file: %w", err)
		}
		if info.IsDir() {
			return nil, fmt.Errorf("%s is a folder; name the files in it", path)
		}
		r.total += info.Size()
	}
	within := 0
	if m != nil {
		if err := m.fits(o.Program); err != nil {
			return nil, err
		}
		var err error
		if r.build, err = newBuilder(m, o.Program); err != nil {
			return nil, err
		}
		if m.Group != nil {
			within = m.Group.Within
		}
	}
	r.window = newWindow(within)
	r.window.forget = m == nil || m.Group == nil
	return r, nil
}

// Scales gives the decimals of a program's amounts.
func Scales(p *engine.Program) event.Scales {
	return event.Scales{Currency: p.Currency.Scale, Wallet: func(id string) (int, bool) {
		if w := p.WalletByID(id); w != nil {
			return w.Unit.Scale, true
		}
		return 0, false
	}}
}

// importable are the built-in types that files may hold.
var importable = []string{event.Purchase, event.Return, event.Claim}

// fits checks that the program has the mapping's event types and fields.
func (m *Mapping) fits(p *engine.Program) error {
	c := checker{m: m}
	known := append([]string(nil), importable...)
	declared := map[string]bool{}
	for i := range p.Types {
		known = append(known, p.Types[i].ID)
	}
	for i, t := range m.Types {
		if !contains(known, t.Event) {
			hint := text.Say("the program's types are {Known}", join(known))
			if near, ok := document.Closest(t.Event, known); ok {
				hint = text.Say("did you mean {Near}?", strconv.Quote(near))
			}
			c.problem(document.Index("types", i)+".event", "unknown_event_type", text.Say("the program has no event type {Event}", strconv.Quote(t.Event)), hint)
		}
		if et := p.EventType(t.Event); et != nil {
			for _, f := range et.Fields {
				declared[f.ID] = true
			}
		}
	}
	for name := range m.Event.Data.All() {
		if !declared[name] {
			c.problem(document.Join("event.data", name), "unknown_field", text.Say("the program declares no field {Name} for these events", strconv.Quote(name)),
				"declare it in the program under events, or remove it here")
		}
	}
	c.problems.Sort()
	return c.problems.Err()
}

// Next gives the next event. The error is io.EOF after the last one, a
// *[DamagedError] where a file breaks off, after which Next may be called again,
// and [document.Problems] where a file lacks columns that the mapping names.
func (r *Reader) Next() (*Record, error) {
	for {
		if n := len(r.ready); n > 0 {
			record := r.ready[0]
			r.ready = r.ready[1:]
			return record, nil
		}
		if r.ending != nil {
			err := r.ending
			r.ending = nil
			return nil, err
		}
		if err := r.advance(); err != nil {
			return nil, err
		}
	}
}

// Counts gives what became of the lines so far.
func (r *Reader) Counts() Counts { return r.counts }

// Close closes the file at hand. It may be called at any time.
func (r *Reader) Close() error {
	if r.lines == nil {
		return nil
	}
	err := r.lines.close()
	r.lines, r.path = nil, ""
	return err
}

// advance opens the next file, or reads a row, or ends a file.
func (r *Reader) advance() error {
	if r.lines == nil {
		if len(r.paths) == 0 {
			return io.EOF
		}
		r.path = r.paths[0]
		r.paths = r.paths[1:]
		return r.openFile()
	}
	err := r.rows.next(&r.row)
	if err != nil {
		return r.endFile(err)
	}
	r.rowNo++
	r.counts.Lines++
	if r.options.Progress != nil {
		r.options.Progress(r.read, r.total)
	}
	if r.mapping == nil {
		return r.native()
	}
	if err := r.mapped(); err != nil {
		return err
	}
	for g := r.window.done(r.rowNo + 1); g != nil; g = r.window.done(r.rowNo + 1) {
		if err := r.finish(g); err != nil {
			return err
		}
	}
	return nil
}

func (r *Reader) openFile() error {
	encoding := ""
	if r.mapping != nil {
		encoding = r.mapping.Format.Encoding
	}
	if err := intact(r.path); err != nil {
		return &DamagedError{File: r.path, Err: err}
	}
	l, err := openLines(r.path, encoding, &r.read)
	if err != nil {
		return err
	}
	r.lines = l
	if r.mapping == nil {
		r.rows = &jsonRows{lines: l, native: true}
		return nil
	}
	columns := r.mapping.compiled.columns
	if r.mapping.Format.Type == "ndjson" {
		r.rows = &jsonRows{lines: l, columns: columns, values: make([]string, len(columns))}
		return nil
	}
	if r.rows, err = r.openCSV(columns); err != nil {
		return errors.Join(err, r.Close())
	}
	return nil
}

var (
	delimiters = map[string]byte{"": ',', "comma": ',', "semicolon": ';', "tab": '\t', "pipe": '|'}
	quotes     = map[string]byte{"": '"', "double": '"', "single": '\'', "none": 0}
)

// openCSV finds the mapping's columns in the header.
func (r *Reader) openCSV(columns []named) (*csvRows, error) {
	f := &r.mapping.Format
	rows := &csvRows{
		lines: r.lines, delimiter: delimiters[f.Delimiter], quote: quotes[f.Quote],
		values: make([]string, len(columns)),
	}
	header := f.Header
	if header == nil {
		var err error
		if header, err = rows.header(); err != nil {
			return nil, fmt.Errorf("%s: %w", r.path, err)
		}
	}
	rows.width = len(header)
	c := checker{m: r.mapping}
	for _, column := range columns {
		at, err := find(column.column, header)
		if err != nil {
			c.problem(column.path, "unknown_column", text.Say("in {File} {Why}", filepath.Base(r.path), err), hintFor(column.column, header))
		}
		rows.at = append(rows.at, at)
	}
	c.problems.Sort()
	return rows, c.problems.Err()
}

// endFile closes all events in the making. Where the file breaks off, more lines
// might have belonged to them, so they are rejected.
func (r *Reader) endFile(cause error) error {
	damaged := !errors.Is(cause, io.EOF)
	for g := r.window.take(); g != nil; g = r.window.take() {
		if damaged {
			g.fail(r.lines.no, "the file is damaged here, so that the event may be incomplete")
		}
		if err := r.finish(g); err != nil {
			return err
		}
	}
	if damaged {
		r.ending = &DamagedError{File: r.path, Line: r.lines.no, Err: cause}
	}
	return r.Close()
}

// check checks an event against its own rules and the program's declarations.
func (r *Reader) check(e *event.Event) error {
	p := r.options.Program
	et := p.EventType(e.Type)
	if et == nil && !contains(importable, e.Type) && e.Type != event.Adjustment {
		return fmt.Errorf("the program has no event type %q", e.Type)
	}
	if err := e.Check(p.Currency.Code, p.Currency.Scale); err != nil {
		return err
	}
	if e.Type == event.Adjustment && et == nil {
		return nil
	}
	if field, problem, ok := custom.CheckData(et, e); !ok {
		return fmt.Errorf("data.%s: %s", field, problem)
	}
	return nil
}
