package journal_test

import (
	"crypto/sha256"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"premia/internal/core/calendar"
	checked "premia/internal/core/document"
	"premia/internal/core/engine"
	"premia/internal/core/program"
	"premia/internal/journal"
	"premia/internal/store"
)

// TestRulesOfBefore has a program that was published before checks learnt to see that a
// part of it does nothing: it stays the rules of its time, and is refused as a new one.
func TestRulesOfBefore(t *testing.T) {
	t.Parallel()
	f := open(t, "sqlite:"+filepath.Join(t.TempDir(), "premia.db"), journal.Options{})
	before := []byte(strings.Replace(document, "  - {id: spend, give: {points: 1, per: 1.00}}\n", "", 1))
	sum := sha256.Sum256(before)
	now := calendar.Of(f.clock.Now())
	w := &store.Writes{Programs: []store.Program{{Version: 2, Document: before, LiveFrom: now, Published: now, Digest: sum[:]}}}
	if err := f.store.Batch(t.Context(), f.store.Shards(), func(tx *store.Batch) error { return tx.Write(t.Context(), w) }); err != nil {
		t.Fatal(err)
	}
	rules, err := journal.LoadRules(t.Context(), f.store)
	if err != nil || rules.Newest != 2 {
		t.Errorf("the rules are read: %+v, %v", rules, err)
	}
	var problems checked.Problems
	if _, err := f.Publish(t.Context(), append(before, '\n'), calendar.None, ""); !errors.As(err, &problems) || problems[0].Code != "never_applies" {
		t.Errorf("published again: %v", err)
	}
	if _, err := program.LoadPublished("program", []byte("program: X\nwalets: {}\n"), engine.NewNames()); err == nil {
		t.Error("other mistakes do no harm")
	}
}
