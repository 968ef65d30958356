package webhook

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/core/ledger"
	"premia/internal/outbound"
	"premia/internal/store"
)

// The times between attempts: the first wait, and the longest of a message and of an
// endpoint that takes nothing.
const (
	firstWait    = 5 * time.Second
	longestWait  = time.Hour
	longestProbe = 5 * time.Minute
)

// perQueue is how many messages of one member go in one round.
const perQueue = 16

// hopeless is how many requests of a round may fail before one is taken.
const hopeless = 3

// userAgent says who calls.
const userAgent = "Premia-Webhooks/1"

// wave is one round of requests: queues of messages, each in order, side by side.
type wave struct {
	queues [][]*message

	mu            sync.Mutex
	taken, failed int
	gone          bool
	said          string
	// after is how long the receiver asked to wait.
	after calendar.Instant
}

func typesOf(e *store.Endpoint) []string { return strings.Fields(e.Types) }

// due gives the messages that may be sent now, by the queues that are kept in order. An
// endpoint that took nothing is tried with one message.
func (r *run) due() [][]*message {
	now := r.s.now()
	probe := r.e.Failures > 0
	if probe && now < r.e.RetryAt {
		return nil
	}
	type key struct {
		shard  store.Shard
		member ledger.MemberID
	}
	places := make(map[key]int)
	var queues [][]*message
	for _, l := range r.lanes {
		for _, m := range l.pending {
			k := key{l.shard, m.row.Member}
			if r.e.Kind == store.PostbackEndpoint {
				k.member = r.e.Member // whoever it was before a merge
			}
			at, begun := places[k]
			switch {
			case m.own && (probe || r.ready(m, now)):
				queues = append(queues, []*message{m})
			case m.own:
			case !begun && !probe && !r.ready(m, now):
				places[k] = -1 // those behind it wait, too
			case !begun:
				places[k] = len(queues)
				queues = append(queues, []*message{m})
			case at >= 0 && len(queues[at]) < perQueue && r.ready(m, now):
				queues[at] = append(queues[at], m)
			case at >= 0:
				places[k] = -1
			}
		}
	}
	if probe && len(queues) > 0 {
		first := slices.MinFunc(queues, func(a, b []*message) int { return int(a[0].row.Attempts - b[0].row.Attempts) })
		return [][]*message{first[:1]}
	}
	return queues
}

func (r *run) ready(m *message, now calendar.Instant) bool {
	return m.row.Next == calendar.None || m.row.Next <= now || m.row.Last < r.recovered
}

// send makes the requests of a round.
func (r *run) send(ctx context.Context, queues [][]*message) *wave {
	w := &wave{queues: queues}
	slots := make(chan struct{}, r.s.o.Concurrency)
	var all sync.WaitGroup
	for _, q := range queues {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			for _, m := range q {
				if ctx.Err() != nil || w.hopeless() || !r.confirmed() || !r.attempt(ctx, w, m) {
					return
				}
			}
		})
	}
	all.Wait()
	return w
}

func (w *wave) hopeless() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.gone || w.taken == 0 && w.failed >= hopeless
}

// attempt sends a message once, and tells whether the next of its queue may go.
func (r *run) attempt(ctx context.Context, w *wave, m *message) bool {
	began := r.s.o.Clock()
	answer, err := r.call(ctx, m, began)
	if errors.Is(err, context.Canceled) {
		return false // nobody knows whether it was taken; it is sent again
	}
	now := r.s.now()
	m.tried = true
	d := &m.row
	d.Attempts++
	d.Last, d.Status, d.Millis = now, int64(answer.Status), r.s.o.Clock().Sub(began).Milliseconds()
	if d.Created == calendar.None {
		d.Created = now
	}
	if err == nil && answer.Status/100 == 2 {
		d.State, d.Error, d.Next, d.Queued, m.ended = store.DeliveryDone, "", calendar.None, false, true
		r.observe("delivered", d)
		w.mu.Lock()
		defer w.mu.Unlock()
		w.taken++
		return true
	}
	d.Error = saying(answer, err)
	wait := backOff(d.Message, d.Attempts, 5, longestWait)
	asked := askedFor(answer, r.s.o.Clock())
	d.State, d.Next = store.DeliveryFailing, now+max(wait, asked)
	if r.nothingToTell(m) || r.alone(d, now) {
		d.State, d.Next, d.Queued, m.ended = store.DeliveryGivenUp, calendar.None, false, true
		r.observe("given_up", d)
	} else {
		r.observe("failed", d)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.said, w.after = d.Error, max(w.after, asked)
	w.gone = w.gone || answer.Status == http.StatusGone
	if m.ended {
		return true
	}
	w.failed++
	return false
}

// alone tells of a message that was not taken for long, while others were.
func (r *run) alone(d *store.Delivery, now calendar.Instant) bool {
	since := max(d.Created, r.recovered)
	return now-since >= micros(r.s.o.GiveUpAfter) && r.e.LastSuccess != calendar.None && r.e.LastSuccess > since
}

func (r *run) observe(outcome string, d *store.Delivery) {
	if r.s.o.Observer != nil {
		r.s.o.Observer.Webhook(outcome, time.Duration(d.Millis)*time.Millisecond)
	}
}

func (r *run) nothingToTell(m *message) bool { return m.ID == "" }

// call makes the request of a message.
func (r *run) call(ctx context.Context, m *message, at time.Time) (outbound.Answer, error) {
	if r.nothingToTell(m) {
		return outbound.Answer{}, app.NothingToTell
	}
	if r.e.Kind == store.PostbackEndpoint {
		h := http.Header{"User-Agent": {userAgent}}
		return r.s.o.Client.Do(ctx, &outbound.Request{Method: r.e.Method, URL: string(m.Body), Header: h})
	}
	secrets, err := r.s.app.SecretsOf(&r.e, calendar.Of(at))
	if err != nil {
		return outbound.Answer{}, err
	}
	h := make(http.Header)
	h.Set("Content-Type", "application/json")
	h.Set("User-Agent", userAgent)
	h.Set("webhook-id", m.ID)
	h.Set("webhook-timestamp", strconv.FormatInt(at.Unix(), 10))
	h.Set("webhook-signature", signatures(secrets, m.ID, at, m.Body))
	return r.s.o.Client.Do(ctx, &outbound.Request{Method: http.MethodPost, URL: r.e.URL, Header: h, Body: string(m.Body)})
}

// saying tells in short what was wrong.
func saying(answer outbound.Answer, err error) string {
	const most = 200
	if err == nil {
		return app.AnsweredPrefix + strconv.Itoa(answer.Status)
	}
	said := outbound.Explain(err)
	return strings.ToValidUTF8(said[:min(len(said), most)], "")
}

// askedFor gives how long a receiver that is busy asks to wait, at most as long as the
// longest wait. It says so in seconds or by a date (RFC 9110, Retry-After), which is
// taken by its own clock where it tells that, too.
func askedFor(answer outbound.Answer, now time.Time) calendar.Instant {
	if answer.Status != http.StatusTooManyRequests && answer.Status != http.StatusServiceUnavailable {
		return 0
	}
	written := answer.Header.Get("Retry-After")
	var wait time.Duration
	if seconds, err := strconv.Atoi(written); err == nil {
		wait = time.Duration(min(seconds, int(longestWait/time.Second))) * time.Second
	} else if until, err := http.ParseTime(written); err == nil {
		if its, err := http.ParseTime(answer.Header.Get("Date")); err == nil {
			now = its
		}
		wait = until.Sub(now)
	}
	return micros(min(max(wait, 0), longestWait))
}

// backOff gives how long to wait after the n-th failure: firstWait, and each time so
// many times as long, up to the longest; up to a fifth less, by what fails, so that not
// everything comes at once.
func backOff(what string, n int64, times int, longest time.Duration) calendar.Instant {
	wait := firstWait
	for i := int64(1); i < n && wait < longest; i++ {
		wait *= time.Duration(times)
	}
	wait = min(wait, longest)
	h := fnv.New32a()
	fmt.Fprintf(h, "%s/%d", what, n)
	return micros(wait - wait/5*time.Duration(h.Sum32()%1000)/1000)
}
