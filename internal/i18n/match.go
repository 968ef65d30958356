package i18n

import (
	"slices"

	xlanguage "golang.org/x/text/language"
)

// longestHeader bounds the work on a header from outside; browsers send less.
const longestHeader = 512

// Match picks the offered language that a reader prefers, by an Accept-Language
// header; regions do not matter ("pl-PL" is "pl"). Where the header names none
// of them or is malformed, it is the first offered. Without offered ones, it
// picks among all that the catalogue has.
func Match(acceptLanguage string, offered ...string) string {
	if len(offered) == 0 {
		offered = languages
	}
	if len(acceptLanguage) > longestHeader {
		return offered[0]
	}
	wanted, _, err := xlanguage.ParseAcceptLanguage(acceptLanguage)
	if err != nil {
		return offered[0]
	}
	for _, tag := range wanted { // the dearest first, without those of quality zero
		base, _ := tag.Base()
		if slices.Contains(offered, base.String()) {
			return base.String()
		}
	}
	return offered[0]
}
