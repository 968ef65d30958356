package portal

import (
	"slices"

	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/mechanic/transfer"
	"premia/internal/core/text"
	"premia/internal/journal"
	"premia/internal/web/page"
)

func (p *Portal) historyRoutes() {
	p.area.Handle("GET /history", page.Member, p.history)
}

// The bounds of a page of the history: entries on one, and how many are read at most to
// find those of a kind.
const (
	entriesAPage = 20
	entriesRead  = 400
)

// historyKinds are the kinds of entries that members ask for; all others stand among all.
var historyKinds = map[string][]string{
	"purchases": {event.Purchase, event.Return, event.Claim},
	"rewards": {
		event.Redemption, event.Confirmation, event.Cancellation, event.Refund, event.Fulfilment, event.Activation, event.Deactivation,
		event.Choice, event.PersonalOffer, event.ContestPrize, event.ContestClaim, event.LeaderboardPrize, event.GiftWithdrawal,
	},
}

// entryView is an entry of the history, with its reasons.
type entryView struct {
	Title   string
	At      calendar.Instant
	Changes []text.Points
	Outcome string
	Reasons []string
	// Note is why somebody of the business gave or took value, in their words.
	Note string
}

// historyData is a page of the history.
type historyData struct {
	Entries []entryView
	// Kind is the kind that is asked for; empty for all.
	Kind string
	// Later tells that it is not the first page, and Next is the cursor of the next one,
	// empty if there is none.
	Later bool
	Next  string
}

// history shows what happened, the newest first. A cursor that leads elsewhere than to
// the member's own entries leads to the beginning.
func (p *Portal) history(c *page.Context) error {
	cursor, kind := c.Form("from"), c.Form("kind")
	from, err := app.ParseHistoryCursor(cursor)
	if err != nil {
		return c.Redirect("/history")
	}
	d := historyData{Later: cursor != ""}
	kinds, some := historyKinds[kind]
	if some {
		d.Kind = kind
	}
	for read := 0; len(d.Entries) < entriesAPage && read < entriesRead; read += entriesAPage {
		var entries []journal.Answer
		entries, _, from, err = p.app.History(c.Ctx(), c.Visitor.Member.String(), from, entriesAPage)
		if err != nil && app.AsProblem(err).Code == app.CodeInvalidParameter {
			return c.Redirect("/history")
		}
		if err != nil {
			return err
		}
		for i := range entries {
			if !some || slices.Contains(kinds, entries[i].Event.Type) {
				v := p.entryView(c, &entries[i])
				if v.Note, err = p.note(c, entries[i].Event); err != nil {
					return err
				}
				d.Entries = append(d.Entries, v)
			}
		}
		if from == nil {
			break
		}
	}
	d.Next = app.HistoryCursor(from)
	return c.Page("history", d)
}

func (p *Portal) entryView(c *page.Context, a *journal.Answer) entryView {
	rules := p.app.Journal.Rules().Timeline.Version(a.Decision.Program)
	if rules == nil {
		rules = p.app.Program()
	}
	x := p.app.Explain(a, c.Lang)
	out := entryView{Title: p.eventName(c, rules, a.Event), At: a.Decision.At, Outcome: x.Outcome}
	out.Reasons = append(slices.Clone(x.Reasons), x.Movements...)
	if ownAct(a.Event.Type) && len(x.Movements) == 0 {
		out.Outcome, out.Reasons = "", nil // that no rule speaks of it is nothing to know
	}
	for i := range rules.Wallets {
		w := &rules.Wallets[i]
		if w.Gift != nil || w.Currency != "" {
			continue
		}
		if sum := a.Decision.Change(w.Name); sum != 0 {
			out.Changes = append(out.Changes, text.Points{Minor: sum, Scale: w.Unit.Scale, Forms: w.Forms})
		}
	}
	return out
}

// note is the reason of an adjustment as whoever made it wrote it, of one that a second
// person decided upon, too; empty for what nobody did by hand.
func (p *Portal) note(c *page.Context, e *event.Event) (string, error) {
	switch e.Type {
	case event.Adjustment:
		return e.Reason, nil
	case event.Approval, event.Rejection:
		about, err := p.app.Event(c.Ctx(), e.About)
		if app.AsProblem(err).Code == app.CodeUnknownEvent {
			return "", nil
		}
		if err != nil {
			return "", err
		}
		return about.Event.Reason, nil
	}
	return "", nil
}

// ownAct tells whether an event keeps what somebody said of themselves, which few rules
// are about.
func ownAct(kind string) bool {
	return kind == event.Profile || kind == event.Enrolment || kind == event.Settle
}

// eventName is what an event is called: as the program calls its own types, and as the
// portal calls the others.
func (p *Portal) eventName(c *page.Context, rules *engine.Program, e *event.Event) string {
	if t := rules.EventType(e.Type); t != nil && !t.Ready {
		return c.Say("page.value", "Value", t.Title)
	}
	if transfer.OfCard(e) {
		return c.Say("portal.event.transfer_in.card")
	}
	for _, id := range []string{"portal.event." + e.Type + "." + e.Status, "portal.event." + e.Type} {
		if p.app.Words.Has(c.Lang, id) {
			return c.Say(id)
		}
	}
	return c.Say("portal.event")
}
