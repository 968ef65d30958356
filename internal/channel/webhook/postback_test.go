package webhook_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/core/event"
	"premia/internal/journal"
	"premia/internal/store"
)

const advertising = `
program: Ambassadors
currency: PLN
timezone: Europe/Warsaw
languages: [en]
enrolment: {unknown: enrol}
wallets:
  points: {name: points, expires: 12mo, debt: carry}
  commission: {name: commission, scale: 2, debt: carry}
returns: {}
ambassadors:
  window: 30d
  to: https://shop.example/welcome?click={click}
  commissions:
    - {id: sale, give: {commission: 10%}}
`

// network is an ambassador's own server.
type network struct {
	url string

	mu     sync.Mutex
	status int
	calls  []string // method, path, and the values in the order of their names
}

func newNetwork(t testing.TB) *network {
	n := &network{status: http.StatusOK}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n.mu.Lock()
		defer n.mu.Unlock()
		if n.status == http.StatusOK {
			n.calls = append(n.calls, r.Method+" "+r.URL.EscapedPath()+" "+r.URL.Query().Encode())
		}
		w.WriteHeader(n.status)
	}))
	t.Cleanup(s.Close)
	n.url = s.URL
	return n
}

func (n *network) answer(status int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.status = status
}

// carry lets all that is on its way arrive.
func (x *shop) carry() {
	x.t.Helper()
	for range 3 {
		for _, s := range []journal.Subscriber{journal.FollowUps{Journal: x.of[0].Journal}, app.PersonalMoves{App: x.of[0]}, app.Postbacks{App: x.of[0]}} {
			if _, err := x.of[0].Journal.Deliver(x.t.Context(), s); err != nil {
				x.t.Fatal(err)
			}
		}
	}
}

func (x *shop) record(e *event.Event) {
	x.t.Helper()
	if _, err := x.of[0].Record(x.t.Context(), e); err != nil {
		x.t.Fatal(err)
	}
	x.carry()
}

// ambassador makes card:1 an ambassador, and gives a click on their link.
func (x *shop) ambassador(subs ...string) string {
	x.t.Helper()
	ctx, a, yes := x.t.Context(), x.of[0], true
	if _, err := a.Publish(ctx, []byte(advertising), calendar.None, ""); err != nil {
		x.t.Fatal(err)
	}
	x.clock.Advance(time.Second)
	x.record(&event.Event{Type: event.Purchase, Member: "card:1", Total: 1_00, Given: event.GivenTotal})
	if _, err := a.Change(ctx, "card:1", app.Change{Ambassador: &yes}); err != nil {
		x.t.Fatal(err)
	}
	who, err := a.Ambassador(ctx, "card:1", calendar.ByMonth, 1)
	if err != nil {
		x.t.Fatal(err)
	}
	return x.click(who.Code, subs...)
}

func (x *shop) click(code string, subs ...string) string {
	x.t.Helper()
	to, err := x.of[0].FollowLink(x.t.Context(), code, subs)
	if err != nil {
		x.t.Fatal(err)
	}
	u, err := url.Parse(to)
	if err != nil {
		x.t.Fatal(err)
	}
	return u.Query().Get("click")
}

// An ambassador's address is called when a purchase is credited, when some of its goods
// go back and when all do; also after it was down; and what it is told sums up.
func TestPostbacks(t *testing.T) {
	t.Parallel()
	onEach(t, 1, func(t *testing.T, x *shop) {
		n, s := newNetwork(t), x.sender(0)
		click := x.ambassador("blog", "", "a b&c/d")
		address := n.url + "/pb/{sub3}?click={click_id}&s1={sub1}&s2={sub2}&sum={commission}&in={wallet}&state={status}&of={total}&fixed=1"
		if _, err := x.of[0].SetPostback(t.Context(), "card:1", address, http.MethodGet); err != nil {
			t.Fatal(err)
		}
		items := []event.Item{{SKU: "a", Total: 30_00, GivenTotal: true, Quantity: 1000}, {SKU: "b", Total: 70_00, GivenTotal: true, Quantity: 1000}}
		x.record(&event.Event{ID: "p", Type: event.Purchase, Order: "A", Member: "card:2", Items: items, Click: click})
		x.step(s)
		n.answer(http.StatusInternalServerError)
		x.record(&event.Event{ID: "r1", Type: event.Return, Order: "A", Items: items[:1]})
		for range 60 {
			x.step(s)
			x.clock.Advance(time.Minute)
		}
		x.record(&event.Event{ID: "r2", Type: event.Return, Order: "A", Items: items[1:]})
		n.answer(http.StatusOK)
		x.clock.Advance(5 * time.Minute)
		x.step(s)
		of := func(sum, state, total string) string {
			return "GET /pb/a%20b&c%2Fd click=" + click + "&fixed=1&in=commission&of=" + total + "&s1=blog&s2=&state=" + state + "&sum=" + sum
		}
		want := []string{of("10.00", "credited", "100.00"), of("-3.00", "changed", "-30.00"), of("-7.00", "taken_back", "-70.00")}
		if !slices.Equal(n.calls, want) {
			t.Errorf("called\n%s\nexpected\n%s", strings.Join(n.calls, "\n"), strings.Join(want, "\n"))
		}
		if x.step(s); len(n.calls) != 3 {
			t.Errorf("called again: %v", n.calls)
		}
		if p, err := x.of[0].Postback(t.Context(), "card:1"); err != nil || p.State != store.EndpointActive || p.FailingSince != calendar.None {
			t.Errorf("the postback: %+v %v", p, err)
		}
	})
}

// The postback of an ambassador who is merged is told what the remaining member gets.
func TestPostbackAfterMerge(t *testing.T) {
	t.Parallel()
	onEach(t, 1, func(t *testing.T, x *shop) {
		n, s := newNetwork(t), x.sender(0)
		click := x.ambassador()
		if _, err := x.of[0].SetPostback(t.Context(), "card:1", n.url+"/?state={status}&sum={commission}", http.MethodPost); err != nil {
			t.Fatal(err)
		}
		x.record(&event.Event{Type: event.Purchase, Member: "card:3", Total: 1_00, Given: event.GivenTotal})
		x.record(&event.Event{ID: "before", Type: event.Purchase, Order: "A", Member: "card:2", Total: 50_00, Given: event.GivenTotal, Click: click})
		if _, err := x.of[0].Merge(t.Context(), "merge", "card:1", "card:3"); err != nil {
			t.Fatal(err)
		}
		x.carry()
		x.record(&event.Event{ID: "after", Type: event.Purchase, Order: "B", Member: "card:4", Total: 20_00, Given: event.GivenTotal, Click: click})
		x.step(s)
		if want := []string{"POST / state=credited&sum=5.00", "POST / state=credited&sum=2.00"}; !slices.Equal(n.calls, want) {
			t.Errorf("called %v", n.calls)
		}
		if p, err := x.of[0].Postback(t.Context(), "card:3"); err != nil || p.Method != http.MethodPost {
			t.Errorf("the remaining member's: %+v %v", p, err)
		}
	})
}

// An address that could lead elsewhere, or has places that nothing fills, is refused.
func TestBadPostbacks(t *testing.T) {
	t.Parallel()
	x := newShop(t, "sqlite:"+t.TempDir()+"/premia.db", 1)
	x.ambassador()
	for _, address := range []string{
		"https://{sub1}.example/", "https://{sub1}/", "https://{sub1}?x=1", "{sub1}", "https://a.example/?x={email}", "https://a.example/?x={}", "ftp://a.example/{sub1}", "https://u:p@a.example/{sub1}", "https://a.example:{sub1}/",
	} {
		if _, err := x.of[0].SetPostback(t.Context(), "card:1", address, http.MethodGet); app.AsProblem(err).Code != app.CodeInvalidAddress {
			t.Errorf("%s: %v", address, err)
		}
	}
	if _, err := x.of[0].Postback(t.Context(), "card:1"); app.AsProblem(err).Code != app.CodeUnknownPostback {
		t.Errorf("there is one: %v", err)
	}
}
