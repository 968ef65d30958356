package i18n

import (
	"testing"

	"pgregory.net/rapid"
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

func TestFoldingTwiceChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		once := Fold(rapid.String().Draw(t, "text"))
		if twice := Fold(once); twice != once {
			t.Fatalf("%q, and again %q", once, twice)
		}
	})
}
