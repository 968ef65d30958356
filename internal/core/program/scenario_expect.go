package program

import (
	"slices"
	"strconv"
	"strings"

	"github.com/govalues/decimal"

	"premia/internal/core/condition"
	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/custom"
	"premia/internal/core/text"
)

// data reads an event's data as the types that the program declares for them.
func (k *stepChecker) data(path, eventType string, data document.Map[string]) []event.Datum {
	path += ".data"
	et := k.Program.EventType(eventType)
	var out []event.Datum
	for name, value := range data.All() {
		kind := condition.String
		if et != nil {
			if i := slices.IndexFunc(et.Fields, func(f engine.EventField) bool { return f.ID == name }); i >= 0 {
				kind = et.Fields[i].Kind
			}
		}
		datum, ok := datumOf(name, value, kind)
		if !ok {
			k.Problem(document.Join(path, name), document.CodeWrongType, text.Say("{Value} is not {Type}", quoted(value), kind.Sentence()), "")
		}
		out = append(out, datum)
	}
	if field, problem, ok := custom.CheckData(et, &event.Event{Type: eventType, Data: out}); !ok && (et != nil || len(out) > 0) {
		k.Problem(document.Join(path, field), document.CodeInvalid, text.Say("the field {Field}: {Problem}", field, problem), "")
	}
	return out
}

func datumOf(name, value string, kind condition.Type) (event.Datum, bool) {
	d := event.Datum{Name: name, Kind: event.Text, Text: value}
	var err error
	switch kind {
	case condition.Int:
		d.Kind, d.Text = event.Whole, ""
		d.Whole, err = strconv.ParseInt(value, 10, 64)
	case condition.Decimal:
		d.Kind, d.Text = event.Decimal, ""
		d.Decimal, err = decimal.Parse(value)
	case condition.Bool:
		d.Kind, d.Text = event.Truth, ""
		if value == "true" {
			d.Whole = 1
		}
		return d, value == "true" || value == "false"
	}
	return d, err == nil
}

// expectations checks what is expected after a step.
func (k *stepChecker) expectations(x *Expect) []expected {
	path := k.path + ".expect"
	var out []expected
	if x.Outcome != "" {
		known := namesOf(func(i int) string { return engine.Outcome(i).String() })
		if !slices.Contains(known, x.Outcome) {
			k.unknown(path+".outcome", document.CodeNotAllowed, text.Say("there is no outcome {Outcome}", quoted(x.Outcome)), x.Outcome, known)
		}
		out = append(out, expected{path: path + ".outcome", key: "outcome", about: aboutOutcome, want: x.Outcome})
	}
	for id, amount := range x.Gave.All() {
		here := document.Join(path+".gave", id)
		of := k.rule(here, id)
		k.gives(here, of)
		out = append(out, expected{path: here, key: "gave." + id, about: aboutGift, rule: of, amount: amount})
	}
	out = k.given(out, path, x)
	known := namesOf(func(i int) string { return engine.Result(i).String() })
	for id, result := range x.Because.All() {
		here := document.Join(path+".because", id)
		if !slices.Contains(known, result) {
			k.unknown(here, document.CodeNotAllowed, text.Say("there is no result {Result}", quoted(result)), result, known)
		}
		out = append(out, expected{path: here, key: "because." + id, about: aboutReason, rule: k.rule(here, id), want: result})
	}
	out = k.priced(out, path, &x.PriceExpect)
	for key, amount := range x.Balances.All() {
		here := document.Join(path, key)
		if strings.HasPrefix(key, "tier.") {
			out = append(out, k.ladder(here, key, amount))
			continue
		}
		if x, found := k.offered(here, key, amount); found {
			out = append(out, x)
			continue
		}
		if x, found := k.board(here, key, amount); found {
			out = append(out, x)
			continue
		}
		if x, found := k.goal(here, key, amount); found {
			out = append(out, x)
			continue
		}
		out = append(out, k.balance(here, key, amount))
	}
	byItself := k.Program.Birthday != 0 || k.Program.Anniversary != 0
	if said := k.step; (x.Outcome != "" || (!byItself && (x.Gave.Len() > 0 || x.Because.Len() > 0))) &&
		said.Enrol == nil && said.Profile == nil && said.Purchase == nil && said.Return == nil && said.Adjust == nil && said.Event == nil && said.Transfer == nil && said.GiftCard == nil && said.Family == nil && said.Referrer == "" && said.Ambassador == nil && said.Checkout == nil && said.Quote == nil && said.Abandon == "" && !said.redeems() && !said.offers() && !said.contests() {
		k.Problem(path, "never_applies", "in this step nothing happens, so there is no outcome", "only balances can be expected here")
	}
	return out
}

// namesOf lists the names of an enumeration from 1 to the last, without those that are
// used no more.
func namesOf(name func(int) string) []string {
	var out []string
	for i := 1; name(i) != "unknown"; i++ {
		if name(i) != "" {
			out = append(out, name(i))
		}
	}
	return out
}

// rule finds the rule or campaign that an expectation is about, by its id or,
// where a rule and a campaign share one, as earn.id or campaign.id.
func (k *stepChecker) rule(path, id string) ledger.Name {
	var found, ids []string
	for no := range k.Program.Rules {
		full := k.Program.Names.Name(no)
		kind, short, _ := strings.Cut(full, ".")
		if kind == "wallet" {
			continue
		}
		ids = append(ids, short)
		if full == id || short == id {
			found = append(found, full)
		}
	}
	slices.Sort(ids)
	slices.Sort(found)
	switch len(found) {
	case 1:
		no, _ := k.Program.Names.Find(found[0])
		return no
	case 0:
		k.unknown(path, "unknown_rule", text.Say("there is no rule {ID}", quoted(id)), id, ids)
	default:
		k.Problem(path, "ambiguous", text.Say("{ID} is the id of several rules", quoted(id)), text.Say("write {Found}", strings.Join(found, " or ")))
	}
	return 0
}

// gives notes in what the rule gives, where that is one wallet, or money off a price.
func (k *stepChecker) gives(path string, of ledger.Name) {
	if k.Program.Discounts[of] != nil {
		k.Money(path)
		return
	}
	var w *engine.Wallet
	for _, g := range k.Program.Rules[of].Givings {
		if w != nil && w != g.Wallet {
			return
		}
		w = g.Wallet
	}
	if w != nil {
		k.Counted(path, w)
	}
}

// measured notes in what an expected figure counts: money, a wallet's unit, or neither.
func (k *stepChecker) measured(path string, w *engine.Wallet, money bool) {
	switch {
	case w != nil:
		k.Counted(path, w)
	case money:
		k.Money(path)
	}
}

// balance reads an expected balance, such as beans.pending.
func (k *stepChecker) balance(path, key string, want Wanted) expected {
	out := expected{path: path, key: key, about: aboutBalance, amount: k.amount(path, want)}
	amount := out.amount
	id, figure, dotted := strings.Cut(key, ".")
	out.figure = figure
	out.wallet = k.Program.WalletByID(id)
	k.measured(path, out.wallet, false)
	switch {
	case !dotted:
		k.unknown(path, document.CodeUnknownKey, text.Say("unknown key {Key}", quoted(key)), key, []string{"outcome", "gave", "because", "wallet.available", "tier.ladder"})
	case out.wallet == nil:
		k.Wallet(path, id)
	case !slices.Contains(figures, figure):
		k.unknown(path, "unknown_balance", text.Say("a wallet has no balance {Figure}", quoted(figure)), figure, figures)
	case amount.Trim(0).Scale() > out.wallet.Unit.Scale:
		k.Problem(path, document.CodeOutOfRange, text.Say("{Amount} has more decimals than the wallet {ID} has", amount.String(), id), "")
	}
	return out
}
