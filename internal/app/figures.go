package app

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/journal"
	"premia/internal/store"
)

// FiguresName names the cursors of the figures.
const FiguresName = "figures"

// The figures of a day that are not about value. Those about value are named by the
// account whose balance they change, such as "account.spent", and are about a wallet.
const (
	FigureMembers       = "members"        // who joined, less who was merged or erased
	FigureActive        = "active"         // who is a member now and was active on that day last
	FigureActiveThatDay = "active_day"     // members who were active on that day
	FigurePurchases     = "purchases"      // members' purchases
	FigurePurchaseTotal = "purchase_total" // what they cost, in minor units of the currency
	FigureReturns       = "returns"
	FigureGuests        = "guest_purchases"
	FigureGuestTotal    = "guest_total"
	FigureLevel         = "level"    // members who have a level, but for the lowest
	FigureRedeemed      = "redeemed" // rewards that became final
	FigureRefunded      = "refunded"
	FigureGiven         = "given" // rewards that rules gave
	FigureGiftTaken     = "gift_taken"
	FigureTimes         = "times" // decisions in which a rule gave something, or took off a price

	// What rules came to, by rule. What they gave of a wallet is named by it, such as
	// "gave.wallet.points".
	FigureBought         = "rule_total"    // what the purchases cost in which the rule did something
	FigureReduced        = "rule_discount" // what it took off prices
	FigureOfferGiven     = "offer_given"
	FigureOfferActivated = "offer_activated"
	FigureOfferGivenUp   = "offer_given_up"
)

// figureGave begins the names of the figures of what rules gave.
const figureGave = "gave."

// accountFigures name the figures of value.
var accountFigures = [...]string{
	ledger.Issuer: "account.issuer", ledger.Pending: "account.pending", ledger.Available: "account.available",
	ledger.Held: "account.held", ledger.Debt: "account.debt", ledger.Expired: "account.expired",
	ledger.Spent: "account.spent", ledger.Withdrawn: "account.withdrawn", ledger.Transit: "account.transit",
}

// figuresPage is how many entries are added up in one transaction.
const figuresPage = 1000

// CatchUpFigures adds up what the journal got since the last time, and gives how many
// entries that were. Each entry is added once, however many servers do it.
func (a *App) CatchUpFigures(ctx context.Context) (int, error) {
	if a.Journal.Rules().Newest == 0 {
		return 0, nil
	}
	cursors, err := a.Store.Cursors(ctx, FiguresName)
	if err != nil {
		return 0, err
	}
	done := 0
	for _, shard := range a.Store.Shards() {
		for after := cursors[shard]; ; {
			page, err := a.Store.Scan(ctx, shard, after, figuresPage, 0)
			if err != nil {
				return done, err
			}
			if len(page) == 0 {
				break
			}
			last := page[len(page)-1].Seq
			err = a.addFigures(ctx, page, store.Cursor{Subscriber: FiguresName, Shard: shard, Seq: last}, after)
			if errors.Is(err, store.ErrCursorMoved) {
				break // another server does this shard
			}
			if err != nil {
				return done, err
			}
			done, after = done+len(page), last
			if len(page) < figuresPage {
				break
			}
		}
	}
	return done, nil
}

func (a *App) addFigures(ctx context.Context, page []store.Entry, to store.Cursor, before int64) error {
	s := adding{app: a, rules: a.Journal.Rules(), sums: map[figureKey]int64{}, page: page, acted: map[ledger.MemberID]int64{}}
	for i := range page {
		if err := s.entry(ctx, &page[i]); err != nil {
			return err
		}
	}
	var figures []store.Figure
	for key, amount := range s.sums {
		if amount != 0 {
			figures = append(figures, store.Figure{Name: key.name, About: key.about, Day: key.day, Amount: amount})
		}
	}
	// One order on all servers, so that none waits for another in a circle.
	slices.SortFunc(figures, func(x, y store.Figure) int {
		return cmp.Or(cmp.Compare(x.Name, y.Name), cmp.Compare(x.About, y.About), cmp.Compare(x.Day, y.Day))
	})
	slices.SortStableFunc(s.taken, func(x, y store.Taken) int { return cmp.Compare(x.Redemption, y.Redemption) })
	slices.SortStableFunc(s.offers, func(x, y store.OfferMember) int {
		return cmp.Or(cmp.Compare(x.Offer, y.Offer), cmp.Compare(x.Member, y.Member))
	})
	return a.Store.AddFigures(ctx, to, before, figures, s.taken, s.offers)
}

type figureKey struct {
	name  string
	about ledger.Name
	day   int64
}

// adding is the adding up of one page of the journal.
type adding struct {
	app   *App
	rules *journal.Rules
	sums  map[figureKey]int64
	taken []store.Taken
	// offers are what became of members' offers.
	offers []store.OfferMember
	page   []store.Entry
	// acted has the last day on which members were active who are in the page.
	acted map[ledger.MemberID]int64
	zone  *time.Location
}

func (s *adding) add(name string, about ledger.Name, at calendar.Instant, amount int64) {
	s.sums[figureKey{name, about, dayNumber(at, s.zone)}] += amount
}

// dayNumber counts the days from 1970-01-01 to an instant's, in a zone.
func dayNumber(at calendar.Instant, zone *time.Location) int64 {
	y, m, d := at.In(zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / (24 * 60 * 60)
}

// entry adds one entry.
func (s *adding) entry(ctx context.Context, entry *store.Entry) error {
	if entry.Kind == journal.KindPublish {
		return nil
	}
	x, err := s.app.Journal.Read(entry)
	if err != nil {
		return err
	}
	s.zone = s.zoneOf(x.Decision)
	s.value(x.Decision)
	s.sales(x.Event, x.Decision)
	s.steps(x.Decision)
	s.redemptions(&x)
	s.rulesDid(&x)
	if err := s.membership(ctx, entry, &x); err != nil {
		return err
	}
	return s.activity(ctx, entry, &x)
}

// zoneOf gives the zone of the program by which a decision was made.
func (s *adding) zoneOf(d *engine.Decision) *time.Location {
	if p := s.rules.Timeline.Version(d.Program); p != nil {
		return p.Zone
	}
	return s.rules.Timeline.Version(s.rules.Newest).Zone
}

// value adds the movements between accounts.
func (s *adding) value(d *engine.Decision) {
	for i := range d.Postings {
		p := &d.Postings[i]
		s.add(accountFigures[p.From], p.Wallet, p.At, -p.Amount)
		s.add(accountFigures[p.To], p.Wallet, p.At, p.Amount)
	}
}

// sales adds purchases and returns.
func (s *adding) sales(e *event.Event, d *engine.Decision) {
	guest, total := d.Outcome == engine.RecordedAsGuest, e.Total
	for _, x := range d.Discounts {
		total -= x.Amount
	}
	switch {
	case d.Outcome.Refused():
	case e.Type == event.Purchase && guest:
		s.add(FigureGuests, 0, d.At, 1)
		s.add(FigureGuestTotal, 0, d.At, total)
	case e.Type == event.Purchase:
		s.add(FigurePurchases, 0, d.At, 1)
		s.add(FigurePurchaseTotal, 0, d.At, total)
	case e.Type == event.Return && !guest && d.Outcome != engine.WaitsForPurchase:
		s.add(FigureReturns, 0, d.At, 1)
	}
}
