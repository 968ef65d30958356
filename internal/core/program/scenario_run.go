package program

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/govalues/decimal"

	"premia/internal/core/calendar"
	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/merge"
)

// Failure is a step of a scenario after which something is not as expected.
type Failure struct {
	Scenario string
	// Step counts from 1.
	Step int
	File string
	Pos  document.Pos
	// Differences are what is not as expected, in the order of the document.
	Differences []Difference
	// Explanation says what the step's decision came to; nil where no event
	// happened.
	Explanation *Explanation
}

// Difference is one expectation that is not met.
type Difference struct {
	Pos       document.Pos
	What      string // such as beans.available
	Want, Got string
}

// RunScenarios runs the document's scenarios, each on its own, and gives the
// steps that came out otherwise than expected. It is pure: the same document
// gives the same failures.
func RunScenarios(d *Document) []Failure {
	var failures []Failure
	for i := range d.scripts {
		failures = append(failures, RunScenario(d, i)...)
	}
	return failures
}

// RunScenario runs one of the document's scenarios, counted from 0.
func RunScenario(d *Document, i int) []Failure { return run(d, &d.scripts[i]) }

// Scenarios is the number of the document's scenarios.
func (d *Document) Scenarios() int { return len(d.scripts) }

// actor is a member of a scenario.
type actor struct {
	id      ledger.MemberID
	state   ledger.State
	expired map[ledger.Name]int64 // by wallet, minor units
	// redeemed has the event that last redeemed a reward, by the reward's id.
	redeemed map[string]string
	// adjusted is the event that last adjusted a wallet.
	adjusted string
	// clicked is the click that no event has named yet, and sameAs what is against it.
	clicked *ledger.Click
	sameAs  string
}

// stageRun is one scenario under way.
type stageRun struct {
	document *Document
	script   *script
	timeline *engine.Timeline
	decider  engine.Decider
	decision engine.Decision
	actors   map[string]*actor
	used     map[ledger.Quota]int64
	past     merge.Memory
	// rewards has the reward of each redemption, by the id of its event.
	rewards  map[string]string
	vouchers []issuedVoucher
	issued   int64 // vouchers in the scene at hand, less those taken back
	clicks   int64 // how many there were
	// fixed is up to when the rankings of leaderboards are.
	fixed calendar.Instant
}

// Left gives what the scenario's members have left of a budget.
func (r *stageRun) Left(quota ledger.Quota, limit int64) int64 { return limit - r.used[quota] }

func run(d *Document, s *script) []Failure {
	r := &stageRun{
		document: d, script: s,
		timeline: engine.NewTimeline(engine.Live{From: calendar.Beginning, Program: d.Program}),
		actors:   map[string]*actor{}, used: map[ledger.Quota]int64{}, past: merge.Memory{}, rewards: map[string]string{},
	}
	var failures []Failure
	for i := range s.scenes {
		sc := &s.scenes[i]
		a := r.actor(sc)
		r.endBoards(sc)
		r.issued = 0
		r.play(a, sc)
		if f := r.compare(a, sc); len(f.Differences) > 0 {
			f.Step = i + 1
			failures = append(failures, f)
		}
	}
	return failures
}

// actor finds the scene's member. One whose first scene is no enrolment has been
// a member before the scenario.
func (r *stageRun) actor(sc *scene) *actor {
	if sc.event.Type == event.Enrolment {
		return r.named(sc.member, 0)
	}
	return r.named(sc.member, standing(sc.member))
}

// named finds the member with the name; a new one has the status.
func (r *stageRun) named(name string, status ledger.Status) *actor {
	a := r.actors[name]
	if a != nil {
		return a
	}
	a = &actor{id: ledger.MemberID(len(r.actors) + 1), expired: map[ledger.Name]int64{}, redeemed: map[string]string{}}
	if a.state.Status = status; status != 0 {
		a.state.EnrolledAt = r.script.scenes[0].at
	}
	r.actors[name] = a
	return a
}

// play decides upon the scene's event and keeps what the decision changed.
func (r *stageRun) play(a *actor, sc *scene) {
	if sc.asked {
		r.quote(a, sc)
		return
	}
	e := sc.event
	a.lead(&e, sc)
	a.pay(&e, sc)
	r.receive(&e, sc)
	r.refer(&e, sc)
	r.click(a, &e, sc)
	if (e.Type == event.Approval || e.Type == event.Rejection) && a.adjusted != "" {
		e.About = a.adjusted
	}
	a = r.kin(a, &e, sc)
	r.decide(a, &e, sc, &r.decision)
	r.remember(a, &e, sc)
	r.deliver(a, sc)
	r.remember(a, &e, sc)
}

// remember keeps what later scenes lead on.
func (r *stageRun) remember(a *actor, e *event.Event, sc *scene) {
	switch {
	case e.Type == event.Adjustment:
		a.adjusted = e.ID
	case r.decision.Outcome != engine.Applied:
	case e.Type == event.Redemption:
		a.redeemed[sc.reward], r.rewards[e.ID] = e.ID, sc.reward
	case e.Type == event.GiftCardPayment:
		a.redeemed[sc.card] = e.ID
	}
}

// decide decides upon an event of a member and keeps what that changed.
func (r *stageRun) decide(a *actor, e *event.Event, sc *scene, d *engine.Decision) {
	in := engine.Inputs{Clock: sc.at, Quotas: r, Member: a.id}
	if engine.NeedsHistory(e) {
		in.History = r.past.Of(a.id)
	}
	in.Codes, in.Draw = r.codes(a, e), sc.draw
	r.decider.Decide(r.timeline, &a.state, e, in, d)
	r.past.Keep(a.id, engine.Stands(e, d, r.document.Program.Scales()), nil, d)
	r.keepVouchers(a, d)
	r.keepGifts(a)
	for _, g := range d.Grants {
		r.used[g.Quota] += g.Amount
	}
	for i := range d.Postings {
		if p := &d.Postings[i]; p.To == ledger.Expired {
			a.expired[p.Wallet] += p.Amount
		}
	}
}

// compare holds what came out against what is expected.
func (r *stageRun) compare(a *actor, sc *scene) Failure {
	d := r.document
	f := Failure{Scenario: r.script.it, File: d.Source.File(), Pos: d.Source.At(sc.path)}
	for i := range sc.expect {
		x := &sc.expect[i]
		want, got := x.want, ""
		switch x.about {
		case aboutOutcome:
			got = r.decision.Outcome.String()
		case aboutReason:
			got = r.reasons(x.rule, x.want)
		case aboutPrices:
			got = r.pricedGot(x, &sc.event)
		case aboutToPay, aboutPaidBack:
			want, got = plain(x.amount), r.pricedGot(x, &sc.event)
		case aboutGift:
			want, got = plain(x.amount), r.gift(x.rule)
		case aboutGiven:
			want, got = plain(x.amount), strconv.FormatInt(r.decision.Given(x.rule), 10)
		case aboutVouchers:
			want, got = plain(x.amount), strconv.FormatInt(r.issued, 10)
		case aboutGoal:
			want, got = plain(x.amount), shownMinor(r.goal(a, x.key, sc.at), x.scale)
		case aboutBalance:
			want, got = plain(x.amount), shownMinor(a.figure(x), x.wallet.Unit.Scale)
		case aboutBoard:
			want, got = plain(x.amount), r.placed(a, x, sc.at)
		case aboutOffer:
			got = r.offered(a, sc, x.key)
		case aboutTier:
			got = r.standing(a, sc, x)
		}
		if want != got {
			f.Differences = append(f.Differences, Difference{Pos: d.Source.At(x.path), What: x.key, Want: want, Got: got})
		}
	}
	slices.SortStableFunc(f.Differences, func(a, b Difference) int {
		return cmp.Or(cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Column, b.Pos.Column))
	})
	if len(f.Differences) > 0 && sc.event.Type != event.Settle {
		explanation := Explain(d.Program, d.Program.Names, &r.decision, &sc.event)
		f.Explanation = &explanation
	}
	return f
}

func plain(d decimal.Decimal) string { return d.Trim(0).String() }

func shownMinor(minor int64, scale int) string {
	d, err := decimal.New(minor, scale)
	if err != nil {
		return "?" // beyond what a scale allows, which no wallet has
	}
	return plain(d)
}

// figure gives one of the sums of the member's wallet.
func (a *actor) figure(x *expected) int64 {
	own := a.state.Wallet(x.wallet.Name)
	if own == nil {
		own = &ledger.Wallet{}
	}
	b := a.state.BalanceOf(x.wallet.Name)
	switch x.figure {
	case "available":
		return b.Net()
	case "pending":
		return b.Pending
	case "held":
		return b.Held
	case "debt":
		return b.Debt
	case "earned":
		return own.Issued
	}
	return a.expired[x.wallet.Name]
}

// reasons gives what is wanted if the rule came to that, in any of its wallets,
// and otherwise lists what it came to; a rule without a step was not asked.
func (r *stageRun) reasons(rule ledger.Name, want string) string {
	var out []string
	for i := range r.decision.Steps {
		if s := &r.decision.Steps[i]; s.Rule == rule {
			out = append(out, s.Result.String())
		}
	}
	if slices.Contains(out, want) {
		return want
	}
	if len(out) == 0 {
		return "not asked"
	}
	return strings.Join(out, ", ")
}

// gift gives what a rule gave in the decision: a number, or several with their
// wallets where it gave in several.
func (r *stageRun) gift(rule ledger.Name) string {
	sums := map[ledger.Name]int64{}
	var order []ledger.Name
	for i := range r.decision.Steps {
		s := &r.decision.Steps[i]
		if s.Rule != rule || s.Wallet == 0 || s.Result != engine.Gave {
			continue
		}
		if _, seen := sums[s.Wallet]; !seen {
			order = append(order, s.Wallet)
		}
		sums[s.Wallet] += s.Amount
	}
	if len(order) == 0 {
		return "0"
	}
	parts := make([]string, len(order))
	for i, name := range order {
		w := r.document.Program.Wallet(name)
		parts[i] = shownMinor(sums[name], w.Unit.Scale)
		if len(order) > 1 {
			parts[i] += " " + w.Unit.Code
		}
	}
	return strings.Join(parts, " and ")
}
