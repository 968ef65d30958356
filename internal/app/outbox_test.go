package app_test

import (
	"context"
	"errors"
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
		others := make(chan struct{})
		send := by(func(m *store.Message) error {
			if m.Recipient == "a" {
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
