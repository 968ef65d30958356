package i18n

import (
	goi18n "github.com/nicksnyder/go-i18n/v2/i18n"
	xlanguage "golang.org/x/text/language"
)

// plurals tells the CLDR plural categories of each language.
type plurals map[string]*goi18n.Localizer

// newPlurals makes go-i18n name the category of a number, by an entry whose
// form of each category is the category's name.
func newPlurals() plurals {
	p := make(plurals, len(languages))
	for _, code := range languages {
		tag := xlanguage.MustParse(code)
		bundle := goi18n.NewBundle(tag)
		bundle.MustAddMessages(tag, &goi18n.Message{
			ID: "category", Zero: "zero", One: "one", Two: "two", Few: "few", Many: "many", Other: other,
		})
		p[code] = goi18n.NewLocalizer(bundle, code)
	}
	return p
}

// category gives the CLDR plural category of a decimal number, by its absolute
// value and the decimals it is written with. It is "other" in a language that
// is not offered, and for what is no number.
func (p plurals) category(code, number string) string {
	localizer := p[code]
	if localizer == nil {
		return other
	}
	name, err := localizer.Localize(&goi18n.LocalizeConfig{MessageID: "category", PluralCount: number})
	if err != nil {
		return other
	}
	return name
}
