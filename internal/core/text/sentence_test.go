package text_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"premia/internal/core/text"
)

func TestSentence(t *testing.T) {
	for want, s := range map[string]text.Sentence{
		"":                                   "",
		"write {beans: 120}":                 "write {beans: 120}",
		"a, b or c":                          text.Or("a", "b", "c"),
		"a and b":                            text.And("a", "b"),
		"alone":                              text.And("alone"),
		"{Words} of 5 in {a: 1}, {Words}":    text.Say("{What} of {Count} in {a: 1}, {What}", "{Words}", 5),
		"it is wrong: the number is too big": text.Say("it is wrong: {Why}", fmt.Errorf("%w", text.Sentence("the number is too big"))),
		"it is wrong: EOF":                   text.Say("it is wrong: {Why}", errors.New("EOF")),
	} {
		if got := s.String(); got != want {
			t.Errorf("%q, not %q", got, want)
		}
		if s != "" && text.Of(fmt.Errorf("%w", s)) != s {
			t.Errorf("%q is not found in an error that wraps it", want)
		}
	}
}

// Whatever the values hold, each comes out where it stands, and in another order.
func TestSentenceKeepsItsValues(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.String().Draw(t, "a"), rapid.String().Draw(t, "b")
		n := rapid.Int64().Draw(t, "n")
		inner := text.Say("in {B}", b)
		s := text.Say("{A} at {N} {Inner}", a, n, inner)
		got := s.In(func(english, count string) string {
			if strings.HasPrefix(english, "in") {
				return "w {B}"
			}
			if count != fmt.Sprint(n) {
				t.Fatalf("the count is %q", count)
			}
			return "{Inner}|{N}|{A}"
		})
		if want := fmt.Sprintf("w %s|%d|%s", b, n, a); got != want {
			t.Fatalf("%q, not %q", got, want)
		}
	})
}
