package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"premia/internal/connect/file"
	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/fit"
	"premia/internal/core/program"
	"premia/internal/insight/history"
	"premia/internal/insight/report"
	"premia/internal/insight/simulate"
	"premia/internal/store"
)

// simulateCommand says what a program would have come to over a history.
type simulateCommand struct {
	Program string   `required:"" help:"The program, as it is or as a draft."`
	Events  []string `sep:"none" help:"Files with the history, in this order: CSV or lines of JSON, plain or compressed with gzip."`
	Map     string   `name:"map" help:"The mapping: how lines become events. Without it the files hold Premia's own events, as lines of JSON."`
	DB      string   `name:"db" help:"Instead of files, the workspace whose history it is: sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE. Nothing is written."`
	Against string   `help:"Another program, to see the differences. Rules with days to come in which the two differ are tried on the latest like days of the past."`
	OwnDays bool     `help:"With --against: leave rules with days to come on these days, of which the history has nothing."`
	Until   string   `help:"The moment of the report: 2026-01-31T12:00:00Z, or 2026-01-31 for the end of that day in the program's time zone. If not said, the latest event's."`
	JSON    bool     `name:"json" help:"Print the report as JSON."`
	More    []string `arg:"" optional:"" name:"file" help:"More files of the history, after those of --events."`
}

// simulating is a simulation under way.
type simulating struct {
	*simulateCommand
	t       *terminal
	program *engine.Program
	// other is nil without --against. documents are both, as they were read, and trials
	// say where rules for days to come were tried.
	other     *engine.Program
	documents [2]*program.Document
	trials    []fit.Trial
	history   *simulate.History
	damaged   []string
}

// Run simulates. It writes nothing but the report.
func (c *simulateCommand) Run(t *terminal) error {
	c.Events = append(c.Events, c.More...)
	s := &simulating{simulateCommand: c, t: t}
	if err := s.programs(); err != nil {
		return err
	}
	options := simulate.Options{}
	if c.Until != "" {
		var err error
		if options.AsOf, err = parseMoment("--until", c.Until, s.program.Zone); err != nil {
			return err
		}
	}
	if err := s.load(); err != nil {
		return err
	}
	if err := s.tryOnPast(); err != nil {
		return err
	}
	result, err := simulate.Run(t.ctx, simulate.Under(s.program), s.history, options)
	if err != nil {
		return err
	}
	s.notes(result)
	if s.other == nil {
		err = s.print(result.Report)
	} else {
		err = s.compare(result.Report, options)
	}
	if err == nil && len(s.damaged) > 0 {
		err = errFailed
	}
	return err
}

// programs reads the documents.
func (s *simulating) programs() error {
	document, err := s.t.load(s.Program)
	if err != nil {
		return err
	}
	s.program, s.documents[1] = document.Program, document
	if s.Against == "" {
		return nil
	}
	if document, err = s.t.load(s.Against); err != nil {
		return err
	}
	s.other, s.documents[0] = document.Program, document
	if s.other.Currency != s.program.Currency {
		return usagef("%s counts in %s with %d decimals, but %s in %s with %d; their reports can't be compared", s.Program,
			s.program.Currency.Code, s.program.Currency.Scale, s.Against, s.other.Currency.Code, s.other.Currency.Scale)
	}
	return nil
}

// tryOnPast moves rules for days to come, in which the programs differ, into the history,
// and says so.
func (s *simulating) tryOnPast() error {
	if s.other == nil || s.OwnDays {
		return nil
	}
	tried, err := fit.OntoPast(s.history, s.documents[0], s.documents[1])
	if err != nil {
		return err
	}
	s.other, s.program, s.trials = tried.Before, tried.After, tried.Trials
	for i := range s.trials {
		fmt.Fprintln(s.t.err, trialNote(&s.trials[i], s.program.Zone))
	}
	return nil
}

// trialNote says on which days of the past a rule was tried.
func trialNote(t *fit.Trial, zone *time.Location) string {
	from, until := dayOf(t.From, zone), dayOf(t.Until-1, zone)
	switch {
	case t.ForGood && t.From == calendar.Beginning:
		return fmt.Sprintf("%s ends on %s for good; the history is tried without it.", t.ID, until)
	case t.ForGood:
		return fmt.Sprintf("%s begins on %s for good; it is tried on the whole history.", t.ID, from)
	case t.Events == 0:
		return fmt.Sprintf("%s (%s to %s): nothing of the history falls into these days; this shows nothing about it.", t.ID, from, until)
	}
	return fmt.Sprintf("%s (%s to %s) is tried on %s to %s.", t.ID, from, until, dayOf(t.PastFrom, zone), dayOf(t.PastUntil-1, zone))
}

func dayOf(at calendar.Instant, zone *time.Location) string { return at.In(zone).Format(time.DateOnly) }

// load reads the history into memory.
func (s *simulating) load() error {
	switch {
	case s.DB == "" && len(s.Events) == 0:
		return usagef("there is no history to simulate; name files with --events, or a workspace with --db")
	case s.DB != "" && (len(s.Events) > 0 || s.Map != ""):
		return usagef("the history comes from --db or from --events, not from both")
	case s.DB != "":
		return s.fromWorkspace()
	}
	return s.fromFiles()
}

func (s *simulating) fromWorkspace() (err error) {
	db, err := store.Open(s.t.ctx, s.DB, store.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	h, rules, err := history.Load(s.t.ctx, db)
	if err != nil {
		return err
	}
	if now := rules.Timeline.Version(rules.Newest); now.Currency != s.program.Currency {
		return usagef("%s counts in %s with %d decimals, but the workspace in %s with %d", s.Program,
			s.program.Currency.Code, s.program.Currency.Scale, now.Currency.Code, now.Currency.Scale)
	}
	s.history = h
	return nil
}

// maxRejectsShown bounds how many rejects are told one by one.
const maxRejectsShown = 10

func (s *simulating) fromFiles() error {
	var mapping *file.Mapping
	if s.Map != "" {
		src, err := s.t.read(s.Map)
		if err == nil {
			mapping, err = file.ParseMapping(s.Map, src)
		}
		if err != nil {
			return s.t.mistakes(err)
		}
	}
	rejected := 0
	reader, err := file.Open(mapping, file.Options{Program: s.program, Reject: func(r file.Reject) error {
		if rejected++; rejected <= maxRejectsShown {
			fmt.Fprintf(s.t.err, "%s:%d: left out: %s\n", filepath.Base(r.File), r.Line, r.Reason)
		}
		return nil
	}}, s.Events...)
	if err != nil {
		return s.t.mistakes(err)
	}
	source := &fileSource{reader: reader}
	s.history, err = simulate.Load(s.t.ctx, source, file.Scales(s.program))
	if err := errors.Join(err, reader.Close()); err != nil {
		return s.t.mistakes(err)
	}
	if rejected > maxRejectsShown {
		fmt.Fprintf(s.t.err, "… and %s more lines are left out; premia import writes them all to a file.\n", grouped(int64(rejected-maxRejectsShown)))
	}
	s.damaged = source.damaged
	for _, damaged := range s.damaged {
		fmt.Fprintln(s.t.err, damaged)
	}
	if lines := reader.Counts().GuestLines; lines > 0 {
		fmt.Fprintf(s.t.err, "%s guests' lines are left out, as the mapping says.\n", grouped(lines))
	}
	return nil
}

// fileSource gives the events of files to a simulation.
type fileSource struct {
	reader  *file.Reader
	damaged []string
}

// Next gives the next event; what is damaged is remembered and passed over.
func (s *fileSource) Next(ctx context.Context) (simulate.Entry, error) {
	for {
		if err := ctx.Err(); err != nil {
			return simulate.Entry{}, err
		}
		record, err := s.reader.Next()
		var damaged *file.DamagedError
		switch {
		case errors.As(err, &damaged):
			s.damaged = append(s.damaged, err.Error())
		case err != nil:
			return simulate.Entry{}, err
		default:
			return simulate.Entry{Event: record.Event}, nil
		}
	}
}

// notes says what the report does not count.
func (s *simulating) notes(r *simulate.Result) {
	note := func(n int64, words string) {
		if n > 0 {
			fmt.Fprintf(s.t.err, "%s: %s.\n", words, grouped(n))
		}
	}
	note(s.history.Repeated, "Events that came twice and count once")
	note(s.history.Refused, "Events that can't be decided: without a time, with an id or order that another has, or claims of unknown orders")
	note(r.RefusedEvents, "Events of people who are no members and are not enrolled")
	note(r.UnknownBuyers, "Buyers who are no members in the end, because nothing of theirs enrolled them")
}

func (s *simulating) print(r *report.Report) error {
	if !s.JSON {
		return r.WriteTable(s.t.out)
	}
	out, err := r.JSON()
	if err == nil {
		_, err = s.t.out.Write(out)
	}
	return err
}

// comparison is two reports and their differences, for machines.
type comparison struct {
	Report      *report.Report      `json:"report"`
	Against     *report.Report      `json:"against"`
	Differences []report.Difference `json:"differences"`
	Tried       []triedOn           `json:"tried"`
}

// triedOn is on which days of the past a rule was tried, for machines. The days are the
// first and the last; one that the rule lacks is left out.
type triedOn struct {
	Rule     string `json:"rule"`
	From     string `json:"from,omitempty"`
	Until    string `json:"until,omitempty"`
	PastFrom string `json:"past_from,omitempty"`
	PastTo   string `json:"past_until,omitempty"`
	Events   int64  `json:"events"`
}

func triedDays(trials []fit.Trial, zone *time.Location) []triedOn {
	out := []triedOn{}
	for _, t := range trials {
		one := triedOn{Rule: t.ID, Events: t.Events}
		if t.From != calendar.Beginning {
			one.From = dayOf(t.From, zone)
		}
		if t.Until != calendar.Never {
			one.Until = dayOf(t.Until-1, zone)
		}
		if t.Events > 0 {
			one.PastFrom, one.PastTo = dayOf(t.PastFrom, zone), dayOf(t.PastUntil-1, zone)
		}
		out = append(out, one)
	}
	return out
}

// compare simulates the other program, too, as of the same moment.
func (s *simulating) compare(mine *report.Report, o simulate.Options) error {
	if o.AsOf == calendar.None {
		o.AsOf = s.history.Last()
	}
	other, err := simulate.Run(s.t.ctx, simulate.Under(s.other), s.history, o)
	if err != nil {
		return err
	}
	if !s.JSON {
		return report.WriteComparison(s.t.out, "this", mine, "against", other.Report)
	}
	out, err := json.MarshalIndent(comparison{mine, other.Report, report.Differences(mine, other.Report), triedDays(s.trials, s.program.Zone)}, "", "  ")
	if err != nil {
		return fmt.Errorf("write the comparison: %w", err)
	}
	_, err = io.WriteString(s.t.out, string(out)+"\n")
	return err
}
