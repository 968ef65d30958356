package history_test

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/insight/history"
	"premia/internal/insight/report"
	"premia/internal/journal"
	"premia/internal/store"
	"premia/internal/testkit/postgres"
)

// TestFiguresAreTheReports lets random things happen, adds them up bit by bit, and finds
// in the figures of the console what the report says, which reads the whole journal.
func TestFiguresAreTheReports(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(t *testing.T) string{
		"sqlite":   func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "premia.db") },
		"postgres": func(t *testing.T) string { return postgres.New(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, open(t), 11)
			for n := range 220 {
				w.step()
				if n%13 == 0 {
					w.figures()
				}
				if n%23 == 22 && len(w.cards) > 2 {
					w.erase()
				}
			}
			w.clock.Advance(3 * time.Hour)
			w.settle()
			w.figures()
			if n, err := w.CatchUpFigures(t.Context()); n != 0 || err != nil {
				t.Fatalf("there is always something to add: %d (%v)", n, err)
			}
			w.sameAsReport()
		})
	}
}

func (w *world) figures() {
	w.t.Helper()
	if _, err := w.CatchUpFigures(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

// settle lets time pass for everybody, and all follow-ups arrive.
func (w *world) settle() {
	w.t.Helper()
	for range 5 {
		if _, err := w.Journal.Sweep(w.t.Context()); err != nil {
			w.t.Fatal(err)
		}
		if _, err := w.Journal.Deliver(w.t.Context(), journal.FollowUps{Journal: w.Journal}); err != nil {
			w.t.Fatal(err)
		}
	}
}

func (w *world) sameAsReport() {
	w.t.Helper()
	g, err := w.MakeGlance(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	r, err := history.Report(w.t.Context(), w.Store, history.Options{AsOf: w.Journal.Now(), KnownAt: calendar.Never})
	if err != nil {
		w.t.Fatal(err)
	}
	same := func(what string, got, want int64) {
		w.t.Helper()
		if got != want {
			w.t.Errorf("%s: the figures say %d, the report %d", what, got, want)
		}
	}
	same("members", g.Members, r.Members)
	totals, err := w.Store.FigureTotals(w.t.Context(), g.Today)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, x := range totals {
		switch x.Name {
		case app.FigurePurchases:
			same("purchases", x.Amount, r.Purchases)
		case app.FigurePurchaseTotal:
			same("their total", x.Amount, r.PurchaseTotal.Minor)
		case app.FigureReturns:
			same("returns", x.Amount, r.Returns)
		case app.FigureGuests:
			same("guests' purchases", x.Amount, r.GuestPurchases)
		case app.FigureGuestTotal:
			same("their total", x.Amount, r.GuestTotal.Minor)
		}
	}
	if r.Members == 0 || r.Purchases == 0 || g.Active == 0 {
		w.t.Errorf("nothing happened: %d members, %d purchases, %d active", r.Members, r.Purchases, g.Active)
	}
	for i := range g.Wallets {
		x := &g.Wallets[i]
		at := slices.IndexFunc(r.Wallets, func(w report.Wallet) bool { return w.Wallet == x.ID })
		y := &r.Wallets[at]
		same(x.ID+" issued", x.Issued, y.Issued.Minor)
		same(x.ID+" spent", x.Spent, y.Spent.Minor)
		same(x.ID+" expired", x.Expired, y.Expired.Minor)
		same(x.ID+" outstanding", x.Outstanding, y.Outstanding.Minor)
		if x.HasWorth {
			same(x.ID+" liability", x.Liability, y.Liability.Minor)
		}
	}
	for i, l := range g.Ladders {
		for level, members := range l.Members {
			same("level "+l.Levels[level].ID, members, r.Tiers[i].Levels[level].Members)
		}
	}
	for _, y := range r.Rewards {
		no, _ := w.Journal.Rules().Names.Find(y.Reward)
		same(y.Reward+" redeemed", g.Rewards[no].Redeemed, y.Redeemed)
		same(y.Reward+" refunded", g.Rewards[no].Refunded, y.Refunded)
		same(y.Reward+" given", g.Rewards[no].Given, y.Given)
	}
	w.sameRedemptions()
	w.spendable(g)
	w.activeOnce(g)
}

// spendable adds up what each could still spend who is there, from their states: that is
// outstanding, and nobody else has anything.
func (w *world) spendable(g *app.Glance) {
	w.t.Helper()
	sums, erased := map[ledger.Name]int64{}, 0
	for _, shard := range w.Store.Shards() {
		err := w.Store.EachMember(w.t.Context(), shard, func(m store.Member) error {
			var s ledger.State
			if err := ledger.DecodeState(m.State, &s); err != nil {
				return err
			}
			if s.Status == ledger.Erased {
				erased++
				return nil
			}
			for i := range s.Wallets {
				b := s.BalanceOf(s.Wallets[i].Name)
				sums[s.Wallets[i].Name] += b.Pending + b.Available + b.Held
			}
			return nil
		})
		if err != nil {
			w.t.Fatal(err)
		}
	}
	for i := range g.Wallets {
		if x := &g.Wallets[i]; sums[x.Name] != x.Outstanding || x.Issued == 0 {
			w.t.Errorf("the figures say that %d of %s are outstanding of %d, and members have %d", x.Outstanding, x.ID, x.Issued, sums[x.Name])
		}
	}
	if erased == 0 {
		w.t.Error("nobody was erased")
	}
}

// sameRedemptions compares the list of redemptions with what each member's history says.
func (w *world) sameRedemptions() {
	w.t.Helper()
	listed, err := w.Store.Taken(w.t.Context(), store.TakenFilter{Before: calendar.Never}, 1000)
	if err != nil {
		w.t.Fatal(err)
	}
	if len(listed) == 0 {
		w.t.Error("nobody took anything")
	}
	for _, x := range listed {
		y, err := w.Redemption(w.t.Context(), x.Redemption)
		if err != nil {
			w.t.Errorf("%s: %v", x.Redemption, err)
			continue
		}
		if x.State != y.Status || x.Reward != y.Reward || x.Quantity != y.Quantity {
			w.t.Errorf("%s is listed as %+v, and is %+v", x.Redemption, x, y)
		}
	}
}

// activeOnce counts the active members again, from all entries.
func (w *world) activeOnce(g *app.Glance) {
	w.t.Helper()
	last := map[ledger.MemberID]int64{}
	for _, shard := range w.Store.Shards() {
		entries, err := w.Store.Scan(w.t.Context(), shard, 0, 10_000, 0)
		if err != nil {
			w.t.Fatal(err)
		}
		for i := range entries {
			if entries[i].Kind == journal.KindPublish {
				continue
			}
			x, err := w.Journal.Read(&entries[i])
			if err != nil {
				w.t.Fatal(err)
			}
			switch x.Event.Type {
			case event.Purchase, event.Return, event.Redemption, event.Claim, event.Enrolment:
				if x.Member != 0 && !x.Decision.Outcome.Refused() && x.Decision.Outcome != engine.RecordedAsGuest {
					y, m, d := x.Decision.Clock.In(g.Program.Zone).Date()
					last[x.Member] = time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86_400
				}
			}
		}
	}
	active := int64(0)
	for id, day := range last {
		row, err := w.Store.Member(w.t.Context(), id)
		if err != nil {
			w.t.Fatal(err)
		}
		if s := ledger.Status(row.Status); day > g.Today-app.ActiveWithin && (s == ledger.Active || s == ledger.Blocked) {
			active++
		}
	}
	if g.Active > g.Members {
		w.t.Errorf("%d of %d members are active", g.Active, g.Members)
	}
	if g.Active != active {
		w.t.Errorf("the figures say that %d are active, and %d are", g.Active, active)
	}
}
