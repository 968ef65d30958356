// Package transfer lets members give value to one another.
//
// The giver decides: what may be given, how much, and whether it is there. What is
// given leaves the very lots that are used up first, part by part, for the account
// Transit, and travels in a follow-up event. The receiver takes each part in as a
// lot of its own, with the rule that gave it and the dates that it had, so that no
// value lives longer by being sent to and fro; debts are paid first. Only what is
// available can be given: nothing that is pending, held or owed.
//
// What always holds:
//   - value in transit is the value of transfers that nobody has answered yet, and
//     it leaves transit once: with the receiver, or back with the giver;
//   - what waits for the other side never ends by time alone. The follow-up's id is
//     derived from the transfer's, so the receiver decides upon it once, however
//     often and after whatever crash it is delivered. A receiver who was merged is
//     followed to the member who answers now; one who is blocked takes in, since
//     compensation is always accepted;
//   - a receiver who was erased, or who is not there at all, has a refusal written
//     under that same id. Only this refusal releases the value: it sends the parts
//     back in an answering follow-up, whose id is derived from the refusal's, so
//     that the giver gets them back once, into the very lots, and the limits with
//     them. After a crash the delivery is repeated: it finds the first decision, or
//     makes it.
//
// What is on a gift card whose kind says so can be moved to a member the same way: it
// travels as the card's value, and becomes value of a wallet of the member's where it
// arrives. So what is in transit is the card's until then, and goes back to it.
//
// Who gave and who received is kept by members' numbers alone.
package transfer

import (
	"embed"
	"io/fs"

	"github.com/govalues/decimal"

	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/rule"
	"premia/internal/core/text"
)

//go:embed words
var words embed.FS

// Transfer says how much of a wallet a member may give to others.
type Transfer struct {
	Least     *decimal.Decimal `doc:"least" help:"the least that can be given at once"`
	Most      *decimal.Decimal `doc:"most" help:"the most that can be given at once"`
	EachDay   *decimal.Decimal `doc:"each day" help:"the most that a member can give in a day"`
	EachWeek  *decimal.Decimal `doc:"each week"`
	EachMonth *decimal.Decimal `doc:"each month"`
	EachYear  *decimal.Decimal `doc:"each year"`
}

// Mechanic is the door of transfers.
type Mechanic struct{}

// Section gives the key transfers.
func (Mechanic) Section() document.Section {
	return document.Section{Key: "transfers", Into: &document.Map[Transfer]{}, Help: "which wallets' value members can give to one another, and how much: {beans: {least: 10, each day: 500}}"}
}

// Words are the catalogues of transfers.
func (Mechanic) Words() fs.FS { return words }

// stage is there in every program: what was given under an earlier version
// arrives under this one.
type stage struct {
	rule    ledger.Name
	wallets []allowed
}

// allowed is what may be given of a wallet.
type allowed struct {
	wallet *engine.Wallet
	least  int64
	limits []engine.LimitRule
}

// Compile checks the limits.
func (Mechanic) Compile(c *engine.Compiler, section any) engine.Stage {
	s := &stage{rule: c.Rule("transfers", "transfer", "to_member", text.Localized{})}
	var givings []*engine.Giving
	for id, from := range section.(*document.Map[Transfer]).All() {
		path := document.Join("transfers", id)
		w := c.Wallet(path, id)
		if w == nil {
			continue
		}
		a := allowed{wallet: w}
		a.compile(c, path, &from)
		s.wallets = append(s.wallets, a)
		givings = append(givings, &engine.Giving{Rule: s.rule, Wallet: w, Limits: a.limits})
	}
	c.Givings(s.rule, givings)
	return s
}

func (a *allowed) compile(c *engine.Compiler, path string, from *Transfer) {
	if from.Least != nil {
		a.least, _ = rule.WalletMinor(c, path+".least", *from.Least, a.wallet)
	}
	counter := c.Program.Names.Number("counter.transfer." + a.wallet.ID)
	floor, below := a.least, "least"
	for _, one := range []struct {
		limit engine.Limit
		key   string
		value *decimal.Decimal
	}{
		{engine.EachEvent, "most", from.Most}, {engine.EachDay, "each day", from.EachDay}, {engine.EachWeek, "each week", from.EachWeek},
		{engine.EachMonth, "each month", from.EachMonth}, {engine.EachYear, "each year", from.EachYear},
	} {
		if one.value == nil {
			continue
		}
		most, ok := rule.WalletMinor(c, path+"."+one.key, *one.value, a.wallet)
		if !ok {
			continue
		}
		if most < floor {
			c.Problem(path+"."+one.key, document.CodeOutOfRange, text.Say("{Key} is below {Below}, which so never applies", one.key, below), text.Say("write at least as much as under {Below}", below))
		}
		floor, below = most, one.key
		a.limits = append(a.limits, engine.LimitRule{Limit: one.limit, Cap: most, Counter: counter})
	}
}

func (s *stage) find(wallet string) *allowed {
	for i := range s.wallets {
		if s.wallets[i].wallet.ID == wallet {
			return &s.wallets[i]
		}
	}
	return nil
}

func (s *stage) byName(wallet ledger.Name) *allowed {
	for i := range s.wallets {
		if s.wallets[i].wallet.Name == wallet {
			return &s.wallets[i]
		}
	}
	return nil
}

// Wallets gives the wallets of which members may give to others.
func Wallets(p *engine.Program) (out []*engine.Wallet) {
	for _, st := range p.Stages() {
		if s, mine := st.(*stage); mine {
			for i := range s.wallets {
				out = append(out, s.wallets[i].wallet)
			}
		}
	}
	return out
}
