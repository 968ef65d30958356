package condition

import (
	"testing"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"github.com/govalues/decimal"
)

// The ordinary condition of the benchmarks.
const ordinary = `event.channel == "app" && event.total >= 100.00 && item.category in ["coffee", "tea"]`

const (
	benchChannel FieldID = iota + 1
	benchTotal
	benchCategory
	benchItems
	benchItemTotal
)

type benchScope struct {
	channel, category string
	total             decimal.Decimal
	items             []decimal.Decimal
}

func (b *benchScope) Var(v VarID) Value { return ObjectValue(ObjectRef{Object: ObjectID(v)}) }

func (b *benchScope) Field(obj ObjectRef, f FieldID) Value {
	switch f {
	case benchChannel:
		return StringValue(b.channel)
	case benchTotal:
		return DecimalValue(b.total)
	case benchCategory:
		return StringValue(b.category)
	case benchItems:
		return ObjectListValue(2, 0, int32(len(b.items)))
	case benchItemTotal:
		return DecimalValue(b.items[obj.Index])
	}
	return Value{}
}

func (b *benchScope) Element(ObjectRef, FieldID, int) Value { return Value{} }

func benchEnv(tb testing.TB) *Env {
	e, err := NewEnv(time.UTC,
		[]Variable{{Name: "event", Type: ObjectOf("event"), ID: 1}, {Name: "item", Type: ObjectOf("item"), ID: 2}},
		[]Object{
			{Name: "event", ID: 1, Fields: []Field{
				{Name: "channel", Type: String, ID: benchChannel},
				{Name: "total", Type: Decimal, ID: benchTotal},
				{Name: "items", Type: ListOf(ObjectOf("item")), ID: benchItems},
			}},
			{Name: "item", ID: 2, Fields: []Field{
				{Name: "category", Type: String, ID: benchCategory},
				{Name: "total", Type: Decimal, ID: benchItemTotal},
			}},
		})
	if err != nil {
		tb.Fatal(err)
	}
	return e
}

func newBenchScope() *benchScope {
	return &benchScope{channel: "app", category: "tea", total: decimal.MustParse("130.50"),
		items: []decimal.Decimal{decimal.MustParse("60.50"), decimal.MustParse("70.00")}}
}

func compileFor(tb testing.TB, e *Env, src string, want Type) *Expression {
	tb.Helper()
	x, err := e.Compile(src, want)
	if err != nil {
		tb.Fatalf("%s: %v", src, err)
	}
	return x
}

func BenchmarkOrdinary(b *testing.B) {
	x := compileFor(b, benchEnv(b), ordinary, Bool)
	scope := newBenchScope()
	b.ReportAllocs()
	for b.Loop() {
		if met, err := x.Bool(scope); !met || err != nil {
			b.Fatal(met, err)
		}
	}
}

// BenchmarkOrdinaryWithCEL is the same condition on cel-go's own evaluation.
func BenchmarkOrdinaryWithCEL(b *testing.B) {
	e := testEnv(b)
	c, errs := e.parseAndCheck(ordinary)
	if errs != nil {
		b.Fatal(errs)
	}
	program, err := oracleEnv(b, e).PlanProgram(c.ast, cel.EvalOptions(cel.OptOptimize))
	if err != nil {
		b.Fatal(err)
	}
	scope := newMapScope()
	scope.set(objectEvent, 0, eventChannel, StringValue("app"))
	scope.set(objectEvent, 0, eventTotal, MinorValue(13050, 2))
	scope.set(objectItem, 0, itemCategory, StringValue("tea"))
	facts := map[string]any{"event": facts(scope, objectEvent), "item": facts(scope, objectItem)}
	b.ReportAllocs()
	for b.Loop() {
		if out, _, err := program.Eval(facts); err != nil || out != types.True {
			b.Fatal(out, err)
		}
	}
}

// facts is an object as the kind of map that cel-go reads quickest.
func facts(scope *mapScope, object ObjectID) map[string]any {
	out := make(map[string]any)
	for _, o := range testObjects {
		for _, f := range o.Fields {
			if v := scope.Field(ObjectRef{Object: object}, f.ID); o.ID == object && !v.Absent() {
				out[f.Name] = toRef(scope, v)
			}
		}
	}
	return out
}

func BenchmarkSumOverItems(b *testing.B) {
	x := compileFor(b, benchEnv(b), `event.items.filter(i, i.total > 1.00).map(i, i.total).sum()`, Decimal)
	scope := newBenchScope()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := x.Decimal(scope); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCompile(b *testing.B) {
	e := benchEnv(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := e.Compile(ordinary, Bool); err != nil {
			b.Fatal(err)
		}
	}
}
