package app

import (
	"context"

	"premia/internal/store"
)

// codes copies the batches of codes and the codes. Their keys stay, as the secret
// does.
func (m *mover) codes(ctx context.Context) error {
	batches, err := m.from.CodeBatches(ctx)
	if err != nil {
		return err
	}
	for _, b := range batches {
		if err := m.to.KeepCodeBatch(ctx, b); err != nil {
			return err
		}
	}
	for _, shard := range m.source.Shards() {
		err := eachPageOfCodes(ctx, m.from, shard, func(page []store.Code) error {
			added, err := m.to.AddCodes(ctx, page)
			m.out.Codes += added
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// eachPageOfCodes reads the codes of a shard.
func eachPageOfCodes(ctx context.Context, from *store.Snapshot, shard store.Shard, fn func([]store.Code) error) error {
	for after := []byte(nil); ; {
		page, err := from.Codes(ctx, shard, after, pageOfRows)
		if err != nil {
			return err
		}
		if err := fn(page); err != nil {
			return err
		}
		if len(page) < pageOfRows {
			return nil
		}
		last := page[len(page)-1].Key
		after = last[:]
	}
}
