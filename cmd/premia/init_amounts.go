package main

import (
	"bytes"
	"regexp"
	"strings"
)

// amountLine is a line of a document that has an amount of money.
type amountLine struct {
	line int // from 1
	text string
}

// amount is how documents write money: with as many decimals as it has.
var amount = regexp.MustCompile(`\b[0-9]+\.[0-9]{2}\b`)

// currencyWords are how texts call a currency, beside its code.
var currencyWords = map[string][]string{
	"PLN": {"zł", "злот"}, "CZK": {"Kč", "korun", "крон"}, "EUR": {"€", "euro", "евро"}, "GBP": {"£", "pound", "фунт"},
}

// amountLines finds the lines before the scenarios that have amounts of money, or name
// the currency that was.
func amountLines(src []byte, was string) []amountLine {
	names := append([]string{was}, currencyWords[was]...)
	var out []amountLine
	for i, line := range bytes.Split(src, []byte("\n")) {
		text := string(line)
		if strings.HasPrefix(text, "scenarios:") {
			break
		}
		rule, _, _ := strings.Cut(text, " #")
		found := amount.MatchString(rule) && !strings.Contains(rule, "multiply:")
		for _, name := range names {
			found = found || strings.Contains(rule, name)
		}
		if found {
			out = append(out, amountLine{i + 1, strings.TrimSpace(rule)})
		}
	}
	return out
}
