package condition

import (
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"

	"cel.dev/cel-go/checker"
	"cel.dev/cel-go/common"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"github.com/govalues/decimal"

	"premia/internal/core/text"
)

// source is an expression's text with the places of its characters.
type source struct {
	text  string
	runes []rune
}

// at makes the error at the character.
func (s *source) at(char int, message, hint text.Sentence) *Error {
	char = min(max(char, 0), len(s.runes))
	e := &Error{Line: 1, Column: 1, Message: message, Hint: hint}
	for _, r := range s.runes[:char] {
		e.Offset += utf8.RuneLen(r)
		e.Column++
		if r == '\n' {
			e.Line, e.Column = e.Line+1, 1
		}
	}
	return e
}

// checked is an expression that cel-go has parsed and typed.
type checked struct {
	source *source
	ast    *ast.AST
}

// start is the character where a node begins.
func (c *checked) start(id int64) int {
	r, _ := c.ast.SourceInfo().GetOffsetRange(id)
	return int(r.Start)
}

// parseAndCheck goes from text to cel-go's typed tree.
func (e *Env) parseAndCheck(src string) (*checked, Errors) {
	s := &source{text: src, runes: []rune(src)}
	switch {
	case strings.TrimSpace(src) == "":
		return nil, Errors{s.at(0, "the expression is empty", "")}
	case len(src) > MaxSourceLength:
		return nil, Errors{s.at(0, text.Say("the expression has {Count} bytes; at most {Bound} are allowed", len(src), MaxSourceLength), "split it into several rules")}
	case !utf8.ValidString(src):
		return nil, Errors{s.at(0, "the expression is not valid UTF-8 text", "")}
	}
	input := common.NewTextSource(src)
	parsed, issues := e.parser.Parse(input)
	if errs := s.syntaxErrors(issues); errs != nil {
		return nil, errs
	}
	p := &preparation{checked: checked{source: s, ast: parsed}, nextID: ast.MaxID(parsed)}
	p.visit(parsed.Expr())
	if p.errs != nil {
		return nil, p.errs.sorted()
	}
	typed, issues := checker.Check(parsed, input, e.checker)
	c := &checked{source: s, ast: typed}
	if errs := e.typeErrors(c, issues); errs != nil {
		return nil, errs
	}
	return c, nil
}

// preparation walks over the parsed tree before it is typed: it makes decimals
// of doubles and refuses what the language does not have.
type preparation struct {
	checked
	nextID int64
	errs   Errors
}

func (p *preparation) refuse(id int64, message, hint text.Sentence) {
	p.errs = append(p.errs, p.source.at(p.start(id), message, hint))
}

func (p *preparation) visit(e ast.Expr) {
	switch e.Kind() {
	case ast.LiteralKind:
		p.literal(e)
	case ast.SelectKind:
		p.visit(e.AsSelect().Operand())
	case ast.CallKind:
		p.call(e)
	case ast.ListKind:
		p.list(e)
	case ast.MapKind:
		p.refuse(e.ID(), "maps { } are not available", "")
	case ast.StructKind:
		p.refuse(e.ID(), "objects cannot be made in an expression", "")
	case ast.ComprehensionKind:
		loop := e.AsComprehension()
		for _, part := range []ast.Expr{loop.IterRange(), loop.AccuInit(), loop.LoopCondition(), loop.LoopStep(), loop.Result()} {
			p.visit(part)
		}
	}
}

func (p *preparation) literal(e ast.Expr) {
	switch e.AsLiteral().Type() {
	case types.DoubleType:
		p.decimal(e, p.source.number(p.start(e.ID())))
	case types.UintType:
		p.refuse(e.ID(), "whole numbers are written without the letter u", "")
	case types.BytesType:
		p.refuse(e.ID(), "byte strings are not available", "write a string without the letter b")
	case types.NullType:
		p.refuse(e.ID(), "there is no null", "use has(…) to ask whether a field is there")
	}
}

// decimal turns the node into a call of decimalLiteral with the number's text.
func (p *preparation) decimal(e ast.Expr, number string) {
	if _, why := exactDecimal(number); why != "" {
		p.refuse(e.ID(), text.Say(why.Pattern(), number), "")
		return
	}
	factory := ast.NewExprFactory()
	arg := factory.NewLiteral(p.nextID, types.String(number))
	p.nextID++
	e.SetKindCase(factory.NewCall(e.ID(), decimalLiteral, arg))
}

// list makes decimals of the whole numbers in a list that also has decimals.
func (p *preparation) list(e ast.Expr) {
	decimals := false
	for _, elem := range e.AsList().Elements() {
		p.visit(elem)
		decimals = decimals || elem.Kind() == ast.CallKind && elem.AsCall().FunctionName() == decimalLiteral
	}
	for _, elem := range e.AsList().Elements() {
		if decimals && elem.Kind() == ast.LiteralKind {
			if n, ok := elem.AsLiteral().(types.Int); ok {
				p.decimal(elem, strconv.FormatInt(int64(n), 10))
			}
		}
	}
}

// refusedFunctions are functions of CEL that the language leaves out, with what
// to do instead.
var refusedFunctions = map[string]text.Sentence{
	"double":     "write the number with a point, such as 1.50; it is an exact decimal",
	"uint":       "use whole numbers",
	"int":        "use floor(…) or ceil(…) to get a whole number from a decimal",
	"string":     "compare values of one type instead",
	"bool":       "write the condition itself",
	"bytes":      "use strings",
	"dyn":        "every value has one type",
	"type":       "every value has one type",
	"upperAscii": "use lowerAscii()",
	"existsOne":  "write exists_one",
}

func (p *preparation) call(e ast.Expr) {
	call := e.AsCall()
	if call.IsMemberFunction() {
		p.visit(call.Target())
	}
	for _, arg := range call.Args() {
		p.visit(arg)
	}
	name := call.FunctionName()
	if name == operators.Index {
		p.refuse(e.ID(), "reading a list by position is not available", "use exists(…), all(…) or filter(…)")
		return
	}
	if hint, refused := refusedFunctions[name]; refused {
		p.refuse(e.ID(), text.Say("the function {Name}() is not available", name), hint)
		return
	}
	if !knownFunctions[name] {
		p.refuse(e.ID(), text.Say("there is no function {Name}()", name), didYouMean(name, writableFunctions, ""))
	}
}

// number is the text of the number that begins at the character, perhaps with a
// minus sign and blanks or comments between.
func (s *source) number(char int) string {
	rest := string(s.runes[min(char, len(s.runes)):])
	sign := ""
	if strings.HasPrefix(rest, "-") {
		sign, rest = "-", rest[1:]
		for {
			rest = strings.TrimLeft(rest, " \t\r\n\f")
			if !strings.HasPrefix(rest, "//") {
				break
			}
			_, rest, _ = strings.Cut(rest, "\n")
		}
	}
	end := 0
	for end < len(rest) {
		c := rest[end]
		exponentSign := (c == '+' || c == '-') && end > 0 && (rest[end-1] == 'e' || rest[end-1] == 'E')
		if c != '.' && c != 'e' && c != 'E' && (c < '0' || c > '9') && !exponentSign {
			break
		}
		end++
	}
	return sign + rest[:end]
}

// exactDecimal parses a number and says of one that has no exact decimal why, in a
// sentence with one place for it.
func exactDecimal(number string) (d decimal.Decimal, why text.Sentence) {
	const (
		outOfRange = "the number {Number} is out of range"
		noNumber   = "the number {Number} is not a number"
		tooLong    = "the number {Number} is out of range: it may have at most 19 digits"
		inexact    = "the number {Number} has too many digits: at most 19 are exact"
	)
	if mark := strings.IndexAny(number, "eE"); mark >= 0 {
		if exponent, err := strconv.Atoi(number[mark+1:]); err != nil || exponent > 40 || exponent < -40 {
			return d, outOfRange
		}
	}
	exact, ok := new(big.Rat).SetString(number)
	if !ok {
		return d, noNumber
	}
	d, err := decimal.Parse(number)
	if err != nil {
		return d, tooLong
	}
	if kept, ok := new(big.Rat).SetString(d.String()); !ok || kept.Cmp(exact) != 0 {
		return decimal.Decimal{}, inexact
	}
	return d, ""
}
