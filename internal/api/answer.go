package api

import (
	"time"

	"github.com/danielgtaylor/huma/v2"

	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/ledger"
	"premia/internal/core/money"
	"premia/internal/journal"
)

// EventAnswer is what became of an event.
type EventAnswer struct {
	ID       string    `json:"id,omitempty" doc:"the event's id; absent in a history where only time passed, which is no event that could be asked for"`
	Type     string    `json:"type" doc:"the event's type" example:"purchase"`
	Member   string    `json:"member,omitempty" doc:"whose event it is; absent for a guest" example:"mem_1A2B3C4D5E6F7"`
	At       string    `json:"at" format:"date-time" doc:"when the event counts"`
	Recorded string    `json:"recorded" format:"date-time" doc:"when it was written into the journal"`
	Program  uint32    `json:"program" doc:"the version of the program whose rules were applied"`
	Outcome  string    `json:"outcome" doc:"what became of the event" enum:"applied,recorded,recorded_as_guest,insufficient_balance,unknown_wallet,claim_too_late,not_a_guest_order,member_blocked,forwarded,merge_refused,waits_for_purchase,more_than_bought,unknown_reward,reward_not_available,out_of_stock,unknown_redemption,already_confirmed,already_cancelled,already_refunded,hold_timed_out,not_confirmed,not_refundable,unknown_status,not_transferable,transfer_to_self,below_minimum,limit_reached,giver_blocked,receiver_gone,unknown_slot,waits_for_approval,unknown_adjustment,not_waiting,second_person_needed,waits_for_family,no_families,in_a_family,not_in_family,not_invited,family_full,family_too_soon,only_the_head,code_refused,payment_refused,unknown_checkout,members_only,referrer_gone,ambassador_gone"`
	Refused  bool      `json:"refused" doc:"whether the rules refused it, which is then the answer for ever"`
	Repeated bool      `json:"repeated" doc:"whether the event had been decided before, and this is the first answer again"`
	Enrolled bool      `json:"enrolled,omitempty" doc:"whether the event made the member"`
	Gave     []Amount  `json:"gave" doc:"what the rules gave, by wallet"`
	Balances []Balance `json:"balances,omitempty" doc:"the member's wallets now"`
	Rewards  []Given   `json:"rewards,omitempty" doc:"the rewards of the catalogue that the rules gave"`
	Steps    []Step    `json:"steps" doc:"the rules that were considered, in order"`
	Basket   *Basket   `json:"basket,omitempty" doc:"the prices, of a basket at list prices"`
	PaidBack *string   `json:"paid_back,omitempty" doc:"the money to pay back, of a return of a purchase at list prices"`

	Explanation *Explanation `json:"explanation,omitempty" doc:"the decision in words, when asked for"`
}

// Amount is an amount of a wallet's unit.
type Amount struct {
	Wallet string `json:"wallet" doc:"the wallet's id" example:"points"`
	Amount string `json:"amount" doc:"a decimal number" example:"25"`
}

// Given is a reward that a rule gave.
type Given struct {
	Reward     string `json:"reward" doc:"the reward's id" example:"cake"`
	Quantity   int64  `json:"quantity" doc:"how many"`
	Redemption string `json:"redemption,omitempty" doc:"the redemption by which it is handed over, and which names its vouchers; absent in a quote" example:"gft_1A2B3C4D5E6F7_12"`
}

// Balance is what a wallet holds.
type Balance struct {
	Wallet    string `json:"wallet" doc:"the wallet's id" example:"points"`
	Balance   string `json:"balance" doc:"what the member can spend; negative in debt" example:"120"`
	Available string `json:"available" doc:"can be spent" example:"120"`
	Pending   string `json:"pending" doc:"earned, and not yet spendable" example:"25"`
	Held      string `json:"held" doc:"set aside" example:"0"`
	Debt      string `json:"debt" doc:"owed after more was taken than there was" example:"0"`
}

// Step is what one rule came to.
type Step struct {
	Rule   string `json:"rule" doc:"the rule's name in the program" example:"earn.spend"`
	Result string `json:"result" doc:"what it came to" example:"gave"`
	Wallet string `json:"wallet,omitempty" doc:"the wallet's id"`
	Reward string `json:"reward,omitempty" doc:"the reward that the rule gives; amounts are then how many"`
	Amount string `json:"amount,omitempty" doc:"what it gave, or took"`
	Wanted string `json:"wanted,omitempty" doc:"what it would have given without its limits, where that is more"`
	Limit  string `json:"limit,omitempty" doc:"the limit that cut it"`
	By     string `json:"by,omitempty" doc:"the rule that was preferred to it; on a ladder, the level that is in force now" example:"level.status.gold"`
	Read   string `json:"read,omitempty" doc:"the value on which its condition failed; on a ladder, the level before"`
	At     string `json:"at,omitempty" format:"date-time" doc:"on a ladder, since when the level is in force"`
}

// Explanation is a decision in words.
type Explanation struct {
	Language  string   `json:"language" enum:"en,pl,cs,ru"`
	Outcome   string   `json:"outcome" doc:"what became of the event"`
	Reasons   []string `json:"reasons" doc:"what each of the steps came to, and why"`
	Movements []string `json:"movements" doc:"what else happened to the balances"`
}

// EventRecord is an event with its decision.
type EventRecord struct {
	EventAnswer
	Event EventJSON `json:"event" doc:"the event as the journal keeps it"`
}

// EventJSON is an event in its canonical form.
type EventJSON []byte

// MarshalJSON gives the event.
func (e EventJSON) MarshalJSON() ([]byte, error) { return e, nil }

// Schema says that it has the form in which events are sent.
func (EventJSON) Schema(r huma.Registry) *huma.Schema {
	return &huma.Schema{Type: "object", AdditionalProperties: true, Description: "the event, in the form in which events are sent"}
}

var _ huma.SchemaProvider = EventJSON(nil)

func rfc3339(at calendar.Instant) string { return at.In(time.UTC).Format(time.RFC3339Nano) }

// moment writes an instant that may be none.
func moment(at calendar.Instant) *string {
	if at == calendar.None || at == calendar.Never {
		return nil
	}
	s := rfc3339(at)
	return &s
}

// answerOf makes the answer of a decided event.
func (s *Server) answerOf(a *journal.Answer) EventAnswer {
	rules := s.app.Journal.Rules()
	d := a.Decision
	out := EventAnswer{
		ID: a.Event.ID, Type: a.Event.Type, At: rfc3339(d.At), Recorded: rfc3339(a.Recorded), Program: d.Program,
		Outcome: d.Outcome.String(), Refused: d.Outcome.Refused(), Repeated: a.Repeated, Enrolled: a.Enrolled,
	}
	if a.Member != 0 {
		out.Member = a.Member.String()
	}
	p := rules.Timeline.Version(d.Program)
	if p == nil {
		p = rules.Timeline.Version(rules.Newest)
	}
	out.Gave, out.Steps = stepsOf(p, rules.Names, d)
	for _, g := range s.app.Gifts(a.Member, d) {
		if w := p.Wallet(g.Reward); w != nil {
			out.Rewards = append(out.Rewards, Given{w.Unit.Code, g.Quantity, g.Redemption})
		}
	}
	out.Balances = balancesOf(p, a.Balances)
	out.Basket, out.PaidBack = basketOf(p, rules.Names, d, a.Event), paidBackOf(p, d)
	return out
}

// stepsOf lists a decision's steps and sums up what they gave.
func stepsOf(p *engine.Program, names *engine.Names, d *engine.Decision) ([]Amount, []Step) {
	steps := make([]Step, len(d.Steps))
	sums := make([]int64, len(p.Wallets))
	given := make([]bool, len(p.Wallets))
	for i := range d.Steps {
		from, to := &d.Steps[i], &steps[i]
		to.Rule, to.Result, to.Read = names.Name(from.Rule), from.Result.String(), from.Read
		if from.Limit != engine.NoLimit {
			to.Limit = from.Limit.String()
		}
		if from.By != 0 {
			to.By = names.Name(from.By)
		}
		switch from.Result {
		case engine.LevelReached, engine.LevelLost, engine.LevelKept:
			to.At = rfc3339(calendar.Instant(from.Base))
		}
		w := walletAt(p, from.Wallet)
		if w < 0 {
			to.gift(p, from)
			continue
		}
		scale := p.Wallets[w].Unit.Scale
		to.Wallet, to.Amount = p.Wallets[w].ID, money.Format(from.Amount, scale)
		if from.Wanted > from.Amount {
			to.Wanted = money.Format(from.Wanted, scale)
		}
		if from.Result == engine.Gave {
			sums[w] += from.Amount
			given[w] = true
		}
	}
	gave := []Amount{}
	for w := range sums {
		if given[w] {
			gave = append(gave, Amount{p.Wallets[w].ID, money.Format(sums[w], p.Wallets[w].Unit.Scale)})
		}
	}
	return gave, steps
}

// gift says of which reward a step is, if it is of one.
func (to *Step) gift(p *engine.Program, from *engine.Step) {
	w := p.Wallet(from.Wallet)
	if w == nil || w.Gift == nil {
		return
	}
	to.Reward, to.Amount = w.Unit.Code, money.Format(from.Amount, 0)
	if from.Wanted > from.Amount {
		to.Wanted = money.Format(from.Wanted, 0)
	}
}

func walletAt(p *engine.Program, name ledger.Name) int {
	for i := range p.Wallets {
		if p.Wallets[i].Name == name {
			return i
		}
	}
	return -1
}

func balancesOf(p *engine.Program, list []journal.WalletBalance) []Balance {
	var out []Balance
	for i := range list {
		if w := walletAt(p, list[i].Wallet); w >= 0 {
			out = append(out, balance(&p.Wallets[w], list[i].Balance))
		}
	}
	return out
}

func balance(w *engine.Wallet, b ledger.Balance) Balance {
	show := func(minor int64) string { return money.Format(minor, w.Unit.Scale) }
	return Balance{
		Wallet: w.ID, Balance: show(b.Net()), Available: show(b.Available),
		Pending: show(b.Pending), Held: show(b.Held), Debt: show(b.Debt),
	}
}

// recordOf makes the record of a decided event, explained in a language.
func (s *Server) recordOf(a *journal.Answer, lang string) EventRecord {
	r := EventRecord{EventAnswer: s.answerOf(a)}
	r.Explanation = s.explain(a, lang)
	r.Event = app.Shown(a.Event).Append(nil, s.app.Journal.Rules().Scales())
	return r
}

func (s *Server) explain(a *journal.Answer, lang string) *Explanation {
	said := s.app.Explain(a, lang)
	return &Explanation{Language: lang, Outcome: said.Outcome, Reasons: orEmpty(said.Reasons), Movements: orEmpty(said.Movements)}
}

func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// statesOf gives the wallets of a program as they are in a state.
func statesOf(wallets []engine.Wallet, state *ledger.State) []Balance {
	out := make([]Balance, 0, len(wallets))
	for i := range wallets {
		if wallets[i].Currency == "" { // others have the value of gift cards
			out = append(out, balance(&wallets[i], state.BalanceOf(wallets[i].Name)))
		}
	}
	return out
}
