package condition

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"cel.dev/cel-go/common"
	"cel.dev/cel-go/common/ast"

	"premia/internal/core/document"
)

func (es Errors) sorted() Errors {
	slices.SortStableFunc(es, func(a, b *Error) int { return a.Offset - b.Offset })
	return es
}

// knownFunctions are the functions and operators of the table;
// writableFunctions are those that are written by name, with the macros.
var (
	knownFunctions = func() map[string]bool {
		known := make(map[string]bool)
		for _, o := range overloads {
			known[o.function] = true
		}
		return known
	}()
	writableFunctions = func() []string {
		names := []string{"has", "exists", "all", "exists_one", "map", "filter"}
		for name := range knownFunctions {
			if identifier.MatchString(name) && !strings.HasPrefix(name, "_") {
				names = append(names, name)
			}
		}
		slices.Sort(names)
		return names
	}()
)

// syntaxErrors are the parser's complaints in our words.
func (s *source) syntaxErrors(issues *common.Errors) Errors {
	var out Errors
	for _, issue := range issues.GetErrors() {
		message := strings.TrimPrefix(issue.Message, "Syntax error: ")
		hint := ""
		switch {
		case strings.HasPrefix(message, "expression recursion limit"):
			message, hint = "the expression is nested too deeply", "split it into several rules"
		case strings.HasPrefix(message, "expression count exceeds"):
			message, hint = "the expression is too large", "split it into several rules"
		case message == "unexpected token after expression" && s.rune(s.char(issue.Location)) == '=':
			message, hint = "= is not an operator", "to compare, write =="
		case message == "invalid double literal", message == "invalid int literal":
			message = "the number is out of range"
		case strings.Contains(message, "<EOF>"):
			message = "the expression ends too early"
		case message == "invalid argument to has() macro":
			message, hint = "has() asks for a field", "write has(member.birthday)"
		case strings.HasPrefix(message, "argument must be a simple name"), message == "argument is not an identifier":
			message, hint = "the first argument names an element", `write items.exists(i, i.category == "coffee")`
		}
		out = append(out, s.at(s.char(issue.Location), message, hint))
	}
	return out.sorted()
}

// rune is the character at the place, 0 behind the end.
func (s *source) rune(char int) rune {
	if char >= len(s.runes) {
		return 0
	}
	return s.runes[char]
}

// char is the character at cel-go's location, which counts lines from 1 and
// columns from 0.
func (s *source) char(l common.Location) int {
	char, line := 0, 1
	for char < len(s.runes) && line < l.Line() {
		if s.runes[char] == '\n' {
			line++
		}
		char++
	}
	return char + max(l.Column(), 0)
}

var (
	undeclared = regexp.MustCompile(`^undeclared reference to '([^']*)'`)
	noField    = regexp.MustCompile(`^undefined field '([^']*)'`)
	noOverload = regexp.MustCompile(`(?s)^found no matching overload for '([^']*)' applied to '(.*)'$`)
	mismatch   = regexp.MustCompile(`(?s)^expected type '(.*)' but found '(.*)'$`)
	noSelect   = regexp.MustCompile(`(?s)^type '(.*)' does not support field selection$`)
	noLoop     = regexp.MustCompile(`(?s)^expression of type '(.*)' cannot be range`)
)

// typeErrors are the checker's complaints in our words.
func (e *Env) typeErrors(c *checked, issues *common.Errors) Errors {
	var out Errors
	nodes := make(map[int64]ast.Expr)
	ast.PostOrderVisit(c.ast.Expr(), ast.NewExprVisitor(func(n ast.Expr) { nodes[n.ID()] = n }))
	for _, issue := range issues.GetErrors() {
		message, hint := e.explain(c, nodes[issue.ExprID], issue.Message)
		char := c.source.char(issue.Location)
		if c.source.rune(char) == '.' && noField.MatchString(issue.Message) {
			char++ // point at the field's name
		}
		out = append(out, c.source.at(char, message, hint))
	}
	return out.sorted()
}

func (e *Env) explain(c *checked, node ast.Expr, complaint string) (message, hint string) {
	if m := undeclared.FindStringSubmatch(complaint); m != nil {
		names := slices.Sorted(maps.Keys(e.variables))
		return "there is no " + m[1] + " here", didYouMean(m[1], names, "there are: ")
	}
	if m := noField.FindStringSubmatch(complaint); m != nil {
		return e.unknownField(c, node, m[1])
	}
	if m := noOverload.FindStringSubmatch(complaint); m != nil {
		return wrongArguments(m[1], splitTypes(m[2]))
	}
	if m := mismatch.FindStringSubmatch(complaint); m != nil {
		return "this gives " + typeWords(m[2]) + ", but " + typeWords(m[1]) + " is needed here", ""
	}
	if m := noSelect.FindStringSubmatch(complaint); m != nil {
		return typeWords(m[1]) + " has no fields", ""
	}
	if m := noLoop.FindStringSubmatch(complaint); m != nil {
		return "this needs a list, but it is " + typeWords(m[1]), ""
	}
	return complaint, ""
}

func (e *Env) unknownField(c *checked, node ast.Expr, name string) (message, hint string) {
	if node == nil || node.Kind() != ast.SelectKind {
		return "there is no field " + name, ""
	}
	operand := node.AsSelect().Operand()
	t, ok := fromCEL(c.ast.GetType(operand.ID()))
	if !ok || e.objects[t.object] == nil {
		return "there is no field " + name, ""
	}
	fields := slices.Sorted(maps.Keys(e.objects[t.object].byName))
	return t.object + " has no field " + name, didYouMean(name, fields, "there are: ")
}

// operatorWords are the operators as they are written.
var operatorWords = map[string]string{
	"_==_": "==", "_!=_": "!=", "_<_": "<", "_<=_": "<=", "_>_": ">", "_>=_": ">=",
	"_+_": "+", "_-_": "-", "_*_": "*", "_/_": "/", "_%_": "%", "-_": "-", "!_": "!", "@in": "in", "_?_:_": "? :",
}

func wrongArguments(function string, args []string) (message, hint string) {
	words := make([]string, len(args))
	for i, a := range args {
		words[i] = typeWords(a)
	}
	sign, operator := operatorWords[function]
	switch {
	case function == "@in" && len(args) == 2:
		return "in cannot look for " + words[0] + " in " + words[1], "on the right stands a list of such values"
	case function == "_?_:_" && len(args) == 3 && args[0] != "bool":
		return "before ? stands " + words[0] + ", but true or false is needed there", ""
	case function == "_?_:_" && len(args) == 3:
		return "the two results of ? : must have one type, but they are " + words[1] + " and " + words[2], ""
	case operator && len(args) == 2:
		return sign + " does not work with " + words[0] + " and " + words[1], operatorHint(function, args)
	case operator && len(args) == 1:
		return sign + " does not work with " + words[0], ""
	case len(args) == 0 || len(args) == 1 && args[0] == "":
		return function + "() needs arguments", ""
	}
	return function + "() does not work with " + strings.Join(words, " and "), ""
}

func operatorHint(function string, args []string) string {
	if function != "_==_" && function != "_!=_" {
		return ""
	}
	for i, other := range []int{1, 0} {
		if args[i] == "string" && (args[other] == "int" || args[other] == "decimal") {
			return "leave out the quotation marks to compare numbers"
		}
		if strings.HasPrefix(args[i], "list(") {
			return "use in, exists(…) or all(…) with lists"
		}
	}
	return ""
}

// splitTypes splits cel-go's signature "(int, list(string))" or
// "string.(string)".
func splitTypes(signature string) []string {
	target, rest, member := strings.Cut(signature, ".(")
	if !member {
		target, rest = "", strings.TrimPrefix(signature, "(")
	}
	rest = strings.TrimSuffix(rest, ")")
	var out []string
	if member {
		out = append(out, target)
	}
	depth, from := 0, 0
	for i, r := range rest {
		switch {
		case r == '(':
			depth++
		case r == ')':
			depth--
		case r == ',' && depth == 0:
			out = append(out, strings.TrimSpace(rest[from:i]))
			from = i + 1
		}
	}
	if last := strings.TrimSpace(rest[from:]); last != "" || out == nil {
		out = append(out, last)
	}
	return out
}

// typeWords names cel-go's type in a sentence.
func typeWords(name string) string {
	if inner, ok := strings.CutPrefix(name, "list("); ok {
		if inner == "dyn)" {
			return "an empty or mixed list"
		}
		return "a list of " + elementWords(strings.TrimSuffix(inner, ")"))
	}
	if t, ok := typeNames[name]; ok {
		return t.String()
	}
	if object, ok := strings.CutPrefix(name, objectPrefix); ok {
		return ObjectOf(object).String()
	}
	return name
}

func elementWords(name string) string {
	if t, ok := typeNames[name]; ok {
		return t.plural()
	}
	if object, ok := strings.CutPrefix(name, objectPrefix); ok {
		return ObjectOf(object).plural()
	}
	return name
}

var typeNames = map[string]Type{
	"bool": Bool, "int": Int, "decimal": Decimal, "string": String,
	"timestamp": Timestamp, "google.protobuf.Timestamp": Timestamp,
	"duration": Duration, "google.protobuf.Duration": Duration,
}

// didYouMean suggests the nearest of the known names; where none is near it
// lists them all after the words otherwise, unless those are empty.
func didYouMean(name string, known []string, otherwise string) string {
	if near, ok := document.Closest(name, known); ok {
		return "did you mean " + near + "?"
	}
	if otherwise != "" && len(known) > 0 {
		return otherwise + strings.Join(known, ", ")
	}
	return ""
}
