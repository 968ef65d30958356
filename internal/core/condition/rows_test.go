package condition_test

import (
	"testing"

	"premia/internal/core/condition"
)

func TestRows(t *testing.T) {
	kinds := func(field string) condition.Kind {
		return map[string]condition.Kind{"event.total": condition.KindDecimal, "member.purchases": condition.KindInt, "event.channel": condition.KindString}[field]
	}
	for src, back := range map[string]string{
		`event.total >= 10.00`:                            "",
		`event.total>=10.00&&event.channel=='app'`:        `event.total >= 10.00 && event.channel == "app"`,
		`event.channel in ["app", 'web'] || member.vip`:   `event.channel in ["app", "web"] || member.vip`,
		`!(event.channel in ["a,b"])`:                     "no",
		`!(event.channel in ["a"])`:                       "",
		`event.channel.startsWith("a && b \"c\"")`:        "",
		`has(event.data.size) && !has(event.data.colour)`: "",
		`!member.vip`: "",
		`member.purchases > 5 && member.purchases != -1`: "",
		`a.b == "x" && (c.d == "y" || e.f == "z")`:       "no",
		`a.b == "x" && c.d == "y" || e.f == "z"`:         "no",
		`event.items.exists(i, i.sku == "X")`:            "no",
		`event.total * 2.0 > 10.0`:                       "no",
		`event.total > member.limit`:                     "no",
		``:                                               "no",
	} {
		rows, either, ok := condition.Rows(src)
		if back == "no" {
			if ok {
				t.Errorf("%s became rows: %v", src, rows)
			}
			continue
		}
		if back == "" {
			back = src
		}
		if got := condition.Join(rows, either, kinds); !ok || got != back {
			t.Errorf("%s became %s", src, got)
		}
	}
	for row, want := range map[condition.Row]string{
		{Field: "event.total", Operator: condition.AtLeast, Value: "10"}:         "event.total >= 10.0",
		{Field: "event.channel", Operator: condition.Is, Value: "10"}:            `event.channel == "10"`,
		{Field: "event.channel", Operator: condition.OneOf, Value: "a,  b\"c"}:   `event.channel in ["a", "b\"c"]`,
		{Field: "event.total", Operator: condition.Is, Value: "x) || true || ("}: `event.total == "x) || true || ("`,
	} {
		if got := condition.Join([]condition.Row{row}, false, kinds); got != want {
			t.Errorf("%v became %s, not %s", row, got, want)
		}
	}
}
