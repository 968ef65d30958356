package code

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// alike are the characters that people take for one another, on screens, on paper
// and on the telephone.
var alike = []string{"0OQD", "1IL", "2Z", "5S", "6G", "8B", "UV", "CG", "1J"}

func TestAlphabetHasNoLookAlikes(t *testing.T) {
	for _, group := range alike {
		found := ""
		for _, r := range group {
			if strings.ContainsRune(Alphabet, r) {
				found += string(r)
			}
		}
		if len(found) > 1 {
			t.Errorf("%q are both in the alphabet", found)
		}
	}
	if strings.ContainsAny(Alphabet, "AEIOU") {
		t.Error("a vowel is in the alphabet")
	}
	if Normal(Alphabet) != Alphabet {
		t.Errorf("the alphabet is not in its normal form: %s", Normal(Alphabet))
	}
	if !slices.IsSorted([]rune(Alphabet)) || len(slices.Compact([]rune(Alphabet))) != 23 {
		t.Error("the alphabet is not 23 characters in order")
	}
}

func TestNormal(t *testing.T) {
	for text, want := range map[string]string{
		"SPRING-0234-5678":   "5PR1N602345678",
		" spring 0234–5678 ": "5PR1N602345678",
		"5prlngO2345678":     "5PR1N602345678",
		"сон":                "C0H",
		"":                   "",
		"--":                 "",
		"łódź":               "ŁÓDŹ",
	} {
		if got := Normal(text); got != want {
			t.Errorf("normal form of %q is %q, want %q", text, got, want)
		}
	}
	for text, want := range map[string]bool{"ABC": false, "ABCD": true, "": false, strings.Repeat("A", 64): true, strings.Repeat("A", 65): false, "AB\x00CD": false, "AB\xffCD": false} {
		if got := Acceptable(Normal(text)); got != want {
			t.Errorf("%q acceptable: %v", text, got)
		}
	}
}

func TestNormalIsStable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		if once := Normal(text); Normal(once) != once {
			t.Errorf("%q becomes %q, and that %q", text, once, Normal(once))
		}
	})
}

func TestParse(t *testing.T) {
	for _, bad := range []string{"", "SPRING", "####", "spring-####-####", "SPRING--#####", "-#####", "#####-", "ЛЕТО-#####", "A_#####", strings.Repeat("#", 21), strings.Repeat("A", 36) + "#####"} {
		if _, err := Parse(bad); err == nil {
			t.Errorf("%q is taken for a pattern", bad)
		}
	}
	p := parse(t, "SPRING-####-####")
	if p.Numbers() != 3404825447 || p.Capacity() != 3404825 || Longer(3404825) != 8 || Longer(3404826) != 9 {
		t.Errorf("%d numbers, %d codes", p.Numbers(), p.Capacity())
	}
	if parse(t, strings.Repeat("#", 20)).Numbers() != 1<<63-1 || Longer(1<<62) != 0 {
		t.Error("what is too large for a number is not the largest number")
	}
}

func parse(t interface{ Fatal(...any) }, text string) Pattern {
	p, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func maker(t interface{ Fatal(...any) }, p Pattern, secret string) *Maker {
	m, err := NewMaker(p, []byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// patterns draws a pattern with at most so many places.
func patterns(t *rapid.T, most int) Pattern {
	places := rapid.IntRange(minPlaces, most).Draw(t, "places")
	text := rapid.SampledFrom([]string{"", "A", "SPRING-", "0-"}).Draw(t, "head")
	for range places {
		text += "#" + rapid.SampledFrom([]string{"", "", "-", "B", "7"}).Draw(t, "between")
	}
	text = strings.Trim(text, "-")
	if len(text) > maxPattern {
		text = strings.Repeat("#", places)
	}
	return parse(t, text)
}

// TestEveryWrongCharacterIsNoticed puts every other character at every place of a
// code: what comes out is never a code of the pattern.
func TestEveryWrongCharacterIsNoticed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := patterns(t, maxPlaces)
		m := maker(t, p, "secret")
		right := []rune(Normal(m.Make(rapid.Int64Range(0, p.Numbers()-1).Draw(t, "number"))))
		if p.Fit(string(right)) != Fits {
			t.Fatalf("%s does not fit %s", string(right), p)
		}
		for i := range right {
			for _, r := range "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZЖ" {
				wrong := slices.Clone(right)
				wrong[i] = r
				form := Normal(string(wrong))
				if form == string(right) {
					continue // a look-alike is no mistake
				}
				if p.Fit(form) == Fits {
					t.Fatalf("%s is taken for a code like %s", form, string(right))
				}
			}
		}
	})
}

// TestNeighboursThatChangePlacesAreNoticed swaps any two neighbours, and any two
// characters within 22 places.
func TestNeighboursThatChangePlacesAreNoticed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := patterns(t, maxPlaces)
		m := maker(t, p, "secret")
		right := []rune(Normal(m.Make(rapid.Int64Range(0, p.Numbers()-1).Draw(t, "number"))))
		for i := range right {
			for j := range i {
				wrong := slices.Clone(right)
				wrong[i], wrong[j] = wrong[j], wrong[i]
				if wrong[i] != wrong[j] && p.Fit(string(wrong)) == Fits {
					t.Fatalf("%s is taken for a code like %s", string(wrong), string(right))
				}
			}
		}
	})
}

func TestFit(t *testing.T) {
	p := parse(t, "SPRING-####-####")
	right := maker(t, p, "secret").Make(7)
	for text, want := range map[string]Fit{
		right: Fits, strings.ToLower(right): Fits, strings.ReplaceAll(right, "-", " "): Fits,
		"AUTUMN" + right[6:]: Foreign, right[:len(right)-1]: Foreign, right + "0": Foreign, "": Foreign,
		right[:len(right)-1] + "A": Mistyped,
	} {
		if got := p.Fit(Normal(text)); got != want {
			t.Errorf("%q fits %d, want %d", text, got, want)
		}
	}
	if plain := parse(t, "#####"); plain.Fit("0234A") != Mistyped || plain.Fit("HELLO") != Foreign {
		t.Error("a pattern without letters of its own takes a word for a mistyped code")
	}
	if (Pattern{}).Fit("") != Foreign {
		t.Error("the empty code fits no pattern")
	}
}

// TestEveryNumberHasItsOwnCode makes all codes of a short pattern.
func TestEveryNumberHasItsOwnCode(t *testing.T) {
	p := parse(t, "#####")
	m := maker(t, p, "secret")
	seen := make(map[string]bool, p.Numbers())
	for n := range p.Numbers() {
		c := m.Make(n)
		if seen[c] {
			t.Fatalf("the number %d makes %s, which another one made", n, c)
		}
		seen[c] = true
	}
	if len(seen) != 279841 {
		t.Errorf("%d codes", len(seen))
	}
}

func TestDifferentNumbersMakeDifferentCodes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := patterns(t, maxPlaces)
		m := maker(t, p, rapid.StringN(1, 8, -1).Draw(t, "secret"))
		a, b := rapid.Int64Range(0, p.Numbers()-1).Draw(t, "a"), rapid.Int64Range(0, p.Numbers()-1).Draw(t, "b")
		if first := m.Make(a); (first == m.Make(b)) != (a == b) || first != m.Make(a) {
			t.Errorf("%d makes %s and %d makes %s", a, first, b, m.Make(b))
		}
	})
}

// TestCodesAreSpread makes codes of numbers in a row: at no place does a character
// stand much more often than others, and nothing of the order shows.
func TestCodesAreSpread(t *testing.T) {
	p := parse(t, "########")
	m := maker(t, p, "secret")
	const codes = 23_000
	var count [8][size]int
	for n := range int64(codes) {
		for i, r := range m.Make(n) {
			count[i][valueOf(r)]++
		}
	}
	for i := range count {
		for v, n := range count[i] {
			if n < 800 || n > 1200 { // six standard deviations from 1000
				t.Errorf("at the place %d the character %c stands %d times of %d", i, Alphabet[v], n, codes)
			}
		}
	}
	if maker(t, p, "another").Make(0) == m.Make(0) || maker(t, parse(t, "#######"), "secret").Make(0) == m.Make(0)[:7] {
		t.Error("another secret or pattern makes the same codes")
	}
}

func TestCodesOfIDs(t *testing.T) {
	seen := make(map[string]bool)
	for _, id := range []string{"evt_1", "evt_2", "evt_11", ""} {
		for attempt := range 3 {
			c := VoucherPattern.Of([]byte("secret"), id, attempt)
			if VoucherPattern.Fit(Normal(c)) != Fits || seen[c] || c != VoucherPattern.Of([]byte("secret"), id, attempt) {
				t.Errorf("%q makes %s", id, c)
			}
			seen[c] = true
		}
	}
	if seen[VoucherPattern.Of([]byte("another"), "evt_1", 0)] {
		t.Error("another secret makes the same codes")
	}
}

func BenchmarkMake(b *testing.B) {
	m := maker(b, parse(b, "SPRING-####-####"), "secret")
	for n := range int64(b.N) {
		m.Make(n)
	}
}
