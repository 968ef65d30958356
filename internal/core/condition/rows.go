package condition

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Readable is a field that a condition may speak of, as it is written.
type Readable struct {
	Name string // "event.total"
	Type Type
	Doc  string
	ID   FieldID
}

// readableDepth is how deep objects in objects are followed.
const readableDepth = 4

// Readable lists the fields with a value of their own that an expression may start
// from, in the order of their declaration.
func (e *Env) Readable() []Readable {
	var out []Readable
	var walk func(path, object string, depth int)
	walk = func(path, object string, depth int) {
		o := e.objects[object]
		if o == nil || depth == 0 {
			return
		}
		for i := range o.Fields {
			f := &o.Fields[i]
			name := path + "." + f.Name
			if f.Type.kind == KindObject {
				walk(name, f.Type.object, depth-1)
			} else if f.Type.scalar() {
				out = append(out, Readable{Name: name, Type: f.Type, Doc: f.Doc, ID: f.ID})
			}
		}
	}
	for _, v := range slices.SortedFunc(maps.Values(e.variables), func(a, b *Variable) int { return cmp.Compare(a.ID, b.ID) }) {
		walk(v.Name, v.Type.object, readableDepth)
	}
	return out
}

// Row is one comparison of a plain condition.
type Row struct {
	Field    string
	Operator string // one of [Operators]
	// Value is the text or number compared with; several are joined by commas.
	Value string
}

// The operators of rows.
const (
	Is         = "=="
	IsNot      = "!="
	AtLeast    = ">="
	AtMost     = "<="
	MoreThan   = ">"
	LessThan   = "<"
	OneOf      = "in"
	NoneOf     = "not in"
	BeginsWith = "startsWith"
	EndsWith   = "endsWith"
	Contains   = "contains"
	IsKnown    = "has"
	IsUnknown  = "not has"
	IsTrue     = "true"
	IsFalse    = "false"
)

// Operators lists the operators in the order in which people are offered them.
func Operators() []string {
	return []string{Is, IsNot, AtLeast, AtMost, MoreThan, LessThan, OneOf, NoneOf, BeginsWith, EndsWith, Contains, IsKnown, IsUnknown, IsTrue, IsFalse}
}

const (
	pathForm    = `([a-zA-Z_][a-zA-Z0-9_]*(?:\.[a-zA-Z_][a-zA-Z0-9_]*)+)`
	literalForm = `("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|-?[0-9]+(?:\.[0-9]+)?)`
)

var (
	comparison = regexp.MustCompile(`^` + pathForm + `\s*(==|!=|>=|<=|>|<)\s*` + literalForm + `$`)
	membership = regexp.MustCompile(`^(!\()?` + pathForm + `\s+in\s+\[\s*(` + literalForm + `(?:\s*,\s*` + literalForm + `)*)\s*\](\))?$`)
	textTest   = regexp.MustCompile(`^` + pathForm + `\.(startsWith|endsWith|contains)\(\s*` + literalForm + `\s*\)$`)
	presence   = regexp.MustCompile(`^(!?)has\(\s*` + pathForm + `\s*\)$`)
	truth      = regexp.MustCompile(`^(!?)` + pathForm + `$`)
	literals   = regexp.MustCompile(literalForm)
)

// Rows takes a condition apart into comparisons that are all to be met or, with
// either, one of them. It is false for conditions of another form.
func Rows(src string) (rows []Row, either, ok bool) {
	parts, either, ok := split(strings.TrimSpace(src))
	if !ok {
		return nil, false, false
	}
	for _, part := range parts {
		row, ok := rowOf(part)
		if !ok {
			return nil, false, false
		}
		rows = append(rows, row)
	}
	return rows, either, true
}

func rowOf(part string) (Row, bool) {
	if m := comparison.FindStringSubmatch(part); m != nil {
		value, ok := unquote(m[3])
		return Row{m[1], m[2], value}, ok
	}
	if m := membership.FindStringSubmatch(part); m != nil && (m[1] == "") == (m[len(m)-1] == "") {
		var values []string
		for _, l := range literals.FindAllString(m[3], -1) {
			value, ok := unquote(l)
			if !ok || strings.Contains(value, ",") {
				return Row{}, false
			}
			values = append(values, value)
		}
		operator := OneOf
		if m[1] != "" {
			operator = NoneOf
		}
		return Row{m[2], operator, strings.Join(values, ", ")}, true
	}
	if m := textTest.FindStringSubmatch(part); m != nil {
		value, ok := unquote(m[3])
		return Row{m[1], m[2], value}, ok
	}
	for _, form := range []struct {
		form    *regexp.Regexp
		yes, no string
	}{{presence, IsKnown, IsUnknown}, {truth, IsTrue, IsFalse}} {
		if m := form.form.FindStringSubmatch(part); m != nil {
			if m[1] == "!" {
				return Row{Field: m[2], Operator: form.no}, true
			}
			return Row{Field: m[2], Operator: form.yes}, true
		}
	}
	return Row{}, false
}

// split cuts a condition at its && or || outside quotes and brackets; one that has
// both is not cut.
func split(src string) (parts []string, either, ok bool) {
	depth, from := 0, 0
	seen := ""
	for i := 0; i < len(src); i++ {
		switch b := src[i]; {
		case b == '"' || b == '\'':
			for i++; i < len(src) && src[i] != b; i++ {
				if src[i] == '\\' {
					i++
				}
			}
		case b == '(' || b == '[':
			depth++
		case b == ')' || b == ']':
			depth--
		case depth == 0 && (strings.HasPrefix(src[i:], "&&") || strings.HasPrefix(src[i:], "||")):
			if seen != "" && seen != src[i:i+2] {
				return nil, false, false
			}
			seen = src[i : i+2]
			parts = append(parts, strings.TrimSpace(src[from:i]))
			i++
			from = i + 1
		}
	}
	return append(parts, strings.TrimSpace(src[from:])), seen == "||", src != ""
}

func unquote(literal string) (string, bool) {
	switch literal[0] {
	case '"':
		s, err := strconv.Unquote(literal)
		return s, err == nil
	case '\'':
		inner := literal[1 : len(literal)-1]
		return inner, !strings.ContainsAny(inner, `\"`)
	}
	return literal, true
}

// Join writes rows as a condition. Whether the fields exist, and what they can be
// compared with, is found when it is compiled; kind gives a field's type, as
// numbers are written in its form and texts between quotes.
func Join(rows []Row, either bool, kind func(field string) Kind) string {
	parts := make([]string, len(rows))
	for i, row := range rows {
		parts[i] = row.source(kind(row.Field))
	}
	if either {
		return strings.Join(parts, " || ")
	}
	return strings.Join(parts, " && ")
}

func (r Row) source(kind Kind) string {
	switch r.Operator {
	case IsKnown:
		return "has(" + r.Field + ")"
	case IsUnknown:
		return "!has(" + r.Field + ")"
	case IsTrue:
		return r.Field
	case IsFalse:
		return "!" + r.Field
	case BeginsWith, EndsWith, Contains:
		return r.Field + "." + r.Operator + "(" + quoted(r.Value) + ")"
	case OneOf, NoneOf:
		var values []string
		for value := range strings.SplitSeq(r.Value, ",") {
			values = append(values, literal(strings.TrimSpace(value), kind))
		}
		test := r.Field + " in [" + strings.Join(values, ", ") + "]"
		if r.Operator == NoneOf {
			return "!(" + test + ")"
		}
		return test
	}
	return r.Field + " " + r.Operator + " " + literal(r.Value, kind)
}

var plainNumber = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)

// literal writes a value in the form that a field of a kind is compared with.
func literal(value string, kind Kind) string {
	switch {
	case kind == KindInt && plainNumber.MatchString(value):
		return value
	case kind == KindDecimal && plainNumber.MatchString(value):
		if strings.Contains(value, ".") {
			return value
		}
		return value + ".0"
	}
	return quoted(value)
}

// quoted writes a text with the escapes that both this package and Go know.
func quoted(text string) string { return strconv.Quote(text) }
