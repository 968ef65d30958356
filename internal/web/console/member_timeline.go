package console

import (
	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/mechanic/transfer"
	"premia/internal/core/text"
	"premia/internal/journal"
	"premia/internal/web/page"
)

// timelineData is a page of what happened to a member, the newest first.
type timelineData struct {
	memberHead
	Entries []entryView
	// Next is the cursor of older entries; empty if there are none.
	Next string
}

// entryView is an entry of the journal with its reasons.
type entryView struct {
	Title, Icon string
	At          calendar.Instant
	Changes     []changeView
	Outcome     string
	Reasons     []string
	Refused     bool
	// Details are what the event said beside: the order, the store, the reason.
	Details []labelled
	// Undo is the id of the event that can be undone by an adjustment, and Undone tells
	// that it was.
	Undo   string
	Undone bool
}

// changeView is what came to a wallet, or left it.
type changeView struct {
	Points text.Points
	Taken  bool
}

// entriesAtOnce are read of a member's history.
const entriesAtOnce = 20

// timeline shows older entries: the next ones of a page, or a page of their own.
func (c *Console) timeline(r *page.Context) error {
	from, err := app.ParseHistoryCursor(r.R.URL.Query().Get("after"))
	if err != nil {
		return page.ErrNotFound
	}
	head, _, err := c.head(r)
	if err != nil {
		return err
	}
	p := c.app.Program()
	if p == nil {
		return page.ErrNotFound
	}
	d, err := c.entries(r, p, head.ID, from)
	if err != nil {
		return err
	}
	d.memberHead = head
	if r.HTMX() {
		return r.Part("member-timeline", "member-entries", d)
	}
	return r.Page("member-timeline", d)
}

func (c *Console) entries(r *page.Context, p *engine.Program, ref string, from []app.HistoryPlace) (timelineData, error) {
	answers, id, next, err := c.app.History(r.Ctx(), ref, from, entriesAtOnce)
	if err != nil {
		return timelineData{}, err
	}
	d := timelineData{Next: app.HistoryCursor(next)}
	d.ID = id.String()
	d.MayAdjust = r.Visitor.Meets(needAdjust)
	for i := range answers {
		v, err := c.entryView(r, p, &answers[i])
		if err != nil {
			return d, err
		}
		d.Entries = append(d.Entries, v)
	}
	return d, nil
}

func (c *Console) entryView(r *page.Context, p *engine.Program, a *journal.Answer) (v entryView, err error) {
	if then := c.app.Journal.Rules().Timeline.Version(a.Decision.Program); then != nil {
		p = then
	}
	x := c.app.Explain(a, r.Lang)
	v = entryView{
		Title: c.eventTitle(r, p, a.Event), Icon: eventIcon(a.Event.Type), At: a.Decision.At,
		Outcome: x.Outcome, Reasons: append(x.Reasons, x.Movements...), Refused: a.Decision.Outcome.Refused(),
	}
	for i := range p.Wallets {
		w := &p.Wallets[i]
		if sum := a.Decision.Change(w.Name); sum != 0 && w.Gift == nil && w.Currency == "" {
			v.Changes = append(v.Changes, changeView{w.Points(sum), sum < 0})
		}
	}
	if v.Details, err = c.details(r, p, a); err != nil {
		return v, err
	}
	if _, amount := app.Adjusted(a); amount != 0 {
		done, err := c.app.Undone(r.Ctx(), a.Event.ID)
		if err != nil {
			return v, err
		}
		v.Undo, v.Undone = a.Event.ID, done != nil
	}
	return v, nil
}

// details are what an event says beside what became of it.
func (c *Console) details(r *page.Context, p *engine.Program, a *journal.Answer) (all []labelled, err error) {
	e := a.Event
	add := func(id, value string) {
		if value != "" {
			all = append(all, labelled{r.Say("console.entry." + id), value})
		}
	}
	if e.Type == event.Purchase || e.Type == event.Return {
		add("total", r.Say("page.value", "Value", p.Money(e.Total)))
	}
	add("order", e.Order)
	add("store", e.Store)
	add("channel", e.Channel)
	if e.Reward != "" {
		add("reward", app.RewardCalled(p, e.Reward, r.Lang))
	}
	if e.Type == event.Adjustment {
		if w := p.WalletByID(e.Wallet); w != nil {
			add("asked", r.Say("page.value", "Value", w.Points(e.Amount)))
		}
	}
	add("reason", e.Reason)
	add("reference", e.Reference)
	if e.By != "" {
		name, err := c.app.WhoActed(r.Ctx(), e.By)
		if err != nil {
			return nil, err
		}
		add("by", name)
	}
	add("id", e.ID)
	return all, nil
}

// eventTitle is what an event is called: as the program calls its own types, and as the
// console calls the others.
func (c *Console) eventTitle(r *page.Context, p *engine.Program, e *event.Event) string {
	kind := e.Type
	if transfer.OfCard(e) {
		kind += ".card"
	}
	if t := p.EventType(kind); t != nil && !t.Ready {
		return r.Say("page.value", "Value", t.Title)
	}
	if id := "console.event." + kind; c.app.Words.Has(r.Lang, id) {
		return r.Say(id)
	}
	return kind
}

// eventIcon is the picture of an event's type.
func eventIcon(kind string) string {
	switch kind {
	case event.Purchase, event.Checkout, event.Claim:
		return "receipt"
	case event.Return:
		return "receipt-refund"
	case event.Adjustment, event.Approval, event.Rejection:
		return "adjustments"
	case event.Redemption, event.Confirmation, event.Cancellation, event.Refund, event.Fulfilment:
		return "gift"
	case event.Enrolment, event.Profile, event.ProfileCompleted:
		return "user"
	case event.Merge, event.Absorb, event.Absorbed:
		return "git-merge"
	case event.Family, event.FamilyOpen, event.FamilyWord, event.FamilyReturn, event.Referral, event.ReferralBack:
		return "users-group"
	case event.Transfer, event.TransferIn, event.TransferBack:
		return "arrows-exchange"
	case event.Birthday, event.Anniversary:
		return "cake"
	case event.Settle:
		return "clock"
	}
	return "star"
}
