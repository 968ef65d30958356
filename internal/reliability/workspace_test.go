package reliability_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"premia/internal/api"
	"premia/internal/app"
	"premia/internal/auth"
	"premia/internal/core/calendar"
	"premia/internal/journal"
	"premia/internal/testkit/postgres"
)

// document is the program of these tests: a point for each złoty, ten for
// joining, five for a review, and as many again for purchases in the app until
// the campaign's budget is spent; and coins for joining, to be given away, paid
// with and spent on rewards, some of which there are few of. Its holes are the
// policy for unknown buyers and the budget.
const document = `
program: Reliability
currency: PLN
timezone: Europe/Warsaw
languages: [en]
enrolment: {unknown: %s, claim within: 300d}
events:
  review: {fields: {stars: {type: whole, required: true}}}
wallets:
  points: {name: {en: points}, pending: 2d, expires: 12mo, debt: carry}
  coins: {name: {en: coins}}
earn:
  - {id: spend, give: {points: 1, per: 1.00}}
  - {id: welcome, on: enrolment, give: {points: 10}}
  - {id: start, on: enrolment, give: {coins: 100}}
  - {id: review, on: review, give: {points: 5}}
campaigns:
  - {id: app, when: event.channel == "app", multiply: {points: 2}, limits: {points: {in total: %d}}}
transfers: {coins: {}}
checkout: {pay: {coins: {value: 0.10}}}
gift cards:
  - {id: card, name: card, refund: {within: 30d}}
rewards:
  - {id: cup, name: cup, kind: free product, sku: C, price: {coins: 7}, refund: {within: 30d}}
  - {id: few, name: few, kind: free product, sku: F, price: {coins: 3}, refund: {within: 30d}, stock: 12}
  - {id: less, name: less, kind: discount, discount: {amount: 5.00}, voucher: {for: bearer, uses: 40}, code: FIVELESS}
`

// The policies for unknown buyers.
const (
	enrols = "enrol"
	guests = "guest"
)

// workspace is a database with a published program and a key for everything.
type workspace struct {
	url, key string
	policy   string
	budget   int64
}

// newWorkspace makes a workspace in an empty database.
func newWorkspace(t testing.TB, url, policy string, budget int64) *workspace {
	t.Helper()
	w := publishedIn(t, url, fmt.Sprintf(document, policy, budget))
	w.policy, w.budget = policy, budget
	return w
}

// publishedIn makes a workspace with a program in an empty database.
func publishedIn(t testing.TB, url, program string) *workspace {
	t.Helper()
	w := &workspace{url: url}
	ctx := context.Background()
	a, err := app.Open(ctx, app.Config{DB: url, Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = a.Publish(ctx, []byte(program), calendar.None, ""); err != nil {
		t.Fatal(err)
	}
	if w.key, _, err = a.CreateKey(app.WithActor(ctx, auth.System("test")), "load", "admin", 0); err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	return w
}

// open opens the workspace in this process, until the test ends.
func (w *workspace) open(t testing.TB, clock func() time.Time) *app.App {
	t.Helper()
	a, err := app.Open(context.Background(), app.Config{DB: w.url, Clock: clock, Words: []fs.FS{api.Words()}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil && !t.Failed() {
			t.Error(err)
		}
	})
	return a
}

// deliver lets all follow-ups arrive.
func deliver(t testing.TB, a *app.App) {
	t.Helper()
	for range 100 {
		handled, waits := 0, false
		for _, sub := range []journal.Subscriber{journal.FollowUps{Journal: a.Journal}, app.PersonalMoves{App: a}} {
			n, err := a.Journal.Deliver(context.Background(), sub)
			switch {
			case errors.Is(err, journal.ErrMergeInProgress):
				// Its other side decides in the next round.
				waits = true
			case err != nil:
				t.Fatal(err)
			}
			handled += n
		}
		if handled == 0 && !waits {
			return
		}
	}
	t.Fatal("follow-ups have follow-ups without end")
}

// verify runs premia verify, which must find nothing wrong and, where all was
// delivered, nothing on its way.
func (w *workspace) verify(t testing.TB) {
	t.Helper()
	out, err := exec.Command(binary(t), "verify", "--db", w.url, "--json").Output()
	if err != nil {
		t.Errorf("premia verify: %v\n%s", err, out)
		return
	}
	var v app.Verification
	if err := json.Unmarshal(out, &v); err != nil {
		t.Error(err)
	}
	if v.Difference != nil || v.Undelivered != 0 {
		t.Errorf("verify says: %s", out)
	}
}

// sqliteURL names a new file of the test's.
func sqliteURL(t testing.TB) string { return "sqlite:" + filepath.Join(t.TempDir(), "premia.db") }

// onEach runs a test on a fresh database of each kind.
func onEach(t *testing.T, test func(t *testing.T, url string)) {
	t.Run("sqlite", func(t *testing.T) { test(t, sqliteURL(t)) })
	t.Run("postgres", func(t *testing.T) { test(t, postgres.New(t)) })
}

// long tells whether the long mode is wanted.
func long() bool { return os.Getenv("PREMIA_LONG") != "" }

// rounds is how often a test does what it does.
func rounds(few, many int) int {
	if long() {
		return many
	}
	return few
}

// seeded gives random numbers, and says their seed when the test fails.
func seeded(t testing.TB) (seed uint64, random *rand.Rand) {
	t.Helper()
	seed = rand.Uint64()
	if given := os.Getenv("PREMIA_SEED"); given != "" {
		var err error
		if seed, err = strconv.ParseUint(given, 10, 64); err != nil {
			t.Fatalf("PREMIA_SEED: %v", err)
		}
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the seed was %d; PREMIA_SEED=%d repeats it", seed, seed)
		}
	})
	return seed, rand.New(rand.NewPCG(seed, 0))
}
