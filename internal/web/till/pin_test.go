package till_test

import (
	"testing"
	"time"

	"premia/internal/auth"
	"premia/internal/store"
	"premia/internal/testkit/browser"
)

// unlock types the PIN on a locked till.
func (f *fixture) unlock(tab *browser.Tab, typed string) {
	f.t.Helper()
	tab.Fill("#pin", typed)
	tab.Click("form[action='/till/unlock'] .btn-primary")
}

// audited expects so many rows of the audit trail of an action by somebody.
func (f *fixture) audited(action, actor string, want int) {
	f.t.Helper()
	rows, _, err := f.app.AuditPage(system(), store.AuditFilter{Action: action, Actor: actor}, 50)
	if err != nil {
		f.t.Fatal(err)
	}
	if len(rows) != want {
		f.t.Errorf("%s by %s stands %d times in the audit trail, not %d", action, actor, len(rows), want)
	}
}

func TestPINs(t *testing.T) {
	t.Parallel()
	f := open(t)
	tab := f.tab(1024)
	f.setUp(tab)
	tab.Click("form[action='/till/lock'] button")
	tab.Expect("422")
	tab.Expect("429")
	for i := range 5 {
		f.unlock(tab, []string{"2581", "9999", "0", "2580x", "258"}[i])
		tab.Read("This is not the PIN.")
		tab.Go("/till/unlock")
	}
	// Now even the right one has to wait.
	f.unlock(tab, pin)
	tab.Read("too many attempts")
	f.clock.Advance(time.Minute)
	tab.Go("/till/unlock")
	f.unlock(tab, pin)
	tab.See("#q")
	// Another cashier takes over, and stands where the first one was.
	ola := f.user("ola@example.com", "Ola", auth.Cashier)
	if err := f.app.SetPIN(system(), ola, "7391"); err != nil {
		t.Fatal(err)
	}
	tab.Go("/till/members/" + f.member("+48600100200", "Zofia") + "/purchase")
	tab.Click("form[action='/till/lock'] button")
	tab.Click("input[value=" + ola + "]")
	tab.Type("7391") // the PIN has the focus
	tab.Press("Enter")
	tab.See("#amount")
	f.audited("till.unlocked", ola, 1)
	// After five minutes without use it locks itself, and shows nothing that was there; its
	// cashier comes back to it by the PIN alone.
	f.clock.Advance(6 * time.Minute)
	browser.Script[string](tab, `document.body.dataset.idle = "1"`)
	tab.See("#pin")
	if !browser.Script[bool](tab, `document.querySelector("input[value=`+ola+`]").checked`) {
		t.Error("who was at the till is not chosen")
	}
	f.unlock(tab, "7391")
	tab.See("#amount")
	f.clock.Advance(6 * time.Minute)
	tab.Go("/till")
	tab.See("#pin")
	// A manager closes it from the console; it is no till any more.
	tills, err := f.app.Tills(system())
	if err != nil || len(tills) != 1 || tills[0].Store != "WAW-1" {
		t.Fatalf("tills: %+v (%v)", tills, err)
	}
	if err := f.app.CloseTill(system(), tills[0].ID); err != nil {
		t.Fatal(err)
	}
	tab.Go("/till")
	tab.See("#password")
	f.audited("till.unlocked", f.cashier, 1)
	tab.Clean()
}
