package code_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"premia/internal/core/code"
)

// A code tells its number again, and any other code another one.
func TestCodesTellTheirNumbers(t *testing.T) {
	pattern, err := code.Parse("#####-#####-#####")
	if err != nil {
		t.Fatal(err)
	}
	maker, err := code.NewMaker(pattern, []byte("a secret"))
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.Int64Range(0, math.MaxInt64).Draw(t, "number")
		text := maker.Make(number)
		if got, ok := maker.Number(code.Normal(text)); !ok || got != number {
			t.Fatalf("%s of %d tells %d, %v", text, number, got, ok)
		}
		wrong := []rune(code.Normal(text))
		at := rapid.IntRange(0, len(wrong)-1).Draw(t, "place")
		wrong[at] = rapid.SampledFrom([]rune(code.Alphabet)).Draw(t, "character")
		if got, ok := maker.Number(string(wrong)); ok && got != number {
			t.Fatalf("%s with one character wrong tells %d", text, got)
		}
	})
	for _, none := range []string{"", "ABC", "00000-00000-0000"} {
		if _, ok := maker.Number(code.Normal(none)); ok {
			t.Errorf("%q is a code", none)
		}
	}
}
