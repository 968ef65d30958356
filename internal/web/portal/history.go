package portal

import (
	"slices"
	"strconv"

	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/ledger"
	"premia/internal/core/text"
	"premia/internal/journal"
	"premia/internal/web/page"
)

func (p *Portal) historyRoutes() {
	p.area.Handle("GET /history", page.Member, p.history)
}

// The bounds of the history's pages: entries on one, and how many pages there are at
// most. Older entries are in the member's data, which can be downloaded.
const (
	entriesAPage = 20
	mostPages    = 50
)

// entryView is an entry of the history, with its reasons.
type entryView struct {
	Title   string
	At      calendar.Instant
	Changes []text.Points
	Outcome string
	Reasons []string
}

// historyData is a page of the history; Next is the number of the next one, 0 if there
// is none.
type historyData struct {
	Entries []entryView
	Page    int
	Next    int
}

// history shows what happened, the newest first. It is read from its beginning each
// time, so that an address can name no place in somebody else's.
func (p *Portal) history(c *page.Context) error {
	d := historyData{Page: 1}
	if n, err := strconv.Atoi(c.Form("page")); err == nil && n > 1 && n <= mostPages {
		d.Page = n
	}
	var from []app.HistoryPlace
	var entries []journal.Answer
	for range d.Page {
		var err error
		if entries, _, from, err = p.app.History(c.Ctx(), c.Visitor.Member.String(), from, entriesAPage); err != nil {
			return err
		}
		if from == nil {
			break
		}
	}
	if from != nil && d.Page < mostPages {
		d.Next = d.Page + 1
	}
	for i := range entries {
		d.Entries = append(d.Entries, p.entryView(c, &entries[i]))
	}
	return c.Page("history", d)
}

func (p *Portal) entryView(c *page.Context, a *journal.Answer) entryView {
	rules := p.app.Journal.Rules().Timeline.Version(a.Decision.Program)
	if rules == nil {
		rules = p.app.Program()
	}
	x := p.app.Explain(a, c.Lang)
	out := entryView{Title: p.eventName(c, rules, a.Event.Type), At: a.Decision.At, Outcome: x.Outcome}
	out.Reasons = append(slices.Clone(x.Reasons), x.Movements...)
	for i := range rules.Wallets {
		w := &rules.Wallets[i]
		if w.Gift != nil || w.Currency != "" {
			continue
		}
		if sum := changeOf(a.Decision, w.Name); sum != 0 {
			out.Changes = append(out.Changes, text.Points{Minor: sum, Scale: w.Unit.Scale, Forms: w.Forms})
		}
	}
	return out
}

// changeOf is what a decision brought to a member in a wallet, less what it took.
func changeOf(d *engine.Decision, wallet ledger.Name) (sum int64) {
	for i := range d.Postings {
		posting := &d.Postings[i]
		if posting.Wallet != wallet {
			continue
		}
		if members(posting.To) {
			sum += posting.Amount
		}
		if members(posting.From) {
			sum -= posting.Amount
		}
	}
	return sum
}

// members tells whether what is on an account is a member's.
func members(a ledger.Account) bool {
	return a == ledger.Pending || a == ledger.Available || a == ledger.Held || a == ledger.Debt
}

// eventName is what an event is called: as the program calls its own types, and as the
// portal calls the others.
func (p *Portal) eventName(c *page.Context, rules *engine.Program, kind string) string {
	if t := rules.EventType(kind); t != nil && !t.Ready {
		return c.Say("page.value", "Value", t.Title)
	}
	if id := "portal.event." + kind; p.app.Words.Has(c.Lang, id) {
		return c.Say(id)
	}
	return c.Say("portal.event")
}
