package leaderboard_test

import (
	"os"
	"strings"
	"testing"

	"premia/internal/core/engine"
	"premia/internal/core/program"
	"premia/internal/testkit/mechanics"
)

func load(t testing.TB) *program.Document {
	t.Helper()
	const file = "testdata/leaderboards.yaml"
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	d, err := program.Load(file, src, engine.NewNames())
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestScenarios(t *testing.T) {
	for _, f := range program.RunScenarios(load(t)) {
		for _, x := range f.Differences {
			t.Errorf("%s:%d: %s: %s is %s, want %s", f.File, x.Pos.Line, f.Scenario, x.What, x.Got, x.Want)
		}
	}
}

func TestDescription(t *testing.T) {
	p := load(t).Program
	for lang, want := range map[string][]string{
		"en": {"Leaderboard: Top of the month", "What counts: what you spend.", "What counts: what counts towards “Cakes”.", "It begins anew each month.", "Place 1: 100 stars.", "Places 2 to 3: 30 stars each.", "2 days after", "for each: town.", "first 3 places"},
		"pl": {"Ranking: Najlepsi w miesiącu", "Miejsca od 2 do 3: każde 30 gwiazd", "według kryterium: miasto"},
		"cs": {"Žebříček: Nejlepší v měsíci", "1. místo: 100 hvězd"},
		"ru": {"Рейтинг: Лучшие за месяц", "Место 1: 100 звёзд"},
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
	for _, x := range []struct{ board, path, code string }{
		{"{id: b, by: spend}", "leaderboards[0].period", "missing"},
		{"{id: b, period: calendar month}", "leaderboards[0].by", "missing"},
		{"{id: b, by: spend, period: month}", "leaderboards[0].period", "not_allowed"},
		{"{id: b, by: spend, from: 2026-01-01}", "leaderboards[0].until", "missing"},
		{"{id: b, by: spend, until: 2026-01-01}", "leaderboards[0].from", "missing"},
		{"{id: b, by: spend, from: 2026-02-01, until: 2026-01-01}", "leaderboards[0].until", "never_applies"},
		{"{id: b, by: spend, period: calendar month, until: 2026-01-01}", "leaderboards[0].until", "ambiguous"},
		{"{id: b, by: spending, period: calendar month}", "leaderboards[0].by", "unknown_measure"},
		{"{id: b, by: events.purchase.size, period: calendar month}", "leaderboards[0].by", "unknown_measure"},
		{"{id: b, by: events.visit, period: calendar month}", "leaderboards[0].by", "unknown_event_type"},
		{"{id: b, by: challenge.ten, period: calendar month}", "leaderboards[0].by", "unknown_challenge"},
		{"{id: b, by: challenge.tastes, period: calendar month}", "leaderboards[0].by", "unknown_measure"},
		{"{id: b, by: earned.miles, period: calendar month}", "leaderboards[0].by", "unknown_wallet"},
		{"{id: b, by: spend, period: calendar day, wait: 2d}", "leaderboards[0].wait", "out_of_range"},
		{"{id: b, by: spend, period: calendar year, wait: 1mo}", "leaderboards[0].wait", "out_of_range"},
		{"{id: b, by: spend, period: calendar day, group: member.purchases}", "leaderboards[0].group", "condition"},
		{"{id: b, by: spend, period: calendar day, grouped by: town}", "leaderboards[0].grouped by", "never_applies"},
		{"{id: b, by: spend, period: calendar day, prizes: [{places: 0, give: {points: 1}}]}", "leaderboards[0].prizes[0].places", "invalid"},
		{"{id: b, by: spend, period: calendar day, prizes: [{places: 5-2, give: {points: 1}}]}", "leaderboards[0].prizes[0].places", "invalid"},
		{"{id: b, by: spend, period: calendar day, prizes: [{places: first, give: {points: 1}}]}", "leaderboards[0].prizes[0].places", "invalid"},
		{"{id: b, by: spend, period: calendar day, prizes: [{places: 1-3, give: {points: 1}}, {places: 3, give: {points: 1}}]}", "leaderboards[0].prizes[1].places", "places_overlap"},
		{"{id: b, by: spend, period: calendar day, prizes: [{places: 1, give: {points: 5%}}]}", "leaderboards[0].prizes[0].give", "never_applies"},
		{"{id: b, by: earned.points, period: calendar day, prizes: [{places: 1, give: {points: 5}}]}", "leaderboards[0].prizes", "feeds_itself"},
		{"{id: b, by: earned.points, period: calendar day, prizes: [{places: 1, give: {stars: 5}}]}, {id: c, by: earned.stars, period: calendar day, prizes: [{places: 1, give: {points: 5}}]}", "leaderboards[1].prizes", "feeds_itself"},
		{"{id: b, by: spend, period: calendar day}, {id: b, by: spend, period: calendar day}", "leaderboards[1].id", "duplicate_id"},
	} {
		mechanics.RefusedAs(t, "wallets: {points: {name: points}, stars: {name: stars}}\nchallenges: [{id: tastes, count: products, goal: 3, each: month, give: {stars: 1}}]\nleaderboards: ["+x.board+"]", x.path, x.code)
	}
}
