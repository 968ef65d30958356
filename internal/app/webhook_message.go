package app

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/ambassador"
	"premia/internal/core/mechanic/member"
	"premia/internal/core/mechanic/merge"
	"premia/internal/core/money"
	"premia/internal/journal"
	"premia/internal/store"
)

// WebhookMessage is what a receiver of webhooks is told of an entry of the journal.
type WebhookMessage struct {
	ID        string      `json:"id" doc:"names the message for ever, as the header webhook-id does; one that comes twice has it twice" example:"msg_5f2c1e0a9b8d7c6e5f4a3b2c1d0e9f8a"`
	Type      string      `json:"type" doc:"what happened" example:"points.earned"`
	Timestamp string      `json:"timestamp" format:"date-time" doc:"when it was decided; the header webhook-timestamp says when the message was sent"`
	Data      WebhookData `json:"data"`
}

// WebhookData says what happened. What does not concern it is left out.
type WebhookData struct {
	Event     string `json:"event,omitempty" doc:"the id of the event that was decided; absent where only time passed"`
	EventType string `json:"event_type" example:"purchase"`
	Member    string `json:"member,omitempty" doc:"whose event it is; absent for a guest" example:"mem_1A2B3C4D5E6F7"`
	At        string `json:"at" format:"date-time" doc:"when the event counts"`
	Program   uint32 `json:"program" doc:"the version of the program whose rules were applied"`
	Outcome   string `json:"outcome" doc:"what became of the event" example:"applied"`
	Refused   bool   `json:"refused" doc:"whether the rules refused it"`

	Order      string `json:"order,omitempty" doc:"the shop's number of the purchase"`
	Total      string `json:"total,omitempty" example:"25.50"`
	Currency   string `json:"currency,omitempty" example:"PLN"`
	Channel    string `json:"channel,omitempty"`
	Store      string `json:"store,omitempty"`
	Reference  string `json:"reference,omitempty"`
	Reward     string `json:"reward,omitempty" doc:"the reward's id"`
	Quantity   int64  `json:"quantity,omitempty" doc:"how many of the reward, where it is more than one"`
	Redemption string `json:"redemption,omitempty" doc:"the id of the redemption"`
	Status     string `json:"status,omitempty" doc:"the state that the redemption reached"`
	MergedInto string `json:"merged_into,omitempty" doc:"the member who remains"`

	Amounts    []WebhookAmount    `json:"amounts,omitempty" doc:"of points: how much of each wallet; of a decided purchase or return: what was given, less what was taken back"`
	Level      *WebhookLevel      `json:"level,omitempty" doc:"of tier.changed"`
	Goal       string             `json:"goal,omitempty" doc:"the challenge, stamp card, streak or badge, by its name in the program" example:"challenge.seven-teas"`
	Times      int64              `json:"times,omitempty" doc:"how often the goal was reached"`
	Commission *WebhookCommission `json:"commission,omitempty" doc:"of a commission"`
}

// WebhookAmount is so much of a wallet.
type WebhookAmount struct {
	Wallet string `json:"wallet" example:"points"`
	Amount string `json:"amount" example:"25"`
}

// WebhookLevel is a change of a member's level.
type WebhookLevel struct {
	Ladder string `json:"ladder" example:"status"`
	Level  string `json:"level" doc:"the level that is in force now" example:"gold"`
	Before string `json:"before,omitempty" doc:"the level before"`
	Since  string `json:"since" format:"date-time"`
}

// WebhookCommission is what came of an ambassador's link.
type WebhookCommission struct {
	Click string   `json:"click" example:"clk_1A2B3C4D5E6F7"`
	Subs  []string `json:"subs" doc:"the ambassador's own marks, sub1 first"`
	Total string   `json:"total" doc:"what the purchase counted, or, negative, what of it went back"`
}

// WebhookType is a kind of message.
type WebhookType struct {
	// No is the type's number, which never changes: it is in the message's id.
	No   int64
	Name string
	// Doc says when it is sent.
	Doc string
}

// The numbers of the types; new ones come last.
const (
	typeEnrolled int64 = iota + 1
	typeChanged
	typeMerged
	typeErased
	typePurchase
	typeReturn
	typeEvent
	typeEarned
	typeAvailable
	typeSpent
	typeExpired
	typeTakenBack
	typeReceived
	typeGiven
	typeReturned
	typeTier
	typeHeld
	typeCompleted
	typeCancelled
	typeRefunded
	typeStatus
	typeGoal
	typeBadge
	typeCommission
	typeReduced
	typeTest
)

// TestType is the type of the message that tries an endpoint.
const TestType = "webhook.test"

var webhookTypes = []WebhookType{
	{typeEnrolled, "member.enrolled", "a person became a member"},
	{typeChanged, "member.changed", "what is known of a member changed; the change itself is not told, since it may be personal"},
	{typeMerged, "member.merged", "the member was merged into another"},
	{typeErased, "member.erased", "the member was erased; forget what you know of them"},
	{typePurchase, "purchase.decided", "a purchase was decided"},
	{typeReturn, "return.decided", "returned goods were decided"},
	{typeEvent, "event.decided", "any other event was decided, or one of a reward was refused"},
	{typeEarned, "points.earned", "rules gave value"},
	{typeAvailable, "points.available", "pending value became spendable"},
	{typeSpent, "points.spent", "value was spent"},
	{typeExpired, "points.expired", "value expired"},
	{typeTakenBack, "points.taken_back", "value was taken back, as with returned goods"},
	{typeReceived, "points.received", "value came from another member"},
	{typeGiven, "points.given", "value went to another member"},
	{typeReturned, "points.returned", "spent value came back"},
	{typeTier, "tier.changed", "the member's level on a ladder changed"},
	{typeHeld, "redemption.held", "a reward was set aside"},
	{typeCompleted, "redemption.completed", "a reward was taken, or confirmed"},
	{typeCancelled, "redemption.cancelled", "what was set aside was given up"},
	{typeRefunded, "redemption.refunded", "a reward was given back"},
	{typeStatus, "redemption.status_changed", "a redemption reached another state of its fulfilment"},
	{typeGoal, "goal.reached", "a challenge, a stamp card or a streak reached a goal"},
	{typeBadge, "badge.given", "a badge was given"},
	{typeCommission, "commission.credited", "a purchase was credited to the ambassador"},
	{typeReduced, "commission.reduced", "goods went back that had been credited to the ambassador"},
	{typeTest, TestType, "somebody tries the endpoint"},
}

// WebhookTypes lists the types of messages.
func WebhookTypes() []WebhookType { return slices.Clone(webhookTypes) }

func typeOf(no int64) string { return webhookTypes[no-1].Name }

// ownTypes are the events that have a type of message of their own if they are applied.
var ownTypes = map[string]int64{
	event.Purchase: typePurchase, event.Return: typeReturn, event.Redemption: typeCompleted, event.Confirmation: typeCompleted,
	event.Cancellation: typeCancelled, event.Refund: typeRefunded, event.Fulfilment: typeStatus,
	event.Enrolment: typeEnrolled, event.Profile: typeChanged, event.Merge: typeMerged,
	event.Commission: typeCommission, event.CommissionBack: typeReduced,
}

// silent are the events by which Premia carries on what others began; of them only what
// they brought is told.
var silent = []string{
	event.Settle, event.Publish, event.Absorb, event.Absorbed, event.FamilyOpen, event.FamilyWord, event.FamilyReturn, event.TransferIn, event.TransferBack,
	event.GiftCardTakeBack, event.GiftCardAnswer, event.GiftWithdrawal, event.Referral, event.ReferralBack, event.Enrolment, event.Profile, event.Merge,
	event.Commission, event.CommissionBack, event.Withdrawn,
}

// Outgoing is a message that is ready to be sent.
type Outgoing struct {
	// No is the type's number, by which an entry's messages are told apart.
	No     int64
	ID     string
	Type   string
	Member ledger.MemberID
	Body   []byte
}

// WebhookMessages makes the messages of an entry that have one of the types; of all types
// where none is named. They come in the order of the types' numbers, with those of one
// type in the order of the decision.
func (a *App) WebhookMessages(entry *store.Entry, types []string) ([]Outgoing, error) {
	answer, err := a.Journal.Read(entry)
	if err != nil {
		return nil, err
	}
	if newest := a.Journal.Rules().Newest; answer.Decision.Program > newest {
		return nil, fmt.Errorf("entry %d of shard %d was decided by version %d of the program, and this server knows %d by now", entry.Seq, entry.Shard, answer.Decision.Program, newest)
	}
	m := messenger{a: a, answer: &answer, names: a.Journal.Rules().Names, program: a.programOf(answer.Decision.Program)}
	if m.program == nil || answer.Event.Type == event.Publish {
		return nil, nil
	}
	m.all()
	slices.SortStableFunc(m.out, func(x, y said) int { return cmp.Compare(x.no, y.no) })
	var out []Outgoing
	for i := range m.out {
		s := &m.out[i]
		if len(types) > 0 && !slices.Contains(types, typeOf(s.no)) {
			continue
		}
		body, err := m.body(s)
		if err != nil {
			return nil, err
		}
		out = append(out, body)
	}
	return out, nil
}

// programOf gives a version of the program, or the newest where nothing was decided by
// one yet.
func (a *App) programOf(version uint32) *engine.Program {
	rules := a.Journal.Rules()
	if p := rules.Timeline.Version(version); p != nil {
		return p
	}
	return rules.Timeline.Version(rules.Newest)
}

// said is one message in the making; n tells those of one type apart.
type said struct {
	no   int64
	data WebhookData
}

type messenger struct {
	a       *App
	answer  *journal.Answer
	names   *engine.Names
	program *engine.Program
	out     []said
}

// manyOfType is how many messages of one type an entry has at most: the numbers of an
// entry's messages are the types', with the place among those of the type above them.
const manyOfType = 1000

func (m *messenger) body(s *said) (Outgoing, error) {
	place := int64(0)
	for i := range m.out {
		if &m.out[i] == s {
			break
		}
		if m.out[i].no == s.no {
			place++
		}
	}
	no := s.no + place*manyOfType
	out := Outgoing{No: no, ID: m.a.Journal.MessageID(m.answer, no), Type: typeOf(s.no), Member: m.answer.Member}
	var err error
	out.Body, err = json.Marshal(WebhookMessage{out.ID, out.Type, stamp(m.answer.Recorded), s.data})
	return out, err
}

// stamp writes an instant.
func stamp(at calendar.Instant) string { return at.In(time.UTC).Format(time.RFC3339Nano) }

// all finds what there is to tell.
func (m *messenger) all() {
	m.event()
	m.points()
	for i := range m.answer.Decision.Steps {
		m.step(&m.answer.Decision.Steps[i])
	}
}

// data is what all messages of the entry say.
func (m *messenger) data() WebhookData {
	e, d := m.answer.Event, m.answer.Decision
	out := WebhookData{
		Event: e.ID, EventType: e.Type, At: stamp(d.At), Program: d.Program, Outcome: d.Outcome.String(), Refused: d.Outcome.Refused(),
		Order: e.Order, Channel: e.Channel, Store: e.Store, Reference: e.Reference, Reward: e.Reward, Quantity: e.Quantity, Redemption: e.Redemption,
	}
	if m.answer.Member != 0 {
		out.Member = m.answer.Member.String()
	}
	if e.Given&event.GivenTotal != 0 {
		out.Total, out.Currency = money.Format(e.Total, m.program.Currency.Scale), m.program.Currency.Code
	}
	return out
}

// event tells what became of the event itself.
func (m *messenger) event() {
	e, d := m.answer.Event, m.answer.Decision
	s := said{no: ownTypes[e.Type], data: m.data()}
	decided := s.no == typePurchase || s.no == typeReturn
	if s.no != 0 && !decided && d.Outcome != engine.Applied && d.Outcome != engine.Recorded {
		s.no = 0
	}
	if s.no == 0 {
		if slices.Contains(silent, e.Type) {
			return
		}
		s.no = typeEvent
	}
	switch s.no {
	case typeCompleted:
		if s.data.Redemption == "" {
			s.data.Redemption = e.ID
		}
		if e.Type == event.Redemption && e.Hold {
			s.no = typeHeld
		}
	case typeStatus:
		s.data.Status = e.Status
	case typeChanged, typeMerged:
		m.aboutMember(&s)
	case typePurchase, typeReturn:
		s.data.Amounts = m.amounts(func(p *ledger.Posting) int64 {
			switch p.Kind {
			case ledger.Issue:
				return p.Amount
			case ledger.TakeBack:
				return -p.Amount
			}
			return 0
		})
	case typeCommission, typeReduced:
		if !m.commission(&s) {
			return
		}
	}
	m.out = append(m.out, s)
}

// aboutMember tells an erasure from another change, and who remains of a merge.
func (m *messenger) aboutMember(s *said) {
	for i := range m.answer.Event.Data {
		switch d := &m.answer.Event.Data[i]; {
		case s.no == typeChanged && d.Name == member.Erased && d.Whole != 0:
			s.no = typeErased
		case s.no == typeMerged && d.Name == merge.Into:
			s.data.MergedInto = ledger.MemberID(d.Whole).String()
		}
	}
}

// commission tells what an ambassador got, or lost again.
func (m *messenger) commission(s *said) bool {
	told, ok := ambassador.Told(m.answer.Event, m.answer.Decision)
	if !ok {
		return false
	}
	s.data.Commission = &WebhookCommission{told.Click.ID.String(), told.Click.Subs, money.Format(told.Total, m.program.Currency.Scale)}
	if told.Click.Subs == nil {
		s.data.Commission.Subs = []string{}
	}
	for _, c := range told.Changes {
		if w := m.program.Wallet(c.Wallet); w != nil && w.Gift == nil {
			s.data.Amounts = append(s.data.Amounts, WebhookAmount{w.ID, money.Format(c.Amount, w.Unit.Scale)})
		}
	}
	return true
}

// kinds are the postings of each type of message about points.
var kinds = []struct {
	kind ledger.Kind
	no   int64
}{
	{ledger.Issue, typeEarned}, {ledger.Mature, typeAvailable}, {ledger.Spend, typeSpent}, {ledger.Expire, typeExpired}, {ledger.TakeBack, typeTakenBack},
	{ledger.CarryIn, typeReceived}, {ledger.CarryOut, typeGiven}, {ledger.Refund, typeReturned},
}

// points tells what moved. What a family or a merge carries is told as received and
// given, too.
func (m *messenger) points() {
	for _, k := range kinds {
		amounts := m.amounts(func(p *ledger.Posting) int64 {
			if p.Kind == k.kind {
				return p.Amount
			}
			return 0
		})
		if len(amounts) > 0 {
			s := said{no: k.no, data: m.data()}
			s.data.Amounts = amounts
			m.out = append(m.out, s)
		}
	}
}

// amounts sums up postings by wallet, in the order of the program's wallets.
func (m *messenger) amounts(of func(*ledger.Posting) int64) (out []WebhookAmount) {
	for i := range m.program.Wallets {
		w, sum := &m.program.Wallets[i], int64(0)
		if w.Gift != nil {
			continue
		}
		for j := range m.answer.Decision.Postings {
			if p := &m.answer.Decision.Postings[j]; p.Wallet == w.Name {
				sum += of(p)
			}
		}
		if sum != 0 {
			out = append(out, WebhookAmount{w.ID, money.Format(sum, w.Unit.Scale)})
		}
	}
	return out
}

// step tells what a rule came to, where that is told.
func (m *messenger) step(step *engine.Step) {
	s := said{data: m.data()}
	switch step.Result {
	case engine.LevelReached, engine.LevelLost:
		s.no = typeTier
		s.data.Level = &WebhookLevel{lastPart(m.names.Name(step.Rule)), lastPart(m.names.Name(step.By)), step.Read, stamp(calendar.Instant(step.Base))}
	case engine.Achieved:
		s.no, s.data.Goal, s.data.Times = typeGoal, m.names.Name(step.Rule), step.Base
	case engine.Decorated:
		s.no, s.data.Goal = typeBadge, m.names.Name(step.Rule)
	default:
		return
	}
	m.out = append(m.out, s)
}

// lastPart gives an id of the document from its name in the register.
func lastPart(name string) string { return name[strings.LastIndexByte(name, '.')+1:] }

// WebhookMessageOf makes the message of a delivery anew from the journal. The error is
// store.ErrNotFound where there is nothing to tell any more.
func (a *App) WebhookMessageOf(ctx context.Context, d *store.Delivery) (Outgoing, error) {
	if d.Type == TestType {
		return a.testMessage(d)
	}
	entry, err := a.Store.Entry(ctx, d.Position)
	if err != nil {
		return Outgoing{}, err
	}
	all, err := a.WebhookMessages(&entry, nil)
	if err != nil {
		return Outgoing{}, err
	}
	for _, one := range all {
		if one.No == d.N {
			return one, nil
		}
	}
	return Outgoing{}, fmt.Errorf("message %s: %w", d.Message, store.ErrNotFound)
}

func (a *App) testMessage(d *store.Delivery) (Outgoing, error) {
	data := WebhookData{EventType: "test", At: stamp(d.Created), Outcome: engine.Applied.String()}
	body, err := json.Marshal(WebhookMessage{d.Message, TestType, stamp(d.Created), data})
	return Outgoing{No: d.N, ID: d.Message, Type: TestType, Body: body}, err
}
