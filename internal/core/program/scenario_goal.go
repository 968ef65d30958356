package program

import (
	"strings"

	"premia/internal/core/calendar"
	"premia/internal/core/ledger"
	"premia/internal/core/mechanic/challenge"
	"premia/internal/core/text"
)

// goal reads what is expected of a goal over several events, such as
// challenge.ten-coffees, or of a badge. A wallet of such a name comes first.
func (k *stepChecker) goal(path, key string, want Wanted) (expected, bool) {
	kind, id, dotted := strings.Cut(key, ".")
	if k.Program.WalletByID(kind) != nil || !dotted {
		return expected{}, false
	}
	var ids []string
	out := expected{path: path, key: key, about: aboutGoal}
	switch kind {
	case "challenge", "card", "streak", "badge":
		out.amount = k.amount(path, want)
	}
	switch kind {
	case "challenge", "card", "streak":
		for _, s := range challenge.Standings(k.Program, &ledger.State{}, 0) {
			if s.Kind == kind {
				ids = append(ids, s.ID)
			}
			if s.Kind == kind && s.ID == id {
				out.scale = s.Scale
				k.measured(path, s.Wallet, s.Money)
				return out, true
			}
		}
	case "badge":
		ids = challenge.BadgeIDs(k.Program)
	default:
		return expected{}, false
	}
	for _, known := range ids {
		if known == id {
			return out, true
		}
	}
	k.unknown(path, "unknown_"+kind, text.Say("there is no {Noun} {ID}", kind, quoted(id)), id, ids)
	return out, true
}

// goal gives what counts towards a goal at the instant, or the level of a badge.
func (r *stageRun) goal(a *actor, key string, at calendar.Instant) int64 {
	p := r.document.Program
	kind, id, _ := strings.Cut(key, ".")
	for _, b := range challenge.BadgesOf(p, &a.state) {
		if kind == "badge" && b.ID == id {
			return int64(b.Level)
		}
	}
	for _, s := range challenge.Standings(p, &a.state, at) {
		if s.Kind == kind && s.ID == id {
			return s.Counted
		}
	}
	return 0
}
