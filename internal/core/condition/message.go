package condition

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"cel.dev/cel-go/common"
	"cel.dev/cel-go/common/ast"

	"premia/internal/core/document"
	"premia/internal/core/text"
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
		complaint := strings.TrimPrefix(issue.Message, "Syntax error: ")
		message, hint := text.Raw(complaint), text.Sentence("")
		switch {
		case strings.HasPrefix(complaint, "expression recursion limit"):
			message, hint = "the expression is nested too deeply", "split it into several rules"
		case strings.HasPrefix(complaint, "expression count exceeds"):
			message, hint = "the expression is too large", "split it into several rules"
		case complaint == "unexpected token after expression" && s.rune(s.char(issue.Location)) == '=':
			message, hint = "= is not an operator", "to compare, write =="
		case complaint == "invalid double literal", complaint == "invalid int literal":
			message = "the number is out of range"
		case strings.Contains(complaint, "<EOF>"):
			message = "the expression ends too early"
		case complaint == "invalid argument to has() macro":
			message, hint = "has() asks for a field", "write has(member.birthday)"
		case strings.HasPrefix(complaint, "argument must be a simple name"), complaint == "argument is not an identifier":
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

func (e *Env) explain(c *checked, node ast.Expr, complaint string) (message, hint text.Sentence) {
	if m := undeclared.FindStringSubmatch(complaint); m != nil {
		names := slices.Sorted(maps.Keys(e.variables))
		return text.Say("there is no {Name} here", m[1]), didYouMean(m[1], names, "there are: {Names}")
	}
	if m := noField.FindStringSubmatch(complaint); m != nil {
		return e.unknownField(c, node, m[1])
	}
	if m := noOverload.FindStringSubmatch(complaint); m != nil {
		return wrongArguments(m[1], splitTypes(m[2]))
	}
	if m := mismatch.FindStringSubmatch(complaint); m != nil {
		return text.Say("this gives {Type}, but {Wanted} is needed here", typeWords(m[2]), typeWords(m[1])), ""
	}
	if m := noSelect.FindStringSubmatch(complaint); m != nil {
		return text.Say("{Type} has no fields", typeWords(m[1])), ""
	}
	if m := noLoop.FindStringSubmatch(complaint); m != nil {
		return text.Say("this needs a list, but it is {Type}", typeWords(m[1])), ""
	}
	return text.Raw(complaint), ""
}

func (e *Env) unknownField(c *checked, node ast.Expr, name string) (message, hint text.Sentence) {
	if node == nil || node.Kind() != ast.SelectKind {
		return text.Say("there is no field {Name}", name), ""
	}
	operand := node.AsSelect().Operand()
	t, ok := fromCEL(c.ast.GetType(operand.ID()))
	if !ok || e.objects[t.object] == nil {
		return text.Say("there is no field {Name}", name), ""
	}
	fields := slices.Sorted(maps.Keys(e.objects[t.object].byName))
	return text.Say("{Object} has no field {Name}", t.object, name), didYouMean(name, fields, "there are: {Names}")
}

// operatorWords are the operators as they are written.
var operatorWords = map[string]string{
	"_==_": "==", "_!=_": "!=", "_<_": "<", "_<=_": "<=", "_>_": ">", "_>=_": ">=",
	"_+_": "+", "_-_": "-", "_*_": "*", "_/_": "/", "_%_": "%", "-_": "-", "!_": "!", "@in": "in", "_?_:_": "? :",
}

func wrongArguments(function string, args []string) (message, hint text.Sentence) {
	words := make([]text.Sentence, len(args))
	for i, a := range args {
		words[i] = typeWords(a)
	}
	all := text.Sentence("")
	for i, w := range words {
		if i > 0 {
			w = text.Say("{One} and {Other}", all, w)
		}
		all = w
	}
	sign, operator := operatorWords[function]
	switch {
	case function == "@in" && len(args) == 2:
		return text.Say("in cannot look for {Type} in {Other}", words[0], words[1]), "on the right stands a list of such values"
	case function == "_?_:_" && len(args) == 3 && args[0] != "bool":
		return text.Say("before ? stands {Type}, but true or false is needed there", words[0]), ""
	case function == "_?_:_" && len(args) == 3:
		return text.Say("the two results of ? : must have one type, but they are {Type} and {Other}", words[1], words[2]), ""
	case operator && len(args) == 2:
		return text.Say("{Sign} does not work with {Type} and {Other}", sign, words[0], words[1]), operatorHint(function, args)
	case operator && len(args) == 1:
		return text.Say("{Sign} does not work with {Type}", sign, words[0]), ""
	case len(args) == 0 || len(args) == 1 && args[0] == "":
		return text.Say("{Function}() needs arguments", function), ""
	}
	return text.Say("{Function}() does not work with {Types}", function, all), ""
}

func operatorHint(function string, args []string) text.Sentence {
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
func typeWords(name string) text.Sentence {
	if inner, ok := strings.CutPrefix(name, "list("); ok {
		if inner == "dyn)" {
			return "an empty or mixed list"
		}
		return text.Say("a list of {Elements}", elementWords(strings.TrimSuffix(inner, ")")))
	}
	if t, ok := typeNames[name]; ok {
		return t.Sentence()
	}
	if object, ok := strings.CutPrefix(name, objectPrefix); ok {
		return ObjectOf(object).Sentence()
	}
	return text.Raw(name)
}

func elementWords(name string) text.Sentence {
	if t, ok := typeNames[name]; ok {
		return t.plural()
	}
	if object, ok := strings.CutPrefix(name, objectPrefix); ok {
		return ObjectOf(object).plural()
	}
	return text.Raw(name)
}

var typeNames = map[string]Type{
	"bool": Bool, "int": Int, "decimal": Decimal, "string": String,
	"timestamp": Timestamp, "google.protobuf.Timestamp": Timestamp,
	"duration": Duration, "google.protobuf.Duration": Duration,
}

// didYouMean suggests the nearest of the known names; where none is near it
// lists them all in the one place of otherwise, unless that is empty.
func didYouMean(name string, known []string, otherwise text.Sentence) text.Sentence {
	if near, ok := document.Closest(name, known); ok {
		return text.Say("did you mean {Near}?", near)
	}
	if otherwise != "" && len(known) > 0 {
		return text.Say(otherwise.Pattern(), strings.Join(known, ", "))
	}
	return ""
}
