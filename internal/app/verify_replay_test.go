package app_test

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"premia/internal/app"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/ledger"
	"premia/internal/journal"
	"premia/internal/store"
)

// rewrite changes the decision of an event and makes the rest of the shard's
// chain anew, as somebody would who knows how it is made.
func rewrite(t *testing.T, h *history, db *sql.DB, id string, change func(*engine.Decision)) store.Position {
	t.Helper()
	at, err := h.Journal.EventAt(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	entries, err := h.Store.Scan(t.Context(), at.Shard, 0, 1_000_000, 0)
	if err != nil {
		t.Fatal(err)
	}
	var hash [32]byte
	for i := range entries {
		entry := &entries[i]
		if entry.Position == at {
			var d engine.Decision
			if err := engine.DecodeDecision(entry.Decision, &d); err != nil {
				t.Fatal(err)
			}
			change(&d)
			entry.Decision = d.Append(nil)
		}
		hash = journal.Link(hash, entry)
		run(t, db, `UPDATE journal SET decision = $1, hash = $2 WHERE shard = $3 AND seq = $4`, entry.Decision, hash[:], int64(entry.Shard), entry.Seq)
	}
	return at
}

// TestVerifyMakesDecisionsAgain forges a decision together with its posting and
// the chain of hashes: only making it again tells.
func TestVerifyMakesDecisionsAgain(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		h := newHistory(t, url)
		db := rawDatabase(t, url)
		at := rewrite(t, h, db, "shop-8", func(d *engine.Decision) { d.Postings[0].Amount += 100 })
		run(t, db, `UPDATE postings SET amount = amount + 100 WHERE shard = $1 AND seq = $2 AND n = 0`, int64(at.Shard), at.Seq)
		d := verify(t, h.Store, app.VerifyOptions{}).Difference
		if d == nil || d.What != "decision" || d.Seq != at.Seq || d.Shard != at.Shard || d.Member != h.cards[8].String() ||
			!strings.Contains(d.Expected, "issue of 28 ") || !strings.Contains(d.Found, "issue of 128 ") {
			t.Errorf("%v, want the decision of entry %v: 28 instead of 128", d, at)
		}
	})
}

// TestVerifyOfAnEarlierRevision has a decision that an earlier revision of the
// engine made otherwise: what follows it is known by its postings alone, and
// still compared.
func TestVerifyOfAnEarlierRevision(t *testing.T) {
	t.Parallel()
	h := newHistory(t, "sqlite:"+filepath.Join(t.TempDir(), "premia.db"))
	db := rawDatabase(t, h.url)
	before := wantHealthy(t, h.Store)

	// The same decision by another revision can be made again.
	rewrite(t, h, db, "shop-8", func(d *engine.Decision) { d.Revision-- })
	if v := wantHealthy(t, h.Store); v.Replayed != before.Replayed || v.Rederived != 0 {
		t.Errorf("%+v, want all %d replayed", v, before.Replayed)
	}

	// Another one can't: its member has it and one more, of the time that passed.
	rewrite(t, h, db, "shop-8", func(d *engine.Decision) { d.Steps = nil })
	v := wantHealthy(t, h.Store)
	if v.Rederived == 0 || v.Replayed+v.Rederived != before.Replayed || v.MembersRederived != 1 {
		t.Errorf("%+v, want some of %d re-derived, of one member", v, before.Replayed)
	}
	run(t, db, `UPDATE members SET state = (SELECT state FROM members WHERE member = $1) WHERE member = $2`, int64(h.cards[9]), int64(h.cards[8]))
	d := verify(t, h.Store, app.VerifyOptions{}).Difference
	if d == nil || !strings.HasPrefix(d.What, "balance of wallet") || d.Member != h.cards[8].String() {
		t.Errorf("%v, want that the balance of %s differs", d, h.cards[8])
	}
}

// TestVerifyWatchesTransit lets value arrive that had not left.
func TestVerifyWatchesTransit(t *testing.T) {
	t.Parallel()
	h := newHistory(t, "sqlite:"+filepath.Join(t.TempDir(), "premia.db"))
	at, err := h.Journal.EventAt(t.Context(), "m2")
	if err != nil {
		t.Fatal(err)
	}
	left, err := h.Journal.AnswerAt(t.Context(), at)
	if err != nil {
		t.Fatal(err)
	}
	forged := &event.Event{ID: "forged", Type: event.Absorb, Carried: left.Decision.FollowUps[0].Carried}
	a := h.append(journal.Request{Member: h.cards[6], Event: forged})
	d := verify(t, h.Store, app.VerifyOptions{}).Difference
	if d == nil || d.Seq != a.Seq || d.What != "event from another member" {
		t.Errorf("%v, want that no decision sent the event of entry %d", d, a.Seq)
	}
	if a.Decision.Postings[0].From != ledger.Transit {
		t.Errorf("the forged event moved %+v, want value out of transit", a.Decision.Postings[0])
	}
}

// TestVerifyFollowsTransfers finds transit equal to what was given and has not
// been answered, with one who received, one who is on the way to, and one who was
// erased; and finds what arrives without having left.
func TestVerifyFollowsTransfers(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		h := newHistory(t, url)
		h.publish(historyProgram + "transfers:\n  points: {}\n")
		h.clock.Advance(time.Minute)
		give := func(id string, from, to int, amount int64) journal.Answer {
			return h.append(journal.Request{Member: h.cards[from], Event: &event.Event{
				ID: id, Type: event.Transfer, Wallet: "points", Amount: amount, Given: event.GivenAmount,
				Data: []event.Datum{{Name: "to", Kind: event.Whole, Whole: int64(h.cards[to])}},
			}})
		}
		give("t1", 8, 9, 5)
		erased := give("t2", 8, 7, 3)
		if erased.Decision.Outcome != engine.Applied {
			t.Fatalf("the transfer was decided %s", erased.Decision.Outcome)
		}
		if v := wantHealthy(t, h.Store); v.Undelivered != 3 {
			t.Errorf("%d follow-ups are on their way, want a merge and two transfers", v.Undelivered)
		}
		for range 3 {
			if _, err := h.Journal.Deliver(t.Context(), journal.FollowUps{Journal: h.Journal}); err != nil {
				t.Fatal(err)
			}
		}
		if v := wantHealthy(t, h.Store); v.Undelivered != 0 {
			t.Errorf("%d follow-ups are on their way, want none", v.Undelivered)
		}
		forged := &event.Event{ID: "forged", Type: event.TransferIn, Carried: erased.Decision.FollowUps[0].Carried}
		a := h.append(journal.Request{Member: h.cards[9], Event: forged})
		d := verify(t, h.Store, app.VerifyOptions{}).Difference
		if d == nil || d.Seq != a.Seq || d.What != "event from another member" {
			t.Errorf("%v, want that no decision sent the event of entry %d", d, a.Seq)
		}
	})
}
