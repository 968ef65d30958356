package returns

import (
	"slices"

	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
)

// match finds the purchases that goods go back against.
type match struct {
	event *event.Event
	// latest matches the latest purchases of the same goods.
	latest  bool
	lines   []line
	touched []touched
	found   bool // the order's purchase was met
	unclear bool // the return says what money, not which goods
	// later is what was decided after the purchase at hand, newest first.
	later []*engine.Past
	// gone is what went back before, by purchase.
	gone map[string][]engine.Returned
}

// line is goods that are to go back; quantity is what is not matched yet.
type line struct {
	sku, name string
	quantity  int64
}

// touched is a purchase of which goods go back.
type touched struct {
	*engine.Past
	before, after []int64 // of its pieces
	later         []*engine.Past
}

func newMatch(e *event.Event, latest bool) *match {
	m := &match{event: e, latest: latest, gone: map[string][]engine.Returned{}}
	for i := range e.Items {
		m.lines = append(m.lines, line{e.Items[i].SKU, e.Items[i].Name, e.Items[i].Quantity})
	}
	return m
}

func (m *match) left() bool {
	return slices.ContainsFunc(m.lines, func(l line) bool { return l.quantity > 0 })
}

// find walks back in time until everything is matched.
func (m *match) find(history engine.History) {
	history(func(p *engine.Past) bool {
		for _, back := range p.Decision.Returned {
			m.gone[back.Purchase] = append(m.gone[back.Purchase], back)
		}
		if p.Event.Type == event.Purchase && !p.Decision.Outcome.Refused() && (m.latest || p.Event.Order == m.event.Order) {
			m.found = true
			m.against(p)
			if !m.latest || !m.left() {
				return false
			}
		}
		m.later = append(m.later, p)
		return true
	})
}

// against lets goods go back against one purchase.
func (m *match) against(p *engine.Past) {
	x := touched{Past: p, before: engine.Pieces(p.Event), later: m.later[:len(m.later):len(m.later)]}
	for _, back := range m.gone[p.Key()] {
		x.before[back.Item] -= back.Quantity
	}
	x.after = slices.Clone(x.before)
	switch {
	case len(p.Event.Items) == 0 && !m.latest:
		m.takeMoney(&x)
	case len(m.lines) == 0:
		m.takeAll(&x)
	default:
		for i := range m.lines {
			m.lines[i].takeOf(&x)
		}
	}
	if !slices.Equal(x.before, x.after) {
		m.touched = append(m.touched, x)
	}
}

// takeMoney takes the return's total of a purchase of which only the total is
// known, or all that remains where the return says no more than the order.
func (m *match) takeMoney(x *touched) {
	back := x.before[0]
	switch {
	case m.event.Total > 0:
		back = m.event.Total
	case len(m.lines) > 0 || m.event.Given&event.GivenTotal != 0:
		m.unclear = true
		return
	}
	if back > x.before[0] {
		return // more than was bought
	}
	x.after[0] -= back
	m.lines = nil
}

// takeAll takes all that remains. Where the return says a smaller sum, it is not
// clear of which goods.
func (m *match) takeAll(x *touched) {
	if m.event.Given&event.GivenTotal != 0 {
		rest := engine.TotalOf(x.Bought(), x.before)
		m.unclear = m.event.Total < rest
		if m.event.Total != rest {
			return
		}
	}
	clear(x.after)
}

func (l *line) takeOf(x *touched) {
	for i := range x.Event.Items {
		item := &x.Event.Items[i]
		if item.SKU != l.sku || (l.sku == "" && item.Name != l.name) {
			continue
		}
		n := min(l.quantity, x.after[i])
		x.after[i] -= n
		l.quantity -= n
	}
}

func (x *touched) nothingLeft() bool {
	return !slices.ContainsFunc(x.after, func(q int64) bool { return q > 0 })
}

// issue is what a rule gave in a wallet for the purchase, and what became of it.
type issue struct {
	rule, wallet ledger.Name
	amount       int64
	lots         []uint32 // in today's numbers
	expired      int64
	// undone and due are what earlier returns found to be undone of it, and what
	// was to be taken back for that.
	undone, due int64
	// traces are those of all its lots, those that are no more included; sent is what
	// of them went to families, and asked what earlier returns asked back of that.
	traces []engine.Trace
	sent   []sent
	asked  int64
}

// sent is what of an award a member sent to a family's account.
type sent struct {
	account ledger.MemberID
	amount  int64
	lots    []engine.SentLot
}

// issues lists what the goods of the purchase brought.
func (x *touched) issues(t *engine.Turn) []issue {
	var out []issue
	then, now := t.Version(x.Decision.Program), t.Book.Postings
	for i := range x.Decision.Postings {
		p := &x.Decision.Postings[i]
		if p.Kind != ledger.Issue || (then != nil && then.Rules[p.Rule].Apart) || t.GiftOf(p.Rule) != nil {
			continue
		}
		one := find(&out, p.Rule, p.Wallet)
		one.amount += p.Amount
		one.traces = append(one.traces, x.Trace(p.Lot))
		if lot := x.Lot(p.Lot); lot != 0 {
			one.lots = append(one.lots, lot)
		}
	}
	for i := range out {
		out[i].follow(x.Past)
		out[i].follow(&engine.Past{Decision: &engine.Decision{Postings: now}})
		out[i].toFamilies(x.Past)
		for _, later := range slices.Backward(x.later) {
			out[i].toFamilies(later)
		}
		for _, later := range x.later {
			out[i].follow(later)
			out[i].settled(later, x.Key())
		}
	}
	return out
}

func find(all *[]issue, rule, wallet ledger.Name) *issue {
	for i := range *all {
		if one := &(*all)[i]; one.rule == rule && one.wallet == wallet {
			return one
		}
	}
	*all = append(*all, issue{rule: rule, wallet: wallet})
	return &(*all)[len(*all)-1]
}

// follow counts what of the lots expired in a decision.
func (x *issue) follow(p *engine.Past) {
	for i := range p.Decision.Postings {
		posting := &p.Decision.Postings[i]
		if posting.Kind == ledger.Expire && posting.Wallet == x.wallet && x.has(p, posting.Lot) {
			x.expired += posting.Amount
		}
	}
}

// toFamilies finds what of the lots a decision sent to a family.
func (x *issue) toFamilies(p *engine.Past) {
	for i := range p.Decision.FollowUps {
		f := &p.Decision.FollowUps[i]
		if f.Type != event.FamilyWord {
			continue
		}
		told, err := engine.OpenTelling(f.Carried)
		if err != nil || told.Matter != engine.FamilyValue {
			continue
		}
		for j := range told.Value.Parts {
			if part := &told.Value.Parts[j]; part.Wallet == x.wallet && part.Lot.FamilyLot == 0 && x.has(p, part.Lot.No) {
				x.send(f.Member, part.Lot.Remaining, engine.SentLot{Member: told.Member, No: part.Lot.No})
			}
		}
	}
}

// has tells whether a lot that a decision names is one of the award's.
func (x *issue) has(p *engine.Past, lot uint32) bool {
	return slices.Contains(x.traces, p.Trace(lot))
}

func (x *issue) send(account ledger.MemberID, amount int64, lot engine.SentLot) {
	i := slices.IndexFunc(x.sent, func(s sent) bool { return s.account == account })
	if i < 0 {
		i = len(x.sent)
		x.sent = append(x.sent, sent{account: account})
	}
	x.sent[i].amount += amount
	x.sent[i].lots = append(x.sent[i].lots, lot)
}

// settled counts what an earlier return of the purchase found.
func (x *issue) settled(p *engine.Past, purchase string) {
	for i := range p.Decision.Steps {
		s := &p.Decision.Steps[i]
		if s.Result == engine.TookBack && s.Rule == x.rule && s.Wallet == x.wallet && s.Read == purchase {
			x.undone += s.Wanted
			x.due += s.Base
		}
		if s.Result == engine.AskedBack && s.Rule == x.rule && s.Wallet == x.wallet && s.Read == purchase {
			x.asked += s.Amount
		}
	}
}
