package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"premia/internal/app"
	"premia/internal/core/mechanic/contest"
)

// contestCommand is what can be done with contests.
type contestCommand struct {
	List    contestList    `cmd:"" help:"List the contests with the commitments to their draws."`
	Draw    contestDraw    `cmd:"" help:"Draw a contest, once its moment has come, or pass on what was not claimed. A server does so by itself. Again it does what a draw that was stopped left, and no more."`
	Publish contestPublish `cmd:"" help:"Write a contest as it is public, as JSON: after the draw, all that anyone needs to draw again."`
	Rerun   contestRerun   `cmd:"" help:"Draw a published contest again, and compare. It needs no workspace."`
}

type contestList struct {
	DB string `name:"db" default:"sqlite:premia.db" help:"The workspace's database (${default})."`
}

// Run lists them.
func (c *contestList) Run(t *terminal) error {
	return withApp(t, c.DB, func(a *app.App) error {
		all, err := a.Contests(t.ctx)
		if err != nil {
			return err
		}
		for i := range all {
			p := &all[i]
			state := "is drawn at " + p.DrawAt + ", with " + grouped(p.Entries) + " entries so far"
			if p.State != contest.Announced {
				state = fmt.Sprintf("was drawn: %s tickets, %s prizes won, %s to be claimed", grouped(p.Entries), grouped(count(p, contest.Has)), grouped(count(p, contest.Waits)))
			}
			fmt.Fprintf(t.out, "%s %s\n  SHA-256 of the seed: %s\n", p.Contest, state, p.Commitment)
		}
		if len(all) == 0 {
			fmt.Fprintln(t.out, "The program has no contests.")
		}
		return nil
	})
}

// count gives how many winners are in a state.
func count(p *contest.Published, state string) (n int64) {
	for i := range p.Winners {
		if p.Winners[i].State == state {
			n++
		}
	}
	return n
}

type contestDraw struct {
	DB      string `name:"db" default:"sqlite:premia.db" help:"The workspace's database (${default})."`
	Contest string `arg:"" help:"The contest's id."`
}

// Run draws it.
func (c *contestDraw) Run(t *terminal) error {
	return withApp(t, c.DB, func(a *app.App) error {
		p, err := a.DrawContest(t.ctx, c.Contest)
		if err != nil {
			return err
		}
		return printWinners(t, p)
	})
}

// fates say what became of a winner's prize.
var fates = map[string]string{
	contest.Has: "", contest.Waits: ", to be claimed before %s", contest.Over: ", not claimed", contest.GaveWay: ", gave way",
}

func printWinners(t *terminal, p *contest.Published) error {
	_, err := fmt.Fprintf(t.out, "The contest %s was drawn among %s tickets.\n", p.Contest, grouped(p.Entries))
	for _, w := range p.Winners {
		if err == nil {
			_, err = fmt.Fprintf(t.out, "  %s: ticket %s%s\n", w.Prize, w.Ticket, strings.Replace(fates[w.State], "%s", w.ClaimBy, 1))
		}
	}
	return err
}

type contestPublish struct {
	DB      string `name:"db" default:"sqlite:premia.db" help:"The workspace's database (${default})."`
	Contest string `arg:"" help:"The contest's id."`
}

// Run writes it.
func (c *contestPublish) Run(t *terminal) error {
	return withApp(t, c.DB, func(a *app.App) error {
		p, err := a.Contest(t.ctx, c.Contest)
		if err != nil {
			return err
		}
		out := json.NewEncoder(t.out)
		out.SetIndent("", "  ")
		return out.Encode(p)
	})
}

type contestRerun struct {
	File string `arg:"" help:"What was published, as JSON."`
}

// Run draws again.
func (c *contestRerun) Run(t *terminal) error {
	src, err := os.ReadFile(c.File)
	if err != nil {
		return err
	}
	p := &contest.Published{}
	if err := json.Unmarshal(src, p); err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	if err := contest.Check(p); err != nil {
		return fmt.Errorf("%s: the draw is not as published: %w", c.File, err)
	}
	fmt.Fprintln(t.out, "The draw is as published.")
	return printWinners(t, p)
}
