package i18n

import (
	"testing"
	"unicode"
	"unicode/utf16"
)

func TestFold(t *testing.T) {
	for name, want := range map[string]string{
		"Łukasz": "lukasz", "Dvořák": "dvorak", "Артём": "artem", "артем": "artem", "ЩЕРБАКОВ": "shcherbakov", "Müller": "muller", "Straße": "strasse",
		"O’Brien": "obrien", "İbrahim": "ibrahim", "Anna.Nowak+x@Example.com": "anna.nowak+x@example.com", "ﬁnn": "finn", "Nguyễn": "nguyen",
		"Ørsted": "orsted", "\u202eевил": "evil", "<b>": "b", "木村": "木村", "": "",
	} {
		if got := Fold(name); got != want {
			t.Errorf("Fold(%q) = %q, want %q", name, got, want)
		}
	}
}

// TestFoldingTwiceChangesNothing tries every character: what a fold writes is folded.
func TestFoldingTwiceChangesNothing(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if utf16.IsSurrogate(r) {
			continue
		}
		once := Fold(string(r))
		if twice := Fold(once); twice != once {
			t.Errorf("%q folds to %q, and that to %q", r, once, twice)
		}
	}
}
