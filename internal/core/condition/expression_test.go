package condition

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/govalues/decimal"
)

// shopScope is a purchase for the tests of single conditions.
func shopScope() *mapScope {
	s := newMapScope()
	s.set(objectEvent, 0, eventChannel, StringValue("till"))
	s.set(objectEvent, 0, eventTotal, DecimalValue(decimal.MustParse("130.50")))
	s.set(objectEvent, 0, eventQuantity, IntValue(3))
	s.set(objectEvent, 0, eventAt, TimestampValue(time.Date(2026, 5, 1, 23, 30, 0, 0, time.UTC)))
	s.set(objectEvent, 0, eventItems, ObjectListValue(objectItem, 1, 2))
	s.lists[place{ObjectRef{Object: objectEvent}, eventTags}] = []Value{StringValue("vip"), StringValue("new")}
	for i, category := range []string{"coffee", "cake"} {
		s.set(objectItem, int32(i+1), itemCategory, StringValue(category))
		s.set(objectItem, int32(i+1), itemTotal, MinorValue(int64(5000+i), 2))
		s.set(objectItem, int32(i+1), itemQuantity, IntValue(int64(i+1)))
	}
	return s
}

func TestConditions(t *testing.T) {
	e := testEnv(t)
	scope := shopScope()
	for src, want := range map[string]string{
		`event.total == 130.5`:                                           "true",
		`event.total == 130`:                                             "false",
		`3 == event.total - 127.50`:                                      "true",
		`event.quantity in [1.5, 3]`:                                     "true",
		`event.total in [130, 130.50]`:                                   "true",
		`(event.quantity > 2 ? 1 : 2.5) == 1.0`:                          "true",
		`0.1 + 0.2 == 0.3`:                                               "true",
		`1 / 3.0 == 0.3333333333333333333`:                               "true",
		`2.0 / 3 == 0.6666666666666666667`:                               "true",
		`7 / 2 == 3`:                                                     "true",
		`event.total > - 1.5e2`:                                          "true",
		"event.total > -// a note\n1.5":                                  "true",
		`event.items.map(i, i.total).sum() == 100.01`:                    "true",
		`event.items.map(i, i.quantity > 1, i.quantity).sum() == 2`:      "true",
		`event.items.filter(i, i.category == "cake").size() == 1`:        "true",
		`event.items.exists(i, i.category == "coffee")`:                  "true",
		`event.items.all(i, i.category == "coffee")`:                     "false",
		`event.items.exists_one(i, i.total > 50)`:                        "true",
		`"vip" in event.tags && !("old" in event.tags)`:                  "true",
		`event.tags.exists(t, t.startsWith("n"))`:                        "true",
		`event.at.getHours() == 1 && event.at.getDate() == 2`:            "true", // two hours east of UTC
		`event.at.getDayOfWeek() == 6`:                                   "true",
		`event.at >= timestamp("2026-05-02")`:                            "true",
		`event.at - timestamp("2026-05-01T21:30:00Z") == duration("2h")`: "true",
		`event.channel.matches("^t.ll$")`:                                "true",
		`"TILL".lowerAscii() == event.channel`:                           "true",
		`has(event.channel) && !has(event.data)`:                         "true",
		`event.urgent || event.quantity == 3`:                            "true",
		`event.quantity == 3 || event.urgent`:                            "true",
		`event.urgent && event.quantity == 4`:                            "false",
		`event.urgent`:                                                   "event.urgent is absent",
		`event.data.color == "red"`:                                      "event.data is absent",
		`has(event.data.color)`:                                          "event.data is absent",
		`event.items.exists(i, i.fresh)`:                                 "i.fresh is absent",
		`event.quantity / (event.quantity - 3) == 1`:                     "division by zero",
		`event.total / (event.total - event.total) > 1`:                  "division by zero",
		`event.quantity % 0 == 1`:                                        "division by zero",
		`event.quantity + 9223372036854775807 > 0`:                       "a number is too large",
		`event.total * 9999999999999999999.0 > 0`:                        "a number is too large",
		`event.at + duration("2000000h") > event.at`:                     "true",
		`floor(event.total) == 130 && ceil(event.total) == 131`:          "true",
		`floor(-2.5) == -3 && ceil(-2.5) == -2`:                          "true",
		`max(event.quantity, 2.5) == 3 && min(1, 2) == 1`:                "true",
		`"żółć".size() == 4`:                                             "true",
	} {
		x := compileFor(t, e, src, Bool)
		got, err := x.Bool(scope)
		answer := fmt.Sprint(got)
		if err != nil {
			answer = err.Error()
		}
		if answer != want {
			t.Errorf("%s gives %s, want %s", src, answer, want)
		}
	}
}

func TestExtremes(t *testing.T) {
	e := testEnv(t)
	scope := shopScope()
	scope.set(objectEvent, 0, eventQuantity, IntValue(math.MinInt64))
	for _, src := range []string{`event.quantity / -1`, `event.quantity % -1`, `-event.quantity`, `event.quantity * -1`, `event.quantity - 1`} {
		if v, err := compileFor(t, e, src, Int).Int(scope); !errors.Is(err, ErrOverflow) {
			t.Errorf("%s gives %d, %v; want an overflow", src, v, err)
		}
	}
	if v, err := compileFor(t, e, `event.quantity * 1`, Int).Int(scope); v != math.MinInt64 || err != nil {
		t.Errorf("the least number by one gives %d, %v", v, err)
	}
	scope.set(objectEvent, 0, eventTotal, DecimalValue(decimal.MustParse("9999999999999999999")))
	if d, err := compileFor(t, e, `event.total - 1`, Decimal).Decimal(scope); err != nil || d.String() != "9999999999999999998" {
		t.Errorf("a decimal of 64 bits less one gives %s, %v", d, err)
	}
	if d, err := compileFor(t, e, `event.quantity`, Decimal).Decimal(scope); err != nil || d.String() != "-9223372036854775808" {
		t.Errorf("the least number as a decimal gives %s, %v", d, err)
	}
	scope.set(objectEvent, 0, eventItems, ObjectListValue(objectItem, 1, MaxListLength+1))
	if _, err := compileFor(t, e, `event.items.all(i, true)`, Bool).Bool(scope); !errors.Is(err, ErrListTooLong) {
		t.Errorf("a list beyond the limit gives %v", err)
	}
	scope.set(objectEvent, 0, eventChannel, IntValue(1))
	if _, err := compileFor(t, e, `event.channel == "a"`, Bool).Bool(scope); !errors.Is(err, ErrKind) {
		t.Errorf("a value of another kind gives %v", err)
	}
}

func TestFormulas(t *testing.T) {
	e := testEnv(t)
	scope := shopScope()
	if n, err := compileFor(t, e, `floor(event.total / 10) * 2`, Int).Int(scope); n != 26 || err != nil {
		t.Errorf("Int gives %d, %v", n, err)
	}
	if s, err := compileFor(t, e, `event.channel`, String).Text(scope); s != "till" || err != nil {
		t.Errorf("Text gives %s, %v", s, err)
	}
	at, err := compileFor(t, e, `event.at + duration("1h")`, Timestamp).Time(scope)
	if err != nil || at.Format(time.RFC3339) != "2026-05-02T02:30:00+02:00" {
		t.Errorf("Time gives %s, %v", at, err)
	}
	if d, err := compileFor(t, e, `duration("90m")`, Duration).Duration(scope); d != 90*time.Minute || err != nil {
		t.Errorf("Duration gives %s, %v", d, err)
	}
	if _, err := compileFor(t, e, `event.total`, Decimal).Int(scope); !errors.Is(err, ErrKind) {
		t.Errorf("a formula of another type gives %v", err)
	}
}

func TestOutcome(t *testing.T) {
	e := testEnv(t)
	scope := shopScope()
	for _, c := range []struct {
		src  string
		want Outcome
		err  string
	}{
		{`event.quantity == 3 && event.channel == "app"`, Outcome{Part: 1, Read: StringValue("till"), ReadField: eventChannel}, ""},
		{`(event.quantity == 3 && event.quantity > 1) && ("app" == event.channel)`, Outcome{Part: 2, Read: StringValue("till"), ReadField: eventChannel}, ""},
		{`event.quantity == 3 && event.total > 1`, Outcome{Met: true}, ""},
		{`event.urgent && event.quantity == 4`, Outcome{Part: 1, Read: IntValue(3), ReadField: eventQuantity}, ""},
		{`event.quantity == 3 && event.urgent`, Outcome{Part: 1, ReadField: eventUrgent}, "event.urgent is absent"},
		{`!has(event.channel)`, Outcome{Read: StringValue("till"), ReadField: eventChannel}, ""},
		{`event.items.exists(i, i.category == "tea")`, Outcome{Read: ObjectListValue(objectItem, 1, 2), ReadField: eventItems}, ""},
		{`1 > 2`, Outcome{}, ""},
	} {
		got := compileFor(t, e, c.src, Bool).Test(scope)
		if message(got.Err) != c.err {
			t.Errorf("%s: error %v, want %s", c.src, got.Err, c.err)
		}
		got.Err = nil
		if diff := cmp.Diff(c.want, got, cmp.AllowUnexported(Value{})); diff != "" {
			t.Errorf("%s: %s", c.src, diff)
		}
	}
}

func TestFieldsAndConstants(t *testing.T) {
	e := testEnv(t)
	x := compileFor(t, e, `has(event.data) && event.items.exists(i, i.category == event.channel)`, Bool)
	if diff := cmp.Diff([]FieldID{eventChannel, eventItems, eventData, itemCategory}, x.Fields()); diff != "" {
		t.Error(diff)
	}
	for src, want := range map[string]string{
		`1 > 2`:                 "false",
		`event.urgent && 1 > 2`: "false",
		`event.urgent || [1, 2].exists(x, x > 1)`:   "true",
		`[1, 2].map(x, x * 2).sum() == 6`:           "true",
		`"b" in ["a", "b"] && 2.50 == 2.5`:          "true",
		`event.urgent && true`:                      "",
		`event.tags.exists(t, t in ["a"])`:          "",
		`[1].exists(x, [2].exists(y, y > x))`:       "true",
		`event.scores.exists(x, [2].all(y, y > x))`: "",
	} {
		got := ""
		if v, ok := compileFor(t, e, src, Bool).Constant(); ok {
			got = v.String()
		}
		if got != want {
			t.Errorf("%s is always %q, want %q", src, got, want)
		}
	}
}

func TestNoAllocation(t *testing.T) {
	e := testEnv(t)
	scope := shopScope()
	for _, src := range []string{
		`event.channel == "app" && event.total >= 100.00 && item.category in ["coffee", "tea"]`,
		`event.items.exists(i, i.category == "coffee") && event.tags.all(t, t != "x")`,
		`event.items.map(i, i.total).sum() / 3 > event.total * 1.5 + 2`,
		`event.urgent || event.at.getHours() > 12`,
		`event.channel.matches("^a.*b$") || event.channel.contains("x")`,
	} {
		x := compileFor(t, e, src, Bool)
		if n := testing.AllocsPerRun(200, func() { x.Test(scope); _, _ = x.Bool(scope) }); n >= 1 {
			t.Errorf("%s allocates %v times", src, n)
		}
	}
}

// FuzzCompile looks for a panic, a hang, an error without a place, or a value
// that evaluation cannot stand.
func FuzzCompile(f *testing.F) {
	for _, src := range []string{
		`event.channel == "app" && event.total >= 100.00 && item.category in ["coffee", "tea"]`,
		`event.items.exists(i, i.category.matches("a+"))`, `event.items.map(i, i.total).sum() > - 1.5e-3`,
		`{"a": 1}`, `[1, 2.5, -3][0]`, `"\u00e9" + b'x'`, `timestamp("2026-05-01") < event.at`, `(((`, `a ? b : c`, "`x`.y",
		`event{channel: 1}`, `.event.channel == r"\d"`, `event.tags.filter(t, t in [""]).size() > 0`, `1e9999`, `-9223372036854775808 == 0`,
	} {
		f.Add(src)
	}
	e := testEnv(f)
	scope := shopScope()
	f.Fuzz(func(t *testing.T, src string) {
		for _, want := range []Type{Bool, Decimal, String, Int, Timestamp, Duration} {
			x, err := e.Compile(src, want)
			if err != nil {
				var errs Errors
				if !errors.As(err, &errs) || len(errs) == 0 {
					t.Fatalf("%q: the error is %T", src, err)
				}
				for _, one := range errs {
					if one.Offset < 0 || one.Offset > len(src) || one.Line < 1 || one.Column < 1 || strings.TrimSpace(one.Message.String()) == "" {
						t.Fatalf("%q: the error %+v has no place or message", src, one)
					}
				}
				continue
			}
			_, _ = x.Value(scope)
			x.Words()
			for i := range x.Parts() {
				x.PartWords(i)
			}
			x.Test(scope)
			x.Test(newMapScope())
		}
	})
}
