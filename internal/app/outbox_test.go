package app_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/store"
)

// by sends everything by e-mail through one function.
func by(send func(m *store.Message) error) map[string]app.Sender {
	return map[string]app.Sender{app.EmailChannel: func(_ context.Context, m *store.Message) error { return send(m) }}
}

// TestOutboxBacksOff lets a mail server be away for an hour: the message comes through
// afterwards, once, and was tried less and less often meanwhile.
func TestOutboxBacksOff(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		h := openHouse(t, url)
		owner := h.owner()
		_, _, err := h.Invite(h.inside(owner.Token), app.NewInvitation{Email: "jan@example.com", Role: auth.Manager})
		h.does(err, "")
		back := h.clock.Now().Add(time.Hour)
		var tried []time.Time
		came := 0
		for range 2 * 60 * 6 {
			h.does(h.SendWaiting(t.Context(), by(func(*store.Message) error {
				tried = append(tried, h.clock.Now())
				if h.clock.Now().Before(back) {
					return errors.New("busy")
				}
				came++
				return nil
			})), "")
			h.clock.Advance(10 * time.Second)
		}
		messages, err := h.Messages(h.as(auth.System("test")), 0, 10)
		h.does(err, "")
		if m := messages[0]; came != 1 || m.Sent == calendar.None || m.Error != "" || m.Sent >= m.Created+calendar.Instant(2*time.Hour.Microseconds()) {
			t.Errorf("it came %d times: %+v", came, m)
		}
		if len(tried) < 6 || len(tried) > 12 {
			t.Errorf("it was tried at %v", tried)
		}
		for i := 2; i < len(tried); i++ {
			if tried[i].Sub(tried[i-1]) < tried[i-1].Sub(tried[i-2]) {
				t.Errorf("it was tried at %v", tried)
			}
		}
	})
}

// TestOutboxSendsNothingLate sends no link that is over, and lets it want attention
// until somebody has seen that.
func TestOutboxSendsNothingLate(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		h := openHouse(t, url)
		system := h.as(auth.System("test"))
		_, err := h.Store.AddMessage(t.Context(), &store.Message{Channel: app.EmailChannel, Recipient: "anna@example.com", Body: "code", Created: calendar.Of(h.clock.Now()), Until: calendar.Of(h.clock.Now()) + 10*calendar.Minute}, 0)
		h.does(err, "")
		h.does(h.SendWaiting(t.Context(), by(func(*store.Message) error { return errors.New("busy") })), "")
		h.clock.Advance(10 * time.Minute)
		came := 0
		take := by(func(*store.Message) error { came++; return nil })
		h.does(h.SendWaiting(t.Context(), take), "")
		messages, err := h.Messages(system, 0, 1)
		h.does(err, "")
		if came != 0 || !h.TooLate(&messages[0]) || app.GivenUp(&messages[0]) {
			t.Errorf("%d came: %+v", came, messages[0])
		}
		again, err := h.RetryMessages(system)
		h.does(err, "")
		h.does(h.SendWaiting(t.Context(), take), "")
		messages, err = h.Messages(system, 0, 1)
		h.does(err, "")
		if again != 0 || came != 0 || !app.GivenUp(&messages[0]) {
			t.Errorf("%d are tried again, %d came: %+v", again, came, messages[0])
		}
	})
}

// TestOutboxOfTwoServers has two servers send the same messages at once, one receiver
// being slow: each message is sent once, and nobody waits for the slow one.
func TestOutboxOfTwoServers(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		h := openHouse(t, url)
		other := openHouse(t, url)
		const most = 20
		for i := range most {
			_, err := h.Store.AddMessage(t.Context(), &store.Message{Channel: app.EmailChannel, Recipient: string(rune('a' + i)), Body: "x", Created: calendar.Of(h.clock.Now())}, 0)
			h.does(err, "")
		}
		// Of two that read the same message one gets it.
		now := calendar.Of(h.clock.Now())
		first, err := h.Store.DueMessages(t.Context(), app.EmailChannel, 9, now, 1)
		h.does(err, "")
		ours, err := h.Store.ClaimMessage(t.Context(), &store.Message{ID: first[0].ID}, now)
		h.does(err, "")
		theirs, err := other.Store.ClaimMessage(t.Context(), &first[0], now)
		h.does(err, "")
		if !ours || theirs {
			t.Errorf("one got it: %v, the other: %v", ours, theirs)
		}
		var mu sync.Mutex
		came := map[string]int{}
		others, slow := make(chan struct{}), make(chan struct{})
		begun := sync.OnceFunc(func() { close(slow) })
		send := by(func(m *store.Message) error {
			if m.Recipient == "a" {
				begun()
				<-others // until all others came
			}
			mu.Lock()
			defer mu.Unlock()
			if came[m.Recipient]++; len(came) == most-1 && came["a"] == 0 {
				close(others)
			}
			return nil
		})
		ctx := t.Context()
		one, two := h.StartOutbox(ctx, send), other.StartOutbox(ctx, send)
		<-others
		<-slow // what has not begun when a server stops is not sent
		one.Stop()
		two.Stop()
		if len(came) != most {
			t.Errorf("there came %v", came)
		}
		for to, n := range came {
			if n != 1 {
				t.Errorf("%s got %d", to, n)
			}
		}
	})
}

// bodies gives what the messages of the outbox say in the database, the latest first.
func (h *house) bodies() (all []string) {
	h.t.Helper()
	messages, err := h.Messages(h.as(auth.System("test")), 0, 10)
	h.does(err, "")
	for i := range messages {
		all = append(all, messages[i].Body)
	}
	return all
}

// TestMessagesAreReadByNobodyElse asks for the owner's new password: no user reads the
// link, whatever their role and whether it can be sent, and it is forgotten once it was
// sent, was given up, or is over.
func TestMessagesAreReadByNobodyElse(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		h := openHouse(t, url)
		me := h.inside(h.owner().Token)
		link := func() {
			_, err := h.PasswordLink(h.as(auth.System("test")), "anna@example.com")
			h.does(err, "")
			if said := h.bodies()[0]; !strings.Contains(said, app.PasswordPath) {
				t.Fatalf("the message says %q", said)
			}
		}
		link()
		manager := h.inside(h.join(me, "jan@example.com", auth.Manager).Token)
		supporter := h.inside(h.join(me, "eve@example.com", auth.Supporter).Token)
		for _, ctx := range []context.Context{me, manager, supporter} {
			messages, err := h.Messages(ctx, 0, 10)
			h.does(err, "")
			for i := range messages {
				if m := &messages[i]; m.Body != "" || m.Recipient == "" || m.Subject == "" {
					t.Errorf("%s reads %+v", app.ActorOf(ctx).Role, m)
				}
			}
		}
		gone := func(why string) {
			if all := h.bodies(); strings.Join(all, "") != "" {
				t.Errorf("%s, and the messages say %q", why, all)
			}
		}
		h.does(h.SendWaiting(t.Context(), by(func(m *store.Message) error {
			if m.Body == "" {
				t.Error("an empty message was sent")
			}
			return nil
		})), "")
		gone("all were sent")
		link()
		messages, err := h.Messages(me, 0, 1)
		h.does(err, "")
		h.does(h.GiveUpMessage(me, messages[0].ID), "")
		gone("the last one was given up")
		link()
		h.clock.Advance(30 * time.Minute)
		h.does(h.ForgetOldAccess(t.Context()), "")
		gone("the last one is over")
	})
}
