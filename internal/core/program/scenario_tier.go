package program

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/govalues/decimal"

	"premia/internal/core/calendar"
	"premia/internal/core/document"
	"premia/internal/core/mechanic/tier"
	"premia/internal/core/text"
)

// Wanted is what a scenario expects of a wallet or a ladder: an amount, a level,
// or a day.
type Wanted string

// UnmarshalText takes any text.
func (w *Wanted) UnmarshalText(src []byte) error {
	*w = Wanted(src)
	return nil
}

// JSONSchema describes to editors what can be expected.
func (Wanted) JSONSchema() map[string]any {
	return map[string]any{
		"description": "an amount such as 120, or of a ladder a level, or a day such as 2027-12-31",
		"anyOf":       []any{map[string]any{"type": "number"}, map[string]any{"type": "string", "minLength": 1}},
	}
}

// tierFigures are what scenarios may expect of a ladder, beside the level.
var tierFigures = []string{"level", "counted", "missing", "needed", "until"}

// ladder reads what is expected of a ladder: tier.status is the level,
// tier.status.missing what is missing for the next one, and so on.
func (k *stepChecker) ladder(path, key string, want Wanted) expected {
	out := expected{path: path, key: key, about: aboutTier, want: string(want)}
	_, id, _ := strings.Cut(key, ".")
	id, out.figure, _ = strings.Cut(id, ".")
	if out.figure == "" {
		out.figure = "level"
	}
	var ids []string
	for _, l := range tier.Ladders(k.Program) {
		if ids = append(ids, l.ID); l.ID == id {
			out.ladder = l
		}
	}
	switch {
	case out.ladder == nil:
		k.unknown(path, "unknown_ladder", text.Say("there is no ladder {ID}", quoted(id)), id, ids)
	case !slices.Contains(tierFigures, out.figure):
		k.unknown(path, "unknown_figure", text.Say("a ladder has no {Figure}", quoted(out.figure)), out.figure, tierFigures)
	case out.figure == "level":
		k.level(path, &out)
	case out.figure == "until":
		if _, err := time.Parse(time.DateOnly, out.want); err != nil && out.want != never {
			k.Problem(path, document.CodeWrongType, text.Say("{Want} is no day", quoted(out.want)), "write it as 2027-12-31, the last day of the level, or never")
		}
	default:
		w, money := out.ladder.By.Counts()
		k.measured(path, w, money)
		out.want = k.amount(path, want).Trim(0).String()
	}
	return out
}

// never is how a scenario says that a level does not end by itself.
const never = "never"

func (k *stepChecker) level(path string, x *expected) {
	var ids []string
	for i := range x.ladder.Levels {
		ids = append(ids, x.ladder.Levels[i].ID)
	}
	if !slices.Contains(ids, x.want) {
		k.unknown(path, "unknown_level", text.Say("the ladder {ID} has no level {Want}", x.ladder.ID, quoted(x.want)), x.want, ids)
	}
}

// amount reads an expected amount.
func (k *stepChecker) amount(path string, want Wanted) decimal.Decimal {
	d, err := decimal.Parse(string(want))
	if err != nil {
		k.Problem(path, document.CodeWrongType, text.Say("{Want} is no amount", quoted(string(want))), "write a number")
	}
	return d
}

// standing gives a figure of the member's standing on a ladder.
func (r *stageRun) standing(a *actor, sc *scene, x *expected) string {
	p := r.document.Program
	for _, s := range tier.Standings(p, &a.state, sc.at) {
		if s.Ladder != x.ladder {
			continue
		}
		switch x.figure {
		case "level":
			return s.Level.ID
		case "counted":
			return shownMinor(s.Counted, s.Ladder.Decimals(p))
		case "missing":
			return shownMinor(s.Missing, s.Ladder.Decimals(p))
		case "needed":
			return shownMinor(s.Needed, s.Ladder.Decimals(p))
		}
		if s.Until == calendar.Never {
			return never
		}
		return (s.Until - 1).In(p.Zone).Format(time.DateOnly)
	}
	return fmt.Sprintf("no ladder %s", x.key)
}
