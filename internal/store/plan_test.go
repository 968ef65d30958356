package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"strings"
	"testing"

	"premia/internal/core/calendar"
	"premia/internal/testkit/postgres"
)

var hotScan = regexp.MustCompile(`(?i)(Seq Scan on|SCAN) (\w+ )?(journal|directory|members|postings|personal|codes|leaderboard_scores|d|m|j|c|p)\b`)

// reads gives those of the statements that read.
func reads(groups ...map[string]string) map[string]string {
	all := make(map[string]string)
	for _, group := range groups {
		maps.Copy(all, group)
	}
	maps.DeleteFunc(all, func(_, text string) bool { return strings.HasPrefix(strings.TrimSpace(text), "INSERT") })
	return all
}

// A plan that reads a whole hot table is right only while the table is empty.
func TestHotStatementsUseTheirIndexes(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) {
		s := must[*Store](t)(Open(t.Context(), sqliteURL(t), Options{Migrate: true}))
		defer s.Close()
		for name, text := range reads(sharedHot, liteHot) {
			values := make([]any, max(parameters(text), strings.Count(text, "?")))
			err := s.readSQLite(t.Context(), func(c *liteConn) error {
				return c.query(t.Context(), "EXPLAIN QUERY PLAN "+text, values, func(r row) error {
					if step := fmt.Sprint(r.(liteRow)[3]); hotScan.MatchString(step) {
						t.Errorf("%s: %s", name, step)
					}
					return nil
				})
			})
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
	t.Run("postgres", func(t *testing.T) {
		s := must[*Store](t)(Open(t.Context(), postgres.New(t), Options{Migrate: true}))
		defer s.Close()
		for name, text := range reads(sharedHot, pgHot) {
			if name == "lock" {
				continue // the table of shards is small
			}
			plan := planOf(t, s, text)
			if hotScan.MatchString(plan) || !strings.Contains(plan, "Index") {
				t.Errorf("%s:\n%s", name, plan)
			}
		}
	})
}

func parameters(text string) int {
	n := 0
	for strings.Contains(text, fmt.Sprint("$", n+1)) {
		n++
	}
	return n
}

// planOf gives the plan that PostgreSQL keeps for a prepared statement.
func planOf(t *testing.T, s *Store, text string) string {
	conn, err := s.readers.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	nulls := strings.TrimSuffix(strings.Repeat("NULL,", parameters(text)), ",")
	results, err := conn.Conn().PgConn().Exec(t.Context(),
		"DEALLOCATE ALL; PREPARE hot AS "+text+"; EXPLAIN EXECUTE hot("+nulls+"); DEALLOCATE ALL").ReadAll()
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	var plan strings.Builder
	for _, line := range results[2].Rows {
		plan.Write(line[0])
		plan.WriteByte('\n')
	}
	return plan.String()
}

// A full disk keeps nothing of the batch, says so, and does no harm.
func TestFullDisk(t *testing.T) {
	s := must[*Store](t)(Open(t.Context(), sqliteURL(t), Options{Migrate: true}))
	defer s.Close()
	var pages int64
	limit := func(to string) {
		c := must[*liteConn](t)(s.liteWriter.take(t.Context()))
		defer s.liteWriter.give(c)
		if err := queryRow(t.Context(), c, "PRAGMA max_page_count = "+to, nil, &pages); err != nil {
			t.Fatal(err)
		}
	}
	limit("1") // SQLite keeps to what the file has already
	large := func(ctx context.Context, b *Batch) error {
		return b.Write(ctx, &Writes{NewMembers: []Member{{ID: memberNo(1), DueAt: calendar.Never, State: make([]byte, 100_000)}}})
	}
	err := s.Batch(t.Context(), s.Shards(), func(b *Batch) error { return large(t.Context(), b) })
	if err == nil || !strings.Contains(err.Error(), "disk of the database is full") || errors.Is(err, ErrCommitUnknown) {
		t.Errorf("a batch on a full disk: %v, want an error that says so", err)
	}
	same(t, "rows left behind", must[Counts](t)(s.Counts(t.Context())), Counts{})
	limit("1000000")
	batch(t, s, large)
}
