package i18n_test

import (
	"slices"
	"testing"

	"premia/internal/i18n"
)

// TestOrder puts names into the order of each language's dictionaries.
func TestOrder(t *testing.T) {
	for lang, want := range map[string][]string{
		"cs": {"Adam", "Cyril", "čáp 2", "Čapek", "Dvořák", "Hora", "Charvát", "Ivan", "Šíp", "Zeman", "Žižka"},
		"pl": {"Lis", "Łoś", "Małysz", "Mądry", "Osa", "Ósmy", "Sowa", "Śpiew", "Zając", "Źrebak", "Żaba"},
		"ru": {"Дуб", "Ёлка", "Ель", "Жук", "Иван", "Йога", "Яков"},
		"en": {"Adam", "Émile", "Zoe"},
	} {
		got := slices.Clone(want)
		slices.Reverse(got)
		slices.SortFunc(got, i18n.Order(lang))
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", lang, got, want)
		}
	}
	for lang, want := range map[string]rune{"en": ',', "pl": ';', "cs": ';', "ru": ';', "xx": ','} {
		if got := i18n.ListSeparator(lang); got != want {
			t.Errorf("%s: %q, want %q", lang, got, want)
		}
	}
}
