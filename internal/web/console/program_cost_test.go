package console

import (
	"testing"
	"time"

	"premia/internal/core/fit"
	"premia/internal/core/text"
)

// TestMonthly spreads amounts over months, to the nearest minor unit on both sides of zero.
func TestMonthly(t *testing.T) {
	for _, one := range []struct{ minor, days, want int64 }{
		{36_500, 365, 3000}, {100, 60, 50}, {101, 60, 51}, {-101, 60, -51}, {1, 90, 0}, {-1, 90, 0}, {0, 30, 0}, {7, 30, 7},
	} {
		w := &costWording{of: &Comparison{}, days: one.days}
		if got := w.monthly(text.Money{Minor: one.minor, Scale: 2}); got.Minor != one.want || got.Scale != 2 {
			t.Errorf("%d in %d days is %+v a month", one.minor, one.days, got)
		}
	}
}

// TestByMonth says a difference for a month only where it goes on and the past is long.
func TestByMonth(t *testing.T) {
	for _, one := range []struct {
		days   int64
		trials []fit.Trial
		want   bool
	}{{365, nil, true}, {shortPast, nil, true}, {shortPast - 1, nil, false}, {365, []fit.Trial{{ForGood: true}}, true}, {365, []fit.Trial{{ForGood: true}, {}}, false}} {
		w := &costWording{of: &Comparison{Trials: one.trials}, days: one.days}
		if w.byMonth() != one.want {
			t.Errorf("%d days with %+v: %v", one.days, one.trials, w.byMonth())
		}
	}
}

// TestShare is exact to a tenth of a percent.
func TestShare(t *testing.T) {
	at := func(minor int64) text.Money { return text.Money{Minor: minor, Scale: 2} }
	for _, one := range []struct {
		cost, bought int64
		want         text.Percent
	}{{5, 100, "5.0"}, {1, 3, "33.3"}, {2, 3, "66.7"}, {1, 0, "0"}, {0, 10, "0.0"}} {
		got, err := share(&Outlay{Rewards: at(one.cost), Purchases: at(one.bought)})
		if err != nil || got != one.want {
			t.Errorf("%d of %d is %s, %v", one.cost, one.bought, got, err)
		}
	}
}

func TestDrawnAndSign(t *testing.T) {
	if drawn(text.Money{Minor: 1250, Scale: 2}) != 12.5 || drawn(text.Money{Minor: 7}) != 7 {
		t.Error("a chart draws other amounts")
	}
	if d := dateOf(0, time.UTC); d != (text.Date{Year: 1970, Month: 1, Day: 1}) || !utc(d).Equal(time.Unix(0, 0)) {
		t.Errorf("the first day is %+v", d)
	}
}
