package document_test

import (
	"strings"
	"testing"

	"premia/internal/core/document"
)

// head is what the tests below edit.
type head struct {
	Program   string                 `doc:"program"`
	Title     document.Text          `doc:"title"`
	Currency  string                 `doc:"currency"`
	Languages []string               `doc:"languages"`
	Wallets   document.Map[struct{}] `doc:"wallets"`
}

const edited = `# What it is.

program: Café   # the name
title:          # in each language
  pl: Kawiarnia
  en: Café

# Money.
currency: PLN
languages: [pl, en]             # the first is the fallback
wallets: {points: {}}           # stays
`

func TestEdited(t *testing.T) {
	for _, c := range []struct {
		name  string
		edits []document.Edit
		want  []string // old and new, in turn
	}{
		{"a value keeps its comment", []document.Edit{{"currency", "CZK"}, {"languages", []string{"cs"}}},
			[]string{"currency: PLN", "currency: CZK", "languages: [pl, en]             #", "languages: [cs]  #"}},
		{"a text is quoted where it must be", []document.Edit{{"program", "Kaffee: #1"}}, []string{"program: Café   #", "program: 'Kaffee: #1'  #"}},
		{"a key goes with all its lines", []document.Edit{{"title", nil}}, []string{"title:          # in each language\n  pl: Kawiarnia\n  en: Café\n", ""}},
		{"several lines become one", []document.Edit{{"title", "Bar"}}, []string{"title:          # in each language\n  pl: Kawiarnia\n  en: Café\n", "title: Bar\n"}},
		{"a new key stands first", []document.Edit{{"timezone", "Europe/Prague"}}, []string{"program: Café", "timezone: Europe/Prague\nprogram: Café"}},
		{"nothing changes nothing", nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var h head
			s, problems := document.Read("a.yaml", []byte(edited), &h)
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			got, err := s.Edited(c.edits...)
			if err != nil {
				t.Fatal(err)
			}
			if want := strings.NewReplacer(c.want...).Replace(edited); string(got) != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestWhatCantBeEdited(t *testing.T) {
	for _, src := range []string{`{"currency": "PLN"}`, `{currency: PLN}`} {
		var h head
		s, problems := document.Read("a.yaml", []byte(src), &h)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		if got, err := s.Edited(document.Edit{"currency", "CZK"}); err == nil {
			t.Errorf("%s became %s", src, got)
		}
	}
}
