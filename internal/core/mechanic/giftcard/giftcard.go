// Package giftcard is stored value: gift cards that are issued, topped up, paid
// with, refunded and blocked.
//
// A gift card is an account of its own: it has a member's row and a number like a
// member's, but its standing is a gift card's. It has no personal data, counts in
// no report of members, earns nothing and takes no rewards; what members do it
// refuses. So its value, lots, expiry and holds are the ledger's, its events are
// decided one after another, and no two orders can spend it twice. It holds one
// wallet, that of its currency, which no member has.
//
// What always holds:
//   - what was put on a card is what is available and held there, plus what was
//     spent, expired or was taken back; refunds give back to the very lots;
//   - State.Spend is what was paid with the card or moved off it, less what came back;
//   - the code of a card is never in an event or a state.
package giftcard

import (
	"embed"
	"io/fs"
	"strconv"
	"strings"

	"github.com/govalues/decimal"

	"premia/internal/core/calendar"
	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/rule"
	"premia/internal/core/money"
	"premia/internal/core/text"
)

// RulePrefix begins the names of kinds of gift cards among rules.
const RulePrefix = "gift_card."

//go:embed words
var words embed.FS

// Kind is one kind of gift cards of the document.
type Kind struct {
	ID       string           `doc:"id,required" pattern:"^[a-z0-9][a-z0-9-]*$" max_len:"60" help:"the kind's own name: small letters, digits, hyphens"`
	Name     document.Text    `doc:"name,required" help:"the kind's name for members"`
	Currency string           `doc:"currency" pattern:"^[A-Z]{3}$" help:"the program's, if not said"`
	Least    *decimal.Decimal `doc:"least" help:"the least that a card is issued with"`
	Most     *decimal.Decimal `doc:"most" help:"the most that a card can hold"`
	Expires  *rule.Expires    `doc:"expires" help:"when what was put on a card is gone: never (if not said), 24mo, or {after: 24mo, at: end of month}"`
	Into     string           `doc:"into" help:"the wallet of members that what is on a card can be moved into; it can only be paid with if not said"`
	TopUp    bool             `doc:"top up" help:"whether more can be put on a card"`
	Hold     *document.Span   `doc:"hold" help:"how long a payment can be held before it is confirmed; 15m if not said"`
	Refund   *Refund          `doc:"refund" help:"whether and how long payments can be refunded to the card; never if not said"`
	Code     string           `doc:"code" max_len:"40" help:"the pattern of codes, such as GIFT-####-####-####; # stands for a letter or digit, the last # is a check character"`
}

// Refund says how a payment can be undone.
type Refund struct {
	Within  document.Span  `doc:"within,required" help:"how long after the payment"`
	Expired *document.Span `doc:"revive expired" help:"value that expired meanwhile is good again for this long; gone if not said"`
}

// Mechanic is the door of gift cards.
type Mechanic struct{}

// Section gives the key gift cards.
func (Mechanic) Section() document.Section {
	return document.Section{Key: "gift cards", Into: &[]Kind{}, Help: "kinds of gift cards: stored value in money, with codes of their own"}
}

// Words are the catalogues of gift cards.
func (Mechanic) Words() fs.FS { return words }

// stage is there in every program: cards that were issued under an earlier version
// are paid with under this one.
type stage struct{ kinds []compiled }

// compiled is a kind that cards can be issued of.
type compiled struct {
	source      *Kind
	rule        ledger.Name
	giving      *engine.Giving
	least, most int64
	into        *engine.Wallet // nil where it can't be moved
	times       int64
	hold        calendar.Span
	within      calendar.Span // zero where payments can't be refunded
	grace       calendar.Span
}

// ForAccounts lets the stage serve gift cards.
func (s *stage) ForAccounts() {}

// Compile checks the kinds.
func (Mechanic) Compile(c *engine.Compiler, section any) engine.Stage {
	kinds := *section.(*[]Kind)
	s := &stage{}
	for i := range kinds {
		s.kinds = append(s.kinds, compile(c, "gift cards["+strconv.Itoa(i)+"]", &kinds[i]))
	}
	return s
}

func compile(c *engine.Compiler, path string, k *Kind) compiled {
	out := compiled{source: k, rule: c.Rule(path, strings.TrimSuffix(RulePrefix, "."), k.ID, rule.Title(c, k.Name, k.ID)), hold: calendar.Span{Minutes: 15}}
	w := wallet(c, path, k)
	if w == nil {
		return out
	}
	if k.Least != nil {
		out.least, _ = rule.WalletMinor(c, path+".least", *k.Least, w)
	}
	if k.Most != nil {
		out.most, _ = rule.WalletMinor(c, path+".most", *k.Most, w)
		if out.most < out.least {
			c.Problem(path+".most", document.CodeOutOfRange, "the most is below the least, so no card can be issued", "write at least as much as under least")
		}
	}
	if k.Hold != nil {
		out.hold = engine.Span(*k.Hold)
		if k.Hold.IsZero() {
			c.Problem(path+".hold", document.CodeOutOfRange, "a hold of no time can't be confirmed", "write a length of time such as 15m")
		}
	}
	out.compileRefund(c, path+".refund")
	out.giving = &engine.Giving{Rule: out.rule, Wallet: w, Terms: rule.CompileTerms(c, path, nil, k.Expires, engine.Terms{})}
	if kind := out.giving.Terms.Expires.Kind; kind != engine.ExpiresNever && kind != engine.ExpiresAfter {
		c.Problem(path+".expires", document.CodeNotAllowed, "a gift card has no activity and no anniversary, and its time is its own", "write never, a length of time such as 24mo, or {after: 24mo, at: end of month}")
	}
	c.Givings(out.rule, []*engine.Giving{out.giving})
	pattern := k.Code
	if pattern == "" {
		pattern = DefaultPattern
	}
	codes, err := ParsePattern(pattern)
	if err != nil {
		c.Problem(path+".code", document.CodeInvalid, text.Of(err), text.Say("write a pattern such as {DefaultPattern}", DefaultPattern))
	}
	out.into, out.times = into(c, path+".into", k, w)
	c.Program.GiftCards = append(c.Program.GiftCards, engine.GiftCardKind{ID: k.ID, Rule: out.rule, Wallet: w, Least: out.least, Most: out.most, Into: out.into, Times: out.times, Codes: codes})
	return out
}

// mostTimes bounds how much of a wallet the smallest coin becomes, so that what can be on
// a card can be in a wallet.
const mostTimes = 1_000_000

// into finds the wallet that what is on a card can be moved into, and how much of it the
// smallest coin becomes; nil, with a problem unless nothing is said, if there is none.
func into(c *engine.Compiler, path string, k *Kind, card *engine.Wallet) (*engine.Wallet, int64) {
	if k.Into == "" {
		return nil, 0
	}
	w := c.Wallet(path, k.Into)
	switch {
	case w == nil:
		return nil, 0
	case w.Currency != "":
		c.Problem(path, document.CodeNotAllowed, text.Say("{ID} is the value on gift cards, which no member has", w.ID), "name a wallet of members")
		return nil, 0
	case card.Currency != c.Program.Currency.Code:
		c.Problem(path, document.CodeNotAllowed, "what wallets are worth is said in the program's currency, and these gift cards are in another", "leave into out")
		return nil, 0
	}
	coins, err := money.NewRate(engine.Power10(w.Unit.Scale), engine.Power10(card.Unit.Scale))
	if err == nil && !w.Worth.IsZero() {
		coins, err = coins.Quo(w.Worth)
	}
	if err != nil || w.Worth.IsZero() || coins.Den() != 1 || coins.Num() > mostTimes {
		c.Problem(path, document.CodeNotAllowed, text.Say("the smallest coin is no whole amount of {ID}, so that value would be lost on its way", w.ID), "name a wallet with a worth such as 1.00 and a scale of 2, or 0.01")
		return nil, 0
	}
	return w, coins.Num()
}

func (k *compiled) compileRefund(c *engine.Compiler, path string) {
	from := k.source.Refund
	if from == nil {
		return
	}
	k.within = engine.Span(from.Within)
	if from.Within.IsZero() {
		c.Problem(path+".within", document.CodeOutOfRange, "within no time nothing can be refunded", "write a length of time such as 60d, or leave refund out")
	}
	if from.Expired != nil {
		k.grace = engine.Span(*from.Expired)
	}
}

// walletPrefix begins the ids of the wallets of gift cards.
const walletPrefix = "gift_card_"

// WalletID is the id of the wallet of gift cards in a currency.
func WalletID(currency string) string { return walletPrefix + strings.ToLower(currency) }

// IsWallet tells whether an id is that of a wallet of gift cards.
func IsWallet(id string) bool { return strings.HasPrefix(id, walletPrefix) }

// wallet declares the wallet of a kind's currency; nil, with a problem, if it
// can't be.
func wallet(c *engine.Compiler, path string, k *Kind) *engine.Wallet {
	p := c.Program
	unit := p.Currency
	if k.Currency != "" && k.Currency != p.Currency.Code {
		digits, known := money.CurrencyDigits(k.Currency)
		if !known {
			c.Problem(path+".currency", "unknown_currency", text.Say("there is no currency {Currency}", k.Currency), "write an ISO 4217 code such as PLN, CZK, EUR or USD")
			return nil
		}
		unit = money.Unit{Code: k.Currency, Scale: digits}
	}
	id := WalletID(unit.Code)
	if known := p.WalletByID(id); known != nil && known.Currency == "" {
		c.Problem("wallets."+id, "duplicate_id", text.Say("the id {ID} is that of the value on gift cards", id), "choose another id for this wallet")
		return nil
	}
	out := engine.Wallet{ID: id, Unit: money.Unit{Code: id, Scale: unit.Scale}, Currency: unit.Code, Short: ledger.Refuse}
	if unit.Code == p.Currency.Code {
		out.Worth, _ = money.NewRate(1, 1) // never fails
	}
	if known := p.WalletByID(id); known == nil {
		out.Name = c.Rule(path, "wallet", id, text.Localized{})
	}
	w, ok := c.StoredWallet(out)
	if !ok {
		c.Problem(path+".currency", document.CodeOutOfRange, "there are gift cards of too many currencies", text.Say("at most {Count} are possible", engine.MostStored))
		return nil
	}
	return w
}

func (s *stage) find(id string) *compiled {
	for i := range s.kinds {
		if s.kinds[i].source.ID == id && s.kinds[i].giving != nil {
			return &s.kinds[i]
		}
	}
	return nil
}
