package store

import (
	"context"
	"strings"
)

// Analyze has PostgreSQL gather statistics of the tables, as it should be done
// after many rows came at once: plans for whole tables are then right. SQLite
// needs none, because its statements name their indexes' columns.
func (s *Store) Analyze(ctx context.Context) error {
	if s.dialect == SQLite {
		return nil
	}
	return wrong("analyze the tables", s.write(ctx, func(l link) error {
		_, err := l.exec(ctx, "ANALYZE "+strings.Join(allTables, ", "))
		return err
	}))
}
