package app

import (
	"strings"
	"time"

	"premia/internal/core/text"
	"premia/internal/store"
)

// BatchCalled is what a batch of codes is called, for [text.New]: as somebody named it, or,
// where its id was drawn by a form, by its reward and the day on which it was made.
func (a *App) BatchCalled(b *store.CodeBatch) any {
	if len(b.ID) != 32 || strings.Trim(b.ID, "0123456789abcdef") != "" {
		return b.ID
	}
	zone, reward := time.UTC, text.Localized{Fallback: "en", Texts: map[string]string{"en": a.RewardID(b.Reward)}}
	if p := a.Program(); p != nil {
		zone = p.Zone
		if rule, ok := p.Rules[b.Reward]; ok {
			reward = rule.Title
		}
	}
	made := b.Created.In(zone)
	return text.New("codes.batch", "Reward", reward, "Day", text.Date{Year: made.Year(), Month: made.Month(), Day: made.Day()})
}
