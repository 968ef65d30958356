// Package returns takes back what returned goods earned, exactly: the purchase
// is decided again without them, under the program version and the facts of the
// member recorded with it, and the difference goes back from the very lots that
// it went to. Thresholds and campaigns then hold for what remains. Several
// returns of one purchase together never take back more than the whole, and
// never give anything.
//
// Value of such a lot that was spent meanwhile is taken from what else there is,
// and then by the wallet's rule for debt; value that had already expired is
// owed by nobody, and counts first. Budgets and limits get back what is undone,
// whatever became of it.
package returns

import (
	"cmp"
	"embed"
	"io/fs"

	"premia/internal/core/calendar"
	"premia/internal/core/condition"
	"premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/text"
)

//go:embed words
var words embed.FS

// Section is the key returns of the document.
type Section struct {
	Match   string         `doc:"match" enum:"order|latest" help:"which purchase goods go back against: the one whose order the return names (if not said), or, for shops that do not know it, the member's latest purchases of the same goods"`
	Overdue *document.Span `doc:"overdue" help:"how long a return may wait for its purchase before reports call it overdue; 14d if not said"`
}

// Mechanic is the door of returns.
type Mechanic struct{}

// Section gives the key returns.
func (Mechanic) Section() document.Section {
	return document.Section{Key: "returns", Into: &Section{}, Help: "returned goods take back what they earned"}
}

// Words are the catalogues of returns.
func (Mechanic) Words() fs.FS { return words }

type stage struct {
	latest bool
	rule   ledger.Name
}

// Compile checks the section; without it returns are only recorded.
func (Mechanic) Compile(c *engine.Compiler, section any) engine.Stage {
	if !c.Source.Has("returns") {
		return nil
	}
	s := &stage{latest: section.(*Section).Match == "latest", rule: c.Rule("returns", "returns", "goods", text.Localized{})}
	c.Program.Returns = engine.ReturnsByOrder
	c.Program.ReturnsOverdue = calendar.Span{Days: 14}
	if overdue := section.(*Section).Overdue; overdue != nil {
		c.Program.ReturnsOverdue = engine.Span(*overdue)
	}
	if s.latest {
		c.Program.Returns = engine.ReturnsByLatest
	}
	return s
}

// Unblockable tells that blocked members return goods like others.
func (*stage) Unblockable() {}

// Apply takes back what the goods of a return earned.
func (s *stage) Apply(t *engine.Turn) {
	if t.Event.Type == event.Purchase {
		for _, carried := range t.In.Waiting {
			t.FollowUp(engine.FollowUp{Type: event.Return, Member: t.In.Member, Order: t.Event.Order, Carried: carried})
		}
	}
	if t.Event.Type != event.Return || t.In.History == nil {
		return
	}
	m := newMatch(t.Event, s.latest)
	switch {
	case s.latest && len(m.lines) == 0, !s.latest && t.Event.Order == "":
		m.unclear = true
	default:
		m.find(t.In.History)
	}
	if why := m.refusal(); why != 0 {
		t.Finish(why)
		return
	}
	for i := range m.touched {
		s.takeBack(t, &m.touched[i])
	}
	s.unmatched(t, m)
	if len(t.Out.Steps) == 0 {
		t.Mattered = true
	}
}

// refusal says why nothing can be taken back; 0 if something can, or if it is
// only reported what matches nothing.
func (m *match) refusal() engine.Outcome {
	switch {
	case m.latest || m.unclear:
		return 0
	case !m.found:
		return engine.WaitsForPurchase
	case m.left() || m.touched == nil:
		return engine.MoreThanBought
	}
	return 0
}

// unmatched reports goods that match no purchase.
func (s *stage) unmatched(t *engine.Turn, m *match) {
	for _, l := range m.lines {
		if l.quantity > 0 {
			t.Note(engine.Step{Rule: s.rule, Result: engine.Unmatched, Read: engine.Shown(condition.StringValue(cmp.Or(l.sku, l.name))), Base: l.quantity})
		}
	}
	if m.unclear && len(m.lines) == 0 {
		t.Note(engine.Step{Rule: s.rule, Result: engine.Unmatched})
	}
}

// takeBack takes back what the goods of one purchase earned.
func (s *stage) takeBack(t *engine.Turn, x *touched) {
	issues := x.issues(t)
	remains := t.Replay(x.Past, x.after)
	for i, undone := range undo(issues, remains.Given) {
		if undone > 0 {
			s.takeBackOne(t, x, &issues[i], undone)
			t.GiveBack(x.Past, issues[i].rule, issues[i].wallet, undone, nothingStays(issues, issues[i].rule))
		}
	}
	for i := range x.after {
		if back := x.before[i] - x.after[i]; back > 0 {
			t.Out.Returned = append(t.Out.Returned, engine.Returned{Purchase: x.Key(), Item: i, Quantity: back})
		}
	}
	money := int64(0)
	if x.Event.Prices == "" {
		money = engine.TotalOf(x.Event, x.before) - engine.TotalOf(x.Event, x.after)
	} else {
		money = t.GoodsReturned(x.Past, x.later, remains)
	}
	t.Undo(engine.Undone{Past: x.Past, Whole: x.nothingLeft(), Counted: remains.Counted, Owed: remains.Owed, Later: x.later, Money: money})
}

// undo says how much of each award is to be undone now, where the purchase would
// have given so much. In each wallet that is what was given beyond it, less what
// earlier returns undid: a rule that would give more than it did, because it now
// wins over another or is meant for small purchases, leaves as much of what
// others gave.
func undo(issues []issue, given []engine.Given) []int64 {
	now, excess := make([]int64, len(issues)), map[ledger.Name]int64{}
	for i := range issues {
		excess[issues[i].wallet] += issues[i].amount - issues[i].undone
	}
	for _, g := range given {
		excess[g.Wallet] -= g.Amount
	}
	take := func(i int, most int64) {
		wallet := issues[i].wallet
		part := min(most, issues[i].amount-issues[i].undone-now[i], excess[wallet])
		if part > 0 {
			now[i] += part
			excess[wallet] -= part
		}
	}
	// First of those rules that would give less, and then of any.
	for i := range issues {
		target := int64(0)
		for _, g := range given {
			if g.Rule == issues[i].rule && g.Wallet == issues[i].wallet {
				target += g.Amount
			}
		}
		take(i, issues[i].amount-issues[i].undone-target)
	}
	for i := range issues {
		take(i, issues[i].amount)
	}
	return now
}

// takeBackOne takes what is undone of one award from its lots, and what is
// missing there, unless it expired, from elsewhere.
func (s *stage) takeBackOne(t *engine.Turn, x *touched, one *issue, undone int64) {
	one.undone += undone
	due := max(one.undone-one.expired-one.due, 0)
	asked := s.askBack(t, x, one, due)
	taken := t.TakeBack(one.rule, one.wallet, x.Decision.At, one.lots, due-asked)
	t.State.Open(one.wallet).Issued -= undone
	t.Note(engine.Step{Rule: one.rule, Result: engine.TookBack, Wallet: one.wallet, Amount: taken, Wanted: undone, Base: due, Read: x.Key()})
}

// askBack asks the families to which the award went for up to most of it, and
// answers how much that is. They take it back from where it went.
func (s *stage) askBack(t *engine.Turn, x *touched, one *issue, most int64) (asked int64) {
	before := one.asked
	for i := range one.sent {
		went := &one.sent[i]
		earlier := min(before, went.amount)
		before -= earlier
		ask := min(went.amount-earlier, most-asked)
		if ask <= 0 {
			continue
		}
		asked += ask
		told := engine.Telling{Matter: engine.FamilyUndo, Member: t.In.Member, At: t.At, Undo: engine.Undo{
			Rule: one.rule, Wallet: one.wallet, Amount: ask, Sent: went.amount, Purchase: x.Key(), Lots: went.lots,
		}}
		t.FollowUp(told.FollowUp(went.account))
		t.Note(engine.Step{Rule: one.rule, Result: engine.AskedBack, Wallet: one.wallet, Amount: ask, Wanted: ask, Read: x.Key()})
	}
	one.asked += asked
	return asked
}

// nothingStays tells whether all that a rule gave is undone, in every wallet.
func nothingStays(issues []issue, rule ledger.Name) bool {
	for i := range issues {
		if issues[i].rule == rule && issues[i].undone < issues[i].amount {
			return false
		}
	}
	return true
}
