package app_test

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"premia/internal/app"
	"premia/internal/core/calendar"
	"premia/internal/core/ledger"
	"premia/internal/core/pricehistory"
	"premia/internal/journal"
	"premia/internal/store"
	"premia/internal/testkit"
	"premia/internal/testkit/postgres"
)

// TestMoveThereAndBack moves a workspace from SQLite to PostgreSQL and back: all
// that it is stays the same, and it goes on as if it had not moved.
func TestMoveThereAndBack(t *testing.T) {
	t.Parallel()
	h := newHistory(t, "sqlite:"+filepath.Join(t.TempDir(), "first.db"))
	ctx := t.Context()
	if err := h.Store.CreateAPIKey(ctx, store.APIKey{ID: "key_1", Name: "shop", Hash: []byte("hash"), Scopes: "all", Created: 5}); err != nil {
		t.Fatal(err)
	}
	if err := h.Store.RevokeAPIKey(ctx, "key_1", 9); err != nil {
		t.Fatal(err)
	}
	first := contents(t, h.Store)
	away := openStore(t, postgres.New(t), store.Options{Migrate: true})
	v := move(t, h.Store, away)
	if v.Undelivered != 1 || v.FollowUps != 2 {
		t.Errorf("%+v, want one follow-up on its way, of two", v)
	}
	if d := cmp.Diff(first, contents(t, away), cmpopts.EquateEmpty()); d != "" {
		t.Errorf("moved to PostgreSQL (-before +after):\n%s", d)
	}
	url := "sqlite:" + filepath.Join(t.TempDir(), "second.db")
	back := openStore(t, url, store.Options{Migrate: true})
	move(t, away, back)
	if d := cmp.Diff(first, contents(t, back), cmpopts.EquateEmpty()); d != "" {
		t.Errorf("moved back (-before +after):\n%s", d)
	}
	goesOn(t, h, url)
}

// TestMoveWebhooks moves receivers with their places in the journal, their secrets and
// what waits for them.
func TestMoveWebhooks(t *testing.T) {
	t.Parallel()
	h := newHistory(t, "sqlite:"+filepath.Join(t.TempDir(), "first.db"))
	ctx, a := h.system(), h.App
	w, secret, err := a.CreateWebhook(ctx, app.NewWebhook{Key: "crm", URL: "https://crm.example/hooks"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.TestWebhook(ctx, w.ID, "one"); err != nil {
		t.Fatal(err)
	}
	url := "sqlite:" + filepath.Join(t.TempDir(), "second.db")
	to := openStore(t, url, store.Options{Migrate: true, Shards: 3})
	move(t, h.Store, to)
	queued, err := to.Queued(ctx, w.ID, 10)
	if err != nil || len(queued) != 1 || queued[0].Type != app.TestType {
		t.Errorf("waiting: %+v %v", queued, err)
	}
	cursors, err := to.Cursors(ctx, app.Subscriber(w.ID))
	if err != nil || len(cursors) != 3 {
		t.Fatalf("cursors: %v %v", cursors, err)
	}
	for _, shard := range to.Shards() {
		if head, err := to.Head(ctx, shard); err != nil || cursors[shard] != head.Seq {
			t.Errorf("shard %d: the cursor is at %d of %d (%v)", shard, cursors[shard], head.Seq, err)
		}
	}
	there, err := app.Open(ctx, app.Config{DB: url, Clock: h.clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer there.Close()
	if _, again, err := there.CreateWebhook(ctx, app.NewWebhook{Key: "crm", URL: "https://crm.example/hooks"}); err != nil || again != secret {
		t.Errorf("the secret is another now: %v", err)
	}
}

// goesOn opens the moved database: what was known is known, what was on its way
// arrives once, and new events are decided.
func goesOn(t *testing.T, h *history, url string) {
	t.Helper()
	a, err := app.Open(t.Context(), app.Config{DB: url, Clock: h.clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	again, err := a.Journal.Append(t.Context(), h.purchase(3, "10.00", "app"))
	if err != nil || !again.Repeated {
		t.Errorf("an event that was decided before the move: %+v (%v), want the stored answer", again, err)
	}
	for range 2 {
		if _, err := a.Journal.Deliver(t.Context(), journal.FollowUps{Journal: a.Journal}); err != nil {
			t.Fatal(err)
		}
	}
	late, err := a.Journal.Append(t.Context(), h.purchase(5, "3.00", "late"))
	if err != nil || late.Member != h.cards[6] {
		t.Errorf("card 5, whose member was merged into card 6's: %s (%v), want %s", late.Member, err, h.cards[6])
	}
	if v := wantHealthy(t, a.Store); v.Undelivered != 0 || v.FollowUps != 2 {
		t.Errorf("%+v, want both follow-ups delivered once", v)
	}
}

func openStore(t testing.TB, url string, o store.Options) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), url, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func move(t testing.TB, from, to *store.Store) *app.Verification {
	t.Helper()
	m, err := app.Move(t.Context(), from, to, app.MoveOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Again) != 0 {
		t.Errorf("entries that subscribers get again: %v", m.Again)
	}
	return m.Verification
}

// content is what a move keeps, whatever the shards.
type content struct {
	Members  map[ledger.MemberID]store.Member
	Entries  map[ledger.MemberID][]store.Entry
	Personal map[ledger.MemberID][]store.Personal
	Postings []store.PostingTotal
	Programs []store.Program
	Names    []store.Named
	Quotas   []store.Quota
	Keys     []store.APIKey
	Secret   []byte
	Batches  []store.CodeBatch
	Codes    map[string]store.Code
	Prices   []store.Price
}

func contents(t testing.TB, s *store.Store) content {
	t.Helper()
	ctx := t.Context()
	c := content{
		Members: map[ledger.MemberID]store.Member{}, Entries: map[ledger.MemberID][]store.Entry{},
		Personal: map[ledger.MemberID][]store.Personal{},
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, shard := range s.Shards() {
		must(s.EachMember(ctx, shard, func(m store.Member) error {
			m.Seq = 0
			c.Members[m.ID] = m
			return nil
		}))
	}
	for id := range c.Members {
		entries, err := s.EntriesOf(ctx, id, 0, 1000)
		must(err)
		for i := range entries {
			entries[i].Position, entries[i].Prev, entries[i].Hash = store.Position{}, 0, [32]byte{}
		}
		c.Entries[id] = entries
		c.Personal[id], err = s.PersonalOf(ctx, id)
		must(err)
	}
	var err error
	c.Postings, err = s.PostingTotals(ctx, calendar.Never, calendar.Never)
	must(err)
	c.Programs, err = s.Programs(ctx)
	must(err)
	c.Names, err = s.Names(ctx)
	must(err)
	c.Quotas, err = s.QuotaList(ctx)
	must(err)
	c.Keys, err = s.APIKeys(ctx)
	must(err)
	c.Secret, err = s.Setting(ctx, journal.SecretSetting)
	must(err)
	c.Batches, err = s.CodeBatches(ctx)
	must(err)
	c.Codes = map[string]store.Code{}
	must(s.Snapshots(ctx, 1, func(all []*store.Snapshot) error {
		for _, shard := range s.Shards() {
			page, err := all[0].Codes(ctx, shard, nil, 1000)
			if err != nil {
				return err
			}
			for _, one := range page {
				c.Codes[one.Code] = one
			}
		}
		c.Prices, err = all[0].Prices(ctx, store.Price{}, 1000)
		return err
	}))
	return c
}

func TestMoveRefuses(t *testing.T) {
	t.Parallel()
	h := newHistory(t, "sqlite:"+filepath.Join(t.TempDir(), "premia.db"))
	full := newHistory(t, "sqlite:"+filepath.Join(t.TempDir(), "full.db"))
	if _, err := app.Move(t.Context(), h.Store, full.Store, app.MoveOptions{}); !errors.Is(err, app.ErrNotEmpty) {
		t.Errorf("to a database with something in it: %v, want ErrNotEmpty", err)
	}

	url := "sqlite:" + filepath.Join(t.TempDir(), "grown.db")
	grown := openStore(t, url, store.Options{Migrate: true})
	added := false
	_, err := app.Move(t.Context(), h.Store, grown, app.MoveOptions{Progress: func(int64, int64) {
		if !added {
			h.append(h.purchase(1, "1.00", "meanwhile"))
			added = true
		}
	}})
	if !errors.Is(err, app.ErrSourceMoves) {
		t.Errorf("a source that grows: %v, want ErrSourceMoves", err)
	}
	if _, err := store.Open(t.Context(), url, store.Options{}); !errors.Is(err, store.ErrUnfinished) {
		t.Errorf("opening what was moved half-way: %v, want ErrUnfinished", err)
	}
	if _, err := store.Open(t.Context(), url, store.Options{Migrate: true}); !errors.Is(err, store.ErrUnfinished) {
		t.Errorf("migrating what was moved half-way: %v, want ErrUnfinished", err)
	}
	openStore(t, url, store.Options{Unfinished: true})

	db := rawDatabase(t, h.url)
	run(t, db, `UPDATE postings SET amount = amount + 1 WHERE kind = 1`)
	target := openStore(t, "sqlite:"+filepath.Join(t.TempDir(), "broken.db"), store.Options{Migrate: true})
	_, err = app.Move(t.Context(), h.Store, target, app.MoveOptions{})
	var difference *app.Difference
	if !errors.Is(err, app.ErrSourceBroken) || !errors.As(err, &difference) {
		t.Errorf("a source that was tampered with: %v, want ErrSourceBroken with the difference", err)
	}
}

// TestMoveKeepsCauseBeforeEffect moves a workspace whose servers' clocks differ,
// so that a follow-up is recorded before what it follows from.
func TestMoveKeepsCauseBeforeEffect(t *testing.T) {
	t.Parallel()
	url := postgres.New(t)
	openStore(t, url, store.Options{Migrate: true, Shards: 16})
	h := newHistory(t, url)
	slow := testkit.NewClock(h.clock.Now().Add(-48 * time.Hour))
	other, err := app.Open(t.Context(), app.Config{DB: url, Clock: slow.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	h.append(h.merge("m3", h.cards[10], h.cards[11]))
	if _, err := other.Journal.Deliver(t.Context(), journal.FollowUps{Journal: other.Journal}); err != nil {
		t.Fatal(err)
	}
	there := openStore(t, "sqlite:"+filepath.Join(t.TempDir(), "moved.db"), store.Options{Migrate: true})
	move(t, h.Store, there)
	moved, err := journal.Open(t.Context(), there, journal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer moved.Close()
	for _, id := range []string{"m1", "m2", "m3"} {
		at, err := moved.EventAt(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		cause, err := moved.AnswerAt(t.Context(), at)
		if err != nil {
			t.Fatal(err)
		}
		effect, err := moved.FollowUpPosition(t.Context(), &cause, 0)
		if err != nil || effect.Seq < at.Seq {
			t.Errorf("%s stands at %d, what follows from it at %d (%v)", id, at.Seq, effect.Seq, err)
		}
	}
}

// keepCodes keeps a batch that was stopped half-way, whose codes were given and
// blocked.
func keepCodes(t testing.TB, h *history) {
	t.Helper()
	ctx := t.Context()
	b, err := h.Store.BeginCodes(ctx, store.CodeBatch{ID: "spring", Reward: 1, Wanted: 9, Ends: 10, Pattern: "#####", Series: "#####", Uses: 1, Until: calendar.Never, Digest: []byte("d"), Created: 3})
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.Store.MoreCodes(ctx, b.Batch, 5, func(b *store.CodeBatch) ([]store.Code, error) {
		b.Next = 2
		return []store.Code{h.code("AAAAA", 0), h.code("BBBBB", 1)}, nil
	})
	if err == nil {
		err = h.Store.GiveCode(ctx, h.code("AAAAA", 0).Key, h.cards[0])
	}
	if err == nil {
		err = h.Store.BlockCode(ctx, store.CodeBlock{Key: h.code("BBBBB", 1).Key, At: 8})
	}
	if err != nil {
		t.Fatal(err)
	}
}

// keepPrices keeps prices of two channels.
func keepPrices(t testing.TB, h *history) {
	t.Helper()
	_, err := h.Store.PutPrices(t.Context(), []store.Price{
		{SKU: "tea", Entry: pricehistory.Entry{At: 5, Regular: 10, Price: 9}, Recorded: 6},
		{SKU: "tea", Channel: "app", Entry: pricehistory.Entry{At: 7, Regular: 10, Price: 8}, Recorded: 8},
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (h *history) code(text string, number int64) store.Code {
	return store.Code{Key: h.Journal.Keys().Code(text), Code: text, Reward: 1, Batch: 1, Number: number, Until: calendar.Never, Uses: 1}
}
