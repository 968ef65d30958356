package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"premia/internal/core/calendar"
	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/mechanic/contest"
	"premia/internal/core/program"
	"premia/internal/core/text"
	"premia/internal/journal"
	"premia/internal/store"
)

// MaxDocument is the most bytes of a program's document.
const MaxDocument = 1 << 20

// Version is a published program.
type Version struct {
	store.Program
	// Live tells that it is in force now.
	Live bool
}

// CheckDocument checks a document and runs its scenarios. The error is a
// *Problem with all mistakes.
func CheckDocument(file string, src []byte) (*program.Document, error) {
	doc, failures, err := checkDocument(file, src)
	if err == nil {
		err = failed(file, failures)
	}
	if err != nil {
		return nil, err
	}
	return doc, nil
}

// checkScenarios checks a document and tells how many of its scenarios fail. The error is
// that of [CheckDocument]; where no scenario fails it is of the document itself.
func checkScenarios(src []byte) (failing int, err error) {
	_, failures, err := checkDocument("program", src)
	if err != nil {
		return 0, err
	}
	return FailingScenarios(failures), failed("program", failures)
}

// FailingScenarios counts the scenarios of which steps come out otherwise.
func FailingScenarios(failures []program.Failure) int {
	seen := make(map[string]bool)
	for i := range failures {
		seen[failures[i].Scenario] = true
	}
	return len(seen)
}

func checkDocument(file string, src []byte) (*program.Document, []program.Failure, error) {
	doc, err := program.Load(file, src, engine.NewNames())
	if err != nil {
		return nil, nil, invalidProgram(err)
	}
	return doc, program.RunScenarios(doc), nil
}

// failed is the problem of scenarios that come out otherwise; nil where none does.
func failed(file string, failures []program.Failure) error {
	var mistakes document.Problems
	for _, f := range failures {
		mistakes = append(mistakes, document.Problem{
			File: file, Pos: f.Pos, Path: "scenarios", Code: "scenario_failed",
			Message: text.Say("the scenario {Scenario} comes out otherwise at step {Step}: {Differences}", strconv.Quote(f.Scenario), f.Step, differences(f.Differences)),
			Hint:    "correct the rules, or what the scenario expects",
		})
	}
	if len(mistakes) > 0 {
		return invalidProgram(mistakes)
	}
	return nil
}

func differences(all []program.Difference) text.Sentence {
	said := text.Sentence("")
	for i, d := range all {
		one := text.Say("{What} is {Got}, expected {Wanted}", d.What, d.Got, d.Want)
		if i > 0 {
			one = text.Say("{Before}; {One}", said, one)
		}
		said = one
	}
	return said
}

// invalidProgram makes a problem of a document's mistakes; other errors stay.
func invalidProgram(err error) error {
	var mistakes document.Problems
	if errors.As(err, &mistakes) {
		p := problem(CodeProgramInvalid, "", mistakes.Sentence(), "Count", int64(len(mistakes)))
		p.Errors = mistakes
		return p
	}
	if errors.Is(err, journal.ErrIncompatible) {
		return problem(CodeIncompatible, "", text.Of(err))
	}
	return err
}

// Publish makes a document the program from the instant on; calendar.None means
// now. Publishing the live document again changes nothing.
func (a *App) Publish(ctx context.Context, src []byte, from calendar.Instant, comment string) (journal.Published, error) {
	if err := a.alone(ctx); err != nil {
		return journal.Published{}, err
	}
	if _, err := CheckDocument("program", src); err != nil {
		return journal.Published{}, err
	}
	if now := a.Journal.Now(); from != calendar.None && from < now-futureTolerance {
		return journal.Published{}, problem("invalid_parameter", "live_from", text.Say("the program can't be live from {From}, which is past: what was decided stays decided", from))
	}
	return a.publish(ctx, src, from, comment)
}

// PublishAgain makes the document of an earlier version the program again: a roll
// back is a new version with the old rules.
func (a *App) PublishAgain(ctx context.Context, version int64) (journal.Published, error) {
	if err := a.alone(ctx); err != nil {
		return journal.Published{}, err
	}
	v, err := a.Version(ctx, version)
	if err != nil {
		return journal.Published{}, err
	}
	return a.publishAs(ctx, "program.rolled_back", nil, v.Document, calendar.None, fmt.Sprintf("version %d again", version))
}

// Versions lists the published programs, the oldest first.
func (a *App) Versions(ctx context.Context) ([]Version, error) {
	all, err := a.Store.Programs(ctx)
	if err != nil {
		return nil, err
	}
	live := int64(0)
	if p := a.program(); p != nil {
		live = int64(p.Version)
	}
	out := make([]Version, len(all))
	for i := range all {
		out[i] = Version{all[i], all[i].Version == live}
	}
	return out, nil
}

// Version gives a published program; 0 is the one that is live.
func (a *App) Version(ctx context.Context, version int64) (Version, error) {
	all, err := a.Versions(ctx)
	if err != nil {
		return Version{}, err
	}
	for _, v := range all {
		if v.Version == version || (version == 0 && v.Live) {
			return v, nil
		}
	}
	if version == 0 {
		return Version{}, problem(CodeProgramMissing, "", text.Of(journal.ErrNoProgram))
	}
	return Version{}, problem(CodeUnknownVersion, "version", text.Say("there is no version {Version} of the program", version), "Version", version)
}

// Program gives the program that is in force now; nil if none was published.
func (a *App) Program() *engine.Program { return a.program() }

// Section is a heading and the sentences under it.
type Section struct {
	// ID is that of the heading's words, such as earn.heading, and tells what the section
	// is about.
	ID      string
	Heading string
	Lines   []string
	// Gist says it in a sentence or a few, with every condition; empty where that takes
	// more than can be read in passing.
	Gist string
	// From and Until bound when it is so; Until is the first instant after it.
	From, Until calendar.Instant
	// Exact are those of Lines that are for whoever reckons exactly, and Main the others.
	Main, Exact []string
}

// promotion is the heading of what a program gives for some time.
const promotion = "campaign.heading"

// soon is how long before they begin promotions are told of.
const soon = 7 * calendar.Day

// StillSo leaves out what is over.
func StillSo(sections []Section, now calendar.Instant) []Section {
	return slices.DeleteFunc(slices.Clone(sections), func(s Section) bool { return s.Until <= now })
}

// Promotions are those that run now for some time, and those that begin within a week: the
// first to end and then the first to begin.
func Promotions(sections []Section, now calendar.Instant) (out []Section) {
	for i := range sections {
		s := &sections[i]
		bounded := s.From != calendar.Beginning || s.Until != calendar.Never
		if s.ID == promotion && bounded && now < s.Until && s.From <= now+soon {
			out = append(out, *s)
		}
	}
	slices.SortStableFunc(out, func(x, y Section) int {
		return cmp.Or(cmp.Compare(max(x.From, now), max(y.From, now)), cmp.Compare(x.Until, y.Until))
	})
	return out
}

// mostGains are as many as say in short what a program brings, and mostGist the letters of
// what one of them says.
const (
	mostGains = 6
	mostGist  = 260
)

// gainsOf are what says in short what a program brings, by the headings of its sections, in
// this order, with so many of each at most. What comes and goes, as promotions and
// contests do, is not among them.
var gainsOf = []struct {
	heading string
	most    int
}{{"card.heading", 2}, {"earn.heading", 3}, {"challenge.heading", 1}, {"referral.reward", 2}, {"tier.heading", 1}}

// Gains are the few sections of a program that say best what members get: by their names
// and, where it can be said in short, their gist.
func Gains(sections []Section) (out []Section) {
	for _, kind := range gainsOf {
		n := 0
		for i := range sections {
			if s := &sections[i]; s.ID == kind.heading && n < kind.most && len(out) < mostGains {
				out = append(out, *s)
				n++
			}
		}
	}
	return out
}

// Describe says the rules of a version in a language; 0 is the one that is live.
func (a *App) Describe(version uint32, lang string) ([]Section, error) {
	p := a.program()
	if p == nil {
		return nil, problem(CodeProgramMissing, "", text.Of(journal.ErrNoProgram))
	}
	if version != 0 {
		if p = a.Journal.Rules().Timeline.Version(version); p == nil {
			return nil, problem(CodeUnknownVersion, "version", text.Say("there is no version {Version} of the program", int64(version)), "Version", int64(version))
		}
	}
	sections := program.Describe(p)
	a.sayCommitments(sections, p)
	return a.said(sections, lang), nil
}

// sayCommitments adds to the sections of contests what their draws are committed to: it
// follows from the workspace's secret, so the program itself does not know it.
func (a *App) sayCommitments(sections []engine.Section, p *engine.Program) {
	contests := contest.All(p)
	for i := range sections {
		at := slices.IndexFunc(sections[i].Lines, func(m text.Message) bool { return m.ID == contest.CheckMessage })
		if at < 0 || len(contests) == 0 {
			continue
		}
		digest := contest.Commitment(a.Journal.Keys().ContestSeed(contests[0].ID))
		sections[i].Lines = slices.Insert(slices.Clone(sections[i].Lines), at+1, text.New("contest.commitment", "Digest", digest))
		contests = contests[1:]
	}
}

// said renders sections in a language.
func (a *App) said(sections []engine.Section, lang string) []Section {
	var out []Section
	for _, s := range sections {
		section := Section{ID: s.Heading.ID, Heading: a.Words.Render(lang, s.Heading), From: s.From, Until: s.Until}
		for _, line := range s.Lines {
			words := a.Words.Render(lang, line)
			section.Lines = append(section.Lines, words)
			if exact(line.ID) {
				section.Exact = append(section.Exact, words)
			} else {
				section.Main = append(section.Main, words)
			}
		}
		section.Gist = a.gist(&s, lang)
		out = append(out, section)
	}
	return out
}

// exactly are the beginnings of messages that tell whoever reckons exactly how it is done.
var exactly = []string{
	"program.timezone", "program.decimals", "wallet.scale", "wallet.burn", "rounding.", "without.",
	"extra.best", "extra.first", "discount.priority", "discount.group", contest.CheckMessage, "contest.commitment", "occasion.birthday", "occasion.membership",
}

func exact(id string) bool {
	return slices.ContainsFunc(exactly, func(begins string) bool { return strings.HasPrefix(id, begins) })
}

// datedBy are the messages that say from when until when a promotion runs, which stands beside
// its gist.
var datedBy = []string{"window.between", "window.from", "window.until", "window.inclusive"}

// gist says a section in short, in a language; nothing where that would be long, or a
// formula, since leaving something out would promise too much.
func (a *App) gist(s *engine.Section, lang string) string {
	var all []string
	for _, m := range s.Gist {
		if m.Holds("condition.formula", "give.formula") {
			return ""
		}
		if s.Heading.ID == promotion && slices.Contains(datedBy, m.ID) {
			continue
		}
		all = append(all, a.Words.Render(lang, m))
	}
	said := strings.Join(all, " ")
	if utf8.RuneCountInString(said) > mostGist {
		return ""
	}
	return said
}
