package ambassador_test

import (
	"testing"

	"premia/internal/testkit/mechanics"
)

func TestScenarios(t *testing.T) { mechanics.Stories(t, "testdata/ambassadors.yaml", 8) }

func TestMistakesInDocuments(t *testing.T) {
	const wallets = "wallets: {points: {name: points}}\n"
	const fine = "commissions: [{id: a, give: {points: 5%}}]"
	const to = "to: 'https://shop.example/?c={click}'"
	for _, x := range []struct{ section, path, code string }{
		{"{}", "ambassadors.window", "missing"},
		{"{window: 0d, " + to + ", " + fine + "}", "ambassadors.window", "out_of_range"},
		{"{window: 2y, " + to + ", " + fine + "}", "ambassadors.window", "out_of_range"},
		{"{window: 60d, keep clicks: 59d, " + to + ", " + fine + "}", "ambassadors.keep clicks", "out_of_range"},
		{"{window: 30d, to: 'https://shop.example/', " + fine + "}", "ambassadors.to", "invalid"},
		{"{window: 30d, to: 'https://{click}/', " + fine + "}", "ambassadors.to", "invalid"},
		{"{window: 30d, to: 'https://shop.example@{click}/', " + fine + "}", "ambassadors.to", "invalid"},
		{"{window: 30d, to: 'https:///{click}', " + fine + "}", "ambassadors.to", "invalid"},
		{"{window: 30d, to: 'javascript:{click}', " + fine + "}", "ambassadors.to", "invalid"},
		{"{window: 30d, " + to + ", commissions: []}", "ambassadors.commissions", "out_of_range"},
		{"{window: 30d, " + to + ", when: 'member.colour == 1', " + fine + "}", "ambassadors.when", "condition"},
		{"{window: 30d, " + to + ", commissions: [{id: a, give: {beans: 1}}]}", "ambassadors.commissions[0].give.beans", "unknown_wallet"},
		{"{window: 30d, " + to + ", commissions: [{id: a, give: {points: 1}, pending: {until: paid}}]}", "ambassadors.commissions[0].pending.until", "unknown_event_type"},
		{"{window: 30d, " + to + ", commissions: [{id: a, give: {points: 1}}, {id: a, give: {points: 1}}]}", "ambassadors.commissions[1].id", "duplicate_id"},
	} {
		mechanics.RefusedAs(t, wallets+"ambassadors: "+x.section, x.path, x.code)
	}
}
