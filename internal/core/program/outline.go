package program

import (
	"slices"
	"strconv"
	"strings"

	"premia/internal/core/document"
	"premia/internal/core/engine"
)

// Outline gives what a document may say, for forms and completion.
func Outline() (*document.Outline, error) {
	_, keyed := sectionsOf(Pipeline())
	return document.OutlineSections(&Head{}, keyed)
}

// walletsKeyed are the keys whose entries are named by wallets.
var walletsKeyed = []string{"give", "bonus", "multiply", "limits", "price", "welcome", "anniversary", "alone", "transfers", "gave"}

// beside are keys that stand among the wallets of limits.
var beside = []string{"times", "money", "liability"}

// NamesAt gives the document's own words that may stand at a path: keys below it,
// or values of it. The source may be nil where nothing can be read.
func NamesAt(s *document.Source, path string, key bool) []string {
	parent, last := document.Parent(path)
	if last == "" && !key {
		_, last = document.Parent(parent) // an item is as its list
	}
	if s == nil {
		s = &document.Source{}
	}
	wallets, _ := s.KeysAt("wallets")
	switch {
	case key && slices.Contains(walletsKeyed, last):
		if last == "limits" {
			wallets = append(wallets, beside...)
		}
		return wallets
	case key:
		return nil
	case last == "wallet" || last == "wallets":
		return wallets
	case last == "on" && !strings.HasPrefix(path, "referrals"), last == "until" && strings.HasSuffix(parent, "pending"), last == "type":
		own, _ := s.KeysAt("events")
		return append(append(engine.ReadyNames(), engine.RuleEvents...), own...)
	case last == "badge":
		names, _ := s.KeysAt("badges")
		return names
	case last == "group" && strings.HasPrefix(path, "offers"):
		names, _ := s.KeysAt("offer groups")
		return names
	case slices.Contains([]string{"redeem", "hold", "confirm", "cancel", "refund", "reward"}, last):
		return ids(s, "rewards")
	}
	return nil
}

// ids lists the ids of a list's items.
func ids(s *document.Source, list string) (out []string) {
	n, _ := s.Len(list)
	for i := range n {
		if id, ok := s.Text(list + "[" + strconv.Itoa(i) + "].id"); ok {
			out = append(out, id)
		}
	}
	return out
}

// IsCondition tells whether the text at a path is a condition, and IsItemCondition
// whether it is one on each item.
func IsCondition(path string) bool {
	parent, last := document.Parent(path)
	return !strings.HasPrefix(path, "scenarios") && !strings.HasPrefix(parent, "names") && (last == "when" || last == "items" || last == "for") && !strings.HasSuffix(parent, ".fee")
}

// IsItemCondition tells whether the condition at a path is on each item.
func IsItemCondition(path string) bool {
	_, last := document.Parent(path)
	return last == "items" && IsCondition(path)
}
