package condition_test

import (
	"fmt"
	"time"

	"premia/internal/core/condition"
)

const (
	channel condition.FieldID = iota + 1
	total
)

// purchase is a scope with one object, the event.
type purchase struct {
	channel string
	total   int64 // minor units
}

func (p purchase) Var(condition.VarID) condition.Value {
	return condition.ObjectValue(condition.ObjectRef{Object: 1})
}

func (p purchase) Field(_ condition.ObjectRef, f condition.FieldID) condition.Value {
	switch f {
	case channel:
		return condition.StringValue(p.channel)
	case total:
		return condition.MinorValue(p.total, 2)
	}
	return condition.Value{}
}

func (p purchase) Element(condition.ObjectRef, condition.FieldID, int) condition.Value {
	return condition.Value{}
}

func Example() {
	env, err := condition.NewEnv(time.UTC,
		[]condition.Variable{{Name: "event", Type: condition.ObjectOf("event"), ID: 1}},
		[]condition.Object{{Name: "event", ID: 1, Fields: []condition.Field{
			{Name: "channel", Type: condition.String, ID: channel},
			{Name: "total", Type: condition.Decimal, ID: total},
		}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = env.Compile(`event.chanel == "app"`, condition.Bool)
	fmt.Println(err)

	rule, err := env.Compile(`event.total >= 100.00 && event.channel == "app"`, condition.Bool)
	if err != nil {
		fmt.Println(err)
		return
	}
	out := rule.Test(purchase{channel: "till", total: 13050})
	fmt.Println(out.Met, env.FieldName(out.ReadField), "was", out.Read)
	// Output:
	// 1:7: event has no field chanel (did you mean channel?)
	// false event.channel was "till"
}
