package condition

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"github.com/govalues/decimal"
	"pgregory.net/rapid"
)

// writer writes random well-typed expressions.
type writer struct {
	t     *rapid.T
	names []loopVariable // variables of the loops around
}

func (w *writer) pick(label string, options ...func() string) string {
	return options[rapid.IntRange(0, len(options)-1).Draw(w.t, label)]()
}

func (w *writer) oneOf(words ...string) string { return rapid.SampledFrom(words).Draw(w.t, "word") }

// leafs are the fields of a type at hand, perhaps of an element.
func (w *writer) field(t Type, always ...string) string {
	paths := append([]string{}, always...)
	for _, declared := range []struct{ path, object string }{{"event", "event"}, {"event.data", "event.data"}, {"item", "item"}} {
		paths = append(paths, fieldsOf(declared.path, declared.object, t)...)
	}
	for i, v := range w.names {
		shadowed := false
		for _, inner := range w.names[i+1:] {
			shadowed = shadowed || inner.name == v.name
		}
		switch {
		case shadowed:
		case v.typ == t:
			paths = append(paths, v.name, v.name)
		case v.typ.Kind() == KindObject:
			paths = append(paths, fieldsOf(v.name, v.typ.Object(), t)...)
		}
	}
	return w.oneOf(paths...)
}

func fieldsOf(path, object string, t Type) (out []string) {
	for _, o := range testObjects {
		for _, f := range o.Fields {
			if o.Name == object && f.Type == t {
				out = append(out, path+"."+f.Name)
			}
		}
	}
	return out
}

func (w *writer) bool(d int) string {
	if d <= 0 {
		return w.pick("leaf", func() string { return w.field(Bool) }, func() string { return w.oneOf("true", "false") })
	}
	any := rapid.SampledFrom([]Type{Int, Decimal, String, Timestamp, Duration, Bool}).Draw(w.t, "compared")
	order := "=="
	if any != Bool {
		order = w.oneOf("==", "!=", "<", "<=", ">", ">=")
	}
	return w.pick("bool",
		func() string { return fmt.Sprintf("(%s && %s)", w.bool(d-1), w.bool(d-1)) },
		func() string { return fmt.Sprintf("(%s || %s)", w.bool(d-1), w.bool(d-1)) },
		func() string { return fmt.Sprintf("!(%s)", w.bool(d-1)) },
		func() string { return w.any(any, d-1) + " " + order + " " + w.any(any, d-1) },
		func() string { return w.any(any, d-1) + " " + order + " " + w.any(any, d-1) },
		func() string { return w.decimal(d-1) + " " + w.oneOf("==", "<", ">=", "!=") + " " + w.int(d-1) },
		func() string { return fmt.Sprintf("(%s ? %s : %s)", w.bool(d-1), w.bool(d-1), w.bool(d-1)) },
		func() string {
			return "has(" + w.oneOf("event.channel", "event.data.color", "event.items", "event.data", "item.total") + ")"
		},
		func() string { return w.int(d-1) + " in " + w.list(Int, d-1) },
		func() string { return w.decimal(d-1) + " in " + w.list(Decimal, d-1) },
		func() string { return w.string(d-1) + " in " + w.list(String, d-1) },
		func() string {
			return w.string(d-1) + "." + w.oneOf("startsWith", "endsWith", "contains") + "(" + w.string(d-1) + ")"
		},
		func() string { return w.string(d-1) + ".matches(" + w.oneOf("'a'", "'^a+$'", "'[b-d]'") + ")" },
		func() string { return w.quantifier(d) },
		func() string { return w.quantifier(d) },
	)
}

func (w *writer) quantifier(d int) string {
	t := rapid.SampledFrom([]Type{ObjectOf("item"), String, Int, Decimal}).Draw(w.t, "elements")
	list := w.list(t, d-1)
	return w.loop(t, list, w.oneOf("exists", "all", "exists_one"), func() string { return w.bool(d - 1) })
}

func (w *writer) loop(t Type, list, macro string, body func() string) string {
	name := w.oneOf("x", "y", "i")
	w.names = append(w.names, loopVariable{name, t})
	written := body()
	w.names = w.names[:len(w.names)-1]
	return fmt.Sprintf("%s.%s(%s, %s)", list, macro, name, written)
}

func (w *writer) any(t Type, d int) string {
	switch t {
	case Int:
		return w.int(d)
	case Decimal:
		return w.decimal(d)
	case String:
		return w.string(d)
	case Timestamp:
		return w.timestamp(d)
	case Duration:
		return w.duration(d)
	}
	return "(" + w.bool(d) + ")"
}

func (w *writer) int(d int) string {
	literal := func() string {
		return fmt.Sprint(rapid.OneOf(rapid.Int64Range(-3, 12), rapid.Int64Range(-1<<62, 1<<62)).Draw(w.t, "int"))
	}
	field := func() string { return w.field(Int) }
	if d <= 0 {
		return w.pick("int", literal, field, field)
	}
	return w.pick("int", literal, field,
		func() string {
			return fmt.Sprintf("(%s %s %s)", w.int(d-1), w.oneOf("+", "-", "*", "/", "%"), w.int(d-1))
		},
		func() string { return fmt.Sprintf("%s(%s, %s)", w.oneOf("min", "max"), w.int(d-1), w.int(d-1)) },
		func() string { return fmt.Sprintf("-(%s)", w.int(d-1)) },
		func() string { return fmt.Sprintf("%s(%s)", w.oneOf("floor", "ceil"), w.decimal(d-1)) },
		func() string { return w.list(Int, d-1) + ".sum()" },
		func() string { return "size(" + w.list(ObjectOf("item"), d-1) + ")" },
		func() string { return w.string(d-1) + ".size()" },
		func() string {
			return w.timestamp(d-1) + "." + w.oneOf("getFullYear", "getMonth", "getDate", "getDayOfMonth", "getDayOfWeek",
				"getDayOfYear", "getHours", "getMinutes", "getSeconds", "getMilliseconds") + "()"
		},
		func() string { return fmt.Sprintf("(%s ? %s : %s)", w.bool(d-1), w.int(d-1), w.int(d-1)) },
	)
}

func (w *writer) decimal(d int) string {
	literal := func() string {
		return w.oneOf("0.0", "1.5", "-2.25", "100.00", "1e3", "0.0000000001", "999999999999.9999999", "-1e18", "9999999999999999999.0", "2.50")
	}
	field := func() string { return w.field(Decimal) }
	if d <= 0 {
		return w.pick("decimal", literal, field, field)
	}
	operator := func() string { return w.oneOf("+", "-", "*", "/") }
	return w.pick("decimal", literal, field,
		func() string { return fmt.Sprintf("(%s %s %s)", w.decimal(d-1), operator(), w.decimal(d-1)) },
		func() string { return fmt.Sprintf("(%s %s %s)", w.decimal(d-1), operator(), w.int(d-1)) },
		func() string { return fmt.Sprintf("(%s %s %s)", w.int(d-1), operator(), w.decimal(d-1)) },
		func() string { return fmt.Sprintf("%s(%s, %s)", w.oneOf("min", "max"), w.decimal(d-1), w.decimal(d-1)) },
		func() string { return fmt.Sprintf("-(%s)", w.decimal(d-1)) },
		func() string { return fmt.Sprintf("decimal(%s)", w.int(d-1)) },
		func() string { return w.list(Decimal, d-1) + ".sum()" },
		func() string { return fmt.Sprintf("(%s ? %s : %s)", w.bool(d-1), w.decimal(d-1), w.decimal(d-1)) },
	)
}

func (w *writer) string(d int) string {
	literal := func() string { return w.oneOf("''", "'a'", "'ab'", "'żółć'", "'Coffee'", "'app'") }
	field := func() string { return w.field(String) }
	if d <= 0 {
		return w.pick("string", literal, field, field)
	}
	return w.pick("string", literal, field,
		func() string { return w.string(d-1) + ".lowerAscii()" },
		func() string { return fmt.Sprintf("(%s ? %s : %s)", w.bool(d-1), w.string(d-1), w.string(d-1)) },
	)
}

func (w *writer) timestamp(d int) string {
	literal := func() string {
		return w.oneOf(`timestamp("2026-05-01T23:30:15Z")`, `timestamp("1999-12-31T23:59:59.25+05:00")`)
	}
	field := func() string { return w.field(Timestamp) }
	if d <= 0 {
		return w.pick("timestamp", literal, field)
	}
	return w.pick("timestamp", literal, field,
		func() string { return fmt.Sprintf("(%s %s %s)", w.timestamp(d-1), w.oneOf("+", "-"), w.duration(d-1)) },
		func() string { return fmt.Sprintf("(%s + %s)", w.duration(d-1), w.timestamp(d-1)) },
	)
}

func (w *writer) duration(d int) string {
	literal := func() string { return w.oneOf(`duration("2h")`, `duration("-90s")`, `duration("1ms")`) }
	if d <= 0 {
		return literal()
	}
	return w.pick("duration", literal,
		func() string { return fmt.Sprintf("(%s - %s)", w.timestamp(d-1), w.timestamp(d-1)) },
		func() string { return fmt.Sprintf("(%s %s %s)", w.duration(d-1), w.oneOf("+", "-"), w.duration(d-1)) },
	)
}

func (w *writer) list(t Type, d int) string {
	field := func() string {
		switch t {
		case Int:
			return "event.scores"
		case Decimal:
			return "event.rates"
		case String:
			return "event.tags"
		}
		return "event.items"
	}
	if d <= 0 {
		return field()
	}
	options := []func() string{field, field,
		func() string { return w.loop(t, w.list(t, d-1), "filter", func() string { return w.bool(d - 1) }) },
	}
	if t.Kind() != KindObject {
		source := rapid.SampledFrom([]Type{ObjectOf("item"), Int}).Draw(w.t, "source")
		options = append(options,
			func() string { return "[" + w.any(t, d-1) + ", " + w.any(t, d-1) + "]" },
			func() string {
				return w.loop(source, w.list(source, d-1), "map", func() string { return w.any(t, d-1) })
			},
			func() string {
				return w.loop(source, w.list(source, d-1), "map", func() string { return w.bool(d-1) + ", " + w.any(t, d-1) })
			},
		)
	}
	return w.pick("list", options...)
}

// drawScope draws a scope in which about every sixth field is absent.
func drawScope(t *rapid.T) *mapScope {
	scope := newMapScope()
	present := func() bool { return rapid.IntRange(0, 5).Draw(t, "present") > 0 }
	fill := func(o Object, index int32) {
		for _, f := range o.Fields {
			if f.Type.scalar() && present() {
				scope.set(o.ID, index, f.ID, drawValue(t, f.Type))
			}
			if f.Type.Kind() == KindList && f.Type.Elem().scalar() && present() {
				at := place{ObjectRef{o.ID, index}, f.ID}
				scope.lists[at] = []Value{}
				for range rapid.IntRange(0, 3).Draw(t, "length") {
					scope.lists[at] = append(scope.lists[at], drawValue(t, f.Type.Elem()))
				}
			}
		}
	}
	fill(testObjects[0], 0)
	fill(testObjects[1], 0)
	fill(testObjects[2], 0)
	count := rapid.Int32Range(0, 3).Draw(t, "items")
	for i := range count {
		fill(testObjects[2], i+1)
	}
	if present() {
		scope.set(objectEvent, 0, eventItems, ObjectListValue(objectItem, 1, count))
	}
	if present() {
		scope.set(objectEvent, 0, eventData, ObjectValue(ObjectRef{Object: objectData}))
	}
	return scope
}

func drawValue(t *rapid.T, of Type) Value {
	switch of {
	case Bool:
		return BoolValue(rapid.Bool().Draw(t, "bool"))
	case Int:
		return IntValue(rapid.OneOf(rapid.Int64Range(-3, 5), rapid.Int64()).Draw(t, "int"))
	case Decimal:
		return DecimalValue(drawDecimal(t))
	case String:
		return StringValue(rapid.SampledFrom([]string{"", "a", "ab", "App", "app", "żółć"}).Draw(t, "string"))
	}
	return TimestampValue(time.Unix(rapid.Int64Range(-1e9, 4e9).Draw(t, "at"), 125_000_000))
}

func drawDecimal(t *rapid.T) decimal.Decimal {
	coefficient := rapid.OneOf(rapid.Int64Range(-300, 300), rapid.Int64()).Draw(t, "coefficient")
	d := decimal.MustNew(coefficient, rapid.IntRange(0, 19).Draw(t, "scale"))
	if rapid.IntRange(0, 19).Draw(t, "wide") == 0 {
		return decimal.MustParse("9999999999999999999")
	}
	return d
}

// refused says whether the compiler refused an expression for what it costs or
// because a part of it can only fail, which random ones may deserve.
func refused(err error) bool {
	for _, reason := range []string{"this always fails", "could take too long", "nested too deeply"} {
		if strings.Contains(err.Error(), reason) {
			return true
		}
	}
	return false
}

// TestAgreesWithCEL compares evaluation with cel-go's on random expressions.
func TestAgreesWithCEL(t *testing.T) {
	e := testEnv(t)
	env := oracleEnv(t, e)
	rapid.Check(t, func(t *rapid.T) {
		w := &writer{t: t}
		want := rapid.SampledFrom([]Type{Bool, Bool, Bool, Int, Decimal, String}).Draw(t, "want")
		src := w.any(want, rapid.IntRange(1, 4).Draw(t, "depth"))
		x, err := e.Compile(src, want)
		if err != nil {
			if !refused(err) {
				t.Fatalf("%s: %v", src, err)
			}
			return
		}
		scope := drawScope(t)
		expected, ok := oracle(t, env, e, src, scope)
		got, err := x.Value(scope)
		if (err == nil) != ok || ok && !equals(got, expected) {
			t.Fatalf("%s\ngives %v (%v), cel-go gives %v (%v)", src, got, err, expected, ok)
		}
		if c, constant := x.Constant(); constant && (err != nil || c.String() != got.String()) {
			t.Fatalf("%s\nis said to be always %v but gives %v (%v)", src, c, got, err)
		}
		if want == Bool {
			agreesWithTest(t, x, scope, got.Bool(), err)
		}
	})
}

// agreesWithTest compares Test with Bool and with the parts' own values.
func agreesWithTest(t *rapid.T, x *Expression, scope Scope, met bool, err error) {
	out := x.Test(scope)
	if out.Met != met || (out.Err == nil) != (err == nil) {
		t.Fatalf("%s\ngives %v (%v), but Test says %+v", x.Source(), met, err, out)
	}
	x.PartWords(out.Part)
	x.Words()
	if !out.Met {
		part, err := x.parts[out.Part].test(scope, &locals{})
		if part || (err == nil) != (out.Err == nil) {
			t.Fatalf("%s\npart %d gives %v (%v), but Test says %+v", x.Source(), out.Part, part, err, out)
		}
	}
}

func equals(got Value, expected ref.Val) bool {
	if got.Kind() == KindDecimal {
		return got.Decimal().Cmp(asDecimal(expected)) == 0
	}
	return toRef(nil, got).Equal(expected) == types.True
}
