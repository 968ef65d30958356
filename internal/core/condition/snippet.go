package condition

import (
	"math"
	"strings"
	"unicode"
)

// snippet is the part of the source that the node was made from. The places
// that cel-go keeps are those of names, signs and opening brackets, so it is
// widened to whole words and balanced brackets.
func (s *source) snippet(n *node) string {
	from, to := math.MaxInt, 0
	n.extent(&from, &to)
	if from > to || to >= len(s.runes) {
		return strings.TrimSpace(s.text)
	}
	opened := s.brackets()
	from, to = s.word(from, to)
	for changed := true; changed; {
		changed = false
		for open, end := range opened {
			crosses := open < from && end >= from && end <= to || open >= from && open <= to && end > to
			if crosses {
				from, to = s.word(min(from, open), max(to, end))
				changed = true
			}
		}
	}
	return strings.TrimSpace(string(s.runes[from : to+1]))
}

// extent is the first and the last place of a node.
func (n *node) extent(from, to *int) {
	*from, *to = min(*from, n.char), max(*to, n.char)
	for _, a := range n.args {
		a.extent(from, to)
	}
}

// word widens the range to whole names, numbers and quoted texts, and on the
// left over a call's name to its bracket.
func (s *source) word(from, to int) (int, int) {
	part := func(r rune) bool { return r == '_' || r == '.' || unicode.IsLetter(r) || unicode.IsDigit(r) }
	for from > 0 && (part(s.runes[from]) || s.runes[from] == '(') && part(s.runes[from-1]) {
		from--
	}
	if q := s.runes[to]; q == '"' || q == '\'' {
		for to+1 < len(s.runes) && s.runes[to+1] != q {
			if s.runes[to+1] == '\\' && to+2 < len(s.runes) {
				to++
			}
			to++
		}
		return from, min(to+1, len(s.runes)-1)
	}
	if s.runes[to] == '-' {
		for to+1 < len(s.runes) && s.runes[to+1] == ' ' {
			to++
		}
		to = min(to+1, len(s.runes)-1)
	}
	if part(s.runes[to]) {
		for to+1 < len(s.runes) && part(s.runes[to+1]) {
			to++
		}
	}
	return from, to
}

// brackets pairs opening with closing brackets outside of quoted texts.
func (s *source) brackets() map[int]int {
	pairs := make(map[int]int)
	var open []int
	for i := 0; i < len(s.runes); i++ {
		switch r := s.runes[i]; r {
		case '"', '\'':
			for i++; i < len(s.runes) && s.runes[i] != r; i++ {
				if s.runes[i] == '\\' {
					i++
				}
			}
		case '(', '[':
			open = append(open, i)
		case ')', ']':
			if len(open) > 0 {
				pairs[open[len(open)-1]] = i
				open = open[:len(open)-1]
			}
		}
	}
	return pairs
}
