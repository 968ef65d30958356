package app

import (
	"context"
	"slices"
	"strings"

	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/member"
	"premia/internal/core/mechanic/reward"
	"premia/internal/journal"
	"premia/internal/store"
)

// steps adds what rules, rewards and ladders came to.
func (s *adding) steps(d *engine.Decision) {
	gave := map[ledger.Name]bool{}
	counted := false
	for i := range d.Steps {
		x := &d.Steps[i]
		switch x.Result {
		case engine.Gave:
			if !gave[x.Rule] {
				gave[x.Rule] = true
				s.add(FigureTimes, x.Rule, d.At, 1)
			}
			if x.Wallet != 0 {
				s.add(figureGave+s.rules.Names.Name(x.Wallet), x.Rule, d.At, x.Amount)
			}
			if s.isGift(x.Wallet) {
				s.add(FigureGiven, x.Wallet, d.At, x.Amount)
			}
		case engine.GiftTaken:
			s.add(FigureGiftTaken, x.Wallet, d.At, x.Amount)
		case engine.Redeemed, engine.Restored:
			// One reward, perhaps paid from several wallets.
			if figure := FigureRedeemed; !counted {
				if x.Result == engine.Restored {
					figure = FigureRefunded
				}
				s.add(figure, x.Rule, d.At, max(x.Times, 1))
			}
			counted = true
		case engine.LevelReached, engine.LevelLost:
			s.level(x)
		}
	}
}

// rulesDid adds what rules did with purchases and offers: what the purchases cost, what was
// taken off their prices, and who was given, activated, gave up or used an offer.
func (s *adding) rulesDid(x *journal.Answer) {
	e, d := x.Event, x.Decision
	if d.Outcome.Refused() {
		return
	}
	did := map[ledger.Name]bool{}
	total := e.Total
	for i := range d.Discounts {
		one := &d.Discounts[i]
		total -= one.Amount
		s.add(FigureReduced, one.Rule, d.At, one.Amount)
		if !did[one.Rule] {
			did[one.Rule] = true
			s.add(FigureTimes, one.Rule, d.At, 1)
		}
	}
	for i := range d.Steps {
		step := &d.Steps[i]
		o := store.OfferMember{Offer: step.Rule, Member: x.Member, Changed: d.Clock}
		switch step.Result {
		case engine.Gave:
			did[step.Rule] = true
			continue
		case engine.OfferGiven:
			o.Given = d.At
			s.add(FigureOfferGiven, step.Rule, d.At, 1)
		case engine.Activated:
			o.Activated = d.At
			s.add(FigureOfferActivated, step.Rule, d.At, 1)
		case engine.GivenUp:
			o.GivenUp = d.At
			s.add(FigureOfferGivenUp, step.Rule, d.At, 1)
		default:
			continue
		}
		s.offers = append(s.offers, o)
	}
	if e.Type != event.Purchase {
		return
	}
	for rule := range did {
		s.add(FigureBought, rule, d.At, total)
		if x.Member != 0 && strings.HasPrefix(s.rules.Names.Name(rule), offerKind) {
			s.offers = append(s.offers, store.OfferMember{Offer: rule, Member: x.Member, Uses: 1, Used: d.At, Changed: d.Clock})
		}
	}
}

// isGift tells whether what a name stands for is a reward rather than a wallet.
func (s *adding) isGift(wallet ledger.Name) bool {
	return wallet != 0 && strings.HasPrefix(s.rules.Names.Name(wallet), reward.Kind+".")
}

// level adds a change from one level to another.
func (s *adding) level(x *engine.Step) {
	at := calendar.Instant(x.Base)
	if x.By != 0 {
		s.add(FigureLevel, x.By, at, 1)
	}
	before := x.Read
	if !strings.Contains(before, ".") {
		_, ladder, _ := strings.Cut(s.rules.Names.Name(x.Rule), ".")
		before = "level." + ladder + "." + before
	}
	if no, known := s.rules.Names.Find(before); known {
		s.add(FigureLevel, no, at, -1)
	}
}

// redemptions lists what was taken or given, and where that stands.
func (s *adding) redemptions(x *journal.Answer) {
	e, d := x.Event, x.Decision
	for _, g := range s.app.Gifts(x.Member, d) {
		s.taken = append(s.taken, store.Taken{Redemption: g.Redemption, Member: x.Member, Reward: g.Reward, Quantity: g.Quantity, State: s.final(d, g.Reward), At: d.At, Until: calendar.Never, Changed: d.Clock})
	}
	later := store.Taken{Redemption: e.Redemption, Until: calendar.Never, Changed: d.Clock}
	switch {
	case d.Outcome == engine.WaitsForGiftCard:
		later.State = ledger.Returning.String()
	case d.Outcome != engine.Applied:
		return
	case took(e, d):
		r := s.app.Taken(x)
		t := store.Taken{Redemption: r.ID, Member: r.Member, Reward: r.Reward, Quantity: r.Quantity, State: r.Status, At: r.At, Until: calendar.Never, Changed: d.Clock}
		if e.Hold {
			t.Until = r.Until
		}
		s.taken = append(s.taken, t)
		return
	case e.Type == event.Confirmation:
		later.State = s.final(d, rewardOfSteps(d))
	case e.Type == event.Cancellation:
		later.State = "cancelled"
	case e.Type == event.Refund, e.Type == event.GiftCardAnswer:
		later.State = "refunded"
	case e.Type == event.Fulfilment:
		later.State = e.Status
	default:
		return
	}
	if later.Redemption != "" {
		s.taken = append(s.taken, later)
	}
}

// final gives where a reward stands once it is the member's for good.
func (s *adding) final(d *engine.Decision, name ledger.Name) string {
	if p := s.rules.Timeline.Version(d.Program); p != nil {
		for _, r := range reward.Rewards(p) {
			if r.Name == name && r.HandsOver() {
				return ledger.Ordered.String()
			}
		}
	}
	return ledger.HandedOver.String()
}

func rewardOfSteps(d *engine.Decision) ledger.Name {
	for i := range d.Steps {
		if d.Steps[i].Result == engine.Redeemed {
			return d.Steps[i].Rule
		}
	}
	return 0
}

// membership counts who joined and who left.
func (s *adding) membership(ctx context.Context, entry *store.Entry, x *journal.Answer) error {
	e, d := x.Event, x.Decision
	switch {
	case e.Type == event.Enrolment && !d.Outcome.Refused():
		again, err := s.before(ctx, entry, func(x *journal.Answer) (bool, bool) {
			return true, x.Event.Type == event.Enrolment && !x.Decision.Outcome.Refused()
		})
		if err != nil || again {
			return err
		}
		s.add(FigureMembers, 0, d.At, 1)
	case e.Type == event.Merge && d.Outcome == engine.Applied:
		return s.member(ctx, entry, x, -1)
	case (e.Type == event.Absorb || e.Type == event.Absorbed) && d.Outcome == engine.Applied:
		// A member who was merged and takes something in is a member again.
		merged, err := s.before(ctx, entry, func(x *journal.Answer) (bool, bool) {
			switch x.Event.Type {
			case event.Merge:
				return x.Decision.Outcome != engine.Applied, x.Decision.Outcome == engine.Applied
			case event.Absorb, event.Absorbed:
				return x.Decision.Outcome != engine.Applied, false
			}
			return true, false
		})
		if err != nil || !merged {
			return err
		}
		return s.member(ctx, entry, x, 1)
	case e.Type == event.Profile && erases(e):
		return s.member(ctx, entry, x, -1)
	}
	return nil
}

// member counts a member who is one no more, or again, by -1 or 1; with them goes, or comes
// back, the day on which they were active last.
func (s *adding) member(ctx context.Context, entry *store.Entry, x *journal.Answer, by int64) error {
	s.add(FigureMembers, 0, x.Decision.At, by)
	last, ok, err := s.lastActed(ctx, entry, x.Member)
	if ok {
		s.sums[figureKey{FigureActive, 0, last}] += by
	}
	return err
}

// lastActed gives the last day on which a member was active before an entry, if ever.
func (s *adding) lastActed(ctx context.Context, entry *store.Entry, id ledger.MemberID) (day int64, ok bool, err error) {
	if day, ok = s.acted[id]; ok {
		return day, true, nil
	}
	ok, err = s.before(ctx, entry, func(x *journal.Answer) (bool, bool) {
		if !s.acts(x) {
			return true, false
		}
		day = dayNumber(x.Decision.Clock, s.zoneOf(x.Decision))
		return false, true
	})
	return day, ok, err
}

func erases(e *event.Event) bool {
	return slices.ContainsFunc(e.Data, func(d event.Datum) bool { return d.Name == member.Erased && d.Whole != 0 })
}

// before goes back through a member's entries until look does not want to go on, and
// gives what it found last.
func (s *adding) before(ctx context.Context, entry *store.Entry, look func(*journal.Answer) (more, found bool)) (bool, error) {
	for at := *entry; at.Prev != 0; {
		previous, err := s.read(ctx, store.Position{Shard: at.Shard, Seq: at.Prev})
		if err != nil {
			return false, err
		}
		x, err := s.app.Journal.Read(&previous)
		if err != nil {
			return false, err
		}
		if more, found := look(&x); found || !more {
			return found, nil
		}
		at = previous
	}
	return false, nil
}

// read gives an entry, from the page if it is there.
func (s *adding) read(ctx context.Context, at store.Position) (store.Entry, error) {
	if first := s.page[0].Seq; at.Seq >= first {
		return s.page[at.Seq-first], nil
	}
	return s.app.Store.Entry(ctx, at)
}

// acts tells whether an entry is something that a member did.
func (s *adding) acts(x *journal.Answer) bool {
	switch {
	case x.Member == 0, x.Decision.Outcome.Refused(), x.Decision.Outcome == engine.RecordedAsGuest:
		return false
	}
	switch x.Event.Type {
	case event.Purchase, event.Return, event.Redemption, event.Claim, event.Enrolment:
		return true
	}
	p := s.rules.Timeline.Version(s.rules.Newest)
	return slices.ContainsFunc(p.Types, func(t engine.EventType) bool { return t.ID == x.Event.Type })
}

// activity moves the member to the day on which it was active last. The clock by which
// a member's events are decided never goes back, so that the days don't either.
func (s *adding) activity(ctx context.Context, entry *store.Entry, x *journal.Answer) error {
	if !s.acts(x) {
		return nil
	}
	last, ok, err := s.lastActed(ctx, entry, x.Member)
	if err != nil {
		return err
	}
	day := dayNumber(x.Decision.Clock, s.zone)
	if s.acted[x.Member] = day; ok {
		if last == day {
			return nil
		}
		s.sums[figureKey{FigureActive, 0, last}]--
	}
	s.sums[figureKey{FigureActive, 0, day}]++
	s.sums[figureKey{FigureActiveThatDay, 0, day}]++
	return nil
}
