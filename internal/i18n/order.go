package i18n

import (
	"golang.org/x/text/collate"
	xlanguage "golang.org/x/text/language"
)

// Order gives what compares texts as dictionaries of the language have them: Č behind C
// in Czech, Ł behind L in Polish, Ё among Е in Russian. It is for one goroutine; the order
// of the root of CLDR stands in for one that is not known.
func Order(lang string) func(a, b string) int {
	return collate.New(xlanguage.Make(lang)).CompareString
}

// ListSeparator is the character between the fields of files that spreadsheets open right
// in the language: a semicolon where the comma begins the decimals of a number.
func ListSeparator(lang string) rune {
	if m := mannersOf[lang]; m != nil && m.decimal == "," {
		return ';'
	}
	return ','
}
