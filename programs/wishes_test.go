package programs_test

import (
	"context"
	"io"
	"os"
	"slices"
	"testing"
	"time"

	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/program"
	"premia/internal/insight/simulate"
	"premia/internal/insight/year"
	"premia/programs"
)

// happenings are a source of events in memory.
type happenings struct{ left []*event.Event }

func (h *happenings) Next(context.Context) (simulate.Entry, error) {
	if len(h.left) == 0 {
		return simulate.Entry{}, io.EOF
	}
	e := h.left[0]
	h.left = h.left[1:]
	return simulate.Entry{Event: e}, nil
}

// given is what members are given of a wallet over a history.
func given(t *testing.T, src []byte, wallet string, h *simulate.History) int64 {
	t.Helper()
	doc, err := program.Load("program", src, engine.NewNames())
	if err != nil {
		t.Fatal(err)
	}
	r, err := simulate.Run(t.Context(), simulate.Under(doc.Program), h, simulate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range r.Report.Wallets {
		if w := &r.Report.Wallets[i]; w.Wallet == wallet {
			return w.Issued.Minor
		}
	}
	return 0
}

// sold is what happened in a shop of the program until the end of a weekend, on which
// somebody bought something: of its made-up year, where it has one.
func sold(t *testing.T, name string, p *engine.Program) (h *simulate.History, saturday time.Time) {
	t.Helper()
	saturday = time.Date(2026, time.September, 5, 10, 0, 0, 0, p.Zone)
	at := calendar.Of(saturday)
	events := []*event.Event{
		{ID: "anna", Type: event.Enrolment, Member: "card:1", At: at - calendar.Day},
		{ID: "A1", Type: event.Purchase, Member: "card:1", At: at, Total: 50_00, Given: event.GivenTotal},
	}
	if _, err := os.Stat(name + "/" + year.PlanFile); err == nil {
		made, err := year.Make(os.DirFS(name), p, 1)
		if err != nil {
			t.Fatal(err)
		}
		saturday = made.Events[0].At.In(p.Zone).AddDate(0, 1, 0)
		saturday = saturday.AddDate(0, 0, (int(time.Saturday)-int(saturday.Weekday())+7)%7)
		end := calendar.End(calendar.Of(saturday.AddDate(0, 0, 1)), calendar.ByDay, p.Zone)
		events = slices.DeleteFunc(made.Events, func(e *event.Event) bool { return e.At >= end })
	}
	h, err := simulate.Load(t.Context(), &happenings{events}, event.Scales{Currency: p.Currency.Scale})
	if err != nil {
		t.Fatal(err)
	}
	return h, saturday
}

// TestWishesGiveMore wishes for more on a weekend in each ready program, as its page of
// wishes offers it, and lets a shop sell on that weekend: double points of what purchases
// earn, and a present for a purchase where there is nothing to double, both give more than
// without. What can't be doubled is refused.
func TestWishesGiveMore(t *testing.T) {
	for _, name := range programs.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			src, _ := programs.Document(name)
			doc, err := program.Load("program", src, engine.NewNames())
			if err != nil {
				t.Fatal(err)
			}
			h, saturday := sold(t, name, doc.Program)
			doubled := map[string]bool{}
			for _, w := range app.Doubled(doc.Program) {
				doubled[w.ID] = true
			}
			for i := range doc.Program.Wallets {
				if w := &doc.Program.Wallets[i]; w.Currency == "" && w.Gift == nil {
					wish := app.Wish{
						Kind: app.WishDouble, Names: map[string]string{"en": "More", "pl": "Więcej", "cs": "Víc", "ru": "Больше"}, Factor: "2", Amount: "1",
						On: "purchase", From: saturday.Format(time.DateOnly), Until: saturday.AddDate(0, 0, 1).Format(time.DateOnly), Wallet: w.ID,
					}
					givesMore(t, src, wish, doubled, h)
				}
			}
		})
	}
}

// givesMore wishes for a wallet to be doubled, and for a present where a program has none
// that can be.
func givesMore(t *testing.T, src []byte, wish app.Wish, doubled map[string]bool, h *simulate.History) {
	t.Helper()
	wished, err := new(app.App).Fulfil(src, wish)
	if (err == nil) != doubled[wish.Wallet] {
		t.Errorf("doubling %s: %v", wish.Wallet, err)
	}
	if len(doubled) == 0 {
		wish.Kind = app.WishBonus
		if wished, err = new(app.App).Fulfil(src, wish); err != nil {
			t.Errorf("a present of %s: %v", wish.Wallet, err)
		}
	}
	if err != nil {
		return
	}
	if was, is := given(t, src, wish.Wallet, h), given(t, wished, wish.Wallet, h); is <= was {
		t.Errorf("%s: %d were given, and %d with more of it on the weekend of %s", wish.Wallet, was, is, wish.From)
	}
}
