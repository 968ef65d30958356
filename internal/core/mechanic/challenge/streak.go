package challenge

import (
	"io/fs"
	"iter"
	"strconv"

	"github.com/govalues/decimal"

	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/rule"
)

// Streak is one streak of the document.
type Streak struct {
	rule.Common `doc:",inline"`
	rule.Window `doc:",inline"`
	Paused      bool   `doc:"paused" help:"keep the streak and let nothing count"`
	Every       string `doc:"every,required" enum:"day|week|month" help:"the period in which something must happen each time"`
	MayMiss     int64  `doc:"may miss" min:"0" max:"31" help:"so many periods in a row may be missed without ending the streak; they do not count; 0 if not said"`
	Length      *int64 `doc:"length" min:"1" max:"1000" help:"how many periods the streak must have"`
	Prize       `doc:",inline"`
	Milestones  []Length                  `doc:"milestones" max_len:"32" help:"several lengths, rising, each with what it gives"`
	Repeat      *Repeat                   `doc:"repeat" help:"how often one streak can reach its length, counted anew each time: a number, or any number; once if not said"`
	Limits      document.Map[rule.Limits] `doc:"limits" help:"wallet (or times): the most it gives"`
	Pending     *rule.Pending             `doc:"pending" help:"how long the award waits; as the wallet if not said"`
	Expires     *rule.Expires             `doc:"expires" help:"when the award is gone; as the wallet if not said"`
}

// Length is one of several lengths of a streak.
type Length struct {
	Length int64 `doc:"length,required" min:"1" max:"1000" help:"how many periods the streak must have"`
	Prize  `doc:",inline"`
}

// Streaks is the door of streaks.
type Streaks struct{}

// Section gives the key streaks.
func (Streaks) Section() document.Section {
	return document.Section{Key: "streaks", Into: &[]Streak{}, Help: "something done each day, week or month in a row"}
}

// Words gives none: they are with the challenges'.
func (Streaks) Words() fs.FS { return nil }

// Compile checks the streaks.
func (Streaks) Compile(c *engine.Compiler, section any) engine.Stage {
	s := &stage{}
	for i := range *section.(*[]Streak) {
		x := &(*section.(*[]Streak))[i]
		t := compileStreak(c, "streaks["+strconv.Itoa(i)+"]", x)
		t.paused = x.Paused
		s.trackers = append(s.trackers, t)
	}
	return s.orNil()
}

func compileStreak(c *engine.Compiler, path string, x *Streak) *tracker {
	t := &tracker{
		Compiled: rule.CompileCommon(c, path, "streak", &x.Common), kind: aStreak,
		measure: periods, frame: inARow, currency: c.Program.Currency,
		unit: units[x.Every], gap: x.MayMiss, repeat: 1,
	}
	t.on, t.pending, t.expires = x.On, x.Pending, x.Expires
	t.window = rule.CompileWindow(c, path, t.Name, &x.Window)
	if x.Repeat != nil {
		t.repeat = x.Repeat.Times
	}
	if (x.Length != nil) == (len(x.Milestones) > 0) {
		c.Problem(path, "ambiguous", "the streak needs one length, or milestones", "write length, or milestones with a length each")
	}
	add := func(path string, length int64, p *Prize) {
		if number, err := decimal.New(length, 0); err == nil {
			t.addGoal(c, path, ".length", number, p)
		}
	}
	if x.Length != nil {
		add(path, *x.Length, &x.Prize)
	} else if x.Give != nil || x.Badge != nil {
		c.Problem(path, "never_applies", "each milestone gives its own", "move give and badge into milestones")
	}
	for i := range x.Milestones {
		add(path+".milestones["+strconv.Itoa(i)+"]", x.Milestones[i].Length, &x.Milestones[i].Prize)
	}
	t.finish(c, path, x.Limits)
	t.checkReachable(c, path)
	return t
}

// run is periods one after another, with no more missed between them than may be.
type run struct {
	length int64
	last   int64 // the number of its last period
}

// runs yields the streaks of a member, the oldest first. The periods that are not
// remembered one by one any more are summed up: Count of them, up to the one
// with the number Goal.
func (x *tracker) runs(p *ledger.Progress) iter.Seq[run] {
	return func(yield func(run) bool) {
		r := run{length: p.Count, last: p.Goal}
		for _, m := range p.Marks {
			if r.length > 0 && m.Value-r.last > x.gap+1 {
				if !yield(r) {
					return
				}
				r.length = 0
			}
			r.length++
			r.last = m.Value
		}
		if r.length > 0 {
			yield(r)
		}
	}
}

// current gives the newest streak.
func (x *tracker) current(p *ledger.Progress) run {
	newest := run{}
	for r := range x.runs(p) {
		newest = r
	}
	return newest
}

// room makes room for a newer period where as many are remembered as may be: the
// oldest is summed up with those before it. A streak that ended before it is
// forgotten with what it reached.
func (x *tracker) room(p *ledger.Progress, value int64) {
	if len(p.Marks) < ledger.MarksKept || value <= p.Marks[len(p.Marks)-1].Value {
		return
	}
	oldest := p.Marks[0].Value
	if p.Count > 0 && oldest-p.Goal > x.gap+1 {
		for i := range x.goals {
			p.Reach(i, -x.rounds(p.Count, x.goals[i].at, x.goals[len(x.goals)-1].at))
		}
		p.Count = 0
	}
	p.Count++
	p.Goal = oldest
	p.Unmark(oldest, p.Marks[0].Times)
}
