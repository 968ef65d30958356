package reliability_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"premia/internal/app"
	"premia/internal/auth"
)

// heard is what a receiver of webhooks was told.
type heard struct {
	mu sync.Mutex
	// times counts each message by its id; events are those of each member in the order
	// in which they came first, and texts what each message said.
	times  map[string]int
	events map[string][]string
	texts  map[string]string
	holds  chan struct{} // closed when the request that is held has come
	gone   chan struct{} // lets it go
	after  int
}

func (h *heard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	src, _ := io.ReadAll(r.Body)
	var said struct {
		Data struct{ Event, Member string }
	}
	if err := json.Unmarshal(src, &said); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	id := r.Header.Get("webhook-id")
	h.mu.Lock()
	if h.times[id]++; h.times[id] == 1 {
		h.events[said.Data.Member] = append(h.events[said.Data.Member], said.Data.Event)
		h.texts[id] = string(src)
	} else if h.texts[id] != string(src) {
		h.texts[id] = "told otherwise: " + string(src)
	}
	h.after--
	held := h.after == 0
	h.mu.Unlock()
	if held {
		close(h.holds)
		<-h.gone
	}
}

func (h *heard) count() (n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, all := range h.events {
		n += len(all)
	}
	return n
}

// again counts the messages that came once more.
func (h *heard) again() (n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, times := range h.times {
		n += times - 1
	}
	return n
}

// TestServerIsKilledWhileItSendsWebhooks kills the server in the middle of a request to a
// receiver. The next one tells what is left: nothing is lost, each member's news come in
// order, and what comes twice comes with the same id and says the same.
func TestServerIsKilledWhileItSendsWebhooks(t *testing.T) {
	t.Parallel()
	const members, purchases = 5, 8
	h := &heard{times: map[string]int{}, events: map[string][]string{}, texts: map[string]string{}, holds: make(chan struct{}), gone: make(chan struct{}), after: members * purchases / 2}
	receiver := httptest.NewServer(h)
	t.Cleanup(receiver.Close)
	ws := newWorkspace(t, sqliteURL(t), enrols, 2_000)
	s := startServer(t, ws.url, "--outbound-allow", "127.0.0.0/8")
	a, err := app.Open(t.Context(), app.Config{DB: ws.url})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := a.CreateWebhook(app.WithActor(t.Context(), auth.System("test")), app.NewWebhook{URL: receiver.URL, Types: []string{"purchase.decided"}}); err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	for n := range purchases {
		for m := range members {
			body := fmt.Sprintf(`{"id":"p%d-%d","type":"purchase","member":"%s","total":"1.00"}`, m, n, card(int64(m)))
			if r, err := call(t.Context(), ws.key, http.MethodPost, s.address+"/v1/events", body); err != nil || r.status >= 300 {
				t.Fatalf("%s is answered %d %s (%v)", body, r.status, r.body, err)
			}
		}
	}
	<-h.holds
	s.kill()
	close(h.gone)
	startServer(t, ws.url, "--outbound-allow", "127.0.0.0/8", "--webhook-takeover", "20s")
	eventually(t, "all was told, and what was cut off again", func() bool { return h.count() >= members*purchases && h.again() > 0 })
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.events) != members || len(h.times) != members*purchases {
		t.Errorf("told of %d members by %d messages", len(h.events), len(h.times))
	}
	for id, n := range h.times {
		if h.texts[id] == "" || h.texts[id][0] != '{' {
			t.Errorf("%s came %d times: %s", id, n, h.texts[id])
		}
	}
	for member, events := range h.events {
		for n, id := range events {
			if want := fmt.Sprintf("p%c-%d", events[0][1], n); id != want {
				t.Errorf("%s is told of %v", member, events)
				break
			}
		}
	}
}
