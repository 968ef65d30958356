package document

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"
)

// Join is the path of a mapping's key: Join("earn[2]", "when") is "earn[2].when".
// A key that is not a plain word is put in brackets and quotes: give["a.b"].
func Join(path, key string) string {
	switch {
	case !plainKey(key):
		return path + "[" + strconv.Quote(key) + "]"
	case path == "":
		return key
	}
	return path + "." + key
}

// Index is the path of a list's item, counted from 0: Index("earn", 2) is "earn[2]".
func Index(path string, i int) string {
	return path + "[" + strconv.Itoa(i) + "]"
}

func plainKey(key string) bool {
	for _, r := range key {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' && r != '-' {
			return false
		}
	}
	return key != ""
}

// place is where a value stands: under a key of a mapping or at an index of a
// list. A nil place is the root. Places are linked, because most paths are never
// written.
type place struct {
	parent *place
	key    *yaml.Node // nil for an item of a list
	index  int
}

func (p *place) String() string {
	var chain []*place
	for ; p != nil; p = p.parent {
		chain = append(chain, p)
	}
	path := ""
	for _, p := range slices.Backward(chain) {
		if p.key != nil {
			path = Join(path, p.key.Value)
		} else {
			path = Index(path, p.index)
		}
	}
	return path
}

// step is one part of a path: a key, or an index when isIndex is set.
type step struct {
	key     string
	index   int
	isIndex bool
}

// join is the path of the place below another.
func (s step) join(path string) string {
	if s.isIndex {
		return Index(path, s.index)
	}
	return Join(path, s.key)
}

// Parent is the path of what a place is part of, and its own key there; the key is
// empty for an item of a list.
func Parent(path string) (parent, key string) {
	for rest := path; rest != ""; {
		s, deeper, ok := nextStep(rest)
		if !ok {
			return parent, ""
		}
		if deeper == "" {
			return parent, s.key
		}
		parent, rest = path[:len(path)-len(deeper)], deeper
	}
	return "", ""
}

// nextStep cuts the first step off a path; ok is false at its end, or where the
// rest is not a path.
func nextStep(path string) (s step, rest string, ok bool) {
	if strings.HasPrefix(path, `["`) {
		quoted, err := strconv.QuotedPrefix(path[1:])
		if err != nil || !strings.HasPrefix(path[1+len(quoted):], "]") {
			return step{}, "", false
		}
		key, err := strconv.Unquote(quoted)
		return step{key: key}, path[1+len(quoted)+1:], err == nil
	}
	if digits, after, found := strings.Cut(strings.TrimPrefix(path, "["), "]"); found && strings.HasPrefix(path, "[") {
		index, err := strconv.Atoi(digits)
		return step{index: index, isIndex: true}, after, err == nil && index >= 0
	}
	path = strings.TrimPrefix(path, ".")
	end := strings.IndexAny(path, ".[")
	if end < 0 {
		end = len(path)
	}
	return step{key: path[:end]}, path[end:], end > 0
}

// Canonical is a path as [Join] and [Index] write it, however it was put together.
func Canonical(path string) string {
	out := ""
	for rest := path; rest != ""; {
		s, deeper, ok := nextStep(rest)
		if !ok {
			return path
		}
		out, rest = s.join(out), deeper
	}
	return out
}
