package file

import (
	"encoding/csv"
	"io"
	"strconv"

	"premia/internal/core/event"
)

// Reject is a row that was not imported, and why.
type Reject struct {
	File   string
	Line   int
	Reason string
	Row    string
}

// RejectWriter writes rejects as CSV with the columns file, line, reason and
// row. The header comes with the first of them, so that without rejects nothing
// is written.
type RejectWriter struct {
	csv   *csv.Writer
	begun bool
}

// NewRejectWriter writes to w.
func NewRejectWriter(w io.Writer) *RejectWriter { return &RejectWriter{csv: csv.NewWriter(w)} }

// Write writes one reject.
func (w *RejectWriter) Write(r Reject) error {
	if !w.begun {
		w.begun = true
		if err := w.csv.Write([]string{"file", "line", "reason", "row"}); err != nil {
			return err
		}
	}
	return w.csv.Write([]string{r.File, strconv.Itoa(r.Line), r.Reason, r.Row})
}

// Flush writes out what is buffered and gives the first error so far.
func (w *RejectWriter) Flush() error {
	w.csv.Flush()
	return w.csv.Error()
}

// Reject rejects an event that Next gave, for a reason found later: the journal
// refuses it, say. All its rows go to Options.Reject.
func (r *Reader) Reject(record *Record, reason string) error {
	r.count(record.Event, -1)
	return r.rejectRows(record.File, record.Rows, record.Rows[0].Line, reason)
}

// rejectRows rejects the rows of one event; the others point at the line at
// fault.
func (r *Reader) rejectRows(file string, rows []Row, fault int, reason string) error {
	for _, row := range rows {
		why := reason
		if row.Line != fault && len(rows) > 1 {
			why = "line " + strconv.Itoa(fault) + " of the same event: " + reason
		}
		if err := r.reject(file, row, why); err != nil {
			return err
		}
	}
	return nil
}

func (r *Reader) reject(file string, row Row, reason string) error {
	r.counts.RejectedLines++
	if r.options.Reject == nil {
		return nil
	}
	return r.options.Reject(Reject{File: file, Line: row.Line, Reason: reason, Row: row.Text})
}

func (r *Reader) count(e *event.Event, n int64) {
	r.counts.Events += n
	switch e.Type {
	case event.Purchase:
		r.counts.Purchases += n
	case event.Return:
		r.counts.Returns += n
	}
}
