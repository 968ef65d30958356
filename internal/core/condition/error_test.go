package condition

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestErrors shows what an author reads for each mistake.
func TestErrors(t *testing.T) {
	e := testEnv(t)
	for _, c := range []struct {
		src  string
		want []string
	}{
		{`event.chanel == "app"`, []string{`1:7: event has no field chanel (did you mean channel?)`}},
		{`event.data.zzz == "x"`, []string{`1:12: event.data has no field zzz (there are: color, weight)`}},
		{`evnt.channel == "app"`, []string{`1:1: there is no evnt here (did you mean event?)`}},
		{`event.channel`, []string{`1:1: this gives a string, but a condition must be true or false`}},
		{`event.items`, []string{`1:1: this gives a list of item objects, but a condition must be true or false`}},
		{`event.channel == 5`, []string{`1:15: == does not work with a string and a whole number (leave out the quotation marks to compare numbers)`}},
		{"event.channel == 'żółć' &&\n  event.total == \"x\"", []string{`2:15: == does not work with a decimal number and a string (leave out the quotation marks to compare numbers)`}},
		{`event.items.exists(i, i.foo == 1) || event.x == 2`, []string{
			`1:25: item has no field foo (there are: category, fresh, quantity, total)`,
			`1:44: event has no field x (there are: at, channel, data, items, quantity, rates, scores, tags, total, urgent)`,
		}},
		{`double(1) > 2.0`, []string{`1:7: the function double() is not available (write the number with a point, such as 1.50; it is an exact decimal)`}},
		{`startWith(event.channel)`, []string{`1:10: there is no function startWith() (did you mean startsWith?)`}},
		{`event.total > 1e400`, []string{`1:15: the number is out of range`}},
		{`event.total > 1e25`, []string{`1:15: the number 1e25 is out of range: it may have at most 19 digits`}},
		{`event.total > 1.12345678901234567890`, []string{`1:15: the number 1.12345678901234567890 has too many digits: at most 19 are exact`}},
		{`event.total > 1e-30`, []string{`1:15: the number 1e-30 has too many digits: at most 19 are exact`}},
		{`[1, "a"].size() == 2`, []string{`1:5: the list mixes whole numbers and strings (write elements of one type)`}},
		{`1 / 0 == 1`, []string{`1:3: this always fails: division by zero`}},
		{`{1: 2}.size() == 1`, []string{`1:1: maps { } are not available`}},
		{`event.channel = "app"`, []string{`1:15: = is not an operator (to compare, write ==)`}},
		{`event.channel == "app" &&`, []string{`1:26: the expression ends too early`}},
		{`event.items[0].total > 1`, []string{`1:12: reading a list by position is not available (use exists(…), all(…) or filter(…))`}},
		{`event.channel ? true : false`, []string{`1:15: before ? stands a string, but true or false is needed there`}},
		{`event.urgent ? 1 : "a"`, []string{`1:14: the two results of ? : must have one type, but they are a whole number and a string`}},
		{`event.channel && true`, []string{`1:6: this gives a string, but true or false is needed here`}},
		{`event.channel.exists(x, true)`, []string{`1:6: this needs a list, but it is a string`}},
		{`event.tags.exists(1, true)`, []string{`1:19: the first argument names an element (write items.exists(i, i.category == "coffee"))`}},
		{`event.channel.matches("a(")`, []string{"1:23: the pattern is not a regular expression: missing closing ): `a(`"}},
		{`event.channel.matches(event.data.color)`, []string{`1:33: matches() needs a text in quotation marks here`}},
		{`event.at > timestamp("1 May")`, []string{`1:22: "1 May" is not a moment; write "2026-05-01" or "2026-05-01T08:30:00+02:00"`}},
		{`event.at - event.at > duration("14d")`, []string{`1:32: "14d" is not a duration; write "90m" or "2h30m"; write days as hours: 24h`}},
		{`event.data == null`, []string{`1:15: there is no null (use has(…) to ask whether a field is there)`}},
		{`event.tags == ["a"]`, []string{`1:12: == does not work with a list of strings and a list of strings (use in, exists(…) or all(…) with lists)`}},
		{`event.channel in "app"`, []string{`1:15: in cannot look for a string in a string (on the right stands a list of such values)`}},
		{`has(event)`, []string{`1:5: has() asks for a field (write has(member.birthday))`}},
		{`5u > 1`, []string{`1:1: whole numbers are written without the letter u`}},
		{`  `, []string{`1:1: the expression is empty`}},
		{`event.items.exists(i, event.items.exists(j, i.total == j.total))`, []string{`1:19: the expression could take too long: it goes over lists within lists, or searches long texts often (go over a list once, or split the expression into several rules)`}},
		{`event.tags.exists(t, t.matches("(a{1,20}){1,20}"))`, []string{`1:18: the expression could take too long: it goes over lists within lists, or searches long texts often (go over a list once, or split the expression into several rules)`}},
		{strings.Repeat("(", 100) + "true" + strings.Repeat(")", 100), []string{`1:1: the expression is nested too deeply (split it into several rules)`}},
		{`event.total > ` + strings.Repeat("1+", MaxSourceLength), []string{`1:1: the expression has 8206 bytes; at most 4096 are allowed (split it into several rules)`}},
		{"event.channel == \"\xff\"", []string{`1:1: the expression is not valid UTF-8 text`}},
		{`event.tags + event.tags == event.tags`, nil},
		{`[[1]].size() == 1`, []string{`1:1: lists of lists are not available`}},
		{`event.at.getHours("UTC") > 1`, []string{`1:18: getHours() does not work with a moment and a string`}},
	} {
		_, err := e.Compile(c.src, Bool)
		if err == nil {
			t.Errorf("%s: compiled", c.src)
			continue
		}
		if c.want == nil {
			continue
		}
		if diff := cmp.Diff(c.want, strings.Split(err.Error(), "\n")); diff != "" {
			t.Errorf("%s: %s", c.src, diff)
		}
		var first *Error
		if !errors.As(err, &first) {
			t.Errorf("%s: the error is no *Error", c.src)
		}
	}
}

func TestErrorOffsetCountsBytes(t *testing.T) {
	src := `event.channel == "żółć" && event.foo == 1`
	_, err := testEnv(t).Compile(src, Bool)
	var e *Error
	if !errors.As(err, &e) || !strings.HasPrefix(src[e.Offset:], "foo") || e.Column != 34 {
		t.Fatalf("%+v does not point at foo", e)
	}
}

func TestWantedType(t *testing.T) {
	e := testEnv(t)
	for _, c := range []struct {
		src  string
		want Type
		err  string
	}{
		{`event.total * 2`, Decimal, ``},
		{`event.quantity`, Decimal, ``},
		{`event.total`, Int, `1:1: this gives a decimal number, but a whole number is needed here`},
		{`event.urgent`, String, `1:1: this gives true or false, but a string is needed here`},
		{`event.at`, Timestamp, ``},
		{`event.at - event.at`, Duration, ``},
		{`event.tags`, ListOf(String), `1:1: a list of strings cannot be the result of an expression`},
	} {
		_, err := e.Compile(c.src, c.want)
		if got := message(err); got != c.err {
			t.Errorf("%s: got %q, want %q", c.src, got, c.err)
		}
	}
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestNewEnvRefuses(t *testing.T) {
	field := func(name string, id FieldID, typ Type) Field { return Field{Name: name, ID: id, Type: typ} }
	object := func(fields ...Field) []Object { return []Object{{Name: "o", ID: 1, Fields: fields}} }
	for _, c := range []struct {
		name      string
		variables []Variable
		objects   []Object
	}{
		{"a field name with a blank", nil, object(field("a b", 1, Int))},
		{"a field twice", nil, object(field("a", 1, Int), field("a", 2, Int))},
		{"a field number twice", nil, object(field("a", 1, Int), field("b", 1, Int))},
		{"an unknown object type", nil, object(field("a", 1, ObjectOf("p")))},
		{"a list of lists", nil, object(field("a", 1, ListOf(ListOf(Int))))},
		{"the field number 0", nil, object(field("a", 0, Int))},
		{"no type", nil, object(field("a", 1, Type{}))},
		{"an object name with a colon", nil, []Object{{Name: "a:b"}}},
		{"an object twice", nil, []Object{{Name: "a", ID: 1}, {Name: "a", ID: 2}}},
		{"an object number twice", nil, []Object{{Name: "a", ID: 1}, {Name: "b", ID: 1}}},
		{"a variable twice", []Variable{{Name: "a", Type: Int, ID: 1}, {Name: "a", Type: Int, ID: 2}}, nil},
		{"a variable number twice", []Variable{{Name: "a", Type: Int, ID: 1}, {Name: "b", Type: Int, ID: 1}}, nil},
		{"a variable that is a list", []Variable{{Name: "a", Type: ListOf(Int)}}, nil},
		{"a variable name with a point", []Variable{{Name: "a.b", Type: Int}}, nil},
	} {
		if _, err := NewEnv(testEnv(t).Zone(), c.variables, c.objects); err == nil {
			t.Errorf("%s is accepted", c.name)
		}
	}
	if _, err := NewEnv(nil, nil, nil); err == nil {
		t.Error("an environment without a zone is accepted")
	}
}
