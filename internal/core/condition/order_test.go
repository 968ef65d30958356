package condition

import (
	"strings"
	"testing"
	"time"
)

// ladderScope gives one field's text.
type ladderScope string

func (s ladderScope) Var(VarID) Value                       { return ObjectValue(ObjectRef{Object: 1}) }
func (s ladderScope) Field(ObjectRef, FieldID) Value        { return StringValue(string(s)) }
func (s ladderScope) Element(ObjectRef, FieldID, int) Value { return Value{} }

// TestTextsWithAnOrder compares a field by the places of its values, and with
// nothing else.
func TestTextsWithAnOrder(t *testing.T) {
	field := Field{Name: "status", Type: String, ID: 1, Order: []string{"silver", "gold", "black"}}
	env, err := NewEnv(time.UTC, []Variable{{Name: "tier", Type: ObjectOf("tier"), ID: 1}}, []Object{{Name: "tier", ID: 1, Fields: []Field{field, {Name: "other", Type: String, ID: 2}}}})
	if err != nil {
		t.Fatal(err)
	}
	for src, want := range map[string]string{ // for each value, in order
		`tier.status >= "gold"`: "fyy", `tier.status > "gold"`: "ffy", `tier.status < "gold"`: "yff", `tier.status <= "gold"`: "yyf",
		`tier.status == "gold"`: "fyf", `tier.status != "gold"`: "yfy", `"gold" <= tier.status`: "fyy", `tier.status in ["black", "silver"]`: "yfy",
		`tier.status >= tier.status`: "yyy", `!(tier.status >= "black")`: "yyf",
	} {
		x, err := env.Compile(src, Bool)
		if err != nil {
			t.Errorf("%s: %v", src, err)
			continue
		}
		got := ""
		for _, value := range field.Order {
			met, err := x.Bool(ladderScope(value))
			got += map[bool]string{true: "y", false: "f"}[met && err == nil]
		}
		if got != want {
			t.Errorf("%s: %s, not %s", src, got, want)
		}
	}
	for src, hint := range map[string]string{
		`tier.status == "golf"`: "gold", `"zzzzz" > tier.status`: "write one of silver, gold, black",
		`tier.status in ["gold", "blak"]`: "black", `tier.status < tier.other`: "write one of silver, gold, black",
	} {
		if _, err := env.Compile(src, Bool); err == nil || !strings.Contains(err.(Errors)[0].Hint.String(), hint) {
			t.Errorf("%s: %v", src, err)
		}
	}
}
