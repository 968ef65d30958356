package app

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"premia/internal/core/calendar"
	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/ambassador"
	"premia/internal/core/mechanic/custom"
	"premia/internal/core/mechanic/member"
	"premia/internal/core/mechanic/merge"
	"premia/internal/core/mechanic/referral"
	"premia/internal/core/mechanic/transfer"
	"premia/internal/core/program"
	"premia/internal/core/text"
	"premia/internal/journal"
	"premia/internal/store"
)

// futureTolerance is how far ahead of this machine's clock the sender's may be.
const futureTolerance = 5 * calendar.Minute

// NewEventID makes an id for an event that came without one.
func NewEventID() string {
	id, err := uuid.NewV7()
	if err != nil {
		panic("app: the machine gives no random numbers: " + err.Error())
	}
	return "evt_" + strings.ReplaceAll(id.String(), "-", "")
}

// DrawnEventID gives the id that a form carries, so that sending it twice does what it asks
// for once; a new one where it carries none.
func DrawnEventID(carried string) string {
	if digits, ok := strings.CutPrefix(carried, "evt_"); ok && len(digits) == 32 && strings.Trim(digits, "0123456789abcdef") == "" {
		return carried
	}
	return NewEventID()
}

// WhyNot says in a language why nothing comes of an event: the reasons, and where there are
// none what became of it.
func (a *App) WhyNot(answer *journal.Answer, lang string) []string {
	x := a.Explain(answer, lang)
	if len(x.Reasons) == 0 {
		return []string{x.Outcome}
	}
	return x.Reasons
}

// WhyNotOf says the same to somebody of the business, who asks for a member.
func (a *App) WhyNotOf(answer *journal.Answer, lang string) []string {
	p := a.Journal.Rules().Timeline.Version(answer.Decision.Program)
	if p == nil {
		return nil
	}
	said := program.Explain(p, a.Journal.Rules().Names, answer.Decision, answer.Event)
	all := []text.Message{said.Outcome}
	if len(said.Reasons) > 0 {
		all = all[:0]
		for i := range said.Reasons {
			all = append(all, said.Reasons[i].Words)
		}
	}
	out := make([]string, len(all))
	for i, m := range all {
		if of := "of_member." + m.ID; a.Words.Has(lang, of) {
			m.ID = of
		}
		out[i] = a.Words.Render(lang, m)
	}
	return out
}

// Scales gives the decimals that amounts of events may have. The error is a
// *Problem where no program was published.
func (a *App) Scales() (event.Scales, error) {
	p := a.program()
	if p == nil {
		return event.Scales{}, refused(journal.ErrNoProgram, &event.Event{})
	}
	return journal.ScalesOf(p), nil
}

// Send checks an event and puts it into its writer's queue; the event belongs to
// the journal until the ticket has its answer. An event without an id gets one.
// What is checked here leaves no trace; the error is then a *Problem or a
// *event.Problem.
func (a *App) Send(ctx context.Context, e *event.Event) (*journal.Ticket, error) {
	r, err := a.request(ctx, e)
	if err != nil {
		return nil, err
	}
	if e.ID == "" {
		e.ID = NewEventID()
	}
	t, err := a.submit(ctx, r)
	if err != nil {
		return nil, refused(err, e)
	}
	return t, nil
}

// Answer waits for the answer to an event that was sent. The error is a *Problem
// where it was refused.
func (a *App) Answer(ctx context.Context, t *journal.Ticket, e *event.Event) (journal.Answer, error) {
	answer, err := t.Wait(ctx)
	if err != nil {
		return journal.Answer{}, refused(err, e)
	}
	if answer.Decision.Outcome == engine.WaitsForFamily {
		return a.throughFamily(ctx, answer)
	}
	return answer, nil
}

// Record sends an event and waits for its answer.
func (a *App) Record(ctx context.Context, e *event.Event) (journal.Answer, error) {
	t, err := a.Send(ctx, e)
	if err != nil {
		return journal.Answer{}, err
	}
	answer, err := a.Answer(ctx, t, e)
	if err != nil {
		return journal.Answer{}, err
	}
	if len(answer.Decision.FollowUps) > 0 && redeems(e) {
		a.bringNow(ctx, &answer)
	}
	return a.throughFamily(ctx, answer)
}

// request checks an event of a caller and makes the journal's request of it.
func (a *App) request(ctx context.Context, e *event.Event) (journal.Request, error) {
	p, err := a.checked(ctx, e)
	if err != nil {
		return journal.Request{}, err
	}
	if err := needsAccount(p, e); err != nil {
		return journal.Request{}, err
	}
	if err := a.secondPerson(ctx, e); err != nil {
		return journal.Request{}, err
	}
	attribute(ctx, e)
	r := journal.Request{Event: e, Unknown: unknown(p, e)}
	if r.Member, r.Identity, err = a.Who(e.Member); err != nil {
		return r, err
	}
	return r, a.clicked(ctx, &r)
}

// checked checks an event and gives the program that it was checked against. An
// event is not refused by a program that another server has replaced.
func (a *App) checked(ctx context.Context, e *event.Event) (*engine.Program, error) {
	for {
		rules := a.Journal.Rules()
		p, err := a.program(), refused(journal.ErrNoProgram, e)
		if p != nil {
			err = a.check(p, e)
		}
		if err == nil {
			return p, nil
		}
		if failure := a.Journal.KeepUp(ctx); failure != nil {
			return nil, failure
		}
		if a.Journal.Rules() == rules {
			return nil, err
		}
	}
}

// unknown gives the policy for an event whose member nobody knows.
func unknown(p *engine.Program, e *event.Event) engine.UnknownPolicy {
	policy := p.ForUnknown(e.Type)
	switch {
	case policy == engine.GuestUnknown && (e.Type == event.Claim || e.Type == event.Adjustment || redeems(e)):
		return engine.RefuseUnknown
	case e.Member == "" && policy == engine.EnrolUnknown:
		// Nobody is named, so there is nobody to enrol.
		return engine.RefuseUnknown
	}
	return policy
}

// check refuses events that contradict themselves, the program or the clock.
func (a *App) check(p *engine.Program, e *event.Event) error {
	if err := e.Check(p.Currency.Code, p.Currency.Scale); err != nil {
		return err
	}
	declared := p.EventType(e.Type)
	if declared == nil && !builtIn(e.Type) {
		unknown := problem(CodeUnknownType, "type", text.Say("the program declares no events of type {Type}", strconv.Quote(e.Type)), "Type", text.Quoted(e.Type))
		if engine.ComesByItself(e.Type) {
			unknown.Detail = text.Say("the program declares no events of type {Type}; it comes by itself, and need not be sent", strconv.Quote(e.Type))
		} else if near, ok := document.Closest(e.Type, typesOf(p)); ok {
			unknown.Detail = text.Say("the program declares no events of type {Type}; did you mean {Near}?", strconv.Quote(e.Type), strconv.Quote(near))
			unknown.Args = append(unknown.Args, text.Arg{Name: "Near", Value: text.Quoted(near)})
		}
		return unknown
	}
	if field, why, ok := custom.CheckData(declared, e); !ok {
		return problem(CodeInvalidField, document.Join("data", field), text.Say("{Field}: {Why}", field, why))
	}
	return a.checkTime(e)
}

func (a *App) checkTime(e *event.Event) error {
	if e.At == calendar.None {
		return nil
	}
	now := a.Journal.Now()
	if e.At > now+futureTolerance {
		return problem(CodeInFuture, "time", text.Say("the time {At} is in the future: it is {Now} now; leave the time out for what happens now", e.At, now), "Time", e.At.String(), "Now", now.String())
	}
	if a.oldest > 0 {
		if earliest := now - calendar.Instant(a.oldest.Microseconds()); e.At < earliest {
			return problem(CodeTooOld, "time", text.Say("the time {At} is before {Earliest}, the earliest that this server takes; import history by premia import", e.At, earliest), "Time", e.At.String(), "Earliest", earliest.String())
		}
	}
	return nil
}

func builtIn(eventType string) bool {
	switch eventType {
	case event.Purchase, event.Return, event.Adjustment, event.Claim, event.Checkout,
		event.Redemption, event.Confirmation, event.Cancellation, event.Refund, event.Fulfilment, event.Approval, event.Rejection,
		event.Activation, event.Deactivation, event.Choice, event.PersonalOffer, event.ContestClaim:
		return true
	}
	return false
}

// redeems tells whether the event takes a reward or leads a redemption on.
func redeems(e *event.Event) bool {
	return e.Type == event.Redemption || e.Type == event.Checkout || e.Redemption != ""
}

func typesOf(p *engine.Program) []string {
	all := []string{event.Purchase, event.Return, event.Adjustment, event.Claim, event.Checkout,
		event.Redemption, event.Confirmation, event.Cancellation, event.Refund, event.Fulfilment, event.Approval, event.Rejection,
		event.Activation, event.Deactivation, event.Choice, event.PersonalOffer, event.ContestClaim}
	for i := range p.Types {
		all = append(all, p.Types[i].ID)
	}
	return all
}

// Event gives a decided event by its id. The error is a *Problem if there is
// none.
func (a *App) Event(ctx context.Context, id string) (journal.Answer, error) {
	at, err := a.Journal.EventAt(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return journal.Answer{}, problem(CodeUnknownEvent, "id", text.Say("there is no event {ID}", strconv.Quote(id)), "Key", text.Quoted(id))
	}
	if err != nil {
		return journal.Answer{}, err
	}
	answer, err := a.Journal.AnswerAt(ctx, at)
	if err != nil {
		return journal.Answer{}, err
	}
	return a.decidedAt(ctx, answer)
}

// Shown gives an event as people may see it: without the digests of personal
// values, and with the other member of a merge or a transfer by the written id. The event
// itself stays.
func Shown(e *event.Event) *event.Event {
	shown := *e
	shown.Data, shown.Carried = nil, nil
	for _, d := range e.Data {
		switch {
		case strings.HasPrefix(d.Name, member.Digest), d.Name == referral.To, d.Name == referral.Since, d.Name == ambassador.ID:
			continue
		case d.Name == referral.By, d.Name == ambassador.By:
			d = event.Datum{Name: d.Name, Kind: event.Text, Text: ledger.MemberID(d.Whole).String()}
		case e.Type == event.Family && d.Kind == event.Whole, e.Type == event.Merge && d.Name == merge.Into, e.Type == event.Transfer && d.Name == transfer.To:
			d = event.Datum{Name: d.Name, Kind: event.Text, Text: ledger.MemberID(d.Whole).String()}
		}
		shown.Data = append(shown.Data, d)
	}
	return &shown
}

// Explanation is a decision in one language.
type Explanation struct {
	// Outcome says what became of the event, Reasons what each rule that was
	// considered came to, in the order of the decision's steps, and Movements what
	// else happened to the balances.
	Outcome   string
	Reasons   []string
	Movements []string
}

// Explain says a decision in a language: en, pl, cs or ru.
func (a *App) Explain(answer *journal.Answer, lang string) Explanation {
	return a.ExplainTo("", answer, lang)
}

// ExplainTo explains a decision to somebody else than the member: by the words of the ids
// that begin with a prefix, where there are such, and otherwise by the member's.
func (a *App) ExplainTo(prefix string, answer *journal.Answer, lang string) Explanation {
	rules := a.Journal.Rules()
	p := rules.Timeline.Version(answer.Decision.Program)
	if p == nil {
		return Explanation{}
	}
	said := program.Explain(p, rules.Names, answer.Decision, answer.Event)
	x := Explanation{Outcome: a.SayTo(prefix, lang, said.Outcome)}
	for i := range said.Reasons {
		x.Reasons = append(x.Reasons, a.SayTo(prefix, lang, said.Reasons[i].Words))
	}
	for _, m := range said.Movements {
		x.Movements = append(x.Movements, a.SayTo(prefix, lang, m))
	}
	return x
}

// SayTo renders a message to the member in the words of a prefix, where there are such.
func (a *App) SayTo(prefix, lang string, m text.Message) string {
	if id := prefix + m.ID; prefix != "" && a.Words.Has(lang, id) {
		m.ID = id
	}
	return a.Words.Render(lang, m)
}
