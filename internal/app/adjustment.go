package app

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/govalues/decimal"

	"premia/internal/auth"
	"premia/internal/core/engine"
	"premia/internal/core/event"
	"premia/internal/core/fit"
	"premia/internal/core/mechanic/adjustment"
	"premia/internal/core/text"
	"premia/internal/journal"
	"premia/internal/store"
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

// WorthOf gives what so many minor units of a wallet are worth in money; known is false
// where the wallet says nothing of it, or they are worth more than can be counted.
func WorthOf(p *engine.Program, w *engine.Wallet, minor int64) (worth text.Money, known bool) {
	if w.Worth.IsZero() {
		return text.Money{}, false
	}
	money, err := worthOf(minor, w, p.Currency.Scale)
	return p.Money(money), err == nil
}

// What makes an adjustment of a wallet without a limit a large one: what it is worth, in
// whole euros, or so many whole units where it is worth nothing in money.
const (
	largeEuros = 100
	largeUnits = 1000
)

// large tells whether an adjustment of so many minor units is more than one person is
// expected to make alone: more than the program lets them or, where it does not say, much
// by its worth.
func large(p *engine.Program, w *engine.Wallet, minor int64) bool {
	minor = max(minor, -minor)
	if most, limited := adjustment.Alone(p, w.ID); limited {
		return minor > most
	}
	if w.Worth.IsZero() {
		return minor >= largeUnits*engine.Power10(w.Unit.Scale)
	}
	worth, err := worthOf(minor, w, p.Currency.Scale)
	if err != nil {
		return true // more money than can be counted
	}
	factor, _ := fit.Factor("EUR", p.Currency.Code)
	from, ok := minorOf(factor, largeEuros, p.Currency.Scale)
	return ok && worth >= from
}

// minorOf is so many times a number, in minor units; false where that is too large.
func minorOf(d decimal.Decimal, times int64, scale int) (int64, bool) {
	product, err := d.Mul(decimal.MustNew(times, 0))
	if err != nil {
		return 0, false
	}
	whole, part, ok := product.Int64(scale)
	return whole*engine.Power10(scale) + part, ok
}

// largeAdjustment is one that somebody made alone.
type largeAdjustment struct {
	answer journal.Answer
	wallet *engine.Wallet
	// minor is what was moved, negative if it was taken.
	minor int64
	by    string
}

// mostLookedAt is how many adjustments of people are looked at for large ones, the latest
// first.
const mostLookedAt = 500

// largeAdjustments gives those that people made alone since an instant and that were not
// undone, the latest first. They are found in the audit trail, which keeps what people of
// the business do; what keys and imports move is not in question here.
func (a *App) largeAdjustments(ctx context.Context, p *engine.Program, f store.AuditFilter) ([]largeAdjustment, error) {
	f.Action = "event." + event.Adjustment
	rows, err := a.Store.Audits(ctx, f, mostLookedAt)
	if err != nil {
		return nil, err
	}
	var out []largeAdjustment
	for i := range rows {
		var of struct{ Event, Outcome string }
		if rows[i].Kind != string(auth.KindUser) || json.Unmarshal([]byte(rows[i].Details), &of) != nil ||
			of.Outcome != engine.Applied.String() || strings.HasPrefix(of.Event, undoes) {
			continue
		}
		answer, err := a.Event(ctx, of.Event)
		if err != nil {
			return nil, err
		}
		name, minor := Adjusted(&answer)
		w := p.Wallet(name)
		if w == nil || !large(p, w, minor) {
			continue
		}
		undone, err := a.Undone(ctx, of.Event)
		if err != nil {
			return nil, err
		}
		if undone == nil { // else it was undone, or that waits for a second person, who is told
			out = append(out, largeAdjustment{answer, w, minor, rows[i].Actor})
		}
	}
	return out, nil
}
