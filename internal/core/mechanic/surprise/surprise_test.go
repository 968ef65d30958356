package surprise_test

import (
	"strings"
	"testing"

	"premia/internal/testkit/mechanics"
)

const file = "testdata/surprises.yaml"

func TestScenarios(t *testing.T) { mechanics.Stories(t, file, 5) }

// Each language says the odds, the stock and what happens when a prize is used up.
func TestDescription(t *testing.T) {
	p := mechanics.Read(t, file).Program
	for lang, want := range map[string][]string{
		"en": {"Wheel of fortune: The big wheel", "“Jackpot”: 1,000 beans. The chance: 0.1%.", "There is one such prize.", "The chance of winning nothing: 80%.", "wins the next one", "You get a draw with the reward “A box”.", "a voucher “A tenth off”"},
		"pl": {"Koło fortuny: Wielkie koło", "Szansa: 0,1%", "Jest jedna taka nagroda.", "bon „Jedna dziesiąta taniej”"},
		"cs": {"Kolo štěstí: Velké kolo", "Šance: 0,1 %", "Stírací los"},
		"ru": {"Колесо фортуны: Большое колесо", "Шанс: 0,1 %", "Скретч-карта"},
	} {
		said := mechanics.Described(t, p, lang)
		for _, w := range want {
			if !strings.Contains(said, w) {
				t.Errorf("in %s there is no %q in\n%s", lang, w, said)
			}
		}
		if strings.Contains(said, "⟦") {
			t.Errorf("in %s words are missing in\n%s", lang, said)
		}
	}
}

func TestMistakesInDocuments(t *testing.T) {
	const (
		head = "wallets: {points: {name: points}}\n"
		a    = "{id: a, odds: 0.5, give: {points: 1}}"
	)
	for _, x := range []struct{ section, path, code string }{
		{"surprises: [{id: s, on: purchase, prizes: [" + a + "]}]", "surprises[0].prizes", "odds_do_not_sum"},
		{"surprises: [{id: s, on: purchase, prizes: [" + a + "], nothing: 0.6}]", "surprises[0].prizes", "odds_do_not_sum"},
		{"surprises: [{id: s, on: purchase, prizes: [{id: a, odds: -1, give: {points: 1}}]}]", "surprises[0].prizes[0].odds", "out_of_range"},
		{"surprises: [{id: s, on: purchase, prizes: [{id: a, odds: 0.0000000001, give: {points: 1}}]}]", "surprises[0].prizes[0].odds", "out_of_range"},
		{"surprises: [{id: s, prizes: [" + a + "], nothing: 0.5}]", "surprises[0]", "never_applies"},
		{"surprises: [{id: s, on: purchase, from: 2026-05-02, until: 2026-05-01, prizes: [" + a + "], nothing: 0.5}]", "surprises[0].until", "never_applies"},
		{"surprises: [{id: s, on: purchase, prizes: [{id: a, odds: 0.5}], nothing: 0.5}]", "surprises[0].prizes[0]", "ambiguous"},
		{"surprises: [{id: s, on: purchase, prizes: [{id: a, odds: 0.5, give: {points: 5%}}], nothing: 0.5}]", "surprises[0].prizes[0].give", "never_applies"},
		{"surprises: [{id: s, on: purchase, prizes: [{id: a, odds: 0.5, give: {points: 50}, limits: {points: {in total: 49}}}], nothing: 0.5}]", "surprises[0].prizes[0].limits", "never_applies"},
		{"surprises: [{id: s, on: purchase, prizes: [{id: a, odds: 0.5, reward: x}], nothing: 0.5}]", "surprises[0].prizes[0].reward", "unknown_reward"},
		{"surprises: [{id: s, on: purchase, limits: {}, prizes: [" + a + "], nothing: 0.5}]", "surprises[0].limits", "missing"},
		{"surprises: [{id: s, on: purchase, prizes: [" + a + ", " + a + "]}]", "surprises[0].prizes[1].id", "duplicate_id"},
		{"rewards: [{id: r, name: R, kind: surprise, price: {points: 1}, surprise: s}]", "rewards[0].surprise", "unknown_surprise"},
		{"surprises: [{id: s, prizes: [" + a + "], nothing: 0.5}]\nrewards: [{id: r, name: R, kind: surprise, price: {points: 1}, surprise: s, refund: {within: 1d}}]", "rewards[0].refund", "never_applies"},
		{"surprises: [{id: s, paused: true, prizes: [" + a + "], nothing: 0.5}]\nrewards: [{id: r, name: R, kind: surprise, price: {points: 1}, surprise: s}]", "rewards[0].surprise", "never_applies"},
		{"surprises: [{id: s, on: purchase, prizes: [" + a + "], nothing: 0.5}]\nscenarios: [{it: draws, steps: [{at: 2026-05-01, purchase: {id: A, total: \"1\"}, draws: {s: b}}]}]", "scenarios[0].steps[0].draws.s", "unknown_prize"},
	} {
		mechanics.RefusedAs(t, head+x.section, x.path, x.code)
	}
}
