package reliability_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"testing"

	"premia/internal/api"
	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/core/engine"
	"premia/internal/core/ledger"
	"premia/internal/journal"
	"premia/internal/store"
)

// settleAccounts compares a workspace, whose servers are gone, with the test's
// own book. Where all is answered nobody waits for an answer any more, so that
// the book is complete.
func settleAccounts(t *testing.T, ws *workspace, b *book, allAnswered bool) {
	t.Helper()
	for _, wrong := range b.wrong {
		t.Error(wrong)
	}
	a := ws.open(t, nil)
	deliver(t, a)
	compareEvents(t, a, ws, b, allAnswered)
	if allAnswered {
		compareValue(t, a, ws, b)
	}
	ws.verify(t)
}

// compareEvents checks that each event is in the journal once, and those that
// were acknowledged with the decision that was answered.
func compareEvents(t *testing.T, a *app.App, ws *workspace, b *book, allAnswered bool) {
	t.Helper()
	times := make(map[string]int)
	eachEntry(t, a, func(entry *journal.Answer) {
		if entry.Event.ID != "" && entry.Event.Type != "publish" {
			times[entry.Event.ID]++
		}
	})
	for id, n := range times {
		if n != 1 {
			t.Errorf("event %s is in the journal %d times", id, n)
		}
	}
	web := api.New(api.Config{App: a})
	for id, answered := range b.answers {
		if times[id] != 1 {
			t.Errorf("event %s was acknowledged and is in the journal %d times", id, times[id])
			continue
		}
		kept, ok := readEvent(t, web, ws, id)
		if ok && !kept.same(&answered) {
			t.Errorf("answered was\n%s\nbut the journal has\n%s", &answered, &kept)
		}
	}
	for id := range times {
		if _, acknowledged := b.answers[id]; allAnswered && !acknowledged && !b.moot[id] && sentByClient.MatchString(id) {
			kept, _ := readEvent(t, web, ws, id)
			t.Errorf("the journal has an event that was never acknowledged: %s", &kept)
		}
	}
}

// sentByClient matches the ids that clients give; the journal gives others.
var sentByClient = regexp.MustCompile(`^x[ab]?e[0-9]+$`)

func eachEntry(t *testing.T, a *app.App, do func(*journal.Answer)) {
	t.Helper()
	for _, shard := range a.Store.Shards() {
		for after := int64(0); ; {
			page, err := a.Store.Scan(context.Background(), shard, after, 500, 0)
			if err != nil {
				t.Fatal(err)
			}
			for i := range page {
				entry, err := a.Journal.Read(&page[i])
				if err != nil {
					t.Fatal(err)
				}
				do(&entry)
				after = page[i].Seq
			}
			if len(page) < 500 {
				break
			}
		}
	}
}

func readEvent(t *testing.T, web http.Handler, ws *workspace, id string) (decided, bool) {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "/v1/events/"+id, nil)
	r.Header.Set("Authorization", "Bearer "+ws.key)
	answer := httptest.NewRecorder()
	web.ServeHTTP(answer, r)
	var d decided
	if err := json.Unmarshal(answer.Body.Bytes(), &d); err != nil || answer.Code != http.StatusOK {
		t.Errorf("read event %s: %d %s (%v)", id, answer.Code, answer.Body, err)
		return decided{}, false
	}
	return d, true
}

// compareValue counts all points, the members and the budget.
func compareValue(t *testing.T, a *app.App, ws *workspace, b *book) {
	t.Helper()
	inApp := min(b.app, ws.budget)
	points, members := totals(t, a)
	if want := b.points + inApp; points != want {
		t.Errorf("members hold %d points, want %d", points, want)
	}
	if members != len(b.members) {
		t.Errorf("there are %d members, want %d", members, len(b.members))
	}
	if used := budgetUsed(t, a); used != inApp {
		t.Errorf("%d points of the budget of %d are used, want %d", used, ws.budget, inApp)
	}
	if coins := totalOf(t, a, "wallet.coins"); coins != b.coins {
		t.Errorf("members hold %d coins, want %d", coins, b.coins)
	}
	if cards := totalOf(t, a, "wallet.gift_card_pln"); cards != b.cards {
		t.Errorf("gift cards hold %d grosze, want %d", cards, b.cards)
	}
}

// totals adds up the points of all members as of now, and counts the members,
// merged ones too.
func totals(t *testing.T, a *app.App) (points int64, members int) {
	t.Helper()
	eachState(t, a, a.Journal.Now(), func(_ ledger.MemberID, state *ledger.State) {
		if !state.Status.Account() {
			members++
		}
	})
	return totalOf(t, a, "wallet.points"), members
}

// totalOf adds up what all have in a wallet as of now, in minor units.
func totalOf(t *testing.T, a *app.App, wallet string) (sum int64) {
	t.Helper()
	name, _ := a.Journal.Rules().Names.Find(wallet)
	eachState(t, a, a.Journal.Now(), func(_ ledger.MemberID, state *ledger.State) {
		b := state.BalanceOf(name)
		sum += b.Pending + b.Available + b.Held - b.Debt
	})
	return sum
}

// eachState gives the states of all members with time passed up to the instant.
func eachState(t *testing.T, a *app.App, to calendar.Instant, do func(ledger.MemberID, *ledger.State)) {
	t.Helper()
	for _, shard := range a.Store.Shards() {
		err := a.Store.EachMember(context.Background(), shard, func(m store.Member) error {
			state := &ledger.State{}
			if err := ledger.DecodeState(m.State, state); err != nil {
				return err
			}
			settled, _ := engine.Settled(a.Journal.Rules().Timeline, m.ID, state, to)
			do(m.ID, settled)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// budgetUsed gives what is used of the campaign's budget, and looks that no quota
// is exceeded.
func budgetUsed(t *testing.T, a *app.App) (used int64) {
	t.Helper()
	list, err := a.Store.QuotaList(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range list {
		if a.Journal.Rules().Names.Name(q.Quota.Name) == "budget.campaign.app.points" {
			used += q.Used
		}
		if q.Used > q.Cap {
			t.Errorf("%d of %d are used of a budget", q.Used, q.Cap)
		}
	}
	return used
}
