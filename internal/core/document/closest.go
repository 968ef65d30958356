package document

import "strings"

// longestSuggested bounds the words that are compared, so that a hint never
// costs more than the reading.
const longestSuggested = 64

// Closest finds the word in among that was probably meant by word: the one with
// the fewest insertions, deletions, replacements and swaps of neighbours
// (optimal string alignment, a restricted Damerau-Levenshtein distance), letters
// of either case being equal. It reports false when none is near: up to one
// change in a word of at most four characters, two up to eight, else three. Among
// equals the first wins.
func Closest(word string, among []string) (string, bool) {
	w := []rune(strings.ToLower(word))
	if len(w) == 0 || len(w) > longestSuggested {
		return "", false
	}
	best, found := tolerance(len(w))+1, ""
	for _, candidate := range among {
		c := []rune(strings.ToLower(candidate))
		if len(c) > longestSuggested || abs(len(c)-len(w)) >= best {
			continue
		}
		// A change of every character is no likeness.
		if d := distance(w, c); d < best && d < max(len(w), len(c)) {
			best, found = d, candidate
		}
	}
	return found, found != ""
}

func tolerance(length int) int {
	switch {
	case length <= 4:
		return 1
	case length <= 8:
		return 2
	}
	return 3
}

func abs(n int) int { return max(n, -n) }

// distance is the optimal string alignment distance of a and b.
func distance(a, b []rune) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			change := 1
			if a[i-1] == b[j-1] {
				change = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
