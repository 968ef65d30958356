package app

import (
	"context"

	"premia/internal/journal"
)

// CodeUnknownAdjustment says that there is no such adjustment.
const CodeUnknownAdjustment = "unknown_adjustment"

// mostApprovals is how far back adjustments that wait are looked for: so many
// adjustments and answers.
const mostApprovals = 10_000

// WaitingAdjustments gives the adjustments that wait for a second person, the
// latest first.
func (a *App) WaitingAdjustments(ctx context.Context) ([]journal.Answer, error) {
	entries, err := a.Store.Approvals(ctx, mostApprovals)
	if err != nil {
		return nil, err
	}
	answered := map[string]bool{}
	var all, waiting []journal.Answer
	for i := range entries {
		answer, err := a.Journal.Read(&entries[i])
		if err != nil {
			return nil, err
		}
		if entries[i].Mask&journal.MaskAnswered != 0 {
			answered[answer.Event.About] = true
			continue
		}
		all = append(all, answer)
	}
	for i := range all {
		if !answered[all[i].Event.ID] {
			waiting = append(waiting, all[i])
		}
	}
	return waiting, nil
}
