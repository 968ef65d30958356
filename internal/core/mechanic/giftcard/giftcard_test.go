package giftcard_test

import (
	"errors"
	"strings"
	"testing"

	"premia/internal/core/mechanic/giftcard"
	"premia/internal/testkit/mechanics"
)

// Gift cards do what their scenarios say, and the program tells members of them in
// every language.
func TestCards(t *testing.T) {
	mechanics.Told(t, mechanics.Stories(t, "testdata/cards.yaml", 1).Program, "cards")
}

// Kinds with mistakes are reported with all of them at once.
func TestBadCards(t *testing.T) { mechanics.Mistakes(t, "testdata/bad.yaml") }

// Texts that can be no codes are refused, and patterns whose codes could be guessed.
func TestMalformedCodes(t *testing.T) {
	for _, text := range []string{"", "A", "12345", "ab cd-e", strings.Repeat("A", 65), "GIFT-1234-ÄÖÜ", "GIFT/1234/5678"} {
		if normal, err := giftcard.NormalCode(text); !errors.Is(err, giftcard.ErrMalformedCode) {
			t.Errorf("%q is %q", text, normal)
		}
	}
	if normal, err := giftcard.NormalCode(" gift 0o1l "); err != nil || normal != "61FT0011" {
		t.Errorf("%q %v", normal, err)
	}
	for _, pattern := range []string{"", "GIFT", "GIFT-####", "gift-####-####-####-#", strings.Repeat("#", 21)} {
		if _, err := giftcard.ParsePattern(pattern); err == nil {
			t.Errorf("the pattern %q is accepted", pattern)
		}
	}
}
