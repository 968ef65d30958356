package till_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"premia/internal/testkit/browser"
)

// TestBrokenConnections breaks the connection before and after the server has it.
func TestBrokenConnections(t *testing.T) {
	t.Parallel()
	f := open(t)
	id := f.member("+48600100200", "Zofia")
	tab := f.tab(1024)
	f.setUp(tab)
	tab.Expect("net::ERR_")
	for n, how := range []string{"after", "before"} {
		f.breaksOff(tab, "20", how)
		tab.Read("It was booked, once.")
		if all := f.purchases(id); len(all) != n+1 {
			t.Fatalf("broken off %s: %d purchases, not %d", how, len(all), n+1)
		}
		tab.Click("[data-when=booked] a[data-to]")
		tab.Read("The purchase is booked")
	}

	// Booked, and then no answer comes at all; a reload asks on.
	f.breaksOff(tab, "21", "after, away")
	tab.Read("It is not yet known whether it was booked.")
	tab.Go("/till")
	tab.Read("It is not yet known whether it was booked.")
	f.breaks.Store("")
	tab.Read("It was booked, once.")

	// Not booked, no answer, and the page was left: it is said, and nothing is sent
	// until the cashier says so.
	f.breaksOff(tab, "22", "away")
	tab.Read("It is not yet known whether it was booked.")
	tab.Go("/till")
	tab.Read("It is not yet known whether it was booked.")
	f.breaks.Store("")
	tab.Read("It was not booked.")
	if all := f.purchases(id); len(all) != 3 {
		t.Fatalf("%d purchases, not 3", len(all))
	}
	tab.Click("[data-booking=send]")
	tab.Read("It was booked, once.")
	if all := f.purchases(id); len(all) != 4 || all[0].Event.Total != 2200 {
		t.Fatalf("%d purchases, not 4", len(all))
	}
	tab.Clean()
}

// breaksOff books an amount for the member at the counter by a connection that breaks off
// in a way.
func (f *fixture) breaksOff(tab *browser.Tab, amount, how string) {
	f.t.Helper()
	f.find(tab, "600100200")
	f.check(tab, amount)
	f.breaks.Store(how)
	tab.Click("form[action$='/book'] button")
}

// arrive lets what was held on its way arrive at last, and gives the answers.
func (f *fixture) arrive() []string {
	f.t.Helper()
	var answers []string
	for len(f.held) > 0 {
		w := httptest.NewRecorder()
		f.site.ServeHTTP(w, <-f.held)
		answers = append(answers, w.Body.String())
	}
	return answers
}

// TestLeaving gives up what is still on its way, which then can't arrive any more, and
// what had arrived, which is said.
func TestLeaving(t *testing.T) {
	t.Parallel()
	f := open(t)
	id := f.member("+48600100200", "Zofia")
	tab := f.tab(820)
	f.setUp(tab)
	tab.Expect("net::ERR_")
	tab.Expect("409")
	f.breaksOff(tab, "20", "hold")
	tab.Read("It is not yet known whether it was booked.")
	tab.Click("[data-when=unknown] [data-booking=leave]")
	tab.Read("It is left. Nothing was booked.")
	f.breaks.Store("")
	answers := f.arrive()
	if len(answers) == 0 || !strings.Contains(answers[0], `"state":"left"`) {
		t.Errorf("it arrived late and was answered %q", answers)
	}
	if all := f.purchases(id); len(all) != 0 {
		t.Fatalf("%d purchases were booked that were left", len(all))
	}
	f.audited("event.withdrawn", f.cashier, 1)
	tab.Click("[data-when=left] a[data-to]")
	// The member can buy after all: the page has another id.
	f.check(tab, "20")
	tab.Click("form[action$='/book'] button")
	tab.Read("The purchase is booked")

	// It was booked, and the cashier leaves it while the connection is away, and reloads.
	f.breaksOff(tab, "21", "after, away")
	tab.Read("It is not yet known whether it was booked.")
	tab.Click("[data-when=unknown] [data-booking=leave]")
	tab.Read("It is being left.")
	tab.Go("/till")
	tab.Read("It is being left.")
	f.breaks.Store("")
	tab.Read("It was booked already.")
	if all := f.purchases(id); len(all) != 2 || all[0].Event.Total != 2100 {
		t.Fatalf("%d purchases, not 2", len(all))
	}
	tab.Click("[data-when=late] a[data-undo]")
	tab.Click("button[value=whole]")
	tab.Click("form[action$='/book'] button")
	tab.Read("The return is booked")
	if all := f.purchases(id); !all[0].Gone() || !all[1].Whole() {
		t.Error("undoing took back another purchase")
	}
	tab.Clean()
}
