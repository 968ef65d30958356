package condition

import (
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"
	"time"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"

	"premia/internal/core/text"
)

// fromLiteral handles the functions whose last argument must be a literal that
// is understood before any evaluation.
func (l *lowering) fromLiteral(e ast.Expr, n *node) *node {
	args := e.AsCall().Args()
	last := args[len(args)-1]
	var written string
	if last.Kind() == ast.LiteralKind {
		literal, _ := last.AsLiteral().(types.String)
		written = string(literal)
	} else {
		return l.fail(last.ID(), text.Say("{Function}() needs a text in quotation marks here", e.AsCall().FunctionName()), "")
	}
	var err error
	var v Value
	switch n.op {
	case opMatches:
		n.pattern, n.instructions, err = compilePattern(written)
	case opDecimalLiteral:
		v, err = decimalValue(written)
	case opTimestampLiteral:
		v, err = parseMoment(written, l.env.zone)
	case opDurationLiteral:
		v, err = parseDuration(written)
	}
	if err != nil {
		return l.fail(last.ID(), text.Of(err), "")
	}
	if n.op == opMatches {
		n.args = n.args[:1]
		return n
	}
	return constant(n.typ, v)
}

// compilePattern compiles a regular expression and counts the instructions of
// its program, which its time depends on.
func compilePattern(written string) (*regexp.Regexp, int64, error) {
	pattern, err := regexp.Compile(written)
	if err != nil {
		return nil, 0, text.Say("the pattern is not a regular expression: {Why}", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	tree, err := syntax.Parse(written, syntax.Perl)
	if err != nil {
		return nil, 0, err
	}
	program, err := syntax.Compile(tree.Simplify())
	if err != nil {
		return nil, 0, err
	}
	return pattern, int64(len(program.Inst)), nil
}

func decimalValue(written string) (Value, error) {
	d, why := exactDecimal(written)
	if why != "" {
		return Value{}, text.Say(why.Pattern(), written)
	}
	return DecimalValue(d), nil
}

// The range of moments: the years 1 to 9999, as in CEL.
var (
	firstMoment = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()
	lastMoment  = time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC).UnixMicro()
)

// maxDuration is the longest duration: that of time.Duration.
const maxDuration = int64((1<<63 - 1) / time.Microsecond)

// parseMoment reads RFC 3339, or a day, whose midnight in the zone is meant.
func parseMoment(written string, zone *time.Location) (Value, error) {
	t, err := time.Parse(time.RFC3339Nano, written)
	if err != nil {
		t, err = time.ParseInLocation(time.DateOnly, written, zone)
	}
	if err != nil {
		return Value{}, text.Say(`{Text} is not a moment; write "2026-05-01" or "2026-05-01T08:30:00+02:00"`, strconv.Quote(written))
	}
	if us := t.UnixMicro(); us < firstMoment || us > lastMoment || t.Nanosecond()%1000 != 0 {
		return Value{}, text.Say("the moment {Text} is out of range or finer than microseconds", strconv.Quote(written))
	}
	return TimestampValue(t), nil
}

func parseDuration(written string) (Value, error) {
	d, err := time.ParseDuration(written)
	if err != nil {
		if strings.HasSuffix(written, "d") {
			return Value{}, text.Say(`{Text} is not a duration; write "90m" or "2h30m"; write days as hours: 24h`, strconv.Quote(written))
		}
		return Value{}, text.Say(`{Text} is not a duration; write "90m" or "2h30m"`, strconv.Quote(written))
	}
	if d%time.Microsecond != 0 {
		return Value{}, text.Say("the duration {Text} is finer than microseconds", strconv.Quote(written))
	}
	return DurationValue(d), nil
}
