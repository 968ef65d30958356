package engine_test

import (
	"fmt"
	"strings"
	"time"

	"pgregory.net/rapid"

	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/tier"
)

type (
	// modelLadder has three levels, l0 to l2. It counts in a calendar month or, for
	// spend, in the last three.
	modelLadder struct {
		id       string
		wallet   string   // what is earned in it; empty for spend
		from     [3]int64 // in whole units
		next     bool     // keeps until the end of the next month
		grace    int      // days more
		noPrizes bool
	}
	// modelGoal is a challenge that gives so many whole units of a wallet: for pieces
	// that are bought, ever, or for purchases in each quarter.
	modelGoal struct {
		id           string
		pieces       bool
		goal, repeat int64
		wallet       string
		gives        int64
	}
	// modelPrize is what reaching a goal gave, so many times at once.
	modelPrize struct {
		goal  *modelGoal
		frame string
		left  int64
		issue *modelIssue
	}
	// modelVisit is what a rule gave for a visit.
	modelVisit struct {
		wallet string
		at     micro
		amount int64
	}
	// reaching names a goal in one of its windows.
	reaching struct{ goal, frame string }
)

// drawLevels gives two ladders and two challenges to some programs.
func drawLevels(t *rapid.T, p *modelProgram) {
	if rapid.Bool().Draw(t, "levels") {
		return
	}
	earned := modelLadder{id: "earned", wallet: rapid.SampledFrom(p.wallets).Draw(t, "counted").id, from: [3]int64{0, 60, 400}}
	earned.next = rapid.Bool().Draw(t, "kept")
	earned.grace = rapid.SampledFrom([]int{0, 10}).Draw(t, "grace")
	earned.noPrizes = rapid.IntRange(0, 3).Draw(t, "prizes do not count") == 0
	p.ladders = []modelLadder{earned, {id: "spend", from: [3]int64{0, 150, 600}}}
	wallet := func() string { return rapid.SampledFrom(p.wallets).Draw(t, "prize").id }
	p.goals = []modelGoal{
		{id: "pieces", pieces: true, goal: int64(rapid.IntRange(2, 9).Draw(t, "goal")), wallet: wallet(), gives: 15},
		{id: "often", goal: 2, repeat: 2, wallet: wallet(), gives: 40},
	}
	for _, rules := range [][]modelRule{p.earn, p.campaigns} {
		for i := range rules {
			if rapid.IntRange(0, 2).Draw(t, "for a level") == 0 {
				rules[i].ladder = rapid.SampledFrom([]string{"earned", "spend"}).Draw(t, "ladder")
			}
		}
	}
}

func (p *modelProgram) writeLevels(b *strings.Builder) {
	if len(p.ladders) > 0 {
		b.WriteString("tiers:\n")
	}
	for i := range p.ladders {
		l := &p.ladders[i]
		by, period := "spend", "rolling 3 months"
		if l.wallet != "" {
			by, period = "earned."+l.wallet, "calendar month"
		}
		fmt.Fprintf(b, "  %s:\n    by: %s\n    period: %s\n    levels: [{id: l0}, {id: l1, from: %d}, {id: l2, from: %d}]\n", l.id, by, period, l.from[1], l.from[2])
		if l.next {
			b.WriteString("    keep: until the end of the next month\n")
		}
		if l.grace > 0 {
			fmt.Fprintf(b, "    grace: %dd\n", l.grace)
		}
		if l.noPrizes {
			b.WriteString("    prizes: do not count\n")
		}
	}
	if len(p.goals) > 0 {
		b.WriteString("challenges:\n")
	}
	for i := range p.goals {
		g := &p.goals[i]
		how := "each: quarter, repeat: 2"
		if g.pieces {
			how = "count: items, repeat: any number"
		}
		fmt.Fprintf(b, "  - {id: %s, %s, goal: %d, give: {%s: %d}}\n", g.id, how, g.goal, g.wallet, g.gives)
	}
}

// month numbers the calendar months.
func (w *modelWorld) month(at micro) int {
	t := w.local(at)
	return t.Year()*12 + int(t.Month()) - 1
}

// standing reads off all that happened which level the member has on the ladder at
// the instant, and what counts there.
func (w *modelWorld) standing(m *modelMember, l *modelLadder, at micro) (level int, counted int64) {
	sums, now := w.sums(m, l), w.month(at)
	if l.wallet == "" {
		sum := sums[now] + sums[now-1] + sums[now-2]
		return w.earns(l, sum), sum
	}
	for month, sum := range sums {
		end := month + 1
		if l.next {
			end++
		}
		if month <= now && at < w.day(end/12, time.Month(end%12+1), 1+l.grace) {
			level = max(level, w.earns(l, sum))
		}
	}
	return level, sums[now]
}

// earns gives the level for which so much is enough.
func (w *modelWorld) earns(l *modelLadder, sum int64) (level int) {
	scale := 2
	if l.wallet != "" {
		scale = w.wallet(l.wallet).scale
	}
	for i := 1; i < len(l.from); i++ {
		if sum >= units(fmt.Sprint(l.from[i]), scale) {
			level = i
		}
	}
	return level
}

// sums adds up what counts on the ladder in each month.
func (w *modelWorld) sums(m *modelMember, l *modelLadder) map[int]int64 {
	sums := map[int]int64{}
	for _, p := range m.bought {
		month := w.month(p.fact.at)
		if l.wallet == "" {
			sums[month] += share(p.fact.total, p.left, p.fact.pieces)
			continue
		}
		for _, one := range p.issues {
			if one.rule.wallet == l.wallet {
				sums[month] += one.given - one.undone
			}
		}
	}
	for _, v := range m.visits {
		if v.wallet == l.wallet {
			sums[w.month(v.at)] += v.amount
		}
	}
	for _, p := range m.prizes {
		if p.goal.wallet == l.wallet && !l.noPrizes {
			sums[w.month(p.issue.award.earned)] += p.issue.given - p.issue.undone
		}
	}
	return sums
}

// frame names the goal's window around the instant.
func (w *modelWorld) frame(g *modelGoal, at micro) reaching {
	if g.pieces {
		return reaching{goal: g.id}
	}
	t := w.local(at)
	return reaching{g.id, fmt.Sprint(t.Year(), "/", (int(t.Month())-1)/3)}
}

// supports says how often what is left of all purchases reaches the goal in a
// window.
func (w *modelWorld) supports(m *modelMember, g *modelGoal, in reaching) int64 {
	sum := int64(0)
	for _, p := range m.bought {
		switch {
		case w.frame(g, p.fact.at) != in:
		case g.pieces:
			sum += p.left
		case p.left > 0:
			sum++
		}
	}
	times := sum / g.goal
	if g.repeat > 0 {
		times = min(times, g.repeat)
	}
	return times
}

// reach gives what a purchase has reached.
func (w *modelWorld) reach(m *modelMember, f *fact, earned []*modelAward) []*modelAward {
	for i := range w.program.goals {
		g := &w.program.goals[i]
		in := w.frame(g, f.at)
		due := w.supports(m, g, in) - m.reached[in]
		if due <= 0 {
			continue
		}
		m.reached[in] += due
		wallet := w.wallet(g.wallet)
		amount := due * units(fmt.Sprint(g.gives), wallet.scale)
		a := w.award(m, wallet, "challenge."+g.id, f, amount, &wallet.pending, &wallet.expires)
		issue := &modelIssue{rule: &modelRule{wallet: g.wallet}, name: "challenge." + g.id, award: a, given: amount}
		m.prizes = append(m.prizes, &modelPrize{goal: g, frame: in.frame, left: due, issue: issue})
		earned = append(earned, a)
	}
	return earned
}

// backed notes how often the goals are reached in the windows of a purchase.
func (w *modelWorld) backed(m *modelMember, p *modelPurchase) (times []int64) {
	for i := range w.program.goals {
		g := &w.program.goals[i]
		times = append(times, w.supports(m, g, w.frame(g, p.fact.at)))
	}
	return times
}

// lose takes back the goals that lost their support with goods of a purchase, the
// newest prize first.
func (w *modelWorld) lose(m *modelMember, p *modelPurchase, before []int64) {
	for i := range w.program.goals {
		g := &w.program.goals[i]
		in := w.frame(g, p.fact.at)
		after := w.supports(m, g, in)
		lost := min(before[i]-after, m.reached[in]-after)
		for j := len(m.prizes) - 1; j >= 0 && lost > 0; j-- {
			prize := m.prizes[j]
			if prize.goal != g || prize.frame != in.frame {
				continue
			}
			take := min(prize.left, lost)
			prize.left -= take
			m.reached[in] -= take
			lost -= take
			if take > 0 {
				w.undo(m, prize.issue, take*units(fmt.Sprint(g.gives), w.wallet(g.wallet).scale))
			}
		}
	}
}

// levelsDiffer compares where a member stands with the model.
func (w *world) levelsDiffer(h *historian, model *modelWorld, no int, at micro) string {
	state := w.settled(w.resolve(ledger.MemberID(no)), instant(at))
	for i, s := range tier.Standings(w.program, state, instant(at)) {
		level, counted := model.standing(model.member(no), &h.program.ladders[i], at)
		if want := fmt.Sprint("l", level); s.Level.ID != want || s.Counted != counted {
			return fmt.Sprintf("at %s member %d stands on %s of %s with %d; the model says %s with %d", instant(at), no, s.Level.ID, s.Ladder.ID, s.Counted, want, counted)
		}
	}
	return ""
}
