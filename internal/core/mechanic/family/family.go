// Package family lets several members fill and spend wallets together.
//
// A family's account is a row of its own, which is no person: it decides alone
// what becomes of its value. A member belongs to one family at most; the member
// keeps whose they are, the account who they are, and the two tell each other by
// follow-up events.
//
// What a member gets in a shared wallet leaves for the account at the end of the
// same decision, lot by lot with rule and dates, pending or not. What a member
// wants to spend is decided by the member as always, whose facts, limits and
// conditions count; what is missing for it is drawn first: the event waits, the
// account lets the value leave or refuses, and the member's answer to that is the
// decision upon the event. What was drawn remembers its lots and goes back to them
// when it is not spent, even by a member who has left.
//
// What always holds:
//   - the account gives no more than it has, and value is in one place: with the
//     account, with a member, or in transit in exactly one follow-up;
//   - a return takes back from the account to which the value went, whoever has
//     left it since;
//   - two sides that tell each other at once come to agree: a membership is known
//     by the moment at which it was asked for, and word of another one is ignored.
package family

import (
	"embed"
	"io/fs"
	"slices"

	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/text"
)

//go:embed words
var words embed.FS

// The data of an event about a family.
const (
	Do      = "do"     // one of the acts below
	Account = "family" // the number of the family's account
	Who     = "member" // the number of the member whom the head means
	By      = "by"     // the number of the member who asks the account
)

// The acts. Found, join and leave are a member's events, the others those of the
// account.
const (
	Found    = "found"
	Join     = "join"
	Leave    = "leave"
	Invite   = "invite"
	Remove   = "remove"
	HandOver = "hand_over"
)

// Section is the key families of the document.
type Section struct {
	Wallets  []string       `doc:"wallets" max_len:"20" help:"the wallets that the members of a family fill and spend together"`
	Members  int64          `doc:"members" min:"2" max:"100" help:"how many members a family has at most; 6 if not said"`
	Spend    string         `doc:"spend" enum:"everybody|head" help:"who spends what the family has: everybody (if not said), or its head alone"`
	Leave    string         `doc:"leave" enum:"keep|share" help:"whether the family keeps all when a member leaves (if not said), or the member gets an equal share of what is available"`
	CoolDown *document.Span `doc:"cool down" help:"how long after leaving a family a member can join no other; 30d if not said"`
}

// Mechanic is the door of families.
type Mechanic struct{}

// Section gives the key families.
func (Mechanic) Section() document.Section {
	return document.Section{Key: "families", Into: &Section{}, Help: "members who fill and spend wallets together: {wallets: [beans], members: 6}"}
}

// Words are the catalogues of families.
func (Mechanic) Words() fs.FS { return words }

// stage is there in every program: families that an earlier version knew go on.
type stage struct {
	wallets  []*engine.Wallet
	most     int64
	head     bool // only the head spends
	share    bool
	cool     document.Span
	mayBegin bool
}

// Compile checks the section.
func (Mechanic) Compile(c *engine.Compiler, section any) engine.Stage {
	from := section.(*Section)
	s := &stage{most: 6, head: from.Spend == "head", share: from.Leave == "share", cool: document.Span{Days: 30}}
	c.Program.FamilyRule = c.Rule("families", "family", "together", text.Localized{})
	if !c.Source.Has("families") {
		return s
	}
	if len(from.Wallets) == 0 {
		c.Problem("families", document.CodeMissing, "a family shares at least one wallet", "write wallets: [beans], with wallets of the program")
	}
	for i, id := range from.Wallets {
		path := document.Index("families.wallets", i)
		w := c.Wallet(path, id)
		if w == nil {
			continue
		}
		if slices.Contains(c.Program.FamilyWallets, w.Name) {
			c.Problem(path, "duplicate_id", text.Say("the wallet {ID} stands here twice", id), "remove one of them")
		}
		c.Program.FamilyWallets = append(c.Program.FamilyWallets, w.Name)
		s.wallets = append(s.wallets, w)
	}
	s.mayBegin = true
	if from.Members != 0 {
		s.most = from.Members
	}
	if from.CoolDown != nil {
		s.cool = *from.CoolDown
	}
	return s
}

// Unblockable tells that a blocked member's family goes on.
func (*stage) Unblockable() {}

// ForAccounts tells that a family's account is what the stage is about.
func (*stage) ForAccounts() {}

// Apply does this side's part.
func (s *stage) Apply(t *engine.Turn) {
	account := t.State.Status == ledger.FamilyAccount
	switch {
	case t.Event.Type == event.Family && account:
		s.ask(t)
	case t.Event.Type == event.Family:
		s.act(t)
	case t.Event.Type == event.FamilyOpen:
		s.open(t)
	case t.Event.Type == event.FamilyWord || t.Event.Type == event.FamilyReturn:
		told, err := engine.OpenTelling(t.Event.Carried)
		switch {
		case err != nil:
			t.Finish(engine.NotInFamily)
		case told.Matter == engine.FamilyUndo:
			s.undo(t, &told.Undo)
		case account:
			s.hear(t, told)
		default:
			s.told(t, told)
		}
	}
}

// number gives a whole datum of an event; 0 if it has none of the name.
func number(e *event.Event, name string) ledger.MemberID {
	for i := range e.Data {
		if d := &e.Data[i]; d.Name == name && d.Kind == event.Whole {
			return ledger.MemberID(d.Whole)
		}
	}
	return 0
}

// Act gives what an event about a family does, and the account and the member that
// it names; zero where it names none.
func Act(e *event.Event) (act string, account, who ledger.MemberID) {
	for i := range e.Data {
		if d := &e.Data[i]; d.Name == Do {
			act = d.Text
		}
	}
	return act, number(e, Account), number(e, Who)
}

// note says for each wallet of a bundle what was moved.
func note(t *engine.Turn, result engine.Result, b *ledger.Bundle) {
	for _, sum := range b.Sums() {
		t.Note(engine.Step{Rule: t.Program.FamilyRule, Result: result, Wallet: sum.Wallet, Amount: sum.Minor, Wanted: sum.Minor})
	}
}
