package webhook_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/channel/webhook"
	"premia/internal/core/calendar"
	"premia/internal/core/event"
	"premia/internal/outbound"
	"premia/internal/store"
	"premia/internal/testkit"
	"premia/internal/testkit/postgres"
)

const document = `
program: Test
currency: PLN
timezone: Europe/Warsaw
languages: [en]
enrolment: {unknown: enrol}
wallets:
  points: {name: points, expires: 12mo, debt: carry}
tiers:
  status: {name: Status, by: spend, period: calendar year, levels: [{id: bronze, name: Bronze}, {id: gold, name: Gold, from: 500.00}]}
earn:
  - {id: spend, give: {points: 1, per: 1.00}}
rewards:
  - {id: espresso, name: an espresso, kind: free product, sku: ESP, price: {points: 10}, hold: 15m, refund: {within: 2d}, fulfilment: collect}
`

// shop is a workspace with several servers, whose time is the test's.
type shop struct {
	t     testing.TB
	of    []*app.App
	clock *testkit.Clock
	next  int
}

func onEach(t *testing.T, servers int, test func(t *testing.T, x *shop)) {
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, newShop(t, "sqlite:"+filepath.Join(t.TempDir(), "premia.db"), servers))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, newShop(t, postgres.New(t), servers))
	})
}

func newShop(t testing.TB, url string, servers int) *shop {
	t.Helper()
	x := &shop{t: t, clock: testkit.NewClock(time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC))}
	for n := range servers {
		a, err := app.Open(t.Context(), app.Config{DB: url, Migrate: n == 0, Clock: x.clock.Now})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := a.Close(); err != nil {
				t.Error(err)
			}
		})
		x.of = append(x.of, a)
	}
	if _, err := x.of[0].Publish(t.Context(), []byte(document), calendar.None, ""); err != nil {
		t.Fatal(err)
	}
	return x
}

// buy has a member buy for so much, and gives the order's number.
func (x *shop) buy(member string, total int64) string {
	x.t.Helper()
	x.next++
	order := fmt.Sprintf("o-%d", x.next)
	e := &event.Event{ID: order, Type: event.Purchase, Order: order, Member: member, Total: total, Given: event.GivenTotal}
	if _, err := x.of[0].Record(x.t.Context(), e); err != nil {
		x.t.Fatal(err)
	}
	return order
}

// sender makes a sender of a server.
func (x *shop) sender(n int) *webhook.Sender { return x.senderAfter(n, 0) }

// senderAfter makes a sender that takes over after so long.
func (x *shop) senderAfter(n int, takeOver time.Duration) *webhook.Sender {
	x.t.Helper()
	p, err := outbound.ParsePolicy([]string{"127.0.0.0/8", "::1"})
	if err != nil {
		x.t.Fatal(err)
	}
	c := outbound.New(p)
	x.t.Cleanup(c.Close)
	return webhook.New(x.of[n], webhook.Options{Client: c, Clock: x.clock.Now, TakeOver: takeOver})
}

func (x *shop) step(s *webhook.Sender) int {
	x.t.Helper()
	n, err := s.Step(x.t.Context())
	if err != nil {
		x.t.Fatal(err)
	}
	return n
}

// receiver is somebody else's server.
type receiver struct {
	t   testing.TB
	url string

	mu      sync.Mutex
	secrets []string
	// heard are the messages in the order of their arrival, taken ones and others.
	heard []heard
	// answer gives the status of the answer; 200 where it is nil.
	answer func(m *app.WebhookMessage) int
	// extra are headers of the answer.
	extra map[string]string
}

type heard struct {
	app.WebhookMessage
	at     time.Time
	status int
	header http.Header
}

func newReceiver(t testing.TB) *receiver {
	r := &receiver{t: t}
	s := httptest.NewServer(http.HandlerFunc(r.serve))
	t.Cleanup(s.Close)
	r.url = s.URL + "/hooks"
	return r
}

// serve checks each message with the library of Standard Webhooks.
func (r *receiver) serve(w http.ResponseWriter, q *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	body, err := io.ReadAll(q.Body)
	if err != nil {
		return // the sender went away
	}
	if q.Method != http.MethodPost || q.Header.Get("Content-Type") != "application/json" {
		r.t.Errorf("%s %s", q.Method, q.Header.Get("Content-Type"))
	}
	verified := false
	for _, secret := range r.secrets {
		wh, err := standardwebhooks.NewWebhook(secret)
		if err != nil {
			r.t.Error(err)
			continue
		}
		verified = verified || wh.VerifyIgnoringTimestamp(body, q.Header) == nil
	}
	if !verified {
		r.t.Errorf("the signature of %s is not right", body)
	}
	seconds, err := strconv.ParseInt(q.Header.Get("webhook-timestamp"), 10, 64)
	if err != nil {
		r.t.Error(err)
	}
	h := heard{at: time.Unix(seconds, 0), status: http.StatusOK, header: q.Header.Clone()}
	if err := json.Unmarshal(body, &h.WebhookMessage); err != nil || h.ID != q.Header.Get("webhook-id") {
		r.t.Errorf("%s: %v", body, err)
	}
	if r.answer != nil {
		h.status = r.answer(&h.WebhookMessage)
	}
	r.heard = append(r.heard, h)
	for name, value := range r.extra {
		w.Header().Set(name, value)
	}
	w.WriteHeader(h.status)
}

// set has the receiver answer otherwise.
func (r *receiver) set(answer func(m *app.WebhookMessage) int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = answer
}

func always(status int) func(*app.WebhookMessage) int {
	return func(*app.WebhookMessage) int { return status }
}

// taken gives the messages that it took, each once, in the order of the first time; of
// one type if that is named.
func (r *receiver) taken(kind string) (out []heard) {
	r.mu.Lock()
	defer r.mu.Unlock()
	known := map[string]bool{}
	for _, h := range r.heard {
		if h.status == http.StatusOK && !known[h.ID] {
			known[h.ID] = true
			if kind == "" || h.Type == kind {
				out = append(out, h)
			}
		}
	}
	return out
}

func orders(all []heard) (out []string) {
	for _, h := range all {
		out = append(out, h.Data.Order)
	}
	return out
}

// ctx is that of a command on the machine.
func (x *shop) ctx() context.Context { return app.WithActor(x.t.Context(), auth.System("test")) }

// endpoint makes the receiver known.
func (x *shop) endpoint(r *receiver, types ...string) app.Webhook {
	x.t.Helper()
	w, secret, err := x.of[0].CreateWebhook(x.ctx(), app.NewWebhook{URL: r.url, Types: types})
	if err != nil {
		x.t.Fatal(err)
	}
	r.secrets = append(r.secrets, secret)
	return w
}

func (x *shop) webhook(id string) app.Webhook {
	x.t.Helper()
	w, err := x.of[0].Webhook(x.ctx(), id)
	if err != nil {
		x.t.Fatal(err)
	}
	return w
}

// What happens is told once, signed, with what it came to.
func TestWebhooks(t *testing.T) {
	t.Parallel()
	onEach(t, 1, func(t *testing.T, x *shop) {
		r, s := newReceiver(t), x.sender(0)
		x.buy("card:1", 10_00) // before the receiver is known
		w := x.endpoint(r)
		x.buy("card:1", 600_00)
		redeem := &event.Event{ID: "r-1", Type: event.Redemption, Member: "card:1", Reward: "espresso"}
		if _, err := x.of[0].Record(t.Context(), redeem); err != nil {
			t.Fatal(err)
		}
		if n := x.step(s); n != len(r.taken("")) {
			t.Errorf("%d were taken, the receiver says %d", n, len(r.taken("")))
		}
		var types []string
		for _, h := range r.taken("") {
			types = append(types, h.Type)
			if !h.at.Equal(x.clock.Now()) || h.Timestamp != "2026-03-01T09:00:00Z" {
				t.Errorf("%s was sent at %s: %s", h.Type, h.at, h.Timestamp)
			}
		}
		if want := []string{"purchase.decided", "points.earned", "tier.changed", "points.spent", "redemption.completed"}; !slices.Equal(types, want) {
			t.Errorf("told %v", types)
		}
		got, err := json.MarshalIndent(messagesOf(r.taken("")), "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		testkit.Golden(t, "messages.json", append(got, '\n'))
		if n := x.step(s); n != 0 {
			t.Errorf("%d are sent again", n)
		}
		if w = x.webhook(w.ID); w.Failing() || w.LastSuccess != calendar.Of(x.clock.Now()) {
			t.Errorf("the endpoint: %+v", w)
		}
	})
}

// messagesOf leaves out what differs from run to run.
func messagesOf(all []heard) (out []app.WebhookMessage) {
	for _, h := range all {
		h.ID, h.Data.Member = "", "mem_1"
		out = append(out, h.WebhookMessage)
	}
	return out
}

// A receiver that is down for an hour gets all that happened, in order, and not many
// more requests than it has to; another receiver gets everything at once.
func TestDownForAnHour(t *testing.T) {
	t.Parallel()
	onEach(t, 1, func(t *testing.T, x *shop) {
		down, up, s := newReceiver(t), newReceiver(t), x.sender(0)
		failing, other := x.endpoint(down, "purchase.decided"), x.endpoint(up, "purchase.decided")
		down.set(always(http.StatusBadGateway))
		var sent []string
		for minute := range 60 {
			sent = append(sent, x.buy(fmt.Sprintf("card:%d", minute%7), 10_00))
			x.step(s)
			x.step(s)
			x.clock.Advance(time.Minute)
		}
		if got := orders(up.taken("")); !slices.Equal(got, sent) {
			t.Errorf("the other receiver got %v", got)
		}
		if x.webhook(other.ID).Failing() || !x.webhook(failing.ID).Failing() {
			t.Error("the wrong endpoint is failing")
		}
		if n := len(down.heard); n < 10 || n > 40 {
			t.Errorf("the receiver that was down was asked %d times", n)
		}
		down.set(nil)
		x.clock.Advance(5 * time.Minute)
		x.step(s)
		got := orders(down.taken(""))
		slices.SortFunc(got, byNumber)
		if !slices.Equal(got, sent) {
			t.Errorf("after an hour: %d of %d", len(got), len(sent))
		}
		x.inOrder(down)
		if x.webhook(failing.ID).Failing() {
			t.Error("the endpoint is failing still")
		}
	})
}

func byNumber(a, b string) int {
	number := func(s string) int { n, _ := strconv.Atoi(strings.TrimPrefix(s, "o-")); return n }
	return number(a) - number(b)
}

// inOrder checks that each member's messages came first in the order of the purchases.
func (x *shop) inOrder(r *receiver) {
	x.t.Helper()
	last := map[string]string{}
	for _, h := range r.taken("purchase.decided") {
		if before := last[h.Data.Member]; before != "" && byNumber(before, h.Data.Order) > 0 {
			x.t.Fatalf("%s came after %s, of %s", h.Data.Order, before, h.Data.Member)
		}
		last[h.Data.Member] = h.Data.Order
	}
}

// A message that a receiver does not take holds up its own member, and in the end,
// since others get through, is given up.
func TestOneMessageThatIsNotTaken(t *testing.T) {
	t.Parallel()
	onEach(t, 1, func(t *testing.T, x *shop) {
		r, s := newReceiver(t), x.sender(0)
		w := x.endpoint(r, "purchase.decided")
		bad := x.buy("card:1", 10_00)
		r.set(func(m *app.WebhookMessage) int {
			if m.Data.Order == bad {
				return http.StatusInternalServerError
			}
			return http.StatusOK
		})
		behind, others := x.buy("card:1", 10_00), 0
		for range 80 {
			x.buy("card:2", 10_00)
			others++
			x.step(s)
			x.clock.Advance(time.Hour)
		}
		got := r.taken("")
		if len(got) != others+1 || got[len(got)-1].Data.Order == bad || !slices.Contains(orders(got), behind) {
			t.Errorf("%d were taken of %d, and %s: %v", len(got), others, behind, slices.Contains(orders(got), behind))
		}
		x.inOrder(r)
		given, err := x.of[0].Deliveries(x.ctx(), w.ID, 0, store.DeliveryGivenUp, 10)
		if err != nil || len(given) != 1 || given[0].Status != 500 || given[0].Attempts < 70 {
			t.Fatalf("given up: %+v %v", given, err)
		}
		// Somebody mends the receiver and has it sent once more.
		r.set(nil)
		if _, err := x.of[0].Resend(x.ctx(), given[0].ID); err != nil {
			t.Fatal(err)
		}
		x.step(s)
		if got := r.taken(""); got[len(got)-1].Data.Order != bad || got[len(got)-1].ID != given[0].Message {
			t.Errorf("sent once more: %+v", got[len(got)-1])
		}
		d, err := x.of[0].Store.Delivery(t.Context(), given[0].ID)
		if err != nil || d.State != store.DeliveryDone || d.Queued {
			t.Errorf("the delivery: %+v %v", d, err)
		}
	})
}

// An endpoint that takes nothing for days is disabled; once it is let go on, nothing is
// missing. One that says that it is gone is disabled at once.
func TestDisabled(t *testing.T) {
	t.Parallel()
	onEach(t, 1, func(t *testing.T, x *shop) {
		r, s := newReceiver(t), x.sender(0)
		w := x.endpoint(r, "purchase.decided")
		r.set(always(http.StatusServiceUnavailable))
		sent := []string{x.buy("card:1", 10_00)}
		for range 5*24 + 1 {
			x.step(s)
			x.clock.Advance(time.Hour)
		}
		if w = x.webhook(w.ID); w.State != store.EndpointDisabled || w.Reason == "" {
			t.Fatalf("after five days: %+v", w)
		}
		asked := len(r.heard)
		sent = append(sent, x.buy("card:1", 10_00), x.buy("card:2", 10_00))
		if x.step(s); len(r.heard) != asked {
			t.Error("a disabled endpoint is asked")
		}
		r.set(nil)
		on := false
		if _, err := x.of[0].ChangeWebhook(x.ctx(), w.ID, app.WebhookChange{Paused: &on}); err != nil {
			t.Fatal(err)
		}
		x.step(s)
		got := orders(r.taken(""))
		slices.SortFunc(got, byNumber)
		if !slices.Equal(got, sent) {
			t.Errorf("after it was let go on: %v of %v", got, sent)
		}
		r.set(always(http.StatusGone))
		x.buy("card:1", 10_00)
		if x.step(s); x.webhook(w.ID).State != store.EndpointDisabled {
			t.Error("an endpoint that is gone is not disabled")
		}
	})
}

// A receiver that is busy says in seconds or by a date how long it wants to be left alone;
// its own clock tells what the date is worth.
func TestBusy(t *testing.T) {
	t.Parallel()
	x := newShop(t, "sqlite:"+filepath.Join(t.TempDir(), "premia.db"), 1)
	r, s := newReceiver(t), x.sender(0)
	w := x.endpoint(r, "purchase.decided")
	r.set(always(http.StatusServiceUnavailable))
	x.buy("card:1", 10_00)
	at := func(d time.Duration) string { return x.clock.Now().Add(d).UTC().Format(http.TimeFormat) }
	for _, c := range []struct {
		retry, date string
		wait        time.Duration
	}{
		{retry: "1800", date: at(0), wait: 30 * time.Minute},
		{retry: at(40 * time.Minute), date: at(20 * time.Minute), wait: 20 * time.Minute},
		{retry: at(48 * time.Hour), date: at(0), wait: time.Hour},
	} {
		r.extra = map[string]string{"Retry-After": c.retry, "Date": c.date}
		asked, now := len(r.heard), calendar.Of(x.clock.Now())
		x.step(s)
		d, err := x.of[0].Deliveries(x.ctx(), w.ID, 0, 0, 1)
		if err != nil || len(d) != 1 || len(r.heard) != asked+1 {
			t.Fatalf("%+v %v, asked %d times", d, err, len(r.heard)-asked)
		}
		if wait := time.Duration(d[0].Next-now) * time.Microsecond; wait < c.wait || wait > c.wait+time.Second {
			t.Errorf("Retry-After: %s is a wait of %s", c.retry, wait)
		}
		x.clock.Advance(2 * time.Hour)
	}
}

// A paused endpoint is sent nothing, and later what happened meanwhile.
func TestPaused(t *testing.T) {
	t.Parallel()
	x := newShop(t, "sqlite:"+filepath.Join(t.TempDir(), "premia.db"), 1)
	r, s := newReceiver(t), x.sender(0)
	w := x.endpoint(r, "purchase.decided")
	for _, paused := range []bool{true, false} {
		if _, err := x.of[0].ChangeWebhook(x.ctx(), w.ID, app.WebhookChange{Paused: &paused}); err != nil {
			t.Fatal(err)
		}
		x.buy("card:1", 10_00)
		if n, want := x.step(s), map[bool]int{true: 0, false: 2}[paused]; n != want {
			t.Errorf("paused %v: %d were taken", paused, n)
		}
	}
}

// Both secrets sign while they overlap, the new one alone afterwards.
func TestRotation(t *testing.T) {
	t.Parallel()
	onEach(t, 1, func(t *testing.T, x *shop) {
		old, s := newReceiver(t), x.sender(0)
		w := x.endpoint(old, "purchase.decided")
		_, secret, err := x.of[0].RotateWebhook(x.ctx(), w.ID, time.Hour)
		if err != nil || secret == old.secrets[0] {
			t.Fatal(err)
		}
		send := func(want int) {
			t.Helper()
			x.buy("card:1", 10_00)
			x.step(s)
			last := old.heard[len(old.heard)-1]
			if got := len(strings.Fields(last.header.Get("webhook-signature"))); got != want {
				t.Errorf("%d signatures, expected %d", got, want)
			}
		}
		send(2) // the receiver has the old one still
		x.clock.Advance(time.Hour)
		old.secrets = []string{secret}
		send(1)
		row, err := x.of[0].Store.Endpoint(t.Context(), w.ID)
		if err != nil || strings.Contains(string(row.Secret), secret) || len(row.Secret) < 32+16 {
			t.Errorf("the secret is kept as %x: %v", row.Secret, err)
		}
	})
}

// A message that tries the receiver, one that is sent once more, and all since a
// moment: the ids stay the same.
func TestAgain(t *testing.T) {
	t.Parallel()
	onEach(t, 1, func(t *testing.T, x *shop) {
		ctx, a := x.ctx(), x.of[0]
		r, s := newReceiver(t), x.sender(0)
		w := x.endpoint(r, "purchase.decided")
		tried, err := a.TestWebhook(ctx, w.ID, "once")
		again, err2 := a.TestWebhook(ctx, w.ID, "once")
		if err != nil || err2 != nil || tried.ID != again.ID {
			t.Fatalf("%+v %+v %v %v", tried, again, err, err2)
		}
		if n := x.step(s); n != 1 || r.heard[0].Type != app.TestType {
			t.Fatalf("%d were taken: %+v", n, r.heard)
		}
		var at []time.Time
		for range 5 {
			at = append(at, x.clock.Advance(time.Hour))
			x.buy("card:1", 10_00)
			x.buy("card:2", 10_00)
			x.step(s)
		}
		log, err := a.Deliveries(ctx, w.ID, 0, store.DeliveryDone, 3)
		if err != nil || len(log) != 3 {
			t.Fatalf("%+v %v", log, err)
		}
		before := r.heard
		if _, err := a.Resend(ctx, log[2].ID); err != nil {
			t.Fatal(err)
		}
		if _, err := a.Resend(ctx, log[2].ID); app.AsProblem(err).Code != app.CodeDeliveryUnderWay {
			t.Errorf("once more while it is under way: %v", err)
		}
		if n := x.step(s); n != 1 || r.heard[len(r.heard)-1].ID != log[2].Message {
			t.Errorf("%d were sent once more", n)
		}
		x.clock.Advance(time.Hour)
		if _, err := a.ReplayWebhook(ctx, w.ID, calendar.Of(at[3])); err != nil {
			t.Fatal(err)
		}
		if n := x.step(s); n != 4 {
			t.Errorf("%d were sent since the fourth hour", n)
		}
		if got := len(r.taken("")); got != len(before) {
			t.Errorf("there are %d messages where there were %d", got, len(before))
		}
		if n := x.step(s); n != 0 {
			t.Errorf("%d are sent again and again", n)
		}
	})
}

// The log forgets what ended long ago.
func TestRetention(t *testing.T) {
	t.Parallel()
	x := newShop(t, "sqlite:"+filepath.Join(t.TempDir(), "premia.db"), 1)
	r, s := newReceiver(t), x.sender(0)
	w := x.endpoint(r, "purchase.decided")
	x.buy("card:1", 10_00)
	x.step(s)
	count := func() int {
		all, err := x.of[0].Deliveries(x.ctx(), w.ID, 0, 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		return len(all)
	}
	x.clock.Advance(29 * 24 * time.Hour)
	if x.step(s); count() != 1 {
		t.Errorf("after 29 days: %d", count())
	}
	x.clock.Advance(48 * time.Hour)
	if x.step(s); count() != 0 {
		t.Errorf("after 31 days: %d", count())
	}
	if err := x.of[0].RemoveWebhook(x.ctx(), w.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := x.of[0].Webhook(x.ctx(), w.ID); app.AsProblem(err).Code != app.CodeUnknownEndpoint {
		t.Errorf("removed: %v", err)
	}
	if _, err := s.Step(context.Background()); err != nil {
		t.Error(err)
	}
}
