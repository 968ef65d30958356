package app

import (
	"context"
	"strings"
	"time"

	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/program"
	"premia/internal/core/text"
)

// CodeNotPausable says that a rule can't be paused.
const CodeNotPausable = "not_pausable"

// pausable are the parts of the document whose rules can be paused.
var pausable = map[string]bool{"campaigns": true, "promotions": true, "offers": true}

// Pausable tells whether a rule can be paused, and whether it is.
func (a *App) Pausable(ctx context.Context, rule engine.Rule) (can, paused bool, err error) {
	part, _, _ := strings.Cut(rule.Path, "[")
	if !pausable[part] {
		return false, false, nil
	}
	live, err := a.Version(ctx, 0)
	if err != nil {
		return false, false, err
	}
	s, err := document.Parse("program", live.Document)
	if err != nil {
		return false, false, invalidProgram(err)
	}
	words, said := s.Text(rule.Path + ".paused")
	return true, said && words == "true", nil
}

// ruleOver tells whether the live document ends a rule before an instant: its last day, or
// moment, is past.
func (a *App) ruleOver(ctx context.Context, path string, now calendar.Instant) (bool, error) {
	live, err := a.Version(ctx, 0)
	if err != nil {
		return false, err
	}
	s, err := document.Parse("program", live.Document)
	if err != nil {
		return false, invalidProgram(err)
	}
	written, said := s.Text(path + ".until")
	if !said {
		return false, nil
	}
	end, err := a.Moment(written)
	if err != nil {
		return false, nil // a way to write it that is not looked at here
	}
	if len(written) == len(time.DateOnly) {
		end += calendar.Day // the last day counts
	}
	return end <= now, nil
}

// PausedDocument is the live document with a rule paused, or going on.
func (a *App) PausedDocument(ctx context.Context, rule engine.Rule, paused bool) ([]byte, error) {
	can, is, err := a.Pausable(ctx, rule)
	if err != nil {
		return nil, err
	}
	if !can {
		return nil, problem(CodeNotPausable, "", text.Say("the rule at {Path} can't be paused; give it an end instead", rule.Path), "Path", text.Quoted(rule.Path))
	}
	live, err := a.Version(ctx, 0)
	if err != nil || is == paused {
		return live.Document, err
	}
	s, err := document.Parse("program", live.Document)
	if err != nil {
		return nil, invalidProgram(err)
	}
	if !paused {
		return s.Remove(rule.Path + ".paused")
	}
	o, err := outline()
	if err != nil {
		return nil, err
	}
	return s.Put(rule.Path+".paused", document.Scalar("true"), o)
}

// Pause publishes the live document with a rule paused, or going on. Scenarios that expect
// what is paused fail meanwhile, and are not asked: what must stop must stop at once.
func (a *App) Pause(ctx context.Context, rule engine.Rule, paused bool, comment string) error {
	if err := may(ctx, auth.ProgramPublish); err != nil {
		return err
	}
	if err := a.alone(ctx); err != nil {
		return err
	}
	src, err := a.PausedDocument(ctx, rule, paused)
	if err != nil {
		return err
	}
	if _, err := program.Load("program", src, engine.NewNames()); err != nil {
		return invalidProgram(err)
	}
	_, err = a.publish(ctx, src, calendar.None, comment)
	return err
}
