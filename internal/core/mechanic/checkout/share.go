package checkout

import (
	"strconv"
	"strings"

	"github.com/govalues/decimal"

	"premia/internal/core/mechanic/rule"
	"premia/internal/core/money"
	"premia/internal/core/text"
)

// Share is a part of a sum, written in percent: 60%.
type Share struct {
	Percent decimal.Decimal
	Rate    money.Rate
}

// UnmarshalText reads a percentage above zero and at most 100.
func (s *Share) UnmarshalText(src []byte) error {
	number, percent := strings.CutSuffix(string(src), "%")
	d, err := decimal.Parse(strings.TrimSpace(number))
	if err == nil {
		s.Percent = d
		s.Rate, err = rule.PercentRate(d)
	}
	if !percent || err != nil || !d.IsPos() || d.Cmp(decimal.Hundred) > 0 {
		return text.Advise(text.Say("{Share} is not a part of a sum", strconv.Quote(string(src))), "write a percentage above zero and at most 100%, such as 60%")
	}
	return nil
}

// JSONSchema describes a share to editors.
func (Share) JSONSchema() map[string]any {
	return map[string]any{"type": "string", "pattern": `^[0-9]+(\.[0-9]+)?%$`, "description": "a part of a sum, such as 60%"}
}
